#include <hotline.h>
#include <stdio.h>
#include <string.h>

int main(void) {
  const char *text = "acd: 1\nqueues: {general: {}}\nagents: {lin: {}, zhou: {}}\n";
  hl_router *router;
  hl_error *error;
  if (hl_router_parse(text, strlen(text), "routing.yaml", &router, &error) != HL_OK) {
    fprintf(stderr, "%s\n", hl_error_text(error));
    return 1;
  }
  hl_router_apply(router, "agent.login", "{\"agent\":\"lin\"}", 0, NULL);
  hl_router_apply(router, "agent.ready", "{\"agent\":\"lin\"}", 0, NULL);
  hl_router_apply(router, "contact.enqueue", "{\"contact\":\"c1\",\"queue\":\"general\"}", 1000000000, NULL);
  printf("%s\n", hl_router_event_type(router, hl_router_events(router) - 1)); /* offered */
  hl_router_free(router);
  return 0;
}
