// What the parts of the service share.
#pragma once

#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <vector>

#include "hotline/ticket/catalogue.hpp"
#include "hotline/ticket/number.hpp"
#include "hotline/ticket/search.hpp"
#include "hotline/ticket/service.hpp"
#include "hotline/workflow/calendar.hpp"
#include "hotline/workflow/kernel.hpp"
#include "ticket/measure.hpp"
#include "ticket/vault.hpp"

namespace hotline::ticket {

using workflow::Definition;
using CalendarSet = std::map<std::string, workflow::Calendar, std::less<>>;
using DefinitionPtr = std::shared_ptr<const Definition>;

std::span<const store::Migration> schema();
std::span<const store::Migration> text_schema(store::Backend backend);
std::span<const store::Migration> sites_schema();  // sites.cpp
// search.cpp: what this version of a ticket says, for full-text search.
Status index_words(store::Transaction& t, TicketId ticket, std::uint64_t version, std::string_view text);
Status index_note(store::Transaction& t, std::int64_t note, std::string_view text);

// A ticket in the middle of a command: its row, and the workflow's state.
struct Loaded {
  Ticket row;
  std::string head;
  std::optional<std::int64_t> citizen;
  std::string access, snapshot;
  std::int64_t calendars = 0;  // revision
  std::optional<Time> party_due;  // the strictest of those merged into it, or of a superior where the workflow keeps none
  DefinitionPtr definition;
  workflow::Instance instance;
  std::optional<std::vector<Measure>> measured;  // of this state, once it was asked for
  int outgoing = 0;                              // outbox rows of the event being made
};

// The columns that stand in indexes or in the key figures: written only where an event changed them.
struct Places {
  std::string state, unit, category, area, definition;
  bool finished = false;
  std::optional<Time> due, closed_at;
  TicketId merged_into;
  std::int64_t calendars = 0;
};
Places places_of(const Loaded& ticket);

// Tickets as their last event left them, so that the next command need neither read nor decode them: whoever works on one takes
// it out, and puts it back once it is written. It is worth something only while the row has the same head: what another process
// wrote, and what was rolled back, shows there. Synchronised.
class Recent {
 public:
  std::optional<Loaded> take(TicketId ticket);
  void keep(Loaded&& ticket);

 private:
  static constexpr std::size_t kMost = 2048;            // tickets
  static constexpr std::size_t kLongest = 16 * 1024;    // bytes of text: longer ones are read again
  std::mutex mutex_;
  std::list<Loaded> tickets_;  // the latest first
  std::unordered_map<std::uint64_t, std::list<Loaded>::iterator> by_id_;
};

// One event to be appended. Texts are borrowed.
struct Appended {
  Time at{};
  std::string_view type, actor, unit, command, body, sealed;
  std::string digest;
};

struct Service::Impl {
  Impl(store::Database db, Options o, Vault v, const AcceptanceNumbers::Key& key, TimeZone zone)
      : database(std::move(db)), options(std::move(o)), vault(std::move(v)), numbers(key), timezone(std::move(zone)) {}

  store::Database database;
  Options options;
  Vault vault;
  AcceptanceNumbers numbers;
  TimeZone timezone;
  Policy policy = Policy::standard();
  std::vector<DefinitionPtr> definitions;  // as given: the last version of each is for new tickets

  mutable std::shared_mutex known_mutex_;
  mutable std::map<std::string, DefinitionPtr, std::less<>> known_;  // "id@version"
  CalendarSet given_;  // at open
  mutable std::map<std::int64_t, CalendarSet> calendar_sets_;  // by revision; under known_mutex_, never erased

  // definitions.cpp
  Result<DefinitionPtr> definition(store::Transaction& t, std::string_view name) const;
  const DefinitionPtr& definition_for(std::string_view kind) const;
  Status register_definitions(store::Transaction& t) const;
  Result<std::vector<workflow::Calendar>> calendars_of(store::Transaction& t, const Definition& definition, std::int64_t revision) const;
  Result<std::optional<workflow::Calendar>> calendar_of(store::Transaction& t, std::string_view name, std::int64_t revision) const;
  Result<const CalendarSet*> calendar_set(store::Transaction& t, std::int64_t revision) const;
  Status register_calendars(store::Transaction& t) const;

  // transition.cpp
  Error gone_or_missing(store::Transaction& t, TicketId ticket) const;
  Result<Loaded> load(store::Transaction& t, TicketId ticket) const;
  mutable Recent recent_;
  Result<std::string> decide(store::Transaction& t, Loaded& ticket, const Command& command) const;
  Result<Outcome> apply_in(store::Transaction& t, const Command& command, std::string_view digest) const;
  Status append(store::Transaction& t, Loaded& ticket, const Appended& event) const;
  Status project(store::Transaction& t, Loaded& ticket, workflow::Decision& decision, Time at) const;
  Status project_again(store::Transaction& t, Loaded& ticket, Time at) const;
  Status write_timer(store::Transaction& t, TicketId ticket, workflow::NodeId node, std::string_view timer, std::uint32_t generation, Time due) const;
  Status save(store::Transaction& t, const Loaded& ticket, const Places* before = nullptr) const;
  Status write_assignment(store::Transaction& t, const Loaded& ticket, workflow::NodeId node, Time at) const;
  Result<Outcome> outcome_of(std::string_view command, std::string_view digest, const Error& refusal) const;

  // merge.cpp
  Result<TicketId> by_number(store::Transaction& t, std::string_view number) const;
  Status lock_both(store::Transaction& t, TicketId a, TicketId b) const;
  Result<bool> merge_allowed(store::Transaction& t, const Loaded& source, std::string_view into) const;
  Status merged(store::Transaction& t, Loaded& source, std::string_view into, std::optional<Time> due, const Command& command) const;
  Status unmerged(store::Transaction& t, Loaded& source, const Command& command) const;

  // responsibility.cpp: the catalogue in force at a time; empty where none was published.
  Result<std::shared_ptr<const Catalogue>> catalogue(store::Transaction& t, Time at) const;
  mutable std::vector<std::shared_ptr<const Catalogue>> catalogues_;  // under known_mutex_, by version

  // kpi.cpp
  std::vector<KpiSource> kpis_;
  mutable std::map<std::string, std::shared_ptr<const Measures>, std::less<>> measures_;  // under known_mutex_
  std::shared_ptr<const Measures> measures_of(const Definition& definition) const;
  const std::vector<Measure>& measure(Loaded& ticket) const;
  Status keep_measures(store::Transaction& t, Loaded& ticket, const std::vector<Measure>* before, const Places* places_before) const;

  // carry.cpp
  Status adopt_in(store::Transaction& t, TicketId ticket, std::int64_t revision, Time now) const;
  Result<Outcome> migrate_in(store::Transaction& t, TicketId ticket, const Actor& actor, Time at) const;

  // intake.cpp
  Result<std::string> begin(store::Transaction& t, Loaded& ticket, const Intake& intake, const std::optional<Time>& due) const;
  Result<Accepted> intake_in(store::Transaction& t, const Intake& intake, const std::string& code) const;

  // people.cpp
  Result<std::optional<std::int64_t>> keep_citizen(store::Transaction& t, const Citizen& citizen) const;
  Result<std::optional<Citizen>> open_citizen(store::Transaction& t, std::int64_t id) const;

  // timers.cpp
  Status postpone_in(store::Transaction& t, TicketId ticket, std::int64_t node, const std::string& timer, std::int64_t generation, const Error& problem, Time now) const;
  Result<bool> fire_in(store::Transaction& t, TicketId ticket, std::int64_t node, const std::string& timer, std::int64_t generation, Time now) const;
};

// SHA-256 over the parts, each with its length in front: no two different events give the same bytes.
std::string chain_hash(std::string_view previous, TicketId ticket, std::uint64_t version, const Appended& event, std::string_view state);

// notes.cpp: the same for the n-th note of a ticket.
std::string note_hash(std::string_view previous, TicketId ticket, std::uint64_t n, Time at, std::string_view actor, std::string_view unit,
                      NoteClass note_class, std::string_view text, std::string_view command);

// Of what a command says, to tell a retry from another command with the same id.
std::string digest_of(const Command& command);
std::string digest_of(const Intake& intake);

// facts.cpp: what the definition asks the host about an event, and what the ticket's row takes from the workflow's fields.
Result<std::vector<expr::Value>> facts_of(const Service::Impl& impl, store::Transaction& t, const Loaded& ticket, const Command& command,
                                          const workflow::EventType* type, std::span<const expr::Value> fields);
void take_fields(const Definition& definition, const workflow::Instance& instance, Ticket& row);

Result<CalendarSet> read_calendars(store::Transaction& t, std::int64_t revision);
std::vector<workflow::Calendar> pick(const CalendarSet& set, const Definition& definition);
Result<std::int64_t> latest_calendars(store::Transaction& t);
Result<workflow::Calendar> shipped_calendar();
// YYYYMMDD.
std::string local_date(const TimeZone& zone, Time at);
Status keep_attachment(store::Transaction& t, const Loaded& ticket, const Attachment& attachment);
std::string normal_phone(std::string_view phone);
workflow::Actor kernel_actor(const Definition& definition, const Actor& actor);

std::string to_text(const Definition& definition);  // "id@version"
Error refusal_error(const Definition& definition, const workflow::Refusal& refusal, std::string_view event, std::string_view state);

// Columns of `ticket` in the order that read_ticket expects, for "SELECT " + kTicketColumns.
extern const char* const kTicketColumns;
Ticket read_ticket(const store::Row& row);

}  // namespace hotline::ticket
