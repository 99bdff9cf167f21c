// An article: one answer in a library, with the place and the time it holds for.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/document.hpp"
#include "hotline/base/result.hpp"
#include "hotline/base/time.hpp"

namespace hotline::kb {

// What an article is. `earlier` is a ticket that was answered before, shown to agents as a precedent.
enum class Kind : std::uint8_t { policy, qa, guide, earlier };
std::string_view to_string(Kind kind);

// Who may be given it: a set of these.
enum class Channel : std::uint8_t { citizen = 1, agent = 2, ivr = 4 };
using Channels = std::uint8_t;
constexpr Channels kEveryChannel = 7;

// A revision is seen in searches from `published` on (agents may ask for drafts, which come last and are labelled).
enum class State : std::uint8_t { draft, published, withdrawn };
std::string_view to_string(State state);

// A city's article can take the place of the province's (`replace`), or stand beside it (`add`).
enum class Overlay : std::uint8_t { add, replace };

// Plain value. Texts are UTF-8; what is not is refused by KnowledgeBase::put.
struct Article {
  std::string id;       // unique in the knowledge base; names, not numbers
  std::string library;  // "regulations", "qa", "guides" or the agency's own
  Kind kind = Kind::qa;
  std::string catalogue;  // place in the catalogue: "社会保障/养老保险"
  std::string title;
  std::vector<std::string> questions;  // other ways to ask it
  std::string body;
  std::vector<std::string> keywords;  // and aliases
  std::string number;                 // document number: 国发〔2024〕5号
  std::string department;
  std::string jurisdiction;  // administrative code: "440000" province, "440100" city, "" everywhere
  std::vector<std::string> audience;  // "citizen", "business" ...; empty: everybody
  Channels channels = kEveryChannel;
  std::optional<Time> effective_from;  // valid in [from, to)
  std::optional<Time> effective_to;
  std::optional<Time> reviewed_at;
  std::optional<Time> review_due;
  std::string supersedes;  // id of the article that this one replaces for good
  std::string overlays;    // id of the article of a wider place that this one belongs to
  Overlay overlay = Overlay::add;
  std::vector<std::string> attachments;
  std::string spoken_answer;  // what the IVR says; empty: nothing to say
  std::string author;
  std::vector<std::string> credits;  // agents whose corrections are in it

  bool operator==(const Article&) const = default;
};

// One version of an article as it is kept. Revisions count from 1.
struct Revision {
  Article article;
  int number = 0;
  State state = State::draft;
  Time changed_at{};
  // When it is in force, if it is published: its own dates, cut by later revisions and by withdrawal. Empty: no bound.
  std::optional<Time> from;
  std::optional<Time> to;

  bool operator==(const Revision&) const = default;
};

// Compact JSON with the members' names; empty members are left out.
std::string to_json(const Article& article);
// Reads what to_json wrote, and what people write by hand: `effective_from` as a date or RFC 3339, `kind` and
// `channels` by name (none: every one), single texts for lists; empty texts of a list are left out. Unknown keys are kept out and named in `ignored` (may be nullptr).
// Errors: invalid_definition with the field's name.
Result<Article> article_from(const Node& node, std::vector<std::string>* ignored = nullptr);

// "440106" -> "440106", "440100", "440000", "": the places whose articles hold there, nearest first.
std::vector<std::string> jurisdiction_line(std::string_view code);
// "440000" -> "44": the code without its trailing pairs of zeros. One place lies in another where the other's stem
// is a prefix of its own.
std::string_view jurisdiction_stem(std::string_view code);

// What titles of parts of one work have in common: "城市道路管理条例第三十五条" -> "城市道路管理条例", "Terms of use (2)" ->
// "terms of use". "" where a title has no number at its end, or nothing before it.
std::string work_of(std::string_view title);

// Folds what people vary in a document number: 国发［2024］5号, 国发(2024)第5号 -> 国发〔2024〕5号. "" where it is none.
std::string document_number(std::string_view text);

}  // namespace hotline::kb
