// What a flow's variables hold, and how values travel between a flow and its host.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <variant>

namespace hotline::ivr {

// A variable of a session: nothing, yes/no, a whole number, a decimal or a text. A plain value.
using Value = std::variant<std::monostate, bool, std::int64_t, double, std::string>;

// The same without ownership, as actions hand it out.
using ValueView = std::variant<std::monostate, bool, std::int64_t, double, std::string_view>;

ValueView view(const Value& value);
Value copy(const ValueView& value);
// As a caller or a log would read it: "", "true", "42", "1.5", the text itself.
std::string to_text(const ValueView& value);

// A named value that the host gives (caller data, a query's answer).
struct Field {
  std::string name;
  Value value;
};

// A named value that the flow gives (a query's argument). Lives until the engine's next step.
struct Argument {
  std::string_view name;
  ValueView value;
};

}  // namespace hotline::ivr
