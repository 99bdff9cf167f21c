#include "walkers.hpp"

#include <algorithm>

namespace hotline::sim {
namespace {

constexpr Duration kKeyGap = std::chrono::milliseconds(300);
constexpr std::string_view kHangUp = "hang_up";

Duration drawn(const wfm::Distribution& d, Random& random) {
  if (d.kind() == wfm::Distribution::Kind::never) return std::chrono::hours(24);
  return Duration(static_cast<std::int64_t>(std::min(d.sample(random), 86400.0) * 1e9));
}

template <class Item>
const Item* by_weight(const std::vector<Item>& items, Random& random) {
  double total = 0;
  for (const Item& item : items) total += item.weight;
  double u = random.uniform() * total;
  for (const Item& item : items)
    if ((u -= item.weight) < 0) return &item;
  return items.empty() ? nullptr : &items.back();
}

}  // namespace

Walkers::Walkers(const Walk& walk) : walk_(walk), engine_(walk.flow), by_node_(walk.flow.size(), nullptr) {
  for (const auto& [node, choices] : walk.keys) {
    if (node == "*") otherwise_ = &choices;
    else if (const std::size_t at = walk.flow.find(node); at < by_node_.size()) by_node_[at] = &choices;
  }
}

std::uint32_t Walkers::begin(std::uint64_t seed, std::uint64_t number, Time now) {
  std::uint32_t id;
  if (free_.empty()) {
    id = static_cast<std::uint32_t>(calls_.size());
    calls_.push_back(std::make_unique<Call>(engine_.open()));
  } else {
    id = free_.back();
    free_.pop_back();
    *calls_[id] = Call(engine_.open());
  }
  Call& call = *calls_[id];
  call.random = Random(seed, 1);
  double u = call.random.uniform();
  for (const Script& script : walk_.scripts)
    if ((u -= script.share) < 0) {
      call.script = &script;
      break;
    }
  call.knows = call.random.uniform() < walk_.knows;
  number_ = "13" + std::to_string(1'000'000'000 + number % 1'000'000'000).substr(1);
  ivr::Start start;
  start.caller = number_;
  start.dialled = walk_.dialled;
  start.language = walk_.language;
  start.seed = seed;
  done(call, engine_.start(call.session, start, now), now);
  return id;
}

void Walkers::release(std::uint32_t call) { free_.push_back(call); }

Time Walkers::due(std::uint32_t id) const {
  const Call& c = *calls_[id];
  if (c.session.ended()) return Time::max();
  return std::min({c.session.deadline(), c.played, c.key, c.result, c.recorded});
}

void Walkers::advance(std::uint32_t id, Time now) {
  Call& c = *calls_[id];
  while (!c.session.ended() && !c.desire.enqueue && !c.desire.leave_queue && due(id) <= now) {
    const Time first = due(id);
    if (c.played == first) {
      c.played = Time::max();
      done(c, engine_.step(c.session, ivr::Event::played(c.play_id), now), now);
    } else if (c.key == first) {
      c.key = Time::max();
      press(c, now);
    } else if (c.recorded == first) {
      c.recorded = Time::max();
      done(c, engine_.step(c.session, ivr::Event::recorded(c.record_id, "simulated.wav", c.message, c.end), now), now);
    } else if (c.result == first && c.connects) {
      c.connects = false;
      c.result = c.talk_until;
      done(c, engine_.step(c.session, ivr::Event::answered(c.request_id), now), now);
    } else if (c.result == first) {
      c.result = Time::max();
      done(c, engine_.step(c.session, ivr::Event::result(c.request_id, c.answer.outcome, c.answer.fields), now), now);
    } else {
      done(c, engine_.step(c.session, ivr::Event::timer(), now), now);
    }
  }
}

void Walkers::answered(std::uint32_t id, Time now) {
  Call& c = *calls_[id];
  c.key = Time::max();
  done(c, engine_.step(c.session, ivr::Event::answered(c.queue_id), now), now);
}
void Walkers::talk_over(std::uint32_t id, Time now) {
  Call& c = *calls_[id];
  done(c, engine_.step(c.session, ivr::Event::result(c.queue_id, ivr::Outcome::answered), now), now);
}
void Walkers::queue_full(std::uint32_t id, Time now) {
  Call& c = *calls_[id];
  done(c, engine_.step(c.session, ivr::Event::result(c.queue_id, ivr::Outcome::full), now), now);
}
void Walkers::hang_up(std::uint32_t id, Time now) {
  Call& c = *calls_[id];
  c.desire.by_caller = true;
  const bool records = c.recorded != Time::max();
  done(c, engine_.step(c.session, ivr::Event::hangup(), now), now);
  if (records) done(c, engine_.step(c.session, ivr::Event::recorded(c.record_id, "simulated.wav", c.message, ivr::RecordingEnd::hangup), now), now);
  if (!c.session.ended()) advance(id, now + std::chrono::minutes(1));  // what the flow still does after a hang-up
}

Desire Walkers::take(std::uint32_t id) {
  Call& c = *calls_[id];
  const Desire desire = c.desire;
  c.desire = {};
  c.desire.by_caller = desire.by_caller;
  return desire;
}

void Walkers::done(Call& c, std::span<const ivr::Action> actions, Time now) {
  using ivr::TraceKind;
  for (const ivr::Trace& t : engine_.trace())
    if (t.kind == TraceKind::enter || t.kind == TraceKind::no_input || t.kind == TraceKind::no_match || t.kind == TraceKind::choice)
      c.chosen = false, c.key = Time::max(), ++c.episode;
  for (const ivr::Action& action : actions) perform(c, action, now);
  if (c.session.ended()) {
    c.desire.ended = true;
    c.desire.by_caller = c.session.ending() == ivr::Ending::hangup_by_caller;
    return;
  }
  listen(c, now);
}

void Walkers::perform(Call& c, const ivr::Action& action, Time now) {
  using ivr::ActionKind;
  switch (action.kind) {
    case ActionKind::play: {
      Duration length{};
      for (const ivr::Part& part : action.parts) length += ivr::speaking_time(part, action.rate_percent);
      c.play_id = action.id;
      c.played = action.repeat ? Time::max() : now + length;
      return;
    }
    case ActionKind::stop: c.played = Time::max(); return;
    case ActionKind::record:
      c.record_id = action.id;
      c.message = drawn(walk_.message, c.random);
      c.end = c.message < action.limit ? action.keys.empty() ? ivr::RecordingEnd::silence : ivr::RecordingEnd::key : ivr::RecordingEnd::limit;
      c.message = std::min(c.message, action.limit);
      c.recorded = now + c.message + (c.end == ivr::RecordingEnd::silence ? action.silence : Duration{});
      return;
    case ActionKind::stop_record: c.recorded = now; return;
    case ActionKind::queue:
      c.queue_id = action.id;
      c.desire.enqueue = true;
      c.desire.leave_queue = false;
      c.desire.queue = action.target;
      c.desire.priority = action.priority;
      return;
    case ActionKind::cancel:
      if (action.id == c.queue_id) c.desire.leave_queue = true, c.desire.enqueue = false;
      else if (action.id == c.request_id) c.result = Time::max();
      return;
    case ActionKind::hangup: return;
    default: return request(c, action, now);
  }
}

void Walkers::request(Call& c, const ivr::Action& action, Time now) {
  if (action.kind == ivr::ActionKind::ticket && action.target == "create") ++c.desire.tickets;
  if (!action.wait) return;
  c.request_id = action.id;
  c.answer = ivr::default_answer(action, static_cast<int>(action.id));
  double total = 0;
  const auto fits = [&](const HostAnswer& a) { return a.target == action.target || a.target == "*"; };
  for (const HostAnswer& a : walk_.answers) total += fits(a) ? a.weight : 0;
  double u = total > 0 ? c.random.uniform() * total : 0;
  for (const HostAnswer& a : walk_.answers)
    if (fits(a) && (u -= a.weight) < 0) {
      c.answer = a.answer;
      break;
    }
  c.connects = action.kind == ivr::ActionKind::transfer && (c.answer.outcome == ivr::Outcome::answered || c.answer.outcome == ivr::Outcome::ok);
  c.result = now + c.answer.after;
  c.talk_until = c.result + c.answer.talk;
}

// Who hears the prompt out begins to think when the flow waits for a key; who knows the menu, at once.
void Walkers::listen(Call& c, Time now) {
  const ivr::Phase phase = c.session.phase();
  const bool listens = phase == ivr::Phase::collecting || (c.knows && phase == ivr::Phase::prompting);
  const bool in_queue = phase == ivr::Phase::waiting && choices_at(c) != nullptr;  // a key while waiting, where the experiment names the node
  if (c.chosen || (!listens && !in_queue)) return;
  c.chosen = true;
  c.keys = choose(c);
  c.key_at = 0;
  if (!c.keys.empty()) c.key = now + drawn(walk_.think, c.random);
}

const std::vector<KeyChoice>* Walkers::choices_at(const Call& c) const {
  const std::size_t node = walk_.flow.find(c.session.node());
  return node < by_node_.size() ? by_node_[node] : nullptr;
}

std::string_view Walkers::choose(Call& c) {
  if (c.script != nullptr && c.script_at < c.script->keys.size()) return c.script->keys[c.script_at++];
  const auto* choices = choices_at(c) != nullptr ? choices_at(c) : otherwise_;
  if (choices == nullptr) return {};
  const KeyChoice* choice = by_weight(*choices, c.random);
  return choice != nullptr ? std::string_view(choice->keys) : std::string_view();
}

void Walkers::press(Call& c, Time now) {
  if (c.keys == kHangUp) {
    c.desire.by_caller = true;
    return done(c, engine_.step(c.session, ivr::Event::hangup(), now), now);
  }
  const auto episode = c.episode;
  done(c, engine_.step(c.session, ivr::Event::digit(c.keys[c.key_at++]), now), now);
  if (c.episode == episode && c.key_at < c.keys.size()) c.key = now + kKeyGap;  // else the flow went on, and the rest is forgotten
}

}  // namespace hotline::sim
