// Deadlines of numbered owners, one each: a heap of four children that knows where everybody stands, so that a
// deadline moves or goes without leaving a trace. Equal deadlines fire in the order of the owners' turns.
#pragma once

#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "acd/pages.hpp"

namespace hotline::acd {

class Timers {
 public:
  struct Entry {
    std::int64_t at;
    std::uint64_t turn;
    std::uint32_t owner;
    std::uint32_t reserved = 0;  // snapshots have no bytes of chance
    bool operator<(const Entry& other) const { return at != other.at ? at < other.at : turn < other.turn; }
  };
  static constexpr std::int64_t kNever = std::numeric_limits<std::int64_t>::max();

  void resize(std::size_t owners) {
    if (owners > where_.size()) where_.resize(owners, kOut);
  }
  std::size_t owners() const { return where_.size(); }
  bool empty() const { return heap_.empty(); }
  std::int64_t next() const { return heap_.empty() ? kNever : heap_[0].at; }
  std::uint32_t next_owner() const { return heap_[0].owner; }
  std::int64_t at(std::uint32_t owner) const { return where_[owner] == kOut ? kNever : heap_[where_[owner]].at; }

  // For snapshots.
  std::span<const Entry> entries() const { return heap_; }
  std::uint64_t turn() const { return turn_; }
  bool restore(std::span<const Entry> entries, std::uint64_t turn) {
    heap_.assign(entries.begin(), entries.end());
    turn_ = turn;
    where_.assign(where_.size(), kOut);
    for (std::uint32_t i = 0; i < heap_.size(); ++i) {
      if (heap_[i].owner >= where_.size() || where_[heap_[i].owner] != kOut || (i > 0 && heap_[i] < heap_[(i - 1) / 4])) return false;
      where_[heap_[i].owner] = i;
    }
    return true;
  }

  // kNever takes the owner out.
  void set(std::uint32_t owner, std::int64_t at) {
    const std::uint32_t slot = where_[owner];
    if (slot == kOut) {
      if (at == kNever) return;
      heap_.push_back({at, turn_++, owner, 0});
      up(static_cast<std::uint32_t>(heap_.size() - 1));
    } else if (at == kNever) {
      remove(slot);
    } else if (heap_[slot].at != at) {
      heap_[slot] = {at, turn_++, owner, 0};
      settle(slot);
    }
  }

 private:
  static constexpr std::uint32_t kOut = 0xffffffffu;
  void place(std::uint32_t slot, const Entry& entry) {
    heap_[slot] = entry;
    where_[entry.owner] = slot;
  }
  void remove(std::uint32_t slot) {
    where_[heap_[slot].owner] = kOut;
    const Entry last = heap_.back();
    heap_.pop_back();
    if (slot == heap_.size()) return;
    place(slot, last);
    settle(slot);
  }
  void settle(std::uint32_t slot) {
    if (slot > 0 && heap_[slot] < heap_[(slot - 1) / 4]) up(slot);
    else down(slot);
  }
  void up(std::uint32_t slot) {
    const Entry entry = heap_[slot];
    while (slot > 0) {
      const std::uint32_t parent = (slot - 1) / 4;
      if (!(entry < heap_[parent])) break;
      place(slot, heap_[parent]);
      slot = parent;
    }
    place(slot, entry);
  }
  void down(std::uint32_t slot) {
    const Entry entry = heap_[slot];
    const auto count = static_cast<std::uint32_t>(heap_.size());
    for (;;) {
      const std::uint32_t child = slot * 4 + 1;
      if (child >= count) break;
      std::uint32_t least = child;
      for (std::uint32_t i = child + 1; i < count && i < child + 4; ++i)
        if (heap_[i] < heap_[least]) least = i;
      if (!(heap_[least] < entry)) break;
      place(slot, heap_[least]);
      slot = least;
    }
    place(slot, entry);
  }
  std::vector<Entry, LargePages<Entry>> heap_;
  std::vector<std::uint32_t, LargePages<std::uint32_t>> where_;
  std::uint64_t turn_ = 0;
};

}  // namespace hotline::acd
