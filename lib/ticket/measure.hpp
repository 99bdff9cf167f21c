// The figures of one workflow definition, compiled, and their values for one ticket.
#pragma once

#include <string>
#include <vector>

#include "hotline/expr/program.hpp"
#include "hotline/workflow/instance.hpp"

namespace hotline::ticket {

struct KpiSource {
  std::string name, label_zh, label_en, period, clock, numerator, denominator;
  std::string definition;  // id; "": of every definition that has the names
  std::int64_t version = 1;
};
// Errors: invalid_document, invalid_definition.
Result<std::vector<KpiSource>> parse_kpis(std::string_view text, std::string_view file);

struct Measure {
  std::int64_t at = 0, num = 0, den = 0;
  bool operator==(const Measure&) const = default;
};

struct Ticket;

// Immutable, any thread.
class Measures {
 public:
  // Figures whose names this definition lacks are left out.
  Measures(const workflow::Definition& definition, const std::vector<KpiSource>& sources);

  struct Compiled {
    std::string name;
    std::string period;
    std::uint32_t clock;  // of the root, for "due"
    expr::Program numerator, denominator;
  };
  const std::vector<Compiled>& compiled() const { return compiled_; }
  // One a figure; den and num are 0 where it does not count.
  std::vector<Measure> of(const workflow::Definition& d, const workflow::Instance& instance, const Ticket& row) const;

 private:
  struct Slot {
    char kind;
    std::uint32_t index;
  };
  std::vector<Slot> slots_;  // in the order of the environment's names
  std::vector<Compiled> compiled_;
};

}  // namespace hotline::ticket
