// What a knowledge base learns from its use, and what its editors are told. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hotline/base/time.hpp"

namespace hotline::kb {

// Words of citizens for words of the law. `from` in a question also looks for `to`; two-way: the other way round too.
struct Synonym {
  std::string from;
  std::string to;
  double weight = 0.7;  // 0.5 to 0.8
  enum class Way : std::uint8_t { one, both } way = Way::one;
  std::int64_t used = 0;  // how often it fired; kept by the knowledge base
};

// Who changed a list of synonyms, when and why.
struct Signed {
  std::string who;
  Time at{};
  std::string note;
};

// A list of synonyms as it once was. Versions of a library's list count from 1.
struct SynonymVersion {
  int number = 0;
  Signed by;
  std::size_t size = 0;  // how many synonyms were in it
};

// A question that a change is tried against before it is made, and the article that should answer it ("": none is named).
struct SavedQuestion {
  std::string question;
  std::string article;

  bool operator==(const SavedQuestion&) const = default;
};

struct SynonymTrial {
  std::string question;
  std::string expected;   // article, of a saved question
  int place_before = 0;   // of the expected one among the first ten, from 1; 0: not there
  int place_after = 0;
  std::vector<std::string> before;  // ids
  std::vector<std::string> after;
};

enum class Pin : std::uint8_t { none, top, bury };

// One choice out of an older log, for `replay`.
struct Click {
  std::string question;
  std::string article;
  std::string agent;
  int place = 2;  // where it stood when it was chosen, from 1
  Time at{};
};

struct LearnOptions {
  int min_agents = 2;            // different agents who chose the article for the question
  std::size_t max_questions = 50;  // kept for an article
  Duration half_life = std::chrono::hours(24 * 90);
  double first_place = 0.2;      // what a choice of the first hit counts: it would be chosen where it stands anyway
};

struct ReportOptions {
  enum class Kind : std::uint8_t {
    zero_results,   // questions that found nothing
    low_clicks,     // questions whose answers nobody chose
    hot_topics,     // articles chosen most often
    trails,         // questions with the articles chosen for them
    satisfaction,   // mean opinion of articles, with the latest remarks
    review_due,     // articles whose review is due
    unused_synonyms // synonyms that never fired
  } kind = Kind::zero_results;
  Time from{};
  Time to = Time::max();
  std::size_t limit = 50;
};

struct ReportRow {
  std::string subject;  // a question, an article's id, a synonym
  std::string text;     // its title, article, remark ...
  double value = 0;     // how often, or the mean
  std::int64_t count = 0;
  std::int64_t previous = 0;  // the same in the period of equal length before
};

struct Report {
  ReportOptions options;
  std::vector<ReportRow> rows;
};

// "我叫张三,电话13800138000" -> "我叫#,电话#": digits of three or more in a row, mail addresses, and names are struck out: those
// that are announced (我叫, 姓名, my name is) or have a form of address (先生, 女士, Mr.). A name without either stays: what
// tells it from other words is not in the text.
std::string without_personal_data(std::string_view text);

}  // namespace hotline::kb
