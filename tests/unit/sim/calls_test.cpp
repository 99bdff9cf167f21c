// Real flows and real tickets inside of the simulation.
#include <gtest/gtest.h>

#include <cmath>

#include "hotline/sim/experiment.hpp"

using namespace hotline;
using namespace hotline::sim;

namespace {

const std::string kFlow = R"(
      flow:
        flow: 1
        id: small
        languages: [en-US]
        start: m
        agent: a
        on_error: bye
        variables: {number: string, file: string}
        nodes:
          m: {type: menu, prompt: [{text: "People press 1, letters 2."}, {text: "Again."}], choices: {"1": a, "2": r}, exhausted: bye}
          r: {type: record, prompt: {text: Speak.}, store: file, max: 60s, saved: keep, cancelled: m, too_short: m, hangup_saved: keep}
          keep: {type: ticket, do: create, arguments: {recording: file}, store: {number: number}, holding: {text: Wait.}, ok: bye}
          a: {type: queue, queue: q, overflow: r, overflow_after: 5m, answered: ask, callback_key: "9", callback: bye}
          ask: {type: menu, prompt: [{text: "Content?"}], choices: {"1": bye}, exhausted: bye}
          bye: {type: hangup, prompt: {text: Bye.}}
)";

std::string text(const std::string& ivr, const std::string& rest = "", const std::string& duration = "5h", const std::string& agents = "12") {
  return "experiment: flow\nreplications: 1\nduration: " + duration + "\ncentre: {queues: {q: {auto_accept: true}}}\ncrew: {t: {agents: " + agents +
         ", queues: {q: 1}}}\nstreams:\n  s:\n    queue: q\n    arrivals: {per_hour: 250}\n    handling: 180s\n    patience: 90s\n" + (ivr.empty() ? "" : "    ivr:" + ivr) + rest;
}

Experiment read(const std::string& t) {
  Diagnostics d("x.yaml");
  const auto e = parse_experiment(t, "x.yaml", &d);
  EXPECT_TRUE(e.ok()) << d.to_text() << (e.ok() ? "" : e.error().text());
  return e.ok() ? *e : Experiment();
}

double total(const Report& r, Count c) { return r.total(r.column(0, c)); }

// Everybody hears the menu, thinks two seconds and presses 1: the queue sees the same people a constant time later.
TEST(Flow, AMenuThatEverybodyPassesOnlyDelaysTheCalls) {
  const auto waits = [](const std::string& t) {
    const Experiment e = read(t);
    Simulation s(e.variants.at(0).model, e.variants[0].plan);
    std::vector<std::pair<double, Count>> out;
    s.on_contact([&](const ContactRecord& c) { out.emplace_back(c.wait_s, c.outcome); });
    s.run();
    return out;
  };
  const auto plain = waits(text("")), walked = waits(text(kFlow + "      think: {dist: deterministic, value: 2s}\n      keys: {m: \"1\", ask: hang_up}\n"));
  ASSERT_GT(plain.size(), 1000u);
  ASSERT_EQ(plain.size(), walked.size());
  for (std::size_t i = 0; i < plain.size(); ++i) {
    ASSERT_EQ(plain[i].second, walked[i].second) << i;
    ASSERT_NEAR(plain[i].first, walked[i].first, 1e-6) << i;
  }
}

TEST(Flow, KeysDecideWhatBecomesOfACall) {
  const Experiment e = read(text(kFlow + "      think: 2s\n      message: 20s\n      keys: {m: {\"1\": 60, \"2\": 25, hang_up: 15}, r: \"1\", ask: \"1\"}\n", "", "40h"));
  const Report r = *run(e.variants.at(0).model, e.variants[0].plan, 1);
  const double offered = total(r, Count::offered);
  ASSERT_GT(offered, 8000);
  EXPECT_EQ(offered, total(r, Count::answered) + total(r, Count::abandoned) + total(r, Count::in_ivr_finished) + total(r, Count::in_ivr_left) + total(r, Count::blocked));
  EXPECT_EQ(total(r, Count::unfinished), 0);
  EXPECT_NEAR(total(r, Count::in_ivr_left) / offered, 0.15, 0.02);
  EXPECT_NEAR(total(r, Count::in_ivr_finished) / offered, 0.25, 0.02);
}

TEST(Flow, ScriptsQueueKeysLinesAndFullQueues) {
  // Nobody on duty: half wait out, half press 9 in the queue and are called back; 20 % know their way to the letters.
  const std::string ivr = kFlow + "      think: 2s\n      knows: 0.5\n      scripts: [{share: 0.2, keys: [\"2\", \"1\"]}]\n      keys: {m: \"1\", a: {\"9\": 1, nothing: 1}, r: \"1\", ask: hang_up}\n";
  std::string t = text(ivr, "trunks: {}\n", "20h", "1");
  t.replace(t.find("patience: 90s"), 13, "patience: never");
  t.replace(t.find("handling: 180s"), 14, "handling: 5h");
  Report r = *run(read(t).variants.at(0).model, read(t).variants[0].plan, 1);
  const double offered = total(r, Count::offered);
  EXPECT_LT(total(r, Count::answered), 20);
  EXPECT_GT(total(r, Count::in_ivr_finished) / offered, 0.95);  // letter, call-back, or the overflow's letter after five minutes
  EXPECT_EQ(total(r, Count::abandoned), 0);
  // A full queue sends them to the exit of that name, here the letters; lines are held from the first word on.
  t.replace(t.find("queues: {q: {auto_accept: true}}"), 32, "queues: {q: {auto_accept: true, max_waiting: 2}}");
  t.replace(t.find("trunks: {}"), 10, "trunks: {lines: {lines: 6}}");
  t.replace(t.find("    queue: q\n"), 13, "    queue: q\n    trunk: lines\n");
  r = *run(read(t).variants.at(0).model, read(t).variants[0].plan, 1);
  EXPECT_GT(total(r, Count::blocked), 100);
  EXPECT_EQ(total(r, Count::offered), total(r, Count::answered) + total(r, Count::in_ivr_finished) + total(r, Count::in_ivr_left) + total(r, Count::blocked));
}

const std::string kTickets = R"(tickets:
  notes:
    workflow:
      workflow: note
      version: 1
      roles: [clerk, boss]
      regions: {main: {states: {OPEN: {owner: clerk, entry: [{start: term}]}, DONE: {final: true}}}}
      clocks: {term: {term: 2h, alarms: [{at: due, raise: late}]}}
      events: {finish: {by: clerk}, late: {internal: true}}
      transitions:
        - {on: finish, from: OPEN, to: DONE, do: [{stop: term}]}
        - {on: late, from: OPEN, do: [{emit: alarm}]}
    from: {s: 0.5}
    follow: 20d
    states: {OPEN: {do: finish, by: ROLE, after: 3h}}
)";
std::string tickets(const std::string& role) {
  std::string t = kTickets;
  return t.replace(t.find("ROLE"), 4, role);
}

// Exponential work of 3 hours against a term of 2: e^(-2/3) are late.
TEST(Tickets, OverdueAndOpenTimesAreThoseOfTheDistribution) {
  const Experiment e = read(text("", tickets("clerk"), "60h"));
  const Report r = *run(e.variants.at(0).model, e.variants[0].plan, 1);
  const auto of = [&](TicketCount c) { return r.total(r.ticket_column(0, c)); };
  const double opened = of(TicketCount::opened), p = std::exp(-2.0 / 3);
  EXPECT_NEAR(opened / total(r, Count::answered), 0.5, 0.03);
  EXPECT_EQ(of(TicketCount::closed), opened);
  EXPECT_EQ(of(TicketCount::acts), opened);
  EXPECT_EQ(of(TicketCount::refused), 0);
  EXPECT_NEAR(of(TicketCount::overdue) / opened, p, 4 * std::sqrt(p * (1 - p) / opened));
  EXPECT_NEAR(of(TicketCount::open_time) / opened, 3 * 3600, 4 * 3 * 3600 / std::sqrt(opened));
  EXPECT_NEAR(r.figure("notes.p_overdue")->value, p, 0.05);
}

TEST(Tickets, ActsThatTheWorkflowForbidsAreCountedAndChangeNothing) {
  const Experiment e = read(text("", tickets("boss"), "5h"));  // finish is the clerk's
  std::string all_bosses = text("", tickets("boss"), "5h");
  all_bosses.replace(all_bosses.find("events: {finish: {by: clerk}"), 28, "events: {finish: {by: [clerk]}");
  const Report r = *run(e.variants.at(0).model, e.variants[0].plan, 1);
  EXPECT_EQ(r.total(r.ticket_column(0, TicketCount::closed)), 0);
  EXPECT_GT(r.total(r.ticket_column(0, TicketCount::refused)), 100);
}

TEST(Tickets, FlowsLeaveTicketsToo) {
  std::string t = text(kFlow + "      keys: {m: \"2\", r: \"1\"}\n", tickets("clerk"), "5h");
  t.replace(t.find("from: {s: 0.5}"), 14, "from_flow: s");
  const Experiment e = read(t);
  const Report one = *run(e.variants.at(0).model, e.variants[0].plan, 1);
  EXPECT_GT(one.total(one.ticket_column(0, TicketCount::opened)), 0.95 * total(one, Count::offered));
  Plan several = e.variants[0].plan;
  several.replications = 6;
  EXPECT_EQ(run(e.variants[0].model, several, 1)->cells, run(e.variants[0].model, several, 3)->cells);
}

TEST(Flow, WhatIsWrongIsNamed) {
  for (const auto& [ivr, rest, code] : {std::tuple(kFlow + "      keys: {nowhere: \"1\"}\n", std::string(), "S112"), {kFlow + "      keys: {m: one}\n", "", "S112"},
                                        {kFlow + "      queues: {q: z}\n", "", "S106"}, {" {flow: missing.yaml}\n", "", "S112"},
                                        {kFlow + "      scripts: [{share: 0.8, keys: []}, {share: 0.8, keys: []}]\n", "", "S108"},
                                        {"", "tickets: {n: {workflow: missing.yaml}}\n", "S113"}, {"", "tickets: {n: {workflow: {workflow: x}}}\n", "S113"}}) {
    Diagnostics d("x.yaml");
    EXPECT_FALSE(parse_experiment(text(ivr, rest), "x.yaml", &d).ok());
    EXPECT_NE(d.to_text().find(code), std::string::npos) << d.to_text();
  }
}

TEST(Flow, TheCityOfTheExamplesIsSimulatedWithItsOwnFlowAndTickets) {
  const auto e = load_experiment(std::string(HOTLINE_SOURCE_DIR) + "/examples/experiments/city_day.yaml");
  ASSERT_TRUE(e.ok()) << e.error().text();
  Plan plan = e->variants[0].plan;
  plan.replications = 2;
  const Report r = *run(e->variants[0].model, plan, 2);
  EXPECT_EQ(total(r, Count::offered), total(r, Count::answered) + total(r, Count::abandoned) + total(r, Count::in_ivr_finished) + total(r, Count::in_ivr_left) + total(r, Count::blocked));
  EXPECT_GT(total(r, Count::in_ivr_finished), 100);
  EXPECT_GT(r.figure("complaints.p_closed")->value, 0.9);
  EXPECT_LT(r.figure("complaints.refused")->value, 0.02 * r.figure("complaints.opened")->value);
}

}  // namespace
