#include "hotline/ticket/service.hpp"

#include <algorithm>

#include "ticket/impl.hpp"
#include "ticket/presets.hpp"

namespace hotline::ticket {
namespace {

// A value that is made once for a database and stays: the key of its numbers, the secret of its blind indexes.
Result<std::string> once(store::Transaction& t, std::string_view name, const std::string& made) {
  HOTLINE_TRY(t.post("INSERT INTO ticket_meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO NOTHING", {name, store::Blob{made}}));
  std::string kept;
  HOTLINE_TRY(t.query("SELECT value FROM ticket_meta WHERE name = ?", {name}, [&](const store::Row& row) { kept = row.bytes(0); }));
  return kept;
}

}  // namespace

std::string local_date(const TimeZone& zone, Time at) {
  std::string text = workflow::to_string(zone.date_at(at));
  std::erase(text, '-');
  return text;
}

Result<Service> Service::open(store::Database database, const Options& options, std::span<const Definition> definitions,
                              std::span<const workflow::Calendar> calendars) {
  if (definitions.empty()) return Error(ErrorCode::invalid_argument, "a ticket service without a workflow", "give at least one definition");
  HOTLINE_ASSIGN(const auto zone, TimeZone::find(options.timezone));
  HOTLINE_TRY(registry_number(options.area, "20000101", 0));
  HOTLINE_TRY(database.migrate("ticket", schema()));
  HOTLINE_TRY(database.migrate("ticket_text", text_schema(database.backend())));
  HOTLINE_TRY(database.migrate("ticket_sites", sites_schema()));

  const Vault fresh(options.master_key, {}, options.entropy);
  std::string secret_box, number_box;
  HOTLINE_TRY(database.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(secret_box, once(t, "secret", fresh.wrap(fresh.new_key())));
    HOTLINE_ASSIGN(number_box, once(t, "numbers", fresh.wrap(fresh.new_key())));
    return {};
  }));
  HOTLINE_ASSIGN(const DataKey secret, fresh.unwrap(secret_box));
  HOTLINE_ASSIGN(const DataKey number_key, fresh.unwrap(number_box));
  AcceptanceNumbers::Key key;
  std::copy_n(number_key.begin(), key.size(), key.begin());

  auto impl = std::make_shared<Impl>(database, options, Vault(options.master_key, secret, options.entropy), key, zone);
  for (const Definition& d : definitions) {
    impl->definitions.push_back(std::make_shared<const Definition>(d));
    impl->known_.emplace(to_text(d), impl->definitions.back());
  }
  for (const auto& calendar : calendars) impl->given_.emplace(calendar.id(), calendar);
  if (!impl->given_.contains("cn")) {
    HOTLINE_ASSIGN(auto calendar, shipped_calendar());
    impl->given_.emplace("cn", std::move(calendar));
  }
  // What a definition names and nobody gave runs around the clock; it is kept with the others, so that a replay needs only the database.
  for (const auto& d : impl->definitions)
    for (const std::string& name : d->calendars())
      if (!impl->given_.contains(name)) impl->given_.emplace(name, workflow::Calendar::always(zone));
  if (!options.policy.empty()) {
    HOTLINE_ASSIGN(impl->policy, Policy::parse(options.policy, "policy"));
  }
  HOTLINE_ASSIGN(impl->kpis_, parse_kpis(options.kpis.empty() ? kStandardKpis : options.kpis.c_str(), options.kpis.empty() ? "standard.yaml" : "kpis"));
  for (const auto& d : impl->definitions)
    for (const auto& kpi : d->kpis()) {
      std::erase_if(impl->kpis_, [&](const KpiSource& known) { return known.name == d->id() + "." + kpi.name; });
      impl->kpis_.push_back({d->id() + "." + kpi.name, kpi.label.zh, kpi.label.en, kpi.period, kpi.clock, kpi.numerator,
                             kpi.denominator.empty() ? "true" : kpi.denominator, d->id(), d->version()});
    }
  HOTLINE_TRY(database.write([&](store::Transaction& t) { return impl->register_definitions(t); }));
  HOTLINE_TRY(database.write([&](store::Transaction& t) { return impl->register_calendars(t); }));
  return Service(std::move(impl));
}

Result<workflow::Calendar> shipped_calendar() {
  Diagnostics diagnostics("cn.yaml");
  HOTLINE_ASSIGN(const auto spec, workflow::CalendarSpec::parse(kChinaCalendar, diagnostics.file(), diagnostics));
  return workflow::Calendar::compile(spec);
}

Result<Service> Service::open(store::Database database, const Options& options) {
  std::vector<Definition> shipped;
  for (const char* source : kWorkflows) {
    Diagnostics diagnostics("shipped");
    HOTLINE_ASSIGN(auto definition, Definition::parse(source, diagnostics.file(), diagnostics));
    shipped.push_back(std::move(definition));
  }
  return open(std::move(database), options, shipped);
}

Result<Outcome> Service::apply(const Command& command) {
  Outcome outcome;
  const std::string digest = digest_of(command);
  const Status status = impl_->database.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(outcome, impl_->apply_in(t, command, digest));
    return {};
  });
  if (status.ok()) return outcome;
  return impl_->outcome_of(command.id, digest, status.error());
}

std::vector<Result<Outcome>> Service::apply_all(std::span<const Command> commands) {
  std::vector<Outcome> outcomes(commands.size());
  std::vector<store::Database::Command> writes;
  writes.reserve(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i)
    writes.push_back([&, i](store::Transaction& t) -> Status {
      HOTLINE_ASSIGN(outcomes[i], impl_->apply_in(t, commands[i], digest_of(commands[i])));
      return {};
    });
  const auto answers = impl_->database.write_all(writes);
  std::vector<Result<Outcome>> out;
  out.reserve(commands.size());
  for (std::size_t i = 0; i < commands.size(); ++i) {
    if (answers[i].ok()) out.emplace_back(outcomes[i]);
    else out.push_back(impl_->outcome_of(commands[i].id, digest_of(commands[i]), answers[i].error()));
  }
  return out;
}

store::Database& Service::database() const { return impl_->database; }

}  // namespace hotline::ticket
