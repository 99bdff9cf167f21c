import json
from pathlib import Path

import pytest

from hotline import ConflictError, Error, InvalidError, NotFoundError
from hotline import acd
from hotline._core import base
from hotline.acd import Router, check
from hotline.cli import main

ROOT = Path(__file__).resolve().parents[1]
SCENARIOS = sorted((ROOT / "scenario" / "acd").glob("*.scn"))
START = base.parse_time("2026-11-23T00:00:00Z")


@pytest.mark.parametrize("path", SCENARIOS, ids=lambda p: p.stem)
def test_scenario(path):
    _, given, steps = base.parse_scenario(path.read_text(), str(path))
    router = Router.load(path.parent / given[0])
    router.watch()
    waiting = []
    for at, expected, verb, fields, line in steps:
        where = f"{path.name}:{line}"
        fields = json.loads(fields)
        if not expected:
            assert not waiting, where
            router.advance(START + at - 1)
            assert router.events() == [], where
            refused = fields.pop("refused", None)
            if refused:
                with pytest.raises(Error) as caught:
                    router.apply(verb, START + at, **fields)
                assert caught.value.code == refused or str(refused) in str(caught.value.code), where
            else:
                router.apply(verb, START + at, **fields)
        else:
            router.advance(START + at)
        waiting += router.events()
        if expected and verb == "nothing":
            assert waiting == [], where
        elif expected and verb.startswith("ask."):
            answer = router.ask(verb[4:], START + at, **fields)
            assert base.matches(json.dumps(fields), json.dumps(answer)), (where, answer)
        elif expected:
            event = waiting.pop(0)
            assert (event.type, event.at) == (verb, START + at), where
            assert base.matches(json.dumps(fields), json.dumps(event.fields)), (where, event)
        router.check()


def test_there_are_scenarios():
    assert len(SCENARIOS) > 20


TEXT = "acd: 1\nqueues: {q: {agents: custom}, auto: {auto_accept: true}}\nagents: {a1..a3: {}}\n"


def ready(router):
    for agent in router.agents:
        router.apply("agent.login", 0, agent=agent)
        router.apply("agent.ready", 0, agent=agent)
    router.events()


def test_custom_policy_and_what_it_raises():
    router = Router(TEXT)
    ready(router)
    router.set_agent_chooser("q", lambda agents, now: len(agents) - 1)
    router.apply("contact.enqueue", 1, contact="c1", queue="q")
    assert router.events()[0].fields["agent"] == "a3"
    router.set_agent_chooser("q", lambda agents, now: 1 // 0)
    with pytest.raises(ZeroDivisionError):
        router.apply("contact.enqueue", 2, contact="c2", queue="q")
    router.set_agent_chooser("q", lambda agents, now: None)
    router.apply("contact.enqueue", 3, contact="c3", queue="q")
    assert router.explain("c3")["position"] == 2
    assert router.explain("c3", "a1")["why"] in ("others_first", "first_choice", "policy")


def test_errors_are_kind():
    router = Router(TEXT)
    with pytest.raises(NotFoundError, match="nobody"):
        router.apply("contact.abandon", 0, contact="nobody")
    with pytest.raises(InvalidError, match="contact.enqueue"):
        router.apply("contact.enqueue", 0, contact="c", queue="q", prioritty=1)
    with pytest.raises(InvalidError):
        Router("acd: 1\nqueues: {q: {agents: longest}}\n")
    assert check("acd: 1\nqueues: {q: {agents: longest}}\n")[0]["code"] == "D005"
    assert check(TEXT) == []
    router.apply("agent.login", 0, agent="a1")
    with pytest.raises(ConflictError):
        router.apply("agent.login", 0, agent="a1")


def test_batches_and_figures():
    numpy = pytest.importorskip("numpy")
    router = Router(TEXT)
    ready(router)
    metrics = router.metrics()
    enqueue = numpy.zeros(3, acd.COMMAND)
    enqueue["verb"], enqueue["queue"], enqueue["at"] = acd.VERB["enqueue"], router.queue_id("auto"), 10**9
    enqueue["duration"] = enqueue["wrap_time"] = acd.DEFAULT_DURATION
    enqueue["strict_class"] = acd.DEFAULT_CLASS
    outcomes, contacts = router.execute(enqueue)
    assert list(outcomes) == [0, 0, 0] and len(set(contacts)) == 3
    events = router.event_bytes()
    metrics.add(events)
    array = numpy.frombuffer(events, acd.EVENT_DTYPE)
    accepted = array[array["type"] == acd.EVENT["accepted"]]
    assert sorted(accepted["agent"]) == [1, 2, 3]
    done = numpy.zeros(3, acd.COMMAND)
    done["verb"], done["contact"], done["at"] = acd.VERB["ended"], accepted["contact"], 5 * 10**9
    assert not router.execute(done)[0].any()
    metrics.add(router.event_bytes())
    metrics.close(6 * 10**9)
    assert metrics.totals()["queues"]["auto"]["answered"] == 3
    with pytest.raises(InvalidError):
        router.execute(b"123")


def test_custom_contact_policy():
    router = Router("acd: 1\nteams: {t: {order: custom}}\nqueues: {q: {}, r: {}}\nagents: {a1: {team: t}}\n")
    seen = []

    def youngest(contacts, now):
        seen.append([(c.queue, c.tag, c.priority, c.queue_length) for c in contacts])
        return max(range(len(contacts)), key=lambda i: contacts[i].since)

    router.set_contact_chooser("t", youngest)
    router.apply("contact.enqueue", 1, contact="old", queue="q", tag=7)
    router.apply("contact.enqueue", 2, contact="young", queue="r", tag=8, priority=2)
    ready(router)
    router.apply("agent.not_ready", 3, agent="a1")
    router.apply("agent.ready", 4, agent="a1")
    assert [e.fields["contact"] for e in router.events() if e.type == "offered"] == ["young"]
    assert seen[0] == [(1, 7, 0, 1), (2, 8, 2, 1)]
    router.set_contact_chooser("t", lambda contacts, now: "first")
    with pytest.raises(TypeError, match="index or None"):
        router.apply("offer.reject", 5, contact="young", agent="a1")


DAY = """acd: 1
skills: [zh]
reasons: {lunch: {break: true}}
rules: {break_balance: 30m}
queues: {q: {requires: skill.zh > 0, target: 20s, wrap_up: 10s}}
agents: {a1: {skills: [zh]}, boss: {queues: []}}
alarms: {long: {queue: q, measure: waiting, raise: 2, clear: 0}}
"""
S = 10**9


def test_questions_and_alarms():
    router = Router(DAY)
    router.watch(short_abandon_ns=5 * S)
    ready(router)
    router.apply("contact.enqueue", 10 * S, contact="c1", queue="q")
    router.apply("offer.accept", 15 * S, contact="c1", agent="a1")
    router.apply("contact.enqueue", 16 * S, contact="c2", queue="q")
    router.apply("contact.enqueue", 17 * S, contact="c3", queue="q")
    assert router.look(18 * S) == [("long", True, 2.0)]
    assert router.look(19 * S) == []
    assert router.ask("position", 19 * S, contact="c3")["position"] == 2
    assert router.ask("wait", 19 * S, queue="q") == {"queue": "q", "known": False, "samples": 0, "from_history": False, "of_line": False, "mean_error": "0s"}
    assert router.ask("announce", 19 * S, contact="c3") == {"contact": "c3", "say": True, "position": 2}
    assert router.ask("explain", 19 * S, contact="c3", agent="a1")["why"] == "no_capacity"
    router.apply("contact.abandon", 18 * S, contact="c2")
    router.apply("contact.abandon", 30 * S, contact="c3")
    assert router.look(31 * S) == [("long", False, 0.0)]
    router.apply("contact.ended", 40 * S, contact="c1")
    figures = router.ask("metrics", 60 * S, queue="q", interval="15m")
    assert (figures["offered"], figures["answered"], figures["abandoned"], figures["abandoned_short"]) == (3, 1, 2, 1)
    assert figures["service_level"] == 0.5 and figures["service_level_offered"] == pytest.approx(1 / 3)
    assert router.ask("agent", 60 * S, agent="a1")["break_left"] == "30m"
    assert router.ask("fairness", 60 * S)["overtakes_per_1000"] == 0
    assert router.queues_csv(30 * 60 * S).splitlines()[1].split(",")[1:4] == ["q", "3", "1"]
    assert len(router.agents_csv().splitlines()) == 3
    with pytest.raises(InvalidError, match="question"):
        router.ask("weather", 0)
    with pytest.raises(NotFoundError):
        router.ask("queue", 0, queue="nowhere")


def test_a_log_survives_and_ids_hold(tmp_path):
    log = tmp_path / "acd.log"
    router = Router.recover(DAY, log)
    ready(router)
    router.apply("contact.enqueue", 1 * S, contact="王女士", queue="q", id="k1")
    router.apply("contact.withdraw", 2 * S, contact="王女士", by="boss", note="已解决", id="k2")
    assert [e.fields.get("note") for e in router.events() if e.type == "commanded"] == ["已解决"]
    router.snapshot()
    router.apply("contact.enqueue", 3 * S, contact="c2", queue="q", id="k3")
    router.sync()
    del router  # as if killed
    again = Router.recover(DAY, log)
    again.restarted(4 * S)
    assert again.contact_state("c2") == "offered"
    again.events()
    for verb, now, fields in [
        ("contact.enqueue", 5, dict(contact="王女士", queue="q", id="k1")),
        ("contact.withdraw", 5, dict(contact="王女士", by="boss", note="已解决", id="k2")),
        ("contact.enqueue", 5, dict(contact="c2", queue="q", id="k3")),
    ]:
        again.apply(verb, now * S, **fields)
    assert again.events() == []
    with pytest.raises(ConflictError):
        again.apply("contact.enqueue", 6 * S, contact="c9", queue="q", id="k3")
    again.check()


def test_a_custom_policy_decides_again_in_recovery(tmp_path):
    text = "acd: 1\nqueues: {q: {agents: custom}, r: }\nrules: {order: custom}\nagents: {a1: , a2: , a3: }\n"
    policies = dict(agent_choosers={"q": lambda agents, now: len(agents) - 1}, contact_choosers={"": lambda contacts, now: len(contacts) - 1})
    router = Router.recover(text, tmp_path / "acd.log", **policies)
    for contact, queue in (("c1", "q"), ("c2", "r")):
        router.apply("contact.enqueue", 1 * S, contact=contact, queue=queue)
    router.apply("agent.login", 2 * S, agent="a1")
    router.apply("agent.ready", 2 * S, agent="a1")
    for agent in ("a2", "a3"):
        router.apply("agent.login", 3 * S, agent=agent)
    router.apply("contact.enqueue", 4 * S, contact="c3", queue="q")
    router.sync()
    assert [router.contact_state(c) for c in ("c1", "c2", "c3")] == ["waiting", "offered", "waiting"]
    state = router.save()
    assert Router.recover(text, tmp_path / "acd.log", **policies).save() == state
    assert Router.recover(text, tmp_path / "acd.log").save() != state
    with pytest.raises(NotFoundError, match="nowhere"):
        Router.recover(text, tmp_path / "acd.log", agent_choosers={"nowhere": lambda agents, now: 0})
    with pytest.raises(ZeroDivisionError):
        Router.recover(text, tmp_path / "acd.log", contact_choosers={"": lambda contacts, now: 1 // 0})


def test_ids_of_binary_commands():
    numpy = pytest.importorskip("numpy")
    router = Router(TEXT)
    ready(router)
    enqueue = numpy.zeros(2, acd.COMMAND)
    enqueue["verb"], enqueue["queue"], enqueue["at"], enqueue["id"] = acd.VERB["enqueue"], router.queue_id("auto"), S, 77
    enqueue["duration"] = enqueue["wrap_time"] = acd.DEFAULT_DURATION
    enqueue["strict_class"] = acd.DEFAULT_CLASS
    outcomes, contacts = router.execute(enqueue)
    assert list(outcomes) == [0, 0] and contacts[0] == contacts[1]
    enqueue["queue"] = router.queue_id("q")
    assert [acd.OUTCOMES[o] for o in router.execute(enqueue)[0]] == ["reused", "reused"]


def test_save_and_restore():
    router = Router(TEXT)
    ready(router)
    router.apply("contact.enqueue", 1, contact="c1", queue="auto")
    other = Router(TEXT)
    other.restore(router.save())
    assert other.contact_state("c1") == "talking" and other.agent_state("a1") == router.agent_state("a1")
    with pytest.raises(Error):
        Router(TEXT).restore(b"nonsense")


def test_command_line(tmp_path, capsys):
    definition, journal = tmp_path / "q.yaml", tmp_path / "day.jsonl"
    definition.write_text(TEXT)
    journal.write_text(
        '{"at": "2026-11-23T00:00:00Z", "type": "agent.login", "agent": "a1"}\n'
        '{"at": "2026-11-23T00:00:01Z", "type": "contact.enqueue", "contact": "c1", "queue": "q"}\n'
    )
    assert main(["acd", "check", str(definition)]) == 0
    assert main(["acd", "replay", str(definition), str(journal)]) == 0
    assert '"type": "queued"' in capsys.readouterr().out
    assert main(["acd", "explain", str(definition), str(journal), "c1", "a1"]) == 0
    assert "not ready" in capsys.readouterr().out
    definition.write_text("acd: 1\nqueues: {q: {agents: longest}}\n")
    assert main(["acd", "check", str(definition)]) == 1


def test_schema_fits_the_reader():
    yaml = pytest.importorskip("yaml")
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((ROOT.parent / "schemas" / "acd.schema.json").read_text())
    validator = jsonschema.Draft202012Validator(schema)
    # As text: dates stay what the author typed.
    loader = type("Loader", (yaml.SafeLoader,), {"yaml_implicit_resolvers": {k: [r for r in v if "timestamp" not in r[0]] for k, v in yaml.SafeLoader.yaml_implicit_resolvers.items()}})
    for path in (ROOT / "scenario" / "acd" / "given").glob("*.yaml"):
        document = yaml.load(path.read_text(), loader)
        assert [e.message for e in validator.iter_errors(document)] == [], path
    assert list(validator.iter_errors({"acd": 1, "queues": {"q": {"agents": "longest"}}}))


def test_the_recipes_of_the_page_are_those_that_run():
    page = (ROOT.parent / "docs" / "acd.md").read_text(encoding="utf-8")
    recipes = sorted((ROOT / "scenario" / "acd" / "given").glob("recipe_*.yaml"))
    assert len(recipes) >= 6
    for recipe in recipes:
        assert f"```yaml\n{recipe.read_text(encoding='utf-8')}```" in page, recipe
        assert (ROOT / "scenario" / "acd" / f"{recipe.stem}.scn").exists()
    for number in range(1, 23):
        assert list((ROOT / "scenario" / "acd").glob(f"{number:02d}*.scn")), number
    for name in (path.stem for path in SCENARIOS):
        assert f"`{name}`" in page or name.startswith("recipe_"), name
