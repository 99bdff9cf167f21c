// The reference host of 云川市 Yunchuan, a made-up city: a complete 12345 hotline over hotline::host.
//
//   city_hotline                  plays the demonstration, then stays up where a terminal is attached
//   city_hotline --demo           plays the demonstration and ends: 0 if every scene held
//   city_hotline --serve          only serves
//   --office-hours                its clock goes on to the next working morning
//   --open311 PORT                its requests over the web (GeoReport v2, loopback; 0: any port)
//   --folder DIR --data DIR --address IP --port N
#include <csignal>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <optional>
#include <unistd.h>

#include "demo.hpp"

using namespace hotline;

namespace {

struct Arguments {
  bool demo = true;
  bool serve = false;
  bool office_hours = false;
  std::string folder;
  std::string data = HOTLINE_CITY_DATA;
  std::string address = "127.0.0.1";
  int port = 5060;
  std::optional<int> open311;
};

int usage() {
  std::fputs("usage: city_hotline [--demo | --serve] [--office-hours] [--open311 PORT] [--folder DIR] [--data DIR] [--address IP] [--port N]\n", stderr);
  return 2;
}

std::string fresh_folder() {
  char name[64];
  const std::time_t now = std::time(nullptr);
  std::tm local{};
  localtime_r(&now, &local);
  std::strftime(name, sizeof name, "hotline-runs/%Y%m%d-%H%M%S", &local);
  std::string folder = name;
  for (int n = 2; std::filesystem::exists(folder); ++n) folder = std::string(name) + "-" + std::to_string(n);
  return std::filesystem::absolute(folder).string();
}

int fail(const Error& error) {
  std::fprintf(stderr, "city_hotline: %s\n", error.text().c_str());
  return 1;
}

// The virtual clock goes on to the next working morning of the city's calendar.
void to_office_hours(host::Host& host, Screen& screen) {
  const auto setup = host.ask([](center::Hotline& hotline, Time) { return hotline.setup(); });
  const auto morning = center::next_office_morning(setup, host.now());
  if (morning) host.shift(*morning - host.now());
  screen.line("虚拟时钟 virtual clock: " + to_string(host.now()).substr(0, 16) + "Z");
}

// Until Ctrl-C or termination.
void wait_for_the_end() {
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  int signal = 0;
  sigwait(&ends, &signal);
}

}  // namespace

int main(int argc, char** argv) {
  Arguments arguments;
  arguments.serve = isatty(STDIN_FILENO) != 0 && isatty(STDOUT_FILENO) != 0;
  for (int i = 1; i < argc; ++i) {
    const std::string word = argv[i];
    const auto value = [&]() -> const char* { return i + 1 < argc ? argv[++i] : nullptr; };
    const char* text = nullptr;
    if (word == "--demo") arguments.serve = false;
    else if (word == "--serve") arguments.demo = false, arguments.serve = true;
    else if (word == "--office-hours") arguments.office_hours = true;
    else if (word == "--open311" && (text = value())) arguments.open311 = std::atoi(text);
    else if (word == "--folder" && (text = value())) arguments.folder = std::filesystem::absolute(text).string();
    else if (word == "--data" && (text = value())) arguments.data = text;
    else if (word == "--address" && (text = value())) arguments.address = text;
    else if (word == "--port" && (text = value())) arguments.port = std::atoi(text);
    else return usage();
  }
  if (arguments.folder.empty()) arguments.folder = fresh_folder();

  // Threads inherit this: signals come to wait_for_the_end only.
  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGINT);
  sigaddset(&ends, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);
  std::signal(SIGPIPE, SIG_IGN);

  Screen screen(isatty(STDOUT_FILENO) != 0);
  std::unique_ptr<city::Telephones> phones;
  if (arguments.demo) {
    screen.line("启动话机… Starting six telephones (baresip) …");
    auto started = city::Telephones::start(arguments.folder + "/telephones");
    if (!started) return fail(started.error());
    phones = *std::move(started);
  }
  city::Spoken spoken;
  host::Options options;
  options.data = arguments.data;
  options.folder = arguments.folder;
  options.open311 = arguments.open311;
  // Prompts are kept beside the runs, so that the second start speaks at once.
  options.prompts = (std::filesystem::path(arguments.folder).parent_path() / "prompts").string();
  options.line.address = arguments.address;
  options.line.port = static_cast<std::uint16_t>(arguments.port);
  options.notice = [&screen](const center::Notice& notice) { screen.show(notice); };
  if (phones) {
    options.spoken = [&spoken](const std::string& text, const std::vector<audio::Clip>& sound) { spoken.add(text, sound); };
    options.address = [&phones](const std::string& number) { return phones->address(number); };
    options.telephones = {{"a801", phones->address("801")}, {"a802", phones->address("802")}};
  }
  auto host = host::Host::start(options);
  if (!host && host.code() == ErrorCode::unavailable && arguments.demo && arguments.port == 5060) {
    options.line.port = 0;  // somebody's switch has 5060: any other will do
    host = host::Host::start(options);
  }
  if (!host) {
    if (host.code() == ErrorCode::unavailable)
      std::fputs("another program has this port: end it, or choose one with --port N (0 takes a free one)\n", stderr);
    return fail(host.error());
  }
  screen.line("云川市 12345 热线已就绪 · the hotline of Yunchuan answers at " + (*host)->uri());
  if ((*host)->open311_port() > 0)
    screen.line("Open311: http://127.0.0.1:" + std::to_string((*host)->open311_port()) + "/services.json");

  bool held = true;
  if (arguments.office_hours || arguments.demo) to_office_hours(**host, screen);
  if (arguments.demo) {
    held = city::Demo(**host, spoken, screen, *phones).play();
    phones->keep(arguments.folder + "/heard");
  }
  if (arguments.serve) {
    screen.line("\n现在可以用任意软电话拨打 · Now dial in with any softphone: sip:12345@" + (*host)->uri().substr(4) +
                "\n  baresip -e 'd sip:12345@" + (*host)->uri().substr(4) + "'   或 or   ./dev run --phone\n按 Ctrl-C 结束 · Ctrl-C ends it. 记录在 · Everything is kept in " +
                arguments.folder);
    wait_for_the_end();
  }
  host->reset();
  phones.reset();
  screen.line("\n全部资料 · everything is in " + arguments.folder + ": hotline.db, journal.jsonl, recordings/, heard/, report.html");
  return held ? 0 : 1;
}
