// Many calls at once: arrivals, callers who answer the prompts, a host that answers requests; one heap of happenings.
#include <queue>

#include "hotline/base/json.hpp"
#include "hotline/ivr/callers.hpp"
#include "ivr/samples.hpp"
#include "ivr/session_view.hpp"

namespace hotline::ivr {
namespace {

Duration seconds(double s) { return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(s)); }

struct Line {
  Line(Session s, std::uint64_t seed, std::uint64_t number) : session(std::move(s)), random(seed, number) {}
  Session session;
  Random random;
  Time played_at = Time::max(), answer_at = Time::max(), key_at = Time::max();
  std::uint32_t play = 0, request = 0;
  std::uint32_t turn = 0;         // stale entries of the heap have another
  bool recording = false, talks = false, connected = false;
  std::string entry;              // keys still to be pressed
  Time next() const { return std::min({session.deadline(), played_at, answer_at, key_at}); }
};

struct Due {
  Time at;
  std::uint32_t line, turn;
  bool operator>(const Due& other) const { return at > other.at || (at == other.at && line > other.line); }
};

}  // namespace

struct CallLoad::State {
  State(Engine& e, const Options& o) : engine(e), options(o), random(o.seed, ~0ull), now(o.from), arrival(o.from) {}
  Engine& engine;
  Options options;
  Random random;
  Time now, arrival;
  std::vector<std::unique_ptr<Line>> lines;
  std::vector<std::uint32_t> free;
  std::priority_queue<Due, std::vector<Due>, std::greater<>> dues;
  Counts counts;
  std::size_t live = 0;

  void arrive() {
    now = arrival;
    arrival += seconds(random.exponential(1.0 / options.calls_per_second));
    if (live >= options.live) {
      ++counts.turned_away;
      return;
    }
    if (free.empty()) {
      free.push_back(static_cast<std::uint32_t>(lines.size()));
      lines.emplace_back();
    }
    const std::uint32_t at = free.back();
    free.pop_back();
    const std::uint32_t turn = lines[at] ? lines[at]->turn + 1 : 0;
    lines[at] = std::make_unique<Line>(engine.open(), options.seed, ++counts.calls);
    lines[at]->turn = turn;
    counts.peak = std::max(counts.peak, ++live);
    take(at, engine.start(lines[at]->session, {.caller = "13800138000", .dialled = "12345", .seed = counts.calls}, now));
  }

  void happen(std::uint32_t at) {
    Line& l = *lines[at];
    ++counts.events;
    if (l.session.deadline() <= now) return take(at, engine.step(l.session, Event::timer(), now));
    if (l.played_at <= now) {
      l.played_at = Time::max();
      return take(at, engine.step(l.session, Event::played(l.play), now));
    }
    if (l.answer_at <= now) return answer(at, l);
    key(at, l);
  }

  void answer(std::uint32_t at, Line& l) {
    l.answer_at = Time::max();
    if (l.recording) return take(at, engine.step(l.session, Event::recorded(l.request, "load.wav", std::chrono::seconds(8), RecordingEnd::key), now));
    if (l.talks && !l.connected) {
      l.connected = true;
      l.answer_at = now + seconds(l.random.exponential(120));
      return take(at, engine.step(l.session, Event::answered(l.request), now));
    }
    const Field number[] = {{"number", std::string("20260001")}};
    take(at, engine.step(l.session, Event::result(l.request, l.talks ? Outcome::answered : Outcome::ok, number), now));
  }

  void key(std::uint32_t at, Line& l) {
    l.key_at = Time::max();
    if (l.entry.empty()) {
      const auto dice = l.random.below(100);
      if (dice < 3) return take(at, engine.step(l.session, Event::hangup(), now));
      if (dice < 15) return schedule(at, l);  // says nothing: the timer strikes
      if (dice < 20) l.entry.assign(1, kKeyNames[l.random.below(12)]);
      else if (const Dialogue* d = SessionView::dialogue(l.session)) l.entry = valid_entry(*SessionView::node(l.session), SessionView::part(l.session), *d, l.random);
      if (l.entry.empty()) return schedule(at, l);
    }
    const char pressed = l.entry.front();
    l.entry.erase(0, 1);
    take(at, engine.step(l.session, Event::digit(pressed), now));
  }

  void take(std::uint32_t at, std::span<const Action> actions) {
    Line& l = *lines[at];
    for (const Action& a : actions) switch (a.kind) {
        case ActionKind::play: {
          Duration length{};
          for (const Part& part : a.parts) length += speaking_time(part, a.rate_percent);
          l.play = a.id;
          l.played_at = a.repeat ? Time::max() : now + length;
          break;
        }
        case ActionKind::stop: l.played_at = Time::max(); break;
        case ActionKind::cancel: l.answer_at = Time::max(); break;
        case ActionKind::stop_record: l.answer_at = now; break;
        case ActionKind::hangup: break;
        default:
          if (!a.wait) break;
          l.request = a.id;
          l.recording = a.kind == ActionKind::record;
          l.talks = a.kind == ActionKind::queue || a.kind == ActionKind::transfer;
          l.connected = false;
          l.answer_at = now + (l.recording ? seconds(8) : l.talks ? seconds(l.random.exponential(30)) : seconds(0.2));
      }
    if (l.session.ended()) {
      auto found = counts.endings.find(to_string(l.session.ending()));
      if (found == counts.endings.end()) found = counts.endings.emplace(to_string(l.session.ending()), 0).first;
      ++found->second;
      ++l.turn;
      free.push_back(at);
      --live;
      return;
    }
    const bool listens = l.session.phase() == Phase::prompting || l.session.phase() == Phase::collecting;
    if (!listens) l.entry.clear(), l.key_at = Time::max();
    else if (l.key_at == Time::max()) l.key_at = now + (l.entry.empty() ? seconds(1 + 4 * l.random.uniform()) : seconds(0.3));
    schedule(at, l);
  }

  void schedule(std::uint32_t at, Line& l) { dues.push({l.next(), at, ++l.turn}); }

  void step() {
    for (;;) {
      if (dues.empty() || arrival <= dues.top().at) return arrive();
      const Due due = dues.top();
      dues.pop();
      if (lines[due.line]->turn != due.turn || due.at == Time::max()) continue;
      now = due.at;
      return happen(due.line);
    }
  }
};

CallLoad::CallLoad(Engine& engine, const Options& options) : state_(std::make_unique<State>(engine, options)) {}
CallLoad::~CallLoad() = default;
void CallLoad::step() { state_->step(); }
void CallLoad::run(Time until) {
  while (state_->now < until) state_->step();
}
Time CallLoad::now() const { return state_->now; }
std::size_t CallLoad::live() const { return state_->live; }
const CallLoad::Counts& CallLoad::counts() const { return state_->counts; }

std::string CallLoad::to_json() const {
  std::string out;
  JsonWriter json(out);
  const Counts& c = state_->counts;
  json.begin_object().field("calls", c.calls).field("events", c.events).field("live", state_->live).field("peak", c.peak).field("turned_away", c.turned_away);
  json.key("endings").begin_object();
  for (const auto& [ending, count] : c.endings) json.field(ending, count);
  json.end_object().end_object();
  return out;
}

}  // namespace hotline::ivr
