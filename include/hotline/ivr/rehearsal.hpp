// A telephone call on a virtual clock: a caller who presses keys, a host that answers requests, and a transcript.
// For tests of flows, for the telephone in the terminal and for simulations; nothing waits, nothing is random.
//
//   Rehearsal call(flow, {.caller = "13800138000"}, at);
//   call.press("2");
//   call.press("2");
//   call.say("路灯坏了", 8s);
//   call.press("1");
//   call.hears("受理号");
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/journal.hpp"
#include "hotline/ivr/engine.hpp"

namespace hotline::ivr {

// What the host answers to a request, and after how long.
struct Answer {
  Outcome outcome = Outcome::ok;
  std::vector<Field> fields;
  Duration after = std::chrono::milliseconds(200);
  Duration talk = std::chrono::seconds(60);  // queue, transfer: how long the conversation lasts
};
// Empty: the host has nothing to say about it, and default_answer() is taken.
using Answers = std::function<bool(const Action& action, Answer& answer)>;
// queue, transfer: answered after 5 s; ticket create: number 20260001, 20260002 ...; ticket lookup and kb: empty;
// everything else: ok.
Answer default_answer(const Action& action, int created);

struct TranscriptLine {
  enum class Who : std::uint8_t { flow, caller, host, event };
  Duration at{};
  Who who = Who::flow;
  std::string what;  // "play", "key", "record", "query", "result", "hangup", "enter" ...
  std::string node;
  std::string text;  // what is said, keyed, asked
};
std::string to_string(const std::vector<TranscriptLine>& transcript);

// How long a part takes to be heard: about 4.5 Chinese characters or 14 Latin letters a second.
Duration speaking_time(const Part& part, int rate_percent = 100);

// Confined.
class Rehearsal {
 public:
  // With a journal, everything is also written as its lines (call_journal.hpp), as call `c1`; it must outlive the call.
  Rehearsal(Flow flow, Start start, Time at, Answers answers = {}, Journal* journal = nullptr);
  // The same over an engine of the caller's: its overlays and versions count.
  Rehearsal(Engine& engine, Start start, Time at, Answers answers = {}, Journal* journal = nullptr);
  ~Rehearsal();
  Rehearsal(Rehearsal&&) noexcept;

  // Waits until the flow listens, then presses the keys one after the other, 200 ms apart.
  void press(std::string_view keys);
  // Presses at once, whatever the flow is doing.
  void press_now(std::string_view keys);
  // Waits for the tone, speaks for `length`, ends with the terminator (or by silence where it is false).
  void say(std::string_view words, Duration length = std::chrono::seconds(8), bool end_with_key = true);
  // Lets time pass.
  void wait(Duration duration);
  // Lets time pass until the flow listens, records, or has ended; false where it does none of these within an hour.
  bool listen();
  void hang_up();
  // Lets the call run to its end without another key.
  void finish();

  bool ended() const;
  const Session& session() const;
  Time now() const;
  // Everything said since the last call of said(), and since the start.
  std::string said();
  std::string all_said() const;
  // True where `words` was said since the last hears() or said() that found something.
  bool hears(std::string_view words);
  const std::vector<TranscriptLine>& transcript() const;
  // Nodes in the order in which they were entered, and exits taken: "menu/1".
  const std::vector<std::string>& path() const;
  const std::vector<std::string>& exits() const;
  // What was counted: "menu/no_input", "menu/no_match", "menu/exhausted".
  const std::vector<std::string>& counters() const;
  // The actions of a kind so far: target and arguments as text.
  struct Request {
    ActionKind kind;
    std::string node, target;
    std::vector<Field> arguments;
  };
  const std::vector<Request>& requests() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hotline::ivr
