// A small closed loop for tests: everything the service has to carry, nothing more.
#pragma once

#include "hotline/ticket.hpp"
#include "hotline/workflow/calendar.hpp"
#include "hotline/workflow/definition.hpp"

namespace hotline::ticket::test {

inline constexpr const char* kSmallLoop = R"(
workflow: small
version: 1
roles: [dispatcher, officer, visitor, supervisor]
reasons:
  rules:
    too_early: {zh: 尚未答复, en: not replied yet}
facts:
  competent: bool
fields:
  category: string
  area: string
  level: string
  channel: string
  reply: string
  satisfaction: int
regions:
  main:
    states:
      TRIAGE: {owner: dispatcher, label: {zh: 待派单, en: to be dispatched}}
      HANDLING: {owner: officer}
      VISIT: {owner: visitor}
      CLOSED: {counts: done, timers: [keep]}
      ARCHIVED: {final: true}
  supervision:
    states:
      none: {owner: supervisor}
      urged: {owner: supervisor}
clocks:
  handling: {term: {by: level, urgent: 2h, otherwise: 5h}, alarms: [{at: "-1h", raise: remind}, {at: due, raise: late}]}
timers:
  keep: {after: 24h, raise: archive}
events:
  dispatch: {by: dispatcher, fields: {lead: string, assist: {type: list(string), optional: true}}}
  answered: {internal: true}
  visit_result: {by: visitor, fields: {satisfaction: int}}
  urge: {}
  archive: {internal: true}
  remind: {internal: true}
  late: {internal: true}
on_join: answered
transitions:
  - on: dispatch
    from: TRIAGE
    to: HANDLING
    guard: "!has(facts.competent) || facts.competent"
    do:
      - start: handling
      - spawn: assignment
        lead: "true"
        with: {unit: event.lead}
      - spawn: assignment
        each: "has(event.assist) ? event.assist : []"
        lead: "false"
        with: {unit: item}
      - notify: dispatched
  - {on: answered, from: HANDLING, to: VISIT, do: [{stop: handling}, {notify: replied}]}
  - {on: visit_result, from: VISIT, to: CLOSED, do: [{set: {satisfaction: event.satisfaction}}]}
  - {on: archive, from: CLOSED, to: ARCHIVED}
  - {on: urge, region: supervision, from: [none, urged], to: urged, max: 2, do: [{notify: urged, to: "'unit'"}]}
  - {on: remind, region: supervision, from: [none, urged], to: urged, loops: bounded by the alarms, do: [{notify: reminder, to: "'unit'"}]}
  - {on: late, from: [HANDLING], do: [{emit: alarm, with: {colour: "'red'"}}]}
tasks:
  assignment:
    key: unit
    fields: {unit: string, reply: string}
    regions:
      work:
        states:
          SENT: {owner: officer, timers: [sign]}
          SIGNED: {owner: officer}
          DONE: {final: true}
    timers:
      sign: {after: 2h, raise: auto_sign}
    events:
      sign: {by: officer}
      auto_sign: {internal: true}
      reply: {by: officer, fields: {text: string}}
    transitions:
      - {on: sign, from: SENT, to: SIGNED}
      - {on: auto_sign, from: SENT, to: SIGNED}
      - {on: reply, from: SIGNED, to: DONE, do: [{set: {reply: event.text}}]}
public_status:
  TRIAGE: {code: accepted, zh: 您的诉求已受理。, en: Your request has been accepted.}
  HANDLING: {code: handling, zh: 您的诉求正在办理。, en: Your request is being handled.}
  VISIT: {code: replied, zh: 您的诉求已有答复。, en: There is an answer to your request.}
  CLOSED: {code: closed, zh: 您的诉求已办结。, en: Your request is closed.}
  ARCHIVED: {code: closed, zh: 您的诉求已办结。, en: Your request is closed.}
)";

inline workflow::Definition small_loop() {
  Diagnostics d("small.yaml");
  auto parsed = workflow::Definition::parse(kSmallLoop, "small.yaml", d);
  if (!parsed.ok()) throw Exception(Error(ErrorCode::invalid_definition, d.to_text()));
  return *std::move(parsed);
}

inline Time at(Duration d) { return *parse_time("2026-11-22T08:00:00+08:00") + d; }
inline const Actor kDispatcher{"agent:1", {"dispatcher"}, ""};
inline const Actor kVisitor{"agent:2", {"visitor"}, ""};
inline Actor officer(std::string unit) { return {"officer:" + unit, {"officer"}, unit}; }

inline Intake complaint(std::string command, Duration when = Duration{0}) {
  Intake in;
  in.command = std::move(command);
  in.at = at(when);
  in.actor = {"ivr", {}, ""};
  in.channel = "voicemail";
  in.category = "water";
  in.area = "370202";
  in.title = "水管爆裂";
  in.content = "延安路12号水管爆裂，已经停水两天";
  in.place = "延安路12号";
  return in;
}

// One event of a ticket.
inline Result<Outcome> act(Service& service, TicketId ticket, std::string event, Actor actor, Duration when, std::string fields = {}, std::string facts = {}) {
  Command c;
  c.at = at(when);
  c.actor = std::move(actor);
  c.ticket = ticket;
  c.event = std::move(event);
  c.fields = std::move(fields);
  c.facts = std::move(facts);
  return service.apply(c);
}

inline Service open_small(const store::Database& db, Options options = {}) {
  const workflow::Definition d = small_loop();
  return Service::open(db, options, {&d, 1}).value();
}

}  // namespace hotline::ticket::test
