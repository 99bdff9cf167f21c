#include <condition_variable>
#include <filesystem>
#include <list>
#include <mutex>
#include <unordered_map>

#include "hotline/audio/file.hpp"
#include "hotline/audio/speech.hpp"
#include "hotline/base/document.hpp"

namespace hotline::audio {
namespace {

// FNV-1a, 128 bits (Fowler, Noll, Vo): long enough that two prompts never meet.
std::string fingerprint(std::string_view text) {
  __extension__ using U128 = unsigned __int128;
  U128 hash = (static_cast<U128>(0x6c62272e07bb0142ull) << 64) | 0x62b821756295c58dull;
  const U128 prime = (static_cast<U128>(1) << 88) | 0x13b;
  for (const unsigned char c : text) hash = (hash ^ c) * prime;
  std::string out;
  for (int shift = 124; shift >= 0; shift -= 4) out += "0123456789abcdef"[static_cast<int>(hash >> shift) & 15];
  return out;
}

}  // namespace

struct PromptCache::State {
  struct Entry {
    Pcm pcm;
    std::list<std::string>::iterator use;
  };
  std::string folder;
  std::shared_ptr<Synthesiser> synthesiser;
  std::size_t limit;

  mutable std::mutex mutex;
  std::condition_variable made;
  std::unordered_map<std::string, Entry> memory;
  std::list<std::string> recent;  // front: used last
  std::size_t bytes = 0;
  std::map<std::string, bool> in_progress;
  std::map<std::pair<std::string, std::string>, Pcm> recorded;
  Figures figures;

  void remember(const std::string& key, const Pcm& pcm) {
    if (memory.contains(key)) return;
    recent.push_front(key);
    memory.emplace(key, Entry{pcm, recent.begin()});
    bytes += pcm->size() * sizeof(std::int16_t);
    while (bytes > limit && recent.size() > 1) {
      const auto oldest = memory.find(recent.back());
      bytes -= oldest->second.pcm->size() * sizeof(std::int16_t);
      memory.erase(oldest);
      recent.pop_back();
    }
  }
};

PromptCache::PromptCache(std::string folder, std::shared_ptr<Synthesiser> synthesiser, std::size_t memory_limit)
    : state_(std::make_unique<State>()) {
  std::error_code ignored;
  if (!folder.empty()) std::filesystem::create_directories(folder, ignored);
  state_->folder = std::move(folder);
  state_->synthesiser = std::move(synthesiser);
  state_->limit = memory_limit;
}
PromptCache::~PromptCache() = default;

Result<Pcm> PromptCache::get(const Speech& speech) {
  State& s = *state_;
  const std::string key = s.synthesiser->name() + '\n' + speech.voice + '\n' +
                          std::to_string(speech.words_per_minute) + '\n' + speech.text;
  std::unique_lock lock(s.mutex);
  if (const auto own = s.recorded.find({speech.voice, speech.text}); own != s.recorded.end()) return own->second;
  for (;;) {
    if (const auto found = s.memory.find(key); found != s.memory.end()) {
      s.recent.splice(s.recent.begin(), s.recent, found->second.use);
      ++s.figures.from_memory;
      return found->second.pcm;
    }
    if (!s.in_progress.contains(key)) break;
    s.made.wait(lock);
  }
  s.in_progress[key] = true;
  lock.unlock();

  const std::string path = s.folder.empty() ? "" : s.folder + "/" + fingerprint(key) + ".wav";
  bool from_disk = true;
  Result<Pcm> sound = path.empty() ? Result<Pcm>(Error(ErrorCode::not_found, "no folder")) : read_sound(path);
  if (!sound.ok()) {
    from_disk = false;
    sound = s.synthesiser->say(speech);
    if (sound.ok()) {
      const SampleView kept = trim(**sound);
      sound = make_pcm(Samples(kept.begin(), kept.end()));
      // A cache that cannot be written still speaks.
      if (!path.empty()) (void)write_sound(path, **sound);
    }
  }
  lock.lock();
  s.in_progress.erase(key);
  if (sound.ok()) {
    s.remember(key, *sound);
    ++(from_disk ? s.figures.from_disk : s.figures.made);
  }
  s.made.notify_all();
  return sound;
}

void PromptCache::replace(std::string voice, std::string text, Pcm recorded) {
  const std::lock_guard lock(state_->mutex);
  state_->recorded[{std::move(voice), std::move(text)}] = std::move(recorded);
}

Status PromptCache::load_recordings(const std::string& path) {
  HOTLINE_ASSIGN(const Node root, load_document(path));
  const auto folder = std::filesystem::path(path).parent_path();
  std::map<std::pair<std::string, std::string>, Pcm> all;
  const auto wrong = [&](const Node& at) {
    return Error(ErrorCode::invalid_definition, "recordings are {voice: {text: file}}", "write it so", at.place(path));
  };
  if (!root.is_mapping()) return wrong(root);
  for (const Node::Entry& voice : root.entries()) {
    if (!voice.value.is_mapping()) return wrong(voice.value);
    for (const Node::Entry& line : voice.value.entries()) {
      if (!line.value.is_scalar()) return wrong(line.value);
      auto sound = read_sound((folder / line.value.text()).string());
      if (!sound.ok()) return sound.error().at(line.value.place(path));
      all[{voice.key.text(), line.key.text()}] = *sound;
    }
  }
  const std::lock_guard lock(state_->mutex);
  for (auto& [key, pcm] : all) state_->recorded[key] = std::move(pcm);
  return {};
}

PromptCache::Figures PromptCache::figures() const {
  const std::lock_guard lock(state_->mutex);
  return state_->figures;
}

}  // namespace hotline::audio
