// A journal's calls, played again line by line.
#include <deque>
#include <map>
#include <optional>

#include "hotline/ivr/call_journal.hpp"
#include "ivr/commands.hpp"

namespace hotline::ivr {
namespace {

// A line of box ivr: what is compared is everything behind seq, at and box.
struct Line {
  std::size_t number = 0;
  std::string at;
  std::string type;
  std::string_view tail;  // "type":...}
  Node fields;
  std::string text(std::string_view key) const {
    const Node* node = fields.find(key);
    return node ? node->text() : std::string();
  }
  bool command() const { return type.starts_with("call.") || type.starts_with("notice.") || type.starts_with("flow."); }
};

std::string_view tail_of(std::string_view line) {
  const auto from = line.find("\"type\":");
  return from == line.npos ? line : line.substr(from);
}

template <class Each>
Status each_line(std::string_view journal, std::string_view file, Each&& each) {
  for (std::size_t number = 1; !journal.empty(); ++number) {
    const auto end = journal.find('\n');
    if (end == journal.npos) break;  // a torn write
    const std::string_view text = journal.substr(0, end);
    journal.remove_prefix(end + 1);
    if (text.empty() || text.find("\"box\":\"ivr\"") == text.npos) continue;
    auto fields = parse_document(text, file);
    const Node* at = fields ? fields->find("at") : nullptr;
    const Node* type = fields ? fields->find("type") : nullptr;
    if (at == nullptr || type == nullptr)
      return Error(ErrorCode::corrupt, fields ? "a line lacks at or type" : "not a journal line: " + fields.error().message(),
                   "restore the file, or cut it before this line", Place{std::string(file), static_cast<std::uint32_t>(number), 1});
    Line line{number, at->text(), type->text(), tail_of(text), {}};
    line.fields = *std::move(fields);
    HOTLINE_TRY(each(line));
  }
  return {};
}

class Replay {
 public:
  explicit Replay(std::span<const Flow> flows)
      : journal_([this](std::string_view line) { produced_.push_back(std::string(tail_of(line.substr(0, line.size() - 1)))); }), calls_(journal_) {
    for (const Flow& flow : flows) {
      auto& house = houses_[flow.id()];
      house.versions.push_back(flow);
      if (!house.engine) house.engine.emplace(flow);
    }
  }

  Status take(const Line& line) {
    if (line.type.starts_with("notice.") || line.type.starts_with("flow.")) return to_all(line);
    const std::string name = line.text("call");
    if (line.type == "call.start") return begin(name, line);
    const auto found = running_.find(name);
    if (found == running_.end()) return {};
    Running& call = found->second;
    return line.command() ? told(name, call, line) : compare(name, call, line);
  }

  Replayed finish() {
    while (!running_.empty()) drop(running_.begin());
    return std::move(report_);
  }

 private:
  struct House {
    std::vector<Flow> versions;
    std::optional<Engine> engine;
    const Flow& version(const std::string& fingerprint) const {
      for (const Flow& flow : versions)
        if (flow.fingerprint() == fingerprint) return flow;
      return versions.back();
    }
  };
  struct Running {
    House* house;
    Session session;
    NewestIds newest;
    std::deque<std::string> expected;
    std::string at;
  };

  House* house_of(const Line& line) {
    const auto found = houses_.find(line.text("flow"));
    return found == houses_.end() ? nullptr : &found->second;
  }

  Status to_all(const Line& line) {
    House* house = house_of(line);
    if (house == nullptr) return {};
    HOTLINE_ASSIGN(const Time now, parse_time(line.at));
    if (line.type == "notice.lay") {
      HOTLINE_ASSIGN(Overlay overlay, read_overlay(line.fields, now));
      (void)house->engine->lay(std::move(overlay));  // a node that the other version lacks: the calls will tell
    } else if (line.type == "notice.lift") {
      (void)house->engine->lift(line.text("id"));
    } else {
      Migration migration;
      const Node* moves = line.fields.find("moves");
      if (moves != nullptr)
        for (const auto& [from, to] : moves->entries()) migration.nodes.emplace_back(from.text(), to.text());
      const Flow& next = house->version(line.text("fingerprint"));
      if (moves != nullptr) house->engine->publish(next, std::move(migration));
      else house->engine->publish(next);
    }
    return {};
  }

  Status begin(const std::string& name, const Line& line) {
    if (const auto before = running_.find(name); before != running_.end()) drop(before);
    House* house = house_of(line);
    if (house == nullptr) {
      ++report_.skipped;
      return {};
    }
    HOTLINE_ASSIGN(const Time now, parse_time(line.at));
    Running& call = running_.emplace(name, Running{house, Session(house->version(line.text("fingerprint"))), {}, {}, {}}).first->second;
    ++report_.calls;
    did(call, calls_.start(*house->engine, call.session, read_start(line.fields), name, now));
    return {};
  }

  Status told(const std::string& name, Running& call, const Line& line) {
    if (line.type == "call.restore") return restore(name, call, line);
    if (!call.expected.empty()) return differs(name, call, line, "", call.expected.front());
    if (line.text("key") == "?") {
      ++report_.skipped;
      running_.erase(name);
      return {};
    }
    HOTLINE_ASSIGN(const Time now, parse_time(line.at));
    if (line.type == "call.resume") {
      did(call, calls_.resume(*call.house->engine, call.session, name, now));
      return {};
    }
    ReadEvent read;
    HOTLINE_TRY(read_event(line.type, line.fields, call.newest, read));
    did(call, calls_.step(*call.house->engine, call.session, read.event, name, now));
    return {};
  }

  // The process that wrote the journal had died: what it did not write down any more did not happen.
  Status restore(const std::string& name, Running& call, const Line& line) {
    call.expected.clear();
    const std::string stored = line.text("session");
    for (const Flow& version : call.house->versions)
      if (auto session = Session::restore(version, stored)) {
        call.session = *std::move(session);
        return {};
      }
    return differs(name, call, line, line.tail, "the stored session is of a version that was not given");
  }

  void did(Running& call, std::span<const Action> actions) {
    for (const Action& action : actions) call.newest.note(action);
    call.expected.assign(std::make_move_iterator(produced_.begin()), std::make_move_iterator(produced_.end()));
    produced_.clear();
    if (!call.expected.empty()) call.expected.pop_front();  // the command itself
  }

  Status compare(const std::string& name, Running& call, const Line& line) {
    ++report_.lines;
    if (call.expected.empty()) return differs(name, call, line, line.tail, "");
    if (call.expected.front() != line.tail) return differs(name, call, line, line.tail, call.expected.front());
    call.expected.pop_front();
    if (line.type == "ended") running_.erase(name);
    return {};
  }

  Status differs(const std::string& name, const Running& call, const Line& line, std::string_view recorded, std::string_view replayed) {
    std::string node = line.text("node");
    if (node.empty()) node = call.session.node();
    report_.differences.push_back({line.number, name, line.at, std::move(node), std::string(recorded), std::string(replayed)});
    running_.erase(name);
    return {};
  }

  void drop(std::map<std::string, Running>::iterator call) { running_.erase(call); }

  std::map<std::string, House> houses_;
  std::map<std::string, Running> running_;
  std::vector<std::string> produced_;
  Journal journal_;
  CallJournal calls_;
  Replayed report_;
};

}  // namespace

Result<Replayed> replay(std::span<const Flow> flows, std::string_view journal, std::string_view file) {
  if (flows.empty()) return Error(ErrorCode::invalid_argument, "no flow to replay the calls with", "give the flow that ran, or the one to be tried");
  Replay run(flows);
  HOTLINE_TRY(each_line(journal, file, [&](const Line& line) { return run.take(line); }));
  Replayed report = run.finish();
  if (report.calls == 0)
    return Error(ErrorCode::not_found, "`" + std::string(file) + "` has no call of `" + flows.front().id() + "`",
                 report.skipped == 0 ? "is it a journal of calls?" : "its calls run other flows; give those");
  return report;
}

Result<std::string> to_scenario(std::string_view journal, std::string_view call, std::string_view given) {
  std::string out;
  std::optional<Time> begun;
  HOTLINE_TRY(each_line(journal, "journal", [&](const Line& line) -> Status {
    if (line.text("call") != call || line.type.starts_with("node.") || line.type == "call.timer") return {};
    if (line.type == "call.start" && begun) return {};
    if (line.type != "call.start" && !begun) return {};
    HOTLINE_ASSIGN(const Time at, parse_time(line.at));
    if (!begun) {
      begun = at;
      out = "# Call " + std::string(call) + " of " + line.at + ", as its journal tells.\ngiven " + std::string(given) + "\n";
    }
    Node fields = Node::mapping();
    for (const auto& [key, value] : line.fields.entries()) {
      const std::string& name = key.text();
      const bool frame = name == "seq" || name == "at" || name == "box" || name == "type" || name == "flow" || name == "version" || name == "fingerprint";
      if (!frame && !(line.type == "ended" && name == "node")) fields.insert(key, value);
    }
    out += "@" + hotline::to_string(at - *begun) + (line.command() ? "  " : " => ") + line.type + " " + fields.to_json() + "\n";
    return {};
  }));
  if (!begun) return Error(ErrorCode::not_found, "the journal has no call `" + std::string(call) + "`", "look at its call.start lines");
  return out;
}

std::string Replayed::to_text() const {
  std::string text = std::to_string(calls) + " calls, " + std::to_string(lines) + " events compared" +
                     (skipped ? ", " + std::to_string(skipped) + " calls left out" : "") + ": " +
                     (same() ? "all the same" : std::to_string(differences.size()) + " calls take another way") + "\n";
  for (const ReplayDifference& d : differences)
    text += "line " + std::to_string(d.line) + ": call " + d.call + " at " + d.at + ", node `" + d.node + "`\n  recorded: " +
            (d.recorded.empty() ? "nothing more" : d.recorded) + "\n  replayed: " + (d.replayed.empty() ? "nothing" : d.replayed) + "\n";
  return text;
}

std::string Replayed::to_json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("same", same()).field("calls", calls).field("lines", lines).field("skipped", skipped).key("differences").begin_array();
  for (const ReplayDifference& d : differences)
    json.begin_object().field("line", d.line).field("call", d.call).field("at", d.at).field("node", d.node).field("recorded", d.recorded)
        .field("replayed", d.replayed).end_object();
  json.end_array().end_object();
  return out;
}

}  // namespace hotline::ivr
