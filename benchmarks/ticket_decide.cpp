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
