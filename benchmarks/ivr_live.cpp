// 100,000 calls at the same time, with timers, keys, prompts and answers on one heap, and a new version published meanwhile.
// Latencies are processor time of the thread (CLOCK_THREAD_CPUTIME_ID), so that a busy machine does not count.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "bench.hpp"
#include "hotline/base/random.hpp"
#include "hotline/ivr.hpp"
#include "ivr_naive.hpp"

using namespace hotline;
using namespace hotline::ivr;

namespace {

const Time kNow = time_from_ns(1'795'399'200'000'000'000);
constexpr std::size_t kLive = 100'000, kMeasured = 1'000'000;

double thread_us() {
  timespec t{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
  return 1e6 * static_cast<double>(t.tv_sec) + 1e-3 * static_cast<double>(t.tv_nsec);
}

// 1 + 9 + 81 menus and prompts; callers go round until they hang up.
std::string tree(const std::string& words) {
  std::string text = "flow: 1\nid: tree\nlanguages: [zh-CN]\nstart: m\nmain: m\nnodes:\n";
  const auto menu = [&](const std::string& id, bool children) {
    text += "  " + id + ": {type: menu, safe_point: true, prompt: {text: " + words + "请按键1到9}, exhausted: hangup, global_keys: {\"0\": \"off\"}, choices: {";
    for (int i = 1; i <= 9; ++i) text += std::string(i > 1 ? ", " : "") + "\"" + std::to_string(i) + "\": " + id + (children ? std::to_string(i) : "x");
    text += "}}\n";
  };
  menu("m", true);
  for (int i = 1; i <= 9; ++i) menu("m" + std::to_string(i), true);
  for (int i = 1; i <= 9; ++i)
    for (int j = 1; j <= 9; ++j) text += "  m" + std::to_string(i) + std::to_string(j) + ": {type: play, prompt: {text: 谢谢}, next: m}\n";
  return text;
}

struct Latencies {
  std::vector<float> us;
  double worst = 0;
  void note(double spent) {
    us.push_back(static_cast<float>(spent));
    worst = std::max(worst, spent);
  }
  double percentile(double share) {
    const auto at = us.begin() + static_cast<std::ptrdiff_t>(share * static_cast<double>(us.size() - 1));
    std::nth_element(us.begin(), at, us.end());
    return *at;
  }
};

}  // namespace

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  if (!suite.wants("ivr.live")) return 0;
  const Flow first = Flow::parse(tree("")).value(), second = Flow::parse(tree("新版，")).value();
  Engine engine(first);
  CallLoad load(engine, {.calls_per_second = 20'000, .live = kLive, .seed = 1, .from = kNow});
  while (load.live() < kLive || load.now() < kNow + std::chrono::seconds(20)) load.step();

  const auto measure = [&](std::size_t steps, Latencies& into) {
    const double begun = bench::cpu_seconds();
    for (std::size_t i = 0; i < steps; ++i) {
      const double before = thread_us();
      load.step();
      into.note(thread_us() - before);
    }
    return static_cast<double>(steps) / (bench::cpu_seconds() - begun);
  };
  Latencies before, after;
  const double rate = measure(kMeasured, before);
  const double from = thread_us();
  engine.publish(second, Migration{});
  const double pause = thread_us() - from;
  measure(kMeasured, after);

  const std::string canonical = first.to_json();
  Naive naive(canonical);
  std::vector<std::string> at(kLive, "m");
  Random random(1);
  Latencies theirs;
  const double begun = bench::cpu_seconds();
  for (std::size_t i = 0; i < kMeasured / 4; ++i) {
    const double start = thread_us();
    std::string& call = at[random.below(kLive)];
    std::swap(naive.at, call);
    naive.step(static_cast<char>('1' + random.below(9)));
    std::swap(naive.at, call);
    theirs.note(thread_us() - start);
  }
  const double their_rate = static_cast<double>(kMeasured / 4) / (bench::cpu_seconds() - begun);
  const double reload = thread_us();
  naive.flow = nlohmann::json::parse(second.to_json());
  const double their_pause = thread_us() - reload;

  suite.report("ivr.live_100k", rate, "events/s", "interpreter over the JSON, without timers and callers", their_rate);
  suite.report("ivr.live_100k_p99", before.percentile(0.99), "us", "interpreter over the JSON", theirs.percentile(0.99), true);
  suite.report("ivr.live_100k_p99_after_swap", after.percentile(0.99), "us", "interpreter over the JSON", theirs.percentile(0.99), true);
  suite.report("ivr.swap_pause", pause, "us", "interpreter: parses the new JSON", their_pause, true);
  suite.report("ivr.worst_step_after_swap", after.worst, "us", "worst step before", before.worst, true);
}
