// Keys and what is sealed with them (libsodium). Immutable.
#pragma once

#include <array>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "hotline/base/result.hpp"

namespace hotline::ticket {

using DataKey = std::array<std::uint8_t, 32>;
using Entropy = std::function<void(std::span<std::uint8_t>)>;

std::string sha256(std::string_view bytes);  // 32 bytes
std::string to_hex(std::string_view bytes);

class Vault {
 public:
  // `secret` separates this database's blind indexes and codes from another's.
  Vault(std::optional<DataKey> master, const DataKey& secret, Entropy entropy);

  DataKey new_key() const;
  std::string wrap(const DataKey& key) const;
  Result<DataKey> unwrap(std::string_view wrapped) const;

  // XChaCha20-Poly1305 with a random nonce in front; `context` must be the same to open it again.
  std::string seal(const DataKey& key, std::string_view plain, std::string_view context) const;
  // Errors: corrupt.
  Result<std::string> open(const DataKey& key, std::string_view sealed, std::string_view context) const;

  // The same text gives the same 32 hexadecimal digits, which tell nothing without the secret: to look up telephones.
  std::string blind(std::string_view what, std::string_view text) const;

  std::string access_code() const;  // six digits

 private:
  std::optional<DataKey> master_;
  DataKey secret_;
  Entropy entropy_;
};

Entropy system_entropy();

}  // namespace hotline::ticket
