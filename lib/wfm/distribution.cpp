#include "hotline/wfm/distribution.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "hotline/base/json.hpp"
#include "special.hpp"

namespace hotline::wfm {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr std::array<std::string_view, 9> kNames = {"never",  "exponential", "deterministic",    "uniform",  "lognormal",
                                                    "gamma", "weibull",     "hyperexponential", "empirical"};

bool positive(double x) { return x > 0 && x < kInfinity; }

Error bad(std::string message, std::string remedy) {
  return Error(ErrorCode::invalid_argument, std::move(message), std::move(remedy));
}
Error bad_mean(double mean) {
  return bad("a mean of " + std::to_string(mean) + " s makes no distribution", "give a positive, finite mean");
}

double standard_normal(Random& random) {
  const double radius = std::sqrt(-2 * std::log(random.uniform_positive()));
  return radius * std::cos(2 * M_PI * random.uniform());
}

// G. Marsaglia and W. W. Tsang, "A simple method for generating gamma variables", ACM TOMS 26 (2000); shape > 0, scale 1.
double standard_gamma(double shape, Random& random) {
  if (shape < 1)
    return standard_gamma(shape + 1, random) * std::pow(random.uniform_positive(), 1 / shape);
  const double d = shape - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  for (;;) {
    const double z = standard_normal(random);
    const double v = (1 + c * z) * (1 + c * z) * (1 + c * z);
    if (v > 0 && std::log(random.uniform_positive()) < 0.5 * z * z + d - d * v + d * std::log(v)) return d * v;
  }
}

}  // namespace

std::string_view to_string(Distribution::Kind kind) { return kNames[static_cast<std::size_t>(kind)]; }

Distribution Distribution::never() {
  Distribution d;
  d.kind_ = Kind::never;
  d.mean_ = kInfinity;
  return d;
}

Result<Distribution> Distribution::exponential(double mean_s) {
  if (!positive(mean_s)) return bad_mean(mean_s);
  Distribution d;
  d.mean_ = mean_s;
  return d;
}

Result<Distribution> Distribution::deterministic(double value_s) {
  if (!(value_s >= 0 && value_s < kInfinity)) return bad_mean(value_s);
  Distribution d;
  d.kind_ = Kind::deterministic;
  d.mean_ = value_s;
  return d;
}

Result<Distribution> Distribution::uniform(double lower_s, double upper_s) {
  if (!(lower_s >= 0 && upper_s > lower_s && upper_s < kInfinity))
    return bad("a uniform distribution from " + std::to_string(lower_s) + " to " + std::to_string(upper_s) + " s is empty",
               "give 0 <= lower < upper");
  Distribution d;
  d.kind_ = Kind::uniform;
  d.a_ = lower_s;
  d.b_ = upper_s;
  d.mean_ = 0.5 * (lower_s + upper_s);
  return d;
}

Result<Distribution> Distribution::lognormal(double mean_s, double scv) {
  if (!positive(mean_s)) return bad_mean(mean_s);
  if (!positive(scv)) return bad("scv must be positive", "scv is variance / mean^2, e.g. 1.2");
  Distribution d;
  d.kind_ = Kind::lognormal;
  d.mean_ = mean_s;
  const double variance = std::log1p(scv);
  d.a_ = std::log(mean_s) - 0.5 * variance;
  d.b_ = std::sqrt(variance);
  return d;
}

Result<Distribution> Distribution::gamma(double mean_s, double scv) {
  if (!positive(mean_s)) return bad_mean(mean_s);
  if (!positive(scv)) return bad("scv must be positive", "scv is variance / mean^2; 0.5 is Erlang-2");
  Distribution d;
  d.kind_ = Kind::gamma;
  d.mean_ = mean_s;
  d.a_ = 1 / scv;
  d.b_ = mean_s * scv;
  return d;
}

Result<Distribution> Distribution::weibull(double mean_s, double shape) {
  if (!positive(mean_s)) return bad_mean(mean_s);
  if (!positive(shape)) return bad("the shape must be positive", "shape 1 is exponential");
  Distribution d;
  d.kind_ = Kind::weibull;
  d.mean_ = mean_s;
  d.a_ = shape;
  d.b_ = mean_s / std::tgamma(1 + 1 / shape);
  return d;
}

Result<Distribution> Distribution::hyperexponential(std::vector<double> weights, std::vector<double> means_s) {
  if (weights.empty() || weights.size() != means_s.size())
    return bad("a hyperexponential distribution needs as many weights as means", "give both lists with equal lengths");
  auto table = std::make_shared<Table>();
  double total = 0, mean = 0;
  for (std::size_t i = 0; i < weights.size(); ++i) {
    if (!positive(means_s[i])) return bad_mean(means_s[i]);
    if (!(weights[i] >= 0)) return bad("a weight is negative", "give weights >= 0");
    total += weights[i];
    mean += weights[i] * means_s[i];
    table->sums.push_back(total);
  }
  if (!positive(total)) return bad("the weights sum to nothing", "give at least one positive weight");
  for (double& s : table->sums) s /= total;
  table->values = std::move(means_s);
  Distribution d;
  d.kind_ = Kind::hyperexponential;
  d.mean_ = mean / total;
  d.table_ = std::move(table);
  return d;
}

Result<Distribution> Distribution::empirical(std::vector<double> sample_s) {
  if (sample_s.empty()) return bad("an empirical distribution needs a sample", "give at least one value");
  for (const double v : sample_s)
    if (!(v >= 0 && v < kInfinity)) return bad("the sample holds " + std::to_string(v), "give values >= 0 in seconds");
  std::sort(sample_s.begin(), sample_s.end());
  auto table = std::make_shared<Table>();
  double sum = 0;
  for (const double v : sample_s) table->sums.push_back(sum += v);
  Distribution d;
  d.kind_ = Kind::empirical;
  d.mean_ = sum / static_cast<double>(sample_s.size());
  table->values = std::move(sample_s);
  d.table_ = std::move(table);
  return d;
}

double Distribution::scv() const {
  switch (kind_) {
    case Kind::never: return 0;
    case Kind::exponential: return 1;
    case Kind::deterministic: return 0;
    case Kind::uniform: return (b_ - a_) * (b_ - a_) / 12 / (mean_ * mean_);
    case Kind::lognormal: return std::expm1(b_ * b_);
    case Kind::gamma: return 1 / a_;
    case Kind::weibull: return std::tgamma(1 + 2 / a_) * b_ * b_ / (mean_ * mean_) - 1;
    case Kind::hyperexponential: {
      double second = 0, before = 0;
      for (std::size_t i = 0; i < table_->values.size(); ++i) {
        second += (table_->sums[i] - before) * 2 * table_->values[i] * table_->values[i];
        before = table_->sums[i];
      }
      return second * table_->scale * table_->scale / (mean_ * mean_) - 1;
    }
    case Kind::empirical: {
      double second = 0;
      for (const double v : table_->values) second += v * v;
      second *= table_->scale * table_->scale / static_cast<double>(table_->values.size());
      return mean_ > 0 ? second / (mean_ * mean_) - 1 : 0;
    }
  }
  return 0;
}

double Distribution::survival(double x) const {
  if (x < 0) return 1;
  switch (kind_) {
    case Kind::never: return 1;
    case Kind::exponential: return std::exp(-x / mean_);
    case Kind::deterministic: return x < mean_ ? 1 : 0;
    case Kind::uniform: return x <= a_ ? 1 : x >= b_ ? 0 : (b_ - x) / (b_ - a_);
    case Kind::lognormal: return x == 0 ? 1 : normal_cdf((a_ - std::log(x)) / b_);
    case Kind::gamma: return 1 - gamma_p(a_, x / b_);
    case Kind::weibull: return std::exp(-std::pow(x / b_, a_));
    case Kind::hyperexponential: {
      double sum = 0, before = 0;
      for (std::size_t i = 0; i < table_->values.size(); ++i) {
        sum += (table_->sums[i] - before) * std::exp(-x / (table_->values[i] * table_->scale));
        before = table_->sums[i];
      }
      return sum;
    }
    case Kind::empirical: {
      const auto& v = table_->values;
      const auto above = v.end() - std::upper_bound(v.begin(), v.end(), x / table_->scale);
      return static_cast<double>(above) / static_cast<double>(v.size());
    }
  }
  return 0;
}

double Distribution::integrated_survival(double x) const {
  if (x <= 0) return 0;
  switch (kind_) {
    case Kind::never: return x;
    case Kind::exponential: return -mean_ * std::expm1(-x / mean_);
    case Kind::deterministic: return std::min(x, mean_);
    case Kind::uniform: {
      if (x <= a_) return x;
      const double y = std::min(x, b_);
      return a_ + (y - a_) * (b_ - 0.5 * (a_ + y)) / (b_ - a_);
    }
    case Kind::lognormal:
      return mean_ * normal_cdf((std::log(x) - a_ - b_ * b_) / b_) + x * survival(x);
    case Kind::gamma: return mean_ * gamma_p(a_ + 1, x / b_) + x * survival(x);
    case Kind::weibull: return mean_ * gamma_p(1 / a_, std::pow(x / b_, a_));
    case Kind::hyperexponential: {
      double sum = 0, before = 0;
      for (std::size_t i = 0; i < table_->values.size(); ++i) {
        const double mean = table_->values[i] * table_->scale;
        sum += (table_->sums[i] - before) * -mean * std::expm1(-x / mean);
        before = table_->sums[i];
      }
      return sum;
    }
    case Kind::empirical: {
      const auto& v = table_->values;
      const auto n = static_cast<std::size_t>(std::upper_bound(v.begin(), v.end(), x / table_->scale) - v.begin());
      const double below = n == 0 ? 0 : table_->sums[n - 1] * table_->scale;
      return (below + x * static_cast<double>(v.size() - n)) / static_cast<double>(v.size());
    }
  }
  return 0;
}

double Distribution::upper() const {
  switch (kind_) {
    case Kind::deterministic: return mean_;
    case Kind::uniform: return b_;
    case Kind::empirical: return table_->values.back() * table_->scale;
    default: return kInfinity;
  }
}

std::vector<double> Distribution::corners() const {
  switch (kind_) {
    case Kind::deterministic: return {mean_};
    case Kind::uniform: return {a_, b_};
    case Kind::empirical: {
      std::vector<double> corners;
      for (const double v : table_->values)
        if (corners.empty() || corners.back() != v * table_->scale) corners.push_back(v * table_->scale);
      return corners;
    }
    default: return {};
  }
}

double Distribution::sample_other(Random& random) const {
  switch (kind_) {
    case Kind::never: return kInfinity;
    case Kind::exponential: return random.exponential(mean_);
    case Kind::deterministic: return mean_;
    case Kind::uniform: return a_ + (b_ - a_) * random.uniform();
    case Kind::lognormal: return std::exp(a_ + b_ * standard_normal(random));
    case Kind::gamma: return b_ * standard_gamma(a_, random);
    case Kind::weibull: return b_ * std::pow(-std::log(random.uniform_positive()), 1 / a_);
    case Kind::hyperexponential: {
      const double u = random.uniform();
      std::size_t i = 0;
      while (i + 1 < table_->sums.size() && u >= table_->sums[i]) ++i;
      return random.exponential(table_->values[i] * table_->scale);
    }
    case Kind::empirical: return table_->values[random.below(table_->values.size())] * table_->scale;
  }
  return 0;
}

Distribution Distribution::scaled_to(double mean_s) const {
  if (kind_ == Kind::never || mean_ == 0 || mean_s == mean_) return *this;
  const double factor = mean_s / mean_;
  Distribution d = *this;
  d.mean_ = mean_s;
  switch (kind_) {
    case Kind::uniform: d.a_ *= factor, d.b_ *= factor; break;
    case Kind::lognormal: d.a_ += std::log(factor); break;
    case Kind::gamma:
    case Kind::weibull: d.b_ *= factor; break;
    case Kind::hyperexponential:
    case Kind::empirical: {
      auto table = std::make_shared<Table>(*table_);
      table->scale *= factor;
      d.table_ = std::move(table);
      break;
    }
    default: break;
  }
  return d;
}

std::string Distribution::to_json() const {
  std::string out;
  JsonWriter json(out);
  json.begin_object().field("dist", to_string(kind_));
  if (kind_ == Kind::uniform) json.field("lower_s", a_).field("upper_s", b_);
  else if (kind_ != Kind::never) json.field("mean_s", mean_);
  if (kind_ == Kind::lognormal || kind_ == Kind::gamma) json.field("scv", scv());
  if (kind_ == Kind::weibull) json.field("shape", a_);
  json.end_object();
  return out;
}

namespace {

double seconds_of(Fields& fields, std::string key, double otherwise) {
  const Node* plain = fields.get(key + "_s");
  if (plain != nullptr) {
    const auto v = plain->as_double();
    if (!v) fields.complain(*plain, "S101", "`" + key + "_s` is not a number of seconds", "write e.g. " + key + "_s: 150");
    return v.value_or(otherwise);
  }
  const Node* node = fields.get(key);
  if (node == nullptr) return otherwise;
  if (const auto d = parse_duration(node->text()); d.ok()) return 1e-9 * static_cast<double>(d->count());
  fields.complain(*node, "S101", "`" + key + "` is not a duration", "write it with its unit, e.g. " + key + ": 150s");
  return otherwise;
}

std::vector<double> numbers_of(Fields& fields, std::string_view key) {
  std::vector<double> out;
  if (const Node* node = fields.get(key))
    for (const Node& item : node->items()) {
      if (const auto v = item.as_double()) out.push_back(*v);
      else fields.complain(item, "S101", "`" + std::string(key) + "` holds something that is no number", "write numbers only");
    }
  return out;
}

}  // namespace

Distribution read_distribution(const Node& node, Diagnostics& diagnostics, std::string_view context) {
  const auto complain = [&](const Error& error) {
    diagnostics.error("S101", std::string(context) + ": " + error.message(), error.remedy(), node.place(diagnostics.file()));
    return Distribution();
  };
  const auto take = [&](Result<Distribution> d) { return d.ok() ? *std::move(d) : complain(d.error()); };
  if (node.is_scalar()) {
    if (node.text() == "never") return Distribution::never();
    const auto d = parse_duration(node.text());
    if (!d.ok()) return complain(Error(ErrorCode::invalid_argument, "`" + node.text() + "` is no distribution",
                                       "write a mean (`150s`), `never`, or {dist: lognormal, mean: 150s, scv: 1.2}"));
    return take(Distribution::exponential(1e-9 * static_cast<double>(d->count())));
  }
  if (!node.is_mapping())
    return complain(Error(ErrorCode::invalid_argument, "a distribution is a mapping or a mean", "write `150s` or {dist: …, mean: 150s}"));
  Fields fields(node, diagnostics, std::string(context));
  const auto kind = static_cast<Distribution::Kind>(fields.choice("dist", kNames, 1));
  const double scv = fields.number("scv", 1, 0, 1e6);
  const double shape = fields.number("shape", 1, 0, 1e6);
  const double lower = seconds_of(fields, "lower", 0), upper = seconds_of(fields, "upper", 0);
  const double value = seconds_of(fields, "value", upper), mean = seconds_of(fields, "mean", value);
  const auto weights = numbers_of(fields, "weights"), means = numbers_of(fields, "means_s");
  const auto sample = numbers_of(fields, "sample_s");
  fields.finish();
  using Kind = Distribution::Kind;
  switch (kind) {
    case Kind::never: return Distribution::never();
    case Kind::exponential: return take(Distribution::exponential(mean));
    case Kind::deterministic: return take(Distribution::deterministic(mean));
    case Kind::uniform: return take(Distribution::uniform(lower, upper));
    case Kind::lognormal: return take(Distribution::lognormal(mean, scv));
    case Kind::gamma: return take(Distribution::gamma(mean, scv));
    case Kind::weibull: return take(Distribution::weibull(mean, shape));
    case Kind::hyperexponential: return take(Distribution::hyperexponential(weights, means));
    case Kind::empirical: return take(Distribution::empirical(sample));
  }
  return {};
}

}  // namespace hotline::wfm
