// A citizen who keeps the place in the queue without waiting on the line.
#include "fake.hpp"

namespace {

using namespace hotline;
using namespace std::chrono_literals;

// Waits in the queue, presses 1 to be called back, hangs up.
void asks_for_it(fake::Centre& centre, const std::string& number) {
  const auto leg = centre.telephony.ring_in(number, "12345");
  centre.run(1s);
  centre.press(leg, "1");
  centre.run(5s);
  centre.press(leg, "1");
  centre.run(2s);
  EXPECT_TRUE(centre.noticed("callback.kept")) << centre.told();
  centre.telephony.down(leg);
  centre.run(15s);
  EXPECT_EQ(centre.hotline->live_calls(), 1u) << "only the agent's";
}
std::uint32_t waiting(const fake::Centre& centre) {
  for (const auto& queue : centre.hotline->queues())
    if (queue.queue == "general") return queue.callbacks;
  return 0;
}
const std::string& dialled(fake::Centre& centre) { return centre.telephony.legs[centre.telephony.dialled.back()].to; }

TEST(Callback, TheAgentsTelephoneRingsFirstThenTheCitizens) {
  fake::Centre centre;
  const auto busy = centre.talk("a801", "13700137000");
  asks_for_it(centre, "13800138000");
  EXPECT_EQ(waiting(centre), 1u);
  // Somebody who came later and waits on the line comes after.
  const auto later = centre.telephony.ring_in("13900139000", "12345");
  centre.run(1s);
  centre.press(later, "1");
  centre.run(1s);
  centre.telephony.down(busy.citizen);
  centre.run(1s);
  centre.hotline->wrap_up_done("a801", centre.now).value();
  centre.run(1s);
  const auto desk = centre.telephony.dialled.back();
  EXPECT_EQ(dialled(centre), centre.hotline->setup().find("a801")->phone);
  centre.telephony.up(desk);
  centre.run(1s);
  const auto citizen = centre.telephony.dialled.back();
  EXPECT_EQ(dialled(centre), "sip:13800138000@test") << centre.told();
  centre.telephony.up(citizen);
  centre.run(1s);
  EXPECT_EQ(centre.telephony.legs[citizen].bridged, desk);
  EXPECT_EQ(waiting(centre), 0u);
  EXPECT_TRUE(centre.hotline->record_case("a801", {.title = "路灯不亮", .category = "municipal"}, centre.now).ok());
  centre.hotline->hang_up("a801", centre.now).value();
  centre.run(15s);
  EXPECT_TRUE(centre.telephony.legs[citizen].down);
  const auto calls = centre.hotline->records().calls_of("13800138000").value();
  EXPECT_EQ(calls.at(0).direction, center::Direction::outbound);
  EXPECT_EQ(calls.at(0).outcome, "answered");
  EXPECT_EQ(calls.at(0).agent, "a801");
}

TEST(Callback, ACitizenWhoDoesNotAnswerIsCalledThreeTimes) {
  fake::Centre centre;
  const auto busy = centre.talk("a801", "13700137000");
  asks_for_it(centre, "13800138000");
  centre.telephony.down(busy.citizen);
  centre.run(1s);
  for (int attempt = 1; attempt <= 3; ++attempt) {
    centre.hotline->wrap_up_done("a801", centre.now).value();
    centre.run(11min);
    const auto desk = centre.telephony.dialled.back();
    ASSERT_EQ(dialled(centre), centre.hotline->setup().find("a801")->phone) << attempt << "\n" << centre.told();
    (void)desk;
    // The telephone rang out while the clock ran on; the agent is there again and the next ring is answered.
    (void)centre.hotline->ready("a801", centre.now);
    centre.run(1s);
    centre.telephony.up(centre.telephony.dialled.back());
    centre.run(1s);
    ASSERT_EQ(dialled(centre), "sip:13800138000@test") << attempt << "\n" << centre.told();
    centre.telephony.down(centre.telephony.dialled.back(), 408);
    centre.run(15s);
  }
  EXPECT_TRUE(centre.noticed("callback.missed"));
  const auto before = centre.telephony.dialled.size();
  (void)centre.hotline->wrap_up_done("a801", centre.now);
  centre.run(1h);
  EXPECT_EQ(centre.telephony.dialled.size(), before) << "three times, then no more";
}

TEST(Callback, SurvivesARestartAtItsOldPlace) {
  const std::string folder = (std::filesystem::temp_directory_path() / ("hotline-callback-" + std::to_string(::getpid()))).string();
  const std::string kept = folder + "-kept";
  {
    fake::Centre centre(folder);
    centre.talk("a801", "13700137000");
    asks_for_it(centre, "13800138000");
    std::filesystem::copy(folder, kept, std::filesystem::copy_options::recursive);  // as a kill would leave it
  }
  fake::Centre again(kept, "2026-11-23T02:10:00Z");
  EXPECT_EQ(waiting(again), 1u);
  again.hotline->sign_in("a802", again.now).value();
  again.run(1s);
  ASSERT_EQ(again.telephony.dialled.size(), 1u) << again.told();
  again.telephony.up(again.telephony.dialled.at(0));
  again.run(1s);
  EXPECT_EQ(dialled(again), "sip:13800138000@test");
}

}  // namespace
