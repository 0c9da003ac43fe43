"""What stands between the network and the view."""

import asyncio
import json
import logging
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest

from injae.model.errors import InputError
from injae.viz.view.guard import HEADERS, Guard, hushed, same_site
from injae.viz.view.lost import PAGES
from injae.viz.view.serve import Address, _listening, _Plain, asset


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


def path_is_page(scope):
    return scope["path"].strip("/") in PAGES


def _call(scope, status=200, fault=None, cookie=None):
    """Messages that the guard sends for a connection to an application that says hello, or fails."""
    sent, reached = [], []
    scope = {"method": "GET"} | scope

    async def application(scope, receive, send):
        reached.append(scope["path"])
        if fault:
            raise fault
        if scope["type"] == "http":
            headers = [(b"set-cookie", cookie)] if cookie else []
            await send({"type": "http.response.start", "status": status, "headers": headers})
            body = b"<head></head>" if path_is_page(scope) else b"from the application"
            await send({"type": "http.response.body", "body": body})

    async def receive():
        return {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    with ThreadPoolExecutor(1) as own:  # a browser test in this process leaves its own loop running
        own.submit(asyncio.run, Guard(application)(scope, receive, send)).result()
    return sent, reached


CHANNEL = "/jupyter/api/kernels/7c1e/channels"
VISITOR = {"cookie": "a=b; solara-session-id=9f"}


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (CHANNEL, VISITOR | {"host": "here", "origin": "http://there"}),
        (CHANNEL, {"host": "here", "origin": "http://here"}),
        ("/jupyter/api/kernels/7c1e/shell", VISITOR | {"host": "here"}),
        ("/elsewhere", VISITOR | {"host": "here"}),
    ],
)
def test_who_comes_from_no_page_of_ours_is_refused_before_the_application_hears_of_it(path, headers):
    sent, reached = _call({"type": "websocket", "path": path} | _headers(**headers))
    assert sent == [{"type": "websocket.close", "code": 1008}]
    assert reached == []


def test_a_page_of_ours_may_speak_to_its_kernel():
    headers = _headers(host="here", origin="http://here", **VISITOR)
    assert _call({"type": "websocket", "path": "/sim" + CHANNEL, "root_path": "/sim"} | headers)[1]


@pytest.mark.parametrize(
    "path", ["/readyz", "/resourcez", "/jupyter/api/kernels/7c1e", "/nope/results", "/results/nope"]
)
@pytest.mark.parametrize("root_path", ["", "/sim"])
def test_what_is_not_ours_is_not_there(path, root_path):
    sent, reached = _call({"type": "http", "path": root_path + path, "root_path": root_path} | _headers(host="here"))
    assert sent[0]["status"] == 404
    assert set(HEADERS) <= set(sent[0]["headers"])
    assert reached == []


def test_every_screen_and_file_is_reached():
    from injae.viz.view.app import SCREENS

    assert {screen.path.strip("/") for screen in SCREENS} == set(PAGES)
    for path in (*(f"/{page}" for page in PAGES), "/results/", "/static/main.js", "/_solara/cdn/x/y.js"):
        assert _call({"type": "http", "path": path} | _headers(host="here"))[0][0]["status"] == 200


def test_a_page_says_what_its_link_is_about():
    scope = {"type": "http", "path": "/", "query_string": b"s=open-data&lang=en"}
    sent, _ = _call(scope | _headers(host="sim.example", accept_encoding="gzip"))
    assert b'<meta property="og:title" content="' in sent[1]["body"] and sent[1]["body"].endswith(b"\n</head>")
    assert b'content="http://sim.example/preview.png?s=open-data&amp;lang=en"' in sent[1]["body"]


def test_the_picture_of_a_link_is_made_here(monkeypatch):
    monkeypatch.setattr("injae.viz.view.guard.picture", lambda asked: f"of {asked.address}?{asked.query}".encode())
    scope = {"type": "http", "path": "/sim/preview.png", "root_path": "/sim", "query_string": b"s=korea"}
    sent, reached = _call(scope | _headers(host="sim.example"))
    assert sent[1]["body"] == b"of http://sim.example/sim/?s=korea" and reached == []
    assert (b"content-type", b"image/png") in sent[0]["headers"]


@pytest.mark.parametrize(("headers", "status"), [(VISITOR, 200), ({}, 404), (VISITOR | {"origin": "http://x"}, 404)])
@pytest.mark.parametrize(
    ("method", "path"), [("POST", "/_solara/api/close/7c1e"), ("GET", "/jupyter/api/kernels/7c1e")]
)
def test_only_a_visitor_can_close_a_page_or_connect_it_again(method, path, headers, status):
    scope = {"type": "http", "method": method, "path": path}
    assert _call(scope | _headers(host="here", **headers))[0][0]["status"] == status


def test_cookies_are_for_no_script_and_no_other_site():
    given = b"solara-session-id=9f; Path=/; SameSite=none; Secure"
    headers = dict(_call({"type": "http", "path": "/"} | _headers(host="here"), cookie=given)[0][0]["headers"])
    assert headers[b"set-cookie"] == b"solara-session-id=9f; Path=/; Secure; HttpOnly; SameSite=Lax"


@pytest.mark.parametrize(("kind", "path"), [("http", "/"), ("websocket", CHANNEL)])
def test_a_fault_of_the_framework_is_one_line_in_the_log_and_an_answer(kind, path, caplog):
    sent, _ = _call({"type": kind, "path": path} | _headers(host="here", **VISITOR), fault=KeyError("session_id"))
    assert sent[0].get("status", sent[0].get("code")) == (500 if kind == "http" else 1011)
    assert "KeyError" in caplog.text and "Traceback" not in caplog.text


def test_a_missing_asset_is_said_at_once_and_nothing_is_removed(tmp_path):
    (tmp_path / "cdn" / "pack").mkdir(parents=True)
    (tmp_path / "cdn" / "pack" / "__main.js").write_text("x")
    (tmp_path / "secret").write_text("x")
    assert asset(tmp_path / "cdn", "pack").name == "__main.js"
    for path in ("none/x.js", "pack/", "../secret", "./pack"):
        with pytest.raises(FileNotFoundError):
            asset(tmp_path / "cdn", path)
    assert (tmp_path / "cdn" / "pack" / "__main.js").is_file()


def test_of_two_servers_on_one_port_the_second_says_so():
    first = _listening(Address("127.0.0.1", 0))
    port = first[0].getsockname()[1]
    with pytest.raises(InputError, match=f"port = {port}: cannot be listened on"):
        _listening(Address("localhost", port))
    first[0].close()


def test_the_log_has_tracebacks_of_our_faults_alone():
    try:
        raise RuntimeError("boom")
    except RuntimeError:
        records = [
            logging.LogRecord(name, logging.ERROR, "x.py", 1, "could not %s", ("draw",), sys.exc_info())
            for name in ("injae.view", "uvicorn.error")
        ]
    ours, theirs = (_Plain().format(record) for record in records)
    assert "Traceback" in ours
    assert theirs == "uvicorn.error: could not draw (RuntimeError: boom)"


def test_pages_may_load_nothing_from_elsewhere():
    sent, _ = _call({"type": "http", "path": "/"} | _headers(host="here"))
    policy = dict(sent[0]["headers"])[b"content-security-policy"].decode()
    assert "default-src 'self'" in policy
    assert "http" not in policy


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
    assert [message.get("body") for message in sent] == [None, b"not found"]


def test_a_traceback_never_reaches_the_browser(caplog):
    page = json.dumps({"state": {"value": '<pre>Traceback (most recent call last):\n File "/srv/x.py"\n boom</pre>'}})
    told = json.loads(hushed(page))["state"]["value"]
    assert "Traceback" not in told
    assert "/srv" not in told
    assert "기록해" in told
    assert "been logged" in told
    assert "/srv/x.py" in caplog.text
    assert hushed('{"value": "a lesson about <pre>"}') == '{"value": "a lesson about <pre>"}'
