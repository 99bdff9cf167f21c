// The inside of a Hotline: its calls and desks, and the four engines.
#pragma once

#include <deque>
#include <unordered_map>

#include "hotline/acd.hpp"
#include "hotline/center/hotline.hpp"
#include "hotline/ivr.hpp"
#include "hotline/text/spoken.hpp"

namespace hotline::center {

using audio::LegId;

// A citizen on the line, from the first ring to the end.
struct Call {
  std::uint64_t id = 0;
  LegId leg;
  CallRecord record;
  ivr::Engine* engine = nullptr;  // of the flow that the call runs
  std::optional<ivr::Session> session;
  bool up = false;                // answered
  bool gone = false;              // hung up

  std::uint32_t play = 0;         // the ivr action whose prompts are heard, 0: none
  std::uint64_t play_token = 0;   // numbers plays, so that late answers of the speech are known
  std::vector<audio::Clip> looped;

  std::uint32_t recording = 0;    // the ivr action that records
  std::string recording_path;
  std::vector<std::string> recorded;  // what the citizen said in this call ...
  std::vector<std::string> filed;     // ... and what of it is part of a ticket

  std::uint32_t request = 0;      // the ivr action that waits for queue or transfer
  acd::ContactId contact;
  Time queued{};
  Time told{};                    // when position and wait were last given to the session
  Time answered{};
  std::string agent;              // who talks with the citizen, or did last
  LegId other;                    // outside party of a transfer
  std::int64_t outbox = 0;        // the message that this call delivers
  bool visit = false;             // a return visit
  std::int64_t callback = 0;      // the callback that this call keeps
  std::vector<ivr::Field> variables;
};

// An agent's telephone and what it does.
struct Desk {
  const Person* person = nullptr;
  acd::AgentId agent;
  LegId leg;
  bool up = false;                // the telephone was answered
  acd::OfferId offer;             // that rings here
  acd::ContactId contact;         // offered, talking or in wrap-up
  std::uint64_t call = 0;
  std::uint64_t last_call = 0;    // for what is written down after the conversation
  CallRecord last;
  bool holding = false;
  LegId third;                    // whom the agent consults
  bool third_up = false;
  std::string colleague;          // ... where it is one of ours
  std::string watches;            // a supervisor: the agent who is listened to ...
  audio::Telephony::Join mode{};  // ... and how
  std::int64_t callback = 0;      // that the offer is about
  std::vector<std::string> cases; // tickets made in this conversation
};

struct Hotline::Inner {
  Inner(Setup setup, World world);
  Status open(Time now);
  std::optional<Time> advance(Time now);

  // ── calls (calls.cpp) ──
  void handle(const audio::TelephonyEvent& event, Time now);
  void arrived(const audio::event::Incoming& event, Time now);
  void answered(LegId leg, Time now);
  void hung_up(const audio::event::HungUp& event, Time now);
  void played(const audio::event::Played& event, Time now);
  void recorded(const audio::event::Recorded& event, Time now);
  void start_session(Call& call, Time now);
  void step(Call& call, const ivr::Event& event, Time now);
  void ask_later(const SlowQuery& query, std::uint64_t call, std::uint32_t id, const std::map<std::string, std::string>& arguments);
  void perform(Call& call, std::span<const ivr::Action> actions, Time now);
  void play(Call& call, const ivr::Action& action, Time now);
  void record(Call& call, const ivr::Action& action, Time now);
  void finish(Call& call, Time now);
  void set_aside(const Call& call);
  // Gives an answer to the session after the present step.
  void answer(Call& call, std::uint32_t id, ivr::Outcome outcome, std::vector<ivr::Field> fields = {});

  // ── requests of flows (requests.cpp) ──
  using Arguments = std::map<std::string, std::string>;
  void request(Call& call, const ivr::Action& action, Time now);
  ivr::Outcome ticket(Call& call, const std::string& what, const Arguments& arguments, std::vector<ivr::Field>& fields, Time now);
  ivr::Outcome knowledge(Call& call, const std::string& what, const Arguments& arguments, std::vector<ivr::Field>& fields, Time now);
  ivr::Outcome notify(Call& call, const std::string& what, const Arguments& arguments, Time now);
  void queue(Call& call, const ivr::Action& action, Time now);
  void transfer(Call& call, const ivr::Action& action, Time now);
  void cancel(Call& call, std::uint32_t id, Time now);
  std::uint64_t ring_citizen(const std::string& to, const std::string& flow, std::vector<ivr::Field> variables, Time now);

  // ── tickets and knowledge (casework.cpp) ──
  Status open_casework(Time now);
  void advance_casework(Time now);  // timers and outbox
  Time next_casework(Time now) const;
  ivr::Outcome visit_result(const Arguments& arguments, Time now);
  Status open_knowledge(Time now);
  void remember_answer(const std::string& number, Time now);
  void write_article(JsonWriter& json, const std::string& id, Time now);
  Status recover(Time now);
  Result<ticket::Accepted> take_case(const std::string& recording, const Arguments& arguments, const std::string& phone, Time now);
  void deliver(const ticket::OutboxItem& item, Time now);
  void settle_outbox(Call& call, Time now);
  void attach_talk(Desk& desk, Time now);
  void write_outbox(const std::string& channel, const std::string& line);

  // ── routing and desks (desk.cpp) ──
  void drain(Time now);
  void routed(const acd::Event& event, Time now);
  void ring(const acd::Event& event, Time now);
  void connect(Desk& desk, Time now);
  void part(Desk& desk, Time now);   // the conversation is over: wrap-up
  void hang_up_desk(Desk& desk);
  void tell_waiting(Time now);

  // ── three at one table (together.cpp) ──
  void third_answered(Desk& desk, Time now);
  void third_gone(Desk& desk, Time now);
  void transferred(const acd::Event& event, Time now);  // the router moved a conversation from one agent to another
  void asked_to_transfer(const audio::event::TransferAsked& event, Time now);
  void watch(Desk& supervisor, Time now);
  void watchers_join(Desk& desk);
  std::string address_of(const std::string& to) const;
  Desk* find_third(LegId leg);

  // ── callbacks (callbacks.cpp): a citizen who keeps the place in the queue without waiting on the line ──
  Status open_callbacks(Time now);
  ivr::Outcome keep_place(Call& call, const std::string& queue, const std::string& number, Time now);
  void enqueue_callbacks(Time now);
  void ring_back(Desk& desk, Time now);                 // the agent is on the line: the citizen's telephone rings
  void back_on_line(Call& call, Time now);
  void callback_over(Call& call, Time now);
  struct Callback {
    std::int64_t id = 0;
    std::string citizen, queue;
    Time since{}, due{};
    Time queue_again{};  // the queue was closed or full: not asked before this
    std::int64_t attempts = 0;
    acd::ContactId contact;
  };
  std::map<std::int64_t, Callback> callbacks;

  // ── help ──
  Call* find_call(LegId leg);
  Call* find_call(std::uint64_t id);
  Call* find_contact(acd::ContactId contact);
  Desk* find_desk(const std::string& agent);
  Desk* find_desk(LegId leg);
  Desk* find_desk(acd::AgentId agent);
  void note(Time now, std::string type, std::string party, std::string zh, std::string en);
  void speak(LegId leg, std::vector<Utterance> pieces, std::uint64_t token);
  std::string file(const std::string& relative) const { return world.folder + "/" + relative; }

  Hotline* face = nullptr;  // whose inside this is
  Setup setup;
  World world;
  Journal journal;
  ivr::CallJournal call_journal{journal};
  ivr::StatisticsByVersion flow_statistics;
  std::optional<Records> records;
  std::unique_ptr<ticket::Service> tickets;
  std::unique_ptr<ticket::Files> files;
  Time casework_due{};
  std::unique_ptr<kb::KnowledgeBase> knowledge_base;
  std::map<std::string, std::unique_ptr<ivr::Engine>> engines;  // by path of the flow
  acd::Events events;
  std::unique_ptr<acd::Router> router;
  std::map<std::string, Query> queries;
  std::map<std::string, SlowQuery> slow_queries;

  std::map<std::uint64_t, Call> calls;
  std::unordered_map<LegId, std::uint64_t> call_of_leg;
  std::map<std::string, Desk> desks;
  std::deque<std::function<void(Time)>> later;  // after the present step
  std::uint64_t next_call = 1;
  std::uint64_t next_token = 1;
  bool draining = false;
};

// Contacts of callbacks have tags with this bit.
inline constexpr std::uint64_t kCallbackTag = 1ull << 62;
// Plays of the centre's own (not of a flow) have tokens with this bit.
inline constexpr std::uint64_t kOwnPlay = 1ull << 63;

}  // namespace hotline::center
