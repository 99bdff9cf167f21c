// A definition as text -> Definition. Names first, so that everything may name everything.
#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <unordered_map>

#include "hotline/acd/definition.hpp"

namespace hotline::acd {
namespace {

template <class Enum, std::size_t N>
std::array<std::string_view, N> names_of() {
  std::array<std::string_view, N> names;
  for (std::size_t i = 0; i < N; ++i) names[i] = to_string(static_cast<Enum>(i));
  return names;
}

class Reader {
 public:
  Reader(Definition& def, Diagnostics& out) : def_(def), out_(out) {}
  void read(const Node& root);

 private:
  using Ids = std::unordered_map<std::string, std::uint32_t>;

  void complain(const Node& at, std::string code, std::string message, std::string remedy) {
    out_.error(std::move(code), std::move(message), std::move(remedy), at.place(out_.file()));
  }
  // The names of a section: a mapping's keys, or a list's items.
  template <class Visit>
  void section(Fields& root, const char* key, Visit&& visit);
  std::uint32_t id(const Ids& ids, const std::string& name, const Node& at, const char* kind);
  std::uint32_t id_field(Fields& fields, const char* key, const Ids& ids, const char* kind);

  void channel(const Node& node, std::uint32_t i);
  void calendar(const Node& node, CalendarDef& def);
  void team(const Node& node, std::uint32_t i);
  void queue(const Node& node, std::uint32_t i);
  void agent(const Node& node, AgentDef& def);
  void rules(const Node& node);
  void step(const Node& node, QueueDef& def, const std::string& where);
  void callback(const Node& node, CallbackDef& def, const std::string& where);
  void distribute(const Node& node, DistributeDef& def, const std::string& where);
  void alarm(const Node& node, AlarmRule& rule);
  Requirement requirement(const Node& node, const std::string& where);
  std::uint8_t presence(Fields& fields, const char* key);
  void overflow(const Node& node, QueueDef& def);
  std::vector<Interval> hours(const Node& node, bool with_days);
  std::int32_t date(const Node& node);

  Definition& def_;
  Diagnostics& out_;
  Ids channels_, skills_, sites_, teams_, queues_, agents_, calendars_, reasons_;
};

template <class Visit>
void Reader::section(Fields& root, const char* key, Visit&& visit) {
  const Node* node = root.get(key);
  if (node == nullptr) return;
  static const Node nothing = Node::mapping();
  for (const Node& item : node->items()) visit(item, nothing);
  for (const Node::Entry& entry : node->entries()) visit(entry.key, entry.value.is_null() ? nothing : entry.value);
  if (node->is_scalar()) complain(*node, "D003", std::string("`") + key + "` must be a list or a mapping", "write [a, b] or name: {...}");
}

std::uint32_t Reader::id(const Ids& ids, const std::string& name, const Node& at, const char* kind) {
  const auto found = ids.find(name);
  if (found != ids.end()) return found->second;
  std::vector<std::string> known;
  for (const auto& [n, i] : ids) known.push_back(n);
  std::sort(known.begin(), known.end());
  const auto meant = nearest(name, known);
  complain(at, "A120", std::string("there is no ") + kind + " `" + name + "`",
           meant.empty() ? std::string("define it under `") + kind + "s`" : "did you mean `" + std::string(meant) + "`?");
  return 0;
}
std::uint32_t Reader::id_field(Fields& fields, const char* key, const Ids& ids, const char* kind) {
  const Node* node = fields.get(key);
  return node == nullptr ? 0 : id(ids, node->text(), *node, kind);
}

void Reader::channel(const Node& node, std::uint32_t i) {
  ChannelDef& def = def_.channels[i];
  Fields fields(node, out_, "channel `" + def.name + "`");
  def.units = static_cast<std::uint32_t>(fields.integer("units", 100, 1, 100000));
  def.max = static_cast<std::uint32_t>(fields.integer("max", kNoLimit, 1, kNoLimit));
  if (const Node* by = fields.get("interrupted_by"))
    for (const std::string& name : fields.strings("interrupted_by"))
      if (const auto c = id(channels_, name, *by, "channel")) def.interrupted_by.push_back(ChannelId{c});
  fields.finish();
}

// "mon-fri 08:30-17:30" or, without days, "08:30-12:00".
std::vector<Interval> Reader::hours(const Node& node, bool with_days) {
  static constexpr std::string_view kDays[] = {"mon", "tue", "wed", "thu", "fri", "sat", "sun"};
  std::vector<Interval> result;
  const auto read = [&](const Node& item) {
    std::string_view text = item.text();
    std::size_t first = 0, last = with_days ? 6 : 0;
    const auto day = [&](std::string_view word) {
      return static_cast<std::size_t>(std::find(std::begin(kDays), std::end(kDays), word) - std::begin(kDays));
    };
    bool good = item.is_scalar();
    if (const auto blank = text.find(' '); with_days && blank != text.npos) {
      const std::string_view days = text.substr(0, blank);
      text.remove_prefix(blank + 1);
      first = day(days.substr(0, 3));
      last = days.size() == 7 && days[3] == '-' ? day(days.substr(4)) : days.size() == 3 ? first : 7;
      good = good && first < 7 && last < 7;
    }
    int h1 = 0, m1 = 0, h2 = 0, m2 = 0, used = 0;
    good = good && std::sscanf(std::string(text).c_str(), "%2d:%2d-%2d:%2d%n", &h1, &m1, &h2, &m2, &used) == 4 &&
           static_cast<std::size_t>(used) == text.size() && h1 >= 0 && h1 < 24 && h2 >= 0 && h2 <= 24 && m1 >= 0 && m2 >= 0 && m1 < 60 && m2 < 60 &&
           h1 * 60 + m1 < h2 * 60 + m2 && h2 * 60 + m2 <= 24 * 60;
    if (!good) {
      complain(item, "A121", "`" + item.text() + "` is not a time of opening", with_days ? "write \"mon-fri 08:30-17:30\"" : "write \"08:30-12:00\"");
      return;
    }
    for (std::size_t d = first;; d = (d + 1) % 7) {
      const Duration base = std::chrono::hours(24 * static_cast<int>(d));
      result.push_back({base + std::chrono::minutes(h1 * 60 + m1), base + std::chrono::minutes(h2 * 60 + m2)});
      if (d == last) break;
    }
  };
  if (node.is_scalar()) read(node);
  for (const Node& item : node.items()) read(item);
  return result;
}

std::int32_t Reader::date(const Node& node) {
  const auto time = parse_time(node.text() + "T00:00:00Z");
  if (time.ok()) return static_cast<std::int32_t>(to_ns(*time) / (24ll * 3600 * 1000000000));
  complain(node, "A121", "`" + node.text() + "` is not a date", "write 2026-10-01");
  return 0;
}

void Reader::calendar(const Node& node, CalendarDef& def) {
  Fields fields(node, out_, "calendar `" + def.name + "`");
  def.utc_offset = fields.duration("utc_offset", Duration{0});
  if (const Node* open = fields.get("open")) def.open = hours(*open, true);
  if (const Node* closed = fields.get("closed"))
    for (const Node& item : closed->items()) def.closed.push_back(date(item));
  if (const Node* special = fields.get("special"))
    for (const Node::Entry& entry : special->entries()) def.special.push_back({date(entry.key), hours(entry.value, false)});
  fields.finish();
}

void Reader::team(const Node& node, std::uint32_t i) {
  TeamDef& def = def_.teams[i];
  Fields fields(node, out_, "team `" + def.name + "`");
  static const auto kOrders = names_of<ContactOrder, 10>();
  def.order = static_cast<ContactOrder>(fields.choice("order", kOrders, static_cast<std::size_t>(def_.order)));
  if (const Node* serves = fields.get("serves"))
    for (const std::string& name : fields.strings("serves"))
      if (const auto q = id(queues_, name, *serves, "queue")) def.serves.push_back(QueueId{q});
  if (const Node* weights = fields.get("weights"))
    for (const Node::Entry& entry : weights->entries()) {
      Fields f(entry.value, out_, "weights of team `" + def.name + "`");
      PairWeight w{QueueId{id(queues_, entry.key.text(), entry.key, "queue")}, 0, 1, 0};
      w.constant = f.number("constant", 0, -1e12, 1e12);
      w.factor = f.number("factor", 1, -1e9, 1e9);
      w.idle_factor = f.number("idle_factor", 0, 0, 1e9);
      f.finish();
      if (w.queue) def.weights.push_back(w);
    }
  fields.finish();
}

void Reader::step(const Node& node, QueueDef& q, const std::string& where) {
  static constexpr std::string_view kModes[] = {"widen", "replace"};
  Fields s(node, out_, "a step of " + where);
  StepDef step;
  if (const Node* needs = s.get("requires")) step.requires_ = requirement(*needs, where);
  step.wait = s.duration("wait", Duration{0});
  step.mode = static_cast<StepMode>(s.choice("mode", kModes, 0));
  step.skip_if_nobody = s.boolean("skip_if_nobody", false);
  step.consider_if_waiting_below = static_cast<std::uint32_t>(s.integer("if_waiting_below", kNoLimit, 1, kNoLimit));
  if (const Node* condition = s.get("if")) {
    step.consider_if = condition->text();
    if (const Status read = check_condition(step.consider_if); !read.ok()) {
      complain(*condition, "A123", where + ": " + read.error().message(), read.error().remedy());
      step.consider_if.clear();
    }
  }
  static constexpr std::string_view kIfNot[] = {"skip", "wait"};
  step.if_not = static_cast<IfNot>(s.choice("if_not", kIfNot, 0));
  if (const Node* tiers = s.get("tiers"))
    for (const Node::Entry& entry : tiers->entries()) {
      const auto t = id(teams_, entry.key.text(), entry.key, "team");
      const auto tier = entry.value.as_int();
      if (!tier || *tier < -1000000 || *tier > 1000000) complain(entry.value, "A122", where + ": a tier is a small whole number", "write experts: 2");
      else if (t != 0) step.tiers.push_back({TeamId{t}, static_cast<std::int32_t>(*tier)});
    }
  if (s.get("class")) step.strict_class = static_cast<std::int32_t>(s.integer("class", 0, -1000, 1000));
  s.finish();
  q.steps.push_back(std::move(step));
}

void Reader::callback(const Node& node, CallbackDef& def, const std::string& where) {
  static constexpr std::string_view kModes[] = {"agent_first", "citizen_first"};
  Fields f(node, out_, "callback of " + where);
  def.mode = static_cast<CallbackMode>(f.choice("mode", kModes, 0));
  def.attempts = static_cast<std::uint32_t>(f.integer("attempts", 3, 1, 1000));
  def.retry = f.duration("retry", def.retry);
  def.ahead = static_cast<std::uint32_t>(f.integer("ahead", 0, 0, 100));
  def.answer_within = f.duration("answer_within", def.answer_within);
  def.at_once = static_cast<std::uint32_t>(f.integer("at_once", 1, 1, 10000));
  def.calendar = id_field(f, "calendar", calendars_, "calendar");
  f.finish();
}

void Reader::distribute(const Node& node, DistributeDef& def, const std::string& where) {
  static constexpr std::string_view kRules[] = {"least_delay", "random"};
  Fields f(node, out_, "distribute of " + where);
  def.rule = static_cast<DistributeRule>(f.choice("by", kRules, 0));
  if (const Node* to = f.get("to")) {
    for (const Node& item : to->items())
      if (const auto q = id(queues_, item.text(), item, "queue")) def.to.push_back({QueueId{q}, 1.0});
    for (const Node::Entry& entry : to->entries()) {
      const auto q = id(queues_, entry.key.text(), entry.key, "queue");
      const auto weight = entry.value.as_double();
      if (!weight) complain(entry.value, "A122", where + ": a weight is a number", "write jinan: 2");
      else if (q != 0) def.to.push_back({QueueId{q}, *weight});
    }
  }
  f.finish();
}

void Reader::alarm(const Node& node, AlarmRule& rule) {
  static constexpr std::string_view kMeasures[] = {"waiting", "longest_wait_s", "service_level", "agents_ready", "volume"};
  Fields f(node, out_, "alarm `" + rule.name + "`");
  rule.measure = static_cast<AlarmRule::Measure>(f.choice("measure", kMeasures, 0));
  rule.queue = QueueId{id_field(f, "queue", queues_, "queue")};
  rule.raise = f.number("raise", 0, -1e12, 1e12);
  rule.clear = f.number("clear", rule.raise, -1e12, 1e12);
  rule.hold = f.duration("hold", rule.hold);
  rule.window = f.duration("window", rule.window);
  f.finish();
}

// A mapping of skills and levels (all are needed), or an expression.
Requirement Reader::requirement(const Node& node, const std::string& where) {
  if (node.is_mapping()) {
    Requirement all;
    for (const Node::Entry& entry : node.entries()) {
      const auto skill = id(skills_, entry.key.text(), entry.key, "skill");
      const auto level = entry.value.is_null() ? std::optional<std::int64_t>(1) : entry.value.as_int();
      if (!level || *level < 1 || *level > 100) complain(entry.value, "A122", where + ": a level must be 1 to 100", "write mandarin: 50");
      else if (skill != 0) {
        Requirement one = Requirement::skill(SkillId{skill}, static_cast<std::uint8_t>(*level));
        one.text = "skill." + entry.key.text() + " >= " + std::to_string(*level);
        all = all && one;
      }
    }
    return all;
  }
  auto parsed = parse_requirement(node.text(), def_);
  if (parsed.ok()) return *std::move(parsed);
  complain(node, "A123", where + ": " + parsed.error().message(), parsed.error().remedy());
  return {};
}

std::uint8_t Reader::presence(Fields& fields, const char* key) {
  std::uint8_t mask = 0;
  const Node* node = fields.get(key);
  for (const std::string& word : fields.strings(key)) {
    if (word == "ready") mask |= kPresentReady;
    else if (word == "busy") mask |= kPresentBusy;
    else if (word == "wrap") mask |= kPresentWrap;
    else if (word == "not_ready") mask |= kPresentNotReady;
    else complain(*node, "D005", fields.context() + ": `" + word + "` is no state to ask for", "use ready, busy, wrap, not_ready");
  }
  return mask;
}

void Reader::overflow(const Node& node, QueueDef& def) {
  const auto read = [&](const Node& item) {
    OverflowDef o;
    if (item.is_scalar()) {
      if (item.text() == "callback") o.kind = OverflowKind::callback;
      else if (item.text() == "voicemail") o.kind = OverflowKind::voicemail;
      else if (item.text() == "hang_up") o.kind = OverflowKind::hang_up;
      else if (item.text() == "back") o.kind = OverflowKind::back;
      else return complain(item, "A124", "queue `" + def.name + "`: `" + item.text() + "` is no way out", "use {queue: name}, {external: number}, callback, voicemail, back or hang_up");
    } else {
      Fields fields(item, out_, "overflow of queue `" + def.name + "`");
      if (const auto q = id_field(fields, "queue", queues_, "queue")) o.kind = OverflowKind::queue, o.queue = QueueId{q};
      else if (fields.get("external")) o.kind = OverflowKind::external, o.target = fields.string("external");
      else if (!fields.get("queue")) complain(item, "A124", "queue `" + def.name + "`: the way out leads nowhere", "write {queue: name} or {external: number}");
      fields.finish();
    }
    def.overflow.push_back(std::move(o));
  };
  if (node.is_sequence()) {
    for (const Node& item : node.items()) read(item);
  } else {
    read(node);
  }
}

void Reader::queue(const Node& node, std::uint32_t i) {
  QueueDef& q = def_.queues[i];
  const std::string where = "queue `" + q.name + "`";
  Fields f(node, out_, where);
  static const auto kOrders = names_of<AgentOrder, 17>();
  static const auto kKeys = names_of<KeyRule, 3>();
  static constexpr std::string_view kWraps[] = {"none", "timed", "until_released", "optional"};
  static constexpr std::string_view kAfter[] = {"stay", "anybody", "overflow"};

  if (const auto c = id_field(f, "channel", channels_, "channel")) q.channel = ChannelId{c};
  q.calendar = id_field(f, "calendar", calendars_, "calendar");
  const Node* steps = f.get("steps");
  if (const Node* needs = f.get("requires")) {
    if (steps != nullptr) complain(*needs, "A125", where + " has `requires` and `steps`", "move it into the first step");
    else q.steps.emplace_back().requires_ = requirement(*needs, where);
  }
  if (steps != nullptr)
    for (const Node& item : steps->items()) step(item, q, where);
  if (const Node* back = f.get("callback")) callback(*back, q.callback, where);
  if (const Node* to = f.get("distribute")) distribute(*to, q.distribute, where);
  q.after_last = static_cast<AfterLast>(f.choice("after_last", kAfter, 0));
  q.agents = static_cast<AgentOrder>(f.choice("agents", kOrders, 0));
  q.window = f.duration("window", q.window);
  if (const Node* fan = f.get("fanout"); fan != nullptr && fan->text() == "all") q.fanout = kMaxFanout;
  else q.fanout = static_cast<std::uint32_t>(f.integer("fanout", 1, 1, kMaxFanout));
  q.fanout_every = f.duration("fanout_every", q.fanout_every);
  q.key = static_cast<KeyRule>(f.choice("key", kKeys, 0));
  q.boost = f.duration("boost", q.boost);
  q.target = f.duration("target", q.target);
  for (const std::string& t : f.strings("targets"))
    if (const auto d = parse_duration(t)) q.targets.push_back(*d);
    else complain(*f.get("targets"), "D003", where + ": `" + t + "` is not a duration", "write 30s");
  q.head_start = f.duration("head_start", q.head_start);
  q.strict_class = static_cast<std::int32_t>(f.integer("class", 0, -1000, 1000));
  q.weight = static_cast<std::int32_t>(f.integer("weight", 0, -1000000, 1000000));
  q.factor = f.number("factor", 1, -1e9, 1e9);
  q.constant = f.number("constant", 0, -1e12, 1e12);
  q.idle_factor = f.number("idle_factor", 0, -1e9, 1e9);
  q.share = f.number("share", 0, 0, 1);
  q.service_time = f.duration("service_time", q.service_time);
  q.aging = f.duration("aging", q.aging);
  q.ring_timeout = f.duration("ring_timeout", q.ring_timeout);
  q.ring_grace = f.duration("ring_grace", q.ring_grace);
  q.auto_accept = f.boolean("auto_accept", false);
  q.confirm = f.boolean("confirm", false);
  q.exclude = f.duration("exclude", q.exclude);
  q.max_offers = static_cast<std::uint32_t>(f.integer("max_offers", 0, 0, 60000));
  q.max_ringing = static_cast<std::uint32_t>(f.integer("max_ringing", 0, 0, 1000000));
  q.pace = f.duration("pace", q.pace);
  if (const Node* wrap = f.get("wrap_up")) {
    if (wrap->is_scalar()) {
      q.wrap_time = f.duration("wrap_up", Duration{0});
      q.wrap = q.wrap_time.count() > 0 ? WrapMode::timed : WrapMode::none;
    } else {
      Fields w(*wrap, out_, "wrap_up of " + where);
      q.wrap = static_cast<WrapMode>(w.choice("mode", kWraps, 1));
      q.wrap_time = w.duration("time", Duration{0});
      q.wrap_cap = w.duration("cap", Duration{0});
      q.wrap_extensions = static_cast<std::uint32_t>(w.integer("extensions", 0, 0, 100));
      w.finish();
    }
  }
  q.max_waiting = static_cast<std::uint32_t>(f.integer("max_waiting", kNoLimit, 0, kNoLimit));
  q.max_wait = f.duration("max_wait", q.max_wait);
  q.join = presence(f, "join_if_any");
  q.stay = presence(f, "stay_if_any");
  if (const Node* o = f.get("overflow")) overflow(*o, q);
  if (const Node* reserves = f.get("reserves"))
    for (const Node::Entry& entry : reserves->entries()) {
      const auto keep = entry.value.as_int();
      const auto t = id(teams_, entry.key.text(), entry.key, "team");
      if (!keep || *keep < 0) complain(entry.value, "D003", where + ": a reserve is a number of idle agents", "write team: 2");
      else if (t != 0) q.reserves.push_back({TeamId{t}, static_cast<std::uint32_t>(*keep)});
    }
  q.reserve_exempt_class = static_cast<std::int32_t>(f.integer("reserve_exempt_class", 1, -1000, 1001));
  q.notify_monitored = f.boolean("notify_monitored", false);
  f.finish();
}

void Reader::agent(const Node& node, AgentDef& a) {
  const std::string where = "agent `" + a.name + "`";
  Fields f(node, out_, where);
  a.team = TeamId{id_field(f, "team", teams_, "team")};
  a.site = SiteId{id_field(f, "site", sites_, "site")};
  if (const Node* skills = f.get("skills")) {
    for (const Node& item : skills->items())
      if (const auto s = id(skills_, item.text(), item, "skill")) a.skills.push_back({SkillId{s}, 100});
    for (const Node::Entry& entry : skills->entries()) {
      const auto s = id(skills_, entry.key.text(), entry.key, "skill");
      const auto level = entry.value.as_int();
      if (!level || *level < 0 || *level > 100) complain(entry.value, "A122", where + ": a level must be 0 to 100", "write mandarin: 50");
      else if (s != 0 && *level > 0) a.skills.push_back({SkillId{s}, static_cast<std::uint8_t>(*level)});
    }
  }
  if (const Node* attributes = f.get("attributes"))
    for (const Node::Entry& entry : attributes->entries()) a.skills.push_back({def_.attribute(entry.key.text(), entry.value.text()), 100});
  if (const Node* queues = f.get("queues")) {
    for (const Node& item : queues->items())
      if (const auto q = id(queues_, item.text(), item, "queue")) a.queues.push_back({QueueId{q}, 1, 1});
    for (const Node::Entry& entry : queues->entries()) {
      Membership m{QueueId{id(queues_, entry.key.text(), entry.key, "queue")}, 1, 1};
      if (const auto tier = entry.value.as_int()) {
        m.tier = static_cast<std::int32_t>(std::clamp<std::int64_t>(*tier, -1000000, 1000000));
      } else if (!entry.value.is_null()) {
        Fields member(entry.value, out_, where + " in queue `" + entry.key.text() + "`");
        m.tier = static_cast<std::int32_t>(member.integer("tier", 1, -1000000, 1000000));
        m.weight = member.number("weight", 1, 0, 1e9);
        member.finish();
      }
      if (m.queue) a.queues.push_back(m);
    }
  }
  a.units = static_cast<std::uint32_t>(f.integer("units", 100, 1, 100000));
  a.weight = f.number("weight", 1, 0, 1e9);
  a.handling_time = f.duration("handling_time", a.handling_time);
  if (f.get("wrap_up")) a.wrap_time = f.duration("wrap_up", a.wrap_time);
  f.finish();
}

void Reader::rules(const Node& node) {
  Fields f(node, out_, "rules");
  static const auto kOrders = names_of<ContactOrder, 10>();
  static constexpr std::string_view kIdle[] = {"freeze", "keep", "reset"};
  static constexpr std::string_view kMissed[] = {"not_ready", "nothing"};
  def_.order = static_cast<ContactOrder>(f.choice("order", kOrders, 0));
  def_.break_rule = static_cast<IdleRule>(f.choice("break_idle", kIdle, 0));
  def_.if_missed = static_cast<IfMissed>(f.choice("if_missed", kMissed, 0));
  def_.misses = static_cast<std::uint32_t>(f.integer("misses", 3, 0, 1000));
  def_.delay_busy = f.duration("delay_busy", def_.delay_busy);
  def_.delay_reject = f.duration("delay_reject", def_.delay_reject);
  def_.delay_no_answer = f.duration("delay_no_answer", def_.delay_no_answer);
  def_.delay_unreachable = f.duration("delay_unreachable", def_.delay_unreachable);
  def_.break_balance = f.duration("break_balance", def_.break_balance);
  def_.utc_offset = f.duration("utc_offset", def_.utc_offset);
  def_.reclaim = f.duration("reclaim", def_.reclaim);
  def_.max_ringing = static_cast<std::uint32_t>(f.integer("max_ringing", 0, 0, 10000000));
  def_.pace = f.duration("pace", def_.pace);
  if (const Node* emergency = f.get("emergency")) {
    Fields e(*emergency, out_, "rules: emergency");
    def_.emergency_class = static_cast<std::int32_t>(e.integer("class", 1, -1000, 1000));
    def_.emergency_most = static_cast<std::uint32_t>(e.integer("most", 0, 0, 1000000));
    def_.emergency_per = e.duration("per", def_.emergency_per);
    e.finish();
  }
  if (const Node* modes = f.get("monitor")) {
    def_.monitor_modes = 0;
    for (const std::string& word : f.strings("monitor")) {
      if (word == "listen") def_.monitor_modes |= 1;
      else if (word == "whisper") def_.monitor_modes |= 2;
      else if (word == "barge") def_.monitor_modes |= 4;
      else complain(*modes, "D005", "rules: `" + word + "` is no way to monitor", "use listen, whisper, barge");
    }
  }
  f.finish();
}

void Reader::read(const Node& root) {
  Fields f(root, out_, "acd");
  if (f.required("acd")) f.integer("acd", 1, 1, 1);
  def_.name = f.string("name", out_.file());
  def_.version = static_cast<std::uint32_t>(f.integer("version", 1, 0, 0xffffffffll));
  def_.seed = static_cast<std::uint64_t>(f.integer("seed", 1, 0, std::numeric_limits<std::int64_t>::max()));
  std::vector<const Node*> channel_nodes, team_nodes, queue_nodes, alarm_nodes;
  const auto note = [&](auto& list, Ids& ids, std::vector<const Node*>* nodes) {
    return [&list, &ids, nodes](const Node& key, const Node& value) {
      list.emplace_back();
      list.back().name = key.text();
      ids.emplace(key.text(), static_cast<std::uint32_t>(list.size()));
      if (nodes != nullptr) nodes->push_back(&value);
    };
  };
  section(f, "channels", note(def_.channels, channels_, &channel_nodes));
  if (def_.channels.empty()) {
    def_.channels.emplace_back().name = "voice";
    channels_.emplace("voice", 1);
  }
  section(f, "teams", note(def_.teams, teams_, &team_nodes));
  section(f, "queues", note(def_.queues, queues_, &queue_nodes));
  section(f, "skills", [&](const Node& key, const Node& value) {
    def_.skills.push_back({key.text(), 1});
    skills_.emplace(key.text(), static_cast<std::uint32_t>(def_.skills.size()));
    Fields s(value, out_, "skill `" + key.text() + "`");
    def_.skills.back().weight = s.number("weight", 1, -1e6, 1e6);
    s.finish();
  });
  std::vector<std::pair<std::string, const Node*>> parents;
  section(f, "sites", [&](const Node& key, const Node& value) {
    def_.sites.push_back({key.text(), {}});
    sites_.emplace(key.text(), static_cast<std::uint32_t>(def_.sites.size()));
    parents.push_back({key.text(), &value});
  });
  for (std::size_t i = 0; i < parents.size(); ++i) {
    Fields s(*parents[i].second, out_, "site `" + parents[i].first + "`");
    def_.sites[i].parent = SiteId{id_field(s, "parent", sites_, "site")};
    s.finish();
  }
  section(f, "reasons", [&](const Node& key, const Node& value) {
    Fields r(value, out_, "reason `" + key.text() + "`");
    def_.reasons.push_back({key.text(), r.boolean("break", false)});
    r.finish();
  });
  section(f, "calendars", [&](const Node& key, const Node& value) {
    def_.calendars.emplace_back().name = key.text();
    calendars_.emplace(key.text(), static_cast<std::uint32_t>(def_.calendars.size()));
    calendar(value, def_.calendars.back());
  });
  // Agents by name first: requirements may name them. "a1..a30" stands for thirty.
  std::vector<const Node*> agent_nodes;
  section(f, "agents", [&](const Node& key, const Node& value) {
    const std::string& name = key.text();
    std::vector<std::string> all = {name};
    if (const auto dots = name.find(".."); dots != name.npos) {
      const auto digits = [](std::string_view s) { return s.substr(std::min(s.size(), s.find_last_not_of("0123456789") + 1)); };
      const std::string left = name.substr(0, dots), right = name.substr(dots + 2);
      const std::string from(digits(left)), to(digits(right));
      std::uint64_t low = 0, high = 0;
      std::from_chars(from.data(), from.data() + from.size(), low);
      std::from_chars(to.data(), to.data() + to.size(), high);
      const std::string stem = left.substr(0, left.size() - from.size());
      if (from.empty() || to.empty() || high < low || high - low >= 1000000 || right.substr(0, right.size() - to.size()) != stem) {
        complain(key, "A126", "`" + name + "` is not a row of names", "write a1..a30");
        return;
      }
      all.clear();
      for (std::uint64_t n = low; n <= high; ++n) {
        std::string number = std::to_string(n);
        if (from[0] == '0' && number.size() < from.size()) number.insert(0, from.size() - number.size(), '0');
        all.push_back(stem + number);
      }
    }
    for (std::string& one : all) {
      agents_.emplace(one, static_cast<std::uint32_t>(def_.agents.size() + 1));
      def_.agents.emplace_back().name = std::move(one);
      agent_nodes.push_back(&value);
    }
  });
  section(f, "alarms", [&](const Node& key, const Node& value) {
    def_.alarms.emplace_back().name = key.text();
    alarm_nodes.push_back(&value);
  });
  if (const Node* node = f.get("rules")) rules(*node);
  for (std::uint32_t i = 0; i < channel_nodes.size(); ++i) channel(*channel_nodes[i], i);
  for (std::uint32_t i = 0; i < team_nodes.size(); ++i) team(*team_nodes[i], i);
  for (std::uint32_t i = 0; i < agent_nodes.size(); ++i) {
    if (i > 0 && agent_nodes[i] == agent_nodes[i - 1] && !agent_nodes[i]->entries().empty()) {
      std::string name = std::move(def_.agents[i].name);
      def_.agents[i] = def_.agents[i - 1];
      def_.agents[i].name = std::move(name);
    } else {
      agent(*agent_nodes[i], def_.agents[i]);
    }
  }
  for (std::uint32_t i = 0; i < queue_nodes.size(); ++i) queue(*queue_nodes[i], i);
  for (std::uint32_t i = 0; i < alarm_nodes.size(); ++i) alarm(*alarm_nodes[i], def_.alarms[i]);
  f.finish();
}

}  // namespace

Result<Definition> read_definition(const Node& document, Diagnostics& diagnostics) {
  Definition definition;
  Reader(definition, diagnostics).read(document);
  if (!diagnostics.has_errors()) definition.validate(diagnostics);
  diagnostics.sort();
  HOTLINE_TRY(diagnostics.status());
  return definition;
}

Result<Definition> parse_definition(std::string_view text, std::string_view file, Diagnostics* diagnostics) {
  Diagnostics own{std::string(file)};
  HOTLINE_ASSIGN(const Node node, parse_document(text, file));
  auto result = read_definition(node, own);
  if (diagnostics != nullptr) *diagnostics = std::move(own);
  return result;
}

Result<Definition> load_definition(const std::string& path, Diagnostics* diagnostics) {
  Diagnostics own{path};
  HOTLINE_ASSIGN(const Node node, load_document(path));
  auto result = read_definition(node, own);
  if (diagnostics != nullptr) *diagnostics = std::move(own);
  return result;
}

}  // namespace hotline::acd
