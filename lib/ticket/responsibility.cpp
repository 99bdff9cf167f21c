// Catalogues in the database: each version with the day from which it holds.
#include <algorithm>

#include "ticket/impl.hpp"

namespace hotline::ticket {

Result<std::shared_ptr<const Catalogue>> Service::Impl::catalogue(store::Transaction& t, Time at) const {
  std::int64_t version = 0;
  HOTLINE_TRY(t.query("SELECT version FROM ticket_catalogue WHERE effective <= ? ORDER BY effective DESC, version DESC LIMIT 1", {at},
                      [&](const store::Row& row) { version = row.integer(0); }));
  if (version == 0) return std::shared_ptr<const Catalogue>();
  {
    const std::shared_lock lock(known_mutex_);
    for (const auto& known : catalogues_)
      if (known->version() == version) return known;
  }
  std::string source;
  HOTLINE_TRY(t.query("SELECT source FROM ticket_catalogue WHERE version = ?", {version}, [&](const store::Row& row) { source = row.text(0); }));
  Diagnostics diagnostics("catalogue@" + std::to_string(version));
  HOTLINE_ASSIGN(Catalogue parsed, Catalogue::parse(source, diagnostics.file(), diagnostics));
  auto shared = std::make_shared<const Catalogue>(std::move(parsed));
  const std::unique_lock lock(known_mutex_);
  catalogues_.push_back(shared);
  return shared;
}

Status Service::publish(const Catalogue& catalogue) {
  return impl_->database.write([&](store::Transaction& t) -> Status {
    std::optional<std::string> known;
    HOTLINE_TRY(t.query("SELECT source FROM ticket_catalogue WHERE version = ?", {catalogue.version()}, [&](const store::Row& row) { known = row.text(0); }));
    if (known && *known == catalogue.to_json()) return {};
    if (known)
      return Error(ErrorCode::already_exists, "version " + std::to_string(catalogue.version()) + " of the catalogue was published with another content",
                   "raise its `version`");
    HOTLINE_TRY(t.post("INSERT INTO ticket_catalogue (version, effective, source) VALUES (?, ?, ?)", {catalogue.version(), catalogue.from(), catalogue.to_json()}));
    for (const Unit& unit : catalogue.units())
      HOTLINE_TRY(t.post("INSERT INTO ticket_unit (id, path, name, leader) VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET path = excluded.path, "
                         "name = excluded.name, leader = excluded.leader",
                         {unit.id, unit.path, unit.name_zh, unit.leader}));
    return {};
  });
}

Result<Responsibility> Service::responsible(TicketId ticket, Time at) const {
  HOTLINE_ASSIGN(const Ticket row, find(ticket));
  Responsibility found;
  const Status status = impl_->database.read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto catalogue, impl_->catalogue(t, at));
    if (!catalogue) return Error(ErrorCode::not_found, "no catalogue of responsibility was published", "publish one");
    found = catalogue->match(row.category, row.area);
    return {};
  });
  if (!status.ok()) return status.error();
  return found;
}

}  // namespace hotline::ticket
