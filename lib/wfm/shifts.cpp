#include "hotline/wfm/shifts.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "cover.hpp"
#include "hotline/base/random.hpp"

namespace hotline::wfm {

bool ShiftPattern::covers(int slot) const {
  if (slot < start || slot >= start + length) return false;
  for (const auto& [from, size] : breaks)
    if (slot >= start + from && slot < start + from + size) return false;
  return true;
}

int CoverSolution::shifts() const { return std::accumulate(counts.begin(), counts.end(), 0); }

Result<std::vector<ShiftPattern>> enumerate_shifts(const ShiftRules& r, int slots) {
  const auto bad = [](const char* message, const char* remedy) { return Error(ErrorCode::invalid_argument, message, remedy); };
  if (slots < 1 || slots > 40'000) return bad("the horizon must have 1 to 40,000 slots", "a week of quarter hours has 672");
  if (r.slots_per_day < 1 || r.start_every < 1 || r.break_every < 1) return bad("slots_per_day, start_every and break_every must be positive", "check the rules");
  for (const int length : r.lengths)
    if (length < 1 || length > 2 * r.slots_per_day) return bad("a shift's length lies outside 1 slot to 2 days", "check lengths");
  std::vector<ShiftPattern> out;
  for (int start = 0; start < slots; ++start) {
    const int of_day = start % r.slots_per_day;
    if (of_day < r.earliest_start || of_day >= r.latest_start || (of_day - r.earliest_start) % r.start_every != 0) continue;
    for (const int length : r.lengths) {
      if (start + length > slots && !r.past_the_end) continue;
      ShiftPattern p{start, length, {}, static_cast<double>(length)};
      if (r.break_length <= 0 || length < r.break_needed_from) {
        out.push_back(std::move(p));
        continue;
      }
      if (!r.break_paid) p.cost -= r.break_length;
      const int last = length - (r.break_to > 0 ? r.break_to : r.break_from) - r.break_length;
      for (int at = r.break_from; at <= std::max(last, r.break_from) && at + r.break_length <= length; at += r.break_every) {
        p.breaks = {{at, r.break_length}};
        out.push_back(p);
      }
      if (out.size() > 200'000) return Error(ErrorCode::limit, "more than 200,000 shift patterns", "start shifts or breaks less often");
    }
  }
  if (out.empty()) return bad("the rules allow no shift", "check starts and lengths against the horizon");
  return out;
}

Status check_problem(const CoverProblem& p) {
  for (std::size_t s = 0; s < p.required.size(); ++s) {
    if (!(p.required[s] >= 0) || p.required[s] > 1e6) return Error(ErrorCode::invalid_argument, "slot " + std::to_string(s) + " requires " + std::to_string(p.required[s]), "give 0 to a million agents");
    if (p.required[s] == 0 || p.under_cost > 0) continue;
    const bool possible = std::any_of(p.patterns.begin(), p.patterns.end(), [&](const ShiftPattern& x) { return x.covers(static_cast<int>(s)); });
    if (!possible) return Error(ErrorCode::invalid_argument, "no shift covers slot " + std::to_string(s), "allow more starts or lengths, or an under_cost");
  }
  return {};
}

CoverSolution finish(const CoverProblem& p, std::vector<int> counts, double bound, std::string solver) {
  CoverSolution s;
  s.counts = std::move(counts);
  s.scheduled.assign(p.required.size(), 0.0);
  for (std::size_t j = 0; j < s.counts.size(); ++j) {
    if (s.counts[j] == 0) continue;
    s.cost += p.patterns[j].cost * s.counts[j];
    for (int t = p.patterns[j].start; t < p.patterns[j].start + p.patterns[j].length; ++t)
      if (t < static_cast<int>(p.required.size()) && p.patterns[j].covers(t)) s.scheduled[static_cast<std::size_t>(t)] += s.counts[j];
  }
  std::vector<double> need;
  for (const double r : p.required) need.push_back(std::ceil(r - 1e-9));
  s.fit = schedule_fit(need, s.scheduled);
  s.cost += p.under_cost * s.fit.under;
  s.bound = std::min(bound, s.cost);
  s.solver = std::move(solver);
  return s;
}

namespace {

// Greedy by covered need per cost; then ruin a few shifts and recreate, keeping what is not worse.
class Own final : public CoverSolver {
 public:
  std::string_view name() const override { return "own"; }

  Result<CoverSolution> solve(const CoverProblem& p, const CoverOptions& options) override {
    HOTLINE_TRY(check_problem(p));
    problem_ = &p;
    need_.clear();
    for (const double r : p.required) need_.push_back(static_cast<int>(std::ceil(r - 1e-9)));
    open_ = need_;
    counts_.assign(p.patterns.size(), 0);
    shifts_.clear();
    in_use_ = 0;
    index();
    recreate(0, static_cast<int>(need_.size()));
    prune();
    Random random(options.seed, 77);
    const int rounds = std::min(40'000, static_cast<int>(options.seconds * 2'000));
    for (int i = 0; i < rounds && !shifts_.empty(); ++i) improve(random);
    return finish(p, counts_, bound(), "own");
  }

 private:
  void index() {
    const auto& patterns = problem_->patterns;
    by_slot_.assign(need_.size(), {});
    covered_.assign(patterns.size(), {});
    for (std::size_t j = 0; j < patterns.size(); ++j)
      for (int t = patterns[j].start; t < patterns[j].start + patterns[j].length && t < static_cast<int>(need_.size()); ++t)
        if (patterns[j].covers(t)) covered_[j].push_back(t), by_slot_[static_cast<std::size_t>(t)].push_back(static_cast<int>(j));
  }
  double worth(int j) const {
    double gain = 0;
    for (const int t : covered_[static_cast<std::size_t>(j)]) gain += open_[static_cast<std::size_t>(t)] > 0 ? 1 : -0.001;
    return gain / problem_->patterns[static_cast<std::size_t>(j)].cost;
  }
  void put(int j, int by) {
    counts_[static_cast<std::size_t>(j)] += by;
    for (const int t : covered_[static_cast<std::size_t>(j)]) open_[static_cast<std::size_t>(t)] -= by;
    in_use_ += by;
  }
  void recreate(int from, int to) {
    for (int t = from; t < to; ++t)
      while (open_[static_cast<std::size_t>(t)] > 0) {
        int best = -1;
        double most = 0;
        for (const int j : by_slot_[static_cast<std::size_t>(t)])
          if (const double w = worth(j); best < 0 || w > most) best = j, most = w;
        if (best < 0) break;
        if (problem_->under_cost > 0 && most * problem_->under_cost <= 1) break;
        if (problem_->most_shifts > 0 && in_use_ >= problem_->most_shifts) return;
        put(best, 1);
        shifts_.push_back(best);
      }
  }
  void prune() {
    for (std::size_t i = shifts_.size(); i-- > 0;) {
      const auto& slots = covered_[static_cast<std::size_t>(shifts_[i])];
      if (std::all_of(slots.begin(), slots.end(), [&](int t) { return open_[static_cast<std::size_t>(t)] < 0; })) {
        put(shifts_[i], -1);
        shifts_.erase(shifts_.begin() + static_cast<std::ptrdiff_t>(i));
      }
    }
  }
  double cost() const {
    double sum = 0;
    for (const int j : shifts_) sum += problem_->patterns[static_cast<std::size_t>(j)].cost;
    for (const int o : open_) sum += problem_->under_cost * std::max(0, o);
    return sum;
  }
  void improve(Random& random) {
    const auto before = shifts_;
    const double old = cost();
    const int near = problem_->patterns[static_cast<std::size_t>(shifts_[random.below(shifts_.size())])].start;
    int from = static_cast<int>(need_.size()), to = 0;
    const std::size_t most = 2 + random.below(5);
    std::size_t gone = 0;
    const std::size_t offset = random.below(shifts_.size());
    for (std::size_t k = shifts_.size(); k-- > 0 && gone < most && !shifts_.empty();) {
      const std::size_t i = (k + offset) % shifts_.size();
      const ShiftPattern& p = problem_->patterns[static_cast<std::size_t>(shifts_[i])];
      if (std::abs(p.start - near) > 20) continue;
      put(shifts_[i], -1);
      from = std::min(from, p.start);
      to = std::max(to, p.start + p.length);
      shifts_.erase(shifts_.begin() + static_cast<std::ptrdiff_t>(i));
      ++gone;
    }
    recreate(from, std::min(to, static_cast<int>(need_.size())));
    prune();
    if (cost() <= old) return;
    for (const int j : shifts_) put(j, -1);
    shifts_ = before;
    for (const int j : shifts_) put(j, 1);
  }
  // Every required agent-slot costs at least the cheapest cost per covered slot.
  double bound() const {
    double best = 1e300, sum = 0;
    for (std::size_t j = 0; j < covered_.size(); ++j)
      if (!covered_[j].empty()) best = std::min(best, problem_->patterns[j].cost / static_cast<double>(covered_[j].size()));
    if (problem_->under_cost > 0) best = std::min(best, problem_->under_cost);
    for (const int n : need_) sum += n;
    return sum * best;
  }

  const CoverProblem* problem_ = nullptr;
  std::vector<int> need_, open_, counts_, shifts_;
  std::vector<std::vector<int>> by_slot_, covered_;
  int in_use_ = 0;
};

}  // namespace

std::unique_ptr<CoverSolver> own_solver() { return std::make_unique<Own>(); }

Result<CoverSolution> cover(const CoverProblem& problem, const CoverOptions& options) {
  if (const auto cbc = cbc_solver()) {
    auto solution = cbc->solve(problem, options);
    if (solution.ok() || solution.code() != ErrorCode::unavailable) return solution;
  }
  return own_solver()->solve(problem, options);
}

}  // namespace hotline::wfm
