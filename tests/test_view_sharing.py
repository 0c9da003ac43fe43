"""What a link shows where it is passed on: words of its own scenario, and a picture without a simulation."""

import re
import threading
from html import unescape

import pytest
from PIL import Image
from test_view_exports import answer_of, needs_korean

from injae.viz.view import runs
from injae.viz.view.files import version
from injae.viz.view.policy.exports import headline_file
from injae.viz.view.policy.sentences import differences
from injae.viz.view.sharing import preview
from injae.viz.view.sharing.preview import Asked, absolute, picture, tags
from injae.viz.view.state import ViewState

LINK = "s=korea&levers.grant_scale=2&levers.visas_per_year@2027-01..2029-12=500&parameters.labour.taste_sd=0.5"


def content(asked):
    found = re.findall(r'<meta (?:property|name)="([^"]+)" content="([^"]*)">', tags(asked))
    return {name: unescape(text) for name, text in found}


class DeskWithout:
    """A desk that knows no answer and would rather not be asked for one."""

    def known(self, state):
        return None


@pytest.fixture(autouse=True)
def no_desk(monkeypatch):
    monkeypatch.setattr(preview, "desk", DeskWithout)
    preview._picture.cache_clear()


def test_a_link_names_its_scenario_and_what_was_changed():
    found = content(Asked("https://sim.example/injae/compare", f"{LINK}&lang=en"))
    assert found["og:title"] == "The 2025-2029 programme, modified · Injae"
    assert "Grant multiplied by 2" in found["og:description"]
    assert "Visas for specialists 500 persons a year (Jan 2027 to Dec 2029)" in found["og:description"]
    assert found["og:url"].startswith("https://sim.example/injae/compare?s=korea&levers.grant_scale=2")
    assert found["og:image"].startswith("https://sim.example/injae/preview.png?s=korea&levers.grant_scale=2")
    korean = content(Asked("https://sim.example/", f"{LINK}&lang=ko"))
    assert korean["og:locale"] == "ko_KR" and "에서 바꾼 것: 지원금 배수 2배" in korean["og:description"]


def test_a_plain_link_speaks_the_language_of_the_asker_and_says_nothing_of_changes():
    found = content(Asked("https://sim.example/", "", "ko-KR,ko;q=0.9"))
    assert found["og:locale"] == "ko_KR" and "바꾼 것" not in found["og:description"]
    assert content(Asked("https://sim.example/", ""))["og:locale"] == "en_US"


def test_nothing_of_a_link_gets_into_the_page_but_as_text():
    text = tags(Asked('https://x"><script>alert(1)</script>/', 's="><script>alert(1)</script>&lang=en'))
    assert "<script" not in text


def test_many_changes_are_not_all_named():
    changes = tuple(f"levers.{name}=0.5" for name in ("data_access", "oversight_share", "grant_share_courses"))
    changes += ("levers.grant_scale=2", "levers.visas_per_year=50", "levers.programme_universities=9")
    said = differences(ViewState(changes=changes, lang="en"))
    assert said.count(";") == 5 and said.endswith("; ….")
    assert differences(ViewState(lang="en")) == ""


@pytest.mark.parametrize("lang", ["en", pytest.param("ko", marks=needs_korean)])
def test_a_picture_has_the_size_that_programs_show(lang, tmp_path):
    (tmp_path / "one.png").write_bytes(picture(Asked("https://sim.example/", f"{LINK}&lang={lang}")))
    with Image.open(tmp_path / "one.png") as image:
        assert image.size == (1200, 630)


def test_an_answer_that_is_known_is_in_the_picture(monkeypatch):
    class DeskWith:
        def known(self, state):
            return answer_of()

    asked = Asked("https://sim.example/", "s=korea&lang=en")
    without = picture(asked)
    monkeypatch.setattr(preview, "desk", DeskWith)
    assert picture(asked) != without


def test_the_desk_knows_an_answer_once_all_its_runs_are_done():
    desk = runs.Desk(1)
    state = ViewState(preset="no-programme", seeds=2, aleatory=True, parametric=False, lang="en")
    try:
        assert desk.known(state) is None
        found = []
        desk.ask(state, found.append, threading.Event())
        known = desk.known(state)
        assert known is not None and known.receipt == found[-1].receipt
        assert desk.known(ViewState(preset="no-programme", seeds=3, parametric=False)) is None
    finally:
        desk.close()


def test_a_headline_picture_says_where_it_is_from():
    file = headline_file(answer_of(), "https://sim.example/")
    assert file.name.endswith("-headline.png") and file.data.startswith(b"\x89PNG")
    assert f"Injae {version()}, receipt {answer_of().receipt}".encode() in file.data


@pytest.mark.parametrize(("headers", "address"), [
    ({"host": "localhost:8765"}, "http://localhost:8765/sim/compare"),
    ({"host": "here", "x-forwarded-host": "a.example, b", "x-forwarded-proto": "https"}, "https://a.example/sim/compare"),
])  # fmt: skip
def test_the_address_is_that_of_the_asker(headers, address):
    assert absolute("http", headers, "/sim", "/compare") == address
