// Keys: asking, collecting, counting what goes wrong. The rules are docs/ivr.md, "Input".
#include "ivr/runner.hpp"

namespace hotline::ivr {
namespace {

constexpr Duration kSameKey = std::chrono::milliseconds(40);

Index rung_of(const std::vector<Index>& ladder, std::size_t at) {
  return ladder.empty() ? kNone : ladder[std::min(at, ladder.size() - 1)];
}

int digit(char c) { return c - '0'; }

bool luhn(std::string_view number) {
  int sum = 0;
  bool twice = false;
  for (auto it = number.rbegin(); it != number.rend(); ++it, twice = !twice) {
    if (*it < '0' || *it > '9') return false;
    const int d = digit(*it) * (twice ? 2 : 1);
    sum += d > 9 ? d - 9 : d;
  }
  return number.size() > 1 && sum % 10 == 0;
}

bool real_date(int year, int month, int day) {
  if (year < 1900 || year > 2100 || month < 1 || month > 12 || day < 1) return false;
  return std::chrono::year_month_day(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                                     std::chrono::day(static_cast<unsigned>(day))).ok();
}
int number(std::string_view digits) {
  int n = 0;
  for (const char c : digits) n = n * 10 + digit(c);
  return n;
}

// GB 11643: 17 digits and a check character, X keyed as *; 15 digits of before 2000 are let through.
bool id_card(std::string_view number_text) {
  static constexpr int kWeights[] = {7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2};
  static constexpr std::string_view kCheck = "10X98765432";
  if (number_text.size() == 15)
    return std::all_of(number_text.begin(), number_text.end(), [](char c) { return c >= '0' && c <= '9'; }) &&
           real_date(1900 + number(number_text.substr(6, 2)), number(number_text.substr(8, 2)), number(number_text.substr(10, 2)));
  if (number_text.size() != 18) return false;
  int sum = 0;
  for (std::size_t i = 0; i < 17; ++i) {
    if (number_text[i] < '0' || number_text[i] > '9') return false;
    sum += kWeights[i] * digit(number_text[i]);
  }
  const char last = number_text[17] == '*' ? 'X' : number_text[17];
  return kCheck[static_cast<std::size_t>(sum % 11)] == last &&
         real_date(number(number_text.substr(6, 4)), number(number_text.substr(10, 2)), number(number_text.substr(12, 2)));
}

bool passes(Check check, std::string_view entry) {
  switch (check) {
    case Check::none: return true;
    case Check::luhn: return luhn(entry);
    case Check::id_card: return id_card(entry);
    case Check::date:
      return entry.size() == 8 && real_date(number(entry.substr(0, 4)), number(entry.substr(4, 2)), number(entry.substr(6, 2)));
    case Check::phone: return entry.size() >= 5 && entry.size() <= 15;
  }
  return true;
}

}  // namespace

Duration Runner::scaled(Duration d) const {
  const Profile* own = profile();
  return own == nullptr ? d : d / 100 * own->timeouts_percent;
}

// What a key means where no entry begins with it. A profile may bring the agent's key back.
GlobalKey Runner::global(const Dialogue& d, char key) const {
  const GlobalKey given = d.globals[static_cast<std::size_t>(key_index(key))];
  const Profile* own = profile();
  if (own != nullptr && own->agent_key && key == '0' && given.action == GlobalAction::none && p_->agent != kNone) return {GlobalAction::agent, kNone};
  return given;
}

// For an easy profile: says the agent's key where the prompt does not, and the choices once more. Returns the new count.
std::size_t Runner::easier(const Dialogue& d, Index* prompts, std::size_t count) const {
  const Profile* own = profile();
  const NodeType type = node().type;
  const bool choices = d.menu || s_.part_ > 0 || type == NodeType::record || type == NodeType::survey;
  const Index asked = prompts[count - 1];
  if (own == nullptr || asked >= p_->prompts.size()) return count;
  const bool agent = own->agent_key && p_->agent_words != kNone && !d.digits.starts_with('0') && global(d, '0').action == GlobalAction::agent;
  bool told = false;
  for (const Segment& segment : p_->prompts[asked].variants[s_.language_].segments)
    for (const Piece& piece : segment.pieces) told = told || piece.text.find('0') != piece.text.npos || piece.text.find("零") != piece.text.npos;
  const bool tell = agent && !told;
  if (tell) prompts[count++] = p_->agent_words;
  if (!choices || !own->repeat_choices) return count;
  prompts[count++] = kBreath;
  prompts[count++] = asked;
  if (tell) prompts[count++] = p_->agent_words;
  return count;
}

void Runner::clear_attempts() { s_.no_input_ = s_.no_match_ = s_.rung_ = 0; }

Index Runner::begin_input(std::uint8_t part, Asking asking) {
  s_.part_ = part;
  s_.typed_length_ = 0;
  s_.state_ = DigitAutomaton::kStart;
  drop(kTermWait);
  if (asking == Asking::first) clear_attempts();
  return ask(asking);
}

Index Runner::ask(Asking asking) {
  const Dialogue& d = dialogue();
  const Listening& l = d.listening;
  s_.phase_ = Phase::collecting;
  s_.due_ = Time::max();
  const bool audible_anyway = !l.barge_in;
  if (asking == Asking::first && s_.ahead_length_ > 0 && !audible_anyway) {
    // Keys typed ahead answer before anything is said.
    const Index to = listen();
    if (to != kStay || s_.typed_length_ > 0 || s_.phase_ == Phase::prompting) return to;
  }
  Index prompts[kMostPrompts];
  std::size_t count = 0;
  if (asking == Asking::after_mistake) {
    if (l.invalid_sound != kNone) prompts[count++] = l.invalid_sound;
    prompts[count++] = rung_of(l.no_match, s_.no_match_ - 1u);
  } else if (asking == Asking::after_silence) {
    prompts[count++] = rung_of(l.no_input, s_.no_input_ - 1u);
  }
  prompts[count++] = rung_of(l.prompts, s_.rung_);
  const FlowNode& n = node();
  bool speaks;
  if ((n.type == NodeType::record && asking == Asking::replay) || (n.type == NodeType::dial_by_name && s_.part_ == 1)) {
    Action& action = out_.add(ActionKind::play, s_.next_id_, node_id());
    action.barge_in = l.barge_in;
    Part part;
    part.language = p_->languages[s_.language_];
    if (n.type == NodeType::record) {
      part.file = out_.arena().keep(s_.variables_.text(builtin::recording));
    } else {
      for (std::size_t i = 0; i + 1 < count; ++i) parts(prompts[i]);
      part.text = n.people[s_.item_].name;
    }
    out_.part(part);
    parts(prompts[count - 1]);
    s_.play_id_ = s_.next_id_++;
    s_.play_started_ = now_;
    speaks = true;
  } else {
    count = easier(d, prompts, count);
    speaks = play(prompts, count, l.barge_in, false);
  }
  if (speaks) {
    s_.phase_ = Phase::prompting;
    return kStay;
  }
  const Index to = listen();
  if (to == kStay && s_.phase_ == Phase::collecting && s_.typed_length_ == 0) s_.due_ = now_ + scaled(l.first_digit);
  return to;
}

// Feeds what was typed ahead until it decides something or is used up.
Index Runner::listen() {
  while (s_.ahead_length_ > 0 && s_.phase_ == Phase::collecting) {
    const Index to = feed(s_.take_ahead());
    if (to != kStay) return to;
  }
  return kStay;
}

void Runner::ahead(char key) { s_.type_ahead(key); }

Index Runner::on_key(char key) {
  if (key_index(key) < 0 || has(kHungUp)) return kStay;
  if (key == s_.last_key_ && now_ - s_.last_key_at_ < kSameKey) return kStay;
  s_.last_key_ = key;
  s_.last_key_at_ = now_;
  s_.steps_alone_ = 0;
  const FlowNode& n = node();
  switch (s_.phase_) {
    case Phase::prompting:
      if (!dialogue().listening.barge_in) {
        ahead(key);
        return kStay;
      }
      out_.trace({TraceKind::barge_in, node_id(), {}, {}, now_ - s_.play_started_});
      stop();
      s_.phase_ = Phase::collecting;
      return feed(key);
    case Phase::collecting: return feed(key);
    case Phase::playing: {
      if (s_.part_ == kNotice || n.type == NodeType::pause || n.type == NodeType::hangup) {
        ahead(key);
        return kStay;
      }
      if (n.type == NodeType::record) {  // the tone may come now
        stop();
        return begin_recording(n);
      }
      ahead(key);
      if (!n.barge_in || n.type == NodeType::transfer || n.type == NodeType::fax_send || n.type == NodeType::fax_receive) return kStay;
      out_.trace({TraceKind::barge_in, node_id(), {}, {}, now_ - s_.play_started_});
      stop();
      return leave("next");
    }
    case Phase::recording:
      if (key == n.listening.term && !has(kStopping)) {
        set(kStopping);
        out_.add(ActionKind::stop_record, s_.request_id_, node_id());
        s_.due_ = now_ + std::chrono::seconds(10);
      }
      return kStay;
    case Phase::waiting:
      if (n.type == NodeType::queue && !has(kConnected)) {
        if (n.key != 0 && key == n.key) return leave("callback");
        return kStay;
      }
      if (!has(kConnected)) ahead(key);
      return kStay;
    default: return kStay;
  }
}

Index Runner::feed(char key) {
  const Dialogue& d = dialogue();
  const auto next = d.digits.next(s_.state_, key);
  drop(kMusic);
  if (next == DigitAutomaton::kDead) {
    if (has(kTermWait)) {
      if (key != d.listening.term) ahead(key);
      return accept(s_.state_);
    }
    if (s_.typed_length_ == 0) return key_at_start(d, key);
    if (key == d.listening.term) {
      const DigitState& state = d.digits.at(s_.state_);
      return state.rule != 0 && s_.typed_length_ >= d.least ? accept(s_.state_) : failed_attempt(Asking::after_mistake);
    }
    if (key == d.listening.cancel) return erase();
    if (s_.typed_length_ < Session::kMostTyped) s_.type(key);
    return failed_attempt(Asking::after_mistake);
  }
  if (s_.typed_length_ == Session::kMostTyped) return failed_attempt(Asking::after_mistake);
  s_.type(key);
  s_.state_ = next;
  const DigitState& state = d.digits.at(next);
  const bool full = s_.typed_length_ >= d.most;
  if (state.rule != 0 && (!state.more || full)) {
    if (d.listening.term != 0 && d.listening.term_timeout > Duration::zero()) {
      set(kTermWait);
      s_.due_ = now_ + d.listening.term_timeout;
      return kStay;
    }
    return accept(next);
  }
  if (full) return failed_attempt(Asking::after_mistake);
  s_.due_ = now_ + scaled(d.listening.inter_digit);
  return kStay;
}

Index Runner::key_at_start(const Dialogue& d, char key) {
  const GlobalKey global = this->global(d, key);
  const bool edits = !d.menu && key == d.listening.cancel && s_.rung_ > 0;
  if (global.action != GlobalAction::none && !edits && !(key == d.listening.term && !d.menu)) {
    out_.trace({TraceKind::choice, node_id(), "global", out_.arena().keep({&key, 1}), now_ - s_.node_entered_});
    trace(TraceKind::leave, global.action == GlobalAction::agent ? "agent key" : global.action == GlobalAction::main ? "main key"
                            : global.action == GlobalAction::back ? "back key" : global.action == GlobalAction::repeat ? "repeat key" : "global key");
    switch (global.action) {
      case GlobalAction::agent: return target::agent;
      case GlobalAction::main: return target::main;
      case GlobalAction::back: return target::back;
      case GlobalAction::go_to: return global.to;
      default:
        s_.rung_ = 0;
        return ask(Asking::again);
    }
  }
  if (!d.menu && key == d.listening.cancel) return erase();
  if (d.otherwise != kNone) {
    s_.typed_length_ = 0;
  }
  s_.type(key);
  return failed_attempt(Asking::after_mistake);
}

Index Runner::erase() {
  s_.typed_length_ = 0;
  s_.state_ = DigitAutomaton::kStart;
  s_.rung_ = std::max<std::uint8_t>(s_.rung_, 1);  // the short prompt
  return ask(Asking::again);
}

Index Runner::collecting_timer() {
  if (now_ < s_.due_) return kStay;
  const Dialogue& d = dialogue();
  const std::uint16_t at = s_.state_;
  if (has(kTermWait)) return accept(at);
  if (s_.typed_length_ == 0) return failed_attempt(Asking::after_silence);
  if (d.digits.at(at).rule != 0 && s_.typed_length_ >= d.least) return accept(at);
  return failed_attempt(Asking::after_mistake);
}

Index Runner::failed_attempt(Asking kind) {
  const Dialogue& d = dialogue();
  const std::string_view keys = out_.arena().keep(s_.typed());
  const bool silence = kind == Asking::after_silence;
  s_.typed_length_ = 0;
  s_.state_ = DigitAutomaton::kStart;
  drop(kTermWait);
  trace(silence ? TraceKind::no_input : TraceKind::no_match, {}, keys);
  if (!silence && d.otherwise != kNone) {
    put(builtin::key, keys);
    return leave(d.otherwise);
  }
  auto& count = silence ? s_.no_input_ : s_.no_match_;
  ++count;
  const Profile* own = profile();
  const int more = own == nullptr ? 0 : own->more_attempts;
  if (s_.no_input_ >= d.listening.max_no_input + more) return give_up("no_input");
  if (s_.no_match_ >= d.listening.max_no_match + more) return give_up("no_match");
  if (s_.no_input_ + s_.no_match_ >= d.listening.max_attempts + more) return give_up("attempts");
  ++s_.rung_;
  s_.ahead_length_ = 0;
  return ask(kind);
}

Index Runner::give_up(std::string_view which) {
  trace(TraceKind::exhausted, {}, which);
  const FlowNode& n = node();
  if (n.type == NodeType::record) return reviewed(0);  // never lose what was said
  if (n.type == NodeType::survey) return next_question();
  return leave("exhausted");
}

Index Runner::accept(std::uint16_t state) {
  const Dialogue& d = dialogue();
  const auto rule = static_cast<std::uint16_t>(d.digits.at(state).rule - 1);
  const std::string_view keys = out_.arena().keep(s_.typed());
  s_.typed_length_ = 0;
  s_.state_ = DigitAutomaton::kStart;
  drop(kTermWait);
  return accepted(d, rule, keys);
}

Index Runner::accepted(const Dialogue& d, std::uint16_t rule, std::string_view keys) {
  const FlowNode& n = node();
  if (n.type == NodeType::collect && s_.part_ == 0) {
    if (!passes(n.check, keys)) {
      for (const char key : keys) s_.type(key);
      return failed_attempt(Asking::after_mistake);
    }
  }
  trace(TraceKind::choice, {}, keys);
  if (n.type != NodeType::dial_by_name || s_.part_ == 0) put(builtin::key, keys);
  switch (n.type) {
    case NodeType::menu:
      if (n.store != kNone) put(n.store, keys);
      return leave(d.rules[rule].exit);
    case NodeType::language:
      set_language(d.rules[rule].label);
      return leave("next");
    case NodeType::record: return reviewed(rule);
    case NodeType::survey: {
      const bool skipped = rule >= n.questions[s_.part_].answers.size();
      if (n.stores[s_.part_].slot < s_.variables_.size())
        put(n.stores[s_.part_].slot, skipped ? ValueView() : ValueView(std::string_view(d.rules[rule].label)));
      return next_question();
    }
    case NodeType::collect:
      if (s_.part_ == 0) return entry_done(keys);
      if (rule == 0) return leave("next");
      if (++s_.tries_ >= n.times) return give_up("confirm");
      s_.ahead_length_ = 0;
      return begin_input(0, Asking::first);
    case NodeType::dial_by_name:
      if (s_.part_ == 0) {
        s_.item_ = 0xffff;
        return next_match();
      }
      if (rule != 0) return next_match();
      if (n.store != kNone) put(n.store, std::string_view(n.people[s_.item_].extension));
      return leave("next");
    default: return fail("internal", "an entry where none was asked for");
  }
}

Index Runner::entry_done(std::string_view keys) {
  const FlowNode& n = node();
  const bool number_wanted = n.store != kNone && p_->variables[n.store].kind == expr::Kind::integer;
  if (number_wanted) {
    std::int64_t value_keyed = 0;
    for (const char c : keys)
      if (c >= '0' && c <= '9' && value_keyed < 100'000'000'000'000'000) value_keyed = value_keyed * 10 + (c - '0');
    put(n.store, value_keyed);
  } else {
    put(n.store, keys);
  }
  if (!n.confirm) return leave("next");
  s_.ahead_length_ = 0;
  return begin_input(1, Asking::first);
}

Index Runner::next_question() {
  const FlowNode& n = node();
  if (s_.part_ + 1u < n.questions.size()) return begin_input(static_cast<std::uint8_t>(s_.part_ + 1), Asking::first);
  Action& action = out_.add(ActionKind::survey, s_.next_id_++, node_id());
  action.target = n.target;
  action.wait = false;
  for (std::size_t i = 0; i < n.questions.size(); ++i)
    if (n.stores[i].slot < s_.variables_.size()) out_.argument(n.questions[i].id, give(value(n.stores[i].slot)));
  return leave("next");
}

// The next person whose name begins with the keys that were typed (`key` keeps them).
Index Runner::next_match() {
  const FlowNode& n = node();
  const std::string_view keys = value(builtin::key).as_string();
  for (std::size_t i = s_.item_ == 0xffff ? 0 : s_.item_ + 1u; i < n.people.size(); ++i) {
    if (!std::string_view(n.people[i].keys).starts_with(keys)) continue;
    s_.item_ = static_cast<std::uint16_t>(i);
    s_.part_ = 1;
    s_.state_ = DigitAutomaton::kStart;
    clear_attempts();
    return ask(Asking::first);
  }
  s_.part_ = 0;
  s_.state_ = DigitAutomaton::kStart;
  return failed_attempt(Asking::after_mistake);
}

}  // namespace hotline::ivr
