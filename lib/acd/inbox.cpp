#include "hotline/acd/inbox.hpp"

namespace hotline::acd {

bool Inbox::post(const Command& command) {
  {
    const std::lock_guard lock(mutex_);
    if (closed_ || commands_.size() >= capacity_) return false;
    commands_.push_back(command);
  }
  ready_.notify_one();
  return true;
}

std::size_t Inbox::take(std::vector<Command>& into) {
  into.clear();
  const std::lock_guard lock(mutex_);
  commands_.swap(into);
  return into.size();
}

std::size_t Inbox::wait(std::vector<Command>& into) {
  into.clear();
  std::unique_lock lock(mutex_);
  ready_.wait(lock, [&] { return closed_ || !commands_.empty(); });
  commands_.swap(into);
  return into.size();
}

void Inbox::close() {
  {
    const std::lock_guard lock(mutex_);
    closed_ = true;
  }
  ready_.notify_all();
}

}  // namespace hotline::acd
