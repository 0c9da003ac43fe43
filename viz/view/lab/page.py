"""Mesa's own page, SolaraViz, of the real model: what it shows and which levers it has.

Only opened by ``screens/lab.py``: Mesa's visualization needs altair (extra ``lab``) and a second to import. Curves and
network are drawn by matplotlib, since altair's would load parts from the internet.
"""

import threading
import warnings
from typing import Any

import networkx as nx
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.ticker import PercentFormatter

from agents.firm import Firm
from agents.hospital import Hospital, Tier
from experiments.wording.amounts import date, unit
from model.levers import LEVERS as DECLARED
from viz.figures.style import POLICY, SECONDARY, TEXT
from viz.view.drawing import drawable, korean_font
from viz.view.lab.model import CENTRES, FIRMS, LabModel, levers_of
from viz.view.state import ViewState
from viz.view.words import word

with warnings.catch_warnings():  # Solara's remarks on how Mesa uses hooks
    warnings.simplefilter("ignore")
    from mesa.visualization import Slider, SolaraViz, make_plot_component, make_space_component
    from mesa.visualization.components import AgentPortrayalStyle

__all__ = ["Bench", "SolaraViz"]
SEED_MAX = 200
STAGE_COLOURS = ("#C3CAD3", "#8DA2B5", "#56B4E9", "#0072B2", "#00304F")
SIZES = {Tier.TERTIARY: 36, Tier.GENERAL: 17, Tier.HOSPITAL: 7}
FUNDED, UNFUNDED, FIRM, CLOSED = "#E69F00", "#8A6D3B", "#009E73", "#E3E6EA"
STOCKS = {"seats": "#E69F00", "enrolled": "#0072B2", "teachers": "#009E73"}


class Bench:
    """What SolaraViz gets for one visitor: a model of his own, components and levers.

    Attributes:
        model: the first model; Reset makes others.
        components, model_params: as SolaraViz takes them.
        pictures: what each component shows, in the visitor's language.
    """

    def __init__(self, state: ViewState) -> None:
        self.stopped = threading.Event()
        self.lang = drawable(state.lang)
        fixed: dict[str, Any] = {"state": state, "stopped": self.stopped, "made": self._made}
        self.model = LabModel(**fixed)
        self.model_params = fixed | {"seed": Slider(word("lab.seed", state.lang), 0, 0, SEED_MAX, 1)} | _sliders(state)
        curves = (("specialists",), tuple(STOCKS), ("adoption_share",))
        titles = [", ".join(word(f"series.{name}", state.lang) for name in names) for names in curves]
        self.pictures = [
            word("lab.network", state.lang),
            *(word("lab.curve", state.lang, of=title) for title in titles),
        ]
        self.components = [
            make_space_component(_portrayal, post_process=self._finish_space, layout_alg=_places),
            make_plot_component("specialists", self._titled("specialists")),
            make_plot_component(STOCKS, self._titled(*STOCKS)),
            make_plot_component("adoption_share", self._titled("adoption_share")),
        ]

    def close(self) -> None:
        """The page is gone: whatever plays stops at its next step."""
        self.stopped.set()

    def _made(self, model: LabModel) -> None:
        self._present = model

    def _finish_space(self, axes: Axes) -> None:
        """Date, names of the places, legend."""
        lang, font = self.lang, _font(self.lang)
        axes.figure.set_size_inches(7.2, 6.3)  # type: ignore[union-attr]
        axes.set_aspect("equal")
        axes.set_title(date(self._present.date, lang), fontsize=15, fontweight="bold", loc="left", **font)
        places = {word(f"region.{region.name.lower()}", lang): centre for region, centre in CENTRES.items()}
        for name, (x, y) in {**places, word("series.firms", lang): FIRMS}.items():
            aside, below = (0, 0.72) if (x, y) == FIRMS else (0.2 * x, 1.2)
            axes.text(x + aside, y - below, name, ha="center", va="top", fontsize=11, color=TEXT, **font)
        axes.set_xlim(-2.5, 2.5)
        axes.set_ylim(-2.45, 1.5)
        axes.legend(handles=_legend(lang), loc="upper center", bbox_to_anchor=(0.5, 0.02), ncols=4, frameon=False,
                    prop={"size": 10, **_prop(font)}, handletextpad=0.2, columnspacing=1.2)  # fmt: skip

    def _titled(self, *names: str) -> Any:
        """What gives a curve its title, and several their names."""
        lang, font = self.lang, _font(self.lang)
        titles = [word(f"series.{name}", lang) for name in names]

        def finish(axes: Axes) -> None:
            months = self._present.plan.months
            axes.set_xlim(0, months)
            axes.set_ylim(0, 1.15 * axes.get_ylim()[1])
            if names == ("adoption_share",):
                axes.yaxis.set_major_formatter(PercentFormatter(1))
            axes.set_title(", ".join(titles), fontsize=12.5, fontweight="bold", loc="left", **font)
            axes.spines[["top", "right"]].set_visible(False)
            axes.grid(color="#E5E7EB")
            if legend := axes.get_legend():
                for text, title in zip(legend.get_texts(), titles, strict=True):
                    text.set(text=title, **font)
            else:
                axes.set_ylabel("")
                axes.lines[0].set(color=POLICY, linewidth=2)

        return finish


def _sliders(state: ViewState) -> dict[str, Slider]:
    sliders = {}
    for name, (value, most, step) in levers_of(state).items():
        of = unit(DECLARED[name].unit, state.lang) if DECLARED[name].unit != "share" else "0–1"
        label = word(f"levers.{name}.title", state.lang) + (f" ({of})" if of else "")
        sliders[name] = Slider(label, float(value), DECLARED[name].low, most, step, dtype=float)  # type: ignore[arg-type]
    return sliders


def _portrayal(agent: Any) -> AgentPortrayalStyle:
    """How an institution is drawn; all of one ``zorder``, as Mesa 3.3 draws no other."""
    if isinstance(agent, Hospital):
        return AgentPortrayalStyle(color=STAGE_COLOURS[agent.adoption_stage], size=SIZES[Tier(int(agent.tier))])
    if isinstance(agent, Firm):
        return AgentPortrayalStyle(
            color=FIRM if agent.active else CLOSED, marker="^", size=8 + min(int(agent.staff), 60)
        )
    funded = bool(agent.funded)
    return AgentPortrayalStyle(
        color=FUNDED if funded else UNFUNDED, marker="s", size=40 + 1.2 * min(int(agent.enrolled), 150)
    )


def _places(graph: nx.Graph, **_: Any) -> dict[int, tuple[float, float]]:
    """The layout: each node's own place."""
    return nx.get_node_attributes(graph, "place")


def _legend(lang: str) -> list[Line2D]:
    stages = [(word(f"inside.stage.{stage}", lang), colour, "o") for stage, colour in enumerate(STAGE_COLOURS)]
    others = [("funded", FUNDED, "s"), ("unfunded", UNFUNDED, "s"), ("firm", FIRM, "^"), ("closed", CLOSED, "^")]
    rows = [*stages, *((word(f"lab.{key}", lang), colour, marker) for key, colour, marker in others)]
    handles = [Line2D([], [], linestyle="", marker=mark, color=colour, label=name) for name, colour, mark in rows]
    return [*handles, Line2D([], [], linestyle="--", color=SECONDARY, label=word("lab.partners", lang))]


def _font(lang: str) -> dict[str, Any]:
    """Letters for the language, said of each text: matplotlib's own settings are those of the whole process."""
    return {"fontfamily": [korean_font(), "DejaVu Sans"]} if lang == "ko" else {}


def _prop(font: dict[str, Any]) -> dict[str, Any]:
    return {"family": font["fontfamily"]} if font else {}
