// A new definition under a running router: everything is found again by its name, contacts keep their ids and keys.
#include <algorithm>

#include "acd/engine.hpp"

namespace hotline::acd {
namespace {

// Old number -> new number by name; kNil where it is gone.
template <class List>
std::vector<std::uint32_t> mapping(const List& before, const List& after) {
  std::unordered_map<std::string_view, std::uint32_t> names;
  for (std::uint32_t i = 0; i < after.size(); ++i) names[after[i].name] = i;
  std::vector<std::uint32_t> map;
  for (const auto& thing : before) {
    const auto found = names.find(thing.name);
    map.push_back(found == names.end() ? kNil : found->second);
  }
  return map;
}
std::uint32_t at(const std::vector<std::uint32_t>& map, std::uint32_t i) { return i < map.size() ? map[i] : kNil; }

Error still_used(const char* kind, const std::string& name) {
  return Error(ErrorCode::wrong_state, std::string(kind) + " `" + name + "` is gone in the new definition and still has contacts",
               "drain it first, or keep it");
}

}  // namespace

Status Engine::redefine(Definition definition) {
  Diagnostics diagnostics(definition.name);
  definition.validate(diagnostics);
  HOTLINE_TRY(diagnostics.status());
  const auto queues = mapping(def_.queues, definition.queues), agents = mapping(def_.agents, definition.agents);
  const auto channels = mapping(def_.channels, definition.channels), sites = mapping(def_.sites, definition.sites);
  const auto skills = mapping(def_.skills, definition.skills), teams = mapping(def_.teams, definition.teams);
  const auto reasons = mapping(def_.reasons, definition.reasons);
  for (const Contact& c : contacts_) {
    if (c.state == ContactState::none) continue;
    if (queues[c.queue] == kNil) return still_used("queue", def_.queues[c.queue].name);
    if (channels[c.channel] == kNil) return still_used("channel", def_.channels[c.channel].name);
  }
  for (std::uint32_t a = 0; a < agents_.size(); ++a)
    if (agents[a] == kNil && (agents_[a].contacts != kNil || agents_[a].offer != kNil)) return still_used("agent", def_.agents[a].name);

  Engine next(std::move(definition), *events_);
  next.now_ = now_;
  next.seq_ = seq_;
  next.ringing_ = ringing_, next.next_offer_ = next_offer_, next.emergency_at_ = emergency_at_;
  next.promises_ = promises_, next.free_promises_ = free_promises_;
  next.notes_ = std::move(notes_), next.note_index_ = std::move(note_index_), next.last_note_ = last_note_;
  next.seen_ = std::move(seen_);
  // Requirements that contacts brought along, in the new numbers; their ids stay.
  for (std::size_t i = 1; i < requirements_.size(); ++i) {
    Requirement r = requirements_[i];
    for (auto& test : r.tests) {
      using Op = Requirement::Op;
      const auto* map = test.op == Op::skill_at_least ? &skills : test.op == Op::site_is ? &sites : test.op == Op::team_is ? &teams : test.op == Op::agent_is ? &agents : nullptr;
      if (map == nullptr) continue;
      const std::uint32_t to = acd::at(*map, test.id - 1);
      if (to == kNil) test = {Op::no, 0, 0};
      else test.id = to + 1;
    }
    next.isolate(r);
    std::string key;
    for (const auto& test : r.tests) {
      key += static_cast<char>(test.op), key += static_cast<char>(test.level);
      key.append(reinterpret_cast<const char*>(&test.id), 4);
    }
    next.requirement_index_.try_emplace(std::move(key), static_cast<std::uint32_t>(i));
    next.requirements_.push_back(std::move(r));
  }
  next.contacts_ = contacts_, next.free_contacts_ = free_contacts_;
  next.contact_nodes_.resize(contacts_.size());
  next.offers_ = offers_, next.free_offers_ = free_offers_, next.exclusions_ = exclusions_, next.free_exclusion_ = free_exclusion_;
  next.timers_.resize(3 * std::max({contacts_.size(), next.agents_.size(), next.queues_.size()}) + 3);
  const auto agent = [&](std::uint32_t& a) { a = acd::at(agents, a); };
  for (Offer& o : next.offers_) agent(o.agent);
  for (Exclusion& e : next.exclusions_) agent(e.agent);
  for (std::uint32_t a = 0; a < agents_.size(); ++a) {
    if (agents[a] == kNil) {
      if (agents_[a].mode != AgentState::logged_out) emit_agent(EventType::logged_out, a, Reason::by_system, now_ - agents_[a].signed_on);
      continue;
    }
    Agent& to = next.agents_[agents[a]];
    Agent from = agents_[a];
    from.group = to.group, from.team = to.team, from.site = to.site, from.units = to.units;
    from.in_pools = 0, from.queued = false;
    const auto load = from.load;
    from.load.fill(0);
    for (std::uint32_t c = 0; c < channels.size(); ++c)
      if (channels[c] != kNil) from.load[channels[c]] = load[c];
    from.reason = ReasonId{acd::at(reasons, from.reason.value - 1) + 1};
    from.pending_reason = ReasonId{acd::at(reasons, from.pending_reason.value - 1) + 1};
    from.watches.erase(std::remove_if(from.watches.begin(), from.watches.end(), [&](Watch& w) { return (w.by = acd::at(agents, w.by)) == kNil; }), from.watches.end());
    Group& group = next.groups_[to.group];
    --group.in_state[static_cast<std::size_t>(to.shown)];
    ++group.in_state[static_cast<std::size_t>(from.shown)];
    if (from.mode != AgentState::logged_out) ++next.team_counts_[from.team + 1].logged_in;
    to = std::move(from);
    next.set_agent_timer(agents[a]);
  }
  for (std::uint32_t q = 0; q < queues_.size(); ++q)
    if (queues[q] != kNil) {
      Queue& to = next.queues_[queues[q]];
      to.draining = queues_[q].draining, to.chooser = queues_[q].chooser, to.ringing = queues_[q].ringing, to.dialling = queues_[q].dialling;
      to.last_agent = acd::at(agents, queues_[q].last_agent);
      to.next_offer = queues_[q].next_offer;
    }
  for (std::uint32_t t = 0; t < team_choosers_.size(); ++t) {
    const std::uint32_t to = t == 0 ? 0 : acd::at(teams, t - 1) + 1;
    if (t == 0 || to != 0) next.team_choosers_[to] = team_choosers_[t];
  }
  for (std::uint32_t i = 0; i < next.contacts_.size(); ++i) {
    Contact& c = next.contacts_[i];
    if (c.state == ContactState::none) continue;
    agent(c.agent), agent(c.prefer);
    c.queue = queues[c.queue];
    c.came_from = acd::at(queues, c.came_from);
    c.channel = static_cast<std::uint8_t>(channels[c.channel]);
    c.site = acd::at(sites, c.site);
    if (c.sticky && c.prefer == kNil) c.sticky = false, c.step_at = now_;
    const auto steps = static_cast<std::uint32_t>(std::max<std::size_t>(1, next.def_.queues[c.queue].steps.size()));
    c.steps &= ((1u << steps) - 1) | kAnybody;
    if (c.steps == 0) c.steps = 1u << (steps - 1);
    c.step = std::min<std::uint8_t>(c.step, static_cast<std::uint8_t>(steps));
    if (c.state == ContactState::waiting) {
      c.lane = kNil, c.pending = false;
      next.touch_contact(i);
    } else {
      next.set_timer(i);
      if (c.state == ContactState::connecting) next.timers_.set(timer_of_contact(i), kForever);
    }
  }
  std::sort(next.to_match_.begin(), next.to_match_.end(), [&](std::uint32_t a, std::uint32_t b) { return next.contact_key(next.contacts_[a]) < next.contact_key(next.contacts_[b]); });
  next.names_ = std::move(names_), next.free_names_ = std::move(free_names_), next.by_name_ = std::move(by_name_);
  next.commands_ = std::move(commands_), next.command_ring_ = std::move(command_ring_), next.command_at_ = command_at_;
  next.gone_names_ = std::move(gone_names_);
  *this = std::move(next);
  for (std::uint32_t a = 0; a < agents_.size(); ++a) touch_agent(a);
  for (std::uint32_t q = 0; q <= queues_.size(); ++q) touch_queue(q);  // whatever held them back is looked at again
  Event e;
  e.at = time_from_ns(now_), e.type = EventType::definition_changed, e.value = def_.version;
  events_->push_back(e);
  settle();
  advance(now_);
  return {};
}

}  // namespace hotline::acd
