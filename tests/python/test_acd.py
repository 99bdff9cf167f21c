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


def matches(expected, event):
    if isinstance(expected, dict):
        return isinstance(event, dict) and all(k in event and matches(v, event[k]) for k, v in expected.items())
    return str(expected) == str(event)


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
            assert matches(fields, answer), (where, answer)
        elif expected:
            event = waiting.pop(0)
            assert (event.type, event.at) == (verb, START + at), where
            assert matches(fields, event.fields), (where, event)
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
