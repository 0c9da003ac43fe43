"""A served view and a real Chromium without a screen; every page fails its test if it looks outside or errs."""

import os
import re
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from urllib.error import URLError
from urllib.parse import urlsplit
from urllib.request import urlopen

import pytest
from playwright.sync_api import Error as PlaywrightError
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = next(
    (found for name in ("chromium", "chromium-browser", "google-chrome") if (found := shutil.which(name))), ""
)
COMMAND = (sys.executable, "-m", "injae", "app", "--no-open")
SETTLED = 180_000  # ms: the first answer on a new machine compiles the model
ANSWER = "[...document.querySelectorAll('.ij-sentences > p')].map((line) => line.innerText).join(' ')"
QUIET = (
    "Failed to load resource: net::ERR_CONNECTION_REFUSED",
    "WebSocket connection to",
)  # where a test stops the server


@pytest.fixture(scope="session")
def browser():
    if not CHROMIUM:
        message = "no Chromium found: run tests/setup_browser.sh"
        if os.environ.get("CI"):
            pytest.fail(message)
        pytest.skip(message)
    with sync_playwright() as playwright:
        started = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield started
        started.close()


class Server:
    """``injae app`` in a process of its own."""

    def __init__(self, *options: str, port: int = 0, command: Sequence[str] = COMMAND):
        with socket.create_server(("127.0.0.1", port)) as free:
            self.port = free.getsockname()[1]
        self.classes = tempfile.TemporaryDirectory(prefix="injae-classes-")
        kept = () if "--classes" in options else ("--classes", self.classes.name)
        command = [*command, "--port", str(self.port), *kept, *options]
        self.process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.url = f"http://localhost:{self.port}/"
        for _ in range(600):
            try:
                urlopen(self.url, timeout=5).close()
                return
            except (URLError, ConnectionError, TimeoutError):
                if self.process.poll() is not None:
                    pytest.fail(self.process.stdout.read())
                time.sleep(0.1)
        pytest.fail("the view did not start")

    def stop(self) -> str:
        """End the server; gives what it has said."""
        self.process.terminate()
        try:
            return self.process.communicate(timeout=20)[0]
        except subprocess.TimeoutExpired:
            self.process.kill()
            return self.process.communicate()[0]
        finally:
            self.classes.cleanup()  # else a warning at some later time, which fails whichever test runs then


@pytest.fixture(scope="session")
def server():
    served = Server()
    yield served
    served.stop()


class Reader:
    """A visitor who reads the page as a person would."""

    def __init__(self, page, url):
        self.page, self.url = page, url
        self.outside, self.errors, self.frames = [], [], []
        page.set_default_timeout(90_000)  # a busy machine is no fault of the page
        page.route(re.compile(".*"), self._only_here)
        page.on("console", lambda message: self.errors.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.errors.append(str(error)))
        page.on("websocket", self._listen)

    def _only_here(self, route):
        if urlsplit(route.request.url).hostname in ("localhost", "127.0.0.1"):
            route.continue_()
        else:
            self.outside.append(route.request.url)
            route.abort()

    def _listen(self, socket):
        socket.on("framesent", lambda data: self.frames.append(("sent", len(data))))
        socket.on("framereceived", lambda data: self.frames.append(("received", len(data))))

    def open(self, query="", path=""):
        """Open a screen and wait for its answer; of the policy screen all there is, not its opening alone."""
        self.page.goto(self.url + path + query)
        self.settled()
        if self.page.locator("[data-test=more]").count():
            self.page.locator("[data-test=more]").click()
            self.page.locator(".ij-foot").wait_for()
        return self

    def open_simply(self, query=""):
        """Open the policy screen as a newcomer finds it."""
        self.page.goto(self.url + query)
        return self.settled()

    def settled(self):
        """Wait until all runs of the answer are there."""
        self.page.wait_for_function(
            "document.querySelector('.ij-chart, .ij-tables') && document.querySelector('.ij-progress:not(.ij-on)')",
            timeout=SETTLED,
        )
        return self

    def text(self, name):
        return self.page.locator(f"[data-test={name}]").first.inner_text()

    @property
    def answer(self):
        return self.page.evaluate(ANSWER)

    def until_answer(self, text):
        """Wait until the answer is this one."""
        self.page.wait_for_function(f"text => {ANSWER} === text", arg=text, timeout=SETTLED)
        return self

    def after_answer(self, text):
        """Wait until the answer is another one."""
        self.page.wait_for_function(f"text => {ANSWER} !== text", arg=text)
        return self

    def chart(self, name):
        return self.page.locator(f"[data-chart={name}] [data-test=mean]").inner_text()

    def slider(self, path):
        return self.page.locator(f"[data-lever='{path}'] input[type=range]")

    def unfold(self, path):
        """Open the group of a lever."""
        group = self.page.locator(".ij-lever-group", has=self.page.locator(f"[data-lever='{path}']"))
        if group.get_attribute("open") is None:
            group.locator("summary").first.click()

    def push(self, path, keys=1, key="ArrowRight"):
        """Move a lever with the keyboard and wait for the answer."""
        before = self.answer
        self.unfold(path)
        self.slider(path).focus()
        for _ in range(keys):
            self.page.keyboard.press(key)
        return self.after_answer(before).settled()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """What the pages showed stands beside a failure: a wait that was in vain says nothing of why."""
    report = yield
    if report.when == "call" and report.failed:
        for n, reader in enumerate(getattr(item, "readers", ())):
            with suppress(PlaywrightError):
                report.sections.append((f"page {n}: {reader.page.url}", reader.page.inner_text("body")[:3000]))
    return report


@pytest.fixture
def read(request, browser, server):
    """Make readers, each with a browser of his own; none may have looked outside or seen an error."""
    readers = request.node.readers = []

    def make(width=1440, height=900, url=server.url, **options):
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        readers.append(Reader(context.new_page(), url))
        return readers[-1]

    yield make
    for reader in readers:
        reader.page.context.close()
    for reader in readers:
        assert reader.outside == []
        assert [error for error in reader.errors if not error.startswith(QUIET)] == []
