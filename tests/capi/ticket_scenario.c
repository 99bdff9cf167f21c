/* The scenario files of tickets, through C. */
#include <dirent.h>
#include <stdio.h>
#include <string.h>

#include "hotline.h"

#undef NDEBUG
#include <assert.h>

#define START 1795392000000000000LL /* 2026-11-23T08:00:00+08:00 */

/* Cuts the next object out of a JSON array; returns what follows it, or NULL. */
static const char *next_event(const char *json, char *out, size_t size) {
  int depth = 0, text = 0;
  size_t n = 0;
  while (*json && *json != '{') ++json;
  for (; *json; ++json) {
    assert(n + 1 < size);
    out[n++] = *json;
    if (text) {
      if (*json == '\\') out[n++] = *++json;
      else if (*json == '"') text = 0;
    } else if (*json == '"') {
      text = 1;
    } else if (*json == '{') {
      ++depth;
    } else if (*json == '}' && --depth == 0) {
      out[n] = 0;
      return json + 1;
    }
  }
  return NULL;
}

/* One file on tickets of its own; 0 where everything came as expected. */
static int play(const char *path) {
  static char event[65536];
  hl_tickets *tickets = NULL;
  hl_scenario *scenario = NULL;
  hl_error *error = NULL;
  hl_text *events = NULL;
  const char *rest = "";
  size_t i;
  assert(hl_tickets_open("sqlite::memory:", NULL, &tickets, NULL) == HL_OK);
  assert(hl_scenario_load(path, &scenario, NULL) == HL_OK);
  for (i = 0; i < hl_scenario_size(scenario); ++i) {
    const char *verb = hl_scenario_verb(scenario, i);
    if (!hl_scenario_expected(scenario, i)) {
      hl_text_free(events);
      if (hl_tickets_apply(tickets, verb, hl_scenario_fields(scenario, i), START + hl_scenario_at(scenario, i), &events, &error) != HL_OK) {
        fprintf(stderr, "%s: %s\n", path, hl_error_text(error));
        return 1;
      }
      rest = hl_text_data(events);
    } else if (strcmp(verb, "nothing") == 0) {
      assert(next_event(rest, event, sizeof event) == NULL);
    } else {
      char type[64];
      rest = next_event(rest, event, sizeof event);
      snprintf(type, sizeof type, "{\"type\":\"%s\"", verb);
      if (rest == NULL || strncmp(event, type, strlen(type)) != 0 || !hl_scenario_matches(scenario, i, event)) {
        fprintf(stderr, "%s:%u: %s\n", path, hl_scenario_line(scenario, i), rest ? event : "no event");
        return 1;
      }
    }
  }
  hl_text_free(events);
  hl_scenario_free(scenario);
  hl_tickets_free(tickets);
  return 0;
}

static void papers_and_exports(void) {
  hl_tickets *tickets = NULL;
  hl_text *out = NULL;
  int64_t at = 0;
  assert(hl_tickets_open("sqlite::memory:", NULL, &tickets, NULL) == HL_OK);
  assert(hl_tickets_apply(tickets, "ticket.intake", "{\"actor\":\"ivr\",\"roles\":[\"citizen\"],\"category\":\"water\"}", START, &out, NULL) == HL_OK);
  hl_text_free(out);
  assert(hl_tickets_next_timer(tickets, &at, NULL) == HL_OK && at > START);
  assert(hl_tickets_export(tickets, "xes", &out, NULL) == HL_OK && strstr(hl_text_data(out), "</log>") != NULL);
  hl_text_free(out);
  assert(HL_CLASS(hl_tickets_export(tickets, "docx", &out, NULL)) == HL_INVALID && out == NULL);
  uint64_t made = 0;
  const char *line = "{\"number\":\"k1\",\"created_at\":\"2026-11-23T00:00:00Z\",\"category\":\"noise\",\"title\":\"Loud\"}\n";
  assert(hl_tickets_import(tickets, "jsonl", line, NULL, START, &made, NULL) == HL_OK && made == 1);
  assert(hl_tickets_import(tickets, "jsonl", line, NULL, START, &made, NULL) == HL_OK && made == 0);
  assert(HL_CLASS(hl_tickets_import(tickets, "xes", line, NULL, START, &made, NULL)) == HL_INVALID);
  assert(hl_tickets_document(tickets, 1, "letter", "html", "en", &out, NULL) == HL_OK && strstr(hl_text_data(out), "Letter") != NULL);
  hl_text_free(out);
  {
    hl_open311 *server = NULL;
    assert(hl_open311_start(tickets, "services: 7", 0, &server, NULL) != HL_OK && server == NULL);
    assert(hl_open311_start(tickets, "services: [{code: light}]", 0, &server, NULL) == HL_OK && hl_open311_port(server) > 0);
    hl_open311_free(server);
    hl_open311_free(NULL);
  }
  hl_tickets_free(tickets);
  hl_tickets_free(NULL);
}

int main(void) {
  static const char folder[] = HOTLINE_SOURCE_DIR "/tests/scenario/ticket";
  hl_tickets *tickets = NULL;
  hl_error *error = NULL;
  struct dirent *entry;
  DIR *const all = opendir(folder);
  int files = 0;
  assert(hl_tickets_open("/nonexistent/x.db", NULL, &tickets, &error) != HL_OK && tickets == NULL && error != NULL);
  hl_error_free(error);
  assert(all != NULL);
  while ((entry = readdir(all)) != NULL) {
    char path[4096];
    const size_t length = strlen(entry->d_name);
    if (length < 4 || strcmp(entry->d_name + length - 4, ".scn") != 0) continue;
    snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
    if (play(path) != 0) return 1;
    ++files;
  }
  closedir(all);
  assert(files >= 10);
  papers_and_exports();
  puts("ok");
  return 0;
}
