// sipp as a caller: one scripted call with real sound, or many at once.
#pragma once

#include <string>
#include <vector>

#include "hotline/audio/pcm.hpp"
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

  // A caller who plays sipp's own recordings of speech and keys: `steps` are "speech 2000" (ms of it, 8000 at
  // most), "wait 500", a key ("1", "#"), or "file NAME 2000": a pcap of the folder (write_pcap).
  struct Script {
    std::vector<std::string> steps;
    bool offers = true;       // false: the INVITE has no description, the ACK has (late offer)
    bool keys_as_events = true;  // false: the description has no telephone-event
    bool hangs_up = true;     // false: waits for the other side's BYE
  };
  static std::string scripted(const Script& script);
  // A-law RTP as a capture that sipp plays, in packets of `packet` samples.
  static hotline::Status write_pcap(const std::string& path, hotline::audio::SampleView sound, std::size_t packet = 160);

 private:
  Options options_;
  Program program_;
};

}  // namespace telephones
