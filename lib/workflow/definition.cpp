#include "hotline/workflow/definition.hpp"

#include <algorithm>
#include <cstdio>

#include "workflow/definition_data.hpp"
#include "workflow/definition_reader.hpp"
#include "workflow/layers.hpp"

namespace hotline::workflow {
namespace {

template <class T>
std::uint32_t find_named(const std::vector<T>& items, std::string_view name) {
  for (std::size_t i = 0; i < items.size(); ++i)
    if (items[i].name == name) return static_cast<std::uint32_t>(i);
  return kNone;
}

std::string digest(std::string_view text) {
  std::uint64_t h = 0xcbf29ce484222325ull;
  for (const char c : text) h = (h ^ static_cast<unsigned char>(c)) * 0x100000001b3ull;
  char out[17];
  std::snprintf(out, sizeof out, "%016llx", static_cast<unsigned long long>(h));
  return out;
}

}  // namespace

std::uint32_t Region::find(std::string_view state) const { return find_named(states, state); }
std::uint32_t EventType::field(std::string_view n) const { return find_named(fields, n); }
std::uint32_t Machine::field(std::string_view n) const { return find_named(fields, n); }
std::uint32_t Machine::event(std::string_view n) const { return find_named(events, n); }
std::uint32_t Machine::region(std::string_view n) const { return find_named(regions, n); }
std::uint32_t Machine::clock(std::string_view n) const { return find_named(clocks, n); }
std::uint32_t Machine::timer(std::string_view n) const { return find_named(timers, n); }

Result<Definition> Definition::parse(const Node& root, std::string_view file, Diagnostics& diagnostics) {
  auto data = std::make_shared<Data>();
  data->file = file;
  data->json = root.to_json();
  data->fingerprint = digest(data->json);
  DefinitionReader(*data, diagnostics).read(root);
  if (!diagnostics.has_errors()) {
    data->build_indices();
    if (!data->chart) validate(*data, diagnostics);
  }
  diagnostics.sort();
  HOTLINE_TRY(diagnostics.status());
  return Definition(std::move(data));
}

Result<Definition> Definition::parse(std::string_view text, std::string_view file, Diagnostics& diagnostics) {
  HOTLINE_ASSIGN(const Node root, parse_document(text, file));
  return parse(root, file, diagnostics);
}

Result<Definition> Definition::load(const std::string& path, Diagnostics& diagnostics) {
  HOTLINE_ASSIGN(const Node root, load_layers(path));
  return parse(root, path, diagnostics);
}

Result<Definition> Definition::load(const std::string& path) {
  Diagnostics diagnostics(path);
  return load(path, diagnostics);
}

void Definition::Data::build_indices() {
  for (Machine& m : machines) {
    MachineIndex index;
    for (const Region& r : m.regions) {
      index.region_offset.push_back(index.row);
      index.row += static_cast<std::uint32_t>(r.states.size());
      index.can_end.push_back(std::any_of(r.states.begin(), r.states.end(), [](const State& s) { return s.final; }));
    }
    const auto events = static_cast<std::uint32_t>(m.events.size());
    std::vector<std::vector<std::uint32_t>> cells(static_cast<std::size_t>(events + 1) * index.row);
    for (std::uint32_t i = 0; i < m.transitions.size(); ++i) {
      const Transition& t = m.transitions[i];
      const std::uint32_t event = t.event == kNone ? events : t.event;
      for (const std::uint32_t s : t.from) cells[event * index.row + index.region_offset[t.region] + s].push_back(i);
      index.spontaneous |= t.event == kNone;
    }
    for (std::vector<std::uint32_t>& cell : cells) {
      std::stable_sort(cell.begin(), cell.end(), [&](std::uint32_t x, std::uint32_t y) {
        return m.transitions[x].priority > m.transitions[y].priority;
      });
      index.table.push_back({static_cast<std::uint32_t>(index.order.size()), static_cast<std::uint32_t>(cell.size())});
      index.order.insert(index.order.end(), cell.begin(), cell.end());
    }
    for (Transition& t : m.transitions)
      if (t.counter != kNone) t.counter = events + t.counter;
    index.states = static_cast<std::uint32_t>(m.regions.size());
    index.fields = static_cast<std::uint32_t>(m.fields.size());
    index.clocks = static_cast<std::uint32_t>(m.clocks.size());
    index.timers = static_cast<std::uint32_t>(m.timers.size());
    index.counts = events + m.counters;
    indices.push_back(std::move(index));
  }
}

const std::string& Definition::id() const { return data_->id; }
std::int64_t Definition::version() const { return data_->version; }
const Text& Definition::name() const { return data_->name; }
const std::string& Definition::fingerprint() const { return data_->fingerprint; }
std::span<const std::string> Definition::roles() const { return data_->roles; }
std::span<const std::string> Definition::levels() const { return data_->levels; }
std::span<const std::string> Definition::calendars() const { return data_->calendars; }
std::span<const Reason> Definition::reasons() const { return data_->reasons; }
std::span<const Field> Definition::facts() const { return data_->facts; }
std::span<const Machine> Definition::machines() const { return data_->machines; }
std::span<const PublicStatus> Definition::public_statuses() const { return data_->public_statuses; }
std::span<const Kpi> Definition::kpis() const { return data_->kpis; }
std::span<const Migration> Definition::migrations() const { return data_->migrations; }
bool Definition::is_chart() const { return data_->chart; }
const std::string& Definition::to_json() const { return data_->json; }

std::uint32_t Definition::role(std::string_view name) const {
  const auto found = std::find(data_->roles.begin(), data_->roles.end(), name);
  return found == data_->roles.end() ? kNone : static_cast<std::uint32_t>(found - data_->roles.begin());
}
std::uint32_t Definition::machine(std::string_view name) const { return find_named(data_->machines, name); }
std::uint32_t Definition::fact(std::string_view name) const { return find_named(data_->facts, name); }

Text Definition::reason(std::string_view code) const {
  for (const Reason& r : data_->reasons)
    if (r.code == code) return r.text;
  return {std::string(code), std::string(code)};
}

const PublicStatus* Definition::public_status(std::uint32_t state) const {
  if (state >= data_->public_by_state.size() || data_->public_by_state[state] == kNone) return nullptr;
  return &data_->public_statuses[data_->public_by_state[state]];
}

}  // namespace hotline::workflow
