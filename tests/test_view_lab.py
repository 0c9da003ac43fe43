"""The lab without a browser: Mesa's form of the model is the model, and nothing plays on once a page is gone."""

import subprocess
import sys
import threading

import numpy as np
import pytest
from matplotlib.figure import Figure

from injae.agents.trainee import State
from injae.model.ecosystem import Ecosystem
from injae.viz.view.state import ViewState
from injae.viz.view.visitor import Visitor

STATE = ViewState(changes=("levers.data_access@2026-01=0.9",))


@pytest.fixture(scope="module")
def bench():
    pytest.importorskip("altair")
    from injae.viz.view.lab import bench  # with it Mesa's visualization and Solara

    return bench


def lab(bench, **options):
    return bench.LabModel(STATE, options.pop("stopped", threading.Event()), **options)


def as_set(bench):
    return {name: bench.sliders(STATE)[name].value for name in bench.LEVERS}


def test_untouched_levers_give_the_run_of_the_policy(bench):
    ours, plain = lab(bench, seed=3, **as_set(bench)), Ecosystem(STATE.scenario(), 3)
    for _ in range(8):
        ours.step()
        plain.step()
    assert np.asarray(ours.history[:9]).tobytes() == np.asarray(plain.history[:9]).tobytes()


def test_a_lever_is_set_as_the_policy_screen_sets_it(bench):
    model = lab(bench, **as_set(bench) | {"data_access": 0.2, "grant_scale": 2.0})
    wanted = STATE.with_lever("levers.grant_scale", 2).with_lever("levers.data_access", 0.2, "2026-01")
    assert model.plan == wanted.scenario()


def test_what_the_scenario_has_is_within_reach_of_every_lever(bench):
    shown = bench.sliders(ViewState(preset="double-grant", changes=("levers.visas_per_year=3000",)))
    assert set(shown) == {"seed", *bench.LEVERS}
    assert all(slider.min <= slider.value <= slider.max for slider in shown.values())
    assert shown["visas_per_year"].value == 3000


def test_each_institution_has_a_place_of_its_own_and_newcomers_move_nobody(bench):
    model = lab(bench)
    before = bench.places_of(model)
    everywhere = {tuple(place) for rows in before.values() for place in rows}
    assert len(everywhere) == sum(map(len, before.values())) == len(model.agents)
    for _ in range(14):
        model.step()
    after = bench.places_of(model)
    assert len(after[State.FIRM]) == len(model.firms) > len(before[State.FIRM])
    assert all(np.array_equal(after[kind][: len(rows)], rows) for kind, rows in before.items())


def test_no_step_beyond_the_horizon(bench):
    model = bench.LabModel(ViewState(), threading.Event())
    model.month = model.plan.months - 1
    model.step()
    assert (model.month, model.running) == (120, False)
    model.step()
    assert (model.month, model.steps) == (120, 120)


def test_a_page_that_is_gone_stops_its_run(bench):
    stopped = threading.Event()
    model = lab(bench, stopped=stopped)
    model.step()
    stopped.set()
    model.step()
    assert (model.month, model.running) == (1, False)


def test_a_month_that_fails_ends_the_run_and_is_logged(bench, caplog):
    model = lab(bench)
    model._make_room = lambda last: 1 / 0
    model.step()
    assert not model.running
    assert "ZeroDivisionError" in caplog.text


def test_the_rest_of_the_view_does_not_load_it():
    code = "import sys, viz.view.app; print(sorted({'altair', 'mesa.visualization', 'matplotlib'} & set(sys.modules)))"
    found = subprocess.run([sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"


def test_what_is_missing_is_said_with_the_command(monkeypatch):
    import solara

    from injae.viz.view import page
    from injae.viz.view.lab import screen

    said = []
    monkeypatch.setattr(screen, "NEEDED", "no_such_package")
    monkeypatch.setattr(screen, "head", lambda *what: said.append(what))
    visitor = Visitor("?lang=en", ask=lambda *_: None)

    @solara.component
    def Page():  # noqa: N802
        page.seen.provide(page.Seen(visitor, 0))
        screen.LabScreen()

    _, rc = solara.render(Page(), handle_error=False)
    assert said == [("en", "missing", "pip install -c constraints.txt -e '.[lab]'")]
    rc.close()


def test_what_is_drawn_has_words_in_both_languages(bench):
    for lang in ("ko", "en"):
        model, figures = lab(bench), Figure().subplots(1, 4)
        for draw, axes in zip((bench._network, *map(bench._curves, bench.CURVES)), figures, strict=True):
            draw(model, axes, lang)
            assert all(text.get_text() for text in axes.get_legend().get_texts())
        assert len(figures[0].collections) == 9, "five stages, universities and firms in two states each"
