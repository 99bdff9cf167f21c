#include "hotline/ivr/statistics.hpp"

#include "fixture.hpp"

using namespace hotline;
using namespace hotline::ivr;
using namespace hotline::ivr::testing;

TEST(Statistics, CountEntriesLossesMistakesAndTheKeyForAnAgent) {
  const Flow f = flow("flow: 1\nversion: \"3\"\nlanguages: [en-US]\nstart: m\nagent: a\non_error: bye\nnodes:\n"
                      "  m: {type: menu, prompt: {text: Press 1}, choices: {\"1\": bye}, exhausted: bye}\n"
                      "  a: {type: queue, queue: q, overflow: bye}\n  bye: {type: hangup, prompt: {text: Bye}}\n");
  Statistics all(f.version());
  Engine engine(f);
  for (int caller = 0; caller < 10; ++caller) {
    Statistics one(f.version());
    Session s = engine.open();
    Time now = monday();
    engine.start(s, {}, now);
    one.add(engine.trace());
    now += 2s;
    if (caller < 4) engine.step(s, Event::hangup(), now);
    else if (caller < 7) engine.step(s, Event::digit('0'), now);
    else {
      engine.step(s, Event::digit('5'), now);
      one.add(engine.trace());
      now += 1s;
      engine.step(s, Event::digit('1'), now);
    }
    one.add(engine.trace());
    all.merge(one);
  }
  const NodeStatistics& m = all.nodes().at("m");
  EXPECT_EQ(m.entries, 10u);
  EXPECT_EQ(m.hangups, 4u);
  EXPECT_EQ(m.zero_outs, 3u);
  EXPECT_EQ(m.no_match, 3u);
  EXPECT_EQ(m.exits.at("1"), 3u);
  EXPECT_EQ(m.time, 4 * 2s + 3 * 2s + 3 * 3s);
  EXPECT_EQ(m.barge_ins, 9u);
  EXPECT_NE(all.to_json().find("\"version\":\"3\""), std::string::npos);
}
