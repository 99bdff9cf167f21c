#include <algorithm>
#include <cmath>
#include <cstdio>

#include "hotline/base/json.hpp"
#include "hotline/sim/result.hpp"

namespace hotline::sim {
namespace {

// A figure is a ratio of sums of counts; "time" and "one" are not counts.
struct Term {
  int sign;
  Count count;
};
struct Figure {
  std::string_view name;
  std::vector<Term> above, below;
  enum class Below : std::uint8_t { counts, seconds, rows } kind = Below::counts;
};

const std::vector<Figure>& figures() {
  using enum Count;
  static const std::vector<Figure> all = {
      {"p_wait", {{1, queued}}, {{1, offered}}},
      {"p_abandon", {{1, abandoned}}, {{1, offered}}},
      {"p_blocked", {{1, blocked}}, {{1, offered}}},
      {"p_answered", {{1, answered}}, {{1, offered}}},
      {"p_ivr_finished", {{1, in_ivr_finished}}, {{1, offered}}},
      {"mean_wait_all_s", {{1, wait}}, {{1, answered}, {1, abandoned}}},
      {"asa_s", {{1, wait_answered}}, {{1, answered}}},
      {"mean_wait_of_delayed_s", {{1, wait}}, {{1, queued}}},
      {"mean_handling_s", {{1, handling}}, {{1, answered}}},
      {"sl_offered", {{1, within}}, {{1, offered}}},
      {"sl_excluding_short_abandons", {{1, within}}, {{1, offered}, {-1, abandoned_within}, {-1, blocked}, {-1, in_ivr_finished}, {-1, in_ivr_left}}},
      {"sl_answered_only", {{1, within}}, {{1, answered}}},
      {"p_abandon_within_T", {{1, abandoned_within}}, {{1, offered}}},
      {"p_served_within_T", {{1, within}}, {{1, offered}}},
      {"mean_queue", {{1, wait}}, {}, Figure::Below::seconds},
      {"offered", {{1, offered}}, {}, Figure::Below::rows},
      {"answered", {{1, answered}}, {}, Figure::Below::rows},
      {"abandoned", {{1, abandoned}}, {}, Figure::Below::rows},
      {"blocked", {{1, blocked}}, {}, Figure::Below::rows},
      {"within", {{1, within}}, {}, Figure::Below::rows},
      {"callbacks", {{1, callbacks}}, {}, Figure::Below::rows},
      {"redials", {{1, redials}}, {}, Figure::Below::rows},
      {"unfinished", {{1, unfinished}}, {}, Figure::Below::rows},
  };
  return all;
}

std::size_t index_of(const std::vector<std::string>& names, std::string_view name) {
  return static_cast<std::size_t>(std::find(names.begin(), names.end(), name) - names.begin());
}

}  // namespace

std::vector<std::string> Report::column_names() const {
  std::vector<std::string> names;
  for (const auto& s : streams)
    for (std::size_t c = 0; c < kCounts; ++c) names.push_back(s + "." + std::string(to_string(static_cast<Count>(c))));
  for (const auto& s : streams)
    for (const auto& t : teams) names.push_back(s + ".answered_by." + t);
  const auto work = [&](const std::string& who) {
    for (const char* w : {".busy_s", ".on_duty_s", ".answered"}) names.push_back(who + w);
  };
  for (const auto& t : teams) work(t);
  for (const auto& a : agents) work(a);
  for (const auto& t : tickets)
    for (const char* what : {".opened", ".closed", ".overdue", ".open_s", ".acts", ".refused"}) names.push_back(t + what);
  return names;
}

std::vector<double> Report::values(std::size_t column) const {
  std::vector<double> out(rows());
  for (std::size_t r = 0; r < rows(); ++r) out[r] = at(r, column);
  return out;
}

std::vector<double> Report::batches(const std::vector<std::size_t>& columns) const {
  const bool by_replication = replications > 1;
  std::vector<double> out(by_replication ? replications : intervals, 0.0);
  for (std::size_t r = 0; r < rows(); ++r)
    for (const std::size_t c : columns) out[by_replication ? r / intervals : r] += at(r, c);
  return out;
}

double Report::total(std::size_t column) const {
  double sum = 0;
  for (std::size_t r = 0; r < rows(); ++r) sum += at(r, column);
  return sum;
}

Estimate Report::figure_of(const std::vector<std::size_t>& which, std::string_view name, bool* known) const {
  for (const Figure& f : figures()) {
    if (f.name != name) continue;
    if (known != nullptr) *known = true;
    const auto sum = [&](const std::vector<Term>& terms) {
      std::vector<double> out;
      for (const Term& t : terms) {
        std::vector<std::size_t> columns;
        for (const std::size_t s : which) columns.push_back(column(s, t.count));
        const auto part = batches(columns);
        out.resize(part.size());
        for (std::size_t i = 0; i < part.size(); ++i) out[i] += t.sign * part[i];
      }
      return out;
    };
    const auto above = sum(f.above);
    const bool by_replication = replications > 1;
    if (f.kind == Figure::Below::counts) return ratio_of(above, sum(f.below));
    const double seconds = by_replication ? interval_s * intervals : interval_s;
    return ratio_of(above, std::vector<double>(above.size(), f.kind == Figure::Below::seconds ? seconds : 1.0));
  }
  if (known != nullptr) *known = false;
  return {};
}

Result<Estimate> Report::figure(std::string_view name) const {
  const auto unknown = [&] {
    return Error(ErrorCode::not_found, "no figure `" + std::string(name) + "`",
                 "figures are <stream|all>.<p_wait, sl_offered, …>, <stream>.share.<team>, <team|agent>.occupancy, <agent>.call_share");
  };
  const auto dot = name.rfind('.');
  if (dot == std::string_view::npos) return unknown();
  const std::string_view who = name.substr(0, dot), what = name.substr(dot + 1);
  std::vector<std::size_t> which;
  if (who == "all")
    for (std::size_t s = 0; s < streams.size(); ++s) which.push_back(s);
  else if (const auto s = index_of(streams, who); s < streams.size()) which.push_back(s);
  if (!which.empty()) {
    bool known = false;
    const Estimate e = figure_of(which, what, &known);
    if (known) return e;
  }
  if (what == "occupancy" || what == "answered" || what == "call_share") {
    const std::size_t t = index_of(teams, who), a = index_of(agents, who);
    if (t == teams.size() && a == agents.size() && who != "all") return unknown();
    const auto columns = [&](Work work) {
      std::vector<std::size_t> out;
      if (who == "all")
        for (std::size_t i = 0; i < teams.size(); ++i) out.push_back(team_column(i, work));
      else out.push_back(t < teams.size() ? team_column(t, work) : agent_column(a, work));
      return out;
    };
    if (what == "occupancy") return ratio_of(batches(columns(Work::busy)), batches(columns(Work::on_duty)));
    if (what == "answered") return mean_of(batches(columns(Work::answered)));
    std::vector<std::size_t> all;
    for (std::size_t i = 0; i < streams.size(); ++i) all.push_back(column(i, Count::answered));
    return ratio_of(batches(columns(Work::answered)), batches(all));
  }
  if (const std::size_t t = index_of(tickets, who); t < tickets.size()) {
    const auto of = [&](TicketCount c) { return batches({ticket_column(t, c)}); };
    if (what == "opened") return mean_of(of(TicketCount::opened));
    if (what == "closed") return mean_of(of(TicketCount::closed));
    if (what == "refused") return mean_of(of(TicketCount::refused));
    if (what == "p_closed") return ratio_of(of(TicketCount::closed), of(TicketCount::opened));
    if (what == "p_overdue") return ratio_of(of(TicketCount::overdue), of(TicketCount::opened));
    if (what == "mean_open_s") return ratio_of(of(TicketCount::open_time), of(TicketCount::closed));
  }
  const auto share = who.rfind(".share");  // <stream>.share.<team>
  if (share != std::string_view::npos && share + 6 == who.size()) {
    const std::size_t s = index_of(streams, who.substr(0, share)), t = index_of(teams, what);
    if (s < streams.size() && t < teams.size()) return ratio_of(batches({share_column(s, t)}), batches({column(s, Count::offered)}));
  }
  return unknown();
}

std::vector<std::string> Report::figure_names() const {
  std::vector<std::string> names;
  std::vector<std::string> who = streams;
  if (streams.size() != 1) who.push_back("all");
  for (const auto& s : who)
    for (const Figure& f : figures()) names.push_back(s + "." + std::string(f.name));
  if (teams.size() > 1)
    for (const auto& s : streams)
      for (const auto& t : teams) names.push_back(s + ".share." + t);
  for (const auto& t : teams) names.push_back(t + ".occupancy");
  for (const auto& a : agents) names.push_back(a + ".occupancy"), names.push_back(a + ".call_share");
  for (const auto& t : tickets)
    for (const char* f : {".opened", ".closed", ".p_closed", ".p_overdue", ".mean_open_s", ".refused"}) names.push_back(t + f);
  return names;
}

namespace {

double safe(double above, double below) { return below > 0 ? above / below : 0; }

void append(std::string& out, const char* format, double value) {
  char buffer[64];
  std::snprintf(buffer, sizeof buffer, format, value);
  out += buffer;
}

}  // namespace

std::string Report::to_csv() const {
  std::string out = "interval,start_s,stream,offered,answered,abandoned,blocked,sl_offered,sl_excluding_short_abandons,sl_answered_only,asa_s,occupancy\n";
  for (std::size_t i = 0; i < intervals; ++i) {
    const auto mean = [&](std::size_t column) {
      double sum = 0;
      for (std::size_t r = 0; r < replications; ++r) sum += at(r * intervals + i, column);
      return sum / std::max(1u, replications);
    };
    double busy = 0, duty = 0;
    for (std::size_t t = 0; t < teams.size(); ++t) busy += mean(team_column(t, Work::busy)), duty += mean(team_column(t, Work::on_duty));
    for (std::size_t s = 0; s < streams.size(); ++s) {
      const auto count = [&](Count c) { return mean(column(s, c)); };
      out += std::to_string(i) + "," + std::to_string(static_cast<long long>(static_cast<double>(i) * interval_s)) + "," + streams[s];
      const double offered = count(Count::offered), within = count(Count::within);
      const double values[] = {offered, count(Count::answered), count(Count::abandoned), count(Count::blocked), safe(within, offered),
                               safe(within, offered - count(Count::abandoned_within) - count(Count::blocked)),
                               safe(within, count(Count::answered)), safe(count(Count::wait_answered), count(Count::answered)), safe(busy, duty)};
      for (const double v : values) append(out, ",%.6g", v);
      out += '\n';
    }
  }
  return out;
}

std::string Report::to_json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("replications", replications).field("intervals", intervals).field("interval_s", interval_s);
  json.field("threshold_s", threshold_s).field("contacts", contacts).field("decisions", decisions);
  json.key("figures").begin_object();
  for (const std::string& name : figure_names()) {
    const auto e = figure(name);
    if (!e.ok()) continue;
    json.key(name).begin_object().field("value", e->value).field("low", e->low()).field("high", e->high()).end_object();
  }
  json.end_object().key("waits").begin_object();
  for (std::size_t s = 0; s < streams.size() && s < waits.size(); ++s) {
    json.key(streams[s]).begin_object();
    for (const double q : {0.5, 0.8, 0.9, 0.95, 0.99}) json.field("p" + std::to_string(static_cast<int>(q * 100 + 0.5)), waits[s].quantile_s(q));
    json.field("max", waits[s].max_s()).end_object();
  }
  json.end_object().end_object();
  return out;
}

std::string Report::to_text() const {
  std::string out;
  char line[256];
  std::snprintf(line, sizeof line, "%-20s %10s %10s %8s %8s %18s %16s %8s %8s\n", "stream", "offered", "answered", "aband.", "blocked",
                "answered in T", "mean wait", "p90", "max");
  out += line;
  std::vector<std::string> who = streams;
  if (streams.size() > 1) who.push_back("all");
  for (std::size_t i = 0; i < who.size(); ++i) {
    const auto get = [&](const char* f) { return *figure(who[i] + "." + f); };
    const Estimate sl = get("sl_offered"), wait = get("mean_wait_all_s");
    WaitHistogram h;
    for (std::size_t s = 0; s < streams.size(); ++s)
      if (who[i] == "all" || s == i) h.merge(waits[s]);
    std::snprintf(line, sizeof line, "%-20s %10.1f %10.1f %7.2f%% %7.2f%% %8.2f%% ± %5.2f%% %7.1f ± %5.1fs %7.1fs %7.1fs\n", who[i].c_str(),
                  get("offered").value, get("answered").value, 100 * get("p_abandon").value, 100 * get("p_blocked").value,
                  100 * sl.value, 100 * sl.half_width, wait.value, wait.half_width, h.quantile_s(0.9), h.max_s());
    out += line;
  }
  for (const auto& t : teams) {
    const Estimate e = *figure(t + ".occupancy");
    std::snprintf(line, sizeof line, "team %-15s occupancy %6.2f%% ± %.2f%%\n", t.c_str(), 100 * e.value, 100 * e.half_width);
    out += line;
  }
  for (const auto& t : tickets) {
    const Estimate overdue = *figure(t + ".p_overdue"), open = *figure(t + ".mean_open_s");
    std::snprintf(line, sizeof line, "tickets %-12s %10.1f opened, %5.1f%% closed after %7.2f ± %.2f h, %6.2f%% ± %.2f%% overdue, %.1f acts refused\n", t.c_str(),
                  figure(t + ".opened")->value, 100 * figure(t + ".p_closed")->value, open.value / 3600, open.half_width / 3600,
                  100 * overdue.value, 100 * overdue.half_width, figure(t + ".refused")->value);
    out += line;
  }
  return out;
}

}  // namespace hotline::sim
