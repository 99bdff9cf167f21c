// The words of tickets: who acts, what comes in, what goes out. Plain values, no behaviour.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hotline/base/id.hpp"
#include "hotline/base/time.hpp"

namespace hotline::ticket {

using TicketId = Id<struct TicketTag>;

// Who acts. Roles are names of the workflow definition; `unit` is the id of a registered unit, or "".
struct Actor {
  std::string id;  // "agent:1001", "citizen", "system"
  std::vector<std::string> roles;
  std::string unit;
};

// The person who called: kept encrypted under a key of their own, which can be destroyed (Service::forget_citizen).
struct Citizen {
  std::string name;
  std::string phone;
  std::string id_number;
  std::string address;
  std::string email;

  bool empty() const { return name.empty() && phone.empty() && id_number.empty() && address.empty() && email.empty(); }
  bool operator==(const Citizen&) const = default;
};

// A file that belongs to a ticket; the bytes lie elsewhere (Files, or the host's own store) under their hash.
struct Attachment {
  std::string kind;    // recording, fax, voicemail, picture, document, letter
  std::string sha256;  // 64 lower-case hexadecimal digits
  std::string name;    // file name for people
  std::string media_type;
  std::uint64_t size = 0;

  bool operator==(const Attachment&) const = default;
};

// How well a ticket is guarded from eyes that do not handle it.
enum class Secrecy : std::uint8_t {
  open,        // by the ordinary rules
  identity,    // who reported it is hidden from everybody but the office
  restricted,  // only who handles it
  sealed,      // only who was named, every reading is written down
};

// What a citizen brings. `command` is chosen by the caller and unique: the same one again gives the same ticket.
struct Intake {
  std::string command;
  Time at{};
  Actor actor;
  std::string channel = "phone";   // phone, voicemail (a recording in the IVR), fax, mail, sms, web, chat, app, letter, visit
  std::string kind = "complaint";  // complaint, report, consultation, suggestion, help, agency_service
  std::string category;            // of the catalogue of responsibility
  std::string area;                // six digits of GB/T 2260, or the host's own
  std::string level = "general";   // urgency: a level of the definition
  std::string title;
  std::string content;
  std::string place;
  Secrecy secrecy = Secrecy::open;
  Citizen citizen;
  std::string fields;  // more fields of the definition, a JSON object; "" for none
  std::vector<Attachment> attachments;
  std::string complained_unit;  // the unit complained about: never gets the ticket, never sees the reporter
  std::string new_facts;        // why this is no repetition of an open ticket of the same caller, category and place
  std::string facts;            // as in Command
  TicketId parent;              // the ticket that this one is a part or a continuation of
  std::optional<Time> due;      // what a superior asks; empty: that of an open parent, less four hours
};

struct Accepted {
  TicketId ticket;
  std::string number;       // acceptance number, to be told
  std::string registry;     // long number
  std::string access_code;  // six digits, told once and kept only as a hash; "" where the citizen is anonymous
  std::uint64_t version = 0;
  bool repeated = false;  // this command was answered before
};

// An event of the workflow that somebody wants to happen: "dispatch", "sign", "reply", ...
struct Command {
  std::string id;  // unique; "" where the caller never retries
  Time at{};
  Actor actor;
  TicketId ticket;
  std::string event;
  std::string fields;  // a JSON object; "" for none
  // What the host knows and the service cannot: facts of the definition, a JSON object ({"authenticated": true}).
  std::string facts;
  std::optional<std::uint64_t> expected_version;
  // The assignment it is for, by its number; empty: the ticket itself, or the open assignment of the actor's unit.
  std::optional<std::uint32_t> task;
};

struct Outcome {
  TicketId ticket;
  std::uint64_t version = 0;
  std::string state;  // main region
  bool repeated = false;
};

// What the citizen may know.
struct PublicStatus {
  std::string number;
  std::string state;   // id of the public state
  std::string phrase;  // in the language asked for; fit to be spoken
  std::string reply;   // the public reply, once there is one
  std::optional<Time> due;
  Time updated_at{};
  std::uint64_t version = 0;
};

// A ticket as the office sees it.
struct Ticket {
  TicketId id;
  std::string number, registry;
  std::uint64_t version = 0;
  std::string definition;  // "id@version"
  std::string state;       // main region
  std::string fields;      // of the workflow's root, a JSON object
  std::string channel, kind, category, area, level, title, content, place;
  Secrecy secrecy = Secrecy::open;
  std::string unit;  // lead unit now, or ""
  std::string complained_unit;
  std::string reply;  // public reply
  std::optional<Time> due;
  bool overdue = false;
  Time created_at{}, updated_at{};
  std::optional<Time> closed_at;
  TicketId parent, merged_into;
  std::optional<Citizen> citizen;  // empty where the viewer may not see it, or it was shredded
};

struct EventRecord {
  TicketId ticket;
  std::uint64_t version = 0;
  Time at{};
  std::string type, actor, unit, command;
  std::string state;  // of the main region, afterwards
  std::string body;   // JSON object: {"records": [what the workflow was told], ...}
  std::string hash;  // hexadecimal, chained
};

// A timer that was due and could not fire.
struct FailingTimer {
  TicketId ticket;
  std::uint32_t task = 0;  // 0: the ticket itself
  std::string timer;
  int attempts = 0;
  std::string problem;  // of the last one
  Time next{};          // when it is tried again
};

struct OutboxItem {
  std::int64_t id = 0;
  TicketId ticket;
  std::string number;
  std::string key;        // unique: consumers drop what they have seen
  std::string channel;    // sms, voice, fax, mail, letter, web, unit, screen, conference (emergencies), host (effects)
  std::string recipient;  // "citizen", "unit:water", "role:supervisor", "leader:...", "host"
  std::string address;    // the citizen's telephone or mail, opened for the delivery; "" where unknown
  std::string text_template;
  std::string body;  // JSON object: what the template needs
  Time due{};
  int attempts = 0;
};

}  // namespace hotline::ticket
