#include "workflow/definition_reader.hpp"

#include <algorithm>
#include <charconv>
#include <set>

namespace hotline::workflow {
namespace {

// Keys of a machine; the root has more.
constexpr std::string_view kMachineKeys[] = {"fields", "regions", "events",  "transitions", "clocks",
                                             "timers", "key",     "on_join", "on_empty",    "label"};

}  // namespace

void DefinitionReader::read(const Node& root) {
  if (!root.is_mapping()) return complain(root, "D003", "a workflow must be a mapping", "begin with `workflow: name`");
  Fields fields(root, diagnostics_, "workflow");
  read_head(fields);
  declare_machine(fields, root, "");
  if (const Node* tasks = fields.get("tasks")) {
    for (const auto& [key, value] : tasks->entries()) {
      good_name(key, "task");
      if (data_.machines.size() >= 32) {
        complain(key, "W102", "more than 31 kinds of task", "merge some");
        break;
      }
      Fields inner(value, diagnostics_, "task `" + key.text() + "`");
      declare_machine(inner, value, key.text());
      inner.finish();
    }
  }
  fields.get("public_status"), fields.get("kpi"), fields.get("migrate_from");
  fields.finish();
  if (oversized_) return;
  for (std::uint32_t m = 0; m < data_.machines.size(); ++m) {
    auto scope = make_scope(data_.machines, m, data_.facts, data_.roles);
    if (!scope.ok()) {
      diagnostics_.error("W102", scope.error().message(), "rename it: " + scope.error().remedy(), place(*sources_[m]));
      return;
    }
    data_.scopes.push_back(*std::move(scope));
  }
  for (std::uint32_t m = 0; m < data_.machines.size(); ++m) compile_machine(*sources_[m], m);
  if (const Node* node = root.find("public_status")) read_public(*node);
  if (const Node* node = root.find("kpi")) read_kpis(*node);
  if (const Node* node = root.find("migrate_from")) read_migrations(*node);
}

void DefinitionReader::read_head(Fields& fields) {
  data_.id = fields.required_string("workflow");
  data_.version = fields.integer("version", 1, 1, 1'000'000'000);
  static constexpr std::array<std::string_view, 2> profiles{"workflow", "chart"};
  data_.chart = fields.choice("profile", profiles, 0) == 1;
  data_.name = read_text(fields.get("name"));
  fields.get("description");
  data_.roles = fields.strings("roles");
  if (data_.roles.size() > 64) complain(fields.node(), "W102", "more than 64 roles", "merge some");
  data_.levels = fields.strings("levels");
  data_.calendars = fields.strings("calendars");
  if (const Node* reasons = fields.get("reasons")) read_reasons(*reasons);
  data_.facts = read_fields(fields.get("facts"), "fact", false);
}

void DefinitionReader::read_reasons(const Node& node) {
  std::set<std::string> seen;
  for (const auto& [group, codes] : node.entries()) {
    for (const auto& [code, text] : codes.entries()) {
      if (!seen.insert(group.text() + "." + code.text()).second) continue;
      data_.reasons.push_back({group.text(), code.text(), read_text(&text)});
    }
    if (!codes.is_mapping()) complain(codes, "D003", "a group of reasons must be a mapping", "write code: text");
  }
}

Field DefinitionReader::read_field(const Node& key, const Node& value, std::string_view what, bool of_event) {
  Field field;
  field.name = key.text();
  field.required = of_event;
  good_name(key, what);
  const auto read_type = [&](const Node& at) {
    const auto type = expr::Type::parse(at.text());
    if (type.ok())
      field.type = *type;
    else
      complain(at, "W104", type.error().message(), type.error().remedy());
  };
  if (value.is_scalar()) {
    read_type(value);
    return field;
  }
  Fields fields(value, diagnostics_, std::string(what) + " `" + field.name + "`");
  if (const Node* type = fields.get("type"))
    read_type(*type);
  else
    field.type = expr::Type::string();
  field.label = read_text(fields.get("label"));
  field.one_of = fields.strings("one_of");
  field.reasons = fields.string("reasons");
  if (of_event) field.required = !fields.boolean("optional", false);
  if (!field.reasons.empty() && std::none_of(data_.reasons.begin(), data_.reasons.end(),
                                             [&](const Reason& r) { return r.group == field.reasons; })) {
    std::vector<std::string> groups;
    for (const Reason& r : data_.reasons)
      if (groups.empty() || groups.back() != r.group) groups.push_back(r.group);
    unknown(*value.find("reasons"), "group of reasons", groups);
  }
  if ((!field.one_of.empty() || !field.reasons.empty()) && field.type.kind() != expr::Kind::string)
    complain(value, "W104", "`" + field.name + "`: only strings have `one_of` or `reasons`", "make it a string");
  if (!of_event) {
    if (const Node* initial = fields.get("initial")) {
      auto v = expr::Value::from(*initial, field.type);
      if (v.ok())
        field.initial = *std::move(v);
      else
        complain(*initial, "W104", v.error().message(), v.error().remedy());
    }
  }
  fields.finish();
  return field;
}

std::vector<Field> DefinitionReader::read_fields(const Node* node, std::string_view what, bool of_event) {
  std::vector<Field> out;
  if (node == nullptr) return out;
  if (!node->is_mapping()) complain(*node, "D003", "fields must be a mapping", "write name: type");
  for (const auto& [key, value] : node->entries()) {
    if (key.text().starts_with("x-")) continue;
    out.push_back(read_field(key, value, what, of_event));
  }
  if (out.size() > 256) complain(*node, "W102", "more than 256 fields", "use fewer");
  return out;
}

void DefinitionReader::declare_machine(Fields& fields, const Node& node, std::string name) {
  for (const std::string_view key : kMachineKeys) fields.get(key);
  Machine m;
  m.name = std::move(name);
  m.label = read_text(node.find("label"));
  m.fields = read_fields(node.find("fields"), "field", false);
  if (const Node* regions = node.find("regions")) declare_regions(*regions, m);
  if (m.regions.empty())
    complain(node, "W106", (m.name.empty() ? "the workflow" : "task `" + m.name + "`") + std::string(" has no region"),
             "give `regions: {main: {initial: …, states: {…}}}`");
  if (const Node* events = node.find("events")) declare_events(*events, m);
  const auto declare = [&](const Node* list, std::string_view what, auto& out) {
    if (list == nullptr) return;
    for (const auto& [key, value] : list->entries()) {
      good_name(key, what);
      out.emplace_back();
      out.back().name = key.text();
      out.back().place = place(key);
    }
  };
  declare(node.find("clocks"), "clock", m.clocks);
  declare(node.find("timers"), "timer", m.timers);
  check_sizes(node, m);
  sources_.push_back(&node);
  data_.machines.push_back(std::move(m));
}

// What nobody writes by hand, and what would make tables of gigabytes.
void DefinitionReader::check_sizes(const Node& node, const Machine& m) {
  std::size_t states = 0;
  for (const Region& r : m.regions) states += r.states.size();
  const Node* transitions = node.find("transitions");
  const auto limit = [&](std::size_t count, std::size_t most, std::string_view what) {
    if (count <= most) return;
    oversized_ = true;
    complain(node, "W102", "more than " + std::to_string(most) + " " + std::string(what),
             "make tasks of it, or merge some");
  };
  limit(states, 1000, "states");
  limit(m.events.size(), 500, "events");
  limit(m.clocks.size(), 64, "clocks");
  limit(m.timers.size(), 256, "timers");
  limit(transitions != nullptr ? transitions->items().size() : 0, 5000, "transitions");
}

void DefinitionReader::declare_regions(const Node& node, Machine& m) {
  for (const auto& [key, value] : node.entries()) {
    good_name(key, "region");
    Region region;
    region.name = key.text();
    region.place = place(key);
    const Node* states = value.find("states");
    if (states != nullptr && states->is_sequence()) {
      for (const Node& state : states->items()) {
        region.states.emplace_back();
        region.states.back().name = state.text();
        region.states.back().place = place(state);
      }
    } else if (states != nullptr) {
      for (const auto& [state, body] : states->entries()) {
        region.states.emplace_back();
        region.states.back().name = state.text();
        region.states.back().place = place(state);
      }
    }
    if (region.states.empty())
      complain(value, "W106", "region `" + region.name + "` has no states", "give `states: {A: {}, B: {}}`");
    if (region.states.size() > 500)
      complain(value, "W106", "region `" + region.name + "` has more than 500 states", "split it");
    std::set<std::string_view> seen;
    for (const State& s : region.states)
      if (s.name.empty() || !seen.insert(s.name).second)
        complain(value, "W102", "region `" + region.name + "`: state `" + s.name + "` stands twice or has no name",
                 "name each state once");
    m.regions.push_back(std::move(region));
  }
  if (m.regions.size() > 16) complain(node, "W102", "more than 16 regions", "merge some");
}

void DefinitionReader::declare_events(const Node& node, Machine& m) {
  for (const auto& [key, value] : node.entries()) {
    good_name(key, "event");
    EventType event;
    event.name = key.text();
    event.place = place(key);
    if (!value.is_null()) {
      Fields fields(value, diagnostics_, "event `" + event.name + "`");
      event.label = read_text(fields.get("label"));
      event.fields = read_fields(fields.get("fields"), "event's field", true);
      event.by = read_roles(fields.get("by"));
      event.internal = fields.boolean("internal", false);
      fields.finish();
    }
    m.events.push_back(std::move(event));
  }
}

void DefinitionReader::read_public(const Node& node) {
  if (data_.machines.front().regions.empty()) return;
  const Region& main = data_.machines.front().regions.front();
  data_.public_by_state.assign(main.states.size(), kNone);
  for (const auto& [key, value] : node.entries()) {
    const std::uint32_t state = main.find(key.text());
    if (state == kNone) {
      unknown(key, "state of region `" + main.name + "`", names_of(main.states));
      continue;
    }
    PublicStatus status;
    status.state = key.text();
    Fields fields(value, diagnostics_, "public status of `" + status.state + "`");
    status.code = fields.string("code", status.state);
    status.phrase.zh = fields.string("zh");
    status.phrase.en = fields.string("en");
    fields.finish();
    data_.public_by_state[state] = static_cast<std::uint32_t>(data_.public_statuses.size());
    data_.public_statuses.push_back(std::move(status));
  }
}

void DefinitionReader::read_kpis(const Node& node) {
  static constexpr std::array<std::string_view, 3> periods{"intake", "close", "due"};
  for (const auto& [key, value] : node.entries()) {
    Kpi kpi;
    kpi.name = key.text();
    kpi.place = place(key);
    Fields fields(value, diagnostics_, "kpi `" + kpi.name + "`");
    kpi.label = read_text(fields.get("label"));
    kpi.numerator = fields.required_string("numerator");
    kpi.denominator = fields.string("denominator");
    for (const char* part : {"numerator", "denominator"})
      if (const Node* text = value.find(part)) compile(*text, data_.scopes.front().environment, expr::Type::boolean());
    kpi.period = periods[fields.choice("period", periods, 0)];
    kpi.clock = fields.string("clock");
    if (kpi.period == "due" && data_.machines.front().clock(kpi.clock) == kNone)
      complain(key, "W104", "key figure `" + kpi.name + "` counts by a due time and names no clock", "add `clock:` with one of the root's clocks");
    fields.finish();
    data_.kpis.push_back(std::move(kpi));
  }
}

void DefinitionReader::read_migrations(const Node& node) {
  for (const auto& [key, value] : node.entries()) {
    Migration migration;
    // In JSON a key is a text.
    std::optional<std::int64_t> version = 0;
    const std::string& digits = key.text();
    if (std::from_chars(digits.data(), digits.data() + digits.size(), *version).ptr != digits.data() + digits.size()) version.reset();
    if (!version || *version < 1 || *version >= data_.version) {
      complain(key, "W120", "`" + key.text() + "` is not an older version",
               "name versions below " + std::to_string(data_.version));
      continue;
    }
    migration.version = *version;
    for (const auto& [where, map] : value.entries()) {
      const auto dot = where.text().find('.');
      const std::string task = dot == std::string::npos ? "" : where.text().substr(0, dot);
      const std::string region = dot == std::string::npos ? where.text() : where.text().substr(dot + 1);
      const auto m =
          std::find_if(data_.machines.begin(), data_.machines.end(), [&](const Machine& x) { return x.name == task; });
      const std::uint32_t r = m == data_.machines.end() ? kNone : m->region(region);
      if (r == kNone) {
        complain(where, "W101", "no region `" + where.text() + "`",
                 "name a region of this version, `task.region` for a task's");
        continue;
      }
      for (const auto& [from, to] : map.entries()) {
        if (m->regions[r].find(to.text()) == kNone)
          unknown(to, "state of region `" + region + "`", names_of(m->regions[r].states));
        migration.states.push_back({task, region, from.text(), to.text()});
      }
    }
    data_.migrations.push_back(std::move(migration));
  }
}

}  // namespace hotline::workflow
