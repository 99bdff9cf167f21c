// What a telephony adapter (SIP, FastAGI, ESL, a fake) offers to a host: legs, and what can be done with them.
//
// A leg is one party's connection. The host gives commands; the adapter answers with events, later, on its
// own thread. Commands never block and never fail at once: what cannot be done comes back as an event.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <variant>
#include <vector>

#include "hotline/audio/pcm.hpp"
#include "hotline/base/id.hpp"
#include "hotline/base/json.hpp"
#include "hotline/base/time.hpp"

namespace hotline::audio {

struct LegTag;
using LegId = Id<LegTag>;

// Something to play: samples, or silence where `pcm` is empty.
struct Clip {
  Pcm pcm;
  Duration silence{};
};

enum class DigitSource : std::uint8_t { rfc4733, inband, sip_info };

struct RecordOptions {
  std::string path;          // WAV A-law; its header is right at any moment, so that a crash loses nothing
  Duration max{180'000'000'000};
  Duration end_silence{};    // 0: silence does not end it
  std::string terminators;   // keys that end it; they are reported as `ended_by`, not as digits
  bool beep = true;          // a tone first, not recorded
};

namespace event {
struct Incoming { LegId leg; std::string from, to, call_id; };  // to be answered, or refused by hang_up
struct Ringing { LegId leg; };
struct Answered { LegId leg; };                                  // an outgoing leg; or ours, media is up
struct Digit { LegId leg; char key; DigitSource source; Duration held; };
struct Played { LegId leg; std::uint64_t play; bool complete; Duration position; };  // every play ends with one
struct Recorded { LegId leg; std::string path; Duration length; char ended_by; };  // key, 's' silence, 'm' max, 'h' hang-up, 'x' stopped, 'e' error
struct Transferred { LegId leg; bool ok; int status; };
struct Held { LegId leg; bool held; };                            // the party put us on hold, or took us off it
struct TransferAsked { LegId leg; std::string to; };               // the party asks that its peer be connected to `to`
struct HungUp { LegId leg; int status; std::string reason; };    // last event of a leg; status as in SIP (200 normal)
}  // namespace event
using TelephonyEvent = std::variant<event::Incoming, event::Ringing, event::Answered, event::Digit, event::Played,
                                    event::Recorded, event::Transferred, event::Held, event::TransferAsked,
                                    event::HungUp>;

// Events as text, for journals and the other languages: "digit" {"leg":7,"key":"1","source":"rfc4733","held":120000000}.
std::string_view event_name(const TelephonyEvent& event);
LegId event_leg(const TelephonyEvent& event);
void write_fields(const TelephonyEvent& event, JsonWriter& json);  // into an object that is open
std::string to_json(const TelephonyEvent& event);                  // {"type":"digit","leg":7, ...}

// Synchronised: commands from any thread; events arrive on the adapter's threads, in order for each leg.
class Telephony {
 public:
  using Sink = std::function<void(TelephonyEvent)>;
  virtual ~Telephony() = default;

  virtual void answer(LegId leg) = 0;
  // A new outgoing leg, known at once by its id; then Ringing, Answered or HungUp.
  virtual LegId dial(const std::string& to, const std::string& caller_id, Duration ring_timeout) = 0;
  // Plays in order, after what plays already. `play` is the caller's number for the Played event.
  virtual void play(LegId leg, std::vector<Clip> clips, std::uint64_t play) = 0;
  virtual void stop_play(LegId leg) = 0;
  virtual void record(LegId leg, RecordOptions options) = 0;
  virtual void stop_record(LegId leg) = 0;
  // Records both parties of a leg from now on (mixed) until it ends or stop_record: quality and evidence.
  virtual void record_call(LegId leg, std::string path) = 0;
  virtual void bridge(LegId a, LegId b) = 0;
  virtual void unbridge(LegId leg) = 0;
  // Joins a supervisor's leg to a bridged leg: hears both; speaks to nobody, to `leg` only, or to both.
  enum class Join : std::uint8_t { listen, whisper, barge };
  virtual void join(LegId supervisor, LegId leg, Join mode) = 0;
  virtual void send_digits(LegId leg, std::string digits) = 0;
  virtual void transfer(LegId leg, const std::string& to) = 0;  // REFER: the switch takes it over
  virtual void hang_up(LegId leg, int status = 200) = 0;        // before the answer: refuses with the status
};

}  // namespace hotline::audio
