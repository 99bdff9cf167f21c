#include "hotline/ivr.h"

#include "guard.hpp"
#include "hotline/base/json.hpp"
#include "hotline/ivr.hpp"

using namespace hotline;
using namespace hotline::capi;

struct hl_flow {
  ivr::Flow flow;
};
struct hl_switchboard {
  ivr::Switchboard board;
  std::unique_ptr<Journal> journal;
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

hl_status hl_flow_import(const char* format, const char* text, const char* name, hl_text** yaml, hl_text** report, hl_error** error) {
  return guard(error, [&]() -> Status {
    if (yaml != nullptr) *yaml = nullptr;
    if (report != nullptr) *report = nullptr;
    HOTLINE_TRY(require(format, "format"));
    HOTLINE_TRY(require(text, "text"));
    HOTLINE_ASSIGN(const auto wanted, ivr::parse_import_format(format));
    HOTLINE_ASSIGN(ivr::Imported imported, ivr::import_flow(wanted, text, name ? name : "flow"));
    std::string told;
    JsonWriter json(told);
    json.begin_object();
    for (const auto& [key, list] : {std::pair<const char*, const std::vector<std::string>*>{"losses", &imported.losses}, {"open", &imported.open}}) {
      json.key(key).begin_array();
      for (const std::string& line : *list) json.value(line);
      json.end_array();
    }
    json.end_object();
    HOTLINE_TRY(give(yaml, std::move(imported.yaml)));
    return give(report, std::move(told));
  });
}

hl_status hl_switchboard_new(const hl_flow* f, hl_switchboard** out, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(require(f, "flow"));
    *out = new hl_switchboard{ivr::Switchboard(f->flow), nullptr};
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
hl_status hl_switchboard_publish(hl_switchboard* board, const hl_flow* f, const char* moves, int64_t now, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(board, "board"));
    HOTLINE_TRY(require(f, "flow"));
    if (moves == nullptr) {
      board->board.publish(f->flow, time_from_ns(now));
      return {};
    }
    HOTLINE_ASSIGN(const Node given, parse_document(*moves ? moves : "{}", "moves"));
    ivr::Migration migration;
    for (const auto& [from, to] : given.entries()) migration.nodes.emplace_back(from.text(), to.text());
    board->board.publish(f->flow, std::move(migration), time_from_ns(now));
    return {};
  });
}
hl_status hl_switchboard_statistics(const hl_switchboard* board, hl_text** out, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(require(board, "board"));
    return give(out, board->board.statistics().to_json());
  });
}
hl_status hl_switchboard_journal(hl_switchboard* board, hl_ivr_line_fn sink, void* user, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(board, "board"));
    board->board.journal(nullptr);
    board->journal.reset();
    if (sink == nullptr) return {};
    board->journal = std::make_unique<Journal>([sink, user](std::string_view line) { sink(line.data(), line.size(), user); });
    board->board.journal(board->journal.get());
    return {};
  });
}
void hl_switchboard_free(hl_switchboard* board) { delete board; }

hl_status hl_ivr_replay(const hl_flow* const* flows, size_t count, const char* journal, hl_text** report, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(report, "report"));
    *report = nullptr;
    HOTLINE_TRY(require(flows, "flows"));
    HOTLINE_TRY(require(journal, "journal"));
    std::vector<ivr::Flow> versions;
    for (size_t i = 0; i < count; ++i) {
      HOTLINE_TRY(require(flows[i], "flows[i]"));
      versions.push_back(flows[i]->flow);
    }
    HOTLINE_ASSIGN(const auto replayed, ivr::replay(versions, journal));
    return give(report, replayed.to_json());
  });
}
hl_status hl_ivr_scenario(const char* journal, const char* call, const char* given, hl_text** out, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(require(journal, "journal"));
    HOTLINE_TRY(require(call, "call"));
    HOTLINE_TRY(require(given, "given"));
    HOTLINE_ASSIGN(std::string text, ivr::to_scenario(journal, call, given));
    return give(out, std::move(text));
  });
}
hl_status hl_ivr_statistics(const char* journal, hl_text** out, hl_error** error) {
  return guard(error, [&]() -> Status {
    HOTLINE_TRY(require(out, "out"));
    *out = nullptr;
    HOTLINE_TRY(require(journal, "journal"));
    HOTLINE_ASSIGN(const auto statistics, ivr::read_statistics(journal));
    return give(out, statistics.to_json());
  });
}

}  // extern "C"
