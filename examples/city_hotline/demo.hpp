// Six scenes with real telephones: what ./dev run shows, and what it checks.
#pragma once

#include <map>
#include <memory>
#include <string>

#include "hotline/audio.hpp"
#include "hotline/host.hpp"
#include "screen.hpp"
#include "spoken.hpp"
#include "telephones/baresip.hpp"

namespace city {

// The telephones of the demonstration: started first, so that the host knows where they ring.
class Telephones {
 public:
  // Errors: those of BaresipPhone::start.
  static hotline::Result<std::unique_ptr<Telephones>> start(const std::string& folder);
  telephones::BaresipPhone& operator[](const std::string& name) { return *phones_.at(name); }
  // The SIP address of a number, or "".
  std::string address(const std::string& number) const;
  // Keeps what every telephone heard as WAV files.
  void keep(const std::string& folder) const;

 private:
  std::map<std::string, std::unique_ptr<telephones::BaresipPhone>> phones_;
};

class Demo {
 public:
  Demo(hotline::host::Host& host, const Spoken& spoken, Screen& screen, Telephones& phones)
      : host_(host), spoken_(spoken), screen_(screen), phones_(phones) {}
  // Plays all scenes; true when every check held.
  bool play();

 private:
  hotline::Status prepare();
  void complaint();
  void enquiry();
  void person();
  void closed_loop();
  void province();
  void report();

  // Waits for a notice since the scene's mark.
  bool await(const std::string& type, const std::string& part = {}, std::chrono::seconds patience = std::chrono::seconds{25});
  std::string party_of(const std::string& type) const;
  // The sound of the latest prompt that says `part`; waits for the voice, which may still be at work.
  hotline::audio::Pcm sound_of(const std::string& part) const;
  // The share of `prompt` that the telephone heard: normalised correlation after alignment.
  double heard(const std::string& phone, const hotline::audio::Pcm& sound);
  // The same of the prompt that says `part`, as a check.
  bool hears(const std::string& phone, const std::string& part, const std::string& zh, const std::string& en);
  // A step of a ticket's workflow, by somebody of `role` in `unit`.
  bool act(const std::string& number, const std::string& event, const std::string& fields, const std::string& role, const std::string& unit = {});
  // Something that an agent does at the desk; must succeed.
  using Deed = std::function<hotline::Status(hotline::center::Hotline&, hotline::Time)>;
  bool desk(const Deed& deed);

  hotline::host::Host& host_;
  const Spoken& spoken_;
  Screen& screen_;
  Telephones& phones_;
  hotline::audio::Pcm citizen_voice_, agent_voice_;
  std::size_t mark_ = 0;
  std::string complaint_, case_;
};

}  // namespace city
