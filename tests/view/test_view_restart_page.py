"""The server goes away in the middle of play and comes back: the page plays on, and goes on from its link."""

import re

import pytest

from tests.view.conftest import Server

QUERY = "?seeds=4&lang={lang}&levers.grant_scale=2"
UNDER_WAY = "/202[6789]|203/.test(document.querySelector('[data-test=date]').innerText)"  # playing from Dec 2024
GONE = {"ko": "서버와 연결이 끊겼습니다", "en": "The server is gone"}


@pytest.mark.parametrize("lang", ["ko", "en"])
def test_a_server_that_dies_and_comes_back(read, lang):
    served = Server()
    again = None
    try:
        reader = read(url=served.url).open(QUERY.format(lang=lang))
        page, before = reader.page, reader.answer
        page.locator("body").press("Home")
        page.locator(".ij-play").click()
        served.process.kill()
        served.process.wait()
        page.wait_for_function(UNDER_WAY)

        # nothing covers the page: play, scrub and table are reached by a real click
        page.wait_for_function("document.querySelector('.v-overlay--active')")
        said = page.evaluate("getComputedStyle(document.querySelector('.v-overlay__content'), '::after').content")
        assert GONE[lang] in said
        page.locator(".ij-play").click()
        box = page.locator(".ij-scrub").bounding_box()
        page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        assert re.search("2029|2030", page.locator("[data-test=date]").inner_text())
        page.locator(".ij-toggle").last.click()
        assert page.locator(".ij-tables table").count() == 10

        again = Server(port=served.port)
        page.wait_for_function("!document.querySelector('.v-overlay--active')", timeout=180_000)
        page.locator(".ij-chart").first.wait_for(timeout=180_000)  # instead of the table: a page made anew
        reader.until_answer(before)  # the page goes on by itself, from its link
        assert page.locator(".v-dialog").count() == 0
        reader.push("levers.grant_scale")
        assert reader.answer != before
        page.reload()
        reader.settled()
        assert reader.slider("levers.grant_scale").get_attribute("aria-valuenow") != "2"
        assert "grant_scale=2.1" in page.url
    finally:
        served.stop()
        if again:
            again.stop()
