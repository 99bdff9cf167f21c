#include "hotline/ticket/number.hpp"

#include <sodium.h>

#include <algorithm>
#include <cstring>

namespace hotline::ticket {
namespace {

constexpr char kDamm[10][11] = {"0317598642", "7092154863", "4206871359", "1750983426", "6123045978",
                                "3674209581", "5869720134", "8945362017", "9438617205", "2581436790"};
constexpr int kFirstDigits = 7;  // before the check digit
constexpr int kLastDigits = 12;

bool all_digits(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::uint64_t power_of_ten(int n) {
  std::uint64_t v = 1;
  while (n-- > 0) v *= 10;
  return v;
}

// Bits of each half of the Feistel network that just holds 10^digits.
int half_bits(int digits) {
  int bits = 1;
  while ((1ull << (2 * bits)) < power_of_ten(digits)) ++bits;
  return bits;
}

std::string padded(std::uint64_t value, int digits) {
  std::string text = std::to_string(value);
  if (text.size() < static_cast<std::size_t>(digits)) text.insert(0, static_cast<std::size_t>(digits) - text.size(), '0');
  return text;
}

Error refuse(std::string message, std::string remedy) {
  return Error(ErrorCode::invalid_argument, std::move(message), std::move(remedy));
}

}  // namespace

int damm_digit(std::string_view digits) {
  int interim = 0;
  for (const char c : digits) interim = kDamm[interim][c - '0'] - '0';
  return interim;
}

int mod_11_10_digit(std::string_view digits) {
  int product = 10;
  for (const char c : digits) {
    int sum = (product + (c - '0')) % 10;
    if (sum == 0) sum = 10;
    product = sum * 2 % 11;
  }
  return (11 - product) % 10;
}

std::uint64_t AcceptanceNumbers::round(std::uint64_t half, int step, int digits) const {
  static_assert(crypto_shorthash_KEYBYTES == 16);
  unsigned char input[10];
  std::memcpy(input, &half, 8);
  input[8] = static_cast<unsigned char>(step);
  input[9] = static_cast<unsigned char>(digits);
  unsigned char output[crypto_shorthash_BYTES];
  crypto_shorthash(output, input, sizeof input, key_.data());
  std::uint64_t value;
  std::memcpy(&value, output, 8);
  return value & ((1ull << half_bits(digits)) - 1);
}

constexpr int kRounds = 8;

// A Feistel network over SipHash; values that fall outside of the decimal space walk on until they fall inside.
std::uint64_t AcceptanceNumbers::scatter(std::uint64_t value, int digits) const {
  const int bits = half_bits(digits);
  do {
    std::uint64_t left = value >> bits, right = value & ((1ull << bits) - 1);
    for (int i = 0; i < kRounds; ++i) {
      const std::uint64_t next = left ^ round(right, i, digits);
      left = right;
      right = next;
    }
    value = left << bits | right;
  } while (value >= power_of_ten(digits));
  return value;
}

std::uint64_t AcceptanceNumbers::gather(std::uint64_t value, int digits) const {
  const int bits = half_bits(digits);
  do {
    std::uint64_t left = value >> bits, right = value & ((1ull << bits) - 1);
    for (int i = kRounds - 1; i >= 0; --i) {
      const std::uint64_t before = right ^ round(left, i, digits);
      right = left;
      left = before;
    }
    value = left << bits | right;
  } while (value >= power_of_ten(digits));
  return value;
}

std::string AcceptanceNumbers::number(std::uint64_t n) const {
  int digits = kFirstDigits;
  while (n >= power_of_ten(digits)) n -= power_of_ten(digits++);
  std::string text = padded(scatter(n, digits), digits);
  text += static_cast<char>('0' + damm_digit(text));
  return text;
}

Result<std::uint64_t> AcceptanceNumbers::index(std::string_view number) const {
  HOTLINE_TRY(check_acceptance_number(number));
  const int digits = static_cast<int>(number.size()) - 1;
  std::uint64_t value = 0;
  for (const char c : number.substr(0, number.size() - 1)) value = value * 10 + static_cast<std::uint64_t>(c - '0');
  value = gather(value, digits);
  for (int d = kFirstDigits; d < digits; ++d) value += power_of_ten(d);
  return value;
}

Status check_acceptance_number(std::string_view number) {
  if (!all_digits(number)) return refuse("an acceptance number has digits only", "key the 8 digits that were told");
  if (number.size() < kFirstDigits + 1) return refuse("this acceptance number is too short", "an acceptance number has 8 digits");
  if (number.size() > kLastDigits + 1) return refuse("this acceptance number is too long", "an acceptance number has 8 digits");
  if (damm_digit(number) != 0) return refuse("this acceptance number is mistyped", "compare it with the one that was told, digit by digit");
  return {};
}

Result<std::string> registry_number(std::string_view area, std::string_view date, std::uint64_t sequence) {
  if (area.size() != 6 || !all_digits(area)) return refuse("`" + std::string(area) + "` is no area code", "give the six digits of GB/T 2260");
  if (date.size() != 8 || !all_digits(date)) return refuse("`" + std::string(date) + "` is no date", "give YYYYMMDD");
  if (sequence >= 1'000'000) return Error(ErrorCode::limit, "the registry numbers of " + std::string(date) + " are used up");
  std::string text = std::string(area) + std::string(date) + padded(sequence, 6);
  text += static_cast<char>('0' + mod_11_10_digit(text));
  return text;
}

Status check_registry_number(std::string_view number) {
  if (number.size() != 21 || !all_digits(number)) return refuse("a registry number has 21 digits", "");
  if (mod_11_10_digit(number.substr(0, 20)) != number[20] - '0') return refuse("this registry number is mistyped", "compare its digits");
  return {};
}

}  // namespace hotline::ticket
