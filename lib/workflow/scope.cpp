#include "workflow/scope.hpp"

namespace hotline::workflow {

Result<Scope> make_scope(const std::vector<Machine>& machines, std::uint32_t machine, const std::vector<Field>& facts,
                         const std::vector<std::string>& roles) {
  using expr::Type;
  (void)roles;
  const Machine& m = machines[machine];
  const Machine& root = machines.front();
  Scope scope;
  Status failed;
  const auto declare = [&](const std::string& name, const Type& type, Source source, std::uint32_t index = 0) {
    if (!failed.ok()) return;
    const auto slot = scope.environment.declare(name, type);
    if (slot.ok())
      scope.slots.push_back({source, index});
    else
      failed = slot.error();
  };
  for (std::uint32_t i = 0; i < m.fields.size(); ++i) declare(m.fields[i].name, m.fields[i].type, Source::field, i);
  for (std::uint32_t i = 0; i < facts.size(); ++i) declare("facts." + facts[i].name, facts[i].type, Source::fact, i);
  for (std::uint32_t i = 0; i < m.regions.size(); ++i)
    declare("state." + m.regions[i].name, Type::string(), Source::state, i);
  for (std::uint32_t i = 0; i < m.events.size(); ++i)
    declare("count." + m.events[i].name, Type::integer(), Source::count, i);
  for (std::uint32_t i = 0; i < m.clocks.size(); ++i) {
    const std::string name = "clock." + m.clocks[i].name;
    declare(name + ".elapsed", Type::duration(), Source::clock_elapsed, i);
    declare(name + ".due", Type::timestamp(), Source::clock_due, i);
    declare(name + ".overdue", Type::boolean(), Source::clock_overdue, i);
    declare(name + ".status", Type::string(), Source::clock_status, i);
    declare(name + ".overdues", Type::integer(), Source::clock_overdues, i);
  }
  if (machine != 0) {
    for (std::uint32_t i = 0; i < root.fields.size(); ++i)
      declare("root." + root.fields[i].name, root.fields[i].type, Source::root_field, i);
    for (std::uint32_t i = 0; i < root.regions.size(); ++i)
      declare("root.state." + root.regions[i].name, Type::string(), Source::root_state, i);
    for (std::uint32_t i = 0; i < root.events.size(); ++i)
      declare("root.count." + root.events[i].name, Type::integer(), Source::root_count, i);
  }
  declare("actor.id", Type::string(), Source::actor_id);
  declare("actor.unit", Type::string(), Source::actor_unit);
  declare("actor.roles", Type::list(Type::string()), Source::actor_roles);
  declare("now", Type::timestamp(), Source::now);
  declare("task.depth", Type::integer(), Source::depth);
  declare("task.lead", Type::boolean(), Source::lead);
  declare("task.number", Type::integer(), Source::task);
  declare("task.path", Type::list(Type::string()), Source::path);
  declare("task.siblings", Type::list(Type::string()), Source::siblings);
  declare("children.total", Type::integer(), Source::children_total);
  declare("children.open", Type::integer(), Source::children_open);
  declare("children.done", Type::integer(), Source::children_done);
  declare("children.dropped", Type::integer(), Source::children_dropped);
  declare("children.keys", Type::list(Type::string()), Source::children_keys);
  declare("children.joined", Type::boolean(), Source::joined);
  declare("calendar.working", Type::boolean(), Source::calendar_working);
  declare("calendar.workday", Type::boolean(), Source::calendar_workday);
  if (!failed.ok()) return failed.error();
  return scope;
}

Result<expr::Environment> with_event(const Scope& scope, const std::vector<Field>& fields) {
  expr::Environment environment = scope.environment;
  for (const Field& f : fields) {
    const auto slot = environment.declare("event." + f.name, f.type);
    if (!slot.ok()) return slot.error();
  }
  return environment;
}

}  // namespace hotline::workflow
