/* hotline C ABI, box base: status, errors, texts, version, scenarios. */
#ifndef HOTLINE_BASE_H
#define HOTLINE_BASE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#if defined(__GNUC__)
#define HL_API __attribute__((visibility("default")))
#else
#define HL_API
#endif

/* 0 is success. Otherwise class in the low byte, detail above it (hl_status_name tells the name). */
typedef int32_t hl_status;
#define HL_OK 0
#define HL_CLASS(status) ((status) & 0xff)
enum {
  HL_INVALID = 1,
  HL_NOT_FOUND = 2,
  HL_CONFLICT = 3,
  HL_UNAVAILABLE = 4,
  HL_DENIED = 5,
  HL_CORRUPT = 6,
  HL_LIMIT = 7,
  HL_IO = 8,
  HL_UNSUPPORTED = 9,
  HL_INTERNAL = 10,
  HL_CALLBACK = 11
};

/* "invalid_definition"; "unknown" for a number not in the table. Static. */
HL_API const char *hl_status_name(hl_status status);
/* "0.1.0", of the library that runs (compare with HL_VERSION of the header). Static. */
HL_API const char *hl_version(void);
#define HL_VERSION "0.1.0"

/* What went wrong, where, and what to do. Immutable. */
typedef struct hl_error hl_error;
HL_API hl_status hl_error_status(const hl_error *error);
HL_API const char *hl_error_message(const hl_error *error);
HL_API const char *hl_error_remedy(const hl_error *error); /* may be "" */
HL_API const char *hl_error_file(const hl_error *error);   /* may be "" */
HL_API uint32_t hl_error_line(const hl_error *error);      /* 0: unknown */
HL_API uint32_t hl_error_column(const hl_error *error);    /* 0: unknown */
HL_API const char *hl_error_text(const hl_error *error);   /* all of it in one line */
HL_API void hl_error_free(hl_error *error);

/* A text that the library made. Immutable, ends with a zero that is not counted. */
typedef struct hl_text hl_text;
HL_API const char *hl_text_data(const hl_text *text);
HL_API size_t hl_text_size(const hl_text *text);
HL_API void hl_text_free(hl_text *text);

/* A scenario file: stimuli and expected events with times (tests, demonstrations).
 * Steps are counted from 0; the getters return "" or 0 outside the range. */
typedef struct hl_scenario hl_scenario;
HL_API hl_status hl_scenario_load(const char *path, hl_scenario **out, hl_error **error);
HL_API const char *hl_scenario_name(const hl_scenario *scenario);
HL_API size_t hl_scenario_given_count(const hl_scenario *scenario);
HL_API const char *hl_scenario_given(const hl_scenario *scenario, size_t index);
HL_API size_t hl_scenario_size(const hl_scenario *scenario);
HL_API int64_t hl_scenario_at(const hl_scenario *scenario, size_t step); /* ns since the start */
HL_API int hl_scenario_expected(const hl_scenario *scenario, size_t step); /* 1: an event that must come */
HL_API const char *hl_scenario_verb(const hl_scenario *scenario, size_t step);
HL_API const char *hl_scenario_fields(const hl_scenario *scenario, size_t step); /* JSON object */
HL_API uint32_t hl_scenario_line(const hl_scenario *scenario, size_t step);
/* 1 where `event` (a JSON object) has every field that the step expects, with equal values. */
HL_API int hl_scenario_matches(const hl_scenario *scenario, size_t step, const char *event);
HL_API void hl_scenario_free(hl_scenario *scenario);

#ifdef __cplusplus
}
#endif
#endif
