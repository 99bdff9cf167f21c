/* Two endpoints call each other from C: one dials, the other answers, plays, hears keys, hangs up. */
#undef NDEBUG
#include <assert.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "hotline.h"

typedef struct {
  pthread_mutex_t mutex;
  pthread_cond_t changed;
  hl_endpoint *host;
  hl_sound *prompt;
  char keys[16];
  int played, ended, caller_ended;
} world;

static void note(world *w, int *flag) {
  pthread_mutex_lock(&w->mutex);
  *flag = 1;
  pthread_cond_broadcast(&w->changed);
  pthread_mutex_unlock(&w->mutex);
}

static void host_event(const hl_telephony_event *event, void *user) {
  world *w = user;
  const uint64_t leg = hl_telephony_event_leg(event);
  const char *type = hl_telephony_event_type(event);
  hl_endpoint *host;
  pthread_mutex_lock(&w->mutex);
  host = w->host;
  pthread_mutex_unlock(&w->mutex);
  if (strcmp(type, "incoming") == 0) hl_endpoint_answer(host, leg);
  if (strcmp(type, "answered") == 0) {
    const hl_sound *sounds[] = {w->prompt};
    hl_endpoint_play(host, leg, sounds, 1, 42);
  }
  if (strcmp(type, "played") == 0 && strcmp(hl_telephony_event_field(event, "play"), "42") == 0) note(w, &w->played);
  if (strcmp(type, "digit") == 0) {
    const char *key = hl_telephony_event_field(event, "key");
    if (strlen(w->keys) + 1 < sizeof w->keys) strcat(w->keys, key);
    if (key[0] == '#') hl_endpoint_hang_up(host, leg, 0);
  }
  if (strcmp(type, "hung_up") == 0) note(w, &w->ended);
}

static void caller_event(const hl_telephony_event *event, void *user) {
  world *w = user;
  if (strcmp(hl_telephony_event_type(event), "hung_up") == 0) note(w, &w->caller_ended);
}

static int wait_for(world *w, int *flag) {
  struct timespec until;
  int there;
  clock_gettime(CLOCK_REALTIME, &until);
  until.tv_sec += 20;
  pthread_mutex_lock(&w->mutex);
  while (!*flag && pthread_cond_timedwait(&w->changed, &w->mutex, &until) == 0) {
  }
  there = *flag;
  pthread_mutex_unlock(&w->mutex);
  return there;
}

int main(void) {
  world w = {PTHREAD_MUTEX_INITIALIZER, PTHREAD_COND_INITIALIZER, NULL, NULL, "", 0, 0, 0};
  hl_endpoint *caller = NULL, *started = NULL;
  hl_error *error = NULL;
  uint64_t leg;
  assert(hl_sound_tone("busy", &w.prompt, NULL) == HL_OK);
  assert(hl_endpoint_start("{\"port\": 0, \"codec\": [\"pcma\"]}", host_event, &w, &started, &error) != HL_OK);
  assert(strstr(hl_error_text(error), "codec") != NULL && hl_error_line(error) == 1);
  hl_error_free(error);
  pthread_mutex_lock(&w.mutex);
  assert(hl_endpoint_start("port: 0\nrtp_ports: [28600, 28699]\ncodecs: [pcmu, pcma]\n", host_event, &w, &w.host, NULL) == HL_OK);
  pthread_mutex_unlock(&w.mutex);
  assert(hl_endpoint_start("port: 0\nrtp_ports: [28700, 28799]\n", caller_event, &w, &caller, NULL) == HL_OK);
  assert(strncmp(hl_endpoint_uri(w.host), "sip:127.0.0.1:", 14) == 0);

  leg = hl_endpoint_dial(caller, hl_endpoint_uri(w.host), "c", 10000000000);
  assert(leg != 0);
  assert(wait_for(&w, &w.played));
  hl_endpoint_send_digits(caller, leg, "42#");
  assert(wait_for(&w, &w.ended));
  assert(wait_for(&w, &w.caller_ended));
  assert(strcmp(w.keys, "42#") == 0);

  hl_endpoint_free(caller);
  hl_endpoint_free(w.host);
  hl_endpoint_free(NULL);
  hl_endpoint_answer(NULL, 1);
  hl_sound_free(w.prompt);
  return 0;
}
