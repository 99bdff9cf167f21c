#include "hotline/center/prompt_speech.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "hotline/audio/file.hpp"
#include "hotline/text/spoken.hpp"

namespace hotline::center {
namespace {

// Long enough to be noticed in a test, short enough not to annoy a caller.
constexpr Duration kMissing = std::chrono::milliseconds{300};
constexpr int kWordsPerMinute = 175;

std::string voice_of(std::string_view language) {
  if (language.starts_with("yue") || language == "zh-HK" || language == "zh-MO") return "yue";
  if (language.starts_with("zh") || language.starts_with("cmn")) return "cmn-latn-pinyin";
  return std::string(language.substr(0, language.find('-')));
}

}  // namespace

struct PromptSpeech::Worker {
  struct Job {
    std::vector<Utterance> pieces;
    Done done;
  };
  std::mutex mutex;
  std::condition_variable changed;
  std::deque<Job> jobs;
  bool stopping = false;
  std::thread thread;
};

PromptSpeech::PromptSpeech(audio::PromptCache& cache, std::vector<std::string> folders)
    : cache_(cache), folders_(std::move(folders)), worker_(std::make_unique<Worker>()) {
  worker_->thread = std::thread([this] {
    for (;;) {
      Worker::Job job;
      {
        std::unique_lock lock(worker_->mutex);
        worker_->changed.wait(lock, [&] { return worker_->stopping || !worker_->jobs.empty(); });
        if (worker_->stopping) return;
        job = std::move(worker_->jobs.front());
        worker_->jobs.pop_front();
      }
      job.done(render(job.pieces));
    }
  });
}

PromptSpeech::~PromptSpeech() {
  {
    const std::lock_guard lock(worker_->mutex);
    worker_->stopping = true;
  }
  worker_->changed.notify_one();
  worker_->thread.join();
}

void PromptSpeech::prepare(std::vector<Utterance> pieces, Done done) {
  {
    const std::lock_guard lock(worker_->mutex);
    worker_->jobs.push_back({std::move(pieces), std::move(done)});
  }
  worker_->changed.notify_one();
}

audio::Pcm PromptSpeech::find(const std::string& name) const {
  if (name.empty()) return nullptr;
  for (const std::string& folder : folders_)
    if (auto sound = audio::read_sound(folder + "/" + name)) return *std::move(sound);
  return nullptr;
}

Result<audio::Pcm> SpokenDigits::say(const audio::Speech& speech) {
  audio::Speech spoken = speech;
  spoken.text.clear();
  text::speak_text(spoken.text, text::tongue(speech.voice), speech.text);
  return inner_->say(spoken);
}

std::vector<audio::Clip> PromptSpeech::render(const std::vector<Utterance>& pieces) {
  std::vector<audio::Clip> clips;
  for (const Utterance& piece : pieces) {
    if (piece.silence > Duration{0}) clips.push_back({nullptr, piece.silence});
    if (audio::Pcm recorded = find(piece.file)) {
      clips.push_back({std::move(recorded), {}});
      continue;
    }
    if (piece.text.empty()) continue;
    auto sound = cache_.get({.voice = voice_of(piece.language),
                             .text = piece.text,
                             .words_per_minute = kWordsPerMinute * piece.rate_percent / 100});
    if (sound.ok()) clips.push_back({*std::move(sound), {}});
    else clips.push_back({nullptr, kMissing});
  }
  return clips;
}

}  // namespace hotline::center
