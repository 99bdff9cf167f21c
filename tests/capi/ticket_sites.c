/* A case goes from one database to another and is answered, through C. */
#include <stdio.h>
#include <string.h>

#include "hotline.h"

#undef NDEBUG
#include <assert.h>

#define NOON 1795406400000000000LL

static char answer[200000];

/* One command; its events are in `answer`. */
static void apply(hl_tickets *tickets, const char *verb, const char *fields, int64_t at) {
  hl_text *events = NULL;
  hl_error *error = NULL;
  if (hl_tickets_apply(tickets, verb, fields, at, &events, &error) != HL_OK) fprintf(stderr, "%s: %s\n", verb, hl_error_text(error));
  assert(events != NULL && hl_text_size(events) < sizeof answer);
  memcpy(answer, hl_text_data(events), hl_text_size(events) + 1);
  hl_text_free(events);
}

/* The JSON string that follows `"name":`, as it stands, in quotes. */
static void string_of(const char *name, char *out, size_t size) {
  char key[64];
  const char *at, *end;
  snprintf(key, sizeof key, "\"%s\":\"", name);
  at = strstr(answer, key);
  assert(at != NULL);
  at += strlen(key) - 1;
  for (end = at + 1; *end != '"'; ++end)
    if (*end == '\\') ++end;
  assert((size_t)(end - at + 2) < size);
  memcpy(out, at, (size_t)(end - at + 1));
  out[end - at + 1] = 0;
}

int main(void) {
  static char fields[100000], text[90000], city_key[128], province_key[128];
  hl_tickets *city = NULL, *province = NULL;
  assert(hl_tickets_open("sqlite::memory:", "{\"area\":\"370200\"}", &city, NULL) == HL_OK);
  assert(hl_tickets_open("sqlite::memory:", "{\"area\":\"370000\"}", &province, NULL) == HL_OK);
  apply(city, "audit.key", NULL, NOON);
  string_of("public_key", city_key, sizeof city_key);
  apply(province, "audit.key", NULL, NOON);
  string_of("public_key", province_key, sizeof province_key);
  snprintf(fields, sizeof fields, "{\"site\":\"city\",\"peers\":[{\"site\":\"province\",\"unit\":\"province\",\"key\":%s}]}", province_key);
  apply(city, "sites.join", fields, NOON);
  snprintf(fields, sizeof fields, "{\"site\":\"province\",\"peers\":[{\"site\":\"city\",\"key\":%s}]}", city_key);
  apply(province, "sites.join", fields, NOON);

  apply(city, "ticket.intake", "{\"actor\":\"a\",\"roles\":[\"agent\"],\"category\":\"complaint\",\"title\":\"x\"}", NOON);
  apply(city, "ticket.submit", "{\"ticket\":1,\"actor\":\"a\",\"roles\":[\"agent\"]}", NOON);
  apply(city, "ticket.dispatch", "{\"ticket\":1,\"actor\":\"d\",\"roles\":[\"dispatcher\"],\"fields\":{\"units\":[\"province\"],\"lead\":\"province\"}}", NOON);
  apply(city, "sites.letters", NULL, NOON);
  string_of("text", text, sizeof text);
  snprintf(fields, sizeof fields, "{\"text\":%s}", text);
  apply(province, "sites.receive", fields, NOON);
  assert(strstr(answer, "\"repeated\":false") != NULL);
  string_of("receipt", text, sizeof text);
  apply(province, "sites.receive", fields, NOON);
  assert(strstr(answer, "\"repeated\":true") != NULL);
  snprintf(fields, sizeof fields, "{\"text\":%s}", text);
  apply(city, "sites.receive", fields, NOON);
  apply(city, "sites.links", "{\"ticket\":1}", NOON);
  assert(strstr(answer, "\"registry\":\"370000") != NULL);
  /* A letter for somebody else, and no letter at all. */
  apply(city, "sites.receive", "{\"text\":\"hello\"}", NOON);
  assert(strstr(answer, "\"refused\"") != NULL);
  apply(province, "sites.receive", fields, NOON);
  assert(strstr(answer, "\"denied\"") != NULL);
  hl_tickets_free(city);
  hl_tickets_free(province);
  return 0;
}
