"""The compare screen in a real browser: what it shows and saves is what ``injae compare`` prints and writes."""

import csv
import json
import tomllib
from itertools import pairwise
from urllib.parse import parse_qsl, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe
from conftest import injae

SETTLED = 180_000
OWN = "&levers.grant_scale@2027-01=2"


@pytest.fixture
def compare(read, server):
    """Open the screen and wait for all runs."""

    def go(query, **options):
        page = read(accept_downloads=True, **options).page
        page.goto(f"{server.url}compare{query}")
        settle(page)
        return page

    return go


def settle(page):
    page.wait_for_selector(".ij-cp-table tbody tr", timeout=SETTLED)
    page.wait_for_selector(".ij-cp-head .ij-progress:not(.ij-on)", timeout=SETTLED)


def saved(page, kind):
    with page.expect_download() as download:
        page.click(f"[data-save={kind}]")
    return download.value.path().read_bytes()


def test_the_command_on_the_page_gives_the_numbers_on_the_page(compare, tmp_path):
    page = compare(f"?s=korea{OWN}&lang=en&seeds=4&c=no-programme&c=own&c=open-data&band=1")
    command = page.locator("[data-test=command]").inner_text().split()
    assert command[:5] == ["injae", "compare", "no-programme", "policy-B.toml", "open-data"]
    (tmp_path / "policy-B.toml").write_bytes(saved(page, "toml"))
    assert tomllib.loads((tmp_path / "policy-B.toml").read_text())["base"] == "korea"
    command[3] = str(tmp_path / "policy-B.toml")
    found = json.loads(injae(*command[1:], "--json", "--quiet", "--out", tmp_path / "out").stdout)
    for letter, label in zip("ABC", found["scenarios"], strict=True):
        summary = found["indicators"][label]

        def cell(key, letter=letter):
            return page.locator(f"[data-cell={letter}-{key}] span").inner_text()

        assert cell("experts") == f"{summary['programme_graduates_by_target_date']['mean']:,.0f}"
        assert cell("adoption") == f"{100 * summary['adoption_share_at_end']['mean']:.1f}%"
        assert cell("cost") == f"{summary['public_won_at_end']['mean'] / 1e9:.1f}bn won"
        end = page.locator(f"[data-end=curves{letter}]").text_content()
        assert end == f"{letter} {summary['specialists_at_end']['mean']:,.0f}"
    theirs = list(csv.DictReader((tmp_path / "out" / "differences.csv").read_text().splitlines()))
    mine = list(csv.DictReader(saved(page, "csv").decode("utf-8-sig").splitlines()))
    assert len(mine) == len(theirs)
    assert all(row[name] == other[name] for row, other in zip(mine, theirs, strict=True) for name in other)
    for kind, head in (("svg", b"<?xml"), ("png", b"\x89PNG"), ("pdf", b"%PDF"), ("brief", b"%PDF")):
        assert saved(page, kind).startswith(head), kind


def test_a_set_is_built_by_hand_and_opened_again_from_its_link(compare):
    page = compare("?s=korea&lang=ko&seeds=4")
    page.locator(".ij-cp-add select").select_option("open-data")
    page.wait_for_selector(".ij-cp-side >> nth=4")
    page.locator(".ij-cp-side >> nth=3").get_by_role("button", name="빼기").click()
    page.wait_for_function("document.querySelectorAll('.ij-cp-side').length === 4")
    page.fill("[data-test=link]", "http://elsewhere/?s=korea&levers.grant_scale=3")
    page.keyboard.press("Enter")
    page.wait_for_selector(".ij-cp-side >> nth=4")
    settle(page)
    texts = [text for key, text in parse_qsl(urlsplit(page.url).query) if key == "c"]
    assert texts == ["no-programme", "own", "double-grant", "open-data", "korea~levers.grant_scale=3"]
    rows = page.locator(".ij-cp-table >> nth=0").inner_text()
    page.reload()
    settle(page)
    assert page.locator(".ij-cp-table >> nth=0").inner_text() == rows


@pytest.mark.parametrize(("lang", "width"), [("ko", 1440), ("en", 390)])
def test_it_can_be_used_by_everybody(compare, lang, width):
    page = compare(f"?lang={lang}&seeds=4", width=width)
    found = [v for v in Axe().run(page).response["violations"] if v["impact"] in ("serious", "critical")]
    assert found == []
    assert page.evaluate("document.documentElement.scrollWidth") <= width


FIVE = "&c=no-programme&c=own&c=double-grant&c=retention-first&c=balanced"


def test_the_cursor_has_a_date_is_spoken_and_every_chart_has_a_table(compare):
    page = compare(f"?lang=en&seeds=4{FIVE}&series=adoption_share")
    captions = page.locator(".ij-cp-charts figcaption small").all_inner_texts()
    assert captions == ["%", "points"]
    page.locator("[data-name=gaps] svg").focus()
    page.keyboard.press("Shift+ArrowLeft")
    assert page.locator("[data-test=cursor]").all_text_contents() == ["Dec 2033"] * 2
    page.wait_for_function("document.querySelector('.ij-cp [aria-live]').innerText.includes('Dec 2033: B +')")
    page.keyboard.press("t")
    for name, columns in (("curves", 5), ("gaps", 4)):
        last = page.locator(f"[data-table={name}] tbody tr").last
        assert last.locator("th").inner_text() == "Dec 2034"
        assert last.locator("td").count() == columns
        assert all(" – " in text for text in last.locator("small").all_inner_texts())
    assert page.locator("[data-table=cloud] tbody tr").count() == 5
    page.keyboard.press("t")
    page.wait_for_selector("[data-name=cloud] svg")


@pytest.mark.parametrize("width", [390, 1440])
def test_labels_stay_inside_their_chart_and_apart(compare, width):
    page = compare(f"?lang=ko&seeds=4{FIVE}", width=width)
    for name in ("curves", "gaps"):
        chart = page.locator(f"[data-name={name}] svg").bounding_box()
        boxes = sorted(
            (label.bounding_box() for label in page.locator(f"[data-end^={name}]").all()), key=lambda box: box["y"]
        )
        assert boxes[0]["y"] >= chart["y"]
        assert boxes[-1]["y"] + boxes[-1]["height"] <= chart["y"] + chart["height"]
        assert all(below["y"] - above["y"] >= 14 for above, below in pairwise(boxes))
    texts = "[...document.querySelectorAll('.ij-cp-plot svg text')]"
    over = "(e) => e.getBoundingClientRect().right - e.ownerSVGElement.getBoundingClientRect().right"
    assert page.evaluate(f"Math.max(...{texts}.map({over}))") <= 1


def test_a_scenario_is_named_and_keeps_its_colour(compare):
    page = compare("?lang=en&seeds=4&c=no-programme&c=korea~levers.grant_scale=2&c=double-grant")
    page.locator("[data-test=call]").nth(1).click()
    page.keyboard.type("Twice from the start")
    page.keyboard.press("Enter")
    named = page.locator(".ij-cp-side", has_text="Twice from the start")
    named.wait_for()
    line = "(e) => e.querySelector('line').getAttribute('stroke')"
    colour = named.evaluate(line)
    named.get_by_role("button", name="Make reference").click()
    page.wait_for_function("document.querySelector('.ij-cp-side').innerText.includes('A Twice from the start')")
    settle(page)
    assert named.evaluate(line) == colour
    page.locator("[data-test=until]").select_option(label="Dec 2029")
    page.wait_for_function("location.search.includes('until=2029-12')")
    page.locator("[data-test=glance] th", has_text="Public money by Dec 2029").wait_for()
    page.reload()
    settle(page)
    assert named.evaluate(line) == colour
    assert "Public money by Dec 2029" in page.locator("[data-test=glance]").inner_text()


def test_the_page_has_landmarks_a_title_and_only_keys_that_work_here(compare):
    page = compare("?lang=en&seeds=4")
    assert page.title() == "Compare · The 2025-2029 programme · Injae"
    assert page.locator("main").count() == 1
    assert page.locator("main h1").inner_text() == "Compare scenarios"
    assert page.get_by_role("button", name="Copy link").count() == 1
    page.keyboard.press("?")
    assert page.evaluate("document.activeElement.tagName") == "H2"
    assert page.locator(".ij-help kbd").all_inner_texts() == ["← →", "Shift + ← →", "T", "?"]
