#include "workflow/guard_facts.hpp"

#include <algorithm>
#include <limits>

namespace hotline::workflow {
namespace {

using expr::Term;
using expr::Value;
using Op = Term::Op;
constexpr std::size_t kMaxAlternatives = 32;

Op negated(Op op) {
  switch (op) {
    case Op::equal: return Op::not_equal;
    case Op::not_equal: return Op::equal;
    case Op::less: return Op::greater_equal;
    case Op::less_equal: return Op::greater;
    case Op::greater: return Op::less_equal;
    case Op::greater_equal: return Op::less;
    default: return Op::none;
  }
}
Op mirrored(Op op) {
  switch (op) {
    case Op::less: return Op::greater;
    case Op::less_equal: return Op::greater_equal;
    case Op::greater: return Op::less;
    case Op::greater_equal: return Op::less_equal;
    default: return op;
  }
}

bool plain(const Term& t) { return t.kind() == Term::Kind::variable || t.kind() == Term::Kind::field; }

void comparison(const Term& subject, Op op, const Value& v, Conjunction& out) {
  ValueFacts f;
  f.what = subject.text();
  constexpr std::int64_t top = std::numeric_limits<std::int64_t>::max(),
                         bottom = std::numeric_limits<std::int64_t>::min();
  const bool integer = v.kind() == expr::Kind::integer;
  switch (op) {
    case Op::equal: f.one_of = std::vector<Value>{v}; break;
    case Op::not_equal: f.none_of = {v}; break;
    case Op::less:
      if (integer) f.high = v.as_int() == bottom ? bottom : v.as_int() - 1;
      break;
    case Op::less_equal:
      if (integer) f.high = v.as_int();
      break;
    case Op::greater:
      if (integer) f.low = v.as_int() == top ? top : v.as_int() + 1;
      break;
    case Op::greater_equal:
      if (integer) f.low = v.as_int();
      break;
    default: return;
  }
  out.push_back(std::move(f));
}

// The facts of one literal, which may be negated; nothing where it is not understood.
void literal(const Term& t, bool positive, Conjunction& out) {
  ValueFacts f;
  if (plain(t)) {
    f.what = t.text();
    f.one_of = std::vector<Value>{Value(positive)};
    out.push_back(std::move(f));
  } else if (t.kind() == Term::Kind::has) {
    f.what = t.child(0).text();
    f.present = positive;
    out.push_back(std::move(f));
  } else if (t.kind() == Term::Kind::literal && t.value().kind() == expr::Kind::boolean) {
    f.what = "true";
    f.one_of = std::vector<Value>{Value(true)};
    if (t.value().as_bool() != positive) f.none_of = {Value(true)};
    out.push_back(std::move(f));
  } else if (t.kind() == Term::Kind::call && t.op() == Op::in && plain(t.child(0))) {
    std::vector<Value> items;
    const Term list = t.child(1);
    if (list.kind() == Term::Kind::literal) {
      items.assign(list.value().items().begin(), list.value().items().end());
    } else if (list.kind() == Term::Kind::list) {
      for (std::size_t i = 0; i < list.size(); ++i) {
        if (list.child(i).kind() != Term::Kind::literal) return;
        items.push_back(list.child(i).value());
      }
    } else {
      return;
    }
    f.what = t.child(0).text();
    if (positive)
      f.one_of = std::move(items);
    else
      f.none_of = std::move(items);
    out.push_back(std::move(f));
  } else if (t.kind() == Term::Kind::call && t.size() == 2 && t.op() >= Op::equal && t.op() <= Op::greater_equal) {
    const Term a = t.child(0), b = t.child(1);
    const Op op = positive ? t.op() : negated(t.op());
    if (plain(a) && b.kind() == Term::Kind::literal)
      comparison(a, op, b.value(), out);
    else if (plain(b) && a.kind() == Term::Kind::literal)
      comparison(b, mirrored(op), a.value(), out);
  }
}

bool expand(const Term& t, bool positive, std::vector<Conjunction>& out) {
  if (t.kind() == Term::Kind::call && t.op() == Op::logical_not) return expand(t.child(0), !positive, out);
  const bool both = t.kind() == Term::Kind::call && (t.op() == Op::logical_and || t.op() == Op::logical_or);
  if (!both) {
    for (Conjunction& c : out) literal(t, positive, c);
    return true;
  }
  if ((t.op() == Op::logical_and) == positive) {
    for (std::size_t i = 0; i < t.size(); ++i)
      if (!expand(t.child(i), positive, out)) return false;
    return true;
  }
  std::vector<Conjunction> all;
  for (std::size_t i = 0; i < t.size(); ++i) {
    std::vector<Conjunction> one = out;
    if (!expand(t.child(i), positive, one)) return false;
    all.insert(all.end(), one.begin(), one.end());
    if (all.size() > kMaxAlternatives) return false;
  }
  out = std::move(all);
  return true;
}

bool within(const ValueFacts& f, const Value& v) {
  if (std::find(f.none_of.begin(), f.none_of.end(), v) != f.none_of.end()) return false;
  if (v.kind() == expr::Kind::integer && ((f.low && v.as_int() < *f.low) || (f.high && v.as_int() > *f.high)))
    return false;
  return true;
}

bool impossible(const ValueFacts& f) {
  if (f.low && f.high && *f.low > *f.high) return true;
  return f.one_of && std::none_of(f.one_of->begin(), f.one_of->end(), [&](const Value& v) { return within(f, v); });
}

// Folds `b` into `a`, both of the same operand; true where `has` is asked both ways.
bool narrow(ValueFacts& a, const ValueFacts& b) {
  if (a.present && b.present && *a.present != *b.present) return true;
  if (b.present) a.present = b.present;
  if (b.low && (!a.low || *a.low < *b.low)) a.low = b.low;
  if (b.high && (!a.high || *a.high > *b.high)) a.high = b.high;
  a.none_of.insert(a.none_of.end(), b.none_of.begin(), b.none_of.end());
  if (b.one_of && !a.one_of) {
    a.one_of = b.one_of;
  } else if (b.one_of) {
    std::erase_if(*a.one_of,
                  [&](const Value& v) { return std::find(b.one_of->begin(), b.one_of->end(), v) == b.one_of->end(); });
  }
  return false;
}

}  // namespace

std::optional<std::vector<Conjunction>> alternatives(const expr::Term& guard) {
  std::vector<Conjunction> out(1);
  if (!expand(guard, true, out)) return std::nullopt;
  return out;
}

bool contradictory(const Conjunction& facts) {
  Conjunction merged;
  for (const ValueFacts& f : facts) {
    const auto same = std::find_if(merged.begin(), merged.end(), [&](const ValueFacts& m) { return m.what == f.what; });
    if (same == merged.end())
      merged.push_back(f);
    else if (narrow(*same, f))
      return true;
  }
  return std::any_of(merged.begin(), merged.end(), impossible);
}

bool disjoint(const expr::Program& a, const expr::Program& b) {
  const auto left = alternatives(a.root()), right = alternatives(b.root());
  if (!left || !right) return false;
  for (const Conjunction& x : *left)
    for (const Conjunction& y : *right) {
      Conjunction both = x;
      both.insert(both.end(), y.begin(), y.end());
      if (!contradictory(both)) return false;
    }
  return true;
}

bool never_holds(const expr::Program& guard) {
  const auto all = alternatives(guard.root());
  return all && std::all_of(all->begin(), all->end(), contradictory);
}

std::string bounded_count(const expr::Program& guard) {
  const auto all = alternatives(guard.root());
  if (!all || all->empty()) return {};
  for (const ValueFacts& f : all->front()) {
    if (!f.high || (!f.what.starts_with("count.") && !f.what.starts_with("root.count."))) continue;
    const bool everywhere = std::all_of(all->begin(), all->end(), [&](const Conjunction& c) {
      return std::any_of(c.begin(), c.end(), [&](const ValueFacts& g) { return g.what == f.what && g.high; });
    });
    if (everywhere) return f.what;
  }
  return {};
}

}  // namespace hotline::workflow
