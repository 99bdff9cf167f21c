// The digit automaton: every choice, extension and pattern of a menu compiled into one table, so that a key
// tells at once whether the entry is complete, may go on, or can no longer become anything.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/result.hpp"

namespace hotline::ivr {

constexpr int kKeys = 16;  // 0-9 * # A-D
constexpr std::string_view kKeyNames = "0123456789*#ABCD";

// 0-15, or -1 for what is no key.
constexpr int key_index(char key) {
  if (key >= '0' && key <= '9') return key - '0';
  switch (key) {
    case '*': return 10;
    case '#': return 11;
    case 'A': case 'B': case 'C': case 'D': return 12 + (key - 'A');
    default: return -1;
  }
}

// How exact a rule is: where several match the same digits, the most exact wins; of equals, the longer
// pattern (fewer entries match it); of those, none may stand beside another.
enum class RuleKind : std::uint8_t { exact, pattern };

struct DigitRule {
  std::string text;  // "1", "8XX", "/1[0-9]{3}/", or "1..20" digits for a collect
  RuleKind kind = RuleKind::exact;
};

struct DigitState {
  std::array<std::uint16_t, kKeys> next{};  // 0 is dead
  std::uint16_t rule = 0;                   // 1 + the rule that accepts here; 0 for none
  bool more = false;                        // some longer entry is possible
};

struct DigitConflict {
  std::uint16_t first, second;
  std::string example;  // digits that both accept
  bool prefix = false;  // first is complete where second may go on: costs the inter-digit time
};

class DigitAutomaton {
 public:
  static constexpr std::uint16_t kDead = 0;
  static constexpr std::uint16_t kStart = 1;

  // Patterns: digits stand for themselves, X is 0-9, Z 1-9, N 2-9, [1-5] one of these; between slashes a regular
  // expression over keys with . [] () | ? * + {m,n} \d. Matches are cut at `longest` digits.
  // Errors: invalid_definition where a pattern is malformed or the automaton exceeds 4,096 states.
  static Result<DigitAutomaton> build(const std::vector<DigitRule>& rules, int longest = 64);
  // Any `least` to `most` digits 0-9.
  static DigitAutomaton any_digits(int least, int most);

  std::uint16_t next(std::uint16_t state, char key) const { return states_[state].next[static_cast<std::size_t>(key_index(key))]; }
  const DigitState& at(std::uint16_t state) const { return states_[state]; }
  std::size_t size() const { return states_.size(); }
  // Longest and shortest entry; longest is capped at `longest` of build().
  int longest() const { return longest_; }
  int shortest() const { return shortest_; }
  // Two rules that accept the same digits with equal right, and choices that are the beginning of others.
  const std::vector<DigitConflict>& conflicts() const { return conflicts_; }
  // Rules that never win: everything they match is taken by more exact ones.
  const std::vector<std::uint16_t>& shadowed() const { return shadowed_; }
  bool starts_with(char key) const { return next(kStart, key) != kDead; }

 private:
  void measure(int longest);
  std::vector<DigitState> states_;
  std::vector<DigitConflict> conflicts_;
  std::vector<std::uint16_t> shadowed_;
  int longest_ = 0;
  int shortest_ = 0;
};

// True where the text is plain keys only.
bool is_exact(std::string_view text);

}  // namespace hotline::ivr
