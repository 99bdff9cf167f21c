#include "kb/terms.hpp"

#include <algorithm>
#include <cmath>

namespace hotline::kb {

void TermCounter::count(std::uint64_t key, std::uint32_t units) {
  if (used_ * 2 >= table_.size()) grow();
  const std::size_t mask = table_.size() - 1;
  for (std::size_t i = (key >> 8) & mask;; i = (i + 1) & mask) {
    auto& [k, n] = table_[i];
    if (n == 0) {
      k = key;
      n = units;
      ++used_;
      return;
    }
    if (k == key) {
      n += units;
      return;
    }
  }
}

void TermCounter::grow() {
  auto old = std::move(table_);
  table_.assign(std::max<std::size_t>(1024, old.size() * 2), {0, 0});
  used_ = 0;
  for (const auto& [key, n] : old)
    if (n != 0) count(key, n);
}

void TermCounter::add(std::string_view text, FieldWeight weight) {
  if (text.empty()) return;
  analyzer_.analyse(text, analysis_);
  const auto units = static_cast<std::uint32_t>(weight);
  for (const text::Token& token : analysis_.tokens) {
    count(token.key, units);
    length_[static_cast<std::size_t>(token.stream)] += units;
  }
}

void TermCounter::add_key(std::uint64_t key, FieldWeight weight) { count(key, static_cast<std::uint32_t>(weight)); }

DocumentTerms TermCounter::take() {
  DocumentTerms out;
  out.terms.reserve(used_);
  for (auto& [key, n] : table_)
    if (n != 0) {
      out.terms.push_back({key, static_cast<std::uint8_t>(std::min<std::uint32_t>(n, 255))});
      n = 0;
    }
  if (table_.size() > 65536) table_.clear(), table_.shrink_to_fit();
  used_ = 0;
  out.length = length_;
  length_ = {};
  return out;
}

std::uint8_t length_code(std::uint32_t half_units) {
  return static_cast<std::uint8_t>(std::min(255.0, std::round(std::log2(half_units + 1.0) * 16)));
}

std::uint32_t decoded_length(std::uint8_t code) {
  return static_cast<std::uint32_t>(std::lround(std::exp2(code / 16.0) - 1));
}

}  // namespace hotline::kb
