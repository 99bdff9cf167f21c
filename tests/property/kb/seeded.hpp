// How random a run is: the same every time, HOTLINE_SEED's, and longer with HOTLINE_NIGHTLY=1.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>

namespace hotline::kb {

inline std::uint64_t seed() {
  const char* given = std::getenv("HOTLINE_SEED");
  const std::uint64_t value = given != nullptr ? std::strtoull(given, nullptr, 10) : 20261122;
  std::printf("HOTLINE_SEED=%llu\n", static_cast<unsigned long long>(value));
  return value;
}

inline bool nightly() {
  const char* set = std::getenv("HOTLINE_NIGHTLY");
  return set != nullptr && *set == '1';
}

}  // namespace hotline::kb
