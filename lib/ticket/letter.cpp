#include "ticket/letter.hpp"

#include "hotline/base/document.hpp"

namespace hotline::ticket {
namespace {

constexpr std::size_t kMost = 4'000'000;  // bytes of a letter

const unsigned char* raw(std::string_view bytes) { return reinterpret_cast<const unsigned char*>(bytes.data()); }
unsigned char* raw(std::string& bytes) { return reinterpret_cast<unsigned char*>(bytes.data()); }

std::string to_base64(std::string_view bytes) {
  std::string out(sodium_base64_ENCODED_LEN(bytes.size(), sodium_base64_VARIANT_ORIGINAL), '\0');
  sodium_bin2base64(out.data(), out.size(), raw(bytes), bytes.size(), sodium_base64_VARIANT_ORIGINAL);
  out.pop_back();  // its final zero
  return out;
}

Result<std::string> from_base64(std::string_view text, std::string_view what) {
  std::string out(text.size() / 4 * 3 + 3, '\0');
  std::size_t size = 0;
  if (sodium_base642bin(raw(out), out.size(), text.data(), text.size(), nullptr, &size, nullptr, sodium_base64_VARIANT_ORIGINAL) != 0)
    return Error(ErrorCode::invalid_document, "a letter whose `" + std::string(what) + "` is not base64", "give it as it was sent");
  out.resize(size);
  return out;
}

}  // namespace

std::string digest_of(const Envelope& e) {
  return sha256("hotline.ticket.letter.1\n" + std::string(e.receipt ? "receipt" : "letter") + "\n" + e.from + "\n" + e.to + "\n" + std::to_string(e.number) + "\n" + e.sealed);
}

std::string to_text(const Envelope& e) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("hotline", e.receipt ? "receipt" : "letter").field("from", e.from).field("to", e.to).field("number", e.number);
  json.field("sealed", to_base64(e.sealed)).field("signature", to_base64(e.signature)).end_object();
  return out;
}

Result<Envelope> read_envelope(std::string_view text) {
  if (text.size() > kMost) return Error(ErrorCode::invalid_document, "a letter of more than 4 MB", "give it as it was sent");
  HOTLINE_ASSIGN(const Node node, parse_document(text, "letter"));
  Diagnostics diagnostics("letter");
  Fields fields(node, diagnostics, "the letter");
  static constexpr std::string_view kKinds[] = {"letter", "receipt"};
  Envelope e;
  fields.required("hotline");
  e.receipt = fields.choice("hotline", kKinds, 0) == 1;
  e.from = fields.required_string("from"), e.to = fields.required_string("to");
  e.number = fields.integer("number", 0, 1, INT64_MAX);
  const std::string sealed = fields.required_string("sealed"), signature = fields.required_string("signature");
  fields.finish();
  HOTLINE_TRY(diagnostics.status());
  HOTLINE_ASSIGN(e.sealed, from_base64(sealed, "sealed"));
  HOTLINE_ASSIGN(e.signature, from_base64(signature, "signature"));
  return e;
}

Result<Envelope> write_envelope(const SigningKey& key, std::string_view to_key, std::string from, std::string to, std::int64_t number, bool receipt,
                                std::string_view body) {
  unsigned char box[crypto_box_PUBLICKEYBYTES];
  if (to_key.size() != crypto_sign_PUBLICKEYBYTES || crypto_sign_ed25519_pk_to_curve25519(box, raw(to_key)) != 0)
    return Error(ErrorCode::invalid_argument, "the public key of `" + to + "` is no Ed25519 key", "ask that site for the key that it prints");
  Envelope e{std::move(from), std::move(to), number, receipt, std::string(body.size() + crypto_box_SEALBYTES, '\0'), std::string(crypto_sign_BYTES, '\0')};
  crypto_box_seal(raw(e.sealed), raw(body), body.size(), box);
  const std::string hash = digest_of(e);
  crypto_sign_detached(raw(e.signature), nullptr, raw(hash), hash.size(), key.secret);
  return e;
}

Result<std::string> open_envelope(const SigningKey& key, std::string_view from_key, const Envelope& e) {
  if (!signed_by(e.signature, digest_of(e), from_key))
    return Error(ErrorCode::denied, "the letter was not signed by `" + e.from + "`", "compare its public key with that site's");
  unsigned char box[crypto_box_PUBLICKEYBYTES], secret[crypto_box_SECRETKEYBYTES];
  const bool good = crypto_sign_ed25519_pk_to_curve25519(box, key.open) == 0 && crypto_sign_ed25519_sk_to_curve25519(secret, key.secret) == 0;
  std::string body(e.sealed.size() < crypto_box_SEALBYTES ? 0 : e.sealed.size() - crypto_box_SEALBYTES, '\0');
  if (!good || e.sealed.size() < crypto_box_SEALBYTES || crypto_box_seal_open(raw(body), raw(e.sealed), e.sealed.size(), box, secret) != 0)
    return Error(ErrorCode::corrupt, "the letter of `" + e.from + "` is sealed for another key than ours", "tell that site our public key again");
  return body;
}

}  // namespace hotline::ticket
