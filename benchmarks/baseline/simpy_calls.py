"""Calls per CPU second of SimPy: an M/M/n+M centre, or skills with a primary and a secondary queue. Prints one number."""

import random
import sys
import time

import simpy


def pool(calls, agents, rate, handling, patience):
    random.seed(1)
    env = simpy.Environment()
    desk = simpy.Resource(env, agents)
    waits = []

    def call():
        came = env.now
        with desk.request() as request:
            done = yield request | env.timeout(random.expovariate(1 / patience))
            if request in done:
                waits.append(env.now - came)
                yield env.timeout(random.expovariate(1 / handling))

    def source():
        for _ in range(calls):
            yield env.timeout(random.expovariate(rate))
            env.process(call())

    env.process(source())
    env.run()
    return len(waits)


def skills(calls, queues, groups, each, rates, handling, patience):
    """Longest idle agent of the primary groups, then of the secondary; a freed agent looks at the primary queue first."""
    random.seed(1)
    env = simpy.Environment()
    idle = {g: list(range(each)) for g in groups}
    waiting = {q: [] for q in range(queues)}
    primary = {q: [g for g in groups if g[0] == q] for q in range(queues)}
    secondary = {q: [g for g in groups if g[1] == q] for q in range(queues)}
    since = {(g, a): 0.0 for g in groups for a in range(each)}
    answered = 0

    def choose(q):
        for tier in (primary[q], secondary[q]):
            best = None
            for g in tier:
                if idle[g] and (best is None or since[(g, idle[g][0])] < since[(best, idle[best][0])]):
                    best = g
            if best is not None:
                return best, idle[best].pop(0)
        return None

    def serve(g, a):
        nonlocal answered
        answered += 1
        yield env.timeout(random.expovariate(1 / handling))
        for q in g:
            while waiting[q]:
                event = waiting[q].pop(0)
                if not event.triggered:
                    event.succeed((g, a))
                    return
        since[(g, a)] = env.now
        idle[g].append(a)

    def call(q):
        agent = choose(q)
        if agent is None:
            event = env.event()
            waiting[q].append(event)
            yield event | env.timeout(random.expovariate(1 / patience))
            if not event.triggered:
                event.fail(RuntimeError()) if False else event.succeed(None)
                return
            agent = event.value
        if agent is not None:
            env.process(serve(*agent))

    def source():
        total = sum(rates)
        for _ in range(calls):
            yield env.timeout(random.expovariate(total))
            env.process(call(random.choices(range(queues), rates)[0]))

    env.process(source())
    env.run()
    return answered


def main():
    what, calls = sys.argv[1], int(sys.argv[2])
    start = time.process_time()
    if what == "mm100":
        pool(calls, 100, 1.0, 100.0, 200.0)
    elif what == "six_skills":
        groups = [(a, b) for a in range(6) for b in range(6) if a != b]
        skills(calls, 6, groups, 3, [0.25, 0.2, 0.15, 0.15, 0.1, 0.1], 90.0, 150.0)
    elif what == "thousand_agents":
        groups = [(q, (q + 1 + k) % 50) for q in range(50) for k in range(2)]
        skills(calls, 50, groups, 10, [1000 / 90.0 / 50] * 50, 90.0, 150.0)
    print(calls / (time.process_time() - start))


main()
