#include "hotline/center/hotline.hpp"

#include <algorithm>
#include <filesystem>

#include "inner.hpp"

namespace hotline::center {

Hotline::Inner::Inner(Setup s, World w)
    : setup(std::move(s)), world(std::move(w)), journal(world.journal, world.journal_seq) {}

Status Hotline::Inner::open(Time now) {
  std::error_code failed;
  for (const char* folder : {"recordings", "outbox"}) {
    std::filesystem::create_directories(file(folder), failed);
    if (failed)
      return Error(ErrorCode::io, "cannot make `" + file(folder) + "`: " + failed.message(), "check the folder's permissions");
  }
  HOTLINE_ASSIGN(records, Records::open(world.database));

  HOTLINE_ASSIGN(auto definition, acd::load_definition(setup.path(setup.routing)));
  HOTLINE_ASSIGN(auto made, acd::Router::create(std::move(definition), events));
  router = std::make_unique<acd::Router>(std::move(made));
  for (const Person& person : setup.agents) {
    Desk& desk = desks[person.id];
    desk.person = &person;
    desk.agent = router->definition().find_agent(person.id);
    if (!desk.agent)
      return Error(ErrorCode::invalid_definition, "the agent `" + person.id + "` of city.yaml is not in " + setup.routing,
                   "add it to the routing file");
  }

  std::vector<std::string> paths{setup.reply_flow, setup.visit_flow};
  for (const auto& [number, path] : setup.flows) paths.push_back(path);
  ivr::LoadOptions options;
  if (!setup.bindings.empty()) options.bindings = setup.path(setup.bindings);
  for (const std::string& path : paths) {
    if (engines.contains(path)) continue;
    HOTLINE_ASSIGN(auto flow, ivr::Flow::load(setup.path(path), options));
    engines[path] = std::make_unique<ivr::Engine>(std::move(flow));
  }
  HOTLINE_TRY(open_casework(now));
  HOTLINE_TRY(open_callbacks(now));
  journal.write(now, "center", "opened", [&](JsonWriter& json) { json.field("city", setup.name.en); });
  return {};
}

Call* Hotline::Inner::find_call(LegId leg) {
  const auto found = call_of_leg.find(leg);
  return found == call_of_leg.end() ? nullptr : find_call(found->second);
}
Call* Hotline::Inner::find_call(std::uint64_t id) {
  const auto found = calls.find(id);
  return found == calls.end() ? nullptr : &found->second;
}
Desk* Hotline::Inner::find_desk(const std::string& agent) {
  const auto found = desks.find(agent);
  return found == desks.end() ? nullptr : &found->second;
}
Desk* Hotline::Inner::find_desk(LegId leg) {
  for (auto& [agent, desk] : desks)
    if (desk.leg && desk.leg == leg) return &desk;
  return nullptr;
}
Desk* Hotline::Inner::find_desk(acd::AgentId agent) {
  for (auto& [name, desk] : desks)
    if (desk.agent == agent) return &desk;
  return nullptr;
}

void Hotline::Inner::note(Time now, std::string type, std::string party, std::string zh, std::string en) {
  if (world.notice) world.notice({now, std::move(type), std::move(party), std::move(zh), std::move(en)});
}

void Hotline::Inner::speak(LegId leg, std::vector<Utterance> pieces, std::uint64_t token) {
  world.speech.prepare(std::move(pieces), [this, leg, token](std::vector<audio::Clip> clips) {
    world.post([this, leg, token, clips = std::move(clips)]() mutable {
      if (find_call(leg) != nullptr) world.telephony.play(leg, std::move(clips), token);
    });
  });
}

std::optional<Time> Hotline::Inner::advance(Time now) {
  router->advance(now);
  drain(now);
  tell_waiting(now);
  for (auto& [id, call] : calls)
    if (call.session && call.session->deadline() <= now) step(call, ivr::Event::timer(), now);
  advance_casework(now);
  enqueue_callbacks(now);
  while (!later.empty()) {
    auto work = std::move(later.front());
    later.pop_front();
    work(now);
    drain(now);
  }
  // A call that was hung up stays until its flow has said what it still has to (at most a few seconds).
  constexpr Duration kLinger = std::chrono::seconds{10};
  for (auto it = calls.begin(); it != calls.end();) {
    Call& call = (it++)->second;
    if (call.gone && (!call.session || call.session->ended() || now >= call.record.ended + kLinger)) finish(call, now);
  }

  std::optional<Time> next = router->next_deadline();
  const auto sooner = [&](Time t) {
    if (t != Time::max() && (!next || t < *next)) next = t;
  };
  for (auto& [id, call] : calls) {
    if (call.session) sooner(call.session->deadline());
    if (call.contact) sooner(now + std::chrono::seconds{1});
    if (call.gone) sooner(now + std::chrono::milliseconds{200});
  }
  for (auto& [id, kept] : callbacks)
    if (!kept.contact) sooner(std::max({kept.due, kept.queue_again, now}));
  sooner(next_casework(now));
  return next;
}

Result<std::unique_ptr<Hotline>> Hotline::open(Setup setup, World world, Time now) {
  auto inner = std::make_unique<Inner>(std::move(setup), std::move(world));
  HOTLINE_TRY(inner->open(now));
  return std::unique_ptr<Hotline>(new Hotline(std::move(inner)));
}
Hotline::Hotline(std::unique_ptr<Inner> inner) : inner_(std::move(inner)) { inner_->face = this; }
Hotline::~Hotline() = default;

void Hotline::handle(const audio::TelephonyEvent& event, Time now) { inner_->handle(event, now); }
std::optional<Time> Hotline::advance(Time now) { return inner_->advance(now); }
void Hotline::close(Time now) {
  inner_->advance(now);
  while (!inner_->calls.empty()) {
    Call& call = inner_->calls.begin()->second;
    if (!call.gone) call.record.ended = now;
    inner_->finish(call, now);
  }
}
void Hotline::answer_query(std::string name, Query query) { inner_->queries[std::move(name)] = std::move(query); }

Result<std::uint64_t> Hotline::call(const std::string& to, const std::string& flow, std::vector<ivr::Field> variables, Time now) {
  if (!inner_->engines.contains(flow)) return Error(ErrorCode::not_found, "no flow `" + flow + "`", "use one that city.yaml names");
  const bool address = to.find(':') != to.npos;
  if (!address && !inner_->world.address)
    return Error(ErrorCode::wrong_state, "this centre has no line to `" + to + "`", "name an address, or say where citizens ring");
  return inner_->ring_citizen(address ? to : inner_->world.address(to), flow, std::move(variables), now);
}

ticket::Service& Hotline::tickets() { return *inner_->tickets; }
kb::KnowledgeBase& Hotline::knowledge() { return *inner_->knowledge_base; }
Records& Hotline::records() { return *inner_->records; }
const Setup& Hotline::setup() const { return inner_->setup; }
const ivr::StatisticsByVersion& Hotline::flow_statistics() const { return inner_->flow_statistics; }
std::size_t Hotline::live_calls() const { return inner_->calls.size(); }
std::size_t Hotline::waiting_calls() const { return inner_->router->waiting(); }

}  // namespace hotline::center
