#include "registrar.hpp"

#include <sofia-sip/auth_digest.h>
#include <sofia-sip/sip.h>
#include <sofia-sip/sip_header.h>
#include <sofia-sip/su_md5.h>
#include <sofia-sip/url.h>

#include <algorithm>
#include <cstring>
#include <random>

namespace hotline::sip {
namespace {

constexpr int kLongest = 3600, kShortest = 60;

std::string hex_md5(const std::string& text) {
  su_md5_t md5;
  char out[2 * SU_MD5_DIGEST_SIZE + 1];
  su_md5_init(&md5);
  su_md5_update(&md5, text.data(), text.size());
  su_md5_hexdigest(&md5, out);
  su_md5_deinit(&md5);
  return out;
}

std::int64_t this_minute() {
  return std::chrono::duration_cast<std::chrono::minutes>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

}  // namespace

Registrar::Registrar(std::map<std::string, std::string> users, std::string realm)
    : users_(std::move(users)), realm_(std::move(realm)) {
  std::random_device device;
  for (int i = 0; i < 4; ++i) secret_ += std::to_string(device()) + ".";
}

// Stateless: a storm of registrations costs no memory.
std::string Registrar::nonce(std::int64_t minute) const {
  return std::to_string(minute) + "." + hex_md5(secret_ + std::to_string(minute));
}

bool Registrar::knows(const sip_t* sip, const std::string& user) const {
  const auto found = users_.find(user);
  if (found == users_.end()) return false;
  auto* home = static_cast<su_home_t*>(su_home_new(sizeof(su_home_t)));
  bool good = false;
  for (const sip_authorization_t* au = sip->sip_authorization; au != nullptr && !good; au = au->au_next) {
    auth_response_t response{};
    response.ar_size = sizeof response;
    if (auth_digest_response_get(home, &response, au->au_params) <= 0) continue;
    const auto is = [](const char* a, const std::string& b) { return a != nullptr && b == a; };
    if (!is(response.ar_username, user) || !is(response.ar_realm, realm_) || response.ar_nonce == nullptr) continue;
    const std::int64_t now = this_minute();
    bool fresh = false;
    for (std::int64_t age = 0; age < 5; ++age) fresh = fresh || nonce(now - age) == response.ar_nonce;
    if (!fresh || response.ar_response == nullptr) continue;
    auth_hexmd5_t session, expected;
    auth_digest_sessionkey(&response, session, found->second.c_str());
    auth_digest_response(&response, expected, session, "REGISTER", nullptr, 0);
    unsigned differs = std::strlen(response.ar_response) == std::strlen(expected) ? 0 : 1;
    for (std::size_t i = 0; differs == 0 && expected[i] != '\0'; ++i)
      differs |= static_cast<unsigned>(response.ar_response[i] ^ expected[i]);
    good = differs == 0;
  }
  su_home_unref(home);
  return good;
}

Registrar::Answer Registrar::handle(const sip_t* sip) {
  if (!enabled()) return {403, {}, {}, 0};
  if (sip->sip_to == nullptr || sip->sip_to->a_url->url_user == nullptr) return {400, {}, {}, 0};
  const std::string user = sip->sip_to->a_url->url_user;
  if (!knows(sip, user))
    return {401, "Digest realm=\"" + realm_ + "\", nonce=\"" + nonce(this_minute()) + "\", algorithm=MD5, qop=\"auth\"", {}, 0};
  const sip_contact_t* contact = sip->sip_contact;
  int expires = sip->sip_expires != nullptr ? static_cast<int>(std::min<unsigned long>(sip->sip_expires->ex_delta, kLongest)) : kLongest;
  if (contact != nullptr && contact->m_expires != nullptr) expires = std::clamp(std::atoi(contact->m_expires), 0, kLongest);
  const std::lock_guard lock(mutex_);
  if (contact == nullptr) {  // a question
    const auto found = bindings_.find(user);
    return {200, {}, found == bindings_.end() ? "" : found->second.contact, expires};
  }
  if (expires == 0 || contact->m_url->url_type == url_any) {
    bindings_.erase(user);
    return {200, {}, {}, 0};
  }
  char text[512];
  const isize_t length = url_e(text, sizeof text, contact->m_url);
  if (length < 0 || static_cast<std::size_t>(length) >= sizeof text) return {400, {}, {}, 0};
  expires = std::max(expires, kShortest);
  bindings_[user] = {text, Clock::now() + std::chrono::seconds(expires + 5)};
  return {200, {}, text, expires};
}

std::optional<std::string> Registrar::find(const std::string& user) const {
  const std::lock_guard lock(mutex_);
  const auto found = bindings_.find(user);
  if (found == bindings_.end() || found->second.until < Clock::now()) return {};
  return found->second.contact;
}

std::vector<Endpoint::Registration> Registrar::list() const {
  std::vector<Endpoint::Registration> out;
  const std::lock_guard lock(mutex_);
  for (const auto& [user, binding] : bindings_)
    if (binding.until >= Clock::now()) out.push_back({user, binding.contact});
  return out;
}

}  // namespace hotline::sip
