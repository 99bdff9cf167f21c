// Which definition and which calendars a ticket lives by.
#include "hotline/base/document.hpp"
#include "ticket/impl.hpp"

namespace hotline::ticket {

const DefinitionPtr& Service::Impl::definition_for(std::string_view kind) const {
  const DefinitionPtr* best = &definitions.front();
  for (const auto& d : definitions)
    if (d->id() == kind && ((*best)->id() != kind || d->version() > (*best)->version())) best = &d;
  return *best;
}

// Keeps the source beside the tickets that run by it: any process can open them, whatever definitions it was given.
Status Service::Impl::register_definitions(store::Transaction& t) const {
  for (const auto& d : definitions) {
    std::optional<std::string> known;
    HOTLINE_TRY(t.query("SELECT fingerprint FROM ticket_definition WHERE id = ? AND version = ?", {d->id(), d->version()},
                        [&](const store::Row& row) { known = row.text(0); }));
    if (known && *known != d->fingerprint())
      return Error(ErrorCode::conflict, "the definition " + to_text(*d) + " differs from the one that tickets of this database run by",
                   "raise its `version`, and say in `migrate_from` what becomes of running tickets");
    if (!known)
      HOTLINE_TRY(t.post("INSERT INTO ticket_definition (id, version, fingerprint, source) VALUES (?, ?, ?, ?)",
                         {d->id(), d->version(), d->fingerprint(), d->to_json()}));
  }
  return {};
}

Result<DefinitionPtr> Service::Impl::definition(store::Transaction& t, std::string_view name) const {
  {
    const std::shared_lock lock(known_mutex_);
    if (const auto found = known_.find(name); found != known_.end()) return found->second;
  }
  const auto at = name.rfind('@');
  std::optional<std::string> source;
  HOTLINE_TRY(t.query("SELECT source FROM ticket_definition WHERE id = ? AND version = CAST(? AS {int})",
                      {name.substr(0, at), at == name.npos ? std::string_view("0") : name.substr(at + 1)},
                      [&](const store::Row& row) { source = row.text(0); }));
  if (!source) return Error(ErrorCode::corrupt, "the definition `" + std::string(name) + "` of a ticket is missing", "restore the table ticket_definition");
  Diagnostics diagnostics{std::string(name)};
  HOTLINE_ASSIGN(Definition parsed, Definition::parse(*source, name, diagnostics));
  auto shared = std::make_shared<const Definition>(std::move(parsed));
  const std::unique_lock lock(known_mutex_);
  return known_.emplace(std::string(name), std::move(shared)).first->second;
}

// A set of calendars that was never seen becomes the newest revision: new tickets live by it, open ones once adopt() moves them.
Status Service::Impl::register_calendars(store::Transaction& t) const {
  std::string source;
  JsonWriter json(source);
  json.begin_object();
  for (const auto& [name, calendar] : given_) json.key(name).raw(calendar.spec().to_json());
  json.end_object();
  const std::string fingerprint = to_hex(sha256(source));
  return t.post("INSERT INTO ticket_calendars (revision, fingerprint, source) SELECT coalesce(max(revision), 0) + 1, ?, ? FROM ticket_calendars WHERE true "
                "ON CONFLICT (fingerprint) DO NOTHING",
                {fingerprint, source});
}

Result<std::int64_t> latest_calendars(store::Transaction& t) {
  HOTLINE_ASSIGN(const auto revision, t.integer("SELECT max(revision) FROM ticket_calendars"));
  return revision.value_or(0);
}

Result<CalendarSet> read_calendars(store::Transaction& t, std::int64_t revision) {
  HOTLINE_ASSIGN(const auto source, t.text("SELECT source FROM ticket_calendars WHERE revision = ?", {revision}));
  if (!source) return Error(ErrorCode::corrupt, "revision " + std::to_string(revision) + " of the calendars is missing", "restore the table ticket_calendars");
  HOTLINE_ASSIGN(const Node root, parse_document(*source, "ticket_calendars"));
  CalendarSet set;
  for (const auto& [name, node] : root.entries()) {
    Diagnostics diagnostics(name.text());
    HOTLINE_ASSIGN(const auto spec, workflow::CalendarSpec::parse(node.to_json(), name.text(), diagnostics));
    HOTLINE_ASSIGN(auto calendar, workflow::Calendar::compile(spec));
    set.emplace(name.text(), std::move(calendar));
  }
  return set;
}

std::vector<workflow::Calendar> pick(const CalendarSet& set, const Definition& d) {
  std::vector<workflow::Calendar> out;
  out.reserve(d.calendars().size());
  for (const std::string& name : d.calendars()) {
    const auto found = set.find(name);
    out.push_back(found != set.end() ? found->second : workflow::Calendar::always());
  }
  return out;
}

// The set stays where it is: it is never erased.
Result<const CalendarSet*> Service::Impl::calendar_set(store::Transaction& t, std::int64_t revision) const {
  {
    const std::shared_lock lock(known_mutex_);
    if (const auto found = calendar_sets_.find(revision); found != calendar_sets_.end()) return &found->second;
  }
  HOTLINE_ASSIGN(CalendarSet set, read_calendars(t, revision));
  const std::unique_lock lock(known_mutex_);
  return &calendar_sets_.emplace(revision, std::move(set)).first->second;
}

Result<std::vector<workflow::Calendar>> Service::Impl::calendars_of(store::Transaction& t, const Definition& d, std::int64_t revision) const {
  if (d.calendars().empty()) return std::vector<workflow::Calendar>();
  HOTLINE_ASSIGN(const CalendarSet* const set, calendar_set(t, revision));
  return pick(*set, d);
}

Result<std::optional<workflow::Calendar>> Service::Impl::calendar_of(store::Transaction& t, std::string_view name, std::int64_t revision) const {
  HOTLINE_ASSIGN(const CalendarSet* const set, calendar_set(t, revision));
  const auto found = set->find(name);
  return found == set->end() ? std::nullopt : std::optional(found->second);
}

}  // namespace hotline::ticket
