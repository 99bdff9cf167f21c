// What is asked and chosen, and what follows from it.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "hotline/base/json.hpp"
#include "kb/plan.hpp"

namespace hotline::kb {
namespace {

Error no_asking(std::int64_t number) {
  return Error(ErrorCode::not_found, "there is no question number " + std::to_string(number), "use the number that `asked` returned");
}

std::string clean(std::string_view text) {
  std::string out = without_personal_data(text.substr(0, 1024));
  while (!out.empty() && !is_utf8(out)) out.pop_back();
  std::erase(out, '\0');
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

}  // namespace

Result<std::int64_t> KnowledgeBase::asked(std::string_view question, const Results& shown, std::string_view agent, Channel channel, Time now) {
  const std::string kept = clean(question);
  std::string list;
  for (const Hit& h : shown.hits) list += h.id + "\n";
  std::int64_t number = 0;
  HOTLINE_TRY(impl_->db.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto id, t.integer("INSERT INTO kb_asking (at, question, folded, agent, channel, shown, confidence) VALUES (?,?,?,?,?,?,?) RETURNING id",
                                            {now, kept, text::fold(kept), agent, static_cast<int>(channel), list, shown.confidence}));
    number = id.value_or(0);
    return {};
  }));
  return number;
}

Status KnowledgeBase::chose(std::int64_t asking, std::string_view article, Time now) {
  return impl_->db.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto shown, t.text("SELECT shown FROM kb_asking WHERE id = ?", {asking}));
    if (!shown) return no_asking(asking);
    const auto list = split_lines(*shown);
    const auto at = std::find(list.begin(), list.end(), article);
    const int place = at == list.end() ? 0 : static_cast<int>(at - list.begin()) + 1;
    return t.post("INSERT INTO kb_choice (asking, article, place, at) VALUES (?,?,?,?)", {asking, article, place, now});
  });
}

Status KnowledgeBase::solved(std::int64_t asking, bool yes, Time) {
  return impl_->db.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto changed, t.execute("UPDATE kb_asking SET solved = ? WHERE id = ?", {yes ? 1 : 0, asking}));
    return changed == 0 ? Status(no_asking(asking)) : Status();
  });
}

Status KnowledgeBase::rate(std::string_view article, std::string_view agent, int stars, std::string_view remark, Time now) {
  if (stars < 1 || stars > 5) return Error(ErrorCode::invalid_argument, "an opinion is 1 to 5 stars, not " + std::to_string(stars));
  HOTLINE_ASSIGN([[maybe_unused]] const Revision known, this->article(article));
  return impl_->db.write([&](store::Transaction& t) {
    return t.post("INSERT INTO kb_rating (article, agent, stars, remark, at) VALUES (?,?,?,?,?)", {article, agent, stars, clean(remark), now});
  });
}

Status KnowledgeBase::replay(std::span<const Click> clicks) {
  return impl_->db.write([&](store::Transaction& t) -> Status {
    for (const Click& c : clicks) {
      const std::string kept = clean(c.question);
      HOTLINE_ASSIGN(const auto id, t.integer("INSERT INTO kb_asking (at, question, folded, agent, channel, shown, confidence) VALUES (?,?,?,?,?,?,?) RETURNING id",
                                              {c.at, kept, text::fold(kept), c.agent, static_cast<int>(Channel::agent), c.article, 0.0}));
      HOTLINE_TRY(t.post("INSERT INTO kb_choice (asking, article, place, at) VALUES (?,?,?,?)", {id.value_or(0), c.article, c.place, c.at}));
    }
    return t.settle();
  });
}

// Choices weigh less with age and at the first place; a question counts once an agent; too few agents, and it waits.
Result<std::size_t> KnowledgeBase::learn(Time now, const LearnOptions& options) {
  struct Learned {
    std::string question;  // as it was asked last
    std::map<std::string, double> agents;
  };
  std::map<std::string, std::map<std::string, Learned>> by_article;
  std::map<std::string, std::map<std::string, double>> before;
  HOTLINE_TRY(impl_->db.read([&](store::Transaction& t) -> Status {
    by_article.clear();
    before.clear();
    HOTLINE_TRY(t.query("SELECT c.article, a.folded, a.question, a.agent, c.place, c.at FROM kb_choice c JOIN kb_asking a ON a.id = c.asking "
                        "WHERE c.at <= ? AND c.at > ? AND (a.solved IS NULL OR a.solved <> 0) ORDER BY c.id",
                        {now, now - 8 * options.half_life}, [&](const store::Row& r) {
      const double age = std::chrono::duration<double>(now - r.time(5)).count() / std::chrono::duration<double>(options.half_life).count();
      const double weight = std::exp2(-age) * (r.integer(4) == 1 ? options.first_place : 1.0);
      Learned& l = by_article[std::string(r.text(0))][std::string(r.text(1))];
      l.question = std::string(r.text(2));
      double& of_agent = l.agents[std::string(r.text(3))];
      of_agent = std::max(of_agent, weight);
    }));
    return t.query("SELECT article, question, weight FROM kb_learned", {}, [&](const store::Row& r) {
      before[std::string(r.text(0))][std::string(r.text(1))] = r.number(2);
    });
  }));
  LearnedQuestions after;
  for (const auto& [article, questions] : by_article) {
    std::vector<std::pair<std::string, double>> kept;
    for (const auto& [folded, l] : questions) {
      double weight = 0;
      for (const auto& [agent, w] : l.agents) weight += w;
      if (static_cast<int>(l.agents.size()) >= options.min_agents && weight >= 0.05) kept.emplace_back(l.question, weight);
    }
    std::sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.second != b.second ? a.second > b.second : a.first < b.first; });
    if (kept.size() > options.max_questions) kept.resize(options.max_questions);
    if (!kept.empty()) after[article] = std::move(kept);
  }
  std::set<std::string> changed;
  for (const auto& [article, questions] : before)
    if (!after.contains(article)) changed.insert(article);
  for (const auto& [article, kept] : after) {
    std::map<std::string, double> sorted(kept.begin(), kept.end());
    const auto old = before.find(article);
    if (old == before.end() || old->second != sorted) changed.insert(article);
  }
  if (changed.empty()) return std::size_t{0};
  HOTLINE_TRY(impl_->words_changed([&](store::Transaction& t) -> Status {
    for (const std::string& article : changed) {
      HOTLINE_TRY(t.post("DELETE FROM kb_learned WHERE article = ?", {article}));
      const auto kept = after.find(article);
      if (kept == after.end()) continue;
      for (const auto& [question, weight] : kept->second)
        HOTLINE_TRY(t.post("INSERT INTO kb_learned (article, question, weight) VALUES (?,?,?) ON CONFLICT (article, question) DO NOTHING", {article, question, weight}));
    }
    return {};
  }));
  return changed.size();
}

Result<Report> KnowledgeBase::report(const ReportOptions& options) {
  HOTLINE_TRY(impl_->keep_usage());
  Report out{options, {}};
  const std::int64_t from = to_ns(options.from), to = to_ns(options.to);
  const std::int64_t limit = static_cast<std::int64_t>(options.limit);
  const std::int64_t earlier = to == kForever ? from : from - (to - from);
  HOTLINE_TRY(impl_->db.read([&](store::Transaction& t) -> Status {
    out.rows.clear();
    const auto rows = [&](const store::Row& r) {
      out.rows.push_back({std::string(r.text(0)), std::string(r.text(1)), r.number(2), r.integer(3), r.integer(4)});
    };
    switch (options.kind) {
      case ReportOptions::Kind::zero_results:
        return t.query("SELECT MAX(question), '', COUNT(*), COUNT(*), 0 FROM kb_asking WHERE shown = '' AND at >= ? AND at < ? GROUP BY folded "
                       "ORDER BY 4 DESC, folded LIMIT ?", {from, to, limit}, rows);
      case ReportOptions::Kind::low_clicks:
        return t.query("SELECT MAX(a.question), MAX(a.shown), COUNT(DISTINCT a.id), COUNT(DISTINCT a.id), COUNT(c.id) FROM kb_asking a LEFT JOIN kb_choice c ON c.asking = a.id "
                       "WHERE a.shown <> '' AND a.at >= ? AND a.at < ? GROUP BY a.folded HAVING COUNT(c.id) * 4 < COUNT(DISTINCT a.id) ORDER BY 4 DESC, a.folded LIMIT ?", {from, to, limit}, rows);
      case ReportOptions::Kind::hot_topics:
        return t.query("SELECT c.article, COALESCE(MAX(r.title), ''), COUNT(DISTINCT c.id), COUNT(DISTINCT c.id), "
                       "(SELECT COUNT(*) FROM kb_choice p WHERE p.article = c.article AND p.at >= ? AND p.at < ?) FROM kb_choice c "
                       "LEFT JOIN kb_revision r ON r.article = c.article WHERE c.at >= ? AND c.at < ? GROUP BY c.article ORDER BY 4 DESC, c.article LIMIT ?", {earlier, from, from, to, limit}, rows);
      case ReportOptions::Kind::trails:
        return t.query("SELECT MAX(a.question), c.article, COUNT(*), COUNT(*), MIN(c.place) FROM kb_choice c JOIN kb_asking a ON a.id = c.asking "
                       "WHERE c.at >= ? AND c.at < ? GROUP BY a.folded, c.article ORDER BY 4 DESC, a.folded, c.article LIMIT ?", {from, to, limit}, rows);
      case ReportOptions::Kind::satisfaction:
        return t.query("SELECT g.article, (SELECT x.remark FROM kb_rating x WHERE x.article = g.article AND x.at >= ? AND x.at < ? ORDER BY x.id DESC LIMIT 1), AVG(g.stars), COUNT(*), "
                       "0 FROM kb_rating g WHERE g.at >= ? AND g.at < ? GROUP BY g.article ORDER BY 3, g.article LIMIT ?", {from, to, from, to, limit}, rows);
      case ReportOptions::Kind::unused_synonyms:
        return t.query("SELECT word, other, weight, used, 0 FROM kb_synonym WHERE used = 0 ORDER BY library, word, other LIMIT ?", {limit}, rows);
      case ReportOptions::Kind::review_due: break;
    }
    return {};
  }));
  if (options.kind == ReportOptions::Kind::review_due) {
    HOTLINE_TRY(each([&](const Revision& r) -> Status {
      const auto due = r.article.review_due;
      if (r.state == State::published && due && *due >= options.from && *due < options.to && out.rows.size() < options.limit)
        out.rows.push_back({r.article.id, r.article.title + " (" + hotline::to_string(*due) + ")", 0, 0, 0});
      return {};
    }));
  }
  return out;
}

}  // namespace hotline::kb
