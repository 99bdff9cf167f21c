// Exact numbers of small systems: every state of a Markov chain, found by walking, weighed by its balance equations.
// Shares nothing with the simulator and the router.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace ctmc {

using State = std::vector<std::int8_t>;
struct Jump {
  double rate;
  State to;
};

class Chain {
 public:
  // `jumps(state)` gives where it goes.
  template <class Jumps>
  Chain(const State& first, Jumps&& jumps) {
    add(first);
    for (std::size_t i = 0; i < states.size(); ++i) {
      double out = 0;
      for (const Jump& j : jumps(State(states[i]))) {
        if (j.to == states[i]) continue;
        const std::size_t to = add(j.to);
        in_[to].emplace_back(i, j.rate);
        out += j.rate;
      }
      out_[i] = out;
    }
    solve();
  }

  std::vector<State> states;
  std::vector<double> p;

  template <class Value>
  double mean(Value&& value) const {
    double sum = 0;
    for (std::size_t i = 0; i < states.size(); ++i) sum += p[i] * value(states[i]);
    return sum;
  }

 private:
  std::size_t add(const State& s) {
    const auto [at, is_new] = index_.emplace(s, states.size());
    if (is_new) states.push_back(s), in_.emplace_back(), out_.push_back(0);
    return at->second;
  }
  // Gauss and Seidel, forwards and backwards, until nothing moves.
  void solve() {
    const std::size_t n = states.size();
    p.assign(n, 1.0 / static_cast<double>(n));
    for (int sweep = 0; sweep < 20000; ++sweep) {
      double moved = 0, sum = 0;
      for (std::size_t k = 0; k < n; ++k) {
        const std::size_t i = sweep % 2 == 0 ? k : n - 1 - k;
        double flow = 0;
        for (const auto& [from, rate] : in_[i]) flow += p[from] * rate;
        const double now = flow / out_[i];
        moved += std::abs(now - p[i]);
        p[i] = now;
        sum += now;
      }
      for (double& x : p) x /= sum;
      if (moved < 1e-13) return;
    }
  }

  std::map<State, std::size_t> index_;
  std::vector<std::vector<std::pair<std::size_t, double>>> in_;
  std::vector<double> out_;
};

// ---- Pools: classes with an order of pools, pools with an order of classes (or the longest queue), reserved agents.
struct Pools {
  std::vector<double> lambda, patience;
  std::vector<int> agents;                       // by pool
  std::vector<std::vector<double>> handling;     // by class and pool; 0: not skilled
  std::vector<std::vector<int>> preference;      // by class
  std::vector<std::vector<int>> order;           // by pool
  bool longest_queue = false;
  std::map<std::pair<int, int>, int> reserve;    // (class, pool): takes only while more are idle
  int room = 24;                                 // cut off: a class's queue
};
struct ClassNumbers {
  double p_wait, p_abandon, mean_queue, mean_wait;
  std::vector<double> share;
};
struct PoolNumbers {
  std::vector<ClassNumbers> classes;
  std::vector<double> occupancy;
};

// State: busy by (pool, class), then the queues.
class PoolChain {
 public:
  explicit PoolChain(const Pools& model) : m(model), classes(static_cast<int>(m.lambda.size())), pools(static_cast<int>(m.agents.size())) {}

  PoolNumbers solve() const {
    const Chain chain(State(static_cast<std::size_t>(pools * classes + classes), 0), [this](const State& s) { return jumps(s); });
    PoolNumbers out;
    for (int c = 0; c < classes; ++c) {
      const auto uc = static_cast<std::size_t>(c);
      ClassNumbers n;
      const double queue = chain.mean([&](const State& s) { return double(s[q(c)]); });
      n.p_wait = chain.mean([&](const State& s) { return double(pool_for(s, c) < 0); });
      n.mean_queue = queue;
      n.p_abandon = queue / m.patience[uc] / m.lambda[uc];
      n.mean_wait = queue / m.lambda[uc];
      for (int p = 0; p < pools; ++p)
        n.share.push_back(m.handling[uc][static_cast<std::size_t>(p)] > 0
                              ? chain.mean([&](const State& s) { return double(s[b(p, c)]); }) / m.handling[uc][static_cast<std::size_t>(p)] / m.lambda[uc]
                              : 0);
      out.classes.push_back(n);
    }
    for (int p = 0; p < pools; ++p)
      out.occupancy.push_back(chain.mean([&](const State& s) { return double(m.agents[static_cast<std::size_t>(p)] - idle(s, p)); }) / m.agents[static_cast<std::size_t>(p)]);
    return out;
  }

 private:
  std::size_t b(int p, int c) const { return static_cast<std::size_t>(p * classes + c); }
  std::size_t q(int c) const { return static_cast<std::size_t>(pools * classes + c); }
  int idle(const State& s, int p) const {
    int n = m.agents[static_cast<std::size_t>(p)];
    for (int c = 0; c < classes; ++c) n -= s[b(p, c)];
    return n;
  }
  bool may(const State& s, int c, int p) const {
    const auto r = m.reserve.find({c, p});
    return m.handling[static_cast<std::size_t>(c)][static_cast<std::size_t>(p)] > 0 && idle(s, p) > (r == m.reserve.end() ? 0 : r->second);
  }
  int pool_for(const State& s, int c) const {
    for (const int p : m.preference[static_cast<std::size_t>(c)])
      if (may(s, c, p)) return p;
    return -1;
  }
  void next_contact(State& s, int p) const {
    int best = -1;
    for (const int c : m.order[static_cast<std::size_t>(p)])
      if (s[q(c)] > 0 && may(s, c, p) && (best < 0 || (m.longest_queue && s[q(c)] > s[q(best)]))) best = c;
    if (best < 0) return;
    --s[q(best)];
    ++s[b(p, best)];
  }
  std::vector<Jump> jumps(const State& s) const {
    std::vector<Jump> out;
    for (int c = 0; c < classes; ++c) {
      const auto uc = static_cast<std::size_t>(c);
      State to = s;
      if (const int p = pool_for(s, c); p >= 0) ++to[b(p, c)];
      else if (s[q(c)] < m.room) ++to[q(c)];
      out.push_back({m.lambda[uc], to});
      if (s[q(c)] > 0) {
        to = s;
        --to[q(c)];
        out.push_back({s[q(c)] / m.patience[uc], to});
      }
      for (int p = 0; p < pools; ++p)
        if (s[b(p, c)] > 0) {
          to = s;
          --to[b(p, c)];
          next_contact(to, p);
          out.push_back({s[b(p, c)] / m.handling[uc][static_cast<std::size_t>(p)], to});
        }
    }
    return out;
  }

  const Pools& m;
  int classes, pools;
};

// ---- Agents one by one: who is chosen depends on who has been idle for how long, on skills and speed.
struct Agents {
  enum class Rule { longest_idle, most_recently_idle, random, fastest, fewest_skills } rule{};
  std::vector<double> lambda, patience;      // by class
  std::vector<double> handling;              // by agent
  std::vector<std::vector<int>> skills;      // by agent
  int room = 6;                              // waiting together; more are blocked
  bool longest_queue = false;                // a freed agent: the longest queue, the first class on ties; else first come
};
struct AgentNumbers {
  std::vector<double> p_wait, p_blocked, p_abandon, mean_queue;  // by class
  std::vector<double> occupancy;                                 // by agent
};

// State: number of idle agents, the idle in the order in which they became so, then the waiting by arrival.
class AgentChain {
 public:
  explicit AgentChain(const Agents& model) : m(model), agents(static_cast<int>(m.handling.size())) {}

  AgentNumbers solve() const {
    State first{static_cast<std::int8_t>(agents)};
    for (int a = 0; a < agents; ++a) first.push_back(static_cast<std::int8_t>(a));
    const Chain chain(first, [this](const State& s) { return jumps(s); });
    AgentNumbers out;
    for (int c = 0; c < static_cast<int>(m.lambda.size()); ++c) {
      const auto uc = static_cast<std::size_t>(c);
      const double blocked = chain.mean([&](const State& s) { return double(choices(s, c).empty() && waiting(s) == m.room); });
      const double queued = chain.mean([&](const State& s) { return double(choices(s, c).empty() && waiting(s) < m.room); });
      const double queue = chain.mean([&](const State& s) { return double(std::count(s.begin() + 1 + s[0], s.end(), c)); });
      out.p_blocked.push_back(blocked);
      out.p_wait.push_back(queued / (1 - blocked));
      out.mean_queue.push_back(queue);
      out.p_abandon.push_back(queue / m.patience[uc] / m.lambda[uc]);
    }
    for (int a = 0; a < agents; ++a) out.occupancy.push_back(1 - chain.mean([&](const State& s) { return double(std::count(s.begin() + 1, s.begin() + 1 + s[0], a)); }));
    return out;
  }

 private:
  static int waiting(const State& s) { return static_cast<int>(s.size()) - 1 - s[0]; }
  bool skilled(int a, int c) const {
    const auto& k = m.skills[static_cast<std::size_t>(a)];
    return std::find(k.begin(), k.end(), c) != k.end();
  }
  // Positions in the idle list that the rule may choose, equally likely.
  std::vector<int> choices(const State& s, int c) const {
    std::vector<int> able;
    for (int i = 1; i <= s[0]; ++i)
      if (skilled(s[static_cast<std::size_t>(i)], c)) able.push_back(i);
    if (able.size() <= 1 || m.rule == Agents::Rule::random) return able;
    const auto agent = [&](int i) { return static_cast<std::size_t>(s[static_cast<std::size_t>(i)]); };
    switch (m.rule) {
      case Agents::Rule::most_recently_idle: return {able.back()};
      case Agents::Rule::fastest: return {*std::min_element(able.begin(), able.end(), [&](int x, int y) { return m.handling[agent(x)] < m.handling[agent(y)]; })};
      case Agents::Rule::fewest_skills:
        return {*std::min_element(able.begin(), able.end(), [&](int x, int y) { return m.skills[agent(x)].size() < m.skills[agent(y)].size(); })};
      default: return {able.front()};
    }
  }
  std::vector<Jump> jumps(const State& s) const {
    std::vector<Jump> out;
    const int idle = s[0];
    for (std::size_t c = 0; c < m.lambda.size(); ++c) {
      const auto able = choices(s, static_cast<int>(c));
      for (const int at : able) {
        State to = s;
        to.erase(to.begin() + at);
        --to[0];
        out.push_back({m.lambda[c] / static_cast<double>(able.size()), to});
      }
      if (able.empty() && waiting(s) < m.room) {
        State to = s;
        to.push_back(static_cast<std::int8_t>(c));
        out.push_back({m.lambda[c], to});
      }
    }
    for (std::size_t i = static_cast<std::size_t>(1 + idle); i < s.size(); ++i) {
      State to = s;
      to.erase(to.begin() + static_cast<std::ptrdiff_t>(i));
      out.push_back({1 / m.patience[static_cast<std::size_t>(s[i])], to});
    }
    for (int a = 0; a < agents; ++a) {
      if (std::count(s.begin() + 1, s.begin() + 1 + idle, a) > 0) continue;
      out.push_back({1 / m.handling[static_cast<std::size_t>(a)], freed(s, a)});
    }
    return out;
  }
  State freed(const State& s, int a) const {
    State to = s;
    std::size_t best = 0;
    long most = -1;
    for (std::size_t i = static_cast<std::size_t>(1 + s[0]); i < s.size(); ++i) {
      if (!skilled(a, s[i])) continue;
      const long length = m.longest_queue ? std::count(s.begin() + 1 + s[0], s.end(), s[i]) : 0;
      const bool wins = length > most || (length == most && m.longest_queue && s[i] < s[best]);
      if (best == 0 || wins) best = i, most = length;
    }
    if (best > 0) {
      to.erase(to.begin() + static_cast<std::ptrdiff_t>(best));
    } else {
      to.insert(to.begin() + 1 + s[0], static_cast<std::int8_t>(a));
      ++to[0];
    }
    return to;
  }

  const Agents& m;
  int agents;
};

}  // namespace ctmc
