// Scene 5: a case that is not the city's goes to the province's hotline, which has a database of its own; its answer comes back.
#include "demo.hpp"
#include "hotline/ticket/audit.hpp"
#include "hotline/ticket/sites.hpp"

using namespace hotline;
using namespace std::chrono_literals;

namespace city {
namespace {

constexpr auto kLease = 1min;

// What a courier would do: letters there, receipts back.
int carry(ticket::Sites& from, ticket::Sites& to, Time now) {
  const auto letters = from.letters(now, kLease);
  if (!letters) return 0;
  int carried = 0;
  for (const ticket::Letter& letter : *letters) {
    const auto taken = to.receive(letter.text, now);
    if (taken && from.receive(taken->receipt, now)) ++carried;
  }
  return carried;
}

}  // namespace

void Demo::province() {
  screen_.heading("第五幕：移交省级热线", "Scene 5: a case for the province");
  auto database = store::Database::open(host_.folder() + "/province.db");
  auto service = database ? ticket::Service::open(*database, {.area = "990000"}) : Result<ticket::Service>(database.error());
  if (!screen_.expect(service.ok(), "省级热线使用另一个数据库", "the province's hotline has a database of its own")) return;
  ticket::Sites there(*service);
  const auto work = [&](auto&& deed) {
    return host_.ask([&](center::Hotline& h, Time now) {
      ticket::Sites here(h.tickets());
      return deed(h, here, now);
    });
  };
  const auto joined = work([&](center::Hotline& h, ticket::Sites& here, Time) -> Status {
    HOTLINE_ASSIGN(const auto our_key, ticket::public_key(h.tickets()));
    HOTLINE_ASSIGN(const auto their_key, ticket::public_key(*service));
    if (const auto key = here.join({"yunchuan.example", {{"province.example", "province", their_key, 4h, ticket::Peer::People::withheld}}}); !key) return key.error();
    if (const auto key = there.join({"province.example", {{"yunchuan.example", "", our_key, 4h, ticket::Peer::People::withheld}}}); !key) return key.error();
    return {};
  });
  screen_.expect(joined.ok(), "两级热线交换公钥", "the two exchange their public keys");

  const auto made = work([](center::Hotline& h, ticket::Sites&, Time now) {
    ticket::Intake in;
    in.at = now, in.actor = {"agent:a801", {"agent"}, ""};
    in.category = "municipal", in.title = "省道路灯不亮", in.content = "省道201线云川段路灯全部不亮。", in.place = "省道201线";
    return h.tickets().intake(in);
  });
  if (!screen_.expect(made.ok(), made ? "登记工单 " + made->number : made.error().text(), "a case that belongs to the province")) return;
  act(made->number, "submit", "", "agent");
  act(made->number, "dispatch", R"({"units":["province"],"lead":"province"})", "dispatcher");
  const int sent = work([&](center::Hotline&, ticket::Sites& here, Time now) { return carry(here, there, now); });
  const auto here = host_.ask([&](center::Hotline& h, Time) { return h.tickets().find(made->ticket); });
  screen_.expect(sent == 1 && here && here->state == "HANDLING", "签名信件送达省级热线，回执视为签收", "a signed letter reaches the province; its receipt signs for the case");

  const auto links = work([&](center::Hotline&, ticket::Sites& ours, Time) { return ours.links(made->ticket); });
  const std::string registry = links && !links->empty() ? links->front().registry : "";
  const auto part = service->find(registry);
  if (!screen_.expect(part.ok() && here && part->due && *part->due < *here->due, "省级工单 " + registry + "，时限早于本级", "a case of the province, due before ours")) return;
  const auto answered = service->apply({.at = host_.now(), .actor = {"province:1", {"agent"}, ""}, .ticket = part->id, .event = "answer_now",
                                        .fields = R"({"text":"省公路局已恢复供电。"})", .facts = R"({"kb_hit":true})"});
  const int back = work([&](center::Hotline&, ticket::Sites& ours, Time now) { return carry(there, ours, now); });
  const auto done = host_.ask([&](center::Hotline& h, Time) { return h.tickets().find(made->ticket); });
  screen_.expect(answered.ok() && back >= 1 && done && done->state == "REPLIED", "省级答复回到本市工单：" + (done ? done->reply : ""), "the province's answer is the city's");
}

}  // namespace city
