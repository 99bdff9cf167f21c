// Knowledge: what the flow speaks from, and what agents search while they talk.
#include "hotline/kb/import.hpp"
#include "inner.hpp"

namespace hotline::center {
namespace {

kb::Filters filters_for(kb::Channel channel, const std::string& jurisdiction) {
  kb::Filters filters;
  filters.channel = channel;
  filters.jurisdiction = jurisdiction;
  return filters;
}

// What a flow says and keeps of choices: `offer` is the text, `choice_1` to `choice_3` are ids for `read`.
void offer(const std::vector<kb::Hit>& choices, std::vector<ivr::Field>& fields) {
  std::string text;
  for (std::size_t i = 0; i < 3; ++i) {
    const std::string number = std::to_string(i + 1);
    fields.push_back({"choice_" + number, i < choices.size() ? choices[i].id : std::string()});
    if (i < choices.size()) text += (text.empty() ? "" : "; ") + number + ", " + choices[i].title;
  }
  fields.push_back({"offer", std::move(text)});
}

}  // namespace

// The articles of the folder are the house's stock: they are taken in when the knowledge base is empty; afterwards the
// editors' work in the database is the truth.
Status Hotline::Inner::open_knowledge(Time now) {
  HOTLINE_ASSIGN(auto opened, kb::KnowledgeBase::open(world.database));
  knowledge_base = std::make_unique<kb::KnowledgeBase>(std::move(opened));
  if (setup.knowledge.empty() || knowledge_base->statistics().articles > 0) return {};
  HOTLINE_ASSIGN(auto stock, kb::load_articles(setup.path(setup.knowledge)));
  HOTLINE_TRY(stock.report.status());
  HOTLINE_TRY(knowledge_base->put_all(stock.articles, now, kb::State::published));
  note(now, "knowledge.stock", "", "知识库载入 " + std::to_string(stock.articles.size()) + " 条",
       std::to_string(stock.articles.size()) + " articles taken into the knowledge base");
  return {};
}

ivr::Outcome Hotline::Inner::knowledge(Call& call, const std::string& what, const Arguments& arguments,
                                       std::vector<ivr::Field>& fields, Time now) {
  const auto found = arguments.find("text");
  const std::string text = found == arguments.end() ? std::string() : found->second;
  const kb::Filters ivr = filters_for(kb::Channel::ivr, setup.jurisdiction);
  if (what == "read") {
    const auto revision = knowledge_base->current(text, ivr, now);
    if (!revision) return ivr::Outcome::empty;
    const kb::Article& article = revision->article;
    fields = {{"id", article.id}, {"title", article.title}, {"text", article.spoken_answer.empty() ? article.body : article.spoken_answer}};
    note(now, "knowledge", call.record.citizen, "播报：" + article.title, "hears the article: " + article.title);
    return ivr::Outcome::ok;
  }
  const auto spoken = knowledge_base->spoken_answer(text, ivr, now);
  if (!spoken) return ivr::Outcome::error;
  if (spoken->action == kb::SpokenAnswer::Action::choose && arguments.contains("choices")) {
    offer(spoken->choices, fields);
    note(now, "knowledge", call.record.citizen, "知识库给出 " + std::to_string(spoken->choices.size()) + " 个选项",
         "the knowledge base offers " + std::to_string(spoken->choices.size()) + " choices");
    return ivr::Outcome::ok;
  }
  if (spoken->action != kb::SpokenAnswer::Action::speak) return ivr::Outcome::empty;
  const kb::Hit& hit = *spoken->answer;
  fields = {{"id", hit.id}, {"title", hit.title}, {"text", hit.spoken_answer}, {"confidence", spoken->confidence}, {"offer", std::string()}};
  note(now, "knowledge", call.record.citizen, "知识库答复：" + hit.title, "the knowledge base answers: " + hit.title);
  return ivr::Outcome::ok;
}

// What is sent of an article is its text as it is valid here and now for citizens: the same by every way.
void Hotline::Inner::write_article(JsonWriter& json, const std::string& id, Time now) {
  const auto revision = knowledge_base->current(id, filters_for(kb::Channel::citizen, setup.jurisdiction), now);
  if (!revision) return;
  json.field("citation", to_string(kb::Citation{id, revision->number, {}})).field("text", revision->article.body);
}

Result<std::vector<kb::Hit>> Hotline::search(const std::string& agent, const std::string& question, Time now) {
  Desk* desk = inner_->find_desk(agent);
  if (desk == nullptr) return Error(ErrorCode::not_found, "no agent `" + agent + "`", "use an id of the routing file");
  HOTLINE_ASSIGN(auto results, inner_->knowledge_base->search(question, filters_for(kb::Channel::agent, inner_->setup.jurisdiction), now));
  (void)inner_->knowledge_base->asked(question, results, agent, kb::Channel::agent, now);
  inner_->note(now, "search", agent,
               desk->person->name.zh + " 检索“" + question + "”：" + (results.hits.empty() ? "没有结果" : results.hits.front().title),
               desk->person->name.en + " searches the knowledge base: " + std::to_string(results.hits.size()) + " articles");
  return std::move(results.hits);
}

// What was answered once helps with the next like it: a ticket with a public reply becomes an article of kind
// `earlier`, for agents, without personal data.
void Hotline::Inner::remember_answer(const std::string& number, Time now) {
  const auto found = tickets->find(number);
  if (!found || found->reply.empty() || found->secrecy != ticket::Secrecy::open) return;
  kb::Article article;
  article.id = "ticket:" + number;
  article.library = "earlier";
  article.kind = kb::Kind::earlier;
  article.title = kb::without_personal_data(found->title);
  article.body = kb::without_personal_data(found->content) + "\n" + kb::without_personal_data(found->reply);
  article.department = found->unit;
  article.jurisdiction = found->area;
  article.channels = static_cast<kb::Channels>(kb::Channel::agent);
  if (const auto known = knowledge_base->article(article.id); known && known->article == article) return;
  if (const auto kept = knowledge_base->put(article, now, {.state = kb::State::published}); !kept)
    note(now, "fault", number, "答复未入库：" + kept.error().text(), "the answer was not kept: " + kept.error().text());
}

Result<std::vector<kb::Hit>> Hotline::similar(const std::string& agent, const std::string& text, Time now) {
  if (inner_->find_desk(agent) == nullptr) return Error(ErrorCode::not_found, "no agent `" + agent + "`", "use an id of the routing file");
  HOTLINE_ASSIGN(auto results, inner_->knowledge_base->similar(text, filters_for(kb::Channel::agent, inner_->setup.jurisdiction), now));
  return std::move(results.hits);
}

}  // namespace hotline::center
