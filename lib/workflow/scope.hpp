// The names that a machine's expressions may use, and where the kernel finds their values.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "hotline/workflow/definition.hpp"

namespace hotline::workflow {

enum class Source : std::uint8_t {
  field,  // index
  fact,   // index
  state,  // region index
  count,  // event index
  clock_elapsed,
  clock_due,
  clock_overdue,
  clock_status,
  clock_overdues,  // clock index
  root_field,
  root_state,
  root_count,  // index in the root machine
  actor_id,
  actor_unit,
  actor_roles,
  now,
  depth,
  lead,
  task,
  path,
  siblings,
  children_total,
  children_open,
  children_done,
  children_dropped,
  children_keys,
  joined,
  calendar_working,
  calendar_workday,
};

struct Slot {
  Source source;
  std::uint32_t index = 0;
};

// Slots [0, slots.size()) are the machine's; an event's fields follow; then `item` and `index` where one task an
// item is spawned.
struct Scope {
  expr::Environment environment;
  std::vector<Slot> slots;
};

// Errors: invalid_argument where a field's name is reserved or taken.
Result<Scope> make_scope(const std::vector<Machine>& machines, std::uint32_t machine, const std::vector<Field>& facts,
                         const std::vector<std::string>& roles);
Result<expr::Environment> with_event(const Scope& scope, const std::vector<Field>& fields);

}  // namespace hotline::workflow
