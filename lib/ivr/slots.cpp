#include "hotline/ivr/slots.hpp"

#include <cstdlib>
#include <cstring>
#include <new>
#include <utility>

namespace hotline::ivr {

// `kind` 0..15 is the length of a text inside; then the other kinds. A long text is a block of its capacity (4 bytes) and
// bytes; its pointer and length lie where a short one would.
struct Slots::Slot {
  static constexpr std::uint8_t kNothing = 16, kNo = 17, kYes = 18, kWhole = 19, kReal = 20, kLong = 21;
  static constexpr std::size_t kInside = 15;
  char bytes[15];
  std::uint8_t kind = kNothing;

  template <class T>
  T load(std::size_t at = 0) const {
    T value;
    std::memcpy(&value, bytes + at, sizeof value);
    return value;
  }
  template <class T>
  void store(const T& value, std::size_t at = 0) { std::memcpy(bytes + at, &value, sizeof value); }

  char* block() const { return load<char*>(); }
  std::uint32_t capacity() const {
    std::uint32_t value;
    std::memcpy(&value, block(), sizeof value);
    return value;
  }
  void drop() {
    if (kind == kLong) std::free(block());
    kind = kNothing;
  }
  std::string_view text() const {
    if (kind <= kInside) return {bytes, kind};
    if (kind == kLong) return {block() + 4, load<std::uint32_t>(8)};
    return {};
  }
  void set_text(std::string_view text) {
    const auto length = static_cast<std::uint32_t>(text.size());
    if (kind == kLong && length > kInside && length <= capacity()) {
      std::memmove(block() + 4, text.data(), length);
      store(length, 8);
      return;
    }
    if (length <= kInside) {
      char copy[kInside];  // the text may lie in the block that is dropped, or here
      text.copy(copy, length);
      drop();
      std::memcpy(bytes, copy, length);
      kind = static_cast<std::uint8_t>(length);
      return;
    }
    const std::uint32_t room = (length + 31) / 16 * 16;
    char* fresh = static_cast<char*>(std::malloc(room + 4));
    if (fresh == nullptr) throw std::bad_alloc();
    std::memcpy(fresh, &room, sizeof room);
    std::memcpy(fresh + 4, text.data(), length);
    drop();
    store(fresh);
    store(length, 8);
    kind = kLong;
  }
};

Slots::Slots(const Slots& other) {
  reset(other.size_);
  for (std::size_t i = 0; i < size_; ++i) set(i, other.get(i));
}
Slots::Slots(Slots&& other) noexcept : slots_(std::exchange(other.slots_, nullptr)), size_(std::exchange(other.size_, 0)) {}
Slots& Slots::operator=(Slots other) noexcept {
  std::swap(slots_, other.slots_);
  std::swap(size_, other.size_);
  return *this;
}
Slots::~Slots() {
  for (std::size_t i = 0; i < size_; ++i) slots_[i].drop();
  delete[] slots_;
}

void Slots::reset(std::size_t count) {
  static_assert(sizeof(Slot) == 16);
  for (std::size_t i = 0; i < size_; ++i) slots_[i].drop();
  if (count == size_) return;
  delete[] std::exchange(slots_, nullptr);
  size_ = 0;
  slots_ = new Slot[count];
  size_ = count;
}

ValueView Slots::get(std::size_t at) const {
  const Slot& slot = slots_[at];
  switch (slot.kind) {
    case Slot::kNothing: return {};
    case Slot::kNo: return false;
    case Slot::kYes: return true;
    case Slot::kWhole: return slot.load<std::int64_t>();
    case Slot::kReal: return slot.load<double>();
    default: return slot.text();
  }
}

std::string_view Slots::text(std::size_t at) const { return slots_[at].text(); }

void Slots::set(std::size_t at, const ValueView& value) {
  Slot& slot = slots_[at];
  if (const auto* text = std::get_if<std::string_view>(&value)) return slot.set_text(*text);
  slot.drop();
  if (const auto* flag = std::get_if<bool>(&value)) slot.kind = *flag ? Slot::kYes : Slot::kNo;
  else if (const auto* whole = std::get_if<std::int64_t>(&value)) slot.store(*whole), slot.kind = Slot::kWhole;
  else if (const auto* real = std::get_if<double>(&value)) slot.store(*real), slot.kind = Slot::kReal;
}

std::size_t Slots::bytes() const {
  std::size_t total = size_ * sizeof(Slot);
  for (std::size_t i = 0; i < size_; ++i)
    if (slots_[i].kind == Slot::kLong) total += slots_[i].capacity() + 4;
  return total;
}

}  // namespace hotline::ivr
