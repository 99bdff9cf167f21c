// All calls of one stream through its flow.
#pragma once

#include <memory>
#include <vector>

#include "hotline/base/random.hpp"
#include "hotline/ivr/engine.hpp"
#include "hotline/sim/walk.hpp"

namespace hotline::sim {

// What a call asks of the simulator after a step.
struct Desire {
  bool enqueue = false;
  bool leave_queue = false;
  bool ended = false;
  bool by_caller = false;       // who hung up
  std::string_view queue;       // the flow's name; lives until the next step
  int priority = 0;
  std::uint32_t tickets = 0;    // created since the last take()
};

// Confined.
class Walkers {
 public:
  explicit Walkers(const Walk& walk);

  // `seed` decides all that this caller does.
  std::uint32_t begin(std::uint64_t seed, std::uint64_t number, Time now);
  void release(std::uint32_t call);
  // When advance() is to be called if nothing else happens before.
  Time due(std::uint32_t call) const;
  // Does what is due, until something is desired.
  void advance(std::uint32_t call, Time now);
  void answered(std::uint32_t call, Time now);
  void talk_over(std::uint32_t call, Time now);
  void queue_full(std::uint32_t call, Time now);
  void hang_up(std::uint32_t call, Time now);
  Desire take(std::uint32_t call);
  std::size_t open() const { return calls_.size() - free_.size(); }

 private:
  struct Call {
    explicit Call(ivr::Session s) : session(std::move(s)) {}
    ivr::Session session;
    Random random{0};
    const Script* script = nullptr;
    std::size_t script_at = 0;
    Time played = Time::max(), key = Time::max(), result = Time::max(), recorded = Time::max();
    std::uint32_t play_id = 0, request_id = 0, record_id = 0, queue_id = 0;
    Duration message{};
    ivr::RecordingEnd end = ivr::RecordingEnd::key;
    ivr::Answer answer;
    Time talk_until = Time::max();
    bool connects = false;        // the due result is that somebody answers
    std::string_view keys;
    std::size_t key_at = 0;
    std::uint32_t episode = 0;    // of listening
    bool chosen = false, knows = false;
    Desire desire;
  };

  void done(Call& call, std::span<const ivr::Action> actions, Time now);
  void perform(Call& call, const ivr::Action& action, Time now);
  void request(Call& call, const ivr::Action& action, Time now);
  void listen(Call& call, Time now);
  void press(Call& call, Time now);
  std::string_view choose(Call& call);
  const std::vector<KeyChoice>* choices_at(const Call& call) const;

  const Walk& walk_;
  ivr::Engine engine_;
  std::vector<const std::vector<KeyChoice>*> by_node_;
  const std::vector<KeyChoice>* otherwise_ = nullptr;
  std::vector<std::unique_ptr<Call>> calls_;
  std::vector<std::uint32_t> free_;
  std::string number_;
};

}  // namespace hotline::sim
