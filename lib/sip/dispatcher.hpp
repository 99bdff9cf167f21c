// Events to the host, in order, from one thread.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "hotline/audio/telephony.hpp"

namespace hotline::sip {

class Dispatcher {
 public:
  explicit Dispatcher(audio::Telephony::Sink sink) : sink_(std::move(sink)), thread_([this] { run(); }) {}
  ~Dispatcher() { stop(); }
  void push(audio::TelephonyEvent event) {
    {
      const std::lock_guard lock(mutex_);
      queue_.push_back(std::move(event));
    }
    wake_.notify_one();
  }
  // Delivers what is there, then ends.
  void stop() {
    {
      const std::lock_guard lock(mutex_);
      stopping_ = true;
    }
    wake_.notify_one();
    if (thread_.joinable()) thread_.join();
  }

 private:
  void run() {
    std::unique_lock lock(mutex_);
    for (;;) {
      wake_.wait(lock, [&] { return stopping_ || !queue_.empty(); });
      if (queue_.empty()) return;
      audio::TelephonyEvent event = std::move(queue_.front());
      queue_.pop_front();
      lock.unlock();
      sink_(std::move(event));
      lock.lock();
    }
  }
  audio::Telephony::Sink sink_;
  std::mutex mutex_;
  std::condition_variable wake_;
  std::deque<audio::TelephonyEvent> queue_;
  bool stopping_ = false;
  std::thread thread_;
};

}  // namespace hotline::sip
