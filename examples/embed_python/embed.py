"""A whole hotline in a Python program:  python embed.py host.yaml   then dial in; Ctrl-C ends it."""

import json
import signal
import sys

from hotline.host import Host


def ending(*_: object) -> None:
    raise KeyboardInterrupt


for end in (signal.SIGINT, signal.SIGTERM):
    signal.signal(end, ending)  # also where a shell started it in the background

with Host.load(sys.argv[1]) as host:
    host.answer_query("weather", lambda asked: {"weather": "sunny"})  # what a flow asks by `query: weather`
    host.sign_in("a801")
    print("answers at", host.uri, flush=True)
    try:
        for event in host.events():
            print(json.dumps(event, ensure_ascii=False), flush=True)
    except KeyboardInterrupt:
        pass
    host.stop()
    print(json.dumps({"calls": host.calls()}, ensure_ascii=False))
