"""What stands between the network and the view."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from viz.view.guard import Guard, hushed, same_site


def _headers(**headers):
    return {"headers": [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]}


@pytest.mark.parametrize(
    ("headers", "expected"),
    [
        ({"host": "localhost:8765", "origin": "http://localhost:8765"}, True),
        ({"host": "localhost:8765", "origin": "http://evil.example"}, False),
        ({"host": "localhost:8765", "origin": "http://localhost:9999"}, False),
        ({"host": "127.0.0.1:8765", "origin": "https://sim.example", "x_forwarded_host": "sim.example"}, True),
        ({"host": "localhost:8765", "origin": "null"}, False),
        ({"host": "localhost:8765"}, True),
    ],
)
def test_only_pages_from_here_may_open_a_websocket(headers, expected):
    assert same_site(_headers(**headers)) is expected


def _call(scope, status=200):
    """Messages that the guard sends for a connection to an application that says hello."""
    sent, reached = [], []

    async def application(scope, receive, send):
        reached.append(scope["path"])
        if scope["type"] == "http":
            await send({"type": "http.response.start", "status": status, "headers": []})
            await send({"type": "http.response.body", "body": b"from the application"})

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    with ThreadPoolExecutor(1) as own:  # a browser test in this process leaves its own loop running
        own.submit(asyncio.run, Guard(application)(scope, receive, send)).result()
    return sent, reached


def test_a_foreign_page_is_refused_before_the_application_hears_of_it():
    scope = {"type": "websocket", "path": "/x"} | _headers(host="here", origin="http://there")
    sent, reached = _call(scope)
    assert sent == [{"type": "websocket.close", "code": 1008}]
    assert reached == []


def test_pages_may_load_nothing_from_elsewhere():
    sent, _ = _call({"type": "http", "path": "/"} | _headers(host="here"))
    policy = dict(sent[0]["headers"])[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert "http" not in policy


def test_the_servers_own_figures_are_closed():
    sent, reached = _call({"type": "http", "path": "/sim/resourcez"} | _headers(host="here"))
    assert sent[0]["status"] == 404
    assert reached == []


@pytest.mark.parametrize(
    ("query", "accepted", "said"),
    [
        ("lang=ko", "en", "이 주소에는 화면이 없습니다"),
        ("lang=en", "ko", "There is no screen"),
        ("", "ko-KR", "이 주소에는 화면이 없습니다"),
        ("lang=%22%3E%3Cscript%3E", "en", "There is no screen"),
    ],
)
def test_an_unknown_address_has_a_kind_page_with_a_link_home(query, accepted, said):
    scope = {"type": "http", "method": "GET", "path": "/nopage", "root_path": "/sim", "query_string": query.encode()}
    headers = _headers(accept="text/html,*/*", accept_language=accepted)
    start, body = _call(scope | headers, status=404)[0]
    page = body["body"].decode()
    assert start["status"] == 404 and b"content-security-policy" in dict(start["headers"])
    assert said in page and 'href="/sim/?lang=' in page and 'href="/sim/lessons?lang=' in page
    assert "Solara" not in page and "<script>" not in page


def test_a_missing_picture_is_not_answered_with_a_page():
    scope = {"type": "http", "method": "GET", "path": "/static/x.png"} | _headers(accept="image/png")
    sent, _ = _call(scope, status=404)
    assert [message.get("body") for message in sent] == [None, b"from the application"]


def test_a_traceback_never_reaches_the_browser(caplog):
    page = json.dumps({"state": {"value": '<pre>Traceback (most recent call last):\n File "/srv/x.py"\n boom</pre>'}})
    told = json.loads(hushed(page))["state"]["value"]
    assert "Traceback" not in told
    assert "/srv" not in told
    assert "기록해" in told
    assert "been logged" in told
    assert "/srv/x.py" in caplog.text
    assert hushed('{"value": "a lesson about <pre>"}') == '{"value": "a lesson about <pre>"}'
