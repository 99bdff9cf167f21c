// The reference host: a hotline::center::Hotline with a SIP endpoint, a database and a voice, and one thread.
#pragma once

#include <fstream>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "hotline/audio.hpp"
#include "hotline/center.hpp"
#include "hotline/sip/endpoint.hpp"

namespace city {

struct HostOptions {
  std::string data;             // the city's definitions
  std::string folder;           // where everything that happens is kept
  std::string address = "127.0.0.1";
  std::uint16_t port = 5060;    // 0 takes a free one
  std::function<void(const hotline::center::Notice&)> notice;
  std::function<std::string(const std::string& number)> phone_of;  // a citizen's number -> SIP address
  std::function<void(hotline::center::Setup&)> adjust;             // before the hotline opens
};

// Everything that the hotline said, as text and as sound: what a demonstration holds the telephones' ears against.
class Spoken : public hotline::center::Speech {
 public:
  explicit Spoken(hotline::center::Speech& voice) : voice_(voice) {}
  void prepare(std::vector<hotline::center::Utterance> pieces, Done done) override;

  struct Prompt {
    std::string text;
    hotline::audio::Pcm sound;  // its clips, one after the other
  };
  // The latest prompt whose text has `part` in it; no sound where there was none.
  Prompt find(const std::string& part) const;

 private:
  hotline::center::Speech& voice_;
  mutable std::mutex mutex_;
  std::vector<Prompt> prompts_;
};

// Starts everything in the constructor's order and ends it in the other.
class Host {
 public:
  // Errors: those of the parts, each with what to do.
  static hotline::Result<std::unique_ptr<Host>> start(HostOptions options);
  ~Host();

  // Runs `work` on the hotline's thread and returns what it returns.
  template <class Work>
  auto ask(Work&& work) -> decltype(work(std::declval<hotline::center::Hotline&>(), hotline::Time{})) {
    std::promise<decltype(work(*hotline_, hotline::Time{}))> promise;
    auto answer = promise.get_future();
    loop_.post([&] { promise.set_value(work(*hotline_, clock_.now())); });
    return answer.get();
  }
  // The virtual clock moves on: every deadline in between has passed.
  void shift(hotline::Duration by) { clock_.shift(by); }
  hotline::Time now() const { return clock_.now(); }

  std::string uri() const { return endpoint_->uri(); }
  const std::string& folder() const { return options_.folder; }
  const Spoken& spoken() const { return *spoken_; }
  hotline::store::Database& database() { return *database_; }

 private:
  explicit Host(HostOptions options) : options_(std::move(options)), loop_(clock_) {}
  hotline::Status open();

  HostOptions options_;
  hotline::center::Clock clock_;
  hotline::center::Loop loop_;
  std::optional<hotline::store::Database> database_;
  std::optional<hotline::JournalFile> journal_;
  std::unique_ptr<hotline::audio::PromptCache> prompts_;
  std::unique_ptr<hotline::center::PromptSpeech> speech_;
  std::unique_ptr<Spoken> spoken_;
  std::unique_ptr<hotline::sip::Endpoint> endpoint_;
  std::unique_ptr<hotline::center::Hotline> hotline_;
  std::thread thread_;
};

}  // namespace city
