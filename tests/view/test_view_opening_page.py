"""The opening in a real browser: question, answer, three levers, two curves; the rest one click away."""

import re

import pytest

from tests.view.conftest import Server

SEEN = """() => {
  const inside = (e) => {
    const box = e.getBoundingClientRect();
    return box.width > 1 && box.height > 1 && box.bottom > 0 && box.right > 0 && box.top < innerHeight;
  };
  document.querySelectorAll('.ij-sr, .ij-skip').forEach((e) => { e.hidden = true; e.style.display = 'none'; });
  const text = document.querySelector('.ij-page').innerText;
  const touched = 'button, a, select, input, summary, [role=slider]';
  const controls = [...document.querySelectorAll(touched)].filter((e) => e.closest('.ij-page') && inside(e));
  return {
    words: text.split(/\\s+/).filter((word) => /[\\p{L}\\p{N}]/u.test(word)).length,
    controls: controls.length,
    high: document.documentElement.scrollHeight,
  };
}"""


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_the_first_screen_is_short(read, lang):
    page = read().open_simply(f"?lang={lang}").page
    found = page.evaluate(SEEN)
    assert found["words"] <= 150 and found["controls"] <= 12
    assert page.locator(".ij-chart").count() == 2 and page.locator("input[type=range]").count() == 3
    assert page.locator(".ij-chart").last.bounding_box()["y"] < 900
    assert found["high"] <= 900, "nothing to scroll to"


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_phone_shows_question_answer_curve_and_lever_without_scrolling(read, lang):
    page = read(width=390, height=844).open_simply(f"?lang={lang}").page
    for name in (".ij-question h1", ".ij-lead", ".ij-play", ".ij-chart", ".ij-lever"):
        box = page.locator(name).first.bounding_box()
        assert box["y"] >= 0 and box["y"] + box["height"] <= 844, name
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


def test_a_kept_answer_is_there_at_once_says_so_and_is_that_of_the_runs(read):
    served = Server()
    try:
        reader = read(url=served.url)
        page = reader.page
        page.goto(f"{served.url}?lang=en")
        page.locator(".ij-chart").nth(1).wait_for()
        if "Stored answer" in reader.text("note"):  # else the runs were as quick
            kept = reader.text("opening")
            assert page.locator(".ij-progress.ij-on").count() == 1
            page.wait_for_function("!document.querySelector('[data-test=note]').innerText.includes('Stored')")
            reader.settled()
            assert reader.text("opening") == kept
        assert "90% of 100 simulated futures" in reader.text("note")
    finally:
        served.stop()


def test_more_shows_everything_and_back_takes_back_one_move_at_a_time(read):
    reader = read().open_simply("?seeds=8&lang=en")
    page, first = reader.page, reader.answer
    slider = reader.slider("levers.data_access")
    slider.focus()
    for value in ("0.55", "0.6"):
        page.keyboard.press("ArrowRight")
        page.wait_for_function(f"location.search.includes('data_access={value}')")
    reader.settled()
    page.locator("[data-test=more]").click()
    page.wait_for_function("location.search.includes('more=1')")
    assert page.locator(".ij-card.ij-kpi").count() == 6 and page.locator(".ij-lever-group").count() > 3
    page.go_back()
    page.locator("[data-test=more]").wait_for()
    page.go_back()
    page.wait_for_function("location.search.includes('data_access=0.55')")
    page.go_back()
    page.wait_for_function("!location.search.includes('data_access')")
    reader.until_answer(first)
    page.go_forward()
    page.wait_for_function("location.search.includes('data_access=0.55')")
    reader.after_answer(first)
    assert re.search("55%", slider.get_attribute("aria-valuetext"))


def test_the_console_is_silent(read):
    reader, said = read(), []
    reader.page.on("console", lambda message: said.append(message.text) if message.type == "warning" else None)
    reader.open("?seeds=8&lang=en")
    assert said == []
