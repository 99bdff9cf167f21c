// A telephone in the terminal, for those who have none:  phone [sip:12345@127.0.0.1:5060] [--journal FILE]
//
// Keys 0-9 * # are sent as keys. After t (text) a line is typed, which a voice speaks into the telephone. q hangs
// up. What is heard is played where there is a sound device (aplay or paplay), and shown as a level; with --journal
// the prompts' texts are shown as the host writes them down.
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <termios.h>
#include <unistd.h>

#include <atomic>
#include <condition_variable>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <deque>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <mutex>

#include "hotline/audio.hpp"
#include "hotline/base/document.hpp"
#include "hotline/sip.hpp"

using namespace hotline;
using namespace std::chrono_literals;
namespace event = audio::event;

namespace {

volatile std::sig_atomic_t interrupted = 0;  // Ctrl-C hangs up

// The keyboard, key by key, as long as it is a terminal.
class Keyboard {
 public:
  Keyboard() {
    terminal_ = ::isatty(0) != 0 && ::tcgetattr(0, &before_) == 0;
    raw();
  }
  ~Keyboard() { line(); }
  void raw() {
    if (!terminal_) return;
    termios now = before_;
    now.c_lflag &= ~static_cast<tcflag_t>(ICANON | ECHO);
    ::tcsetattr(0, TCSANOW, &now);
  }
  void line() {
    if (terminal_) ::tcsetattr(0, TCSANOW, &before_);
  }
  // -1: nothing within the time; -2: the end.
  int key(int ms) {
    pollfd in{0, POLLIN, 0};
    if (::poll(&in, 1, ms) <= 0) return -1;
    char c = 0;
    return ::read(0, &c, 1) == 1 ? static_cast<unsigned char>(c) : -2;
  }

 private:
  bool terminal_ = false;
  termios before_{};
};

// Follows the recording of what is heard: to the loudspeaker, and as a level on the screen.
class Ear {
 public:
  explicit Ear(std::string path) : path_(std::move(path)) {
    ::signal(SIGPIPE, SIG_IGN);
    for (const char* player : {"aplay -q -t raw -f A_LAW -r 8000 -c 1 - 2>/dev/null", "paplay --raw --format=alaw --rate=8000 --channels=1 2>/dev/null"}) {
      const std::string program = std::string(player).substr(0, std::string(player).find(' '));
      if (std::system(("command -v " + program + " >/dev/null 2>&1").c_str()) != 0) continue;
      speaker_ = ::popen(player, "w");
      if (speaker_ != nullptr) break;
    }
  }
  ~Ear() {
    if (speaker_ != nullptr) ::pclose(speaker_);
  }
  bool speaks() const { return speaker_ != nullptr; }

  void follow() {
    std::ifstream file(path_, std::ios::binary);
    if (at_ == 0) at_ = header(file);
    if (at_ == 0) return;
    file.clear();
    file.seekg(static_cast<std::streamoff>(at_));
    char block[4000];
    file.read(block, sizeof block);
    const auto n = static_cast<std::size_t>(file.gcount());
    if (n == 0) return;
    at_ += n;
    if (speaker_ != nullptr && (std::fwrite(block, 1, n, speaker_) != n || std::fflush(speaker_) != 0)) {
      ::pclose(speaker_);
      speaker_ = nullptr;
    }
    audio::Samples heard(n);
    audio::decode_g711(audio::Law::a, {reinterpret_cast<const std::uint8_t*>(block), n}, heard);
    show(audio::rms(heard));
  }

 private:
  // Where the sound begins: behind the chunk "data".
  static std::size_t header(std::ifstream& file) {
    std::string head(200, '\0');
    file.read(head.data(), static_cast<std::streamsize>(head.size()));
    head.resize(static_cast<std::size_t>(file.gcount()));
    const auto data = head.find("data");
    return data == std::string::npos ? 0 : data + 8;
  }
  void show(double level) {
    if (::isatty(1) == 0) return;
    const int bars = level < 30 ? 0 : std::min(20, static_cast<int>(level / 250) + 1);
    std::string line = "\r  ";
    for (int i = 0; i < 20; ++i) line += i < bars ? "▮" : "·";
    std::fputs((line + "  ").c_str(), stdout);
    std::fflush(stdout);
  }
  std::string path_;
  std::size_t at_ = 0;
  FILE* speaker_ = nullptr;
};

// Shows the texts that the host's journal notes from now on.
class Journal {
 public:
  explicit Journal(const std::string& path) : path_(path) {
    std::error_code ignored;
    if (!path.empty()) at_ = std::filesystem::file_size(path, ignored);
    if (ignored) at_ = 0;
  }
  void follow() {
    if (path_.empty()) return;
    std::ifstream file(path_, std::ios::binary);
    file.seekg(static_cast<std::streamoff>(at_));
    for (std::string line; std::getline(file, line) && !file.eof();) {
      at_ += line.size() + 1;
      const auto record = parse_document(line, path_);
      if (!record.ok()) continue;
      if (const Node* text = record->find("text"); text != nullptr && text->is_scalar())
        std::cout << "\r  » " << text->text() << "\n" << std::flush;
    }
  }

 private:
  std::string path_;
  std::uintmax_t at_ = 0;
};

struct Call {
  std::mutex mutex;
  std::deque<audio::TelephonyEvent> events;
  std::optional<audio::TelephonyEvent> take() {
    const std::lock_guard lock(mutex);
    if (events.empty()) return {};
    auto first = std::move(events.front());
    events.pop_front();
    return first;
  }
};

void speak(sip::Endpoint& endpoint, audio::LegId leg, Keyboard& keyboard, audio::PromptCache& voice) {
  keyboard.line();
  std::cout << "\n  说什么？ What to say: " << std::flush;
  std::string text;
  std::getline(std::cin, text);
  keyboard.raw();
  const bool chinese = std::any_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
  const auto sound = voice.get({chinese ? "cmn-latn-pinyin" : "en", text});
  if (sound.ok()) endpoint.play(leg, {{*sound, {}}}, 1);
  else std::cout << "  " << sound.error().text() << "\n";
}

}  // namespace

int main(int argc, char** argv) {
  std::string to = "sip:12345@127.0.0.1:5060", journal_path;
  for (int i = 1; i < argc; ++i) {
    if (std::string(argv[i]) == "--journal" && i + 1 < argc) journal_path = argv[++i];
    else to = argv[i];
  }
  const std::string ear_path = (std::filesystem::temp_directory_path() / ("hotline-phone-" + std::to_string(::getpid()) + ".wav")).string();
  Call call;
  auto started = sip::Endpoint::start({.port = 0, .first_rtp_port = 30000, .last_rtp_port = 30999, .user_agent = "hotline phone"},
                                      [&](audio::TelephonyEvent e) {
                                        const std::lock_guard lock(call.mutex);
                                        call.events.push_back(std::move(e));
                                      });
  if (!started.ok()) {
    std::cerr << started.error().text() << "\n";
    return 1;
  }
  sip::Endpoint& endpoint = **started;
  audio::PromptCache voice("", std::make_shared<audio::EspeakSynthesiser>());
  ::signal(SIGINT, [](int) { interrupted = 1; });
  Keyboard keyboard;
  Journal journal(journal_path);
  Ear ear(ear_path);
  std::cout << "  拨打 " << to << " …  calling …\n  0-9 * # 按键 keys · t 说话 speak a text · q 挂机 hang up\n"
            << (ear.speaks() ? "" : "  （没有声卡，只显示音量）(no sound device: the level is shown)\n") << std::flush;
  const audio::LegId leg = endpoint.dial(to, "phone", 60s);
  int status = 0;
  for (bool over = false, hanging = false; !over;) {
    while (const auto e = call.take()) {
      if (std::get_if<event::Ringing>(&*e) != nullptr) std::cout << "  振铃 ringing\n" << std::flush;
      if (std::get_if<event::Answered>(&*e) != nullptr) {
        std::cout << "  接通 connected\n" << std::flush;
        endpoint.record(leg, {.path = ear_path, .max = 2h, .beep = false});
      }
      if (const auto* d = std::get_if<event::Digit>(&*e)) std::cout << "\r  对方按键 the other side pressed " << d->key << "\n";
      if (const auto* end = std::get_if<event::HungUp>(&*e)) {
        over = true;
        std::cout << "\n  通话结束 the call ended (" << end->status << " " << end->reason << ")\n";
        if (end->status >= 300 && !hanging) {
          status = 1;
          std::cout << "  没有接通：请先在另一个终端运行 ./dev run\n  Not connected: is the host there? Start it with ./dev run in another terminal.\n";
        }
      }
    }
    ear.follow();
    journal.follow();
    const int key = over ? -1 : keyboard.key(60);
    if (key == -2 || key == 'q' || interrupted != 0) {
      if (!hanging) endpoint.hang_up(leg);
      hanging = true;
      if (key == -2) std::this_thread::sleep_for(60ms);
    } else if (key == 't') {
      speak(endpoint, leg, keyboard, voice);
    } else if (key > 0 && std::strchr("0123456789*#ABCD", key) != nullptr) {
      endpoint.send_digits(leg, std::string(1, static_cast<char>(key)));
      std::cout << "\r  [" << static_cast<char>(key) << "]\n" << std::flush;
    }
  }
  std::error_code ignored;
  std::filesystem::remove(ear_path, ignored);
  return status;
}
