// The pacers: threads that tick sessions each 20 ms, a few hundred sessions each.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <thread>
#include <vector>

#include "session.hpp"

namespace hotline::sip {

// One thread. post() and add() are synchronised; the sessions are the thread's own.
class Pacer {
 public:
  static constexpr std::size_t kMost = 400;
  Pacer();
  ~Pacer();
  void add(std::shared_ptr<Session> session);
  // Runs in the pacer's thread at its next tick, in order.
  void post(std::function<void()> work);
  std::size_t load() const { return load_.load(std::memory_order_relaxed); }
  Duration worst_tick() const { return Duration{worst_.load(std::memory_order_relaxed)}; }

 private:
  void run();
  void tick();
  std::mutex mutex_;
  std::vector<std::function<void()>> posted_;
  std::vector<std::function<void()>> working_;
  std::vector<std::shared_ptr<Session>> sessions_;
  RtpReader reader_;
  std::atomic<std::size_t> load_{0};
  std::atomic<std::int64_t> worst_{0};
  std::atomic<bool> stopping_{false};
  std::thread thread_;
};

// Synchronised.
class Media {
 public:
    // Where a session lives from now on.
  Pacer& add(const std::shared_ptr<Session>& session);
  MediaShared& shared() { return shared_; }
  Duration worst_tick() const;

 private:
  MediaShared shared_;  // outlives the pacers
  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Pacer>> pacers_;
};

}  // namespace hotline::sip
