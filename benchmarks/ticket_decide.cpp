// ticket.decide: one transition of the shipped closed loop, beside a hand-written switch over names that copies the
// same facts, the least that anybody would write.
#include <map>

#include "bench.hpp"
#include "hotline/workflow.hpp"

using namespace hotline;
using namespace hotline::workflow;

namespace {

// The naive baseline: states and fields by name, due dates walked day by day, a copy for every step.
struct NaiveTicket {
  std::map<std::string, std::string> states, fields;
  std::vector<std::string> log;
};
NaiveTicket naive(const NaiveTicket& before, const std::string& event, const std::string& text) {
  NaiveTicket next = before;
  if (event == "inform" && next.states["main"] != "CLOSED") next.states["contact"] = "informed";
  next.fields["text"] = text;
  next.log.push_back("notify citizen: " + text);
  return next;
}

// A value of the type for each variable that the expression reads.
void fill(expr::Term term, std::vector<expr::Value>& slots) {
  for (std::size_t i = 0; i < term.size(); ++i) fill(term.child(i), slots);
  if (term.kind() != expr::Term::Kind::variable) return;
  if (slots.size() <= term.slot()) slots.resize(term.slot() + 1);
  static const std::vector<expr::Value> kItems{"water", "roads"};
  const auto some = [&]() -> expr::Value {
    switch (term.type().kind()) {
      case expr::Kind::boolean: return true;
      case expr::Kind::integer: return 2;
      case expr::Kind::string: return "HANDLING";
      case expr::Kind::timestamp: return *parse_time("2026-11-23T02:00:00Z");
      case expr::Kind::duration: return Duration(std::chrono::hours(30));
      case expr::Kind::list: return expr::Value::list(kItems);
      default: return {};
    }
  };
  slots[term.slot()] = some();
}

// The slowest and the mean of all guards of the definition.
void guards(const bench::Suite& suite, const Definition& d) {
  double slowest = 0, sum = 0;
  int count = 0;
  for (const Machine& machine : d.machines())
    for (const Transition& t : machine.transitions) {
      if (!t.guard || t.guard->is_constant()) continue;
      std::vector<expr::Value> slots;
      fill(t.guard->root(), slots);
      const double us = 1e6 / bench::rate(
                                  [&](std::size_t n) {
                                    for (std::size_t i = 0; i < n; ++i) bench::keep(t.guard->test(slots).ok());
                                  },
                                  0.02);
      slowest = std::max(slowest, us);
      sum += us;
      ++count;
    }
  suite.report("ticket.guard.slowest", slowest, "us", "1 us", 1, true);
  suite.report("ticket.guard.mean", sum / count, "us", "1 us", 1, true);
}

}  // namespace

int main(int argc, char** argv) {
  bench::Suite suite(argc, argv);
  if (!suite.wants("ticket.decide")) return 0;
  const std::string root = HOTLINE_SOURCE_DIR;
  const Definition d = Definition::load(root + "/data/workflows/city-12345.yaml").value();
  const std::vector<Calendar> calendars{Calendar::load(root + "/data/calendars/cn.yaml").value()};
  const Machine& m = d.root();
  const auto role = [&](std::string_view name) { return std::uint64_t{1} << d.role(name); };
  Time now = parse_time("2026-11-23T02:00:00Z").value();
  Instance s = start(d, {}, {{}, {}, calendars}, now).next;
  const auto send = [&](std::string_view event, std::vector<expr::Value> fields, std::string_view who) {
    const Decision out =
        decide(d, s, {Event::Kind::named, 0, m.event(event), 0, fields}, {{"x", "", role(who)}, {}, calendars}, now);
    if (!out.accepted()) std::fprintf(stderr, "%s: %s\n", std::string(event).c_str(), out.to_json().c_str());
    s = out.next;
  };
  send("intake", {"phone", "complaint", "general", expr::Value()}, "agent");
  send("submit", {}, "agent");
  const Instance triage = s;
  const std::vector<expr::Value> units{"water"};
  send("dispatch", {expr::Value::list(units), "water", expr::Value(), expr::Value()}, "dispatcher");

  const auto run = [&](const Instance& state, std::string_view event, const std::vector<expr::Value>& fields,
                       std::string_view who) {
    const Event e{Event::Kind::named, 0, m.event(event), 0, fields};
    const Context context{{"x", "", role(who)}, {}, calendars};
    Decision out;
    return bench::rate([&](std::size_t n) {
      for (std::size_t i = 0; i < n; ++i) {
        decide(d, state, e, context, now, out);
        bench::keep(out.effects.size());
      }
    });
  };
  NaiveTicket ticket;
  for (const char* name : {"main", "supervision", "clock", "pending", "contact", "secrecy"})
    ticket.states[name] = "none";
  for (const char* name : {"category", "level", "area", "channel", "unit", "asked_by", "replied_by", "outcome"})
    ticket.fields[name] = "value";
  const double baseline = bench::rate([&](std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) bench::keep(naive(ticket, "inform", "进展").log.size());
  });
  suite.report("ticket.decide", run(s, "inform", {"进展"}, "agent"), "1/s", "maps of names, copied", baseline);
  suite.report("ticket.decide.refused", run(s, "archive", {}, "archivist"), "1/s", "maps of names, copied", baseline);
  suite.report("ticket.decide.dispatch",
               run(triage, "dispatch", {expr::Value::list(units), "water", expr::Value(), expr::Value()}, "dispatcher"),
               "1/s", "maps of names, copied", baseline);
  guards(suite, d);
  std::string json, bytes;
  const double text = bench::rate([&](std::size_t n) {
    for (std::size_t i = 0; i < n; ++i) {
      json.clear();
      s.write(d, json);
      bench::keep(Instance::parse(d, json).ok());
    }
  });
  suite.report("workflow.snapshot", bench::rate([&](std::size_t n) {
                 for (std::size_t i = 0; i < n; ++i) {
                   bytes.clear();
                   s.encode(d, bytes);
                   bench::keep(Instance::decode(d, bytes).ok());
                 }
               }),
               "1/s", "the same as JSON", text);
}
