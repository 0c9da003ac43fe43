"""A fault of ours in a real browser: a kind sentence in the visitor's language, a line in the log, no traceback."""

import sys

import pytest

from injae.viz.view.words import word
from tests.view.conftest import SETTLED, Server
from tests.view.planted import SECRET

SCREENS = {"Board": "", "Compare": "compare", "Results": "results", "Inside": "inside", "Lessons": "lessons"}
LEAKED = ("Traceback", SECRET, "RuntimeError", "site-packages")


@pytest.fixture(scope="module")
def faulty(tmp_path_factory):
    """A served view and the folder that switches its faults on; for all tests of this file."""
    served = faulty_view(tmp_path_factory.mktemp("faults"))
    yield served
    served.stop()


def faulty_view(folder):
    served = Server(command=[sys.executable, "-m", "tests.view.planted", str(folder)])
    served.faults = folder
    return served


def open_page(read, faulty, path, lang):
    """A page of which everything is kept that the server told it."""
    page = read(url=faulty.url).page
    page.told = []
    page.on("websocket", lambda socket: socket.on("framereceived", lambda data: page.told.append(str(data))))
    page.goto(f"{faulty.url}{path}?more=1&lang={lang}&seeds=4")
    return page


def leaked(page):
    return [text for text in LEAKED if any(text in frame for frame in page.told)]


def until_quiet(page):
    """Wait until the server has had nothing to say for two seconds: what it has still to say draws the screen anew."""
    told = -1
    while told < len(page.told):
        told = len(page.told)
        page.wait_for_timeout(2000)


@pytest.mark.parametrize("lang", ["ko", "en"])
@pytest.mark.parametrize("part", SCREENS)
def test_a_screen_that_cannot_be_drawn_says_so_and_can_be_tried_again(read, faulty, part, lang):
    switch = faulty.faults / part
    switch.touch()
    page = open_page(read, faulty, SCREENS[part], lang)
    page.locator("[data-test=trouble]").wait_for()
    assert word("ui.trouble_text", lang) in page.locator("[data-test=trouble]").inner_text()
    assert leaked(page) == []
    assert page.locator("nav a").count() >= 5, "the other screens can still be reached"
    until_quiet(page)
    switch.unlink()
    press = "(name) => [...document.querySelectorAll('button')].find((one) => one.innerText === name)?.click()"
    page.evaluate(press, word("ui.trouble_again", lang))  # at once: a late answer would draw the screen anew by itself
    page.wait_for_function("document.querySelector('nav') && !document.querySelector('[data-test=trouble]')")


def test_a_fault_after_the_first_drawing_goes_with_the_next_change(read, faulty):
    page = open_page(read, faulty, "", "en")
    page.locator(".ij-chart").first.wait_for(timeout=SETTLED)
    (faulty.faults / "Foot").touch()
    page.get_by_role("button", name="한국어").click()
    page.locator("[data-test=trouble]").wait_for()
    assert word("ui.trouble_title", "ko") in page.locator("[data-test=trouble]").inner_text()
    (faulty.faults / "Foot").unlink()
    page.get_by_role("button", name="English").click()
    page.locator(".ij-chart").first.wait_for()
    assert page.locator("[data-test=trouble]").count() == 0
    assert leaked(page) == []


def test_a_header_that_fails_leaves_the_screen(read, faulty):
    (faulty.faults / "Shell").touch()
    page = open_page(read, faulty, "", "ko")
    page.locator("[data-test=trouble]").wait_for()
    page.locator(".ij-chart").first.wait_for(timeout=SETTLED)
    assert leaked(page) == []
    (faulty.faults / "Shell").unlink()


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_handler_that_fails_leaves_the_page_and_apologises(read, faulty, lang):
    page = open_page(read, faulty, "", lang)
    page.locator(".ij-chart").first.wait_for(timeout=SETTLED)
    (faulty.faults / "want").touch()
    page.locator("[data-test=pull-value]").fill("900")
    page.locator("[data-test=pull-ask]").click()
    page.locator(".ij-notice").wait_for()
    assert word("notice.trouble", lang) in page.locator(".ij-notice").inner_text()
    assert page.locator(".ij-chart").count() > 0
    assert leaked(page) == []
    (faulty.faults / "want").unlink()


def test_a_fault_in_the_kind_page_itself_shows_no_traceback_either(read, faulty):
    for name in ("Compare", "Trouble"):
        (faulty.faults / name).touch()
    page = open_page(read, faulty, "compare", "ko")
    page.locator(".ij-sorry").wait_for()
    assert page.locator(".ij-sorry").inner_text().startswith("화면을 표시하지 못했습니다"), "in one language only"
    assert "The page" not in page.locator(".ij-sorry").inner_text()
    assert leaked(page) == []
    for name in ("Compare", "Trouble"):
        (faulty.faults / name).unlink()


def test_what_was_hidden_is_in_the_log(read, tmp_path):
    """Of a server of its own, because its log is whole when it has stopped."""
    faulty = faulty_view(tmp_path)
    (faulty.faults / "Lessons").touch()
    page = open_page(read, faulty, "lessons", "ko")
    page.locator("[data-test=trouble]").wait_for()
    page.context.close()
    log = faulty.stop()
    assert "LessonsScreen could not be drawn" in log
    assert SECRET in log
