// A command as a plain record: what an inbox carries between threads, a log writes, a batch hands over.
#pragma once

#include <cstdint>
#include <string_view>

#include "hotline/acd/router.hpp"

namespace hotline::acd {

enum class Verb : std::uint8_t {
  advance, enqueue, abandon, accept, reject, connected, connect_failed, ended, wrap_up_done, extend_wrap_up, requeue,
  to_callback, returned, prioritise, move, withdraw, release, login, logout, ready, not_ready, lost, release_agent,
  pull, push, transfer, request_help, force_ready, force_not_ready, force_logout, monitor, stop_monitor, take_over,
  drain, undrain, restarted, reclaim, callback_failed,
};
std::string_view to_string(Verb verb);

// Fields that a verb does not use are zero. With an id that is not 0 a command is idempotent: the same id and fields
// again (at another time, after a crash) do nothing and give the same Done; other fields give Outcome::reused. The last
// 65,536 ids of commands that were done are kept, in snapshots too.
struct Command {
  Verb verb = Verb::advance;
  std::uint8_t mode = 0;       // HowRejected, LogoutMode, MonitorMode, TakeOverMode; of enqueue: 1 callback, 2 prefer_must_be_ready
  std::uint16_t reserved = 0;
  std::int32_t priority = 0;
  std::int64_t at = 0;         // ns since the epoch
  std::uint64_t contact = 0;   // ContactId, OfferId of accept and reject, tag of enqueue
  std::int64_t duration = 0;   // max_wait of enqueue, `by` of extend_wrap_up, `until` of to_callback
  std::int64_t prefer_wait = 0;  // `due` of to_callback
  std::int64_t since = 0;        // `from` of to_callback
  std::int64_t wrap_time = 0;
  std::uint32_t agent = 0;     // prefer of enqueue
  std::uint32_t by = 0;        // the supervisor
  std::uint32_t queue = 0;
  std::uint32_t requires_ = 0;
  std::int32_t strict_class = 0;
  std::uint32_t channel = 0;
  std::uint32_t site = 0;
  std::uint32_t reason = 0;    // ReasonId of not_ready and force_not_ready
  std::uint32_t note = 0;      // NoteId: why the supervisor did it
  std::uint32_t reserved2 = 0;
  std::uint64_t id = 0;        // the client's
};
static_assert(sizeof(Command) == 104);

struct Done {
  Outcome outcome = Outcome::done;
  ContactId contact;  // of enqueue
};

Command to_command(const Enqueue& request, Time at);
// Carries it out. An enqueue that is refused has outcome `limit` (full), `denied` (closed, nobody, draining),
// `unknown` (queue, requirement) or `wrong_state` (unsatisfiable).
Done execute(Router& router, const Command& command);

}  // namespace hotline::acd
