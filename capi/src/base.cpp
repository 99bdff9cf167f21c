#include <vector>

#include "guard.hpp"
#include "hotline/base/error.hpp"
#include "hotline/base/scenario.hpp"

using namespace hotline;

extern "C" {

const char* hl_status_name(hl_status status) { return error_name(static_cast<ErrorCode>(status)).data(); }
const char* hl_version(void) { return HL_VERSION; }

hl_status hl_error_status(const hl_error* e) { return e ? static_cast<hl_status>(e->error.code()) : HL_OK; }
const char* hl_error_message(const hl_error* e) { return capi::or_empty(e ? &e->error.message() : nullptr); }
const char* hl_error_remedy(const hl_error* e) { return capi::or_empty(e ? &e->error.remedy() : nullptr); }
const char* hl_error_file(const hl_error* e) { return capi::or_empty(e ? &e->error.place().file : nullptr); }
uint32_t hl_error_line(const hl_error* e) { return e ? e->error.place().line : 0; }
uint32_t hl_error_column(const hl_error* e) { return e ? e->error.place().column : 0; }
const char* hl_error_text(const hl_error* e) { return capi::or_empty(e ? &e->text : nullptr); }
void hl_error_free(hl_error* e) { delete e; }

const char* hl_text_data(const hl_text* t) { return capi::or_empty(t ? &t->text : nullptr); }
size_t hl_text_size(const hl_text* t) { return t ? t->text.size() : 0; }
void hl_text_free(hl_text* t) { delete t; }

struct hl_scenario {
  Scenario scenario;
  std::vector<std::string> fields;
};

hl_status hl_scenario_load(const char* path, hl_scenario** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(path, "path"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_ASSIGN(auto scenario, load_scenario(path));
    auto handle = std::make_unique<hl_scenario>();
    for (const ScenarioStep& step : scenario.steps) handle->fields.push_back(step.fields.to_json());
    handle->scenario = std::move(scenario);
    *out = handle.release();
    return {};
  });
}

static const ScenarioStep* step_at(const hl_scenario* s, size_t i) {
  return s != nullptr && i < s->scenario.steps.size() ? &s->scenario.steps[i] : nullptr;
}
const char* hl_scenario_name(const hl_scenario* s) { return capi::or_empty(s ? &s->scenario.name : nullptr); }
size_t hl_scenario_given_count(const hl_scenario* s) { return s ? s->scenario.given.size() : 0; }
const char* hl_scenario_given(const hl_scenario* s, size_t i) {
  return s && i < s->scenario.given.size() ? s->scenario.given[i].c_str() : "";
}
size_t hl_scenario_size(const hl_scenario* s) { return s ? s->scenario.steps.size() : 0; }
int64_t hl_scenario_at(const hl_scenario* s, size_t i) { return step_at(s, i) ? step_at(s, i)->at.count() : 0; }
int hl_scenario_expected(const hl_scenario* s, size_t i) { return step_at(s, i) && step_at(s, i)->expected; }
const char* hl_scenario_verb(const hl_scenario* s, size_t i) {
  return capi::or_empty(step_at(s, i) ? &step_at(s, i)->verb : nullptr);
}
const char* hl_scenario_fields(const hl_scenario* s, size_t i) {
  return step_at(s, i) ? s->fields[i].c_str() : "";
}
uint32_t hl_scenario_line(const hl_scenario* s, size_t i) { return step_at(s, i) ? step_at(s, i)->line : 0; }
int hl_scenario_matches(const hl_scenario* s, size_t i, const char* event) {
  const ScenarioStep* step = step_at(s, i);
  if (step == nullptr || event == nullptr) return 0;
  try {
    const auto node = parse_document(event, "event");
    return node.ok() && matches(step->fields, *node);
  } catch (...) {
    return 0;
  }
}
void hl_scenario_free(hl_scenario* s) { delete s; }

}  // extern "C"
