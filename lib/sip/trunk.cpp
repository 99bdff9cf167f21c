// Our registration at the gateway, and our name and password there.
#include "stack.hpp"

namespace hotline::sip {

namespace {
constexpr const char* kExpires = "300";                      // sofia-sip renews in time
constexpr auto kAgain = std::chrono::seconds(10);            // after a refusal, or no answer
}  // namespace

void Stack::register_at_gateway() {
  trunk_again_ = std::chrono::steady_clock::time_point::max();
  if (!options_.gateway_register || stopping_) return;
  trunk_password_tried_ = false;
  const std::size_t scheme = options_.gateway.find(':');
  const std::string self = "<" + options_.gateway.substr(0, scheme + 1) + options_.gateway_user + "@" + options_.gateway.substr(scheme + 1) + ">";
  const std::string contact = "<sip:" + options_.gateway_user + "@" + uri_.substr(4) + ">";
  if (trunk_ == nullptr) trunk_ = nua_handle(nua_, nullptr, SIPTAG_TO_STR(self.c_str()), SIPTAG_FROM_STR(self.c_str()), TAG_END());
  nua_register(trunk_, NUTAG_REGISTRAR(options_.gateway.c_str()), SIPTAG_CONTACT_STR(contact.c_str()), SIPTAG_EXPIRES_STR(kExpires),
               NUTAG_OUTBOUND("no-outbound no-validate no-natify no-options-keepalive"), TAG_END());
}

void Stack::registered(int status, sip_t const* sip) {
  if (status < 200) return;
  registered_ = status < 300;
  if (registered_) {
    trunk_password_tried_ = false;  // the gateway may ask again at the next renewal
    return;
  }
  const std::string secret = trunk_password_tried_ ? "" : secret_for(sip, status);
  if (secret.empty()) {
    trunk_again_ = std::chrono::steady_clock::now() + kAgain;
    return;
  }
  trunk_password_tried_ = true;
  nua_authenticate(trunk_, NUTAG_AUTH(secret.c_str()), TAG_END());
}

std::string Stack::secret_for(sip_t const* sip, int status) const {
  const sip_www_authenticate_t* asked = sip == nullptr || (status != 401 && status != 407) ? nullptr
                                        : status == 401 ? sip->sip_www_authenticate
                                                        : sip->sip_proxy_authenticate;
  const char* realm = asked != nullptr ? msg_params_find(asked->au_params, "realm=") : nullptr;
  if (realm == nullptr || options_.gateway_user.empty()) return {};
  std::string quoted = realm;
  if (!quoted.starts_with('"')) quoted = "\"" + quoted + "\"";
  return "Digest:" + quoted + ":" + options_.gateway_user + ":" + options_.gateway_password;
}

}  // namespace hotline::sip
