/* A whole hotline from C: a citizen asks for a person, an agent's telephone rings, they talk; then the hotline calls the
 * citizen, and its flow asks this program. */
#define _POSIX_C_SOURCE 200809L
#undef NDEBUG
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "hotline.h"

static const int64_t second = 1000000000;

/* A telephone that answers whoever rings. */
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static hl_endpoint *agent_phone, *citizen_phone;
static uint64_t rung; /* the leg of the latest call to the citizen */
static void answers(const hl_telephony_event *event, void *user) {
  hl_endpoint **phone = user;
  if (strcmp(hl_telephony_event_type(event), "incoming") != 0) return;
  pthread_mutex_lock(&mutex);
  if (phone == &citizen_phone) rung = hl_telephony_event_leg(event);
  hl_endpoint_answer(*phone, hl_telephony_event_leg(event));
  pthread_mutex_unlock(&mutex);
}
static hl_endpoint *phone(hl_endpoint **where) {
  hl_endpoint *made = NULL;
  pthread_mutex_lock(&mutex);
  if (hl_endpoint_start("{\"port\": 0, \"rtp_ports\": [27000, 27999]}", answers, where, where, NULL) == HL_OK) made = *where;
  pthread_mutex_unlock(&mutex);
  return made;
}

/* Takes events until one of that type comes; 0 where nothing happens for 20 s. */
static int comes(hl_host *host, const char *type) {
  char wanted[64];
  hl_text *event = NULL;
  snprintf(wanted, sizeof wanted, "\"type\":\"%s\"", type);
  while (hl_host_next_event(host, 20 * second, &event, NULL) == HL_OK && event != NULL) {
    const int it = strstr(hl_text_data(event), wanted) != NULL;
    hl_text_free(event);
    if (it) return 1;
  }
  fprintf(stderr, "no event %s\n", type);
  return 0;
}

/* 1 where the answer to a command holds `part`. */
static int says(hl_host *host, const char *verb, const char *fields, const char *part) {
  hl_text *answer = NULL;
  hl_error *error = NULL;
  int found;
  if (hl_host_apply(host, verb, fields, &answer, &error) != HL_OK) {
    fprintf(stderr, "%s: %s\n", verb, hl_error_text(error));
    hl_error_free(error);
    return 0;
  }
  found = strstr(hl_text_data(answer), part) != NULL;
  if (!found) fprintf(stderr, "%s: %s\n", verb, hl_text_data(answer));
  hl_text_free(answer);
  return found;
}

static int visited(hl_query *query, void *user) {
  snprintf(user, 64, "%s %s %s", hl_query_argument(query, "number"), hl_query_argument(query, "solved"), hl_query_argument(query, "satisfaction"));
  return hl_query_argument(query, "nothing")[0] == '\0' ? HL_QUERY_OK : HL_QUERY_ERROR;
}

static hl_host *start(const char *folder) {
  hl_host *host = NULL;
  hl_error *error = NULL;
  char options[2048];
  snprintf(options, sizeof options,
           "{\"data\": \"%s/examples/city_hotline/data\", \"folder\": \"%s\", \"clock\": \"2026-11-23T02:00:00Z\", "
           "\"line\": {\"port\": 0, \"rtp_ports\": [26000, 26999]}, \"telephones\": {\"a801\": \"%s\"}}",
           HOTLINE_SOURCE_DIR, folder, hl_endpoint_uri(agent_phone));
  if (hl_host_start(options, &host, &error) != HL_OK) fprintf(stderr, "%s\n", hl_error_text(error));
  hl_error_free(error);
  return host;
}

static int talks_to_an_agent(hl_host *host) {
  char number[64];
  uint64_t leg;
  assert(says(host, "agent.sign_in", "{\"agent\": \"a801\"}", "{}"));
  snprintf(number, sizeof number, "sip:12345@127.0.0.1:%u", hl_host_port(host));
  leg = hl_endpoint_dial(citizen_phone, number, "13800138000", 30 * second);
  assert(comes(host, "prompt"));
  hl_endpoint_send_digits(citizen_phone, leg, "1");
  assert(comes(host, "connected"));
  assert(says(host, "desks", NULL, "\"state\":\"busy\",\"reason\":\"\",\"citizen\":\"13800138000\""));
  assert(says(host, "figures", NULL, "\"live\":1"));
  assert(says(host, "agent.search", "{\"agent\": \"a801\", \"question\": \"公积金怎么提取\"}", "公积金"));
  assert(says(host, "agent.record_case", "{\"agent\": \"a801\", \"title\": \"路灯不亮\", \"category\": \"municipal\"}", "\"number\":\""));
  hl_endpoint_hang_up(citizen_phone, leg, 0);
  assert(comes(host, "talked"));
  assert(says(host, "agent.wrap_up_done", "{\"agent\": \"a801\"}", "{}"));
  assert(comes(host, "call.ended"));
  assert(says(host, "calls", NULL, "\"outcome\":\"answered\""));
  return 0;
}

static int asks_the_program(hl_host *host) {
  char heard[64] = "", fields[256];
  assert(hl_host_answer_query(host, "visit_result", visited, heard, NULL) == HL_OK);
  snprintf(fields, sizeof fields, "{\"to\": \"%s\", \"flow\": \"flows/visit.yaml\", \"variables\": {\"number\": \"12345678\"}}", hl_endpoint_uri(citizen_phone));
  assert(says(host, "call.place", fields, "\"call\":"));
  assert(comes(host, "prompt"));
  hl_endpoint_send_digits(citizen_phone, rung, "12");
  assert(comes(host, "call.ended"));
  assert(strcmp(heard, "12345678 1 2") == 0);
  return 0;
}

static int refuses(hl_host *host) {
  hl_error *error = NULL;
  hl_host *none = NULL;
  assert(HL_CLASS(hl_host_apply(host, "agent.sing_in", NULL, NULL, &error)) == HL_INVALID);
  assert(strcmp(hl_error_remedy(error), "did you mean `agent.sign_in`?") == 0);
  hl_error_free(error);
  assert(HL_CLASS(hl_host_apply(host, "agent.ready", "{\"agent\": \"nobody\"}", NULL, NULL)) == HL_NOT_FOUND);
  assert(HL_CLASS(hl_host_start("{\"folder\": \"x\"}", &none, &error)) == HL_INVALID && none == NULL);
  assert(strstr(hl_error_text(error), "data") != NULL);
  hl_error_free(error);
  assert(HL_CLASS(hl_host_load("nowhere.yaml", &none, NULL)) == HL_IO);
  assert(HL_CLASS(hl_host_start(NULL, &none, NULL)) == HL_INVALID);
  hl_host_stop(NULL);
  hl_host_free(NULL);
  return 0;
}

int main(void) {
  char folder[] = "/tmp/hotline-host-XXXXXX";
  hl_host *host;
  int failed;
  assert(mkdtemp(folder) != NULL);
  assert(phone(&agent_phone) != NULL && phone(&citizen_phone) != NULL);
  assert((host = start(folder)) != NULL);
  failed = talks_to_an_agent(host) || asks_the_program(host) || refuses(host);
  hl_host_stop(host);
  assert(failed || says(host, "calls", NULL, "\"outcome\":\"reached\"")); /* asking goes on */
  hl_host_free(host);
  hl_endpoint_free(agent_phone);
  hl_endpoint_free(citizen_phone);
  return failed;
}
