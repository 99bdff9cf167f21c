"""Running flows from Python: journals, replay, live operation, callers by the machine, mutations."""

import json

import pytest

from hotline import CorruptError, NotFoundError, ivr, ivr_testing
from hotline._core.base import parse_time
from hotline.cli import main

SMALL = """
flow: 1
id: small
version: "{version}"
languages: [en-US]
start: {menu}
agent: a
on_error: bye
variables: {{n: {{type: int, default: 0}}}}
nodes:
  {menu}: {{type: menu, safe_point: true, prompt: {{text: "{words}"}}, choices: {{"1": {{to: a, name: people}}, "2": q, "3": count}}, exhausted: bye}}
  q: {{type: query, query: look, holding: {{text: Wait}}, arguments: {{n: n}}, ok: {menu}, empty: bye}}
  count: {{type: set, set: {{n: n + 1}}, next: {menu}}}
  a: {{type: queue, queue: general, overflow: bye}}
  bye: {{type: hangup, prompt: {{text: Bye}}}}
"""
NOW = parse_time(ivr.MONDAY)
SECOND = 1_000_000_000


def flow(version="1", menu="m", words="Menu"):
    return ivr.Flow.parse(SMALL.format(version=version, menu=menu, words=words))


@pytest.fixture
def files(tmp_path):
    path = tmp_path / "small.yaml"
    path.write_text(SMALL.format(version="1", menu="m", words="Menu"))
    return path


def journal_of(f):
    journal = ivr_testing.Journal()
    call = ivr.Call(f, journal=journal, caller="13800138000")
    call.keys("3", "2").wait("30s")
    call.keys("8")
    call.hang_up()
    return journal


def test_a_call_replays_byte_by_byte():
    journal = journal_of(flow())
    report = ivr_testing.replay(journal, flow())
    assert report.same and report.calls == 1 and report.lines > 10, str(report)
    assert "all the same" in str(report)


def test_another_version_tells_the_first_difference():
    report = ivr_testing.replay(journal_of(flow()), flow(version="2", words="Other words"))
    assert not report.same
    difference = report.differences[0]
    assert difference.line == 3 and difference.node == "m" and "Other words" in difference.replayed


def test_what_is_no_journal_is_refused():
    with pytest.raises(CorruptError):
        ivr_testing.replay('{"box":"ivr"}\n', flow())
    with pytest.raises(NotFoundError):
        ivr_testing.replay("", flow())


def test_replay_and_graph_on_the_command_line(files, tmp_path, capsys):
    path = tmp_path / "calls.jsonl"
    assert main(["ivr", "call", str(files), "3", "2", "h", "--journal", str(path)]) == 0
    assert main(["ivr", "replay", str(path), str(files)]) == 0
    assert "all the same" in capsys.readouterr().out
    files.write_text(files.read_text().replace("text: \"Menu\"", "text: \"News\""))
    assert main(["ivr", "replay", str(path), str(files)]) == 1
    assert "line 3: call c1" in capsys.readouterr().out
    files.write_text(files.read_text().replace("text: \"News\"", "text: \"Menu\""))
    assert main(["ivr", "replay", str(path), str(files), "--scenario", str(tmp_path / "scenarios")]) == 0
    assert main(["ivr", "test", str(files), str(tmp_path / "scenarios" / "call-c1.scn")]) == 0
    assert main(["ivr", "statistics", str(path)]) == 0
    assert "small 1" in capsys.readouterr().out
    assert main(["ivr", "graph", str(files), "--journal", str(path), "-o", str(tmp_path / "heat.svg")]) == 0
    assert "1/" in (tmp_path / "heat.svg").read_text()


def test_a_scenario_that_no_longer_holds_is_told(files, tmp_path):
    scenario = tmp_path / "c1.scn"
    scenario.write_text(ivr_testing.to_scenario(journal_of(flow()), "c1", str(files)))
    assert ivr_testing.run_scenario(scenario) == []
    files.write_text(files.read_text().replace("\"Menu\"", "Patience"))
    assert "Patience" in ivr_testing.run_scenario(scenario)[0]


def test_a_running_call_stays_or_moves_at_a_safe_point_and_survives_a_crash():
    board = ivr.Switchboard(flow())
    journal = ivr_testing.Journal()
    board.journal(journal)
    board.apply("call.start", {"call": "stays"}, NOW)
    board.apply("call.start", {"call": "moves"}, NOW)
    board.apply("call.key", {"call": "moves", "key": "3"}, NOW + SECOND)
    board.apply("call.key", {"call": "moves", "key": "2"}, NOW + 2 * SECOND)
    board.publish(flow("2", "menu", "Better"), {"m": "menu"}, NOW + 2 * SECOND)
    assert board.version("moves") == "small 1"
    stored = board.serialise("moves")

    after = ivr.Switchboard(flow())  # the process died; the next one knows both versions
    after.journal(journal)
    after.publish(flow("2", "menu", "Better"), {"m": "menu"}, NOW + 3 * SECOND)
    after.apply("call.restore", {"call": "moves", "session": stored}, NOW + 3 * SECOND)
    assert after.apply("call.resume", {"call": "moves"}, NOW + 3 * SECOND)[0]["arguments"] == {"n": 1}
    events = after.apply("call.result", {"call": "moves"}, NOW + 4 * SECOND)
    assert events[-1]["text"] == "Better" and after.version("moves") == "small 2"
    assert json.loads(after.serialise("moves"))["variables"]["n"] == 1, "variables move too"
    with pytest.raises(Exception, match="stored by flow"):
        ivr.Switchboard(flow(words="another")).apply("call.restore", {"call": "x", "session": stored}, NOW)


def test_a_prompt_is_said_again_from_its_start_after_a_crash():
    board = ivr.Switchboard(flow())
    board.apply("call.start", {"call": "c"}, NOW)
    stored = board.serialise("c")
    after = ivr.Switchboard(flow())
    after.apply("call.restore", {"call": "c", "session": stored}, NOW + SECOND)
    assert [(e["type"], e["text"]) for e in after.apply("call.resume", {"call": "c"}, NOW + SECOND)] == [("play", "Menu")]


def test_statistics_by_version_live_and_from_the_journal():
    board = ivr.Switchboard(flow())
    journal = ivr_testing.Journal()
    board.journal(journal)
    for i, key in enumerate("0318"):
        call = {"call": f"c{i}"}
        board.apply("call.start", call, NOW)
        board.apply("call.key", {**call, "key": key}, NOW + SECOND)
        board.apply("call.hangup", call, NOW + 3 * SECOND)
    board.publish(flow("2"), now=NOW + 4 * SECOND)
    board.apply("call.start", {"call": "new"}, NOW + 4 * SECOND)
    counted = board.statistics()
    assert counted["small 1"]["m"]["entries"] == 5 and counted["small 2"]["m"]["entries"] == 1
    assert counted["small 1"]["m"]["zero_outs"] == 1 and counted["small 1"]["m"]["no_match"] == 1
    assert counted["small 1"]["m"]["hangups"] == 2 and counted["small 1"]["a"]["hangups"] == 2
    assert counted["small 1"]["a"]["seconds"] == 4.0
    assert ivr_testing.read_statistics(journal) == counted
    assert ivr_testing.heat(counted)["a"] == (1.0, "2/2 lost")


def test_random_callers_and_coverage_in_percent(files, capsys):
    report = ivr_testing.random_callers(flow(), calls=500)
    assert not report["failed"] and report["coverage"]["nodes"]["share"] == 1.0
    assert report == ivr_testing.random_callers(flow(), calls=500)
    assert main(["ivr", "random", str(files), "--calls", "300"]) == 0
    assert "nodes 100 % (5 of 5)" in capsys.readouterr().out
    call = flow().call("2")
    seen = ivr_testing.coverage(flow(), [call])
    assert seen["nodes"]["reached"] == 2 and "m/no_input" in seen["counters"]["missed"]


CALLERS = [
    {"name": "people", "steps": [{"press": "1"}, {"node": "a"}, {"asks": "queue general"}, {"ended": "hangup_by_flow"}]},
    {"name": "look up", "answers": {"query look": "ok"}, "steps": [{"press": "3"}, {"variable": {"n": 1}}, {"press": "2"}, {"wait": "1s"}, {"node": "m"}]},
    {"name": "nothing there", "answers": {"query look": "empty"}, "steps": [{"press": "2"}, {"hears": "Bye"}]},
]


def test_mutations_show_what_the_callers_do_not_notice(files, tmp_path, capsys):
    total, unnoticed = ivr_testing.mutate(files, CALLERS)
    assert total > 8
    assert "m: choice 1 is gone" not in unnoticed and "count: sets nothing" not in unnoticed
    assert "m: exit exhausted hangs up" in unnoticed, "no caller stays silent"
    silent = {"name": "silent", "steps": [{"wait": "60s"}, {"hears": "Bye"}]}
    assert "m: exit exhausted hangs up" not in ivr_testing.mutate(files, [*CALLERS, silent])[1]
    assert not list(tmp_path.glob(".mutant-*")), "nothing is left behind"
    callers = tmp_path / "callers.json"
    callers.write_text(json.dumps(CALLERS))
    assert main(["ivr", "mutate", str(files), str(callers)]) == 1
    assert "not noticed: m: exit exhausted hangs up" in capsys.readouterr().out


def test_an_unknown_step_of_a_scripted_caller_is_a_fault():
    _, faults = ivr_testing.run_caller(flow(), {"steps": [{"pres": "1"}]})
    assert "is no step" in faults[0]


def test_the_load_generator(files, capsys):
    counts = ivr_testing.load_calls(flow(), 20, "5m", live=200)
    assert counts["peak"] <= 200 and counts["events"] > 5000
    assert main(["ivr", "load", str(files), "--for", "1m", "--calls-per-second", "10"]) == 0
    assert "events/s" in capsys.readouterr().out
