// What the sending and the receiving half of the exchange share.
#pragma once

#include <map>

#include "hotline/ticket/sites.hpp"
#include "ticket/letter.hpp"

namespace hotline::ticket {

inline constexpr std::size_t kMostHops = 8;  // sites that a case may pass through

struct KnownPeer {
  std::string unit, key;
  Duration margin{};
  bool people = false;
};
struct Known {
  std::string self;
  std::map<std::string, KnownPeer, std::less<>> peers;
};
// Errors: wrong_state (nobody joined).
Result<Known> known_sites(store::Transaction& t);

// One letter to a peer, to be sent from `now` on.
Status post_letter(store::Transaction& t, const SigningKey& key, const Known& known, const std::string& site, TicketId ticket, std::string_view body, Time now);

}  // namespace hotline::ticket
