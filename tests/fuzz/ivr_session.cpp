// Any events at any time: the session never breaks, ends at most once, and is the same after storing and restoring.
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "hotline/base/json.hpp"
#include "hotline/ivr.hpp"

namespace {
using namespace hotline;
using namespace hotline::ivr;

const Flow& flow() {
  static const Flow f = Flow::parse(R"(
flow: 1
languages: [en-US, zh-CN]
start: l
main: m
agent: q
on_error: sorry
on_hangup: note
variables: {n: string, file: string, x: {type: int, default: 0}, reply: string}
subflows:
  s:
    parameters: [a]
    returns: [b]
    variables: {a: int, b: int}
    start: one
    nodes:
      one: {type: set, set: {b: a + 1}, next: two}
      two: {type: return}
nodes:
  l: {type: language, choices: {"1": en-US, "2": zh-CN}, next: m}
  m:
    type: menu
    prompt: {en-US: [{text: Menu}], zh-CN: [{text: 菜单}]}
    choices: {"1": c, "2": r, "3": v, "12": t, "4XX": k, "5": u, "6": w, "7": d, "8": p}
    exhausted: q
  c: {type: collect, prompt: {text: N}, min: 2, max: 6, store: n, confirm: true, next: look, exhausted: m}
  look: {type: ticket, do: lookup, arguments: {number: n}, store: {reply: reply}, holding: {text: Wait}, ok: say, empty: m}
  say: {type: play, prompt: {text: "{reply} {x|number}"}, next: m}
  r: {type: record, prompt: {text: Speak}, store: file, saved: keep, cancelled: m, too_short: m, hangup_saved: keep}
  keep: {type: ticket, do: create, arguments: {file: file}, store: {n: number}, holding: {text: Wait}, ok: tell}
  tell: {type: announce_number, value: n, next: m}
  v: {type: survey, poll: p, questions: [{id: a, prompt: [{text: A}], answers: 1-5}, {id: b, prompt: [{text: B}], answers: 1-3}], next: m}
  t: {type: transfer, kind: extension, to: "1", busy: m, no_answer: m, failed: q}
  k: {type: kb, do: search, text: n, store: {reply: text}, holding: {text: Wait}, ok: say, empty: m}
  u: {type: subflow, flow: s, arguments: {a: x}, store: {x: b}, next: loop}
  loop: {type: loop, max: 3, body: u, done: m}
  w: {type: music, music: {text: la}, for: 5s, next: half}
  half: {type: percent, shares: [{percent: 50, to: m}, {percent: 50, to: wait}]}
  wait: {type: pause, for: 1s, next: m}
  d: {type: dial_by_name, store: n, people: [{name: Ann, spelling: ann, extension: "1"}, {name: Bob, spelling: bob, extension: "2"}], next: t, exhausted: m}
  p: {type: fax_send, document: x, prompt: {text: Fax}, next: m, failed: m}
  q: {type: queue, queue: general, prompt: {text: Hold}, announce: {text: "{queue_position|number}"}, overflow_after: 5m, overflow: m, callback_key: "1", callback: cb}
  cb: {type: callback, queue: general, next: bye}
  note: {type: notify, channel: sms, template: t, next: hangup}
  sorry: {type: play, prompt: {text: Sorry}, next: m}
  bye: {type: hangup, prompt: {text: Bye}}
)").value();
  return f;
}

void require(bool condition) {
  if (!condition) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Engine engine(flow());
  Session session = engine.open();
  Time now = time_from_ns(1'795'399'200'000'000'000);
  std::uint32_t play = 0, request = 0, record = 0;
  int hangups = 0;
  const auto take = [&](std::span<const Action> actions) {
    for (const Action& a : actions) {
      if (a.kind == ActionKind::play) play = a.id, require(!a.parts.empty());
      if (a.kind >= ActionKind::query && a.kind <= ActionKind::fax_receive) request = a.id;
      if (a.kind == ActionKind::record) record = a.id;
      if (a.kind == ActionKind::hangup) ++hangups;
      for (const Part& part : a.parts) require(is_utf8(part.text));
    }
  };
  take(engine.start(session, {.caller = "1", .seed = size}, now));
  const Field fields[] = {{"number", std::string("20260001")}, {"reply", std::string("r")}, {"position", std::int64_t{3}}};
  for (std::size_t i = 0; i + 1 < size; i += 2) {
    now += std::chrono::milliseconds(data[i + 1] * 8);
    const std::uint8_t what = data[i];
    if (what < 96) take(engine.step(session, Event::digit("0123456789*#ABCD"[what % 16]), now));
    else if (what < 128) take(engine.step(session, Event::played(play), now));
    else if (what < 160) {
      if (session.deadline() != Time::max()) now = std::max(now, session.deadline());
      take(engine.step(session, Event::timer(), now));
    } else if (what < 190) take(engine.step(session, Event::result(request, static_cast<Outcome>(what % 10), fields), now));
    else if (what < 205) take(engine.step(session, Event::recorded(record, "f.wav", std::chrono::milliseconds(data[i + 1] * 50), static_cast<RecordingEnd>(what % 5)), now));
    else if (what < 215) take(engine.step(session, Event::progress(request, fields), now));
    else if (what < 220) take(engine.step(session, Event::answered(request), now));
    else if (what < 224) take(engine.step(session, Event::hangup(), now));
    else if (what < 240) {
      const std::string stored = session.serialise();
      auto restored = Session::restore(flow(), stored);
      require(restored.ok() && restored->serialise() == stored);
      session = *restored;
    } else if (what < 250) take(engine.resume(session, now));
    else take(engine.step(session, Event::digit(static_cast<char>(data[i + 1])), now));
    require(hangups <= 1);
    require(!session.ended() || session.deadline() == Time::max());
    require(session.steps() <= 1051);
  }
  if (size > 0 && data[0] == 255) (void)Session::restore(flow(), {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
