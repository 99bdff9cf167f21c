// Entries and answers that a flow understands, drawn at random.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "hotline/base/random.hpp"
#include "hotline/ivr/rehearsal.hpp"
#include "ivr/program.hpp"

namespace hotline::ivr {

// Keys that the dialogue takes, with the terminator where more could follow.
std::string valid_entry(const FlowNode& node, Index part, const Dialogue& dialogue, Random& random);
// The texts that a flow's expressions compare with, and a ticket's number.
std::vector<std::string> compared_texts(const Program& program);
// An answer of a kind that the request may have, with every field that its node stores.
Answer any_answer(const Program& program, const Action& action, const std::vector<std::string>& texts, Random& random);

}  // namespace hotline::ivr
