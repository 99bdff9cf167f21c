#include "ivr/digits.hpp"

#include <algorithm>
#include <map>

namespace hotline::ivr {
namespace {

using KeySet = std::uint16_t;
constexpr std::size_t kMaxStates = 4096;
constexpr std::size_t kMaxPositions = 4096;

KeySet range(int low, int high) {
  KeySet set = 0;
  for (int i = low; i <= high; ++i) set = static_cast<KeySet>(set | 1u << i);
  return set;
}

// A pattern as an expression tree, then as a Thompson automaton.
struct Fragment {
  std::uint32_t start, end;
};
struct NfaState {
  KeySet keys = 0;             // on one of these to `to`
  std::uint32_t to = 0;
  std::vector<std::uint32_t> empty;
};

class PatternReader {
 public:
  PatternReader(std::vector<NfaState>& states, std::string_view text) : states_(states), text_(text) {}

  Result<Fragment> plain() {
    Fragment all{add(), 0};
    all.end = all.start;
    while (at_ < text_.size()) {
      HOTLINE_ASSIGN(const KeySet keys, one(false));
      all.end = link(all.end, keys);
    }
    if (all.start == all.end) return refuse("is empty");
    return all;
  }
  Result<Fragment> regular() {
    HOTLINE_ASSIGN(const Fragment all, alternatives(0));
    if (at_ != text_.size()) return refuse("has a `)` too many");
    return all;
  }

 private:
  std::uint32_t add() {
    states_.emplace_back();
    return static_cast<std::uint32_t>(states_.size() - 1);
  }
  std::uint32_t link(std::uint32_t from, KeySet keys) {
    const std::uint32_t to = add();
    const std::uint32_t step = add();
    states_[step].keys = keys;
    states_[step].to = to;
    states_[from].empty.push_back(step);
    return to;
  }
  Error refuse(std::string_view what) const {
    return Error(ErrorCode::invalid_definition, "the pattern `" + std::string(text_) + "` " + std::string(what),
                 "write keys, X Z N or [1-5] for a digit, or a regular expression between slashes: /1[0-9]{3}/");
  }

  Result<KeySet> one(bool regular) {
    const char c = text_[at_++];
    if (key_index(c) >= 0 && !(regular && c == '*')) return static_cast<KeySet>(1u << key_index(c));
    if (c == 'X' && !regular) return range(0, 9);
    if (c == 'Z' && !regular) return range(1, 9);
    if (c == 'N' && !regular) return range(2, 9);
    if (c == '.' && regular) return range(0, 9);
    if (c == '\\' && regular && at_ < text_.size()) {
      const char escaped = text_[at_++];
      if (escaped == 'd') return range(0, 9);
      if (key_index(escaped) >= 0) return static_cast<KeySet>(1u << key_index(escaped));
    }
    if (c == '[') return set();
    return refuse(std::string("has `") + c + "`, which is no key");
  }
  Result<KeySet> set() {
    KeySet keys = 0;
    const bool inverted = at_ < text_.size() && text_[at_] == '^';
    if (inverted) ++at_;
    while (at_ < text_.size() && text_[at_] != ']') {
      const int low = key_index(text_[at_++]);
      int high = low;
      if (at_ + 1 < text_.size() && text_[at_] == '-' && text_[at_ + 1] != ']') {
        high = key_index(text_[at_ + 1]);
        at_ += 2;
      }
      if (low < 0 || high < low) return refuse("has a wrong range in [ ]");
      keys = static_cast<KeySet>(keys | range(low, high));
    }
    if (at_ >= text_.size()) return refuse("lacks a `]`");
    ++at_;
    if (inverted) keys = static_cast<KeySet>(range(0, 9) & ~keys);
    if (keys == 0) return refuse("has an empty [ ]");
    return keys;
  }

  Result<Fragment> alternatives(int depth) {
    if (depth > 32) return refuse("is nested too deep");
    HOTLINE_ASSIGN(Fragment all, sequence(depth));
    while (at_ < text_.size() && text_[at_] == '|') {
      ++at_;
      HOTLINE_ASSIGN(const Fragment other, sequence(depth));
      const Fragment joined{add(), add()};
      states_[joined.start].empty = {all.start, other.start};
      states_[all.end].empty.push_back(joined.end);
      states_[other.end].empty.push_back(joined.end);
      all = joined;
    }
    return all;
  }
  Result<Fragment> sequence(int depth) {
    Fragment all{add(), 0};
    all.end = all.start;
    while (at_ < text_.size() && text_[at_] != '|' && text_[at_] != ')') {
      const std::size_t from = at_;
      HOTLINE_ASSIGN(Fragment item, atom(depth));
      HOTLINE_ASSIGN(item, repeated(item, from, depth));
      states_[all.end].empty.push_back(item.start);
      all.end = item.end;
      if (states_.size() > kMaxPositions) return refuse("is too large");
    }
    return all;
  }
  Result<Fragment> atom(int depth) {
    if (text_[at_] == '(') {
      ++at_;
      if (text_.substr(at_).starts_with("?:")) at_ += 2;
      HOTLINE_ASSIGN(const Fragment inner, alternatives(depth + 1));
      if (at_ >= text_.size()) return refuse("lacks a `)`");
      ++at_;
      return inner;
    }
    const std::uint32_t start = add();
    HOTLINE_ASSIGN(const KeySet keys, one(true));
    return Fragment{start, link(start, keys)};
  }
  // ? * + {m} {m,} {m,n} after an atom that was read from `from`.
  Result<Fragment> repeated(Fragment item, std::size_t from, int depth) {
    if (at_ >= text_.size()) return item;
    int low = 1, high = 1;
    switch (text_[at_]) {
      case '?': low = 0; high = 1; ++at_; break;
      case '*': low = 0; high = -1; ++at_; break;
      case '+': low = 1; high = -1; ++at_; break;
      case '{': {
        ++at_;
        low = number();
        high = low;
        if (at_ < text_.size() && text_[at_] == ',') {
          ++at_;
          high = at_ < text_.size() && text_[at_] == '}' ? -1 : number();
        }
        if (at_ >= text_.size() || text_[at_] != '}' || low < 0 || low > 64 || high > 64 || (high >= 0 && high < low))
          return refuse("has a wrong { } (0 to 64 repetitions)");
        ++at_;
        break;
      }
      default: return item;
    }
    const std::size_t after = at_;
    Fragment all{add(), 0};
    all.end = all.start;
    const int copies = high < 0 ? std::max(low, 1) : std::max(high, low);
    const std::uint32_t last = add();
    for (int i = 0; i < copies; ++i) {
      Fragment copy = item;
      if (i > 0) {
        at_ = from;
        HOTLINE_ASSIGN(copy, atom(depth));
      }
      if (i >= low) states_[all.end].empty.push_back(last);
      states_[all.end].empty.push_back(copy.start);
      if (high < 0 && i + 1 == copies) states_[copy.end].empty.push_back(copy.start);
      all.end = copy.end;
      if (states_.size() > kMaxPositions) return refuse("is too large");
    }
    at_ = after;
    states_[all.end].empty.push_back(last);
    all.end = last;
    return all;
  }
  int number() {
    int value = -1;
    while (at_ < text_.size() && text_[at_] >= '0' && text_[at_] <= '9' && value < 1000)
      value = std::max(value, 0) * 10 + (text_[at_++] - '0');
    return value;
  }

  std::vector<NfaState>& states_;
  std::string_view text_;
  std::size_t at_ = 0;
};

using Positions = std::vector<std::uint32_t>;

void close(const std::vector<NfaState>& nfa, Positions& set) {
  std::vector<bool> seen(nfa.size());
  Positions stack = set;
  set.clear();
  while (!stack.empty()) {
    const std::uint32_t state = stack.back();
    stack.pop_back();
    if (seen[state]) continue;
    seen[state] = true;
    set.push_back(state);
    for (const auto next : nfa[state].empty) stack.push_back(next);
  }
  std::sort(set.begin(), set.end());
}

}  // namespace

bool is_exact(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return key_index(c) >= 0; });
}

Result<DigitAutomaton> DigitAutomaton::build(const std::vector<DigitRule>& rules, int longest) {
  std::vector<NfaState> nfa(1);
  std::map<std::uint32_t, std::uint16_t> finals;
  for (std::size_t i = 0; i < rules.size(); ++i) {
    const std::string_view text = rules[i].text;
    const bool regular = text.size() >= 2 && text.front() == '/' && text.back() == '/';
    PatternReader reader(nfa, regular ? text.substr(1, text.size() - 2) : text);
    auto fragment = regular ? reader.regular() : reader.plain();
    if (!fragment) return fragment.error();
    nfa[0].empty.push_back(fragment->start);
    finals[fragment->end] = static_cast<std::uint16_t>(i);
  }

  // How many entries a rule has decides between patterns: fewer is more exact. Its DFA states stand for that here:
  // the rule that stands alone in fewer first keys; where this is equal it is a conflict, told to the author.
  std::vector<double> breadth(rules.size(), 0);
  for (std::size_t i = 0; i < rules.size(); ++i) {
    double count = 1;
    for (const char c : rules[i].text) {
      if (c == 'X' || c == '.') count *= 10;
      if (c == 'Z') count *= 9;
      if (c == 'N') count *= 8;
      if (c == '*' || c == '+') count *= 1e6;
      if (c == '[' || c == '?' || c == '|' || c == '{') count *= 5;
    }
    breadth[i] = rules[i].kind == RuleKind::exact ? 0 : count;
  }

  DigitAutomaton result;
  result.states_.resize(2);
  std::map<Positions, std::uint16_t> known;
  std::vector<std::pair<Positions, std::string>> work;
  Positions start{0};
  close(nfa, start);
  known[start] = kStart;
  work.emplace_back(start, "");
  std::vector<bool> wins(rules.size());
  for (std::size_t w = 0; w < work.size(); ++w) {
    const auto [set, digits] = work[w];
    const std::uint16_t index = known[set];
    std::vector<std::uint16_t> accepting;
    for (const auto position : set)
      if (const auto final = finals.find(position); final != finals.end() && !digits.empty()) accepting.push_back(final->second);
    if (!accepting.empty()) {
      std::sort(accepting.begin(), accepting.end(), [&](auto a, auto b) {
        return breadth[a] != breadth[b] ? breadth[a] < breadth[b] : a < b;
      });
      result.states_[index].rule = static_cast<std::uint16_t>(accepting[0] + 1);
      wins[accepting[0]] = true;
      for (std::size_t i = 1; i < accepting.size() && breadth[accepting[i]] == breadth[accepting[0]]; ++i) {
        const auto same = [&](const DigitConflict& c) {
          return !c.prefix && c.first == accepting[0] && c.second == accepting[i];
        };
        if (std::none_of(result.conflicts_.begin(), result.conflicts_.end(), same))
          result.conflicts_.push_back({accepting[0], accepting[i], digits, false});
      }
    }
    if (static_cast<int>(digits.size()) >= longest) continue;
    for (int key = 0; key < kKeys; ++key) {
      Positions next;
      for (const auto position : set)
        if (nfa[position].keys >> key & 1) next.push_back(nfa[position].to);
      if (next.empty()) continue;
      close(nfa, next);
      const auto [entry, fresh] = known.emplace(next, static_cast<std::uint16_t>(result.states_.size()));
      if (fresh) {
        if (result.states_.size() >= kMaxStates)
          return Error(ErrorCode::invalid_definition, "the patterns together need more than 4096 states",
                       "use simpler patterns, or take any digits and check them afterwards");
        result.states_.emplace_back();
        work.emplace_back(next, digits + kKeyNames[static_cast<std::size_t>(key)]);
      }
      result.states_[index].next[static_cast<std::size_t>(key)] = entry->second;
      result.states_[index].more = true;
    }
  }
  for (std::size_t i = 0; i < rules.size(); ++i)
    if (!wins[i]) result.shadowed_.push_back(static_cast<std::uint16_t>(i));
  for (const auto& [set, digits] : work) {
    const DigitState& state = result.states_[known[set]];
    if (state.rule == 0 || !state.more) continue;
    // The first longer entry, for the report.
    std::string longer = digits;
    std::uint16_t at = known[set];
    while (result.states_[at].rule == 0 || longer == digits) {
      int key = 0;
      while (result.states_[at].next[static_cast<std::size_t>(key)] == kDead) ++key;
      longer += kKeyNames[static_cast<std::size_t>(key)];
      at = result.states_[at].next[static_cast<std::size_t>(key)];
      if (longer.size() > 64) break;
    }
    const auto second = result.states_[at].rule;
    result.conflicts_.push_back({static_cast<std::uint16_t>(state.rule - 1),
                                 static_cast<std::uint16_t>(second == 0 ? 0 : second - 1), longer, true});
  }
  result.measure(longest);
  return result;
}

DigitAutomaton DigitAutomaton::any_digits(int least, int most) {
  DigitAutomaton result;
  result.states_.resize(static_cast<std::size_t>(most) + 2);
  for (int length = 0; length <= most; ++length) {
    DigitState& state = result.states_[static_cast<std::size_t>(length) + 1];
    state.rule = length >= least && length > 0 ? 1 : 0;
    state.more = length < most;
    if (state.more)
      for (int key = 0; key < 10; ++key) state.next[static_cast<std::size_t>(key)] = static_cast<std::uint16_t>(length + 2);
  }
  result.longest_ = most;
  result.shortest_ = std::max(least, 1);
  return result;
}

// Breadth first over states, by length; stops where lengths exceed what anybody may key.
void DigitAutomaton::measure(int longest) {
  std::vector<bool> level(states_.size());
  level[kStart] = true;
  for (int length = 0; length <= longest; ++length) {
    std::vector<bool> next(states_.size());
    bool any = false;
    for (std::size_t s = 1; s < states_.size(); ++s) {
      if (!level[s]) continue;
      any = true;
      if (states_[s].rule != 0 && length > 0) {
        longest_ = length;
        if (shortest_ == 0) shortest_ = length;
      }
      for (const auto to : states_[s].next)
        if (to != kDead) next[to] = true;
    }
    if (!any) break;
    level = std::move(next);
  }
}

}  // namespace hotline::ivr
