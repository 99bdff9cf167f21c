// Everything that the hotline said, as text and as sound: what a demonstration holds the telephones' ears against.
#pragma once

#include <mutex>
#include <string>
#include <vector>

#include "hotline/audio.hpp"

namespace city {

// Synchronised.
class Spoken {
 public:
  struct Prompt {
    std::string text;
    hotline::audio::Pcm sound;  // its clips, one after the other
  };

  void add(const std::string& text, const std::vector<hotline::audio::Clip>& clips) {
    hotline::audio::Samples sound;
    for (const auto& clip : clips) {
      sound.insert(sound.end(), hotline::audio::samples_in(clip.silence), 0);
      if (clip.pcm) sound.insert(sound.end(), clip.pcm->begin(), clip.pcm->end());
    }
    const std::lock_guard lock(mutex_);
    prompts_.push_back({text, hotline::audio::make_pcm(std::move(sound))});
  }

  // The latest prompt whose text has `part` in it; no sound where there was none.
  Prompt find(const std::string& part) const {
    const std::lock_guard lock(mutex_);
    for (auto prompt = prompts_.rbegin(); prompt != prompts_.rend(); ++prompt)
      if (prompt->text.find(part) != std::string::npos) return *prompt;
    return {};
  }

 private:
  mutable std::mutex mutex_;
  std::vector<Prompt> prompts_;
};

}  // namespace city
