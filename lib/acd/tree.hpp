// An ordered set over numbered things, with ranks: a treap whose nodes lie in a vector that several sets may share
// (a thing is in at most one of them). The priorities are a hash of the number: equal input, equal shape.
// Adding behind the last and taking the first, what queues mostly do, touch only a short spine.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include "acd/pages.hpp"

namespace hotline::acd {

inline constexpr std::uint32_t kNil = 0xffffffffu;

struct Key {
  std::int64_t first = 0;
  std::int64_t second = 0;
  std::uint64_t third = 0;
  auto operator<=>(const Key&) const = default;
};

struct TreeNode {
  Key key;
  std::uint32_t left = kNil, right = kNil, parent = kNil;
  std::uint32_t size = 0;  // of the subtree; 0: in no set
  bool linked() const { return size != 0; }
};
using TreeNodes = std::vector<TreeNode, LargePages<TreeNode>>;

class Tree {
 public:
  bool empty() const { return root_ == kNil; }
  std::uint32_t size(const TreeNodes& nodes) const { return root_ == kNil ? 0 : nodes[root_].size; }
  std::uint32_t first() const { return first_; }
  std::uint32_t last() const { return last_; }

  void insert(TreeNodes& nodes, std::uint32_t at, const Key& key);
  void erase(TreeNodes& nodes, std::uint32_t at);

  std::uint32_t next(const TreeNodes& nodes, std::uint32_t at) const;
  // How many keys are smaller than `key`.
  std::uint32_t rank(const TreeNodes& nodes, const Key& key) const;
  // The one with `rank` smaller ones; rank < size.
  std::uint32_t select(const TreeNodes& nodes, std::uint32_t rank) const;
  // The first whose key is not smaller than `key`, or kNil.
  std::uint32_t lower_bound(const TreeNodes& nodes, const Key& key) const;

 private:
  void rotate_up(TreeNodes& nodes, std::uint32_t at);
  void replace(TreeNodes& nodes, std::uint32_t parent, std::uint32_t from, std::uint32_t to);
  std::uint32_t root_ = kNil, first_ = kNil, last_ = kNil;
};

}  // namespace hotline::acd
