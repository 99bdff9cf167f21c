// Commands as text: one table of verbs, each a few lines over the Hotline's methods.
#include "hotline/center/command.hpp"

#include <algorithm>

#include "hotline/base/json_object.hpp"
#include "hotline/kb/command.hpp"
#include "hotline/ticket/text_command.hpp"

namespace hotline::center {
namespace {

struct Command {
  Hotline& hotline;
  Fields& fields;
  Time now;
  std::string agent() const { return fields.required_string("agent"); }
};
using Answer = Result<std::string>;
using Verb = Answer (*)(Command&);

// The fields are read first, all of them: a command that is not understood does nothing.
Status understood(Command& c) {
  c.fields.finish();
  return c.fields.diagnostics().status();
}

Answer done(Status status) {
  if (!status.ok()) return status.error();
  return std::string("{}");
}

template <Status (Hotline::*method)(const std::string&, Time)>
Answer of_agent(Command& c) {
  const std::string agent = c.agent();
  HOTLINE_TRY(understood(c));
  return done((c.hotline.*method)(agent, c.now));
}

void write(JsonWriter& json, const CallRecord& call) {
  json.begin_object().field("id", call.id).field("direction", call.direction == Direction::inbound ? "inbound" : "outbound");
  json.field("citizen", call.citizen).field("dialled", call.dialled).field("started", to_string(call.started)).field("ended", to_string(call.ended));
  json.field("outcome", call.outcome).field("queue", call.queue).field("agent", call.agent).field("waited", to_string(call.waited));
  json.field("talked", to_string(call.talked)).field("recording", call.recording).field("ticket", call.ticket).field("language", call.language);
  json.end_object();
}

void write(JsonWriter& json, const std::vector<CallRecord>& calls) {
  json.key("calls").begin_array();
  for (const CallRecord& call : calls) write(json, call);
  json.end_array();
}

void write(JsonWriter& json, const std::optional<Citizen>& citizen) {
  json.key("citizen");
  if (!citizen) {
    json.null();
    return;
  }
  json.begin_object().field("phone", citizen->phone).field("name", citizen->name).field("language", citizen->language);
  json.field("profile", citizen->profile).field("first_seen", to_string(citizen->first_seen));
  json.field("last_seen", to_string(citizen->last_seen)).field("calls", citizen->calls).end_object();
}

Answer not_ready(Command& c) {
  const std::string agent = c.agent(), reason = c.fields.string("reason");
  HOTLINE_TRY(understood(c));
  return done(c.hotline.not_ready(agent, reason, c.now));
}

Answer transfer(Command& c) {
  const std::string agent = c.agent(), queue = c.fields.string("queue"), colleague = c.fields.string("colleague"), to = c.fields.string("to");
  HOTLINE_TRY(understood(c));
  if ((queue.empty() ? 0 : 1) + (colleague.empty() ? 0 : 1) + (to.empty() ? 0 : 1) != 1)
    return Error(ErrorCode::invalid_argument, "agent.transfer needs one of `queue`, `colleague` and `to`", "say where the caller goes");
  if (!queue.empty()) return done(c.hotline.transfer_to_queue(agent, queue, c.now));
  if (!colleague.empty()) return done(c.hotline.transfer_to_agent(agent, colleague, c.now));
  return done(c.hotline.transfer_outside(agent, to, c.now));
}

Answer consult(Command& c) {
  const std::string agent = c.agent(), to = c.fields.required_string("to");
  HOTLINE_TRY(understood(c));
  return done(c.hotline.consult(agent, to, c.now));
}

Answer record_case(Command& c) {
  const std::string agent = c.agent();
  Draft draft;
  draft.title = c.fields.required_string("title");
  draft.text = c.fields.string("text");
  draft.category = c.fields.string("category");
  draft.area = c.fields.string("area");
  draft.citizen_name = c.fields.string("citizen_name");
  draft.kind = c.fields.string("kind");
  draft.urgent = c.fields.boolean("urgent", false);
  HOTLINE_TRY(understood(c));
  HOTLINE_ASSIGN(const std::string number, c.hotline.record_case(agent, draft, c.now));
  return json_object([&](JsonWriter& json) { json.field("number", number); });
}

std::string of_hits(const std::vector<kb::Hit>& hits) {
  return json_object([&](JsonWriter& json) {
    json.key("hits").begin_array();
    for (const kb::Hit& hit : hits) json.raw(kb::to_json(hit));
    json.end_array();
  });
}

Answer search(Command& c) {
  const std::string agent = c.agent(), question = c.fields.required_string("question");
  HOTLINE_TRY(understood(c));
  HOTLINE_ASSIGN(const auto hits, c.hotline.search(agent, question, c.now));
  return of_hits(hits);
}

Answer similar(Command& c) {
  const std::string agent = c.agent(), text = c.fields.required_string("text");
  HOTLINE_TRY(understood(c));
  HOTLINE_ASSIGN(const auto hits, c.hotline.similar(agent, text, c.now));
  return of_hits(hits);
}

Answer screen(Command& c) {
  const std::string agent = c.agent();
  HOTLINE_TRY(understood(c));
  HOTLINE_ASSIGN(const auto screen, c.hotline.screen(agent));
  return json_object([&](JsonWriter& json) {
    write(json, screen.citizen);
    write(json, screen.calls);
  });
}

constexpr std::string_view kModes[] = {"listen", "whisper", "barge"};

Answer monitor(Command& c) {
  const std::string supervisor = c.fields.required_string("supervisor"), agent = c.agent();
  const auto mode = c.fields.choice("mode", kModes, 0);
  HOTLINE_TRY(understood(c));
  return done(c.hotline.monitor(supervisor, agent, static_cast<audio::Telephony::Join>(mode), c.now));
}

template <Status (Hotline::*method)(const std::string&, const std::string&, Time)>
Answer of_supervisor(Command& c) {
  const std::string supervisor = c.fields.required_string("supervisor"), agent = c.agent();
  HOTLINE_TRY(understood(c));
  return done((c.hotline.*method)(supervisor, agent, c.now));
}

Answer desks(Command& c) {
  HOTLINE_TRY(understood(c));
  return json_object([&](JsonWriter& json) {
    json.key("agents").begin_array();
    for (const auto& desk : c.hotline.desks())
      json.begin_object().field("agent", desk.person->id).field("number", desk.person->number).field("state", desk.state)
          .field("reason", desk.reason).field("citizen", desk.citizen).end_object();
    json.end_array();
  });
}

Answer queues(Command& c) {
  HOTLINE_TRY(understood(c));
  return json_object([&](JsonWriter& json) {
    json.key("queues").begin_array();
    for (const auto& queue : c.hotline.queues()) {
      json.begin_object().field("queue", queue.queue).field("waiting", queue.waiting).field("ringing", queue.ringing);
      json.field("callbacks", queue.callbacks).field("open", queue.open);
      if (queue.longest_since) json.field("longest_wait", to_string(std::max(Duration{0}, c.now - *queue.longest_since)));
      json.end_object();
    }
    json.end_array();
  });
}

Result<Time> time_in(Fields& fields, std::string_view key, Time otherwise) {
  const std::string text = fields.string(key);
  if (text.empty()) return otherwise;
  return parse_time(text);
}

Answer calls(Command& c) {
  HOTLINE_ASSIGN(const Time from, time_in(c.fields, "from", Time{}));
  HOTLINE_ASSIGN(const Time until, time_in(c.fields, "until", c.now + std::chrono::seconds{1}));
  const std::string citizen = c.fields.string("citizen");
  const auto limit = c.fields.integer("limit", 1000, 1, 100'000);
  HOTLINE_TRY(understood(c));
  HOTLINE_ASSIGN(auto found, citizen.empty() ? c.hotline.records().calls(from, until) : c.hotline.records().calls_of(citizen, limit));
  if (found.size() > static_cast<std::size_t>(limit)) found.erase(found.begin(), found.end() - limit);  // the latest
  return json_object([&](JsonWriter& json) { write(json, found); });
}

Answer citizen(Command& c) {
  const std::string phone = c.fields.required_string("phone");
  HOTLINE_TRY(understood(c));
  HOTLINE_ASSIGN(const auto found, c.hotline.records().citizen(phone));
  return json_object([&](JsonWriter& json) { write(json, found); });
}

Answer poll(Command& c) {
  const std::string poll = c.fields.required_string("poll");
  HOTLINE_TRY(understood(c));
  HOTLINE_ASSIGN(const auto answers, c.hotline.records().tally(poll));
  return json_object([&](JsonWriter& json) {
    json.key("answers").begin_array();
    for (const PollAnswer& answer : answers)
      json.begin_object().field("question", answer.question).field("answer", answer.answer).field("count", answer.count).end_object();
    json.end_array();
  });
}

Answer place(Command& c) {
  const std::string to = c.fields.required_string("to"), flow = c.fields.required_string("flow");
  std::vector<ivr::Field> variables;
  if (const Node* given = c.fields.get("variables"))
    for (const Node::Entry& entry : given->entries()) variables.push_back({entry.key.text(), entry.value.text()});
  HOTLINE_TRY(understood(c));
  HOTLINE_ASSIGN(const auto call, c.hotline.call(to, flow, std::move(variables), c.now));
  return json_object([&](JsonWriter& json) { json.field("call", call); });
}

Answer visit(Command& c) {
  const std::string number = c.fields.required_string("number");
  HOTLINE_TRY(understood(c));
  return done(c.hotline.visit(number, c.now));
}

Answer reload(Command& c) {
  HOTLINE_TRY(understood(c));
  HOTLINE_ASSIGN(const auto changed, c.hotline.reload_flows(c.now));
  return json_object([&](JsonWriter& json) {
    json.key("changed").begin_array();
    for (const std::string& path : changed) json.value(path);
    json.end_array();
  });
}

Answer lay_notice(Command& c) {
  const std::string flow = c.fields.required_string("flow");
  ivr::Overlay notice{.id = c.fields.required_string("id"), .node = c.fields.string("node", "*"), .text = c.fields.required_string("text")};
  if (const Node* texts = c.fields.get("texts"))
    for (const Node::Entry& entry : texts->entries()) notice.texts.push_back({entry.key.text(), entry.value.text()});
  notice.go_to = c.fields.string("go_to"), notice.exit = c.fields.string("exit"), notice.from = c.now;
  if (const Duration length = c.fields.duration("for", Duration::zero()); length > Duration::zero()) notice.until = c.now + length;
  HOTLINE_TRY(understood(c));
  return done(c.hotline.lay_notice(flow, notice, c.now));
}

Answer lift_notice(Command& c) {
  const std::string flow = c.fields.required_string("flow"), id = c.fields.required_string("id");
  HOTLINE_TRY(understood(c));
  return done(c.hotline.lift_notice(flow, id, c.now));
}

constexpr std::pair<std::string_view, Verb> kVerbs[] = {
    {"agent.sign_in", of_agent<&Hotline::sign_in>},
    {"agent.sign_out", of_agent<&Hotline::sign_out>},
    {"agent.ready", of_agent<&Hotline::ready>},
    {"agent.not_ready", not_ready},
    {"agent.wrap_up_done", of_agent<&Hotline::wrap_up_done>},
    {"agent.hang_up", of_agent<&Hotline::hang_up>},
    {"agent.hold", of_agent<&Hotline::hold>},
    {"agent.retrieve", of_agent<&Hotline::retrieve>},
    {"agent.back_to_flow", of_agent<&Hotline::back_to_flow>},
    {"agent.transfer", transfer},
    {"agent.consult", consult},
    {"agent.conference", of_agent<&Hotline::conference>},
    {"agent.hand_over", of_agent<&Hotline::hand_over>},
    {"agent.record_case", record_case},
    {"agent.search", search},
    {"agent.similar", similar},
    {"agent.screen", screen},
    {"supervisor.monitor", monitor},
    {"supervisor.take_over", of_supervisor<&Hotline::take_over>},
    {"supervisor.stop", of_supervisor<&Hotline::stop_monitor>},
    {"desks", desks},
    {"queues", queues},
    {"calls", calls},
    {"citizen", citizen},
    {"poll", poll},
    {"call.place", place},
    {"call.visit", visit},
    {"flow.reload", reload},
    {"notice.lay", lay_notice},
    {"notice.lift", lift_notice},
};

Answer knowledge(Hotline& hotline, std::string_view verb, const Node& fields, Time now) {
  HOTLINE_ASSIGN(const auto events, kb::apply(hotline.knowledge(), now, verb, fields));
  return json_object([&](JsonWriter& json) {
    json.key("events").begin_array();
    for (const kb::Event& event : events) {
      json.begin_object().field("type", event.type);
      json.key("fields").raw(event.json.empty() ? "{}" : event.json).end_object();
    }
    json.end_array();
  });
}

}  // namespace

Result<std::string> apply(Hotline& hotline, std::string_view verb, const Node& node, Time now) {
  static const Node none = Node::mapping();
  const Node& given = node.is_null() ? none : node;
  if (verb.starts_with("knowledge.")) return knowledge(hotline, verb.substr(10), given, now);
  for (const std::string_view box : {"ticket.", "timers.", "outbox.", "audit.", "archive.", "sites."}) {
    if (!verb.starts_with(box)) continue;
    HOTLINE_ASSIGN(const std::string events, ticket::apply_text(hotline.tickets(), verb, given, now));
    return "{\"events\":" + events + "}";
  }
  const auto known = std::find_if(std::begin(kVerbs), std::end(kVerbs), [&](const auto& v) { return v.first == verb; });
  if (known == std::end(kVerbs)) {
    std::vector<std::string> names;
    for (const auto& v : kVerbs) names.emplace_back(v.first);
    const std::string_view meant = nearest(verb, names);
    return Error(ErrorCode::invalid_argument, "no command `" + std::string(verb) + "`",
                 meant.empty() ? "docs/center.md lists them" : "did you mean `" + std::string(meant) + "`?");
  }
  if (!given.is_mapping())
    return Error(ErrorCode::invalid_argument, "the fields of `" + std::string(verb) + "` are not an object", "write {\"agent\": \"a801\"}");
  Diagnostics diagnostics{"command"};
  Fields fields(given, diagnostics, "`" + std::string(verb) + "`");
  Command command{hotline, fields, now};
  return known->second(command);
}

std::string to_json(const Notice& notice) {
  return json_object([&](JsonWriter& json) {
    json.field("at", to_string(notice.at)).field("type", notice.type).field("party", notice.party).field("zh", notice.zh).field("en", notice.en);
  });
}

}  // namespace hotline::center
