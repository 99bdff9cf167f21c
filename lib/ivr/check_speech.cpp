// Validation of what a caller goes through: menus and their words, times, languages, leftovers.
#include <algorithm>
#include <map>
#include <queue>
#include <set>

#include "hotline/ivr/rehearsal.hpp"
#include "ivr/check.hpp"

namespace hotline::ivr {
namespace {

// Keys that a Chinese or English menu text offers: 按1, 请按2, press 3, "4 for", in order with where they stand.
std::vector<std::pair<char, std::size_t>> offered(std::string_view text) {
  std::vector<std::pair<char, std::size_t>> keys;
  static constexpr std::string_view kMarks[] = {"按", "press ", "Press ", "dial ", "key "};
  for (const std::string_view mark : kMarks)
    for (std::size_t at = text.find(mark); at != text.npos; at = text.find(mark, at + 1)) {
      const std::size_t k = at + mark.size();
      if (k < text.size() && key_index(text[k]) >= 0 && text[k] < 'A' && !(k + 1 < text.size() && text[k + 1] >= '0' && text[k + 1] <= '9'))
        keys.emplace_back(text[k], at);
    }
  std::sort(keys.begin(), keys.end(), [](auto a, auto b) { return a.second < b.second; });
  return keys;
}

}  // namespace

std::string Checker::spoken(Index prompt, std::uint16_t language) const {
  std::string text;
  if (prompt >= p_.prompts.size()) return text;
  for (const Segment& segment : p_.prompts[prompt].variants[language].segments)
    for (const Piece& piece : segment.pieces) text += piece.kind == Piece::Kind::say ? "□□□" : piece.text;
  return text;
}

Duration Checker::speaking(Index prompt, std::uint16_t language) const {
  Duration total{};
  if (prompt >= p_.prompts.size()) return total;
  for (const Segment& segment : p_.prompts[prompt].variants[language].segments) {
    Part part;
    std::string text;
    for (const Piece& piece : segment.pieces) text += piece.kind == Piece::Kind::say ? "□□□" : piece.text;
    part.text = text;
    part.file = segment.file;
    part.silence = segment.silence;
    total += speaking_time(part);
  }
  return total;
}

void Checker::menus() {
  for (const FlowNode& node : p_.nodes) {
    if (node.type != NodeType::menu || node.dialogue == kNone) continue;
    const Dialogue& d = p_.dialogues[node.dialogue];
    if (d.rules.size() > 5)
      warning("V151", node, "menu `" + node.id + "` has " + std::to_string(d.rules.size()) + " choices", "five are what callers remember: group them");
    const bool agent = std::any_of(d.globals.begin(), d.globals.end(), [](const GlobalKey& k) { return k.action == GlobalAction::agent; }) ||
                       std::any_of(node.exits.begin(), node.exits.end(), [&](const Exit& e) { return e.to == p_.agent || e.to == target::agent; });
    if (!agent) warning("V153", node, "menu `" + node.id + "` has no key for an agent", "add `agent: node` to the flow, then 0 leads there");
    if (d.listening.prompts.empty()) {
      error("V117", node, "menu `" + node.id + "` says nothing", "add `prompt`");
      continue;
    }
    for (std::uint16_t l = 0; l < p_.languages.size(); ++l) {
      if (p_.prompts[d.listening.prompts[0]].variants[l].missing) continue;
      const std::string text = spoken(d.listening.prompts[0], l);
      const auto keys = offered(text);
      if (keys.empty()) continue;
      Part before;
      const std::string head = text.substr(0, keys[0].second);
      before.text = head;
      if (speaking_time(before) > std::chrono::seconds(20))
        warning("V152", node, "callers of menu `" + node.id + "` hear " + hotline::to_string(std::chrono::duration_cast<std::chrono::seconds>(speaking_time(before))) + " before the first choice",
                "say the choices first");
      for (const Rule& rule : d.rules) {
        const bool said = rule.keys.size() != 1 || text.find(rule.keys) != text.npos || (rule.keys == "*" && text.find("星") != text.npos) ||
                          (rule.keys == "#" && text.find("井") != text.npos);
        if (!said) warning("V158", node, "menu `" + node.id + "` takes `" + rule.keys + "` but does not say so in " + p_.languages[l], "add it to the prompt");
      }
      for (const auto& [key, where] : keys) {
        const bool entry = std::any_of(d.rules.begin(), d.rules.end(), [key = key](const Rule& r) { return r.keys[0] == key || is_exact(r.keys) == false; });
        const bool global = d.globals[static_cast<std::size_t>(key_index(key))].action != GlobalAction::none;
        if (!entry && !global)
          warning("V159", node, "menu `" + node.id + "` offers `" + std::string(1, key) + "` in " + p_.languages[l] + ", which it does not take", "add the choice, or change the words");
      }
    }
  }
}

void Checker::listening() {
  for (const FlowNode& node : p_.nodes) {
    if (node.dialogue != kNone && node.dialogues > 0 && node.type != NodeType::record) {
      const Listening& l = p_.dialogues[node.dialogue].listening;
      if (l.first_digit < l.inter_digit)
        warning("V167", node, "node `" + node.id + "` waits longer between keys than for the first one", "raise first_digit_timeout");
      if (!node.listening.no_input.empty() && node.listening.no_input == node.listening.no_match)
        warning("V160", node, "node `" + node.id + "` says the same after silence and after a wrong entry", "say what was wrong");
      for (std::uint16_t lang = 0; !l.barge_in && lang < p_.languages.size(); ++lang)
        if (!l.prompts.empty() && speaking(l.prompts[0], lang) > std::chrono::seconds(15)) {
          warning("V157", node, "node `" + node.id + "` speaks for more than 15 s and cannot be interrupted", "allow barge_in, or shorten it");
          break;
        }
      const Dialogue& d = p_.dialogues[node.dialogue];
      if (node.type == NodeType::collect && l.term != 0 && l.term_timeout > Duration::zero() && node.least == node.most)
        warning("V161", node, "node `" + node.id + "` takes exactly " + std::to_string(d.most) + " digits and then still waits for " + std::string(1, l.term),
                "set term_timeout: 0s");
    }
    if (node.type == NodeType::play && !node.barge_in && speaking(node.prompt, 0) > std::chrono::seconds(15))
      warning("V157", node, "node `" + node.id + "` speaks for more than 15 s and cannot be interrupted", "allow barge_in, or shorten it");
    if (node.type == NodeType::record && !node.review)
      warning("V162", node, "node `" + node.id + "` keeps the recording without letting the caller confirm it", "set review: true");
    if ((node.type == NodeType::query || node.type == NodeType::ticket || node.type == NodeType::kb) && node.second_prompt == kNone && node.scope < p_.scopes.size())
      warning("V163", node, "node `" + node.id + "` is silent while the caller waits for data", "add `holding`");
  }
}

// The shortest way in time from the start to a queue or a transfer. Speech is heard to its end; a silent caller hears every
// prompt as often as the node asks, with the silences between.
Duration Checker::until_agent(Caller caller, std::vector<int>* depth) const {
  constexpr auto kFar = std::numeric_limits<std::int64_t>::max();
  std::vector<std::int64_t> time(p_.nodes.size(), kFar);
  using Entry = std::pair<std::int64_t, Index>;
  std::priority_queue<Entry, std::vector<Entry>, std::greater<>> queue;
  time[p_.start] = 0;
  if (depth != nullptr) (*depth)[p_.start] = 0;
  queue.push({0, p_.start});
  std::int64_t nearest = kFar;
  while (!queue.empty()) {
    const auto [at, index] = queue.top();
    queue.pop();
    if (at > time[index]) continue;
    const FlowNode& node = p_.nodes[index];
    if (node.type == NodeType::queue || node.type == NodeType::transfer) nearest = std::min(nearest, at);
    Duration own{};
    if (node.prompt != kNone && node.type != NodeType::queue) own += speaking(node.prompt, 0);
    const bool listens = node.dialogue != kNone && node.type != NodeType::record;
    if (listens) {
      const Listening& l = p_.dialogues[node.dialogue].listening;
      const int rounds = caller == Caller::silent ? std::min(l.max_no_input, l.max_attempts) : 1;
      for (int round = 0; round < rounds && !l.prompts.empty(); ++round) {
        own += speaking(l.prompts[std::min<std::size_t>(static_cast<std::size_t>(round), l.prompts.size() - 1)], 0);
        if (caller == Caller::silent) own += l.first_digit;
      }
    }
    std::vector<Index> ways;
    if (caller == Caller::quick) ways = successors(index, true);
    else
      for (const Exit& exit : node.exits)
        if (!listens || exit.name == "exhausted" || exit.name == "next") ways.push_back(exit.to == target::agent ? p_.agent : exit.to == target::main ? p_.main : exit.to);
    for (const Index to : ways) {
      if (to >= p_.nodes.size()) continue;
      const std::int64_t then = at + own.count();
      if (depth != nullptr) (*depth)[to] = std::min((*depth)[to], (*depth)[index] + (node.type == NodeType::menu ? 1 : 0));
      if (then < time[to]) {
        time[to] = then;
        queue.push({then, to});
      }
    }
  }
  return nearest == kFar ? Duration::max() : Duration(nearest);
}

void Checker::times() {
  std::vector<int> depth(p_.nodes.size(), 1000);
  const Duration quick = until_agent(Caller::quick, &depth), silent = until_agent(Caller::silent, nullptr);
  for (Index i = 0; i < p_.nodes.size(); ++i)
    if (p_.nodes[i].type == NodeType::menu && depth[i] >= 4 && depth[i] < 1000)
      warning("V154", p_.nodes[i], "menu `" + p_.nodes[i].id + "` is the " + std::to_string(depth[i] + 1) + "th menu in a row", "bring it nearer to the start");
  const auto far = [&](Duration time, const std::string& who) {
    if (time > std::chrono::seconds(120) && time != Duration::max())
      warning("V155", p_.nodes[p_.agent == kNone ? p_.start : p_.agent], who + " needs " + hotline::to_string(std::chrono::duration_cast<std::chrono::seconds>(time)) + " to reach an agent",
              "shorten the prompts on the way");
  };
  far(quick, "a caller who listens to everything");
  if (quick <= std::chrono::seconds(120)) far(silent, "a caller who presses nothing");
}

void Checker::unused() {
  for (const auto& [id, place] : p_.unused_prompts)
    if (!id.starts_with("hotline.") && !allowed("V165", id))
      d_.warning("V165", "the prompt `" + id + "` is never said", "take it away, or say it (prompts that flows share: allow V165)", place, id);
  for (Index i = 0; i < p_.variables.size(); ++i) {
    const VariableDef& variable = p_.variables[i];
    if (variable.builtin) continue;
    const bool read = std::any_of(p_.expressions.begin(), p_.expressions.end(), [&](const Expression& e) {
      return std::any_of(e.reads.begin(), e.reads.end(), [&](const auto& r) { return r.second == i; });
    });
    const bool returned = std::any_of(p_.scopes.begin(), p_.scopes.end(), [&](const Scope& s) {
      return std::find(s.returns.begin(), s.returns.end(), variable.plain) != s.returns.end();
    });
    const bool told = std::any_of(p_.nodes.begin(), p_.nodes.end(), [&](const FlowNode& n) { return n.store == i && n.type == NodeType::record; });
    if (!read && !returned && !told && !allowed("V166", variable.name))
      d_.warning("V166", "the variable `" + variable.name + "` is never read", "take it away", variable.place, variable.name);
  }
  // "2026-11-22" one year before sorts before the date of the last revision, unless that is older.
  if (p_.today.size() != 10 || p_.revised.size() != 10) return;
  const std::string year_ago = std::to_string(std::atoi(p_.today.c_str()) - 1) + p_.today.substr(4);
  if (p_.revised < year_ago && !allowed("V168", ""))
    d_.warning("V168", "the flow was last revised on " + p_.revised, "look through it and set `revised`", p_.revised_at, p_.id);
}

void Checker::languages() {
  for (const FlowNode& node : p_.nodes) {
    if (node.type != NodeType::language) continue;
    for (const auto& [key, language] : node.choices_in) {
      const auto l = static_cast<std::size_t>(std::find(p_.languages.begin(), p_.languages.end(), language) - p_.languages.begin());
      if (l >= p_.languages.size()) continue;
      std::size_t lent = 0;
      for (const Prompt& prompt : p_.prompts)
        if (prompt.variants[l].missing || prompt.variants[l].language != l) ++lent;
      if (lent > 0)
        warning("V164", node, "callers can choose " + language + ", but " + std::to_string(lent) + " prompts are not translated", "translate them");
    }
  }
}

}  // namespace hotline::ivr
