"""The lessons in a real browser: one lesson from guess to check, by mouse, keyboard and touch; and in a class."""

import re
from contextlib import suppress

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import TimeoutError as PlaywrightTimeout

from injae.viz.view.lessons import guesses
from injae.viz.view.lessons.course import lessons
from injae.viz.view.words import word

SETTLED = 180_000
LESSON = lessons()[0]


@pytest.fixture
def open_lesson(read):
    """Open a lesson and wait until there is something to draw on."""

    def go(query="?lang=ko", drawing=True, **options):
        reader = read(**options)
        reader.page.goto(f"{reader.url}lessons{query}")
        reader.page.wait_for_selector(
            "[data-test=canvas].ij-ls-draw" if drawing else "[data-test=canvas]", timeout=SETTLED
        )
        return reader.page

    return go


def draw_by_mouse(page):
    page.locator("[data-test=canvas]").scroll_into_view_if_needed()
    box = page.locator("[data-test=canvas]").bounding_box()
    page.mouse.move(box["x"] + 0.1 * box["width"], box["y"] + 0.8 * box["height"])
    page.mouse.down()
    page.mouse.move(box["x"] + 0.98 * box["width"], box["y"] + 0.4 * box["height"], steps=12)
    page.mouse.up()


def draw_by_finger(page):
    """Touches as a phone sends them; the page must not scroll under the finger."""
    canvas = page.locator("[data-test=canvas]")
    canvas.scroll_into_view_if_needed()
    box, touch = canvas.bounding_box(), page.context.new_cdp_session(page)

    def send(kind, *at):
        points = [{"x": box["x"] + x * box["width"], "y": box["y"] + y * box["height"]} for x, y in at]
        touch.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    before = page.evaluate("window.scrollY")
    send("touchStart", (0.1, 0.8))
    for n in range(1, 12):
        send("touchMove", (0.1 + 0.08 * n, 0.8 - 0.04 * n))
    send("touchEnd")
    page.wait_for_timeout(500)  # a finger that taps sooner is taken for a second one of the same touch
    assert page.evaluate("window.scrollY") == before


def tap_away(page, name):
    """Tap a button that goes when it is pressed; again if it stays, as one does with a finger.

    The browser takes a tap in the very frame of a scroll, or too soon after a touch by its own clock, for another
    gesture, and a busy machine delays that clock.
    """
    button = page.locator(f"[data-test={name}]")
    for _ in range(5):
        button.scroll_into_view_if_needed()
        page.wait_for_timeout(500)
        button.tap()
        with suppress(PlaywrightTimeout):
            return button.wait_for(state="detached", timeout=20_000)
    raise AssertionError(f"{name} stays: {page.inner_text('main')}")


def draw_by_keyboard(page):
    page.locator("[data-test=canvas]").focus()
    for _ in range(LESSON.drawn):
        page.keyboard.press("Shift+ArrowUp")
        page.keyboard.press("ArrowRight")


def step(page, number):
    page.locator(".ij-ls-steps button").nth(number - 1).click()


@pytest.mark.parametrize(("lang", "draw"), [("ko", draw_by_mouse), ("en", draw_by_keyboard)])
def test_one_lesson_from_the_guess_to_the_check(open_lesson, lang, draw):
    page = open_lesson(f"?lang={lang}")
    assert LESSON.say("task", lang) in page.locator(".ij-ls-do").inner_text()
    assert page.locator("[data-test=canvas] .ij-mean").count() == 0, "the answer is not shown before the guess"
    assert page.locator("[data-test=reveal]").is_disabled()
    draw(page)
    page.locator("[data-test=reveal]").click()

    page.wait_for_selector("[data-test=score]", timeout=SETTLED)
    assert page.locator("[data-test=canvas] .ij-mean").count() == 1
    assert re.search(r"\d", page.locator("[data-test=revealed]").inner_text())
    page.wait_for_function("window.location.search.includes('g1=')")

    step(page, 3)
    page.locator(".ij-ls-tries label").last.click()
    page.wait_for_selector("[data-test=tried]", timeout=SETTLED)
    assert page.locator("[data-test=canvas] .ij-ls-tried").count() == 1

    step(page, 4)
    page.wait_for_selector("[data-dot]", state="attached", timeout=SETTLED)
    assert page.locator("[data-dot]").count() == 60
    shown = sum(int(text) for text in page.locator(".ij-ls-count").all_text_contents())
    assert shown == page.locator("[data-dot]").evaluate_all(
        "dots => dots.filter((d) => d.style.opacity === '1').length"
    )
    page.locator("[data-dot]").first.dispatch_event("click")
    assert re.search("입학" if lang == "ko" else "Admitted", page.locator("[data-test=life]").inner_text())

    step(page, 5)
    page.locator(".ij-ls-question label").nth(LESSON.right % 4).click()
    page.locator("[data-test=reply]").click()
    page.wait_for_selector(".ij-ls-verdict.ij-bad")
    page.locator(".ij-ls-question label").nth(LESSON.right - 1).click()
    page.locator("[data-test=reply]").click()
    page.wait_for_selector("[data-test=because]")
    page.wait_for_function(f"window.location.search.includes('a1={LESSON.right}')")

    again = open_lesson(page.evaluate("window.location.search"), drawing=False)
    again.wait_for_selector("[data-test=because]", timeout=SETTLED)
    assert word("ui.ls_right", lang) in again.locator("[data-test=verdict]").inner_text()


def test_two_pupils_of_a_class_see_each_others_lines(open_lesson):
    first, second = open_lesson("?lang=ko&class=7b"), open_lesson("?lang=en&class=7b")
    for page in (first, second):
        draw_by_mouse(page)
        page.locator("[data-test=reveal]").click()
        page.wait_for_selector("[data-test=score]", timeout=SETTLED)
    first.wait_for_function("document.querySelectorAll('.ij-ls-class').length === 2")
    assert second.locator(".ij-ls-class").count() == 2
    assert first.locator(".ij-ls-qr svg").count() == 1
    assert "g1=" not in first.locator(".ij-ls-qr input").input_value()


def test_the_table_draws_as_well(open_lesson):
    page = open_lesson("?lang=en&lesson=5")
    page.get_by_role("button", name="Table").click()
    fields = page.locator(".ij-ls-table input")
    drawn = 2 * lessons()[4].drawn
    assert fields.count() == drawn
    for n in range(drawn):
        fields.nth(n).fill(str(30 + 20 * (n % 2)))
        fields.nth(n).press("Tab")
    page.locator("[data-test=reveal]").click()
    page.wait_for_selector("[data-test=score]", timeout=SETTLED)
    assert page.locator(".ij-ls-all-band").count() == 1


def test_a_phone_is_drawn_on_by_touch_without_sideways_scroll(open_lesson):
    page = open_lesson(
        "?lang=ko&lesson=2", width=390, height=844, has_touch=True, is_mobile=True, reduced_motion="reduce"
    )
    draw_by_finger(page)
    page.wait_for_function("!document.querySelector('[data-test=reveal]').disabled")
    drawn = [float(dot.get_attribute("cy")) for dot in page.locator(".ij-ls-mine circle").all()]
    assert len(drawn) >= lessons()[1].drawn
    assert drawn[-1] < drawn[1], "the line goes up as the finger went"
    tap_away(page, "reveal")
    page.wait_for_selector("[data-test=score]", timeout=SETTLED)
    for number in (2, 3, 4, 5):
        step(page, number)
        assert page.evaluate("document.documentElement.scrollWidth") <= 390
    step(page, 4)
    page.wait_for_selector("[data-dot]", state="attached", timeout=SETTLED)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    moving = page.locator(".ij-ls-dot").first.evaluate("element => getComputedStyle(element).transitionDuration")
    assert moving in ("0s", "")


def test_with_reduced_motion_people_move_a_year_at_a_time(open_lesson):
    page = open_lesson("?lang=en&lesson=1&step=2&seen=1", drawing=False, reduced_motion="reduce")
    step(page, 4)
    page.wait_for_selector("[data-dot]", state="attached", timeout=SETTLED)
    date = page.locator("[data-test=dots-date]")
    before = date.inner_text()
    page.locator(".ij-play").click()
    page.wait_for_function("before => document.querySelector('[data-test=dots-date]').innerText !== before", arg=before)
    month, year = before.split()
    assert date.inner_text() == f"{month} {int(year) + 1}"
    page.locator(".ij-play").click()


def test_what_is_drawn_has_a_key_and_a_link_to_this_machine_alone_says_so(open_lesson):
    page = open_lesson("?lang=en&lesson=4&step=2&seen=4&class=7c", drawing=False)
    page.wait_for_selector("[data-test=revealed]", timeout=SETTLED)
    assert page.locator("[data-test=canvas] .ij-ls-given").count() == 1
    assert page.locator(".ij-ls-k-given").count() == 1
    assert "--host 0.0.0.0" in page.locator("[data-test=alone]").inner_text()
    assert page.locator("main").count() == page.locator("h1").count() == 1


def test_a_phone_shows_where_to_draw_on_its_first_screen(open_lesson):
    page = open_lesson("?lang=en", width=390, height=844, has_touch=True, is_mobile=True)
    assert page.locator("[data-test=canvas]").bounding_box()["y"] < 720


def test_the_scores_of_all_lessons_survive_a_reload(open_lesson):
    drawn = "&".join(
        f"g{n}={guesses.written(one, [[one.least + 0.4 * (one.most - one.least)] * one.drawn] * (1 + one.range))}"
        for n, one in enumerate(lessons(), 1)
    )
    page = open_lesson(f"?lang=en&step=2&{drawn}", drawing=False)
    total = page.locator("[data-test=total]")
    total.get_by_text("lessons done: 5").wait_for(timeout=SETTLED)
    before = total.inner_text()
    page.wait_for_function("window.location.search.includes('g5=')")
    page.reload()
    total.get_by_text("lessons done: 5").wait_for(timeout=SETTLED)
    assert total.inner_text() == before


def test_no_serious_finding_of_accessibility(open_lesson):
    page = open_lesson("?lang=ko&class=7a")
    page.get_by_role("button", name="수업 안내").click()

    def findings():
        found = Axe().run(page).response["violations"]
        return [(v["id"], v["nodes"][0]["html"][:120]) for v in found if v["impact"] in ("serious", "critical")]

    assert findings() == []
    page.get_by_role("button", name="예상하지 않고 보기").click()
    for number in (2, 3, 5, 4):
        step(page, number)
        page.wait_for_timeout(1600)
        assert (number, findings()) == (number, [])
    page.wait_for_selector("[data-dot]", state="attached", timeout=SETTLED)
    assert findings() == []
