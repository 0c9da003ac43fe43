"""The lab in a real browser: Mesa's own page opens, steps, plays and resets, for each visitor alone."""

import pytest
from axe_playwright_python.sync_playwright import Axe

FIGURE = ".vue-grid-item img"


def opened(read, query="?lang=en", **options):
    pytest.importorskip("altair")
    reader = read(**options)
    page = reader.page
    page.goto(f"{reader.url}lab{query}")
    page.wait_for_selector(FIGURE, timeout=180_000)
    page.wait_for_function("document.querySelectorAll('.vue-grid-item img').length === 4")
    return page


def steps(page):
    return int(page.locator("text=Step: ").inner_text().split()[-1])


def wait_for_steps(page, condition):
    page.wait_for_function(f"(n => {condition})(Number(document.body.innerText.match(/Step: (\\d+)/)[1]))")


def test_it_steps_plays_and_resets_for_one_visitor(read):
    page, other = opened(read), opened(read, "?lang=ko&s=double-grant", width=390)
    before = page.locator(FIGURE).first.get_attribute("src")
    page.click("button:has-text('Step')")
    wait_for_steps(page, "n === 1")
    page.wait_for_function(f"src => document.querySelector('{FIGURE}').src !== src", arg=before)
    page.click("button:has-text('▶')")
    wait_for_steps(page, "n > 1")
    assert steps(other) == 0
    page.click("button:has-text('❚❚')")
    page.wait_for_selector("button:has-text('▶')")
    page.click(".ij-lab-controls button:has-text('Reset')")
    wait_for_steps(page, "n === 0")
    other.click("button:has-text('Step')")
    wait_for_steps(other, "n === 1")
    assert steps(page) == 0
    assert other.evaluate("document.documentElement.scrollWidth") <= 390
    assert page.locator("nav a", has_text="Lab").count() == 0


def test_its_pictures_have_words_and_the_page_a_heading(read):
    page = opened(read)
    assert page.locator("main").count() == page.locator("h1").count() == 1
    assert page.title().startswith("Lab")
    texts = [picture.get_attribute("alt") for picture in page.locator(FIGURE).all()]
    assert len(set(texts)) == 4
    assert texts[0].startswith("Network of hospitals")
    found = Axe().run(page).response["violations"]
    assert "image-alt" not in [violation["id"] for violation in found]


def test_the_help_leads_there(read):
    pytest.importorskip("altair")
    page = read().open("?seeds=8&lang=en").page
    page.click("button[aria-label=Help]")
    page.click("dialog a:has-text('Lab')")
    page.wait_for_selector(".ij-lab-head")
    assert page.url.endswith("/lab?s=korea&seeds=8&lang=en")
