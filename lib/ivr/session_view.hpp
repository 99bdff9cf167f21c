// What testers of flows look at inside of a session.
#pragma once

#include "hotline/ivr/session.hpp"
#include "ivr/program.hpp"

namespace hotline::ivr {

struct SessionView {
  // What the session asks now, or null.
  static const Dialogue* dialogue(const Session& s) {
    const Program& p = s.flow_.program();
    if (s.phase_ != Phase::prompting && s.phase_ != Phase::collecting) return nullptr;
    const FlowNode& node = p.nodes[s.node_];
    return s.part_ < node.dialogues ? &p.dialogues[node.dialogue + s.part_] : nullptr;
  }
  static const FlowNode* node(const Session& s) {
    const Program& p = s.flow_.program();
    return s.node_ < p.nodes.size() ? &p.nodes[s.node_] : nullptr;
  }
  static Index part(const Session& s) { return s.part_; }
};

}  // namespace hotline::ivr
