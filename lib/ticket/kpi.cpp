#include "hotline/ticket/kpi.hpp"

#include "ticket/impl.hpp"
#include "ticket/measure.hpp"

namespace hotline::ticket {
namespace {

const char* column(GroupBy by) {
  switch (by) {
    case GroupBy::unit: return "unit";
    case GroupBy::category: return "category";
    case GroupBy::area: return "area";
    case GroupBy::channel: return "channel";
    case GroupBy::none: break;
  }
  return "''";
}

Status known(const Service& service, const std::string& kpi) {
  for (const auto& source : service.impl().kpis_)
    if (source.name == kpi) return {};
  return Error(ErrorCode::not_found, "there is no key figure `" + kpi + "`", "list() tells those there are");
}

Result<std::int64_t> workdays_of(const Service& service, const Period& period) {
  std::int64_t days = 0;
  HOTLINE_TRY(service.database().read([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const std::int64_t revision, latest_calendars(t));
    HOTLINE_ASSIGN(const auto calendar, service.impl().calendar_of(t, "cn", revision));
    if (calendar) days = calendar->work_days_between(period.first - Duration(1), period.last - Duration(1));
    return {};
  }));
  return days;
}

std::chrono::year_month_day first_day(PeriodUnit unit, Date date, int step) {
  using namespace std::chrono;
  const year_month_day ymd{date};
  switch (unit) {
    case PeriodUnit::day: return year_month_day{date + days{step}};
    case PeriodUnit::week: {
      const auto back = weekday{date} - Monday;
      return year_month_day{date - back + days{7 * step}};
    }
    case PeriodUnit::month: return (year_month{ymd.year(), ymd.month()} + months{step}) / 1;
    case PeriodUnit::quarter: {
      const unsigned m = (static_cast<unsigned>(ymd.month()) - 1) / 3 * 3 + 1;
      return (year_month{ymd.year(), month{m}} + months{3 * step}) / 1;
    }
    case PeriodUnit::year: break;
  }
  return (ymd.year() + years{step}) / January / 1;
}

}  // namespace

const std::vector<Measure>& Service::Impl::measure(Loaded& ticket) const {
  if (!ticket.measured) ticket.measured = measures_of(*ticket.definition)->of(*ticket.definition, ticket.instance, ticket.row);
  return *ticket.measured;
}

// Measures anew and stores what changed.
Status Service::Impl::keep_measures(store::Transaction& t, Loaded& ticket, const std::vector<Measure>* before, const Places* places_before) const {
  const auto measures = measures_of(*ticket.definition);
  ticket.measured.reset();
  const std::vector<Measure>& after = measure(ticket);
  const Ticket& r = ticket.row;
  const bool moved = places_before != nullptr && (places_before->unit != r.unit || places_before->category != r.category || places_before->area != r.area);
  for (std::size_t i = 0; i < after.size(); ++i) {
    const Measure& m = after[i];
    const bool was = before != nullptr && ((*before)[i].num != 0 || (*before)[i].den != 0), is = m.num != 0 || m.den != 0;
    if (before != nullptr && (*before)[i] == m && !(moved && is)) continue;
    const std::string& name = measures->compiled()[i].name;
    if (is)
      HOTLINE_TRY(t.post("INSERT INTO ticket_measure (kpi, ticket, at, num, den, unit, category, area, channel) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?) "
                         "ON CONFLICT (ticket, kpi) DO UPDATE SET at = excluded.at, num = excluded.num, den = excluded.den, unit = excluded.unit, "
                         "category = excluded.category, area = excluded.area",
                         {name, r.id.value, m.at, m.num, m.den, r.unit, r.category, r.area, r.channel}));
    else if (was) HOTLINE_TRY(t.post("DELETE FROM ticket_measure WHERE kpi = ? AND ticket = ?", {name, r.id.value}));
  }
  return {};
}

std::shared_ptr<const Measures> Service::Impl::measures_of(const Definition& d) const {
  const std::string name = to_text(d);
  {
    const std::shared_lock lock(known_mutex_);
    if (const auto found = measures_.find(name); found != measures_.end()) return found->second;
  }
  auto made = std::make_shared<const Measures>(d, kpis_);
  const std::unique_lock lock(known_mutex_);
  return measures_.emplace(name, std::move(made)).first->second;
}

Change change(const Figure& now, const Figure& then) {
  Change out;
  if (now.rate() && then.rate()) out.rate_points = 100 * (*now.rate() - *then.rate());
  const auto relative = [](double a, double b) { return b == 0 ? std::nullopt : std::optional((a - b) / b); };
  const auto n = static_cast<double>(now.numerator), m = static_cast<double>(then.numerator);
  out.numerator = relative(n, m);
  if (now.workdays > 0 && then.workdays > 0) out.numerator_a_workday = relative(n / static_cast<double>(now.workdays), m / static_cast<double>(then.workdays));
  return out;
}

std::vector<KpiInfo> Kpis::list() const {
  std::vector<KpiInfo> out;
  for (const auto& s : service_.impl().kpis_) out.push_back({s.name, s.label_zh, s.label_en, s.period, s.version});
  return out;
}

Period Kpis::period(PeriodUnit unit, Time at, int step) const {
  const auto& zone = service_.impl().timezone;
  const auto date = zone.date_at(at);
  const auto start = [&](int n) { return zone.to_time(Date(first_day(unit, date, n)), 0); };
  return {start(step), start(step + 1)};
}

Result<std::vector<Figure>> Kpis::figures(const std::string& kpi, const Period& period, GroupBy by, std::int64_t suppress_below) const {
  HOTLINE_TRY(known(service_, kpi));
  std::vector<Figure> out;
  HOTLINE_ASSIGN(const std::int64_t workdays, workdays_of(service_, period));
  const std::string sql = std::string("SELECT ") + column(by) + ", sum(num), sum(den), count(*) FROM ticket_measure WHERE kpi = ? AND at >= ? AND at < ?" +
                          (by == GroupBy::none ? "" : " GROUP BY 1 ORDER BY 1");
  HOTLINE_TRY(service_.database().read([&](store::Transaction& t) {
    return t.query(sql, {kpi, period.first, period.last}, [&](const store::Row& row) {
      Figure f{std::string(row.text(0)), period, row.integer(1), row.integer(2), false, workdays};
      if (row.integer(3) < suppress_below) f.numerator = f.denominator = 0, f.suppressed = true;
      out.push_back(std::move(f));
    });
  }));
  return out;
}

Result<std::vector<Figure>> Kpis::series(const std::string& kpi, PeriodUnit unit, Time first, int count) const {
  std::vector<Figure> out;
  for (int i = 0; i < count; ++i) {
    HOTLINE_ASSIGN(auto one, figures(kpi, period(unit, first, i)));
    out.push_back(std::move(one.front()));
  }
  return out;
}

Result<Comparison> Kpis::compare(const std::string& kpi, PeriodUnit unit, Time at) const {
  const auto& zone = service_.impl().timezone;
  const Period now = period(unit, at);
  const auto date = zone.date_at(now.first);
  const auto shifted = std::chrono::year_month_day{date} - std::chrono::years{1};
  const auto last_year = shifted.ok() ? Date(shifted) : Date(shifted.year() / shifted.month() / std::chrono::last);
  Comparison out;
  HOTLINE_ASSIGN(auto a, figures(kpi, now));
  HOTLINE_ASSIGN(auto b, figures(kpi, period(unit, at, -1)));
  HOTLINE_ASSIGN(auto c, figures(kpi, period(unit, zone.to_time(last_year, 0))));
  out.now = a.front(), out.before = b.front(), out.year_before = c.front();
  return out;
}

Result<std::vector<TicketId>> Kpis::drill_down(const std::string& kpi, const Period& period, Part part, TicketId after, int limit, GroupBy by,
                                               std::string_view group) const {
  HOTLINE_TRY(known(service_, kpi));
  const char* which = part == Part::numerator ? "num <> 0" : part == Part::denominator ? "den <> 0" : "den <> 0 AND num = 0";
  // The order is the index's own, so that a page costs a page however many there are.
  struct Row {
    std::int64_t at = 0, num = 0, den = 0;
  };
  std::optional<Row> last;
  if (after) {
    HOTLINE_TRY(service_.database().read([&](store::Transaction& t) {
      return t.query("SELECT at, num, den FROM ticket_measure WHERE ticket = ? AND kpi = ?", {after.value, kpi},
                     [&](const store::Row& row) { last = {row.integer(0), row.integer(1), row.integer(2)}; });
    }));
    if (!last) return Error(ErrorCode::conflict, "ticket id " + std::to_string(after.value) + " no longer counts in `" + kpi + "`", "begin with the first page again");
  }
  const bool on = last && last->at >= to_ns(period.first);
  std::string sql = std::string("SELECT ticket FROM ticket_measure WHERE kpi = ? AND at < ? AND ") + which +
                    (on ? " AND (at, num, den, ticket) > (?, ?, ?, ?)" : " AND at >= ?");
  std::vector<store::Bind> binds{kpi, period.last};
  if (on) binds.insert(binds.end(), {last->at, last->num, last->den, after.value});
  else binds.emplace_back(period.first);
  if (by != GroupBy::none) {
    sql += std::string(" AND ") + column(by) + " = ?";
    binds.emplace_back(group);
  }
  sql += " ORDER BY at, num, den, ticket LIMIT ?";
  binds.emplace_back(limit);
  std::vector<TicketId> out;
  HOTLINE_TRY(service_.database().read([&](store::Transaction& t) {
    return t.query(sql, binds, [&](const store::Row& row) { out.push_back(TicketId{static_cast<std::uint64_t>(row.integer(0))}); });
  }));
  return out;
}

Result<int> Kpis::publish(const std::string& kpi, const Period& period, Time at) {
  HOTLINE_ASSIGN(const auto now, figures(kpi, period));
  int revision = 0;
  const Status status = service_.database().write([&](store::Transaction& t) -> Status {
    revision = 0;
    bool same = false;
    HOTLINE_TRY(t.query("SELECT revision, num, den FROM ticket_figure WHERE kpi = ? AND first = ? AND last = ? ORDER BY revision",
                        {kpi, period.first, period.last}, [&](const store::Row& row) {
                          revision = static_cast<int>(row.integer(0));
                          same = row.integer(1) == now[0].numerator && row.integer(2) == now[0].denominator;
                        }));
    if (same) return {};
    return t.post("INSERT INTO ticket_figure (kpi, first, last, revision, at, num, den) VALUES (?, ?, ?, ?, ?, ?, ?)",
                  {kpi, period.first, period.last, ++revision, at, now[0].numerator, now[0].denominator});
  });
  if (!status.ok()) return status.error();
  return revision;
}

Result<std::uint64_t> Kpis::recount(const std::function<void(std::uint64_t)>& progress) {
  const auto& impl = service_.impl();
  std::uint64_t done = 0, last = 0;
  for (;;) {
    std::size_t seen = 0;
    const Status status = service_.database().write([&](store::Transaction& t) -> Status {
      std::vector<TicketId> ids;
      HOTLINE_TRY(t.query("SELECT id FROM ticket WHERE id > ? ORDER BY id LIMIT 500", {last},
                          [&](const store::Row& row) { ids.push_back(TicketId{static_cast<std::uint64_t>(row.integer(0))}); }));
      for (const TicketId id : ids) {
        HOTLINE_ASSIGN(Loaded ticket, impl.load(t, id));
        HOTLINE_TRY(t.post("DELETE FROM ticket_measure WHERE ticket = ?", {id.value}));
        HOTLINE_TRY(impl.keep_measures(t, ticket, nullptr, nullptr));
      }
      seen = ids.size();
      if (seen > 0) last = ids.back().value;
      return {};
    });
    if (!status.ok()) return status.error();
    if (seen == 0) return done;
    done += seen;
    if (progress) progress(done);
  }
}

}  // namespace hotline::ticket
