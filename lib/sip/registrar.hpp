// A small registrar (RFC 3261, 10) with digest authentication (RFC 2617, MD5: what telephones speak).
#pragma once

#include <chrono>
#include <map>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "hotline/sip/endpoint.hpp"

struct sip_s;

namespace hotline::sip {

class Registrar {
 public:
  Registrar(std::map<std::string, std::string> users, std::string realm);
  bool enabled() const { return !users_.empty(); }

  struct Answer {
    int status = 200;
    std::string challenge;  // WWW-Authenticate, with 401
    std::string contact;    // with 200; "" when unregistered
    int expires = 0;
  };
  Answer handle(const sip_s* sip);

  // The contact of a user who is registered now.
  std::optional<std::string> find(const std::string& user) const;
  std::vector<Endpoint::Registration> list() const;

 private:
  using Clock = std::chrono::steady_clock;
  struct Binding {
    std::string contact;
    Clock::time_point until;
  };
  std::string nonce(std::int64_t minute) const;
  bool knows(const sip_s* sip, const std::string& user) const;
  std::map<std::string, std::string> users_;
  std::string realm_, secret_;
  mutable std::mutex mutex_;
  std::map<std::string, Binding> bindings_;
};

}  // namespace hotline::sip
