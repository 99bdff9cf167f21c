// Sound files from anybody.
#include "hotline/audio/file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 1 << 16) return 0;
  (void)hotline::audio::read_sound_bytes({reinterpret_cast<const char*>(data), size});
  return 0;
}
