// Tickets and knowledge: what flows, agents and the outbox do with them.
#include <filesystem>

#include "hotline/ticket/sites.hpp"
#include "hotline/workflow.hpp"
#include "inner.hpp"

namespace hotline::center {
namespace {

constexpr Duration kLease = std::chrono::minutes{2};
constexpr Duration kLook = std::chrono::seconds{2};  // how often the outbox is looked into without a reason

const ticket::Actor kFlowActor{"ivr", {"agent"}, ""};

std::string at(const std::map<std::string, std::string>& arguments, const std::string& name, std::string otherwise = {}) {
  const auto found = arguments.find(name);
  return found == arguments.end() || found->second.empty() ? std::move(otherwise) : found->second;
}

bool chinese(const Call& call) { return !call.session || !call.session->language().starts_with("en"); }

}  // namespace

Status Hotline::Inner::open_casework(Time now) {
  HOTLINE_ASSIGN(auto key, ticket::load_or_create_key(file("master.key")));
  ticket::Options options;
  options.master_key = key;
  if (!setup.jurisdiction.empty()) options.area = setup.jurisdiction;
  std::vector<workflow::Definition> definitions;
  for (const std::string& name : setup.workflows) {
    HOTLINE_ASSIGN(auto definition, workflow::Definition::load(setup.path(name)));
    definitions.push_back(std::move(definition));
  }
  HOTLINE_ASSIGN(const auto calendar, workflow::Calendar::load(setup.path(setup.calendar)));
  HOTLINE_ASSIGN(auto service, ticket::Service::open(world.database, options, definitions, {&calendar, 1}));
  tickets = std::make_unique<ticket::Service>(std::move(service));
  if (!setup.catalogue.empty()) {
    HOTLINE_ASSIGN(const auto catalogue, ticket::Catalogue::load(setup.path(setup.catalogue)));
    HOTLINE_TRY(tickets->publish(catalogue));
  }
  if (!setup.sites.empty()) {
    HOTLINE_ASSIGN(const auto file, load_document(setup.path(setup.sites)));
    HOTLINE_ASSIGN(const auto sites, ticket::SiteOptions::parse(file.to_json(), setup.sites));
    if (const auto joined = ticket::Sites(*tickets).join(sites); !joined.ok()) return joined.error();
  }
  HOTLINE_ASSIGN(auto store, ticket::Files::open(file("files")));
  files = std::make_unique<ticket::Files>(std::move(store));
  HOTLINE_TRY(open_knowledge(now));
  return recover(now);
}

// What a citizen said before the centre died, and was not yet a ticket, becomes one now. The command id is made of the
// recording's name, so that a ticket that exists already is not made again.
Status Hotline::Inner::recover(Time now) {
  std::vector<std::filesystem::path> found;
  std::error_code failed;
  for (const auto& entry : std::filesystem::directory_iterator(file("recordings"), failed))
    if (entry.is_regular_file() && !entry.path().filename().string().ends_with("-talk.wav")) found.push_back(entry.path());
  std::sort(found.begin(), found.end());
  for (const auto& path : found) {
    const auto made = take_case("recordings/" + path.filename().string(), {}, "", now);
    if (made && !made->repeated)
      note(now, "recovered", made->number, "恢复中断的留言，受理号 " + made->number, "a message cut off by a stop is now ticket " + made->number);
    std::filesystem::create_directories(file("recordings/filed"), failed);
    std::filesystem::rename(path, path.parent_path() / "filed" / path.filename(), failed);
  }
  return {};
}

Result<ticket::Accepted> Hotline::Inner::take_case(const std::string& recording, const Arguments& arguments,
                                                   const std::string& phone, Time now) {
  ticket::Intake intake;
  intake.command = "recording:" + recording;
  intake.at = now;
  intake.actor = kFlowActor;
  intake.channel = "voicemail";
  const bool letter = at(arguments, "type") == "letter";
  intake.kind = letter ? "suggestion" : at(arguments, "type", "complaint");
  intake.category = at(arguments, "category", "complaint");
  intake.area = at(arguments, "area", setup.jurisdiction);
  intake.level = at(arguments, "level", "general");
  intake.title = at(arguments, "title", letter ? "市长信箱留言 Letter to the mayor" : "电话录音 Recorded message");
  intake.content = at(arguments, "text");
  intake.citizen.phone = phone;
  intake.new_facts = "recorded message";  // every message is heard, also the second about the same matter
  if (!recording.empty()) {
    HOTLINE_ASSIGN(auto attachment, files->put_file(file(recording), "recording", "audio/wav"));
    intake.attachments.push_back(std::move(attachment));
  } else {
    intake.command = "flow:" + std::to_string(to_ns(now)) + ":" + phone;
  }
  HOTLINE_ASSIGN(auto accepted, tickets->intake(intake));
  journal.write(now, "ticket", "accepted", [&](JsonWriter& json) { json.field("number", accepted.number).field("recording", recording); });
  casework_due = now;
  return accepted;
}

ivr::Outcome Hotline::Inner::ticket(Call& call, const std::string& what, const Arguments& arguments,
                                    std::vector<ivr::Field>& fields, Time now) {
  if (what == "create") {
    const std::string recording = at(arguments, "recording");
    const auto made = take_case(recording, arguments, call.record.citizen, now);
    if (!made) {
      note(now, "fault", call.record.citizen, "受理失败：" + made.error().text(), "not accepted: " + made.error().text());
      return ivr::Outcome::error;
    }
    call.filed.push_back(recording);
    call.record.ticket = made->number;
    note(now, "ticket.accepted", made->number, "受理号 " + made->number + (recording.empty() ? "" : "，录音已附"),
         "accepted as " + made->number + (recording.empty() ? "" : ", the recording is attached"));
    fields = {{"number", made->number}, {"registry", made->registry}, {"code", made->access_code}};
    return ivr::Outcome::ok;
  }
  const std::string number = at(arguments, "number");
  if (what == "supplement") {
    const auto found = tickets->find(number);
    if (!found) return ivr::Outcome::empty;
    if (const std::string recording = at(arguments, "recording"); !recording.empty()) {
      auto attachment = files->put_file(file(recording), "recording", "audio/wav");
      if (!attachment) return ivr::Outcome::error;
      if (!tickets->attach({.id = "supplement:" + recording, .at = now, .actor = kFlowActor, .ticket = found->id}, *attachment).ok())
        return ivr::Outcome::error;
      call.filed.push_back(recording);
    }
    return ivr::Outcome::ok;
  }
  const auto status = tickets->public_status(number, chinese(call) ? "zh" : "en");
  if (!status) {
    note(now, "ticket.enquiry", number, "查询 " + number + "：无此受理号", "asks for " + number + ": no such number");
    return status.code() == ErrorCode::not_found || error_class(status.code()) == ErrorClass::invalid ? ivr::Outcome::empty
                                                                                                      : ivr::Outcome::error;
  }
  call.record.ticket = number;
  note(now, "ticket.enquiry", number, "查询 " + number + "：" + status->phrase, "asks for " + number + ": " + status->state);
  fields = {{"number", status->number}, {"state", status->state}, {"phrase", status->phrase}, {"reply", status->reply}};
  return ivr::Outcome::ok;
}

// The return visit is a call that runs `visit_flow`; its answers arrive as the query `visit_result`, and a citizen
// who was not reached is a result too.
Status Hotline::visit(const std::string& number, Time now) {
  HOTLINE_ASSIGN(const auto found, inner_->tickets->find(number));
  if (!inner_->world.address || !found.citizen || found.citizen->phone.empty())
    return Error(ErrorCode::wrong_state, "ticket " + number + " has no telephone to call", "visit the citizen another way");
  const auto id = inner_->ring_citizen(inner_->world.address(found.citizen->phone), inner_->setup.visit_flow, {{"number", number}}, now);
  Call* call = inner_->find_call(id);
  call->visit = true;
  call->record.ticket = number;
  return {};
}

ivr::Outcome Hotline::Inner::visit_result(const Arguments& arguments, Time now) {
  static constexpr std::string_view kGrades[] = {"very_satisfied", "satisfied", "basically_satisfied", "dissatisfied", "very_dissatisfied"};
  const std::string number = at(arguments, "number");
  const std::string grade = at(arguments, "satisfaction");
  const auto found = tickets->find(number);
  if (!found || grade.size() != 1 || grade[0] < '1' || grade[0] > '5') return ivr::Outcome::error;
  const std::string_view satisfaction = kGrades[grade[0] - '1'];
  std::string fields;
  JsonWriter json(fields);
  json.begin_object().field("contacted", true).field("solved", at(arguments, "solved") == "1").field("satisfaction", satisfaction).end_object();
  const auto done = tickets->apply({.id = "visit:" + number + ":" + std::to_string(found->version), .at = now, .actor = {"visitor", {"visitor"}, ""},
                                    .ticket = found->id, .event = "visit_result", .fields = fields});
  if (!done) {
    note(now, "fault", number, "回访结果未登记：" + done.error().text(), "the visit's result was not recorded: " + done.error().text());
    return ivr::Outcome::error;
  }
  casework_due = now;
  remember_answer(number, now);
  note(now, "visit.result", number, "回访结果：" + std::string(satisfaction), "return visit: " + std::string(satisfaction));
  return ivr::Outcome::ok;
}

// What the outbox tells a citizen by telephone is a call; the rest is left for whatever delivers it here.
void Hotline::Inner::deliver(const ticket::OutboxItem& item, Time now) {
  if (item.recipient == "citizen") remember_answer(item.number, now);
  // On the telephone the number was told before the line went down.
  if (item.text_template == "acceptance" && item.channel == "voice") {
    (void)tickets->delivered(item.id, now);
    return;
  }
  const bool by_phone = item.recipient == "citizen" && (item.channel == "voice" || item.channel == "phone") && !item.address.empty();
  if (by_phone && world.address) {
    const auto status = tickets->public_status(item.number, "zh");
    const auto body = parse_document(item.body.empty() ? "{}" : item.body, "outbox");
    const Node* text = body ? body->find("text") : nullptr;
    const auto id = ring_citizen(world.address(item.address), setup.reply_flow,
                                 {{"number", item.number}, {"reply", text != nullptr ? text->text() : status ? status->reply : std::string()}}, now);
    if (Call* call = find_call(id)) {
      call->record.ticket = item.number;
      call->outbox = item.id;
    }
    return;
  }
  std::string line;
  JsonWriter json(line);
  json.begin_object().field("at", to_string(now)).field("ticket", item.number).field("to", item.recipient);
  json.field("address", item.address).field("template", item.text_template).field("key", item.key).key("body").raw(item.body.empty() ? "{}" : item.body);
  json.end_object();
  write_outbox(item.channel, line);
  note(now, "outbox", item.number, "通知 " + item.recipient + "（" + item.channel + "）：" + item.text_template,
       "tells " + item.recipient + " by " + item.channel + ": " + item.text_template);
  (void)tickets->delivered(item.id, now);
}

void Hotline::Inner::advance_casework(Time now) {
  if (now < casework_due) return;
  casework_due = now + kLook;
  if (const auto fired = tickets->fire_timers(now); fired && *fired > 0) {
    casework_due = now;
    journal.write(now, "ticket", "timers", [&](JsonWriter& json) { json.field("fired", *fired); });
    note(now, "ticket.timers", "", std::to_string(*fired) + " 个工单计时到期", std::to_string(*fired) + " ticket timers came due");
  }
  if (const auto items = tickets->claim_outbox(now, kLease))
    for (const ticket::OutboxItem& item : *items) deliver(item, now);
}

Time Hotline::Inner::next_casework(Time now) const { return std::max(casework_due, now); }

// The citizen was reached, or not: the outbox learns how its message went.
void Hotline::Inner::settle_outbox(Call& call, Time now) {
  if (call.visit && call.record.outcome != "reached") {
    if (const auto found = tickets->find(call.record.ticket))
      (void)tickets->apply({.id = "unreached:" + std::to_string(to_ns(call.record.started)), .at = now, .actor = {"visitor", {"visitor"}, ""},
                            .ticket = found->id, .event = "visit_result", .fields = R"({"contacted":false})"});
  }
  if (call.outbox == 0) return;
  const std::int64_t item = std::exchange(call.outbox, 0);
  if (call.record.outcome == "reached") (void)tickets->delivered(item, now);
  else (void)tickets->undelivered(item, "no answer", now + std::chrono::hours{2});
}

Result<std::string> Hotline::record_case(const std::string& agent, const Draft& draft, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return Error(ErrorCode::not_found, "no agent `" + agent + "`", "use an id of the routing file");
  if (desk->last_call == 0)
    return Error(ErrorCode::wrong_state, "agent `" + agent + "` has had no conversation yet", "record a case during or after a call");
  ticket::Intake intake;
  intake.command = "agent:" + agent + ":" + std::to_string(desk->last_call) + ":" + std::to_string(desk->cases.size()) + ":" + std::to_string(to_ns(now));
  intake.at = now;
  intake.actor = {"agent:" + agent, {"agent"}, ""};
  intake.channel = "phone";
  if (!draft.kind.empty()) intake.kind = draft.kind;
  intake.category = draft.category.empty() ? "complaint" : draft.category;
  intake.area = draft.area.empty() ? inner_->setup.jurisdiction : draft.area;
  intake.level = draft.urgent ? "emergency" : "general";
  intake.title = draft.title;
  intake.content = draft.text;
  intake.citizen.name = draft.citizen_name;
  intake.citizen.phone = desk->last.citizen;
  HOTLINE_ASSIGN(auto accepted, inner_->tickets->intake(intake));
  desk->cases.push_back(accepted.number);
  if (Call* call = inner_->find_call(desk->last_call)) call->record.ticket = accepted.number;
  else inner_->attach_talk(*desk, now);
  inner_->casework_due = now;
  inner_->journal.write(now, "ticket", "accepted", [&](JsonWriter& json) { json.field("number", accepted.number).field("agent", agent); });
  inner_->note(now, "ticket.accepted", accepted.number, desk->person->name.zh + " 登记工单 " + accepted.number + "：" + draft.title,
               desk->person->name.en + " records ticket " + accepted.number);
  return accepted.number;
}

// The conversation's recording goes to every ticket that was made in it.
void Hotline::Inner::attach_talk(Desk& desk, Time now) {
  const std::string& recording = desk.last.recording;
  if (recording.empty() || !std::filesystem::exists(file(recording))) return;
  const auto attachment = files->put_file(file(recording), "recording", "audio/wav");
  if (!attachment) return;
  for (const std::string& number : desk.cases) {
    const auto found = tickets->find(number);
    if (found)
      (void)tickets->attach({.id = "talk:" + recording + ":" + number, .at = now, .actor = {"agent:" + desk.person->id, {"agent"}, ""}, .ticket = found->id}, *attachment);
  }
}

}  // namespace hotline::center
