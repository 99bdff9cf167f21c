#include "hotline/expr/value.hpp"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <new>

#include "expr/access.hpp"

namespace hotline::expr {

static_assert(sizeof(Value) == 16);

namespace {

// Shared payloads stand behind their count.
struct alignas(16) Block {
  std::atomic<std::uint32_t> references{1};
};

void* allocate(std::size_t bytes) { return new (::operator new(sizeof(Block) + bytes)) Block + 1; }
Block* block_of(const void* payload) { return static_cast<Block*>(const_cast<void*>(payload)) - 1; }

char* copy_text(std::string_view text) {
  char* payload = static_cast<char*>(allocate(text.size() + 1));
  if (!text.empty()) std::memcpy(payload, text.data(), text.size());
  payload[text.size()] = '\0';
  return payload;
}

// Where keys of different kinds stand among each other; -1 for what cannot be a key.
int key_rank(Kind kind) {
  switch (kind) {
    case Kind::boolean: return 0;
    case Kind::integer:
    case Kind::natural:
    case Kind::real: return 1;
    case Kind::string: return 2;
    default: return -1;
  }
}

std::partial_ordering compare_keys(const Value& a, const Value& b) noexcept {
  const int rank = key_rank(a.kind());
  if (const auto order = rank <=> key_rank(b.kind()); order != 0) return order;
  if (rank == 0) return a.as_bool() <=> b.as_bool();
  if (rank == 1) return compare_numbers(a, b);
  return a.as_string() <=> b.as_string();
}

bool stands_alone(const Value& v) {
  switch (v.kind()) {
    case Kind::string:
    case Kind::bytes: return v.owned();
    case Kind::list: return v.owned() && std::ranges::all_of(v.items(), stands_alone);
    case Kind::map:
      return v.owned() && std::ranges::all_of(v.entries(), [](const Value::Entry& entry) {
               return stands_alone(entry.key) && stands_alone(entry.value);
             });
    default: return true;
  }
}

std::partial_ordering compare(std::int64_t a, double b) {
  if (std::isnan(b)) return std::partial_ordering::unordered;
  if (b >= 0x1p63) return std::partial_ordering::less;
  if (b < -0x1p63) return std::partial_ordering::greater;
  const double whole = std::trunc(b);
  if (const auto order = a <=> static_cast<std::int64_t>(whole); order != 0) return order;
  return 0.0 <=> (b - whole);
}
std::partial_ordering compare(std::uint64_t a, double b) {
  if (std::isnan(b)) return std::partial_ordering::unordered;
  if (b >= 0x1p64) return std::partial_ordering::less;
  if (b < 0) return std::partial_ordering::greater;
  const double whole = std::trunc(b);
  if (const auto order = a <=> static_cast<std::uint64_t>(whole); order != 0) return order;
  return 0.0 <=> (b - whole);
}
std::partial_ordering compare(std::int64_t a, std::uint64_t b) {
  if (a < 0) return std::partial_ordering::less;
  return static_cast<std::uint64_t>(a) <=> b;
}

}  // namespace

Value Access::failure(std::string_view message) {
  Value v(kFailure, 0, true);
  v.text_ = copy_text(message);
  v.size_ = kNowhere;
  return v;
}

std::partial_ordering compare_numbers(const Value& a, const Value& b) noexcept {
  const Kind left = a.kind();
  const Kind right = b.kind();
  if (left == right) {
    if (left == Kind::integer) return a.as_int() <=> b.as_int();
    if (left == Kind::natural) return a.as_uint() <=> b.as_uint();
    return a.as_double() <=> b.as_double();
  }
  if (left == Kind::integer)
    return right == Kind::natural ? compare(a.as_int(), b.as_uint()) : compare(a.as_int(), b.as_double());
  if (left == Kind::natural && right == Kind::real) return compare(a.as_uint(), b.as_double());
  return 0 <=> compare_numbers(b, a);
}

std::size_t count_code_points(std::string_view text) noexcept {
  std::size_t count = 0;
  for (const char c : text) count += (static_cast<unsigned char>(c) & 0xC0) != 0x80;
  return count;
}

void Value::retain() const noexcept { block_of(object_)->references.fetch_add(1, std::memory_order_relaxed); }

void Value::release() noexcept {
  Block* block = block_of(object_);
  if (block->references.fetch_sub(1, std::memory_order_acq_rel) != 1) return;
  if (kind_ == Kind::list) std::destroy_n(const_cast<Value*>(items_), size_);
  if (kind_ == Kind::map) std::destroy_n(const_cast<Entry*>(entries_), size_);
  ::operator delete(block);
}

Value Value::list(std::span<const Value> items) noexcept {
  Value v(Kind::list, 0, false);
  v.items_ = items.data();
  v.size_ = static_cast<std::uint32_t>(items.size());
  return v;
}

Value Value::text(std::string_view text) {
  Value v(Kind::string, text);
  v.text_ = copy_text(text.substr(0, v.size_));
  v.owned_ = true;
  return v;
}

Value Value::own_bytes(std::string_view bytes) {
  Value v = text(bytes);
  v.kind_ = Kind::bytes;
  return v;
}

Value Value::own_list(std::vector<Value> items) {
  Value v(Kind::list, 0, false);
  v.items_ = static_cast<Value*>(allocate(items.size() * sizeof(Value)));
  std::uninitialized_move(items.begin(), items.end(), const_cast<Value*>(v.items_));
  v.size_ = static_cast<std::uint32_t>(items.size());
  v.owned_ = true;
  return v;
}

Result<Value> Value::map(std::vector<Entry> entries) {
  for (const Entry& entry : entries)
    if (key_rank(entry.key.kind()) < 0 || entry.key.kind() == Kind::real)
      return Error(ErrorCode::invalid_argument, "a key of a map cannot be " + std::string(kind_name(entry.key.kind())),
                   "use a string, an int, a uint or a bool");
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return compare_keys(a.key, b.key) < 0; });
  const auto twice = std::adjacent_find(entries.begin(), entries.end(),
                                        [](const Entry& a, const Entry& b) { return compare_keys(a.key, b.key) == 0; });
  if (twice != entries.end())
    return Error(ErrorCode::invalid_argument, "the key " + to_string(twice->key) + " stands twice in a map",
                 "leave one of them out");
  Value v(Kind::map, 0, false);
  v.entries_ = static_cast<Entry*>(allocate(entries.size() * sizeof(Entry)));
  std::uninitialized_move(entries.begin(), entries.end(), const_cast<Entry*>(v.entries_));
  v.size_ = static_cast<std::uint32_t>(entries.size());
  v.owned_ = true;
  return v;
}

Value Value::object(const void* pointer) noexcept {
  Value v(Kind::object, 0, false);
  v.object_ = pointer;
  return v;
}

const Value* Value::find(const Value& key) const noexcept {
  const auto all = entries();
  if (all.empty() || key_rank(key.kind()) < 0) return nullptr;
  const auto at = std::partition_point(all.begin(), all.end(),
                                       [&](const Entry& entry) { return compare_keys(entry.key, key) < 0; });
  return at != all.end() && compare_keys(at->key, key) == 0 ? &at->value : nullptr;
}

Value Value::own() const {
  if (stands_alone(*this)) return *this;
  switch (kind_) {
    case Kind::string: return text(as_string());
    case Kind::bytes: return own_bytes(as_bytes());
    case Kind::list: {
      std::vector<Value> copies;
      copies.reserve(size_);
      for (const Value& item : items()) copies.push_back(item.own());
      return own_list(std::move(copies));
    }
    default: {
      std::vector<Entry> copies;
      copies.reserve(size_);
      for (const Entry& entry : entries()) copies.push_back({entry.key.own(), entry.value.own()});
      return *map(std::move(copies));
    }
  }
}

bool operator==(const Value& a, const Value& b) noexcept {
  if (is_number(a.kind_) && is_number(b.kind_)) return compare_numbers(a, b) == 0;
  if (a.kind_ != b.kind_) return false;
  switch (a.kind_) {
    case Kind::missing:
    case Kind::null: return true;
    case Kind::string:
    case Kind::bytes: return Access::text(a) == Access::text(b);
    case Kind::list: return std::ranges::equal(a.items(), b.items());
    case Kind::map:
      return std::ranges::equal(a.entries(), b.entries(), [](const Value::Entry& x, const Value::Entry& y) {
        return compare_keys(x.key, y.key) == 0 && x.value == y.value;
      });
    case Kind::object: return a.object_ == b.object_;
    default: return a.integer_ == b.integer_;
  }
}

}  // namespace hotline::expr
