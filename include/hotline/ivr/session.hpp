// One call's run through a flow: a small value that can be stored and resumed.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"
#include "hotline/ivr/flow.hpp"
#include "hotline/ivr/slots.hpp"
#include "hotline/ivr/value.hpp"

namespace hotline::ivr {

// What is known of a call when it begins.
struct Start {
  std::string caller;            // number of the caller; may be empty
  std::string dialled;           // number that was dialled
  std::string language;          // of the citizen's record; "" where unknown
  std::string profile;           // "easy" for the elderly profile; "" for none
  std::uint64_t seed = 0;        // decides `percent` nodes
  std::vector<Field> variables;  // sets variables of the flow by name; unknown names are ignored
};

// Where a session stands. `waiting` covers queries, queues, transfers and the other requests.
enum class Phase : std::uint8_t { fresh, playing, prompting, collecting, recording, waiting, ended };
std::string_view to_string(Phase phase);

enum class Ending : std::uint8_t { none, hangup_by_flow, hangup_by_caller, error, limit };
std::string_view to_string(Ending ending);

// Confined. Stepped by an Engine; a host reads deadline() and ended() and stores serialise().
class Session {
 public:
  explicit Session(Flow flow) : flow_(std::move(flow)) {}

  const Flow& flow() const { return flow_; }
  Phase phase() const { return phase_; }
  bool ended() const { return phase_ == Phase::ended; }
  Ending ending() const { return ending_; }
  // Id of the current node; "" before the start.
  std::string_view node() const;
  std::string_view language() const;
  // When the host must send Event::timer() if nothing else happens before; Time::max() for never.
  Time deadline() const;
  // A variable by name (also the built-in ones), or nothing.
  Value variable(std::string_view name) const;
  // Keys typed for the current node and not yet decided on.
  std::string_view typed() const { return {keys_.data(), typed_length_}; }
  std::uint32_t steps() const { return steps_; }

  // A text of a few hundred bytes from which restore() makes the same session again.
  std::string serialise() const;
  // Errors: corrupt; version_mismatch where the text was written for another flow (its id or fingerprint differs).
  static Result<Session> restore(Flow flow, std::string_view text);

  // Bytes of this object and of what it owns: at most 512 with the 14 variables that every flow has, and 16 for each more.
  std::size_t bytes() const;

 private:
  friend class Engine;
  friend class Runner;
  friend struct SessionView;  // private: lib/ivr/session_view.hpp

  Flow flow_;
  Slots variables_;
  Time started_{};
  Time due_{Time::max()};         // of the current wait
  Time also_due_{Time::max()};    // holding prompt, queue announcement
  Time last_key_at_{};
  Time node_entered_{};
  Time play_started_{};
  std::uint64_t seed_ = 0;
  std::uint32_t node_ = kNoNode;
  std::uint32_t next_id_ = 1;
  std::uint32_t play_id_ = 0;
  std::uint32_t request_id_ = 0;
  std::uint16_t state_ = 0;       // of the digit automaton
  std::uint16_t steps_ = 0;
  std::uint16_t steps_alone_ = 0; // since the caller or a result had a say
  std::uint16_t language_ = 0;
  std::uint16_t item_ = 0;        // which question, which match
  std::uint16_t random_draws_ = 0;
  Phase phase_ = Phase::fresh;
  Ending ending_ = Ending::none;
  std::uint8_t part_ = 0;         // which dialogue of the node: its own, confirm, review
  std::uint8_t no_input_ = 0;
  std::uint8_t no_match_ = 0;
  std::uint8_t tries_ = 0;        // of confirm, review
  std::uint8_t rung_ = 0;         // of the prompt ladder
  std::uint8_t flags_ = 0;
  std::uint8_t errors_ = 0;
  std::uint8_t typed_length_ = 0;
  std::uint8_t ahead_length_ = 0;
  std::uint8_t depth_ = 0;        // of sub-flows
  std::uint8_t trail_length_ = 0; // of menus, for `back`
  char last_key_ = 0;
  char ended_by_ = 0;
  // What is typed stands in front, what was typed ahead at the end: when one is long, the other is short.
  std::array<char, 68> keys_{};
  std::array<std::uint16_t, 16> calls_{};
  std::array<std::uint16_t, 16> trail_{};

  static constexpr std::uint32_t kNoNode = 0xffffffff;
  static constexpr std::size_t kMostTyped = 64, kMostAhead = 32;
  std::string_view ahead() const { return {keys_.data() + keys_.size() - ahead_length_, ahead_length_}; }
  void type(char key) { keys_[typed_length_++] = key; }
  void type_ahead(char key);
  char take_ahead() { return keys_[keys_.size() - ahead_length_--]; }
};

}  // namespace hotline::ivr
