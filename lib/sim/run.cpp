#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <thread>

#include "hotline/sim/simulation.hpp"

namespace hotline::sim {
namespace {

Status check(const Plan& plan) {
  const auto bad = [](const char* message, const char* remedy) { return Error(ErrorCode::invalid_argument, message, remedy); };
  if (!(plan.duration_s > 0) || plan.duration_s > 1e9) return bad("the duration must be positive and at most 1e9 s", "give e.g. 8h");
  if (!(plan.warm_up_s >= 0) || plan.warm_up_s > 1e9) return bad("the warm-up must lie between 0 and 1e9 s", "give e.g. 30m");
  if (!(plan.interval_s >= 0)) return bad("the interval must be positive", "give e.g. 30m");
  if (plan.interval_s > 0 && plan.duration_s / plan.interval_s > 1e7) return bad("there would be more than ten million intervals", "give a longer interval");
  if (plan.replications < 1 || plan.replications > 1'000'000) return bad("replications must lie between 1 and 1,000,000", "give e.g. 50");
  if (!(plan.threshold_s >= 0) || plan.threshold_s > 1e9) return bad("the service-level threshold must be >= 0", "give e.g. 20s");
  return {};
}

void put(Report& all, Report&& one, std::uint32_t replication) {
  if (all.cells.empty()) {
    const std::uint32_t replications = all.replications;
    auto waits = std::move(all.waits);
    all = one;
    all.replications = replications;
    all.waits = std::move(waits);
    all.contacts = all.decisions = 0;
    all.cells.assign(all.rows() * all.width(), 0.0);
    all.waits.resize(one.waits.size());
  }
  std::copy(one.cells.begin(), one.cells.end(), all.cells.begin() + static_cast<std::ptrdiff_t>(replication * one.cells.size()));
  for (std::size_t i = 0; i < one.waits.size(); ++i) all.waits[i].merge(one.waits[i]);
  all.contacts += one.contacts;
  all.decisions += one.decisions;
}

}  // namespace

Result<Report> run(const Model& model, const Plan& plan, unsigned threads, const Snapshot* snapshot, const Progress& progress) {
  HOTLINE_TRY(check(plan));
  Diagnostics diagnostics(model.centre.name);
  model.validate(diagnostics);
  HOTLINE_TRY(diagnostics.status());
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  threads = std::min(threads, plan.replications);
  Report all;
  all.replications = plan.replications;
  std::atomic<std::uint32_t> next = 0;
  std::mutex mutex;
  std::exception_ptr failure;
  std::uint32_t done = 0;
  const auto work = [&] {
    for (std::uint32_t r; (r = next.fetch_add(1)) < plan.replications;) {
      try {
        Simulation simulation(model, plan, r, snapshot);
        simulation.run();
        Report one = simulation.report();
        const std::lock_guard lock(mutex);
        put(all, std::move(one), r);
        ++done;
        if (progress.report) progress.report(done, plan.replications);
      } catch (...) {
        const std::lock_guard lock(mutex);
        if (!failure) failure = std::current_exception();
        next = plan.replications;
        return;
      }
    }
  };
  std::vector<std::thread> pool;
  for (unsigned i = 1; i < threads; ++i) pool.emplace_back(work);
  work();
  for (std::thread& t : pool) t.join();
  if (failure) std::rethrow_exception(failure);
  return all;
}

Result<Estimate> difference(const Report& a, const Report& b, std::string_view name) {
  if (a.replications != b.replications || a.intervals != b.intervals)
    return Error(ErrorCode::invalid_argument, "the two reports have different shapes", "run both with the same plan");
  HOTLINE_ASSIGN(const Estimate whole_a, a.figure(name));
  HOTLINE_ASSIGN(const Estimate whole_b, b.figure(name));
  // One value a row: the figure of the row alone.
  const auto each = [&](const Report& r) {
    const std::uint32_t n = r.replications > 1 ? r.replications : r.intervals;
    std::vector<double> out;
    for (std::uint32_t i = 0; i < n; ++i) {
      Report one = r;
      one.waits.clear();
      one.replications = 1;
      one.intervals = r.replications > 1 ? r.intervals : 1;
      const std::size_t size = one.rows() * r.width();
      one.cells.assign(r.cells.begin() + static_cast<std::ptrdiff_t>(i * size), r.cells.begin() + static_cast<std::ptrdiff_t>((i + 1) * size));
      std::vector<double> row = one.cells;
      if (one.intervals > 1) {  // add the intervals up
        row.assign(r.width(), 0.0);
        for (std::uint32_t k = 0; k < one.intervals; ++k)
          for (std::size_t c = 0; c < r.width(); ++c) row[c] += one.cells[k * r.width() + c];
        one.cells = row;
        one.interval_s *= one.intervals;
        one.intervals = 1;
      }
      const auto e = one.figure(name);
      out.push_back(e.ok() ? e->value : 0);
    }
    return out;
  };
  const auto x = each(a), y = each(b);
  std::vector<double> d(x.size());
  for (std::size_t i = 0; i < d.size(); ++i) d[i] = y[i] - x[i];
  Estimate e = mean_of(d);
  e.value = whole_b.value - whole_a.value;
  return e;
}

}  // namespace hotline::sim
