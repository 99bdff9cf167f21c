// A telephone that is not ours: baresip, as a program of its own, told what to do over its control socket. It
// dials, rings, answers, speaks, presses keys, and keeps what it heard.
//
//   auto phone = BaresipPhone::start({.name = "citizen", .folder = dir}).value();
//   phone->dial(host_uri);
//   phone->hears(welcome, 10s);  phone->press("2");  phone->say(speech);  phone->hang_up();
//   Pcm all = phone->heard();
//
// baresip needs a network interface besides loopback to be there (it is not used).
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "hotline/audio/align.hpp"
#include "hotline/audio/pcm.hpp"
#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"
#include "telephones/program.hpp"

namespace telephones {

class BaresipPhone {
 public:
  enum class Answer : std::uint8_t { automatic, by_hand };
  struct Options {
    std::string name = "phone";
    std::string folder;                     // created; keeps configuration, log and sound
    Answer answer = Answer::automatic;
    std::string codecs = "PCMA/8000/1";     // baresip's names, comma separated
    std::string registrar, password;        // "127.0.0.1:5060": registers there as `name`
    std::string program = "baresip";
    bool trace = false;                     // every SIP message goes to the log
  };
  // Returns when the telephone is ready. Errors: unsupported (not installed), timed_out, io.
  static hotline::Result<std::unique_ptr<BaresipPhone>> start(Options options);
  ~BaresipPhone();

  std::string uri() const;
  hotline::Status dial(const std::string& uri);
  hotline::Status accept();
  hotline::Status hang_up();
  // 0-9 * # A-D, one after the other as a person would; returns when all are sent.
  hotline::Status press(const std::string& keys);
  // Speaks from now on; then silent again. Returns at once.
  hotline::Status say(const hotline::audio::Pcm& speech);
  hotline::Status hold();
  hotline::Status resume();
  hotline::Status transfer(const std::string& uri);  // asks the other side to call `uri` instead (REFER)

  struct Event {
    std::string type;  // CALL_INCOMING, CALL_RINGING, CALL_ESTABLISHED, CALL_CLOSED, CALL_DTMF_START, REGISTER_OK ...
    std::string text;  // the reason, the key ...
  };
  // The next event of that type that was not waited for yet.
  bool wait(const std::string& type, hotline::Duration timeout, Event* out = nullptr);
  std::vector<Event> events() const;

  // Waits until its log says `text` (registrations are told there: "200 OK", "401 Unauthorized").
  bool logs(const std::string& text, hotline::Duration timeout) const;

  // All that was heard in the latest call, up to now.
  hotline::audio::Samples heard() const;
  // What it said in the latest call, as it left the telephone.
  hotline::audio::Samples said() const;
  // Waits until `sound` has been heard after what hears() found before. Of a long sound the first three seconds
  // decide while it is still playing: they must be there with a correlation of at least `alike`.
  bool hears(const hotline::audio::Pcm& sound, hotline::Duration timeout, double alike = 0.95);

 private:
  BaresipPhone() = default;
  hotline::Status configure();
  hotline::Status connect();
  hotline::Status command(const std::string& name, const std::string& parameters = {});
  void read_events();
  void take(const std::string& json);
  hotline::audio::Samples latest(const std::string& ending) const;

  Options options_;
  std::uint16_t port_ = 0;
  Program program_;
  int control_ = -1;
  std::thread reader_;
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<Event> events_;
  std::vector<bool> waited_for_;
  std::size_t heard_until_ = 0;
  int speeches_ = 0;
};

}  // namespace telephones
