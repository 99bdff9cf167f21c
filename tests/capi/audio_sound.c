/* Sounds, keys, recordings and their archive from C. */
#undef NDEBUG
#include <assert.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "hotline.h"

int main(void) {
  char folder[] = "/tmp/hotline-XXXXXX", path[128], other[128];
  hl_sound *keys = NULL, *again = NULL, *beep = NULL;
  hl_recorder *recorder = NULL;
  hl_text *found = NULL;
  hl_error *error = NULL;
  uint64_t before = 0, after = 0;
  size_t at = 0;
  double alike = 0;
  assert(mkdtemp(folder) != NULL);
  snprintf(path, sizeof path, "%s/keys.wav", folder);
  snprintf(other, sizeof other, "%s/keys.flac", folder);

  assert(hl_sound_keys("12345*#", &keys, NULL) == HL_OK);
  assert(hl_sound_find_keys(keys, &found, NULL) == HL_OK);
  assert(strcmp(hl_text_data(found), "12345*#") == 0);
  assert(hl_recorder_new(path, &recorder, NULL) == HL_OK);
  assert(hl_recorder_append(recorder, hl_sound_samples(keys), hl_sound_size(keys), NULL) == HL_OK);
  assert(hl_recorder_finish(recorder, NULL) == HL_OK);
  assert(HL_CLASS(hl_recorder_finish(recorder, NULL)) == HL_CONFLICT);
  assert(hl_archive(path, other, "flac", &before, &after, NULL, NULL) == HL_OK);
  assert(before > 0 && after > 0);
  assert(hl_sound_read(other, &again, NULL) == HL_OK);
  assert(hl_sound_length(again) == hl_sound_length(keys));
  assert(hl_sound_align(keys, again, &at, &alike, NULL) == HL_OK);
  assert(at == 0 && alike > 0.999);
  hl_sound_free(again);
  assert(hl_sound_tone("beep", &beep, NULL) == HL_OK && hl_sound_length(beep) == 250000000);

  assert(hl_sound_read("/no/such/file.wav", &again, &error) != HL_OK);
  assert(again == NULL && HL_CLASS(hl_error_status(error)) == HL_NOT_FOUND);
  hl_error_free(error);
  assert(HL_CLASS(hl_sound_write(keys, path, "mp9", NULL)) == HL_INVALID);
  assert(HL_CLASS(hl_sound_tone("gong", &again, NULL)) == HL_NOT_FOUND);
  assert(HL_CLASS(hl_sound_read(NULL, &again, NULL)) == HL_INVALID);
  assert(hl_sound_size(NULL) == 0);

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
