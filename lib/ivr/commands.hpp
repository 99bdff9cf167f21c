// Commands and events of calls as text, and back: what the switchboard takes and journals hold.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/document.hpp"
#include "hotline/base/json.hpp"
#include "hotline/ivr/engine.hpp"

namespace hotline::ivr {

Start read_start(const Node& fields);
void write_start(JsonWriter& json, const Start& start);

// An event with what it borrows. Not copied: the event points into it.
struct ReadEvent {
  ReadEvent() = default;
  ReadEvent(const ReadEvent&) = delete;
  ReadEvent& operator=(const ReadEvent&) = delete;
  std::string file;
  std::vector<Field> fields;
  Event event;
};
// Ids that a command may leave out: the newest of the call.
struct NewestIds {
  std::uint32_t play = 0, record = 0, request = 0;
  void note(const Action& action);
};
// Errors: not_found (no such verb), invalid_argument.
Status read_event(std::string_view verb, const Node& fields, const NewestIds& newest, ReadEvent& into);
std::string verb_of(const Event& event);
void write_event(JsonWriter& json, const Event& event);

Result<Overlay> read_overlay(const Node& fields, Time now);
void write_overlay(JsonWriter& json, const Overlay& overlay);

enum class PartsToo : std::uint8_t { no, yes };
// The fields after `type`.
void write_action(JsonWriter& json, std::string_view call, const Action& action, PartsToo parts);

}  // namespace hotline::ivr
