/* hotline C ABI, box expr: one expression language for branches, requirements, guards and filters (docs/expr.md).
 *
 *   hl_expr_environment *env; hl_expr_program *program; hl_expr_input *input; int yes;
 *   hl_expr_environment_new(&env, NULL);
 *   hl_expr_environment_declare(env, "level", "int", NULL, NULL);
 *   hl_expr_compile(env, "level >= 3", 10, "bool", &program, NULL);
 *   hl_expr_input_new(env, &input, NULL);
 *   hl_expr_input_set_int(input, 0, 4, NULL);
 *   hl_expr_test(program, input, &yes, NULL);
 *
 * Types are written bool, int, uint, double, string, bytes, null_type, timestamp, duration, dyn, list(T), map(K, V).
 */
#ifndef HOTLINE_EXPR_H
#define HOTLINE_EXPR_H

#include "hotline/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Declared variables. One thread at a time while it is filled; any thread afterwards. */
typedef struct hl_expr_environment hl_expr_environment;
HL_API hl_status hl_expr_environment_new(hl_expr_environment **out, hl_error **error);
/* Declares `name` ("level", "contact.region"). *slot (may be NULL) counts 0, 1, 2 ... in the order of declaration.
 * Errors: HL_INVALID (name or type), already_exists. */
HL_API hl_status hl_expr_environment_declare(hl_expr_environment *environment, const char *name, const char *type,
                                             uint32_t *slot, hl_error **error);
HL_API size_t hl_expr_environment_size(const hl_expr_environment *environment);
/* The name and type of a slot; "" outside the range. */
HL_API const char *hl_expr_environment_name(const hl_expr_environment *environment, uint32_t slot);
HL_API const char *hl_expr_environment_type(const hl_expr_environment *environment, uint32_t slot);
HL_API void hl_expr_environment_free(hl_expr_environment *environment);

/* A compiled expression. Immutable, any thread. It does not need its environment any more. */
typedef struct hl_expr_program hl_expr_program;
/* `type` is the type asked for, NULL for any. Errors: invalid_expression, with line and column in the expression. */
HL_API hl_status hl_expr_compile(const hl_expr_environment *environment, const char *source, size_t source_size,
                                 const char *type, hl_expr_program **out, hl_error **error);
HL_API const char *hl_expr_program_source(const hl_expr_program *program);
HL_API const char *hl_expr_program_type(const hl_expr_program *program);
/* As the compiler understood it: constants worked out, the parentheses that are needed. */
HL_API const char *hl_expr_program_text(const hl_expr_program *program);
HL_API uint64_t hl_expr_program_cost(const hl_expr_program *program); /* worst case, in steps */
/* The slots that the expression uses, ascending; UINT32_MAX outside the range. */
HL_API size_t hl_expr_program_slot_count(const hl_expr_program *program);
HL_API uint32_t hl_expr_program_slot(const hl_expr_program *program, size_t index);
HL_API void hl_expr_program_free(hl_expr_program *program);

/* Values for the variables of an environment; all missing at first. Setters copy what they are given and refuse a
 * value of another type than the variable's, and a slot that does not exist (HL_INVALID). */
typedef struct hl_expr_input hl_expr_input;
HL_API hl_status hl_expr_input_new(const hl_expr_environment *environment, hl_expr_input **out, hl_error **error);
HL_API hl_status hl_expr_input_set_bool(hl_expr_input *input, uint32_t slot, int value, hl_error **error);
HL_API hl_status hl_expr_input_set_int(hl_expr_input *input, uint32_t slot, int64_t value, hl_error **error);
HL_API hl_status hl_expr_input_set_uint(hl_expr_input *input, uint32_t slot, uint64_t value, hl_error **error);
HL_API hl_status hl_expr_input_set_double(hl_expr_input *input, uint32_t slot, double value, hl_error **error);
HL_API hl_status hl_expr_input_set_string(hl_expr_input *input, uint32_t slot, const char *text, size_t size,
                                          hl_error **error);
HL_API hl_status hl_expr_input_set_bytes(hl_expr_input *input, uint32_t slot, const void *data, size_t size,
                                         hl_error **error);
HL_API hl_status hl_expr_input_set_timestamp(hl_expr_input *input, uint32_t slot, int64_t ns, hl_error **error);
HL_API hl_status hl_expr_input_set_duration(hl_expr_input *input, uint32_t slot, int64_t ns, hl_error **error);
/* Any type, lists and maps too, from JSON: timestamps and durations are strings, bytes base64, null is missing. */
HL_API hl_status hl_expr_input_set_json(hl_expr_input *input, uint32_t slot, const char *json, hl_error **error);
/* All at once: {"level": 4, "contact": {"region": "east"}}; what is not named becomes missing. */
HL_API hl_status hl_expr_input_set_all(hl_expr_input *input, const char *json, hl_error **error);
HL_API hl_status hl_expr_input_clear(hl_expr_input *input, uint32_t slot, hl_error **error); /* missing */
HL_API void hl_expr_input_free(hl_expr_input *input);

/* `input` may be NULL: every variable missing. Errors: evaluation_failed, HL_LIMIT.
 * *out is 1 or 0; the expression must be a bool. */
HL_API hl_status hl_expr_test(const hl_expr_program *program, const hl_expr_input *input, int *out, hl_error **error);
/* *out is the value as JSON. */
HL_API hl_status hl_expr_evaluate(const hl_expr_program *program, const hl_expr_input *input, hl_text **out,
                                  hl_error **error);

#ifdef __cplusplus
}
#endif
#endif
