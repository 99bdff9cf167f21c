// The router's log: commands in the order in which they were carried out, in one file that survives kill -9, and
// snapshots of the whole state. State = f(snapshot, commands after it). Both forms of commands go in: records of 112
// bytes, and texts (Router::apply) with their names, ids and notes; ids are known again after recovery.
//
//   auto log = Log::open(path).value();
//   auto router = log.recover(definition, events).value();   // an empty file: a fresh router
//   log.append(command); execute(router, command); ... log.sync();   // group commit: acknowledge after sync
//
// Requirements that contacts bring along, and notes of supervisors, are written by their text and get the same ids again.
// After a change of the definition comes a snapshot (redefine does both).
#pragma once

#include <cstdint>
#include <functional>
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
  // `prepare` runs before anything is replayed: set the host's own policies there, they took part in what happened.
  Result<Router> recover(Definition definition, Events& events, Recovered* what = nullptr,
                         const std::function<void(Router&)>& prepare = {});

  Status append(const Command& command);                // into memory; on the disk after sync
  Status append(std::string_view verb, std::string_view json, Time now);  // a command for Router::apply
  Status append_requirement(std::string_view text);     // before the first command that uses its id
  Status append_note(std::string_view text);            // the same
  // Errors: io. After a failed write the records are kept for the next sync; after a failed fdatasync the log refuses
  // everything until it is recovered, for what the disk holds is unknown.
  Status sync();
  // Writes a snapshot beside the log and empties the log; a crash at any moment leaves both good. Errors: io.
  Status snapshot(const Router& router);
  // Changes the definition and takes a snapshot. Errors: those of Router::redefine; io.
  Status redefine(Router& router, Definition definition, Time now);
  std::uint64_t appended() const;  // records of all time

 private:
  struct File;
  Status put_text(std::uint32_t kind, std::string_view a, std::string_view b, std::string_view c);
  explicit Log(std::unique_ptr<File> file);
  std::unique_ptr<File> file_;
};

}  // namespace hotline::acd
