// What happened and was not taken yet, for one or more readers.
#pragma once

#include <condition_variable>
#include <deque>
#include <mutex>
#include <optional>
#include <string>

#include "hotline/base/json.hpp"
#include "hotline/base/time.hpp"

namespace hotline::host {

// Synchronised.
class Events {
 public:
  void add(std::string event) {
    {
      const std::lock_guard lock(mutex_);
      events_.push_back(std::move(event));
      if (events_.size() > kKept) {
        events_.pop_front();
        ++lost_;
      }
    }
    changed_.notify_one();
  }

  std::optional<std::string> take(Duration timeout) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, timeout, [&] { return !events_.empty() || closed_; });
    if (lost_ > 0) return lost();
    if (events_.empty()) return {};
    std::string first = std::move(events_.front());
    events_.pop_front();
    return first;
  }

  // From now on nobody waits: what is there can still be taken.
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
    }
    changed_.notify_all();
  }

 private:
  static constexpr std::size_t kKept = 10'000;

  std::string lost() {
    std::string event;
    JsonWriter(event).begin_object().field("type", "events.lost").field("count", lost_).end_object();
    lost_ = 0;
    return event;
  }

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::string> events_;
  std::size_t lost_ = 0;
  bool closed_ = false;
};

}  // namespace hotline::host
