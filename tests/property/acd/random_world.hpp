// Random definitions and random commands, for property tests.
#pragma once

#include <string>
#include <vector>

#include "hotline/acd.hpp"
#include "hotline/base/random.hpp"

namespace hotline::acd {

class RandomWorld {
 public:
  explicit RandomWorld(std::uint64_t seed) : random(seed), definition(make()) {}

  Random random;
  Definition definition;
  Time now = time_from_ns(1'700'000'000'000'000'000);

  // One random command. Ids come from what the router said before.
  void step(Router& router) {
    if (chance(3)) now += Duration{static_cast<std::int64_t>(random.below(8)) * 1'000'000'000};
    const AgentId agent{static_cast<std::uint32_t>(1 + random.below(definition.agents.size()))};
    const AgentId other{static_cast<std::uint32_t>(1 + random.below(definition.agents.size()))};
    const QueueId queue{static_cast<std::uint32_t>(1 + random.below(definition.queues.size()))};
    const ContactId contact = pick(contacts_);
    const OfferId offer = pick(offers_);
    switch (random.below(40)) {
      case 0: case 1: case 2: case 3: case 4: case 5: case 6: {
        Enqueue r{.queue = queue, .tag = ++tag_};
        r.priority = static_cast<std::int32_t>(random.below(5));
        if (chance(5)) r.strict_class = static_cast<std::int32_t>(random.below(3));
        if (chance(4)) r.channel = ChannelId{static_cast<std::uint32_t>(1 + random.below(definition.channels.size()))};
        if (chance(6)) r.prefer = agent, r.prefer_wait = std::chrono::seconds(random.below(10)), r.prefer_must_be_ready = chance(2);
        if (chance(8)) r.max_wait = std::chrono::seconds(1 + random.below(20));
        if (chance(10)) r.callback = true;
        if (chance(10)) r.since = now - std::chrono::seconds(random.below(100));
        if (chance(4)) {
          Requirement need = Requirement::skill(SkillId{static_cast<std::uint32_t>(1 + random.below(definition.skills.size()))},
                                                static_cast<std::uint8_t>(1 + random.below(100)));
          if (chance(3)) need = need || Requirement::agent(agent);
          if (chance(5)) need = !need;
          if (auto id = router.require(need); id.ok()) r.requires_ = *id;
        }
        (void)router.enqueue(r, now);
        break;
      }
      case 7: case 8: case 9: case 10: case 11: case 12: case 13: case 14: (void)router.accept(offer, now); break;
      case 15: case 16: (void)router.reject(offer, now, static_cast<HowRejected>(random.below(4))); break;
      case 17: case 18: case 19: case 20: case 21: (void)router.ended(contact, now); break;
      case 22: case 23: (void)router.wrap_up_done(contact, now); break;
      case 24: (void)router.abandon(contact, now); break;
      case 25: (void)router.login(agent, now); break;
      case 26: case 27: case 28: (void)router.ready(agent, now); break;
      case 29: (void)router.not_ready(agent, now, ReasonId{static_cast<std::uint32_t>(random.below(3))}); break;
      case 30: (void)router.logout(agent, now, chance(2) ? LogoutMode::hard : LogoutMode::when_free); break;
      case 31: (void)(chance(2) ? router.connected(contact, now) : router.connect_failed(contact, now)); break;
      case 32: (void)router.requeue(contact, chance(2) ? queue : QueueId{}, now); break;
      case 33: (void)router.prioritise(contact, static_cast<std::int32_t>(random.below(5)), now); break;
      case 34: (void)router.move(contact, queue, now); break;
      case 35: (void)(chance(2) ? router.push(contact, agent, now) : router.pull(agent, contact, now)); break;
      case 36: (void)router.transfer(contact, agent, now, chance(2) ? TakeOverMode::forced : TakeOverMode::within_capacity); break;
      case 37:
        switch (random.below(7)) {
          case 0: (void)router.withdraw(contact, now); break;
          case 1: (void)router.release(contact, now); break;
          case 2: (void)router.release_agent(agent, now); break;
          case 3: (void)router.lost(agent, now); break;
          case 4: {
            CallbackTimes times;
            if (chance(3)) times.from = now + std::chrono::seconds(random.below(10));
            if (chance(3)) times.until = now + std::chrono::seconds(5 + random.below(30));
            if (chance(3)) times.due = now + std::chrono::seconds(1 + random.below(20));
            (void)router.to_callback(contact, now, times);
            break;
          }
          case 5: (void)router.callback_failed(contact, now); break;
          default: (void)router.returned(contact, now);
        }
        break;
      case 38: (void)(chance(2) ? router.extend_wrap_up(contact, std::chrono::seconds(3), now)
                                : router.monitor(agent, other, static_cast<MonitorMode>(random.below(3)), now)); break;
      default: (void)(chance(3) ? router.drain(queue, now) : router.undrain(queue, now));
    }
    router.advance(now);
  }
  void keep(const Events& events) {
    for (const Event& e : events) learn(e);
  }

 private:
  bool chance(std::uint64_t one_in) { return random.below(one_in) == 0; }
  template <class T>
  T pick(std::vector<T>& list) {
    if (list.empty() || chance(50)) return T{random.below(1ull << 34)};
    return list[list.size() - 1 - random.below(std::min<std::size_t>(list.size(), 24))];
  }
  void learn(const Event& e) {
    if (e.contact && (contacts_.empty() || contacts_.back() != e.contact)) contacts_.push_back(e.contact);
    if (e.type == EventType::offered) offers_.push_back(e.offer);
    if (contacts_.size() > 4000) contacts_.erase(contacts_.begin(), contacts_.end() - 100);
    if (offers_.size() > 4000) offers_.erase(offers_.begin(), offers_.end() - 100);
  }

  Definition make() {
    using namespace std::chrono_literals;
    Definition d;
    d.seed = random();
    const auto seconds = [&](std::uint64_t n) { return Duration{std::chrono::seconds(random.below(n))}; };
    d.add_channel({.name = "voice"});
    d.add_channel({.name = "chat", .units = 30, .max = 3});
    d.add_channel({.name = "mail", .units = 20, .interrupted_by = {ChannelId{1}}});
    for (int i = 0; i < 4; ++i) d.add_skill("s" + std::to_string(i));
    for (int i = 0; i < 2; ++i) d.add_site({.name = "site" + std::to_string(i)});
    d.reasons = {{"lunch", true}, {"training", false}};
    d.break_balance = chance(2) ? 30s : 0s;
    d.break_rule = static_cast<IdleRule>(random.below(3));
    d.misses = static_cast<std::uint32_t>(random.below(4));
    d.delay_reject = seconds(3);
    d.delay_no_answer = seconds(3);
    if (chance(6)) d.max_ringing = static_cast<std::uint32_t>(1 + random.below(3));
    if (chance(8)) d.pace = 1s;
    if (chance(3)) d.emergency_most = 2, d.emergency_per = 10s;
    CalendarDef hours{.name = "hours"};  // of the day on which these worlds begin: open in every second minute
    for (int minute = 22 * 60 + 14; minute < 24 * 60; minute += 2) hours.open.push_back({24h + minute * 1min, 24h + (minute + 1) * 1min});
    d.calendars.push_back(hours);
    const auto queues = static_cast<std::uint32_t>(1 + random.below(5));
    for (std::uint32_t i = 0; i < 2; ++i) {
      TeamDef t{.name = "t" + std::to_string(i)};
      t.order = static_cast<ContactOrder>(random.below(9));
      if (chance(2))
        for (std::uint32_t q = 1; q <= queues; ++q)
          if (chance(2)) t.serves.push_back(QueueId{q});
      if (chance(2))
        t.weights.push_back({QueueId{static_cast<std::uint32_t>(1 + random.below(queues))}, -static_cast<double>(random.below(12)),
                             static_cast<double>(random.below(3)), static_cast<double>(random.below(2))});
      d.add_team(t);
    }
    for (std::uint32_t i = 0; i < queues; ++i) {
      QueueDef q{.name = "q" + std::to_string(i)};
      q.channel = ChannelId{static_cast<std::uint32_t>(1 + random.below(3))};
      q.agents = static_cast<AgentOrder>(random.below(17));
      q.window = chance(2) ? 30s : 0s;
      if (chance(3)) q.fanout = static_cast<std::uint32_t>(1 + random.below(4));
      if (chance(2)) q.fanout_every = seconds(4);
      if (q.agents == AgentOrder::custom) q.fanout = 1;
      q.key = static_cast<KeyRule>(random.below(3));
      q.head_start = chance(4) ? 10s : 0s;
      q.weight = static_cast<std::int32_t>(random.below(2));
      q.factor = static_cast<double>(random.below(5));
      q.constant = -static_cast<double>(random.below(10));
      q.share = random.uniform();
      q.aging = seconds(10);
      q.ring_timeout = seconds(10);
      q.ring_grace = seconds(3);
      q.auto_accept = chance(4);
      q.confirm = !q.auto_accept && chance(4);
      q.exclude = seconds(12);
      q.max_offers = static_cast<std::uint32_t>(random.below(5));
      if (chance(5)) q.max_ringing = static_cast<std::uint32_t>(1 + random.below(2));
      if (chance(5)) q.pace = 2s;
      q.wrap = static_cast<WrapMode>(random.below(4));
      q.wrap_time = seconds(6);
      q.wrap_cap = chance(3) ? 4s : 0s;
      q.wrap_extensions = 1;
      if (chance(4)) q.max_waiting = static_cast<std::uint32_t>(random.below(6));
      if (chance(3)) q.max_wait = seconds(20);
      if (chance(5)) q.join = kPresentReady | kPresentBusy;
      if (chance(5)) q.stay = kPresentReady | kPresentBusy | kPresentWrap;
      q.callback.mode = static_cast<CallbackMode>(random.below(2));
      q.callback.attempts = static_cast<std::uint32_t>(1 + random.below(3));
      q.callback.retry = seconds(8);
      q.callback.ahead = static_cast<std::uint32_t>(random.below(3));
      q.callback.answer_within = 1s + seconds(5);
      if (chance(3)) q.callback.calendar = 1;
      if (i == 2 && chance(2)) q.distribute = {static_cast<DistributeRule>(random.below(2)), {{QueueId{1}, 1.0}, {QueueId{2}, 1 + random.uniform()}}};
      if (chance(4)) q.reserves.push_back({TeamId{1}, static_cast<std::uint32_t>(random.below(3))});
      const auto steps = random.below(4);
      for (std::uint64_t s = 0; s < steps; ++s) {
        StepDef step;
        step.requires_ = Requirement::skill(SkillId{static_cast<std::uint32_t>(1 + random.below(4))}, static_cast<std::uint8_t>(1 + random.below(100)));
        if (chance(4)) step.requires_ = step.requires_ && Requirement::site(SiteId{1});
        if (chance(6)) step.requires_ = Requirement::everybody();
        step.wait = seconds(8);
        step.mode = chance(4) ? StepMode::replace : StepMode::widen;
        step.skip_if_nobody = chance(3);
        if (chance(6)) step.consider_if_waiting_below = 2;
        if (chance(6)) step.consider_if = "queue.waiting < 3 || step.ready > 0 || contact.waited > duration('9s')";
        if (chance(6)) step.tiers.push_back({TeamId{1}, static_cast<std::int32_t>(random.below(3))});
        if (chance(8)) step.strict_class = static_cast<std::int32_t>(random.below(3));
        q.steps.push_back(step);
      }
      for (std::uint32_t next = i + 1; next < queues; ++next)
        if (chance(3)) q.overflow.push_back({OverflowKind::queue, QueueId{next + 1}, {}});
      if (chance(3)) q.overflow.push_back({OverflowKind::back, {}, {}});
      if (chance(3)) q.overflow.push_back({static_cast<OverflowKind>(1 + random.below(4)), {}, "x"});
      q.after_last = q.overflow.empty() ? static_cast<AfterLast>(random.below(2)) : static_cast<AfterLast>(random.below(3));
      d.add_queue(q);
    }
    const auto agents = 1 + random.below(12);
    for (std::uint64_t i = 0; i < agents; ++i) {
      AgentDef a{.name = "a" + std::to_string(i)};
      a.team = TeamId{static_cast<std::uint32_t>(random.below(3))};
      a.site = SiteId{static_cast<std::uint32_t>(random.below(3))};
      for (std::uint32_t s = 1; s <= 4; ++s)
        if (chance(2)) a.skills.push_back({SkillId{s}, static_cast<std::uint8_t>(1 + random.below(100))});
      if (chance(4))
        for (std::uint32_t q = 1; q <= queues; ++q)
          if (chance(2)) a.queues.push_back({QueueId{q}, static_cast<std::int32_t>(random.below(3)), 1 + random.uniform()});
      if (chance(4)) a.wrap_time = seconds(5);
      a.weight = static_cast<double>(random.below(3));
      d.add_agent(a);
    }
    return d;
  }

  std::vector<ContactId> contacts_;
  std::vector<OfferId> offers_;
  std::uint64_t tag_ = 0;
};

}  // namespace hotline::acd
