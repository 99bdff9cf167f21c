#include "hotline/host.h"

#include <map>
#include <memory>

#include "guard.hpp"
#include "hotline/host.hpp"

using namespace hotline;

struct hl_host {
  std::unique_ptr<host::Host> host;
  std::string uri;
};

struct hl_query {
  const std::map<std::string, std::string>& arguments;
  std::vector<ivr::Field>& fields;
};

namespace {

Status start(Result<host::Options> options, hl_host** out) {
  if (!options.ok()) return options.error();
  HOTLINE_ASSIGN(auto started, host::Host::start(*std::move(options)));
  const std::string uri = started->uri();
  *out = new hl_host{std::move(started), uri};
  return {};
}

}  // namespace

extern "C" {

hl_status hl_host_start(const char* options, hl_host** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(options, "options"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    HOTLINE_ASSIGN(const Node node, parse_document(options, "host"));
    return start(host::read_options(node), out);
  });
}
hl_status hl_host_load(const char* path, hl_host** out, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(path, "path"));
    HOTLINE_TRY(capi::require(out, "out"));
    *out = nullptr;
    return start(host::load_options(path), out);
  });
}
void hl_host_stop(hl_host* h) {
  if (h != nullptr) h->host->stop();
}
void hl_host_free(hl_host* h) { delete h; }

const char* hl_host_uri(const hl_host* h) { return capi::or_empty(h ? &h->uri : nullptr); }
int hl_host_open311_port(const hl_host* h) { return h ? h->host->open311_port() : 0; }
uint16_t hl_host_port(const hl_host* h) { return h ? h->host->port() : 0; }
const char* hl_host_folder(const hl_host* h) { return capi::or_empty(h ? &h->host->folder() : nullptr); }

hl_status hl_host_apply(hl_host* h, const char* verb, const char* fields, hl_text** answer, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    if (answer != nullptr) *answer = nullptr;
    HOTLINE_TRY(capi::require(h, "host"));
    HOTLINE_TRY(capi::require(verb, "verb"));
    HOTLINE_ASSIGN(auto text, h->host->apply(verb, fields != nullptr ? fields : ""));
    if (answer != nullptr) *answer = new hl_text{std::move(text)};
    return {};
  });
}

hl_status hl_host_next_event(hl_host* h, int64_t timeout, hl_text** event, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(event, "event"));
    *event = nullptr;
    HOTLINE_TRY(capi::require(h, "host"));
    if (auto text = h->host->next_event(Duration{timeout})) *event = new hl_text{*std::move(text)};
    return {};
  });
}

const char* hl_query_argument(const hl_query* q, const char* name) {
  if (q == nullptr || name == nullptr) return "";
  const auto found = q->arguments.find(name);
  return found == q->arguments.end() ? "" : found->second.c_str();
}
void hl_query_set(hl_query* q, const char* name, const char* value) {
  if (q == nullptr || name == nullptr || value == nullptr) return;
  try {
    q->fields.push_back({name, std::string(value)});
  } catch (...) {
  }
}
hl_status hl_host_answer_query(hl_host* h, const char* name, hl_query_answer answer, void* user, hl_error** error) {
  return capi::guard(error, [&]() -> Status {
    HOTLINE_TRY(capi::require(h, "host"));
    HOTLINE_TRY(capi::require(name, "name"));
    HOTLINE_TRY(capi::require(reinterpret_cast<const void*>(answer), "answer"));
    h->host->answer_query(name, [answer, user](const std::map<std::string, std::string>& arguments, std::vector<ivr::Field>& fields) {
      hl_query query{arguments, fields};
      const int outcome = answer(&query, user);
      return outcome == HL_QUERY_OK ? ivr::Outcome::ok : outcome == HL_QUERY_EMPTY ? ivr::Outcome::empty : ivr::Outcome::error;
    });
    return {};
  });
}

}  // extern "C"
