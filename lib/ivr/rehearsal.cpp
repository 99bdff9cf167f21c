#include "hotline/ivr/rehearsal.hpp"

#include <algorithm>
#include <cstdio>
#include <optional>

#include "hotline/ivr/call_journal.hpp"

namespace hotline::ivr {
namespace {

constexpr Duration kKeyGap = std::chrono::milliseconds(200);
constexpr Duration kPatience = std::chrono::hours(1);
constexpr std::string_view kCall = "c1";

std::string fixed_seconds(Duration d) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1f", std::chrono::duration<double>(d).count());
  return text;
}

}  // namespace

Answer default_answer(const Action& action, int created) {
  Answer answer;
  switch (action.kind) {
    case ActionKind::queue:
    case ActionKind::transfer:
      answer.outcome = Outcome::answered;
      answer.after = std::chrono::seconds(5);
      break;
    case ActionKind::ticket:
      if (action.target == "create") answer.fields.push_back({"number", std::to_string(20260000 + created)});
      else if (action.target == "lookup") answer.outcome = Outcome::empty;
      break;
    case ActionKind::kb: answer.outcome = Outcome::empty; break;
    default: break;
  }
  return answer;
}

Duration speaking_time(const Part& part, int rate_percent) {
  Duration total = part.silence;
  std::int64_t wide = 0, narrow = 0;
  for (const char c : part.text) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte >= 0xe0) ++wide;
    else if (byte < 0x80) ++narrow;
  }
  Duration speech = std::chrono::milliseconds(wide * 222 + narrow * 71);
  if (part.text.empty() && !part.file.empty()) speech = std::chrono::seconds(3);
  return total + speech * 100 / std::max(rate_percent, 10);
}

std::string to_string(const std::vector<TranscriptLine>& transcript) {
  static constexpr std::string_view kWho[] = {"<", ">", "=", "."};
  std::string text;
  for (const TranscriptLine& line : transcript) {
    const std::string at = fixed_seconds(line.at);
    text += std::string(at.size() < 7 ? 7 - at.size() : 0, ' ') + at + "s " + std::string(kWho[static_cast<std::size_t>(line.who)]) + ' ' +
            line.what + (line.text.empty() ? "" : " " + line.text) + (line.node.empty() ? "" : "  [" + line.node + "]") + '\n';
  }
  return text;
}

struct Rehearsal::State {
  std::unique_ptr<Engine> own;
  Engine* engine;
  Session session;
  Answers answers;
  Time begun, now;
  std::optional<CallJournal> journal;
  std::vector<TranscriptLine> transcript;
  std::vector<std::string> path, exits, counters;
  std::vector<Request> requests;
  std::size_t heard = 0, said = 0;
  int created = 0;
  std::string words;
  Duration words_length{};
  Time last_key = Time{Duration::min() / 2};

  struct Due {
    Time at;
    enum class What : std::uint8_t { played, result, connected, recorded } what;
    std::uint32_t id;
    Answer answer;
  };
  std::vector<Due> dues;
  struct Recording {
    std::uint32_t id = 0;
    Time begun{};
    Duration limit{}, silence{};
    RecordingEnd end = RecordingEnd::silence;
  } recording;

  State(Engine* e, Flow flow, Time at, Answers a, Journal* j)
      : own(e == nullptr ? std::make_unique<Engine>(std::move(flow)) : nullptr), engine(e == nullptr ? own.get() : e),
        session(engine->open()), answers(std::move(a)), begun(at), now(at) {
    if (j != nullptr) journal.emplace(*j);
  }

  void start(const Start& start) { perform(journal ? journal->start(*engine, session, start, kCall, now) : engine->start(session, start, now)); }
  void step(const Event& event) { perform(journal ? journal->step(*engine, session, event, kCall, now) : engine->step(session, event, now)); }

  void note(TranscriptLine::Who who, std::string_view what, std::string_view node, std::string text) {
    transcript.push_back({now - begun, who, std::string(what), std::string(node), std::move(text)});
  }

  void perform(std::span<const Action> actions) {
    for (const Trace& t : engine->trace()) {
      if (t.kind == TraceKind::enter) path.emplace_back(t.node);
      if (t.kind == TraceKind::no_input || t.kind == TraceKind::no_match || t.kind == TraceKind::exhausted)
        counters.push_back(std::string(t.node) + "/" + std::string(to_string(t.kind)));
      if (t.kind == TraceKind::leave) exits.push_back(std::string(t.node) + "/" + std::string(t.exit));
      if (t.kind == TraceKind::no_input || t.kind == TraceKind::no_match || t.kind == TraceKind::error || t.kind == TraceKind::exhausted ||
          t.kind == TraceKind::overlay || t.kind == TraceKind::migrated)
        note(TranscriptLine::Who::event, to_string(t.kind), t.node, std::string(t.exit) + (t.exit.empty() ? "" : " ") + std::string(t.detail));
    }
    for (const Action& action : actions) perform(action);
  }

  void perform(const Action& action) {
    switch (action.kind) {
      case ActionKind::play: return play(action);
      case ActionKind::stop: std::erase_if(dues, [](const Due& d) { return d.what == Due::What::played; }); return;
      case ActionKind::record:
        note(TranscriptLine::Who::flow, "record", action.node, action.beep ? "(beep)" : "");
        recording = {action.id, now, action.limit, action.silence, RecordingEnd::silence};
        // A caller who says nothing: silence ends the recording.
        dues.push_back({now + std::min(action.limit, action.silence > Duration::zero() ? action.silence : action.limit), Due::What::recorded, action.id, {}});
        return;
      case ActionKind::stop_record:
        std::erase_if(dues, [](const Due& d) { return d.what == Due::What::recorded; });
        recording.end = RecordingEnd::key;
        dues.push_back({now, Due::What::recorded, action.id, {}});
        return;
      case ActionKind::cancel:
        note(TranscriptLine::Who::flow, "cancel", action.node, "");
        std::erase_if(dues, [&](const Due& d) { return d.id == action.id && d.what != Due::What::played; });
        return;
      case ActionKind::hangup: note(TranscriptLine::Who::flow, "hangup", action.node, std::string(action.target)); return;
      default: return request(action);
    }
  }

  void play(const Action& action) {
    std::erase_if(dues, [](const Due& d) { return d.what == Due::What::played; });
    std::string text;
    Duration length{};
    for (const Part& part : action.parts) {
      length += speaking_time(part, action.rate_percent);
      if (!part.text.empty()) text += part.text;
      else if (!part.file.empty()) text += "(" + std::string(part.file) + ")";
      else if (part.silence > Duration::zero()) text += " … ";
    }
    note(TranscriptLine::Who::flow, action.repeat ? "music" : "play", action.node, text);
    if (!action.repeat) dues.push_back({now + length, Due::What::played, action.id, {}});
  }

  void request(const Action& action) {
    std::string text(action.target);
    Request kept{action.kind, std::string(action.node), std::string(action.target), {}};
    for (const Argument& argument : action.arguments) {
      text += " " + std::string(argument.name) + "=" + to_text(argument.value);
      kept.arguments.push_back({std::string(argument.name), copy(argument.value)});
    }
    requests.push_back(std::move(kept));
    note(TranscriptLine::Who::flow, to_string(action.kind), action.node, text);
    if (!action.wait) return;
    if (action.kind == ActionKind::ticket && action.target == "create") ++created;
    Answer answer = default_answer(action, created);
    if (answers) {
      Answer given;
      if (answers(action, given)) answer = std::move(given);
    }
    const bool talks = action.kind == ActionKind::queue || action.kind == ActionKind::transfer;
    if (talks && (answer.outcome == Outcome::answered || answer.outcome == Outcome::ok)) {
      dues.push_back({now + answer.after, Due::What::connected, action.id, {}});
      dues.push_back({now + answer.after + answer.talk, Due::What::result, action.id, std::move(answer)});
    } else {
      dues.push_back({now + answer.after, Due::What::result, action.id, std::move(answer)});
    }
  }

  void finish_recording(RecordingEnd end) {
    if (recording.id == 0) return;
    std::erase_if(dues, [](const Due& d) { return d.what == Due::What::recorded; });
    const Duration length = words_length > Duration::zero() ? words_length : end == RecordingEnd::silence ? Duration::zero() : now - recording.begun;
    const std::string file = "recording-" + std::to_string(recording.id) + ".wav";
    note(TranscriptLine::Who::caller, "says", session.node(), words.empty() ? fixed_seconds(length) + "s" : "\"" + words + "\"");
    const auto id = recording.id;
    recording.id = 0;
    words.clear();
    words_length = {};
    step(Event::recorded(id, file, length, end));
  }

  // The next thing that happens by itself; Time::max() for nothing.
  Time next() const {
    Time first = session.deadline();
    for (const Due& due : dues) first = std::min(first, due.at);
    return first;
  }

  void happen() {
    const auto due = std::min_element(dues.begin(), dues.end(), [](const Due& a, const Due& b) { return a.at < b.at; });
    if (due == dues.end() || session.deadline() < due->at) {
      step(Event::timer());
      return;
    }
    const Due one = std::move(*due);
    dues.erase(due);
    switch (one.what) {
      case Due::What::played: step(Event::played(one.id)); return;
      case Due::What::connected:
        note(TranscriptLine::Who::host, "connected", session.node(), "");
        step(Event::answered(one.id));
        return;
      case Due::What::recorded: finish_recording(recording.end); return;
      case Due::What::result: {
        std::string text(to_string(one.answer.outcome));
        for (const Field& field : one.answer.fields) text += " " + field.name + "=" + to_text(view(field.value));
        note(TranscriptLine::Who::host, "result", session.node(), text);
        step(Event::result(one.id, one.answer.outcome, one.answer.fields));
        return;
      }
    }
  }

  // Runs until `at` comes, or `done` says so.
  template <class Done>
  bool run(Time at, Done&& done) {
    for (int i = 0; i < 100'000; ++i) {
      if (session.ended() || done()) return true;
      const Time due = next();
      if (due > at) break;
      now = std::max(now, due);
      happen();
    }
    if (!session.ended() && at != Time::max()) now = std::max(now, at);
    return false;
  }
  bool listening() const { return session.phase() == Phase::prompting || session.phase() == Phase::collecting; }
};

Rehearsal::Rehearsal(Flow flow, Start start, Time at, Answers answers, Journal* journal)
    : state_(std::make_unique<State>(nullptr, std::move(flow), at, std::move(answers), journal)) {
  state_->start(start);
}
Rehearsal::Rehearsal(Engine& engine, Start start, Time at, Answers answers, Journal* journal)
    : state_(std::make_unique<State>(&engine, engine.flow(), at, std::move(answers), journal)) {
  state_->start(start);
}
Rehearsal::~Rehearsal() = default;
Rehearsal::Rehearsal(Rehearsal&&) noexcept = default;

void Rehearsal::press(std::string_view keys) {
  if (!listen()) return;
  press_now(keys);
}

void Rehearsal::press_now(std::string_view keys) {
  State& s = *state_;
  for (std::size_t i = 0; i < keys.size() && !s.session.ended(); ++i) {
    if (s.now - s.last_key < kKeyGap) s.run(s.last_key + kKeyGap, [] { return false; });
    s.last_key = s.now;
    s.note(TranscriptLine::Who::caller, "key", s.session.node(), std::string(1, keys[i]));
    s.step(Event::digit(keys[i]));
    s.run(s.now, [&] { return s.recording.id == 0 || s.recording.end != RecordingEnd::key; });
  }
}

void Rehearsal::say(std::string_view words, Duration length, bool end_with_key) {
  State& s = *state_;
  s.run(s.now + kPatience, [&] { return s.recording.id != 0; });
  if (s.recording.id == 0) return;
  s.words = words;
  s.words_length = std::min(length, s.recording.limit);
  std::erase_if(s.dues, [](const State::Due& d) { return d.what == State::Due::What::recorded; });
  s.now += s.words_length;
  if (length >= s.recording.limit) s.finish_recording(RecordingEnd::limit);
  else if (end_with_key) press_now("#");
  else {
    s.now += s.recording.silence;
    s.finish_recording(RecordingEnd::silence);
  }
}

void Rehearsal::wait(Duration duration) { state_->run(state_->now + duration, [] { return false; }); }

bool Rehearsal::listen() {
  State& s = *state_;
  return s.run(s.now + kPatience, [&] { return s.listening() || s.session.phase() == Phase::recording; }) && !s.session.ended();
}

void Rehearsal::hang_up() {
  State& s = *state_;
  if (s.session.ended()) return;
  s.note(TranscriptLine::Who::caller, "hangup", s.session.node(), "");
  const bool records = s.recording.id != 0;
  s.step(Event::hangup());
  if (records) {
    if (s.words_length == Duration::zero()) s.words_length = s.now - s.recording.begun;
    s.finish_recording(RecordingEnd::hangup);
  }
  s.run(s.now + std::chrono::minutes(1), [] { return false; });
}

void Rehearsal::finish() { state_->run(state_->now + std::chrono::hours(24), [] { return false; }); }

bool Rehearsal::ended() const { return state_->session.ended(); }
const Session& Rehearsal::session() const { return state_->session; }
Time Rehearsal::now() const { return state_->now; }

std::string Rehearsal::said() {
  std::string text;
  for (; state_->said < state_->transcript.size(); ++state_->said)
    if (state_->transcript[state_->said].what == "play") text += state_->transcript[state_->said].text;
  state_->heard = state_->said;
  return text;
}
std::string Rehearsal::all_said() const {
  std::string text;
  for (const TranscriptLine& line : state_->transcript)
    if (line.what == "play") text += line.text;
  return text;
}
bool Rehearsal::hears(std::string_view words) {
  for (std::size_t i = state_->heard; i < state_->transcript.size(); ++i)
    if (state_->transcript[i].what == "play" && state_->transcript[i].text.find(words) != std::string::npos) {
      state_->heard = i + 1;
      return true;
    }
  return false;
}
const std::vector<TranscriptLine>& Rehearsal::transcript() const { return state_->transcript; }
const std::vector<std::string>& Rehearsal::path() const { return state_->path; }
const std::vector<std::string>& Rehearsal::exits() const { return state_->exits; }
const std::vector<std::string>& Rehearsal::counters() const { return state_->counters; }
const std::vector<Rehearsal::Request>& Rehearsal::requests() const { return state_->requests; }

}  // namespace hotline::ivr
