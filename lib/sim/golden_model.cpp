#include <algorithm>
#include <cctype>
#include <cmath>
#include <optional>

#include "hotline/sim/golden.hpp"

namespace hotline::sim {
namespace {

Error wrong(std::string message, std::string remedy) {
  return Error(ErrorCode::invalid_definition, std::move(message), std::move(remedy));
}

class Reader {
 public:
  explicit Reader(const Node& node) : node_(node) {}
  const Node* find(std::string_view key) const {
    const Node* n = node_.find(key);
    return n == nullptr || n->is_null() ? nullptr : n;
  }
  bool has(std::string_view key) const { return find(key) != nullptr; }
  double number(std::string_view key, double otherwise = 0) const {
    const Node* n = find(key);
    return n == nullptr ? otherwise : n->as_double().value_or(otherwise);
  }
  std::string text(std::string_view key) const { return has(key) ? find(key)->text() : ""; }
  // A list, or one number for everybody.
  std::vector<double> numbers(std::string_view key, std::size_t n = 1) const {
    const Node* node = find(key);
    if (node == nullptr) return {};
    if (node->is_scalar()) return std::vector<double>(n, node->as_double().value_or(0));
    return list(*node);
  }
  static std::vector<double> list(const Node& node) {
    std::vector<double> out;
    for (const Node& item : node.items()) out.push_back(item.as_double().value_or(0));
    return out;
  }

 private:
  const Node& node_;
};

bool mentions(std::string text, std::string_view word) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return text.find(word) != std::string::npos;
}

Result<acd::AgentOrder> selection(const std::string& name) {
  using acd::AgentOrder;
  if (name.empty() || mentions(name, "lisf") || mentions(name, "longest")) return AgentOrder::longest_idle;
  if (mentions(name, "misf") || mentions(name, "most recent")) return AgentOrder::shortest_idle;
  if (mentions(name, "random")) return AgentOrder::random;
  if (mentions(name, "fastest")) return AgentOrder::fastest;
  if (mentions(name, "fewest")) return AgentOrder::fewest_skills;
  return wrong("unknown agent_selection `" + name + "`", "use LISF, MISF, RANDOM, FASTEST or FEWESTSKILLS");
}

// Builds centre and streams: class k is stream and queue "c<k>", pool p team "p<p>", agent i "a<i>".
class Builder {
 public:
  Builder(const Node& node, const GoldenOptions& options) : m_(node), options_(options) {}

  Result<GoldenModel> build() {
    if (m_.has("day_min")) return day();
    if (m_.has("lambda_per_min_type_by_period")) return busy_days();
    classes_ = m_.find("lambda_per_s") != nullptr && m_.find("lambda_per_s")->is_sequence() ? m_.find("lambda_per_s")->items().size() : 1;
    if (!m_.has("lambda_per_s") || classes_ == 0) return wrong("the model has no lambda_per_s", "give calls per second, one number a class");
    HOTLINE_ASSIGN(order_, selection(m_.text("agent_selection")));
    start(classes_);
    if (m_.has("pool_agents")) HOTLINE_TRY(pools());
    else if (m_.has("agent_skills") || m_.has("agent_mean_service_s")) HOTLINE_TRY(individuals());
    else if (m_.has("agents") && mentions(m_.text("agents"), "primary")) HOTLINE_TRY(pairs());
    else if (m_.has("servers")) HOTLINE_TRY(one_pool());
    else return Error(ErrorCode::unsupported, "the model says nothing about agents", "give servers, pool_agents, agent_skills or agent_mean_service_s");
    HOTLINE_TRY(traffic());
    rooms();
    steady_plan();
    return std::move(out_);
  }

 private:
  acd::Definition& centre() { return out_.model.centre; }

  void start(std::size_t classes) {
    centre().name = "reference";
    centre().channels.push_back({.name = "voice"});
    for (std::size_t c = 0; c < classes; ++c) {
      acd::QueueDef q;
      q.name = "c" + std::to_string(c);
      q.agents = order_;
      q.auto_accept = true;
      q.key = acd::KeyRule::arrival;
      const acd::QueueId id = centre().add_queue(std::move(q));
      centre().add_skill("s" + std::to_string(c));
      Stream s;
      s.name = "c" + std::to_string(c);
      s.queue = id;
      out_.model.streams.push_back(std::move(s));
    }
  }
  static acd::QueueId queue(std::size_t c) { return acd::QueueId(static_cast<std::uint32_t>(c + 1)); }
  static acd::TeamId team(std::size_t p) { return acd::TeamId(static_cast<std::uint32_t>(p + 1)); }

  // [0, 1], ["LQF", [0, 1]] or ["FCFS", [0, 1]].
  Result<acd::TeamDef> team_def(std::size_t p, const Node* order) {
    acd::TeamDef t;
    t.name = "p" + std::to_string(p);
    t.order = acd::ContactOrder::listed;
    if (order == nullptr) return t;
    const Node* list = order;
    if (!order->items().empty() && order->items()[0].is_scalar() && !order->items()[0].as_double()) {
      const std::string& rule = order->items()[0].text();
      if (mentions(rule, "lqf") || mentions(rule, "longest")) t.order = acd::ContactOrder::longest_queue;
      else if (mentions(rule, "fcfs") || mentions(rule, "fifo")) t.order = acd::ContactOrder::first_come;
      else return wrong("unknown rule `" + rule + "` in pool_class_order", "use a list of classes, [\"LQF\", [...]] or [\"FCFS\", [...]]");
      if (order->items().size() < 2) return wrong("`" + rule + "` names no classes", "write [\"" + rule + "\", [0, 1]]");
      list = &order->items()[1];
    }
    for (const double c : Reader::list(*list)) {
      if (!(c >= 0) || c >= static_cast<double>(classes_)) return wrong("pool_class_order names a class that does not exist", "classes count from 0");
      t.serves.push_back(queue(static_cast<std::size_t>(c)));
    }
    return t;
  }

  void add_agents(std::size_t p, std::size_t n, const std::vector<acd::Membership>& queues) {
    for (std::size_t i = 0; i < n; ++i) {
      acd::AgentDef a;
      a.name = "a" + std::to_string(centre().agents.size());
      a.team = team(p);
      a.queues = queues;
      for (const auto& q : queues) a.skills.push_back({acd::SkillId(q.queue.value), 100});
      centre().add_agent(std::move(a));
      pool_of_.push_back(p);
    }
  }

  Status pools() {
    const auto sizes = m_.numbers("pool_agents");
    const Node* preference = m_.find("class_pool_preference");
    const Node* orders = m_.find("pool_class_order");
    std::vector<std::vector<std::size_t>> tiers(classes_);
    if (preference != nullptr)
      for (std::size_t c = 0; c < classes_ && c < preference->items().size(); ++c)
        for (const double p : Reader::list(preference->items()[c])) tiers[c].push_back(static_cast<std::size_t>(p));
    std::vector<std::vector<std::pair<std::size_t, double>>> overflow(classes_);
    for (const auto& [key, value] : node_entries()) overflow_of(key, value, overflow);
    const bool delayed = std::any_of(overflow.begin(), overflow.end(), [](const auto& o) { return !o.empty(); });
    if (preference == nullptr)
      for (std::size_t c = 0; c < classes_; ++c) tiers[c] = {std::min(c, sizes.size() - 1)};
    for (std::size_t p = 0; p < sizes.size(); ++p) {
      const Node* order = orders != nullptr && p < orders->items().size() ? &orders->items()[p] : m_.find("pool" + std::to_string(p) + "_order");
      HOTLINE_ASSIGN(acd::TeamDef t, team_def(p, order));
      centre().add_team(std::move(t));
      if (!(sizes[p] >= 0) || sizes[p] > 1e6) return wrong("a pool has " + std::to_string(sizes[p]) + " agents", "give 0 to a million");
      std::vector<acd::Membership> queues;
      for (std::size_t c = 0; c < classes_; ++c) {
        const auto at = std::find(tiers[c].begin(), tiers[c].end(), p);
        if (at != tiers[c].end()) queues.push_back({queue(c), static_cast<std::int32_t>(at - tiers[c].begin()) + 1, 1});
      }
      add_agents(p, static_cast<std::size_t>(sizes[p]), delayed ? std::vector<acd::Membership>() : queues);
    }
    if (delayed)
      for (std::size_t c = 0; c < classes_; ++c) delay_steps(centre().queues[c], tiers[c], overflow[c]);
    return reserves();
  }

  const std::vector<std::pair<std::string, const Node*>>& node_entries() {
    if (entries_.empty()) entries_ = m_entries();
    return entries_;
  }
  std::vector<std::pair<std::string, const Node*>> m_entries() const {
    std::vector<std::pair<std::string, const Node*>> out;
    for (const char* c = "0123456789"; *c; ++c)
      for (const char* p = "0123456789"; *p; ++p) {
        const std::string key = std::string("overflow_class") + *c + "_to_pool" + *p + "_after_s";
        if (const Node* n = m_.find(key)) out.emplace_back(key, n);
      }
    return out;
  }
  static void overflow_of(const std::string& key, const Node* value, std::vector<std::vector<std::pair<std::size_t, double>>>& out) {
    const auto c = static_cast<std::size_t>(key[14] - '0'), p = static_cast<std::size_t>(key[23] - '0');
    if (c < out.size()) out[c].emplace_back(p, value->as_double().value_or(0));
  }
  static void delay_steps(acd::QueueDef& q, const std::vector<std::size_t>& home, std::vector<std::pair<std::size_t, double>> later) {
    acd::Requirement who = acd::Requirement::nobody();
    bool first = true;
    for (const std::size_t p : home) {
      who = first ? acd::Requirement::team(team(p)) : who || acd::Requirement::team(team(p));
      first = false;
    }
    std::sort(later.begin(), later.end(), [](const auto& a, const auto& b) { return a.second < b.second; });
    double at = 0;
    for (const auto& [p, after] : later) {
      acd::StepDef step;
      step.requires_ = who;
      step.wait = Duration(static_cast<std::int64_t>(std::llround((after - at) * 1e9)));
      q.steps.push_back(std::move(step));
      at = after;
      who = acd::Requirement::team(team(p));
    }
    acd::StepDef last;
    last.requires_ = who;
    q.steps.push_back(std::move(last));
  }

  Status reserves() {
    const Node* reserve = m_.find("threshold_reserve");
    if (reserve == nullptr) return {};
    for (const auto& [key, value] : reserve->entries()) {
      const auto comma = key.text().find(',');
      const int c = std::atoi(key.text().c_str()), p = comma == std::string::npos ? -1 : std::atoi(key.text().c_str() + comma + 1);
      if (c < 0 || p < 0 || c >= static_cast<int>(classes_) || p >= static_cast<int>(centre().teams.size()))
        return wrong("threshold_reserve `" + key.text() + "` names no class and pool", "write \"class,pool\": agents");
      const auto keep = static_cast<std::uint32_t>(std::max(0.0, value.as_double().value_or(0)));
      if (keep > 0) centre().queues[static_cast<std::size_t>(c)].reserves.push_back({team(static_cast<std::size_t>(p)), keep});
    }
    return {};
  }

  acd::ContactOrder queue_rule() const {
    const std::string rule = m_.text("queue");
    if (mentions(rule, "lqf") || mentions(rule, "longest queue")) return acd::ContactOrder::longest_queue;
    if (mentions(rule, "priority")) return acd::ContactOrder::listed;
    return acd::ContactOrder::first_come;
  }

  Status individuals() {
    acd::TeamDef t;
    t.name = "p0";
    t.order = queue_rule();
    for (std::size_t c = 0; c < classes_; ++c) t.serves.push_back(queue(c));
    centre().add_team(std::move(t));
    const Node* skills = m_.find("agent_skills");
    const std::size_t n = skills != nullptr ? skills->items().size() : m_.find("agent_mean_service_s")->items().size();
    if (n == 0 || n > 100'000) return wrong("the model has no agents", "give one entry an agent");
    for (std::size_t i = 0; i < n; ++i) {
      std::vector<acd::Membership> queues;
      for (std::size_t c = 0; c < classes_; ++c) {
        bool skilled = skills == nullptr;
        if (skills != nullptr)
          for (const double s : Reader::list(skills->items()[i])) skilled = skilled || s == static_cast<double>(c);
        if (skilled) queues.push_back({queue(c), 1, 1});
      }
      add_agents(0, 1, queues);
    }
    out_.plan.agent_statistics = true;
    return {};
  }

  // So many agents for each ordered pair of a primary and a secondary skill.
  Status pairs() {
    const int each = std::atoi(m_.text("agents").c_str());
    if (each < 1 || each > 10'000) return wrong("`agents` does not begin with a number", "write \"3 per ordered (primary,secondary) skill pair\"");
    const bool tiers = !m_.has("call_to_agent") || mentions(m_.text("call_to_agent"), "primary");
    const std::string rule = m_.text("agent_to_call");
    std::size_t p = 0;
    for (std::size_t first = 0; first < classes_; ++first)
      for (std::size_t second = 0; second < classes_; ++second) {
        if (first == second) continue;
        acd::TeamDef t;
        t.name = "p" + std::to_string(p);
        t.order = rule.empty() || mentions(rule, "primary") ? acd::ContactOrder::listed
                  : mentions(rule, "lqf") || mentions(rule, "longest queue") ? acd::ContactOrder::longest_queue
                                                                             : acd::ContactOrder::first_come;
        t.serves = {queue(first), queue(second)};
        centre().add_team(std::move(t));
        add_agents(p, static_cast<std::size_t>(each), {{queue(first), 1, 1}, {queue(second), tiers ? 2 : 1, 1}});
        ++p;
      }
    return {};
  }

  Status one_pool() {
    acd::TeamDef t;
    t.name = "p0";
    t.order = classes_ > 1 && !m_.has("queue") ? acd::ContactOrder::listed : queue_rule();
    for (std::size_t c = 0; c < classes_; ++c) t.serves.push_back(queue(c));
    centre().add_team(std::move(t));
    std::vector<acd::Membership> queues;
    for (std::size_t c = 0; c < classes_; ++c) queues.push_back({queue(c), 1, 1});
    const double n = m_.number("servers");
    if (!(n >= 1) || n > 1e6) return wrong("servers must lie between 1 and a million", "give the number of agents");
    add_agents(0, static_cast<std::size_t>(n), queues);
    return {};
  }

  // The mean of class c with agent i, or 0 where he is not skilled.
  double mean_of(std::size_t c, std::size_t i) const {
    const auto at = [](const std::vector<double>& v, std::size_t k) { return k < v.size() ? v[k] : 0; };
    if (m_.has("agent_mean_service_s")) return at(m_.numbers("agent_mean_service_s"), i);
    for (const char* key : {"agent_aht_s", "aht_s_class_by_agent", "aht_s_class_by_pool"}) {
      const Node* n = m_.find(key);
      if (n == nullptr) continue;
      const std::size_t column = std::string_view(key) == "aht_s_class_by_pool" ? pool_of_[i] : i;
      if (!n->items().empty() && n->items()[0].is_sequence()) return c < n->items().size() ? at(Reader::list(n->items()[c]), column) : 0;
      return at(Reader::list(*n), column);
    }
    for (const char* key : {"aht_s_by_class", "aht_s"})
      if (m_.has(key)) return at(m_.numbers(key, classes_), c);
    if (const Node* service = m_.find("service"); service != nullptr && service->is_mapping()) return Reader(*service).number("mean_s");
    return 0;
  }

  Status traffic() {
    const auto rates = m_.numbers("lambda_per_s", classes_), patience = m_.numbers("mean_patience_s", classes_);
    Diagnostics diagnostics("model");
    for (std::size_t c = 0; c < classes_; ++c) {
      Stream& s = out_.model.streams[c];
      s.arrivals.per_s = {rates[c]};
      double slowest = 0;
      for (std::size_t i = 0; i < pool_of_.size(); ++i) {
        s.mean_by_agent_s.push_back(mean_of(c, i));
        slowest = std::max(slowest, s.mean_by_agent_s.back());
        auto& agent = centre().agents[i];
        if (agent.handling_time == Duration{}) agent.handling_time = Duration(static_cast<std::int64_t>(s.mean_by_agent_s.back() * 1e9));
      }
      if (!(slowest > 0)) return wrong("class " + std::to_string(c) + " has no handling time", "give aht_s, aht_s_class_by_pool or agent_aht_s");
      longest_ = std::max(longest_, slowest);
      HOTLINE_ASSIGN(const auto service, described({"service", "service_dist"}, c));
      HOTLINE_ASSIGN(const auto waits, described({"patience", "patience_dist"}, c));
      s.handling = (service ? read_shape(*service, diagnostics) : Distribution()).scaled_to(slowest);
      const double mean = c < patience.size() ? patience[c] : 0;
      if (waits) {
        s.patience = mean > 0 ? read_shape(*waits, diagnostics).scaled_to(mean) : wfm::read_distribution(*waits, diagnostics, "patience");
      } else if (mean > 0) {
        HOTLINE_ASSIGN(s.patience, Distribution::exponential(mean));
      }
    }
    return diagnostics.status();
  }
  // The distribution under one of the keys, for one class: {dist: lognormal, scv: 2}, a list of these by class, or words,
  // "lognormal, scv 2" (or with service_scv beside). Nothing where it is exponential or not said.
  Result<std::optional<Node>> described(std::initializer_list<const char*> keys, std::size_t c) const {
    for (const char* key : keys) {
      const Node* n = m_.find(key);
      if (n != nullptr && n->is_sequence()) n = c < n->items().size() ? &n->items()[c] : nullptr;
      if (n == nullptr || n->as_double()) continue;
      if (n->is_mapping()) return std::optional<Node>(*n);
      HOTLINE_ASSIGN(auto in_words, words(key, n->text()));
      return in_words;
    }
    return std::optional<Node>();
  }
  Result<std::optional<Node>> words(const std::string& key, const std::string& text) const {
    if (mentions(text, "exponential") && !mentions(text, "hyper")) return std::optional<Node>();
    for (const char* dist : {"lognormal", "gamma", "deterministic", "weibull"}) {
      if (!mentions(text, dist)) continue;
      Node out = Node::mapping();
      out.insert(Node::scalar("dist", true), Node::scalar(dist, true));
      const auto at = text.find("scv");
      const auto digit = at == std::string::npos ? at : text.find_first_of("0123456789", at);
      const double scv = digit == std::string::npos ? m_.number(key + "_scv", m_.number("scv")) : std::atof(text.c_str() + digit);
      if (mentions(dist, "lognormal") || mentions(dist, "gamma")) {
        if (!(scv > 0)) return wrong("`" + key + ": " + text + "` has no scv", "write {\"dist\": \"" + std::string(dist) + "\", \"scv\": 1.5}");
        out.insert(Node::scalar("scv", true), Node::scalar(std::to_string(scv), false));
      }
      return std::optional<Node>(std::move(out));
    }
    return wrong("unknown " + key + " `" + text + "`", "write {\"dist\": \"lognormal\", \"mean_s\": 150, \"scv\": 1.5}");
  }
  static Distribution read_shape(const Node& node, Diagnostics& diagnostics) {
    if (node.find("mean_s") != nullptr || node.find("upper_s") != nullptr) return wfm::read_distribution(node, diagnostics, "service");
    Node copy = node;
    copy.insert(Node::scalar("mean_s", true), Node::scalar("1", false));
    return wfm::read_distribution(copy, diagnostics, "service");
  }

  void rooms() {
    const Node* room = m_.find("waiting_room");
    if (room != nullptr && room->is_sequence()) {
      const auto each = Reader::list(*room);
      for (std::size_t c = 0; c < classes_ && c < each.size(); ++c) centre().queues[c].max_waiting = static_cast<std::uint32_t>(each[c]);
      return;
    }
    const double waiting = m_.number("waiting_room", 1e18), lines = m_.number("capacity_total", 1e18);
    if (waiting > 1e8 && lines > 1e8) return;
    Trunk t;
    t.name = "lines";
    if (waiting < 1e8) t.waiting = static_cast<std::uint32_t>(waiting);
    if (lines < 1e8) t.lines = static_cast<std::uint32_t>(lines);
    out_.model.trunks.push_back(t);
    for (Stream& s : out_.model.streams) s.trunk = 1;
  }

  void steady_plan() {
    double rate = 0;
    for (const Stream& s : out_.model.streams) rate += s.arrivals.per_s[0];
    Plan& plan = out_.plan;
    plan.seed = options_.seed;
    plan.replications = 64;
    plan.duration_s = std::max(options_.contacts / rate / plan.replications, 50 * longest_);
    plan.warm_up_s = std::max(0.1 * plan.duration_s, 30 * longest_);
    plan.threshold_s = m_.number("sl_threshold_s", 20);
    plan.end = Plan::End::keep_running;
  }

  // A day of M/M/n that starts empty (rates per minute).
  Result<GoldenModel> day() {
    classes_ = 1;
    start(1);
    acd::TeamDef t;
    t.name = "p0";
    centre().add_team(std::move(t));
    add_agents(0, static_cast<std::size_t>(m_.number("agents")), {{queue(0), 1, 1}});
    Stream& s = out_.model.streams[0];
    s.arrivals.per_s = {m_.number("lambda_per_min") / 60};
    HOTLINE_ASSIGN(s.handling, Distribution::exponential(60 / m_.number("mu_per_min")));
    days_plan(m_.number("day_min") * 60);
    return std::move(out_);
  }

  // Types and groups by period, with a day's luck.
  Result<GoldenModel> busy_days() {
    const Node& rates = *m_.find("lambda_per_min_type_by_period");
    classes_ = rates.items().size();
    start(classes_);
    const double period = m_.number("period_min") * 60;
    const Node* sizes = m_.find("agents_by_group_and_period");
    const Node* preference = m_.find("type_to_group");
    const Node* ties = m_.find("group_to_type_tiebreak");
    if (sizes == nullptr || preference == nullptr) return wrong("agents_by_group_and_period or type_to_group is missing", "give both");
    for (std::size_t g = 0; g < sizes->items().size(); ++g) {
      acd::TeamDef t;
      t.name = "p" + std::to_string(g);
      t.order = acd::ContactOrder::first_come;
      if (ties != nullptr && g < ties->items().size())
        for (const double c : Reader::list(ties->items()[g])) t.serves.push_back(queue(static_cast<std::size_t>(c)));
      centre().add_team(std::move(t));
      std::vector<acd::Membership> queues;
      for (std::size_t c = 0; c < classes_; ++c) {
        const auto groups = Reader::list(preference->items()[c]);
        for (std::size_t k = 0; k < groups.size(); ++k)
          if (groups[k] == static_cast<double>(g)) queues.push_back({queue(c), static_cast<std::int32_t>(k) + 1, 1});
      }
      const auto numbers = Reader::list(sizes->items()[g]);
      add_agents(g, static_cast<std::size_t>(*std::max_element(numbers.begin(), numbers.end())), queues);
      Staffing staffing;
      staffing.team = team(g);
      staffing.period_s = period;
      for (const double n : numbers) staffing.agents.push_back(static_cast<std::uint32_t>(n));
      out_.model.staffing.push_back(std::move(staffing));
    }
    HOTLINE_TRY(busy_streams(rates, period));
    days_plan(period * m_.number("periods"));
    out_.plan.interval_s = period;
    out_.plan.end = Plan::End::drain_measured;
    return std::move(out_);
  }
  Status busy_streams(const Node& rates, double period) {
    double alpha = 0;
    const std::string busyness = m_.text("busyness");
    if (const auto at = busyness.find("alpha="); at != std::string::npos) alpha = std::atof(busyness.c_str() + at + 6);
    const auto mu = m_.numbers("mu_per_min_by_period"), nu = m_.numbers("nu_per_min_by_period");
    for (std::size_t c = 0; c < classes_; ++c) {
      Stream& s = out_.model.streams[c];
      for (const double r : Reader::list(rates.items()[c])) s.arrivals.per_s.push_back(r / 60);
      s.arrivals.period_s = period;
      if (alpha > 0) s.arrivals.busyness_scv = 1 / alpha;
      for (const double x : mu) s.mean_by_period_s.push_back(60 / x);
      for (const double x : nu) s.patience_by_period_s.push_back(60 / x);
      if (mu.empty()) return wrong("mu_per_min_by_period is missing", "give service rates by period");
      HOTLINE_ASSIGN(s.handling, Distribution::exponential(s.mean_by_period_s[0]));
      if (!nu.empty()) {
        HOTLINE_ASSIGN(s.patience, Distribution::exponential(s.patience_by_period_s[0]));
      }
    }
    return {};
  }
  void days_plan(double seconds) {
    out_.terminating = true;
    Plan& plan = out_.plan;
    plan.seed = options_.seed;
    plan.duration_s = seconds;
    plan.replications = static_cast<std::uint32_t>(std::clamp(options_.contacts / 1000, 100.0, 2000.0));
    plan.threshold_s = m_.number("awt_min") * 60;
    plan.end = Plan::End::drain;
  }

  Reader m_;
  const GoldenOptions& options_;
  GoldenModel out_;
  std::size_t classes_ = 0;
  acd::AgentOrder order_ = acd::AgentOrder::longest_idle;
  std::vector<std::size_t> pool_of_;
  std::vector<std::pair<std::string, const Node*>> entries_;
  double longest_ = 0;
};

}  // namespace

Result<GoldenModel> golden_model(const Node& model, const GoldenOptions& options) {
  if (!model.is_mapping()) return wrong("a model is a mapping", "see docs/simulation.md, Reference files");
  return Builder(model, options).build();
}

}  // namespace hotline::sim
