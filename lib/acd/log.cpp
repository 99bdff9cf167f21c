#include "hotline/acd/log.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>
#include <iterator>
#include <optional>

namespace hotline::acd {
namespace {

constexpr std::uint32_t kCommand = 0x31444341;      // "ACD1": a Command follows
constexpr std::uint32_t kRequirement = 0x31514552;  // "REQ1": its length and text follow
constexpr std::uint32_t kNote = 0x3145544e;         // "NTE1": the same
constexpr std::uint32_t kText = 0x31545854;         // "TXT1": length, time, verb, a blank, fields

// The head of a log and of a snapshot: how many records went before.
struct Head {
  char magic[8];
  std::uint64_t records;
};
constexpr char kLogMagic[8] = {'h', 'l', 'a', 'c', 'd', 'l', 'g', '2'};
constexpr char kSnapshotMagic[8] = {'h', 'l', 'a', 'c', 'd', 's', 'n', '2'};
std::string head(const char (&magic)[8], std::uint64_t records) {
  Head h;
  std::memcpy(h.magic, magic, 8);
  h.records = records;
  return {reinterpret_cast<const char*>(&h), sizeof h};
}
// -1: it is none.
std::int64_t records_of(std::string_view text, const char (&magic)[8]) {
  Head h;
  if (text.size() < sizeof h) return -1;
  std::memcpy(static_cast<void*>(&h), text.data(), sizeof h);
  return std::memcmp(h.magic, magic, 8) == 0 && h.records < 1ull << 62 ? static_cast<std::int64_t>(h.records) : -1;
}

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

// A file's new content under its own name at once: it is there whole, or the old one is.
Status replace(const std::string& path, std::string_view a, std::string_view b) {
  const std::string temporary = path + ".new";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return failed(temporary, "open");
  Status written = write_all(fd, a, temporary);
  if (written.ok()) written = write_all(fd, b, temporary);
  if (written.ok() && ::fsync(fd) != 0) written = failed(temporary, "sync");
  ::close(fd);
  HOTLINE_TRY(written);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return failed(path, "replace");
  const std::string folder = path.find('/') == path.npos ? "." : path.substr(0, path.rfind('/') + 1);
  if (const int at = ::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC); at >= 0) {  // the name lasts, too
    (void)::fsync(at);
    ::close(at);
  }
  return {};
}

}  // namespace

struct Log::File {
  std::string path;
  int fd = -1;
  std::string pending;
  std::uint64_t records = 0;   // of all time, the pending ones included
  std::uint64_t size = 0;      // bytes that are surely whole
  bool broken = false;         // a sync failed: what the disk holds is unknown until it is read again
  ~File() {
    if (fd >= 0) ::close(fd);
  }
  Status reopen() {
    if (fd >= 0) ::close(fd);
    fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (fd < 0) return failed(path, "open");
    struct stat about {};
    if (::fstat(fd, &about) != 0) return failed(path, "open");
    size = static_cast<std::uint64_t>(about.st_size);
    return {};
  }
};

Log::Log(std::unique_ptr<File> file) : file_(std::move(file)) {}
Log::Log(Log&&) noexcept = default;
Log& Log::operator=(Log&&) noexcept = default;
Log::~Log() = default;

Result<Log> Log::open(std::string path) {
  auto file = std::make_unique<File>();
  file->path = std::move(path);
  HOTLINE_TRY(file->reopen());
  return Log(std::move(file));
}

namespace {

struct Record {
  std::uint32_t kind = 0;
  std::string_view body;
};

// The record at the head of `text`; empty: torn, foreign, or the end.
std::optional<Record> next_record(std::string_view text) {
  std::uint32_t kind, sum, length = 0;
  if (text.size() < 12) return std::nullopt;
  std::memcpy(&kind, text.data(), 4);
  std::memcpy(&sum, text.data() + 4, 4);
  std::size_t size = sizeof(Command);
  if (kind == kRequirement || kind == kNote || kind == kText) {
    std::memcpy(&length, text.data() + 8, 4);
    size = 4 + std::size_t{length};
  } else if (kind != kCommand) {
    return std::nullopt;
  }
  if (text.size() - 8 < size || checksum(text.data() + 8, size) != sum) return std::nullopt;
  return Record{kind, text.substr(8, size)};
}

Error not_ours(const std::string& path, std::uint64_t at, const char* what) {
  return Error(ErrorCode::corrupt, "`" + path + "` holds " + what + " at byte " + std::to_string(at), "use the definition and the version that wrote it");
}

// Carries out what the record says.
Status replay(Router& router, const Record& record, const std::string& path, std::uint64_t at) {
  if (record.kind == kCommand) {
    Command command;
    std::memcpy(static_cast<void*>(&command), record.body.data(), sizeof command);
    if (static_cast<std::uint8_t>(command.verb) > static_cast<std::uint8_t>(Verb::callback_failed)) return not_ours(path, at, "an unknown command");
    (void)execute(router, command);
    return {};
  }
  std::string_view text = record.body.substr(4);
  if (record.kind == kNote) return (void)router.note(text), Status{};
  if (record.kind == kRequirement) return router.require(text).ok() ? Status{} : Status(not_ours(path, at, "a requirement that does not compile"));
  std::int64_t now = 0;
  const std::size_t blank = text.size() >= 8 ? text.find(' ', 8) : text.npos;
  if (blank == text.npos) return not_ours(path, at, "a command without fields");
  std::memcpy(&now, text.data(), 8);
  const auto fields = parse_document(text.substr(blank + 1), path);
  if (!fields.ok()) return not_ours(path, at, "fields that cannot be read");
  (void)router.apply(text.substr(8, blank - 8), *fields, time_from_ns(now));  // a refusal is refused again
  return {};
}

}  // namespace

Result<Router> Log::recover(Definition definition, Events& events, Recovered* what, const std::function<void(Router&)>& prepare) {
  Recovered done;
  Events past;
  HOTLINE_ASSIGN(Router router, Router::create(std::move(definition), past));
  if (prepare) prepare(router);
  HOTLINE_ASSIGN(const std::string snapshot, read_all(file_->path + ".snapshot"));
  std::int64_t included = 0;
  if (!snapshot.empty()) {
    included = records_of(snapshot, kSnapshotMagic);
    if (included < 0) return not_ours(file_->path + ".snapshot", 0, "no snapshot of this version");
    HOTLINE_TRY(router.restore(std::string_view(snapshot).substr(sizeof(Head))));
    done.from_snapshot = true;
  }
  HOTLINE_ASSIGN(const std::string text, read_all(file_->path));
  std::size_t at = sizeof(Head);
  std::int64_t record = records_of(text, kLogMagic);
  if (record < 0 && text.size() >= sizeof(Head)) return not_ours(file_->path, 0, "no log of this version");
  if (record > included) return not_ours(file_->path, 0, "only what followed a snapshot that is missing");
  if (record < 0) {  // nothing yet, or not even the head was finished
    record = included;
    at = 0;
    if (::ftruncate(file_->fd, 0) != 0) return failed(file_->path, "cut");
    HOTLINE_TRY(write_all(file_->fd, head(kLogMagic, static_cast<std::uint64_t>(record)), file_->path));
    done.cut = text.size();
  } else {
    for (; at < text.size(); ++record) {
      const auto next = next_record(std::string_view(text).substr(at));
      if (!next) break;
      if (record >= included) {  // what the snapshot holds already is not done again
        HOTLINE_TRY(replay(router, *next, file_->path, at));
        past.clear();
        done.commands += next->kind == kCommand || next->kind == kText;
      }
      at += 8 + next->body.size();
    }
    done.cut = text.size() - at;
    if (done.cut > 0 && ::ftruncate(file_->fd, static_cast<off_t>(at)) != 0) return failed(file_->path, "cut");
  }
  file_->records = static_cast<std::uint64_t>(record);
  file_->pending.clear();
  file_->broken = false;
  file_->size = at == 0 ? sizeof(Head) : at;
  if (what != nullptr) *what = done;
  past.clear();
  router.redirect(events);
  return router;
}

Status Log::append(const Command& command) {
  put(file_->pending, kCommand, reinterpret_cast<const char*>(&command), sizeof command);
  ++file_->records;
  return {};
}

Status Log::put_text(std::uint32_t kind, std::string_view a, std::string_view b, std::string_view c) {
  const std::size_t size = a.size() + b.size() + c.size();
  if (size > 1u << 24) return Error(ErrorCode::limit, "a text of " + std::to_string(size) + " bytes for the log", "keep it below 16 MB");
  const auto length = static_cast<std::uint32_t>(size);
  std::string body;
  body.reserve(4 + size);
  body.append(reinterpret_cast<const char*>(&length), 4).append(a).append(b).append(c);
  put(file_->pending, kind, body.data(), static_cast<std::uint32_t>(body.size()));
  ++file_->records;
  return {};
}
Status Log::append(std::string_view verb, std::string_view json, Time now) {
  const std::int64_t at = to_ns(now);
  return put_text(kText, {reinterpret_cast<const char*>(&at), 8}, std::string(verb) + " ", json.empty() ? "{}" : json);
}
Status Log::append_requirement(std::string_view text) { return put_text(kRequirement, text, {}, {}); }
Status Log::append_note(std::string_view text) { return put_text(kNote, text, {}, {}); }

Status Log::sync() {
  File& f = *file_;
  if (f.broken) return Error(ErrorCode::io, "`" + f.path + "` failed to reach the disk before", "recover from the log again");
  if (f.pending.empty()) return {};
  if (const Status written = write_all(f.fd, f.pending, f.path); !written.ok()) {
    // Half a record must not stand before whole ones.
    if (::ftruncate(f.fd, static_cast<off_t>(f.size)) != 0) f.broken = true;
    return written;
  }
  f.size += f.pending.size();
  f.pending.clear();
  if (::fdatasync(f.fd) == 0) return {};
  f.broken = true;
  return failed(f.path, "sync");
}

Status Log::snapshot(const Router& router) {
  HOTLINE_TRY(sync());
  // A crash between the two leaves a log whose first records the snapshot holds: recovery passes over them.
  HOTLINE_TRY(replace(file_->path + ".snapshot", head(kSnapshotMagic, file_->records), router.save()));
  HOTLINE_TRY(replace(file_->path, head(kLogMagic, file_->records), {}));
  return file_->reopen();
}

Status Log::redefine(Router& router, Definition definition, Time now) {
  HOTLINE_TRY(router.redefine(std::move(definition), now));
  return snapshot(router);
}

std::uint64_t Log::appended() const { return file_->records; }

}  // namespace hotline::acd
