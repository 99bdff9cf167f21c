#include "telephones/baresip.hpp"

#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>

#include "hotline/base/document.hpp"
#include "hotline/base/json.hpp"

namespace telephones {

using namespace hotline;
using namespace hotline::audio;
using namespace std::chrono_literals;

namespace {

// aufile hangs up at the end of its file: speech is followed by ten minutes of silence (a hole in the file).
constexpr std::size_t kSilence = 600 * kSampleRate;

Status write_microphone(const std::string& path, const Samples& speech) {
  const auto data = static_cast<std::uint32_t>((speech.size() + kSilence) * 2);
  std::string head = "RIFF....WAVEfmt ....................data....";
  const auto put = [&](std::size_t at, std::uint32_t v, std::size_t n) { std::memcpy(&head[at], &v, n); };
  put(4, data + 36, 4);
  put(16, 16, 4);
  put(20, 1, 2);
  put(22, 1, 2);
  put(24, kSampleRate, 4);
  put(28, kSampleRate * 2, 4);
  put(32, 2, 2);
  put(34, 16, 2);
  put(40, data, 4);
  std::ofstream file(path, std::ios::binary);
  file << head;
  file.write(reinterpret_cast<const char*>(speech.data()), static_cast<std::streamsize>(speech.size() * 2));
  file.close();
  std::error_code problem;
  std::filesystem::resize_file(path, 44 + data, problem);
  if (!file || problem) return Error(ErrorCode::io, "cannot write `" + path + "`");
  return {};
}

Error no_telephone(const std::string& what, const std::string& folder) {
  return Error(ErrorCode::timed_out, "baresip " + what, "see " + folder + "/log");
}

}  // namespace

Result<std::unique_ptr<BaresipPhone>> BaresipPhone::start(Options options) {
  std::unique_ptr<BaresipPhone> phone(new BaresipPhone);
  phone->options_ = std::move(options);
  // Another process may take the ports between looking and listening: then others are tried.
  for (int tries = 0;; ++tries) {
    phone->port_ = three_free_ports();
    HOTLINE_TRY(phone->configure());
    const std::string& folder = phone->options_.folder;
    std::vector<std::string> command{phone->options_.program, "-f", ".", "-t", "1800"};
    if (phone->options_.trace || std::getenv("HOTLINE_SIP_TRACE") != nullptr) command.push_back("-s");
    HOTLINE_ASSIGN(phone->program_, Program::start(command, folder, folder + "/log"));
    const Status connected = phone->connect();
    if (connected.ok()) return phone;
    if (tries == 3) return connected.error();
  }
}

BaresipPhone::~BaresipPhone() {
  program_.end();
  if (control_ >= 0) ::shutdown(control_, SHUT_RDWR);
  if (reader_.joinable()) reader_.join();
  if (control_ >= 0) ::close(control_);
}

Status BaresipPhone::configure() {
  std::error_code problem;
  std::filesystem::create_directories(options_.folder, problem);
  options_.folder = std::filesystem::absolute(options_.folder, problem).string();
  HOTLINE_TRY(write_microphone(options_.folder + "/microphone.wav", {}));
  std::ofstream(options_.folder + "/contacts");
  std::ofstream config(options_.folder + "/config");
  config << "sip_listen 127.0.0.1:" << port_ << "\nmodule_path /usr/lib/baresip/modules\n"
         << "module g711.so\nmodule aufile.so\nmodule sndfile.so\nmodule ctrl_tcp.so\n"
         << "module_tmp account.so\nmodule_app menu.so\n"
         << "ctrl_tcp_listen 127.0.0.1:" << port_ + 2 << "\n"
         << "audio_source aufile,microphone.wav\naudio_player none,none\naudio_alert none,none\n"
         << "snd_path " << options_.folder << "\nrtp_ports 10000-19998\nrtp_timeout 0\nrtp_stats no\n";
  std::ofstream accounts(options_.folder + "/accounts");
  accounts << "<sip:" << options_.name << "@" << (options_.registrar.empty() ? "127.0.0.1" : options_.registrar)
           << ">;regint=" << (options_.registrar.empty() ? 0 : 600) << ";auth_pass=" << options_.password
           << ";answermode=" << (options_.answer == Answer::automatic ? "auto" : "manual")
           << ";audio_codecs=" << options_.codecs << "\n";
  config.close();
  accounts.close();
  if (!config || !accounts) return Error(ErrorCode::io, "cannot write to `" + options_.folder + "`");
  return {};
}

Status BaresipPhone::connect() {
  sockaddr_in at{};
  at.sin_family = AF_INET;
  at.sin_port = htons(static_cast<std::uint16_t>(port_ + 2));
  at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  const auto until = std::chrono::steady_clock::now() + 20s;
  while (program_.running() && std::chrono::steady_clock::now() < until) {
    control_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (::connect(control_, reinterpret_cast<sockaddr*>(&at), sizeof at) == 0) {
      reader_ = std::thread([this] { read_events(); });
      return {};
    }
    ::close(control_);
    control_ = -1;
    std::this_thread::sleep_for(20ms);
  }
  return no_telephone("did not start", options_.folder);
}

// Netstrings of JSON: "12:{...},"
void BaresipPhone::read_events() {
  std::string buffer;
  char block[4096];
  for (;;) {
    const ssize_t n = ::recv(control_, block, sizeof block, 0);
    if (n <= 0) return;
    buffer.append(block, static_cast<std::size_t>(n));
    for (;;) {
      const std::size_t colon = buffer.find(':');
      if (colon == std::string::npos || colon > 8) break;
      const auto size = static_cast<std::size_t>(std::atoi(buffer.substr(0, colon).c_str()));
      if (buffer.size() < colon + 1 + size + 1) break;
      take(buffer.substr(colon + 1, size));
      buffer.erase(0, colon + 1 + size + 1);
    }
  }
}

void BaresipPhone::take(const std::string& json) {
  const auto node = parse_document(json, "baresip");
  if (!node.ok() || node->find("event") == nullptr) return;
  const Node* type = node->find("type");
  const Node* text = node->find("param");
  const std::lock_guard lock(mutex_);
  events_.push_back({type != nullptr ? type->text() : "", text != nullptr ? text->text() : ""});
  waited_for_.push_back(false);
  changed_.notify_all();
}

Status BaresipPhone::command(const std::string& name, const std::string& parameters) {
  std::string json;
  JsonWriter writer(json);
  writer.begin_object().field("command", name).field("params", parameters).end_object();
  const std::string message = std::to_string(json.size()) + ":" + json + ",";
  if (::send(control_, message.data(), message.size(), MSG_NOSIGNAL) == static_cast<ssize_t>(message.size())) return {};
  return Error(ErrorCode::io, "the telephone `" + options_.name + "` is gone", "see " + options_.folder + "/log");
}

std::string BaresipPhone::uri() const { return "sip:" + options_.name + "@127.0.0.1:" + std::to_string(port_); }

Status BaresipPhone::dial(const std::string& uri) {
  heard_until_ = 0;
  return command("dial", uri);
}
Status BaresipPhone::accept() { return command("accept"); }
Status BaresipPhone::hang_up() { return command("hangup"); }
Status BaresipPhone::hold() { return command("hold"); }
Status BaresipPhone::resume() { return command("resume"); }
Status BaresipPhone::transfer(const std::string& uri) { return command("transfer", uri); }

Status BaresipPhone::press(const std::string& keys) {
  for (const char key : keys) {
    HOTLINE_TRY(command("sndcode", std::string(1, key)));
    std::this_thread::sleep_for(250ms);  // baresip sends an event for some 150 ms
  }
  return {};
}

Status BaresipPhone::say(const Pcm& speech) {
  const std::string name = "speech-" + std::to_string(++speeches_) + ".wav";
  HOTLINE_TRY(write_microphone(options_.folder + "/" + name, speech ? *speech : Samples{}));
  return command("ausrc", "aufile," + name);
}

bool BaresipPhone::wait(const std::string& type, Duration timeout, Event* out) {
  std::unique_lock lock(mutex_);
  const auto there = [&] {
    for (std::size_t i = 0; i < events_.size(); ++i) {
      if (waited_for_[i] || events_[i].type != type) continue;
      waited_for_[i] = true;
      if (out != nullptr) *out = events_[i];
      return true;
    }
    return false;
  };
  return changed_.wait_for(lock, timeout, there);
}

std::vector<BaresipPhone::Event> BaresipPhone::events() const {
  const std::lock_guard lock(mutex_);
  return events_;
}

bool BaresipPhone::logs(const std::string& text, Duration timeout) const {
  const auto until = std::chrono::steady_clock::now() + timeout;
  do {
    std::ifstream file(options_.folder + "/log", std::ios::binary);
    const std::string log{std::istreambuf_iterator<char>(file), {}};
    if (log.find(text) != std::string::npos) return true;
    std::this_thread::sleep_for(20ms);
  } while (std::chrono::steady_clock::now() < until);
  return false;
}

// Read raw behind the header, which is right only after the call.
Samples BaresipPhone::latest(const std::string& ending) const {
  std::string newest;
  for (const auto& entry : std::filesystem::directory_iterator(options_.folder)) {
    const std::string name = entry.path().filename().string();
    if (name.starts_with("dump-") && name.ends_with(ending) && name > newest) newest = name;
  }
  if (newest.empty()) return {};
  std::ifstream file(options_.folder + "/" + newest, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(file), {}};
  if (bytes.size() <= 44) return {};
  Samples out((bytes.size() - 44) / 2);
  std::memcpy(out.data(), bytes.data() + 44, out.size() * 2);
  return out;
}

Samples BaresipPhone::heard() const { return latest("-dec.wav"); }
Samples BaresipPhone::said() const { return latest("-enc.wav"); }

bool BaresipPhone::hears(const Pcm& sound, Duration timeout, double alike) {
  const SampleView wanted = SampleView(*sound).first(std::min<std::size_t>(sound->size(), 3 * kSampleRate));
  const auto until = std::chrono::steady_clock::now() + timeout;
  do {
    const Samples all = heard();
    const std::size_t from = std::min(heard_until_, all.size());
    const Alignment found = align(wanted, SampleView(all).subspan(from));
    if (found.correlation >= alike) {
      heard_until_ = from + found.at + wanted.size();
      return true;
    }
    std::this_thread::sleep_for(100ms);
  } while (std::chrono::steady_clock::now() < until);
  return false;
}

}  // namespace telephones
