#include "acd/tree.hpp"

namespace hotline::acd {
namespace {

std::uint32_t priority(std::uint32_t x) {  // the finaliser of MurmurHash3
  x ^= x >> 16;
  x *= 0x85ebca6bu;
  x ^= x >> 13;
  x *= 0xc2b2ae35u;
  return x ^ x >> 16;
}
std::uint32_t size_of(const TreeNodes& nodes, std::uint32_t at) { return at == kNil ? 0 : nodes[at].size; }

}  // namespace

void Tree::replace(TreeNodes& nodes, std::uint32_t parent, std::uint32_t from, std::uint32_t to) {
  if (parent == kNil) root_ = to;
  else if (nodes[parent].left == from) nodes[parent].left = to;
  else nodes[parent].right = to;
  if (to != kNil) nodes[to].parent = parent;
}

// `at` takes its parent's place; the parent becomes its child.
void Tree::rotate_up(TreeNodes& nodes, std::uint32_t at) {
  const std::uint32_t parent = nodes[at].parent;
  const std::uint32_t total = nodes[parent].size;
  replace(nodes, nodes[parent].parent, parent, at);
  std::uint32_t moved;
  if (nodes[parent].left == at) {
    moved = nodes[at].right;
    nodes[parent].left = moved;
    nodes[at].right = parent;
  } else {
    moved = nodes[at].left;
    nodes[parent].right = moved;
    nodes[at].left = parent;
  }
  if (moved != kNil) nodes[moved].parent = parent;
  nodes[parent].parent = at;
  nodes[parent].size = total - nodes[at].size + size_of(nodes, moved);
  nodes[at].size = total;
}

void Tree::insert(TreeNodes& nodes, std::uint32_t at, const Key& key) {
  TreeNode& node = nodes[at];
  node = {key, kNil, kNil, kNil, 1};
  if (root_ == kNil) {
    root_ = first_ = last_ = at;
    return;
  }
  if (nodes[last_].key < key) {
    node.parent = last_;
    nodes[last_].right = at;
    last_ = at;
  } else {
    std::uint32_t parent = root_;
    for (;;) {
      std::uint32_t& child = key < nodes[parent].key ? nodes[parent].left : nodes[parent].right;
      if (child == kNil) {
        child = at;
        break;
      }
      parent = child;
    }
    node.parent = parent;
    if (key < nodes[first_].key) first_ = at;
  }
  for (std::uint32_t up = node.parent; up != kNil; up = nodes[up].parent) ++nodes[up].size;
  while (nodes[at].parent != kNil && priority(at) > priority(nodes[at].parent)) rotate_up(nodes, at);
}

void Tree::erase(TreeNodes& nodes, std::uint32_t at) {
  if (first_ == at) first_ = next(nodes, at);
  if (last_ == at) {
    std::uint32_t before = nodes[at].left;
    if (before == kNil) {
      before = nodes[at].parent;
    } else {
      while (nodes[before].right != kNil) before = nodes[before].right;
    }
    last_ = before;
  }
  while (nodes[at].left != kNil && nodes[at].right != kNil) {
    const std::uint32_t left = nodes[at].left, right = nodes[at].right;
    rotate_up(nodes, priority(left) > priority(right) ? left : right);
  }
  const std::uint32_t child = nodes[at].left != kNil ? nodes[at].left : nodes[at].right;
  replace(nodes, nodes[at].parent, at, child);
  for (std::uint32_t up = nodes[at].parent; up != kNil; up = nodes[up].parent) --nodes[up].size;
  nodes[at].left = nodes[at].right = nodes[at].parent = kNil;
  nodes[at].size = 0;
}

std::uint32_t Tree::next(const TreeNodes& nodes, std::uint32_t at) const {
  if (nodes[at].right != kNil) {
    at = nodes[at].right;
    while (nodes[at].left != kNil) at = nodes[at].left;
    return at;
  }
  std::uint32_t parent = nodes[at].parent;
  while (parent != kNil && nodes[parent].right == at) {
    at = parent;
    parent = nodes[at].parent;
  }
  return parent;
}

std::uint32_t Tree::rank(const TreeNodes& nodes, const Key& key) const {
  std::uint32_t below = 0;
  for (std::uint32_t at = root_; at != kNil;) {
    if (nodes[at].key < key) {
      below += 1 + size_of(nodes, nodes[at].left);
      at = nodes[at].right;
    } else {
      at = nodes[at].left;
    }
  }
  return below;
}

std::uint32_t Tree::select(const TreeNodes& nodes, std::uint32_t rank) const {
  std::uint32_t at = root_;
  for (;;) {
    const std::uint32_t left = size_of(nodes, nodes[at].left);
    if (rank == left) return at;
    if (rank < left) {
      at = nodes[at].left;
    } else {
      rank -= left + 1;
      at = nodes[at].right;
    }
  }
}

std::uint32_t Tree::lower_bound(const TreeNodes& nodes, const Key& key) const {
  std::uint32_t found = kNil;
  for (std::uint32_t at = root_; at != kNil;) {
    if (nodes[at].key < key) {
      at = nodes[at].right;
    } else {
      found = at;
      at = nodes[at].left;
    }
  }
  return found;
}

}  // namespace hotline::acd
