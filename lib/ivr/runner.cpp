// Moving about: targets, guards, errors, overlays, versions, the end.
#include "ivr/runner.hpp"

#include "ivr/node_spec.hpp"

namespace hotline::ivr {
namespace {

constexpr std::uint32_t kMaxSteps = 1000, kGraceSteps = 1050;
constexpr std::uint16_t kMaxAlone = 100;
constexpr std::uint8_t kMaxErrors = 8;
constexpr Duration kAfterHangup = std::chrono::seconds(10);
constexpr Duration kLimitGrace = std::chrono::minutes(2);

std::string_view ending_cause(Ending ending) {
  switch (ending) {
    case Ending::error: return "error";
    case Ending::limit: return "limit";
    default: return "normal";
  }
}

}  // namespace

const Profile* Runner::profile() const {
  const std::string_view name = s_.variables_.text(builtin::profile);
  if (name.empty()) return nullptr;
  for (const Profile& profile : p_->profiles)
    if (profile.name == name) return &profile;
  return nullptr;
}

void Runner::trace(TraceKind kind, std::string_view exit, std::string_view detail) {
  out_.trace({kind, node_id(), exit, detail, now_ - s_.node_entered_});
}

void Runner::start(const Start& start) {
  s_.variables_.reset(p_->variables.size());
  for (Index i = 0; i < p_->variables.size(); ++i) s_.variables_.set(i, view(p_->variables[i].initial));
  s_.variables_.set(builtin::caller, std::string_view(start.caller));
  s_.variables_.set(builtin::dialled, std::string_view(start.dialled));
  s_.variables_.set(builtin::profile, std::string_view(start.profile));
  s_.variables_.set(builtin::hung_up, false);
  s_.variables_.set(builtin::key, std::string_view());
  s_.variables_.set(builtin::error, std::string_view());
  s_.started_ = s_.node_entered_ = now_;
  s_.seed_ = start.seed;
  for (const auto& [number, language] : p_->dialled_languages)
    if (number == start.dialled) {
      set_language(language);
      s_.variables_.set(builtin::known_language, std::string_view(language));
    }
  if (!start.language.empty()) {
    set_language(start.language);
    s_.variables_.set(builtin::known_language, std::string_view(start.language));
  }
  for (const Field& field : start.variables)
    for (Index i = builtin::count; i < p_->variables.size(); ++i)
      if (p_->variables[i].name == field.name) s_.variables_.set(i, view(field.value));
  run(p_->start);
}

void Runner::set_language(std::string_view language) {
  const auto base = [](std::string_view l) { return l.substr(0, l.find('-')); };
  for (std::uint16_t i = 0; i < p_->languages.size(); ++i)
    if (p_->languages[i] == language) {
      s_.language_ = i;
      return;
    }
  for (std::uint16_t i = 0; i < p_->languages.size(); ++i)
    if (base(p_->languages[i]) == base(language)) {
      s_.language_ = i;
      return;
    }
}

void Runner::handle(const Event& event) {
  if (s_.phase_ == Phase::ended || s_.phase_ == Phase::fresh) return;
  Index to = kStay;
  switch (event.kind) {
    case EventKind::hangup: return hang_up();
    case EventKind::key: to = on_key(event.key); break;
    case EventKind::played: to = played(event); break;
    case EventKind::recorded: to = recorded(event); break;
    case EventKind::result: to = result(event); break;
    case EventKind::progress: to = progress(event); break;
    case EventKind::timer: {
      if (has(kHungUp)) {
        if (now_ >= s_.also_due_ || now_ >= s_.due_) return end(Ending::hangup_by_caller, "");
        return;
      }
      if (!has(kConnected) && now_ >= s_.started_ + p_->call_limit) {
        if (has(kLimitHit)) {
          if (now_ >= s_.started_ + p_->call_limit + kLimitGrace) return end(Ending::limit, "limit");
        } else {
          set(kLimitHit);
          to = fail("call_limit", "the call is longer than its limit");
          break;
        }
      }
      if (s_.phase_ == Phase::collecting) to = collecting_timer();
      else if (s_.phase_ == Phase::playing) to = playing_timer();
      else if (s_.phase_ == Phase::waiting) to = waiting_timer();
      else if (s_.phase_ == Phase::recording && now_ >= s_.due_) to = fail("recording", "the host did not end the recording");
      break;
    }
  }
  if (to == kStay) return;
  s_.steps_alone_ = 0;
  run(to);
}

void Runner::run(Index to) {
  while (to != kStay && s_.phase_ != Phase::ended) to = to >= target::first_special ? special(to) : enter(to);
}

Index Runner::special(Index to) {
  switch (to) {
    case target::hangup:
      if (has(kHungUp)) return finish_hung_up();
      end(Ending::hangup_by_flow, "normal");
      return kStay;
    case target::back: {
      while (s_.trail_length_ > 0 && (s_.trail_[s_.trail_length_ - 1u] == s_.node_ || !inside(p_->nodes[s_.trail_[s_.trail_length_ - 1u]].scope)))
        --s_.trail_length_;
      if (s_.trail_length_ == 0) return p_->main;
      return s_.trail_[--s_.trail_length_];
    }
    case target::main:
      s_.trail_length_ = 0;
      s_.depth_ = 0;
      return p_->main;
    case target::repeat: return s_.node_;
    case target::agent:
      s_.depth_ = 0;
      return p_->agent == kNone ? fail("no_agent", "the flow has no agent node") : p_->agent;
    case target::give_back: return give_back("next");
    default: return fail("unwired", "this exit leads nowhere");
  }
}

bool Runner::inside(Index scope) const {
  if (scope == 0) return true;
  for (int i = 0; i < s_.depth_; ++i)
    if (p_->nodes[s_.calls_[static_cast<std::size_t>(i)]].index_of_scope == scope) return true;
  return false;
}

Index Runner::finish_hung_up() {
  if (p_->on_hangup != kNone && s_.ended_by_ != 'h') {
    s_.ended_by_ = 'h';
    return p_->on_hangup;
  }
  end(Ending::hangup_by_caller, "");
  return kStay;
}

Index Runner::enter(Index index) {
  if (index >= p_->nodes.size()) return fail("unwired", "this exit leads nowhere");
  ++s_.steps_;
  ++s_.steps_alone_;
  if (s_.steps_ > kGraceSteps) {
    end(Ending::limit, "limit");
    return kStay;
  }
  if (s_.steps_ == kMaxSteps + 1) return fail("steps", "more than 1000 steps in one call");
  if (s_.steps_alone_ > kMaxAlone) {
    s_.steps_alone_ = 0;
    return fail("loop", "100 steps without anything to wait for");
  }
  if (p_->nodes[index].safe_point && around_.next != nullptr && !has(kHungUp)) {
    s_.node_ = index;
    migrate();
    index = s_.node_;
  }
  // Keys and errors lead out of a sub-flow without a return.
  while (s_.depth_ > 0 && p_->nodes[s_.calls_[s_.depth_ - 1u]].index_of_scope != p_->nodes[index].scope) --s_.depth_;
  if (has(kHungUp)) {
    const FlowNode& n = p_->nodes[index];
    if (!node_spec(n.type).data) {
      const bool speech = n.type == NodeType::play || n.type == NodeType::announce_number || n.type == NodeType::pause ||
                          n.type == NodeType::music;
      if (!speech) return finish_hung_up();
      s_.node_ = index;
      return leave("next");
    }
  }
  s_.node_ = index;
  s_.node_entered_ = now_;
  s_.part_ = 0;
  s_.item_ = 0;
  s_.tries_ = 0;
  s_.due_ = Time::max();
  if (!has(kHungUp)) s_.also_due_ = Time::max();
  clear_attempts();
  drop(kConnected);
  drop(kTermWait);
  drop(kStopping);
  drop(kMusic);
  trace(TraceKind::enter);
  if (around_.overlays != nullptr && !around_.overlays->empty() && !has(kHungUp)) {
    const Index laid = notice(index);
    if (laid != kNone) return laid;
  }
  return body(index);
}

Index Runner::body(Index index) {
  const FlowNode& n = p_->nodes[index];
  switch (n.type) {
    case NodeType::play:
    case NodeType::pause:
    case NodeType::music:
    case NodeType::hangup: return enter_play(n);
    case NodeType::announce_number: return enter_announce(n);
    case NodeType::language: return enter_language(n);
    case NodeType::menu:
    case NodeType::collect:
    case NodeType::survey:
    case NodeType::dial_by_name:
      if (n.dialogues == 0) return fail("unwired", "nothing is asked");
      if (n.flush) s_.ahead_length_ = 0;
      if (n.type == NodeType::menu) {
        if (s_.trail_length_ == s_.trail_.size()) {
          std::copy(s_.trail_.begin() + 1, s_.trail_.end(), s_.trail_.begin());
          --s_.trail_length_;
        }
        if (s_.trail_length_ == 0 || s_.trail_[s_.trail_length_ - 1u] != index) s_.trail_[s_.trail_length_++] = static_cast<std::uint16_t>(index);
      }
      return begin_input(0, Asking::first);
    case NodeType::record: return enter_record(n);
    case NodeType::query:
    case NodeType::ticket:
    case NodeType::kb:
    case NodeType::queue:
    case NodeType::transfer:
    case NodeType::callback:
    case NodeType::notify:
    case NodeType::fax_send:
    case NodeType::fax_receive: return enter_request(n, false);
    default: return flow_node(n);
  }
}

Index Runner::leave(Index exit) {
  const FlowNode& n = node();
  if (exit >= n.exits.size()) return fail("unwired", "this entry leads nowhere");
  trace(TraceKind::leave, n.exits[exit].name);
  leave_behind();
  if (n.exits[exit].to == target::unwired) return fail("unwired", "this exit leads nowhere");
  return n.exits[exit].to;
}

Index Runner::leave(std::string_view name) {
  const FlowNode& n = node();
  for (Index i = 0; i < n.exits.size(); ++i) {
    if (n.exits[i].name != name) continue;
    if (n.exits[i].to != target::unwired) return leave(i);
    break;
  }
  // Exits that may stay unwired have an equal; see node_spec.
  if (name == "holiday") return leave("closed");
  if (name == "answered" || name == "callback") {
    trace(TraceKind::leave, name);
    leave_behind();
    return target::hangup;
  }
  if (name == "exhausted" && n.type == NodeType::language) return leave("next");
  if (name == "empty") return leave("error");
  if (name == "failed" && n.type == NodeType::notify) return leave("next");
  leave_behind();
  return fail(name, "node `" + n.id + "` has no exit of that name");
}

void Runner::leave_behind() {
  if (s_.play_id_ != 0) stop();
  if (s_.request_id_ != 0 && s_.phase_ == Phase::waiting) {
    if (!has(kHungUp) || !node_spec(node().type).data) out_.add(ActionKind::cancel, s_.request_id_, node_id());
    s_.request_id_ = 0;
  }
  s_.due_ = Time::max();
  if (!has(kHungUp)) s_.also_due_ = Time::max();
}

Index Runner::fail(std::string_view code, std::string_view detail) {
  trace(TraceKind::error, code, out_.arena().keep(detail));
  leave_behind();
  if (++s_.errors_ > kMaxErrors || s_.node_ >= p_->nodes.size()) {
    end(Ending::error, "error");
    return kStay;
  }
  put(builtin::error, code);
  put(builtin::error_node, std::string_view(node().id));
  if (code != "unwired")
    for (const Exit& exit : node().exits)
      if (exit.name == "error" && exit.to != target::unwired) {
        trace(TraceKind::leave, "error");
        return exit.to;
      }
  if (node().handler != kNone) return node().handler;
  if (has(kHungUp)) return finish_hung_up();
  end(Ending::error, "error");
  return kStay;
}

void Runner::end(Ending ending, std::string_view cause) {
  if (s_.phase_ == Phase::ended) return;
  if (!has(kHungUp)) {
    Action& action = out_.add(ActionKind::hangup, s_.next_id_++, node_id());
    action.target = cause.empty() ? ending_cause(ending) : cause;
  }
  s_.phase_ = Phase::ended;
  s_.ending_ = has(kHungUp) ? Ending::hangup_by_caller : ending;
  s_.due_ = s_.also_due_ = Time::max();
  s_.play_id_ = s_.request_id_ = 0;
  trace(TraceKind::ended, {}, to_string(s_.ending_));
}

// The caller has hung up. What was recorded is kept, what was asked of the host is waited for a little.
void Runner::hang_up() {
  if (has(kHungUp)) return;
  set(kHungUp);
  put(builtin::hung_up, true);
  trace(TraceKind::hangup);
  s_.also_due_ = now_ + kAfterHangup;
  s_.play_id_ = 0;
  s_.steps_alone_ = 0;
  const bool inside = s_.node_ < p_->nodes.size();
  if (s_.phase_ == Phase::recording) {
    s_.due_ = s_.also_due_;
    return;  // recorded() follows
  }
  if (inside && node().type == NodeType::record && s_.phase_ != Phase::playing) return run(leave("hangup_saved"));
  if (inside && s_.phase_ == Phase::waiting && node_spec(node().type).data) {
    s_.due_ = s_.also_due_;
    return;
  }
  if (inside) leave_behind();
  run(finish_hung_up());
}

void Runner::migrate() {
  const Program& next = around_.next->program();
  if (next.id != p_->id || next.fingerprint == p_->fingerprint || around_.migration == nullptr) return;
  const auto moved = [&](Index index) {
    std::string_view id = p_->nodes[index].id;
    for (const auto& [from, to] : around_.migration->nodes)
      if (from == id) id = to;
    return next.find(id);
  };
  const Index node = moved(s_.node_);
  if (node == kNone) return;
  for (int i = 0; i < s_.depth_; ++i)
    if (moved(s_.calls_[static_cast<std::size_t>(i)]) == kNone) return;
  for (int i = 0; i < s_.depth_; ++i) s_.calls_[static_cast<std::size_t>(i)] = static_cast<std::uint16_t>(moved(s_.calls_[static_cast<std::size_t>(i)]));
  std::uint8_t kept = 0;
  for (int i = 0; i < s_.trail_length_; ++i)
    if (const Index menu = moved(s_.trail_[static_cast<std::size_t>(i)]); menu != kNone) s_.trail_[kept++] = static_cast<std::uint16_t>(menu);
  s_.trail_length_ = kept;
  Slots variables;
  variables.reset(next.variables.size());
  for (Index to = 0; to < next.variables.size(); ++to) {
    const VariableDef& v = next.variables[to];
    variables.set(to, view(v.initial));
    for (Index i = 0; i < p_->variables.size(); ++i)
      if (p_->variables[i].name == v.name && p_->variables[i].kind == v.kind) variables.set(to, s_.variables_.get(i));
  }
  s_.variables_ = std::move(variables);
  const std::string language = p_->languages[s_.language_];
  s_.language_ = 0;
  if (around_.retired != nullptr) around_.retired->push_back(s_.flow_);
  s_.flow_ = *around_.next;
  p_ = &next;
  s_.node_ = node;
  set_language(language);
  trace(TraceKind::migrated, {}, next.version);
}

Index Runner::notice(Index index) {
  const std::string_view language = p_->languages[s_.language_];
  const FlowNode& n = p_->nodes[index];
  std::uint32_t id = 0;
  for (const Overlay& laid : *around_.overlays) {
    const bool here = laid.node == n.id || (laid.node == "*" && index == p_->start);
    if (!here || now_ < laid.from || now_ >= laid.until) continue;
    trace(TraceKind::overlay, {}, out_.arena().keep(laid.id));
    std::string_view words = laid.text;
    for (const Field& text : laid.texts)
      if (text.name == language)
        if (const auto* own = std::get_if<std::string>(&text.value)) words = *own;
    if (words.empty()) continue;
    if (id == 0) {
      id = s_.next_id_++;
      Action& action = out_.add(ActionKind::play, id, node_id());
      action.barge_in = false;
    }
    Part part;
    part.language = language;
    part.text = out_.arena().keep(words);
    out_.part(part);
  }
  if (id == 0) {
    const Index after = after_notice();
    return after == kStay ? kNone : after;
  }
  s_.play_id_ = id;
  s_.play_started_ = now_;
  s_.phase_ = Phase::playing;
  s_.part_ = kNotice;
  return kStay;
}

// Where an overlay sends the caller after its words; kStay where the node itself is to be run.
Index Runner::after_notice() {
  const FlowNode& n = node();
  for (const Overlay& laid : *around_.overlays) {
    const bool here = laid.node == n.id || (laid.node == "*" && s_.node_ == p_->start);
    if (!here || now_ < laid.from || now_ >= laid.until) continue;
    if (!laid.exit.empty())
      for (Index i = 0; i < n.exits.size(); ++i)
        if (n.exits[i].name == laid.exit && n.exits[i].to != target::unwired) return leave(i);
    if (laid.go_to == "hangup") return target::hangup;
    if (const Index to = p_->find(laid.go_to); !laid.go_to.empty() && to != kNone && to != s_.node_) return to;
  }
  return kStay;
}

void Runner::resume() {
  if (s_.phase_ == Phase::ended || s_.phase_ == Phase::fresh) return;
  s_.play_id_ = 0;
  s_.ahead_length_ = 0;
  const FlowNode& n = node();
  Index to = kStay;
  switch (s_.phase_) {
    case Phase::prompting:
    case Phase::collecting: to = begin_input(s_.part_, Asking::again); break;
    case Phase::waiting: to = enter_request(n, true); break;
    case Phase::recording: to = has(kHungUp) ? finish_hung_up() : enter_record(n); break;
    default: to = s_.part_ == kNotice ? notice(s_.node_) : body(s_.node_); break;
  }
  if (to == kNone) to = body(s_.node_);
  run(to);
}

}  // namespace hotline::ivr
