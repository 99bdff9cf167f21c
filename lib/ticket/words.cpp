#include "ticket/words.hpp"

#include "hotline/text/analysis.hpp"

namespace hotline::ticket {

std::vector<std::string> words_of(std::string_view original, bool question) {
  text::Normalised folded;
  text::normalise(original, folded);
  const std::u32string_view all = folded.text;
  std::vector<std::string> out;
  const auto kind = [](char32_t c) {
    const auto script = text::script_of(c);
    return script == text::Script::other ? 0 : script == text::Script::han ? 1 : 2;
  };
  for (std::size_t i = 0; i < all.size();) {
    const int what = kind(all[i]);
    std::size_t end = i + 1;
    while (end < all.size() && kind(all[end]) == what) ++end;
    const auto run = all.substr(i, end - i);
    i = end;
    if (what == 2) out.push_back(text::to_utf8(run));
    if (what != 1) continue;
    for (std::size_t k = 0; k + 1 < run.size(); ++k) out.push_back(text::to_utf8(run.substr(k, 2)));
    if (!question || run.size() == 1)
      for (std::size_t k = 0; k < run.size(); ++k) out.push_back(text::to_utf8(run.substr(k, 1)));
  }
  return out;
}

}  // namespace hotline::ticket
