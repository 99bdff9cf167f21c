#include "hotline/wfm/reference.hpp"

#include <cmath>

#include "hotline/wfm/queueing.hpp"
#include "hotline/wfm/staffing.hpp"

namespace hotline::wfm {
namespace {

void flatten_into(const Node& node, const std::string& path, Metrics& out) {
  if (node.is_mapping()) {
    for (const auto& [key, value] : node.entries())
      flatten_into(value, path.empty() ? key.text() : path + "." + key.text(), out);
  } else if (node.is_sequence()) {
    std::size_t i = 0;
    for (const Node& item : node.items()) flatten_into(item, path + "[" + std::to_string(i++) + "]", out);
  } else if (const auto v = node.as_double(); v && !node.quoted()) {
    out.emplace_back(path, *v);
  }
}

// Numbers of a model by name.
class Model {
 public:
  explicit Model(const Node& node) : node_(node) {}
  bool has(std::string_view key) const {
    const Node* n = node_.find(key);
    return n != nullptr && !n->is_null();
  }
  double number(std::string_view key, double otherwise = 0) const {
    const Node* n = node_.find(key);
    return n == nullptr ? otherwise : n->as_double().value_or(otherwise);
  }
  std::vector<double> numbers(std::string_view key) const {
    std::vector<double> out;
    if (const Node* n = node_.find(key))
      for (const Node& item : n->items()) out.push_back(item.as_double().value_or(0));
    return out;
  }
  const Node* find(std::string_view key) const { return node_.find(key); }
  std::string text(std::string_view key) const {
    const Node* n = node_.find(key);
    return n == nullptr ? "" : n->text();
  }

  Traffic traffic() const {
    Traffic t{number("lambda_per_s"), number("aht_s"), number("mean_patience_s", kPatient), {}};
    if (has("capacity_total")) t.capacity = static_cast<long>(number("capacity_total"));
    else if (has("waiting_room")) t.capacity = static_cast<long>(number("waiting_room")) + servers();
    return t;
  }
  int servers() const { return static_cast<int>(number("servers")); }

 private:
  const Node& node_;
};

void add(Metrics& out, const std::string& path, const Performance& p) {
  const auto put = [&](const char* name, double value) { out.emplace_back(path + name, value); };
  put("offered_load", p.offered_load);
  put("p_wait", p.p_wait);
  put("p_abandon", p.p_abandon);
  put("p_blocked", p.p_blocked);
  put("p_block", p.p_blocked);
  put("mean_queue", p.mean_queue);
  put("mean_wait_all_s", p.mean_wait_s);
  put("mean_wait_s", p.mean_wait_s);
  put("asa_s", p.mean_wait_s);
  put("mean_wait_of_delayed_s", p.mean_wait_of_delayed_s);
  put("occupancy", p.occupancy);
  put("p_served_within_T", p.p_served_within);
  put("p_abandon_within_T", p.p_abandon_within);
  put("service_level", p.sl_offered);
  put("sl_offered", p.sl_offered);
  put("sl_excluding_short_abandons", p.sl_excluding_short_abandons);
  put("sl_answered_only", p.sl_answered_only);
}

Result<std::optional<Metrics>> done(Metrics metrics) { return std::optional<Metrics>(std::move(metrics)); }

Result<std::optional<Metrics>> time_varying_model(const Model& m) {
  std::vector<Period> periods;
  for (const Node& item : m.find("periods")->items()) {
    const Model p(item);
    periods.push_back({p.number("duration_s"), p.number("lambda_per_s"), p.servers()});
  }
  HOTLINE_ASSIGN(const auto results, time_varying(periods, m.number("aht_s"), m.number("mean_patience_s", kPatient)));
  Metrics out;
  for (std::size_t i = 0; i < results.size(); ++i) {
    const std::string path = "periods[" + std::to_string(i) + "].";
    const PeriodPerformance& r = results[i];
    out.emplace_back(path + "arrivals", r.arrivals);
    out.emplace_back(path + "abandons", r.abandons);
    out.emplace_back(path + "served", r.served);
    out.emplace_back(path + "mean_queue", r.mean_queue);
    out.emplace_back(path + "mean_busy", r.mean_busy);
    out.emplace_back(path + "end_mean_queue", r.end_mean_queue);
    out.emplace_back(path + "end_mean_busy", r.end_mean_busy);
  }
  return done(std::move(out));
}

Result<std::optional<Metrics>> search_model(const Model& m) {
  Metrics out;
  if (!m.has("lambda_per_s") && m.has("offered_load")) {
    HOTLINE_ASSIGN(const int lines, lines_for_blocking(m.number("offered_load"), m.number("target")));
    HOTLINE_ASSIGN(const double at, erlang_b(lines, m.number("offered_load")));
    out.emplace_back("servers", lines);
    out.emplace_back("p_block", at);
    if (lines > 0) {
      HOTLINE_ASSIGN(const double less, erlang_b(lines - 1, m.number("offered_load")));
      out.emplace_back("p_block_one_less", less);
    }
    return done(std::move(out));
  }
  const std::string metric = m.has("metric") ? m.text("metric") : "sl_offered";
  const auto goal = goal_from(metric);
  if (!goal) return Error(ErrorCode::invalid_definition, "unknown metric `" + metric + "`", "use sl_offered, sl_excluding_short_abandons, sl_answered_only, mean_wait, abandonment or blocking");
  Target target;
  target.goal = *goal;
  target.value = m.number("target");
  target.threshold_s = m.number("sl_threshold_s", 0);
  HOTLINE_ASSIGN(const Staffing s, staff(m.traffic(), target));
  out.emplace_back("servers", s.servers);
  out.emplace_back("servers_fractional", s.fractional);
  add(out, "", s.performance);
  Metrics less;
  add(less, "", s.one_less);
  for (auto& [name, value] : less) out.emplace_back(name + "_one_less", value);
  return done(std::move(out));
}

Result<std::optional<Metrics>> one_queue_model(const Model& m) {
  const double threshold = m.number("sl_threshold_s", 0);
  Metrics out;
  if (const Node* patience = m.find("patience"); patience != nullptr && !m.has("capacity_total") && !m.has("waiting_room")) {
    Diagnostics diagnostics;
    const Distribution d = read_distribution(*patience, diagnostics, "patience");
    HOTLINE_TRY(diagnostics.status());
    HOTLINE_ASSIGN(const Performance p, mmn_g(m.number("lambda_per_s"), m.number("aht_s"), m.servers(), d, threshold));
    add(out, "", p);
    return done(std::move(out));
  }
  if (m.has("patience")) return std::optional<Metrics>();
  HOTLINE_ASSIGN(const Performance p, erlang_a(m.traffic(), m.servers(), threshold));
  add(out, "", p);
  return done(std::move(out));
}

}  // namespace

Metrics flatten(const Node& node) {
  Metrics out;
  flatten_into(node, "", out);
  return out;
}

Result<std::optional<Metrics>> evaluate(std::string_view, const Node& model) {
  if (!model.is_mapping()) return Error(ErrorCode::invalid_definition, "a model is a mapping", "see docs/wfm.md, Reference files");
  const Model m(model);
  const Node* lambda = m.find("lambda_per_s");
  if (m.has("periods") && m.find("periods")->is_sequence()) {
    if (m.has("patience") || m.has("service")) return std::optional<Metrics>();
    return time_varying_model(m);
  }
  if (m.has("target")) return search_model(m);
  if (lambda == nullptr) {
    if (!m.has("offered_load") || !m.has("servers")) return std::optional<Metrics>();
    HOTLINE_ASSIGN(const double blocked, erlang_b(m.number("servers"), m.number("offered_load")));
    return done({{"p_block", blocked}, {"p_blocked", blocked}});
  }
  if (!m.has("servers")) return std::optional<Metrics>();
  for (const char* key : {"service", "service_dist", "patience_dist"})  // in words, or by class: simulated
    if (const Node* n = m.find(key); n != nullptr && !n->is_null() && !(n->is_mapping() && std::string_view(key) == "service") && n->text() != "exponential")
      return std::optional<Metrics>();
  if (const Node* n = m.find("patience"); n != nullptr && !n->is_mapping()) return std::optional<Metrics>();
  if (const Node* service = m.find("service"); service != nullptr && service->is_mapping()) {
    if (service->find("mean_s") == nullptr && service->find("mean") == nullptr && service->find("dist") != nullptr &&
        service->find("dist")->text() != "deterministic" && service->find("dist")->text() != "uniform")
      return std::optional<Metrics>();  // a shape only: simulated with the model's aht_s
    Diagnostics diagnostics;
    const Distribution d = read_distribution(*service, diagnostics, "service");
    HOTLINE_TRY(diagnostics.status());
    const bool plain = !m.has("mean_patience_s") && !m.has("patience") && !m.has("capacity_total") && !m.has("waiting_room");
    if (m.servers() != 1 || !plain || lambda->is_sequence() || m.has("sl_threshold_s")) return std::optional<Metrics>();
    HOTLINE_ASSIGN(const Performance p, mg1(m.number("lambda_per_s"), d));
    Metrics out;
    add(out, "", p);
    return done(std::move(out));
  }
  if (lambda->is_scalar()) return one_queue_model(m);
  const Node* aht = m.find("aht_s");
  if (m.has("mean_patience_s") || m.has("patience") || m.has("capacity_total") || m.has("waiting_room") || aht == nullptr || !aht->is_scalar())
    return std::optional<Metrics>();
  HOTLINE_ASSIGN(const auto classes, priorities(m.numbers("lambda_per_s"), m.number("aht_s"), m.servers(), m.number("sl_threshold_s", 0)));
  Metrics out;
  for (std::size_t i = 0; i < classes.size(); ++i) add(out, "classes[" + std::to_string(i) + "].", classes[i]);
  return done(std::move(out));
}

}  // namespace hotline::wfm
