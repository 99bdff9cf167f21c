/* The rules of hotline.h, tried from C. */
#include <stdio.h>
#include <string.h>

#include "hotline.h"

#undef NDEBUG
#include <assert.h>

int main(void) {
  hl_scenario *scenario = (hl_scenario *)1;
  hl_error *error = NULL;
  hl_status status = hl_scenario_load("/nonexistent", &scenario, &error);
  assert(HL_CLASS(status) == HL_IO);
  assert(scenario == NULL);
  assert(error != NULL && strstr(hl_error_text(error), "/nonexistent") != NULL);
  assert(hl_error_status(error) == status);
  hl_error_free(error);
  assert(hl_scenario_load(NULL, &scenario, NULL) != HL_OK);
  assert(strcmp(hl_version(), HL_VERSION) == 0);
  assert(strcmp(hl_status_name(0), "ok") == 0);
  hl_error_free(NULL);
  hl_text_free(NULL);
  hl_scenario_free(NULL);
  puts("ok");
  return 0;
}
