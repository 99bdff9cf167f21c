/* hotline C ABI, box audio: sounds, prompts, recordings, keys as tones (docs/audio.md).
 * A sound is 16-bit samples, 8 kHz, one channel. */
#ifndef HOTLINE_AUDIO_H
#define HOTLINE_AUDIO_H

#include "hotline/base.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Immutable, any thread. */
typedef struct hl_sound hl_sound;
/* Copies `count` samples. */
HL_API hl_status hl_sound_new(const int16_t *samples, size_t count, hl_sound **out, hl_error **error);
/* Any format and rate. Errors: HL_NOT_FOUND, HL_IO, HL_INVALID (not a sound file), HL_LIMIT. */
HL_API hl_status hl_sound_read(const char *path, hl_sound **out, hl_error **error);
/* Keys 0-9 * # A-D; 'w' or ',' is a pause. */
HL_API hl_status hl_sound_keys(const char *keys, hl_sound **out, hl_error **error);
/* "beep", "ring_back", "busy", "special_information". Errors: HL_NOT_FOUND. */
HL_API hl_status hl_sound_tone(const char *name, hl_sound **out, hl_error **error);
HL_API const int16_t *hl_sound_samples(const hl_sound *sound);
HL_API size_t hl_sound_size(const hl_sound *sound);
HL_API int64_t hl_sound_length(const hl_sound *sound); /* ns */
/* "wav" (PCM), "alaw", "flac", "opus". The file appears whole. Errors: HL_IO, HL_INVALID (format). */
HL_API hl_status hl_sound_write(const hl_sound *sound, const char *path, const char *format, hl_error **error);
/* Where `reference` is in `heard` (sample), and how alike (-1 ... 1). */
HL_API hl_status hl_sound_align(const hl_sound *reference, const hl_sound *heard, size_t *at, double *correlation,
                                hl_error **error);
HL_API void hl_sound_free(hl_sound *sound);

/* Keys in a sound, in order, as a text. */
HL_API hl_status hl_sound_find_keys(const hl_sound *sound, hl_text **out, hl_error **error);

/* Text -> sound by espeak-ng, made once and kept in `folder` ("" keeps nothing on disk). Any thread. */
typedef struct hl_prompts hl_prompts;
HL_API hl_status hl_prompts_new(const char *folder, hl_prompts **out, hl_error **error);
/* `words_per_minute` 0 is 175. Errors: HL_UNSUPPORTED (no espeak-ng), HL_INVALID (voice, too long). */
HL_API hl_status hl_prompts_get(hl_prompts *prompts, const char *voice, const char *text, int words_per_minute,
                                hl_sound **out, hl_error **error);
/* {voice: {text: file}}: recorded files in place of text. */
HL_API hl_status hl_prompts_load_recordings(hl_prompts *prompts, const char *path, hl_error **error);
HL_API void hl_prompts_free(hl_prompts *prompts);

/* Records to WAV A-law; the file plays up to the last append at any moment. One thread at a time. */
typedef struct hl_recorder hl_recorder;
HL_API hl_status hl_recorder_new(const char *path, hl_recorder **out, hl_error **error);
HL_API hl_status hl_recorder_append(hl_recorder *recorder, const int16_t *samples, size_t count, hl_error **error);
/* Returns when all is on the disk. */
HL_API hl_status hl_recorder_finish(hl_recorder *recorder, hl_error **error);
HL_API void hl_recorder_free(hl_recorder *recorder);

/* A recording into "flac" or "opus"; the original stays. The figures may be NULL. */
HL_API hl_status hl_archive(const char *recording, const char *to, const char *format, uint64_t *bytes_before,
                            uint64_t *bytes_after, double *snr_db, hl_error **error);

#ifdef __cplusplus
}
#endif
#endif
