// The compiled form of a flow: what the engine runs and what checks, diagrams and exports read.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "hotline/base/diagnostic.hpp"
#include "hotline/base/document.hpp"
#include "hotline/expr/program.hpp"
#include "hotline/ivr/flow.hpp"
#include "hotline/ivr/value.hpp"
#include "hotline/text/spoken.hpp"
#include "ivr/digits.hpp"

namespace hotline::ivr {

using Index = std::uint32_t;
constexpr Index kNone = 0xffffffff;

// Where an exit leads: the index of a node, or one of these.
namespace target {
constexpr Index unwired = 0xffffffff;
constexpr Index hangup = 0xfffffffe;
constexpr Index back = 0xfffffffd;    // the menu before
constexpr Index main = 0xfffffffc;    // the flow's main menu
constexpr Index repeat = 0xfffffffb;  // this node again
constexpr Index agent = 0xfffffffa;   // where `0` leads
constexpr Index give_back = 0xfffffff9;  // leave the sub-flow by its exit `next`
constexpr Index first_special = 0xfffffff0;
}  // namespace target

enum class NodeType : std::uint8_t {
  start, go_to, branch, set, loop, subflow, give_back, percent, hangup, error_handler,
  play, announce_number, pause, music, language,
  menu, collect, record, survey, dial_by_name,
  query, ticket, kb,
  queue, transfer, schedule, callback,
  notify, fax_send, fax_receive,
};
constexpr std::size_t kNodeTypes = 30;

struct Exit {
  std::string name;    // "next", "choice 1", "exhausted", "ok" ...
  std::string wanted;  // the id as the author wrote it
  Index to = target::unwired;
  Place place;
  bool optional = false;  // may stay unwired: an error exit that falls to the handlers
};

// A compiled expression with what it reads: (slot in its environment, slot of the session).
struct Expression {
  std::string source;
  Place place;
  std::optional<expr::Program> program;  // none where it did not compile
  std::vector<std::pair<Index, Index>> reads;
};

struct NamedExpression {
  std::string name;
  Index expression = kNone;
};

struct Piece {
  enum class Kind : std::uint8_t { text, say, silence };
  Kind kind = Kind::text;
  text::SayAs say = text::SayAs::text;
  std::string text;
  Index expression = kNone;
  Duration silence{};
};
// What becomes one Part: a file with its text, or pieces spoken in one go, or silence.
struct Segment {
  Index prompt = kNone;  // index into Program::prompt_ids
  std::uint16_t language = 0;
  std::string file;
  Duration silence{};
  std::vector<Piece> pieces;
};
struct PromptVariant {
  std::vector<Segment> segments;
  bool missing = true;
  std::uint16_t language = 0;  // where the text was found (fallback chain)
};
struct Prompt {
  std::string name;   // its id, or the node it is written in
  Place place;
  std::vector<PromptVariant> variants;  // by language
  bool barge_in = true;
};

enum class GlobalAction : std::uint8_t { none, agent, back, repeat, main, go_to };
struct GlobalKey {
  GlobalAction action = GlobalAction::none;
  Index to = kNone;
};
using GlobalKeys = std::array<GlobalKey, kKeys>;

// How a node listens. Durations of -1 take the default of the node's type.
struct Listening {
  std::vector<Index> prompts, no_input, no_match;
  Index invalid_sound = kNone;
  Duration first_digit{-1}, inter_digit{-1}, term_timeout{0};
  char term = '#', cancel = '*';
  bool barge_in = true;
  int max_no_input = 3, max_no_match = 3, max_attempts = 4;
};
struct Rule {
  std::string keys;       // as the author wrote it
  Index exit = kNone;     // of the node
  std::string label;      // what it is called in diagrams
};
// One thing to be asked: prompts, an automaton, what the entries mean.
struct Dialogue {
  Index node = kNone;
  Listening listening;
  DigitAutomaton digits;
  std::vector<Rule> rules;
  int least = 1, most = 1;
  Index otherwise = kNone;  // exit for entries that match nothing (`else`)
  GlobalKeys globals{};
  bool menu = false;  // `*` with nothing typed goes back
};

struct Case {
  Index expression = kNone;  // branch
  int percent = 0;           // percent
  Index exit = kNone;
};
struct Assignment {
  std::string variable;
  Index slot = kNone;
  std::string field;         // of a result
  Index expression = kNone;
};
struct Question {
  std::string id;
  std::vector<Index> prompts;
  std::vector<std::pair<std::string, std::string>> answers;  // key -> name
  Place place;
};
struct Person {
  std::string name;
  std::string keys;       // what is typed: the spelling on a telephone's keys
  std::string extension;
};

enum class Check : std::uint8_t { none, luhn, id_card, date, phone };

struct FlowNode {
  NodeType type = NodeType::start;
  std::string id;     // within sub-flows "sub/id"
  std::string name, note, tag;
  Place place;
  Index scope = 0;
  std::vector<Exit> exits;
  Index handler = kNone;     // node that takes its errors
  std::string on_error;
  bool safe_point = false;

  Index prompt = kNone;      // said first, or by `play` and `hangup`
  Index second_prompt = kNone;  // holding, queue announcement, read-back, "nothing recorded"
  Index music = kNone;
  Listening listening;
  Index dialogue = kNone;    // index of the first of its dialogues
  Index dialogues = 0;
  GlobalKeys globals{};
  bool globals_given = false;

  std::string target;        // queue, query, template, document, sub-flow, extension ...
  std::string operation;     // create, search, agent, sms ...
  Index value = kNone;       // expression: what to say, whom to call, what to search
  text::SayAs say = text::SayAs::text;
  std::vector<Case> cases;
  std::vector<Assignment> sets;    // set, sub-flow arguments
  std::vector<Assignment> stores;  // results, sub-flow returns
  std::vector<NamedExpression> arguments;
  std::vector<std::pair<std::string, std::string>> choices_in;  // keys -> target, as read (languages)
  std::vector<Question> questions;
  std::vector<Person> people;
  std::vector<std::string> words;  // skills, scopes, group sizes, sub-flow exits
  std::string store_name;
  Index store = kNone;             // slot
  Index calendar = kNone;
  Index index_of_scope = kNone;    // of a sub-flow node
  std::string calendar_name;
  Check check = Check::none;
  std::string pattern;
  char key = 0;                    // callback, skip
  int least = 0, most = 0, times = 0, priority = 0;
  Duration limit{}, minimum{}, silence{}, every{}, after{};
  bool barge_in = true, confirm = false, review = true, beep = true, wait = true, flush = false;
};

struct VariableDef {
  std::string name;   // "sub.x" within sub-flows
  std::string plain;  // as expressions call it
  expr::Kind kind = expr::Kind::string;
  Value initial;
  Place place;
  bool builtin = false;
  bool secret = false;
};

// The flow itself, or a sub-flow: names that expressions may use, and its nodes' start.
struct Scope {
  std::string name;  // "" is the flow
  std::string start_name;
  Index start = kNone;
  expr::Environment environment;
  std::vector<Index> slots;  // by slot of the environment: slot of the session
  std::vector<std::string> parameters, returns, exits;
  Index first_slot = 0, end_slot = 0;  // its own variables
  Place place;
};

struct Profile {
  std::string name;
  int timeouts_percent = 200;
  int rate_percent = 80;
  int more_attempts = 1;
  bool repeat_choices = true;  // choices are said twice
  bool agent_key = true;       // 0 leads to an agent, and is said, wherever no entry begins with it
};

class Hours;  // hours.hpp: when an office is open

struct CalendarDef {
  std::string name;
  std::shared_ptr<const Hours> hours;
  Place place;
};

// Names that an installation gives to queues and the rest; empty where no bindings file was given.
struct Bindings {
  bool given = false;
  std::string file;
  std::vector<std::pair<std::string, std::vector<std::pair<std::string, std::string>>>> kinds;  // "queues" -> name -> id
  std::vector<std::string> own_numbers;
};

// Slots that every flow has.
namespace builtin {
enum : Index {
  caller, dialled, language, profile, key, recording, recording_seconds, error, error_node,
  queue_position, queue_wait, hung_up, known_language, now, count
};
}

struct Program {
  std::string id, title, version, file, revised, today, fingerprint;
  std::vector<std::string> languages;
  std::vector<std::vector<std::uint16_t>> fallbacks;  // by language
  std::vector<FlowNode> nodes;
  std::vector<Scope> scopes;
  std::vector<VariableDef> variables;  // by slot
  std::vector<Expression> expressions;
  std::vector<Prompt> prompts;
  std::vector<std::string> prompt_ids;
  std::vector<Dialogue> dialogues;
  std::vector<CalendarDef> calendars;
  std::vector<Profile> profiles;
  std::vector<std::pair<std::string, std::string>> dialled_languages;  // number -> language
  Bindings bindings;
  Index agent_words = kNone;  // prompt: "for a person, press 0"
  Index start = kNone, main = kNone, agent = kNone, on_hangup = kNone, on_error = kNone;
  Duration call_limit = std::chrono::minutes(60);
  Index scratch = 0;  // most slots that an expression's environment has
  Node source;        // the document, for exports
  std::vector<std::pair<std::string, std::string>> allowed;  // "V151" or "V151 node" -> reason
  std::vector<std::pair<std::string, Place>> unused_prompts;
  Place revised_at;
  Diagnostics diagnostics;

  Index find(std::string_view id) const;
};

std::string_view to_string(NodeType type);
std::string target_name(const Program& program, Index to);

}  // namespace hotline::ivr
