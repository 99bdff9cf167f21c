#include "hotline/workflow/term.hpp"

#include <array>
#include <utility>

namespace hotline::workflow {
namespace {

Error refuse(std::string_view text, std::string why) {
  return Error(ErrorCode::invalid_argument,
               "`" + std::string(text.substr(0, 40)) + "` is not a term: " + std::move(why),
               "write 2h or 90m (elapsed), 8wh or 30wm (working time), 5wd (working days) or 15cd (calendar days)");
}

bool whole(std::string_view digits, std::int64_t limit, std::int64_t& out) {
  if (digits.empty() || digits.size() > 9) return false;
  std::int64_t v = 0;
  for (const char c : digits) {
    if (c < '0' || c > '9') return false;
    v = v * 10 + (c - '0');
  }
  out = v;
  return v <= limit;
}

}  // namespace

Result<Term> parse_term(std::string_view text) {
  const std::string_view all = text;
  std::int64_t sign = 1;
  if (!text.empty() && (text.front() == '-' || text.front() == '+')) {
    sign = text.front() == '-' ? -1 : 1;
    text.remove_prefix(1);
  }
  const auto days = [&](Term::Unit unit) -> Result<Term> {
    std::int64_t n = 0;
    if (!whole(text.substr(0, text.size() - 2), 36500, n)) return refuse(all, "it needs a whole number up to 36500");
    return Term{unit, sign * n};
  };
  if (text.ends_with("wd")) return days(Term::Unit::work_days);
  if (text.ends_with("cd")) return days(Term::Unit::calendar_days);
  Term::Unit unit = Term::Unit::wall;
  std::string plain(text);
  if (const auto w = plain.find('w'); w != plain.npos) {
    unit = Term::Unit::work_time;
    plain.erase(w, 1);
  } else if (text.find('d') != text.npos) {
    return refuse(all, "it does not say which days are meant");
  }
  if (plain.find_first_of("dw-") != plain.npos) return refuse(all, "no number with a unit");
  const auto duration = parse_duration(plain);
  if (!duration.ok()) return refuse(all, "no number with a unit");
  if (*duration > std::chrono::hours{24 * 36500}) return refuse(all, "longer than a hundred years");
  return Term{unit, sign * duration->count()};
}

std::string to_string(Term term) {
  const std::string sign = term.amount < 0 ? "-" : "";
  const std::uint64_t amount =
      term.amount < 0 ? 0 - static_cast<std::uint64_t>(term.amount) : static_cast<std::uint64_t>(term.amount);
  if (term.unit == Term::Unit::work_days) return sign + std::to_string(amount) + "wd";
  if (term.unit == Term::Unit::calendar_days) return sign + std::to_string(amount) + "cd";
  constexpr std::array<std::pair<std::uint64_t, std::string_view>, 4> kUnits{
      {{3600'000'000'000ull, "h"}, {60'000'000'000ull, "m"}, {1'000'000'000ull, "s"}, {1ull, "ns"}}};
  for (const auto& [size, name] : kUnits)
    if (amount % size == 0)
      return sign + std::to_string(amount / size) + (term.unit == Term::Unit::work_time ? "w" : "") + std::string(name);
  return {};
}

}  // namespace hotline::workflow
