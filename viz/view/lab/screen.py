"""The lab: Mesa's own SolaraViz of the real model, where the extra ``lab`` is installed."""

import importlib.util
import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import solara
from solara.components.applayout import sidebar_portal
from solara.lab import use_task

from viz.view import page
from viz.view.state import ViewState
from viz.view.words import word

if TYPE_CHECKING:
    from viz.view.lab.page import Bench

log = logging.getLogger("injae.view")
NEEDED = "altair"  # by mesa.visualization
COMMAND = "pip install -c constraints.txt -e '.[lab]'"


@solara.component
def LabScreen() -> None:  # noqa: N802
    """What the lab is, and the lab, or how to install it."""
    visitor = page.use_visitor()
    missing = importlib.util.find_spec(NEEDED) is None
    solara.Title(f"{word('ui.lab_screen', visitor.lang)} · {word('ui.name', visitor.lang)}")
    with solara.v.Html(tag="main", class_="ij-cp"):
        if missing:
            _Head(visitor.lang, missing=True)
        else:
            Lab(visitor.state).key(visitor.state.link())


@solara.component
def Lab(state: ViewState) -> None:  # noqa: N802
    """A bench of the visitor's own, made in the background; its run stops when the page goes."""
    made: Any = use_task(lambda: _bench(state), dependencies=[])
    bench: Bench | None = made.value if made.finished else None
    solara.use_effect(lambda: bench.close if bench else None, [bench])
    pictures = bench.pictures if bench else []
    _Head(state.lang, waiting=made.pending, failed=made.finished and bench is None, pictures=pictures)
    if bench is not None:
        _Table(bench)


@solara.component
def _Table(bench: "Bench") -> None:  # noqa: N802
    """Mesa's controls beside its components: SolaraViz hands the former to a sidebar, which is here."""
    from viz.view.lab.page import SolaraViz

    controls = sidebar_portal.use_portal()
    with solara.Div(classes=["ij-lab"]):
        solara.Div(classes=["ij-lab-controls"], children=controls)
        with solara.Div(classes=["ij-lab-view"]):
            SolaraViz(
                bench.model,
                components=bench.components,
                model_params=bench.model_params,
                play_interval=101,
                render_interval=1,
            )


def _Head(  # noqa: N802
    lang: str, *, missing: bool = False, waiting: bool = False, failed: bool = False, pictures: Sequence[str] = ()
) -> None:
    page.vue(
        "lab/lab.vue",
        lang,
        {},
        missing=missing,
        waiting=waiting,
        failed=failed,
        command=COMMAND,
        pictures=list(pictures),
    )


def _bench(state: ViewState) -> "Bench | None":
    """A bench, or None where that failed."""
    try:
        from viz.view.lab.page import Bench  # matplotlib, altair, the compiled model

        return Bench(state)
    except Exception:
        log.exception("the lab could not be opened")
        return None
