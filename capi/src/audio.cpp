#include "hotline/audio.h"

#include "guard.hpp"
#include "hotline/audio.hpp"
#include "sound.hpp"

using namespace hotline;

struct hl_prompts {
  audio::PromptCache cache;
};
struct hl_recorder {
  audio::Recorder recorder;
};

namespace {

Status give(hl_sound** out, Result<audio::Pcm> sound) {
  HOTLINE_TRY(capi::require(out, "out"));
  *out = nullptr;
  if (!sound.ok()) return sound.error();
  *out = new hl_sound{*std::move(sound)};
  return {};
}

Result<audio::FileFormat> format_of(const char* name) {
  const std::string_view n = name != nullptr ? name : "";
  if (n == "wav") return audio::FileFormat::wav_pcm16;
  if (n == "alaw") return audio::FileFormat::wav_alaw;
  if (n == "flac") return audio::FileFormat::flac;
  if (n == "opus") return audio::FileFormat::opus;
  return Error(ErrorCode::invalid_argument, "`" + std::string(n) + "` is not a format", "use wav, alaw, flac or opus");
}

Result<audio::Pcm> tone_of(std::string_view name) {
  if (name == "beep") return audio::beep();
  if (name == "ring_back") return audio::ring_back();
  if (name == "busy") return audio::busy();
  if (name == "special_information") return audio::special_information();
  return Error(ErrorCode::not_found, "no tone is called `" + std::string(name) + "`",
               "use beep, ring_back, busy or special_information");
}

}  // namespace

extern "C" {

hl_status hl_sound_new(const int16_t* samples, size_t count, hl_sound** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    if (count > 0) HOTLINE_TRY(capi::require(samples, "samples"));
    return give(out, audio::make_pcm(audio::Samples(samples, samples + count)));
  });
}
hl_status hl_sound_read(const char* path, hl_sound** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(path, "path"));
    return give(out, audio::read_sound(path));
  });
}
hl_status hl_sound_keys(const char* keys, hl_sound** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(keys, "keys"));
    return give(out, audio::make_pcm(audio::dtmf(keys)));
  });
}
hl_status hl_sound_tone(const char* name, hl_sound** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(name, "name"));
    return give(out, tone_of(name));
  });
}
const int16_t* hl_sound_samples(const hl_sound* s) { return s != nullptr ? s->pcm->data() : nullptr; }
size_t hl_sound_size(const hl_sound* s) { return s != nullptr ? s->pcm->size() : 0; }
int64_t hl_sound_length(const hl_sound* s) { return s != nullptr ? audio::length_of(s->pcm).count() : 0; }
hl_status hl_sound_write(const hl_sound* sound, const char* path, const char* format, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(sound, "sound"));
    HOTLINE_TRY(capi::require(path, "path"));
    HOTLINE_ASSIGN(const audio::FileFormat as, format_of(format));
    return audio::write_sound(path, *sound->pcm, as);
  });
}
hl_status hl_sound_align(const hl_sound* reference, const hl_sound* heard, size_t* at, double* correlation, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(reference, "reference"));
    HOTLINE_TRY(capi::require(heard, "heard"));
    const audio::Alignment found = audio::align(*reference->pcm, *heard->pcm);
    if (at != nullptr) *at = found.at;
    if (correlation != nullptr) *correlation = found.correlation;
    return {};
  });
}
void hl_sound_free(hl_sound* s) { delete s; }

hl_status hl_sound_find_keys(const hl_sound* sound, hl_text** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(sound, "sound"));
    HOTLINE_TRY(capi::require(out, "out"));
    auto text = std::make_unique<hl_text>();
    audio::DtmfDetector detector([&](char key, Duration) { text->text += key; });
    detector.feed(*sound->pcm);
    detector.feed(audio::Samples(800));
    *out = text.release();
    return {};
  });
}

hl_status hl_prompts_new(const char* folder, hl_prompts** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = new hl_prompts{{folder != nullptr ? folder : "", std::make_shared<audio::EspeakSynthesiser>()}};
    return {};
  });
}
hl_status hl_prompts_get(hl_prompts* prompts, const char* voice, const char* text, int words_per_minute, hl_sound** out,
                         hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(prompts, "prompts"));
    HOTLINE_TRY(capi::require(voice, "voice"));
    HOTLINE_TRY(capi::require(text, "text"));
    return give(out, prompts->cache.get({voice, text, words_per_minute > 0 ? words_per_minute : 175}));
  });
}
hl_status hl_prompts_load_recordings(hl_prompts* prompts, const char* path, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(prompts, "prompts"));
    HOTLINE_TRY(capi::require(path, "path"));
    return prompts->cache.load_recordings(path);
  });
}
void hl_prompts_free(hl_prompts* p) { delete p; }

hl_status hl_recorder_new(const char* path, hl_recorder** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(path, "path"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_ASSIGN(auto recorder, audio::Recorder::create(path));
    *out = new hl_recorder{std::move(recorder)};
    return {};
  });
}
hl_status hl_recorder_append(hl_recorder* r, const int16_t* samples, size_t count, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "recorder"));
    if (count > 0) HOTLINE_TRY(capi::require(samples, "samples"));
    return r->recorder.append({samples, count});
  });
}
hl_status hl_recorder_finish(hl_recorder* r, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "recorder"));
    return r->recorder.finish();
  });
}
void hl_recorder_free(hl_recorder* r) { delete r; }

hl_status hl_archive(const char* recording, const char* to, const char* format, uint64_t* bytes_before, uint64_t* bytes_after,
                     double* snr_db, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(recording, "recording"));
    HOTLINE_TRY(capi::require(to, "to"));
    HOTLINE_ASSIGN(const audio::FileFormat as, format_of(format));
    HOTLINE_ASSIGN(const audio::ArchiveFigures figures, audio::archive(recording, to, as));
    if (bytes_before != nullptr) *bytes_before = figures.bytes_before;
    if (bytes_after != nullptr) *bytes_after = figures.bytes_after;
    if (snr_db != nullptr) *snr_db = figures.snr_db;
    return {};
  });
}

}  // extern "C"
