/* The scenarios of the knowledge base through the C face, and the face's own rules. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "hotline.h"

#undef NDEBUG
#include <assert.h>

/* The n-th object of a JSON array of objects, with its length; NULL behind the last. */
static const char *object_at(const char *array, size_t n, size_t *length) {
  int depth = 0, quoted = 0;
  const char *start = NULL;
  for (const char *c = array; *c != '\0'; ++c) {
    if (quoted) {
      if (*c == '\\') ++c;
      else if (*c == '"') quoted = 0;
      continue;
    }
    if (*c == '"') quoted = 1;
    if (*c == '{' && depth++ == 0) start = c;
    if (*c == '}' && --depth == 0 && n-- == 0) {
      *length = (size_t)(c - start) + 1;
      return start;
    }
  }
  return NULL;
}

static void run(const char *path) {
  hl_scenario *scenario = NULL;
  hl_error *error = NULL;
  hl_kb *kb = NULL;
  hl_text *events = NULL;
  size_t next = 0;
  assert(hl_scenario_load(path, &scenario, NULL) == HL_OK);
  assert(hl_kb_open("sqlite::memory:", &kb, &error) == HL_OK);
  for (size_t i = 0; i < hl_scenario_size(scenario); ++i) {
    size_t length = 0;
    if (!hl_scenario_expected(scenario, i)) {
      hl_text_free(events);
      next = 0;
      if (hl_kb_apply(kb, hl_scenario_at(scenario, i), hl_scenario_verb(scenario, i), hl_scenario_fields(scenario, i), &events, &error) != HL_OK) {
        fprintf(stderr, "%s:%u: %s\n", path, hl_scenario_line(scenario, i), hl_error_text(error));
        abort();
      }
      continue;
    }
    const char *event = object_at(hl_text_data(events), next, &length);
    if (strcmp(hl_scenario_verb(scenario, i), "nothing") == 0) {
      assert(event == NULL);
      continue;
    }
    assert(event != NULL);
    char type[128];
    snprintf(type, sizeof type, "{\"type\":\"%s\"", hl_scenario_verb(scenario, i));
    char *copy = malloc(length + 1);
    memcpy(copy, event, length);
    copy[length] = '\0';
    if (strncmp(copy, type, strlen(type)) != 0 || !hl_scenario_matches(scenario, i, copy)) {
      fprintf(stderr, "%s:%u: %s\n", path, hl_scenario_line(scenario, i), copy);
      abort();
    }
    free(copy);
    ++next;
  }
  hl_text_free(events);
  hl_kb_free(kb);
  hl_scenario_free(scenario);
}

int main(void) {
  run(HOTLINE_SOURCE_DIR "/tests/scenario/kb/validity.scn");
  run(HOTLINE_SOURCE_DIR "/tests/scenario/kb/answers.scn");

  hl_error *error = NULL;
  hl_kb *kb = NULL;
  hl_text *out = NULL;
  int32_t revision = 0;
  assert(HL_CLASS(hl_kb_open("/nonexistent/folder/x.db", &kb, &error)) == HL_IO && kb == NULL);
  hl_error_free(error);
  assert(hl_kb_open("sqlite::memory:", &kb, NULL) == HL_OK);
  assert(hl_kb_put(kb, "{\"id\":\"a\",\"title\":\"办理居住证\",\"body\":\"半年\",\"spoken_answer\":\"请到派出所。\"}", 1, 0, &revision, NULL) == HL_OK && revision == 1);
  assert(HL_CLASS(hl_kb_put(kb, "not json", 1, 0, NULL, &error)) == HL_INVALID);
  hl_error_free(error);
  assert(hl_kb_search(kb, "居住证", strlen("居住证"), NULL, 0, 10, &out, NULL) == HL_OK && strstr(hl_text_data(out), "\"id\":\"a\"") != NULL);
  hl_text_free(out);
  assert(hl_kb_search(kb, "\xff\x00\xfe", 3, "{\"channel\":\"citizen\"}", 0, 10, &out, NULL) == HL_OK);
  hl_text_free(out);
  assert(hl_kb_search(kb, "x", 1, "{\"channel\":\"wrong\"}", 0, 10, &out, &error) != HL_OK && out == NULL);
  hl_error_free(error);
  assert(hl_kb_spoken_answer(kb, "办理居住证", strlen("办理居住证"), NULL, 0, &out, NULL) == HL_OK && strstr(hl_text_data(out), "\"speak\"") != NULL);
  hl_text_free(out);
  assert(hl_kb_suggest(kb, "jzz", 3, NULL, 0, 5, &out, NULL) == HL_OK && strstr(hl_text_data(out), "居住证") != NULL);
  hl_text_free(out);
  assert(hl_kb_verify(kb, &out, NULL) == HL_OK && strstr(hl_text_data(out), "\"problems\":[]") != NULL);
  hl_text_free(out);
  assert(HL_CLASS(hl_kb_article(kb, "nobody", 0, &out, &error)) == HL_NOT_FOUND && out == NULL);
  hl_error_free(error);
  assert(hl_kb_search(NULL, "x", 1, NULL, 0, 1, &out, NULL) != HL_OK);
  hl_editing *editing = NULL;
  const char *by = "\"by\":{\"id\":\"zhang\",\"roles\":[\"author\"]}";
  char command[512];
  assert(hl_editing_open(kb, "/nonexistent.yaml", NULL, &editing, &error) != HL_OK && editing == NULL);
  hl_error_free(error);
  assert(hl_editing_open(kb, HOTLINE_SOURCE_DIR "/data/workflows/article.yaml", HOTLINE_SOURCE_DIR "/data/calendars/cn.yaml", &editing, NULL) == HL_OK);
  hl_kb_free(kb); /* the desk keeps it */
  snprintf(command, sizeof command, "{\"article\":{\"id\":\"n\",\"title\":\"噪声\",\"body\":\"夜间禁止\",\"department\":\"城管\"},%s}", by);
  assert(hl_editing_apply(editing, 0, "draft", command, &out, NULL) == HL_OK && strstr(hl_text_data(out), "\"DRAFT\"") != NULL);
  hl_text_free(out);
  snprintf(command, sizeof command, "{\"id\":\"n\",\"revision\":1,\"event\":\"submit\",\"fields\":{\"urgency\":\"urgent\",\"department\":\"城管\"},%s}", by);
  assert(hl_editing_apply(editing, 0, "act", command, &out, NULL) == HL_OK && strstr(hl_text_data(out), "\"REVIEW\"") != NULL);
  hl_text_free(out);
  assert(hl_editing_apply(editing, 0, "nonsense", NULL, &out, &error) != HL_OK && out == NULL);
  hl_error_free(error);
  hl_editing_free(editing);
  hl_editing_free(NULL);
  hl_kb_free(NULL);
  puts("ok");
  return 0;
}
