// A whole hotline: joins telephones, flows, routing, tickets and knowledge, and keeps what happened.
//
// Decisions are the engines'; this is the host's part that every host needs: which leg belongs to which session,
// what an agent's telephone does when the router offers a caller, what is written down and when.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "hotline/audio/telephony.hpp"
#include "hotline/base/journal.hpp"
#include "hotline/center/records.hpp"
#include "hotline/center/setup.hpp"
#include "hotline/center/speech.hpp"
#include "hotline/ivr/engine.hpp"
#include "hotline/ivr/event.hpp"
#include "hotline/ivr/statistics.hpp"
#include "hotline/kb.hpp"
#include "hotline/ticket.hpp"

namespace hotline::center {

// Something that happened, for people to read: on a screen, in a log, beside a telephone.
struct Notice {
  Time at{};
  std::string type;   // "call.arrived", "prompt", "key", "offer", "ticket.accepted" ...
  std::string party;  // who it is about: a caller's number, an agent's id, a ticket's number
  std::string zh;
  std::string en;
};

// What the centre needs of the world. All must outlive the Hotline.
struct World {
  audio::Telephony& telephony;
  Speech& speech;
  store::Database database;
  std::string folder;                               // recordings/ and outbox/ are made in it
  std::function<void(std::function<void()>)> post;  // runs work later on the Hotline's thread
  std::function<void(std::string_view line)> journal;
  std::uint64_t journal_seq = 1;                    // number of the journal's next line
  std::function<void(const Notice&)> notice;
  // Where a citizen's number rings: "13800138000" -> "sip:13800138000@trunk.example". Empty: the centre calls nobody,
  // and messages by voice are left in the outbox folder.
  std::function<std::string(const std::string& number)> address;
};

// What an agent writes down while talking.
struct Draft {
  std::string title;
  std::string text;
  std::string category;
  std::string area;
  std::string citizen_name;
  std::string kind;  // complaint, consultation ..., or a procedure: emergency, difficult_question, agency_service
  bool urgent = false;
};

// Confined to the thread that `World::post` posts to.
class Hotline {
 public:
  // Errors: io, invalid_definition (the first complaint of the first bad file), and those of the database.
  static Result<std::unique_ptr<Hotline>> open(Setup setup, World world, Time now);
  ~Hotline();

  void handle(const audio::TelephonyEvent& event, Time now);
  // Fires what is due; says when to come again.
  std::optional<Time> advance(Time now);
  // The telephones are gone: what the calls still had to say is written down, and all of them end.
  void close(Time now);

  // Lines that a flow's `query` node may ask: name -> function of the arguments. One that is not registered
  // takes the node's error exit.
  using Query = std::function<ivr::Outcome(const std::map<std::string, std::string>& arguments, std::vector<ivr::Field>& answer)>;
  void answer_query(std::string name, Query query);
  // The same where the answer takes its time: `done` may be called later and from any thread, once. Meanwhile the flow
  // says its holding prompt, and goes on by its own time-out (`limit`). The query must not outlive the Hotline.
  using Answered = std::function<void(ivr::Outcome outcome, std::vector<ivr::Field> answer)>;
  using SlowQuery = std::function<void(const std::map<std::string, std::string>& arguments, Answered done)>;
  void answer_query_later(std::string name, SlowQuery query);

  // ── Flows while calls run; `path` as city.yaml names them ─────────────────────────────────────────────────
  // New calls run `next`; running ones stay on their version, or with a migration move at their next safe point.
  // Errors: not_found (path), invalid_argument (the id of another flow).
  Status publish_flow(const std::string& path, ivr::Flow next, std::optional<ivr::Migration> migration, Time now);
  // Reads every flow again and publishes those that changed; says which. Where one does not load, none is touched.
  Result<std::vector<std::string>> reload_flows(Time now);
  // A notice or closure over a node, at once and for calls in progress too. Errors: not_found.
  Status lay_notice(const std::string& path, const ivr::Overlay& notice, Time now);
  Status lift_notice(const std::string& path, std::string_view id, Time now);

  // ── An agent's desk. Errors: not_found, wrong_state ───────────────────────────────────────────────────────
  Status sign_in(const std::string& agent, Time now);   // and ready
  Status sign_out(const std::string& agent, Time now);
  Status ready(const std::string& agent, Time now);
  Status not_ready(const std::string& agent, const std::string& reason, Time now);
  Status wrap_up_done(const std::string& agent, Time now);
  Status hang_up(const std::string& agent, Time now);
  Status hold(const std::string& agent, Time now);
  Status retrieve(const std::string& agent, Time now);
  // Sends the caller back into the flow, or to another queue or agent.
  Status back_to_flow(const std::string& agent, Time now);
  Status transfer_to_queue(const std::string& agent, const std::string& queue, Time now);
  Status transfer_to_agent(const std::string& agent, const std::string& other, Time now);
  // Rings outside (a number, an address, or an extension's name); where nobody answers the caller goes back to the flow.
  Status transfer_outside(const std::string& agent, const std::string& to, Time now);
  // The caller waits while the agent talks with a third party: a colleague, an extension or an outside number. Then
  // retrieve (the third party goes), conference (all three talk), or hand over: the third party has the caller.
  // Errors of the latter two: wrong_state while it still rings; unavailable where a colleague is taken by other work.
  Status consult(const std::string& agent, const std::string& to, Time now);
  Status conference(const std::string& agent, Time now);
  Status hand_over(const std::string& agent, Time now);
  // A ticket of the call the agent has or had last; the conversation's recording is attached when it ends.
  Result<std::string> record_case(const std::string& agent, const Draft& draft, Time now);
  Result<std::vector<kb::Hit>> search(const std::string& agent, const std::string& question, Time now);
  // Tickets that were answered before and read like this text, with their replies and without personal data.
  Result<std::vector<kb::Hit>> similar(const std::string& agent, const std::string& text, Time now);
  // The screen that opens with a call: who it is, earlier calls and tickets.
  struct Screen {
    std::optional<Citizen> citizen;
    std::vector<CallRecord> calls;
  };
  Result<Screen> screen(const std::string& agent);

  // ── A supervisor's desk ──────────────────────────────────────────────────────────────────────────────────
  // Rings the supervisor's telephone where it is not up yet, and follows the agent from call to call. Again with another
  // mode changes over.
  Status monitor(const std::string& supervisor, const std::string& agent, audio::Telephony::Join mode, Time now);
  // The supervisor, who monitors, has the caller from now on; the agent wraps up.
  Status take_over(const std::string& supervisor, const std::string& agent, Time now);
  Status stop_monitor(const std::string& supervisor, const std::string& agent, Time now);

  // ── Calls that the centre makes ──────────────────────────────────────────────────────────────────────────
  // Rings a citizen (a number, or an address) and runs a flow of the city (as reply_flow names it) with these
  // variables. Its `query` and `survey` nodes report back. Errors: not_found (flow), wrong_state (no trunk).
  Result<std::uint64_t> call(const std::string& to, const std::string& flow, std::vector<ivr::Field> variables, Time now);

  // The return visit to the citizen of a ticket. Errors: not_found, wrong_state (nobody to call).
  Status visit(const std::string& number, Time now);

  // ── Looking ──────────────────────────────────────────────────────────────────────────────────────────────
  struct DeskView {
    const Person* person = nullptr;
    std::string state;    // logged_out, not_ready, ready, offered, busy, wrap
    std::string reason;   // of not being ready
    std::string citizen;  // whom the agent talks with
  };
  std::vector<DeskView> desks() const;
  struct QueueView {
    std::string queue;
    std::uint32_t waiting = 0, ringing = 0, callbacks = 0;
    bool open = true;
    std::optional<Time> longest_since;
  };
  std::vector<QueueView> queues() const;

  ticket::Service& tickets();
  kb::KnowledgeBase& knowledge();
  Records& records();
  const Setup& setup() const;
  // Of the flows' nodes, by version, since open(); ivr::read_statistics() makes the same of the journal.
  const ivr::StatisticsByVersion& flow_statistics() const;
  // Calls in progress, of both directions.
  std::size_t live_calls() const;
  std::size_t waiting_calls() const;

  struct Inner;

 private:
  explicit Hotline(std::unique_ptr<Inner> inner);
  std::unique_ptr<Inner> inner_;
};

// A flow's query answered by one row of a database: `:name` in the SQL stands for the argument of that name, `fields` name
// the columns for the flow's `store`. No row is `empty`. It waits for the database: for one beside the host.
Hotline::Query sql_query(store::Database database, std::string sql, std::vector<std::string> fields);

}  // namespace hotline::center
