// What flows ask of the centre: queues, transfers, polls, notices, host queries; tickets and knowledge are in casework.cpp.
#include <fstream>

#include "inner.hpp"

namespace hotline::center {
namespace {

std::map<std::string, std::string> arguments_of(const ivr::Action& action) {
  std::map<std::string, std::string> arguments;
  for (const ivr::Argument& argument : action.arguments) arguments[std::string(argument.name)] = ivr::to_text(argument.value);
  return arguments;
}

std::string at(const std::map<std::string, std::string>& arguments, const std::string& name) {
  const auto found = arguments.find(name);
  return found == arguments.end() ? std::string() : found->second;
}

}  // namespace

void Hotline::Inner::request(Call& call, const ivr::Action& action, Time now) {
  using Kind = ivr::ActionKind;
  if (action.kind == Kind::queue) return queue(call, action, now);
  if (action.kind == Kind::transfer) return transfer(call, action, now);

  const Arguments arguments = arguments_of(action);
  const std::string target(action.target);
  std::vector<ivr::Field> fields;
  ivr::Outcome outcome = ivr::Outcome::error;
  switch (action.kind) {
    case Kind::ticket: outcome = ticket(call, target, arguments, fields, now); break;
    case Kind::kb: outcome = knowledge(call, target, arguments, fields, now); break;
    case Kind::notify: outcome = notify(call, target, arguments, now); break;
    case Kind::query:
      if (const auto slow = slow_queries.find(target); slow != slow_queries.end()) return ask_later(slow->second, call.id, action.id, arguments);
      if (const auto known = queries.find(target); known != queries.end()) outcome = known->second(arguments, fields);
      else if (target == "visit_result") outcome = visit_result(arguments, now);
      break;
    case Kind::survey: {
      outcome = ivr::Outcome::ok;
      for (const auto& [question, answer_given] : arguments)
        if (!records->vote(target, question, answer_given, call.record.citizen, now).ok()) outcome = ivr::Outcome::error;
      note(now, "survey", call.record.citizen, "民意调查答案已记录", "the poll's answers are recorded");
      break;
    }
    case Kind::callback: {
      const std::string number = at(arguments, "number");
      outcome = keep_place(call, target, number.empty() ? call.record.citizen : number, now);
      break;
    }
    case Kind::fax_send:
    case Kind::fax_receive:
      // No line of ours carries fax; the flow says so to the citizen.
      note(now, "fax.failed", call.record.citizen, "本线路不支持传真", "no line of this centre carries fax");
      outcome = ivr::Outcome::failed;
      break;
    default: break;
  }
  if (action.wait) answer(call, action.id, outcome, std::move(fields));
}

void Hotline::Inner::queue(Call& call, const ivr::Action& action, Time now) {
  const auto target = router->definition().find_queue(action.target);
  if (!target) return answer(call, action.id, ivr::Outcome::error);
  call.request = action.id;
  call.queued = now;
  call.told = {};
  call.record.queue = action.target;
  call.record.outcome = "abandoned";  // until somebody answers
  note(now, "queued", call.record.citizen, "进入队列“" + std::string(action.target) + "”",
       "waits in queue `" + std::string(action.target) + "`");
  const auto contact = router->enqueue({.queue = target, .tag = call.id, .priority = action.priority}, now);
  if (!contact) {
    call.request = 0;
    call.record.outcome = "self_service";
    return answer(call, action.id, contact.code() == ErrorCode::closed ? ivr::Outcome::closed : ivr::Outcome::full);
  }
  call.contact = *contact;
  drain(now);
}

void Hotline::Inner::transfer(Call& call, const ivr::Action& action, Time now) {
  const std::string kind = at(arguments_of(action), "kind");
  std::string to(action.target);
  if (kind == "agent") {
    const Person* person = setup.find(to);
    if (person == nullptr) return answer(call, action.id, ivr::Outcome::failed);
    to = person->phone;
  } else if (const auto known = setup.extensions.find(to); known != setup.extensions.end()) {
    to = known->second;
  }
  call.request = action.id;
  call.answered = {};
  call.other = world.telephony.dial(to, call.record.citizen, action.limit);
  call_of_leg[call.other] = call.id;
  note(now, "transfer", call.record.citizen, "转接 " + to, "transferred to " + to);
}

void Hotline::Inner::cancel(Call& call, std::uint32_t id, Time now) {
  if (id != call.request) return;
  call.request = 0;
  if (call.contact) router->abandon(std::exchange(call.contact, {}), now);
  if (call.other) world.telephony.hang_up(call.other);
  drain(now);
}

ivr::Outcome Hotline::Inner::notify(Call& call, const std::string& what, const Arguments& arguments, Time now) {
  // The outbox is a folder of JSON lines: whatever sends mail and messages here reads and clears it.
  std::string line;
  JsonWriter json(line);
  json.begin_object().field("at", to_string(now)).field("template", what).field("citizen", call.record.citizen);
  for (const auto& [name, value] : arguments) json.field(name, value);
  if (const std::string article = at(arguments, "article"); !article.empty()) write_article(json, article, now);
  json.end_object();
  write_outbox(at(arguments, "channel").empty() ? "notice" : at(arguments, "channel"), line);
  note(now, "notify", call.record.citizen, "通知已发出：" + what, "notice sent: " + what);
  return ivr::Outcome::ok;
}

void Hotline::Inner::write_outbox(const std::string& channel, const std::string& line) {
  std::ofstream(file("outbox/" + channel + ".jsonl"), std::ios::app) << line << '\n';
}

std::uint64_t Hotline::Inner::ring_citizen(const std::string& to, const std::string& flow, std::vector<ivr::Field> variables, Time now) {
  Call& call = calls[next_call];
  call.id = next_call++;
  call.engine = engines.at(flow).get();
  call.variables = std::move(variables);
  call.record.direction = Direction::outbound;
  call.record.citizen = to.find(':') == to.npos ? to : to.substr(to.find(':') + 1, to.find('@') - to.find(':') - 1);
  call.record.dialled = to;
  call.record.started = now;
  call.leg = world.telephony.dial(to, setup.caller_id, std::chrono::seconds{30});
  call_of_leg[call.leg] = call.id;
  journal.write(now, "center", "call.placed", [&](JsonWriter& json) { json.field("call", call.id).field("to", to).field("flow", flow); });
  note(now, "call.placed", call.record.citizen, "呼出 " + call.record.citizen, "calls " + call.record.citizen);
  return call.id;
}

}  // namespace hotline::center
