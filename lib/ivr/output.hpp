// The buffers that one step fills; they keep their memory from step to step.
#pragma once

#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "hotline/ivr/action.hpp"
#include "hotline/ivr/engine.hpp"

namespace hotline::ivr {

class Arena {
 public:
  void clear() { block_ = used_ = 0; }
  std::string_view keep(std::string_view text) {
    if (text.empty()) return {};
    while (block_ < blocks_.size() && used_ + text.size() > blocks_[block_].size) {
      ++block_;
      used_ = 0;
    }
    if (block_ == blocks_.size()) {
      const std::size_t size = std::max<std::size_t>(4096, text.size());
      blocks_.push_back({std::make_unique<char[]>(size), size});
    }
    char* to = blocks_[block_].bytes.get() + used_;
    std::memcpy(to, text.data(), text.size());
    used_ += text.size();
    return {to, text.size()};
  }

 private:
  struct Block {
    std::unique_ptr<char[]> bytes;
    std::size_t size;
  };
  std::vector<Block> blocks_;
  std::size_t block_ = 0, used_ = 0;
};

class Output {
 public:
  void clear() {
    actions_.clear();
    parts_.clear();
    arguments_.clear();
    ranges_.clear();
    trace_.clear();
    arena_.clear();
  }
  Action& add(ActionKind kind, std::uint32_t id, std::string_view node) {
    Action& action = actions_.emplace_back();
    action.kind = kind;
    action.id = id;
    action.node = node;
    ranges_.push_back({parts_.size(), 0, arguments_.size(), 0});
    return action;
  }
  void part(const Part& part) {
    parts_.push_back(part);
    ++ranges_.back().parts;
  }
  void argument(std::string_view name, const ValueView& value) {
    arguments_.push_back({name, value});
    ++ranges_.back().arguments;
  }
  std::size_t parts_of_last() const { return ranges_.back().parts; }
  void drop_last() {
    parts_.resize(ranges_.back().first_part);
    arguments_.resize(ranges_.back().first_argument);
    ranges_.pop_back();
    actions_.pop_back();
  }
  std::span<const Action> finish() {
    for (std::size_t i = 0; i < actions_.size(); ++i) {
      actions_[i].parts = {parts_.data() + ranges_[i].first_part, ranges_[i].parts};
      actions_[i].arguments = {arguments_.data() + ranges_[i].first_argument, ranges_[i].arguments};
    }
    return actions_;
  }
  void trace(const Trace& trace) { trace_.push_back(trace); }
  std::span<const Trace> traced() const { return trace_; }
  Arena& arena() { return arena_; }
  std::string scratch;

 private:
  struct Range {
    std::size_t first_part, parts, first_argument, arguments;
  };
  std::vector<Action> actions_;
  std::vector<Part> parts_;
  std::vector<Argument> arguments_;
  std::vector<Range> ranges_;
  std::vector<Trace> trace_;
  Arena arena_;
};

}  // namespace hotline::ivr
