#include "ticket/vault.hpp"

#include <sodium.h>

namespace hotline::ticket {
namespace {

constexpr std::size_t kNonce = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t kTag = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::string_view kWrapContext = "hotline.ticket.key.1";

const unsigned char* bytes(std::string_view text) { return reinterpret_cast<const unsigned char*>(text.data()); }

}  // namespace

std::string sha256(std::string_view text) {
  std::string out(crypto_hash_sha256_BYTES, '\0');
  crypto_hash_sha256(reinterpret_cast<unsigned char*>(out.data()), bytes(text), text.size());
  return out;
}

std::string to_hex(std::string_view text) {
  constexpr char kHex[] = "0123456789abcdef";
  std::string out;
  out.reserve(text.size() * 2);
  for (const char c : text) {
    out += kHex[static_cast<unsigned char>(c) >> 4];
    out += kHex[c & 15];
  }
  return out;
}

Entropy system_entropy() {
  return [](std::span<std::uint8_t> out) { randombytes_buf(out.data(), out.size()); };
}

Vault::Vault(std::optional<DataKey> master, const DataKey& secret, Entropy entropy)
    : master_(master), secret_(secret), entropy_(entropy ? std::move(entropy) : system_entropy()) {
  [[maybe_unused]] const int ready = sodium_init();
}

DataKey Vault::new_key() const {
  DataKey key;
  entropy_(key);
  return key;
}

std::string Vault::wrap(const DataKey& key) const {
  const std::string_view plain(reinterpret_cast<const char*>(key.data()), key.size());
  return master_ ? "w" + seal(*master_, plain, kWrapContext) : "p" + std::string(plain);
}

Result<DataKey> Vault::unwrap(std::string_view wrapped) const {
  std::string plain;
  if (wrapped.starts_with('w')) {
    if (!master_) return Error(ErrorCode::denied, "the keys are wrapped by a master key that was not given", "open the service with its master key");
    HOTLINE_ASSIGN(plain, open(*master_, wrapped.substr(1), kWrapContext));
  } else if (wrapped.starts_with('p')) {
    plain = wrapped.substr(1);
  }
  DataKey key;
  if (plain.size() != key.size()) return Error(ErrorCode::corrupt, "a stored key is damaged");
  std::copy(plain.begin(), plain.end(), reinterpret_cast<char*>(key.data()));
  return key;
}

std::string Vault::seal(const DataKey& key, std::string_view plain, std::string_view context) const {
  std::string out(kNonce + plain.size() + kTag, '\0');
  auto* raw = reinterpret_cast<unsigned char*>(out.data());
  entropy_({raw, kNonce});
  crypto_aead_xchacha20poly1305_ietf_encrypt(raw + kNonce, nullptr, bytes(plain), plain.size(), bytes(context), context.size(), nullptr, raw,
                                             key.data());
  return out;
}

Result<std::string> Vault::open(const DataKey& key, std::string_view sealed, std::string_view context) const {
  const Error damaged(ErrorCode::corrupt, "a sealed field does not open", "it was changed, or the master key is another one");
  if (sealed.size() < kNonce + kTag) return damaged;
  std::string out(sealed.size() - kNonce - kTag, '\0');
  if (crypto_aead_xchacha20poly1305_ietf_decrypt(reinterpret_cast<unsigned char*>(out.data()), nullptr, nullptr, bytes(sealed) + kNonce,
                                                 sealed.size() - kNonce, bytes(context), context.size(), bytes(sealed), key.data()) != 0)
    return damaged;
  return out;
}

std::string Vault::blind(std::string_view what, std::string_view text) const {
  unsigned char out[16];
  crypto_generichash_state state;
  crypto_generichash_init(&state, secret_.data(), secret_.size(), sizeof out);
  const std::uint64_t size = what.size();
  crypto_generichash_update(&state, reinterpret_cast<const unsigned char*>(&size), sizeof size);
  crypto_generichash_update(&state, bytes(what), what.size());
  crypto_generichash_update(&state, bytes(text), text.size());
  crypto_generichash_final(&state, out, sizeof out);
  return to_hex({reinterpret_cast<const char*>(out), sizeof out});
}

std::string Vault::access_code() const {
  // Six digits without bias: values at and above the last multiple of 1,000,000 are drawn again.
  for (;;) {
    std::array<std::uint8_t, 4> raw;
    entropy_(raw);
    const std::uint32_t v = raw[0] | raw[1] << 8 | raw[2] << 16 | static_cast<std::uint32_t>(raw[3]) << 24;
    if (v >= 4'294'000'000u) continue;
    std::string code = std::to_string(v % 1'000'000);
    return std::string(6 - code.size(), '0') + code;
  }
}

}  // namespace hotline::ticket
