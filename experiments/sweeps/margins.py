"""How precisely a sweep knows its outcomes, at every point and policy."""

import math
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from injae.experiments.margins import Margin
from injae.experiments.outcomes import outcome_values
from injae.experiments.plain import plain
from injae.experiments.precision import Decision, decide
from injae.experiments.sweeps.store import Sweep

FILE = "precision.csv"


class PointsFound(NamedTuple):
    """What was found at all points, and how many seeds to add everywhere; 0: stop.

    ``table`` has a row a point, policy and margin: policy, point, outcome, quantile (nan for the mean), unit, then the
    fields of ``experiments.precision.Precision``.
    """

    seeds: int
    add: int
    seeds_expected: float
    table: pd.DataFrame

    @property
    def reached(self) -> bool:
        """Whether every margin is reached at every point."""
        return bool(self.table["reached"].all())

    @property
    def reached_count(self) -> int:
        """How many margins are reached."""
        return self.table["reached"].tolist().count(True)

    def as_dict(self) -> dict[str, Any]:
        """Seeds, how many margins are reached and the one furthest off, ready for JSON; the rest is in the table."""
        counts = {"seeds": self.seeds, "margins": len(self.table), "reached": self.reached_count}
        return plain(counts | {"furthest_off": None if self.reached else self.furthest()})

    def furthest(self) -> dict[str, Any]:
        """The row that misses its margin by most, as a mapping; where nothing is known counts as most."""
        missing = (self.table["half_width"] / self.table["wanted"]).fillna(math.inf).where(~self.table["reached"], 0)
        return self.table.loc[[missing.idxmax()]].to_dict("records")[0]


def points_found(store: Sweep, margins: Sequence[Margin], max_seeds: int) -> PointsFound:
    """Judge every point for itself, its policies and margins together (Holm), from the runs that are done."""
    names = [margin.outcome.name for margin in margins]
    values = outcome_values(store, names)
    blocks = {case: block.set_index("seed") for case, block in values.groupby(["point", "policy"], observed=True)}
    policies, wanted = list(store.policies), [margin.wanted for _ in store.policies for margin in margins]
    quantities = [(policy, margin) for policy in policies for margin in margins]
    decisions: list[Decision] = []
    rows = []
    for point in store.points.index:
        columns = [_of_seeds(blocks.get((point, policy)), names, store.seeds) for policy in policies]
        decisions.append(decide(np.hstack(columns), wanted, max_seeds))
        for (policy, margin), precision in zip(quantities, decisions[-1].precisions, strict=True):
            outcome, quantile = margin.outcome, margin.wanted.quantile
            what = {"policy": policy, "point": point, "outcome": outcome.name, "quantile": quantile}
            rows.append({**what, "unit": outcome.unit, **precision._asdict()})
    add = max(decision.add for decision in decisions)
    expected = max(decision.seeds_expected for decision in decisions)
    table = pd.DataFrame(rows).astype({"quantile": float})
    return PointsFound(len(store.seeds), add, expected, table)


def _of_seeds(block: pd.DataFrame | None, names: list[str], seeds: list[int]) -> Any:
    """Values of a point and policy, shape ``(seeds, outcomes)``; nan for runs that are not there."""
    if block is None:
        return np.full((len(seeds), len(names)), np.nan)
    return block.reindex(seeds)[names].to_numpy(float)
