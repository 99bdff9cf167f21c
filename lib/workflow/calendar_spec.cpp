#include <algorithm>
#include <iterator>

#include "hotline/base/json.hpp"
#include "workflow/calendar_data.hpp"
#include "workflow/clock_text.hpp"

namespace hotline::workflow {
namespace {

constexpr std::array<std::string_view, 7> kWeekdays{"mon", "tue", "wed", "thu", "fri", "sat", "sun"};

// "09:00-12:00"
std::optional<Interval> read_interval(std::string_view text) {
  const auto dash = text.find('-');
  if (dash == text.npos) return std::nullopt;
  const auto begin = read_clock(text.substr(0, dash)), end = read_clock(text.substr(dash + 1));
  if (!begin || !end) return std::nullopt;
  return Interval{*begin, *end};
}

class Reader {
 public:
  Reader(CalendarSpec& spec, Diagnostics& diagnostics, int layer)
      : spec_(spec), diagnostics_(diagnostics), layer_(layer) {}

  void read(const Node& root) {
    Fields fields(root, diagnostics_, layer_ > 0 ? "overlay" : "calendar");
    const std::string id = fields.required_string(layer_ > 0 ? "overlay" : "calendar");
    if (layer_ == 0) spec_.id = id;
    spec_.name = fields.string("name", spec_.name);
    if (const Node* zone = fields.get("timezone")) read_zone(*zone);
    spec_.published_yearly = fields.boolean("published_yearly", spec_.published_yearly);
    if (const Node* days = fields.get("days")) read_days(*days);
    for (const auto& [name, workday] : {std::pair{"work", true}, std::pair{"off", false}})
      if (find(name) == nullptr)
        spec_.kinds.push_back({name,
                               workday
                                   ? std::vector<Interval>{{9 * 3600, 12 * 3600}, {13 * 3600 + 1800, 17 * 3600 + 1800}}
                                   : std::vector<Interval>{},
                               workday});
    if (const Node* week = fields.get("week")) read_week(*week);
    if (const Node* rule = fields.get("rule")) read_rule(*rule);
    if (const Node* list = fields.get("publications")) read_publications(*list);
    if (const Node* list = fields.get("exceptions")) {  // of no particular announcement
      Publication p;
      p.layer = layer_;
      p.published_at = Time::min();
      read_exceptions(*list, p, "exceptions");
      spec_.publications.push_back(std::move(p));
    }
    fields.finish();
  }

 private:
  const DayKind* find(std::string_view name) const {
    for (const DayKind& k : spec_.kinds)
      if (k.name == name) return &k;
    return nullptr;
  }
  void complain(const Node& at, std::string code, std::string message, std::string remedy) {
    diagnostics_.error(std::move(code), std::move(message), std::move(remedy), at.place(diagnostics_.file()), spec_.id);
  }

  void read_zone(const Node& node) {
    spec_.timezone = node.text();
    if (const auto zone = TimeZone::find(node.text()); !zone.ok())
      complain(node, "C101", zone.error().message(), zone.error().remedy());
  }

  void read_days(const Node& node) {
    for (const auto& [key, value] : node.entries()) {
      DayKind kind{key.text(), {}, false};
      const Node* intervals = &value;
      std::optional<bool> workday;
      if (value.is_mapping()) {
        Fields fields(value, diagnostics_, "day `" + kind.name + "`");
        intervals = fields.get("hours");
        if (const Node* w = fields.get("workday")) workday = w->as_bool();
        fields.finish();
      }
      if (intervals != nullptr) read_intervals(*intervals, kind);
      kind.workday = workday.value_or(!kind.intervals.empty());
      const auto old =
          std::find_if(spec_.kinds.begin(), spec_.kinds.end(), [&](const DayKind& k) { return k.name == kind.name; });
      if (old != spec_.kinds.end())
        *old = std::move(kind);
      else
        spec_.kinds.push_back(std::move(kind));
    }
  }

  void read_intervals(const Node& node, DayKind& kind) {
    const auto one = [&](const Node& item) {
      const auto interval = read_interval(item.text());
      if (!interval) {
        complain(item, "C102", "day `" + kind.name + "`: `" + item.text() + "` is not a span of the day",
                 "write it as 09:00-12:00; the day ends at 24:00");
      } else if (interval->begin >= interval->end) {
        complain(item, "C103", "day `" + kind.name + "`: `" + item.text() + "` ends before it begins",
                 "a shift over midnight is two spans: 20:00-24:00 on this day, 00:00-08:00 on the next");
      } else if (!kind.intervals.empty() && kind.intervals.back().end > interval->begin) {
        complain(item, "C104", "day `" + kind.name + "`: `" + item.text() + "` overlaps the span before it",
                 "list spans in order, without overlap");
      } else if (!kind.intervals.empty() && kind.intervals.back().end == interval->begin) {
        kind.intervals.back().end = interval->end;
      } else {
        kind.intervals.push_back(*interval);
      }
    };
    if (node.is_scalar()) one(node);
    for (const Node& item : node.items()) one(item);
  }

  void read_week(const Node& node) {
    Fields fields(node, diagnostics_, "week");
    for (std::size_t d = 0; d < 7; ++d) {
      const Node* day = fields.get(kWeekdays[d]);
      if (day == nullptr) continue;
      if (find(day->text()) == nullptr)
        complain(*day, "C105", "no kind of day `" + day->text() + "`", "declare it under `days`");
      spec_.week[d] = day->text();
    }
    fields.finish();
  }

  void read_rule(const Node& node) {
    static constexpr std::array<std::string_view, 2> first{"next_day", "before_cutoff"},
        off{"next_work_day", "as_it_is"}, end{"close", "midnight"};
    Fields fields(node, diagnostics_, "rule");
    spec_.rule.first =
        static_cast<DayRule::First>(fields.choice("first", first, static_cast<std::size_t>(spec_.rule.first)));
    spec_.rule.off_day =
        static_cast<DayRule::OffDay>(fields.choice("off_day", off, static_cast<std::size_t>(spec_.rule.off_day)));
    spec_.rule.end = static_cast<DayRule::End>(fields.choice("end", end, static_cast<std::size_t>(spec_.rule.end)));
    if (const Node* cutoff = fields.get("cutoff")) {
      if (const auto second = read_clock(cutoff->text()))
        spec_.rule.cutoff = *second;
      else
        complain(*cutoff, "C102", "`" + cutoff->text() + "` is not a time of day", "write it as 12:00");
    }
    fields.finish();
  }

  void read_publications(const Node& node) {
    for (const Node& item : node.items()) {
      Publication p;
      p.layer = layer_;
      Fields fields(item, diagnostics_, "publication");
      if (const Node* at = fields.required("published")) p.published_at = read_instant(*at);
      p.source = fields.string("source");
      p.layer += static_cast<int>(fields.integer("x-layer", 0, 0, 1000));  // as to_json writes an overlay's
      if (const Node* years = fields.get("years")) {
        const auto one = [&](const Node& year) {
          const auto y = year.as_int();
          if (!y || *y < Calendar::first_year || *y > Calendar::last_year)
            complain(year, "C106", "`" + year.text() + "` is not a year of 2000..2099",
                     "name the years that this announcement settles");
          else
            p.years.push_back(static_cast<int>(*y));
        };
        if (years->is_scalar()) one(*years);
        for (const Node& year : years->items()) one(year);
      }
      if (const Node* list = fields.get("days")) read_exceptions(*list, p, "days");
      fields.finish();
      spec_.publications.push_back(std::move(p));
    }
  }

  // A date is the local midnight that begins it.
  Time read_instant(const Node& node) {
    if (node.text() == "always") return Time::min();
    if (const auto date = parse_date(node.text()); date.ok()) {
      const auto zone = TimeZone::find(spec_.timezone);
      return zone.ok() ? zone->to_time(*date, 0) : Time{};
    }
    const auto time = parse_time(node.text());
    if (!time.ok())
      complain(node, "C107", "`" + node.text() + "` is neither a date nor a time",
               "write 2025-11-04 or 2025-11-04T09:00:00+08:00");
    return time.ok() ? *time : Time{};
  }

  // - {name: 春节, off: [2026-02-15..2026-02-23], work: [2026-02-14, 2026-02-28]}: a kind of day and its dates
  void read_exceptions(const Node& node, Publication& p, std::string_view what) {
    for (const Node& item : node.items()) {
      if (!item.is_mapping()) {
        complain(item, "D003", std::string(what) + ": an item must be a mapping",
                 "write {name: …, off: [2026-02-15..2026-02-23]}");
        continue;
      }
      const Node* name = item.find("name");
      for (const auto& [key, value] : item.entries()) {
        if (key.text() == "name" || key.text().starts_with("x-")) continue;
        if (find(key.text()) == nullptr) {
          complain(key, "C105", "no kind of day `" + key.text() + "`", "declare it under `days`");
          continue;
        }
        const std::string& kind = key.text();
        const auto one = [&](const Node& range) { read_range(range, kind, name ? name->text() : "", p); };
        if (value.is_scalar()) one(value);
        for (const Node& range : value.items()) one(range);
      }
    }
  }

  void read_range(const Node& node, const std::string& kind, const std::string& name, Publication& p) {
    const std::string& text = node.text();
    const auto dots = text.find("..");
    const auto first = parse_date(std::string_view(text).substr(0, dots));
    const auto last = dots == text.npos ? first : parse_date(std::string_view(text).substr(dots + 2));
    if (!first.ok() || !last.ok())
      return complain(node, "C107", "`" + text + "` is not a date or a range of dates",
                      "write 2026-02-15 or 2026-02-15..2026-02-23");
    if (*last < *first)
      return complain(node, "C108", "`" + text + "` ends before it begins", "put the earlier date first");
    for (const DayException& e : p.exceptions)
      if (e.kind != kind && e.first <= *last && *first <= e.last)
        return complain(node, "C109",
                        "`" + text + "` is `" + kind + "` here and `" + e.kind + "` before, in one announcement",
                        "keep one of them");
    p.exceptions.push_back({*first, *last, kind, name});
  }

  CalendarSpec& spec_;
  Diagnostics& diagnostics_;
  int layer_;
};

}  // namespace

Result<CalendarSpec> CalendarSpec::parse(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  HOTLINE_ASSIGN(const Node root, parse_document(text, file));
  CalendarSpec spec;
  Reader(spec, diagnostics, 0).read(root);
  HOTLINE_TRY(diagnostics.status());
  return spec;
}

Result<CalendarSpec> CalendarSpec::load(const std::string& path) {
  HOTLINE_ASSIGN(const std::string text, read_file(path));
  Diagnostics diagnostics(path);
  return parse(text, path, diagnostics);
}

Status CalendarSpec::overlay(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  HOTLINE_ASSIGN(const Node root, parse_document(text, file));
  int layer = 0;
  for (const Publication& p : publications) layer = std::max(layer, p.layer);
  CalendarSpec changed = *this;
  Reader(changed, diagnostics, layer + 1).read(root);
  HOTLINE_TRY(diagnostics.status());
  *this = std::move(changed);
  return {};
}

std::string CalendarSpec::to_json() const {
  static constexpr std::string_view first[]{"next_day", "before_cutoff"}, off[]{"next_work_day", "as_it_is"},
      end[]{"close", "midnight"};
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("calendar", id).field("name", name).field("timezone", timezone);
  json.field("published_yearly", published_yearly).key("days").begin_object();
  for (const DayKind& k : kinds) {
    json.key(k.name).begin_object().key("hours").begin_array();
    for (const Interval& i : k.intervals) json.value(write_clock(i.begin) + "-" + write_clock(i.end));
    json.end_array().field("workday", k.workday).end_object();
  }
  json.end_object().key("week").begin_object();
  for (std::size_t d = 0; d < 7; ++d)
    json.field(kWeekdays[d], week[d].empty() ? (d < 5 ? "work" : "off") : week[d].c_str());
  json.end_object().key("rule").begin_object().field("first", first[static_cast<int>(rule.first)]);
  json.field("off_day", off[static_cast<int>(rule.off_day)]).field("end", end[static_cast<int>(rule.end)]);
  json.field("cutoff", write_clock(rule.cutoff)).end_object().key("publications").begin_array();
  for (const Publication& p : publications) {
    json.begin_object().field("published", p.published_at == Time::min() ? "always" : to_string(p.published_at)).field("source", p.source);
    json.field("x-layer", p.layer).key("years").begin_array();
    for (const int year : p.years) json.value(year);
    json.end_array().key("days").begin_array();
    for (const DayException& e : p.exceptions) {
      json.begin_object().field("name", e.name).key(e.kind);
      json.value(to_string(e.first) + ".." + to_string(e.last)).end_object();
    }
    json.end_array().end_object();
  }
  json.end_array().end_object();
  return out;
}

}  // namespace hotline::workflow
