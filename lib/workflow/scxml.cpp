#include "hotline/workflow/scxml.hpp"

#include <algorithm>
#include <sstream>

#include "hotline/base/xml.hpp"
#include "hotline/workflow/kernel.hpp"
#include "workflow/scxml_flatten.hpp"

namespace hotline::workflow {
namespace {

std::string id_of(const Machine& m, std::uint32_t region, std::uint32_t state) {
  return (m.regions.size() == 1 ? "" : m.regions[region].name + ".") + m.regions[region].states[state].name;
}

// The name that an imported chart had, else our own.
std::string event_name(const EventType& e) {
  const bool imported = e.label.zh.empty() && !e.label.en.empty() && e.label.en.find(' ') == std::string::npos;
  return imported ? e.label.en : e.name;
}

void write_actions(std::string& out, const Machine& m, const std::vector<Action>& actions, const std::string& indent) {
  for (const Action& a : actions) {
    if (a.kind == Action::Kind::raise && a.to == Action::To::self)
      out += indent + "<raise event=\"" + xml_text(event_name(m.events[a.target])) + "\"/>\n";
    else if (a.kind == Action::Kind::emit || a.kind == Action::Kind::notify)
      out += indent + "<send event=\"" + xml_text(a.name) + "\"/>\n";
  }
}

void write_region(std::string& out, const Machine& m, std::uint32_t r, const std::string& indent) {
  const Region& region = m.regions[r];
  for (std::uint32_t s = 0; s < region.states.size(); ++s) {
    const State& state = region.states[s];
    const char* tag = state.final ? "final" : "state";
    out += indent + "<" + tag + " id=\"" + xml_text(id_of(m, r, s)) + "\">\n";
    for (const auto& [name, actions] : {std::pair{"onentry", &state.entry}, std::pair{"onexit", &state.exit}}) {
      std::string inner;
      write_actions(inner, m, *actions, indent + "    ");
      if (!inner.empty()) out += indent + "  <" + name + ">\n" + inner + indent + "  </" + name + ">\n";
    }
    std::vector<const Transition*> leaving;
    for (const Transition& t : m.transitions)
      if (t.region == r && !state.final && std::binary_search(t.from.begin(), t.from.end(), s)) leaving.push_back(&t);
    std::stable_sort(leaving.begin(), leaving.end(),
                     [](const Transition* a, const Transition* b) { return a->priority > b->priority; });
    for (const Transition* t : leaving) {
      out += indent + "  <transition";
      if (t->event != kNone) out += " event=\"" + xml_text(event_name(m.events[t->event])) + "\"";
      if (t->to != kNone) out += " target=\"" + xml_text(id_of(m, r, t->to)) + "\"";
      if (t->guard) out += " hotline:guard=\"" + xml_text(t->guard->source()) + "\"";
      std::string inner;
      write_actions(inner, m, t->actions, indent + "    ");
      out += inner.empty() ? "/>\n" : ">\n" + inner + indent + "  </transition>\n";
    }
    out += indent + "</" + tag + ">\n";
  }
}

std::vector<std::string> configuration(const Definition& d, const Instance& s) {
  std::vector<std::string> out;
  std::istringstream words(d.root().regions[0].states[s.state(0, 0)].label.en);
  for (std::string word; words >> word;) out.push_back(word);
  return out;
}

struct Sent {
  Time at;
  std::uint64_t sequence;
  std::string event, id;
};

}  // namespace

std::string export_scxml(const Definition& d) {
  const Machine& m = d.root();
  std::string out =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<scxml xmlns=\"http://www.w3.org/2005/07/scxml\" "
      "xmlns:hotline=\"urn:hotline:workflow\" version=\"1.0\" datamodel=\"null\" name=\"" +
      xml_text(d.id()) + "\"";
  if (m.regions.size() == 1) {
    out += " initial=\"" + xml_text(id_of(m, 0, m.regions[0].initial)) + "\">\n";
    write_region(out, m, 0, "  ");
  } else {
    out += ">\n  <parallel id=\"root\">\n";
    for (std::uint32_t r = 0; r < m.regions.size(); ++r) {
      out += "    <state id=\"" + xml_text(m.regions[r].name) + "\" initial=\"" +
             xml_text(id_of(m, r, m.regions[r].initial)) + "\">\n";
      write_region(out, m, r, "      ");
      out += "    </state>\n";
    }
    out += "  </parallel>\n";
  }
  return out + "</scxml>\n";
}

Result<ScxmlRun> run_scxml(std::string_view text, std::string_view file, std::span<const std::string> events) {
  HOTLINE_ASSIGN(const Definition d, flatten_scxml(text, file, events));
  ScxmlRun run;
  std::vector<Sent> queue;
  std::uint64_t sequence = 0;
  Time now{};
  Decision current, next;
  Status failed;
  const auto after = [&](const Decision& decision) {
    for (const Effect& e : decision.effects) {
      if (e.kind != Effect::Kind::emit) continue;
      const auto arguments = decision.arguments_of(e);
      if (e.name == "cancel") std::erase_if(queue, [&](const Sent& sent) { return !sent.id.empty() && sent.id == arguments[0].value.as_string(); });
      if (e.name == "log") run.log.emplace_back(arguments[0].value.as_string());
      if (e.name != "send") continue;
      const auto delay = parse_duration(arguments[1].value.as_string());
      if (!delay.ok())
        failed = delay.error();
      else
        queue.push_back({now + *delay, sequence++, std::string(arguments[0].value.as_string()), std::string(arguments[2].value.as_string())});
    }
    run.steps.push_back(configuration(d, decision.next));
  };
  const auto give = [&](const std::string& name) {
    for (std::uint32_t e = 0; e < d.root().events.size(); ++e) {
      if (d.root().events[e].label.en != name) continue;
      decide(d, current.next, {Event::Kind::named, 0, e, 0, {}}, {}, now, next);
      if (next.refusal.kind == Refusal::Kind::runaway)
        failed = Error(ErrorCode::limit, "the chart never comes to rest", "look for a cycle without events");
      if (!next.accepted()) return;  // nothing waits for it
      std::swap(current, next);
      after(current);
    }
  };
  // Events that are due: by time, then in the order of sending.
  const auto deliver = [&](bool all) {
    for (int i = 0; !queue.empty() && failed.ok() && i < 10'000; ++i) {
      const auto first = std::min_element(queue.begin(), queue.end(), [](const Sent& a, const Sent& b) {
        return a.at != b.at ? a.at < b.at : a.sequence < b.sequence;
      });
      if (!all && first->at > now) return;
      now = std::max(now, first->at);
      const std::string name = first->event;
      queue.erase(first);
      give(name);
    }
  };
  start(d, {}, {}, now, current);
  if (!current.accepted())
    return Error(ErrorCode::limit, "the chart does not start: " + current.refusal.reason,
                 "look for a cycle without events");
  after(current);
  deliver(false);
  for (const std::string& event : events) {
    give(event);
    deliver(false);
  }
  deliver(true);
  if (!failed.ok()) return failed.error();
  run.configuration = configuration(d, current.next);
  run.finished = current.next.finished(d);
  return run;
}

}  // namespace hotline::workflow
