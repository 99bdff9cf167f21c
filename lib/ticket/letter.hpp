// A letter from one site to another: signed by the one, sealed for the other.
#pragma once

#include <string>
#include <string_view>

#include "ticket/signing.hpp"

namespace hotline::ticket {

struct Envelope {
  std::string from, to;
  std::int64_t number = 0;
  bool receipt = false;
  std::string sealed, signature;  // bytes
};

std::string digest_of(const Envelope& envelope);
std::string to_text(const Envelope& envelope);
// Errors: invalid_document.
Result<Envelope> read_envelope(std::string_view text);

// Seals `body` for the site with the public key `to_key` (32 bytes). Errors: invalid_argument (not a key).
Result<Envelope> write_envelope(const SigningKey& key, std::string_view to_key, std::string from, std::string to, std::int64_t number, bool receipt,
                                std::string_view body);
// Errors: denied (the signature), corrupt (sealed for another key).
Result<std::string> open_envelope(const SigningKey& key, std::string_view from_key, const Envelope& envelope);

}  // namespace hotline::ticket
