// What is asked of a knowledge base, and what it answers. Plain values.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "hotline/kb/article.hpp"
#include "hotline/kb/passage.hpp"

namespace hotline::kb {

// Which articles may be seen. All of it is applied inside scoring: a filter never loses hits that pass it.
struct Filters {
  Channel channel = Channel::agent;   // who asks; citizens and the IVR never see what is not valid
  std::string jurisdiction;           // where: this place and those it lies in, nearer first; "" means everywhere
  std::vector<std::string> libraries; // empty: all
  std::vector<Kind> kinds;            // empty: all but `earlier`
  std::string audience;               // "" or one; articles without an audience are for everybody
  std::string department;             // "" or one
  std::string catalogue;              // "" or the head of a catalogue path
  enum class Regions : std::uint8_t { own, also_others } regions = Regions::own;
  // For agents: drafts, expired and future articles too, labelled, after the valid ones.
  enum class Validity : std::uint8_t { valid, any } validity = Validity::valid;

  bool operator==(const Filters&) const = default;
};

// Bytes of the original text that matched, and why.
struct Mark {
  enum class Kind : std::uint8_t { exact, synonym, same_sound, similar } kind = Kind::exact;
  std::uint32_t begin = 0;
  std::uint32_t end = 0;
};
std::string_view to_string(Mark::Kind kind);

// Why a hit is a hit: one term of the question, or one that stands in for it.
struct Reason {
  std::string term;       // folded
  std::string stream;     // "word", "bigram", "unigram", "gram", "number", "phrase", "learned" (a question asked before)
  std::string expansion;  // "", or "same sound as 便得", "synonym of 房贷", "similar to ..."
  double score = 0;       // what it added
};

enum class Standing : std::uint8_t { valid, expired, future, draft, withdrawn };
std::string_view to_string(Standing standing);

struct Hit {
  std::string id;
  int revision = 0;  // `citation` names both and the passage: KnowledgeBase::cited shows it as it was
  std::string library;
  Kind kind = Kind::qa;
  std::string title;
  std::string number;
  std::string department;
  std::string jurisdiction;
  double score = 0;       // for ordering inside one answer only
  double confidence = 0;  // 0..1: the share of what the question asks (by rarity of its terms) that this hit has
  Standing standing = Standing::valid;
  bool pinned = false;
  bool other_region = false;
  bool phrase = false;         // has the whole question, or the document number, as it was asked
  std::string superseded_by;   // id of the article that replaced it, or ""
  std::string spoken_answer;
  std::optional<Time> reviewed_at;
  std::vector<Mark> title_marks;
  std::string anchor;   // of the passage (passage.hpp) that the snippet is from; "" where the body has no headings, or only the title matched
  std::string heading;  // of it, as it stands
  std::string snippet;  // what answers best in it
  std::vector<Mark> snippet_marks;
  std::vector<Reason> reasons;  // with SearchOptions::explain

  Citation citation() const { return {id, revision, anchor}; }
};

struct SearchOptions {
  std::size_t limit = 10;
  std::size_t offset = 0;
  enum class Detail : std::uint8_t { ids, marks, explain } detail = Detail::marks;
};

struct Results {
  std::vector<Hit> hits;
  double confidence = 0;          // of the first hit; 0 without one
  std::vector<std::string> notes; // what was read into the question: "也找 …", expansions, ignored words
  std::size_t considered = 0;     // articles that had anything of the question
};

// Orders the first hits anew (a language model, an agency's ranking). Gets the question and up to fifty hits with
// title and snippet; returns a score for each (more is better), or nothing when it has no time: then the order stays.
// Its order and the engine's are fused by reciprocal ranks (Cormack, Clarke and Büttcher, SIGIR 2009).
using Reranker = std::function<std::vector<double>(const std::string& question, const std::vector<Hit>& hits)>;

// What the IVR can do with a question.
struct SpokenAnswer {
  enum class Action : std::uint8_t { speak, choose, agent } action = Action::agent;
  std::optional<Hit> answer;   // speak
  std::vector<Hit> choices;    // choose: up to three
  double confidence = 0;       // how probable it is that the first hit is right: a logistic of its share of the question
                               // and of `margin`, fitted on questions with known answers (docs/kb.md)
  double margin = 0;           // how far the second answer is behind, 0..1
};

struct Suggestion {
  std::string text;
  std::string article;  // id, or "" for a popular question
  double score = 0;
  std::vector<Mark> marks;
};

}  // namespace hotline::kb
