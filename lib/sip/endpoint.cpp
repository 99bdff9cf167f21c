#include "hotline/sip/endpoint.hpp"

#include "stack.hpp"

namespace hotline::sip {

using audio::LegId;

Endpoint::Endpoint(std::unique_ptr<Stack> stack) : stack_(std::move(stack)) {}
Endpoint::~Endpoint() = default;

Result<std::unique_ptr<Endpoint>> Endpoint::start(EndpointOptions options, Sink sink) {
  auto stack = std::make_unique<Stack>(std::move(options), std::move(sink));
  HOTLINE_TRY(stack->start());
  return std::unique_ptr<Endpoint>(new Endpoint(std::move(stack)));
}

void Endpoint::stop() { stack_->stop(); }
std::string Endpoint::uri() const { return stack_->uri(); }
std::vector<Endpoint::Registration> Endpoint::registrations() const { return stack_->registrations(); }
Endpoint::Figures Endpoint::figures() const { return stack_->figures(); }

void Endpoint::answer(LegId leg) {
  stack_->post([s = stack_.get(), leg] {
    if (Call* call = s->find(leg)) s->answer(*call);
  });
}

LegId Endpoint::dial(const std::string& to, const std::string& caller_id, Duration ring_timeout) {
  const LegId leg = stack_->new_leg();
  stack_->post([s = stack_.get(), leg, to, caller_id, ring_timeout] { s->dial(leg, to, caller_id, ring_timeout); });
  return leg;
}

void Endpoint::play(LegId leg, std::vector<audio::Clip> clips, std::uint64_t play) {
  stack_->post([s = stack_.get(), leg, clips = std::move(clips), play]() mutable {
    s->in_session(leg, [clips = std::move(clips), play](Session& session) mutable { session.play(std::move(clips), play); });
  });
}
void Endpoint::stop_play(LegId leg) {
  stack_->post([s = stack_.get(), leg] { s->in_session(leg, [](Session& session) { session.stop_play(); }); });
}
void Endpoint::record(LegId leg, audio::RecordOptions options) {
  stack_->post([s = stack_.get(), leg, options = std::move(options)]() mutable {
    s->in_session(leg, [options = std::move(options)](Session& session) { session.record(options); });
  });
}
void Endpoint::stop_record(LegId leg) {
  stack_->post([s = stack_.get(), leg] { s->in_session(leg, [](Session& session) { session.stop_record(); }); });
}
void Endpoint::record_call(LegId leg, std::string path) {
  stack_->post([s = stack_.get(), leg, path = std::move(path)] {
    s->in_session(leg, [path](Session& session) { session.record_call(path); });
  });
}
void Endpoint::send_digits(LegId leg, std::string digits) {
  stack_->post([s = stack_.get(), leg, digits = std::move(digits)] {
    s->in_session(leg, [digits](Session& session) { session.send_keys(digits); });
  });
}
void Endpoint::bridge(LegId a, LegId b) {
  stack_->post([s = stack_.get(), a, b] { s->bridge(a, b); });
}
void Endpoint::unbridge(LegId leg) {
  stack_->post([s = stack_.get(), leg] { s->unbridge(leg); });
}
void Endpoint::join(LegId supervisor, LegId leg, Join mode) {
  stack_->post([s = stack_.get(), supervisor, leg, mode] { s->join(supervisor, leg, mode); });
}
void Endpoint::transfer(LegId leg, const std::string& to) {
  stack_->post([s = stack_.get(), leg, to] {
    if (Call* call = s->find(leg)) s->transfer(*call, to);
  });
}
void Endpoint::hang_up(LegId leg, int status) {
  stack_->post([s = stack_.get(), leg, status] {
    if (Call* call = s->find(leg)) s->hang_up(*call, status);
  });
}

}  // namespace hotline::sip
