// Special functions and quadrature that the formulas need.
#pragma once

#include <cmath>
#include <functional>

namespace hotline::wfm {

// Regularised lower incomplete gamma P(a, x); a > 0, x >= 0. (Abramowitz and Stegun 6.5.29, 6.5.31.)
inline double gamma_p(double a, double x) {
  if (x <= 0) return 0;
  if (std::isinf(x)) return 1;
  const double front = std::exp(a * std::log(x) - x - std::lgamma(a));
  if (x < a + 1) {
    double term = 1 / a, sum = term;
    for (int n = 1; n < 100000 && term > sum * 1e-17; ++n) sum += term *= x / (a + n);
    return std::min(1.0, sum * front);
  }
  double b = x + 1 - a, c = 1e300, d = 1 / b, h = d;
  for (int n = 1; n < 100000; ++n) {
    const double an = -n * (n - a);
    b += 2;
    d = 1 / (an * d + b);
    c = b + an / c;
    const double step = c * d;
    h *= step;
    if (std::abs(step - 1) < 1e-16) break;
  }
  return 1 - front * h;
}

inline double normal_cdf(double z) { return 0.5 * std::erfc(-z * M_SQRT1_2); }

// Adaptive Gauss-Kronrod (7, 15) on [low, high] to a tolerance relative to `scale` (>= the whole integral's size).
template <class F>
double integrate(const F& f, double low, double high, double tolerance, int depth = 40) {
  static constexpr double x[8] = {0.991455371120812639206854697526329, 0.949107912342758524526189684047851,
                                  0.864864423359769072789712788640926, 0.741531185599394439863864773280788,
                                  0.586087235467691130294144258449520, 0.405845151377397166906606412076961,
                                  0.207784955007898467600689403773245, 0.0};
  static constexpr double k[8] = {0.022935322010529224963732008058970, 0.063092092629978553290700663189204,
                                  0.104790010322250183839876322541518, 0.140653259715525918745189590510238,
                                  0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
                                  0.204432940075298892414161999234649, 0.209482141084727828012999174891714};
  static constexpr double g[4] = {0.129484966168869693270611432679082, 0.279705391489276667901467771423780,
                                  0.381830050505118944950369775488975, 0.417959183673469387755102040816327};
  if (!(high > low)) return 0;
  const double center = 0.5 * (low + high), half = 0.5 * (high - low);
  const double middle = f(center);
  double kronrod = k[7] * middle, gauss = g[3] * middle;
  for (int i = 0; i < 7; ++i) {
    const double pair = f(center - half * x[i]) + f(center + half * x[i]);
    kronrod += k[i] * pair;
    if (i % 2 == 1) gauss += g[i / 2] * pair;
  }
  kronrod *= half;
  gauss *= half;
  if (depth == 0 || std::abs(kronrod - gauss) <= tolerance) return kronrod;
  return integrate(f, low, center, tolerance / 2, depth - 1) + integrate(f, center, high, tolerance / 2, depth - 1);
}

}  // namespace hotline::wfm
