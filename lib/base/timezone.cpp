#include "hotline/base/timezone.hpp"

#include <algorithm>
#include <array>
#include <cstdio>
#include <vector>

#include "base/posix_tz.hpp"
#include "hotline/base/document.hpp"

namespace hotline {
namespace {

constexpr std::int64_t kDay = 86400;
constexpr std::int64_t kSecond = 1'000'000'000;

std::int64_t floor_div(std::int64_t a, std::int64_t b) { return a / b - (a % b < 0 ? 1 : 0); }

std::int64_t seconds_of(Time t) { return floor_div(to_ns(t), kSecond); }

// Instants whose nanoseconds fit into Time.
constexpr int kLastYear = 2262;
constexpr std::int64_t kFirst = -9'000'000'000, kLast = 9'000'000'000;

}  // namespace

Result<Date> parse_date(std::string_view text) {
  int y = 0, m = 0, d = 0;
  const auto digits = [&](std::size_t at, std::size_t n, int& out) {
    for (std::size_t i = at; i < at + n; ++i) {
      if (text[i] < '0' || text[i] > '9') return false;
      out = out * 10 + (text[i] - '0');
    }
    return true;
  };
  if (text.size() == 10 && text[4] == '-' && text[7] == '-' && digits(0, 4, y) && digits(5, 2, m) && digits(8, 2, d)) {
    const std::chrono::year_month_day ymd{std::chrono::year{y}, std::chrono::month{static_cast<unsigned>(m)},
                                          std::chrono::day{static_cast<unsigned>(d)}};
    if (ymd.ok()) return Date{ymd};
  }
  return Error(ErrorCode::invalid_argument, "`" + std::string(text.substr(0, 40)) + "` is not a date",
               "write it as 2026-11-22");
}

std::string to_string(Date date) {
  const std::chrono::year_month_day ymd{date};
  char buffer[32];
  std::snprintf(buffer, sizeof buffer, "%04d-%02u-%02u", static_cast<int>(ymd.year()),
                static_cast<unsigned>(ymd.month()), static_cast<unsigned>(ymd.day()));
  return buffer;
}

struct TimeZone::Data {
  struct Shift {
    std::int64_t at;      // first second of the offset
    std::int32_t offset;  // seconds east
  };
  std::string id;
  std::int32_t initial = 0;
  std::vector<Shift> shifts;  // ordered
  bool fixed = true;          // over 2000..2099

  std::int32_t offset(std::int64_t second) const {
    const auto after = std::upper_bound(shifts.begin(), shifts.end(), second,
                                        [](std::int64_t s, const Shift& shift) { return s < shift.at; });
    return after == shifts.begin() ? initial : std::prev(after)->offset;
  }
  void finish() {
    constexpr std::int64_t y2000 = 946684800 - kDay, y2100 = 4102444800 + kDay;
    for (const Shift& shift : shifts)
      if (shift.at > y2000 && shift.at < y2100 && offset(shift.at - 1) != shift.offset) fixed = false;
  }
};

namespace {

class Bytes {
 public:
  explicit Bytes(std::string_view bytes) : bytes_(bytes) {}
  bool take(std::size_t n, std::string_view& out) {
    if (bytes_.size() < n) return false;
    out = bytes_.substr(0, n);
    bytes_.remove_prefix(n);
    return true;
  }
  std::string_view rest() const { return bytes_; }

 private:
  std::string_view bytes_;
};

std::int64_t big_endian(std::string_view b) {
  std::uint64_t v = (static_cast<unsigned char>(b[0]) & 0x80) != 0 ? ~0ull : 0;
  for (const char c : b) v = v << 8 | static_cast<unsigned char>(c);
  return static_cast<std::int64_t>(v);
}

struct Header {
  char version = 0;
  std::array<std::int64_t, 6> counts{};  // isut, isstd, leap, time, type, char
  bool read(Bytes& in) {
    std::string_view h;
    if (!in.take(44, h) || h.substr(0, 4) != "TZif") return false;
    version = h[4];
    for (std::size_t i = 0; i < 6; ++i) {
      counts[i] = big_endian(h.substr(20 + 4 * i, 4));
      if (counts[i] < 0 || counts[i] > 100000) return false;
    }
    return true;
  }
  std::size_t body(std::size_t width) const {
    return static_cast<std::size_t>(counts[3]) * (width + 1) + static_cast<std::size_t>(counts[4]) * 6 +
           static_cast<std::size_t>(counts[5]) + static_cast<std::size_t>(counts[2]) * (width + 4) +
           static_cast<std::size_t>(counts[1]) + static_cast<std::size_t>(counts[0]);
  }
};

}  // namespace

Result<TimeZone> TimeZone::parse(std::string_view tzif, std::string_view id) {
  const auto damaged = [&] {
    return Error(ErrorCode::corrupt, "time zone `" + std::string(id) + "`: not a TZif file",
                 "reinstall the tz database");
  };
  Bytes in(tzif);
  Header header;
  if (!header.read(in)) return damaged();
  std::size_t width = 4;
  std::string_view body;
  if (header.version >= '2') {
    if (!in.take(header.body(4), body) || !header.read(in)) return damaged();
    width = 8;
  }
  if (!in.take(header.body(width), body) || header.counts[4] == 0) return damaged();
  const auto times = static_cast<std::size_t>(header.counts[3]);
  const auto types = static_cast<std::size_t>(header.counts[4]);
  const std::string_view kinds = body.substr(times * width, times);
  const std::string_view infos = body.substr(times * (width + 1), types * 6);
  const auto offset_of = [&](std::size_t type) {
    return static_cast<std::int32_t>(big_endian(infos.substr(type * 6, 4)));
  };
  auto data = std::make_shared<Data>();
  data->id = id;
  data->initial = offset_of(0);
  for (std::size_t i = 0; i < times; ++i) {
    const auto type = static_cast<std::size_t>(static_cast<unsigned char>(kinds[i]));
    const std::int64_t at = big_endian(body.substr(i * width, width));
    if (type >= types || (!data->shifts.empty() && data->shifts.back().at >= at)) return damaged();
    const std::int32_t offset = offset_of(type);
    if (offset < -kDay || offset > kDay) return damaged();
    data->shifts.push_back({at, offset});
  }
  std::string_view footer = in.rest();
  if (footer.size() > 2 && footer.front() == '\n') {
    footer.remove_prefix(1);
    footer = footer.substr(0, footer.find('\n'));
    const auto rule = PosixTz::parse(footer);
    if (!rule) return damaged();
    const std::int64_t known = data->shifts.empty() ? kFirst : data->shifts.back().at;
    for (int year = 2000; year <= kLastYear; ++year)
      for (const auto& [at, offset] : rule->shifts(year))
        if (at > known) data->shifts.push_back({at, offset});
  }
  data->finish();
  return TimeZone(std::move(data));
}

Result<TimeZone> TimeZone::find(std::string_view id) {
  auto data = std::make_shared<Data>();
  data->id = id;
  if (id == "UTC") return TimeZone(std::move(data));
  if (id.size() == 6 && (id[0] == '+' || id[0] == '-') && id[3] == ':') {
    const auto digit = [&](std::size_t i) { return id[i] >= '0' && id[i] <= '9' ? id[i] - '0' : 100; };
    const int hours = digit(1) * 10 + digit(2), minutes = digit(4) * 10 + digit(5);
    if (hours <= 14 && minutes < 60) {
      data->initial = (id[0] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
      return TimeZone(std::move(data));
    }
  }
  const bool plain = !id.empty() && id.size() < 64 && id.front() != '/' && id.find("..") == id.npos &&
                     std::all_of(id.begin(), id.end(), [](char c) {
                       return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' ||
                              c == '_' || c == '-' || c == '+';
                     });
  if (plain) {
    for (const char* folder : {"/usr/share/zoneinfo/", "/usr/lib/zoneinfo/"}) {
      const auto bytes = read_file(folder + std::string(id));
      if (!bytes.ok()) continue;
      if (auto zone = parse(*bytes, id); zone.ok()) return zone;  // there are other files, too
    }
  }
  if (id == "Asia/Shanghai") {  // where no database is: +08:00 since 1992
    data->initial = 8 * 3600;
    return TimeZone(std::move(data));
  }
  return Error(ErrorCode::not_found, "no time zone `" + std::string(id.substr(0, 64)) + "`",
               "use a tz database name such as Asia/Shanghai (package tzdata), UTC, or an offset such as +08:00");
}

TimeZone TimeZone::utc() {
  auto data = std::make_shared<Data>();
  data->id = "UTC";
  return TimeZone(std::move(data));
}

const std::string& TimeZone::id() const { return data_->id; }
bool TimeZone::fixed() const { return data_->fixed; }
std::int32_t TimeZone::offset_at(Time t) const { return data_->offset(seconds_of(t)); }

Time TimeZone::to_time(Date date, std::int64_t second_of_day) const {
  const std::int64_t wall =
      std::clamp(static_cast<std::int64_t>(date.time_since_epoch().count()) * kDay + second_of_day, kFirst, kLast);
  const std::int32_t before = data_->offset(wall - kDay), after = data_->offset(wall + kDay);
  std::int64_t at = wall - before;
  // The earlier reading stands unless the shift has already happened by then.
  if (before != after && data_->offset(at) != before) {
    const std::int64_t later = wall - after;
    at = data_->offset(later) == after ? later : at;  // inside the gap: moved on by the gap
  }
  return time_from_ns(at * kSecond);
}

Date TimeZone::date_at(Time t) const {
  const std::int64_t wall = seconds_of(t) + offset_at(t);
  return Date{std::chrono::days{floor_div(wall, kDay)}};
}

}  // namespace hotline
