#include "hotline/expr.h"

#include <memory>
#include <vector>

#include "guard.hpp"
#include "hotline/expr.hpp"

using namespace hotline;

struct hl_expr_environment {
  expr::Environment environment;
  std::vector<std::string> types;
};

struct hl_expr_program {
  expr::Program program;
  std::string type;
  std::string text;
};

struct hl_expr_input {
  expr::Environment environment;
  std::vector<expr::Value> slots;
};

namespace {

Status check_slot(const hl_expr_input* input, uint32_t slot) {
  HOTLINE_TRY(capi::require(input, "input"));
  if (slot < input->slots.size()) return {};
  return Error(ErrorCode::invalid_argument, "there is no slot " + std::to_string(slot),
               "the environment had " + std::to_string(input->slots.size()) + " variables when the input was made");
}

hl_status set(hl_expr_input* input, uint32_t slot, hl_error** error, const expr::Value& value) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(check_slot(input, slot));
    const expr::Variable& variable = input->environment.variables()[slot];
    if (!variable.type.is_any() && variable.type.kind() != value.kind())
      return Error(ErrorCode::invalid_argument, "`" + variable.name + "` is " + to_string(variable.type) + ", not " +
                       std::string(kind_name(value.kind())), "use the setter of its type");
    input->slots[slot] = value.own();
    return {};
  });
}

Status check_text(const void* text, size_t size) {
  if (text == nullptr && size > 0) return capi::require(text, "text");
  return {};
}

std::span<const expr::Value> slots_of(const hl_expr_input* input) {
  return input != nullptr ? std::span<const expr::Value>(input->slots) : std::span<const expr::Value>();
}

}  // namespace

extern "C" {

hl_status hl_expr_environment_new(hl_expr_environment** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    *out = new hl_expr_environment();
    return {};
  });
}

hl_status hl_expr_environment_declare(hl_expr_environment* environment, const char* name, const char* type,
                                      uint32_t* slot, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    if (slot != nullptr) *slot = 0;
    HOTLINE_TRY(capi::require(environment, "environment"));
    HOTLINE_TRY(capi::require(name, "name"));
    HOTLINE_TRY(capi::require(type, "type"));
    HOTLINE_ASSIGN(const expr::Type parsed, expr::Type::parse(type));
    HOTLINE_ASSIGN(const std::uint32_t declared, environment->environment.declare(name, parsed));
    environment->types.push_back(to_string(parsed));
    if (slot != nullptr) *slot = declared;
    return {};
  });
}

size_t hl_expr_environment_size(const hl_expr_environment* e) { return e ? e->types.size() : 0; }
const char* hl_expr_environment_name(const hl_expr_environment* e, uint32_t slot) {
  return e && slot < e->types.size() ? e->environment.variables()[slot].name.c_str() : "";
}
const char* hl_expr_environment_type(const hl_expr_environment* e, uint32_t slot) {
  return e && slot < e->types.size() ? e->types[slot].c_str() : "";
}
void hl_expr_environment_free(hl_expr_environment* e) { delete e; }

hl_status hl_expr_compile(const hl_expr_environment* environment, const char* source, size_t source_size,
                          const char* type, hl_expr_program** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(environment, "environment"));
    HOTLINE_TRY(capi::require(source, "source"));
    expr::Options options;
    if (type != nullptr) {
      HOTLINE_ASSIGN(options.result, expr::Type::parse(type));
    }
    HOTLINE_ASSIGN(expr::Program program,
                   expr::Program::compile({source, source_size}, environment->environment, options));
    std::string shown = to_string(program.type());
    std::string text = program.root().text();
    *out = new hl_expr_program{std::move(program), std::move(shown), std::move(text)};
    return {};
  });
}

const char* hl_expr_program_source(const hl_expr_program* p) { return p ? p->program.source().c_str() : ""; }
const char* hl_expr_program_type(const hl_expr_program* p) { return capi::or_empty(p ? &p->type : nullptr); }
const char* hl_expr_program_text(const hl_expr_program* p) { return capi::or_empty(p ? &p->text : nullptr); }
uint64_t hl_expr_program_cost(const hl_expr_program* p) { return p ? p->program.cost() : 0; }
size_t hl_expr_program_slot_count(const hl_expr_program* p) { return p ? p->program.slots().size() : 0; }
uint32_t hl_expr_program_slot(const hl_expr_program* p, size_t index) {
  return p && index < p->program.slots().size() ? p->program.slots()[index] : UINT32_MAX;
}
void hl_expr_program_free(hl_expr_program* p) { delete p; }

hl_status hl_expr_input_new(const hl_expr_environment* environment, hl_expr_input** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(environment, "environment"));
    auto input = std::make_unique<hl_expr_input>();
    input->environment = environment->environment;
    input->slots.resize(environment->types.size());
    *out = input.release();
    return {};
  });
}

hl_status hl_expr_input_set_bool(hl_expr_input* input, uint32_t slot, int value, hl_error** error) {
  return set(input, slot, error, expr::Value(value != 0));
}
hl_status hl_expr_input_set_int(hl_expr_input* input, uint32_t slot, int64_t value, hl_error** error) {
  return set(input, slot, error, expr::Value(value));
}
hl_status hl_expr_input_set_uint(hl_expr_input* input, uint32_t slot, uint64_t value, hl_error** error) {
  return set(input, slot, error, expr::Value(value));
}
hl_status hl_expr_input_set_double(hl_expr_input* input, uint32_t slot, double value, hl_error** error) {
  return set(input, slot, error, expr::Value(value));
}
hl_status hl_expr_input_set_timestamp(hl_expr_input* input, uint32_t slot, int64_t ns, hl_error** error) {
  return set(input, slot, error, expr::Value(time_from_ns(ns)));
}
hl_status hl_expr_input_set_duration(hl_expr_input* input, uint32_t slot, int64_t ns, hl_error** error) {
  return set(input, slot, error, expr::Value(Duration{ns}));
}

hl_status hl_expr_input_set_string(hl_expr_input* input, uint32_t slot, const char* text, size_t size, hl_error** error) {
  const std::string_view given(text != nullptr ? text : "", text != nullptr ? size : 0);
  const hl_status status = capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(check_text(text, size));
    if (is_utf8(given)) return {};
    return Error(ErrorCode::invalid_encoding, "the text is not UTF-8", "use hl_expr_input_set_bytes for bytes");
  });
  return status != HL_OK ? status : set(input, slot, error, expr::Value(given));
}

hl_status hl_expr_input_set_bytes(hl_expr_input* input, uint32_t slot, const void* data, size_t size, hl_error** error) {
  const hl_status status = capi::guard(error, [&] { return check_text(data, size); });
  if (status != HL_OK) return status;
  const std::string_view given(data != nullptr ? static_cast<const char*>(data) : "", data != nullptr ? size : 0);
  return set(input, slot, error, expr::Value::bytes(given));
}

hl_status hl_expr_input_set_json(hl_expr_input* input, uint32_t slot, const char* json, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(check_slot(input, slot));
    HOTLINE_TRY(capi::require(json, "json"));
    HOTLINE_ASSIGN(input->slots[slot], expr::Value::from_json(json, input->environment.variables()[slot].type));
    return {};
  });
}

hl_status hl_expr_input_set_all(hl_expr_input* input, const char* json, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(input, "input"));
    HOTLINE_TRY(capi::require(json, "json"));
    HOTLINE_ASSIGN(const Node values, parse_document(json, "variables"));
    HOTLINE_ASSIGN(input->slots, input->environment.bind(values));
    return {};
  });
}

hl_status hl_expr_input_clear(hl_expr_input* input, uint32_t slot, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(check_slot(input, slot));
    input->slots[slot] = expr::Value();
    return {};
  });
}
void hl_expr_input_free(hl_expr_input* input) { delete input; }

hl_status hl_expr_test(const hl_expr_program* program, const hl_expr_input* input, int* out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = 0;
    HOTLINE_TRY(capi::require(program, "program"));
    HOTLINE_ASSIGN(const bool yes, program->program.test(slots_of(input)));
    *out = yes ? 1 : 0;
    return {};
  });
}

hl_status hl_expr_evaluate(const hl_expr_program* program, const hl_expr_input* input, hl_text** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(capi::require(program, "program"));
    HOTLINE_ASSIGN(const expr::Value value, program->program.evaluate(slots_of(input)));
    *out = new hl_text{value.to_json()};
    return {};
  });
}

}  // extern "C"
