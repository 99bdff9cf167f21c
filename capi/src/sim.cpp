#include "hotline/sim.h"

#include <algorithm>

#include "guard.hpp"
#include "hotline/sim.hpp"
#include "session.hpp"

using namespace hotline;

struct hl_experiment {
  sim::Experiment experiment;
};
struct hl_sim_session : capi::SessionHandle<sim::Session> {};
struct hl_comparison {
  sim::Comparison comparison;
};

namespace {

Status out_of(size_t variant, const hl_comparison* c) {
  HOTLINE_TRY(capi::require(c, "comparison"));
  if (variant < c->comparison.outcomes.size()) return {};
  return Error(ErrorCode::not_found, "there is no variant " + std::to_string(variant), "variants count from 0");
}

void put(const sim::Estimate& e, double* value, double* low, double* high) {
  *value = e.value;
  if (low != nullptr) *low = e.low();
  if (high != nullptr) *high = e.high();
}

template <class Make>
hl_status text_of(hl_text** out, hl_error** error, Make&& make) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_ASSIGN(std::string text, make());
    *out = new hl_text{std::move(text)};
    return {};
  });
}

}  // namespace

extern "C" {

hl_status hl_experiment_load(const char* path, hl_experiment** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(path, "path"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_ASSIGN(auto e, sim::load_experiment(path));
    *out = new hl_experiment{std::move(e)};
    return {};
  });
}

hl_status hl_experiment_parse(const char* text, size_t size, hl_experiment** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(text, "text"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_ASSIGN(auto e, sim::parse_experiment({text, size}, "experiment"));
    *out = new hl_experiment{std::move(e)};
    return {};
  });
}

size_t hl_experiment_variant_count(const hl_experiment* e) { return e != nullptr ? e->experiment.variants.size() : 0; }
const char* hl_experiment_variant_name(const hl_experiment* e, size_t i) {
  return e != nullptr && i < e->experiment.variants.size() ? e->experiment.variants[i].name.c_str() : "";
}
void hl_experiment_free(hl_experiment* e) { delete e; }

hl_status hl_experiment_run(const hl_experiment* e, unsigned threads, hl_experiment_progress progress, void* context, hl_comparison** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(e, "experiment"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    std::function<void(const std::string&, std::uint32_t, std::uint32_t)> tell;
    if (progress != nullptr) tell = [=](const std::string&, std::uint32_t done, std::uint32_t of) { progress(done, of, context); };
    HOTLINE_ASSIGN(auto c, sim::run_experiment(e->experiment, threads, tell));
    *out = new hl_comparison{std::move(c)};
    return {};
  });
}

hl_status hl_experiment_staff(const hl_experiment* e, size_t variant, const char* figure, double target, uint32_t* agents, size_t teams, unsigned threads, int* met,
                              hl_error** error) {
  if (met != nullptr) *met = 0;
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(e, "experiment"));
    HOTLINE_TRY(capi::require(agents, "agents"));
    if (variant >= e->experiment.variants.size()) return Error(ErrorCode::not_found, "there is no variant " + std::to_string(variant), "variants count from 0");
    const sim::Variant& v = e->experiment.variants[variant];
    HOTLINE_ASSIGN(const auto found, sim::staff_teams(v.model, v.plan, {figure != nullptr ? figure : "sl_offered", {target}, {}, 200}, {agents, agents + teams}, threads));
    std::copy(found.agents.begin(), found.agents.end(), agents);
    if (met != nullptr) *met = found.met;
    return {};
  });
}

hl_status hl_comparison_figure(const hl_comparison* c, size_t variant, const char* figure, double* value, double* low, double* high, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(figure, "figure"));
    HOTLINE_TRY(capi::require(value, "value"));
    HOTLINE_TRY(out_of(variant, c));
    HOTLINE_ASSIGN(const auto e, c->comparison.outcomes[variant].report.figure(figure));
    put(e, value, low, high);
    return {};
  });
}

hl_status hl_comparison_difference(const hl_comparison* c, size_t variant, const char* figure, double* value, double* low, double* high, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(figure, "figure"));
    HOTLINE_TRY(capi::require(value, "value"));
    HOTLINE_TRY(out_of(variant, c));
    HOTLINE_ASSIGN(const auto e, sim::difference(c->comparison.outcomes[0].report, c->comparison.outcomes[variant].report, figure));
    put(e, value, low, high);
    return {};
  });
}

hl_status hl_comparison_text(const hl_comparison* c, hl_text** out, hl_error** error) {
  return text_of(out, error, [&]() -> Result<std::string> {
    HOTLINE_TRY(capi::require(c, "comparison"));
    return c->comparison.to_text();
  });
}
hl_status hl_comparison_json(const hl_comparison* c, hl_text** out, hl_error** error) {
  return text_of(out, error, [&]() -> Result<std::string> {
    HOTLINE_TRY(capi::require(c, "comparison"));
    return c->comparison.to_json();
  });
}
hl_status hl_comparison_csv(const hl_comparison* c, size_t variant, hl_text** out, hl_error** error) {
  return text_of(out, error, [&]() -> Result<std::string> {
    HOTLINE_TRY(out_of(variant, c));
    return c->comparison.outcomes[variant].report.to_csv();
  });
}
void hl_comparison_free(hl_comparison* c) { delete c; }

hl_status hl_sim_session_new(const hl_experiment* e, size_t variant, uint32_t replication, hl_sim_session** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(e, "experiment"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    *out = new hl_sim_session{{sim::Session(e->experiment, variant, replication)}};
    return {};
  });
}
hl_status hl_sim_session_apply(hl_sim_session* session, int64_t at, const char* verb, const char* fields, hl_error** error) {
  return capi::apply(session, at, verb, fields, error);
}
hl_status hl_sim_session_advance(hl_sim_session* session, int64_t at, hl_error** error) { return capi::advance(session, at, error); }
int hl_sim_session_next(hl_sim_session* session, int64_t* at, const char** verb, const char** fields) { return capi::next(session, at, verb, fields); }
void hl_sim_session_free(hl_sim_session* session) { delete session; }

hl_status hl_golden(const char* path, double contacts, uint64_t seed, unsigned threads, int* accepted, hl_text** out, hl_error** error) {
  if (accepted != nullptr) *accepted = 0;
  return text_of(out, error, [&]() -> Result<std::string> {
    HOTLINE_TRY(capi::require(path, "path"));
    HOTLINE_ASSIGN(const Node document, load_document(path));
    sim::GoldenOptions options;
    if (contacts > 0) options.contacts = contacts;
    options.seed = seed;
    options.threads = threads;
    HOTLINE_ASSIGN(const auto report, sim::run_golden(document, options));
    if (accepted != nullptr) *accepted = report.accepted();
    return report.to_json();
  });
}

hl_status hl_replay(const char* csv, size_t size, const char* columns, hl_text** out, hl_error** error) {
  return text_of(out, error, [&]() -> Result<std::string> {
    HOTLINE_TRY(capi::require(csv, "csv"));
    HOTLINE_ASSIGN(const auto map, wfm::parse_columns(columns != nullptr ? columns : ""));
    HOTLINE_ASSIGN(const auto log, wfm::read_calls({csv, size}, "calls", map));
    HOTLINE_ASSIGN(const auto r, sim::replay(log));
    return r.to_text();
  });
}

}  // extern "C"
