// Words for the full-text index: folded (case, width, traditional characters); Han in pairs, other scripts word by word.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace hotline::ticket {

// For the index: pairs and single characters. For a question: pairs only, where there are two characters.
std::vector<std::string> words_of(std::string_view text, bool question);

}  // namespace hotline::ticket
