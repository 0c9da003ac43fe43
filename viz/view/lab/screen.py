"""The lab: Mesa's own SolaraViz of the real model, where the extra ``lab`` is installed."""

import importlib.util
import threading
from typing import Any

import solara
from solara.components.applayout import sidebar_portal
from solara.lab import use_task

from injae.viz.view import page
from injae.viz.view.state import ViewState
from injae.viz.view.words import word

NEEDED = "altair"  # by mesa.visualization
COMMAND = "pip install -c constraints.txt -e '.[lab]'"


@solara.component
def LabScreen() -> None:  # noqa: N802
    """What the lab is, and the lab, or how to install it."""
    state = page.use_visitor().state
    solara.Title(f"{word('ui.lab_screen', state.lang)} · {word('ui.name', state.lang)}")
    with solara.v.Html(tag="main", class_="ij-cp", attributes={"id": "answer", "tabindex": "-1"}):
        if importlib.util.find_spec(NEEDED) is None:
            head(state.lang, "missing", COMMAND)
        else:
            Lab(state).key(state.link())


@solara.component
def Lab(state: ViewState) -> None:  # noqa: N802
    """A run of the visitor's own, made in the background; it stops when the page goes."""
    stopped = solara.use_memo(threading.Event, [])
    made: Any = use_task(lambda: _made(state, stopped), dependencies=[])
    solara.use_effect(lambda: stopped.set, [])
    controls = sidebar_portal.use_portal()  # SolaraViz hands its controls to a sidebar, which is here
    head(state.lang, "wait" if made.pending else "trouble" if made.error else "")
    if made.finished:
        bench, options = made.value
        with solara.Div(classes=["ij-lab"]):
            solara.Div(classes=["ij-lab-controls"], children=controls)
            with solara.Div(classes=["ij-lab-view"]):
                bench.SolaraViz(**options, play_interval=101, render_interval=1)


def head(lang: str, status: str = "", more: str = "") -> None:
    """What the lab is, and how it stands: nothing to say, ``wait``, ``trouble`` or ``missing``."""
    with solara.v.Html(tag="section", class_="ij-card ij-lab-head"):
        solara.v.Html(tag="h1", children=[word("ui.lab_title", lang)])
        solara.v.Html(tag="p", class_="ij-small", children=[word("ui.lab_text", lang)])
        if status:
            text = [word(f"ui.lab_{status}", lang), " ", solara.v.Html(tag="code", children=[more])]
            solara.v.Html(tag="p", attributes={"role": "status", "data-test": status}, children=text)


def _made(state: ViewState, stopped: threading.Event) -> tuple[Any, dict[str, Any]]:
    """What SolaraViz gets, made once: components that are others at each drawing would be drawn without end."""
    from injae.viz.view.lab import bench  # matplotlib, altair, the compiled model

    fixed = {"state": state, "stopped": stopped}
    shown, levers = bench.components(state.lang), fixed | bench.sliders(state)
    return bench, {"model": bench.LabModel(**fixed), "components": shown, "model_params": levers}
