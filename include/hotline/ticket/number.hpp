// The numbers a citizen is told. Two of them:
//
//   acceptance number (受理号)  8 digits, the last a check digit (Damm), for the telephone keypad: one wrong key or two keys
//                              swapped are always noticed before anything is looked up. The digits before it are a counter
//                              scattered by a keyed permutation, so that nobody can guess a neighbour's number. When the
//                              ten million of 8 digits are used up, numbers grow to 9 digits; none is ever used twice.
//   registry number            AREA(6) YYYYMMDD SEQ(6) C(1), for exchange between sites; C by ISO 7064 MOD 11,10.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "hotline/base/result.hpp"

namespace hotline::ticket {

// 0..9 for a text of digits (H. M. Damm, "Total anti-symmetrische Quasigruppen", Marburg 2004, order 10).
int damm_digit(std::string_view digits);
// ISO/IEC 7064:2003, MOD 11,10.
int mod_11_10_digit(std::string_view digits);

// Immutable.
class AcceptanceNumbers {
 public:
  using Key = std::array<std::uint8_t, 16>;
  explicit AcceptanceNumbers(const Key& key) : key_(key) {}

  // The number of the n-th ticket, n = 0, 1, 2, ...; 8 digits up to n = 9,999,999, then 9, then 10.
  std::string number(std::uint64_t n) const;
  // The inverse. Errors: invalid_argument (not digits, too short or long, wrong check digit), told so that it can be said
  // to the citizen.
  Result<std::uint64_t> index(std::string_view number) const;

 private:
  std::uint64_t scatter(std::uint64_t value, int digits) const;
  std::uint64_t gather(std::uint64_t value, int digits) const;
  std::uint64_t round(std::uint64_t half, int step, int digits) const;
  Key key_;
};

// ok() where the check digit fits. Errors: invalid_argument.
Status check_acceptance_number(std::string_view number);

// `date` is "YYYYMMDD". Errors: invalid_argument where a part has not its length, limit where the day's million is used up.
Result<std::string> registry_number(std::string_view area, std::string_view date, std::uint64_t sequence);
Status check_registry_number(std::string_view number);

}  // namespace hotline::ticket
