// Random lives of the shipped definitions: nothing that is refused changes anything, every log replays to the same
// bytes, every snapshot reads back, every fact of being overdue stays.
#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "hotline/base/random.hpp"
#include "hotline/workflow.hpp"

namespace hotline::workflow {
namespace {

using expr::Value;

Value random_value(Random& random, const Definition& d, const Field& f, Time now) {
  static const std::string names[] = {"water", "roads", "gas", "power"};
  if (random.below(12) == 0) return {};
  if (!f.one_of.empty()) return Value::text(f.one_of[random.below(f.one_of.size())]);
  if (!f.reasons.empty()) {
    std::vector<std::string> codes;
    for (const Reason& r : d.reasons())
      if (r.group == f.reasons) codes.push_back(r.code);
    return Value::text(codes[random.below(codes.size())]);
  }
  switch (f.type.kind()) {
    case expr::Kind::boolean: return random.below(3) != 0;
    case expr::Kind::integer: return static_cast<std::int64_t>(random.below(20));
    case expr::Kind::string: return Value::text(names[random.below(4)]);
    case expr::Kind::timestamp: return now + std::chrono::hours{random.below(400)};
    case expr::Kind::list: {
      std::vector<Value> items;
      for (std::uint64_t n = random.below(3) + 1; n > 0; --n)
        items.push_back(Value::text(names[(random.below(2) * 2 + n) % 4]));
      return Value::own_list(std::move(items));
    }
    default: return {};
  }
}

void live(const Definition& d, const std::vector<Calendar>& calendars, std::uint64_t seed, int steps) {
  Random random(seed);
  Time now = parse_time("2026-01-05T01:00:00Z").value() + std::chrono::hours{random.below(5000)};
  Decision current = start(d, {}, {{}, {}, calendars}, now), next;
  std::vector<std::string> log{Record::start_json(d, {}, {{}, {}, calendars}, now)};
  std::uint32_t overdue = 0;
  int accepted = 0;
  for (int i = 0; i < steps; ++i) {
    now += std::chrono::minutes{random.below(random.below(10) == 0 ? 5000 : 300)};
    const auto node = static_cast<NodeId>(random.below(current.next.nodes.size()));
    const Machine& m = d.machines()[current.next.nodes[node].machine];
    Event e{Event::Kind::named, node, static_cast<std::uint32_t>(random.below(m.events.size())), 0, {}};
    std::vector<Value> fields, facts;
    if (!m.timers.empty() && random.below(3) == 0) {
      e.kind = Event::Kind::timer;
      e.type = static_cast<std::uint32_t>(random.below(m.timers.size()));
      e.generation = current.next.timer(node, e.type).generation - (random.below(5) == 0 ? 1 : 0);
      if (random.below(2) == 0 && current.next.timer(node, e.type).armed)
        now = std::max(now, current.next.timer(node, e.type).at);
    } else {
      for (const Field& f : m.events[e.type].fields) fields.push_back(random_value(random, d, f, now));
      e.fields = fields;
    }
    for (const Field& f : d.facts()) facts.push_back(random.below(4) == 0 ? random_value(random, d, f, now) : Value());
    const std::string actor = "p" + std::to_string(random.below(5));
    const Context context{{actor, "u", ~0ull}, facts, calendars};
    decide(d, current.next, e, context, now, next);
    if (!next.accepted()) {
      ASSERT_EQ(next.next, current.next) << "a refusal changes nothing";
      ASSERT_TRUE(next.effects.empty());
      continue;
    }
    ++accepted;
    log.push_back(Record::to_json(d, current.next, e, context, now));
    std::uint32_t sum = 0;
    for (const ClockState& c : next.next.clocks) sum += c.overdue_count;
    ASSERT_GE(sum, overdue) << "a fact is never taken back";
    overdue = sum;
    std::swap(current, next);
  }
  EXPECT_GT(accepted, 0);
  std::vector<Record> records;
  for (const std::string& line : log) {
    auto r = Record::parse(d, line);
    ASSERT_TRUE(r.ok()) << r.error().text() << line;
    records.push_back(*std::move(r));
  }
  const auto again = replay(d, records, calendars);
  ASSERT_TRUE(again.ok());
  ASSERT_EQ(again->to_json(d), current.next.to_json(d));
  const auto read = Instance::parse(d, current.next.to_json(d));
  ASSERT_TRUE(read.ok()) << read.error().text();
  ASSERT_EQ(*read, current.next);
  std::string bytes, twice;
  current.next.encode(d, bytes);
  again->encode(d, twice);
  ASSERT_EQ(bytes, twice);
  const auto decoded = Instance::decode(d, bytes);
  ASSERT_TRUE(decoded.ok());
  ASSERT_EQ(*decoded, current.next);
}

TEST(KernelProperty, RandomLives) {
  const bool nightly = std::getenv("HOTLINE_NIGHTLY") != nullptr;
  const std::vector<Calendar> calendars{Calendar::load(HOTLINE_SOURCE_DIR "/data/calendars/cn.yaml").value()};
  for (const auto& entry : std::filesystem::directory_iterator(HOTLINE_SOURCE_DIR "/data/workflows")) {
    const Definition d = Definition::load(entry.path().string()).value();
    for (std::uint64_t seed = 0; seed < (nightly ? 2000u : 20u); ++seed) {
      SCOPED_TRACE(entry.path().filename().string() + " seed " + std::to_string(seed));
      live(d, calendars, seed, 300);
      if (testing::Test::HasFatalFailure()) return;
    }
  }
}

}  // namespace
}  // namespace hotline::workflow
