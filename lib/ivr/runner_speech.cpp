// What is said: prompts rendered into parts, values into the words that are spoken.
#include <charconv>

#include "ivr/runner.hpp"

namespace hotline::ivr {

expr::Value Runner::value(Index slot) const {
  if (slot == builtin::now) return now_;
  if (slot == builtin::language) return std::string_view(p_->languages[s_.language_]);
  return std::visit(
      [](const auto& v) -> expr::Value {
        using T = std::decay_t<decltype(v)>;
        if constexpr (std::is_same_v<T, std::monostate>) return expr::Value::missing();
        else return v;
      },
      s_.variables_.get(slot));
}

Result<expr::Value> Runner::evaluate(Index index) {
  if (index >= p_->expressions.size() || !p_->expressions[index].program)
    return Error(ErrorCode::evaluation_failed, "the expression did not compile");
  const Expression& e = p_->expressions[index];
  for (const auto& [to, from] : e.reads) slots_[to] = value(from);
  return e.program->evaluate(slots_);
}

void Runner::assign(Index slot, const expr::Value& v) {
  if (slot >= s_.variables_.size()) return;
  switch (v.kind()) {
    case expr::Kind::boolean: return put(slot, v.as_bool());
    case expr::Kind::integer: return put(slot, v.as_int());
    case expr::Kind::natural: return put(slot, static_cast<std::int64_t>(v.as_uint()));
    case expr::Kind::real: return put(slot, v.as_double());
    case expr::Kind::missing:
    case expr::Kind::null: return put(slot, {});
    default: {
      // The text may be the variable's own: copy first.
      const std::string_view text = out_.arena().keep(text_of(v));
      if (slot == builtin::language) return set_language(text);
      put(slot, text);
    }
  }
}

// Lives until the step ends.
std::string_view Runner::text_of(const expr::Value& v) {
  char digits[32];
  switch (v.kind()) {
    case expr::Kind::string: return v.as_string();
    case expr::Kind::integer: {
      const auto end = std::to_chars(digits, digits + sizeof digits, v.as_int());
      return out_.arena().keep({digits, static_cast<std::size_t>(end.ptr - digits)});
    }
    case expr::Kind::real: {
      const auto end = std::to_chars(digits, digits + sizeof digits, v.as_double());
      return out_.arena().keep({digits, static_cast<std::size_t>(end.ptr - digits)});
    }
    case expr::Kind::boolean: return v.as_bool() ? "true" : "false";
    case expr::Kind::missing:
    case expr::Kind::null: return "";
    case expr::Kind::timestamp: return out_.arena().keep(hotline::to_string(v.as_time()));
    case expr::Kind::duration: return out_.arena().keep(hotline::to_string(v.as_duration()));
    default: return out_.arena().keep(v.to_json());
  }
}

ValueView Runner::give(const expr::Value& v) {
  switch (v.kind()) {
    case expr::Kind::boolean: return v.as_bool();
    case expr::Kind::integer: return v.as_int();
    case expr::Kind::natural: return static_cast<std::int64_t>(v.as_uint());
    case expr::Kind::real: return v.as_double();
    case expr::Kind::missing:
    case expr::Kind::null: return std::monostate{};
    case expr::Kind::string: return out_.arena().keep(v.as_string());
    default: return text_of(v);
  }
}

void Runner::say(std::string& into, const Piece& piece) {
  const auto v = evaluate(piece.expression);
  if (!v) {
    trace(TraceKind::error, "say", out_.arena().keep(v.error().message()));
    return;
  }
  const text::Tongue tongue = text::tongue(p_->languages[s_.language_]);
  if (v->kind() == expr::Kind::integer && piece.say == text::SayAs::number) return text::speak_number(into, tongue, v->as_int());
  const std::string_view plain = text_of(*v);
  if (plain.empty()) return;
  const std::size_t before = into.size();
  if (const Status status = text::speak(into, tongue, piece.say, plain); !status.ok()) {
    into.resize(before);
    into += plain;
    trace(TraceKind::error, "say", out_.arena().keep(status.error().message()));
  }
}

void Runner::parts(Index index) {
  if (index == kBreath) {
    Part gap;
    gap.language = p_->languages[s_.language_];
    gap.silence = std::chrono::milliseconds(600);
    return out_.part(gap);
  }
  if (index >= p_->prompts.size()) return;
  const Prompt& prompt = p_->prompts[index];
  const PromptVariant* variant = &prompt.variants[s_.language_];
  if (variant->missing && !prompt.variants[0].missing) variant = &prompt.variants[0];
  for (const Segment& segment : variant->segments) {
    Part part;
    if (segment.prompt != kNone) part.prompt = p_->prompt_ids[segment.prompt];
    part.language = p_->languages[segment.language];
    part.file = segment.file;
    part.silence = segment.silence;
    if (segment.pieces.size() == 1 && segment.pieces[0].kind == Piece::Kind::text) {
      part.text = segment.pieces[0].text;
    } else if (!segment.pieces.empty()) {
      out_.scratch.clear();
      for (const Piece& piece : segment.pieces) {
        if (piece.kind == Piece::Kind::say) say(out_.scratch, piece);
        else out_.scratch += piece.text;
      }
      part.text = out_.arena().keep(out_.scratch);
    }
    if (!part.text.empty() || !part.file.empty() || part.silence > Duration::zero()) out_.part(part);
  }
}

bool Runner::play(std::initializer_list<Index> prompts, bool barge_in, bool repeat) {
  return play(prompts.begin(), prompts.size(), barge_in, repeat);
}

// False where there is nothing to say.
bool Runner::play(const Index* prompts, std::size_t count, bool barge_in, bool repeat) {
  if (has(kHungUp)) return false;
  Action& action = out_.add(ActionKind::play, s_.next_id_, node_id());
  action.barge_in = barge_in;
  action.repeat = repeat;
  if (const Profile* own = profile()) action.rate_percent = own->rate_percent;
  for (std::size_t i = 0; i < count; ++i) parts(prompts[i]);
  if (out_.parts_of_last() == 0) {
    out_.drop_last();
    return false;
  }
  s_.play_id_ = s_.next_id_++;
  s_.play_started_ = now_;
  return true;
}

void Runner::stop() {
  if (s_.play_id_ == 0) return;
  if (!has(kHungUp)) out_.add(ActionKind::stop, s_.play_id_, node_id());
  s_.play_id_ = 0;
}

}  // namespace hotline::ivr
