// One decision on its way.
#pragma once

#include <string>
#include <vector>

#include "hotline/workflow/kernel.hpp"
#include "workflow/clock.hpp"
#include "workflow/definition_data.hpp"

namespace hotline::workflow {

struct Decision::Work {
  struct Raised {
    NodeId node;
    std::uint32_t event;
    std::vector<expr::Value> fields;
  };
  std::vector<expr::Value> slots;
  std::vector<const Transition*> selected;
  std::vector<Raised> queue;
};

class Run {
 public:
  Run(const Definition& definition, const Context& context, Time now, Decision& out)
      : d_(definition.data()), context_(context), now_(now), out_(out), s_(out.next), work_(out.work()) {}

  void start(std::span<const expr::Value> fields);
  void decide(const Instance& before, const Event& event);
  void resume(const Instance& before, Time stopped);

 private:
  // What an expression looks at besides the node: the event's fields, and an item of `each`.
  struct Frame {
    NodeId node = 0;
    std::span<const expr::Value> event;
    std::uint32_t event_fields = 0;  // declared
    const expr::Value* item = nullptr;
    std::int64_t index = 0;
  };

  // run.cpp
  void reset(const Instance* before);
  bool named(const Event& event);
  bool timer(const Event& event);
  bool calendar_changed();
  bool check_fields(const EventType& type, std::span<const expr::Value> fields);
  bool select(const Frame& frame, std::uint32_t event, bool trusted);
  bool take(const Frame& frame);
  bool step(const Frame& frame, std::uint32_t event, bool trusted);
  bool settle();
  bool spontaneous(bool& moved);
  bool finished() const;
  bool refuse(Refusal::Kind kind, std::string_view reason = {}, const Place& place = {});
  void finish(const Instance* before, bool accepted);

  // run_actions.cpp
  bool enter(NodeId node, std::uint32_t region, std::uint32_t state);
  bool leave(NodeId node, std::uint32_t region);
  bool perform(const Frame& frame, const std::vector<Action>& actions);
  bool perform(const Frame& frame, const Action& action);
  bool spawn(const Frame& frame, const Action& action);
  bool raise(const Frame& frame, const Action& action);
  bool set_join(const Frame& frame, const Action& action);
  bool arguments(const Frame& frame, const Action& action, Effect& effect);
  NodeId add_node(std::uint32_t machine, NodeId parent);
  bool enter_initial(NodeId node);
  void check_join(NodeId node, State::Counts moved_to);

  // run_clocks.cpp
  bool clock_action(const Frame& frame, const Action& action);
  void book(NodeId node, std::uint32_t clock, const ClockEntry& entry);
  void after_change(NodeId node, std::uint32_t clock, const ClockState& before);
  void note_overdue(NodeId node, std::uint32_t clock);
  void note_all_overdue();
  void set_alarms(NodeId node, std::uint32_t clock, bool restarted);
  void arm(NodeId node, std::uint32_t timer, Time at);
  void disarm(NodeId node, std::uint32_t timer);
  void arm_after(NodeId node, std::uint32_t timer);
  Term choose(const TermRule& rule, NodeId node) const;
  void recompute(NodeId node, std::uint32_t clock);
  const Calendar& calendar(std::uint32_t index) const;

  // run_values.cpp
  bool evaluate(const Frame& frame, const expr::Program& program, expr::Value& out);
  bool test(const Frame& frame, const expr::Program& program, bool& out);
  void fill(const Frame& frame, const expr::Program& program);
  expr::Value look(const Frame& frame, const Slot& slot);
  expr::Value list_of(const Frame& frame, Source source);
  State::Counts counts_as(NodeId node) const;

  const Machine& machine(NodeId node) const { return d_.machines[s_.nodes[node].machine]; }
  const MachineIndex& index(NodeId node) const { return d_.indices[s_.nodes[node].machine]; }
  Effect& effect(Effect::Kind kind, NodeId node, std::string_view name) {
    Effect& e = out_.effects.emplace_back();
    e.kind = kind;
    e.node = node;
    e.name = name;
    e.first_argument = static_cast<std::uint32_t>(out_.arguments.size());
    return e;
  }

  const Definition::Data& d_;
  const Context& context_;
  Time now_;
  Decision& out_;
  Instance& s_;
  Decision::Work& work_;
  std::uint32_t steps_ = 0;
};

}  // namespace hotline::workflow
