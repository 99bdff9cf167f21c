// Which definition and which calendars a ticket lives by.
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

std::vector<workflow::Calendar> Service::Impl::calendars_of(const Definition& d) const {
  std::vector<workflow::Calendar> out;
  out.reserve(d.calendars().size());
  for (const std::string& name : d.calendars()) {
    const auto found = calendars_.find(name);
    out.push_back(found != calendars_.end() ? found->second : workflow::Calendar::always(timezone));
  }
  return out;
}

}  // namespace hotline::ticket
