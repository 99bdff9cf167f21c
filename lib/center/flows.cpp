// Flows while calls run: new versions, notices laid over them, and what their queries ask.
#include "inner.hpp"

namespace hotline::center {

Status Hotline::publish_flow(const std::string& path, ivr::Flow next, std::optional<ivr::Migration> migration, Time now) {
  const auto engine = inner_->engines.find(path);
  if (engine == inner_->engines.end())
    return Error(ErrorCode::not_found, "no number of the city runs the flow `" + path + "`", "give its path as city.yaml does");
  if (next.id() != engine->second->flow().id())
    return Error(ErrorCode::invalid_argument, "`" + next.id() + "` is another flow than `" + engine->second->flow().id() + "`",
                 "keep the flow's id over its versions");
  inner_->note(now, "flow.published", path, "流程已更新：" + next.title(), "flow published: " + path + ", version " + next.version());
  if (migration) inner_->call_journal.publish(*engine->second, std::move(next), *std::move(migration), now);
  else inner_->call_journal.publish(*engine->second, std::move(next), now);
  return {};
}

Result<std::vector<std::string>> Hotline::reload_flows(Time now) {
  const Setup& setup = inner_->setup;
  ivr::LoadOptions options;
  if (!setup.bindings.empty()) options.bindings = setup.path(setup.bindings);
  // All or nothing: a flow that does not load leaves every one as it is.
  std::vector<std::pair<std::string, ivr::Flow>> changed;
  for (const auto& [path, engine] : inner_->engines) {
    HOTLINE_ASSIGN(auto flow, ivr::Flow::load(setup.path(path), options));
    if (flow.fingerprint() != engine->flow().fingerprint()) changed.emplace_back(path, std::move(flow));
  }
  std::vector<std::string> paths;
  for (auto& [path, flow] : changed) {
    HOTLINE_TRY(publish_flow(path, std::move(flow), ivr::Migration{}, now));
    paths.push_back(path);
  }
  return paths;
}

Status Hotline::lay_notice(const std::string& path, const ivr::Overlay& notice, Time now) {
  const auto engine = inner_->engines.find(path);
  if (engine == inner_->engines.end()) return Error(ErrorCode::not_found, "no flow `" + path + "`", "give its path as city.yaml does");
  HOTLINE_TRY(inner_->call_journal.lay(*engine->second, notice, now));
  inner_->note(now, "notice.laid", path, "紧急通知已启用：" + notice.text, "notice laid over `" + notice.node + "`: " + notice.text);
  return {};
}

Status Hotline::lift_notice(const std::string& path, std::string_view id, Time now) {
  const auto engine = inner_->engines.find(path);
  if (engine == inner_->engines.end()) return Error(ErrorCode::not_found, "no flow `" + path + "`", "give its path as city.yaml does");
  HOTLINE_TRY(inner_->call_journal.lift(*engine->second, id, now));
  inner_->note(now, "notice.lifted", path, "紧急通知已撤销", "notice lifted: " + std::string(id));
  return {};
}

void Hotline::answer_query_later(std::string name, SlowQuery query) { inner_->slow_queries[std::move(name)] = std::move(query); }

// The answer comes from any thread; by then the flow may have gone on, and the session ignores it.
void Hotline::Inner::ask_later(const SlowQuery& query, std::uint64_t call, std::uint32_t id, const std::map<std::string, std::string>& arguments) {
  query(arguments, [this, call, id, post = world.post](ivr::Outcome outcome, std::vector<ivr::Field> fields) {
    post([this, call, id, outcome, fields = std::move(fields)]() mutable {
      if (Call* waiting = find_call(call)) answer(*waiting, id, outcome, std::move(fields));
    });
  });
}

Hotline::Query sql_query(store::Database database, std::string sql, std::vector<std::string> fields) {
  std::vector<std::string> names;
  std::string plain;
  bool quoted = false;
  for (std::size_t i = 0; i < sql.size();) {
    const char c = sql[i];
    const auto part_of_a_name = [](char k) { return (k >= 'a' && k <= 'z') || (k >= 'A' && k <= 'Z') || (k >= '0' && k <= '9') || k == '_'; };
    quoted = c == '\'' ? !quoted : quoted;
    if (c != ':' || quoted) {
      plain += sql[i++];
      continue;
    }
    std::size_t end = i + 1;
    while (end < sql.size() && part_of_a_name(sql[end])) ++end;
    names.push_back(sql.substr(i + 1, end - i - 1));
    plain += '?';
    i = end;
  }
  return [database = std::move(database), plain = std::move(plain), names = std::move(names), fields = std::move(fields)](
             const std::map<std::string, std::string>& arguments, std::vector<ivr::Field>& answer) mutable {
    std::vector<store::Bind> binds;
    for (const std::string& name : names) {
      const auto given = arguments.find(name);
      if (given == arguments.end()) return ivr::Outcome::error;
      binds.emplace_back(given->second);
    }
    bool found = false;
    const Status status = database.read([&](store::Transaction& t) {
      return t.query(plain, store::Binds(binds.data(), binds.size()), [&](const store::Row& row) {
        if (std::exchange(found, true)) return;
        for (std::size_t i = 0; i < fields.size() && i < row.size(); ++i)
          answer.push_back({fields[i], row.is_null(i) ? ivr::Value() : ivr::Value(std::string(row.text(i)))});
      });
    });
    return !status.ok() ? ivr::Outcome::error : found ? ivr::Outcome::ok : ivr::Outcome::empty;
  };
}

}  // namespace hotline::center
