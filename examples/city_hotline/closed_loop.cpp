// Scene 4: the closed loop. Dispatch, signature, handling, reply, review, return visit, archive; one ticket runs overdue.
#include "demo.hpp"

using namespace hotline;
using namespace std::chrono_literals;

namespace city {

bool Demo::act(const std::string& number, const std::string& event, const std::string& fields,
               const std::string& role, const std::string& unit) {
  const auto result = host_.ask([&](center::Hotline& h, Time now) -> Result<ticket::Outcome> {
    HOTLINE_ASSIGN(const auto found, h.tickets().find(number));
    return h.tickets().apply({.at = now, .actor = {role + ":demo", {role}, unit}, .ticket = found.id, .event = event, .fields = fields});
  });
  return screen_.expect(result.ok(), number + " " + event + (result ? " → " + result->state : "：" + result.error().text()),
                 result ? "by " + role + (unit.empty() ? "" : " of " + unit) : "refused");
}

void Demo::closed_loop() {
  screen_.heading("第四幕：闭环", "Scene 4: the closed loop");
  const std::string dispatch = R"({"units":["lighting"],"lead":"lighting"})";
  for (const std::string& number : {case_, complaint_}) {
    mark_ = screen_.mark();
    act(number, "submit", "", "agent");
    act(number, "dispatch", dispatch, "dispatcher");
    await("outbox", "lighting");
    act(number, "sign", "", "unit", "lighting");
    act(number, "begin", "", "unit", "lighting");
  }
  // The first one is handled at once; the reply is told by a call, and the return visit is another.
  mark_ = screen_.mark();
  act(case_, "reply", R"({"public_text":"路灯已经修好，老化的线路已更换。","internal_text":"done","contacted":true})", "unit", "lighting");
  act(case_, "review_pass", "", "reviewer");
  act(case_, "inform", R"({"text":"路灯已经修好，老化的线路已更换。"})", "visitor");
  const std::string caller = "13900139000";
  auto& citizen = phones_[caller];
  if (await("call.placed") && await("prompt", "答复如下")) {
    hears(caller, "答复如下", "呼出电话告知了答复", "an outbound call tells the reply");
    (void)citizen.hang_up();
    await("call.ended");
  }
  mark_ = screen_.mark();
  desk([&](center::Hotline& h, Time now) { return h.visit(case_, now); });
  if (await("prompt", "回访")) {
    (void)citizen.press("1");
    if (await("prompt", "满意吗")) {
      (void)citizen.press("2");
      await("visit.result");
      (void)citizen.hang_up();
      await("call.ended");
    }
  }
  const auto closed = host_.ask([&](center::Hotline& h, Time) { return h.tickets().find(case_); });
  screen_.expect(closed.ok() && closed->state == "CLOSED", "回访满意，工单办结", "the citizen is satisfied: the ticket is closed");
  act(case_, "archive", "", "archivist");

  // The other one is forgotten: the virtual clock goes on until its term is over.
  screen_.line("\n            ⏩ 虚拟时钟前进 30 天 · the virtual clock goes 30 days on");
  mark_ = screen_.mark();
  host_.shift(30 * 24h);
  screen_.expect(await("ticket.timers", {}, 15s) && await("outbox", complaint_, 15s), "超期：系统自动催办、告警", "overdue: reminders and alarms by themselves");
  const auto late = host_.ask([&](center::Hotline& h, Time) { return h.tickets().find(complaint_); });
  screen_.expect(late.ok() && late->overdue, "工单 " + complaint_ + " 标记为超期", "ticket " + complaint_ + " is marked overdue");
  act(complaint_, "reply", R"({"public_text":"路灯已修复，耽误您出行，向您致歉。","internal_text":"late","contacted":true})", "unit", "lighting");
  act(complaint_, "review_pass", "", "reviewer");
  act(complaint_, "visit_result", R"({"contacted":true,"solved":true,"satisfaction":"basically_satisfied"})", "visitor");
  act(complaint_, "archive", "", "archivist");
  for (const std::string& number : {case_, complaint_}) {
    const auto done = host_.ask([&](center::Hotline& h, Time) { return h.tickets().find(number); });
    screen_.expect(done.ok() && done->state == "ARCHIVED", number + " 已归档", number + " is archived");
  }
}

}  // namespace city
