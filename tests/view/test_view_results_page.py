"""The results browser in a real browser: a sweep is opened, a cell chosen, a run taken to the policy screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from injae.experiments.sweeps.sweep import Execution, sweep
from injae.model.scenario import Scenario
from tests.view.conftest import Server

VARIED = ["levers.grant_scale=0,1,3", "levers.data_access=0.2,0.8"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    root = tmp_path_factory.mktemp("results")
    sweep(
        Scenario.load("korea", ["months=24"]), "factorial", VARIED, out=root / "grid", seeds=2, execution=Execution(1)
    )
    served = Server("--results", str(root))
    yield served.url
    served.stop()


@pytest.mark.parametrize(("lang", "width"), [("ko", 390), ("en", 1440)])
def test_a_sweep_is_read(shown, read, lang, width):
    page = read(width=width, url=shown).page
    page.goto(f"{shown}results?lang={lang}")
    page.wait_for_selector(".ij-rs-heat")
    assert page.locator(".ij-rs-heat button").count() == 6
    page.locator(".ij-rs-heat button").first.click()
    page.wait_for_function("document.querySelectorAll('.ij-cp-table tbody tr').length === 2")
    page.locator("[data-choose=series]").select_option("teachers")
    page.wait_for_function("document.querySelector('[data-choose=series]').value === 'teachers'")
    found = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    for kind in ("svg", "csv"):
        with page.expect_download() as download:
            page.click(f"[data-save={kind}]")
        assert download.value.suggested_filename == f"injae-grid.{kind}"
        page.wait_for_selector(f"[data-save={kind}]:not([disabled])")
    page.locator("[data-look]").first.click()
    page.wait_for_selector(".ij-sentences")
    assert "levers.data_access=0.8" in page.url
    assert "levers.grant_scale=0&" in page.url


def opened(page, url, query):
    page.goto(f"{url}results{query}")
    page.wait_for_selector(".ij-rs-runs")
    return page


def test_the_fan_is_read_by_mouse_keyboard_and_table(shown, read):
    page = opened(read(url=shown).page, shown, "?lang=en")
    assert page.locator("[data-test=readout]").inner_text().startswith("Dec 2026")
    page.locator("[data-test=fan] svg").focus()
    page.keyboard.press("ArrowLeft")
    page.keyboard.press("Shift+ArrowLeft")
    assert page.locator("[data-test=cursor]").text_content() == "Nov 2025"
    page.wait_for_function("document.querySelector('.ij-rs [aria-live]').innerText.includes('Nov 2025')")
    page.locator("[data-test=fan] svg").hover(position={"x": 100, "y": 100})
    assert page.locator("[data-test=cursor]").text_content() not in ("Nov 2025", "Dec 2026")
    page.mouse.move(5, 5)
    page.keyboard.press("t")
    table = page.locator("[data-test=fan-table] tbody tr")
    assert [row.locator("th").inner_text() for row in table.all()] == ["Dec 2024", "Dec 2025", "Dec 2026"]
    assert table.last.locator("td").count() == 3
    page.keyboard.press("t")
    assert page.locator("[data-test=fan-table]").count() == 0


def test_what_is_on_the_screen_is_in_the_link(shown, read):
    page = opened(read(url=shown).page, shown, "?lang=en")
    page.locator(".ij-rs-heat button").first.click()
    page.wait_for_function("location.search.includes('cell=0.1')")
    page.locator("[data-sort=value]").click()
    page.wait_for_function("location.search.includes('sort=value')")
    rows = page.locator(".ij-rs-runs tbody").inner_text()
    page.reload()
    page.wait_for_selector(".ij-rs-runs")
    assert page.locator(".ij-rs-heat button[aria-pressed=true]").count() == 1
    assert page.locator(".ij-rs-runs tbody").inner_text() == rows
    assert page.locator("[aria-sort=ascending]").count() == 1


def test_a_filter_that_leaves_nothing_is_marked_and_cleared(shown, read):
    page = opened(read(url=shown).page, shown, "?lang=en")
    page.locator(".ij-rs-filters summary").click()
    field = page.locator("[data-filter='levers.grant_scale'] input").first
    field.fill("9")
    field.press("Tab")
    page.wait_for_selector("[data-test=none]")
    assert field.input_value() == "9"
    assert page.locator("[data-filter='levers.grant_scale'] [aria-invalid=true]").count() == 2
    assert page.locator("[data-filter='levers.data_access'] [aria-invalid=true]").count() == 0
    page.get_by_role("button", name="Clear filters").click()
    page.wait_for_selector(".ij-rs-heat")


@pytest.mark.parametrize("width", [390, 1440])
def test_no_value_of_the_map_is_cut(shown, read, width):
    page = opened(read(width=width, url=shown).page, shown, "?lang=ko&outcome=public_won_at_end")
    cells = "[...document.querySelectorAll('.ij-rs-heat button, .ij-rs-heat th')]"
    assert page.evaluate(f"{cells}.filter((e) => e.scrollWidth > e.clientWidth).length") == 0
    lines = "[...document.querySelectorAll('.ij-rs-heat th')].map((e) => e.getClientRects().length && e.offsetHeight)"
    assert max(page.evaluate(lines)) < 48  # one line each
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_the_page_has_landmarks_a_title_and_only_what_works_here(shown, read):
    page = opened(read(url=shown).page, shown, "?lang=en")
    assert (page.title(), page.locator("main h1").inner_text()) == ("Results · Injae", "Results of sweeps")
    assert page.locator("main").count() == 1
    assert page.locator(".ij-preset, .ij-bar-row .ij-group").count() == 0
    page.keyboard.press("?")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    assert page.locator(".ij-help kbd").all_inner_texts() == ["← →", "Shift + ← →", "T", "?"]
