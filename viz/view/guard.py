"""What stands between the network and the view: nothing loaded from elsewhere, no foreign page speaking for a visitor.

An ASGI layer of its own, so that it holds whatever the pages do. It is no login: docs/view.md
shows a proxy that asks for one.
"""

import json
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from viz.view.lost import lost_page

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Any]]
Send = Callable[[Any], Awaitable[None]]
Application = Callable[[Scope, Receive, Send], Awaitable[None]]

POLICY = (  # templates are compiled in the browser, hence unsafe-eval
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; style-src 'self' 'unsafe-inline'; "
    "img-src 'self' data: blob:; font-src 'self' data:; connect-src 'self' ws: wss:; object-src 'none'; "
    "base-uri 'self'; form-action 'self'; frame-ancestors 'self'"
)
HEADERS = (
    (b"content-security-policy", POLICY.encode()),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
)
log = logging.getLogger("injae.view")
TRACEBACK = re.compile(r'"<pre>Traceback (?:[^"\\]|\\.)*"')  # Solara's error page, inside the JSON of a message
SORRY = json.dumps(
    "<p role='alert' class='ij-sorry'><span lang='ko'>화면을 표시하지 못했습니다. 기록해 두었으니 "
    "<a href=''>새로 고침</a>해 주십시오. 설정은 링크에 남아 있습니다.</span>"
    "<span lang='en'>The page could not be shown. This has been logged. Your settings are in the link: "
    "please <a href=''>reload</a>.</span></p>"
)
CLOSED = ("/resourcez",)  # Solara's figures about the server: nobody's business but its owner's


class Guard:
    """Adds headers, closes paths, answers for those that are none, refuses websockets of another site's page opens."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one connection on, or refuse it."""
        if scope["type"] == "websocket" and not same_site(scope):
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return
        if scope["type"] == "http" and scope["path"].endswith(CLOSED):
            await send({"type": "http.response.start", "status": 404, "headers": []})
            await send({"type": "http.response.body", "body": b"not found"})
            return

        lost = False

        async def send_guarded(message: Any) -> None:
            nonlocal lost
            if lost:
                return  # the rest of what the application says of it
            if message["type"] == "http.response.start" and message["status"] == 404 and _wants_page(scope):
                lost = True
                await _send_lost(scope, send)
                return
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", []), *HEADERS]}
            elif message["type"] == "websocket.send" and message.get("text"):
                message = {**message, "text": hushed(message["text"])}
            await send(message)

        await self.application(scope, receive, send_guarded)


def _wants_page(scope: Scope) -> bool:
    """Whether somebody reads the answer: a browser that opens an address, no script or picture of a page."""
    return scope["method"] == "GET" and "text/html" in _headers(scope).get("accept", "")


async def _send_lost(scope: Scope, send: Send) -> None:
    body = lost_page(_headers(scope), scope.get("query_string", b"").decode("latin-1"), scope.get("root_path", ""))
    kind = (b"content-type", b"text/html; charset=utf-8")
    await send({"type": "http.response.start", "status": 404, "headers": [kind, *HEADERS]})
    await send({"type": "http.response.body", "body": body})


def _headers(scope: Scope) -> dict[str, str]:
    return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}


def hushed(text: str) -> str:
    """A message to the browser in which no traceback is shown: that is logged, and an apology takes its place."""
    found = TRACEBACK.search(text) if "<pre>Traceback" in text else None
    if found is None:
        return text
    log.error("a page failed outside its screens: %s", json.loads(found[0]))
    return TRACEBACK.sub(lambda _: SORRY, text)


def same_site(scope: Scope) -> bool:
    """Whether the page that opens a connection came from this server; a client that is no browser names no origin."""
    headers = {name.decode().lower(): value.decode() for name, value in scope["headers"]}
    origin = headers.get("origin")
    hosts = {headers.get("host", ""), *(host.strip() for host in headers.get("x-forwarded-host", "").split(","))} - {""}
    return origin is None or urlsplit(origin).netloc in hosts
