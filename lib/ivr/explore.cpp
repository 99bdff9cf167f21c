#include "hotline/ivr/explore.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <set>
#include <unordered_map>

#include "hotline/base/json.hpp"
#include "hotline/base/random.hpp"
#include "hotline/ivr/engine.hpp"
#include "hotline/ivr/rehearsal.hpp"
#include "ivr/hours.hpp"
#include "ivr/node_spec.hpp"
#include "ivr/program.hpp"

namespace hotline::ivr {
namespace {

const Time kStart = time_from_ns(1'795'399'200'000'000'000);  // a Monday, 10:00 in Beijing

struct Move {
  std::string name;  // what the caller or the host does
  enum class Kind : std::uint8_t { key, keys, silence, played, recorded, short_recording, result, connected } kind;
  char key = 0;
  std::string keys;
  Outcome outcome = Outcome::ok;
  std::string text;  // every field of the answer
  bool first_only = false;  // the other fields are missing
};

// A call that stands still, waiting for somebody.
struct Standing {
  Session session;
  Time now;
  std::uint32_t play = 0, request = 0;
  std::size_t parent = 0, beginning = 0;
  std::string move;
  std::size_t steps = 0;
  bool good = false, ended = false, broken = false;
  std::vector<std::size_t> to;
};

void literals(const expr::Term& term, std::set<std::string>& texts) {
  if (term.kind() == expr::Term::Kind::literal && term.value().kind() == expr::Kind::string) texts.emplace(term.value().as_string());
  for (std::size_t i = 0; i < term.size(); ++i) literals(term.child(i), texts);
}

class Explorer {
 public:
  Explorer(const Flow& flow, const ExploreLimits& limits) : flow_(flow), p_(flow.program()), limits_(limits), engine_(flow), coverage_(flow) {
    for (const FlowNode& node : p_.nodes) {
      const auto watch = [&](Index e) {
        if (e >= p_.expressions.size()) return;
        for (const auto& [unused, slot] : p_.expressions[e].reads) watched_.insert(slot);
        if (p_.expressions[e].program) literals(p_.expressions[e].program->root(), texts_);
      };
      for (const Case& c : node.cases) watch(c.expression);
      if (node.type == NodeType::loop) {
        watched_.insert(node.store);
        watch(node.value);
      }
    }
    texts_.insert("20260001");
    liveness();
    while (texts_.size() > 12) texts_.erase(std::prev(texts_.end()));
  }

  Explored run() {
    const std::vector<Beginning> all = beginnings();
    for (std::size_t i = 0; i < all.size(); ++i) {
      Standing first{Session(flow_), all[i].at};
      first.beginning = i;
      first.move = all[i].name;
      take(first, engine_.start(first.session, {.caller = "13800138000", .seed = all[i].seed}, all[i].at));
      add(std::move(first));
    }
    for (std::size_t at = 0; at < states_.size(); ++at) {
      if (states_[at].ended) continue;
      for (const Move& move : moves(states_[at])) {
        Standing next = states_[at];
        next.to.clear();
        next.parent = at;
        next.move = move.name;
        next.steps = states_[at].steps + (move.kind == Move::Kind::played ? 0 : 1);
        next.good = false;
        perform(next, move);
        ++report_.transitions;
        const std::size_t to = add(std::move(next));
        if (to == kFull) {
          report_.complete = false;
          continue;
        }
        states_[at].to.push_back(to);
      }
      hang_up(at);
    }
    judge();
    silent();
    report_.states = states_.size();
    report_.visited.assign(visited_.begin(), visited_.end());
    report_.exits.assign(exits_.begin(), exits_.end());
    report_.coverage = coverage_.report();
    return std::move(report_);
  }

 private:
  static constexpr std::size_t kFull = SIZE_MAX;
  static constexpr Index kBeginning = kNone - 1;  // stands among the variables for the hour and the draws

  struct Beginning {
    std::string name;
    Time at;
    std::uint64_t seed;
  };

  // Calls at an hour of each kind that the calendars have, and calls whose first draw falls into each share.
  std::vector<Beginning> beginnings() const {
    std::vector<Beginning> all{{"", kStart, 0}};
    for (const auto& calendar : p_.calendars) {
      std::set<Hours::State> seen{calendar.hours->at(kStart)};
      for (Time at = kStart - std::chrono::hours(24 * 300); at < kStart + std::chrono::hours(24 * 366) && seen.size() < 3; at += std::chrono::hours(1))
        if (seen.insert(calendar.hours->at(at)).second) all.push_back({"(at " + hotline::to_string(at) + ")", at, 0});
    }
    for (const FlowNode& node : p_.nodes) {
      if (node.type != NodeType::percent) continue;
      int low = 0;
      for (const Case& share : node.cases) {
        for (std::uint64_t seed = 0; seed < 10'000; ++seed) {
          const auto draw = static_cast<int>(Random(seed, 0).below(100));
          if (draw < low || draw >= low + share.percent) continue;
          all.push_back({"(draws " + std::to_string(draw) + ")", kStart, seed});
          break;
        }
        low += share.percent;
      }
    }
    return all;
  }

  // Which watched variables can still be read from a node on, before they get another value.
  void liveness() {
    live_.assign(p_.nodes.size(), {});
    const auto reads = [&](const FlowNode& node, std::set<Index>& into) {
      const auto add = [&](Index e) {
        if (e < p_.expressions.size())
          for (const auto& [unused, slot] : p_.expressions[e].reads)
            if (watched_.contains(slot)) into.insert(slot);
      };
      for (const Case& c : node.cases) add(c.expression);
      for (const Assignment& a : node.sets) add(a.expression);
      for (const NamedExpression& a : node.arguments)
        if (node.type == NodeType::subflow) add(a.expression);
      if (node.type == NodeType::loop) add(node.value), into.insert(node.store);
      if (node.type == NodeType::schedule || node.type == NodeType::percent) into.insert(kBeginning);
    };
    for (bool changed = true; changed;) {
      changed = false;
      for (Index i = 0; i < p_.nodes.size(); ++i) {
        const FlowNode& node = p_.nodes[i];
        std::set<Index> live = live_[i];
        reads(node, live);
        std::set<Index> set;
        for (const Assignment& a : node.stores) set.insert(a.slot);
        if (node.type == NodeType::set)
          for (const Assignment& a : node.sets) set.insert(a.slot);
        if (node.type != NodeType::loop && node.type != NodeType::fax_send) set.insert(node.store);
        const auto flow_back = [&](Index to, bool assigned) {
          if (to == target::main) to = p_.main;
          if (to == target::agent) to = p_.agent;
          if (to == target::repeat) to = i;
          if (to >= p_.nodes.size()) return;
          for (const Index slot : live_[to])
            if (!assigned || !set.contains(slot)) live.insert(slot);
        };
        for (const Exit& exit : node.exits) flow_back(exit.to, exit.name == "ok" || exit.name == "next" || exit.name == "saved" || exit.name == "hangup_saved");
        if (node.handler != kNone) flow_back(node.handler, false);
        if (node.type == NodeType::subflow && node.index_of_scope != kNone) flow_back(p_.scopes[node.index_of_scope].start, false);
        if (node.type == NodeType::give_back)
          for (const FlowNode& caller : p_.nodes)
            if (caller.type == NodeType::subflow && caller.index_of_scope == node.scope)
              for (const Exit& exit : caller.exits) flow_back(exit.to, false);
        if (node.dialogue != kNone)
          for (const GlobalKey& key : p_.dialogues[node.dialogue].globals) {
            if (key.action == GlobalAction::agent) flow_back(p_.agent, false);
            if (key.action == GlobalAction::main) flow_back(p_.main, false);
            if (key.action == GlobalAction::go_to) flow_back(key.to, false);
            if (key.action == GlobalAction::back)
              for (Index m = 0; m < p_.nodes.size(); ++m)
                if (p_.nodes[m].type == NodeType::menu) flow_back(m, false);
          }
        if (live.size() != live_[i].size()) live_[i] = std::move(live), changed = true;
      }
    }
  }

  std::string key_of(const Standing& s) const {
    if (s.ended) return s.broken ? "!" + std::string(s.session.node()) : "$";
    const std::string stored = s.session.serialise();
    // Times, ids and counts that only grow do not make another state.
    std::string key;
    static constexpr std::string_view kParts[] = {"\"node\":", "\"state\":", "\"item\":", "\"phase\":", "\"part\":", "\"no_input\":",
                                                  "\"no_match\":", "\"tries\":", "\"flags\":", "\"typed\":", "\"calls\":", "\"trail\":"};
    for (const std::string_view part : kParts) {
      const auto from = stored.find(part);
      if (from == stored.npos) continue;
      const bool list = part == "\"calls\":" || part == "\"trail\":";
      const auto to = stored.find(list ? ']' : ',', from);
      std::string piece = stored.substr(from, to - from);
      // Of the menus before, `back` reaches the last two.
      if (part == "\"trail\":")
        for (std::size_t cut = piece.rfind(','), n = 0; cut != piece.npos; cut = cut == 0 ? piece.npos : piece.rfind(',', cut - 1))
          if (++n == 2) {
            piece.erase(0, cut);
            break;
          }
      if (part == "\"typed\":") piece = std::to_string(s.session.typed().size());
      key += piece;
    }
    const Index at = p_.find(s.session.node());
    for (const Index slot : watched_)
      if (at == kNone || live_[at].contains(slot)) key += "|" + to_text(view(s.session.variable(p_.variables[slot].name)));
    if (at == kNone || live_[at].contains(kBeginning)) key += "@" + std::to_string(s.beginning);
    return key + (s.play != 0 ? "p" : "") + (s.good ? "g" : "");
  }

  std::size_t add(Standing s) {
    const std::string key = key_of(s);
    const auto known = index_.find(key);
    if (known != index_.end()) return known->second;
    if (states_.size() >= limits_.states) return kFull;
    index_[key] = states_.size();
    states_.push_back(std::move(s));
    return states_.size() - 1;
  }

  void take(Standing& s, std::span<const Action> actions) {
    coverage_.add(engine_.trace());
    for (const Trace& t : engine_.trace()) {
      if (t.kind == TraceKind::enter) visited_.emplace(t.node);
      if (t.kind == TraceKind::leave) exits_.emplace(std::string(t.node) + "/" + std::string(t.exit));
    }
    s.play = 0;
    for (const Action& a : actions) {
      if (a.kind == ActionKind::play && !a.repeat) s.play = a.id;
      if (a.kind == ActionKind::stop) s.play = 0;
      if (a.wait && a.kind >= ActionKind::query && a.kind <= ActionKind::fax_receive) s.request = a.id;
      if (a.kind == ActionKind::record) s.request = a.id;
      if (a.kind == ActionKind::queue || a.kind == ActionKind::transfer || a.kind == ActionKind::callback) s.good = true;
      if (a.kind == ActionKind::ticket && (a.target == "create" || a.target == "supplement")) s.good = true;
      if (a.kind == ActionKind::play) {
        Duration length{};
        for (const Part& part : a.parts) length += speaking_time(part, a.rate_percent);
        last_speech_ = length;
      }
    }
    s.ended = s.session.ended();
    s.broken = s.session.ending() == Ending::error || s.session.ending() == Ending::limit;
    s.good = s.good || (s.ended && !s.broken);
  }

  void perform(Standing& s, const Move& move) {
    switch (move.kind) {
      case Move::Kind::key:
        s.now += std::chrono::milliseconds(200);
        return take(s, engine_.step(s.session, Event::digit(move.key), s.now));
      case Move::Kind::keys: {
        bool good = false;
        for (const char key : move.keys) {
          s.now += std::chrono::milliseconds(200);
          take(s, engine_.step(s.session, Event::digit(key), s.now));
          good = good || s.good;
        }
        s.good = good;
        return;
      }
      case Move::Kind::silence:
        s.now = std::max(s.now, s.session.deadline());
        return take(s, engine_.step(s.session, Event::timer(), s.now));
      case Move::Kind::played:
        s.now += std::chrono::seconds(1);
        return take(s, engine_.step(s.session, Event::played(s.play), s.now));
      case Move::Kind::recorded:
        s.now += std::chrono::seconds(8);
        return take(s, engine_.step(s.session, Event::recorded(s.request, "r.wav", std::chrono::seconds(8), RecordingEnd::key), s.now));
      case Move::Kind::short_recording:
        s.now += std::chrono::seconds(1);
        return take(s, engine_.step(s.session, Event::recorded(s.request, "r.wav", std::chrono::milliseconds(100), RecordingEnd::key), s.now));
      case Move::Kind::connected:
        s.now += std::chrono::seconds(5);
        return take(s, engine_.step(s.session, Event::answered(s.request), s.now));
      case Move::Kind::result: {
        std::vector<Field> fields;
        const Index node = p_.find(s.session.node());
        for (const Assignment& store : p_.nodes[node].stores)
          if (fields.empty() || !move.first_only) fields.push_back({store.field, move.text});
        s.now += std::chrono::seconds(1);
        return take(s, engine_.step(s.session, Event::result(s.request, move.outcome, fields), s.now));
      }
    }
  }

  std::vector<Move> moves(const Standing& s) const {
    std::vector<Move> list;
    const Index index = p_.find(s.session.node());
    if (index == kNone) return list;
    const FlowNode& node = p_.nodes[index];
    switch (s.session.phase()) {
      case Phase::playing:
        if (s.play != 0) list.push_back({"", Move::Kind::played});
        else list.push_back({"(wait)", Move::Kind::silence});
        return list;
      case Phase::prompting:
        list.push_back({"", Move::Kind::played});
        return list;
      case Phase::collecting: keys(s, node, list); return list;
      case Phase::recording:
        list.push_back({"(speak) #", Move::Kind::recorded});
        list.push_back({"#", Move::Kind::short_recording});
        return list;
      case Phase::waiting: {
        std::set<Outcome> outcomes{Outcome::ok, Outcome::error};
        if (node.type == NodeType::query || node.type == NodeType::ticket || node.type == NodeType::kb) outcomes = {Outcome::ok, Outcome::empty, Outcome::error, Outcome::timeout};
        if (node.type == NodeType::queue) outcomes = {Outcome::answered, Outcome::timeout, Outcome::error};
        if (node.type == NodeType::transfer) outcomes = {Outcome::answered, Outcome::busy, Outcome::no_answer, Outcome::failed};
        for (const Outcome outcome : outcomes) {
          if (outcome == Outcome::ok && !node.stores.empty())
            for (const std::string& text : texts_) {
              list.push_back({"(ok)", Move::Kind::result, 0, "", outcome, text});
              if (node.stores.size() > 1) list.push_back({"(ok)", Move::Kind::result, 0, "", outcome, text, true});
            }
          else list.push_back({"(" + std::string(to_string(outcome)) + ")", Move::Kind::result, 0, "", outcome, "1"});
        }
        if (node.type == NodeType::queue && node.key != 0) list.push_back({std::string(1, node.key), Move::Kind::key, node.key});
        return list;
      }
      default: return list;
    }
  }

  void keys(const Standing& s, const FlowNode& node, std::vector<Move>& list) const {
    list.push_back({"(silence)", Move::Kind::silence});
    // Keys that the automaton treats alike need one try only.
    std::set<std::string> seen;
    for (std::size_t k = 0; k < 12; ++k) {
      const char key = kKeyNames[k];
      Standing trial = s;
      trial.to.clear();
      std::vector<std::string> traced;
      const auto actions = engine_.step(trial.session, Event::digit(key), s.now + std::chrono::milliseconds(200));
      std::string outcome = std::string(trial.session.node()) + to_string(trial.session.phase()).data();
      for (const Trace& t : engine_.trace())
        if (t.kind != TraceKind::choice) outcome += std::string(to_string(t.kind)) + std::string(t.exit);
      outcome += std::to_string(actions.size()) + "/" + std::to_string(trial.session.typed().size());
      if (seen.insert(outcome).second) list.push_back({std::string(1, key), Move::Kind::key, key});
    }
    if (node.type == NodeType::collect && node.check != Check::none && s.session.typed().empty()) {
      static const std::map<Check, std::string> kExamples = {{Check::luhn, "79927398713"}, {Check::id_card, "11010519491231002*"}, {Check::date, "20260101"}, {Check::phone, "13800138000"}};
      list.push_back({kExamples.at(node.check), Move::Kind::keys, 0, kExamples.at(node.check)});
    }
    if (node.type == NodeType::dial_by_name && s.session.typed().empty())
      for (const Person& person : node.people) list.push_back({person.keys + "#", Move::Kind::keys, 0, person.keys + "#"});
  }

  std::string keys_to(std::size_t at, std::string* trail) const {
    std::vector<std::string> words, nodes;
    for (std::size_t i = at;; i = states_[i].parent) {
      if (!states_[i].move.empty()) words.push_back(states_[i].move);
      const std::string node(states_[i].session.node());
      if (nodes.empty() || nodes.back() != node) nodes.push_back(node);
      if (i == 0) break;
    }
    std::string text;
    for (auto it = words.rbegin(); it != words.rend(); ++it) text += (text.empty() ? "" : " ") + *it;
    for (auto it = nodes.rbegin(); it != nodes.rend(); ++it) *trail += (trail->empty() ? "" : " > ") + *it;
    return text;
  }

  void judge() {
    std::vector<std::vector<std::size_t>> from(states_.size());
    std::vector<std::size_t> distance(states_.size(), kFull);
    std::deque<std::size_t> queue;
    for (std::size_t i = 0; i < states_.size(); ++i) {
      for (const std::size_t to : states_[i].to) from[to].push_back(i);
      if (states_[i].good) distance[i] = 0, queue.push_back(i);
    }
    while (!queue.empty()) {
      const std::size_t at = queue.front();
      queue.pop_front();
      for (const std::size_t before : from[at])
        if (distance[before] == kFull) distance[before] = distance[at] + 1, queue.push_back(before);
    }
    std::set<std::string> told;
    for (std::size_t i = 0; i < states_.size(); ++i) {  // in the order of discovery: the first is the shortest
      const std::string node(states_[i].session.node());
      const bool stuck = distance[i] == kFull && !states_[i].broken && report_.complete;
      if ((stuck || states_[i].broken) && told.insert((stuck ? "s" : "e") + node).second && report_.problems.size() < 50) {
        ExploreProblem problem{stuck ? "stuck" : "error", node, "", ""};
        problem.keys = keys_to(i, &problem.trail);
        report_.problems.push_back(std::move(problem));
      }
      if (distance[i] != kFull && distance[i] > report_.worst_steps) {
        report_.worst_steps = distance[i];
        report_.worst_node = node;
      }
    }
  }

  // The caller hangs up here: whatever is open, the call must come to its end by itself.
  void hang_up(std::size_t at) {
    Standing s = states_[at];
    const std::string node(s.session.node());
    s.now += std::chrono::seconds(1);
    if (s.session.phase() == Phase::recording)
      take(s, engine_.step(s.session, Event::recorded(s.request, "r.wav", std::chrono::seconds(8), RecordingEnd::hangup), s.now));
    take(s, engine_.step(s.session, Event::hangup(), s.now));
    ++report_.transitions;
    for (int i = 0; i < 64 && !s.ended; ++i) {
      if (s.session.phase() != Phase::waiting && s.session.deadline() == Time::max()) break;
      s.now = s.session.phase() == Phase::waiting ? s.now + std::chrono::seconds(1) : std::max(s.now, s.session.deadline());
      take(s, engine_.step(s.session, s.session.phase() == Phase::waiting ? Event::result(s.request, Outcome::ok) : Event::timer(), s.now));
    }
    if ((s.ended && !s.broken) || report_.problems.size() >= 50 || !hung_.insert(node).second) return;
    ExploreProblem problem{"hangup", node, "", ""};
    problem.keys = keys_to(at, &problem.trail);
    problem.keys += problem.keys.empty() ? "(hangs up)" : " (hangs up)";
    report_.problems.push_back(std::move(problem));
  }

  // A caller who listens to everything and presses nothing.
  void silent() {
    Standing s{Session(flow_), kStart};
    take(s, engine_.start(s.session, {}, kStart));
    for (std::size_t i = 0; i < 2000; ++i) {
      if (s.good) {
        report_.silent_ends = true;
        report_.silent_steps = i;
        report_.silent_time = s.now - kStart;
        return;
      }
      if (s.ended) return;
      if (s.play != 0) {
        s.now += last_speech_;
        take(s, engine_.step(s.session, Event::played(s.play), s.now));
      } else if (s.session.phase() == Phase::recording) {
        s.now += std::chrono::seconds(5);
        take(s, engine_.step(s.session, Event::recorded(s.request, "", Duration::zero(), RecordingEnd::silence), s.now));
      } else if (s.session.phase() == Phase::waiting) {
        s.now += std::chrono::seconds(1);
        take(s, engine_.step(s.session, Event::result(s.request, Outcome::ok), s.now));
      } else {
        s.now = std::max(s.now, s.session.deadline());
        take(s, engine_.step(s.session, Event::timer(), s.now));
      }
    }
  }

  Flow flow_;
  const Program& p_;
  ExploreLimits limits_;
  mutable Engine engine_;
  std::set<Index> watched_;
  std::vector<std::set<Index>> live_;
  std::set<std::string> texts_;
  std::deque<Standing> states_;
  std::unordered_map<std::string, std::size_t> index_;
  std::set<std::string> visited_, exits_, hung_;
  CoverageMap coverage_;
  Duration last_speech_{};
  Explored report_;
};

}  // namespace

Explored explore(const Flow& flow, const ExploreLimits& limits) { return Explorer(flow, limits).run(); }

std::string Explored::to_text() const {
  std::string text = std::to_string(states) + " states, " + std::to_string(transitions) + " moves tried" + (complete ? "" : " (stopped at the limit)") + "\n";
  if (ok()) text += "from every state a caller reaches an agent, a saved message or a goodbye, in " + std::to_string(worst_steps) + " moves at most (from `" + worst_node + "`)\n";
  if (silent_ends)
    text += "a caller who presses nothing is served or dismissed after " + hotline::to_string(std::chrono::duration_cast<std::chrono::seconds>(silent_time)) + "\n";
  else text += "a caller who presses nothing is never served or dismissed\n";
  for (const ExploreProblem& problem : problems)
    text += (problem.what == "stuck" ? "stuck at `" : problem.what == "hangup" ? "a hang-up does not end the call at `" : "the call breaks at `") + problem.node + "`: " + (problem.keys.empty() ? "at once" : problem.keys) + "   (" + problem.trail + ")\n";
  text += coverage.to_text();
  return text;
}

std::string Explored::to_json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("ok", ok()).field("states", states).field("transitions", transitions).field("complete", complete);
  json.field("worst_steps", worst_steps).field("worst_node", worst_node).field("silent_ends", silent_ends);
  json.field("silent_seconds", std::chrono::duration<double>(silent_time).count());
  json.key("problems").begin_array();
  for (const ExploreProblem& p : problems)
    json.begin_object().field("what", p.what).field("node", p.node).field("keys", p.keys).field("trail", p.trail).end_object();
  json.end_array().key("visited").begin_array();
  for (const std::string& v : visited) json.value(v);
  json.end_array().key("exits").begin_array();
  for (const std::string& e : exits) json.value(e);
  json.end_array().key("coverage").raw(coverage.to_json()).end_object();
  return out;
}

}  // namespace hotline::ivr
