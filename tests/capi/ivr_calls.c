/* Live operation through the C ABI: a journal, a new version with moves, a crash, statistics, replay. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hotline.h"

static int faults;
static char journal[1 << 16];
static size_t used;
static const int64_t second = 1000000000, start = 1795399200LL * 1000000000LL;

static void check(int good, const char *what) {
  if (good) return;
  fprintf(stderr, "failed: %s\n", what);
  ++faults;
}
static void line(const char *text, size_t size, void *user) {
  check(user == &faults, "the sink's user pointer");
  if (used + size < sizeof journal) memcpy(journal + used, text, size), used += size, journal[used] = 0;
}
static int contains(hl_text *text, const char *what) { return text != NULL && strstr(hl_text_data(text), what) != NULL; }

static hl_flow *parse(const char *version, const char *menu, const char *words) {
  char text[2048];
  hl_flow *flow = NULL;
  hl_error *error = NULL;
  snprintf(text, sizeof text,
           "flow: 1\nid: c\nversion: \"%s\"\nlanguages: [en-US]\nstart: %s\nagent: a\non_error: bye\nnodes:\n"
           "  %s: {type: menu, safe_point: true, prompt: {text: %s}, choices: {\"1\": q, \"2\": bye}, exhausted: bye}\n"
           "  q: {type: query, query: x, holding: {text: Wait}, ok: %s, empty: %s}\n"
           "  a: {type: queue, queue: general, overflow: bye}\n"
           "  bye: {type: hangup, prompt: {text: Bye}}\n",
           version, menu, menu, words, menu, menu);
  if (hl_flow_parse(text, "c.yaml", &flow, &error)) {
    fprintf(stderr, "%s\n", hl_error_text(error));
    hl_error_free(error);
    exit(1);
  }
  return flow;
}

static hl_text *apply(hl_switchboard *board, const char *verb, const char *fields, int at) {
  hl_text *events = NULL;
  hl_error *error = NULL;
  if (hl_switchboard_apply(board, verb, fields, start + at * second, &events, &error)) {
    fprintf(stderr, "%s: %s\n", verb, hl_error_text(error));
    hl_error_free(error);
    ++faults;
  }
  return events;
}
static void done(hl_switchboard *board, const char *verb, const char *fields, int at) { hl_text_free(apply(board, verb, fields, at)); }

int main(void) {
  hl_flow *first = parse("1", "m", "Menu"), *second_version = parse("2", "menu", "Better");
  const hl_flow *both[2];
  hl_switchboard *board = NULL;
  hl_error *error = NULL;
  hl_text *text = NULL, *session = NULL;
  char fields[4096];
  size_t i, from;
  check(hl_switchboard_new(first, &board, &error) == HL_OK, "new");
  check(hl_switchboard_journal(board, line, &faults, &error) == HL_OK, "journal");
  done(board, "call.start", "{\"call\":\"a\"}", 0);
  done(board, "call.key", "{\"call\":\"a\",\"key\":\"1\"}", 1);
  check(hl_switchboard_session(board, "a", &session, &error) == HL_OK, "session");
  hl_switchboard_free(board); /* the crash */

  check(hl_switchboard_new(first, &board, &error) == HL_OK, "new");
  check(hl_switchboard_journal(board, line, &faults, &error) == HL_OK, "journal");
  check(hl_switchboard_publish(board, second_version, "{\"m\":\"menu\"}", start + 2 * second, &error) == HL_OK, "publish");
  check(hl_switchboard_publish(board, second_version, "[", start, &error) != HL_OK && error != NULL, "moves that are no JSON");
  hl_error_free(error);
  error = NULL;
  strcpy(fields, "{\"call\":\"a\",\"session\":\"");
  for (i = 0, from = strlen(fields); i < hl_text_size(session) && from + 4 < sizeof fields; ++i) {
    const char c = hl_text_data(session)[i];
    if (c == '"' || c == '\\') fields[from++] = '\\';
    fields[from++] = c;
  }
  strcpy(fields + from, "\"}");
  hl_text_free(session);
  done(board, "call.restore", fields, 3);
  text = apply(board, "call.resume", "{\"call\":\"a\"}", 3);
  check(contains(text, "\"type\":\"query\""), "the open request is sent again");
  hl_text_free(text);
  text = apply(board, "call.result", "{\"call\":\"a\",\"outcome\":\"empty\"}", 4);
  check(contains(text, "Better"), "the call has moved at its safe point");
  hl_text_free(text);
  done(board, "call.start", "{\"call\":\"b\"}", 5);
  done(board, "call.hangup", "{\"call\":\"b\"}", 6);
  check(hl_switchboard_statistics(board, &text, &error) == HL_OK && contains(text, "\"version\":\"c 2\""), "statistics by version");
  hl_text_free(text);
  hl_switchboard_free(board);

  both[0] = first;
  both[1] = second_version;
  check(hl_ivr_replay(both, 2, journal, &text, &error) == HL_OK && contains(text, "\"same\":true"), "replay");
  if (text) printf("%s\n", hl_text_data(text));
  hl_text_free(text);
  check(hl_ivr_replay(both, 1, journal, &text, &error) == HL_OK && contains(text, "\"same\":false"), "replay without the second version");
  hl_text_free(text);
  check(hl_ivr_replay(both, 2, "", &text, &error) != HL_OK, "an empty journal");
  hl_error_free(error);
  error = NULL;
  check(hl_ivr_scenario(journal, "b", "c.yaml", &text, &error) == HL_OK && contains(text, "given c.yaml"), "scenario");
  hl_text_free(text);
  check(hl_ivr_statistics(journal, &text, &error) == HL_OK && contains(text, "\"hangups\":1"), "statistics of a journal");
  hl_text_free(text);
  hl_flow_free(first);
  hl_flow_free(second_version);
  return faults != 0;
}
