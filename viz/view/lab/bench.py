"""Mesa's SolaraViz of the real model: one run of a visitor's policy, its levers, and what is drawn of it.

Only opened by ``screen.py``: Mesa's visualization needs altair (extra ``lab``) and a second to import.
"""

import base64
import io
import logging
import threading
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import solara
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from injae.agents.trainee import State
from injae.experiments.lives.recordings import regions_of
from injae.experiments.wording.amounts import date, unit
from injae.model.ecosystem import Ecosystem
from injae.model.levers import LEVERS as DECLARED
from injae.viz.view.drawing import drawable, style
from injae.viz.view.policy.controls import settings
from injae.viz.view.state import ViewState
from injae.viz.view.words import word

with warnings.catch_warnings():  # Solara's remarks on how Mesa uses hooks
    warnings.simplefilter("ignore")
    from mesa.visualization import Slider
    from mesa.visualization import SolaraViz as SolaraViz
    from mesa.visualization.utils import update_counter

log = logging.getLogger("injae.view")
LEVERS = ("grant_scale", "stipend_won_per_month", "retraining_places_per_year", "visas_per_year", "data_access")
CURVES = (("specialists",), ("seats", "enrolled", "teachers"), ("adoption_share",))
STAGE_COLOURS = ("#C3CAD3", "#8DA2B5", "#56B4E9", "#0072B2", "#00304F")


class LabModel(Ecosystem):
    """One run as SolaraViz makes, steps and resets it.

    Args:
        state: the policy that the levers start from.
        stopped: set when the page is gone: nothing is computed any more.
        seed: as of ``Ecosystem``.
        kwargs: levers by name; one that is as the policy has it changes nothing, another one holds in the months in
            which the policy screen would set it. SolaraViz (Mesa 3.5) takes any keyword for a missing parameter unless
            it is called so.
    """

    def __init__(self, state: ViewState, stopped: threading.Event, seed: int = 0, **kwargs: float) -> None:
        for name, value in kwargs.items():
            lever = settings(state)[f"levers.{name}"]
            if not np.isclose(value, lever["value"]):
                state = state.with_lever(f"levers.{name}", float(value), lever["first"], lever["last"])
        super().__init__(state.scenario(), int(seed))
        self._stopped = stopped

    def step(self) -> None:
        """One month; none beyond the horizon, nor for a page that is gone, nor after a month that failed."""
        try:
            if self._stopped.is_set() or self.month >= self.plan.months or not self.running:
                self.running = False
            else:
                super().step()
        except Exception:
            log.exception("month %d of the lab failed", self.month)
            self.running = False
        self.steps = self.month  # type: ignore[assignment]  # Mesa counts calls


def sliders(state: ViewState) -> dict[str, Slider]:
    """Seed and levers, as SolaraViz takes them."""
    shown = {"seed": Slider(word("lab.seed", state.lang), 0, 0, 200, 1)}
    for name in LEVERS:
        value, lever = settings(state)[f"levers.{name}"]["value"], DECLARED[name]
        title, of = word(f"levers.{name}.title", state.lang), unit(lever.unit, state.lang)
        label, step = f"{title} ({of})" if of else title, lever.high / 100
        shown[name] = Slider(label, float(value), lever.low, lever.high, step, dtype=float)  # type: ignore[arg-type]
    return shown


def components(lang: str) -> list[Callable[[LabModel], Any]]:
    """Network and curves, each with its description in words."""
    shown = [lambda model: Picture(model, _network, word("lab.network", lang), drawable(lang))]
    for names in CURVES:
        title = ", ".join(word(f"series.{name}", lang) for name in names)
        draw, alt = _curves(names), word("lab.curve", lang, of=title)
        shown.append(lambda model, draw=draw, alt=alt: Picture(model, draw, alt, drawable(lang)))
    return shown


@solara.component
def Picture(model: LabModel, draw: Callable[[LabModel, Axes, str], None], alt: str, lang: str) -> None:  # noqa: N802
    """What matplotlib draws of the model, anew after each step."""
    update_counter.get()
    figure, file = Figure(figsize=(7.2, 5.4), layout="constrained"), io.BytesIO()
    with style(lang):
        draw(model, figure.subplots(), lang)
        figure.savefig(file, format="png")
    source = f"data:image/png;base64,{base64.b64encode(file.getvalue()).decode()}"
    solara.v.Html(tag="img", attributes={"src": source, "alt": alt, "style": "max-width: 100%"})


def _curves(names: tuple[str, ...]) -> Callable[[LabModel, Axes, str], None]:
    def draw(model: LabModel, axes: Axes, lang: str) -> None:
        for name in names:
            axes.plot(model.history[name][: model.month + 1], label=word(f"series.{name}", lang))
        axes.set_xlim(0, model.plan.months)
        axes.set_ylim(bottom=0)
        axes.legend()

    return draw


def places_of(model: Ecosystem) -> dict[State, np.ndarray]:
    """Where institutions are drawn, shape ``(rows, 2)`` each; nobody moves when firms are founded."""
    number, turn = np.arange(len(model.hospitals) + len(model.firms)), np.pi * (3 - 5**0.5)
    disc = 0.036 * np.sqrt(number + 0.5)[:, None] * np.column_stack([np.cos(turn * number), np.sin(turn * number)])
    region, hospitals = np.asarray(regions_of(model.plan.country)["hospitals"]), np.zeros((len(model.hospitals), 2))
    for n, x in enumerate((-1.3, 1.3)):
        hospitals[region == n] = disc[: (region == n).sum()] + np.array([x, 0.0])
    across = np.linspace(-2.2, 2.2, len(model.universities))
    universities = np.column_stack([across, np.full(len(across), 1.3)])
    return {State.HOSPITAL: hospitals, State.UNIVERSITY: universities, State.FIRM: disc[: len(model.firms)] - (0, 1.5)}


def _network(model: LabModel, axes: Axes, lang: str) -> None:
    places, stage = places_of(model), model.hospitals.rows("stage").max(axis=1)
    partners = zip(*(model.partners.rows(name).tolist() for name in ("university", "state", "row")), strict=True)
    for university, state, row in partners:
        ends = np.array([places[State.UNIVERSITY][university], places[State(state)][row]])
        axes.plot(*ends.T, "--", color="#6B7280", linewidth=0.8)
    for n, colour in enumerate(STAGE_COLOURS):
        axes.scatter(*places[State.HOSPITAL][stage == n].T, 9, colour, label=word(f"inside.stage.{n}", lang))
    funded, active = model.universities.rows("funded"), model.firms.rows("active")
    for kind, rows, marker, names in ((State.UNIVERSITY, funded, "s", ("unfunded", "funded")),
                                      (State.FIRM, active, "^", ("closed", "firm"))):  # fmt: skip
        for is_on, colour in zip((False, True), ("#E3E6EA", "#E69F00"), strict=True):
            mine = places[kind][: len(rows)][rows == is_on]
            axes.scatter(*mine.T, 22, colour, marker=marker, label=word(f"lab.{names[is_on]}", lang))
    for name, x in (("capital", -1.3), ("provinces", 1.3)):
        axes.text(x, -1.2, word(f"region.{name}", lang), ha="center", fontsize=9)
    axes.set_title(date(model.plan.date_of(model.month), lang), loc="left")
    axes.set_axis_off()
    axes.legend(loc="upper center", bbox_to_anchor=(0.5, 0.0), ncols=4, fontsize=8)
