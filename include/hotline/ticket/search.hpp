// Finding tickets, and who may see what. The rules are data (a Policy), compiled into the SQL of every list: what a viewer may
// not see is not read, not counted and not paged over. Default: nothing.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/ticket/service.hpp"

namespace hotline::ticket {

// What one role may see.
struct Grant {
  enum class Scope : std::uint8_t {
    none,
    own,   // tickets that this actor took part in
    unit,  // tickets that the actor's unit handles or handled
    tree,  // the same for units below it too
    all,
  };
  std::string role;
  Scope scope = Scope::none;
  Secrecy secrecy = Secrecy::open;  // up to
  bool identity = false;            // name, telephone, address
  bool recordings = false;
  bool notes = false;         // of the handling (NoteClass::state)
  bool leader_notes = false;  // what leaders wrote (NoteClass::leader)
};

// Immutable after it is filled.
//   roles:
//     agent:      {scope: all, secrecy: identity, identity: true, recordings: true, notes: true}
//     unit:       {scope: tree, secrecy: restricted, identity: true, notes: true}
//     statistics: {scope: all}
struct Policy {
  std::vector<Grant> grants;
  // Errors: invalid_document, invalid_definition.
  static Result<Policy> parse(std::string_view text, std::string_view file);
  static Policy standard();
};

struct Query {
  std::string text;     // every word of it, in title, content, place and replies
  std::string note;     // every word of it, in one note that the viewer may read
  std::string number;   // acceptance or registry number
  std::string phone;    // of the citizen; exact, in any spelling
  std::string name;     // of the citizen; exact
  std::string id_number;
  std::vector<std::string> states;
  std::string category;  // and those below it: "noise" finds "noise.building"
  std::string area;      // from the left: "3702" finds "370202"
  std::string unit, channel, kind, level, actor;
  std::optional<Time> created_from, created_to, due_before;  // half open
  std::optional<bool> open, overdue;
  std::vector<std::pair<std::string, std::string>> fields;  // of the workflow: name, value
  int limit = 50;     // at most 500
  std::string after;  // Page::next of the page before
};

struct Page {
  std::vector<Ticket> tickets;  // newest first; `citizen` stays empty: read() opens it, and writes down who looked
  std::string next;             // "" on the last page
};

enum class NoteClass : std::uint8_t {
  state,   // how the handling goes: those who work on the ticket
  leader,  // instructions of leaders
};

// Written beside a ticket. It is no event: who may not read a note sees neither it nor a trace of it in version, history,
// times, search or export. The notes of a ticket are chained by SHA-256, the chain is in the anchors; verify() follows both.
struct Note {
  std::int64_t id = 0;
  Time at{};
  std::string actor, unit;
  NoteClass note_class = NoteClass::state;
  std::string text;
};

// Synchronised.
class Desk {
 public:
  // By the policy of the service's options.
  explicit Desk(Service service);
  Desk(Service service, Policy policy) : service_(std::move(service)), policy_(std::move(policy)) {}

  // Errors: invalid_argument.
  Result<Page> search(const Actor& viewer, const Query& query) const;
  // One ticket, with what this viewer may see of it. Reading an identity, or a ticket that is not open, is written down.
  // The unit complained about and those below it never see who reported it. Errors: not_found (also where it may not be seen).
  Result<Ticket> read(const Actor& viewer, TicketId ticket, Time now);
  // Whether this viewer may hear the recordings. Written down.
  Result<std::vector<Attachment>> recordings(const Actor& viewer, TicketId ticket, Time now);
  // Writes a note, of a class that its author may read. The same `command` again writes nothing. Errors: not_found (no ticket
  // for this author to see), denied (class), wrong_state (archived), command_reused, invalid_argument (empty, above 64 KiB).
  struct Noted {
    std::int64_t note = 0;
    bool repeated = false;
  };
  Result<Noted> write_note(const Actor& author, TicketId ticket, NoteClass note_class, std::string_view text, Time now, std::string_view command = {});
  // What this viewer may read, oldest first; the unit complained about and those below it nothing. That leaders' notes were
  // read is written down. Errors: not_found.
  Result<std::vector<Note>> notes(const Actor& viewer, TicketId ticket, Time now);
  // Lets somebody see one ticket whole until a time: in an emergency, with a reason; supervisors are alarmed through the outbox.
  Status break_glass(const Actor& viewer, TicketId ticket, std::string_view reason, Time now, Time until);

  struct Reading {
    Time at{};
    std::string actor, what;
  };
  Result<std::vector<Reading>> readings(TicketId ticket) const;

 private:
  Service service_;
  Policy policy_;
};

}  // namespace hotline::ticket
