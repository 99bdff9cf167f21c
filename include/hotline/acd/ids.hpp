// Strong ids of the router. Zero is nobody.
#pragma once

#include <cstdint>

#include "hotline/base/id.hpp"

namespace hotline::acd {

// A definition numbers its queues, agents, skills, teams, sites and channels from 1 in the author's order.
using QueueId = Id<struct QueueTag, std::uint32_t>;
using AgentId = Id<struct AgentTag, std::uint32_t>;
using SkillId = Id<struct SkillTag, std::uint32_t>;
using TeamId = Id<struct TeamTag, std::uint32_t>;
using SiteId = Id<struct SiteTag, std::uint32_t>;
using ChannelId = Id<struct ChannelTag, std::uint32_t>;
using ReasonId = Id<struct ReasonTag, std::uint32_t>;  // why an agent is not ready; 0: none given

using NoteId = Id<struct NoteTag, std::uint32_t>;      // a free text (Router::note): why a supervisor did it; 0: none

// Handed out by the router and never twice, not even when its slot is used again.
using ContactId = Id<struct ContactTag>;
using OfferId = Id<struct OfferTag>;

// A requirement that a contact brings along, interned by Router::require; 0: only its queue's.
using RequirementId = Id<struct RequirementTag, std::uint32_t>;

}  // namespace hotline::acd
