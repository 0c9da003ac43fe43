"""The results browser in a real browser: a sweep is opened, a cell chosen, a run taken to the policy screen."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from experiments.sweeps.sweep import sweep
from model.scenario import Scenario
from tests.view.conftest import Server

VARIED = ["levers.grant_scale=0,1,3", "levers.data_access=0.2,0.8"]


@pytest.fixture(scope="module")
def shown(tmp_path_factory):
    root = tmp_path_factory.mktemp("results")
    sweep(Scenario.load("korea", ["months=24"]), "factorial", VARIED, out=root / "grid", seeds=2, workers=1)
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
