#include "hotline/wfm/calls.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <limits>

namespace hotline::wfm {
namespace {

const std::map<std::string, std::vector<std::string>>& usual_names() {
  static const std::map<std::string, std::vector<std::string>> names = {
      {"time", {"time", "arrival_ts", "arrival", "timestamp", "interval_start", "start", "ds"}},
      {"queue_time", {"queue_time", "queue_enter_ts", "queued_at"}},
      {"service", {"service", "service_type", "queue", "skill", "type"}},
      {"priority", {"priority"}},
      {"wait", {"wait", "wait_s"}},
      {"handling", {"handling", "handling_s", "service_s", "talk_s", "aht_s"}},
      {"ivr", {"ivr", "ivr_s", "vru_s"}},
      {"outcome", {"outcome", "result"}},
      {"agent", {"agent", "server"}},
      {"count", {"count", "calls", "counts", "y", "offered"}},
      {"seconds", {"seconds", "interval_s"}},
  };
  return names;
}

// One line of CSV (RFC 4180), split; quoted fields may hold commas and doubled quotes, not line ends.
std::vector<std::string> split(std::string_view line) {
  std::vector<std::string> out(1);
  bool quoted = false;
  for (std::size_t i = 0; i < line.size(); ++i) {
    const char c = line[i];
    if (quoted) {
      if (c != '"') out.back() += c;
      else if (i + 1 < line.size() && line[i + 1] == '"') out.back() += '"', ++i;
      else quoted = false;
    } else if (c == '"') quoted = true;
    else if (c == ',') out.emplace_back();
    else if (c != '\r') out.back() += c;
  }
  return out;
}

class Table {
 public:
  static Result<Table> open(std::string_view csv, std::string_view file, const ColumnMap& columns) {
    Table t(csv, file);
    if (csv.starts_with("\xef\xbb\xbf")) t.at_ = 3;
    if (!t.next()) return Error(ErrorCode::invalid_document, "`" + std::string(file) + "` is empty", "give a header line and rows");
    const auto header = t.cells_;
    for (const auto& [name, candidates] : usual_names()) {
      const auto given = columns.find(name);
      std::vector<std::string> tries = given != columns.end() ? std::vector<std::string>{given->second} : candidates;
      for (const std::string& c : tries) {
        const auto found = std::find(header.begin(), header.end(), c);
        if (found == header.end()) continue;
        t.columns_[name] = static_cast<std::size_t>(found - header.begin());
        break;
      }
      if (given != columns.end() && t.columns_.count(name) == 0)
        return Error(ErrorCode::not_found, "`" + std::string(file) + "` has no column `" + given->second + "`", "the header is the first line", t.place());
    }
    for (const auto& [name, column] : columns)
      if (usual_names().count(name) == 0)
        return Error(ErrorCode::invalid_argument, "`" + name + "` is nothing that can be read (column `" + column + "`)",
                     "known: time, queue_time, service, priority, wait, handling, ivr, outcome, agent, count, seconds");
    if (!t.has("time")) return Error(ErrorCode::not_found, "`" + std::string(file) + "` has no column of times", "name it: --columns time=…", t.place());
    return t;
  }
  bool next() {
    while (at_ < csv_.size()) {
      const auto end = std::min(csv_.find('\n', at_), csv_.size());
      const auto line = csv_.substr(at_, end - at_);
      at_ = end + 1;
      ++line_;
      if (line.empty() || line == "\r") continue;
      cells_ = split(line);
      return true;
    }
    return false;
  }
  bool has(const std::string& name) const { return columns_.count(name) > 0; }
  std::string text(const std::string& name) const {
    const auto found = columns_.find(name);
    return found == columns_.end() || found->second >= cells_.size() ? "" : cells_[found->second];
  }
  Result<double> number(const std::string& name, double otherwise) const {
    const std::string s = text(name);
    if (s.empty()) return otherwise;
    double v = 0;
    const auto [end, error] = std::from_chars(s.data(), s.data() + s.size(), v);
    if (error != std::errc() || end != s.data() + s.size() || !std::isfinite(v))
      return Error(ErrorCode::invalid_document, "`" + s + "` is no number (" + name + ")", "correct the row, or map another column", place());
    return v;
  }
  // "1999-08-01T00:10:10", also with a blank, without seconds, with a fraction or a trailing Z.
  Result<std::pair<std::int32_t, double>> time(const std::string& name) const {
    const std::string s = text(name);
    int h = 0, m = 0;
    double sec = 0;
    char mark = 0;
    const auto day = parse_day(std::string_view(s).substr(0, std::min<std::size_t>(10, s.size())));
    const int read = s.size() > 10 ? std::sscanf(s.c_str() + 10, "%c%2d:%2d:%lf", &mark, &h, &m, &sec) : 4;
    if (!day.ok() || read < 3 || (s.size() > 10 && mark != 'T' && mark != ' ') || h < 0 || h > 23 || m < 0 || m > 59 || !(sec >= 0 && sec < 61))
      return Error(ErrorCode::invalid_document, "`" + s + "` is no time (" + name + ")", "write 2026-11-22T08:00:00", place());
    return std::pair(*day, h * 3600 + m * 60 + sec);
  }
  Place place() const { return {std::string(file_), line_, 0}; }

 private:
  Table(std::string_view csv, std::string_view file) : csv_(csv), file_(file) {}
  std::string_view csv_;
  std::string_view file_;
  std::size_t at_ = 0;
  std::uint32_t line_ = 0;
  std::vector<std::string> cells_;
  std::map<std::string, std::size_t> columns_;
};

constexpr std::int32_t kMostDays = 40'000;

Status add(Series& s, std::int32_t day, double second, double count, const Table& table) {
  if (s.counts.empty()) s.first_day = day;
  const std::int64_t at = (std::int64_t{day} - s.first_day) * static_cast<std::int64_t>(s.per_day()) + static_cast<std::int64_t>(second / s.interval_s);
  if (day < s.first_day || day - s.first_day > kMostDays)
    return Error(ErrorCode::invalid_document, day_text(day) + " stands before the first row, or more than " + std::to_string(kMostDays) + " days after it", "sort the file by time", table.place());
  const auto end = (static_cast<std::size_t>(day - s.first_day) + 1) * s.per_day();
  if (end > s.counts.size()) s.counts.resize(end, std::numeric_limits<double>::quiet_NaN());
  double& cell = s.counts[static_cast<std::size_t>(at)];
  cell = std::isnan(cell) ? count : cell + count;
  return {};
}

}  // namespace

Result<ColumnMap> parse_columns(std::string_view text) {
  ColumnMap map;
  for (const std::string& item : split(text)) {
    if (item.empty()) continue;
    const auto equals = item.find('=');
    if (equals == std::string::npos || equals == 0 || equals + 1 == item.size())
      return Error(ErrorCode::invalid_argument, "`" + item + "` maps nothing", "write ours=theirs, e.g. time=arrival_ts");
    map[item.substr(0, equals)] = item.substr(equals + 1);
  }
  return map;
}

Result<CallLog> read_calls(std::string_view csv, std::string_view file, const ColumnMap& columns) {
  HOTLINE_ASSIGN(Table table, Table::open(csv, file, columns));
  CallLog log;
  std::size_t phantoms = 0;
  while (table.next()) {
    LoggedCall call;
    HOTLINE_ASSIGN(const auto at, table.time("time"));
    call.day = at.first;
    call.second = at.second;
    const std::string outcome = table.text("outcome");
    HOTLINE_ASSIGN(call.wait, table.number("wait", 0));
    HOTLINE_ASSIGN(call.handling, table.number("handling", 0));
    HOTLINE_ASSIGN(const double priority, table.number("priority", 0));
    HOTLINE_ASSIGN(call.queued, table.number("ivr", 0));
    call.priority = static_cast<std::int32_t>(std::clamp(priority, -1e6, 1e6));
    call.service = table.text("service");
    call.agent = table.text("agent");
    if (!table.text("queue_time").empty()) {
      HOTLINE_ASSIGN(const auto queued, table.time("queue_time"));
      call.queued = std::max(0.0, (queued.first - call.day) * 86400.0 + queued.second - call.second);
    }
    call.answered = table.has("outcome") ? outcome == "AGENT" || outcome == "answered" || outcome == "ANSWERED" : call.handling > 0;
    call.waited = call.answered || call.wait > 0 || !table.text("queue_time").empty();
    if (outcome == "PHANTOM" || outcome == "phantom") {
      ++phantoms;
      continue;
    }
    if (call.wait < 0 || call.handling < 0 || call.queued < 0)
      return Error(ErrorCode::invalid_document, "a time of the call is negative", "correct the row", table.place());
    log.calls.push_back(std::move(call));
  }
  if (phantoms > 0) log.notes.push_back(std::to_string(phantoms) + " phantom calls left out");
  std::stable_sort(log.calls.begin(), log.calls.end(), [](const auto& a, const auto& b) { return a.day != b.day ? a.day < b.day : a.second < b.second; });
  return log;
}

Result<Series> read_counts(std::string_view csv, std::string_view file, const ColumnMap& columns, double interval_s) {
  HOTLINE_ASSIGN(Table table, Table::open(csv, file, columns));
  Series s;
  s.interval_s = interval_s;
  const bool counted = table.has("count");
  bool first = true;
  double before = -1;
  std::int32_t day_before = 0;
  while (table.next()) {
    HOTLINE_ASSIGN(const auto at, table.time("time"));
    HOTLINE_ASSIGN(const double count, table.number("count", counted ? std::numeric_limits<double>::quiet_NaN() : 1));
    if (counted && table.has("seconds")) {
      HOTLINE_ASSIGN(s.interval_s, table.number("seconds", s.interval_s));
    } else if (counted && !first && before >= 0) {
      const double gap = (at.first - day_before) * 86400.0 + at.second - before;
      if (gap > 0 && s.counts.size() <= s.per_day() && gap != s.interval_s && gap <= 86400) {  // the first two rows tell the interval
        const Series old = std::move(s);
        s = Series{old.first_day, gap, {}};
        HOTLINE_TRY(add(s, day_before, before, old.counts.empty() ? 0 : old.counts[static_cast<std::size_t>(before / old.interval_s)], table));
      }
      before = -1;
    }
    if (!(s.interval_s >= 1) || std::fmod(86400, s.interval_s) != 0)
      return Error(ErrorCode::invalid_document, "an interval of " + std::to_string(s.interval_s) + " s does not divide a day", "give one that does", table.place());
    HOTLINE_TRY(add(s, at.first, at.second, count, table));
    if (first) before = at.second, day_before = at.first;
    first = false;
  }
  if (s.counts.empty()) return Error(ErrorCode::invalid_document, "`" + std::string(file) + "` holds no rows", "give at least two weeks");
  if (!counted)
    for (double& c : s.counts)
      if (std::isnan(c)) c = 0;
  return s;
}

Result<std::vector<Regressor>> read_regressors(std::string_view csv, std::string_view file) {
  std::vector<Regressor> out;
  std::vector<std::string> header;
  std::uint32_t line = 0;
  if (csv.starts_with("\xef\xbb\xbf")) csv.remove_prefix(3);
  while (!csv.empty()) {
    const auto end = std::min(csv.find('\n'), csv.size());
    const auto cells = split(csv.substr(0, end));
    csv.remove_prefix(std::min(end + 1, csv.size()));
    ++line;
    if (cells.size() == 1 && cells[0].empty()) continue;
    const auto wrong = [&](const char* what) { return Error(ErrorCode::invalid_document, what, "write name,day,value: spring festival,2026-02-17,1", {std::string(file), line, 1}); };
    if (header.empty()) {
      header = cells;
      continue;
    }
    const auto cell = [&](std::string_view name) {
      const auto at = static_cast<std::size_t>(std::find(header.begin(), header.end(), name) - header.begin());
      return at < cells.size() ? cells[at] : std::string();
    };
    if (cell("name").empty()) return wrong("a line without a name");
    const auto day = parse_day(cell("day"));
    if (!day.ok()) return wrong("a line without a day");
    double value = 1;
    if (const std::string text = cell("value"); !text.empty()) {
      char* rest = nullptr;
      value = std::strtod(text.c_str(), &rest);
      if (rest == text.c_str() || !std::isfinite(value)) return wrong("a value that is no number");
    }
    auto r = std::find_if(out.begin(), out.end(), [&](const Regressor& x) { return x.name == cell("name"); });
    if (r == out.end()) r = out.insert(out.end(), Regressor{cell("name"), {}});
    r->days.emplace_back(*day, value);
  }
  return out;
}

Result<Series> coarser(const Series& s, double interval_s) {
  const double ratio = interval_s / s.interval_s;
  if (ratio < 1 || ratio != std::floor(ratio) || std::fmod(86400, interval_s) != 0)
    return Error(ErrorCode::invalid_argument, "intervals of " + std::to_string(s.interval_s) + " s do not add up to " + std::to_string(interval_s) + " s", "give a multiple that divides a day");
  Series out{s.first_day, interval_s, {}};
  const auto width = static_cast<std::size_t>(ratio);
  for (std::size_t i = 0; i + width <= s.counts.size(); i += width) {
    double sum = 0;
    for (std::size_t k = 0; k < width; ++k) sum += s.counts[i + k];
    out.counts.push_back(sum);
  }
  return out;
}

}  // namespace hotline::wfm
