#include "hotline/acd/figures.hpp"

#include <algorithm>

namespace hotline::acd {
namespace {

Error no_such(const char* kind, const std::string& name) {
  return Error(ErrorCode::not_found, std::string("there is no ") + kind + " `" + name + "`", "see the definition and the last events");
}

// The names in a question's fields.
struct Fields {
  const Node& node;
  const Router& router;
  std::string text(const char* key) const {
    const Node* found = node.find(key);
    return found == nullptr || found->is_null() ? std::string() : found->text();
  }
  bool has(const char* key) const { return !text(key).empty(); }
  // A name, or the number of a contact that was entered without one.
  Result<ContactId> contact() const {
    const std::string name = text("contact");
    if (const ContactId id = router.find_contact(name)) return id;
    const Node* found = node.find("contact");
    if (const auto number = found != nullptr ? found->as_int() : std::optional<std::int64_t>(); number && router.contact(ContactId{static_cast<std::uint64_t>(*number)}))
      return ContactId{static_cast<std::uint64_t>(*number)};
    return no_such("contact", name);
  }
  template <class Id>
  Result<Id> named(const char* kind, Id id) const {
    if (!id) return no_such(kind, text(kind));
    return id;
  }
  Result<QueueId> queue() const { return named("queue", router.definition().find_queue(text("queue"))); }
  Result<AgentId> agent() const { return named("agent", router.definition().find_agent(text("agent"))); }
};

std::string span(Duration d) { return hotline::to_string(d); }

Status tell_contact(const Router& router, const Fields& f, Time now, JsonWriter& json) {
  HOTLINE_ASSIGN(const ContactId id, f.contact());
  const Definition& def = router.definition();
  const ContactView v = *router.contact(id);
  json.field("contact", f.text("contact")).field("state", to_string(v.state)).field("queue", def.queues[v.queue.value - 1].name).field("channel", def.channels[v.channel.value - 1].name);
  if (v.agent && v.agent.value <= def.agents.size()) json.field("agent", def.agents[v.agent.value - 1].name);
  json.field("priority", v.priority).field("class", v.strict_class).field("step", v.step).field("offers", v.offers).field("callback", v.callback);
  json.field("waited", span((v.answered > v.since ? v.answered : now) - v.since));
  return {};
}

Status tell_agent(const Router& router, const Fields& f, Time now, JsonWriter& json) {
  HOTLINE_ASSIGN(const AgentId id, f.agent());
  const Definition& def = router.definition();
  const AgentView v = *router.agent(id);
  json.field("agent", f.text("agent")).field("state", to_string(v.state)).field("pending", to_string(v.pending)).field("reason", v.reason ? std::string_view(def.reasons[v.reason.value - 1].name) : "");
  json.field("contacts", v.contacts).field("units_used", v.units_used).field("misses", v.misses).field("answered", v.answered);
  json.field("idle", v.state == AgentState::ready ? span(now - v.idle_since) : "0s").field("busy", span(v.busy)).field("talk", span(v.talk));
  json.field("logged_in", span(v.logged_in)).field("on_break", span(v.on_break)).field("break_today", span(v.break_today));
  if (def.break_balance.count() > 0) json.field("break_left", span(def.break_balance - v.break_today));
  return {};
}

Status tell_queue(const Router& router, const Fields& f, Time now, JsonWriter& json) {
  HOTLINE_ASSIGN(const QueueId id, f.queue());
  const QueueView v = *router.queue(id);
  json.field("queue", f.text("queue")).field("waiting", v.waiting).field("ringing", v.ringing).field("callbacks", v.callbacks).field("open", v.open).field("draining", v.draining);
  json.field("longest_wait", span(v.longest_since ? now - *v.longest_since : Duration{0}));
  return {};
}

Status tell_why(const Router& router, const Fields& f, JsonWriter& json) {
  HOTLINE_ASSIGN(const ContactId id, f.contact());
  if (!f.has("agent")) {
    const ContactExplanation x = router.explain(id);
    json.field("position", x.position).key("agents").begin_object();
    for (const auto& [why, count] : x.agents) json.field(to_string(why), count);
    json.end_object().field("sentence", x.sentence);
    return {};
  }
  HOTLINE_ASSIGN(const AgentId agent, f.agent());
  const Explanation x = router.explain(id, agent);
  json.field("why", to_string(x.why)).field("before", x.before).field("sentence", x.sentence);
  return {};
}

}  // namespace

Figures::Figures(const Definition& definition, Metrics::Options options)
    : def_(definition), options_(options), metrics_(definition, options), estimator_(definition), alarms_(definition.alarms), values_(definition.alarms.size()) {}

void Figures::add(const Event& e) {
  metrics_.add(e);
  estimator_.add(e);
  switch (e.type) {
    case EventType::accepted: case EventType::abandoned: case EventType::overflowed: case EventType::withdrawn: case EventType::released:
      announcers_.erase(e.contact.value);
      break;
    default: break;
  }
}

double Figures::measure(const AlarmRule& rule, const Router& router, Time now) const {
  using Measure = AlarmRule::Measure;
  double value = 0;
  Tally recent;
  for (std::uint32_t q = 1; q <= def_.queues.size(); ++q) {
    if (rule.queue && rule.queue.value != q) continue;
    const auto view = router.queue(QueueId{q});
    if (!view) continue;
    if (rule.measure == Measure::waiting) value += view->waiting;
    if (rule.measure == Measure::longest_wait_s && view->longest_since)
      value = std::max(value, static_cast<double>((now - *view->longest_since).count()) * 1e-9);
    if (rule.measure == Measure::service_level || rule.measure == Measure::volume)
      for (const Time begin : metrics_.intervals())
        if (begin + options_.interval > now - rule.window && begin <= now) recent.add(metrics_.queue(QueueId{q}, begin));
  }
  if (rule.measure == Measure::agents_ready)
    for (std::uint32_t a = 1; a <= def_.agents.size(); ++a) value += router.agent(AgentId{a})->state == AgentState::ready;
  if (rule.measure == Measure::service_level) return recent.service_level();
  if (rule.measure == Measure::volume) return static_cast<double>(recent.offered);
  return value;
}

std::vector<Alarm> Figures::look(const Router& router, Time now) {
  std::vector<Alarm> changed;
  for (std::size_t i = 0; i < def_.alarms.size(); ++i) {
    Alarm alarm;
    values_[i] = measure(def_.alarms[i], router, now);
    if (alarms_.observe(i, values_[i], now, alarm)) changed.push_back(alarm);
  }
  return changed;
}

Result<std::string> Figures::ask(const Router& router, std::string_view question, const Node& fields, Time now) {
  const Fields f{fields, router};
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  for (const char* key : {"contact", "agent", "queue", "skill", "site", "alarm", "interval", "back", "scheduled"})
    if (f.has(key)) json.field(key, f.text(key));
  const auto done = [&]() -> Result<std::string> {
    json.end_object();
    return std::move(text);
  };
  const auto estimate = [&](ContactId id) {
    const ContactView v = *router.contact(id);
    const auto found = router.standing(id);
    const Standing standing = found.ok() ? *found : Standing{};
    return std::pair(standing.position, estimator_.estimate(v.queue, standing, now - v.since));
  };
  if (question == "position") {
    HOTLINE_ASSIGN(const ContactId id, f.contact());
    HOTLINE_ASSIGN(const std::uint32_t place, router.position(id));
    json.field("position", place);
    return done();
  }
  if (question == "explain") {
    HOTLINE_TRY(tell_why(router, f, json));
    return done();
  }
  if (question == "contact" || question == "agent" || question == "queue") {
    text.clear();
    JsonWriter out(text);
    out.begin_object();
    HOTLINE_TRY(question == "contact" ? tell_contact(router, f, now, out)
                : question == "agent" ? tell_agent(router, f, now, out)
                                      : tell_queue(router, f, now, out));
    out.end_object();
    return text;
  }
  if (question == "wait") {
    WaitEstimate e;
    if (f.has("contact")) {
      HOTLINE_ASSIGN(const ContactId id, f.contact());
      e = estimate(id).second;
    } else {
      HOTLINE_ASSIGN(const QueueId id, f.queue());
      e = estimator_.estimate(id);
    }
    json.field("known", e.p50.has_value());
    if (e.p50) json.field("p50", span(*e.p50)).field("p80", span(*e.p80));
    json.field("samples", e.samples).field("from_history", e.from_history).field("of_line", e.of_line).field("mean_error", span(e.mean_error));
    return done();
  }
  if (question == "announce") {
    HOTLINE_ASSIGN(const ContactId id, f.contact());
    const auto [place, e] = estimate(id);
    const auto said = place == 0 ? std::nullopt : announcers_[id.value].next(place, e, now);
    json.field("say", said.has_value());
    if (said && said->position != 0) json.field("position", said->position);
    if (said && said->wait) json.field("wait", span(*said->wait)).field("likely", span(*said->likely));
    return done();
  }
  if (question == "metrics") {
    metrics_.close(std::max(now, router.now()));
    const Definition& def = router.definition();
    Duration length = Duration::max();
    Time from = Time::min();
    if (f.has("interval")) {
      const auto given = parse_duration(f.text("interval"));
      if (!given || given->count() <= 0) return Error(ErrorCode::invalid_argument, "`interval` is `" + f.text("interval") + "`", "write 15m, 30m or 1h");
      length = *given;
      const std::int64_t back = f.has("back") ? fields.find("back")->as_int().value_or(0) : 0;
      const std::int64_t begin = to_ns(now) - ((to_ns(now) % length.count()) + length.count()) % length.count();
      from = time_from_ns(begin - std::clamp<std::int64_t>(back, 0, 1000000) * length.count());
    }
    if (f.has("agent")) {
      HOTLINE_ASSIGN(const AgentId id, f.agent());
      const AgentTally t = metrics_.agent(id, from, length);
      t.write(json);
      if (f.has("scheduled")) {
        const auto scheduled = parse_duration(f.text("scheduled"));
        if (!scheduled) return Error(ErrorCode::invalid_argument, "`scheduled` is `" + f.text("scheduled") + "`", "write 8h");
        json.field("adherence", t.adherence(*scheduled));
      }
    } else if (f.has("queue")) {
      HOTLINE_ASSIGN(const QueueId id, f.queue());
      metrics_.queue(id, from, length).write(json);
    } else if (f.has("skill")) {
      HOTLINE_ASSIGN(const SkillId id, f.named("skill", def.find_skill(f.text("skill"))));
      metrics_.skill(id, from, length).write(json);
    } else if (f.has("site")) {
      HOTLINE_ASSIGN(const SiteId id, f.named("site", def.find_site(f.text("site"))));
      metrics_.site(id, from, length).write(json);
    } else {
      return Error(ErrorCode::invalid_argument, "metrics of what?", "name a queue, skill, site or agent");
    }
    return done();
  }
  if (question == "fairness") {
    metrics_.close(std::max(now, router.now()));
    metrics_.fairness().write(json);
    return done();
  }
  if (question == "alarm") {
    (void)look(router, now);
    for (std::size_t i = 0; i < def_.alarms.size(); ++i)
      if (def_.alarms[i].name == f.text("alarm")) {
        json.field("raised", alarms_.raised(i)).field("value", values_[i]);
        return done();
      }
    return no_such("alarm", f.text("alarm"));
  }
  return Error(ErrorCode::invalid_argument, "there is no question `" + std::string(question) + "`",
               "ask position, explain, contact, agent, queue, wait, announce, metrics, fairness or alarm");
}

}  // namespace hotline::acd
