// A program that runs beside us, with its output in a file; ended when it goes out of scope.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"

namespace telephones {

class Program {
 public:
  Program() = default;
  // Errors: unsupported where there is no such program.
  static hotline::Result<Program> start(const std::vector<std::string>& command, const std::string& folder,
                                        const std::string& log);
  Program(Program&& other) noexcept;
  Program& operator=(Program&& other) noexcept;
  ~Program() { end(); }

  bool running();
  // Its exit status (128 + signal), or nothing if it still runs after `timeout`.
  std::optional<int> wait(hotline::Duration timeout);
  // SIGTERM, and SIGKILL two seconds later.
  void end();

 private:
  pid_t child_ = -1;
  int status_ = -1;
};

bool installed(const std::string& program);
// A port p such that p, p+1 and p+2 are free for UDP and TCP on 127.0.0.1.
std::uint16_t three_free_ports();

}  // namespace telephones
