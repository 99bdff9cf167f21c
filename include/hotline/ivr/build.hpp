// Flows written in C++: the same types, the same field names and the same complaints as in a file.
//
//   FlowBuilder f("desk");
//   f.set("languages", build::list("en-US")).set("agent", "people");
//   f.menu("ask", {{"prompt", build::words("For a person, press 1.")}, {"choices", {{"1", "people"}}}, {"exhausted", "people"}});
//   f.queue("people", {{"queue", "general"}, {"overflow", "hangup"}, {"error", "hangup"}});
//   Result<Flow> flow = f.set("start", "ask").build();
//
// A builder makes the document that a file would be read into, so nothing is checked twice. Complaints name the file and
// the line of the call that added the node.
#pragma once

#include <chrono>
#include <concepts>
#include <deque>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "hotline/base/document.hpp"
#include "hotline/base/time.hpp"
#include "hotline/ivr/flow.hpp"

namespace hotline::ivr {

namespace build {

struct Entry;

// What a field may hold: a text, a number, yes or no, a duration, a list, a mapping. A plain value.
class Value {
 public:
  template <class T>
    requires std::convertible_to<const T&, std::string_view>
  Value(const T& text) : node_(Node::scalar(std::string(std::string_view(text)), true)) {}  // NOLINT: implicit by design
  Value(bool yes) : node_(Node::scalar(yes ? "true" : "false", false)) {}                   // NOLINT
  template <class T>
    requires(std::integral<T> && !std::same_as<T, bool> && !std::same_as<T, char>)
  Value(T number) : node_(Node::scalar(std::to_string(number), false)) {}                   // NOLINT
  Value(double number);                                                                     // NOLINT
  template <class Rep, class Period>
  Value(std::chrono::duration<Rep, Period> duration) : Value(hotline::to_string(Duration(duration))) {}  // NOLINT
  Value(std::initializer_list<Entry> entries);                                              // NOLINT
  explicit Value(Node node) : node_(std::move(node)) {}
  static Value list(std::initializer_list<Value> items);
  // The same as a document, without places.
  const Node& node() const { return node_; }

 private:
  Node node_;
};
struct Entry {
  std::string key;
  Value value;
};

// [a, b, c]
template <class... T>
Value list(const T&... items) {
  return Value::list({Value(items)...});
}
// Words to be said, as against the id of a prompt; {expressions} in them are evaluated.
inline Value words(std::string_view text) { return {{"text", text}}; }
// A recorded file and what it says.
inline Value recorded(std::string_view file, std::string_view text) { return {{"text", text}, {"file", file}}; }
// The value of an expression said as `kind`: number, digits, ordinal, date, time, duration, money, phone, ticket, id_card.
inline Value say(std::string_view kind, std::string_view expression) { return {{"say", kind}, {"value", expression}}; }
// Where a choice leads, and what it is called in pictures.
inline Value choice(std::string_view to, std::string_view name) { return {{"to", to}, {"name", name}}; }

// Where a call of the builder stands. The default is the caller's own line.
struct At {
  std::string_view file = "";
  std::uint32_t line = 0;
  static At here(const char* file = __builtin_FILE(), int line = __builtin_LINE()) { return {file, static_cast<std::uint32_t>(line)}; }
};

}  // namespace build

// Adds nodes. node() also takes a mapping that was read (Value(Node)). One function a type, named as in the file (`goto` is go_to, `return` is give_back); the fields are those of
// docs/reference-ivr.md. A wrong field is no error here: building complains, as loading does. Confined.
class NodesBuilder {
 public:
  using Fields = std::initializer_list<build::Entry>;
  using At = build::At;

  NodesBuilder& node(std::string_view type, std::string id, const build::Value& fields, At at = At::here());

  NodesBuilder& start(std::string id, Fields f, At at = At::here()) { return node("start", std::move(id), f, at); }
  NodesBuilder& go_to(std::string id, Fields f, At at = At::here()) { return node("goto", std::move(id), f, at); }
  NodesBuilder& branch(std::string id, Fields f, At at = At::here()) { return node("branch", std::move(id), f, at); }
  NodesBuilder& set_variables(std::string id, Fields f, At at = At::here()) { return node("set", std::move(id), f, at); }
  NodesBuilder& loop(std::string id, Fields f, At at = At::here()) { return node("loop", std::move(id), f, at); }
  NodesBuilder& subflow(std::string id, Fields f, At at = At::here()) { return node("subflow", std::move(id), f, at); }
  NodesBuilder& give_back(std::string id, Fields f = {}, At at = At::here()) { return node("return", std::move(id), f, at); }
  NodesBuilder& percent(std::string id, Fields f, At at = At::here()) { return node("percent", std::move(id), f, at); }
  NodesBuilder& hangup(std::string id, Fields f = {}, At at = At::here()) { return node("hangup", std::move(id), f, at); }
  NodesBuilder& error_handler(std::string id, Fields f, At at = At::here()) { return node("error_handler", std::move(id), f, at); }

  NodesBuilder& play(std::string id, Fields f, At at = At::here()) { return node("play", std::move(id), f, at); }
  NodesBuilder& announce_number(std::string id, Fields f, At at = At::here()) { return node("announce_number", std::move(id), f, at); }
  NodesBuilder& pause(std::string id, Fields f, At at = At::here()) { return node("pause", std::move(id), f, at); }
  NodesBuilder& music(std::string id, Fields f, At at = At::here()) { return node("music", std::move(id), f, at); }
  NodesBuilder& language(std::string id, Fields f, At at = At::here()) { return node("language", std::move(id), f, at); }

  NodesBuilder& menu(std::string id, Fields f, At at = At::here()) { return node("menu", std::move(id), f, at); }
  NodesBuilder& collect(std::string id, Fields f, At at = At::here()) { return node("collect", std::move(id), f, at); }
  NodesBuilder& record(std::string id, Fields f, At at = At::here()) { return node("record", std::move(id), f, at); }
  NodesBuilder& survey(std::string id, Fields f, At at = At::here()) { return node("survey", std::move(id), f, at); }
  NodesBuilder& dial_by_name(std::string id, Fields f, At at = At::here()) { return node("dial_by_name", std::move(id), f, at); }

  NodesBuilder& query(std::string id, Fields f, At at = At::here()) { return node("query", std::move(id), f, at); }
  NodesBuilder& ticket(std::string id, Fields f, At at = At::here()) { return node("ticket", std::move(id), f, at); }
  NodesBuilder& kb(std::string id, Fields f, At at = At::here()) { return node("kb", std::move(id), f, at); }

  NodesBuilder& queue(std::string id, Fields f, At at = At::here()) { return node("queue", std::move(id), f, at); }
  NodesBuilder& transfer(std::string id, Fields f, At at = At::here()) { return node("transfer", std::move(id), f, at); }
  NodesBuilder& schedule(std::string id, Fields f, At at = At::here()) { return node("schedule", std::move(id), f, at); }
  NodesBuilder& callback(std::string id, Fields f, At at = At::here()) { return node("callback", std::move(id), f, at); }

  NodesBuilder& notify(std::string id, Fields f, At at = At::here()) { return node("notify", std::move(id), f, at); }
  NodesBuilder& fax_send(std::string id, Fields f, At at = At::here()) { return node("fax_send", std::move(id), f, at); }
  NodesBuilder& fax_receive(std::string id, Fields f, At at = At::here()) { return node("fax_receive", std::move(id), f, at); }

  NodesBuilder(const NodesBuilder&) = delete;
  NodesBuilder& operator=(const NodesBuilder&) = delete;

 protected:
  // Every call of a flow's builders, by number; documents carry the number as their line.
  struct Calls {
    struct Place {
      std::string file;
      std::uint32_t line;
    };
    std::vector<Place> places;
    std::vector<Diagnostic> complaints;  // a node twice, a field twice
    std::uint32_t add(At at);
    void complain(std::uint32_t line, std::string code, std::string message, std::string remedy, std::string node);
    void restore(hotline::Place& place) const;
  };
  explicit NodesBuilder(std::shared_ptr<Calls> calls) : calls_(std::move(calls)) {}
  Node nodes_ = Node::mapping();
  std::shared_ptr<Calls> calls_;
  friend class FlowBuilder;
};

// A flow: its own keys, its nodes, its sub-flows. Confined.
class FlowBuilder : public NodesBuilder {
 public:
  explicit FlowBuilder(std::string id, At at = At::here());

  // A key of the flow: title, version, languages, start, main, agent, on_error, prompts, variables, calendars, allow ...
  FlowBuilder& set(std::string_view key, const build::Value& value, At at = At::here());
  // A sub-flow with its parameters, returns, exits, variables and start; add its nodes to what is returned, which lives
  // as long as this builder.
  NodesBuilder& define(std::string_view name, const build::Value& keys, At at = At::here());

  // The document so far.
  Node document() const;
  std::string to_json() const { return document().to_json(); }
  // Every complaint, and the flow as far as it could be compiled.
  Examined examine(const LoadOptions& options = {}) const;
  // Errors: invalid_definition (the first complaint, with the place of the call).
  Result<Flow> build(const LoadOptions& options = {}) const;

 private:
  struct Keyed {
    std::string key;
    Node value;
  };
  struct Subflow : NodesBuilder {
    Subflow(std::shared_ptr<Calls> calls, std::string name_of, std::uint32_t call_of, Node keys_of)
        : NodesBuilder(std::move(calls)), name(std::move(name_of)), call(call_of), keys(std::move(keys_of)) {}
    std::string name;
    std::uint32_t call;
    Node keys;
  };
  std::vector<Keyed> keys_;
  std::deque<Subflow> subflows_;
};

}  // namespace hotline::ivr
