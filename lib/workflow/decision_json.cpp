#include "hotline/workflow/kernel.hpp"

namespace hotline::workflow {

std::string_view to_string(Effect::Kind kind) {
  static constexpr std::string_view names[] = {"entered", "field_set", "clock", "due_changed", "overdue", "arm",
                                               "cancel",  "notify",    "emit",  "spawned",     "joined",  "raised"};
  return names[static_cast<std::size_t>(kind)];
}
std::string_view to_string(Verdict verdict) {
  static constexpr std::string_view names[] = {"accepted", "refused", "stale"};
  return names[static_cast<std::size_t>(verdict)];
}
std::string_view to_string(Refusal::Kind kind) {
  static constexpr std::string_view names[] = {"none",  "unknown_event", "internal_event", "not_now", "denied", "guard",
                                               "limit", "requirement",   "invalid_field",  "missing", "runaway"};
  return names[static_cast<std::size_t>(kind)];
}

void Decision::write_effect(const Effect& e, std::string& out) const {
  JsonWriter json(out);
  json.begin_object().field("effect", to_string(e.kind)).field("node", e.node);
  if (!e.name.empty()) json.field("name", e.name);
  if (e.kind == Effect::Kind::entered)
    json.field("region", e.detail);
  else if (!e.detail.empty())
    json.field("op", e.detail);
  if (e.kind == Effect::Kind::spawned || e.kind == Effect::Kind::raised) json.field("to", e.other);
  if (e.kind == Effect::Kind::arm || e.kind == Effect::Kind::cancel) json.field("generation", e.generation);
  if (e.kind == Effect::Kind::arm || e.kind == Effect::Kind::overdue ||
      (e.kind == Effect::Kind::due_changed && e.at != Due::never))
    json.field("at", to_string(e.at));
  if (e.arguments != 0) {
    json.key("with").begin_object();
    for (const Argument& a : arguments_of(e)) {
      json.key(a.name);
      a.value.write_json(json);
    }
    json.end_object();
  }
  json.end_object();
}

std::string Decision::to_json() const {
  std::string out, effect;
  JsonWriter json(out);
  json.begin_object().field("verdict", to_string(verdict));
  if (verdict == Verdict::refused) {
    json.field("refusal", to_string(refusal.kind)).field("reason", refusal.reason);
    if (refusal.place.line != 0) json.field("place", to_string(refusal.place));
  }
  json.key("effects").begin_array();
  for (const Effect& e : effects) {
    effect.clear();
    write_effect(e, effect);
    json.raw(effect);
  }
  json.end_array().end_object();
  return out;
}

}  // namespace hotline::workflow
