#include "hotline/acd.h"

#include <functional>
#include <limits>
#include <memory>

#include "guard.hpp"
#include "hotline/acd.hpp"

using namespace hotline;
using namespace hotline::acd;

struct hl_candidates {
  std::span<const AgentCandidate> agents;
  std::span<const ContactCandidate> contacts;
  Time now{};
};

namespace {
struct Hook {
  hl_chooser chooser = nullptr;
  void* context = nullptr;
};
std::int64_t choose_agent(void* context, ContactCandidate, std::span<const AgentCandidate> agents, Time now) {
  const auto* hook = static_cast<const Hook*>(context);
  const hl_candidates candidates{agents, {}, now};
  return hook->chooser(&candidates, hook->context);
}
std::int64_t choose_contact(void* context, AgentCandidate, std::span<const ContactCandidate> contacts, Time now) {
  const auto* hook = static_cast<const Hook*>(context);
  const hl_candidates candidates{{}, contacts, now};
  return hook->chooser(&candidates, hook->context);
}
}  // namespace

struct hl_router {
  Events events;
  std::optional<Router> router;
  std::vector<std::unique_ptr<Hook>> hooks;
  std::optional<Figures> figures;
  std::optional<Log> log;
  size_t fed = 0;  // events that the figures have seen

  void feed() {
    if (figures)
      for (; fed < events.size(); ++fed) figures->add(events[fed]);
    else fed = events.size();
  }
};

namespace {

hl_status make(Result<Definition> definition, hl_router** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    if (!definition.ok()) return definition.error();
    auto handle = std::make_unique<hl_router>();
    HOTLINE_ASSIGN(auto router, Router::create(*std::move(definition), handle->events));
    handle->router.emplace(std::move(router));
    *out = handle.release();
    return {};
  });
}

hl_status run(hl_router* r, const char* what, hl_error** error, const Command& command) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    if (r->log) HOTLINE_TRY(r->log->append(command));
    return to_status(execute(*r->router, command).outcome, what);
  });
}
hl_status give_text(hl_text** out, hl_error** error, const std::function<Result<std::string>()>& make_it) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_ASSIGN(std::string text, make_it());
    *out = new hl_text{std::move(text)};
    return {};
  });
}

const Event* event_at(const hl_router* r, size_t i) { return r != nullptr && i < r->events.size() ? &r->events[i] : nullptr; }
hl_text* text_of(std::string text) { return new hl_text{std::move(text)}; }

}  // namespace

extern "C" {

hl_status hl_router_load(const char* path, hl_router** out, hl_error** error) {
  if (path == nullptr) return capi::guard(error, [] { return capi::require(nullptr, "path"); });
  if (out != nullptr) *out = nullptr;
  std::optional<Result<Definition>> definition;
  const hl_status read = capi::guard(error, [&]() -> Status {
    definition.emplace(load_definition(path));
    return {};
  });
  return read != HL_OK ? read : make(*std::move(definition), out, error);
}
hl_status hl_router_parse(const char* text, size_t size, const char* name, hl_router** out, hl_error** error) {
  if (text == nullptr) return capi::guard(error, [] { return capi::require(nullptr, "text"); });
  if (out != nullptr) *out = nullptr;
  std::optional<Result<Definition>> definition;
  const hl_status read = capi::guard(error, [&]() -> Status {
    definition.emplace(parse_definition({text, size}, name != nullptr ? name : "definition"));
    return {};
  });
  return read != HL_OK ? read : make(*std::move(definition), out, error);
}
hl_status hl_router_redefine(hl_router* r, const char* text, size_t size, const char* name, int64_t now, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    HOTLINE_TRY(capi::require(text, "text"));
    HOTLINE_ASSIGN(auto definition, parse_definition({text, size}, name != nullptr ? name : "definition"));
    const Status done = r->log ? r->log->redefine(*r->router, std::move(definition), time_from_ns(now))
                               : r->router->redefine(std::move(definition), time_from_ns(now));
    if (done.ok() && r->figures) r->figures.emplace(r->router->definition());
    return done;
  });
}
void hl_router_free(hl_router* r) { delete r; }

uint32_t hl_router_queue(const hl_router* r, const char* name) { return r && name ? r->router->definition().find_queue(name).value : 0; }
uint32_t hl_router_agent(const hl_router* r, const char* name) { return r && name ? r->router->definition().find_agent(name).value : 0; }
uint32_t hl_router_agent_count(const hl_router* r) { return r ? static_cast<uint32_t>(r->router->definition().agents.size()) : 0; }
uint32_t hl_router_queue_count(const hl_router* r) { return r ? static_cast<uint32_t>(r->router->definition().queues.size()) : 0; }

hl_status hl_router_apply(hl_router* r, const char* verb, const char* json, int64_t now, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    HOTLINE_TRY(capi::require(verb, "verb"));
    HOTLINE_ASSIGN(const Node fields, parse_document(json != nullptr ? json : "{}", "command"));
    if (r->log) HOTLINE_TRY(r->log->append(verb, json != nullptr ? json : "{}", time_from_ns(now)));
    return r->router->apply(verb, fields, time_from_ns(now));
  });
}

void hl_router_advance(hl_router* r, int64_t now) {
  if (r != nullptr) (void)capi::guard(nullptr, [&]() -> Status { return r->router->advance(time_from_ns(now)), Status{}; });
}
int64_t hl_router_next_deadline(const hl_router* r) {
  const auto at = r ? r->router->next_deadline() : std::nullopt;
  return at ? to_ns(*at) : std::numeric_limits<int64_t>::max();
}
hl_status hl_router_require(hl_router* r, const char* expression, uint32_t* requirement, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    HOTLINE_TRY(capi::require(expression, "expression"));
    HOTLINE_TRY(capi::require(requirement, "requirement"));
    *requirement = 0;
    HOTLINE_ASSIGN(const RequirementId id, r->router->require(expression));
    if (r->log) HOTLINE_TRY(r->log->append_requirement(expression));
    *requirement = id.value;
    return {};
  });
}
hl_status hl_router_enqueue(hl_router* r, uint32_t queue, uint64_t tag, int32_t priority, uint32_t requirement, int64_t now, uint64_t* contact, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    HOTLINE_TRY(capi::require(contact, "contact"));
    *contact = 0;
    Enqueue request{.queue = QueueId{queue}, .tag = tag, .priority = priority, .requires_ = RequirementId{requirement}};
    if (r->log) HOTLINE_TRY(r->log->append(to_command(request, time_from_ns(now))));
    HOTLINE_ASSIGN(const ContactId id, r->router->enqueue(request, time_from_ns(now)));
    *contact = id.value;
    return {};
  });
}

hl_status hl_router_accept(hl_router* r, uint64_t offer, int64_t now, hl_error** error) {
  return run(r, "accept", error, {.verb = Verb::accept, .at = now, .contact = offer});
}
hl_status hl_router_reject(hl_router* r, uint64_t offer, int64_t now, hl_error** error) {
  return run(r, "reject", error, {.verb = Verb::reject, .at = now, .contact = offer});
}
hl_status hl_router_connected(hl_router* r, uint64_t contact, int64_t now, hl_error** error) {
  return run(r, "connected", error, {.verb = Verb::connected, .at = now, .contact = contact});
}
hl_status hl_router_connect_failed(hl_router* r, uint64_t contact, int64_t now, hl_error** error) {
  return run(r, "connect_failed", error, {.verb = Verb::connect_failed, .at = now, .contact = contact});
}
hl_status hl_router_ended(hl_router* r, uint64_t contact, int64_t now, hl_error** error) {
  return run(r, "ended", error, {.verb = Verb::ended, .at = now, .contact = contact});
}
hl_status hl_router_wrap_up_done(hl_router* r, uint64_t contact, int64_t now, hl_error** error) {
  return run(r, "wrap_up_done", error, {.verb = Verb::wrap_up_done, .at = now, .contact = contact});
}
hl_status hl_router_abandon(hl_router* r, uint64_t contact, int64_t now, hl_error** error) {
  return run(r, "abandon", error, {.verb = Verb::abandon, .at = now, .contact = contact});
}
hl_status hl_router_login(hl_router* r, uint32_t agent, int64_t now, hl_error** error) {
  return run(r, "login", error, {.verb = Verb::login, .at = now, .agent = agent});
}
hl_status hl_router_logout(hl_router* r, uint32_t agent, int64_t now, hl_error** error) {
  return run(r, "logout", error, {.verb = Verb::logout, .at = now, .agent = agent});
}
hl_status hl_router_ready(hl_router* r, uint32_t agent, int64_t now, hl_error** error) {
  return run(r, "ready", error, {.verb = Verb::ready, .at = now, .agent = agent});
}
hl_status hl_router_not_ready(hl_router* r, uint32_t agent, uint32_t reason, int64_t now, hl_error** error) {
  return run(r, "not_ready", error, {.verb = Verb::not_ready, .at = now, .agent = agent, .reason = reason});
}

size_t hl_router_events(const hl_router* r) { return r ? r->events.size() : 0; }
const char* hl_router_event_type(const hl_router* r, size_t i) { return event_at(r, i) ? to_string(event_at(r, i)->type).data() : ""; }
const char* hl_router_event_reason(const hl_router* r, size_t i) { return event_at(r, i) ? to_string(event_at(r, i)->reason).data() : ""; }
int64_t hl_router_event_at(const hl_router* r, size_t i) { return event_at(r, i) ? to_ns(event_at(r, i)->at) : 0; }
uint64_t hl_router_event_contact(const hl_router* r, size_t i) { return event_at(r, i) ? event_at(r, i)->contact.value : 0; }
uint64_t hl_router_event_offer(const hl_router* r, size_t i) { return event_at(r, i) ? event_at(r, i)->offer.value : 0; }
uint64_t hl_router_event_tag(const hl_router* r, size_t i) { return event_at(r, i) ? event_at(r, i)->tag : 0; }
uint32_t hl_router_event_agent(const hl_router* r, size_t i) { return event_at(r, i) ? event_at(r, i)->agent.value : 0; }
uint32_t hl_router_event_queue(const hl_router* r, size_t i) { return event_at(r, i) ? event_at(r, i)->queue.value : 0; }
int64_t hl_router_event_value(const hl_router* r, size_t i) { return event_at(r, i) ? event_at(r, i)->value : 0; }
hl_status hl_router_event_json(const hl_router* r, size_t i, hl_text** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    const Event* e = event_at(r, i);
    if (e == nullptr) return Error(ErrorCode::not_found, "there is no event " + std::to_string(i), "ask hl_router_events");
    std::string line;
    JsonWriter json(line);
    json.begin_object();
    r->router->write(*e, json);
    json.end_object();
    *out = text_of(std::move(line));
    return {};
  });
}
void hl_router_clear(hl_router* r) {
  if (r == nullptr) return;
  (void)capi::guard(nullptr, [&]() -> Status { return r->feed(), Status{}; });
  r->events.clear();
  r->fed = 0;
}

uint32_t hl_router_waiting(const hl_router* r, uint32_t queue) {
  if (r == nullptr) return 0;
  if (queue == 0) return r->router->waiting();
  const auto view = r->router->queue(QueueId{queue});
  return view ? view->waiting : 0;
}
uint32_t hl_router_position(const hl_router* r, uint64_t contact) {
  if (r == nullptr) return 0;
  const auto place = r->router->position(ContactId{contact});
  return place.ok() ? *place : 0;
}
hl_status hl_router_explain(const hl_router* r, uint64_t contact, uint32_t agent, hl_text** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    std::string text;
    JsonWriter json(text);
    if (agent == 0) {
      r->router->explain(ContactId{contact}).write(json);
    } else {
      const Explanation x = r->router->explain(ContactId{contact}, AgentId{agent});
      json.begin_object().field("why", to_string(x.why)).field("before", x.before).field("sentence", x.sentence).end_object();
    }
    *out = text_of(std::move(text));
    return {};
  });
}

size_t hl_candidates_size(const hl_candidates* c) { return c ? c->agents.size() + c->contacts.size() : 0; }
int64_t hl_candidates_now(const hl_candidates* c) { return c ? to_ns(c->now) : 0; }
uint32_t hl_candidates_agent(const hl_candidates* c, size_t i) { return c && i < c->agents.size() ? c->agents[i].agent.value : 0; }
uint64_t hl_candidates_contact(const hl_candidates* c, size_t i) { return c && i < c->contacts.size() ? c->contacts[i].contact.value : 0; }
uint32_t hl_candidates_queue(const hl_candidates* c, size_t i) { return c && i < c->contacts.size() ? c->contacts[i].queue.value : 0; }
uint64_t hl_candidates_tag(const hl_candidates* c, size_t i) { return c && i < c->contacts.size() ? c->contacts[i].tag : 0; }
int64_t hl_candidates_since(const hl_candidates* c, size_t i) {
  if (c == nullptr) return 0;
  if (i < c->agents.size()) return to_ns(c->agents[i].idle_since);
  return i < c->contacts.size() ? to_ns(c->contacts[i].since) : 0;
}
int64_t hl_candidates_answered(const hl_candidates* c, size_t i) { return c && i < c->agents.size() ? static_cast<int64_t>(c->agents[i].answered) : 0; }

hl_status hl_router_set_agent_chooser(hl_router* r, uint32_t queue, hl_chooser chooser, void* context, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    if (queue == 0 || queue > r->router->definition().queues.size()) return Error(ErrorCode::not_found, "there is no queue " + std::to_string(queue), "use hl_router_queue");
    if (chooser == nullptr) return r->router->set_agent_chooser(QueueId{queue}, {}), Status{};
    r->hooks.push_back(std::make_unique<Hook>(Hook{chooser, context}));
    r->router->set_agent_chooser(QueueId{queue}, {choose_agent, r->hooks.back().get()});
    return {};
  });
}
hl_status hl_router_set_contact_chooser(hl_router* r, uint32_t team, hl_chooser chooser, void* context, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    if (team > r->router->definition().teams.size()) return Error(ErrorCode::not_found, "there is no team " + std::to_string(team), "teams count from 1");
    if (chooser == nullptr) return r->router->set_contact_chooser(TeamId{team}, {}), Status{};
    r->hooks.push_back(std::make_unique<Hook>(Hook{chooser, context}));
    r->router->set_contact_chooser(TeamId{team}, {choose_contact, r->hooks.back().get()});
    return {};
  });
}

hl_status hl_router_save(const hl_router* r, hl_text** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = text_of(r->router->save());
    return {};
  });
}
hl_status hl_router_restore(hl_router* r, const char* bytes, size_t size, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    HOTLINE_TRY(capi::require(bytes, "bytes"));
    return r->router->restore({bytes, size});
  });
}
void hl_router_restarted(hl_router* r, int64_t now) {
  (void)run(r, "restarted", nullptr, {.verb = Verb::restarted, .at = now});
}
hl_status hl_router_check(const hl_router* r, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    return r->router->check();
  });
}

hl_status hl_router_watch(hl_router* r, int64_t interval, int64_t short_abandon, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    Metrics::Options options;
    if (interval > 0) options.interval = Duration{interval};
    if (short_abandon >= 0) options.short_abandon = Duration{short_abandon};
    r->figures.emplace(r->router->definition(), options);
    return {};
  });
}
hl_status hl_router_ask(hl_router* r, const char* question, const char* json, int64_t now, hl_text** out, hl_error** error) {
  return give_text(out, error, [&]() -> Result<std::string> {
    HOTLINE_TRY(capi::require(r, "router"));
    HOTLINE_TRY(capi::require(question, "question"));
    HOTLINE_ASSIGN(const Node fields, parse_document(json != nullptr ? json : "{}", "question"));
    if (!r->figures) r->figures.emplace(r->router->definition());
    r->feed();
    return r->figures->ask(*r->router, question, fields, time_from_ns(now));
  });
}
hl_status hl_router_look(hl_router* r, int64_t now, hl_text** out, hl_error** error) {
  return give_text(out, error, [&]() -> Result<std::string> {
    HOTLINE_TRY(capi::require(r, "router"));
    if (!r->figures) r->figures.emplace(r->router->definition());
    r->feed();
    std::string text;
    JsonWriter json(text);
    json.begin_array();
    for (const Alarm& a : r->figures->look(*r->router, time_from_ns(now)))
      json.begin_object().field("alarm", r->router->definition().alarms[a.rule].name).field("raised", a.raised).field("value", a.value).end_object();
    json.end_array();
    return text;
  });
}
hl_status hl_router_queues_csv(hl_router* r, int64_t interval, hl_text** out, hl_error** error) {
  return give_text(out, error, [&]() -> Result<std::string> {
    HOTLINE_TRY(capi::require(r, "router"));
    if (!r->figures) return Error(ErrorCode::wrong_state, "nothing was watched", "call hl_router_watch first");
    r->feed();
    return r->figures->metrics().queues_csv(Duration{interval});
  });
}
hl_status hl_router_agents_csv(hl_router* r, int64_t interval, hl_text** out, hl_error** error) {
  return give_text(out, error, [&]() -> Result<std::string> {
    HOTLINE_TRY(capi::require(r, "router"));
    if (!r->figures) return Error(ErrorCode::wrong_state, "nothing was watched", "call hl_router_watch first");
    r->feed();
    r->figures->metrics().close(r->router->now());
    return r->figures->metrics().agents_csv(Duration{interval});
  });
}

hl_status hl_router_recover(const char* definition, const char* log, hl_router_prepare prepare, void* context, hl_router** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(definition, "definition"));
    HOTLINE_TRY(capi::require(log, "log"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_ASSIGN(Definition read, load_definition(definition));
    auto handle = std::make_unique<hl_router>();
    HOTLINE_ASSIGN(Log file, Log::open(log));
    HOTLINE_ASSIGN(Router router, file.recover(std::move(read), handle->events, nullptr, [&](Router& fresh) {
      if (prepare == nullptr) return;
      handle->router.emplace(std::move(fresh));  // lent to the host under its handle
      prepare(handle.get(), context);
      fresh = std::move(*handle->router);
      handle->router.reset();
    }));
    handle->router.emplace(std::move(router));
    handle->log.emplace(std::move(file));
    *out = handle.release();
    return {};
  });
}
hl_status hl_router_sync(hl_router* r, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    return r->log ? r->log->sync() : Status{};
  });
}
hl_status hl_router_snapshot(hl_router* r, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(r, "router"));
    if (!r->log) return Error(ErrorCode::wrong_state, "the router has no log", "make it with hl_router_recover");
    return r->log->snapshot(*r->router);
  });
}

}  // extern "C"
