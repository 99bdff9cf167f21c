// What each type of node does when it is entered and when its answer comes.
#include "hotline/base/random.hpp"
#include "ivr/node_spec.hpp"
#include "ivr/runner.hpp"

namespace hotline::ivr {
namespace {

// The host itself must give up after its own time-out; this bound is for hosts that forget.
constexpr Duration kRecordingGrace = std::chrono::seconds(15);

ActionKind request_kind(NodeType type) {
  switch (type) {
    case NodeType::query: return ActionKind::query;
    case NodeType::ticket: return ActionKind::ticket;
    case NodeType::kb: return ActionKind::kb;
    case NodeType::queue: return ActionKind::queue;
    case NodeType::transfer: return ActionKind::transfer;
    case NodeType::callback: return ActionKind::callback;
    case NodeType::notify: return ActionKind::notify;
    case NodeType::fax_send: return ActionKind::fax_send;
    default: return ActionKind::fax_receive;
  }
}

// The exit that an outcome takes; see node_spec for the exits of each type.
std::string_view exit_of(NodeType type, Outcome outcome) {
  switch (type) {
    case NodeType::query:
    case NodeType::ticket:
    case NodeType::kb:
      switch (outcome) {
        case Outcome::ok: return "ok";
        case Outcome::empty: return "empty";
        case Outcome::timeout: return "timeout";
        default: return "error";
      }
    case NodeType::queue:
      switch (outcome) {
        case Outcome::ok:
        case Outcome::answered: return "answered";
        case Outcome::timeout:
        case Outcome::full:
        case Outcome::closed: return "overflow";
        default: return "error";
      }
    case NodeType::transfer:
      switch (outcome) {
        case Outcome::ok:
        case Outcome::answered: return "answered";
        case Outcome::busy: return "busy";
        case Outcome::no_answer:
        case Outcome::timeout: return "no_answer";
        default: return "failed";
      }
    case NodeType::callback: return outcome == Outcome::ok ? "next" : "error";
    default: return outcome == Outcome::ok ? "next" : "failed";
  }
}

}  // namespace

Index Runner::enter_play(const FlowNode& n) {
  s_.phase_ = Phase::playing;
  switch (n.type) {
    case NodeType::pause:
      s_.due_ = now_ + n.limit;
      return kStay;
    case NodeType::music:
      play({n.music}, n.barge_in, true);
      s_.due_ = now_ + n.limit;
      return kStay;
    case NodeType::hangup:
      if (n.prompt != kNone && play({n.prompt}, false)) return kStay;
      if (has(kHungUp)) return finish_hung_up();
      end(n.operation == "error" ? Ending::error : Ending::hangup_by_flow, n.operation);
      return kStay;
    default: {
      const bool barge_in = n.barge_in && (n.prompt >= p_->prompts.size() || p_->prompts[n.prompt].barge_in);
      if (barge_in && s_.ahead_length_ > 0) return leave("next");
      return play({n.prompt}, barge_in) ? kStay : leave("next");
    }
  }
}

Index Runner::enter_announce(const FlowNode& n) {
  s_.phase_ = Phase::playing;
  const auto v = evaluate(n.value);
  if (!v) return fail("value", v.error().message());
  std::string_view digits = text_of(*v);
  if (digits.empty()) return fail("value", "there is no number to be announced");
  const text::Tongue tongue = text::tongue(p_->languages[s_.language_]);
  std::string padded;
  if (digits.size() < static_cast<std::size_t>(n.least)) padded.assign(static_cast<std::size_t>(n.least) - digits.size(), '0');
  padded += digits;
  Action& action = out_.add(ActionKind::play, s_.next_id_, node_id());
  action.barge_in = n.barge_in;
  if (const Profile* own = profile()) action.rate_percent = own->rate_percent;
  parts(n.prompt);
  for (int round = 0; round < n.times; ++round) {
    out_.scratch.clear();
    std::size_t at = 0;
    for (std::size_t group = 0; at < padded.size(); ++group) {
      std::size_t size = 4;
      if (!n.words.empty()) size = static_cast<std::size_t>(std::atoi(n.words[std::min(group, n.words.size() - 1)].c_str()));
      if (size == 0 || size > 32) size = 4;
      if (at > 0) out_.scratch += tongue == text::Tongue::english ? ", " : "，";
      text::speak_digits(out_.scratch, tongue, std::string_view(padded).substr(at, size));
      at += size;
    }
    Part part;
    part.language = p_->languages[s_.language_];
    part.text = out_.arena().keep(out_.scratch);
    out_.part(part);
    if (round + 1 < n.times) {
      Part gap;
      gap.language = part.language;
      gap.silence = std::chrono::milliseconds(600);
      out_.part(gap);
    }
  }
  s_.play_id_ = s_.next_id_++;
  s_.play_started_ = now_;
  return kStay;
}

Index Runner::enter_language(const FlowNode& n) {
  if (n.value != kNone) {
    const auto known = evaluate(n.value);  // missing where nothing is known: then it is asked
    if (known && known->kind() == expr::Kind::string && !known->as_string().empty()) {
      set_language(known->as_string());
      return leave("next");
    }
  }
  return begin_input(0, Asking::first);
}

Index Runner::played(const Event& event) {
  if (event.id == 0 || event.id != s_.play_id_) return kStay;
  s_.play_id_ = 0;
  const FlowNode& n = node();
  if (s_.phase_ == Phase::prompting) {
    s_.phase_ = Phase::collecting;
    const Index to = listen();
    if (to == kStay && s_.phase_ == Phase::collecting && s_.typed_length_ == 0)
      s_.due_ = now_ + scaled(dialogue().listening.first_digit);
    return to;
  }
  if (s_.phase_ == Phase::waiting) {
    if (n.type == NodeType::queue && !has(kConnected) && n.music != kNone) play({n.music}, true, true);
    return kStay;
  }
  if (s_.phase_ != Phase::playing) return kStay;
  if (s_.part_ == kNotice) {
    s_.part_ = 0;
    const Index to = around_.overlays != nullptr ? after_notice() : kStay;
    return to == kStay ? body(s_.node_) : to;
  }
  switch (n.type) {
    case NodeType::hangup:
      end(n.operation == "error" ? Ending::error : Ending::hangup_by_flow, n.operation);
      return kStay;
    case NodeType::record: return begin_recording(n);
    case NodeType::transfer:
    case NodeType::fax_send:
    case NodeType::fax_receive:
      set(kAnnounced);
      return enter_request(n, false);
    case NodeType::pause:
    case NodeType::music: return kStay;
    default: return leave("next");
  }
}

Index Runner::playing_timer() {
  if (now_ < s_.due_) return kStay;
  const FlowNode& n = node();
  return n.type == NodeType::pause || n.type == NodeType::music ? leave("next") : kStay;
}

Index Runner::enter_record(const FlowNode& n) {
  s_.ahead_length_ = 0;
  s_.part_ = 0;
  s_.phase_ = Phase::playing;
  if (!n.listening.prompts.empty() && play({n.listening.prompts[0]}, n.listening.barge_in)) return kStay;
  return begin_recording(n);
}

Index Runner::begin_recording(const FlowNode& n) {
  s_.phase_ = Phase::recording;
  s_.ahead_length_ = 0;
  drop(kStopping);
  s_.request_id_ = s_.next_id_++;
  Action& action = out_.add(ActionKind::record, s_.request_id_, node_id());
  action.limit = n.limit;
  action.minimum = n.minimum;
  action.silence = n.silence;
  action.beep = n.beep;
  action.keys = n.listening.term != 0 ? std::string_view(&n.listening.term, 1) : std::string_view();
  s_.due_ = now_ + n.limit + kRecordingGrace;
  return kStay;
}

Index Runner::recorded(const Event& event) {
  if (s_.phase_ != Phase::recording || event.id != s_.request_id_) return kStay;
  const FlowNode& n = node();
  s_.request_id_ = 0;
  s_.due_ = Time::max();
  if (event.end == RecordingEnd::hangup && !has(kHungUp)) {
    set(kHungUp);
    put(builtin::hung_up, true);
    trace(TraceKind::hangup);
    s_.also_due_ = now_ + std::chrono::seconds(10);
  }
  s_.phase_ = Phase::playing;
  if (event.end == RecordingEnd::error && event.file.empty()) return fail("recording", "the host could not record");
  if (event.length < n.minimum) return has(kHungUp) ? finish_hung_up() : leave("too_short");
  put(builtin::recording, event.file);
  put(builtin::recording_seconds, std::int64_t{std::chrono::duration_cast<std::chrono::seconds>(event.length).count()});
  put(n.store, event.file);
  if (has(kHungUp)) return leave("hangup_saved");
  return n.review ? begin_input(0, Asking::first) : leave("saved");
}

Index Runner::reviewed(std::uint16_t rule) {
  switch (rule) {
    case 0: return leave("saved");
    case 1: return ask(Asking::replay);
    default:
      put(node().store, {});
      put(builtin::recording, {});
      return leave("cancelled");
  }
}

void Runner::request_arguments(const FlowNode& n, Action& action) {
  if (!n.target.empty()) action.target = n.target;
  if (n.type == NodeType::ticket || n.type == NodeType::kb) action.target = n.operation;
  if (n.type == NodeType::notify) out_.argument("channel", std::string_view(n.operation));
  if (n.type == NodeType::transfer) out_.argument("kind", std::string_view(n.operation));
  if (n.type == NodeType::queue && !n.words.empty()) {
    out_.scratch.clear();
    for (const std::string& skill : n.words) out_.scratch += (out_.scratch.empty() ? "" : ",") + skill;
    out_.argument("skills", out_.arena().keep(out_.scratch));
  }
  if (n.value != kNone) {
    if (const auto v = evaluate(n.value)) {
      switch (n.type) {
        case NodeType::transfer:
        case NodeType::fax_send: action.target = out_.arena().keep(text_of(*v)); break;
        case NodeType::callback: out_.argument("number", give(*v)); break;
        case NodeType::notify: out_.argument("to", give(*v)); break;
        default: out_.argument("text", give(*v)); break;
      }
    } else {
      trace(TraceKind::error, "argument", out_.arena().keep(v.error().message()));
    }
  } else if (n.type == NodeType::callback || n.type == NodeType::notify) {
    out_.argument(n.type == NodeType::callback ? "number" : "to", give(value(builtin::caller)));
  }
  if (n.type == NodeType::fax_send && n.store != kNone)
    if (const auto v = evaluate(n.store)) out_.argument("to", give(*v));
  for (const NamedExpression& argument : n.arguments) {
    const auto v = evaluate(argument.expression);
    if (v) out_.argument(argument.name, give(*v));
    else trace(TraceKind::error, "argument", out_.arena().keep(v.error().message()));
  }
}

Index Runner::enter_request(const FlowNode& n, bool again) {
  const bool speaks_first = n.type == NodeType::transfer || n.type == NodeType::fax_send || n.type == NodeType::fax_receive;
  if (speaks_first && !again && !has(kAnnounced) && n.prompt != kNone && play({n.prompt}, false)) {
    s_.phase_ = Phase::playing;
    return kStay;
  }
  drop(kAnnounced);
  if (!again || s_.request_id_ == 0) s_.request_id_ = s_.next_id_++;
  Action& action = out_.add(request_kind(n.type), s_.request_id_, node_id());
  action.limit = n.limit;
  action.priority = n.priority;
  action.wait = n.type != NodeType::notify || n.wait;
  request_arguments(n, action);
  if (!action.wait) {
    s_.request_id_ = 0;
    return leave("next");
  }
  s_.phase_ = Phase::waiting;
  wait_for(n);
  if (n.type == NodeType::queue) {
    s_.ahead_length_ = 0;
    if (!(n.prompt != kNone && play({n.prompt}, true)) && n.music != kNone) play({n.music}, true, true);
  }
  return kStay;
}

void Runner::wait_for(const FlowNode& n) {
  Duration limit = n.limit;
  if (n.type == NodeType::callback) limit = std::chrono::seconds(10);
  if (n.type == NodeType::transfer) limit = n.limit + std::chrono::seconds(10);
  s_.due_ = limit > Duration::zero() ? now_ + limit : Time::max();
  if (has(kHungUp)) return;
  s_.also_due_ = Time::max();
  if (n.type == NodeType::queue && n.every > Duration::zero() && n.second_prompt != kNone) s_.also_due_ = now_ + n.every;
  if (node_spec(n.type).group == "data" && n.second_prompt != kNone) s_.also_due_ = now_ + n.after;
}

Index Runner::waiting_timer() {
  const FlowNode& n = node();
  if (now_ >= s_.due_) {
    if (has(kConnected)) return kStay;
    switch (n.type) {
      case NodeType::queue: return leave("overflow");
      case NodeType::transfer: return leave("no_answer");
      case NodeType::query:
      case NodeType::ticket:
      case NodeType::kb: return leave("timeout");
      case NodeType::callback: return leave("error");
      default: return leave("failed");
    }
  }
  if (now_ >= s_.also_due_) {
    s_.also_due_ = n.type == NodeType::queue ? now_ + n.every : Time::max();
    play({n.second_prompt}, true);
  }
  return kStay;
}

Index Runner::progress(const Event& event) {
  if (s_.phase_ != Phase::waiting || event.id != s_.request_id_) return kStay;
  for (const Field& field : event.fields) {
    if (field.name == "position") put(builtin::queue_position, view(field.value));
    if (field.name == "wait") put(builtin::queue_wait, view(field.value));
  }
  if (event.connected) {
    set(kConnected);
    stop();
    s_.due_ = s_.also_due_ = Time::max();
  }
  return kStay;
}

Index Runner::result(const Event& event) {
  if (s_.phase_ != Phase::waiting || event.id != s_.request_id_) return kStay;
  const FlowNode& n = node();
  s_.request_id_ = 0;
  for (const Assignment& store : n.stores) {
    if (store.slot >= s_.variables_.size()) continue;
    for (const Field& field : event.fields) {
      if (field.name != store.field) continue;
      const expr::Kind kind = p_->variables[store.slot].kind;
      if (const auto* text = std::get_if<std::string>(&field.value); text != nullptr && kind != expr::Kind::string) {
        const Node typed = Node::scalar(*text, false);
        if (kind == expr::Kind::integer) put(store.slot, typed.as_int() ? ValueView(*typed.as_int()) : ValueView());
        if (kind == expr::Kind::real) put(store.slot, typed.as_double() ? ValueView(*typed.as_double()) : ValueView());
        if (kind == expr::Kind::boolean) put(store.slot, typed.as_bool() ? ValueView(*typed.as_bool()) : ValueView());
      } else if (kind == expr::Kind::string && text == nullptr && field.value.index() != 0) {
        put(store.slot, std::string_view(to_text(view(field.value))));
      } else {
        put(store.slot, view(field.value));
      }
    }
  }
  const std::string_view exit = exit_of(n.type, event.outcome);
  if (has(kHungUp)) {
    for (const Exit& e : n.exits)
      if (e.name == exit && e.to != target::unwired) return leave(exit);
    return finish_hung_up();
  }
  return leave(exit);
}

Index Runner::flow_node(const FlowNode& n) {
  switch (n.type) {
    case NodeType::go_to: return leave("to");
    case NodeType::branch:
      for (const Case& c : n.cases) {
        const auto v = evaluate(c.expression);
        if (!v) return fail("expression", v.error().message());
        if (v->as_bool()) return leave(c.exit);
      }
      return leave("else");
    case NodeType::set:
      for (const Assignment& a : n.sets) {
        const auto v = evaluate(a.expression);
        if (!v) return fail("expression", v.error().message());
        assign(a.slot, *v);
      }
      return leave("next");
    case NodeType::loop: return enter_loop(n);
    case NodeType::subflow: return enter_subflow(n);
    case NodeType::give_back: return give_back(n.operation.empty() ? std::string_view("next") : std::string_view(n.operation));
    case NodeType::percent: {
      Random random(s_.seed_, s_.random_draws_++);
      auto draw = static_cast<int>(random.below(100));
      for (const Case& c : n.cases)
        if ((draw -= c.percent) < 0) return leave(c.exit);
      return n.cases.empty() ? fail("unwired", "no share") : leave(n.cases.back().exit);
    }
    case NodeType::schedule: {
      const Hours::State state = n.calendar == kNone ? Hours::State::open : p_->calendars[n.calendar].hours->at(now_);
      return leave(state == Hours::State::open ? "open" : state == Hours::State::holiday ? "holiday" : "closed");
    }
    default: return leave("next");  // start, error_handler
  }
}

Index Runner::enter_loop(const FlowNode& n) {
  const ValueView round = s_.variables_.get(n.store);
  const std::int64_t done = round.index() == 2 ? std::get<std::int64_t>(round) : 0;
  bool on = done < n.times;
  if (on && n.value != kNone) {
    const auto v = evaluate(n.value);
    if (!v) return fail("expression", v.error().message());
    on = v->as_bool();
  }
  put(n.store, on ? done + 1 : std::int64_t{0});
  return leave(on ? "body" : "done");
}

Index Runner::enter_subflow(const FlowNode& n) {
  if (n.index_of_scope == kNone) return fail("subflow", "the sub-flow does not exist");
  if (s_.depth_ == s_.calls_.size()) return fail("depth", "sub-flows are nested deeper than 16");
  const Scope& scope = p_->scopes[n.index_of_scope];
  ValueView given[16];
  std::size_t count = 0;
  for (const NamedExpression& argument : n.arguments) {
    if (count == std::size(given)) break;
    const auto v = evaluate(argument.expression);
    if (!v) return fail("expression", v.error().message());
    given[count++] = give(*v);
  }
  for (Index i = scope.first_slot; i < scope.end_slot; ++i) s_.variables_.set(i, view(p_->variables[i].initial));
  for (std::size_t i = 0; i < count; ++i)
    if (const auto slot = scope.environment.slot(n.arguments[i].name)) put(scope.slots[*slot], given[i]);
  trace(TraceKind::leave, "into");
  s_.calls_[s_.depth_++] = static_cast<std::uint16_t>(s_.node_);
  return scope.start == kNone ? target::unwired : scope.start;
}

Index Runner::give_back(std::string_view exit) {
  leave_behind();
  if (s_.depth_ == 0) return fail("return", "`return` outside of a sub-flow");
  const Scope& scope = p_->scopes[node().scope];
  s_.node_ = s_.calls_[--s_.depth_];
  const FlowNode& caller = node();
  for (const Assignment& store : caller.stores)
    if (const auto slot = scope.environment.slot(store.field); slot && store.slot < s_.variables_.size())
      s_.variables_.set(store.slot, s_.variables_.get(scope.slots[*slot]));
  return leave(exit);
}

}  // namespace hotline::ivr
