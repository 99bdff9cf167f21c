#include "hotline/base/journal.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

namespace hotline {

JsonWriter Journal::begin(Time at, std::string_view box, std::string_view type) {
  line_.clear();
  JsonWriter json(line_);
  json.begin_object().field("seq", next_).field("at", to_string(at)).field("box", box).field("type", type);
  return json;
}

void Journal::finish(JsonWriter& json) {
  json.end_object();
  line_ += '\n';
  ++next_;
  sink_(line_);
}

Result<std::vector<JournalRecord>> read_journal(std::string_view text, std::string_view file) {
  std::vector<JournalRecord> records;
  for (std::uint32_t number = 1; !text.empty(); ++number) {
    const auto end = text.find('\n');
    if (end == text.npos) break;
    const auto damaged = [&](std::string message) {
      return Error(ErrorCode::corrupt, std::move(message), "restore the file, or cut it before this line",
                   Place{std::string(file), number, 1});
    };
    auto node = parse_document(text.substr(0, end), file);
    if (!node) return damaged("not a journal line: " + node.error().message());
    const auto field = [&](std::string_view key) { return node->find(key); };
    const Node* seq = field("seq");
    const Node* at = field("at");
    const Node* box = field("box");
    const Node* type = field("type");
    if (!seq || !at || !box || !type || !seq->as_int()) return damaged("a line lacks seq, at, box or type");
    auto time = parse_time(at->text());
    if (!time) return damaged(time.error().message());
    records.push_back({static_cast<std::uint64_t>(*seq->as_int()), *time, box->text(), type->text(), *std::move(node)});
    text.remove_prefix(end + 1);
  }
  return records;
}

struct JournalFile::File {
  std::string path;
  int descriptor = -1;
  std::uint64_t next_seq = 1;
  ~File() {
    if (descriptor >= 0) ::close(descriptor);
  }
  Error failed(std::string_view what) const {
    return Error(ErrorCode::io, std::string(what) + " `" + path + "`: " + std::strerror(errno),
                 "check the folder, its permissions and the free space");
  }
};

JournalFile::JournalFile(std::unique_ptr<File> file) : file_(std::move(file)) {}
JournalFile::JournalFile(JournalFile&&) noexcept = default;
JournalFile& JournalFile::operator=(JournalFile&&) noexcept = default;
JournalFile::~JournalFile() = default;

Result<JournalFile> JournalFile::open(const std::string& path) {
  auto file = std::make_unique<File>();
  file->path = path;
  file->descriptor = ::open(path.c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0640);
  if (file->descriptor < 0) return file->failed("cannot open");
  HOTLINE_ASSIGN(const std::string text, read_file(path));
  const auto end = text.rfind('\n');
  const std::size_t whole = end == std::string::npos ? 0 : end + 1;
  if (whole != text.size() && ::ftruncate(file->descriptor, static_cast<off_t>(whole)) != 0)
    return file->failed("cannot cut the torn tail of");
  if (whole > 0) {
    const auto start = whole < 2 ? std::string::npos : text.rfind('\n', whole - 2);
    const std::size_t from = start == std::string::npos ? 0 : start + 1;
    HOTLINE_ASSIGN(auto last, read_journal(std::string_view(text).substr(from, whole - from), path));
    if (!last.empty()) file->next_seq = last.back().seq + 1;
  }
  return JournalFile(std::move(file));
}

std::uint64_t JournalFile::next_seq() const { return file_->next_seq; }

Status JournalFile::append(std::string_view line) {
  while (!line.empty()) {
    const ssize_t written = ::write(file_->descriptor, line.data(), line.size());
    if (written < 0) {
      if (errno == EINTR) continue;
      return file_->failed("cannot append to");
    }
    line.remove_prefix(static_cast<std::size_t>(written));
  }
  ++file_->next_seq;
  return {};
}

Status JournalFile::sync() {
  if (::fdatasync(file_->descriptor) != 0) return file_->failed("cannot sync");
  return {};
}

}  // namespace hotline
