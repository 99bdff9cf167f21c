#include "hotline/ticket.h"

#include <memory>

#include "guard.hpp"
#include "hotline/ticket/document.hpp"
#include "hotline/ticket/exchange.hpp"
#include "hotline/ticket/open.hpp"
#include "hotline/ticket/open311.hpp"
#include "hotline/ticket/text_command.hpp"

using namespace hotline;

struct hl_tickets {
  ticket::Service service;
};

struct hl_open311 {
  ticket::Open311Server server;
};

namespace {
Status hand_out(Result<std::string> text, hl_text** out) {
  if (!text.ok()) return text.error();
  *out = new hl_text{*std::move(text)};
  return {};
}
std::string_view or_nothing(const char* text) { return text != nullptr ? text : ""; }
}  // namespace

extern "C" {

hl_status hl_tickets_open(const char* url, const char* options, hl_tickets** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(url, "url"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_ASSIGN(auto service, ticket::open_service(url, or_nothing(options)));
    *out = new hl_tickets{std::move(service)};
    return {};
  });
}

hl_status hl_tickets_apply(hl_tickets* tickets, const char* verb, const char* fields, int64_t at, hl_text** events, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(tickets, "tickets"));
    HOTLINE_TRY(capi::require(verb, "verb"));
    HOTLINE_TRY(capi::require(events, "events"));
    *events = nullptr;
    return hand_out(ticket::apply_text(tickets->service, verb, or_nothing(fields), time_from_ns(at)), events);
  });
}

hl_status hl_tickets_next_timer(hl_tickets* tickets, int64_t* at, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(tickets, "tickets"));
    HOTLINE_TRY(capi::require(at, "at"));
    *at = 0;
    HOTLINE_ASSIGN(const auto next, tickets->service.next_timer());
    *at = next ? to_ns(*next) : INT64_MAX;
    return {};
  });
}

hl_status hl_tickets_document(hl_tickets* tickets, uint64_t ticket, const char* kind, const char* format, const char* language, hl_text** out,
                              hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(tickets, "tickets"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    return hand_out(ticket::document(tickets->service, ticket::TicketId{ticket}, or_nothing(kind), or_nothing(format), or_nothing(language)), out);
  });
}

hl_status hl_tickets_export(hl_tickets* tickets, const char* format, hl_text** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(tickets, "tickets"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    std::string text;
    HOTLINE_TRY(ticket::export_log(tickets->service, or_nothing(format), [&](std::string_view part) { text += part; }));
    return hand_out(std::move(text), out);
  });
}

hl_status hl_tickets_import(hl_tickets* tickets, const char* format, const char* text, const char* file, int64_t now, uint64_t* made, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(tickets, "tickets"));
    HOTLINE_TRY(capi::require(text, "text"));
    HOTLINE_TRY(capi::require(made, "made"));
    *made = 0;
    const std::string_view kind = or_nothing(format), name = file != nullptr ? file : "import";
    const ticket::Actor actor{"import", {"agent"}, ""};
    if (kind != "csv" && kind != "jsonl") return Error(ErrorCode::invalid_argument, "no format `" + std::string(kind) + "`", "csv or jsonl");
    HOTLINE_ASSIGN(*made, kind == "csv" ? ticket::import_csv(tickets->service, text, name, actor, time_from_ns(now)) : ticket::import_jsonl(tickets->service, text, name, actor, time_from_ns(now)));
    return {};
  });
}

hl_status hl_open311_start(hl_tickets* tickets, const char* services, int port, hl_open311** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(tickets, "tickets"));
    HOTLINE_TRY(capi::require(services, "services"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_ASSIGN(auto options, ticket::Open311Options::parse(services, "services"));
    HOTLINE_ASSIGN(auto server, ticket::Open311Server::start(tickets->service, std::move(options), port));
    *out = new hl_open311{std::move(server)};
    return {};
  });
}

int hl_open311_port(const hl_open311* server) { return server != nullptr ? server->server.port() : 0; }
void hl_open311_free(hl_open311* server) { delete server; }

void hl_tickets_free(hl_tickets* tickets) { delete tickets; }

}  // extern "C"
