// An expression of the project's language -> a few small tests over an agent's profile.
#include <algorithm>

#include "hotline/acd/definition.hpp"
#include "hotline/expr/program.hpp"

namespace hotline::acd {
namespace {

using expr::Program;
using expr::Term;
using expr::Type;
using expr::Value;

// Thrown and caught inside this file only.
struct Refused {
  Error error;
};

class Compiler {
 public:
  explicit Compiler(const Definition& def) : def_(def) {}

  Requirement compile(const Term& t) {
    switch (t.kind()) {
      case Term::Kind::literal:
        if (t.value().kind() == expr::Kind::boolean) return t.value().as_bool() ? Requirement::everybody() : Requirement::nobody();
        break;
      case Term::Kind::call: return call(t);
      default: break;
    }
    refuse(t);
  }

 private:
  enum class Subject { none, skill, site, team, agent, attribute };
  struct Operand {
    Subject subject = Subject::none;
    std::uint32_t skill = 0;
    std::string_view attribute;
    const Value* value = nullptr;
    bool of_contact = false;  // contact.site
  };

  [[noreturn]] void refuse(const Term& t, std::string remedy = "compare skill.NAME with a number, or agent.site, agent.team, agent.id with a text; join with &&, ||, !") {
    throw Refused{Error(ErrorCode::invalid_expression, "`" + t.text() + "` cannot be part of a requirement", std::move(remedy), t.place())};
  }

  Requirement call(const Term& t) {
    using Op = Term::Op;
    switch (t.op()) {
      case Op::logical_and: return fold(t, [](auto a, auto b) { return a && b; });
      case Op::logical_or: return fold(t, [](auto a, auto b) { return a || b; });
      case Op::logical_not: return !compile(t.child(0));
      case Op::conditional: {
        const Requirement condition = compile(t.child(0));
        return (condition && compile(t.child(1))) || (!condition && compile(t.child(2)));
      }
      case Op::equal: case Op::not_equal: case Op::less: case Op::less_equal: case Op::greater: case Op::greater_equal:
        return comparison(t);
      case Op::in: return membership(t);
      default: refuse(t);
    }
  }
  template <class Join>
  Requirement fold(const Term& t, Join&& join) {
    Requirement all = compile(t.child(0));
    for (std::size_t i = 1; i < t.size(); ++i) all = join(all, compile(t.child(i)));
    return all;
  }

  std::uint32_t skill(const Term& at, std::string_view name) {
    if (const SkillId id = def_.find_skill(name)) return id.value;
    std::vector<std::string> known;
    for (const SkillDef& s : def_.skills) known.push_back(s.name);
    const auto meant = nearest(name, known);
    refuse(at, meant.empty() ? "define the skill first" : "did you mean `" + std::string(meant) + "`?");
  }

  Operand operand(const Term& t) {
    Operand o;
    if (t.kind() == Term::Kind::literal) {
      o.value = &t.value();
    } else if (t.kind() == Term::Kind::variable) {
      const std::string_view name = t.name();
      if (name.starts_with("skill.")) o.subject = Subject::skill, o.skill = skill(t, name.substr(6));
      else if (name == "agent.site") o.subject = Subject::site;
      else if (name == "agent.team") o.subject = Subject::team;
      else if (name == "agent.id") o.subject = Subject::agent;
      else if (name == "contact.site") o.of_contact = true;
      else if (name.starts_with("agent.")) o.subject = Subject::attribute, o.attribute = name.substr(6);
    } else if (t.kind() == Term::Kind::call && t.op() == Term::Op::index && t.child(0).kind() == Term::Kind::variable &&
               t.child(0).name() == "skills" && t.child(1).kind() == Term::Kind::literal) {
      o.subject = Subject::skill;
      o.skill = skill(t, t.child(1).value().as_string());
    }
    if (o.subject == Subject::none && o.value == nullptr && !o.of_contact) refuse(t);
    return o;
  }

  // level >= n over integers from 0 to 100.
  static Requirement at_least(std::uint32_t skill, std::int64_t n) {
    if (n <= 0) return Requirement::everybody();
    if (n > 100) return Requirement::nobody();
    return Requirement::skill(SkillId{skill}, static_cast<std::uint8_t>(n));
  }

  Requirement named(const Term& t, const Operand& operand, std::string_view name) {
    using Op = Requirement::Op;
    const Subject subject = operand.subject;
    if (subject == Subject::attribute) {
      const SkillId has = def_.find_skill("@" + std::string(operand.attribute) + "=" + std::string(name));
      return has ? Requirement::skill(has) : Requirement::nobody();  // a value that no agent has
    }
    std::uint32_t id = 0;
    Op op = Op::no;
    if (subject == Subject::site) op = Op::site_is, id = def_.find_site(name).value;
    if (subject == Subject::team) op = Op::team_is, id = def_.find_team(name).value;
    if (subject == Subject::agent) op = Op::agent_is, id = def_.find_agent(name).value;
    if (id == 0) refuse(t, "there is no site, team or agent `" + std::string(name) + "`");
    return Requirement{{{op, 0, id}}, {}};
  }

  Requirement comparison(const Term& t) {
    using Op = Term::Op;
    Operand a = operand(t.child(0)), b = operand(t.child(1));
    Op op = t.op();
    if (a.subject == Subject::none) {
      std::swap(a, b);
      op = op == Op::less ? Op::greater : op == Op::greater ? Op::less : op == Op::less_equal ? Op::greater_equal : op == Op::greater_equal ? Op::less_equal : op;
    }
    if (a.subject == Subject::none || b.subject != Subject::none) refuse(t);
    if (b.of_contact) {
      if (a.subject != Subject::site || (op != Op::equal && op != Op::not_equal)) refuse(t);
      const Requirement same{{{Requirement::Op::site_of_contact, 0, 0}}, {}};
      return op == Op::equal ? same : !same;
    }
    if (a.subject != Subject::skill) {
      if (b.value->kind() != expr::Kind::string || (op != Op::equal && op != Op::not_equal)) refuse(t);
      const Requirement one = named(t, a, b.value->as_string());
      return op == Op::equal ? one : !one;
    }
    if (b.value->kind() != expr::Kind::integer) refuse(t, "compare a level with a whole number from 0 to 100");
    const std::int64_t n = std::clamp<std::int64_t>(b.value->as_int(), -2, 102);
    switch (op) {
      case Op::greater_equal: return at_least(a.skill, n);
      case Op::greater: return at_least(a.skill, n + 1);
      case Op::less: return !at_least(a.skill, n);
      case Op::less_equal: return !at_least(a.skill, n + 1);
      case Op::equal: return at_least(a.skill, n) && !at_least(a.skill, n + 1);
      default: return !(at_least(a.skill, n) && !at_least(a.skill, n + 1));
    }
  }

  // agent.site in ["a", "b"], "mandarin" in skills
  Requirement membership(const Term& t) {
    const Term left = t.child(0), right = t.child(1);
    if (left.kind() == Term::Kind::literal && right.kind() == Term::Kind::variable && right.name() == "skills")
      return at_least(skill(t, left.value().as_string()), 1);
    const Operand a = operand(left);
    if (a.subject == Subject::none || a.subject == Subject::skill) refuse(t);
    Requirement any = Requirement::nobody();
    bool first = true;
    const auto add = [&](const Value& item) {
      if (item.kind() != expr::Kind::string) refuse(t);
      const Requirement one = named(t, a, item.as_string());
      any = first ? one : any || one;
      first = false;
    };
    if (right.kind() == Term::Kind::literal && right.value().kind() == expr::Kind::list) {
      for (const Value& item : right.value().items()) add(item);
    } else if (right.kind() == Term::Kind::list) {
      for (std::size_t i = 0; i < right.size(); ++i) {
        if (right.child(i).kind() != Term::Kind::literal) refuse(right.child(i));
        add(right.child(i).value());
      }
    } else {
      refuse(t);
    }
    return any;
  }

  const Definition& def_;
};

}  // namespace

Result<Requirement> parse_requirement(std::string_view text, const Definition& definition) {
  expr::Environment names;
  for (const SkillDef& skill : definition.skills) {
    if (skill.is_attribute()) (void)names.declare("agent." + skill.name.substr(1, skill.name.find('=') - 1), Type::string());
    else (void)names.declare("skill." + skill.name, Type::integer());
  }
  for (const char* name : {"agent.site", "agent.team", "agent.id", "contact.site"})
    if (const auto declared = names.declare(name, Type::string()); !declared.ok()) return declared.error();
  const auto skills = names.declare("skills", Type::map(Type::string(), Type::integer()));
  if (!skills.ok()) return skills.error();
  expr::Options options;
  options.result = Type::boolean();
  HOTLINE_ASSIGN(const Program program, Program::compile(text, names, options));
  try {
    Requirement result = Compiler(definition).compile(program.root());
    if (result.tests.size() > 4096)
      return Error(ErrorCode::invalid_expression, "the requirement is too long", "use fewer names");
    result.text = std::string(text);
    return result;
  } catch (const Refused& refused) {
    return refused.error;
  }
}

}  // namespace hotline::acd
