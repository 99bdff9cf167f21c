"""acd.python: life-cycles through the Python face, in batches and one by one. Run with the built package on the path."""

import json
import time

import numpy

from hotline import acd
from hotline.acd import Router

AGENTS, BATCH = 1000, 1000


def fresh() -> Router:
    router = Router(f"acd: 1\nqueues: {{q: {{auto_accept: true}}}}\nagents: {{a1..a{AGENTS}: {{}}}}\n")
    for agent in router.agents:
        router.apply("agent.login", 0, agent=agent)
        router.apply("agent.ready", 0, agent=agent)
    router.event_bytes()
    return router


def batched(seconds: float) -> float:
    router, done, now = fresh(), 0, 0
    enqueue, end = numpy.zeros(BATCH, acd.COMMAND), numpy.zeros(BATCH, acd.COMMAND)
    enqueue["verb"], enqueue["queue"], end["verb"] = acd.VERB["enqueue"], router.queue_id("q"), acd.VERB["ended"]
    enqueue["duration"] = enqueue["wrap_time"] = acd.DEFAULT_DURATION
    enqueue["strict_class"] = acd.DEFAULT_CLASS
    start = time.process_time()
    while time.process_time() - start < seconds:
        now += 10**9
        enqueue["at"], end["at"] = now, now + 10**8
        router.execute(enqueue)
        events = router.event_array()
        end["contact"] = events["contact"][events["type"] == acd.EVENT["accepted"]]
        router.execute(end)
        done += int((router.event_array()["type"] == acd.EVENT["wrap_ended"]).sum())
    return done / (time.process_time() - start)


def one_by_one(seconds: float) -> float:
    router, done, now = fresh(), 0, 0
    start = time.process_time()
    while time.process_time() - start < seconds:
        now += 10**6
        router.apply("contact.enqueue", now, contact=f"c{done}", queue="q")
        router.apply("contact.ended", now, contact=f"c{done}")
        done += sum(event.type == "wrap_ended" for event in router.events())
    return done / (time.process_time() - start)


if __name__ == "__main__":
    many, single = max(batched(1) for _ in range(3)), one_by_one(1)
    print(json.dumps({"name": "acd.python", "value": many, "unit": "1/s", "baseline": "one command a call", "baseline_value": single, "ratio": many / single}))
