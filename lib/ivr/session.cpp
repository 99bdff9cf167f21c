#include "hotline/ivr/session.hpp"

#include <algorithm>

#include "hotline/base/document.hpp"
#include "hotline/base/json.hpp"
#include "ivr/program.hpp"

namespace hotline::ivr {
namespace {

constexpr std::uint8_t kConnected = 2;  // Runner's flags

}  // namespace

std::string_view Session::node() const {
  const Program& p = flow_.program();
  return node_ < p.nodes.size() ? std::string_view(p.nodes[node_].id) : std::string_view();
}

std::string_view Session::language() const {
  const Program& p = flow_.program();
  return language_ < p.languages.size() ? std::string_view(p.languages[language_]) : std::string_view();
}

Time Session::deadline() const {
  if (phase_ == Phase::ended || phase_ == Phase::fresh) return Time::max();
  Time first = std::min(due_, also_due_);
  if (flags_ & 1) return first;  // hung up
  if (!(flags_ & kConnected)) {
    const Duration grace = flags_ & 128 ? Duration(std::chrono::minutes(2)) : Duration::zero();
    first = std::min(first, started_ + flow_.program().call_limit + grace);
  }
  return first;
}

Value Session::variable(std::string_view name) const {
  const Program& p = flow_.program();
  if (name == "language") return std::string(language());
  for (std::size_t i = 0; i < p.variables.size() && i < variables_.size(); ++i)
    if (p.variables[i].name == name) return copy(variables_.get(i));
  return {};
}

std::size_t Session::bytes() const {
  return sizeof *this + variables_.bytes();
}

void Session::type_ahead(char key) {
  if (ahead_length_ >= kMostAhead || typed_length_ + ahead_length_ >= keys_.size()) return;
  char* const begin = keys_.data() + keys_.size() - ahead_length_;
  std::copy(begin, keys_.data() + keys_.size(), begin - 1);
  keys_.back() = key;
  ++ahead_length_;
}

std::string Session::serialise() const {
  const Program& p = flow_.program();
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("flow", p.id).field("fingerprint", p.fingerprint);
  json.field("started", to_ns(started_)).field("due", to_ns(due_)).field("also_due", to_ns(also_due_));
  json.field("last_key_at", to_ns(last_key_at_)).field("entered", to_ns(node_entered_)).field("play_started", to_ns(play_started_));
  json.field("seed", std::to_string(seed_)).field("node", node()).field("state", state_).field("next_id", next_id_);
  json.field("play", play_id_).field("request", request_id_).field("steps", steps_).field("alone", steps_alone_);
  json.field("language", language()).field("item", item_).field("draws", random_draws_);
  json.field("phase", static_cast<int>(phase_)).field("ending", static_cast<int>(ending_)).field("part", part_);
  json.field("no_input", no_input_).field("no_match", no_match_).field("tries", tries_).field("rung", rung_);
  json.field("flags", flags_).field("errors", errors_).field("typed", typed());
  json.field("ahead", ahead());
  json.field("last_key", std::string(last_key_ ? 1u : 0u, last_key_)).field("ended_by", std::string(ended_by_ ? 1u : 0u, ended_by_));
  json.key("calls").begin_array();
  for (int i = 0; i < depth_; ++i) json.value(p.nodes[calls_[static_cast<std::size_t>(i)]].id);
  json.end_array().key("trail").begin_array();
  for (int i = 0; i < trail_length_; ++i) json.value(p.nodes[trail_[static_cast<std::size_t>(i)]].id);
  json.end_array().key("variables").begin_object();
  for (std::size_t i = 0; i < variables_.size(); ++i) {
    const ValueView value = variables_.get(i);
    if (value.index() == 0) continue;
    json.key(p.variables[i].name);
    std::visit(
        [&](const auto& v) {
          if constexpr (std::is_same_v<std::decay_t<decltype(v)>, std::monostate>) json.null();
          else json.value(v);
        },
        value);
  }
  json.end_object().end_object();
  return out;
}

Result<Session> Session::restore(Flow flow, std::string_view text) {
  const auto broken = [](std::string what) {
    return Error(ErrorCode::corrupt, "a stored session cannot be read: " + std::move(what), "start the call anew");
  };
  auto document = parse_document(text, "session");
  if (!document) return broken(document.error().message());
  const Node& doc = *document;
  const Program& p = flow.program();
  const auto text_at = [&](std::string_view key) {
    const Node* node = doc.find(key);
    return node ? node->text() : std::string();
  };
  if (text_at("flow") != p.id || text_at("fingerprint") != p.fingerprint)
    return Error(ErrorCode::version_mismatch, "the session was stored by flow `" + text_at("flow") + "`, version " + text_at("fingerprint"),
                 "restore it with the same version, which is " + p.fingerprint + " here");
  Session s(std::move(flow));
  bool good = true;
  const auto number = [&](std::string_view key, auto& into, std::int64_t low, std::int64_t high) {
    const Node* node = doc.find(key);
    const auto v = node ? node->as_int() : std::nullopt;
    if (!v || *v < low || *v > high) good = false;
    else into = static_cast<std::remove_reference_t<decltype(into)>>(*v);
  };
  const auto instant = [&](std::string_view key, Time& into) {
    std::int64_t ns = 0;
    number(key, ns, INT64_MIN, INT64_MAX);
    into = time_from_ns(ns);
  };
  instant("started", s.started_);
  instant("due", s.due_);
  instant("also_due", s.also_due_);
  instant("last_key_at", s.last_key_at_);
  instant("entered", s.node_entered_);
  instant("play_started", s.play_started_);
  const std::string seed = text_at("seed");
  good = good && !seed.empty() && std::all_of(seed.begin(), seed.end(), [](char c) { return c >= '0' && c <= '9'; }) && seed.size() <= 20;
  if (good)
    for (const char c : seed) s.seed_ = s.seed_ * 10 + static_cast<std::uint64_t>(c - '0');
  number("state", s.state_, 0, 65535);
  number("next_id", s.next_id_, 1, 0xffffffff);
  number("play", s.play_id_, 0, 0xffffffff);
  number("request", s.request_id_, 0, 0xffffffff);
  number("steps", s.steps_, 0, 65535);
  number("alone", s.steps_alone_, 0, 65535);
  number("item", s.item_, 0, 65535);
  number("draws", s.random_draws_, 0, 65535);
  int phase = 0, ending = 0;
  number("phase", phase, 0, static_cast<int>(Phase::ended));
  number("ending", ending, 0, static_cast<int>(Ending::limit));
  s.phase_ = static_cast<Phase>(phase);
  s.ending_ = static_cast<Ending>(ending);
  number("part", s.part_, 0, 255);
  number("no_input", s.no_input_, 0, 255);
  number("no_match", s.no_match_, 0, 255);
  number("tries", s.tries_, 0, 255);
  number("rung", s.rung_, 0, 255);
  number("flags", s.flags_, 0, 255);
  number("errors", s.errors_, 0, 255);
  const auto keys = [&](std::string_view key, std::size_t most) {
    std::string typed = text_at(key);
    if (typed.size() <= most && std::all_of(typed.begin(), typed.end(), [](char c) { return key_index(c) >= 0; })) return typed;
    good = false;
    return std::string();
  };
  for (const char key : keys("typed", kMostTyped)) s.type(key);
  for (const char key : keys("ahead", kMostAhead)) s.type_ahead(key);
  if (const std::string key = text_at("last_key"); !key.empty()) s.last_key_ = key[0];
  if (const std::string by = text_at("ended_by"); !by.empty()) s.ended_by_ = by[0];
  const auto nodes = [&](std::string_view key, auto& into, std::uint8_t& length) {
    const Node* list = doc.find(key);
    if (list == nullptr || list->items().size() > into.size()) {
      good = false;
      return;
    }
    for (const Node& item : list->items()) {
      const Index index = p.find(item.text());
      if (index == kNone) good = false;
      else into[length++] = static_cast<std::uint16_t>(index);
    }
  };
  nodes("calls", s.calls_, s.depth_);
  nodes("trail", s.trail_, s.trail_length_);
  const std::string at = text_at("node");
  s.node_ = p.find(at);
  if (s.node_ == kNone && s.phase_ != Phase::fresh && s.phase_ != Phase::ended) good = false;
  const std::string language = text_at("language");
  const auto found = std::find(p.languages.begin(), p.languages.end(), language);
  if (found == p.languages.end()) good = false;
  else s.language_ = static_cast<std::uint16_t>(found - p.languages.begin());
  // A part and an automaton's state that the node does not have would run off a table.
  if (s.node_ != kNone && (s.phase_ == Phase::prompting || s.phase_ == Phase::collecting)) {
    const FlowNode& node = p.nodes[s.node_];
    if (s.part_ >= node.dialogues || s.state_ == 0 || s.state_ >= p.dialogues[node.dialogue + s.part_].digits.size() ||
        (node.type == NodeType::dial_by_name && s.part_ == 1 && s.item_ >= node.people.size()))
      good = false;
  }
  if (s.phase_ != Phase::fresh) {
    s.variables_.reset(p.variables.size());
    const Node* variables = doc.find("variables");
    if (variables == nullptr) good = false;
    else
      for (std::size_t i = 0; i < p.variables.size(); ++i) {
        const Node* v = variables->find(p.variables[i].name);
        if (v == nullptr) continue;
        if (v->quoted()) s.variables_.set(i, std::string_view(v->text()));
        else if (const auto flag = v->as_bool()) s.variables_.set(i, *flag);
        else if (const auto whole = v->as_int()) s.variables_.set(i, *whole);
        else if (const auto real = v->as_double()) s.variables_.set(i, *real);
        else good = false;
      }
  }
  if (!good) return broken("a field is missing or out of range");
  return s;
}

}  // namespace hotline::ivr
