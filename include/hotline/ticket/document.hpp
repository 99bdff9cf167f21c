// Papers: a ticket printed, official letters (公函), supervision notices (督办通知书). Mustache templates, bilingual, that a user
// replaces with their own; HTML for screens, PDF (A4, through Pango and Cairo) for files and the post.
#pragma once

#include <string>
#include <string_view>

#include "hotline/ticket/service.hpp"

namespace hotline::ticket {

// kind: ticket, letter, supervision. format: html, pdf. language: zh, en. The bytes of the file.
// Personal data is in it only where the ticket given has it: pass one that Desk::read returned.
// Errors: invalid_argument (no such kind or format), unsupported (built without Pango), not_found.
Result<std::string> document(const Service& service, TicketId ticket, std::string_view kind, std::string_view format, std::string_view language = "zh");
// With a template of one's own ({{number}}, {{title}}, {{#events}}..{{/events}} ...); html only.
Result<std::string> document_from(const Service& service, const Ticket& ticket, std::string_view mustache, std::string_view language = "zh");

}  // namespace hotline::ticket
