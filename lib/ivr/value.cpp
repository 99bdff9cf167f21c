#include "hotline/ivr/value.hpp"

#include <charconv>

#include "hotline/ivr/action.hpp"
#include "hotline/ivr/engine.hpp"
#include "hotline/ivr/event.hpp"
#include "hotline/ivr/session.hpp"

namespace hotline::ivr {

ValueView view(const Value& value) {
  return std::visit(
      [](const auto& v) -> ValueView {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string>) return std::string_view(v);
        else return v;
      },
      value);
}

Value copy(const ValueView& value) {
  return std::visit(
      [](const auto& v) -> Value {
        if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::string_view>) return std::string(v);
        else return v;
      },
      value);
}

std::string to_text(const ValueView& value) {
  char digits[32];
  switch (value.index()) {
    case 1: return std::get<bool>(value) ? "true" : "false";
    case 2: return std::to_string(std::get<std::int64_t>(value));
    case 3: {
      const auto end = std::to_chars(digits, digits + sizeof digits, std::get<double>(value));
      return {digits, end.ptr};
    }
    case 4: return std::string(std::get<std::string_view>(value));
    default: return "";
  }
}

namespace {
template <class E, std::size_t N>
Result<E> parse_name(std::string_view name, const std::string_view (&names)[N], std::string_view what) {
  for (std::size_t i = 0; i < N; ++i)
    if (names[i] == name) return static_cast<E>(i);
  std::string all;
  for (const auto n : names) all += (all.empty() ? "" : ", ") + std::string(n);
  return Error(ErrorCode::invalid_argument, "`" + std::string(name) + "` is no " + std::string(what), "write one of " + all);
}
constexpr std::string_view kOutcomes[] = {"ok", "empty", "error", "timeout", "answered", "busy", "no_answer", "failed", "full", "closed"};
constexpr std::string_view kActions[] = {"play", "stop", "record", "stop_record", "query", "ticket", "kb", "survey",
                                         "queue", "transfer", "callback", "notify", "fax_send", "fax_receive", "cancel", "hangup"};
constexpr std::string_view kEvents[] = {"played", "key", "timer", "recorded", "result", "progress", "hangup"};
constexpr std::string_view kTraces[] = {"enter", "leave", "choice", "no_input", "no_match", "exhausted",
                                        "barge_in", "overlay", "error", "hangup", "ended", "migrated"};
constexpr std::string_view kEnds[] = {"key", "silence", "limit", "hangup", "error"};
constexpr std::string_view kPhases[] = {"fresh", "playing", "prompting", "collecting", "recording", "waiting", "ended"};
constexpr std::string_view kEndings[] = {"none", "hangup_by_flow", "hangup_by_caller", "error", "limit"};
}  // namespace

std::string_view to_string(Outcome outcome) { return kOutcomes[static_cast<std::size_t>(outcome)]; }
Result<Outcome> parse_outcome(std::string_view name) { return parse_name<Outcome>(name, kOutcomes, "outcome"); }
std::string_view to_string(ActionKind kind) { return kActions[static_cast<std::size_t>(kind)]; }
std::string_view to_string(EventKind kind) { return kEvents[static_cast<std::size_t>(kind)]; }
std::string_view to_string(TraceKind kind) { return kTraces[static_cast<std::size_t>(kind)]; }
std::string_view to_string(RecordingEnd end) { return kEnds[static_cast<std::size_t>(end)]; }
std::string_view to_string(Phase phase) { return kPhases[static_cast<std::size_t>(phase)]; }
std::string_view to_string(Ending ending) { return kEndings[static_cast<std::size_t>(ending)]; }

}  // namespace hotline::ivr
