// How an article comes to be published: drafts, review by the department, sign-off, publication in time, corrections.
// The rules are a definition that hotline::workflow runs (data/workflows/article.yaml is the usual one); this class keeps
// the instances beside the articles and does what their effects say: `publish` publishes the revision, `unpublish`
// withdraws the article. A step is one transaction: where the revision stands, the article and the index change together.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "hotline/base/document.hpp"
#include "hotline/kb/knowledge_base.hpp"
#include "hotline/workflow/calendar.hpp"
#include "hotline/workflow/definition.hpp"

namespace hotline::kb {

struct Editor {
  std::string id;
  std::string unit;
  std::vector<std::string> roles;  // of the definition: "author", "department", "signer", "editor"
};

// Where a revision stands.
struct EditingState {
  std::string article;
  int revision = 0;
  std::string state;             // of the region `main`: DRAFT, REVIEW ...
  std::string feedback;          // of the region `feedback`, or ""
  std::optional<Time> due;       // of the clock that runs and ends first
  bool overdue = false;
};

// What an event did.
struct EditingStep {
  bool accepted = false;
  std::string refusal;                // why not: a rule's code, or the kind of refusal
  EditingState state;
  std::vector<std::string> effects;   // JSON objects: notify, emit, overdue ... in order
};

// Synchronised. A handle: copies speak of the same desk.
class Editing {
 public:
  // The definition needs a region `main`; its calendars are given by id (those missing run around the clock).
  // Errors: invalid_argument, those of the database.
  static Result<Editing> open(KnowledgeBase kb, workflow::Definition definition, std::vector<workflow::Calendar> calendars = {});

  // A new draft and its instance. An author who is not the article's goes into its credits: a correction is thanked.
  Result<EditingStep> draft(Article article, const Editor& author, Time now);
  // An event of the definition ("submit", "pass", "send_back", "sign", "publish", "flag" ...). A refusal is a value.
  // Errors: not_found (no such revision in editing), invalid_argument (unknown event or field).
  Result<EditingStep> act(std::string_view article, int revision, std::string_view event, const Node& fields, const Editor& who, Time now);
  // Fires what has fallen due by `now`; call it every minute or so. What came of it, in order of time.
  Result<std::vector<EditingStep>> tick(Time now);
  // The first timer of all; empty where none is armed.
  Result<std::optional<Time>> next_due();

  Result<EditingState> state(std::string_view article, int revision);
  // Everything in a state ("REVIEW"), or everything that is not final for "".
  Result<std::vector<EditingState>> list(std::string_view state);
  // What was done, as records of hotline::workflow, oldest first.
  Result<std::vector<std::string>> history(std::string_view article, int revision);

 private:
  struct Impl;
  explicit Editing(std::shared_ptr<Impl> impl) : impl_(std::move(impl)) {}
  std::shared_ptr<Impl> impl_;
};

struct Event;  // command.hpp

// The desk as text, for scenarios, C and Python:
//   draft {article: {...}, by: {id, unit, roles}} · act {id, revision, event, fields?, by} · tick {}
//       -> step {accepted, refusal, article, revision, state, feedback, due?, overdue, effects} for each
//   state {id, revision} · list {state?} -> state {...} for each · history {id, revision} -> record {...} for each
// Errors: invalid_argument for an unknown verb or a missing field, and those of the methods.
Result<std::vector<Event>> apply(Editing& editing, Time at, std::string_view verb, const Node& fields);

}  // namespace hotline::kb
