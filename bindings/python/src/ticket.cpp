#include "bind.hpp"
#include "hotline/ticket/audit.hpp"
#include "hotline/ticket/document.hpp"
#include "hotline/ticket/exchange.hpp"
#include "hotline/ticket/kpi.hpp"
#include "hotline/ticket/open.hpp"
#include "hotline/ticket/open311.hpp"
#include "hotline/ticket/search.hpp"
#include "hotline/ticket/text_command.hpp"

using namespace hotline;
using namespace hotline::ticket;

namespace {

py::dict to_dict(const Ticket& k) {
  py::dict d;
  d["ticket"] = k.id.value, d["number"] = k.number, d["registry"] = k.registry, d["version"] = k.version, d["state"] = k.state;
  d["channel"] = k.channel, d["kind"] = k.kind, d["category"] = k.category, d["area"] = k.area, d["level"] = k.level;
  d["title"] = k.title, d["content"] = k.content, d["place"] = k.place, d["unit"] = k.unit, d["reply"] = k.reply, d["overdue"] = k.overdue;
  d["created_at"] = to_ns(k.created_at), d["updated_at"] = to_ns(k.updated_at);
  d["due"] = k.due ? py::object(py::int_(to_ns(*k.due))) : py::none();
  d["closed_at"] = k.closed_at ? py::object(py::int_(to_ns(*k.closed_at))) : py::none();
  return d;
}

py::dict to_dict(const Figure& f) {
  py::dict d;
  d["group"] = f.group, d["first"] = to_ns(f.period.first), d["last"] = to_ns(f.period.last);
  d["numerator"] = f.numerator, d["denominator"] = f.denominator, d["suppressed"] = f.suppressed, d["workdays"] = f.workdays;
  return d;
}

template <class Names>
std::size_t index_of(std::string_view name, const Names& names, const char* what) {
  for (std::size_t i = 0; i < std::size(names); ++i)
    if (names[i] == name) return i;
  hotline::python::raise(Error(ErrorCode::invalid_argument, "no " + std::string(what) + " `" + std::string(name) + "`"));
}
constexpr std::string_view kUnits[] = {"day", "week", "month", "quarter", "year"};
constexpr std::string_view kGroups[] = {"none", "unit", "category", "area", "channel"};
constexpr std::string_view kParts[] = {"numerator", "denominator", "rest"};

}  // namespace

void bind_ticket(py::module_& module) {
  using namespace hotline::python;
  module.def("verify", [](const std::string& url) {
    const Verification v = [&] {
      const py::gil_scoped_release unlocked;
      auto database = store::Database::open(url);
      return database.ok() ? verify(*database) : Result<Verification>(database.error());
    }().value();
    py::list findings;
    for (const auto& f : v.findings) findings.append(py::make_tuple(f.ticket.value, f.version, f.what));
    return py::make_tuple(v.tickets, v.events, v.anchors, v.not_anchored, findings);
  });
  py::class_<Open311Server>(module, "Open311Server").def_property_readonly("port", &Open311Server::port).def("stop", [](Open311Server& s) {
    const py::gil_scoped_release unlocked;
    s.stop();
  });
  py::class_<Service>(module, "Service")
      .def(py::init([](const std::string& url, const std::string& options) { return unwrap(open_service(url, options)); }), py::arg("url"),
           py::arg("options") = "")
      .def("apply",
           [](Service& s, std::string_view verb, std::string_view fields, std::int64_t at) {
             return unwrap([&] {
               const py::gil_scoped_release unlocked;
               return apply_text(s, verb, fields, to_time(at));
             }());
           },
           py::arg("verb"), py::arg("fields"), py::arg("at"))
      .def("next_timer",
           [](const Service& s) -> std::optional<std::int64_t> {
             const auto next = unwrap(s.next_timer());
             return next ? std::optional(to_ns(*next)) : std::nullopt;
           })
      .def("document", [](const Service& s, std::uint64_t ticket, std::string_view kind, std::string_view format, std::string_view language) {
             return py::bytes(unwrap(document(s, TicketId{ticket}, kind, format, language)));
           }, py::arg("ticket"), py::arg("kind") = "ticket", py::arg("format") = "html", py::arg("language") = "zh")
      .def("export", [](const Service& s, std::string_view format) {
             std::string out;
             unwrap(export_log(s, format, [&](std::string_view part) { out += part; }));
             return out;
           }, py::arg("format"))
      .def("import_csv", [](Service& s, std::string_view csv, std::string_view file, std::int64_t now) {
             return unwrap(import_csv(s, csv, file, {"import", {"agent"}, ""}, to_time(now)));
           }, py::arg("csv"), py::arg("file"), py::arg("now"))
      .def("import_jsonl", [](Service& s, std::string_view lines, std::string_view file, std::int64_t now) {
             return unwrap(import_jsonl(s, lines, file, {"import", {"agent"}, ""}, to_time(now)));
           }, py::arg("lines"), py::arg("file"), py::arg("now"))
      .def("search", [](const Service& s, const py::dict& q, const std::string& actor, const std::vector<std::string>& roles, const std::string& unit) {
             Query query;
             const auto text = [&](const char* name) { return q.contains(name) ? py::cast<std::string>(q[name]) : std::string(); };
             query.text = text("text"), query.note = text("note"), query.number = text("number"), query.phone = text("phone"), query.name = text("name");
             query.category = text("category"), query.area = text("area"), query.unit = text("unit"), query.channel = text("channel");
             query.kind = text("kind"), query.level = text("level"), query.after = text("after");
             if (q.contains("states")) query.states = py::cast<std::vector<std::string>>(q["states"]);
             if (q.contains("limit")) query.limit = py::cast<int>(q["limit"]);
             if (q.contains("open")) query.open = py::cast<bool>(q["open"]);
             if (q.contains("overdue")) query.overdue = py::cast<bool>(q["overdue"]);
             const Page page = unwrap(Desk(s).search({actor, roles, unit}, query));
             py::list out;
             for (const auto& ticket : page.tickets) out.append(to_dict(ticket));
             return py::make_tuple(out, page.next);
           }, py::arg("query"), py::arg("actor"), py::arg("roles"), py::arg("unit") = "")
      .def("kpis", [](const Service& s) {
             py::list out;
             for (const auto& k : Kpis(s).list()) out.append(py::make_tuple(k.name, k.label_zh, k.label_en, k.period, k.version));
             return out;
           })
      .def("figures", [](const Service& s, const std::string& kpi, std::string_view unit, std::int64_t at, std::string_view by, std::int64_t suppress) {
             const Kpis kpis(s);
             const auto period = kpis.period(static_cast<PeriodUnit>(index_of(unit, kUnits, "period")), to_time(at));
             py::list out;
             for (const auto& f : unwrap(kpis.figures(kpi, period, static_cast<GroupBy>(index_of(by, kGroups, "grouping")), suppress))) out.append(to_dict(f));
             return out;
           }, py::arg("kpi"), py::arg("unit"), py::arg("at"), py::arg("by") = "none", py::arg("suppress_below") = 0)
      .def("compare", [](const Service& s, const std::string& kpi, std::string_view unit, std::int64_t at) {
             const auto c = unwrap(Kpis(s).compare(kpi, static_cast<PeriodUnit>(index_of(unit, kUnits, "period")), to_time(at)));
             return py::make_tuple(to_dict(c.now), to_dict(c.before), to_dict(c.year_before));
           }, py::arg("kpi"), py::arg("unit"), py::arg("at"))
      .def("drill_down", [](const Service& s, const std::string& kpi, std::string_view unit, std::int64_t at, std::string_view part, std::uint64_t after, int limit) {
             const Kpis kpis(s);
             std::vector<std::uint64_t> out;
             for (const TicketId id : unwrap(kpis.drill_down(kpi, kpis.period(static_cast<PeriodUnit>(index_of(unit, kUnits, "period")), to_time(at)),
                                                             static_cast<Part>(index_of(part, kParts, "part")), TicketId{after}, limit)))
               out.push_back(id.value);
             return out;
           }, py::arg("kpi"), py::arg("unit"), py::arg("at"), py::arg("part") = "numerator", py::arg("after") = 0, py::arg("limit") = 100)
      .def("state", [](const Service& s, std::uint64_t ticket) { return unwrap(s.state_json(TicketId{ticket})); }, py::arg("ticket"))
      .def("serve_open311", [](const Service& s, std::string_view services, int port) {
             return unwrap(Open311Server::start(s, unwrap(Open311Options::parse(services, "services")), port));
           }, py::arg("services"), py::arg("port") = 0)
      .def("backup", [](const Service& s, const std::string& path) {
             const Status status = [&] {
               const py::gil_scoped_release unlocked;
               return s.database().backup(path);
             }();
             unwrap(status);
           }, py::arg("path"));
}
