/* A whole hotline in a C program:  embed_c examples/embed_c/host.yaml   then dial in; Ctrl-C ends it. */
#include <signal.h>
#include <stdio.h>

#include "hotline.h"

static volatile sig_atomic_t ending = 0;
static void end(int signal) { ending = signal; }

/* What a flow asks by `query: weather`. */
static int weather(hl_query *query, void *user) {
  (void)user;
  hl_query_set(query, "weather", "sunny");
  return HL_QUERY_OK;
}

static int fail(hl_error *error) {
  fprintf(stderr, "embed_c: %s\n", hl_error_text(error));
  hl_error_free(error);
  return 1;
}

int main(int argc, char **argv) {
  hl_error *error = NULL;
  hl_host *host = NULL;
  hl_text *text = NULL;
  signal(SIGINT, end);
  signal(SIGTERM, end);
  if (argc != 2) return fprintf(stderr, "usage: embed_c HOST.YAML\n"), 2;
  if (hl_host_load(argv[1], &host, &error) != HL_OK) return fail(error);
  if (hl_host_answer_query(host, "weather", weather, NULL, &error) != HL_OK) return fail(error);
  if (hl_host_apply(host, "agent.sign_in", "{\"agent\": \"a801\"}", NULL, &error) != HL_OK) return fail(error);
  printf("answers at %s\n", hl_host_uri(host));
  fflush(stdout);

  while (!ending && hl_host_next_event(host, 200000000, &text, &error) == HL_OK) {
    if (text == NULL) continue;
    printf("%s\n", hl_text_data(text)); /* {"at": ..., "type": "call.arrived", "party": "13800138000", "zh": ..., "en": ...} */
    fflush(stdout);
    hl_text_free(text);
  }

  hl_host_stop(host);
  if (hl_host_apply(host, "calls", NULL, &text, &error) != HL_OK) return fail(error);
  printf("%s\n", hl_text_data(text));
  hl_text_free(text);
  hl_host_free(host);
  return 0;
}
