// Evaluations of compiled expressions beside a walk over the same tree.
#include "bench.hpp"
#include "expr/check.hpp"
#include "expr/fold.hpp"
#include "expr/walk.hpp"
#include "hotline/expr.hpp"

using namespace hotline;
using namespace hotline::expr;

namespace {

Environment environment() {
  Environment e;
  e.declare("level", Type::integer()).value();
  e.declare("region", Type::string()).value();
  e.declare("skills", Type::list(Type::string())).value();
  e.declare("waited", Type::duration()).value();
  return e;
}

// The same tree as the program's, walked.
struct Walker {
  Ast ast;
  Limits limits;
  Environment environment;

  Walker(std::string_view text, const Environment& e) : environment(e) {
    ast.text = text;
    prepare().value();
  }
  Status prepare() {
    HOTLINE_TRY(parse(ast, limits));
    HOTLINE_TRY(check(ast, *environment.data(), limits));
    return fold(ast, *environment.data(), limits);
  }
  bool test(std::span<const Value> slots) const {
    Budget budget(limits.budget);
    WalkContext context{ast, *environment.data(), slots, limits, budget, {}};
    return walk(ast.root, context).as_bool();
  }
};

void measure(const bench::Suite& suite, std::string_view name, std::string_view text, const std::vector<std::vector<Value>>& inputs) {
  if (!suite.wants(name)) return;
  const Environment e = environment();
  const Program program = Program::compile(text, e).value();
  const Walker walker(text, e);
  const auto over_inputs = [&](auto&& test) {
    return bench::rate([&](std::size_t n) {
      std::size_t yes = 0;
      for (std::size_t k = 0, at = 0; k < n; ++k) {
        yes += test(inputs[at]);
        if (++at == inputs.size()) at = 0;
      }
      bench::keep(yes);
    });
  };
  const double compiled = over_inputs([&](const std::vector<Value>& slots) { return program.test(slots).value(); });
  const double walked = over_inputs([&](const std::vector<Value>& slots) { return walker.test(slots); });
  suite.report(name, compiled, "1/s", "tree walk", walked);
}

}  // namespace

int main(int argc, char** argv) {
  const bench::Suite suite(argc, argv);
  const Value skills = Value::own_list({"zh", "en", "tax", "housing"});
  const Value waited = Duration(std::chrono::seconds(40));
  std::vector<std::vector<Value>> inputs;
  for (const std::int64_t level : {1, 2, 3, 4, 5})
    for (const char* region : {"a", "b", "c"}) inputs.push_back({level, region, skills, waited});
  measure(suite, "expr.eval", R"(level >= 3 && region in ["a","b"])", inputs);
  measure(suite, "expr.eval.arithmetic", "(level * 3 - 1) % 7 > 2 || level + 1 == 4", inputs);
  measure(suite, "expr.eval.exists", R"(skills.exists(s, s == "tax") && waited > duration("30s"))", inputs);
  if (suite.wants("expr.compile")) {
    const Environment e = environment();
    const auto rate = bench::rate([&](std::size_t n) {
      for (std::size_t k = 0; k < n; ++k) bench::keep(Program::compile(R"(level >= 3 && region in ["a","b"])", e).ok());
    });
    const auto parsing = bench::rate([&](std::size_t n) {
      for (std::size_t k = 0; k < n; ++k) {
        Ast ast;
        ast.text = R"(level >= 3 && region in ["a","b"])";
        bench::keep(parse(ast, Limits()).ok());
      }
    });
    suite.report("expr.compile", rate, "1/s", "parsing alone", parsing);
  }
  return 0;
}
