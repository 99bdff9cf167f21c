// Sounds for tests: made here, not read.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>

#include "hotline/audio/pcm.hpp"
#include "hotline/base/random.hpp"

namespace hotline::audio::test {

inline Samples noise(std::size_t n, int amplitude, std::uint64_t seed = 1) {
  Random random(seed);
  Samples out(n);
  for (auto& s : out) s = static_cast<std::int16_t>(random.uniform() * 2 * amplitude - amplitude);
  return out;
}

// A folder that goes away.
class Folder {
 public:
  Folder() {
    std::string name = std::filesystem::temp_directory_path() / "hotline-XXXXXX";
    path_ = ::mkdtemp(name.data());
  }
  ~Folder() {
    std::error_code ignored;
    if (std::getenv("HOTLINE_KEEP") == nullptr) std::filesystem::remove_all(path_, ignored);
  }
  std::string operator/(const std::string& name) const { return path_ + "/" + name; }
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

}  // namespace hotline::audio::test
