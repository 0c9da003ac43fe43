"""The lab without a browser: Mesa's form of the model is the model, and nothing plays on once a page is gone."""

import gc
import subprocess
import sys
import threading
import weakref

import numpy as np

from agents.firm import Firm
from model.ecosystem import Ecosystem
from viz.view.lab.model import LEVERS, LabModel, levers_of
from viz.view.state import ViewState
from viz.view.visitor import Visitor

STATE = ViewState(changes=("levers.data_access@2026-01=0.9",))


def lab(**options):
    return LabModel(STATE, options.pop("stopped", threading.Event()), lambda model: None, **options)


def as_set():
    return {name: value for name, (value, _, _) in levers_of(STATE).items()}


def test_untouched_levers_give_the_run_of_the_policy():
    ours, plain = lab(seed=3, **as_set()), Ecosystem(STATE.scenario(), 3)
    for _ in range(8):
        ours.step()
        plain.step()
    assert np.asarray(ours.history[:9]).tobytes() == np.asarray(plain.history[:9]).tobytes()
    collected = ours.datacollector.get_model_vars_dataframe()
    assert collected["specialists"].tolist() == plain.history.specialists[:9].tolist()


def test_a_lever_is_set_as_the_policy_screen_sets_it():
    model = lab(**as_set() | {"data_access": 0.2, "grant_scale": 2.0})
    wanted = STATE.with_lever("levers.grant_scale", 2).with_lever("levers.data_access", 0.2, "2026-01")
    assert model.plan == wanted.scenario()


def test_what_the_scenario_has_is_within_reach_of_every_lever():
    state = ViewState(preset="double-grant", changes=("levers.visas_per_year=3000",))
    for value, most, _ in levers_of(state).values():
        assert 0 <= value <= most
    assert levers_of(state).keys() == LEVERS.keys()


def test_each_institution_has_a_place_of_its_own_and_newcomers_move_nobody():
    model = lab()
    places = {node: data["place"] for node, data in model.grid.G.nodes.items()}
    assert len(places) == len(set(places.values())) == len(model.agents)
    assert model.grid.G.number_of_edges() == len(model.partners) == 18
    drawn = model.grid
    for _ in range(14):
        model.step()
    assert len(drawn.G) == len(drawn.agents) == len(places)  # what another thread draws stays as it is
    assert len(model.agents_by_type[Firm]) == len(model.firms)
    assert len(model.grid.G) == len(model.agents) > len(places)
    assert all(model.grid.G.nodes[node]["place"] == place for node, place in places.items())


def test_no_step_beyond_the_horizon():
    model = LabModel(ViewState(), threading.Event(), lambda model: None)
    model.month = model.plan.months - 1
    model.step()
    assert (model.month, model.running) == (120, False)
    model.step()
    assert (model.month, model.steps) == (120, 120)


def test_a_page_that_is_gone_stops_its_run():
    stopped = threading.Event()
    model = lab(stopped=stopped)
    model.step()
    stopped.set()
    model.step()
    assert (model.month, model.running) == (1, False)


def test_a_month_that_fails_ends_the_run_and_is_logged(caplog):
    model = lab()
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

    from viz.view import page
    from viz.view.lab import screen

    said = []
    monkeypatch.setattr(screen, "NEEDED", "no_such_package")
    monkeypatch.setattr(page, "vue", lambda *_, **shown: said.append(shown))
    visitor = Visitor("?lang=en", ask=lambda *_: None)

    @solara.component
    def Page():  # noqa: N802
        page.seen.provide(page.Seen(visitor, 0))
        screen.LabScreen()

    _, rc = solara.render(Page(), handle_error=False)
    assert said[0]["missing"]
    assert said[0]["command"] == "pip install -c constraints.txt -e '.[lab]'"
    rc.close()


def test_models_are_let_go_when_they_are_reset_and_when_the_page_is_closed():
    from viz.view.lab.page import Bench  # the rest of this file needs no altair

    bench = Bench(ViewState())
    again = LabModel(**{name: bench.model_params[name] for name in ("state", "stopped", "made")})
    seen = [weakref.ref(bench.model), weakref.ref(again)]
    bench.close()
    del bench, again
    gc.collect()
    assert [one() for one in seen] == [None, None]
