#include "cover.hpp"

#ifdef HOTLINE_CBC
#include <Cbc_C_Interface.h>

#include <cmath>

namespace hotline::wfm {
namespace {

class Cbc final : public CoverSolver {
 public:
  std::string_view name() const override { return "cbc"; }

  Result<CoverSolution> solve(const CoverProblem& p, const CoverOptions& options) override {
    HOTLINE_TRY(check_problem(p));
    const auto rows = static_cast<int>(p.required.size()) + (p.most_shifts > 0 ? 1 : 0);
    std::vector<CoinBigIndex> start;
    std::vector<int> index;
    std::vector<double> value, cost, low(static_cast<std::size_t>(rows), 0.0), high(static_cast<std::size_t>(rows), 1e30);
    for (const ShiftPattern& s : p.patterns) {
      start.push_back(static_cast<CoinBigIndex>(index.size()));
      cost.push_back(s.cost);
      for (int t = s.start; t < s.start + s.length && t < static_cast<int>(p.required.size()); ++t)
        if (s.covers(t)) index.push_back(t), value.push_back(1);
      if (p.most_shifts > 0) index.push_back(rows - 1), value.push_back(1);
    }
    if (p.under_cost > 0)
      for (int t = 0; t < static_cast<int>(p.required.size()); ++t) {
        start.push_back(static_cast<CoinBigIndex>(index.size()));
        cost.push_back(p.under_cost);
        index.push_back(t), value.push_back(1);
      }
    start.push_back(static_cast<CoinBigIndex>(index.size()));
    for (std::size_t t = 0; t < p.required.size(); ++t) low[t] = std::ceil(p.required[t] - 1e-9);
    if (p.most_shifts > 0) high.back() = p.most_shifts;

    const std::unique_ptr<Cbc_Model, void (*)(Cbc_Model*)> model(Cbc_newModel(), Cbc_deleteModel);
    Cbc_setLogLevel(model.get(), 0);
    Cbc_loadProblem(model.get(), static_cast<int>(cost.size()), rows, start.data(), index.data(), value.data(), nullptr, nullptr,
                    cost.data(), low.data(), high.data());
    for (int j = 0; j < static_cast<int>(p.patterns.size()); ++j) Cbc_setInteger(model.get(), j);
    Cbc_setAllowableFractionGap(model.get(), options.gap);
    Cbc_setParameter(model.get(), "ratioGap", std::to_string(options.gap).c_str());
    Cbc_setParameter(model.get(), "seconds", std::to_string(options.seconds).c_str());
    Cbc_setParameter(model.get(), "log", "0");
    Cbc_solve(model.get());
    const double* x = Cbc_getColSolution(model.get());
    if (Cbc_isProvenInfeasible(model.get()) || x == nullptr || Cbc_getObjValue(model.get()) > 1e29)
      return Error(ErrorCode::unavailable, "CBC found no schedule within " + std::to_string(options.seconds) + " s", "give it more time, or an under_cost");
    std::vector<int> counts;
    for (std::size_t j = 0; j < p.patterns.size(); ++j) {
      if (std::abs(x[j] - std::round(x[j])) > 1e-5) return Error(ErrorCode::unavailable, "CBC had no whole solution in time", "give it more time");
      counts.push_back(static_cast<int>(std::lround(x[j])));
    }
    return finish(p, std::move(counts), Cbc_getBestPossibleObjValue(model.get()), "cbc");
  }
};

}  // namespace

std::unique_ptr<CoverSolver> cbc_solver() { return std::make_unique<Cbc>(); }

}  // namespace hotline::wfm

#else

namespace hotline::wfm {
std::unique_ptr<CoverSolver> cbc_solver() { return nullptr; }
}  // namespace hotline::wfm

#endif
