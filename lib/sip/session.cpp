#include "session.hpp"

#include <algorithm>
#include <chrono>

namespace hotline::sip {

using namespace audio;

namespace {

constexpr std::uint16_t kKeySamples = 8 * Session::kFrame;  // 160 ms a key
constexpr int kKeyPause = 4;                                // frames between two keys
constexpr std::uint64_t kReportEvery = 250;                 // frames: 5 s

std::uint64_t ntp_now() {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  const auto ns = std::chrono::duration_cast<std::chrono::nanoseconds>(now).count();
  const auto seconds = static_cast<std::uint64_t>(ns / 1'000'000'000) + 2'208'988'800ull;
  const auto fraction = (static_cast<std::uint64_t>(ns % 1'000'000'000) << 32) / 1'000'000'000;
  return seconds << 32 | fraction;
}

}  // namespace

Session::Session(LegId leg, SocketPair sockets, MediaShared& shared, std::uint32_t seed)
    : leg_(leg), sockets_(std::move(sockets)), shared_(shared), jitter_(shared.jitter), ssrc_(seed), timestamp_(seed * 2654435761u),
      sequence_(static_cast<std::uint16_t>(seed >> 7)) {}

void Session::agree(const Agreement& agreement) {
  agreement_ = agreement;
  held_ = !agreement.we_send || !agreement.we_receive;
  source_.expect(Address::from(agreement.address, agreement.port).value_or(Address{}));
  // Where RFC 4733 is spoken, tones in the sound are its echo: every key would count twice.
  if (agreement.event_type >= 0) detector_.reset();
  else if (!detector_)
    detector_ = std::make_unique<DtmfDetector>([this](char k, Duration held) { key(k, DigitSource::inband, held); });
}

void Session::receive(const RtpPacket& packet, const Address& from) {
  const bool is_event = agreement_.event_type >= 0 && packet.payload_type == agreement_.event_type;
  if (!is_event && packet.payload_type != agreement_.payload_type) {
    if (source_.target() && from == source_.target()) quiet_frames_ = 0;  // comfort noise and the like: somebody is there
    return;
  }
  if (source_.judge(from, packet.ssrc, packet.sequence) != SourceGuard::Verdict::accept) return;
  quiet_frames_ = 0;
  if (!is_event) return jitter_.put(packet.ssrc, packet.timestamp, packet.payload);
  if (const auto event = parse_event(packet.payload))
    if (const auto done = events_.take(packet.timestamp, *event)) key(done->key, DigitSource::rfc4733, done->held);
}

bool Session::listen(Frame& heard) {
  std::array<std::uint8_t, kFrame> bytes;
  bytes.fill(g711_silence(agreement_.law));
  const std::size_t found = jitter_.get(bytes);
  if (found > 0) {
    decode_g711(agreement_.law, bytes, heard);
    last_heard_ = heard;
  } else if (heard_before_) {
    for (std::size_t i = 0; i < kFrame; ++i) heard[i] = static_cast<std::int16_t>(last_heard_[i] / 2);  // one lost frame
  } else {
    heard.fill(0);
  }
  heard_before_ = found > 0;
  if (detector_) {
    if (found == 0) detector_->lost(kFrame);
    else detector_->feed(heard);
  }
  return found > 0;
}

void Session::key(char k, DigitSource source, Duration held) {
  if (recording_ && recording_->beep_left == 0 && recording_->options.terminators.find(k) != std::string::npos)
    return end_recording(k);
  shared_.emit(event::Digit{leg_, k, source, held});
}

void Session::tick(RtpReader& reader) {
  if (closed_) return;
  if (!running_) {
    reader.drain(sockets_.rtp(), [](Bytes, const Address&) {});
    return;
  }
  reader.drain(sockets_.rtp(), [&](Bytes bytes, const Address& from) {
    if (const auto packet = parse_rtp(bytes)) receive(*packet, from);
  });
  source_.tick();
  if (!held_ && ++quiet_frames_ == shared_.silent_frames) shared_.silent(leg_);
  if (const auto done = events_.tick(kFrame)) key(done->key, DigitSource::rfc4733, done->held);
  Frame heard, out{};
  listen(heard);
  if (recording_) record_frame(heard);
  if (conference_) conference_->exchange(leg_, heard, out);
  say(out);
  if (agreement_.we_send) {
    if (!send_key_packet()) send_frame(out);
  }
  timestamp_ += kFrame;
  if (call_recording_) {
    mix_into(heard, out);
    call_recording_->append(heard);
  }
  if (++frames_ % kReportEvery == 0) {
    send_report();
    // Who is silent but reports is still there.
    reader.drain(sockets_.rtcp(), [&](Bytes, const Address& from) {
      if (source_.target() && from.same_host(source_.target())) quiet_frames_ = 0;
    });
  }
}

// --- saying ---

bool Session::next_samples(Play& play, std::span<std::int16_t> out, std::size_t& filled) {
  while (play.clip < play.clips.size()) {
    const Clip& clip = play.clips[play.clip];
    const std::size_t size = clip.pcm ? clip.pcm->size() : samples_in(clip.silence);
    const std::size_t n = std::min(size - play.at, out.size() - filled);
    if (clip.pcm) mix_into(out.subspan(filled, n), SampleView(*clip.pcm).subspan(play.at, n));
    play.at += n;
    play.played += n;
    filled += n;
    if (play.at < size) return true;
    ++play.clip;
    play.at = 0;
  }
  return false;
}

void Session::say(Frame& out) {
  std::size_t filled = 0;
  while (!plays_.empty() && filled < kFrame) {
    if (next_samples(plays_.front(), out, filled)) break;
    end_play(true);
  }
  if (tone_at_ < tone_keys_.size()) {
    const std::size_t n = std::min(kFrame, tone_keys_.size() - tone_at_);
    out.fill(0);
    std::copy_n(tone_keys_.begin() + static_cast<std::ptrdiff_t>(tone_at_), n, out.begin());
    tone_at_ += n;
  }
  if (recording_ && recording_->beep_left > 0) {
    const Samples& sound = *beep();
    const std::size_t at = sound.size() - recording_->beep_left, n = std::min(kFrame, recording_->beep_left);
    mix_into(out, SampleView(sound).subspan(at, n));
    recording_->beep_left -= n;
  }
}

void Session::play(std::vector<Clip> clips, std::uint64_t number) {
  if (closed_) return;
  plays_.push_back({std::move(clips), number});
}

void Session::end_play(bool complete) {
  const Play done = std::move(plays_.front());
  plays_.pop_front();
  shared_.emit(event::Played{leg_, done.number, complete, length_of(done.played)});
}

void Session::stop_play() {
  while (!plays_.empty()) end_play(false);
}

void Session::send_keys(const std::string& keys) {
  if (agreement_.event_type >= 0) {
    for (const char k : keys)
      if (code_of(k) >= 0 || k == 'w' || k == ',') keys_.push_back(k);
    return;
  }
  tone_keys_.erase(tone_keys_.begin(), tone_keys_.begin() + static_cast<std::ptrdiff_t>(tone_at_));
  tone_at_ = 0;
  const Samples more = dtmf(keys);
  tone_keys_.insert(tone_keys_.end(), more.begin(), more.end());
}

bool Session::send_key_packet() {
  Sending& s = sending_;
  if (s.code < 0) {
    if (s.pause > 0) {
      --s.pause;
      return false;
    }
    if (keys_.empty()) return false;
    const char k = keys_.front();
    keys_.pop_front();
    if (code_of(k) < 0) {
      s.pause = 25;
      return false;
    }
    s = {code_of(k), timestamp_, 0, 0};
  }
  const bool first = s.duration == 0;
  s.duration = static_cast<std::uint16_t>(s.duration + kFrame);
  const bool end = s.duration >= kKeySamples;
  std::array<std::uint8_t, 4> payload;
  write_event(payload, {static_cast<std::uint8_t>(s.code), end, s.duration});
  const auto type = static_cast<std::uint8_t>(agreement_.event_type);
  for (int copy = 0; copy < (end ? 3 : 1); ++copy) send({first, type, sequence_++, s.timestamp, ssrc_, payload});
  if (end) s = {-1, 0, 0, kKeyPause};
  return true;
}

void Session::send(const RtpPacket& packet) {
  const Address& to = source_.target();
  if (!to) return;
  std::array<std::uint8_t, kRtpHeader + kFrame> bytes;
  const std::size_t size = write_rtp(bytes, packet);
  (void)::sendto(sockets_.rtp(), bytes.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL, to.get(), to.size);
  ++packets_;
  bytes_ += static_cast<std::uint32_t>(packet.payload.size());
}

void Session::send_frame(const Frame& out) {
  std::array<std::uint8_t, kFrame> payload;
  encode_g711(agreement_.law, out, payload);
  send({marker_, agreement_.payload_type, sequence_++, timestamp_, ssrc_, payload});
  marker_ = false;
}

void Session::send_report() {
  const Address& to = source_.target();
  if (!to || to.port() == 65535) return;
  std::array<std::uint8_t, 256> bytes;
  const std::size_t size = write_sender_report(bytes, {ssrc_, timestamp_, packets_, bytes_, ntp_now()}, "hotline");
  const Address control = to.with_port(static_cast<std::uint16_t>(to.port() + 1));
  (void)::sendto(sockets_.rtcp(), bytes.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL, control.get(), control.size);
}

// --- recording ---

void Session::record(RecordOptions options) {
  if (closed_) return;
  end_recording('x');
  auto r = std::make_unique<Recording>();
  r->ended_by = std::make_shared<char>('x');
  r->beep_left = options.beep ? beep()->size() : 0;
  auto done = [emit = shared_.emit, leg = leg_, path = options.path, by = r->ended_by,
               alive = lifeline_](Duration length, bool ok) {
    emit(event::Recorded{leg, path, length, ok ? *by : 'e'});
  };
  r->job = shared_.writer.open(options.path, std::move(done));
  r->options = std::move(options);
  recording_ = std::move(r);
}

void Session::record_frame(const Frame& heard) {
  Recording& r = *recording_;
  if (r.job->failed()) {
    recording_.reset();
    return;
  }
  if (r.beep_left > 0) return;
  r.job->append(heard);
  r.samples += kFrame;
  r.silence.feed(heard);
  if (r.samples >= samples_in(r.options.max)) return end_recording('m');
  if (r.options.end_silence.count() > 0 && r.silence.silent_for() >= r.options.end_silence) end_recording('s');
}

void Session::end_recording(char by) {
  if (!recording_) return;
  *recording_->ended_by = by;
  recording_->job->finish();
  recording_.reset();
}

void Session::record_call(std::string path) {
  if (closed_) return;
  if (call_recording_) call_recording_->finish();
  auto done = [emit = shared_.emit, leg = leg_, path, alive = lifeline_](Duration length, bool ok) {
    emit(event::Recorded{leg, path, length, ok ? 'x' : 'e'});
  };
  call_recording_ = shared_.writer.open(path, std::move(done));
}

void Session::stop_record() {
  end_recording('x');
  if (call_recording_) {
    call_recording_->finish();
    call_recording_.reset();
  }
}

// --- others ---

void Session::join(std::shared_ptr<Conference> conference, Conference::Role role, LegId target) {
  if (closed_) return;
  if (conference_ != conference) leave();
  conference_ = std::move(conference);
  conference_->join(leg_, role, target);
}

void Session::leave() {
  if (conference_) conference_->leave(leg_);
  conference_.reset();
}

void Session::close() {
  if (closed_) return;
  if (running_ && source_.target()) {
    std::array<std::uint8_t, 16> bytes;
    const Address& to = source_.target();
    const Address control = to.with_port(static_cast<std::uint16_t>(to.port() + 1));
    const std::size_t size = write_bye(bytes, ssrc_);
    if (to.port() < 65535)
      (void)::sendto(sockets_.rtcp(), bytes.data(), size, MSG_DONTWAIT | MSG_NOSIGNAL, control.get(), control.size);
  }
  closed_ = true;
  stop_play();
  end_recording('h');
  if (call_recording_) call_recording_->finish();
  call_recording_.reset();
  leave();
  sockets_.close();
  lifeline_.reset();
}

}  // namespace hotline::sip
