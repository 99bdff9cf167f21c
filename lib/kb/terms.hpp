// The terms of a document, counted, ready for the index.
#pragma once

#include <array>
#include <cstdint>
#include <string_view>
#include <vector>

#include "hotline/text/analysis.hpp"

namespace hotline::kb {

constexpr std::size_t kStreams = 4;
using text::Stream;

constexpr Stream stream_of(std::uint64_t key) { return static_cast<Stream>(key & 3); }

// Weights of fields in half units: a word of the title counts one and a half times.
enum class FieldWeight : std::uint8_t { body = 2, keywords = 3, title = 3 };

struct TermCount {
  std::uint64_t key = 0;
  std::uint8_t count = 0;  // half units, capped
};

struct DocumentTerms {
  std::vector<TermCount> terms;                    // each key once
  std::array<std::uint32_t, kStreams> length{};    // half units
};

// Confined; reuses its memory.
class TermCounter {
 public:
  explicit TermCounter(text::Analyzer& analyzer) : analyzer_(analyzer) {}
  void add(std::string_view text, FieldWeight weight);
  void add_key(std::uint64_t key, FieldWeight weight);
  // The terms so far; the counter is empty again.
  DocumentTerms take();

 private:
  void count(std::uint64_t key, std::uint32_t units);
  void grow();
  text::Analyzer& analyzer_;
  text::Analysis analysis_;
  std::vector<std::pair<std::uint64_t, std::uint32_t>> table_;  // open addressing; count 0 is free
  std::size_t used_ = 0;
  std::array<std::uint32_t, kStreams> length_{};
};

// A document's length in a byte, and back: steps of 4 %.
std::uint8_t length_code(std::uint32_t half_units);
std::uint32_t decoded_length(std::uint8_t code);

}  // namespace hotline::kb
