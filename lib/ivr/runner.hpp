// One step of one session. Made on the stack for each step.
#pragma once

#include <vector>

#include "hotline/expr/value.hpp"
#include "ivr/hours.hpp"
#include "ivr/output.hpp"
#include "ivr/program.hpp"

namespace hotline::ivr {

// What surrounds a step: the engine's overlays and versions.
struct Surroundings {
  const std::vector<Overlay>* overlays = nullptr;
  const Flow* next = nullptr;           // a newer version that sessions may move to
  const Migration* migration = nullptr;
  std::vector<Flow>* retired = nullptr; // keeps what actions of this step still point into
};

class Runner {
 public:
  Runner(Session& session, Output& out, std::vector<expr::Value>& slots, const Surroundings& around, Time now)
      : s_(session), p_(&session.flow_.program()), out_(out), slots_(slots), around_(around), now_(now) {}

  void start(const Start& start);
  void handle(const Event& event);
  void resume();

 private:
  enum Flag : std::uint8_t { kHungUp = 1, kConnected = 2, kTermWait = 4, kStopping = 8, kEasy = 16, kMusic = 32, kAnnounced = 64, kLimitHit = 128 };
  static constexpr std::uint8_t kNotice = 0xfe;  // part_: an overlay's words are being said
  static constexpr Index kStay = 0xfffffff1;
  static constexpr Index kBreath = 0xfffffff2;  // among prompts: a short silence
  static constexpr std::size_t kMostPrompts = 8;

  bool has(Flag flag) const { return s_.flags_ & flag; }
  void set(Flag flag) { s_.flags_ = static_cast<std::uint8_t>(s_.flags_ | flag); }
  void drop(Flag flag) { s_.flags_ = static_cast<std::uint8_t>(s_.flags_ & ~flag); }
  const FlowNode& node() const { return p_->nodes[s_.node_]; }
  std::string_view node_id() const { return s_.node_ < p_->nodes.size() ? std::string_view(node().id) : std::string_view(); }
  const Profile* profile() const;

  // runner.cpp: moving about
  void run(Index to);                 // follows targets until something has to be waited for
  Index enter(Index index);           // kStay, or the next target
  Index leave(Index exit);            // by index of the node's exits
  Index leave(std::string_view exit);
  Index special(Index to);
  Index fail(std::string_view code, std::string_view detail);
  Index notice(Index index);          // kNone: none is laid over the node
  Index after_notice();
  Index body(Index index);
  bool inside(Index scope) const;  // of a sub-flow that is being run, or of the flow itself
  Index finish_hung_up();
  void migrate();
  void end(Ending ending, std::string_view cause);
  void hang_up();
  void trace(TraceKind kind, std::string_view exit = {}, std::string_view detail = {});
  void leave_behind();                // stops speech and requests of the node that is left

  // runner_speech.cpp
  bool play(std::initializer_list<Index> prompts, bool barge_in, bool repeat = false);
  bool play(const Index* prompts, std::size_t count, bool barge_in, bool repeat);
  void parts(Index prompt);
  void say(std::string& into, const Piece& piece);
  void stop();
  expr::Value value(Index slot) const;
  Result<expr::Value> evaluate(Index expression);
  void assign(Index slot, const expr::Value& value);
  void put(Index slot, const ValueView& value) { if (slot < s_.variables_.size()) s_.variables_.set(slot, value); }
  std::string_view text_of(const expr::Value& value);
  ValueView give(const expr::Value& value);

  // runner_input.cpp
  const Dialogue& dialogue() const { return p_->dialogues[node().dialogue + s_.part_]; }
  enum class Asking : std::uint8_t { first, after_silence, after_mistake, again, replay };
  Index begin_input(std::uint8_t part, Asking asking);
  GlobalKey global(const Dialogue& d, char key) const;
  std::size_t easier(const Dialogue& d, Index* prompts, std::size_t count) const;
  Index ask(Asking asking);
  void clear_attempts();
  Index listen();                     // consumes keys typed ahead
  Index feed(char key);
  Index key_at_start(const Dialogue& d, char key);
  Index accept(std::uint16_t state);
  Index failed_attempt(Asking kind);
  Index give_up(std::string_view which);
  Index accepted(const Dialogue& d, std::uint16_t rule, std::string_view keys);
  Index entry_done(std::string_view keys);
  Index erase();
  void ahead(char key);
  Duration scaled(Duration d) const;
  Index on_key(char key);
  Index collecting_timer();
  Index next_question();
  Index next_match();

  // runner_nodes.cpp
  Index enter_play(const FlowNode& n);
  Index enter_announce(const FlowNode& n);
  Index enter_record(const FlowNode& n);
  Index begin_recording(const FlowNode& n);
  Index recorded(const Event& event);
  Index reviewed(std::uint16_t rule);
  Index enter_request(const FlowNode& n, bool again);
  void request_arguments(const FlowNode& n, Action& action);
  Index enter_queue_speech(const FlowNode& n);
  Index result(const Event& event);
  Index progress(const Event& event);
  Index waiting_timer();
  void wait_for(const FlowNode& n);
  Index flow_node(const FlowNode& n);
  Index enter_loop(const FlowNode& n);
  Index enter_subflow(const FlowNode& n);
  Index give_back(std::string_view exit);
  Index enter_language(const FlowNode& n);
  Index played(const Event& event);
  Index playing_timer();
  void set_language(std::string_view language);

  Session& s_;
  const Program* p_;
  Output& out_;
  std::vector<expr::Value>& slots_;
  const Surroundings& around_;
  Time now_;
};

}  // namespace hotline::ivr
