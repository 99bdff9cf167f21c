// A benchmark program: measures cases and prints one JSON line each,
//   {"name":"expr.eval","value":9.1e6,"unit":"1/s","baseline":"tree walk","baseline_value":1.2e6,"ratio":7.6}
// `./dev bench` makes the table. A case runs only if a name on the command line is a prefix of its own.
#pragma once

#include <chrono>
#include <cstdio>
#include <ctime>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/json.hpp"

namespace bench {

inline double cpu_seconds() {
  timespec t{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}
inline double wall_seconds() {
  return std::chrono::duration<double>(std::chrono::steady_clock::now().time_since_epoch()).count();
}

template <class T>
inline void keep(const T& value) {
  asm volatile("" : : "r,m"(value) : "memory");
}

// Operations per CPU second of `body(n)`, which does n operations. Grows n until a run takes
// `seconds`, then takes the best of three.
template <class Body>
double rate(Body&& body, double seconds = 0.3) {
  std::size_t n = 1;
  for (;;) {
    const double start = cpu_seconds();
    body(n);
    const double spent = cpu_seconds() - start;
    if (spent >= seconds) {
      double best = static_cast<double>(n) / spent;
      for (int i = 0; i < 2; ++i) {
        const double again = cpu_seconds();
        body(n);
        best = std::max(best, static_cast<double>(n) / (cpu_seconds() - again));
      }
      return best;
    }
    n = spent < seconds / 100 ? n * 10 : static_cast<std::size_t>(static_cast<double>(n) * seconds / spent * 1.2) + 1;
  }
}

class Suite {
 public:
  Suite(int argc, char** argv) : names_(argv + 1, argv + argc) {}
  bool wants(std::string_view name) const {
    if (names_.empty()) return true;
    for (const auto& n : names_)
      if (name.starts_with(n) || std::string_view(n).starts_with(name)) return true;
    return false;
  }
  // ratio = value / baseline_value, or its inverse where less is better.
  void report(std::string_view name, double value, std::string_view unit, std::string_view baseline,
              double baseline_value, bool less_is_better = false) const {
    std::string line;
    hotline::JsonWriter json(line);
    json.begin_object().field("name", name).field("value", value).field("unit", unit).field("baseline", baseline);
    json.field("baseline_value", baseline_value);
    json.field("ratio", less_is_better ? baseline_value / value : value / baseline_value).end_object();
    std::puts(line.c_str());
    std::fflush(stdout);
  }

 private:
  std::vector<std::string> names_;
};

}  // namespace bench
