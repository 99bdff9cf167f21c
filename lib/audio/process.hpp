// One short-lived program: bytes in, bytes out, with a deadline.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"

namespace hotline::audio {

struct ProcessOutput {
  int exit_status = -1;  // 128 + signal where a signal ended it
  std::string out, err;
};
// Errors: unsupported (no such program), timed_out (killed), limit (more than `most` bytes), io.
Result<ProcessOutput> run_process(const std::vector<std::string>& command, std::string_view input, Duration timeout,
                                  std::size_t most = 256 << 20);

}  // namespace hotline::audio
