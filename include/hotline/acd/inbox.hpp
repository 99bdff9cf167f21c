// The one door for other threads: they post commands, the router's thread takes them in one total order.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <mutex>
#include <vector>

#include "hotline/acd/command.hpp"

namespace hotline::acd {

// Synchronised. Bounded: post refuses when full, so that a flood is felt where it comes from.
class Inbox {
 public:
  explicit Inbox(std::size_t capacity = 65536) : capacity_(capacity) { commands_.reserve(capacity < 4096 ? capacity : 4096); }

  // False: full or closed; nothing was taken.
  bool post(const Command& command);
  // Swaps everything posted so far into `into` (which is cleared first), in the order of posting. Does not wait.
  std::size_t take(std::vector<Command>& into);
  // The same, but waits until there is something or the inbox is closed (then 0).
  std::size_t wait(std::vector<Command>& into);
  void close();

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::vector<Command> commands_;
  std::size_t capacity_;
  bool closed_ = false;
};

}  // namespace hotline::acd
