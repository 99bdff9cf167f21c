// The commands that were done, by their clients' ids: the last 65,536, the oldest forgotten first. A ring of records and
// an open-addressed index over it; nothing is allocated before the first id.
#pragma once

#include <cstdint>
#include <vector>

namespace hotline::acd {

class Seen {
 public:
  struct Record {
    std::uint64_t id = 0;
    std::uint64_t body = 0;     // a hash of the command's fields
    std::uint64_t contact = 0;  // what it gave
  };
  static constexpr std::uint32_t kKept = 65536;

  const Record* find(std::uint64_t id) const {
    if (ring_.empty()) return nullptr;
    for (std::uint32_t slot = home(id); index_[slot] != kEmpty; slot = (slot + 1) & kMask)
      if (ring_[index_[slot]].id == id) return &ring_[index_[slot]];
    return nullptr;
  }
  void add(const Record& record) {
    if (index_.empty()) index_.assign(kMask + 1, kEmpty);
    std::uint32_t at = next_;
    if (ring_.size() < kKept) {
      ring_.push_back(record);
    } else {
      erase(ring_[at].id);
      ring_[at] = record;
    }
    next_ = (next_ + 1) % kKept;
    std::uint32_t slot = home(record.id);
    while (index_[slot] != kEmpty) slot = (slot + 1) & kMask;
    index_[slot] = at;
  }
  // Oldest first.
  std::vector<Record> list() const {
    std::vector<Record> all;
    const std::size_t start = ring_.size() < kKept ? 0 : next_;
    for (std::size_t i = 0; i < ring_.size(); ++i) all.push_back(ring_[(start + i) % ring_.size()]);
    return all;
  }

 private:
  static constexpr std::uint32_t kMask = 2 * kKept - 1, kEmpty = 0xffffffffu;
  static std::uint32_t home(std::uint64_t id) { return static_cast<std::uint32_t>(id * 0x9E3779B97F4A7C15ull >> 40) & kMask; }
  void erase(std::uint64_t id) {
    std::uint32_t slot = home(id);
    while (ring_[index_[slot]].id != id) slot = (slot + 1) & kMask;
    for (std::uint32_t next = slot;;) {  // close the gap, so that no search stops short
      index_[slot] = kEmpty;
      for (;;) {
        next = (next + 1) & kMask;
        if (index_[next] == kEmpty) return;
        const std::uint32_t wants = home(ring_[index_[next]].id);
        if (((next - wants) & kMask) >= ((next - slot) & kMask)) break;
      }
      index_[slot] = index_[next];
      slot = next;
    }
  }
  std::vector<Record> ring_;
  std::vector<std::uint32_t> index_;
  std::uint32_t next_ = 0;
};

}  // namespace hotline::acd
