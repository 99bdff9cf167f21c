// Time zones of getHours("Asia/Shanghai") and its like: names of the tz database, and offsets in CEL's forms.
#pragma once

#include <cstdint>
#include <string_view>

namespace hotline::expr {

// Seconds to add to UTC for local time at a moment, in "UTC", "", an offset "+08:00" / "-5:30" / "08:00", or a zone of the tz
// database. Zones are read once and kept for the life of the process; any thread. False where there is no such zone.
bool zone_offset(std::string_view name, std::int64_t utc_seconds, std::int64_t& seconds);

}  // namespace hotline::expr
