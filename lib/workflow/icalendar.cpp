#include <algorithm>
#include <map>

#include "hotline/base/json.hpp"
#include "hotline/workflow/calendar.hpp"

namespace hotline::workflow {
namespace {

struct Line {
  std::string name;    // upper case
  std::string params;  // as written, upper case
  std::string value;
  std::uint32_t number = 0;
};

std::string upper(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
  return out;
}

// Content lines with folded ones joined (RFC 5545, 3.1).
Result<std::vector<Line>> content_lines(std::string_view text, std::string_view file) {
  std::vector<std::pair<std::string, std::uint32_t>> raw;
  std::uint32_t number = 0;
  while (!text.empty()) {
    ++number;
    const auto end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    if (line.size() > 64 * 1024)
      return Error(ErrorCode::limit, "a line of more than 64 KiB", "check the file", {std::string(file), number, 1});
    if (!line.empty() && (line.front() == ' ' || line.front() == '\t') && !raw.empty())
      raw.back().first += line.substr(1);
    else if (!line.empty())
      raw.emplace_back(line, number);
  }
  std::vector<Line> lines;
  for (const auto& [line, at] : raw) {
    bool quoted = false;
    std::size_t colon = 0;
    for (; colon < line.size(); ++colon) {
      if (line[colon] == '"')
        quoted = !quoted;
      else if (line[colon] == ':' && !quoted)
        break;
    }
    if (colon == line.size())
      return Error(ErrorCode::invalid_document, "C111 a line without `:`", "iCalendar lines are NAME:value (RFC 5545)",
                   {std::string(file), at, 1});
    const std::string head = upper(line.substr(0, colon));
    const auto semicolon = head.find(';');
    lines.push_back(
        {head.substr(0, semicolon), semicolon == head.npos ? "" : head.substr(semicolon), line.substr(colon + 1), at});
  }
  return lines;
}

std::string unescape(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      const char c = text[++i];
      out += c == 'n' || c == 'N' ? '\n' : c;
    } else {
      out += text[i];
    }
  }
  return out;
}

Result<Date> date_of(const Line& line, std::string_view file) {
  if (line.value.size() == 8)
    if (const auto date =
            parse_date(line.value.substr(0, 4) + "-" + line.value.substr(4, 2) + "-" + line.value.substr(6, 2));
        date.ok())
      return *date;
  return Error(ErrorCode::invalid_document,
               "C112 " + line.name + " `" + line.value.substr(0, 40) + "` is not a whole day",
               "only all-day events are read: DTSTART;VALUE=DATE:20260216", {std::string(file), line.number, 1});
}

struct Event {
  const Line* start = nullptr;
  const Line* end = nullptr;
  const Line* rule = nullptr;
  std::string summary, categories, kind;
};

bool is_work(const Event& e) {
  const std::string marks = upper(e.categories + " " + e.summary);
  return e.kind == "work" || marks.find("班") != marks.npos || marks.find("WORK") != marks.npos;
}

Status add(const Event& e, std::string_view file, std::uint32_t at, Publication& p) {
  const Place place{std::string(file), at, 1};
  if (e.start == nullptr)
    return Error(ErrorCode::invalid_document, "C112 an event without DTSTART", "give the first day", place);
  HOTLINE_ASSIGN(const Date first, date_of(*e.start, file));
  Date last = first;
  if (e.end != nullptr) {
    HOTLINE_ASSIGN(const Date end, date_of(*e.end, file));
    last = std::max(first, end - std::chrono::days{1});  // DTEND is the day after
  }
  if (last - first > std::chrono::days{366})
    return Error(ErrorCode::limit, "an event of more than a year", "check DTEND", place);
  const std::string kind = !e.kind.empty() ? e.kind : is_work(e) ? "work" : "off";
  std::int64_t count = 1;
  std::optional<Date> until;
  if (e.rule != nullptr) {
    const std::string rule = upper(e.rule->value);
    count = 0;
    std::string_view rest = rule;
    bool yearly = false;
    while (!rest.empty()) {
      const std::string_view part = rest.substr(0, rest.find(';'));
      rest.remove_prefix(std::min(rest.size(), part.size() + 1));
      if (part == "FREQ=YEARLY")
        yearly = true;
      else if (part.starts_with("COUNT=") && part.size() <= 9)
        for (const char c : part.substr(6)) count = count * 10 + (c - '0');
      else if (part.starts_with("UNTIL=") && part.size() >= 14) {
        HOTLINE_ASSIGN(until, date_of(Line{"UNTIL", "", std::string(part.substr(6, 8)), at}, file));
        count = 100;
      } else if (part != "INTERVAL=1")
        yearly = false, rest = {};
    }
    if (!yearly || count < 1 || count > 100)
      return Error(ErrorCode::unsupported, "C113 RRULE `" + e.rule->value.substr(0, 80) + "` is not read",
                   "use FREQ=YEARLY with COUNT (up to 100) or UNTIL, or list the days",
                   {std::string(file), e.rule->number, 1});
  }
  const std::chrono::year_month_day start{first};
  for (std::int64_t i = 0; i < count; ++i) {
    const auto day = std::chrono::year_month_day{start.year() + std::chrono::years{i}, start.month(), start.day()};
    if (!day.ok()) continue;  // 29 February
    const Date begin{day};
    if (until && begin > *until) break;
    if (day.year() > std::chrono::year{Calendar::last_year}) break;
    p.exceptions.push_back({begin, begin + (last - first), kind, e.summary});
    const int year = static_cast<int>(day.year());
    if (std::find(p.years.begin(), p.years.end(), year) == p.years.end()) p.years.push_back(year);
  }
  return {};
}

}  // namespace

Status CalendarSpec::add_icalendar(std::string_view text, std::string_view file, Time published_at) {
  if (text.size() > (16u << 20))
    return Error(ErrorCode::limit, std::string(file) + ": more than 16 MiB", "split the file");
  if (!is_utf8(text))
    return Error(ErrorCode::invalid_encoding, std::string(file) + " is not UTF-8", "save it as UTF-8");
  HOTLINE_ASSIGN(const auto lines, content_lines(text, file));
  const auto broken = [&](const Line& line, std::string message) {
    return Error(ErrorCode::invalid_document, "C111 " + std::move(message), "check the iCalendar file (RFC 5545)",
                 {std::string(file), line.number, 1});
  };
  if (lines.empty() || lines.front().name != "BEGIN" || upper(lines.front().value) != "VCALENDAR")
    return Error(ErrorCode::invalid_document, "C111 " + std::string(file) + " does not begin with BEGIN:VCALENDAR",
                 "give an iCalendar file");
  Publication p;
  p.published_at = published_at;
  std::vector<std::string> stack;
  Event event;
  std::uint32_t begun = 0;
  for (const Line& line : lines) {
    if (line.name == "BEGIN") {
      stack.push_back(upper(line.value));
      if (stack.size() > 8) return broken(line, "components nest too deep");
      if (stack.size() == 2 && stack.back() == "VEVENT") event = {}, begun = line.number;
    } else if (line.name == "END") {
      if (stack.empty() || stack.back() != upper(line.value))
        return broken(line, "END:" + line.value.substr(0, 40) + " closes nothing");
      if (stack.size() == 2 && stack.back() == "VEVENT") HOTLINE_TRY(add(event, file, begun, p));
      stack.pop_back();
    } else if (stack.empty()) {
      return broken(line, "text after END:VCALENDAR");
    } else if (stack.size() == 2 && stack.back() == "VEVENT") {
      if (line.name == "DTSTART")
        event.start = &line;
      else if (line.name == "DTEND")
        event.end = &line;
      else if (line.name == "RRULE")
        event.rule = &line;
      else if (line.name == "SUMMARY")
        event.summary = unescape(line.value);
      else if (line.name == "CATEGORIES")
        event.categories = unescape(line.value);
      else if (line.name == "X-HOTLINE-KIND")
        event.kind = line.value;
    }
  }
  if (!stack.empty()) return broken(lines.back(), "BEGIN:" + stack.back().substr(0, 40) + " is never closed");
  for (const DayException& e : p.exceptions)
    if (std::none_of(kinds.begin(), kinds.end(), [&](const DayKind& k) { return k.name == e.kind; }))
      return Error(ErrorCode::invalid_definition, "C105 no kind of day `" + e.kind.substr(0, 40) + "`",
                   "declare it under `days` of the calendar");
  publications.push_back(std::move(p));
  return {};
}

}  // namespace hotline::workflow
