// The variables of one session, in 16 bytes each: texts of up to 15 bytes lie inside, longer ones on the heap.
#pragma once

#include <cstddef>
#include <cstdint>

#include "hotline/ivr/value.hpp"

namespace hotline::ivr {

// A value type. Confined. What get() gives lives until that slot is set.
class Slots {
 public:
  Slots() = default;
  Slots(const Slots& other);
  Slots(Slots&& other) noexcept;
  Slots& operator=(Slots other) noexcept;
  ~Slots();

  // `count` slots that hold nothing; what was there is gone.
  void reset(std::size_t count);
  std::size_t size() const { return size_; }
  ValueView get(std::size_t at) const;
  // The text of a slot; "" where it holds none.
  std::string_view text(std::size_t at) const;
  // A text may be the slot's own, or a part of it.
  void set(std::size_t at, const ValueView& value);
  // On the heap.
  std::size_t bytes() const;

 private:
  struct Slot;
  Slot* slots_ = nullptr;  // owned
  std::size_t size_ = 0;
};

}  // namespace hotline::ivr
