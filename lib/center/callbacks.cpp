// Callbacks: a citizen keeps the place in the queue without waiting on the line. The agent's telephone rings first; when
// the agent is there the citizen's rings. They are durable: a restart asks the queue again, at the old place.
#include "inner.hpp"

namespace hotline::center {
namespace {

constexpr std::int64_t kAttempts = 3;
constexpr Duration kAgain = std::chrono::minutes{10};     // after a citizen who did not answer
constexpr Duration kQueueAgain = std::chrono::minutes{1};  // after a queue that was closed or full

constexpr store::Migration kMigrations[] = {{1, R"(
CREATE TABLE center_callback (
  id {auto}, citizen TEXT NOT NULL, queue TEXT NOT NULL, since {int} NOT NULL, due {int} NOT NULL, attempts {int} NOT NULL);
)"}};

}  // namespace

Status Hotline::Inner::open_callbacks(Time now) {
  HOTLINE_TRY(world.database.migrate("center_callback", kMigrations));
  HOTLINE_TRY(world.database.read([&](store::Transaction& t) {
    return t.query("SELECT id, citizen, queue, since, due, attempts FROM center_callback ORDER BY id", {}, [&](const store::Row& row) {
      callbacks[row.integer(0)] = {row.integer(0), std::string(row.text(1)), std::string(row.text(2)), row.time(3), row.time(4), {}, row.integer(5), {}};
    });
  }));
  enqueue_callbacks(now);
  return {};
}

ivr::Outcome Hotline::Inner::keep_place(Call& call, const std::string& queue, const std::string& number, Time now) {
  const std::string wanted = queue.empty() ? call.record.queue : queue;
  if (!router->definition().find_queue(wanted) || number.empty()) return ivr::Outcome::error;
  if (!world.address) {  // nobody can be rung from here: it is left for people
    return notify(call, "callback", {{"channel", "desk"}, {"to", number}, {"queue", wanted}}, now);
  }
  Callback kept{.citizen = number, .queue = wanted, .since = call.queued != Time{} && call.record.queue == wanted ? call.queued : now, .due = now};
  const Status written = world.database.write([&](store::Transaction& t) -> Status {
    HOTLINE_ASSIGN(const auto id, t.integer("INSERT INTO center_callback (citizen, queue, since, due, attempts) VALUES (?, ?, ?, ?, 0) RETURNING id",
                                            {kept.citizen, kept.queue, kept.since, kept.due}));
    kept.id = id.value_or(0);
    return {};
  });
  if (!written) {
    note(now, "fault", number, "回呼未登记：" + written.error().text(), "the callback is not kept: " + written.error().text());
    return ivr::Outcome::error;
  }
  callbacks[kept.id] = kept;
  journal.write(now, "center", "callback.kept", [&](JsonWriter& json) { json.field("callback", kept.id).field("citizen", number).field("queue", wanted); });
  note(now, "callback.kept", number, "回呼已登记，保留排队位置", "will be called back, and keeps the place in queue `" + wanted + "`");
  later.push_back([this](Time at) { enqueue_callbacks(at); });
  return ivr::Outcome::ok;
}

// Those that are due and not in the queue yet take their places.
void Hotline::Inner::enqueue_callbacks(Time now) {
  for (auto& [id, kept] : callbacks) {
    if (kept.contact || kept.due > now || kept.queue_again > now) continue;
    const auto contact = router->enqueue({.queue = router->definition().find_queue(kept.queue), .tag = kCallbackTag | static_cast<std::uint64_t>(id),
                                          .since = kept.since, .max_wait = Duration{0}, .callback = true}, now);
    if (contact) kept.contact = *contact;
    else kept.queue_again = now + kQueueAgain;
  }
  drain(now);
}

void Hotline::Inner::ring_back(Desk& desk, Time now) {
  const auto found = callbacks.find(std::exchange(desk.callback, 0));
  if (found == callbacks.end()) return part(desk, now);
  Callback& kept = found->second;
  Call& call = calls[next_call];
  call.id = next_call++;
  call.callback = kept.id;
  call.contact = desk.contact;
  call.agent = desk.person->id;
  call.queued = kept.since;
  call.record.direction = Direction::outbound;
  call.record.citizen = kept.citizen;
  call.record.dialled = world.address(kept.citizen);
  call.record.started = now;
  call.record.queue = kept.queue;
  call.record.agent = desk.person->id;
  call.leg = world.telephony.dial(call.record.dialled, setup.caller_id, std::chrono::seconds{30});
  call_of_leg[call.leg] = call.id;
  desk.call = desk.last_call = call.id;
  desk.cases.clear();
  desk.last = call.record;
  note(now, "callback", kept.citizen, desk.person->name.zh + " 回呼 " + kept.citizen, desk.person->name.en + " calls " + kept.citizen + " back");
}

void Hotline::Inner::back_on_line(Call& call, Time now) {
  Desk* desk = find_desk(call.agent);
  if (desk == nullptr || desk->call != call.id) return world.telephony.hang_up(call.leg);
  call.up = true;
  call.answered = now;
  call.record.outcome = "answered";
  call.record.waited = now - call.queued;
  call.record.recording = "recordings/" + std::to_string(to_ns(call.record.started) / 1'000'000) + "-" + std::to_string(call.id) + "-talk.wav";
  router->returned(desk->contact, now);
  world.telephony.bridge(call.leg, desk->leg);
  world.telephony.record_call(call.leg, file(call.record.recording));
  desk->last = call.record;
  watchers_join(*desk);
  note(now, "connected", desk->person->id, "回呼接通", "the citizen is on the line again");
  drain(now);
}

// Reached: done. Not reached: again later, at most three times.
void Hotline::Inner::callback_over(Call& call, Time now) {
  const auto found = callbacks.find(call.callback);
  if (found == callbacks.end()) return;
  Callback& kept = found->second;
  kept.contact = {};
  kept.due = now + kAgain;
  const bool done = call.up || ++kept.attempts >= kAttempts;
  const Status written = world.database.write([&](store::Transaction& t) {
    return done ? t.post("DELETE FROM center_callback WHERE id = ?", {kept.id})
                : t.post("UPDATE center_callback SET attempts = ?, due = ? WHERE id = ?", {kept.attempts, kept.due, kept.id});
  });
  if (!written) note(now, "fault", kept.citizen, "回呼未更新：" + written.error().text(), "the callback was not updated: " + written.error().text());
  if (!call.up)
    note(now, "callback.missed", kept.citizen, done ? "回呼多次未接，结束" : "回呼未接，稍后再呼",
         done ? "did not answer: given up" : "did not answer: called again later");
  if (done) callbacks.erase(found);
}

}  // namespace hotline::center
