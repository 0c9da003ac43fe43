"""The compare screen in a real browser: what it shows and saves is what ``injae compare`` prints and writes."""

import csv
import json
import subprocess
import sys
import tomllib
from urllib.parse import parse_qsl, urlsplit

import pytest
from axe_playwright_python.sync_playwright import Axe

from tests.view.conftest import ROOT

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
    run = [sys.executable, str(ROOT / "injae.py"), *command[1:], "--json", "--quiet", "--out", str(tmp_path / "out")]
    done = subprocess.run(run, cwd=ROOT, capture_output=True, text=True, timeout=400)
    found = json.loads(done.stdout)
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
