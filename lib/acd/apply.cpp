// Commands as text, and events as text.
#include <algorithm>

#include "acd/engine.hpp"

namespace hotline::acd {
namespace {

// Reads a command's fields. The first complaint wins.
class Command {
 public:
  Command(std::string_view verb, const Node& fields, const Definition& def) : verb_(verb), fields_(fields), def_(def) {}

  bool has(std::string_view key) {
    known_.emplace_back(key);
    const Node* node = fields_.find(key);
    return node != nullptr && !node->is_null();
  }
  std::string text(std::string_view key) {
    if (has(key)) return fields_.find(key)->text();
    missing(key);
    return {};
  }
  std::string text_if(std::string_view key) { return has(key) ? fields_.find(key)->text() : std::string(); }
  QueueId queue(std::string_view key) { return named<QueueId>(key, "queue", [&](auto& n) { return def_.find_queue(n); }); }
  AgentId agent(std::string_view key) { return named<AgentId>(key, "agent", [&](auto& n) { return def_.find_agent(n); }); }
  ReasonId reason(std::string_view key) { return named<ReasonId>(key, "reason", [&](auto& n) { return def_.find_reason(n); }); }
  SiteId site(std::string_view key) { return named<SiteId>(key, "site", [&](auto& n) { return def_.find_site(n); }); }
  ChannelId channel(std::string_view key) { return named<ChannelId>(key, "channel", [&](auto& n) { return def_.find_channel(n); }); }
  std::int64_t integer(std::string_view key, std::int64_t low, std::int64_t high) {
    if (!has(key)) return missing(key), 0;
    const auto value = fields_.find(key)->as_int();
    if (value && *value >= low && *value <= high) return *value;
    wrong(key, "write a whole number from " + std::to_string(low) + " to " + std::to_string(high));
    return 0;
  }
  Duration duration(std::string_view key) {
    if (!has(key)) return missing(key), Duration{0};
    const auto value = parse_duration(fields_.find(key)->text());
    if (value && value->count() >= 0) return *value;
    wrong(key, "write a duration such as 30s");
    return Duration{0};
  }
  bool flag(std::string_view key) {
    if (!has(key)) return false;
    const auto value = fields_.find(key)->as_bool();
    if (!value) wrong(key, "write true or false");
    return value.value_or(false);
  }
  template <class Enum>
  Enum choice(std::string_view key, std::initializer_list<std::string_view> names) {
    if (!has(key)) return Enum{};
    const auto at = std::find(names.begin(), names.end(), fields_.find(key)->text());
    if (at == names.end()) {
      std::string all;
      for (const auto n : names) all += (all.empty() ? "" : ", ") + std::string(n);
      wrong(key, "use one of: " + all);
      return Enum{};
    }
    return static_cast<Enum>(at - names.begin());
  }
  void wrong(std::string_view key, std::string remedy) {
    const Node* node = fields_.find(key);
    fail(Error(ErrorCode::invalid_argument, std::string(verb_) + ": `" + std::string(key) + "` is `" + node->text() + "`", std::move(remedy),
               node->place("command")));
  }
  void missing(std::string_view key) {
    fail(Error(ErrorCode::invalid_argument, std::string(verb_) + ": `" + std::string(key) + "` is missing", "add it"));
  }
  void fail(Error error) {
    if (!error_) error_ = std::move(error);
  }
  Status status() {
    for (const Node::Entry& entry : fields_.entries())
      if (std::find(known_.begin(), known_.end(), entry.key.text()) == known_.end() && entry.key.text() != "id") {
        const auto meant = nearest(entry.key.text(), known_);
        fail(Error(ErrorCode::invalid_argument, std::string(verb_) + ": unknown field `" + entry.key.text() + "`",
                   meant.empty() ? "leave it out" : "did you mean `" + std::string(meant) + "`?", entry.key.place("command")));
      }
    if (error_) return *error_;
    return {};
  }

 private:
  template <class Id, class Find>
  Id named(std::string_view key, const char* kind, Find&& find) {
    if (!has(key)) return Id{};
    const Node* node = fields_.find(key);
    const Id id = find(node->text());
    if (!id) fail(Error(ErrorCode::not_found, std::string(verb_) + ": there is no " + kind + " `" + node->text() + "`", "see the definition", node->place("command")));
    return id;
  }
  std::string_view verb_;
  const Node& fields_;
  const Definition& def_;
  std::vector<std::string> known_;
  std::optional<Error> error_;
};

Status done(Result<ContactId> result) { return result.ok() ? Status{} : Status(result.error()); }

}  // namespace

std::string_view Router::contact_name(ContactId id) const {
  const std::uint32_t at = engine_->slot_of(id);
  if (at != kNil && engine_->contacts_[at].name != kNil) return engine_->names_[engine_->contacts_[at].name];
  for (auto gone = engine_->gone_names_.rbegin(); gone != engine_->gone_names_.rend(); ++gone)
    if (gone->first == id) return gone->second;
  return {};
}

ContactId Router::find_contact(std::string_view name) const {
  const auto found = engine_->by_name_.find(std::string(name));
  return found == engine_->by_name_.end() ? ContactId{} : engine_->id_of(found->second);
}

OfferId Router::find_offer(ContactId contact, AgentId agent) const {
  const std::uint32_t at = engine_->slot_of(contact);
  if (at != kNil)
    for (std::uint32_t o = engine_->contacts_[at].offers; o != kNil; o = engine_->offers_[o].next)
      if (!agent || engine_->offers_[o].agent == agent.value - 1) return engine_->offer_id(o);
  // The agent's last offer, if it was of this contact: so that a late word hears why it is late.
  const std::uint32_t who = engine_->index_of(agent);
  if (who == kNil || !contact) return {};
  const OfferId last{engine_->agents_[who].last_offer};
  const auto slot = static_cast<std::uint32_t>(last.value) - 1;
  if (slot < engine_->offers_.size() && engine_->offers_[slot].generation == last.value >> 32 && engine_->offers_[slot].of == contact.value) return last;
  return {};
}

Status Router::apply(std::string_view verb, const Node& fields, Time now) {
  static const Node nothing = Node::mapping();
  if (!fields.is_mapping() && !fields.is_null())
    return Error(ErrorCode::invalid_argument, std::string(verb) + ": fields must be a mapping", "write {contact: c1}", fields.place("command"));
  const Node& body = fields.is_null() ? nothing : fields;
  engine_->gone_names_.clear();
  const Node* id = body.find("id");
  if (id == nullptr) {
    advance(now);
    return apply_once(verb, body, now);
  }
  std::string text = std::string(verb) + " " + body.to_json();
  if (const auto seen = engine_->commands_.find(id->text()); seen != engine_->commands_.end()) {
    if (seen->second == text) return {};
    return Error(ErrorCode::command_reused, "command `" + id->text() + "` was used with another body", "give every command its own id", id->place("command"));
  }
  advance(now);
  const Status status = apply_once(verb, body, now);
  if (status.ok()) engine_->remember(id->text(), std::move(text));
  return status;
}

Status Router::apply_once(std::string_view verb, const Node& body, Time now) {
  Engine& e = *engine_;
  Command c(verb, body, e.def_);
  const auto contact = [&]() -> ContactId {
    const std::string name = c.text("contact");
    const ContactId found = find_contact(name);
    if (!found && !name.empty())
      c.fail(Error(ErrorCode::not_found, std::string(verb) + ": there is no contact `" + name + "` (any more)", "look at the last events", body.find("contact")->place("command")));
    return found;
  };
  const auto agent = [&](const char* key = "agent") -> AgentId { return c.has(key) ? c.agent(key) : (c.missing(key), AgentId{}); };
  const auto queue = [&]() -> QueueId { return c.has("queue") ? c.queue("queue") : (c.missing("queue"), QueueId{}); };
  // Who commands and why: fields `by` and `note`.
  const auto audit = [&]() -> Audit {
    Audit a;
    if (c.has("by")) a.by = c.agent("by");
    const std::string text = c.text_if("note");
    if (!text.empty() && !a.by) c.missing("by");
    a.note = note(text);
    return a;
  };
  const auto run = [&](auto&& act) -> Status {
    HOTLINE_TRY(c.status());
    std::string what;
    for (const char* key : {"contact", "agent", "queue"})
      if (const Node* node = body.find(key)) what += (what.empty() ? "" : ", ") + std::string(key) + " `" + node->text() + "`";
    return to_status(act(), std::string(verb) + ": " + what);
  };

  if (verb == "contact.enqueue") {
    const std::string name = c.text("contact");
    if (find_contact(name)) c.fail(Error(ErrorCode::already_exists, "there is a contact `" + name + "` already", "choose another name", body.find("contact")->place("command")));
    Enqueue r;
    r.queue = queue();
    if (c.has("tag")) r.tag = static_cast<std::uint64_t>(c.integer("tag", 0, std::numeric_limits<std::int64_t>::max()));
    if (c.has("priority")) r.priority = static_cast<std::int32_t>(c.integer("priority", -1000000, 1000000));
    if (c.has("class")) r.strict_class = static_cast<std::int32_t>(c.integer("class", -1000, 1000));
    if (c.has("channel")) r.channel = c.channel("channel");
    if (c.has("site")) r.site = c.site("site");
    if (c.has("waited")) r.since = now - c.duration("waited");
    if (c.has("max_wait")) r.max_wait = c.duration("max_wait");
    if (c.has("prefer")) r.prefer = c.agent("prefer");
    if (c.has("prefer_wait")) r.prefer_wait = c.duration("prefer_wait");
    r.prefer_must_be_ready = c.flag("prefer_must_be_ready");
    r.callback = c.flag("callback");
    if (c.has("wrap_up")) r.wrap_time = c.duration("wrap_up");
    if (c.has("requires")) {
      auto id = require(c.text("requires"));
      if (id.ok()) r.requires_ = *id;
      else c.fail(id.error().at(body.find("requires")->place("command")));
    }
    HOTLINE_TRY(c.status());
    e.next_name_ = name;
    auto result = e.enqueue(r);
    e.next_name_.clear();
    return done(std::move(result));
  }
  if (verb == "contact.abandon") { const auto x = contact(); return run([&] { return e.abandon(x); }); }
  if (verb == "contact.ended") { const auto x = contact(); return run([&] { return e.ended(x); }); }
  if (verb == "contact.connected") { const auto x = contact(); return run([&] { return e.connected(x); }); }
  if (verb == "contact.connect_failed") { const auto x = contact(); return run([&] { return e.connect_failed(x); }); }
  if (verb == "contact.wrap_up_done") { const auto x = contact(); return run([&] { return e.wrap_up_done(x); }); }
  if (verb == "contact.extend_wrap_up") { const auto x = contact(); const auto by = c.duration("by"); return run([&] { return e.extend_wrap_up(x, by.count()); }); }
  if (verb == "contact.requeue") { const auto x = contact(); const auto q = c.queue("queue"); const Audit by = audit(); return run([&] { return requeue(x, q, now, by); }); }
  if (verb == "contact.to_callback") {
    const auto x = contact();
    const auto moment = [&](const char* key) { return c.has(key) ? now + c.duration(key) : Time{}; };
    const CallbackTimes times{moment("from"), moment("until"), moment("due")};
    return run([&] { return e.to_callback(x, times); });
  }
  if (verb == "contact.callback_failed") { const auto x = contact(); return run([&] { return e.callback_failed(x); }); }
  if (verb == "contact.returned") { const auto x = contact(); return run([&] { return e.returned(x); }); }
  if (verb == "contact.prioritise") { const auto x = contact(); const auto p = static_cast<std::int32_t>(c.integer("priority", -1000000, 1000000)); const Audit by = audit(); return run([&] { return prioritise(x, p, now, by); }); }
  if (verb == "contact.move") { const auto x = contact(); const auto q = queue(); const Audit by = audit(); return run([&] { return move(x, q, now, by); }); }
  if (verb == "contact.withdraw") { const auto x = contact(); const Audit by = audit(); return run([&] { return withdraw(x, now, by); }); }
  if (verb == "contact.release") { const auto x = contact(); const Audit by = audit(); return run([&] { return release(x, now, by); }); }
  if (verb == "contact.pull") { const auto x = contact(); const auto a = agent(); const Audit by = audit(); return run([&] { return pull(a, x, now, by); }); }
  if (verb == "contact.push") { const auto x = contact(); const auto a = agent(); const Audit by = audit(); return run([&] { return push(x, a, now, by); }); }
  if (verb == "contact.transfer" || verb == "contact.take_over") {
    const bool over = verb == "contact.take_over";
    const auto x = contact();
    const auto to = agent(over ? "by" : "agent");
    const auto mode = c.choice<TakeOverMode>("mode", {"within_capacity", "forced"});
    const NoteId why = over ? note(c.text_if("note")) : NoteId{};
    const Audit by = over ? Audit{} : audit();
    return run([&] { return over ? take_over(x, to, now, mode, why) : transfer(x, to, now, mode, by); });
  }
  if (verb == "offer.accept" || verb == "offer.reject") {
    const auto x = contact();
    const auto a = agent();
    const auto how = verb == "offer.reject" ? c.choice<HowRejected>("how", {"rejected", "busy", "unreachable", "no_answer"}) : HowRejected{};
    HOTLINE_TRY(c.status());
    const OfferId offer = find_offer(x, a);
    if (!offer) return to_status(Outcome::expired, std::string(verb) + ": the offer of contact `" + body.find("contact")->text() + "` to agent `" + body.find("agent")->text() + "`");
    return run([&] { return verb == "offer.accept" ? e.accept(offer) : e.reject(offer, how); });
  }
  if (verb == "agent.login") { const auto a = agent(); return run([&] { return e.login(a); }); }
  if (verb == "agent.logout") { const auto a = agent(); const auto m = c.choice<LogoutMode>("mode", {"when_free", "hard"}); return run([&] { return e.logout(a, m, Reason::by_agent); }); }
  if (verb == "agent.ready") { const auto a = agent(); return run([&] { return e.ready(a, Reason::by_agent); }); }
  if (verb == "agent.not_ready") { const auto a = agent(); const auto r = c.reason("reason"); return run([&] { return e.not_ready(a, r, Reason::by_agent); }); }
  if (verb == "agent.lost") { const auto a = agent(); return run([&] { return e.lost(a); }); }
  if (verb == "agent.release") { const auto a = agent(); const Audit by = audit(); return run([&] { return release_agent(a, now, by); }); }
  if (verb == "agent.help") { const auto a = agent(); return run([&] { return e.request_help(a); }); }
  if (verb == "agent.force_ready") { const auto a = agent(), by = agent("by"); const NoteId why = note(c.text_if("note")); return run([&] { return force_ready(a, by, now, why); }); }
  if (verb == "agent.force_not_ready") { const auto a = agent(), by = agent("by"); const auto r = c.reason("reason"); const NoteId why = note(c.text_if("note")); return run([&] { return force_not_ready(a, by, now, r, why); }); }
  if (verb == "agent.force_logout") { const auto a = agent(), by = agent("by"); const auto m = c.choice<LogoutMode>("mode", {"when_free", "hard"}); const NoteId why = note(c.text_if("note")); return run([&] { return force_logout(a, by, now, m, why); }); }
  if (verb == "agent.monitor") { const auto a = agent(), by = agent("by"); const auto m = c.choice<MonitorMode>("mode", {"listen", "whisper", "barge"}); const NoteId why = note(c.text_if("note")); return run([&] { return e.monitor(a, by, m, why); }); }
  if (verb == "agent.stop_monitor") { const auto a = agent(), by = agent("by"); const NoteId why = note(c.text_if("note")); return run([&] { return e.stop_monitor(a, by, why); }); }
  if (verb == "queue.drain") { const auto q = queue(); const Audit by = audit(); return run([&] { return drain(q, now, by); }); }
  if (verb == "queue.undrain") { const auto q = queue(); const Audit by = audit(); return run([&] { return undrain(q, now, by); }); }
  if (verb == "router.restarted") return run([&] { return restarted(now), Outcome::done; });
  if (verb == "contact.reclaim") { const auto x = contact(); return run([&] { return e.reclaim(x); }); }
  if (verb == "advance") return c.status();
  return Error(ErrorCode::invalid_argument, "there is no command `" + std::string(verb) + "`", "docs/acd.md lists the verbs");
}

void Router::write(const Event& event, JsonWriter& json) const {
  const Definition& def = engine_->def_;
  if (event.contact) {
    const auto name = contact_name(event.contact);
    json.key("contact");
    name.empty() ? json.value(event.contact.value) : json.value(name);
  }
  if (event.agent && event.agent.value <= def.agents.size()) json.field("agent", def.agents[event.agent.value - 1].name);
  if (event.queue && event.queue.value <= def.queues.size()) json.field("queue", def.queues[event.queue.value - 1].name);
  if (event.reason != Reason::none) json.field("reason", to_string(event.reason));
  if (event.tag != 0) json.field("tag", event.tag);
  if (const std::string_view note = engine_->note_text(event.note); !note.empty()) json.field("note", note);
  const auto seconds = [&](const char* key) { json.field(key, hotline::to_string(Duration{event.value})); };
  const auto agent_at = [&](std::int64_t agent) -> std::string_view {
    return agent > 0 && static_cast<std::size_t>(agent) <= def.agents.size() ? std::string_view(def.agents[static_cast<std::size_t>(agent - 1)].name) : "";
  };
  switch (event.type) {
    case EventType::queued:
    case EventType::reprioritised:
      if (event.value != 0 || event.type == EventType::reprioritised) json.field("priority", event.value);
      break;
    case EventType::offered:
      if (event.value != 0) seconds("ring");
      break;
    case EventType::accepted:
    case EventType::connected:
    case EventType::abandoned:
    case EventType::withdrawn: seconds("waited"); break;
    case EventType::ended:
    case EventType::released: seconds("talked"); break;
    case EventType::wrap_extended: seconds("length"); break;
    case EventType::wrap_ended: seconds("wrapped"); break;
    case EventType::resumed: seconds("paused"); break;
    case EventType::became_callback:
      if (event.value != 0) json.field("from", hotline::to_string(time_from_ns(event.value)));
      break;
    case EventType::callback_due:
    case EventType::callback_failed: json.field("attempts", event.value); break;
    case EventType::limited: json.field("class", event.value); break;
    case EventType::stepped: json.field("step", event.value); break;
    case EventType::missed: json.field("misses", event.value); break;
    case EventType::logged_out: seconds("stayed"); break;
    case EventType::break_exceeded: seconds("overdrawn"); break;
    case EventType::overflowed: {
      static constexpr std::string_view kKinds[] = {"queue", "external", "callback", "voicemail", "hang_up", "back"};
      json.field("to", kKinds[static_cast<std::size_t>(event.value >> 32) % std::size(kKinds)]);
      const auto& chain = def.queues[event.queue.value - 1].overflow;
      const auto index = static_cast<std::size_t>(event.value & 0xffffffff);
      if (index < chain.size() && chain[index].kind == OverflowKind::external) json.field("target", chain[index].target);
      break;
    }
    case EventType::moved: json.field("from", def.queues[static_cast<std::size_t>(event.value - 1)].name); break;
    case EventType::not_ready:
      if (event.value != 0) json.field("why", def.reasons[static_cast<std::size_t>(event.value - 1)].name);
      break;
    case EventType::pending: json.field("next", to_string(static_cast<AgentState>(event.value))); break;
    case EventType::transferred: json.field("from", agent_at(event.value)); break;
    case EventType::monitoring:
      json.field("mode", to_string(static_cast<MonitorMode>(event.value >> 32))).field("watched", agent_at(event.value & 0xffffffff));
      break;
    case EventType::monitor_ended: json.field("watched", agent_at(event.value)); break;
    case EventType::commanded: {
      json.field("command", to_string(static_cast<SupervisorCommand>(event.value >> 32)));
      if ((event.value & 0xffffffff) != 0) json.field("on", agent_at(event.value & 0xffffffff));
      break;
    }
    default: break;
  }
}

}  // namespace hotline::acd
