// The router's log: commands in the order in which they were carried out, 96 bytes each, in one file that survives
// kill -9, and snapshots of the whole state. State = f(snapshot, commands after it).
//
//   auto log = Log::open(path).value();
//   auto router = log.recover(definition, events).value();   // an empty file: a fresh router
//   log.append(command); execute(router, command); ... log.sync();   // group commit: acknowledge after sync
//
// Requirements that contacts bring along are written by their text and get the same ids again.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "hotline/acd/command.hpp"

namespace hotline::acd {

struct Recovered {
  std::uint64_t commands = 0;  // replayed
  bool from_snapshot = false;
  std::uint64_t cut = 0;       // bytes of a torn write that were left out
};

// Caller-locked.
class Log {
 public:
  // `path` is the commands' file; the snapshot stands beside it as path + ".snapshot". Errors: io.
  static Result<Log> open(std::string path);
  Log(Log&&) noexcept;
  Log& operator=(Log&&) noexcept;
  ~Log();

  // Rebuilds the router. Events of the past are not repeated. Then call Router::restarted(now) through execute and
  // append, as with any command. Errors: corrupt, io, invalid_definition; version_mismatch where the snapshot was
  // made with another definition (compare Definition::version and names).
  Result<Router> recover(Definition definition, Events& events, Recovered* what = nullptr);

  Status append(const Command& command);                // into memory; on the disk after sync
  Status append_requirement(std::string_view text);     // before the first command that uses its id
  Status sync();                                        // errors: io
  // Writes a snapshot beside the log and empties the log. Errors: io.
  Status snapshot(const Router& router);
  std::uint64_t appended() const;

 private:
  struct File;
  explicit Log(std::unique_ptr<File> file);
  std::unique_ptr<File> file_;
};

}  // namespace hotline::acd
