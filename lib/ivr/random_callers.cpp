// Callers at random, and the shortest call that still fails.
#include <map>

#include "hotline/base/json.hpp"
#include "hotline/ivr/callers.hpp"
#include "ivr/samples.hpp"
#include "ivr/session_view.hpp"

namespace hotline::ivr {
namespace {

const Time kStart = time_from_ns(1'795'399'200'000'000'000);  // a Monday, 10:00 in Beijing

struct Move {
  std::size_t id;  // stays where others are left out
  std::string what;
};

// What a call was: the caller's moves, and the answers of the host that are not the usual ones, each by the move that
// led to the question and its place among that move's questions.
struct Script {
  Time at = kStart;
  std::string language, profile;
  std::uint64_t seed = 0;
  std::vector<Move> moves;
  std::map<std::pair<std::size_t, std::size_t>, Answer> answers;
};

class Caller {
 public:
  Caller(const Flow& flow, Engine& engine, const std::vector<std::string>& texts) : flow_(flow), engine_(engine), texts_(texts) {}

  // Makes a call up; `script` receives it.
  std::string invent(std::uint64_t seed, std::uint64_t number, std::size_t most, Script& script) {
    Random random(seed, number);
    const std::size_t moves = 1 + random.below(most);
    // A third call at any hour of a year, some in another language, some in the easy profile.
    if (random.below(3) == 0) script.at += std::chrono::hours(random.below(24 * 365));
    if (random.below(4) == 0) script.language = flow_.languages()[random.below(flow_.languages().size())];
    if (random.below(8) == 0) script.profile = "easy";
    script.seed = number;
    Rehearsal call = begin(script, &random);
    for (std::size_t i = 1; i <= moves && !call.ended(); ++i) {
      at_ = {i, 0};
      script.moves.push_back({i, choose(call, random)});
      move(call, script.moves.back().what);
    }
    return finish(call);
  }

  std::string repeat(Script script) {
    Rehearsal call = begin(script, nullptr);
    for (const Move& one : script.moves) {
      if (call.ended()) break;
      at_ = {one.id, 0};
      move(call, one.what);
    }
    return finish(call);
  }

  std::size_t moves() const { return moves_; }
  CoverageMap* map = nullptr;
  std::string transcript;
  bool keep_transcript = false;
  std::string ending;
  std::map<std::pair<std::size_t, std::size_t>, std::size_t> numbers;  // of the questions, in the last call

 private:
  Rehearsal begin(Script& script, Random* random) {
    at_ = {0, 0};
    numbers.clear();
    return Rehearsal(engine_, {.caller = "13800138000", .dialled = "12345", .language = script.language, .profile = script.profile, .seed = script.seed}, script.at,
                     [this, &script, random](const Action& action, Answer& answer) {
                       const auto at = at_;
                       ++at_.second;
                       numbers.emplace(at, numbers.size() + 1);
                       if (random != nullptr && random->below(2) == 0) script.answers[at] = any_answer(flow_.program(), action, texts_, *random);
                       const auto found = script.answers.find(at);
                       if (found == script.answers.end()) return false;
                       answer = found->second;
                       return true;
                     });
  }

  std::string choose(Rehearsal& call, Random& random) const {
    const Session& session = call.session();
    if (session.phase() != Phase::prompting && session.phase() != Phase::collecting && random.below(8) != 0) call.listen();
    const auto dice = random.below(100);
    if (session.phase() == Phase::recording) return dice < 70 ? "(speak)" : dice < 85 ? "(murmur)" : dice < 92 ? "(silence)" : "(hang up)";
    if (dice < 3) return "(hang up)";
    if (dice < 15) return "(silence)";
    if (dice < 25) return std::string("!") + kKeyNames[random.below(12)];
    if (dice < 35) return std::string(1, "0*9#"[random.below(4)]);
    const Dialogue* dialogue = SessionView::dialogue(session);
    if (dialogue == nullptr || dice < 42) return std::string(1, kKeyNames[random.below(12)]);
    std::string keys = valid_entry(*SessionView::node(session), SessionView::part(session), *dialogue, random);
    return keys.empty() ? "(silence)" : keys;
  }

  void move(Rehearsal& call, const std::string& what) {
    ++moves_;
    if (what == "(hang up)") call.hang_up();
    else if (what == "(speak)") call.say("...", std::chrono::seconds(8));
    else if (what == "(murmur)") call.say("...", std::chrono::milliseconds(500));
    else if (what == "(silence)") call.listen(), call.wait(std::chrono::seconds(12));
    else if (what[0] == '!') call.press_now(std::string_view(what).substr(1));
    else call.press(what);
  }

  std::string finish(Rehearsal& call) {
    at_ = {SIZE_MAX, 0};
    call.listen();
    if (!call.ended()) call.hang_up();
    if (!call.ended()) call.finish();
    if (map != nullptr) map->add(call);
    if (keep_transcript) transcript = to_string(call.transcript());
    ending = call.ended() ? to_string(call.session().ending()) : "endless";
    return ending == "error" || ending == "limit" || ending == "endless" ? ending : "";
  }

  const Flow& flow_;
  Engine& engine_;
  const std::vector<std::string>& texts_;
  std::pair<std::size_t, std::size_t> at_;  // the move, and how many questions it has led to
  std::size_t moves_ = 0;
};

// Leaves out ever smaller pieces, as long as the call still fails in the same way.
Script shorten(Caller& caller, Script script, const std::string& why) {
  for (std::size_t size = std::max<std::size_t>(1, script.moves.size() / 2);; size /= 2) {
    for (std::size_t at = 0; at < script.moves.size();) {
      Script trial = script;
      const auto from = trial.moves.begin() + static_cast<std::ptrdiff_t>(at);
      trial.moves.erase(from, from + static_cast<std::ptrdiff_t>(std::min(size, trial.moves.size() - at)));
      if (caller.repeat(trial) == why) script = std::move(trial);
      else at += size;
    }
    if (size <= 1) break;
  }
  const auto without = [&](auto&& change) {
    Script trial = script;
    change(trial);
    if (caller.repeat(trial) == why) script = std::move(trial);
  };
  without([](Script& trial) { trial.at = kStart; });
  without([](Script& trial) { trial.language.clear(); });
  without([](Script& trial) { trial.profile.clear(); });
  for (auto answer = script.answers.begin(); answer != script.answers.end();) {
    Script trial = script;
    trial.answers.erase(answer->first);
    const auto after = std::next(answer);
    if (caller.repeat(trial) == why) script.answers.erase(answer);
    answer = after;
  }
  return script;
}

}  // namespace

CallersReport random_callers(const Flow& flow, const RandomCallers& options) {
  Engine engine(flow);
  CoverageMap map(flow);
  const std::vector<std::string> texts = compared_texts(flow.program());
  Caller caller(flow, engine, texts);
  caller.map = &map;
  CallersReport report;
  for (std::size_t i = 0; i < options.calls && !report.failed; ++i) {
    Script script;
    const std::string why = caller.invent(options.seed, i, std::max<std::size_t>(1, options.moves), script);
    ++report.calls;
    report.moves = caller.moves();
    ++report.endings[caller.ending];
    if (why.empty()) continue;
    report.failed = true;
    report.why = why;
    caller.map = nullptr;
    script = shorten(caller, std::move(script), why);
    caller.keep_transcript = true;
    caller.repeat(script);
    report.transcript = caller.transcript;
    if (script.at != kStart) report.script.push_back("@" + hotline::to_string(script.at));
    if (!script.language.empty()) report.script.push_back("language:" + script.language);
    if (!script.profile.empty()) report.script.push_back("profile:" + script.profile);
    for (const Move& one : script.moves) report.script.push_back(one.what);
    for (const auto& [at, answer] : script.answers) {
      std::string text = "=" + std::string(to_string(answer.outcome));
      for (const Field& field : answer.fields) text += " " + field.name + ":" + to_text(view(field.value));
      report.script.push_back(std::to_string(caller.numbers[at]) + text);
    }
  }
  report.coverage = map.report();
  return report;
}

std::string CallersReport::to_text() const {
  std::string text = std::to_string(calls) + " calls, " + std::to_string(moves) + " moves:";
  for (const auto& [ending, count] : endings) text += " " + std::to_string(count) + " " + ending + ",";
  text.back() = '\n';
  text += coverage.to_text();
  if (!failed) return text;
  text += "a call fails (" + why + "); the shortest found:";
  for (const std::string& one : script) text += " " + one;
  return text + (script.empty() ? " nothing pressed\n" : "\n") + transcript;
}

std::string CallersReport::to_json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("calls", calls).field("moves", moves).key("endings").begin_object();
  for (const auto& [ending, count] : endings) json.field(ending, count);
  json.end_object().key("coverage").raw(coverage.to_json()).field("failed", failed).field("why", why).key("script").begin_array();
  for (const std::string& one : script) json.value(one);
  json.end_array().field("transcript", transcript).field("text", to_text()).end_object();
  return out;
}

}  // namespace hotline::ivr
