// Times of day as text: "09:00", "17:30:15", "24:00".
#pragma once

#include <cstdint>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

namespace hotline::workflow {

inline std::optional<std::int32_t> read_clock(std::string_view text) {
  if ((text.size() != 5 && text.size() != 8) || text[2] != ':' || (text.size() == 8 && text[5] != ':'))
    return std::nullopt;
  std::int32_t part[3] = {};
  for (std::size_t i = 0; i < text.size(); i += 3) {
    for (std::size_t j = i; j < i + 2; ++j) {
      if (text[j] < '0' || text[j] > '9') return std::nullopt;
      part[i / 3] = part[i / 3] * 10 + (text[j] - '0');
    }
  }
  const std::int32_t second = part[0] * 3600 + part[1] * 60 + part[2];
  if (part[1] > 59 || part[2] > 59 || second > 86400) return std::nullopt;
  return second;
}

inline std::string write_clock(std::int32_t second) {
  char out[16];
  std::snprintf(out, sizeof out, second % 60 == 0 ? "%02d:%02d" : "%02d:%02d:%02d", second / 3600, second / 60 % 60,
                second % 60);
  return out;
}

}  // namespace hotline::workflow
