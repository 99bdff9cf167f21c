// The journal: an ordered record of the commands that went into the engines and the events that came
// out, one JSON object a line:
//   {"seq":7,"at":"2026-11-22T08:00:00Z","box":"acd","type":"offer","contact":"c1","agent":"a3"}
// The same commands at the same times write the same bytes.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/document.hpp"
#include "hotline/base/json.hpp"
#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"

namespace hotline {

// Numbers the lines and hands each, ended by '\n', to the sink. Caller-locked.
class Journal {
 public:
  using Sink = std::function<void(std::string_view line)>;
  explicit Journal(Sink sink, std::uint64_t first_seq = 1) : sink_(std::move(sink)), next_(first_seq) {}

  // Writes one line; `fill` adds the line's own fields. `seq`, `at`, `box`, `type` come first.
  template <class Fill>
  void write(Time at, std::string_view box, std::string_view type, Fill&& fill) {
    JsonWriter json = begin(at, box, type);
    fill(json);
    finish(json);
  }
  void write(Time at, std::string_view box, std::string_view type) {
    write(at, box, type, [](JsonWriter&) {});
  }
  std::uint64_t next_seq() const { return next_; }

 private:
  JsonWriter begin(Time at, std::string_view box, std::string_view type);
  void finish(JsonWriter& json);
  Sink sink_;
  std::uint64_t next_;
  std::string line_;
};

struct JournalRecord {
  std::uint64_t seq = 0;
  Time at{};
  std::string box;
  std::string type;
  Node fields;  // the whole line
};

// Reads lines back. A last line without '\n' is a torn write: left out, not an error.
// Errors: corrupt with the line's number on anything else that does not parse.
Result<std::vector<JournalRecord>> read_journal(std::string_view text, std::string_view file = "journal");

// A journal file that survives kill -9: appends, cuts a torn tail on opening. Caller-locked.
class JournalFile {
 public:
  // Errors: io, corrupt.
  static Result<JournalFile> open(const std::string& path);
  JournalFile(JournalFile&&) noexcept;
  JournalFile& operator=(JournalFile&&) noexcept;
  ~JournalFile();

  std::uint64_t next_seq() const;
  Status append(std::string_view line);
  // Returns when everything appended is on the disk (fdatasync).
  Status sync();

 private:
  struct File;
  explicit JournalFile(std::unique_ptr<File> file);
  std::unique_ptr<File> file_;
};

}  // namespace hotline
