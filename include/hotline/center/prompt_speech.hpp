// Speech from the prompt cache (audio::PromptCache), prepared on a thread of its own.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "hotline/audio/speech.hpp"
#include "hotline/center/speech.hpp"

namespace hotline::center {

// A synthesiser that is given sentences with their digits written as they are spoken (text::speak_text): authors write
// 请按1 and 12345热线, and recordings stand for the sentence as it was written. Synchronised, as the inner one.
class SpokenDigits : public audio::Synthesiser {
 public:
  explicit SpokenDigits(std::shared_ptr<audio::Synthesiser> inner) : inner_(std::move(inner)) {}
  std::string name() const override { return inner_->name() + "+digits"; }
  Result<audio::Pcm> say(const audio::Speech& speech) override;

 private:
  std::shared_ptr<audio::Synthesiser> inner_;
};

// Synchronised. Joins its thread when it goes; what was not prepared by then is not answered.
class PromptSpeech : public Speech {
 public:
  // `folders`: where the files that utterances name are looked for, in order (recorded prompts, then what callers
  // said and hear again). The cache must outlive it.
  PromptSpeech(audio::PromptCache& cache, std::vector<std::string> folders);
  ~PromptSpeech() override;

  void prepare(std::vector<Utterance> pieces, Done done) override;
  // The same at once, on the calling thread.
  std::vector<audio::Clip> render(const std::vector<Utterance>& pieces);

 private:
  struct Worker;
  audio::Pcm find(const std::string& name) const;
  audio::PromptCache& cache_;
  std::vector<std::string> folders_;
  std::unique_ptr<Worker> worker_;
};

}  // namespace hotline::center
