#include "hotline/acd/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>

namespace hotline::acd {
namespace {

constexpr std::uint32_t kCommand = 0x31444341;      // "ACD1": a Command follows
constexpr std::uint32_t kRequirement = 0x31514552;  // "REQ1": its length and text follow

// FNV-1a over 64-bit words: tells a torn or foreign record from a whole one.
std::uint32_t checksum(const char* data, std::size_t size) {
  std::uint64_t h = 1469598103934665603ull;
  for (; size >= 8; data += 8, size -= 8) {
    std::uint64_t word;
    std::memcpy(&word, data, 8);
    h = (h ^ word) * 1099511628211ull;
  }
  for (; size > 0; ++data, --size) h = (h ^ static_cast<unsigned char>(*data)) * 1099511628211ull;
  return static_cast<std::uint32_t>(h ^ h >> 32);
}

Error failed(const std::string& path, const char* what) {
  return Error(ErrorCode::io, std::string("cannot ") + what + " `" + path + "`: " + std::strerror(errno), "check space and rights");
}

void put(std::string& out, std::uint32_t kind, const char* data, std::uint32_t size) {
  const std::uint32_t sum = checksum(data, size);
  out.append(reinterpret_cast<const char*>(&kind), 4);
  out.append(reinterpret_cast<const char*>(&sum), 4);
  out.append(data, size);
}

Result<std::string> read_all(const std::string& path) {
  std::ifstream stream(path, std::ios::binary);
  if (!stream) return std::string();
  return std::string{std::istreambuf_iterator<char>(stream), {}};
}

Status write_all(int fd, std::string_view data, const std::string& path) {
  while (!data.empty()) {
    const ssize_t n = ::write(fd, data.data(), data.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return failed(path, "write");
    data.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

}  // namespace

struct Log::File {
  std::string path;
  int fd = -1;
  std::string pending;
  std::uint64_t appended = 0;
  ~File() {
    if (fd >= 0) ::close(fd);
  }
};

Log::Log(std::unique_ptr<File> file) : file_(std::move(file)) {}
Log::Log(Log&&) noexcept = default;
Log& Log::operator=(Log&&) noexcept = default;
Log::~Log() = default;

Result<Log> Log::open(std::string path) {
  auto file = std::make_unique<File>();
  file->fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (file->fd < 0) return failed(path, "open");
  file->path = std::move(path);
  return Log(std::move(file));
}

Result<Router> Log::recover(Definition definition, Events& events, Recovered* what) {
  Recovered done;
  Events past;
  HOTLINE_ASSIGN(Router router, Router::create(std::move(definition), past));
  HOTLINE_ASSIGN(const std::string snapshot, read_all(file_->path + ".snapshot"));
  if (!snapshot.empty()) {
    HOTLINE_TRY(router.restore(snapshot));
    done.from_snapshot = true;
  }
  HOTLINE_ASSIGN(const std::string text, read_all(file_->path));
  std::size_t at = 0, whole = 0;
  while (at + 8 <= text.size()) {
    std::uint32_t kind, sum;
    std::memcpy(&kind, text.data() + at, 4);
    std::memcpy(&sum, text.data() + at + 4, 4);
    std::size_t size = 0;
    if (kind == kCommand) {
      size = sizeof(Command);
    } else if (kind == kRequirement && at + 12 <= text.size()) {
      std::uint32_t length;
      std::memcpy(&length, text.data() + at + 8, 4);
      size = 4 + std::size_t{length};
    } else {
      break;
    }
    if (at + 8 + size > text.size() || checksum(text.data() + at + 8, size) != sum) break;
    if (kind == kCommand) {
      Command command;
      std::memcpy(static_cast<void*>(&command), text.data() + at + 8, sizeof command);
      if (static_cast<std::uint8_t>(command.verb) > static_cast<std::uint8_t>(Verb::reclaim))
        return Error(ErrorCode::corrupt, "`" + file_->path + "` holds an unknown command at byte " + std::to_string(at), "use the version that wrote it");
      (void)execute(router, command);
      past.clear();
      ++done.commands;
    } else {
      HOTLINE_TRY(router.require(std::string_view(text).substr(at + 12, size - 4)).ok()
                      ? Status{}
                      : Status(Error(ErrorCode::corrupt, "`" + file_->path + "` holds a requirement that no longer compiles", "use the definition that it was written with")));
    }
    at += 8 + size;
    whole = at;
  }
  done.cut = text.size() - whole;
  if (done.cut > 0 && ::ftruncate(file_->fd, static_cast<off_t>(whole)) != 0) return failed(file_->path, "cut");
  if (what != nullptr) *what = done;
  router.redirect(events);
  return router;
}

Status Log::append(const Command& command) {
  put(file_->pending, kCommand, reinterpret_cast<const char*>(&command), sizeof command);
  ++file_->appended;
  return {};
}

Status Log::append_requirement(std::string_view text) {
  std::string body;
  const auto length = static_cast<std::uint32_t>(text.size());
  body.append(reinterpret_cast<const char*>(&length), 4).append(text);
  put(file_->pending, kRequirement, body.data(), static_cast<std::uint32_t>(body.size()));
  return {};
}

Status Log::sync() {
  HOTLINE_TRY(write_all(file_->fd, file_->pending, file_->path));
  file_->pending.clear();
  return ::fdatasync(file_->fd) == 0 ? Status{} : Status(failed(file_->path, "sync"));
}

Status Log::snapshot(const Router& router) {
  HOTLINE_TRY(sync());
  const std::string temporary = file_->path + ".snapshot.new", final = file_->path + ".snapshot";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return failed(temporary, "open");
  Status written = write_all(fd, router.save(), temporary);
  if (written.ok() && ::fsync(fd) != 0) written = failed(temporary, "sync");
  ::close(fd);
  HOTLINE_TRY(written);
  if (::rename(temporary.c_str(), final.c_str()) != 0) return failed(final, "replace");
  if (::ftruncate(file_->fd, 0) != 0) return failed(file_->path, "cut");
  return ::fdatasync(file_->fd) == 0 ? Status{} : Status(failed(file_->path, "sync"));
}

std::uint64_t Log::appended() const { return file_->appended; }

}  // namespace hotline::acd
