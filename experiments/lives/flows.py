"""Flows of people between places, and who is behind a point of a curve."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, NamedTuple

import numpy as np

from injae.agents.columns import Array
from injae.agents.hospital import AdoptionStage
from injae.experiments.lives.lives import EMPLOYED, MOVES, Lives
from injae.experiments.lives.recordings import Recording

IN_THE_FIELD = EMPLOYED | {"seeking"}


class Node(IntEnum):
    """Where people are on the map: a kind of place in a region, or outside the field."""

    OUTSIDE = 0  # not in the model yet
    STUDENTS_CAPITAL = 1
    STUDENTS_PROVINCES = 2
    TEACHERS_CAPITAL = 3
    TEACHERS_PROVINCES = 4
    RETRAINING = 5
    SEEKING = 6
    HOSPITALS_CAPITAL = 7
    HOSPITALS_PROVINCES = 8
    FIRMS_CAPITAL = 9
    FIRMS_PROVINCES = 10
    FIRMS_NEW = 11  # founded in the run; the model knows no region of theirs
    OTHER_SECTOR = 12
    ABROAD = 13
    LEFT = 14


OF_STATE = {
    "retraining": Node.RETRAINING, "seeking": Node.SEEKING, "other_sector": Node.OTHER_SECTOR, "abroad": Node.ABROAD,
    "left": Node.LEFT,
}  # fmt: skip
BY_REGION = {
    "enrolled": ("universities", (Node.STUDENTS_CAPITAL, Node.STUDENTS_PROVINCES)),
    "university": ("universities", (Node.TEACHERS_CAPITAL, Node.TEACHERS_PROVINCES)),
    "hospital": ("hospitals", (Node.HOSPITALS_CAPITAL, Node.HOSPITALS_PROVINCES)),
    "firm": ("firms", (Node.FIRMS_CAPITAL, Node.FIRMS_PROVINCES, Node.FIRMS_NEW)),  # region -1 is the last
}


class Part(NamedTuple):
    """One flow behind a point of a curve."""

    event: str  # what happened (``model.world.Event``)
    sign: int  # +1 what raised the curve, -1 what lowered it
    count: int
    people: list[int]  # keys, of the institutions' staff where ``institutions`` is not empty
    institutions: tuple[tuple[str, int], ...] = ()


class Behind(NamedTuple):
    """What moved a series in a month."""

    series: str
    month: int
    value: float
    change: float  # against the month before; of a flow the flow itself
    parts: list[Part]


@dataclass
class Flows:
    """Who moved where in one recorded run."""

    recording: Recording
    lives: Lives

    @functools.cached_property
    def moves(self) -> Any:
        """One row a move, in the order of events: month, person, event, programme, state and node before and after.

        Whoever enters comes from ``OUTSIDE`` (state ``""``). A clinician who finishes the course and is hired in the
        same month goes straight from the course to the hospital.
        """
        events = self.lives.events
        table: Any = events.loc[
            events["event"].isin(MOVES), ["month", "person", "event", "state", "place", "programme"]
        ]
        table = table.reset_index(drop=True).astype({"event": str, "state": str})
        table["node"] = self.nodes(table["state"].to_numpy(), table["place"].to_numpy())
        by_person = table.groupby("person", sort=False)
        straight = (
            (table["event"] == "retraining_ended")
            & (by_person["event"].shift(-1) == "hired")
            & (by_person["month"].shift(-1) == table["month"])
        )
        table.loc[straight, ["state", "node"]] = ["retraining", int(Node.RETRAINING)]
        by_person = table.groupby("person", sort=False)
        table["state_before"] = by_person["state"].shift(fill_value="")
        table["place_before"] = by_person["place"].shift(fill_value=-1)
        table["node_before"] = by_person["node"].shift(fill_value=int(Node.OUTSIDE))
        return table

    def nodes(self, states: Array, places: Array) -> Array:
        """Nodes of people by state (text) and place (row)."""
        out = np.zeros(len(states), np.int64)
        for state, node in OF_STATE.items():
            out[states == state] = node
        for state, (kind, nodes) in BY_REGION.items():
            here = states == state
            out[here] = np.array(nodes)[self.recording.fixed[kind]["region"][places[here]]]
        return out

    @functools.cached_property
    def stocks(self) -> Array:
        """People at each node at the end of every month: shape ``(months + 1, nodes)``; nobody is counted outside."""
        months = self.lives.months + 1
        out = np.zeros((months, len(Node)), np.int64)
        moves = self.moves
        np.add.at(out, (moves["month"], moves["node"]), 1)
        np.subtract.at(out, (moves["month"], moves["node_before"]), 1)
        out[:, Node.OUTSIDE] = 0
        return out.cumsum(axis=0)

    @functools.cached_property
    def table(self) -> Any:
        """People who went from one node to another: month, node_before, node, people; month 0 is the start."""
        moves = self.moves[(self.moves["node"] != self.moves["node_before"]) & (self.moves["month"] > 0)]
        counts = moves.groupby(["month", "node_before", "node"], sort=True).size()
        return counts.rename("people").reset_index()

    def behind(self, series: str, month: int) -> Behind | None:
        """What moved a series in a month, and who; None where no person or institution did (money, trust, demand)."""
        history = self.recording.run.history
        if series not in BEHIND or not 0 < month <= self.lives.months:
            return None
        value = float(history[series][month])
        change = value if series in FLOWS else value - float(history[series][month - 1])
        return Behind(series, month, value, change, BEHIND[series](self, month))

    def in_month(self, month: int) -> Any:
        """The moves of a month."""
        return self.moves[self.moves["month"] == month]


def _parts(moves: Any, sign: int) -> list[Part]:
    """The flows of some moves, the largest first."""
    groups = [(str(event), list(map(int, people))) for event, people in moves.groupby("event")["person"]]
    return [Part(event, sign, len(keys), keys) for event, keys in sorted(groups, key=lambda group: -len(group[1]))]


def stock_of(inside: Callable[[Any, str], Any]) -> Callable[[Flows, int], list[Part]]:
    """People who came into a stock and who left it; ``inside`` tells whether a move's state (before, after) counts."""

    def behind(flows: Flows, month: int) -> list[Part]:
        moves = flows.in_month(month)
        before, after = inside(moves, "state_before"), inside(moves, "state")
        return _parts(moves[after & ~before], 1) + _parts(moves[before & ~after], -1)

    return behind


def states(*names: str) -> Callable[[Flows, int], list[Part]]:
    """People in any of some states."""
    return stock_of(lambda moves, when: moves[when].isin(names))


def flow_of(*events: str) -> Callable[[Flows, int], list[Part]]:
    """People to whom one of some events happened in a hospital, a firm or out of a job."""
    return lambda flows, month: _parts(_of_events(flows, month, events), 1)


def _of_events(flows: Flows, month: int, events: tuple[str, ...]) -> Any:
    moves = flows.in_month(month)
    return moves[moves["event"].isin(events)]


def _programme_graduates(flows: Flows, month: int) -> list[Part]:
    graduates = _of_events(flows, month, ("graduated",))
    return _parts(graduates[graduates["programme"]], 1)


def _practitioners(moves: Any, when: str) -> Any:
    """Whether a move is of a programme graduate at work; whoever works holds no seat any more."""
    return moves["programme"] & moves[when].isin(EMPLOYED)


def _practica(flows: Flows, month: int) -> list[Part]:
    events = flows.lives.events
    return _parts(events[(events["month"] == month) & (events["event"] == "practicum")].astype({"event": str}), 1)


def hospitals_at(
    least: AdoptionStage, most: AdoptionStage = AdoptionStage.ROUTINE, **where: int
) -> Callable[[Flows, int], list[Part]]:
    """Hospitals whose highest stage came into a range or left it; with the people who work there."""

    def behind(flows: Flows, month: int) -> list[Part]:
        hospitals = flows.recording.fixed["hospitals"]
        stage = flows.recording.months["hospitals"]["stage"][month - 1 : month + 1]
        domain = where.get("domain")
        top = stage.max(axis=2) if domain is None else stage[:, :, domain]
        counted = (top >= least) & (top <= most)
        known = np.ones(top.shape[1], np.bool_)
        for name in ("tier", "region"):
            known &= hospitals[name] == where.get(name, hospitals[name])
        rows = {sign: np.flatnonzero(known & (counted[1] * 1 - counted[0] * 1 == sign)) for sign in (1, -1)}
        events = {1: "hospital_advanced", -1: "hospital_fell_back"}
        return [
            Part(
                events[sign],
                sign,
                len(mine),
                _staff(flows, "hospital", mine, month),
                tuple(("hospital", int(row)) for row in mine),
            )
            for sign, mine in rows.items()
            if len(mine)
        ]

    return behind


def _staff(flows: Flows, kind: str, rows: Any, month: int) -> list[int]:
    """Keys of those who work at some institutions at the end of a month."""
    until = flows.moves[flows.moves["month"] <= month].drop_duplicates("person", keep="last")
    return [int(key) for key in until.loc[(until["state"] == kind) & until["place"].isin(rows), "person"]]


def _firms(flows: Flows, month: int) -> list[Part]:
    """Firms founded, closed and taken over, with the founders, and with those who worked there."""
    ended = _closed(flows, month) + _taken_over(flows, month)
    return _founded(flows, month) + [part._replace(sign=-1) for part in ended]


def _founded(flows: Flows, month: int) -> list[Part]:
    moves = _of_events(flows, month, ("founded_firm",))
    if moves.empty:
        return []
    firms = tuple(("firm", int(row)) for row in moves["place"])
    return [Part("founded_firm", 1, len(moves), list(map(int, moves["person"])), firms)]


def _ended(event: str, is_bought: bool) -> Callable[[Flows, int], list[Part]]:
    """Firms that closed, or became part of another, with those whose employer they were."""

    def behind(flows: Flows, month: int) -> list[Part]:
        of_firms = flows.recording.months["firms"]
        active, bought = of_firms["active"], of_firms["owner"][month] >= 0
        rows = np.flatnonzero(active[month - 1] & ~active[month] & (bought == is_bought))
        moves = _of_events(flows, month, (event,))
        if not len(rows):
            return []
        return [Part(event, 1, len(rows), list(map(int, moves["person"])), tuple(("firm", int(row)) for row in rows))]

    return behind


_closed, _taken_over = _ended("employer_closed", False), _ended("taken_over", True)


FLOWS: dict[str, Callable[[Flows, int], list[Part]]] = {
    "admitted": flow_of("admitted"),
    "dropped_out": flow_of("dropped_out"),
    "graduated": flow_of("graduated"),
    "practica": _practica,
    "began_retraining": flow_of("retraining_begun"),
    "hires": flow_of("hired", "changed_job"),
    "job_to_job_moves": flow_of("changed_job"),
    "separations": flow_of("separated", "laid_off", "employer_closed"),
    "emigrated": flow_of("emigrated"),
    "returned": flow_of("returned"),
    "immigrated": flow_of("immigrated"),
    "left_for_other_sectors": flow_of("left_for_other_sector"),
    "came_back_from_other_sectors": flow_of("came_back"),
    "firms_entered": _founded,
    "firms_exited": _closed,
    "firms_taken_over": _taken_over,
}
STOCKS: dict[str, Callable[[Flows, int], list[Part]]] = {
    "enrolled": states("enrolled"),
    "programme_graduates_cumulative": _programme_graduates,
    "retrained_clinicians_cumulative": flow_of("retraining_ended"),
    "teachers": states("university"),
    "seeking": states("seeking"),
    "employed_hospitals": states("hospital"),
    "employed_firms": states("firm"),
    "employed_universities": states("university"),
    "in_retraining": states("retraining"),
    "other_sectors": states("other_sector"),
    "abroad": states("abroad"),
    "left": states("left"),
    "specialists": states(*sorted(IN_THE_FIELD)),
    "programme_practitioners": stock_of(_practitioners),
    "firms": _firms,
    "adoption_share": hospitals_at(AdoptionStage.DEPLOYED),
    "routine_share": hospitals_at(AdoptionStage.ROUTINE),
    "pilot_share": hospitals_at(AdoptionStage.PILOT, AdoptionStage.PILOT),
    "adoption_share_tertiary": hospitals_at(AdoptionStage.DEPLOYED, tier=0),
    "adoption_share_general": hospitals_at(AdoptionStage.DEPLOYED, tier=1),
    "adoption_share_hospital": hospitals_at(AdoptionStage.DEPLOYED, tier=2),
    "adoption_share_imaging": hospitals_at(AdoptionStage.DEPLOYED, domain=0),
    "adoption_share_risk": hospitals_at(AdoptionStage.DEPLOYED, domain=1),
    "adoption_share_treatment": hospitals_at(AdoptionStage.DEPLOYED, domain=2),
    "adoption_share_research": hospitals_at(AdoptionStage.DEPLOYED, domain=3),
    "adoption_share_capital": hospitals_at(AdoptionStage.DEPLOYED, region=0),
    "adoption_share_regions": hospitals_at(AdoptionStage.DEPLOYED, region=1),
}
BEHIND = FLOWS | STOCKS
