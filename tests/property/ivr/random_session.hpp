// A session under any events at any time, with everything that must hold after each. Used by the property test with random
// numbers and by the fuzz target with bytes.
#pragma once

#include <cstdio>
#include <cstdlib>
#include <string>

#include "hotline/base/json.hpp"
#include "hotline/ivr.hpp"

namespace hotline::ivr::testing {

inline Flow fuzz_flow(const std::string& version) {
  std::string text = R"(
flow: 1
id: fuzz
version: "%V"
languages: [en-US, zh-CN]
start: l
main: m
agent: q
on_error: sorry
on_hangup: note
variables: {n: string, file: string, x: {type: int, default: 0}, reply: string, card: {type: string, secret: true}}
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
    safe_point: true
    prompt: {en-US: [{text: Menu}], zh-CN: [{text: 菜单}]}
    choices: {"1": c, "2": r, "3": v, "12": t, "4XX": k, "5": u, "6": w, "7": d, "8": p, "9": fax, "A": secret}
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
  fax: {type: fax_receive, prompt: {text: Send}, store: {file: number}, next: m, failed: m}
  secret: {type: collect, prompt: {text: Card}, min: 15, max: 64, store: card, check: none, barge_in: false, term_timeout: 2s, next: b, exhausted: m}
  b: {type: branch, cases: [{when: card == n, to: say}, {when: "x > 5", to: half}], else: m}
  q: {type: queue, queue: general, prompt: {text: Hold}, announce: {text: "{queue_position|number}"}, overflow_after: 5m, overflow: m, callback_key: "1", callback: cb}
  cb: {type: callback, queue: general, next: bye}
  note: {type: notify, channel: sms, template: t, next: hangup}
  sorry: {type: play, prompt: {text: Sorry}, next: m}
  bye: {type: hangup, prompt: {text: Bye}}
)";
  text = text.substr(0, text.find("%V")) + version + text.substr(text.find("%V") + 2);
  const auto flow = Flow::parse(text, "fuzz.yaml");
  if (!flow) {
    std::fprintf(stderr, "%s\n", examine(text, "fuzz.yaml").diagnostics.to_text().c_str());
    std::abort();
  }
  return *flow;
}

// One engine with two versions, and one call after the other.
class RandomSession {
 public:
  RandomSession() : engine_(first()), session_(engine_.open()) {}

  void begin(std::uint64_t seed) {
    session_ = engine_.open();
    play_ = request_ = record_ = newest_ = 0;
    hangups_ = 0;
    gone_ = false;
    take(engine_.start(session_, {.caller = "1", .dialled = "12345", .profile = seed % 5 == 0 ? "easy" : "", .seed = seed}, now_), true);
  }

  void event(std::uint8_t what, std::uint8_t how) {
    static const Field kFields[] = {{"number", std::string("20260001")}, {"reply", std::string("a reply that is longer than fifteen bytes")}, {"position", std::int64_t{3}}};
    now_ += std::chrono::milliseconds(how * 8);
    if (what < 96) step(Event::digit("0123456789*#ABCD"[what % 16]));
    else if (what < 128) step(Event::played(play_));
    else if (what < 160) {
      if (session_.deadline() != Time::max()) now_ = std::max(now_, session_.deadline());
      step(Event::timer());
    } else if (what < 190) step(Event::result(request_, static_cast<Outcome>(what % 10), kFields));
    else if (what < 205) step(Event::recorded(record_, "f.wav", std::chrono::milliseconds(how * 50), static_cast<RecordingEnd>(what % 5)));
    else if (what < 215) step(Event::progress(request_, kFields));
    else if (what < 220) step(Event::answered(request_));
    else if (what < 224) gone_ = true, step(Event::hangup());
    else if (what < 232) store();
    else if (what < 236) versions(how);
    else if (what < 240) notices(how);
    else if (what < 248) take(engine_.resume(session_, now_), true);
    else step(Event::digit(static_cast<char>(how)));
  }

  bool ended() const { return session_.ended(); }
  std::size_t actions = 0, migrations = 0;

 private:
  static const Flow& first() {
    static const Flow flow = fuzz_flow("1");
    return flow;
  }
  static const Flow& second() {
    static const Flow flow = fuzz_flow("2");
    return flow;
  }
  static void require(bool condition, const char* what) {
    if (condition) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
  }

  void step(const Event& event) {
    const bool over = session_.ended();
    const auto done = engine_.step(session_, event, now_);
    require(!over || done.empty(), "a session that has ended does nothing");
    take(done, false);
  }

  void take(std::span<const Action> done, bool again) {
    for (const Trace& t : engine_.trace()) migrations += t.kind == TraceKind::migrated;
    for (const Action& a : done) {
      ++actions;
      switch (a.kind) {
        case ActionKind::play:
          require(!a.parts.empty(), "a play says something");
          require(!gone_, "nothing is said to nobody");
          play_ = a.id;
          break;
        case ActionKind::record: record_ = a.id; break;
        case ActionKind::hangup: ++hangups_; break;
        case ActionKind::stop:
        case ActionKind::cancel:
        case ActionKind::stop_record: require(a.id <= newest_, "what is stopped was begun"); continue;
        default: request_ = a.id;
      }
      require(again || a.id > newest_, "ids grow");
      newest_ = std::max(newest_, a.id);
      if ((actions & 15) == 0)
        for (const Part& part : a.parts) require(is_utf8(part.text), "speech is UTF-8");
    }
    require(hangups_ <= 1, "a call is ended once");
    require(!session_.ended() || session_.deadline() == Time::max(), "nothing is waited for after the end");
    require(session_.steps() <= 1051, "steps are bounded");
    require(session_.typed().size() <= 64, "entries are bounded");
    require(session_.bytes() < 1400, "a session is small");
    require(session_.ended() || !session_.node().empty(), "a call is somewhere");
  }

  void store() {
    const std::string stored = session_.serialise();
    auto restored = Session::restore(session_.flow(), stored);
    require(restored.ok() && restored->serialise() == stored, "a stored session comes back as it was");
    session_ = *std::move(restored);
  }

  void versions(std::uint8_t how) {
    const Flow& next = how % 2 != 0 ? second() : first();
    if (how % 4 < 2) engine_.publish(next);
    else engine_.publish(next, Migration{});
  }

  void notices(std::uint8_t how) {
    static constexpr const char* kNodes[] = {"m", "*", "q", "r"};
    if (how % 4 != 0) return (void)engine_.lift("n");
    Overlay overlay{.id = "n", .node = kNodes[how / 4 % 4], .text = how % 8 == 0 ? "Storm" : "", .go_to = how % 16 == 0 ? "bye" : ""};
    require(engine_.lay(std::move(overlay)).ok(), "a notice is laid");
  }

  Engine engine_;
  Session session_;
  Time now_ = time_from_ns(1'795'399'200'000'000'000);
  std::uint32_t play_ = 0, request_ = 0, record_ = 0, newest_ = 0;
  int hangups_ = 0;
  bool gone_ = false;
};

}  // namespace hotline::ivr::testing
