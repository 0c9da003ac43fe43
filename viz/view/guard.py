"""What stands between the network and the view: nothing loaded from elsewhere, no foreign page speaking for a visitor.

An ASGI layer of its own, so that it holds whatever the pages do. What is open is listed, all else is not there: what
Solara offers besides (readiness, figures about the server, a list of kernels, any path that ends in a screen's name)
stays closed, also what its next version adds. It is no login: docs/view.md shows a proxy that asks for one.
"""

import asyncio
import contextlib
import json
import logging
import re
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any
from urllib.parse import urlsplit

from injae.viz.lines import one_line
from injae.viz.view.lost import PAGES, lost_page
from injae.viz.view.sharing.embed import POLICY as EMBEDDED
from injae.viz.view.sharing.embed import embedded, wanted
from injae.viz.view.sharing.preview import PICTURE, Asked, absolute, picture, tags

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
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
)
FILES = ("/static/", "/jupyter/nbextensions/", "/_solara/cdn/")  # what pages are made of
CLOSE = re.compile(r"/_solara/api/close/[^/]+")  # a page says that it is gone
KERNEL = re.compile(r"/jupyter/api/kernels/[^/]+")  # a page asks this before it connects again
CHANNEL = re.compile(r"/jupyter/api/kernels/[^/]+/channels")  # the websocket of a page
END_OF_HEAD = b"</head>"
SESSION = "solara-session-id"  # cookie that a visitor has from the first page on
log = logging.getLogger("injae.view")
TRACEBACK = re.compile(r'"<pre>Traceback (?:[^"\\]|\\.)*"')  # Solara's error page, inside the JSON of a message
SORRY = json.dumps(
    "<p role='alert' class='ij-sorry'><span lang='ko'>화면을 표시하지 못했습니다. 기록해 두었으니 "
    "<a href=''>새로 고침</a>해 주십시오. 설정은 링크에 남아 있습니다.</span>"
    "<span lang='en'>The page could not be shown. This has been logged. Your settings are in the link: "
    "please <a href=''>reload</a>.</span></p>"
)


class Guard:
    """Lets through what is open, adds headers, answers for what is not there or fails, keeps cookies from scripts."""

    def __init__(self, application: Application) -> None:
        self.application = application

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass one connection on, or refuse it."""
        if scope["type"] == "websocket":
            await self._websocket(scope, receive, send)
        elif scope["type"] == "http":
            await self._request(scope, receive, send)
        else:
            await self.application(scope, receive, send)

    async def _websocket(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not (CHANNEL.fullmatch(_path(scope)) and visited(scope) and same_site(scope)):
            await receive()
            await send({"type": "websocket.close", "code": 1008})
            return

        async def send_hushed(message: Any) -> None:
            if message["type"] == "websocket.send" and message.get("text"):
                message = {**message, "text": hushed(message["text"])}
            await send(message)

        try:
            await self.application(scope, receive, send_hushed)
        except Exception as error:
            _log(scope, error)
            with contextlib.suppress(Exception):  # it may be closed already
                await send({"type": "websocket.close", "code": 1011})

    async def _request(self, scope: Scope, receive: Receive, send: Send) -> None:
        if not is_open(scope):
            await _send_lost(scope, send)
            return
        if _path(scope).strip("/") == PICTURE:
            body = await asyncio.to_thread(picture, _asked(scope))
            await _send(send, 200, b"image/png", body, (b"cache-control", b"max-age=300"))
            return
        page = _path(scope).strip("/") in PAGES
        if page:  # so that its head can be added to
            scope = {**scope, "headers": [one for one in scope["headers"] if one[0].lower() != b"accept-encoding"]}
        if page and wanted(_asked(scope).query):
            await _send(
                send, 200, b"text/html; charset=utf-8", await asyncio.to_thread(embedded, _asked(scope)), framed=True
            )
            return
        answered = lost = False

        async def send_guarded(message: Any) -> None:
            nonlocal answered, lost
            if message["type"] == "http.response.start":
                answered, lost = True, message["status"] == 404
                headers = [(name, _kept(name, value)) for name, value in message.get("headers", [])]
                if page and message["status"] == 200:
                    headers = [(name, value) for name, value in headers if name.lower() != b"content-length"]
                message = {**message, "headers": [*headers, *HEADERS]}
                if lost:
                    await _send_lost(scope, send)
            elif page and END_OF_HEAD in message.get("body", b""):
                head = (await asyncio.to_thread(tags, _asked(scope))).encode()
                message = {**message, "body": message["body"].replace(END_OF_HEAD, head + b"\n" + END_OF_HEAD, 1)}
            if not lost:  # else this is the rest of what the application says of it
                await send(message)

        try:
            await self.application(scope, receive, send_guarded)
        except Exception as error:
            _log(scope, error)
            if not answered:
                await _send(send, 500, b"text/plain; charset=utf-8", b"the server could not answer")


def is_open(scope: Scope) -> bool:
    """Whether there is something at the address of a request, as far as one can tell without looking for files."""
    path = _path(scope)
    of_a_page = CLOSE if scope["method"] == "POST" else KERNEL
    if of_a_page.fullmatch(path):
        return visited(scope) and same_site(scope)
    return scope["method"] in ("GET", "HEAD") and (path.startswith(FILES) or path.strip("/") in (*PAGES, PICTURE))


def visited(scope: Scope) -> bool:
    """Whether the asker has been given a page before."""
    return SESSION in _headers(scope).get("cookie", "")


def _asked(scope: Scope) -> Asked:
    """What a page was asked for with."""
    headers = _headers(scope)
    path = "" if _path(scope).strip("/") == PICTURE else _path(scope)
    address = absolute(scope.get("scheme", "http"), headers, scope.get("root_path", ""), path)
    return Asked(address, scope.get("query_string", b"").decode("latin-1"), headers.get("accept-language"))


def _path(scope: Scope) -> str:
    """The path of an address without that of the proxy before us."""
    return scope["path"].removeprefix(scope.get("root_path", ""))


def _kept(name: bytes, value: bytes) -> bytes:
    """A header; a cookie is for no script, and for no page of another site."""
    if name.lower() != b"set-cookie":
        return value
    parts = [part for part in value.split(b"; ") if not part.lower().startswith((b"samesite=", b"httponly"))]
    return b"; ".join([*parts, b"HttpOnly", b"SameSite=Lax"])


def _log(scope: Scope, error: Exception) -> None:
    log.error("%s", one_line(f"{scope['path']} could not be served ({type(error).__name__}: {error})"))


def _wants_page(scope: Scope) -> bool:
    """Whether somebody reads the answer: a browser that opens an address, no script or picture of a page."""
    return scope["method"] == "GET" and "text/html" in _headers(scope).get("accept", "")


async def _send_lost(scope: Scope, send: Send) -> None:
    """Say that there is nothing: to a reader on a page with the way home, to others in two words."""
    if not _wants_page(scope):
        await _send(send, 404, b"text/plain; charset=utf-8", b"not found")
        return
    body = lost_page(_headers(scope), scope.get("query_string", b"").decode("latin-1"), scope.get("root_path", ""))
    await _send(send, 404, b"text/html; charset=utf-8", body)


async def _send(
    send: Send, status: int, kind: bytes, body: bytes, *more: tuple[bytes, bytes], framed: bool = False
) -> None:
    """Send a whole answer; ``framed`` what any site may frame."""
    kept = ((b"content-security-policy", EMBEDDED), *HEADERS[1:2]) if framed else HEADERS
    headers = [(b"content-type", kind), (b"content-length", str(len(body)).encode()), *more, *kept]
    await send({"type": "http.response.start", "status": status, "headers": headers})
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
    headers = _headers(scope)
    origin = headers.get("origin")
    hosts = {headers.get("host", ""), *(host.strip() for host in headers.get("x-forwarded-host", "").split(","))} - {""}
    return origin is None or urlsplit(origin).netloc in hosts
