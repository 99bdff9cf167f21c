// The one loop of a host: work is posted from any thread and run by one, between the deadlines of the engines.
#pragma once

#include <condition_variable>
#include <functional>
#include <mutex>
#include <optional>
#include <vector>

#include "hotline/base/time.hpp"

namespace hotline::center {

// A clock that a demonstration can move on: the system's time plus a shift. Synchronised.
class Clock {
 public:
  Clock() = default;
  // Begins at that time instead of the system's, which may be in the past.
  explicit Clock(Time start);
  Time now() const;
  // Moves the clock forward. The host's timers that fall due in between fire at once.
  void shift(Duration by);

 private:
  mutable std::mutex mutex_;
  Duration shift_{};
};

// post() is synchronised; run() is one thread's.
class Loop {
 public:
  using Work = std::function<void()>;
  explicit Loop(const Clock& clock) : clock_(clock) {}

  void post(Work work);
  // Runs what was posted, and `tick(now)` after each batch and whenever the time it returned last has come.
  // Returns after stop().
  void run(const std::function<std::optional<Time>(Time now)>& tick);
  void stop();

 private:
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Work> inbox_;
  bool stopping_ = false;
};

}  // namespace hotline::center
