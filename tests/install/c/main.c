#include <hotline.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  hl_expr_environment *names = NULL;
  hl_expr_program *program = NULL;
  int yes = 0;
  const char *text = "1 + 1 == 2";
  hl_status status = hl_expr_environment_new(&names, NULL);
  if (status == HL_OK) status = hl_expr_compile(names, text, strlen(text), "bool", &program, NULL);
  if (status == HL_OK) status = hl_expr_test(program, NULL, &yes, NULL);
  hl_expr_program_free(program);
  hl_expr_environment_free(names);
  puts(yes && strcmp(hl_version(), HL_VERSION) == 0 ? "ok" : "not ok");
  return status == HL_OK && yes ? 0 : 1;
}
