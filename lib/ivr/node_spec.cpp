#include "ivr/node_spec.hpp"

namespace hotline::ivr {
namespace {

#define TO(member) [](FlowNode & n) -> decltype(auto) { return (n.member); }

constexpr FieldSpec text(std::string_view name, std::string& (*to)(FlowNode&), std::string_view note, bool required = false) {
  FieldSpec f{name, FieldKind::text, required, "", note};
  f.text = to;
  return f;
}
constexpr FieldSpec word(std::string_view name, std::string& (*to)(FlowNode&), std::string_view note, bool required = true) {
  FieldSpec f{name, FieldKind::word, required, "", note};
  f.text = to;
  return f;
}
constexpr FieldSpec one_of(std::string_view name, std::string& (*to)(FlowNode&), std::string_view names,
                           std::string_view otherwise, std::string_view note) {
  FieldSpec f{name, FieldKind::one_of, otherwise.empty(), otherwise, note};
  f.text = to;
  f.names = names;
  return f;
}
constexpr FieldSpec expression(std::string_view name, Index& (*to)(FlowNode&), std::string_view note, bool required = true) {
  FieldSpec f{name, FieldKind::expression, required, "", note};
  f.index = to;
  return f;
}
constexpr FieldSpec prompt(std::string_view name, Index& (*to)(FlowNode&), std::string_view note, bool required = false) {
  FieldSpec f{name, FieldKind::prompt, required, "", note};
  f.index = to;
  return f;
}
constexpr FieldSpec ladder(std::string_view name, std::vector<Index>& (*to)(FlowNode&), std::string_view note) {
  FieldSpec f{name, FieldKind::ladder, false, "", note};
  f.list = to;
  return f;
}
constexpr FieldSpec exit(std::string_view name, std::string_view note) { return {name, FieldKind::exit, true, "", note}; }
constexpr FieldSpec error_exit(std::string_view name, std::string_view note) {
  FieldSpec f{name, FieldKind::exit, false, "the error handlers", note};
  f.optional_exit = true;
  return f;
}
constexpr FieldSpec duration(std::string_view name, Duration& (*to)(FlowNode&), std::string_view otherwise,
                             std::string_view note) {
  FieldSpec f{name, FieldKind::duration, false, otherwise, note};
  f.duration = to;
  return f;
}
constexpr FieldSpec integer(std::string_view name, int& (*to)(FlowNode&), std::string_view otherwise, int low, int high,
                            std::string_view note) {
  FieldSpec f{name, FieldKind::integer, otherwise.empty(), otherwise, note};
  f.integer = to;
  f.low = low;
  f.high = high;
  return f;
}
constexpr FieldSpec boolean(std::string_view name, bool& (*to)(FlowNode&), std::string_view otherwise, std::string_view note) {
  FieldSpec f{name, FieldKind::boolean, false, otherwise, note};
  f.boolean = to;
  return f;
}
constexpr FieldSpec key(std::string_view name, char& (*to)(FlowNode&), std::string_view otherwise, std::string_view note) {
  FieldSpec f{name, FieldKind::key, false, otherwise, note};
  f.key = to;
  return f;
}
constexpr FieldSpec special(std::string_view name, FieldKind kind, std::string_view note, bool required = false) {
  return {name, kind, required, "", note};
}
constexpr FieldSpec variable(std::string_view name, std::string_view note, bool required = false) {
  FieldSpec f{name, FieldKind::variable, required, "", note};
  return f;
}
constexpr FieldSpec kNext = exit("next", "where to go on");
constexpr FieldSpec kErrorExit = error_exit("error", "the host could not do it");
constexpr FieldSpec kTimeoutExit = error_exit("timeout", "no answer in time");
constexpr FieldSpec kArguments = special("arguments", FieldKind::arguments, "name: expression, given to the host");
constexpr FieldSpec kStores = special("store", FieldKind::stores, "variable: field of the answer");
constexpr FieldSpec kHolding = prompt("holding", TO(second_prompt), "said where the answer takes longer than `holding_after`");
constexpr FieldSpec kHoldingAfter = duration("holding_after", TO(after), "2s", "when to say it");
constexpr FieldSpec kExhausted = exit("exhausted", "where to go when the attempts are used up");
constexpr FieldSpec kFinalExhausted = error_exit("exhausted", "where to go when the attempts are used up");

const FieldSpec kCommon[] = {
    text("name", TO(name), "what people call the node"),
    text("note", TO(note), "for those who keep the flow; not spoken"),
    text("tag", TO(tag), "groups nodes in statistics"),
    text("on_error", TO(on_error), "node that takes this node's errors"),
    boolean("safe_point", TO(safe_point), "false", "calls may move to a newer version here"),
};
const FieldSpec kInput[] = {
    ladder("prompt", TO(listening.prompts), "what is asked; a list of lists is a ladder: first, second, further attempts"),
    ladder("no_input", TO(listening.no_input), "said after silence, before asking again"),
    ladder("no_match", TO(listening.no_match), "said after a wrong entry, before asking again"),
    prompt("invalid_sound", TO(listening.invalid_sound), "played first after a wrong entry"),
    duration("first_digit_timeout", TO(listening.first_digit), "5s (collect 10s)", "silence after the prompt that counts as no input"),
    duration("inter_digit_timeout", TO(listening.inter_digit), "3s (ID and card numbers 5s)", "silence between keys that ends an entry"),
    key("term_char", TO(listening.term), "#", "ends an entry; `off` for none"),
    duration("term_timeout", TO(listening.term_timeout), "0s", "how long to wait for an optional term_char after the last digit"),
    key("cancel_char", TO(listening.cancel), "*", "erases what was typed; `off` for none"),
    boolean("barge_in", TO(listening.barge_in), "true", "keys stop the prompt; where false they are kept for afterwards"),
    integer("max_no_input", TO(listening.max_no_input), "3", 1, 20, "silences before `exhausted`"),
    integer("max_no_match", TO(listening.max_no_match), "3", 1, 20, "wrong entries before `exhausted`"),
    integer("max_attempts", TO(listening.max_attempts), "4", 1, 40, "both together"),
    boolean("flush", TO(flush), "false", "forget keys typed ahead"),
    special("global_keys", FieldKind::global_keys, "key: agent, back, repeat, main, off or a node; on top of the flow's"),
};

const FieldSpec kStart[] = {kNext};
const FieldSpec kGoTo[] = {exit("to", "a node, or back, main, repeat, agent")};
const FieldSpec kBranch[] = {special("cases", FieldKind::cases, "list of {when: expression, to: node}, tried in order", true),
                             exit("else", "where no case holds")};
const FieldSpec kSet[] = {special("set", FieldKind::sets, "variable: expression", true), kNext};
const FieldSpec kLoop[] = {integer("max", TO(times), "", 1, 1000, "rounds at most"),
                           expression("while", TO(value), "goes on only while it holds", false),
                           exit("body", "one round; it leads back to this node"), exit("done", "after the last round")};
const FieldSpec kSubflow[] = {word("flow", TO(target), "name of the sub-flow"),
                              special("arguments", FieldKind::arguments, "parameter: expression"),
                              special("store", FieldKind::stores, "variable: name of a returned variable"), kNext,
                              special("exits", FieldKind::named_exits, "exit of the sub-flow: node")};
const FieldSpec kReturn[] = {text("exit", TO(operation), "the sub-flow node's exit to take; `next` where not given")};
const FieldSpec kPercent[] = {special("shares", FieldKind::shares, "list of {percent: 1-100, to: node}, 100 together", true)};
const FieldSpec kHangup[] = {prompt("prompt", TO(prompt), "goodbye"),
                             one_of("cause", TO(operation), "normal|busy|error", "normal", "told to the host")};
const FieldSpec kErrorHandler[] = {
    one_of("scope", TO(operation), "node|subtree|flow", "flow", "whose errors"),
    special("nodes", FieldKind::node_list, "the nodes, or the roots of the subtrees"), kNext};

const FieldSpec kPlay[] = {prompt("prompt", TO(prompt), "what is said", true),
                           boolean("barge_in", TO(barge_in), "true", "a key ends it and counts for the next menu"), kNext};
const FieldSpec kAnnounce[] = {
    prompt("prompt", TO(prompt), "said before"), expression("value", TO(value), "the number"),
    integer("length", TO(least), "8", 1, 32, "digits it must have (zeros are put before)"),
    special("groups", FieldKind::numbers, "how it is grouped, for example [4, 4]"),
    integer("repeat", TO(times), "2", 1, 5, "how often it is said"),
    boolean("barge_in", TO(barge_in), "true", "a key ends it"), kNext};
const FieldSpec kPause[] = {duration("for", TO(limit), "1s", "how long"), kNext};
const FieldSpec kMusic[] = {prompt("music", TO(music), "what is played, over and over", true),
                            duration("for", TO(limit), "30s", "how long"),
                            boolean("barge_in", TO(barge_in), "true", "a key ends it"), kNext};
const FieldSpec kLanguage[] = {
    special("choices", FieldKind::languages, "key: language"),
    expression("from", TO(value), "a language already known (`known_language`: of the caller's record or the dialled number); asks nothing then", false),
    kNext, kFinalExhausted};
const FieldSpec kMenu[] = {special("choices", FieldKind::choices, "keys or pattern: node, or {to, name}", true),
                           variable("store", "receives the keys"), kExhausted};
const FieldSpec kCollect[] = {
    variable("store", "receives the entry", true),
    integer("min", TO(least), "1", 1, 64, "fewest digits"), integer("max", TO(most), "20", 1, 64, "most digits"),
    text("pattern", TO(pattern), "digits with X Z N [1-5], or /regular expression/"),
    one_of("check", TO(operation), "none|luhn|id_card|date|phone", "none", "refuses entries that cannot be right"),
    FieldSpec{"say", FieldKind::say_as, false, "digits", "how it is read back"},
    boolean("confirm", TO(confirm), "false", "reads it back: 1 is right, 2 enter again"),
    prompt("confirm_prompt", TO(second_prompt), "said instead of the built-in read-back"),
    integer("confirm_tries", TO(times), "3", 1, 9, "re-entries before `exhausted`"), kNext, kExhausted};
const FieldSpec kRecord[] = {
    variable("store", "receives the recording's file", true),
    duration("max", TO(limit), "180s", "longest"), duration("min", TO(minimum), "2s", "shorter ones are not kept"),
    duration("silence", TO(silence), "5s", "this much silence ends it"), boolean("beep", TO(beep), "true", "a tone first"),
    boolean("review", TO(review), "true", "afterwards 1 confirms, 2 replays, 3 cancels; silence saves"),
    prompt("review_prompt", TO(second_prompt), "said instead of the built-in one"),
    exit("saved", "confirmed, or nobody answered"), exit("cancelled", "the caller pressed 3"),
    exit("too_short", "shorter than `min`"), exit("hangup_saved", "hung up after `min`; only data and notice nodes follow"),
    kErrorExit};
const FieldSpec kSurvey[] = {
    word("poll", TO(target), "name of the poll"),
    special("questions", FieldKind::questions, "list of {id, prompt, answers: {key: name}}", true),
    key("skip", TO(key), "#", "skips a question"), kNext, kErrorExit};
const FieldSpec kDialByName[] = {
    special("people", FieldKind::people, "list of {name, spelling, extension}; else those of the bindings"),
    variable("store", "receives the extension"), integer("min", TO(least), "3", 1, 10, "fewest letters"), kNext, kExhausted};

const FieldSpec kQuery[] = {word("query", TO(target), "name of the host's function"), kArguments, kStores,
                            duration("limit", TO(limit), "10s", "how long to wait"), kHolding, kHoldingAfter,
                            exit("ok", "found"), exit("empty", "nothing found"), kErrorExit, kTimeoutExit};
const FieldSpec kTicket[] = {one_of("do", TO(operation), "create|lookup|supplement", "", "what to do"), kArguments, kStores,
                             duration("limit", TO(limit), "10s", "how long to wait"), kHolding, kHoldingAfter,
                             exit("ok", "done"), error_exit("empty", "no ticket of that number"), kErrorExit, kTimeoutExit};
const FieldSpec kKb[] = {one_of("do", TO(operation), "search|read", "", "look up by words, or read an article"),
                         expression("text", TO(value), "the words, or the article's id"), kArguments, kStores,
                         duration("limit", TO(limit), "10s", "how long to wait"), kHolding, kHoldingAfter,
                         exit("ok", "found"), exit("empty", "nothing found"), kErrorExit, kTimeoutExit};

const FieldSpec kQueue[] = {
    word("queue", TO(target), "name of the queue"), special("skills", FieldKind::words, "what the agent must be able to do"),
    integer("priority", TO(priority), "0", -100, 100, "larger is more urgent"), kArguments,
    prompt("prompt", TO(prompt), "said first"), prompt("music", TO(music), "while waiting"),
    prompt("announce", TO(second_prompt), "now and then; may say {queue_position} and {queue_wait}"),
    duration("announce_every", TO(every), "60s", "how often"),
    duration("overflow_after", TO(limit), "0s", "longest wait; 0s: no bound"),
    key("callback_key", TO(key), "off", "pressed while waiting, takes the exit `callback`"),
    error_exit("answered", "the conversation is over and the caller still there; else hang up"),
    exit("overflow", "waited too long, queue full or closed"), error_exit("callback", "wants to be called back"), kErrorExit};
const FieldSpec kTransfer[] = {
    one_of("kind", TO(operation), "agent|extension|external", "", "whom"), text("to", TO(target), "name or number"),
    expression("number", TO(value), "the number, computed", false), duration("ring", TO(limit), "20s", "how long to ring"),
    prompt("prompt", TO(prompt), "said first"),
    error_exit("answered", "the conversation is over and the caller still there; else hang up"), exit("busy", "engaged"),
    exit("no_answer", "rang in vain"), exit("failed", "could not be connected")};
const FieldSpec kSchedule[] = {text("calendar", TO(calendar_name), "name of a calendar of the flow", true),
                               exit("open", "working time"), exit("closed", "outside of it"),
                               error_exit("holiday", "a day off that would be a working day; else `closed`"),
                               error_exit("emergency", "an emergency was declared; else as the clock says")};
const FieldSpec kCallback[] = {expression("number", TO(value), "whom to call; the caller's number where not given", false),
                               text("queue", TO(target), "who calls back", true), kArguments, kNext, kErrorExit};

const FieldSpec kNotify[] = {one_of("channel", TO(operation), "sms|email|phone", "", "by which way"),
                             word("template", TO(target), "name of the text"),
                             expression("to", TO(value), "number or address; the caller's number where not given", false), kArguments,
                             boolean("wait", TO(wait), "false", "goes on only when it was sent"),
                             duration("limit", TO(limit), "10s", "how long to wait"), kNext, error_exit("failed", "could not be sent")};
const FieldSpec kFaxSend[] = {text("document", TO(target), "name of the document"),
                              expression("file", TO(value), "the document, computed", false),
                              prompt("prompt", TO(prompt), "said first (press start now)"),
                              expression("to", TO(store), "number; on this call where not given", false), kArguments,
                              duration("limit", TO(limit), "180s", "how long it may take"), kNext, exit("failed", "could not be sent")};
const FieldSpec kFaxReceive[] = {prompt("prompt", TO(prompt), "said first"), kStores,
                                 duration("limit", TO(limit), "300s", "how long it may take"), kNext,
                                 exit("failed", "nothing was received")};

const NodeSpec kSpecs[] = {
    {NodeType::start, "start", "flow", "where calls begin", kStart, false, true},
    {NodeType::go_to, "goto", "flow", "goes elsewhere", kGoTo, false, true},
    {NodeType::branch, "branch", "flow", "goes where the first true expression leads", kBranch, false, true},
    {NodeType::set, "set", "flow", "gives variables values", kSet, false, true},
    {NodeType::loop, "loop", "flow", "does something at most `max` times", kLoop, false, true},
    {NodeType::subflow, "subflow", "flow", "runs a sub-flow, with its own variables", kSubflow, false, true},
    {NodeType::give_back, "return", "flow", "ends a sub-flow", kReturn, false, true},
    {NodeType::percent, "percent", "flow", "sends shares of the callers different ways", kPercent, false, true},
    {NodeType::hangup, "hangup", "flow", "says goodbye and ends the call", kHangup, false, true},
    {NodeType::error_handler, "error_handler", "flow", "where errors of a node, a subtree or the flow go", kErrorHandler, false, true},
    {NodeType::play, "play", "speech", "says something", kPlay},
    {NodeType::announce_number, "announce_number", "speech", "says a number in groups, twice", kAnnounce},
    {NodeType::pause, "pause", "speech", "is silent for a while", kPause},
    {NodeType::music, "music", "speech", "plays music for a while", kMusic},
    {NodeType::language, "language", "speech", "chooses the language: by key, record or dialled number", kLanguage, true},
    {NodeType::menu, "menu", "input", "asks for a choice", kMenu, true},
    {NodeType::collect, "collect", "input", "asks for digits", kCollect, true},
    {NodeType::record, "record", "input", "records the caller; what was said is never lost", kRecord, true},
    {NodeType::survey, "survey", "input", "asks the questions of a poll", kSurvey, true},
    {NodeType::dial_by_name, "dial_by_name", "input", "finds a person by the keys of the name", kDialByName, true},
    {NodeType::query, "query", "data", "asks the host for data", kQuery, false, true},
    {NodeType::ticket, "ticket", "data", "files, looks up or supplements a ticket", kTicket, false, true},
    {NodeType::kb, "kb", "data", "searches or reads the knowledge base", kKb, false, true},
    {NodeType::queue, "queue", "routing", "waits for an agent", kQueue},
    {NodeType::transfer, "transfer", "routing", "connects to somebody", kTransfer},
    {NodeType::schedule, "schedule", "routing", "goes by the office hours", kSchedule, false, true},
    {NodeType::callback, "callback", "routing", "notes that the caller shall be called back", kCallback, false, true},
    {NodeType::notify, "notify", "out", "sends a short message, an e-mail or a call", kNotify, false, true},
    {NodeType::fax_send, "fax_send", "out", "sends a fax", kFaxSend},
    {NodeType::fax_receive, "fax_receive", "out", "receives a fax", kFaxReceive},
};
static_assert(sizeof(kSpecs) / sizeof(kSpecs[0]) == kNodeTypes);

#undef TO

}  // namespace

std::span<const NodeSpec> node_specs() { return kSpecs; }
const NodeSpec& node_spec(NodeType type) { return kSpecs[static_cast<std::size_t>(type)]; }
const NodeSpec* find_node_spec(std::string_view name) {
  for (const NodeSpec& spec : kSpecs)
    if (spec.name == name) return &spec;
  return nullptr;
}
std::span<const FieldSpec> common_fields() { return kCommon; }
std::span<const FieldSpec> input_fields() { return kInput; }
std::string_view to_string(NodeType type) { return node_spec(type).name; }

}  // namespace hotline::ivr
