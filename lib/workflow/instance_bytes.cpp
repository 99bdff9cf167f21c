// The compact form: LEB128 numbers, zigzag where they have a sign, values with their kind before them.
#include <bit>
#include <cstring>

#include "hotline/workflow/instance.hpp"
#include "workflow/definition_data.hpp"

namespace hotline::workflow {
namespace {

constexpr char kMagic = 'W', kFormat = 1;

void put(std::string& out, std::uint64_t v) {
  while (v >= 0x80) {
    out += static_cast<char>(v | 0x80);
    v >>= 7;
  }
  out += static_cast<char>(v);
}
void put_signed(std::string& out, std::int64_t v) {
  put(out, static_cast<std::uint64_t>(v) << 1 ^ static_cast<std::uint64_t>(v >> 63));
}
void put_time(std::string& out, Time t) { put_signed(out, to_ns(t)); }
void put_term(std::string& out, Term t) {
  put(out, static_cast<std::uint64_t>(t.unit));
  put_signed(out, t.amount);
}

void put_value(std::string& out, const expr::Value& v) {
  using expr::Kind;
  out += static_cast<char>(v.kind());
  switch (v.kind()) {
    case Kind::boolean: out += v.as_bool() ? '\1' : '\0'; break;
    case Kind::integer: put_signed(out, v.as_int()); break;
    case Kind::natural: put(out, v.as_uint()); break;
    case Kind::real: put(out, std::bit_cast<std::uint64_t>(v.as_double())); break;
    case Kind::timestamp: put_time(out, v.as_time()); break;
    case Kind::duration: put_signed(out, v.as_duration().count()); break;
    case Kind::string:
    case Kind::bytes: {
      const std::string_view text = v.kind() == Kind::string ? v.as_string() : v.as_bytes();
      put(out, text.size());
      out += text;
      break;
    }
    case Kind::list:
      put(out, v.items().size());
      for (const expr::Value& item : v.items()) put_value(out, item);
      break;
    case Kind::map:
      put(out, v.entries().size());
      for (const auto& [key, value] : v.entries()) put_value(out, key), put_value(out, value);
      break;
    default: break;  // null and missing are their kind; types and objects are no field's value
  }
}

// Reads on until something does not fit; then everything is zero and `bad` is set.
struct In {
  std::string_view bytes;
  bool bad = false;

  std::uint64_t natural() {
    std::uint64_t v = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (bytes.empty()) break;
      const auto b = static_cast<unsigned char>(bytes.front());
      bytes.remove_prefix(1);
      v |= static_cast<std::uint64_t>(b & 0x7f) << shift;
      if (b < 0x80) return v;
    }
    bad = true;
    return 0;
  }
  std::int64_t integer() {
    const std::uint64_t v = natural();
    return static_cast<std::int64_t>(v >> 1) ^ -static_cast<std::int64_t>(v & 1);
  }
  // A number below `limit`.
  std::uint32_t below(std::uint64_t limit) {
    const std::uint64_t v = natural();
    if (v >= limit) bad = true;
    return bad ? 0 : static_cast<std::uint32_t>(v);
  }
  Time time() { return time_from_ns(integer()); }
  Term term() {
    const auto unit = static_cast<Term::Unit>(below(4));
    return {unit, integer()};
  }
  std::string_view text() {
    const std::uint64_t n = natural();
    if (n > bytes.size()) bad = true;
    const std::string_view out = bad ? std::string_view() : bytes.substr(0, n);
    bytes.remove_prefix(out.size());
    return out;
  }
  expr::Value value(int depth) {
    using expr::Kind;
    const auto kind = static_cast<Kind>(below(static_cast<std::uint64_t>(Kind::object) + 1));
    if (bad || depth > 16) {
      bad = true;
      return {};
    }
    switch (kind) {
      case Kind::missing: return {};
      case Kind::null: return expr::Value::null();
      case Kind::boolean: return below(2) == 1;
      case Kind::integer: return integer();
      case Kind::natural: return natural();
      case Kind::real: return std::bit_cast<double>(natural());
      case Kind::timestamp: return time();
      case Kind::duration: return Duration{integer()};
      case Kind::string: return expr::Value::text(text());
      case Kind::bytes: return expr::Value::own_bytes(text());
      case Kind::list: {
        std::vector<expr::Value> items;
        for (std::uint64_t n = natural(); n > 0 && !bad; --n) items.push_back(value(depth + 1));
        return expr::Value::own_list(std::move(items));
      }
      case Kind::map: {
        std::vector<expr::Value::Entry> entries;
        for (std::uint64_t n = natural(); n > 0 && !bad; --n) {
          expr::Value key = value(depth + 1);
          entries.push_back({std::move(key), value(depth + 1)});
        }
        auto map = expr::Value::map(std::move(entries));
        bad |= !map.ok();
        return map.ok() ? *std::move(map) : expr::Value();
      }
      default: bad = true; return {};
    }
  }
};

void put_clock(std::string& out, const ClockState& c) {
  out += static_cast<char>(c.status);
  if (c.starts == 0) return;
  put(out, c.starts);
  put(out, c.overdue_count);
  out += c.provisional ? '\1' : '\0';
  for (const Time t : {c.started, c.paused_at, c.stopped, c.due, c.overdue_at}) put_time(out, t);
  put_term(out, c.term);
  put_term(out, c.extra);
  put_signed(out, c.paused);
  put_signed(out, c.paused_work.count());
}

ClockState get_clock(In& in) {
  ClockState c;
  c.status = static_cast<ClockState::Status>(in.below(4));
  if (c.status == ClockState::Status::idle) return c;
  c.starts = in.below(kNone);
  c.overdue_count = in.below(kNone);
  c.provisional = in.below(2) == 1;
  for (Time* t : {&c.started, &c.paused_at, &c.stopped, &c.due, &c.overdue_at}) *t = in.time();
  c.term = in.term();
  c.extra = in.term();
  c.paused = in.integer();
  c.paused_work = Duration{in.integer()};
  if (c.starts == 0) in.bad = true;
  return c;
}

}  // namespace

void Instance::encode(const Definition& d, std::string& out) const {
  out += kMagic;
  out += kFormat;
  out += d.fingerprint();
  put(out, version);
  put(out, nodes.size());
  for (const NodeState& n : nodes) {
    put(out, n.machine);
    put(out, n.parent);
    put(out, static_cast<std::uint64_t>(n.join.rule));
    put(out, n.join.quorum);
    put(out, (n.lead ? 1u : 0u) | (n.joined ? 2u : 0u));
  }
  for (const std::uint32_t s : states) put(out, s);
  for (const expr::Value& v : fields) put_value(out, v);
  for (const ClockState& c : clocks) put_clock(out, c);
  for (const TimerState& t : timers) {
    put(out, t.generation);
    if (t.generation == 0) continue;
    put(out, (t.armed ? 1u : 0u) | (t.fired ? 2u : 0u));
    put_time(out, t.at);
    put_time(out, t.armed_at);
  }
  for (const std::uint32_t c : counts) put(out, c);
  put(out, ledger.size());
  for (const Line& l : ledger) {
    put(out, l.clock);
    put(out, static_cast<std::uint64_t>(l.entry.op));
    put_time(out, l.entry.at);
    put_term(out, l.entry.term);
  }
}

Result<Instance> Instance::decode(const Definition& d, std::string_view bytes) {
  const auto broken = [] {
    return Error(ErrorCode::corrupt, "the bytes of an instance are damaged", "restore it from the log");
  };
  if (bytes.size() < 18 || bytes[0] != kMagic || bytes[1] != kFormat) return broken();
  if (bytes.substr(2, 16) != d.fingerprint())
    return Error(ErrorCode::version_mismatch, "the instance was written under another text of `" + d.id() + "`",
                 "load that text, or read its JSON and migrate");
  In in{bytes.substr(18)};
  Instance s;
  s.version = in.natural();
  const std::uint32_t count = in.below(65537);
  for (std::uint32_t i = 0; i < count && !in.bad; ++i) {
    NodeState n;
    n.machine = in.below(d.machines().size());
    n.parent = in.below(i == 0 ? 1 : i);
    n.join.rule = static_cast<Join::Rule>(in.below(4));
    n.join.quorum = in.below(kNone);
    const std::uint32_t flags = in.below(4);
    n.lead = (flags & 1) != 0;
    n.joined = (flags & 2) != 0;
    if ((i == 0) != (n.machine == 0)) in.bad = true;
    n.depth = i == 0 ? 0 : s.nodes[n.parent].depth + 1;
    const MachineIndex& sizes = d.data().indices[n.machine];
    n.states = static_cast<std::uint32_t>(s.states.size());
    n.fields = static_cast<std::uint32_t>(s.fields.size());
    n.clocks = static_cast<std::uint32_t>(s.clocks.size());
    n.timers = static_cast<std::uint32_t>(s.timers.size());
    n.counts = static_cast<std::uint32_t>(s.counts.size());
    s.states.resize(s.states.size() + sizes.states);
    s.fields.resize(s.fields.size() + sizes.fields);
    s.clocks.resize(s.clocks.size() + sizes.clocks);
    s.timers.resize(s.timers.size() + sizes.timers);
    s.counts.resize(s.counts.size() + sizes.counts);
    s.nodes.push_back(n);
  }
  if (in.bad || count == 0) return broken();
  for (const NodeState& n : s.nodes) {
    const Machine& m = d.machines()[n.machine];
    for (std::size_t r = 0; r < m.regions.size(); ++r) s.states[n.states + r] = in.below(m.regions[r].states.size());
  }
  for (const NodeState& n : s.nodes) {
    const Machine& m = d.machines()[n.machine];
    for (std::size_t f = 0; f < m.fields.size() && !in.bad; ++f) {
      expr::Value v = in.value(0);
      if (!v.is_missing() && !m.fields[f].type.is_any() && v.kind() != m.fields[f].type.kind()) in.bad = true;
      s.fields[n.fields + f] = std::move(v);
    }
  }
  for (ClockState& c : s.clocks)
    if (!in.bad) c = get_clock(in);
  for (TimerState& t : s.timers) {
    t.generation = in.below(kNone);
    if (t.generation == 0) continue;
    const std::uint32_t flags = in.below(4);
    t.armed = (flags & 1) != 0;
    t.fired = (flags & 2) != 0;
    t.at = in.time();
    t.armed_at = in.time();
  }
  for (std::uint32_t& c : s.counts) c = in.below(kNone);
  for (std::uint64_t n = in.natural(); n > 0 && !in.bad; --n) {
    Line l;
    l.clock = in.below(s.clocks.size());
    l.entry.op = static_cast<ClockEntry::Op>(in.below(6));
    l.entry.at = in.time();
    l.entry.term = in.term();
    s.ledger.push_back(l);
  }
  if (in.bad || !in.bytes.empty()) return broken();
  return s;
}

}  // namespace hotline::workflow
