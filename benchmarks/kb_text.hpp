// What the benchmarks of the knowledge base share: text as if written, and options of the command line.
#pragma once

#include <cmath>
#include <optional>
#include <string>
#include <string_view>

#include "hotline/base/random.hpp"

namespace bench {

// Characters as rare as in a real text: the n-th is drawn about as 1/n.
inline std::string text(hotline::Random& random, std::size_t length) {
  std::string out;
  for (std::size_t i = 0; i < length; ++i) {
    const auto rank = static_cast<std::uint32_t>(std::pow(3000.0, random.uniform()));
    const std::uint32_t c = 0x4E00 + rank * 5 % 20000;
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 63));
    out += static_cast<char>(0x80 | (c & 63));
    if (i % 17 == 16) out += "，";
  }
  return out;
}

// The value of --name=value.
inline std::optional<std::string> option(int argc, char** argv, std::string_view name) {
  for (int i = 1; i < argc; ++i) {
    const std::string_view given = argv[i];
    if (given.size() > name.size() && given.starts_with(name) && given[name.size()] == '=') return std::string(given.substr(name.size() + 1));
  }
  return std::nullopt;
}

}  // namespace bench
