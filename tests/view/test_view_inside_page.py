"""The screen inside a run, in a real browser: it shows what the plain functions say, by mouse, keyboard and link."""

import re

import pytest
from axe_playwright_python.sync_playwright import Axe

from injae.experiments.lives.recordings import record
from injae.model.scenario import Scenario
from injae.viz.view.inside.looks import map_of
from injae.viz.view.inside.stories import institution_of

SETTLED = 180_000


@pytest.fixture(scope="module")
def korea():
    return record(Scenario.load("korea"), 0)


@pytest.fixture
def inside(read):
    """Open the screen and wait for the map."""

    def go(query="?lang=ko", **options):
        reader = read(**options)
        reader.page.goto(f"{reader.url}inside{query}")
        reader.page.wait_for_selector(".ij-in-block", timeout=SETTLED)
        return reader.page

    return go


def counts(page):
    return [int(re.sub(r"\D", "", text)) for text in page.locator(".ij-in-count").all_text_contents()]


def test_the_map_counts_the_people_of_the_run_in_every_month(inside, korea):
    page = inside("?lang=en&at=24")
    history = korea.run.history
    for month, key in ((24, None), (25, "ArrowRight"), (37, "Shift+ArrowRight")):
        if key:
            page.keyboard.press(key)
        people = history["enrolled"][month] + history["teachers"][month] + history["in_retraining"][month]
        people += history["seeking"][month] + history["employed_hospitals"][month] + history["employed_firms"][month]
        people += sum(history[name][month] for name in ("abroad", "other_sectors", "left"))
        assert sum(counts(page)) == people
        assert f"{history['seeking'][month]} looking for work" in page.locator(".ij-in-stage > svg").get_attribute(
            "aria-label"
        )


def test_it_plays_without_asking_the_server(inside):
    page = inside("?lang=ko&at=0")
    sent = []
    page.on("websocket", lambda socket: sent.append(socket.url))
    before = page.locator("[data-test=inside-date]").inner_text()
    page.keyboard.press(" ")
    page.wait_for_function(
        "before => document.querySelector('[data-test=inside-date]').innerText !== before", arg=before, timeout=10_000
    )
    page.keyboard.press(" ")
    now = page.locator("[data-test=inside-date]").inner_text()
    page.wait_for_timeout(800)
    assert page.locator("[data-test=inside-date]").inner_text() == now
    assert sent == []


def test_a_click_on_a_dot_tells_a_life_and_the_link_leads_to_it(inside, korea):
    page = inside("?lang=ko&at=60")
    dot = page.locator("[data-person]").nth(2)
    key = dot.get_attribute("data-person")
    dot.dispatch_event("click")
    page.wait_for_selector(".ij-in-lives", timeout=SETTLED)
    person = next(person for person in map_of(korea, "ko")["people"] if person["key"] == key)
    assert person["title"] in page.locator("[data-test=story]").inner_text()
    page.wait_for_function(f"window.location.search.includes('person={key}')")
    again = inside(page.evaluate("window.location.search"))
    again.wait_for_selector(".ij-in-lives", timeout=SETTLED)
    assert person["title"] in again.locator("[data-test=story]").inner_text()
    assert "관련 인물" not in again.locator("[data-test=story]").inner_text()
    page.keyboard.press("Escape")
    page.wait_for_selector(".ij-in-worth")


def test_an_institution_by_keyboard_from_the_table(inside, korea):
    page = inside("?lang=en&at=60")
    page.keyboard.press("t")
    rows = page.locator("td[data-test=where]")
    shown = {person["key"][-4:] for person in map_of(korea, "en")["people"]}
    assert rows.count() == len(map_of(korea, "en")["people"]) >= len(shown)
    page.locator(".ij-in-find input").fill("Asan Medical")
    page.get_by_role("button", name="Asan Medical Center").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector(".ij-in-lines", timeout=SETTLED)
    row = map_of(korea, "en")["hospitals"]["names"].index("Asan Medical Center")
    assert institution_of(korea, "hospital", row, "en")["now"][60] in page.locator("[data-test=story]").inner_text()


def test_from_a_curve_to_a_person(read):
    reader = read().open("?seeds=8&lang=en")
    page = reader.page
    page.locator("[data-chart=specialists] .ij-scrub, .ij-scrub").first.evaluate(
        "element => { element.value = 60; element.dispatchEvent(new Event('input')); }"
    )
    page.locator("[data-chart=specialists] button", has_text="Who is it?").click()
    page.wait_for_selector(".ij-in-parts li", timeout=SETTLED)
    assert "Specialists in the field in Dec 2029" in page.locator("[data-test=behind]").inner_text()
    page.locator(".ij-in-parts button").first.click()
    page.wait_for_selector(".ij-in-lives", timeout=SETTLED)


def test_another_seed_is_another_run(inside):
    page = inside("?lang=ko&at=60")
    first = counts(page)
    page.get_by_role("button", name="다음 시드").click()
    page.wait_for_function("document.querySelector('[data-test=inside-seed]').innerText === '1'")
    for _ in range(600):
        if len(counts(page)) == len(first) and counts(page) != first:
            break
        page.wait_for_timeout(100)
    assert counts(page) != first
    page.wait_for_function("window.location.search.includes('run=1')")


def test_a_phone_shows_it_without_sideways_scroll(inside):
    page = inside("?lang=ko", width=390, height=844)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    titles = page.locator(".ij-in-title").all_text_contents()
    assert len(titles) == 12
    assert all("undefined" not in title for title in titles)


def test_reduced_motion_moves_nothing_by_itself(inside):
    page = inside("?lang=ko&at=60", reduced_motion="reduce")
    moving = page.locator(".ij-in-dots > g").first.evaluate("element => getComputedStyle(element).transitionDuration")
    assert moving in ("0s", "")


def test_no_serious_finding_of_accessibility(inside):
    page = inside("?lang=ko&at=60&hospital=0")
    page.wait_for_selector(".ij-in-lines", timeout=SETTLED)
    found = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found if v["impact"] in ("serious", "critical")] == []
    page.keyboard.press("t")
    page.wait_for_selector(".ij-in-tables")
    found = Axe().run(page).response["violations"]
    assert [(v["id"], v["nodes"][0]["html"][:120]) for v in found if v["impact"] in ("serious", "critical")] == []


def test_people_are_one_stop_of_tab_and_arrows_go_between_them(inside):
    page = inside("?lang=en&at=24")
    here = "document.activeElement.dataset.person"
    there = page.locator(".ij-in-dots > [data-person]:not([aria-hidden])")
    assert page.locator(".ij-in-dots > [data-person][tabindex='0']").count() == 1
    page.locator(".ij-scrub").focus()
    page.keyboard.press("Tab")
    first = page.evaluate(here)
    assert first is not None
    date = page.locator("[data-test=inside-date]").inner_text()
    seen = [first]
    for _ in range(there.count() - 1):
        page.keyboard.press("ArrowRight")
        seen.append(page.evaluate(here))
    assert sorted(seen) == sorted(there.evaluate_all("dots => dots.map(dot => dot.dataset.person)"))
    page.keyboard.press("Home")
    assert page.evaluate(here) == first
    page.keyboard.press("End")
    page.keyboard.press("ArrowLeft")
    assert page.evaluate(here) == seen[-2]
    assert page.locator("[data-test=inside-date]").inner_text() == date  # the keys did not move time
    spoken = page.evaluate("document.activeElement.getAttribute('aria-label')")
    assert spoken.startswith(f"…{seen[-2][-4:]}, ")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ij-in-lives")
    assert f"person={seen[-2]}" in page.url
    page.keyboard.press("Tab")
    assert page.evaluate(here) is None
    page.keyboard.press("Shift+Tab")
    assert page.evaluate(here) == seen[-2]


def test_a_link_to_an_institution_that_is_not_there_shows_the_map_and_says_so(read):
    reader = read()
    page = reader.page
    page.goto(reader.url + "inside?s=korea&lang=en&hospital=99999")
    page.locator(".ij-in-dots circle").first.wait_for()
    page.get_by_text("the run has 1790").wait_for()
    page.wait_for_function("!window.location.search.includes('hospital')")


def test_the_first_key_skips_to_the_screen_which_has_a_heading_and_a_name(inside):
    page = inside("?lang=en&at=60")
    assert page.locator("main").count() == page.locator("h1").count() == 1
    assert page.title().startswith("Look inside")
    page.locator(".ij-skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "answer"


def test_who_is_it_by_keyboard_leads_into_the_panel(read):
    reader = read().open("?seeds=8&lang=en")
    page = reader.page
    page.locator("[data-chart=specialists] button", has_text="Who is it?").focus()
    page.keyboard.press("Enter")
    page.wait_for_selector("[data-test=behind]", timeout=SETTLED)
    page.wait_for_function("document.activeElement.matches('[data-test=behind]')")


def test_a_list_that_is_cut_says_so_and_shows_the_rest(inside):
    page = inside("?lang=en&series=specialists&at=60")
    page.wait_for_selector(".ij-in-parts li", timeout=SETTLED)
    part = page.locator(".ij-in-parts li", has=page.locator("[data-test=shown]")).first
    count = int(re.search(r"\d+", part.locator("h3").inner_text())[0])
    people = part.locator("p:not([data-test=shown]) button")
    assert people.count() == 12 < count
    assert f"12 of {count} shown" in part.inner_text()
    part.get_by_role("button", name="Show all").click()
    assert people.count() == count


def test_on_a_phone_the_story_is_in_sight_once_it_is_there(inside):
    page = inside("?lang=ko&at=60", width=390, height=844)
    page.locator("[data-person]:not([aria-hidden])").first.dispatch_event("click")
    page.wait_for_selector(".ij-in-lives", timeout=SETTLED)
    page.wait_for_function(
        "Math.abs(document.querySelector('[data-test=story]').getBoundingClientRect().top) < 40", timeout=5_000
    )
