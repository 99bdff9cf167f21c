// Prompts: text becomes sound once, and is kept. Recorded files take the place of text where there are some.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "hotline/audio/pcm.hpp"
#include "hotline/base/result.hpp"

namespace hotline::audio {

// What to say and how. Numbers, dates and amounts must be words already (hotline::text): speech programs
// read Chinese numbers wrongly.
struct Speech {
  std::string voice = "cmn-latn-pinyin";
  std::string text;
  int words_per_minute = 175;  // 80 ... 450
  auto operator<=>(const Speech&) const = default;
};

// Turns text into sound. Implementations are synchronised, and may take their time.
class Synthesiser {
 public:
  virtual ~Synthesiser() = default;
  // Part of the cache's key: another program or version makes another sound.
  virtual std::string name() const = 0;
  virtual Result<Pcm> say(const Speech& speech) = 0;
};

// Words that a voice misreads, and how to say them: 重庆 -> chong2qing4. The longest word wins. Immutable.
class Pronunciation {
 public:
  Pronunciation() = default;
  explicit Pronunciation(std::map<std::string, std::string> words) : words_(std::move(words)) {}
  std::string apply(std::string_view text) const;
  bool empty() const { return words_.empty(); }
  // A few hundred million people would notice these: place names and the hotline's own vocabulary.
  static const Pronunciation& mandarin();

 private:
  std::map<std::string, std::string> words_;
};

// espeak-ng as a program of its own (it is GPL: never linked), one process a phrase, 45 ms each. Voices:
// "cmn-latn-pinyin" Mandarin (not "cmn", which reads many characters as English letters), "yue" Cantonese,
// "en" English ... (`espeak-ng --voices`). Text is handed over on standard input, never on a command line.
// Errors: unsupported (no such program), invalid_argument (unknown voice, text over 10,000 bytes),
// timed_out, io. Synchronised.
class EspeakSynthesiser : public Synthesiser {
 public:
  struct Options {
    std::string program = "espeak-ng";
    int amplitude = 70;  // at 100 the sound clips after resampling
    Duration timeout{20'000'000'000};
    Pronunciation mandarin = Pronunciation::mandarin();
  };
  EspeakSynthesiser() : EspeakSynthesiser(Options{}) {}
  explicit EspeakSynthesiser(Options options) : options_(std::move(options)) {}
  std::string name() const override { return "espeak-ng"; }
  Result<Pcm> say(const Speech& speech) override;

 private:
  Options options_;
};

// (voice, rate, text) -> sound, in memory and on disk. Several processes may share a folder, and any of
// them may be killed at any moment: files appear whole, by renaming, and a damaged one is made again.
// One phrase is made once even if many ask at the same time. Synchronised.
class PromptCache {
 public:
  struct Figures {
    std::uint64_t from_memory = 0, from_disk = 0, made = 0;
  };
  // `folder` is created; "" keeps nothing on disk. `memory_limit` in bytes of sound; the longest unused go.
  PromptCache(std::string folder, std::shared_ptr<Synthesiser> synthesiser, std::size_t memory_limit = 64 << 20);
  ~PromptCache();
  PromptCache(const PromptCache&) = delete;
  PromptCache& operator=(const PromptCache&) = delete;

  // The sound, without leading and trailing silence. Errors: the synthesiser's.
  Result<Pcm> get(const Speech& speech);
  // From now on this sound stands for this text in this voice (at any rate).
  void replace(std::string voice, std::string text, Pcm recorded);
  // Reads a YAML or JSON file {voice: {text: file}}, files relative to it, and replaces each.
  // Errors: as load_document and read_sound; then nothing was replaced.
  Status load_recordings(const std::string& path);
  Figures figures() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hotline::audio
