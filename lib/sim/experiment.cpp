#include "hotline/sim/experiment.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "hotline/base/json.hpp"
#include "read_calls.hpp"

namespace hotline::sim {
namespace {

double seconds(Duration d) { return 1e-9 * static_cast<double>(d.count()); }

class ExperimentReader {
 public:
  ExperimentReader(Diagnostics& diagnostics, const LoadText& load) : out_(diagnostics), load_(load) {}

  Experiment read(const Node& root) {
    Experiment experiment;
    Node base = Node::mapping(root.line(), root.column());
    const Node* variants = nullptr;
    for (const auto& [key, value] : root.entries()) {
      if (key.text() == "variants") variants = &value;
      else base.insert(key, value);
    }
    experiment.variants.push_back(variant(base));
    if (const Node* name = root.find("experiment")) experiment.name = name->text();
    if (variants == nullptr) return experiment;
    if (!variants->is_mapping()) complain(*variants, "S110", "variants is a mapping of names to what differs", "write variants: {more agents: {crew: {...}}}");
    for (const auto& [key, value] : variants->entries()) {
      if (experiment.variants.size() > 100) {
        complain(key, "S110", "more than 100 variants", "split the experiment");
        break;
      }
      experiment.variants.push_back(variant(value.is_null() ? base : merged(base, value)));
      experiment.variants.back().name = key.text();
    }
    return experiment;
  }

 private:
  void complain(const Node& at, std::string code, std::string message, std::string remedy) {
    out_.error(std::move(code), std::move(message), std::move(remedy), at.place(out_.file()));
  }

  Variant variant(const Node& root) {
    Variant v;
    v.name = "base";
    model_ = &v.model;
    Fields f(root, out_, "experiment");
    f.required("experiment");
    v.name = f.string("label", "base");
    if (const Node* c = f.required("centre")) centre(*c, f.get("crew"));
    else f.get("crew");
    if (const Node* n = f.get("trunks")) trunks(*n);
    if (const Node* n = f.required("streams")) streams(*n);
    if (const Node* n = f.get("staffing")) staffing(*n);
    if (const Node* n = f.get("tickets"))
      for (const auto& [name, value] : n->entries())
        if (auto work = read_tickets(name.text(), value, v.model, out_, load_)) v.model.tickets.push_back(std::move(work));
    if (const Node* n = f.get("shifts")) shifts(*n);
    if (const Node* n = f.get("pick_up")) v.model.pick_up = wfm::read_distribution(*n, out_, "pick_up");
    v.model.miss_chance = f.number("miss_chance", 0, 0, 0.999);
    if (const Node* n = f.get("start")) {
      if (const auto t = parse_time(n->text()); t.ok()) v.model.start = *t;
      else complain(*n, "S110", t.error().message(), "write 2026-01-05T00:00:00Z");
    }
    if (const Node* n = f.get("snapshot")) v.has_snapshot = true, snapshot(*n, v.snapshot);
    plan(f, v.plan);
    f.finish();
    if (!out_.has_errors()) v.model.validate(out_);
    return v;
  }

  void plan(Fields& f, Plan& p) {
    p.seed = static_cast<std::uint64_t>(f.integer("seed", 1, 0, std::numeric_limits<std::int64_t>::max()));
    p.warm_up_s = seconds(f.duration("warm_up", Duration{}));
    p.duration_s = seconds(f.duration("duration", std::chrono::hours(24)));
    p.interval_s = seconds(f.duration("interval", Duration{}));
    p.threshold_s = seconds(f.duration("threshold", std::chrono::seconds(20)));
    p.replications = static_cast<std::uint32_t>(f.integer("replications", 20, 1, 1'000'000));
    static constexpr std::string_view kEnds[] = {"drain", "keep_running", "drain_measured"};
    p.end = static_cast<Plan::End>(f.choice("end", kEnds, 0));
    p.agent_statistics = f.boolean("agent_statistics", false);
  }

  // A mapping, or the name of a file that holds it. `crew` adds agents by number.
  void centre(const Node& node, const Node* crew) {
    Node loaded;
    const Node* definition = &node;
    if (node.is_scalar()) {
      const auto text = load_ ? load_(node.text()) : Result<std::string>(Error(ErrorCode::io, "no files can be read here", "write the centre into the experiment"));
      if (!text.ok()) return complain(node, "S111", text.error().message(), text.error().remedy());
      auto document = parse_document(*text, node.text());
      if (!document.ok()) return complain(node, "S111", document.error().text(), "correct the centre's file");
      loaded = *std::move(document);
      definition = &loaded;
    }
    Node whole = *definition;
    if (whole.is_mapping() && whole.find("acd") == nullptr) whole.insert(Node::scalar("acd", false), Node::scalar("1", false));
    if (crew != nullptr) whole = merged(whole, enlist(*crew));
    auto read = acd::read_definition(whole, out_);
    if (read.ok()) model_->centre = *std::move(read);
    else if (!out_.has_errors()) complain(node, "S111", read.error().message(), read.error().remedy());
  }
  // crew: {experts: {agents: 20, queues: {...}, skills: {...}}} makes experts-1 ... experts-20 and, where needed, the team.
  Node enlist(const Node& crew) {
    Node agents = Node::mapping(), teams = Node::mapping();
    for (const auto& [team, value] : crew.entries()) {
      Fields f(value, out_, "crew `" + team.text() + "`");
      const auto n = f.integer("agents", 0, 0, 20'000);
      f.required("agents");
      Node agent = Node::mapping(value.line(), value.column());
      agent.insert(Node::scalar("team", true), Node::scalar(team.text(), true));
      for (const char* key : {"queues", "skills", "site", "units", "wrap_up", "handling_time"})
        if (const Node* part = f.get(key)) agent.insert(Node::scalar(key, true), *part);
      Node rules = Node::mapping();
      for (const char* key : {"order", "serves"})
        if (const Node* part = f.get(key)) rules.insert(Node::scalar(key, true), *part);
      teams.insert(team, std::move(rules));
      f.finish();
      for (std::int64_t i = 1; i <= n; ++i) agents.insert(Node::scalar(team.text() + "-" + std::to_string(i), true), agent);
    }
    Node out = Node::mapping();
    out.insert(Node::scalar("teams", true), std::move(teams));
    out.insert(Node::scalar("agents", true), std::move(agents));
    return out;
  }

  void trunks(const Node& node) {
    for (const auto& [name, value] : node.entries()) {
      Fields f(value, out_, "trunk `" + name.text() + "`");
      Trunk t;
      t.name = name.text();
      t.lines = static_cast<std::uint32_t>(f.integer("lines", acd::kNoLimit, 0, acd::kNoLimit));
      t.waiting = static_cast<std::uint32_t>(f.integer("waiting", acd::kNoLimit, 0, acd::kNoLimit));
      f.finish();
      model_->trunks.push_back(std::move(t));
    }
  }

  void streams(const Node& node) {
    if (!node.is_mapping()) return complain(node, "S110", "streams is a mapping of names", "write streams: {general: {...}}");
    for (const auto& [name, value] : node.entries()) {
      Fields f(value, out_, "stream `" + name.text() + "`");
      Stream s;
      s.name = name.text();
      s.queue = model_->centre.find_queue(f.string("queue", s.name));
      if (!s.queue) complain(value, "S106", "stream `" + s.name + "`: the centre has no queue `" + f.string("queue", s.name) + "`", "name a queue of the centre");
      s.priority = static_cast<std::int32_t>(f.integer("priority", 0, -1'000'000, 1'000'000));
      if (const Node* n = f.get("channel")) {
        s.channel = model_->centre.find_channel(n->text());
        if (!s.channel) complain(*n, "S106", "the centre has no channel `" + n->text() + "`", "define it under centre: channels");
      }
      if (const Node* n = f.get("site")) {
        s.site = model_->centre.find_site(n->text());
        if (!s.site) complain(*n, "S106", "the centre has no site `" + n->text() + "`", "define it under centre: sites");
      }
      s.requires_ = f.string("requires");
      if (const Node* n = f.required("arrivals")) arrivals(*n, s.arrivals, s.name);
      if (const Node* n = f.required("handling")) s.handling = wfm::read_distribution(*n, out_, f.context() + ", handling");
      s.mean_by_agent_s.assign(model_->centre.agents.size(), 0.0);
      means(f.get("handling_by_team"), s, true);
      means(f.get("handling_by_agent"), s, false);
      if (const Node* n = f.get("patience")) s.patience = wfm::read_distribution(*n, out_, f.context() + ", patience");
      if (const Node* n = f.get("wrap_up")) s.wrap_up = wfm::read_distribution(*n, out_, f.context() + ", wrap_up");
      behaviour(f, s);
      f.finish();
      model_->streams.push_back(std::move(s));
    }
  }
  void behaviour(Fields& f, Stream& s) {
    if (const Node* n = f.get("redial")) {
      Fields r(*n, out_, f.context() + ", redial");
      s.redial.chance = r.number("chance", 0, 0, 1);
      if (const Node* after = r.get("after")) s.redial.delay = wfm::read_distribution(*after, out_, "after");
      else s.redial.delay = *Distribution::exponential(300);
      s.redial.at_most = static_cast<std::uint32_t>(r.integer("at_most", 3, 0, 200));
      r.finish();
    }
    if (const Node* n = f.get("callback")) {
      Fields r(*n, out_, f.context() + ", callback");
      s.callback.chance = r.number("chance", 0, 0, 1);
      s.callback.after_s = seconds(r.duration("after", std::chrono::seconds(60)));
      s.callback.dial_s = seconds(r.duration("dial", std::chrono::seconds(15)));
      r.finish();
    }
    if (const Node* n = f.get("ivr")) {
      Fields r(*n, out_, f.context() + ", ivr");
      s.ivr.used = true;
      if (const Node* flow = r.get("flow")) s.ivr.walk = read_walk(r, *flow, model_->centre, load_);
      s.ivr.finish = r.number("finish", 0, 0, 1);
      s.ivr.hang_up = r.number("hang_up", 0, 0, 1);
      if (const Node* time = r.get("time")) s.ivr.time = wfm::read_distribution(*time, out_, "time");
      else s.ivr.time = *Distribution::exponential(30);
      r.finish();
    }
    if (const Node* n = f.get("trunk")) {
      for (std::size_t i = 0; i < model_->trunks.size(); ++i)
        if (model_->trunks[i].name == n->text()) s.trunk = static_cast<std::uint32_t>(i + 1);
      if (s.trunk == 0) complain(*n, "S106", "there is no trunk `" + n->text() + "`", "define it under trunks");
    }
  }
  void means(const Node* node, Stream& s, bool by_team) {
    if (node == nullptr) return;
    for (const auto& [who, value] : node->entries()) {
      const auto d = parse_duration(value.text());
      if (!d.ok()) {
        complain(value, "S107", d.error().message(), "write e.g. 150s");
        continue;
      }
      bool found = false;
      for (std::size_t i = 0; i < model_->centre.agents.size(); ++i) {
        const auto& agent = model_->centre.agents[i];
        const bool same = by_team ? agent.team && model_->centre.teams[agent.team.value - 1].name == who.text() : agent.name == who.text();
        if (same) s.mean_by_agent_s[i] = seconds(*d), found = true;
      }
      if (!found) complain(who, "S106", "nobody is called `" + who.text() + "`", by_team ? "name a team that has agents" : "name an agent");
    }
  }

  void arrivals(const Node& node, Arrivals& a, const std::string& stream) {
    Fields f(node, out_, "arrivals of `" + stream + "`");
    for (const auto& [key, per] : {std::pair("per_second", 1.0), std::pair("per_minute", 60.0), std::pair("per_hour", 3600.0), std::pair("per_day", 86400.0)})
      if (const Node* n = f.get(key)) {
        const auto add = [&, seconds_per = per](const Node& x) {
          if (const auto v = x.as_double(); v && *v >= 0) a.per_s.push_back(*v / seconds_per);
          else complain(x, "S103", "a rate must be a number >= 0", "write per_hour: 120");
        };
        if (n->is_scalar()) add(*n);
        for (const Node& item : n->items()) add(item);
      }
    a.period_s = seconds(f.duration("period", a.per_s.size() > 1 ? Duration(std::chrono::minutes(30)) : Duration{}));
    a.repeat = f.boolean("repeat", false);
    a.busyness_scv = f.number("busyness", 0, 0, 100);
    a.busyness_group = static_cast<std::uint32_t>(f.integer("busyness_group", 0, 0, 1'000'000));
    a.busyness_every_s = seconds(f.duration("busyness_every", std::chrono::hours(24)));
    if (const Node* n = f.get("times_s")) {
      for (const Node& item : n->items())
        if (const auto v = item.as_double()) a.trace.push_back({*v, -1, -1, 0, static_cast<std::uint32_t>(a.trace.size())});
        else complain(item, "S104", "a time of arrival is no number", "write seconds since the start");
    }
    f.finish();
  }

  void staffing(const Node& node) {
    for (const Node& item : node.items()) {
      Fields f(item, out_, "staffing");
      Staffing s;
      const std::string team = f.required_string("team");
      s.team = model_->centre.find_team(team);
      if (!s.team) complain(item, "S106", "there is no team `" + team + "`", "name a team of the centre or crew");
      s.period_s = seconds(f.duration("period", std::chrono::minutes(30)));
      s.repeat = f.boolean("repeat", false);
      if (const Node* n = f.required("agents")) {
        if (n->is_scalar()) s.agents.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(n->as_int().value_or(0), 0, 1'000'000)));
        for (const Node& x : n->items()) s.agents.push_back(static_cast<std::uint32_t>(std::clamp<std::int64_t>(x.as_int().value_or(0), 0, 1'000'000)));
      }
      f.finish();
      model_->staffing.push_back(std::move(s));
    }
  }

  void shifts(const Node& node) {
    for (const Node& item : node.items()) {
      Fields f(item, out_, "shift");
      Shift s;
      f.required("agents");
      const auto names = f.strings("agents");
      s.from_s = seconds(f.duration("from", Duration{}));
      s.to_s = seconds(f.duration("to", std::chrono::hours(24)));
      if (const Node* breaks = f.get("breaks"))
        for (const Node& b : breaks->items()) {
          Fields g(b, out_, "break");
          const double from = seconds(g.duration("from", Duration{}));
          s.breaks_s.emplace_back(from, seconds(g.duration("to", Duration{})));
          g.finish();
        }
      f.finish();
      for (const std::string& name : names) {
        s.agent = model_->centre.find_agent(name);
        if (!s.agent) complain(item, "S106", "there is no agent `" + name + "`", "name an agent of the centre");
        else model_->shifts.push_back(s);
      }
    }
  }

  std::size_t stream_of(Fields& f) {
    const std::string name = f.required_string("stream");
    for (std::size_t i = 0; i < model_->streams.size(); ++i)
      if (model_->streams[i].name == name) return i;
    complain(f.node(), "S106", "there is no stream `" + name + "`", "name one of the streams");
    return 0;
  }
  void snapshot(const Node& node, Snapshot& s) {
    Fields f(node, out_, "snapshot");
    if (const Node* n = f.get("waiting"))
      for (const Node& item : n->items()) {
        Fields g(item, out_, "waiting");
        const std::size_t stream = stream_of(g);
        s.waiting.push_back({stream, seconds(g.duration("for", Duration{})), static_cast<std::int32_t>(g.integer("priority", 0, -1'000'000, 1'000'000))});
        g.finish();
      }
    if (const Node* n = f.get("talking"))
      for (const Node& item : n->items()) {
        Fields g(item, out_, "talking");
        const std::size_t stream = stream_of(g);
        const acd::AgentId agent = model_->centre.find_agent(g.required_string("agent"));
        if (!agent) complain(item, "S106", "the agent who talks does not exist", "name an agent of the centre");
        else s.talking.push_back({agent, stream, seconds(g.duration("for", Duration{}))});
        g.finish();
      }
    for (const std::string& name : f.strings("on_duty"))
      if (const acd::AgentId agent = model_->centre.find_agent(name)) s.on_duty.push_back(agent);
    f.finish();
  }

  Diagnostics& out_;
  const LoadText& load_;
  Model* model_ = nullptr;
};

}  // namespace

Result<Experiment> read_experiment(const Node& document, Diagnostics& diagnostics, const LoadText& load) {
  if (!document.is_mapping()) {
    diagnostics.error("S110", "an experiment is a mapping", "see docs/simulation.md", document.place(diagnostics.file()));
    return diagnostics.status().error();
  }
  Experiment e = ExperimentReader(diagnostics, load).read(document);
  HOTLINE_TRY(diagnostics.status());
  return e;
}

Result<Experiment> parse_experiment(std::string_view text, std::string_view file, Diagnostics* diagnostics, const LoadText& load) {
  HOTLINE_ASSIGN(const Node document, parse_document(text, file));
  Diagnostics own{std::string(file)};
  return read_experiment(document, diagnostics != nullptr ? *diagnostics : own, load);
}

Result<Experiment> load_experiment(const std::string& path, Diagnostics* diagnostics) {
  HOTLINE_ASSIGN(const std::string text, read_file(path));
  const auto slash = path.rfind('/');
  const std::string folder = slash == std::string::npos ? "" : path.substr(0, slash + 1);
  return parse_experiment(text, path, diagnostics, [&](const std::string& name) { return read_file(name.starts_with("/") ? name : folder + name); });
}

Result<Comparison> run_experiment(const Experiment& experiment, unsigned threads,
                                  const std::function<void(const std::string&, std::uint32_t, std::uint32_t)>& progress) {
  Comparison c;
  c.name = experiment.name;
  for (const Variant& v : experiment.variants) {
    Progress p;
    if (progress) p.report = [&](std::uint32_t done, std::uint32_t of) { progress(v.name, done, of); };
    HOTLINE_ASSIGN(Report report, run(v.model, v.plan, threads, v.has_snapshot ? &v.snapshot : nullptr, p));
    c.outcomes.push_back({v.name, std::move(report)});
  }
  return c;
}

std::string Comparison::to_text() const {
  std::string out;
  for (const Outcome& o : outcomes) out += o.name + "\n" + o.report.to_text() + "\n";
  char line[200];
  for (std::size_t i = 1; i < outcomes.size(); ++i) {
    out += outcomes[i].name + " minus " + outcomes[0].name + " (paired, 95 %)\n";
    for (const std::string& figure : outcomes[0].report.figure_names()) {
      const bool shown = figure.ends_with(".sl_offered") || figure.ends_with(".p_abandon") || figure.ends_with(".mean_wait_all_s") || figure.ends_with(".occupancy") ||
                         figure.ends_with(".p_overdue") || figure.ends_with(".mean_open_s");
      if (!shown) continue;
      const auto d = difference(outcomes[0].report, outcomes[i].report, figure);
      if (!d.ok()) continue;
      std::snprintf(line, sizeof line, "  %-36s %+12.5f ± %.5f%s\n", figure.c_str(), d->value, d->half_width,
                    d->low() > 0 || d->high() < 0 ? "  *" : "");
      out += line;
    }
  }
  return out;
}

std::string Comparison::to_json() const {
  std::string out = "{\"experiment\":";
  append_json_string(out, name);
  out += ",\"variants\":{";
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    if (i > 0) out += ',';
    append_json_string(out, outcomes[i].name);
    out += ':' + outcomes[i].report.to_json();
  }
  return out + "}}";
}

}  // namespace hotline::sim
