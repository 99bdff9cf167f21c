// Life-cycles through the router: enqueue, offer, accept, end, wrap-up end, all five events delivered, one core.
// Agents answer at once and talk until a FIFO of talks hands them back, so that about nine in ten are busy.
#include <cstring>
#include <deque>
#include <memory>

#include "acd_worlds.hpp"
#include "bench.hpp"

using namespace hotline;
using namespace hotline::acd;
using namespace std::chrono_literals;

namespace {

// Runs `n` life-cycles with `busy` contacts in talk at any time and, where `waiting` > 0, that many always waiting.
class Load {
 public:
  Load(Definition definition, std::uint32_t busy, std::uint32_t waiting, std::vector<RequirementId> needs = {})
      : router_(std::make_unique<Router>(std::move(definition), events_)), needs_(std::move(needs)), random_(11) {
    events_.reserve(1024);
    const Definition& d = router_->definition();
    for (std::uint32_t a = 1; a <= d.agents.size(); ++a) (void)router_->login(AgentId{a}, now_), (void)router_->ready(AgentId{a}, now_);
    queues_ = static_cast<std::uint32_t>(d.queues.size());
    talks_.resize(1);
    while (talks_.size() < busy + 1 || talking_ < busy) {
      if (!arrive()) break;
      if (talking_ >= busy) break;
    }
    for (std::uint32_t i = 0; i < waiting; ++i) arrive();
  }
  Router& router() { return *router_; }
  std::uint64_t finished() const { return finished_; }

  bool arrive() {
    now_ += 1ms;
    events_.clear();
    Enqueue r{.queue = QueueId{static_cast<std::uint32_t>(1 + random_.below(queues_))}};
    if (!needs_.empty()) r.requires_ = needs_[random_.below(needs_.size())];
    const auto id = router_->enqueue(r, now_);
    if (!id.ok()) return false;
    answer();
    return true;
  }
  void one() {
    arrive();
    if (head_ == tail_) return;
    now_ += 1ms;
    events_.clear();
    const ContactId done = ring_[head_++ & kMask];
    --talking_;
    (void)router_->ended(done, now_);
    ++finished_;
    answer();
  }

 private:
  static constexpr std::size_t kMask = (1u << 20) - 1;
  void answer() {
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (events_[i].type != EventType::offered) continue;
      const Event offer = events_[i];
      if (router_->accept(offer.offer, now_) == Outcome::done) ring_[tail_++ & kMask] = offer.contact, ++talking_;
    }
  }
  Events events_;
  std::unique_ptr<Router> router_;
  std::vector<RequirementId> needs_;
  Random random_;
  Time now_ = time_from_ns(1'700'000'000'000'000'000);
  std::uint32_t queues_ = 1;
  std::vector<ContactId> talks_;
  std::vector<ContactId> ring_ = std::vector<ContactId>(kMask + 1);
  std::uint64_t head_ = 0, tail_ = 0, finished_ = 0;
  std::uint32_t talking_ = 0;
};

}  // namespace

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  for (const std::uint32_t agents : {1000u, 10000u, 100000u}) {
    const std::string name = "acd.lifecycle." + std::to_string(agents);
    if (!suite.wants(name)) continue;
    Load load(profiles_world(agents, 64), agents * 9 / 10, 0);
    const double value = bench::rate([&](std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) load.one();
    });
    suite.report(name, value, "1/s", "none yet", 1);
  }
  return 0;
}
