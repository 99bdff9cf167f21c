// The tickets of one replication.
#pragma once

#include <memory>
#include <queue>
#include <vector>

#include "hotline/base/random.hpp"
#include "hotline/sim/tickets.hpp"

namespace hotline::sim {

// Confined.
class TicketRuns {
 public:
  TicketRuns(const TicketWork& work, Random random) : work_(work), random_(random) {}

  void open(Time now, std::uint32_t interval);
  Time due() const { return agenda_.empty() ? Time::max() : agenda_.top().at; }
  void advance(Time now);
  std::size_t open_measured() const { return measured_; }
  std::size_t under_way() const { return tickets_.size() - free_.size(); }
  // What happened since the last call, by (interval, count); kNoInterval is left out.
  struct Tally {
    std::uint32_t interval;
    TicketCount what;
    double by;
  };
  std::vector<Tally>& tallies() { return tallies_; }

 private:
  static constexpr std::uint32_t kNoInterval = 0xffffffffu;
  struct Ticket {
    workflow::Instance instance;
    Time opened{};
    std::uint32_t interval = kNoInterval;
    std::uint32_t life = 0;      // tells a reused place from the ticket that was there before
    bool overdue = false;
    Random random{0};
    std::uint32_t steps = 0;     // of its whole life
    std::uint32_t refusals = 0;  // since it last went on
    std::vector<std::uint32_t> entries;  // by index of Instance::states: how often that region entered a state
  };
  struct Item {
    Time at;
    std::uint64_t order;
    std::uint32_t ticket, life;
    std::uint32_t node, target, stamp;  // stamp: generation of the timer, or entry of the state
    const TicketAct* act;               // null: a timer
    const TicketState* state;
    bool operator>(const Item& o) const { return at != o.at ? at > o.at : order > o.order; }
  };

  void act(const Item& item, Time now);
  void follow(std::uint32_t ticket, Time now);
  void entered(std::uint32_t ticket, std::uint32_t node, std::uint32_t state_index, Time now);
  void tell(const Ticket& t, TicketCount what, double by = 1) {
    if (t.interval != kNoInterval) tallies_.push_back({t.interval, what, by});
  }

  const TicketWork& work_;
  Random random_;
  workflow::Decision decision_;
  std::vector<Ticket> tickets_;
  std::vector<std::uint32_t> free_;
  std::priority_queue<Item, std::vector<Item>, std::greater<>> agenda_;
  std::vector<Tally> tallies_;
  std::uint64_t order_ = 0;
  std::size_t measured_ = 0;
};

}  // namespace hotline::sim
