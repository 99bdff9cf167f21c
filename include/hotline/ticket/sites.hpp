// Exchange between sites: a case goes from one hotline's database to another's (city to province, province to county), and its
// progress comes back. Each site is a whole hotline of its own; what travels are letters, texts of one line that anything may
// carry (HTTP, mail, files): signed by the sender (Ed25519, the key that signs its anchors) and sealed for the receiver, so that
// the carrier can neither read nor change them.
//
//   Sites city(city_service), province(province_service);
//   city.join({.site = "city.example", .peers = {{.site = "province.example", .unit = "province", .public_key = key}}});
//   city_service.apply(dispatch to the unit "province");
//   const auto letters = city.letters(now, lease).value();
//   for (const Letter& letter : letters)                              // the host carries
//     if (auto answer = province.receive(letter.text, now)) city.receive(answer->receipt, now);
//
// A unit of the catalogue stands for another site. An assignment of that unit goes there by itself and becomes a ticket of that
// site, due a margin before ours (the tree of sub-tickets over province, city and county); the receipt signs for the assignment,
// the other site's reply is the assignment's reply, its refusal is a request to return it. Messages to the unit (urging,
// supervision), a new due time and a recall follow the case. A letter that comes again does nothing and is answered as before;
// what was not answered is sent again. What the definition must have for this: the events `sign`, `reply` and `return_req` of an
// assignment, `intake` with a field `due`, `urge`, `supervise`, `escalate`, `withdraw` and `superior_term` of the ticket; what it
// has not is left out, and every letter is an event of the ticket's history in any case.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hotline/ticket/service.hpp"

namespace hotline::ticket {

struct Peer {
  enum class People : std::uint8_t { withheld, told };  // whether it learns who the citizen is, and gets the recordings
  std::string site;        // the name that it signs with
  std::string unit;        // our unit that stands for it; "" where it only sends to us
  std::string public_key;  // hexadecimal: public_key() of its service
  Duration margin = std::chrono::hours(4);  // it must be done this much before we must
  People people = People::withheld;
};

//   site: city.example
//   peers:
//     - {site: province.example, unit: province, key: 9f3c..., margin: 4h, people: told}
struct SiteOptions {
  std::string site;
  std::vector<Peer> peers;
  // Errors: invalid_document, invalid_definition.
  static Result<SiteOptions> parse(std::string_view text, std::string_view file);
};

struct Letter {
  std::string site;  // to whom
  std::int64_t number = 0;
  std::string text;  // one line of JSON
  int attempts = 0;
};

struct Received {
  std::string receipt;    // to be carried back; "" where the letter was a receipt itself
  std::string kind;       // refer, progress, notice, term, recall or receipt
  TicketId ticket;        // of ours
  bool repeated = false;  // nothing was done
  bool taken = true;      // false: refused, the receipt says why
};

// Where a ticket is known elsewhere.
struct SiteLink {
  enum class Side : std::uint8_t { below, above };  // we sent it there; it came from there
  TicketId ticket;
  Side side{};
  std::string site, registry;  // "" until the receipt has come
  std::string state;           // the public state that was last told
  std::uint32_t task = 0;      // our assignment, below
  bool open = false;
};

// Synchronised. A handle; what it knows lies in the database.
class Sites {
 public:
  explicit Sites(Service service) : service_(std::move(service)) {}

  // Says who we are and whom we exchange with; peers that are not named any more get nothing more. Returns our public key.
  // Errors: invalid_argument (names, keys), conflict (this database is another site already).
  Result<std::string> join(const SiteOptions& options);

  // Writes letters about everything that has changed, and takes those to be sent, in their order, at most `limit`; one without
  // a receipt is handed out again after `lease`. The work grows with the open cases that are elsewhere. Errors: wrong_state (no join).
  Result<std::vector<Letter>> letters(Time now, Duration lease, int limit = 100);

  // Takes in a letter or a receipt. Errors: denied (not for us, from nobody we know, or the signature is wrong), corrupt, not_found
  // (about a case that has not come yet: it will be sent again), command_reused (the number of another letter), invalid_document.
  Result<Received> receive(std::string_view letter, Time now);

  Result<std::vector<SiteLink>> links(TicketId ticket) const;

 private:
  Service service_;
};

}  // namespace hotline::ticket
