// Between texts, numbers and times.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "hotline/base/time.hpp"

namespace hotline::expr {

// "1h30m", "-1.5s", "100ms": a sign, then numbers with units ns us ms s m h d. "0" needs none.
std::optional<Duration> duration_from_string(std::string_view text);
// Seconds: "5400s", "-1.5s".
std::string duration_to_string(Duration d);
// The shortest text that reads back to the same double; "inf", "-inf", "nan".
std::string real_to_string(double v);
std::optional<double> real_from_string(std::string_view text);
std::optional<std::int64_t> integer_from_string(std::string_view text);
std::optional<std::uint64_t> natural_from_string(std::string_view text);
std::optional<bool> bool_from_string(std::string_view text);

std::string to_base64(std::string_view bytes);
std::optional<std::string> from_base64(std::string_view text);

}  // namespace hotline::expr
