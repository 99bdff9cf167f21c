#include <algorithm>

#include "expr/check.hpp"
#include "expr/fold.hpp"
#include "expr/source.hpp"
#include "expr/walk.hpp"

namespace hotline::expr {
namespace {

constexpr std::uint32_t kMaxNodes = 16'000;  // operands of the code are 14 bits wide
constexpr std::uint32_t kMaxDepth = 500;     // the stack of the reader

std::string shortened(std::string text) {
  if (text.size() <= 80) return text;
  text.resize(77);
  while (!text.empty() && !is_utf8(text)) text.pop_back();
  return text + "...";
}

void collect_slots(Source& source, NodeId id) {
  const AstNode& node = source.ast.at(id);
  if (node.kind == Term::Kind::variable) source.slots.push_back(node.slot);
  for (const NodeId child : node.children) collect_slots(source, child);
}

void find_slots(Source& source) {
  collect_slots(source, source.ast.root);
  std::ranges::sort(source.slots);
  source.slots.erase(std::unique(source.slots.begin(), source.slots.end()), source.slots.end());
  source.slot_count = source.slots.empty() ? 0 : source.slots.back() + 1;
  for (const std::uint32_t slot : source.slots) {
    const Kind kind = source.environment->variables[slot].type.kind();
    if (kind != Kind::any) source.checks.push_back({slot, kind});
  }
}

Status check_result(const Source& source) {
  const AstNode& root = source.ast.at(source.ast.root);
  if (!source.result || compatible(*source.result, root.type)) return {};
  const std::string wanted = to_string(*source.result);
  return source.ast.error(root.offset, "the expression is " + to_string(root.type) + ", but must be " + wanted,
                          wanted == "bool" ? "compare it with something" : "convert it: " + wanted + "(...)");
}

Error evaluation_error(const Source& source, NodeId id, std::string message, std::string remedy) {
  const std::size_t offset = id < source.ast.nodes.size() ? source.ast.at(id).offset : 0;
  return Error(ErrorCode::evaluation_failed, std::move(message), std::move(remedy), source.ast.place(offset));
}

Error failure_error(const Source& source, const Value& failed, std::span<const Value> slots) {
  NodeId id = Access::node(failed);
  if (id >= source.ast.nodes.size()) id = source.ast.root;
  const Failure what = Access::what(failed);
  if (what == Failure::missing) {  // tell of the variable, not of the operator over it
    const AstNode& failed_node = source.ast.at(id);
    const bool has = failed_node.kind == Term::Kind::has;
    for (const NodeId child : has ? source.ast.child(failed_node, 0).children : failed_node.children) {
      const AstNode& node = source.ast.at(child);
      if (node.kind != Term::Kind::variable || (node.slot < slots.size() && !slots[node.slot].is_missing())) continue;
      id = child;
      break;
    }
  }
  const std::string code = "`" + shortened(print(source.ast, id)) + "` ";
  if (what == Failure::none) return evaluation_error(source, id, code + "failed: " + Access::message(failed), {});
  return evaluation_error(source, id, code + std::string(failure_text(what)), std::string(failure_remedy(what)));
}

Error budget_error(const Source& source) {
  return Error(ErrorCode::limit, "`" + shortened(source.ast.text) + "` took more than " +
                   std::to_string(source.limits.budget) + " steps", std::string(failure_remedy(Failure::budget)),
               source.ast.place(0));
}

Error slot_error(const Source& source, std::uint32_t slot, Kind given) {
  const Variable& variable = source.environment->variables[slot];
  NodeId at = source.ast.root;
  for (NodeId id = 0; id < source.ast.nodes.size(); ++id) {
    const AstNode& node = source.ast.at(id);
    if (node.kind != Term::Kind::variable || node.slot != slot) continue;
    at = id;
    break;
  }
  return evaluation_error(source, at, "`" + variable.name + "` is " + to_string(variable.type) + ", but was given " +
                              std::string(kind_name(given)), "give it a value of its type, or leave it out");
}

}  // namespace

Result<Program> Program::compile(std::string_view text, const Environment& environment, const Options& options) {
  auto source = std::make_shared<Source>();
  source->ast.text = text;
  source->ast.origin = options.origin;
  source->limits = options.limits;
  source->limits.nodes = std::min(source->limits.nodes, kMaxNodes);
  source->limits.depth = std::min(source->limits.depth, kMaxDepth);
  source->result = options.result;
  source->environment = environment.data();
  HOTLINE_TRY(parse(source->ast, source->limits));
  HOTLINE_TRY(check(source->ast, *source->environment, source->limits));
  HOTLINE_TRY(check_result(*source));
  HOTLINE_TRY(fold(source->ast, *source->environment, source->limits));
  source->cost = estimate(source->ast, *source->environment, source->limits, source->ast.root);
  if (source->cost > source->limits.cost)
    return source->ast.error(0, "the expression may take " + std::to_string(source->cost) + " steps, more than " +
                                 std::to_string(source->limits.cost), "nest fewer macros");
  find_slots(*source);
  HOTLINE_TRY(generate(source->ast, source->limits, source->code));
  return Program(std::move(source));
}

Result<Value> Program::evaluate(std::span<const Value> slots) const {
  const Source& source = *source_;
  std::vector<Value> padded;
  if (slots.size() < source.slot_count) {
    padded.assign(slots.begin(), slots.end());
    padded.resize(source.slot_count);
    slots = padded;
  }
  for (const Source::Check& check : source.checks) {
    const Kind given = slots[check.slot].kind();
    if (given != check.kind && given != Kind::missing) return slot_error(source, check.slot, given);
  }
  Budget budget(source.limits.budget);
  Value value = run({source.code, *source.environment, source.limits}, slots.data(), budget);
  // Parts may be shared many times over: what the caller will do with them all is counted too.
  if (budget.spent() || !look_at(value, budget)) return budget_error(source);
  if (Access::failed(value)) return failure_error(source, value, slots);
  if (source.result && !source.result->is_any() && value.kind() != source.result->kind())
    return evaluation_error(source, source.ast.root, "the expression gave " + std::string(kind_name(value.kind())) +
                                ", but must be " + to_string(*source.result), "convert it");
  return value;
}

Result<bool> Program::test(std::span<const Value> slots) const {
  const auto value = evaluate(slots);
  if (!value.ok()) return value.error();
  if (value->kind() == Kind::boolean) return value->as_bool();
  return evaluation_error(*source_, source_->ast.root, "`" + shortened(source_->ast.text) + "` gave " +
                              std::string(kind_name(value->kind())) + ", not a bool", "compare it with something");
}

const std::string& Program::source() const { return source_->ast.text; }
Type Program::type() const { return source_->ast.at(source_->ast.root).type; }
std::span<const std::uint32_t> Program::slots() const { return source_->slots; }
std::uint64_t Program::cost() const { return source_->cost; }
bool Program::is_constant() const { return source_->slots.empty(); }
Term Program::root() const { return Term(source_.get(), source_->ast.root); }

Term::Kind Term::kind() const { return source_->ast.at(node_).kind; }
Term::Op Term::op() const { return source_->ast.at(node_).op; }
Type Term::type() const { return source_->ast.at(node_).type; }
std::string_view Term::name() const { return source_->ast.at(node_).name; }
const Value& Term::value() const { return source_->ast.at(node_).value; }
std::uint32_t Term::slot() const {
  const AstNode& node = source_->ast.at(node_);
  return node.kind == Kind::variable ? node.slot : 0;
}
std::size_t Term::size() const { return source_->ast.at(node_).children.size(); }
Term Term::child(std::size_t index) const { return Term(source_, source_->ast.at(node_).children[index]); }
Place Term::place() const { return source_->ast.place(source_->ast.at(node_).offset); }
std::string Term::text() const { return print(source_->ast, node_); }

}  // namespace hotline::expr
