#include "hotline/audio/telephony.hpp"

namespace hotline::audio {
namespace {

struct Name {
  std::string_view operator()(const event::Incoming&) const { return "incoming"; }
  std::string_view operator()(const event::Ringing&) const { return "ringing"; }
  std::string_view operator()(const event::Answered&) const { return "answered"; }
  std::string_view operator()(const event::Digit&) const { return "digit"; }
  std::string_view operator()(const event::Played&) const { return "played"; }
  std::string_view operator()(const event::Recorded&) const { return "recorded"; }
  std::string_view operator()(const event::Transferred&) const { return "transferred"; }
  std::string_view operator()(const event::Held&) const { return "held"; }
  std::string_view operator()(const event::TransferAsked&) const { return "transfer_asked"; }
  std::string_view operator()(const event::HungUp&) const { return "hung_up"; }
};

std::string_view source_name(DigitSource source) {
  switch (source) {
    case DigitSource::rfc4733: return "rfc4733";
    case DigitSource::inband: return "inband";
    case DigitSource::sip_info: return "sip_info";
  }
  return "";
}

struct Fill {
  JsonWriter& json;
  void operator()(const event::Incoming& e) const { json.field("from", e.from).field("to", e.to).field("call_id", e.call_id); }
  void operator()(const event::Ringing&) const {}
  void operator()(const event::Answered&) const {}
  void operator()(const event::Digit& e) const {
    json.field("key", std::string(1, e.key)).field("source", source_name(e.source)).field("held", e.held.count());
  }
  void operator()(const event::Played& e) const {
    json.field("play", e.play).field("complete", e.complete).field("position", e.position.count());
  }
  void operator()(const event::Recorded& e) const {
    json.field("path", e.path).field("length", e.length.count()).field("ended_by", std::string(1, e.ended_by));
  }
  void operator()(const event::Transferred& e) const { json.field("ok", e.ok).field("status", e.status); }
  void operator()(const event::Held& e) const { json.field("held", e.held); }
  void operator()(const event::TransferAsked& e) const { json.field("to", e.to); }
  void operator()(const event::HungUp& e) const { json.field("status", e.status).field("reason", e.reason); }
};

}  // namespace

std::string_view event_name(const TelephonyEvent& event) { return std::visit(Name{}, event); }
LegId event_leg(const TelephonyEvent& event) {
  return std::visit([](const auto& e) { return e.leg; }, event);
}
void write_fields(const TelephonyEvent& event, JsonWriter& json) {
  json.field("leg", event_leg(event).value);
  std::visit(Fill{json}, event);
}
std::string to_json(const TelephonyEvent& event) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("type", event_name(event));
  write_fields(event, json);
  json.end_object();
  return out;
}

}  // namespace hotline::audio
