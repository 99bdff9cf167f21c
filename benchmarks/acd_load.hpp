// A stream of calls through a router: agents answer at once and talk until a FIFO of talks hands them back.
#pragma once

#include <memory>

#include "acd_worlds.hpp"

namespace hotline::acd {

class Load {
 public:
  // `busy` contacts talk at any time; where `waiting` > 0, that many wait as well, so that every end feeds a waiting one.
  Load(Definition definition, std::uint32_t busy, std::uint32_t waiting, const std::vector<Requirement>& needs = {})
      : router_(std::make_unique<Router>(std::move(definition), events_)), random_(11) {
    events_.reserve(1024);
    for (const Requirement& need : needs) needs_.push_back(router_->require(need).value());
    const Definition& d = router_->definition();
    for (std::uint32_t a = 1; a <= d.agents.size(); ++a) (void)router_->login(AgentId{a}, now_), (void)router_->ready(AgentId{a}, now_);
    queues_ = static_cast<std::uint32_t>(d.queues.size());
    for (std::uint32_t i = 0; i < 4 * busy + 100 && tail_ - head_ < busy; ++i) arrive();
    while (router_->waiting() < waiting) arrive();
  }
  Router& router() { return *router_; }
  Time now() const { return now_; }
  void arrive() {
    now_ += Duration{1'000'000};
    events_.clear();
    Enqueue r{.queue = QueueId{static_cast<std::uint32_t>(1 + random_.below(queues_))}};
    if (!needs_.empty()) r.requires_ = needs_[random_.below(needs_.size())];
    (void)router_->enqueue(r, now_);
    answer();
  }
  void end_one() {
    if (head_ == tail_) return;
    now_ += Duration{1'000'000};
    events_.clear();
    (void)router_->ended(ring_[head_++ & kMask], now_);
    answer();
  }
  void one() {
    arrive();
    end_one();
  }

 private:
  static constexpr std::size_t kMask = (1u << 18) - 1;
  void answer() {
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (events_[i].type != EventType::offered) continue;
      const Event offer = events_[i];
      if (router_->accept(offer.offer, now_) == Outcome::done) ring_[tail_++ & kMask] = offer.contact;
    }
  }
  Events events_;
  std::unique_ptr<Router> router_;
  std::vector<RequirementId> needs_;
  Random random_;
  Time now_ = time_from_ns(1'700'000'000'000'000'000);
  std::uint32_t queues_ = 1;
  std::vector<ContactId> ring_ = std::vector<ContactId>(kMask + 1);
  std::uint64_t head_ = 0, tail_ = 0;
};

}  // namespace hotline::acd
