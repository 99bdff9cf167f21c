// One call of GeoReport: what was asked, in which form, and the answers that all of them share.
#pragma once

#include <algorithm>

#include "hotline/ticket/open311.hpp"
#include "ticket/impl.hpp"
#include "ticket/report_writer.hpp"

namespace hotline::ticket {

struct Refused {
  int status;
  std::string what;
};

struct Call {
  const HttpRequest& request;
  const Open311Options& options;
  Service& service;
  Time now;
  bool json = true;
  std::vector<std::string> path;  // without the format

  std::string get(const std::string& name) const {
    const auto found = request.parameters.find(name);
    return found == request.parameters.end() ? std::string() : found->second;
  }
  std::vector<std::string> list(const std::string& name) const {
    std::vector<std::string> out;
    const std::string all = get(name);
    for (std::size_t at = 0; at <= all.size() && !all.empty();) {
      const auto end = std::min(all.find(',', at), all.size());
      if (end > at) out.push_back(all.substr(at, end - at));
      at = end + 1;
    }
    return out;
  }
};

inline HttpAnswer finish(const Call& call, int status, std::string body) {
  return {status, call.json ? "application/json; charset=utf-8" : "text/xml; charset=utf-8", std::move(body)};
}

inline HttpAnswer refuse(const Call& call, const Refused& why) {
  ReportWriter out(call.json, "errors", "error");
  out.begin().number("code", why.status).text("description", why.what).end();
  return finish(call, why.status, out.take());
}

inline int status_of(ErrorCode code) {
  switch (code) {
    case ErrorCode::not_found: return 404;
    case ErrorCode::denied: return 403;
    case ErrorCode::io:
    case ErrorCode::corrupt:
    case ErrorCode::internal: return 500;
    case ErrorCode::unavailable:
    case ErrorCode::busy: return 503;
    default: return 400;
  }
}
inline Refused refused_by(const Error& e) { return {status_of(e.code()), e.message() + (e.remedy().empty() ? "" : "; " + e.remedy())}; }

inline Result<Time> time_of(const Call& call, const std::string& name, Time otherwise) {
  const std::string text = call.get(name);
  if (text.empty()) return otherwise;
  auto time = parse_time(text);
  if (!time.ok()) return Error(ErrorCode::invalid_argument, "`" + name + "` is no time", "write it as 2026-11-22T08:00:00+08:00");
  return time;
}

// Empty where the caller may write.
inline std::optional<HttpAnswer> without_key(const Call& call) {
  const std::string key = call.get("api_key");
  if (std::find(call.options.keys.begin(), call.options.keys.end(), key) != call.options.keys.end()) return std::nullopt;
  return refuse(call, {403, key.empty() ? "a request needs an api_key" : "this api_key may not make requests"});
}

// open311_updates.cpp: FixMyStreet's extension.
HttpAnswer updates(const Call& call);
HttpAnswer post_update(const Call& call);

}  // namespace hotline::ticket
