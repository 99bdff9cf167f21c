#include "read_calls.hpp"

#include <algorithm>

#include "hotline/base/json.hpp"

namespace hotline::sim {
namespace {

double seconds(Duration d) { return 1e-9 * static_cast<double>(d.count()); }

std::string folder_of(const std::string& path) {
  const auto slash = path.rfind('/');
  return slash == std::string::npos ? "" : path.substr(0, slash + 1);
}
std::string beside(const std::string& path, const std::string& name) { return name.starts_with("/") ? name : folder_of(path) + name; }

Result<std::string> text_of(const LoadText& load, const std::string& path) {
  if (!load) return Error(ErrorCode::io, "no files can be read here", "write `" + path + "` into the experiment");
  return load(path);
}

// ---- callers

// {"1": 60, "2": 30, nothing: 5, hang_up: 5}, or one word: always that.
std::vector<KeyChoice> choices(Fields& f, const Node& node) {
  std::vector<KeyChoice> out;
  const auto add = [&](const Node& keys, double weight) {
    const std::string& text = keys.text();
    const bool word = text == "nothing" || text == "hang_up";
    if (!word && (text.empty() || text.find_first_not_of("0123456789*#ABCD") != std::string::npos))
      return f.complain(keys, "S112", "`" + text + "` are no keys", "write digits, * or #, or the words `nothing` and `hang_up`");
    out.push_back({text == "nothing" ? "" : text, weight});
  };
  if (node.is_scalar()) add(node, 1);
  for (const auto& [keys, weight] : node.entries()) {
    const double w = weight.as_double().value_or(-1);
    if (!(w >= 0) || w > 1e9) f.complain(weight, "S112", "a weight must be a number >= 0", "write {\"1\": 60, hang_up: 5}");
    else add(keys, w);
  }
  return out;
}

void scripts(Fields& f, const Node& node, Walk& walk) {
  double sum = 0;
  for (const Node& item : node.items()) {
    Fields s(item, f.diagnostics(), f.context() + ", script");
    Script script;
    sum += script.share = s.number("share", 0, 0, 1);
    if (const Node* keys = s.required("keys"))
      for (const Node& one : keys->items())
        for (const KeyChoice& c : choices(s, one)) script.keys.push_back(c.keys);
    s.finish();
    walk.scripts.push_back(std::move(script));
  }
  if (sum > 1 + 1e-9) f.complain(node, "S108", "the scripts' shares are more than 1", "shares are of all callers");
}

ivr::Value value_of(const Node& node) {
  if (const auto b = node.as_bool()) return *b;
  if (const auto i = node.as_int()) return *i;
  if (const auto d = node.as_double()) return *d;
  return node.text();
}

void answers(Fields& f, const std::string& target, const Node& node, Walk& walk) {
  if (node.is_sequence()) {
    for (const Node& item : node.items()) answers(f, target, item, walk);
    return;
  }
  Fields a(node, f.diagnostics(), f.context() + ", answer `" + target + "`");
  HostAnswer answer;
  answer.target = target;
  answer.weight = a.number("weight", 1, 0, 1e9);
  if (const auto outcome = ivr::parse_outcome(a.string("outcome", "ok")); outcome.ok()) answer.answer.outcome = *outcome;
  else a.complain(node, "S112", outcome.error().message(), outcome.error().remedy());
  answer.answer.after = a.duration("after", answer.answer.after);
  answer.answer.talk = a.duration("talk", answer.answer.talk);
  if (const Node* fields = a.get("fields"))
    for (const auto& [key, value] : fields->entries()) answer.answer.fields.push_back({key.text(), value_of(value)});
  a.finish();
  walk.answers.push_back(std::move(answer));
}

Result<ivr::Flow> read_flow(const Node& node, const LoadText& load) {
  ivr::LoadOptions options;
  if (node.is_mapping()) {
    options.read = [&load](const std::string& path) { return text_of(load, path); };
    return ivr::Flow::parse(node.to_json(), "flow", options);
  }
  HOTLINE_ASSIGN(const std::string text, text_of(load, node.text()));
  options.read = [&load, &node](const std::string& path) { return text_of(load, beside(node.text(), path)); };
  return ivr::Flow::parse(text, node.text(), options);
}

// ---- tickets

Result<Node> read_layers(const Node& node, const LoadText& load, const std::string& from, int layers = 8) {
  Node document = node;
  std::string path = from;
  if (node.is_scalar()) {
    path = beside(from, node.text());
    HOTLINE_ASSIGN(const std::string text, text_of(load, path));
    HOTLINE_ASSIGN(document, parse_document(text, path));
  }
  const Node* extends = document.find("extends");
  if (extends == nullptr) return document;
  if (layers == 0) return Error(ErrorCode::limit, "more than 8 layers of `extends`", "is there a circle?");
  HOTLINE_ASSIGN(const Node below, read_layers(*extends, load, path, layers - 1));
  Node above = Node::mapping(document.line(), document.column());
  for (const auto& [key, value] : document.entries())
    if (key.text() != "extends") above.insert(key, value);
  return merged(below, above);
}

class TicketReader {
 public:
  TicketReader(Fields& f, const LoadText& load, TicketWork& work) : f_(f), load_(load), work_(work) {}

  void calendars() {
    const Node* given = f_.get("calendars");
    for (const std::string& name : work_.definition.calendars()) {
      const Node* file = given != nullptr ? given->find(name) : nullptr;
      const auto calendar = file != nullptr ? compile(*file) : Result<workflow::Calendar>(workflow::Calendar::always());
      if (calendar.ok()) work_.calendars.push_back(*calendar);
      else f_.complain(*file, "S113", calendar.error().message(), calendar.error().remedy());
    }
  }

  void from(const Model& model) {
    const Node* node = f_.get("from");
    if (node == nullptr) return;
    for (const auto& [key, value] : node->entries()) {
      const double share = value.as_double().value_or(-1);
      bool found = false;
      for (std::size_t i = 0; i < model.streams.size(); ++i)
        if (model.streams[i].name == key.text()) found = true, work_.from.emplace_back(i, share);
      if (!found) f_.complain(key, "S106", "there is no stream `" + key.text() + "`", "name one of the streams");
      if (!(share >= 0 && share <= 1)) f_.complain(value, "S108", "a share outside 0..1", "write from: {general: 0.3}");
    }
  }
  void from_flow(const Model& model) {
    for (const std::string& name : f_.strings("from_flow")) {
      bool found = false;
      for (std::size_t i = 0; i < model.streams.size(); ++i)
        if (model.streams[i].name == name && model.streams[i].ivr.walk != nullptr) found = true, work_.from_flow.push_back(i);
      if (!found) f_.complain(f_.node(), "S106", "no stream `" + name + "` has a flow", "name a stream with ivr: {flow: …}");
    }
  }

  void closed() {
    const auto& machine = work_.definition.root();
    for (const std::string& name : f_.strings("closed")) {
      bool found = false;
      for (std::uint32_t r = 0; r < machine.regions.size(); ++r)
        if (const auto s = machine.regions[r].find(name); s != workflow::kNone) found = true, work_.closed.emplace_back(r, s);
      if (!found) f_.complain(f_.node(), "S113", "the workflow has no state `" + name + "`", "name states of its ticket");
    }
  }

  // STATE, or task.STATE.
  void states() {
    const Node* node = f_.get("states");
    if (node == nullptr) return;
    for (const auto& [key, acts] : node->entries()) {
      const auto dot = key.text().find('.');
      const std::string task = dot == std::string::npos ? "" : key.text().substr(0, dot), name = key.text().substr(dot == std::string::npos ? 0 : dot + 1);
      TicketState state;
      state.machine = work_.definition.machine(task);
      state.state = workflow::kNone;
      if (state.machine != workflow::kNone) {
        const auto& regions = work_.definition.machines()[state.machine].regions;
        for (std::uint32_t r = 0; r < regions.size() && state.state == workflow::kNone; ++r) state.region = r, state.state = regions[r].find(name);
      }
      if (state.state == workflow::kNone) {
        f_.complain(key, "S113", "the workflow has no state `" + key.text() + "`", "write STATE, or task.STATE");
        continue;
      }
      if (acts.is_mapping()) act(acts, task, state);
      for (const Node& item : acts.items()) act(item, task, state);
      work_.states.push_back(std::move(state));
    }
  }

 private:
  Result<workflow::Calendar> compile(const Node& file) {
    HOTLINE_ASSIGN(const std::string text, file.is_mapping() ? Result<std::string>(file.to_json()) : text_of(load_, file.text()));
    Diagnostics diagnostics(file.is_mapping() ? "calendar" : file.text());
    HOTLINE_ASSIGN(const auto spec, workflow::CalendarSpec::parse(text, diagnostics.file(), diagnostics));
    return workflow::Calendar::compile(spec);
  }

  void act(const Node& node, const std::string& task, TicketState& state) {
    Fields a(node, f_.diagnostics(), f_.context() + ", act");
    TicketAct act;
    act.weight = a.number("weight", 1, 0, 1e9);
    act.after = wfm::Distribution::never();
    if (const Node* after = a.get("after")) act.after = wfm::read_distribution(*after, f_.diagnostics(), "after");
    act.working_time = a.boolean("working_time", false);
    const std::string event = a.string("do");
    std::string text;
    JsonWriter json(text);
    json.begin_object().field("node", task.empty() ? 0 : 1);
    if (!task.empty()) json.field("task", task);
    json.field("event", event).key("actor").begin_object().field("id", "simulated " + a.string("by")).field("unit", a.string("unit")).key("roles").begin_array();
    for (const std::string& role : a.strings("by")) json.value(role);
    json.end_array().end_object();
    for (const char* key : {"fields", "facts"})
      if (const Node* part = a.get(key)) json.key(key).raw(part->to_json());
    json.end_object();
    a.finish();
    if (event.empty()) {  // nobody does anything, with this weight
      act.after = wfm::Distribution::never();
    } else {
      auto record = workflow::Record::parse(work_.definition, text);
      if (!record.ok()) return a.complain(node, "S113", record.error().message(), record.error().remedy());
      act.record = *std::move(record);
    }
    state.acts.push_back(std::move(act));
  }

  Fields& f_;
  const LoadText& load_;
  TicketWork& work_;
};

}  // namespace

Node merged(const Node& a, const Node& b) {
  if (!a.is_mapping() || !b.is_mapping()) return b;
  Node out = Node::mapping(b.line(), b.column());
  for (const auto& [key, value] : a.entries()) {
    const Node* other = b.find(key.text());
    if (other != nullptr && other->is_null()) continue;
    out.insert(key, other == nullptr ? value : merged(value, *other));
  }
  for (const auto& [key, value] : b.entries())
    if (a.find(key.text()) == nullptr) out.insert(key, value);
  return out;
}

std::shared_ptr<const Walk> read_walk(Fields& f, const Node& flow, const acd::Definition& centre, const LoadText& load) {
  auto compiled = read_flow(flow, load);
  if (!compiled.ok()) f.complain(flow, "S112", compiled.error().message(), compiled.error().remedy());
  if (!compiled.ok()) return nullptr;
  auto walk = std::make_shared<Walk>(*compiled);
  if (const Node* keys = f.get("keys"))
    for (const auto& [node, what] : keys->entries()) {
      if (node.text() != "*" && walk->flow.find(node.text()) >= walk->flow.size())
        f.complain(node, "S112", "the flow has no node `" + node.text() + "`", "name a node that listens, or \"*\"");
      walk->keys.emplace_back(node.text(), choices(f, what));
    }
  if (const Node* n = f.get("scripts")) scripts(f, *n, *walk);
  if (const Node* n = f.get("think")) walk->think = wfm::read_distribution(*n, f.diagnostics(), "think");
  if (const Node* n = f.get("message")) walk->message = wfm::read_distribution(*n, f.diagnostics(), "message");
  walk->knows = f.number("knows", 0, 0, 1);
  if (const Node* n = f.get("queues"))
    for (const auto& [name, queue] : n->entries()) {
      walk->queues.emplace_back(name.text(), centre.find_queue(queue.text()));
      if (!walk->queues.back().second) f.complain(queue, "S106", "the centre has no queue `" + queue.text() + "`", "name a queue of the centre");
    }
  if (const Node* n = f.get("answers"))
    for (const auto& [target, what] : n->entries()) answers(f, target.text(), what, *walk);
  walk->dialled = f.string("dialled");
  walk->language = f.string("language");
  return walk;
}

std::shared_ptr<const TicketWork> read_tickets(const std::string& name, const Node& node, const Model& model, Diagnostics& diagnostics, const LoadText& load) {
  Fields f(node, diagnostics, "tickets `" + name + "`");
  const Node* source = f.required("workflow");
  if (source == nullptr) return nullptr;
  const auto document = read_layers(*source, load, "");
  if (!document.ok()) return f.complain(*source, "S113", document.error().message(), document.error().remedy()), nullptr;
  Diagnostics found(source->is_scalar() ? source->text() : "workflow");
  auto definition = workflow::Definition::parse(*document, found.file(), found);
  if (!definition.ok()) return f.complain(*source, "S113", definition.error().message(), definition.error().remedy()), nullptr;
  auto work = std::make_shared<TicketWork>(*std::move(definition));
  work->name = name;
  std::string start = "{\"start\":true";
  if (const Node* fields = f.get("fields")) start += ",\"fields\":" + fields->to_json();
  auto record = workflow::Record::parse(work->definition, start + "}");
  if (record.ok()) work->start = *std::move(record);
  else f.complain(node, "S113", record.error().message(), record.error().remedy());
  work->follow_s = seconds(f.duration("follow", std::chrono::hours(24 * 30)));
  TicketReader reader(f, load, *work);
  reader.calendars();
  reader.from(model);
  reader.from_flow(model);
  reader.closed();
  work->deadlines = f.strings("deadlines");
  for (const std::string& clock : work->deadlines)
    if (std::none_of(work->definition.machines().begin(), work->definition.machines().end(), [&](const auto& m) { return m.clock(clock) != workflow::kNone; }))
      f.complain(node, "S113", "the workflow has no clock `" + clock + "`", "name its clocks");
  reader.states();
  f.finish();
  return work;
}

}  // namespace hotline::sim
