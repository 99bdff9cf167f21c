#include "hotline/workflow.h"

#include "guard.hpp"
#include "hotline/workflow.hpp"
#include "session.hpp"

using namespace hotline;
using namespace hotline::workflow;

struct hl_calendar {
  Calendar calendar;
};
struct hl_workflow {
  Definition definition;
};
struct hl_instance {
  Instance instance;
};
struct hl_workflow_session : capi::SessionHandle<Session> {};

namespace {

std::vector<Calendar> list_of(const hl_calendar* const* calendars, size_t count) {
  std::vector<Calendar> out;
  for (size_t i = 0; i < count && calendars != nullptr; ++i)
    out.push_back(calendars[i] != nullptr ? calendars[i]->calendar : Calendar::always());
  return out;
}

template <class Change>
hl_status derive(const hl_calendar* calendar, hl_calendar** out, hl_error** error, Change&& change) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(calendar, "calendar"));
    CalendarSpec spec = calendar->calendar.spec();
    HOTLINE_TRY(change(spec));
    HOTLINE_ASSIGN(auto compiled, Calendar::compile(spec));
    *out = new hl_calendar{std::move(compiled)};
    return {};
  });
}

std::string_view bytes(const char* text, size_t size) {
  return text != nullptr ? std::string_view(text, size) : std::string_view();
}
const char* text_of(const char* text) { return text != nullptr ? text : ""; }

void give(hl_text** out, std::string text) {
  if (out != nullptr) *out = new hl_text{std::move(text)};
}

}  // namespace

extern "C" {

hl_status hl_calendar_load(const char* path, hl_calendar** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(path, "path"));
    HOTLINE_ASSIGN(auto calendar, Calendar::load(path));
    *out = new hl_calendar{std::move(calendar)};
    return {};
  });
}
hl_status hl_calendar_parse(const char* text, size_t size, const char* file, hl_calendar** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    Diagnostics diagnostics(text_of(file));
    HOTLINE_ASSIGN(const auto spec, CalendarSpec::parse(bytes(text, size), text_of(file), diagnostics));
    HOTLINE_ASSIGN(auto calendar, Calendar::compile(spec));
    *out = new hl_calendar{std::move(calendar)};
    return {};
  });
}
hl_status hl_calendar_with_holidays(const hl_calendar* calendar, const char* json, size_t size, int64_t published,
                                    hl_calendar** out, hl_error** error) {
  return derive(calendar, out, error, [&](CalendarSpec& spec) {
    return spec.add_holiday_json(bytes(json, size), "holidays", time_from_ns(published));
  });
}
hl_status hl_calendar_with_icalendar(const hl_calendar* calendar, const char* ics, size_t size, int64_t published,
                                     hl_calendar** out, hl_error** error) {
  return derive(calendar, out, error, [&](CalendarSpec& spec) {
    return spec.add_icalendar(bytes(ics, size), "icalendar", time_from_ns(published));
  });
}
hl_status hl_calendar_with_overlay(const hl_calendar* calendar, const char* text, size_t size, hl_calendar** out,
                                   hl_error** error) {
  return derive(calendar, out, error, [&](CalendarSpec& spec) {
    Diagnostics diagnostics("overlay");
    return spec.overlay(bytes(text, size), "overlay", diagnostics);
  });
}
hl_status hl_calendar_as_of(const hl_calendar* calendar, int64_t at, hl_calendar** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(calendar, "calendar"));
    *out = new hl_calendar{calendar->calendar.as_of(time_from_ns(at))};
    return {};
  });
}
const char* hl_calendar_id(const hl_calendar* c) { return capi::or_empty(c ? &c->calendar.id() : nullptr); }
const char* hl_calendar_version(const hl_calendar* c) { return capi::or_empty(c ? &c->calendar.version() : nullptr); }
hl_status hl_calendar_json(const hl_calendar* calendar, hl_text** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(calendar, "calendar"));
    give(out, calendar->calendar.spec().to_json());
    return {};
  });
}
hl_status hl_calendar_due(const hl_calendar* calendar, int64_t start, const char* term, int64_t* due, int* provisional,
                          hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(due, "due"));
    *due = 0;
    HOTLINE_TRY(capi::require(calendar, "calendar"));
    HOTLINE_TRY(capi::require(term, "term"));
    HOTLINE_ASSIGN(const Term t, parse_term(term));
    const Due d = calendar->calendar.due(time_from_ns(start), t);
    *due = to_ns(d.at);
    if (provisional != nullptr) *provisional = d.provisional ? 1 : 0;
    return {};
  });
}
int64_t hl_calendar_elapsed(const hl_calendar* c, int64_t a, int64_t b) {
  return c ? c->calendar.elapsed(time_from_ns(a), time_from_ns(b)).count() : 0;
}
int64_t hl_calendar_work_days_between(const hl_calendar* c, int64_t a, int64_t b) {
  return c ? c->calendar.work_days_between(time_from_ns(a), time_from_ns(b)) : 0;
}
int hl_calendar_is_working(const hl_calendar* c, int64_t at) {
  return c && c->calendar.is_working(time_from_ns(at)) ? 1 : 0;
}
int64_t hl_calendar_next_working(const hl_calendar* c, int64_t at) {
  return c ? to_ns(c->calendar.next_working(time_from_ns(at))) : INT64_MAX;
}
hl_status hl_calendar_is_workday(const hl_calendar* calendar, const char* date, int* out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = 0;
    HOTLINE_TRY(capi::require(calendar, "calendar"));
    HOTLINE_ASSIGN(const Date day, parse_date(text_of(date)));
    *out = calendar->calendar.is_workday(day) ? 1 : 0;
    return {};
  });
}
void hl_calendar_free(hl_calendar* c) { delete c; }

hl_status hl_workflow_load(const char* path, hl_workflow** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(path, "path"));
    HOTLINE_ASSIGN(auto definition, Definition::load(path));
    *out = new hl_workflow{std::move(definition)};
    return {};
  });
}
hl_status hl_workflow_parse(const char* text, size_t size, const char* file, hl_workflow** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    Diagnostics diagnostics(text_of(file));
    HOTLINE_ASSIGN(auto definition, Definition::parse(bytes(text, size), text_of(file), diagnostics));
    *out = new hl_workflow{std::move(definition)};
    return {};
  });
}
hl_status hl_workflow_check(const char* path, hl_text** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(path, "path"));
    Diagnostics diagnostics(path);
    const auto definition = Definition::load(path, diagnostics);
    if (!definition.ok() && !diagnostics.has_errors()) return definition.error();
    give(out, diagnostics.to_json());
    return {};
  });
}
const char* hl_workflow_id(const hl_workflow* w) { return capi::or_empty(w ? &w->definition.id() : nullptr); }
int64_t hl_workflow_version(const hl_workflow* w) { return w ? w->definition.version() : 0; }
hl_status hl_workflow_draw(const hl_workflow* workflow, const char* format, const char* language, hl_text** out,
                           hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(workflow, "workflow"));
    const std::string_view kind = text_of(format);
    if (kind != "svg" && kind != "mermaid" && kind != "dot")
      return Error(ErrorCode::invalid_argument, "no diagram format `" + std::string(kind) + "`",
                   "use svg, mermaid or dot");
    const Diagram diagram = kind == "svg" ? Diagram::svg : kind == "dot" ? Diagram::dot : Diagram::mermaid;
    give(out, draw(workflow->definition, diagram,
                   std::string_view(text_of(language)) == "en" ? Language::en : Language::zh));
    return {};
  });
}
void hl_workflow_free(hl_workflow* w) { delete w; }

hl_status hl_workflow_start(const hl_workflow* workflow, const hl_calendar* const* calendars, size_t count,
                            const char* record, hl_instance** out, hl_text** decision, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    if (decision != nullptr) *decision = nullptr;
    HOTLINE_TRY(capi::require(workflow, "workflow"));
    HOTLINE_TRY(capi::require(record, "record"));
    HOTLINE_ASSIGN(const Record r, Record::parse(workflow->definition, record));
    if (!r.is_start())
      return Error(ErrorCode::invalid_argument, "the record does not start an instance", "add \"start\": true");
    const auto list = list_of(calendars, count);
    Decision d;
    r.apply(workflow->definition, {}, list, d);
    if (!d.accepted())
      return Error(ErrorCode::wrong_state, "the start is refused: " + d.refusal.reason, "check the fields");
    give(decision, d.to_json());
    *out = new hl_instance{std::move(d.next)};
    return {};
  });
}
hl_status hl_workflow_decide(const hl_workflow* workflow, const hl_calendar* const* calendars, size_t count,
                             hl_instance* instance, const char* record, hl_text** decision, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    if (decision != nullptr) *decision = nullptr;
    HOTLINE_TRY(capi::require(workflow, "workflow"));
    HOTLINE_TRY(capi::require(instance, "instance"));
    HOTLINE_TRY(capi::require(record, "record"));
    HOTLINE_ASSIGN(const Record r, Record::parse(workflow->definition, record, &instance->instance));
    if (r.is_start()) return Error(ErrorCode::wrong_state, "the instance has started", "send an event");
    const auto list = list_of(calendars, count);
    Decision d;
    r.apply(workflow->definition, instance->instance, list, d);
    give(decision, d.to_json());
    if (d.accepted()) instance->instance = std::move(d.next);
    return {};
  });
}
hl_status hl_instance_json(const hl_workflow* workflow, const hl_instance* instance, hl_text** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(workflow, "workflow"));
    HOTLINE_TRY(capi::require(instance, "instance"));
    give(out, instance->instance.to_json(workflow->definition));
    return {};
  });
}
hl_status hl_instance_parse(const hl_workflow* workflow, const char* json, size_t size, hl_instance** out,
                            hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(workflow, "workflow"));
    HOTLINE_ASSIGN(auto instance, Instance::parse(workflow->definition, bytes(json, size)));
    *out = new hl_instance{std::move(instance)};
    return {};
  });
}
const char* hl_instance_state(const hl_workflow* workflow, const hl_instance* instance, uint32_t node,
                              const char* region) {
  if (workflow == nullptr || instance == nullptr || region == nullptr) return "";
  const std::string_view state = instance->instance.state(workflow->definition, node, region);
  return state.empty() ? "" : state.data();  // names end with a zero in the definition
}
void hl_instance_free(hl_instance* i) { delete i; }

hl_status hl_workflow_session_new(const hl_workflow* workflow, const hl_calendar* const* calendars, size_t count,
                                  hl_workflow_session** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(workflow, "workflow"));
    *out = new hl_workflow_session{{Session(workflow->definition, list_of(calendars, count))}};
    return {};
  });
}
hl_status hl_workflow_session_apply(hl_workflow_session* session, int64_t at, const char* verb, const char* fields, hl_error** error) {
  return capi::apply(session, at, verb, fields, error);
}
hl_status hl_workflow_session_advance(hl_workflow_session* session, int64_t at, hl_error** error) { return capi::advance(session, at, error); }
int hl_workflow_session_next(hl_workflow_session* session, int64_t* at, const char** verb, const char** fields) { return capi::next(session, at, verb, fields); }
void hl_workflow_session_free(hl_workflow_session* s) { delete s; }

}  // extern "C"
