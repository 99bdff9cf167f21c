// Any events at any time: see tests/property/ivr/random_session.hpp for what must hold.
#include <cstddef>
#include <cstdint>

#include "../property/ivr/random_session.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  hotline::ivr::testing::RandomSession call;
  call.begin(size);
  for (std::size_t i = 0; i + 1 < size; i += 2) call.event(data[i], data[i + 1]);
  if (size > 0 && data[0] == 255)
    (void)hotline::ivr::Session::restore(hotline::ivr::testing::fuzz_flow("1"), {reinterpret_cast<const char*>(data) + 1, size - 1});
  return 0;
}
