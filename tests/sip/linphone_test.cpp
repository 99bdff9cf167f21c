// A second telephone that is not ours: linphonec, with another SIP stack and another idea of sound than baresip's.
#include <fcntl.h>
#include <sys/stat.h>

#include <fstream>
#include <thread>

#include "host.hpp"

using namespace hotline;
using namespace hotline::sip;
using namespace hotline::sip::test;

namespace {

// Told what to do on its standard input, which is a pipe with a name.
class Linphone {
 public:
  explicit Linphone(const std::string& folder, const std::string& codec) : folder_(folder), port_(telephones::three_free_ports()) {
    std::filesystem::create_directories(folder + "/.local/share/linphone");
    std::filesystem::create_directories(folder + "/.config/linphone");
    std::ofstream config(folder + "/rc");
    config << "[sip]\nsip_port=" << port_ << "\nsip_tcp_port=0\nsip_tls_port=0\nguess_hostname=0\ncontact=sip:linphone@127.0.0.1\ninc_timeout=60\n"
           << "[sound]\nplayback_dev_id=\ncapture_dev_id=\n[rtp]\naudio_rtp_port=" << 32000 + port_ % 500 * 4 << "\n";
    int n = 0;
    for (const char* mime : {"opus", "speex", "PCMU", "PCMA"})
      config << "[audio_codec_" << n++ << "]\nmime=" << mime << "\nrate=" << (mime == std::string("opus") ? 48000 : 8000) << "\nchannels=" << (mime == std::string("opus") ? 2 : 1)
             << "\nenabled=" << (codec == "all" || codec == mime ? 1 : 0) << "\n";
    config.close();
    EXPECT_EQ(::mkfifo((folder + "/in").c_str(), 0600), 0);
    program_ = telephones::Program::start({"bash", "-c", "HOME=$PWD exec linphonec -c rc -d 0 < in"}, folder, folder + "/log").value();
    in_ = ::open((folder + "/in").c_str(), O_WRONLY | O_CLOEXEC);
    say("soundcard use files");
  }
  ~Linphone() {
    say("quit");
    ::close(in_);
  }
  void say(const std::string& line) {
    const std::string text = line + "\n";
    EXPECT_EQ(::write(in_, text.data(), text.size()), static_cast<ssize_t>(text.size()));
  }
  bool logs(const std::string& text) const {
    const auto end = std::chrono::steady_clock::now() + kPatience;
    while (log().find(text) == std::string::npos && std::chrono::steady_clock::now() < end) std::this_thread::sleep_for(50ms);
    return log().find(text) != std::string::npos;
  }
  std::string log() const {
    std::ifstream file(folder_ + "/log");
    return {std::istreambuf_iterator<char>(file), {}};
  }

 private:
  std::string folder_;
  std::uint16_t port_;
  telephones::Program program_;
  int in_ = -1;
};

}  // namespace

TEST(Linphone, CallsIsHeardHearsAndPressesKeys) {
  NEEDS("linphonec");
  for (const std::string codec : {"PCMA", "PCMU", "all"}) {
    const Folder folder;
    Host host;
    Linphone phone(folder / "linphone", codec);
    const audio::Pcm speech = babble(21, 3s), prompt = babble(22, 2s);
    ASSERT_TRUE(audio::write_sound(folder / "speech.wav", *speech).ok());
    phone.say("play " + (folder / "speech.wav"));
    phone.say("record " + (folder / "heard.wav"));
    phone.say("call " + host.number("12345"));
    const LegId leg = host.answer();
    ASSERT_FALSE(::testing::Test::HasFailure()) << phone.log();
    host->record(leg, {.path = folder / "r.wav", .beep = false});
    host->play(leg, {{prompt, {}}}, 1);
    EXPECT_TRUE(host.next<event::Played>(leg).complete);
    phone.say("5");
    phone.say("#");
    EXPECT_EQ(host.keys(2, leg), "5#") << phone.log();
    host->stop_record(leg);
    host.next<event::Recorded>(leg);
    EXPECT_GT(audio::rms(*audio::read_sound(folder / "r.wav").value()), 200) << "it speaks";
    phone.say("terminate");
    EXPECT_EQ(host.next<event::HungUp>(leg).status, 200);
  }
}

TEST(Linphone, HoldsAndRetrieves) {
  NEEDS("linphonec");
  const Folder folder;
  Host host;
  Linphone phone(folder / "linphone", "PCMA");
  phone.say("call " + host.number("12345"));
  const LegId leg = host.answer();
  ASSERT_FALSE(::testing::Test::HasFailure()) << phone.log();
  ASSERT_TRUE(phone.logs("Media streams established")) << phone.log();
  phone.say("pause");
  EXPECT_TRUE(host.next<event::Held>(leg).held);
  ASSERT_TRUE(phone.logs("is now paused")) << phone.log();
  phone.say("resume");
  EXPECT_FALSE(host.next<event::Held>(leg).held);
  host->hang_up(leg);
  EXPECT_EQ(host.next<event::HungUp>(leg).status, 200);
}
