#include "hotline/acd/explain.hpp"

#include <algorithm>
#include <array>

#include "acd/engine.hpp"

namespace hotline::acd {
namespace {

constexpr auto kWhys = std::to_array<std::string_view>(
    {"offered", "serving", "first_choice", "not_logged_in", "not_ready", "pending", "delayed", "has_offer", "no_capacity",
     "not_member", "requirement", "later_step", "sticky_elsewhere", "excluded", "reserved", "others_first", "throttled",
     "policy", "calling_back", "not_waiting", "unknown"});
constexpr auto kSentences = std::to_array<std::string_view>(
    {"it is being offered to this agent now", "this agent has it", "this agent would be offered it now", "the agent is not logged in",
     "the agent is not ready", "the agent leaves as soon as the present work ends", "the agent has a short rest after a missed or refused offer",
     "the agent has another offer", "the agent has no capacity left for this channel", "the agent does not serve this queue",
     "the agent does not meet the requirement", "the agent fits only a step that is not open yet",
     "the contact waits for its preferred agent", "the agent missed or refused this contact a short while ago",
     "the last idle agents of the team are kept in reserve", "other contacts come first for this agent",
     "the queue limits its offers at the moment", "a policy holds it back",
     "the citizen is being called back, or the time agreed for it has not come", "the contact does not wait", "there is no such contact or agent"});
static_assert(kWhys.size() == static_cast<std::size_t>(Why::unknown) + 1 && kSentences.size() == kWhys.size());

}  // namespace

std::string_view to_string(Why why) { return kWhys[std::min(static_cast<std::size_t>(why), kWhys.size() - 1)]; }

Why Engine::why(std::uint32_t at, std::uint32_t agent, std::uint32_t* before) {
  const Contact& c = contacts_[at];
  const Agent& a = agents_[agent];
  const QueueDef& def = def_.queues[c.queue];
  for (std::uint32_t o = c.offers; o != kNil; o = offers_[o].next)
    if (offers_[o].agent == agent) return Why::offered;
  if (c.agent == agent) return Why::serving;
  if (c.state == ContactState::held) return Why::calling_back;
  if (c.state != ContactState::waiting) return Why::not_waiting;
  if (a.mode == AgentState::logged_out) return Why::not_logged_in;
  if (c.sticky && c.prefer != agent) return Why::sticky_elsewhere;
  if (!c.sticky) {
    const Profile& profile = groups_[a.group].profile;
    const bool member = profile.queues.empty() || std::any_of(profile.queues.begin(), profile.queues.end(), [&](auto& m) { return m.queue.value - 1 == c.queue; });
    if (!member) return Why::not_member;
    if (!test_bit(lanes_[c.lane].groups, a.group)) {
      for (std::uint32_t i = 0; i < def.steps.size(); ++i)
        if (!(c.steps >> i & 1) && i > c.step && meets(def.steps[i].requires_, profile, c.site) && meets(requirements_[c.requirement], profile, c.site)) return Why::later_step;
      return def.after_last == AfterLast::anybody && !(c.steps & kAnybody) && !def.steps.empty() ? Why::later_step : Why::requirement;
    }
  }
  if (a.mode == AgentState::not_ready) return Why::not_ready;
  if (a.pending != AgentState::ready) return Why::pending;
  if (a.offer != kNil) return Why::has_offer;
  if (a.blocked_until > now_) return Why::delayed;
  if (!(free_channels(agent) >> c.channel & 1)) return Why::no_capacity;
  if (excludes(c, agent)) return Why::excluded;
  if (throttled(c.queue)) return Why::throttled;
  if (lanes_[c.lane].reserved && !reserve_allows(queues_[c.queue], def, c, a.team, pools_[lanes_[c.lane].pool], 0)) return Why::reserved;
  explaining_ = true;
  const std::uint32_t chosen = select_contact(agent, free_channels(agent));
  explaining_ = false;
  if (chosen == at) return Why::first_choice;
  if (chosen == kNil) return Why::policy;
  if (before != nullptr) {
    *before = 0;
    const Bits& lanes = groups_[a.group].lanes;
    for (std::size_t w = 0; w < std::min(lanes.size(), nonempty_.size()); ++w)
      for (std::uint64_t bits = lanes[w] & nonempty_[w]; bits != 0; bits &= bits - 1)
        *before += lanes_[w * 64 + static_cast<std::size_t>(__builtin_ctzll(bits))].waiting.rank(contact_nodes_, contact_nodes_[at].key);
  }
  return Why::others_first;
}

Explanation Router::explain(ContactId contact, AgentId agent) const {
  Engine& e = *engine_;
  const std::uint32_t at = e.slot_of(contact), who = e.index_of(agent);
  Explanation x;
  if (at != kNil && who != kNil) x.why = e.why(at, who, &x.before);
  x.sentence = kSentences[static_cast<std::size_t>(x.why)];
  if (x.why == Why::requirement && e.contacts_[at].requirement != 0)
    x.sentence += ": " + e.requirements_[e.contacts_[at].requirement].text;
  else if (x.why == Why::requirement && !e.def_.queues[e.contacts_[at].queue].steps.empty())
    x.sentence += ": " + e.def_.queues[e.contacts_[at].queue].steps[0].requires_.text;
  if (who != kNil && x.why == Why::not_ready && e.agents_[who].reason) x.sentence += " (" + e.def_.reasons[e.agents_[who].reason.value - 1].name + ")";
  return x;
}

ContactExplanation Router::explain(ContactId contact) const {
  Engine& e = *engine_;
  ContactExplanation x;
  const std::uint32_t at = e.slot_of(contact);
  if (at == kNil) {
    x.sentence = kSentences[static_cast<std::size_t>(Why::unknown)];
    return x;
  }
  if (const auto standing = e.standing(contact); standing.ok()) x.position = standing->position;
  std::array<std::uint32_t, kWhys.size()> counts{};
  for (std::uint32_t a = 0; a < e.agents_.size(); ++a) ++counts[static_cast<std::size_t>(e.why(at, a, nullptr))];
  for (std::size_t i = 0; i < counts.size(); ++i)
    if (counts[i] > 0) x.agents.push_back({static_cast<Why>(i), counts[i]});
  std::stable_sort(x.agents.begin(), x.agents.end(), [](auto& a, auto& b) { return a.second > b.second; });
  const Contact& c = e.contacts_[at];
  x.sentence = c.lane != kNil ? "place " + std::to_string(x.position) + " in queue `" + e.def_.queues[c.queue].name + "`, step " + std::to_string(c.step + 1)
                              : "state " + std::string(to_string(c.state));
  for (const auto& [why, count] : x.agents) x.sentence += "; " + std::to_string(count) + " × " + std::string(kSentences[static_cast<std::size_t>(why)]);
  return x;
}

void ContactExplanation::write(JsonWriter& json) const {
  json.begin_object().field("position", position).key("agents").begin_object();
  for (const auto& [why, count] : agents) json.field(to_string(why), count);
  json.end_object().field("sentence", sentence).end_object();
}

}  // namespace hotline::acd
