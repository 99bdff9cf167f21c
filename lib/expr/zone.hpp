// Time zones of the system's tz database (RFC 8536 files), without ICU.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace hotline::expr {

// Immutable.
class Zone {
 public:
  // Seconds to add to UTC for local time at that moment.
  std::int64_t offset(std::int64_t utc_seconds) const;

  // Reads a TZif file's bytes. False on anything that is not one.
  bool parse(std::string_view bytes);

 private:
  struct Rule {  // of the footer: Mm.w.d/time
    int month = 0, week = 0, day = 0;
    int julian = -1;        // Jn (no leap day) or n
    bool leap_days = false; // n counts 29 February
    std::int64_t time = 7200;
  };
  bool parse_footer(std::string_view text);
  std::int64_t offset_by_rule(std::int64_t utc_seconds) const;
  static std::int64_t rule_seconds(const Rule& rule, int year);
  static bool parse_rule(std::string_view& text, Rule& rule);

  std::vector<std::int64_t> changes_;
  std::vector<std::int64_t> offsets_;  // after each change
  std::int64_t first_ = 0;             // before all of them
  bool has_footer_ = false;
  bool has_summer_ = false;
  std::int64_t standard_ = 0;
  std::int64_t summer_ = 0;
  Rule begin_;
  Rule end_;
};

// "UTC", "", an offset "+08:00" / "-5:30" / "08:00", or a name of the tz database. Names are read once and kept for
// the life of the process; any thread. nullptr where there is none.
const Zone* find_zone(std::string_view name);
// The offset in seconds at a moment; false where there is no such zone.
bool zone_offset(std::string_view name, std::int64_t utc_seconds, std::int64_t& seconds);

}  // namespace hotline::expr
