// Runs a scenario file against a router. Between steps time advances, so that timers fire where they are due.
#pragma once

#include <string>

#include "hotline/acd.hpp"
#include "hotline/base/scenario.hpp"

namespace hotline::acd {

// "" or what went wrong, with the line.
inline std::string run_scenario(const std::string& path) {
  auto scenario = load_scenario(path);
  if (!scenario.ok()) return scenario.error().text();
  const std::string folder = path.substr(0, path.rfind('/') + 1);
  auto definition = load_definition(folder + scenario->given.at(0));
  if (!definition.ok()) return definition.error().text();
  Events events;
  Router router(*std::move(definition), events);
  Figures figures(router.definition());
  std::size_t fed = 0;
  const Time start = parse_time("2026-11-23T00:00:00Z").value();  // a Monday
  std::size_t seen = 0;
  const auto fail = [&](const ScenarioStep& step, const std::string& what) {
    return path + ":" + std::to_string(step.line) + ": " + what;
  };
  const auto tell = [&](const Event& e) {
    std::string line;
    JsonWriter json(line);
    json.begin_object();
    router.write(e, json);
    json.end_object();
    return line;
  };
  for (const ScenarioStep& step : scenario->steps) {
    const Time at = start + step.at;
    if (!step.expected) {
      if (seen < events.size()) return fail(step, "before this came unasked: " + std::string(to_string(events[seen].type)) + " " + tell(events[seen]));
      for (; fed < events.size(); ++fed) figures.add(events[fed]);
      events.clear();
      seen = fed = 0;
      router.advance(at - Duration{1});
      if (!events.empty()) return fail(step, "before this came unasked: " + std::string(to_string(events[0].type)) + " " + tell(events[0]));
      const Node* refuse = step.fields.find("refused");
      Node fields = Node::mapping();
      for (const auto& entry : step.fields.entries())
        if (entry.key.text() != "refused") fields.insert(entry.key, entry.value);
      const Status status = router.apply(step.verb, fields, at);
      if (refuse == nullptr && !status.ok()) return fail(step, status.error().text());
      if (refuse != nullptr && (status.ok() || error_name(status.code()) != refuse->text()))
        return fail(step, "expected refusal " + refuse->text() + ", got " + (status.ok() ? "ok" : std::string(error_name(status.code()))));
    } else {
      router.advance(at);
      if (step.verb == "nothing") {
        if (seen < events.size()) return fail(step, "expected nothing, got " + std::string(to_string(events[seen].type)) + " " + tell(events[seen]));
        continue;
      }
      if (step.verb.starts_with("ask.")) {
        for (; fed < events.size(); ++fed) figures.add(events[fed]);
        const auto answer = figures.ask(router, step.verb.substr(4), step.fields, at);
        if (!answer.ok()) return fail(step, answer.error().text());
        const auto node = parse_document(*answer, "answer");
        if (!matches(step.fields, *node)) return fail(step, "answered " + *answer);
        continue;
      }
      if (seen >= events.size()) return fail(step, "expected " + step.verb + ", got nothing");
      const Event& e = events[seen++];
      if (e.at != at) return fail(step, "expected " + step.verb + " now, " + std::string(to_string(e.type)) + " came at " + hotline::to_string(e.at - start));
      const auto node = parse_document(tell(e), "event");
      if (to_string(e.type) != step.verb || !matches(step.fields, *node))
        return fail(step, "expected " + step.verb + ", got " + std::string(to_string(e.type)) + " " + tell(e));
    }
    if (const Status sound = router.check(); !sound.ok()) return fail(step, sound.error().text());
  }
  return {};
}

}  // namespace hotline::acd
