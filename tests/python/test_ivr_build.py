"""Flows written in Python are the flows of the files."""

import datetime
from pathlib import Path

import pytest

from hotline import InvalidError, ivr

EVERY = Path(__file__).parents[1] / "scenario/ivr/every_node.yaml"


def every_node() -> ivr.FlowBuilder:
    """tests/scenario/ivr/every_node.yaml, word for word."""
    f = ivr.FlowBuilder(
        "every_node",
        title="One node of every type",
        version="3",
        languages=["en-US", "zh-CN"],
        start="begin",
        main="menu",
        agent="people",
        prompts={
            "en-US": {"hello": "Hello.", "wait": "One moment.", "enter": "Your number, please.",
                      "pick": {"text": "For people press 1, for an enquiry 2, for a message 3, for a poll 4, to find somebody 5.", "barge_in": True}},
            "zh-CN": {"hello": "您好。", "wait": "请稍候。", "enter": "请输入号码。",
                      "pick": {"text": "人工服务请按1，查询请按2，留言请按3，投票请按4，找人请按5。", "barge_in": True}},
        },
        calendars={"office": {"timezone": "Asia/Shanghai", "days": {"work": ["09:00-17:00"], "off": []},
                              "week": {"mon": "work", "tue": "work", "wed": "work", "thu": "work", "fri": "work", "sat": "off", "sun": "off"}}},
        variables={"number": "string", "amount": {"type": "double", "default": 12.5}, "rounds": {"type": "int", "default": 0},
                   "message": "string", "extension": "string", "fax": "string", "text": "string"},
    )
    store = f.define("store", parameters=["kind"], returns=["number"], exits=["lost"], variables={"kind": "string", "number": "string"}, start="file_it")
    store.ticket("file_it", do="create", arguments={"type": "kind", "phone": "caller"}, store={"number": "number"},
                 holding={"text": {"en-US": "One moment.", "zh-CN": "请稍候。"}}, ok="done", error="sorry")
    store.return_("done").return_("sorry", exit="lost")

    f.start("begin", next="language")
    f.language("language", from_="known_language", choices={"1": "en-US", "2": "zh-CN"}, next="hours")
    f.schedule("hours", calendar="office", open="greet", closed="night")
    f.goto("night", to="greet")
    f.play("greet", prompt="hello", barge_in=False, next="breathe")
    f.pause("breathe", for_=datetime.timedelta(milliseconds=500), next="some")
    f.percent("some", shares=[{"percent": 90, "to": "menu"}, {"percent": 10, "to": "tune", "name": "new"}])
    f.music("tune", music="hello", for_="5s", next="menu")
    f.menu("menu", name="Main menu", prompt=["pick", "pick"], no_input=["hotline.no_input"],
           choices={"1": {"to": "people", "name": "people"}, "2": "number", "3": "message", "4": "poll", "5": "find"},
           first_digit_timeout="6s", max_attempts=3, global_keys={"#": "off"}, safe_point=True, exhausted="people")
    f.collect("number", prompt=["enter"], store="number", min=8, max=8, say="ticket", confirm=True, next="look", exhausted="people")
    f.query("look", query="account", arguments={"number": "number", "ask": "1 + 2"}, store={"text": "answer"}, holding="wait", limit="8s", ok="known", empty="again")
    f.loop("again", max=2, body="number", done="people")
    f.branch("known", cases=[{"when": "text == 'open'", "to": "say_it", "name": "open"}, {"when": "rounds > 1", "to": "people"}], else_="count")
    f.set("count", set={"rounds": "rounds + 1"}, next="say_it")
    f.announce_number("say_it", prompt="hello", value="number", length=8, groups=[4, 4], repeat=2, next="advise")
    f.kb("advise", do="search", text="text", store={"text": "text"}, holding="wait", ok="tell", empty="people")
    f.notify("tell", channel="sms", template="received", arguments={"number": "number", "amount": "amount"}, next="fax_out")
    f.fax_send("fax_out", document="guide", next="fax_in", failed="people")
    f.fax_receive("fax_in", store={"fax": "file"}, next="keep_fax", failed="people")
    f.query("keep_fax", query="keep", arguments={"fax": "fax"}, holding="wait", ok="bye", empty="bye")
    f.record("message", prompt="hello", store="message", max="90s", saved="keep", cancelled="menu", too_short="menu", hangup_saved="keep")
    f.subflow("keep", flow="store", arguments={"kind": "'letter'"}, store={"number": "number"}, next="bye", exits={"lost": "people"})
    f.survey("poll", poll="opinion", questions=[{"id": "q1", "prompt": ["hello"], "answers": {"1": "yes", "2": "no"}}, {"prompt": ["hello"], "answers": "1-5"}], next="bye")
    f.dial_by_name("find", people=[{"name": "Wang Wei", "spelling": "wangwei", "extension": "8101"}], store="extension", next="dial", exhausted="people")
    f.transfer("dial", kind="extension", number="extension", ring="25s", busy="people", no_answer="people", failed="people")
    f.queue("people", queue="general", skills=["general"], priority=5, music="hello", callback_key="1", callback="later", overflow="bye")
    f.callback("later", queue="general", next="bye")
    f.error_handler("trouble", scope="flow", next="people")
    f.hangup("bye", prompt="hello")
    return f


def test_every_node_is_that_of_the_file():
    built, file = every_node().build(), ivr.Flow.load(EVERY)
    assert built.to_json() == file.to_json()
    assert built.fingerprint == file.fingerprint


def test_every_type_has_a_method():
    types = {name.rstrip("_") for name in dir(ivr.FlowBuilder("x"))}
    assert set(ivr._TYPES) <= types and len(ivr._TYPES) == 30
    assert "exhausted" in ivr.FlowBuilder("x").menu.__doc__
    with pytest.raises(AttributeError, match="there is no node type `menue`"):
        ivr.FlowBuilder("x").menue


def test_a_built_flow_runs():
    call = every_node().build().call("1", "3", say="The lamp is broken")
    call.keys("1").finish()
    assert (call.requests[0].kind, call.requests[0].target) == ("ticket", "create")


def test_complaints_name_the_line_of_the_call():
    f = ivr.FlowBuilder("broken", languages=["en-US"], start="ask")
    f.menu("ask", prompt={"text": "Press 1"}, choices={"1": "goodby"}, exhausted="goodbye")
    f.hangup("goodbye", prompt={"text": "Bye"})
    complaint = f.check()[0]
    assert complaint.file == __file__
    assert "\"goodby\"" in Path(__file__).read_text().splitlines()[complaint.line - 1]
    assert (complaint.code, complaint.remedy) == ("V103", "did you mean `goodbye`?")
    with pytest.raises(InvalidError, match="goodby"):
        f.build()


def test_what_no_file_can_hold_is_refused():
    with pytest.raises(TypeError, match="object"):
        ivr.FlowBuilder("x").play("a", prompt=object())
