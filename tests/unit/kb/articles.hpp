// Articles of a word or two, as most tests want them.
#pragma once

#include <string>
#include <utility>

#include "hotline/kb/knowledge_base.hpp"

namespace hotline::kb {

const Time kNow = parse_time("2026-11-22T08:00:00+08:00").value();

inline Article make(std::string id, std::string title, std::string body, std::string jurisdiction = "") {
  Article a;
  a.id = std::move(id);
  a.library = "qa";
  a.title = std::move(title);
  a.body = std::move(body);
  a.jurisdiction = std::move(jurisdiction);
  return a;
}

inline void publish(KnowledgeBase& kb, const Article& a) { kb.put(a, kNow, {.state = State::published}).value(); }

}  // namespace hotline::kb
