// Distributions of times (handling, patience, gaps): what the formulas integrate and the simulator draws.
// Seconds throughout. A Distribution is a small value. Immutable.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/document.hpp"
#include "hotline/base/random.hpp"
#include "hotline/base/result.hpp"

namespace hotline::wfm {

class Distribution {
 public:
  enum class Kind : std::uint8_t {
    never,             // infinite: a caller who does not hang up
    exponential,
    deterministic,
    uniform,           // between lower and upper
    lognormal,         // by mean and squared coefficient of variation (variance / mean^2)
    gamma,             // the same; scv = 1/k is Erlang-k
    weibull,           // by mean and shape
    hyperexponential,  // weights and means
    empirical,         // a sample, drawn with equal chance
  };

  Distribution() = default;  // exponential with mean 1
  static Distribution never();
  // Errors of all: invalid_argument where a mean is not positive and finite, or a shape makes no sense.
  static Result<Distribution> exponential(double mean_s);
  static Result<Distribution> deterministic(double value_s);
  static Result<Distribution> uniform(double lower_s, double upper_s);
  static Result<Distribution> lognormal(double mean_s, double scv);
  static Result<Distribution> gamma(double mean_s, double scv);
  static Result<Distribution> weibull(double mean_s, double shape);
  static Result<Distribution> hyperexponential(std::vector<double> weights, std::vector<double> means_s);
  static Result<Distribution> empirical(std::vector<double> sample_s);

  Kind kind() const { return kind_; }
  double mean() const { return mean_; }
  double scv() const;                          // variance / mean^2
  double survival(double x) const;             // P(X > x)
  double integrated_survival(double x) const;  // E min(X, x)
  double upper() const;                        // P(X > upper) = 0; infinity where unbounded
  // Where the survival function has a corner (quadrature splits there).
  std::vector<double> corners() const;

  double sample(Random& random) const {
    return kind_ == Kind::exponential ? random.exponential(mean_) : sample_other(random);
  }
  // The same shape with another mean.
  Distribution scaled_to(double mean_s) const;
  // {"dist":"lognormal","mean_s":150,"scv":2.25}
  std::string to_json() const;

 private:
  struct Table {
    std::vector<double> values;  // sample sorted, or means
    std::vector<double> sums;    // prefix sums, or cumulative weights
    double scale = 1;
  };
  double sample_other(Random& random) const;

  Kind kind_ = Kind::exponential;
  double mean_ = 1;
  double a_ = 0;  // lower, log-mean, shape
  double b_ = 0;  // upper, log-deviation, scale
  std::shared_ptr<const Table> table_;
};

// Reads {dist: lognormal, mean: 150s, scv: 2.25}, or a duration alone ("150s": exponential), or `never`.
// Keys: mean | mean_s, scv | shape, lower | lower_s, upper | upper_s, value | value_s, weights, means_s, sample_s.
// A deterministic one may say its value as upper_s. Complains into `diagnostics` (S101) and then returns an exponential.
Distribution read_distribution(const Node& node, Diagnostics& diagnostics, std::string_view context);

std::string_view to_string(Distribution::Kind kind);

}  // namespace hotline::wfm
