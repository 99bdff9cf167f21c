// Any bytes as a log, and as commands: recovered as far as they are whole, or refused; never a crash, and the state stays whole.
#include <unistd.h>

#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>

#include "hotline/acd.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace hotline;
  static const acd::Definition definition =
      acd::parse_definition("acd: 1\nchannels: {voice: {}, chat: {units: 30, max: 3}}\nskills: [zh]\nreasons: {lunch: {break: true}}\n"
                            "queues:\n  q: {requires: skill.zh > 0, ring_timeout: 5s, wrap_up: 3s}\n  r: {fanout: 3, confirm: true, max_wait: 9s, overflow: [{queue: q}, callback]}\n"
                            "  c: {channel: chat, callback: {mode: citizen_first, ahead: 1}}\nagents: {a: {skills: [zh]}, b: {skills: [zh]}, d: {}}\n",
                            "fuzz")
          .value();
  static const std::string path = "/tmp/hotline_fuzz_acd_log_" + std::to_string(::getpid());
  acd::Events events;
  // As commands of an array: what an inbox or numpy could hold.
  {
    acd::Router router(definition, events);
    for (std::size_t at = 0; at + sizeof(acd::Command) <= size && at < 64 * sizeof(acd::Command); at += sizeof(acd::Command)) {
      acd::Command command;
      std::memcpy(static_cast<void*>(&command), data + at, sizeof command);
      command.at &= (1ll << 61) - 1;
      (void)acd::execute(router, command);
      if (!router.check().ok()) __builtin_trap();
      events.clear();
    }
  }
  // As a log.
  std::FILE* file = std::fopen(path.c_str(), "wb");
  if (file == nullptr) return 0;
  std::fwrite(data, 1, size, file);
  std::fclose(file);
  if (auto log = acd::Log::open(path); log.ok()) {
    const auto router = log->recover(definition, events);
    if (router.ok() && !router->check().ok()) __builtin_trap();
    if (router.ok() && (!log->append({.verb = acd::Verb::login, .at = 1, .agent = 1}).ok() || !log->sync().ok())) __builtin_trap();
  }
  std::remove(path.c_str());
  return 0;
}
