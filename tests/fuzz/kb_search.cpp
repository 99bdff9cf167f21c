// Any bytes as a question, as what is typed, as a document and as a citation: no harm, and index and articles stay equal, in
// a full index and in a small one.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "hotline/kb/knowledge_base.hpp"

using namespace hotline;
using namespace hotline::kb;

namespace {

KnowledgeBase filled(Footprint footprint) {
  KnowledgeBase kb = KnowledgeBase::open(store::Database::open("sqlite::memory:").value(), {}, {}, footprint).value();
  for (int i = 0; i < 20; ++i) {
    Article a;
    a.id = "a" + std::to_string(i);
    a.title = "住房公积金提取 permit " + std::to_string(i);
    a.body = "购买自住住房可以提取。勞動合同。TH-0" + std::to_string(i);
    kb.put(a, Time{}, {.state = State::published}).value();
  }
  kb.set_synonyms("", std::vector<Synonym>{{"房贷", "公积金"}, {"fund", "公积金"}}).value();
  return kb;
}

void check(KnowledgeBase& base, std::string_view text) {
  const std::size_t size = text.size();
  const Results found = base.search(text, {}, Time{}, {.detail = SearchOptions::Detail::explain}).value();
  for (const Hit& h : found.hits) {
    if (!(h.confidence >= 0 && h.confidence <= 1)) std::abort();
    for (const Mark& m : h.title_marks)
      if (m.begin >= m.end || m.end > h.title.size()) std::abort();
    for (const Mark& m : h.snippet_marks)
      if (m.begin >= m.end || m.end > h.snippet.size()) std::abort();
  }
  (void)base.suggest(text, {}, Time{}).value();
  Article fuzzed;
  fuzzed.id = "fuzzed";
  fuzzed.title = std::string(text.substr(0, size / 2));
  fuzzed.body = std::string(text.substr(size / 2));
  fuzzed.number = std::string(text.substr(0, 40));
  if (base.put(fuzzed, Time{}, {.state = State::published}).ok()) {
    static int count = 0;  // of both indexes, in turn
    (void)base.search(text, {}, Time{}).value();
    if (++count % 63 == 0 && !base.verify().value().problems.empty()) std::abort();
  }
  if (const auto citation = citation_from(text); citation.ok()) {
    const bool clear = citation->revision > 0 || citation->article.find('#') == std::string::npos;
    if (clear && citation_from(to_string(*citation)).value() != *citation) std::abort();
    (void)base.cited(*citation);
  }
  std::uint32_t at = 0;
  for (const Passage& p : passages_of(text)) {
    if (p.begin != at || p.text < p.begin || p.end < p.text) std::abort();
    at = p.end;
  }
  if (at != size) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static KnowledgeBase full = filled(Footprint::full), small = filled(Footprint::small);
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check(full, text);
  check(small, text);
  return 0;
}
