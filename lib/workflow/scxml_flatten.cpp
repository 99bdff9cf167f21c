// A nested chart as a flat one: every configuration that can be reached is one state, every microstep one transition whose
// content stands in the order in which it runs. What is left to do, queues, delays and run-to-completion, the kernel does.
#include <deque>

#include "hotline/base/json.hpp"
#include "workflow/scxml_flatten.hpp"
#include "workflow/scxml_machine.hpp"

namespace hotline::workflow {
namespace {

constexpr std::size_t kMostStates = 2000, kMostTransitions = 20'000;

class Flattener {
 public:
  Flattener(const ScxmlChart& chart, std::span<const std::string> events) : chart_(chart), machine_(chart), events_(chart.events) {
    events_.insert(events.begin(), events.end());
    events_.erase("");
    for (const std::string& name : events_) ids_.emplace(name, "e" + std::to_string(ids_.size()));
  }

  Result<std::string> write() {
    ScxmlBlock first;
    HOTLINE_ASSIGN(const ScxmlSpot start, machine_.start(first));
    transition("START", "", start, nullptr, first);
    for (; !left_.empty(); left_.pop_front()) HOTLINE_TRY(expand(*left_.front()));
    std::string out;
    JsonWriter json(out);
    json.begin_object().field("workflow", chart_.name.empty() ? "scxml" : chart_.name).field("profile", "chart");
    json.key("regions").begin_object().key("main").begin_object().field("initial", "START").key("states").begin_object();
    json.key("START").begin_object().end_object();
    for (const auto& [spot, name] : names_) {
      json.key(name).begin_object().key("label").begin_object().field("en", label(spot)).end_object();
      if (spot.finished) json.field("final", true);
      json.end_object();
    }
    json.end_object().end_object().end_object().key("events").begin_object();
    for (const auto& [name, id] : ids_) json.key(id).begin_object().key("label").begin_object().field("en", name).end_object().end_object();
    json.end_object().key("transitions").raw("[" + transitions_ + "]").end_object();
    return out;
  }

 private:
  std::string label(const ScxmlSpot& spot) const {
    std::string out;
    for (const std::uint32_t s : spot.configuration)
      if (chart_.nodes[s].atomic()) out += (out.empty() ? "" : " ") + chart_.nodes[s].id;
    return out;
  }

  const std::string& name_of(const ScxmlSpot& spot) {
    const auto [at, made] = names_.emplace(spot, "C" + std::to_string(names_.size()));
    if (made) left_.push_back(&at->first);
    return at->second;
  }

  Status expand(const ScxmlSpot& spot) {
    if (names_.size() > kMostStates || count_ > kMostTransitions)
      return Error(ErrorCode::limit, "SCXML: more than " + std::to_string(kMostStates) + " configurations", "split the chart");
    if (spot.finished) return {};
    const std::string from = names_.at(spot);
    HOTLINE_ASSIGN(const bool spontaneous, one(spot, from, ""));
    if (spontaneous) return {};  // taken before any event is looked at
    for (const std::string& event : events_) {
      const auto taken = one(spot, from, event);
      if (!taken.ok()) return taken.error();
    }
    return {};
  }

  Result<bool> one(const ScxmlSpot& spot, const std::string& from, const std::string& event) {
    HOTLINE_ASSIGN(const auto selected, machine_.select(spot, event));
    if (selected.empty()) return false;
    ScxmlBlock done;
    HOTLINE_ASSIGN(const ScxmlSpot next, machine_.step(spot, selected, done));
    transition(from, event, next, &spot, done);
    return true;
  }

  void transition(const std::string& from, const std::string& event, const ScxmlSpot& to, const ScxmlSpot* at, const ScxmlBlock& content) {
    if (count_++ > 0) transitions_ += ",";
    JsonWriter json(transitions_);
    json.begin_object().field("region", "main").field("from", from);
    if (event.empty()) json.field("always", true);
    else json.field("on", ids_.at(event));
    if (at == nullptr || !(*at == to)) json.field("to", name_of(to));
    json.key("do").begin_array();
    const auto text = [](const std::string& plain) {
      std::string out;
      append_json_string(out, plain);
      return out;
    };
    for (const ScxmlAction& a : content) {
      json.begin_object();
      switch (a.kind) {
        case ScxmlAction::Kind::raise: json.field("raise", ids_.at(a.event)); break;
        case ScxmlAction::Kind::send:
          json.field("emit", "send").key("with").begin_object().field("event", text(a.event)).field("delay", text(a.delay)).field("id", text(a.id)).end_object();
          break;
        case ScxmlAction::Kind::cancel: json.field("emit", "cancel").key("with").begin_object().field("id", text(a.id)).end_object(); break;
        default: json.field("emit", "log").key("with").begin_object().field("text", text(a.text)).end_object();
      }
      json.end_object();
    }
    json.end_array().end_object();
  }

  const ScxmlChart& chart_;
  ScxmlMachine machine_;
  std::set<std::string> events_;
  std::map<std::string, std::string> ids_;
  std::map<ScxmlSpot, std::string> names_;
  std::deque<const ScxmlSpot*> left_;
  std::string transitions_;
  std::size_t count_ = 0;
};

}  // namespace

Result<Definition> flatten_scxml(std::string_view text, std::string_view file, std::span<const std::string> events) {
  HOTLINE_ASSIGN(const ScxmlChart chart, ScxmlChart::parse(text, file));
  auto json = Flattener(chart, events).write();
  if (!json.ok()) return json.error().at({std::string(file), 0, 0});
  Diagnostics diagnostics{std::string(file)};
  return Definition::parse(*json, file, diagnostics);
}

}  // namespace hotline::workflow
