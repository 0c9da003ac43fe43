"""The model in the form that Mesa's tools expect: levers as arguments, a network as ``grid``, a ``datacollector``.

Institutions are the nodes, partnerships of the country's data the edges. A node has a place of its own for drawing:
hospitals in a disc for each region, the largest in the middle, firms in a third, universities above their region.
"""

import logging
import threading
from copy import copy
from itertools import count
from typing import Any

import mesa
import networkx as nx
import numpy as np
from mesa.space import NetworkGrid

from agents.domains import Region
from agents.firm import Firm
from agents.hospital import Hospital
from agents.trainee import State
from agents.university import University
from experiments.lives.recordings import regions_of
from model.ecosystem import Ecosystem
from viz.view.policy.controls import settings
from viz.view.state import ViewState

log = logging.getLogger("injae.view")
LEVERS = {  # on the page with this largest value and step; what the scenario has is always within reach
    "grant_scale": (5.0, 0.1),
    "stipend_won_per_month": (2_000_000, 100_000),
    "retraining_places_per_year": (500, 4),
    "visas_per_year": (500, 4),
    "data_access": (1.0, 0.05),
    "review_strictness": (1.0, 0.05),
}
CURVES = ("specialists", "seats", "enrolled", "teachers", "adoption_share")
CENTRES = {Region.CAPITAL: (-1.3, 0.0), Region.PROVINCES: (1.3, 0.0)}
FIRMS, UNIVERSITIES_Y = (0.0, -1.5), 1.32
SPACING = 0.036
GOLDEN_ANGLE = np.pi * (3 - 5**0.5)


class LabModel(Ecosystem):
    """One run of a visitor's policy, as SolaraViz makes, steps and resets it.

    Args:
        state: the policy that the levers start from.
        stopped: set when the page is gone: the next step is then the last.
        made: called with the model that was made last (SolaraViz makes its own on Reset).
        seed: as of ``Ecosystem``.
        kwargs: levers by name; one that is as the policy has it changes nothing, another one holds in the months in
            which the policy screen would set it.
    """

    def __init__(self, state: ViewState, stopped: threading.Event, made: Any, seed: int = 0, **kwargs: float) -> None:
        super().__init__(_with_levers(state, kwargs).scenario(), int(seed))
        self._stopped = stopped
        reporters = {name: lambda model, name=name: model.series[name].item() for name in CURVES}
        self.datacollector = mesa.DataCollector(model_reporters=reporters)  # type: ignore[arg-type]
        self.datacollector.collect(self)
        self.grid = NetworkGrid(nx.Graph())
        self._places = count()
        self._place_all()
        made(self)

    def step(self) -> None:
        """One month; none beyond the horizon, nor for a page that is gone, nor after a month that failed."""
        if self._stopped.is_set() or self.month >= self.plan.months or not self.running:
            self.running = False
            self.steps = self.month  # type: ignore[assignment]  # Mesa counts calls
            return
        try:
            super().step()
        except Exception:
            log.exception("month %d of the lab failed", self.month)
            self.running = False
            return
        self._collect()
        self._place_firms()

    def _collect(self) -> None:
        """One row more, in another collector: the last may be being read by another thread."""
        collector = copy(self.datacollector)
        collector.model_vars = {name: [*values] for name, values in collector.model_vars.items()}
        collector.collect(self)
        self.datacollector = collector

    @property
    def date(self) -> str:
        """The present month, ISO."""
        return self.plan.date_of(self.month)

    def _place_all(self) -> None:
        kinds: tuple[list[Any], ...] = tuple(list(self.agents_by_type[kind]) for kind in (University, Hospital, Firm))
        universities, hospitals, firms = kinds
        school_regions = regions_of(self.plan.country)["universities"]
        for region, (x, y) in CENTRES.items():
            members = [agent for agent in hospitals if agent.region == region]
            for n, agent in enumerate(sorted(members, key=lambda agent: (agent.tier, -agent.beds))):
                self._place(agent, _in_disc(n, x, y), self.grid)
            schools = [agent for agent, of in zip(universities, school_regions, strict=True) if of == region]
            for n, agent in enumerate(schools):
                self._place(agent, (x + 0.27 * (n - (len(schools) - 1) / 2), UNIVERSITIES_Y), self.grid)
        self._place_firms()
        partners = {State.HOSPITAL: hospitals, State.FIRM: firms}
        columns = (self.partners.rows(name).tolist() for name in ("university", "state", "row"))
        for university, state, row in zip(*columns, strict=True):
            self.grid.G.add_edge(universities[university].pos, partners[State(state)][row].pos)

    def _place_firms(self) -> None:
        """Firms that are not on the network yet: those founded since.

        They come with another network in place of the last, since that may be being drawn by another thread.
        """
        firms = list(self.agents_by_type[Firm])
        newcomers = [(n, agent) for n, agent in enumerate(firms) if agent.pos is None]
        if newcomers:
            grid = copy(self.grid)
            grid.G = self.grid.G.copy()
            for n, agent in newcomers:
                self._place(agent, _in_disc(n, *FIRMS), grid)
            self.grid = grid

    def _place(self, agent: Any, place: tuple[float, float], grid: NetworkGrid) -> None:
        node = next(self._places)
        grid.G.add_node(node, agent=[], place=place)
        grid.place_agent(agent, node)


def levers_of(state: ViewState) -> dict[str, tuple[float, float, float]]:
    """Value, largest value and step of each lever of the page."""
    shown = settings(state)
    values = {name: shown[f"levers.{name}"]["value"] for name in LEVERS}
    return {name: (values[name], max(most, values[name]), step) for name, (most, step) in LEVERS.items()}


def _with_levers(state: ViewState, levers: dict[str, float]) -> ViewState:
    shown = settings(state)
    for name, value in levers.items():
        lever = shown[f"levers.{name}"]
        if not np.isclose(value, lever["value"]):
            state = state.with_lever(f"levers.{name}", float(value), lever["first"], lever["last"])
    return state


def _in_disc(n: int, x: float, y: float) -> tuple[float, float]:
    """Place of the n-th of a disc that grows outwards, so that nobody moves when one more comes."""
    radius, angle = SPACING * (n + 0.5) ** 0.5, n * GOLDEN_ANGLE
    return x + radius * float(np.cos(angle)), y + radius * float(np.sin(angle))
