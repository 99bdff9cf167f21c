#include "expr/zone.hpp"

#include <charconv>
#include <map>
#include <mutex>
#include <optional>
#include <string>

#include "hotline/base/timezone.hpp"

namespace hotline::expr {
namespace {

const TimeZone* find_zone(std::string_view name) {
  static std::mutex mutex;
  static std::map<std::string, std::optional<TimeZone>, std::less<>> zones;
  constexpr std::size_t kMostUnknown = 1000;  // names may come from anybody
  const std::lock_guard lock(mutex);
  const auto known = zones.find(name);
  if (known != zones.end()) return known->second ? &*known->second : nullptr;
  auto zone = TimeZone::find(name);
  if (!zone.ok() && zones.size() >= kMostUnknown) return nullptr;
  auto& kept = zones.emplace(name, std::nullopt).first->second;
  if (zone.ok()) kept = *std::move(zone);
  return kept ? &*kept : nullptr;
}

}  // namespace

bool zone_offset(std::string_view name, std::int64_t utc, std::int64_t& seconds) {
  seconds = 0;
  if (name.empty() || name == "UTC" || name == "Z" || name == "GMT") return true;
  const bool sign = name.front() == '+' || name.front() == '-';
  if (sign || (name.front() >= '0' && name.front() <= '9')) {
    int hours = 0, minutes = 0;
    const char* const end = name.data() + name.size();
    const auto [colon, bad] = std::from_chars(name.data() + sign, end, hours);
    if (bad != std::errc() || colon == end || *colon != ':') return false;
    const auto [rest, worse] = std::from_chars(colon + 1, end, minutes);
    if (worse != std::errc() || rest != end || hours < 0 || hours > 23 || minutes < 0 || minutes > 59) return false;
    seconds = (hours * 60 + minutes) * (name.front() == '-' ? -60 : 60);
    return true;
  }
  const TimeZone* zone = find_zone(name);
  if (zone == nullptr) return false;
  seconds = zone->offset_at(time_from_ns(utc * 1'000'000'000));
  return true;
}

}  // namespace hotline::expr
