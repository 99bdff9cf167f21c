// sipp as a caller: one scripted call with real sound, or many at once.
#pragma once

#include <string>
#include <vector>

#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"
#include "telephones/program.hpp"

namespace telephones {

class SippCaller {
 public:
  struct Options {
    std::string folder;              // created; keeps scenario, log, statistics
    std::string target;              // "127.0.0.1:5060"
    std::string number = "12345";
    std::string scenario;            // the text of a scenario; "" is sipp's built-in caller
    int calls = 1;
    double per_second = 10;
    int at_once = 10;
    hotline::Duration hold{2'000'000'000};  // how long the built-in caller stays
    bool tcp = false;
    std::vector<std::string> more;   // further arguments
    std::string program = "sipp";
  };
  struct Figures {
    int exit_status = -1;  // 0: every call went as the scenario says
    long successful = 0, failed = 0, retransmissions = 0;
  };
  // Starts calling. Errors: unsupported (not installed), io.
  static hotline::Result<SippCaller> start(Options options);
  // Waits for the end. Errors: timed_out.
  hotline::Result<Figures> wait(hotline::Duration timeout);

  // A caller who plays sipp's own recordings of speech and keys: `steps` are "speech", "wait 500" (ms) or a key
  // ("1", "#"). Ends with BYE, or waits for the other side's BYE where `hangs_up` is false.
  static std::string scripted(const std::vector<std::string>& steps, bool hangs_up = true);

 private:
  Options options_;
  Program program_;
};

}  // namespace telephones
