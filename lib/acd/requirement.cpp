#include "hotline/acd/requirement.hpp"

namespace hotline::acd {
namespace {

Requirement join(const Requirement& a, const Requirement& b, Requirement::Op op, std::string_view word) {
  Requirement r;
  r.tests = a.tests;
  r.tests.insert(r.tests.end(), b.tests.begin(), b.tests.end());
  r.tests.push_back({op, 0, 0});
  if (!a.text.empty() && !b.text.empty()) r.text = "(" + a.text + ") " + std::string(word) + " (" + b.text + ")";
  return r;
}

}  // namespace

Requirement Requirement::operator&&(const Requirement& other) const {
  if (is_everybody()) return other;
  if (other.is_everybody()) return *this;
  return join(*this, other, Op::both, "&&");
}
Requirement Requirement::operator||(const Requirement& other) const {
  if (is_everybody() || other.is_everybody()) return everybody();
  return join(*this, other, Op::either, "||");
}
Requirement Requirement::operator!() const {
  if (is_everybody()) return nobody();
  Requirement r = *this;
  r.tests.push_back({Op::negated, 0, 0});
  if (!text.empty()) r.text = "!(" + text + ")";
  return r;
}

}  // namespace hotline::acd
