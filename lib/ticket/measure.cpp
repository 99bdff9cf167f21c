#include "ticket/measure.hpp"

#include "hotline/base/document.hpp"
#include "hotline/ticket/types.hpp"

namespace hotline::ticket {

using expr::Type;
using expr::Value;

Result<std::vector<KpiSource>> parse_kpis(std::string_view text, std::string_view file) {
  HOTLINE_ASSIGN(const Node root, parse_document(text, file));
  Diagnostics diagnostics{std::string(file)};
  Fields fields(root, diagnostics, "key figures");
  fields.required_string("kpi");
  const std::int64_t version = fields.integer("version", 1, 1, INT32_MAX);
  std::vector<KpiSource> out;
  if (const Node* measures = fields.required("measures")) {
    for (const auto& [key, value] : measures->entries()) {
      static constexpr std::string_view kPeriods[] = {"intake", "close", "due"};
      Fields one(value, diagnostics, "figure `" + key.text() + "`");
      KpiSource source;
      source.name = key.text();
      source.version = version;
      if (const Node* label = one.get("label")) {
        Fields both(*label, diagnostics, "label");
        source.label_zh = both.string("zh");
        source.label_en = both.string("en");
        both.finish();
      }
      source.period = kPeriods[one.choice("period", kPeriods, 0)];
      source.clock = one.string("clock");
      source.numerator = one.required_string("numerator");
      source.denominator = one.required_string("denominator");
      one.finish();
      out.push_back(std::move(source));
    }
  }
  fields.finish();
  HOTLINE_TRY(diagnostics.status());
  return out;
}

namespace {

// Declares or fills, in the same order: the one list of names.
template <class Give>
void names(const workflow::Definition& d, Give&& give) {
  const auto& root = d.root();
  for (std::uint32_t i = 0; i < root.fields.size(); ++i) give(root.fields[i].name, root.fields[i].type, 'f', i);
  for (std::uint32_t i = 0; i < root.regions.size(); ++i) give("state." + root.regions[i].name, Type::string(), 's', i);
  for (std::uint32_t i = 0; i < root.events.size(); ++i) give("count." + root.events[i].name, Type::integer(), 'c', i);
  for (std::uint32_t i = 0; i < root.clocks.size(); ++i) {
    const std::string name = "clock." + root.clocks[i].name;
    give(name + ".overdue", Type::boolean(), 'o', i);
    give(name + ".overdues", Type::integer(), 'O', i);
    give(name + ".starts", Type::integer(), 'S', i);
    give(name + ".due", Type::timestamp(), 'd', i);
    give(name + ".paused_hours", Type::integer(), 'p', i);
  }
  give(std::string("ticket.channel"), Type::string(), 't', 0u);
  give(std::string("ticket.kind"), Type::string(), 't', 1u);
  give(std::string("ticket.category"), Type::string(), 't', 2u);
  give(std::string("ticket.area"), Type::string(), 't', 3u);
  give(std::string("ticket.unit"), Type::string(), 't', 4u);
  give(std::string("ticket.overdue"), Type::boolean(), 't', 5u);
  give(std::string("ticket.merged"), Type::boolean(), 't', 6u);
  give(std::string("ticket.closed"), Type::boolean(), 't', 7u);
  give(std::string("tasks.total"), Type::integer(), 'n', 0u);
  give(std::string("tasks.signed"), Type::integer(), 'n', 1u);
  give(std::string("tasks.signed_late"), Type::integer(), 'n', 2u);
}

Value ticket_value(const Ticket& row, std::uint32_t i) {
  switch (i) {
    case 0: return row.channel;
    case 1: return row.kind;
    case 2: return row.category;
    case 3: return row.area;
    case 4: return row.unit;
    case 5: return row.overdue;
    case 6: return static_cast<bool>(row.merged_into);
    default: return row.closed_at.has_value();
  }
}

std::int64_t count_tasks(const workflow::Definition& d, const workflow::Instance& i, std::uint32_t which) {
  std::int64_t n = 0;
  for (workflow::NodeId node = 1; node < i.nodes.size(); ++node) {
    const auto& machine = d.machines()[i.nodes[node].machine];
    const auto late = machine.field("signed_late");
    const bool is_late = late != workflow::kNone && i.field(node, late).as_bool();
    const auto sign = machine.event("sign"), automatic = machine.event("auto_sign");
    const bool is_signed = (sign != workflow::kNone && i.count(node, sign) > 0) || (automatic != workflow::kNone && i.count(node, automatic) > 0);
    n += which == 0 ? 1 : which == 1 ? is_signed : is_late;
  }
  return n;
}

std::int64_t number(const expr::Program& program, std::span<const Value> slots) {
  const auto value = program.evaluate(slots);
  if (!value.ok()) return 0;
  return value->kind() == expr::Kind::boolean ? value->as_bool() : value->as_int();
}

}  // namespace

Measures::Measures(const workflow::Definition& d, const std::vector<KpiSource>& sources) {
  expr::Environment environment;
  names(d, [&](const std::string& name, const Type& type, char kind, std::uint32_t index) {
    (void)environment.declare(name, type);
    slots_.push_back({kind, index});
  });
  for (const KpiSource& source : sources) {
    if (!source.definition.empty() && source.definition != d.id()) continue;
    auto numerator = expr::Program::compile(source.numerator, environment), denominator = expr::Program::compile(source.denominator, environment);
    if (!numerator.ok() || !denominator.ok()) continue;
    const auto clock = d.root().clock(source.clock);
    compiled_.push_back({source.name, source.period, clock, *std::move(numerator), *std::move(denominator)});
  }
}

std::vector<Measure> Measures::of(const workflow::Definition& d, const workflow::Instance& in, const Ticket& row) const {
  std::vector<Value> slots;
  slots.reserve(slots_.size());
  for (const auto [kind, i] : slots_) {
    switch (kind) {
      case 'f': slots.push_back(in.field(0, i)); break;
      case 's': slots.push_back(std::string_view(d.root().regions[i].states[in.state(0, i)].name)); break;
      case 'c': slots.push_back(static_cast<std::int64_t>(in.count(0, i))); break;
      case 'o': slots.push_back(in.clock(0, i).overdue_at != workflow::Due::never); break;
      case 'O': slots.push_back(static_cast<std::int64_t>(in.clock(0, i).overdue_count)); break;
      case 'S': slots.push_back(static_cast<std::int64_t>(in.clock(0, i).starts)); break;
      case 'd': slots.push_back(in.clock(0, i).due != workflow::Due::never ? Value(in.clock(0, i).due) : Value()); break;
      case 'p': slots.push_back(static_cast<std::int64_t>(in.clock(0, i).paused_work / std::chrono::hours(1))); break;
      case 't': slots.push_back(ticket_value(row, i)); break;
      default: slots.push_back(count_tasks(d, in, i));
    }
  }
  std::vector<Measure> out;
  out.reserve(compiled_.size());
  for (const Compiled& kpi : compiled_) {
    Measure m;
    m.at = to_ns(row.created_at);
    bool counts = true;
    if (kpi.period == "close") {
      counts = row.closed_at.has_value();
      if (counts) m.at = to_ns(*row.closed_at);
    } else if (kpi.period == "due" && kpi.clock != workflow::kNone) {
      const auto& clock = in.clock(0, kpi.clock);
      counts = clock.starts > 0 && clock.due != workflow::Due::never;
      if (counts) m.at = to_ns(clock.due);
    }
    if (counts) {
      m.num = number(kpi.numerator, slots);
      m.den = number(kpi.denominator, slots);
    }
    if (m.num == 0 && m.den == 0) m.at = 0;
    out.push_back(m);
  }
  return out;
}

}  // namespace hotline::ticket
