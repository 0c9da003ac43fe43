"""Under a path of a reverse proxy every way from screen to screen keeps the path, and each screen can be reloaded."""

from urllib.parse import urlsplit

import pytest

from injae.experiments.sweeps.sweep import Execution, sweep
from injae.model.scenario import Scenario
from tests.view.conftest import Server
from tests.view.proxy import Proxy

SHOWN = {"/": ".ij-chart", "/compare": ".ij-cp-table", "/results": ".ij-rs-heat"}
SHOWN |= {"/inside": ".ij-inside", "/lessons": ".ij-ls", "/lab": ".ij-lab-head"}


@pytest.fixture(scope="module")
def proxied(tmp_path_factory):
    root = tmp_path_factory.mktemp("results")
    varied = ["levers.grant_scale=0,1", "levers.data_access=0.2,0.8"]
    sweep(
        Scenario.load("korea", ["months=12"]), "factorial", varied, out=root / "grid", seeds=1, execution=Execution(1)
    )
    served = Server("--root-path", "/sim", "--results", str(root))
    proxy = Proxy("/sim", served.port)
    yield proxy.url
    proxy.close()
    served.stop()


def arrived(page, path):
    page.wait_for_selector(SHOWN[path], timeout=180_000)
    assert urlsplit(page.url).path == "/sim" + path


def test_every_screen_is_reached_by_the_menu_and_reloaded(read, proxied):
    reader = read(url=proxied).open("?seeds=4&lang=en")
    page = reader.page
    for path in ("/compare", "/results", "/inside", "/lessons", "/"):
        page.locator(f".ij-top nav a[href^='/sim{path}?']").click()
        arrived(page, path)
        page.reload()
        arrived(page, path)
    page.keyboard.press("?")
    page.locator(".ij-help a[href*=lab]").click()
    arrived(page, "/lab")
    page.reload()
    arrived(page, "/lab")
    page.go_back()
    arrived(page, "/")
    assert not [error for error in reader.errors if "rootPath" in error]


def test_a_lever_moves_under_the_path(read, proxied):
    reader = read(url=proxied).open("?seeds=4&lang=en")
    reader.push("levers.grant_scale", keys=3)
    assert reader.page.url.startswith(f"{proxied}?s=korea")
    assert "levers.grant_scale=1.3" in reader.page.url


def test_links_between_screens_keep_the_path(read, proxied):
    page = read(url=proxied).open("?seeds=4&lang=en").page
    page.get_by_role("button", name="Who is it?").first.click()
    arrived(page, "/inside")
    page.goto(f"{proxied}results?lang=en")
    page.locator("[data-look]").first.click()
    arrived(page, "/")
