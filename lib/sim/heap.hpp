// The event list: a 4-ary heap of 16-byte entries, ties in the order of insertion.
#pragma once

#include <cstdint>
#include <vector>

namespace hotline::sim {

enum class Happening : std::uint32_t {
  arrival,     // index: stream
  talk_ended,  // index: slot
  patience,    // index: slot
  wrapped_up,  // index: slot
  picked_up,   // index: slot
  menu_left,   // index: slot
  callback,    // index: slot
  again,       // index: slot of a citizen who will redial
  interval,    // the next interval of the statistics begins
  staff,       // index: into the timetable
  call,        // index: slot whose flow has something to do
};

struct Entry {
  std::int64_t at;       // ns since the start
  std::uint32_t order;   // insertion, modulo 2^32
  std::uint32_t what;    // Happening << 28 | index
  Happening happening() const { return static_cast<Happening>(what >> 28); }
  std::uint32_t index() const { return what & 0x0fffffffu; }
};

class EventList {
 public:
  bool empty() const { return heap_.empty(); }
  const Entry& top() const { return heap_.front(); }

  void push(std::int64_t at, Happening happening, std::uint32_t index) {
    const Entry entry = make(at, happening, index);
    heap_.push_back(entry);
    std::size_t i = heap_.size() - 1;
    while (i > 0) {
      const std::size_t parent = (i - 1) / 4;
      if (!before(entry, heap_[parent])) break;
      heap_[i] = heap_[parent];
      i = parent;
    }
    heap_[i] = entry;
  }
  void pop() {
    const Entry last = heap_.back();
    heap_.pop_back();
    if (!heap_.empty()) sink(last);
  }
  // pop() and push() in one.
  void replace_top(std::int64_t at, Happening happening, std::uint32_t index) { sink(make(at, happening, index)); }

 private:
  Entry make(std::int64_t at, Happening happening, std::uint32_t index) {
    return {at, order_++, static_cast<std::uint32_t>(happening) << 28 | index};
  }
  static bool before(const Entry& a, const Entry& b) {
    return a.at != b.at ? a.at < b.at : static_cast<std::int32_t>(a.order - b.order) < 0;
  }
  void sink(const Entry& entry) {
    std::size_t i = 0;
    const std::size_t n = heap_.size();
    for (;;) {
      const std::size_t first = 4 * i + 1;
      if (first >= n) break;
      std::size_t least = first;
      const std::size_t end = first + 4 < n ? first + 4 : n;
      for (std::size_t c = first + 1; c < end; ++c)
        if (before(heap_[c], heap_[least])) least = c;
      if (!before(heap_[least], entry)) break;
      heap_[i] = heap_[least];
      i = least;
    }
    heap_[i] = entry;
  }

  std::vector<Entry> heap_;
  std::uint32_t order_ = 0;
};

}  // namespace hotline::sim
