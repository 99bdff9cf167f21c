// Strong ids: a ContactId is not an AgentId, and 0 is nobody.
#pragma once

#include <compare>
#include <cstdint>
#include <functional>

namespace hotline {

template <class Tag, class Rep = std::uint64_t>
struct Id {
  Rep value = 0;

  constexpr Id() = default;
  constexpr explicit Id(Rep v) : value(v) {}
  constexpr explicit operator bool() const { return value != 0; }
  constexpr auto operator<=>(const Id&) const = default;
};

}  // namespace hotline

template <class Tag, class Rep>
struct std::hash<hotline::Id<Tag, Rep>> {
  std::size_t operator()(hotline::Id<Tag, Rep> id) const noexcept { return std::hash<Rep>{}(id.value); }
};
