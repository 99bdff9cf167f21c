// What calls were told, what happened in their flows and what was asked of the host, as journal lines; and such a
// journal played again. The lines' types:
//   call.start, call.key, call.played ...   the commands of switchboard.hpp, as they came
//   node.enter, node.leave, node.hangup ... what happened (TraceKind), with node, exit, detail, elapsed
//   play, record, query ... hangup, ended   what was asked of the host
//   notice.lay, notice.lift, flow.publish   what was done to all calls
// Keys of an entry that is kept in a secret variable are written as `?`.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/journal.hpp"
#include "hotline/ivr/engine.hpp"

namespace hotline::ivr {

// Does what Engine does, and writes it down first. Confined; the journal must outlive it.
class CallJournal {
 public:
  explicit CallJournal(Journal& journal) : journal_(journal) {}

  // `call` names the call in the lines.
  std::span<const Action> start(Engine& engine, Session& session, const Start& start, std::string_view call, Time now);
  std::span<const Action> step(Engine& engine, Session& session, const Event& event, std::string_view call, Time now);
  std::span<const Action> resume(Engine& engine, Session& session, std::string_view call, Time now);
  // A session that Session::restore made; resume() follows.
  void restored(const Session& session, std::string_view call, Time now);

  // Errors: as Engine's; then nothing is written.
  Status lay(Engine& engine, const Overlay& overlay, Time now);
  Status lift(Engine& engine, std::string_view overlay_id, Time now);
  void publish(Engine& engine, Flow next, Time now);
  void publish(Engine& engine, Flow next, Migration migration, Time now);

 private:
  void did(const Engine& engine, const Session& session, std::span<const Action> actions, std::string_view call, bool secret, Time now);
  Journal& journal_;
};

// Where a call took another way than its journal tells: the first difference of each call.
struct ReplayDifference {
  std::size_t line = 0;      // of the journal, counted from 1
  std::string call, at, node;
  std::string recorded;      // the line as it stands; "" where the journal has nothing
  std::string replayed;      // what happened instead; "" for nothing
};
struct Replayed {
  std::size_t calls = 0;     // played to their end or to the journal's end
  std::size_t lines = 0;     // of events, compared byte by byte
  std::size_t skipped = 0;   // calls of flows that were not given, or with secret entries from there on
  std::vector<ReplayDifference> differences;

  bool same() const { return differences.empty(); }
  std::string to_text() const;
  std::string to_json() const;
};

// Plays every call of a journal again. A call runs the flow of its own fingerprint where that was given, else the
// last given one of its id: so a new version is tried with yesterday's calls.
// Errors: corrupt (a line that is none), not_found (no call of these flows), invalid_argument (no flow).
Result<Replayed> replay(std::span<const Flow> flows, std::string_view journal, std::string_view file = "journal");

// One call as a scenario file (base/scenario.hpp) over the flow at `given`. Errors: corrupt, not_found.
Result<std::string> to_scenario(std::string_view journal, std::string_view call, std::string_view given);

}  // namespace hotline::ivr
