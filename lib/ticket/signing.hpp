// The key of a database, with which it signs anchors and letters.
#pragma once

#include <sodium.h>

#include "ticket/impl.hpp"

namespace hotline::ticket {

struct SigningKey {
  unsigned char open[crypto_sign_PUBLICKEYBYTES];
  unsigned char secret[crypto_sign_SECRETKEYBYTES];
};

// Made where there is none.
Result<SigningKey> signing_key(Service::Impl& impl);
// Of a text that must be `size` bytes in hexadecimal. Errors: invalid_argument.
Result<std::string> bytes_of(std::string_view hex, std::size_t size, std::string_view what);
bool signed_by(std::string_view signature, std::string_view hash, std::string_view key);

}  // namespace hotline::ticket
