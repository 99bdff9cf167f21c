#include <algorithm>

#include "hotline/workflow/calendar.hpp"

namespace hotline::workflow {

Status CalendarSpec::add_holiday_json(std::string_view text, std::string_view file, Time published_at) {
  HOTLINE_ASSIGN(const Node root, parse_document(text, file));
  const auto refuse = [&](const Node& at, std::string message, std::string remedy) {
    return Error(ErrorCode::invalid_definition, "C110 " + std::move(message), std::move(remedy), at.place(file));
  };
  const Node* year = root.find("year");
  const Node* days = root.find("days");
  if (year == nullptr || !year->as_int() || days == nullptr || !days->is_sequence())
    return refuse(root, "not a holiday document",
                  "it needs {\"year\": 2026, \"days\": [{\"name\": …, \"date\": …, \"isOffDay\": …}]}");
  if (*year->as_int() < Calendar::first_year || *year->as_int() > Calendar::last_year)
    return refuse(*year, "the year is not one of 2000..2099", "check the document");
  Publication p;
  p.published_at = published_at;
  p.years.push_back(static_cast<int>(*year->as_int()));
  if (const Node* papers = root.find("papers"); papers != nullptr && !papers->items().empty())
    p.source = papers->items().back().text();
  for (const Node& day : days->items()) {
    const Node* date = day.find("date");
    const Node* off = day.find("isOffDay");
    const Node* label = day.find("name");
    if (date == nullptr || off == nullptr || !off->as_bool())
      return refuse(day, "a day needs `date` and `isOffDay`",
                    "write {\"name\": \"春节\", \"date\": \"2026-02-16\", \"isOffDay\": true}");
    const auto parsed = parse_date(date->text());
    if (!parsed.ok()) return refuse(*date, parsed.error().message(), parsed.error().remedy());
    const std::string kind = *off->as_bool() ? "off" : "work", title = label != nullptr ? label->text() : "";
    DayException* last = p.exceptions.empty() ? nullptr : &p.exceptions.back();
    if (last != nullptr && last->kind == kind && last->name == title && last->last + std::chrono::days{1} == *parsed)
      last->last = *parsed;
    else
      p.exceptions.push_back({*parsed, *parsed, kind, title});
  }
  publications.push_back(std::move(p));
  return {};
}

}  // namespace hotline::workflow
