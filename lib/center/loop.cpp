#include "hotline/center/loop.hpp"

#include <algorithm>

namespace hotline::center {

namespace {
Time system_time() { return std::chrono::time_point_cast<Duration>(std::chrono::system_clock::now()); }
}  // namespace

Clock::Clock(Time start) : shift_(start - system_time()) {}

Time Clock::now() const {
  const std::lock_guard lock(mutex_);
  return system_time() + shift_;
}

void Clock::shift(Duration by) {
  const std::lock_guard lock(mutex_);
  shift_ += std::max(by, Duration{0});
}

void Loop::post(Work work) {
  {
    const std::lock_guard lock(mutex_);
    inbox_.push_back(std::move(work));
  }
  changed_.notify_one();
}

void Loop::stop() {
  {
    const std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  changed_.notify_one();
}

void Loop::run(const std::function<std::optional<Time>(Time)>& tick) {
  // Even an idle loop looks once a second, so that a clock that was moved is noticed.
  constexpr Duration kLongest = std::chrono::seconds{1};
  std::vector<Work> batch;
  for (;;) {
    const std::optional<Time> deadline = tick(clock_.now());
    {
      std::unique_lock lock(mutex_);
      const Duration wait = deadline ? std::clamp<Duration>(*deadline - clock_.now(), Duration{0}, kLongest) : kLongest;
      changed_.wait_for(lock, wait, [&] { return !inbox_.empty() || stopping_; });
      if (stopping_ && inbox_.empty()) {
        stopping_ = false;
        return;
      }
      batch.swap(inbox_);
    }
    for (Work& work : batch) work();
    batch.clear();
  }
}

}  // namespace hotline::center
