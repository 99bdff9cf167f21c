/* Expressions from C: declare, compile, set, test, evaluate, and what goes wrong. */
#include <stdio.h>
#include <string.h>

#include "hotline.h"

#undef NDEBUG
#include <assert.h>

static hl_expr_program *compile(const hl_expr_environment *env, const char *text, const char *type) {
  hl_expr_program *program = NULL;
  hl_error *error = NULL;
  if (hl_expr_compile(env, text, strlen(text), type, &program, &error) != HL_OK) {
    fprintf(stderr, "%s: %s\n", text, hl_error_text(error));
    assert(0);
  }
  return program;
}

int main(void) {
  hl_expr_environment *env = NULL;
  hl_expr_input *input = NULL;
  hl_error *error = NULL;
  uint32_t level = 9, region = 9, since = 9, skills = 9, wait = 9, flag = 9, any = 9, count = 9, ratio = 9, data = 9;

  assert(hl_expr_environment_new(&env, NULL) == HL_OK);
  assert(hl_expr_environment_declare(env, "level", "int", &level, NULL) == HL_OK && level == 0);
  assert(hl_expr_environment_declare(env, "contact.region", "string", &region, NULL) == HL_OK && region == 1);
  assert(hl_expr_environment_declare(env, "since", "timestamp", &since, NULL) == HL_OK);
  assert(hl_expr_environment_declare(env, "skills", "list(string)", &skills, NULL) == HL_OK);
  assert(hl_expr_environment_declare(env, "wait", "duration", &wait, NULL) == HL_OK);
  assert(hl_expr_environment_declare(env, "flag", "bool", &flag, NULL) == HL_OK);
  assert(hl_expr_environment_declare(env, "any", "dyn", &any, NULL) == HL_OK);
  assert(hl_expr_environment_declare(env, "count", "uint", &count, NULL) == HL_OK);
  assert(hl_expr_environment_declare(env, "ratio", "double", &ratio, NULL) == HL_OK);
  assert(hl_expr_environment_declare(env, "data", "bytes", &data, NULL) == HL_OK);
  assert(hl_expr_environment_size(env) == 10);
  assert(strcmp(hl_expr_environment_name(env, 1), "contact.region") == 0);
  assert(strcmp(hl_expr_environment_type(env, 3), "list(string)") == 0);
  assert(strcmp(hl_expr_environment_name(env, 99), "") == 0);
  assert(HL_CLASS(hl_expr_environment_declare(env, "level", "int", NULL, NULL)) == HL_CONFLICT);
  assert(HL_CLASS(hl_expr_environment_declare(env, "x", "integer", NULL, NULL)) == HL_INVALID);
  assert(HL_CLASS(hl_expr_environment_declare(env, "1x", "int", NULL, NULL)) == HL_INVALID);

  const char *text = "level >= 3 && contact.region in ['east', 'north']";
  hl_expr_program *program = compile(env, text, "bool");
  assert(strcmp(hl_expr_program_source(program), text) == 0);
  assert(strcmp(hl_expr_program_type(program), "bool") == 0);
  assert(strcmp(hl_expr_program_text(program), "level >= 3 && contact.region in [\"east\", \"north\"]") == 0);
  assert(hl_expr_program_cost(program) == 3);
  assert(hl_expr_program_slot_count(program) == 2);
  assert(hl_expr_program_slot(program, 1) == 1 && hl_expr_program_slot(program, 2) == UINT32_MAX);

  int yes = 7;
  assert(hl_expr_input_new(env, &input, NULL) == HL_OK);
  assert(hl_expr_input_set_int(input, level, 4, NULL) == HL_OK);
  assert(hl_expr_input_set_string(input, region, "eastern", 4, NULL) == HL_OK);
  assert(hl_expr_test(program, input, &yes, NULL) == HL_OK && yes == 1);
  assert(hl_expr_input_set_all(input, "{\"level\": 4, \"contact\": {\"region\": \"west\"}}", NULL) == HL_OK);
  assert(hl_expr_test(program, input, &yes, NULL) == HL_OK && yes == 0);
  assert(hl_expr_input_clear(input, level, NULL) == HL_OK);
  assert(hl_expr_test(program, input, &yes, NULL) == HL_OK && yes == 0); /* false decides */
  assert(hl_expr_input_set_string(input, region, "east", 4, NULL) == HL_OK);
  hl_status status = hl_expr_test(program, input, &yes, &error);
  assert(strcmp(hl_status_name(status), "evaluation_failed") == 0 && yes == 0);
  assert(strstr(hl_error_message(error), "`level` has no value") != NULL);
  assert(hl_error_line(error) == 1 && hl_error_column(error) == 1);
  hl_error_free(error);
  assert(hl_expr_test(program, NULL, &yes, NULL) != HL_OK);
  hl_expr_program_free(program);

  assert(hl_expr_input_set_timestamp(input, since, 1000000000, NULL) == HL_OK);
  assert(hl_expr_input_set_duration(input, wait, 90000000000, NULL) == HL_OK);
  assert(hl_expr_input_set_bool(input, flag, 1, NULL) == HL_OK);
  assert(hl_expr_input_set_uint(input, count, 3, NULL) == HL_OK);
  assert(hl_expr_input_set_double(input, ratio, 0.5, NULL) == HL_OK);
  assert(hl_expr_input_set_bytes(input, data, "a\0b", 3, NULL) == HL_OK);
  assert(hl_expr_input_set_json(input, skills, "[\"zh\", \"en\"]", NULL) == HL_OK);
  assert(hl_expr_input_set_json(input, any, "{\"k\": [1, 2.5, null]}", NULL) == HL_OK);
  program = compile(env, "[dyn(since + wait), skills.map(s, s + '!'), flag, count, ratio, data, any.k, size(data)]", NULL);
  hl_text *json = NULL;
  assert(hl_expr_evaluate(program, input, &json, NULL) == HL_OK);
  assert(strcmp(hl_text_data(json),
                "[\"1970-01-01T00:01:31Z\",[\"zh!\",\"en!\"],true,3,0.5,\"YQBi\",[1,2.5,null],3]") == 0);
  hl_text_free(json);
  hl_expr_program_free(program);

  assert(HL_CLASS(hl_expr_input_set_int(input, region, 1, &error)) == HL_INVALID);
  assert(strstr(hl_error_text(error), "`contact.region` is string, not int") != NULL);
  hl_error_free(error);
  assert(HL_CLASS(hl_expr_input_set_int(input, 99, 1, NULL)) == HL_INVALID);
  assert(HL_CLASS(hl_expr_input_set_string(input, region, "\xff", 1, NULL)) == HL_INVALID);
  assert(HL_CLASS(hl_expr_input_set_string(input, region, NULL, 1, NULL)) == HL_INVALID);
  assert(HL_CLASS(hl_expr_input_set_json(input, level, "[", NULL)) == HL_INVALID);
  assert(HL_CLASS(hl_expr_input_set_all(input, "{\"levle\": 1}", NULL)) == HL_INVALID);
  assert(HL_CLASS(hl_expr_input_set_int(NULL, 0, 1, NULL)) == HL_INVALID);

  status = hl_expr_compile(env, "level >\n lvel", 13, NULL, &program, &error);
  assert(strcmp(hl_status_name(status), "invalid_expression") == 0 && program == NULL);
  assert(hl_error_line(error) == 2 && hl_error_column(error) == 2);
  assert(strcmp(hl_error_remedy(error), "did you mean `level`?") == 0);
  hl_error_free(error);
  assert(hl_expr_compile(env, "level", 5, "bool", &program, NULL) != HL_OK);
  assert(hl_expr_compile(env, NULL, 0, NULL, &program, NULL) != HL_OK);

  hl_expr_environment_free(env);
  hl_expr_input_free(input); /* after its environment: any order */
  hl_expr_environment_free(NULL);
  hl_expr_program_free(NULL);
  hl_expr_input_free(NULL);
  puts("ok");
  return 0;
}
