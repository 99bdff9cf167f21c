// Steps, sessions, loading and whole callers, beside an interpreter that walks the flow's JSON.
#include <cstdlib>
#include <new>
#include <nlohmann/json.hpp>
#include <string>

#include "bench.hpp"
#include "hotline/ivr.hpp"
#include "ivr_naive.hpp"

namespace {
std::size_t allocations = 0;
}
[[gnu::noinline]] void* operator new(std::size_t size) {
  ++allocations;
  if (void* p = std::malloc(size)) return p;
  throw std::bad_alloc();
}
[[gnu::noinline]] void operator delete(void* p) noexcept { std::free(p); }
[[gnu::noinline]] void operator delete(void* p, std::size_t) noexcept { std::free(p); }

using namespace hotline;
using namespace hotline::ivr;

namespace {

const Time kNow = time_from_ns(1'795'399'200'000'000'000);

// A tree of menus: 1 + 9 + 81 = 91 nodes; the leaves lead back to the top, with or without an expression and a number to say.
std::string tree(bool busy) {
  std::string text = "flow: 1\nlanguages: [zh-CN]\nstart: m\nmain: m\nvariables: {n: {type: int, default: 7}}\nnodes:\n";
  const auto menu = [&](const std::string& id, int children) {
    text += "  " + id + ": {type: menu, prompt: {text: 请按键1到9}, exhausted: hangup, global_keys: {\"0\": \"off\"}, choices: {";
    for (int i = 1; i <= 9; ++i) text += std::string(i > 1 ? ", " : "") + "\"" + std::to_string(i) + "\": " + id + (children ? std::to_string(i) : "x");
    text += "}}\n";
  };
  menu("m", 9);
  for (int i = 1; i <= 9; ++i) menu("m" + std::to_string(i), 9);
  for (int i = 1; i <= 9; ++i)
    for (int j = 1; j <= 9; ++j) {
      const std::string id = "m" + std::to_string(i) + std::to_string(j);
      if (busy) text += "  " + id + ": {type: set, set: {n: (n * 31 + " + std::to_string(j) + ") % 100000}, next: " + id + "s}\n  " + id +
                        "s: {type: play, prompt: {text: \"号码{n|number}\"}, next: m}\n";
      else text += "  " + id + ": {type: play, prompt: {text: 谢谢}, next: m}\n";
    }
  return text;
}

// Walks menu, menu, leaf, and again: three keys or ends of prompts a round.
struct Walk {
  explicit Walk(const Flow& flow) : engine(flow), session(engine.open()) { take(engine.start(session, {}, now)); }
  void step(std::size_t i) {
    now += std::chrono::milliseconds(100);
    take(i % 3 == 2 ? engine.step(session, Event::played(play), now) : engine.step(session, Event::digit(static_cast<char>('1' + i % 9)), now));
    if (session.steps() > 900 || session.ended()) {
      session = engine.open();
      take(engine.start(session, {}, now));
    }
  }
  void take(std::span<const Action> actions) {
    for (const Action& a : actions)
      if (a.kind == ActionKind::play) play = a.id;
  }
  Engine engine;
  Session session;
  Time now = kNow;
  std::uint32_t play = 0;
};

std::string large(int nodes) {
  std::string text = "flow: 1\nlanguages: [zh-CN]\nstart: n0\nnodes:\n";
  for (int i = 0; i < nodes; ++i) {
    const std::string id = "n" + std::to_string(i);
    const int left = 2 * i + 1, right = 2 * i + 2;
    const auto to = [&](int child) { return child < nodes ? "n" + std::to_string(child) : std::string("hangup"); };
    text += "  " + id + ": {type: menu, prompt: {text: 第" + std::to_string(i) + "个菜单请按1或按2}, choices: {\"1\": " + to(left) + ", \"2\": " + to(right) + "}, exhausted: hangup}\n";
  }
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  const Flow plain = Flow::parse(tree(false)).value();
  const Flow busy = Flow::parse(tree(true)).value();
  for (const bool expressions : {false, true}) {
    const char* name = expressions ? "ivr.step_expr" : "ivr.step";
    if (!suite.wants(name)) continue;
    const Flow& flow = expressions ? busy : plain;
    Walk walk(flow);
    std::size_t i = 0;
    const double ours = bench::rate([&](std::size_t n) { for (std::size_t k = 0; k < n; ++k) walk.step(i++); });
    Naive naive(flow.to_json());
    const double theirs = bench::rate([&](std::size_t n) { for (std::size_t k = 0; k < n; ++k) naive.step(static_cast<char>('1' + k % 9)); });
    suite.report(name, ours, "1/s", "interpreter over the JSON", theirs);
  }
  for (const bool expressions : {false, true}) {
    const char* name = expressions ? "ivr.allocations_per_step_expr" : "ivr.allocations_per_step";
    if (!suite.wants(name)) continue;
    const Flow& flow = expressions ? busy : plain;
    Walk walk(flow);
    for (std::size_t i = 0; i < 300; ++i) walk.step(i);
    walk.session = walk.engine.open();
    walk.take(walk.engine.start(walk.session, {}, walk.now));
    for (std::size_t i = 0; i < 60; ++i) walk.step(i);
    const std::size_t before = allocations;
    for (std::size_t i = 60; i < 660; ++i) walk.step(i);
    const double ours = static_cast<double>(allocations - before) / 600;
    Naive naive(flow.to_json());
    const std::size_t from = allocations;
    for (std::size_t k = 0; k < 600; ++k) naive.step(static_cast<char>('1' + k % 9));
    suite.report(name, ours, "1", "interpreter over the JSON", static_cast<double>(allocations - from) / 600);  // ratio 0: none
  }
  if (suite.wants("ivr.session")) {
    Engine engine(plain);
    const double ours = bench::rate([&](std::size_t n) {
      for (std::size_t k = 0; k < n; ++k) {
        Session session = engine.open();
        engine.start(session, {}, kNow);
        engine.step(session, Event::hangup(), kNow);
      }
    });
    const std::string canonical = plain.to_json();
    const double theirs = bench::rate([&](std::size_t n) { for (std::size_t k = 0; k < n; ++k) Naive(canonical).step('1'); });
    suite.report("ivr.session", ours, "1/s", "a fresh JSON interpreter a call", theirs);
  }
  if (suite.wants("ivr.bytes_per_session")) {
    Walk walk(plain);
    suite.report("ivr.bytes_per_session", static_cast<double>(walk.session.bytes()), "bytes", "a JSON copy of the flow a call", static_cast<double>(plain.to_json().size()), true);
  }
  if (suite.wants("ivr.load_2000")) {
    const std::string yaml = large(2000);
    const std::string canonical = Flow::parse(yaml).value().to_json();
    const auto milliseconds = [](auto&& body) { return 1e3 / bench::rate([&](std::size_t n) { for (std::size_t k = 0; k < n; ++k) body(); }); };
    // What is published is the canonical JSON; the interpreter only parses it.
    suite.report("ivr.load_2000", milliseconds([&] { bench::keep(Flow::parse(canonical).value().size()); }), "ms", "interpreter over the JSON: parsing, no validation",
                 milliseconds([&] { bench::keep(nlohmann::json::parse(canonical).size()); }), true);
    suite.report("ivr.load_2000_yaml", milliseconds([&] { bench::keep(Flow::parse(yaml).value().size()); }), "ms", "reading the YAML alone",
                 milliseconds([&] { bench::keep(parse_document(yaml, "x").value().entries().size()); }), true);
  }
  if (suite.wants("ivr.callers_100k")) {
    Engine engine(plain);
    const double start = bench::cpu_seconds();
    for (std::size_t caller = 0; caller < 100'000; ++caller) {
      Session session = engine.open();
      Time now = kNow;
      engine.start(session, {}, now);
      for (std::size_t k = 0; k < 4; ++k) {
        now += std::chrono::seconds(1);
        engine.step(session, Event::digit(static_cast<char>('1' + (caller * 7 + k * 3) % 9)), now);
      }
      engine.step(session, Event::hangup(), now);
    }
    const double ours = bench::cpu_seconds() - start;
    const double again = bench::cpu_seconds();
    Naive naive(plain.to_json());
    for (std::size_t caller = 0; caller < 100'000; ++caller) {
      naive.at = "m";
      for (std::size_t k = 0; k < 4; ++k) naive.step(static_cast<char>('1' + (caller * 7 + k * 3) % 9));
    }
    suite.report("ivr.callers_100k", ours, "s", "interpreter over the JSON", bench::cpu_seconds() - again, true);
  }
}
