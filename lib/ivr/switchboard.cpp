#include "hotline/ivr/switchboard.hpp"

#include <map>
#include <optional>

#include "hotline/ivr/call_journal.hpp"
#include "ivr/commands.hpp"

namespace hotline::ivr {

struct Switchboard::State {
  explicit State(Flow flow) : engine(std::move(flow)), versions{engine.flow()} {}
  struct Call {
    Session session;
    NewestIds newest;
  };
  using Calls = std::map<std::string, Call, std::less<>>;
  Engine engine;
  std::vector<Flow> versions;
  Calls calls;
  StatisticsByVersion statistics;
  std::optional<CallJournal> journal;

  void start(Calls::iterator at, const Start& start, Time now, std::string& out) {
    Call& call = at->second;
    const Flow before = call.session.flow();
    did(at, before, journal ? journal->start(engine, call.session, start, at->first, now) : engine.start(call.session, start, now), out);
  }
  void step(Calls::iterator at, const Event& event, Time now, std::string& out) {
    Call& call = at->second;
    const Flow before = call.session.flow();
    did(at, before, journal ? journal->step(engine, call.session, event, at->first, now) : engine.step(call.session, event, now), out);
  }
  void resume(Calls::iterator at, Time now, std::string& out) {
    Call& call = at->second;
    const Flow before = call.session.flow();
    did(at, before, journal ? journal->resume(engine, call.session, at->first, now) : engine.resume(call.session, now), out);
  }

  void did(Calls::iterator at, const Flow& before, std::span<const Action> actions, std::string& out) {
    Call& call = at->second;
    statistics.add(before, call.session, engine.trace());
    for (const Action& action : actions) {
      call.newest.note(action);
      JsonWriter json(out);
      json.begin_object().field("type", to_string(action.kind));
      write_action(json, at->first, action, PartsToo::yes);
      json.end_object();
      out += '\n';
    }
    if (!call.session.ended()) return;
    JsonWriter json(out);
    json.begin_object().field("type", "ended").field("call", at->first).field("ending", to_string(call.session.ending())).end_object();
    out += '\n';
    calls.erase(at);
  }

  Result<Session> restore(const std::string& text) const {
    auto session = Session::restore(engine.flow(), text);
    for (auto version = versions.rbegin(); !session && session.code() == ErrorCode::version_mismatch && version != versions.rend(); ++version) {
      auto older = Session::restore(*version, text);
      if (older) return older;
    }
    return session;
  }
};

Switchboard::Switchboard(Flow flow) : state_(std::make_unique<State>(std::move(flow))) {}
Switchboard::~Switchboard() = default;
Switchboard::Switchboard(Switchboard&&) noexcept = default;

Engine& Switchboard::engine() { return state_->engine; }
std::size_t Switchboard::calls() const { return state_->calls.size(); }
const Session* Switchboard::find(std::string_view call) const {
  const auto found = state_->calls.find(call);
  return found == state_->calls.end() ? nullptr : &found->second.session;
}
const StatisticsByVersion& Switchboard::statistics() const { return state_->statistics; }
void Switchboard::journal(Journal* journal) {
  state_->journal.reset();
  if (journal != nullptr) state_->journal.emplace(*journal);
}
void Switchboard::publish(Flow next, Time now) {
  state_->versions.push_back(next);
  if (state_->journal) state_->journal->publish(state_->engine, std::move(next), now);
  else state_->engine.publish(std::move(next));
}
void Switchboard::publish(Flow next, Migration migration, Time now) {
  state_->versions.push_back(next);
  if (state_->journal) state_->journal->publish(state_->engine, std::move(next), std::move(migration), now);
  else state_->engine.publish(std::move(next), std::move(migration));
}

Time Switchboard::next_deadline() const {
  Time first = Time::max();
  for (const auto& [name, call] : state_->calls) first = std::min(first, call.session.deadline());
  return first;
}

std::string Switchboard::advance(Time now) {
  std::string out;
  for (int guard = 0; guard < 100'000; ++guard) {
    auto due = state_->calls.end();
    for (auto it = state_->calls.begin(); it != state_->calls.end(); ++it)
      if (it->second.session.deadline() <= now && (due == state_->calls.end() || it->second.session.deadline() < due->second.session.deadline())) due = it;
    if (due == state_->calls.end()) break;
    state_->step(due, Event::timer(), due->second.session.deadline(), out);
  }
  return out;
}

Result<std::string> Switchboard::apply(std::string_view verb, std::string_view fields_json, Time now) {
  HOTLINE_ASSIGN(const Node fields, parse_document(fields_json.empty() ? "{}" : fields_json, "command"));
  return apply(verb, fields, now);
}

Result<std::string> Switchboard::apply(std::string_view verb, const Node& fields, Time now) {
  std::string out = advance(now);
  State& s = *state_;
  const auto text = [&](std::string_view key) {
    const Node* node = fields.find(key);
    return node ? node->text() : std::string();
  };
  if (verb == "notice.lay") {
    HOTLINE_ASSIGN(Overlay overlay, read_overlay(fields, now));
    HOTLINE_TRY(s.journal ? s.journal->lay(s.engine, overlay, now) : s.engine.lay(std::move(overlay)));
    return out;
  }
  if (verb == "notice.lift") {
    HOTLINE_TRY(s.journal ? s.journal->lift(s.engine, text("id"), now) : s.engine.lift(text("id")));
    return out;
  }
  const std::string name = text("call");
  if (name.empty()) return Error(ErrorCode::invalid_argument, "`" + std::string(verb) + "` needs a `call`", "name the call, e.g. {call: c1}");
  auto found = s.calls.find(name);
  if (verb == "call.start" || verb == "call.restore") {
    if (found != s.calls.end()) return Error(ErrorCode::already_exists, "the call `" + name + "` exists", "choose another name");
    Session session = s.engine.open();
    if (verb == "call.restore") {
      HOTLINE_ASSIGN(session, s.restore(text("session")));
      if (s.journal) s.journal->restored(session, name, now);
      s.calls.emplace(name, State::Call{std::move(session), {}});
      return out;
    }
    s.start(s.calls.emplace(name, State::Call{std::move(session), {}}).first, read_start(fields), now, out);
    return out;
  }
  if (found == s.calls.end()) return Error(ErrorCode::not_found, "there is no call `" + name + "`", "start it with call.start");
  if (verb == "call.resume") {
    s.resume(found, now, out);
    return out;
  }
  ReadEvent read;
  HOTLINE_TRY(read_event(verb, fields, found->second.newest, read));
  s.step(found, read.event, now, out);
  return out;
}

}  // namespace hotline::ivr
