// From the words of a flow to sound: recorded files where there are some, speech synthesis elsewhere.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "hotline/audio/telephony.hpp"

namespace hotline::center {

// One piece to be spoken, as ivr::Part has it, but owning its texts.
struct Utterance {
  std::string language;  // BCP 47
  std::string text;      // numbers already in words
  std::string file;      // a recording that replaces the text, where it exists
  Duration silence{};
  int rate_percent = 100;
};

// Synchronised. An implementation may take its time on a thread of its own.
class Speech {
 public:
  using Done = std::function<void(std::vector<audio::Clip>)>;
  virtual ~Speech() = default;
  // Calls `done` once, on any thread. A piece that cannot be spoken becomes a short silence, never an error:
  // a caller must not be cut off because a voice is missing.
  virtual void prepare(std::vector<Utterance> pieces, Done done) = 0;
};

}  // namespace hotline::center
