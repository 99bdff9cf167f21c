#include "media.hpp"

#include <algorithm>
#include <chrono>

namespace hotline::sip {
namespace {

using Clock = std::chrono::steady_clock;
constexpr auto kTick = std::chrono::milliseconds(20);

}  // namespace

Pacer::Pacer() : thread_([this] { run(); }) {}
Pacer::~Pacer() {
  stopping_ = true;
  thread_.join();
}

void Pacer::post(std::function<void()> work) {
  const std::lock_guard lock(mutex_);
  posted_.push_back(std::move(work));
}

void Pacer::add(std::shared_ptr<Session> session) {
  ++load_;
  post([this, session = std::move(session)] { sessions_.push_back(session); });
}

void Pacer::tick() {
  {
    const std::lock_guard lock(mutex_);
    working_.swap(posted_);
  }
  for (auto& work : working_) work();
  working_.clear();
  for (const auto& session : sessions_) session->tick(reader_);
  load_ -= std::erase_if(sessions_, [](const auto& s) { return s->closed(); });
}

void Pacer::run() {
  // All pacers tick on the same grid, so that a conversation across two of them stays even.
  auto next = Clock::time_point(Clock::now().time_since_epoch() / kTick * kTick) + kTick;
  while (!stopping_) {
    std::this_thread::sleep_until(next);
    const auto begin = Clock::now();
    tick();
    next += kTick;
    const auto end = Clock::now();
    worst_.store(std::max<std::int64_t>(worst_.load(), std::chrono::nanoseconds(end - begin).count()));
    // After a stall the missed ticks follow at once, so that no sound is lost; after a long one (a suspended
    // machine) time begins anew.
    if (end - next > std::chrono::seconds(1)) next = Clock::time_point(end.time_since_epoch() / kTick * kTick) + kTick;
  }
  tick();
  for (const auto& session : sessions_) session->close();
  sessions_.clear();
}

Pacer& Media::add(const std::shared_ptr<Session>& session) {
  const std::lock_guard lock(mutex_);
  auto found = std::find_if(pacers_.begin(), pacers_.end(), [](const auto& p) { return p->load() < Pacer::kMost; });
  if (found == pacers_.end()) found = pacers_.insert(pacers_.end(), std::make_unique<Pacer>());
  (*found)->add(session);
  return **found;
}

Duration Media::worst_tick() const {
  const std::lock_guard lock(mutex_);
  Duration worst{};
  for (const auto& p : pacers_) worst = std::max(worst, p->worst_tick());
  return worst;
}

}  // namespace hotline::sip
