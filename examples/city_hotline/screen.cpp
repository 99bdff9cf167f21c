#include "screen.hpp"

#include <cstdio>

using hotline::center::Notice;

namespace {

const char* sign(const std::string& type) {
  if (type.starts_with("call.")) return "☎";
  if (type == "prompt") return "🔊";
  if (type == "key") return "⌨";
  if (type == "recorded" || type == "recovered") return "⏺";
  if (type.starts_with("ticket") || type == "outbox") return "▤";
  if (type.starts_with("agent") || type == "offer" || type == "connected" || type == "talked") return "◉";
  if (type == "search" || type == "knowledge") return "⌕";
  if (type == "fault") return "!";
  return "·";
}

}  // namespace

void Screen::print(const std::string& text) {
  std::fputs((text + "\n").c_str(), stdout);
  std::fflush(stdout);
}

void Screen::show(const Notice& notice) {
  const std::lock_guard lock(mutex_);
  char clock[16];
  std::snprintf(clock, sizeof clock, "%7.1f", std::chrono::duration<double>(std::chrono::steady_clock::now() - began_).count());
  const std::string party = notice.party.empty() ? "" : notice.party + "  ";
  print(std::string(clock) + "  " + sign(notice.type) + "  " + party + notice.zh + "\n            " +
        (colour_ ? "\033[2m" : "") + notice.en + (colour_ ? "\033[0m" : ""));
  notices_.push_back(notice);
  changed_.notify_all();
}

void Screen::heading(const std::string& zh, const std::string& en) {
  const std::lock_guard lock(mutex_);
  print(std::string(colour_ ? "\n\033[1m" : "\n") + "━━ " + zh + " · " + en + " ━━" + (colour_ ? "\033[0m" : ""));
}

void Screen::line(const std::string& text) {
  const std::lock_guard lock(mutex_);
  print(text);
}

bool Screen::expect(bool holds, const std::string& zh, const std::string& en) {
  const std::lock_guard lock(mutex_);
  const char* colour = !colour_ ? "" : holds ? "\033[32m" : "\033[31m";
  print(std::string("         ") + colour + (holds ? "✓ " : "✗ ") + zh + " · " + en + (colour_ ? "\033[0m" : ""));
  if (!holds) ++failures_;
  return holds;
}

int Screen::failures() const {
  const std::lock_guard lock(mutex_);
  return failures_;
}

bool Screen::await(const Condition& condition, std::size_t since, std::chrono::seconds patience) {
  std::unique_lock lock(mutex_);
  std::size_t seen = since;
  return changed_.wait_for(lock, patience, [&] {
    for (; seen < notices_.size(); ++seen)
      if (condition(notices_[seen])) return true;
    return false;
  });
}

std::size_t Screen::mark() const {
  const std::lock_guard lock(mutex_);
  return notices_.size();
}

std::vector<Notice> Screen::after(std::size_t since) const {
  const std::lock_guard lock(mutex_);
  return {notices_.begin() + static_cast<std::ptrdiff_t>(since), notices_.end()};
}
