// The durable service over the workflow kernel: every command is one transaction (state, event, timers, outbox), and is
// acknowledged only when it is on the disk.
//
//   auto db = store::Database::open("city.db").value();
//   auto tickets = ticket::Service::open(db, {}).value();                 // the 12345 closed loop
//   auto accepted = tickets.intake({.command = "call-17", .at = now, .actor = agent, .category = "water", ...});
//   tickets.apply({.id = "d-17", .at = now, .actor = dispatcher, .ticket = accepted->ticket, .event = "dispatch",
//                  .fields = R"({"lead":"water_bureau"})"});
//   tickets.public_status(accepted->number, "zh");                        // "您的诉求已转交承办单位办理。"
//
// Guarantees (docs/ticket.md says how each is tested): G1 one command is one transaction; G2 a command id gives the same
// answer again, and with another body the error command_reused; G3 answered after the sync; G4 timers are rows and fire once;
// G5 outbox rows are delivered at least once, with a key; G6 events are chained by SHA-256; G7 replaying the events gives the
// snapshot; G8 several processes may use one database.
#pragma once

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/result.hpp"
#include "hotline/store/database.hpp"
#include "hotline/ticket/catalogue.hpp"
#include "hotline/ticket/types.hpp"

namespace hotline::workflow {
class Definition;
class Calendar;
}

namespace hotline::ticket {

using MasterKey = std::array<std::uint8_t, 32>;

struct Options {
  // Wraps the keys of citizens and recordings. Without it those keys lie in the database as they are: erasing a person still
  // works, but whoever has the file can read it. Keep it apart from the database (load_or_create_key).
  std::optional<MasterKey> master_key;
  // Fills a buffer with unpredictable bytes; empty is the system's generator. Tests pass their own.
  std::function<void(std::span<std::uint8_t>)> entropy;
  std::string area = "000000";             // of registry numbers, six digits
  std::string timezone = "Asia/Shanghai";  // of registry dates and statistics
  std::string policy;                      // who may see what, as YAML (Policy in search.hpp); "" is Policy::standard()
  std::string kpis;                        // key figures as YAML; "" is the shipped data/kpi/standard.yaml
};

// Reads a 32-byte key from a file, or makes one (mode 0600). Errors: io, corrupt.
Result<MasterKey> load_or_create_key(const std::string& path);

// Synchronised. A handle: copies share.
class Service {
 public:
  // Makes or checks the tables, and registers the definitions: a new ticket takes the definition whose id is its `kind`, else
  // the first; older tickets stay with theirs. None given: the shipped 12345 closed loop,
  // with `difficult_question`, `emergency` and `agency_service` beside it. Calendars are found by the names the
  // definitions use, among those given and those shipped; one that is nowhere runs around the clock.
  static Result<Service> open(store::Database database, const Options& options);
  static Result<Service> open(store::Database database, const Options& options,
                              std::span<const workflow::Definition> definitions, std::span<const workflow::Calendar> calendars = {});

  // Errors: already_exists (the same caller, category and place has an open ticket: its number is in the message, and
  // `new_facts` is missing), command_reused, invalid_argument.
  Result<Accepted> intake(const Intake& intake);

  // Errors: not_found (ticket, event), wrong_state (not in this state), denied (role, unit, complained-about unit),
  // conflict (a guard said no), version_mismatch, command_reused, invalid_argument (fields).
  Result<Outcome> apply(const Command& command);
  // Many at once; they share syncs. The answers in the same order.
  std::vector<Result<Outcome>> apply_all(std::span<const Command> commands);

  // Puts a version of the catalogue of responsibility in force from its day on. The same one again is nothing.
  // Errors: already_exists (this version with another content).
  Status publish(const Catalogue& catalogue);
  // Who answers for this ticket by the version in force at `at`. Errors: not_found.
  Result<Responsibility> responsible(TicketId ticket, Time at) const;

  // A file that belongs to the ticket. The bytes must be safe before this is called (Files::put). The same file twice is nothing.
  Result<Outcome> attach(const Command& command, const Attachment& attachment);

  // By acceptance number. Errors: invalid_argument (mistyped: the check digit), not_found.
  Result<PublicStatus> public_status(std::string_view number, std::string_view language = "zh") const;
  // The same, for a caller who must prove to be the citizen: five tries an hour for each `caller`.
  // Errors: denied (wrong code), limit (too many tries), and as above.
  Result<PublicStatus> public_status_with_code(std::string_view number, std::string_view code, std::string_view caller, Time now,
                                               std::string_view language = "zh");

  Result<Ticket> find(TicketId ticket) const;
  // The workflow's whole state, for people: states, clocks, timers, assignments. Errors: not_found.
  Result<std::string> state_json(TicketId ticket) const;
  Result<Ticket> find(std::string_view number) const;  // acceptance or registry number
  Result<std::vector<EventRecord>> history(TicketId ticket) const;
  Result<std::vector<Attachment>> attachments(TicketId ticket) const;

  // Fires timers that are due, oldest first, at most `limit`; returns how many. A timer fires once, whatever process fires it.
  // One that cannot fire (its action needs a value that the ticket lacks, its definition is damaged) stays armed and is tried again
  // after 1, 2, 4 ... 60 minutes, holds nobody else up, and is told to the supervisors once (template `timer_failed`).
  // Call it when next_timer() has come, and after a start.
  Result<int> fire_timers(Time now, int limit = 1000);
  Result<std::vector<FailingTimer>> failing_timers(int limit = 100) const;
  Result<std::optional<Time>> next_timer() const;

  // Calendars given to open() that differ from those before are a new revision: new tickets live by it at once. This moves open
  // tickets to it, at most `limit`, and returns how many: their due times are computed again and an event says so; what was
  // overdue stays a fact. fire_timers() calls it. 0: all are there.
  Result<int> adopt_calendars(Time now, int limit = 1000);
  // Carries a ticket over to the newest version given to open() of its definition, by that version's `migrate_from`; already
  // there: `repeated`. Errors: not_found, invalid_definition (a state without a successor: nothing is changed).
  Result<Outcome> migrate(TicketId ticket, const Actor& actor, Time at);

  // Takes rows to be delivered and leases them until `now + lease`: who dies holding them loses them to the next. Rows for a unit
  // that stands for another site are not among them: they are its letters (sites.hpp).
  Result<std::vector<OutboxItem>> claim_outbox(Time now, Duration lease, int limit = 100);
  Status delivered(std::int64_t item, Time at);
  // Tried again at `retry_at`; never again where it is empty (then the row stays, marked failed, for people to see).
  Status undelivered(std::int64_t item, std::string_view reason, std::optional<Time> retry_at);

  // Destroys the key of the citizen of this ticket: name, telephone and the rest become unreadable everywhere, and the chain
  // of events still verifies.
  Status forget_citizen(TicketId ticket, const Actor& actor, Time at);

  store::Database& database() const;

  struct Impl;  // lib/ticket
  Impl& impl() const { return *impl_; }

 private:
  explicit Service(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

// Files under the SHA-256 of their bytes in a folder: written aside, synced, renamed. With a key each file is sealed
// (XChaCha20-Poly1305) under a key of its own, which lies before it, wrapped by the given one; files kept without a key still
// open. Synchronised.
class Files {
 public:
  // Errors: io.
  static Result<Files> open(const std::string& folder, const std::optional<MasterKey>& key = std::nullopt);
  // Keeps the bytes, on the disk when it returns; `kind`, `name`, `media_type` fill the Attachment. Errors: io.
  Result<Attachment> put(std::string_view bytes, std::string kind, std::string name, std::string media_type) const;
  Result<Attachment> put_file(const std::string& path, std::string kind, std::string media_type) const;
  // Errors: not_found, corrupt (the bytes no longer have this hash, or the key is another one), denied (sealed, and there is no key), io.
  Result<std::string> get(std::string_view sha256) const;
  std::string path_of(std::string_view sha256) const;

 private:
  Files(std::string folder, const std::optional<MasterKey>& key) : folder_(std::move(folder)), key_(key) {}
  std::string folder_;
  std::optional<MasterKey> key_;
};

}  // namespace hotline::ticket
