#include "hotline/ivr/call_journal.hpp"

#include "ivr/commands.hpp"
#include "ivr/program.hpp"

namespace hotline::ivr {
namespace {

constexpr std::string_view kBox = "ivr";

// Whether what is typed now is to be kept out of logs.
bool types_a_secret(const Session& session) {
  const Program& p = session.flow().program();
  const Index at = p.find(session.node());
  if (at == kNone || p.nodes[at].type != NodeType::collect) return false;
  const Index store = p.nodes[at].store;
  return store < p.variables.size() && p.variables[store].secret;
}

void write_trace(JsonWriter& json, std::string_view call, const Trace& t, bool secret) {
  json.field("call", call).field("node", t.node);
  if (!t.exit.empty()) json.field("exit", t.exit);
  if (secret && (t.kind == TraceKind::choice || t.kind == TraceKind::no_match)) json.field("detail", "?");
  else if (!t.detail.empty()) json.field("detail", t.detail);
  if (t.elapsed != Duration::zero()) json.field("elapsed", hotline::to_string(t.elapsed));
}

void write_flow(JsonWriter& json, const Flow& flow) {
  json.field("flow", flow.id()).field("version", flow.version()).field("fingerprint", flow.fingerprint());
}

}  // namespace

std::span<const Action> CallJournal::start(Engine& engine, Session& session, const Start& start, std::string_view call, Time now) {
  journal_.write(now, kBox, "call.start", [&](JsonWriter& json) {
    json.field("call", call);
    write_flow(json, session.flow());
    write_start(json, start);
  });
  const auto actions = engine.start(session, start, now);
  did(engine, session, actions, call, false, now);
  return actions;
}

std::span<const Action> CallJournal::step(Engine& engine, Session& session, const Event& event, std::string_view call, Time now) {
  if (session.ended()) return {};
  const bool secret = types_a_secret(session);
  journal_.write(now, kBox, verb_of(event), [&](JsonWriter& json) {
    json.field("call", call);
    write_event(json, secret && event.kind == EventKind::key ? Event::digit('?') : event);
  });
  const auto actions = engine.step(session, event, now);
  did(engine, session, actions, call, secret, now);
  return actions;
}

std::span<const Action> CallJournal::resume(Engine& engine, Session& session, std::string_view call, Time now) {
  journal_.write(now, kBox, "call.resume", [&](JsonWriter& json) { json.field("call", call); });
  const auto actions = engine.resume(session, now);
  did(engine, session, actions, call, false, now);
  return actions;
}

void CallJournal::restored(const Session& session, std::string_view call, Time now) {
  journal_.write(now, kBox, "call.restore", [&](JsonWriter& json) { json.field("call", call).field("session", session.serialise()); });
}

void CallJournal::did(const Engine& engine, const Session& session, std::span<const Action> actions, std::string_view call, bool secret, Time now) {
  for (const Trace& t : engine.trace()) {
    if (t.kind == TraceKind::ended) continue;  // `ended` says it
    journal_.write(now, kBox, "node." + std::string(to_string(t.kind)), [&](JsonWriter& json) {
      write_trace(json, call, t, secret);
      if (t.kind == TraceKind::migrated) write_flow(json, session.flow());
    });
  }
  for (const Action& action : actions)
    journal_.write(now, kBox, to_string(action.kind), [&](JsonWriter& json) { write_action(json, call, action, PartsToo::no); });
  if (session.ended())
    journal_.write(now, kBox, "ended", [&](JsonWriter& json) {
      json.field("call", call).field("node", session.node()).field("ending", to_string(session.ending()));
    });
}

Status CallJournal::lay(Engine& engine, const Overlay& overlay, Time now) {
  HOTLINE_TRY(engine.lay(overlay));
  journal_.write(now, kBox, "notice.lay", [&](JsonWriter& json) {
    json.field("flow", engine.flow().id());
    write_overlay(json, overlay);
  });
  return {};
}

Status CallJournal::lift(Engine& engine, std::string_view overlay_id, Time now) {
  HOTLINE_TRY(engine.lift(overlay_id));
  journal_.write(now, kBox, "notice.lift", [&](JsonWriter& json) { json.field("flow", engine.flow().id()).field("id", overlay_id); });
  return {};
}

void CallJournal::publish(Engine& engine, Flow next, Time now) {
  journal_.write(now, kBox, "flow.publish", [&](JsonWriter& json) { write_flow(json, next); });
  engine.publish(std::move(next));
}

void CallJournal::publish(Engine& engine, Flow next, Migration migration, Time now) {
  journal_.write(now, kBox, "flow.publish", [&](JsonWriter& json) {
    write_flow(json, next);
    json.key("moves").begin_object();
    for (const auto& [from, to] : migration.nodes) json.field(from, to);
    json.end_object();
  });
  engine.publish(std::move(next), std::move(migration));
}

}  // namespace hotline::ivr
