/* Sounds, keys, recordings and their archive from C. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hotline.h"

#define CHECK(condition)                                                     \
  do {                                                                       \
    if (!(condition)) {                                                      \
      fprintf(stderr, "%s:%d: %s\n", __FILE__, __LINE__, #condition);        \
      return 1;                                                              \
    }                                                                        \
  } while (0)

int main(void) {
  char folder[] = "/tmp/hotline-XXXXXX", path[128], other[128];
  hl_sound *keys = NULL, *again = NULL, *beep = NULL;
  hl_recorder *recorder = NULL;
  hl_text *found = NULL;
  hl_error *error = NULL;
  uint64_t before = 0, after = 0;
  size_t at = 0;
  double alike = 0;
  CHECK(mkdtemp(folder) != NULL);
  snprintf(path, sizeof path, "%s/keys.wav", folder);
  snprintf(other, sizeof other, "%s/keys.flac", folder);

  CHECK(hl_sound_keys("12345*#", &keys, NULL) == HL_OK);
  CHECK(hl_sound_find_keys(keys, &found, NULL) == HL_OK);
  CHECK(strcmp(hl_text_data(found), "12345*#") == 0);
  CHECK(hl_recorder_new(path, &recorder, NULL) == HL_OK);
  CHECK(hl_recorder_append(recorder, hl_sound_samples(keys), hl_sound_size(keys), NULL) == HL_OK);
  CHECK(hl_recorder_finish(recorder, NULL) == HL_OK);
  CHECK(HL_CLASS(hl_recorder_finish(recorder, NULL)) == HL_CONFLICT);
  CHECK(hl_archive(path, other, "flac", &before, &after, NULL, NULL) == HL_OK);
  CHECK(before > 0 && after > 0);
  CHECK(hl_sound_read(other, &again, NULL) == HL_OK);
  CHECK(hl_sound_length(again) == hl_sound_length(keys));
  CHECK(hl_sound_align(keys, again, &at, &alike, NULL) == HL_OK);
  CHECK(at == 0 && alike > 0.999);
  hl_sound_free(again);
  CHECK(hl_sound_tone("beep", &beep, NULL) == HL_OK && hl_sound_length(beep) == 250000000);

  CHECK(hl_sound_read("/no/such/file.wav", &again, &error) != HL_OK);
  CHECK(again == NULL && HL_CLASS(hl_error_status(error)) == HL_NOT_FOUND);
  hl_error_free(error);
  CHECK(HL_CLASS(hl_sound_write(keys, path, "mp9", NULL)) == HL_INVALID);
  CHECK(HL_CLASS(hl_sound_tone("gong", &again, NULL)) == HL_NOT_FOUND);
  CHECK(HL_CLASS(hl_sound_read(NULL, &again, NULL)) == HL_INVALID);
  CHECK(hl_sound_size(NULL) == 0);

  unlink(path);
  unlink(other);
  rmdir(folder);
  hl_text_free(found);
  hl_recorder_free(recorder);
  hl_sound_free(keys);
  hl_sound_free(beep);
  hl_sound_free(again);
  hl_sound_free(NULL);
  return 0;
}
