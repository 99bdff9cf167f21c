// The knowledge base as text: commands with JSON fields in, JSON out. What scenarios, C and Python speak.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "hotline/kb/knowledge_base.hpp"

namespace hotline::kb {

struct Event {
  std::string type;
  std::string json;  // an object
};

// article.put {id, title, ..., state?: draft|published}   -> article.kept {id, revision}
// article.publish {id, revision} · article.withdraw {id} · article.rate {id, agent, stars, remark?}
// article.show {citation: id | id@revision | id@revision#anchor}   -> article {citation, heading, text, revision, state, article}
// article.current {id, any filter}   -> article {revision, state, article}: what a search would show
// article.pin {question, id, pin: top|bury|none} 
// synonyms.set {library?, synonyms: [{from, to, weight?, way?}], by?, note?} · synonyms.restore {library?, version, by?, note?}
// synonyms.list {library?, version?} -> synonym {...} for each · synonyms.history {library?} -> version {...} for each
// synonyms.try {library?, synonyms, questions?, any filter} -> trial {question, expected, place_before, place_after, before, after}
//       for each; without questions, of those that were saved · questions.save {questions: [{question, article?}]} · questions.list {}
// search {question, limit?, offset?, detail?: ids|marks|explain, any filter}  -> hit {...} for each, or nothing_found {notes}
// speak {question, any filter}       -> speak {...hit} | choose {choices} | agent {}
// suggest {typed, limit?, any filter} -> suggestion {...} for each
// similar {text, limit?}             -> hit {...}
// ask {question, agent?, channel?, any filter}  -> asked {asking} and hits; choose {asking, id} · solved {asking, yes}
// learn {} -> learned {articles} · verify {} -> verified {articles, entries, problems} · refresh {} · optimize {}
// Errors: invalid_argument for an unknown verb, and those of the methods.
Result<std::vector<Event>> apply(KnowledgeBase& kb, Time at, std::string_view verb, const Node& fields);

// {"channel": "citizen", "jurisdiction": "440100", "libraries": [...], "kinds": [...], "audience", "department",
//  "catalogue", "regions": "own|also_others", "validity": "valid|any"}; other keys are left alone.
// Errors: invalid_definition.
Result<Filters> filters_from(const Node& node);

std::string to_json(const Hit& hit);
std::string to_json(const Results& results);
std::string to_json(const SpokenAnswer& answer);
std::string to_json(const Suggestion& suggestion);
std::string to_json(const Revision& revision);
std::string to_json(const Cited& cited);
std::string to_json(const Report& report);
std::string to_json(const Verification& verification);
std::string to_json(const IndexStatistics& statistics);
Result<ReportOptions::Kind> report_kind(std::string_view name);

}  // namespace hotline::kb
