#include "hotline/ivr.h"

#include "guard.hpp"
#include "hotline/ivr.hpp"

using namespace hotline;
using namespace hotline::capi;

struct hl_flow {
  ivr::Flow flow;
};
struct hl_switchboard {
  ivr::Switchboard board;
};

namespace {
Status give(hl_text** out, std::string text) {
  if (out != nullptr) *out = new hl_text{std::move(text)};
  return {};
}
}  // namespace

extern "C" {

hl_status hl_flow_load(const char* path, hl_flow** out, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(require(path, "path"));
    HOTLINE_ASSIGN(auto flow, ivr::Flow::load(path));
    *out = new hl_flow{std::move(flow)};
    return {};
  });
}
hl_status hl_flow_parse(const char* text, const char* name, hl_flow** out, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(require(text, "text"));
    HOTLINE_ASSIGN(auto flow, ivr::Flow::parse(text, name ? name : "flow"));
    *out = new hl_flow{std::move(flow)};
    return {};
  });
}
const char* hl_flow_id(const hl_flow* f) { return or_empty(f ? &f->flow.id() : nullptr); }
const char* hl_flow_version(const hl_flow* f) { return or_empty(f ? &f->flow.version() : nullptr); }
const char* hl_flow_fingerprint(const hl_flow* f) { return or_empty(f ? &f->flow.fingerprint() : nullptr); }
size_t hl_flow_size(const hl_flow* f) { return f ? f->flow.size() : 0; }
hl_status hl_flow_warnings(const hl_flow* f, hl_text** out, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(require(f, "flow"));
    return give(out, f->flow.diagnostics().to_json());
  });
}
hl_status hl_flow_json(const hl_flow* f, hl_text** out, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(require(f, "flow"));
    return give(out, f->flow.to_json());
  });
}
hl_status hl_flow_draw(const hl_flow* f, const char* format, hl_text** out, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(require(f, "flow"));
    HOTLINE_TRY(require(format, "format"));
    const std::string_view name = format;
    if (name == "svg") return give(out, ivr::to_svg(f->flow.program()));
    if (name == "mermaid") return give(out, ivr::to_mermaid(f->flow.program()));
    if (name == "dot") return give(out, ivr::to_dot(f->flow.program()));
    if (name == "card") return give(out, ivr::to_menu_card(f->flow.program()));
    return Error(ErrorCode::invalid_argument, "flows cannot be drawn as `" + std::string(name) + "`", "use svg, mermaid, dot or card");
  });
}
void hl_flow_free(hl_flow* f) { delete f; }

hl_status hl_flow_check(const char* path, hl_text** out, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(require(path, "path"));
    HOTLINE_ASSIGN(const auto examined, ivr::examine_file(path));
    return give(out, examined.diagnostics.to_json());
  });
}

hl_status hl_switchboard_new(const hl_flow* f, hl_switchboard** out, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(require(f, "flow"));
    *out = new hl_switchboard{ivr::Switchboard(f->flow)};
    return {};
  });
}
hl_status hl_switchboard_apply(hl_switchboard* board, const char* verb, const char* fields, int64_t now, hl_text** events, hl_error** error) {
  return guard(error, [&]() -> Status {
    if (events != nullptr) *events = nullptr;
    HOTLINE_TRY(require(board, "board"));
    HOTLINE_TRY(require(verb, "verb"));
    HOTLINE_ASSIGN(std::string text, board->board.apply(verb, std::string_view(fields ? fields : ""), time_from_ns(now)));
    return give(events, std::move(text));
  });
}
hl_status hl_switchboard_advance(hl_switchboard* board, int64_t now, hl_text** events, hl_error** error) {
  return guard(error, [&]() -> Status {
    if (events != nullptr) *events = nullptr;
    HOTLINE_TRY(require(board, "board"));
    return give(events, board->board.advance(time_from_ns(now)));
  });
}
int64_t hl_switchboard_next_deadline(const hl_switchboard* board) {
  return board ? to_ns(board->board.next_deadline()) : INT64_MAX;
}
size_t hl_switchboard_calls(const hl_switchboard* board) { return board ? board->board.calls() : 0; }
hl_status hl_switchboard_session(const hl_switchboard* board, const char* call, hl_text** out, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(require(board, "board"));
    HOTLINE_TRY(require(call, "call"));
    const ivr::Session* session = board->board.find(call);
    if (session == nullptr) return Error(ErrorCode::not_found, "there is no call `" + std::string(call) + "`", "it may have ended");
    return give(out, session->serialise());
  });
}
hl_status hl_switchboard_publish(hl_switchboard* board, const hl_flow* f, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(board, "board"));
    HOTLINE_TRY(require(f, "flow"));
    board->board.engine().publish(f->flow);
    return {};
  });
}
void hl_switchboard_free(hl_switchboard* board) { delete board; }

}  // extern "C"
