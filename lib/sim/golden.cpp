#include "hotline/sim/golden.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "hotline/base/json.hpp"
#include "hotline/wfm/reference.hpp"

namespace hotline::sim {
namespace {

// Our name of a metric that has several.
std::string usual(const std::string& metric) {
  for (const auto& [theirs, ours] : {std::pair("mean_service_s", "mean_handling_s"), {"service_level", "sl_offered"}, {"mean_wait_s", "mean_wait_all_s"}, {"p_block", "p_blocked"}})
    if (metric == theirs) return ours;
  return metric;
}

// "classes[0].share_by_pool[1]" -> "c0.share.p1"; "" where the simulator has no such figure.
std::string figure_of(std::string metric) {
  const auto number = [&](std::string_view prefix, std::string_view rest_starts, std::string* rest) -> std::string {
    if (!metric.starts_with(prefix)) return "";
    const auto end = metric.find_first_not_of("0123456789", prefix.size());
    if (end == prefix.size()) return "";
    const std::string tail = end == std::string::npos ? "" : metric.substr(end);
    if (!tail.starts_with(rest_starts)) return "";
    *rest = tail.substr(rest_starts.size());
    return metric.substr(prefix.size(), (end == std::string::npos ? metric.size() : end) - prefix.size());
  };
  std::string rest;
  if (const auto c = number("classes[", "].", &rest); !c.empty()) metric = "c" + c + "." + rest;
  if (const auto p = number("pools[", "].", &rest); !p.empty()) return "p" + p + "." + rest;
  if (const auto a = number("agent_occupancy[", "]", &rest); !a.empty()) return "a" + a + ".occupancy";
  if (const auto a = number("agent_call_share[", "]", &rest); !a.empty()) return "a" + a + ".call_share";
  if (const auto g = number("g", ".", &rest); !g.empty()) return "p" + g + "." + rest;
  if (const auto c = number("c", ".", &rest); !c.empty()) {
    const auto share = rest.find("share");
    if (share == 0) {
      const auto digits = rest.find_first_of("0123456789");
      if (digits == std::string::npos) return "";
      return "c" + c + ".share.p" + std::to_string(std::atoi(rest.c_str() + digits));
    }
    metric = rest;
    return "c" + c + "." + usual(rest);
  }
  if (metric.starts_with("all.")) metric = metric.substr(4);
  return "all." + usual(metric);
}

// One value a replication of the published runs' measures.
std::vector<double> per_day(const Report& r, const std::string& metric) {
  const auto sum = [&](std::size_t column, std::size_t day, std::size_t from, std::size_t to) {
    double s = 0;
    for (std::size_t i = from; i < to; ++i) s += r.at(day * r.intervals + i, column);
    return s;
  };
  const auto all = [&](std::size_t day, Count count) {
    double s = 0;
    for (std::size_t k = 0; k < r.streams.size(); ++k) s += sum(r.column(k, count), day, 0, r.intervals);
    return s;
  };
  std::vector<double> out;
  int type = -1, period = -1, group = -1;
  std::sscanf(metric.c_str(), "good_sl_type%d[%d]", &type, &period);
  std::sscanf(metric.c_str(), "occupancy_group%d", &group);
  for (std::size_t d = 0; d < r.replications; ++d) {
    if (metric == "calls_answered_within_awt") out.push_back(all(d, Count::within));
    else if (metric == "served") out.push_back(all(d, Count::answered));
    else if (metric == "abandoned") out.push_back(all(d, Count::abandoned));
    else if (metric == "service_level") out.push_back(all(d, Count::within) / std::max(1.0, all(d, Count::offered)));
    else if (metric == "asa_min") out.push_back(all(d, Count::wait) / 60 / std::max(1.0, all(d, Count::offered)));
    else if (metric == "occupancy" || (group >= 0 && group < static_cast<int>(r.teams.size()))) {
      const std::size_t g = group < 0 ? 0 : static_cast<std::size_t>(group);
      out.push_back(sum(r.team_column(g, Work::busy), d, 0, r.intervals) / std::max(1e-9, sum(r.team_column(g, Work::on_duty), d, 0, r.intervals)));
    } else if (type >= 0 && period >= 0 && type < static_cast<int>(r.streams.size()) && period < static_cast<int>(r.intervals)) {
      const auto p = static_cast<std::size_t>(period);
      out.push_back(sum(r.column(static_cast<std::size_t>(type), Count::within), d, p, p + 1));
    }
  }
  return out;
}

void compare_sample(GoldenEntry& e, const Estimate& ours, double mean, double standard_error, double limit) {
  e.value = ours.value;
  e.expected = mean;
  e.low = ours.low();
  e.high = ours.high();
  const double error = std::hypot(ours.standard_error, standard_error), distance = std::abs(e.value - mean);
  e.z = error > 0 ? (e.value - mean) / error : distance < 1e-9 ? 0 : 99;
  // Two samples overlap where their difference is within two standard errors of the difference.
  e.covered = standard_error > 0 ? std::abs(e.z) <= 1.96 : distance <= std::max(ours.half_width, 1e-9);
  e.holds = std::abs(e.z) <= limit;
}

// Leaves of `expected`: numbers, or {mean, se} / {mean, sd, n}.
void leaves(const Node& node, const std::string& path, std::vector<std::pair<std::string, const Node*>>& out) {
  if (node.is_mapping() && node.find("mean") == nullptr) {
    for (const auto& [key, value] : node.entries()) leaves(value, path.empty() ? key.text() : path + "." + key.text(), out);
  } else if (node.is_sequence()) {
    std::size_t i = 0;
    for (const Node& item : node.items()) leaves(item, path + "[" + std::to_string(i++) + "]", out);
  } else if (node.is_mapping() || node.as_double()) {
    out.emplace_back(path, &node);
  }
}

double number(const Node& node, std::string_view key) {
  const Node* n = node.find(key);
  return n == nullptr ? 0 : n->as_double().value_or(0);
}

void by_formula(GoldenCase& c, const wfm::Metrics& values, const Node& expected) {
  std::vector<std::pair<std::string, const Node*>> wanted;
  leaves(expected, "", wanted);
  for (const auto& leaf : wanted) {
    const std::string& name = leaf.first;
    const Node* node = leaf.second;
    const auto found = std::find_if(values.begin(), values.end(), [&](const auto& v) { return v.first == name; });
    GoldenEntry e;
    e.metric = name;
    e.expected = node->is_mapping() ? number(*node, "mean") : *node->as_double();
    e.value = e.low = e.high = found == values.end() ? std::nan("") : found->second;
    e.covered = e.holds = std::abs(e.value - e.expected) <= 1e-9 * std::max(1.0, std::abs(e.expected));
    c.entries.push_back(std::move(e));
  }
  c.how = "formula";
}

Status by_simulation(GoldenCase& c, const Node& model, const Node& expected, const GoldenOptions& options) {
  HOTLINE_ASSIGN(const GoldenModel g, golden_model(model, options));
  HOTLINE_ASSIGN(const Report report, run(g.model, g.plan, options.threads));
  c.how = "simulated " + std::to_string(report.contacts) + " contacts";
  std::vector<std::pair<std::string, const Node*>> wanted;
  leaves(expected, "", wanted);
  for (const auto& [name, node] : wanted) {
    GoldenEntry e;
    e.metric = name;
    Estimate ours;
    if (g.terminating) {
      const auto days = per_day(report, name);
      if (days.empty()) return Error(ErrorCode::unsupported, "no such measure of a day: `" + name + "`", "see docs/simulation.md");
      ours = mean_of(days);
    } else {
      HOTLINE_ASSIGN(ours, report.figure(figure_of(name)));
    }
    if (!node->is_mapping()) compare_sample(e, ours, *node->as_double(), 0, 4);
    else if (node->find("se") != nullptr) compare_sample(e, ours, number(*node, "mean"), number(*node, "se"), 3.5);
    else compare_sample(e, ours, number(*node, "mean"), number(*node, "sd") / std::sqrt(std::max(1.0, number(*node, "n"))), 3.5);
    c.entries.push_back(std::move(e));
  }
  return {};
}

// Fields that nobody here reads: said in the report, since they may matter.
std::string not_understood(const Node& model) {
  static constexpr std::string_view kKnown[] = {
      "servers", "offered_load", "target", "metric", "lambda_per_s", "aht_s", "aht_s_by_class", "aht_s_class_by_pool", "aht_s_class_by_agent", "agent_aht_s",
      "agent_mean_service_s", "agent_skills", "agents", "agent_selection", "pool_agents", "class_pool_preference", "pool_class_order", "threshold_reserve", "queue",
      "waiting_room", "capacity_total", "mean_patience_s", "patience", "patience_dist", "patience_scv", "service", "service_dist", "service_scv", "scv", "sl_threshold_s",
      "order", "call_to_agent", "agent_to_call", "periods", "start", "time_unit", "lambda_per_min", "mu_per_min", "day_min", "awt_min", "stop", "period_min",
      "lambda_per_min_type_by_period", "busyness", "mu_per_min_by_period", "nu_per_min_by_period", "agents_by_group_and_period", "type_to_group",
      "group_to_type_tiebreak", "routing", "after_close"};
  std::string out;
  for (const auto& [key, value] : model.entries()) {
    const std::string& name = key.text();
    const bool pool = (name.starts_with("pool") && name.ends_with("_order")) || name.starts_with("overflow_");
    if (!pool && std::find(std::begin(kKnown), std::end(kKnown), name) == std::end(kKnown)) out += (out.empty() ? ", not understood: " : " ") + name;
  }
  return out;
}

GoldenCase run_case(const Node& node, const GoldenOptions& options) {
  GoldenCase c;
  const auto text = [&](std::string_view key) { return node.find(key) != nullptr ? node.find(key)->text() : std::string(); };
  c.id = text("id");
  c.family = text("family");
  const Node* model = node.find("model");
  const Node* expected = node.find("expected");
  if (model == nullptr || expected == nullptr) {
    c.problem = "the case has no model or no expected values; give both";
    return c;
  }
  try {
    const auto values = wfm::evaluate(c.family, *model);
    if (!values.ok()) {
      c.problem = values.error().text();
      return c;
    }
    if (*values) by_formula(c, **values, *expected);
    if (!*values || options.simulate_all) {
      GoldenCase simulated = c;
      simulated.entries.clear();
      const Status status = by_simulation(simulated, *model, *expected, options);
      if (status.ok()) {
        simulated.entries.insert(simulated.entries.end(), c.entries.begin(), c.entries.end());
        simulated.how += not_understood(*model);
        return simulated;
      }
      c.problem = status.error().text();
    }
  } catch (const Exception& problem) {
    c.problem = problem.what();
  }
  return c;
}

}  // namespace

double GoldenReport::coverage_needed() const {
  return simulated_entries == 0 ? 0 : 0.95 - 2 * std::sqrt(0.0475 / static_cast<double>(simulated_entries));
}

bool GoldenReport::accepted() const {
  for (const GoldenCase& c : cases) {
    if (!c.problem.empty()) return false;
    for (const GoldenEntry& e : c.entries)
      if (!e.holds) return false;
  }
  return coverage() >= coverage_needed();
}

Result<GoldenReport> run_golden(const Node& document, const GoldenOptions& options) {
  const Node* cases = document.find("cases");
  if (cases == nullptr || !cases->is_sequence())
    return Error(ErrorCode::invalid_definition, "the file has no `cases`", "see docs/simulation.md, Reference files");
  GoldenReport report;
  for (const Node& node : cases->items()) {
    const Node* id = node.find("id");
    if (!options.only.empty() && (id == nullptr || !id->text().starts_with(options.only))) continue;
    report.cases.push_back(run_case(node, options));
    const GoldenCase& c = report.cases.back();
    for (const GoldenEntry& e : c.entries) {
      if (e.low == e.high && e.z == 0 && (c.how == "formula" || e.value == e.low)) {
        if (c.how == "formula") ++report.formula_entries, report.formula_held += e.holds;
        else ++report.simulated_entries, report.simulated_covered += e.covered;
        continue;
      }
      ++report.simulated_entries;
      report.simulated_covered += e.covered;
      if (std::abs(e.z) > std::abs(report.largest_z)) report.largest_z = e.z, report.largest_at = c.id + " " + e.metric;
    }
    if (options.progress) options.progress(report.cases.size(), cases->items().size(), c);
  }
  return report;
}

std::string GoldenReport::to_text() const {
  std::string out;
  char line[320];
  for (const GoldenCase& c : cases) {
    out += c.id + "  (" + c.family + ", " + (c.problem.empty() ? c.how : "not run") + ")\n";
    if (!c.problem.empty()) out += "    " + c.problem + "\n";
    for (const GoldenEntry& e : c.entries) {
      std::snprintf(line, sizeof line, "    %-34s %18.12g  exact %18.12g  [%.9g, %.9g]  z %6.2f  %s%s\n", e.metric.c_str(), e.value, e.expected,
                    e.low, e.high, e.z, e.holds ? "holds" : "DOES NOT HOLD", e.covered ? "" : " (outside the 95 % interval)");
      out += line;
    }
  }
  std::snprintf(line, sizeof line,
                "%zu cases: %zu of %zu formula entries hold at 1e-9; %zu of %zu simulated entries inside their 95 %% interval (%.1f %%, needed %.1f %%); "
                "largest |z| %.2f %s\n%s\n",
                cases.size(), formula_held, formula_entries, simulated_covered, simulated_entries, 100 * coverage(), 100 * coverage_needed(),
                std::abs(largest_z), largest_at.empty() ? "" : ("at " + largest_at).c_str(), accepted() ? "accepted" : "NOT accepted");
  return out + line;
}

std::string GoldenReport::to_csv() const {
  std::string out = "case,family,metric,value,expected,low,high,z,covered,holds,how\n";
  char line[512];
  for (const GoldenCase& c : cases)
    for (const GoldenEntry& e : c.entries) {
      std::snprintf(line, sizeof line, "%s,%s,%s,%.17g,%.17g,%.17g,%.17g,%.4g,%d,%d,%s\n", c.id.c_str(), c.family.c_str(), e.metric.c_str(), e.value,
                    e.expected, e.low, e.high, e.z, e.covered, e.holds, c.how.c_str());
      out += line;
    }
  return out;
}

std::string GoldenReport::to_json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("accepted", accepted()).field("coverage", coverage()).field("coverage_needed", coverage_needed());
  json.field("largest_z", largest_z).field("largest_at", largest_at);
  json.field("formula_entries", formula_entries).field("formula_held", formula_held);
  json.field("simulated_entries", simulated_entries).field("simulated_covered", simulated_covered);
  json.key("cases").begin_array();
  for (const GoldenCase& c : cases) {
    json.begin_object().field("id", c.id).field("family", c.family).field("how", c.how);
    if (!c.problem.empty()) json.field("problem", c.problem);
    json.key("entries").begin_array();
    for (const GoldenEntry& e : c.entries)
      json.begin_object().field("metric", e.metric).field("value", e.value).field("expected", e.expected).field("low", e.low)
          .field("high", e.high).field("z", e.z).field("covered", e.covered).field("holds", e.holds).end_object();
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return out;
}

}  // namespace hotline::sim
