"""GeoReport v2 over HTTP, with the client of Python's standard library."""

import json
import os
import subprocess
import sys
import urllib.error
import urllib.parse
import urllib.request
import xml.etree.ElementTree as ElementTree

import pytest

from hotline.ticket import Tickets

SERVICES = """
keys: [demo]
services:
  - {code: light, name: Street light, attributes: [{code: POLE, description: Number, required: true}]}
"""


def fetch(url, form=None):
    data = urllib.parse.urlencode(form).encode() if form is not None else None
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data)) as answer:
            return answer.status, answer.headers["Content-Type"], answer.read().decode()
    except urllib.error.HTTPError as refused:
        return refused.code, refused.headers["Content-Type"], refused.read().decode()


def test_the_server_speaks_georeport():
    with Tickets() as tickets, tickets.serve_open311(SERVICES) as server:
        base = f"http://127.0.0.1:{server.port}"
        status, kind, body = fetch(base + "/services.json")
        assert status == 200 and kind.startswith("application/json") and json.loads(body)[0]["service_code"] == "light"
        status, _, body = fetch(base + "/requests.json", {"service_code": "light", "address_string": "1 Street"})
        assert status == 403 and json.loads(body)[0]["code"] == 403
        form = {"api_key": "demo", "service_code": "light", "address_string": "延安路", "attribute[POLE]": "7", "description": "路灯 <不亮>"}
        status, _, body = fetch(base + "/requests.json", form)
        assert status == 201
        number = json.loads(body)[0]["service_request_id"]
        status, kind, body = fetch(f"{base}/requests/{number}.xml")
        assert status == 200 and kind.startswith("text/xml")
        request = ElementTree.fromstring(body).find("request")
        assert request.findtext("status") == "open" and request.findtext("description") == "路灯 <不亮>"
        assert tickets.find(number=number)["place"] == "延安路"
        assert fetch(f"{base}/requests.json?status=closed")[2] == "[]"
        assert fetch(base + "/moon.json")[0] == 404


def test_the_command_serves_until_it_is_ended(tmp_path):
    services = tmp_path / "services.yaml"
    services.write_text(SERVICES, encoding="utf-8")
    command = [sys.executable, "-m", "hotline", "ticket", "open311", str(tmp_path / "t.db"), "--services", str(services), "--port", "0"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env={**os.environ, "PYTHONUNBUFFERED": "1"}) as server:
        try:
            line = server.stdout.readline()
            base = line.split()[-1]
            assert fetch(base + "/services.json")[0] == 200
        finally:
            server.terminate()


def test_a_service_twice_is_refused():
    with Tickets() as tickets, pytest.raises(ValueError, match="twice"):
        tickets.serve_open311("services: [{code: a}, {code: a}]")
