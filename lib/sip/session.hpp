// The sound of one call: what is heard, said, recorded, keyed. Belongs to one pacer, which ticks it each 20 ms.
#pragma once

#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "address.hpp"
#include "conference.hpp"
#include "hotline/audio/telephony.hpp"
#include "hotline/audio/tones.hpp"
#include "jitter.hpp"
#include "rtp.hpp"
#include "sdp.hpp"
#include "sockets.hpp"
#include "writer.hpp"

namespace hotline::sip {

// What sessions share.
struct MediaShared {
  std::function<void(audio::TelephonyEvent)> emit;
  std::function<void(audio::LegId)> silent;  // nothing was heard of it for `silent_frames`
  std::uint32_t jitter = 3 * JitterBuffer::kFrame;  // samples
  std::uint64_t silent_frames = 0;           // 0: never
  DiskWriter writer;
};

// Lives until the last recording of a call is on the disk; its end tells that nothing more comes of the call.
using Lifeline = std::shared_ptr<void>;

// Confined to its pacer once added; what others want done is posted to the pacer.
class Session {
 public:
  static constexpr std::size_t kFrame = 160;
  using Frame = std::array<std::int16_t, kFrame>;

  Session(audio::LegId leg, SocketPair sockets, MediaShared& shared, std::uint32_t seed);

  std::uint16_t port() const { return sockets_.port(); }  // any thread
  audio::LegId leg() const { return leg_; }

  void tick(RtpReader& reader);

  void set_lifeline(Lifeline lifeline) { lifeline_ = std::move(lifeline); }
  void agree(const Agreement& agreement);  // addresses, codec, hold
  void start() { running_ = true; }
  void play(std::vector<audio::Clip> clips, std::uint64_t play);
  void stop_play();
  void record(audio::RecordOptions options);
  void stop_record();
  void record_call(std::string path);
  void send_keys(const std::string& keys);
  void key(char key, audio::DigitSource source, Duration held);  // one was pressed there
  void join(std::shared_ptr<Conference> conference, Conference::Role role, audio::LegId target);
  void leave();
  const std::shared_ptr<Conference>& conference() const { return conference_; }
  // Ends plays and recordings with their events and lets go of the lifeline.
  void close();
  bool closed() const { return closed_; }

 private:
  struct Play {
    std::vector<audio::Clip> clips;
    std::uint64_t number;
    std::size_t clip = 0;
    std::size_t at = 0;      // samples into the clip
    std::size_t played = 0;  // samples in all
  };
  struct Recording {
    audio::RecordOptions options;
    std::shared_ptr<DiskWriter::Job> job;
    std::shared_ptr<char> ended_by;
    audio::SilenceDetector silence;
    std::size_t beep_left = 0;
    std::size_t samples = 0;
  };

  void receive(const RtpPacket& packet, const Address& from);
  bool listen(Frame& heard);  // false: nothing there

  void record_frame(const Frame& heard);
  void end_recording(char by);
  void say(Frame& out);
  bool next_samples(Play& play, std::span<std::int16_t> out, std::size_t& filled);
  void end_play(bool complete);
  bool send_key_packet();
  void send(const RtpPacket& packet);
  void send_frame(const Frame& out);
  void send_report();

  audio::LegId leg_;
  SocketPair sockets_;
  MediaShared& shared_;
  Lifeline lifeline_;
  bool running_ = false, closed_ = false, held_ = false;
  Agreement agreement_;
  SourceGuard source_;
  JitterBuffer jitter_;
  EventReceiver events_;
  std::unique_ptr<audio::DtmfDetector> detector_;
  std::uint64_t quiet_frames_ = 0;
  bool heard_before_ = false;
  Frame last_heard_{};

  std::deque<Play> plays_;
  std::unique_ptr<Recording> recording_;
  std::shared_ptr<DiskWriter::Job> call_recording_;
  std::shared_ptr<Conference> conference_;

  std::deque<char> keys_;      // to be sent as RFC 4733
  audio::Samples tone_keys_;   // to be sent in-band
  std::size_t tone_at_ = 0;
  struct Sending {
    int code = -1;
    std::uint32_t timestamp = 0;
    std::uint16_t duration = 0;
    int pause = 0;
  } sending_;

  std::uint32_t ssrc_, timestamp_;
  std::uint16_t sequence_;
  bool marker_ = true;
  std::uint32_t packets_ = 0, bytes_ = 0;
  std::uint64_t frames_ = 0;
};

}  // namespace hotline::sip
