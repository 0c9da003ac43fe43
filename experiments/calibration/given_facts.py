"""A sampled box of parameters, and facts with what runs in it say of them: luck, emulator, implausibility."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from experiments.analyses.futures import Input, futures_of
from experiments.calibration import emulators, posterior
from experiments.calibration.emulators import Emulator, Luck, Predicted
from experiments.calibration.evidence import Fact
from experiments.calibration.posterior import Judged
from experiments.calibration.twins import twin_table
from experiments.sweeps.designs import Factor
from experiments.sweeps.store import Sweep
from model.errors import InputError

POINTS_MIN = 20


class Given(NamedTuple):
    """A fact, what runs say of it, and its emulator."""

    fact: Fact
    values: Any  # shape (points, seeds)
    luck: Luck
    emulator: Emulator
    at_points: Predicted
    discrepancy: float

    @property
    def by_emulator(self) -> bool:
        """Whether the emulator may stand for runs."""
        return self.emulator.check.passed

    @property
    def blur(self) -> float:
        """Standard deviation of observation error and discrepancy together."""
        return float(np.hypot(self.fact.error, self.discrepancy))

    def variance(self, predicted: Predicted) -> Any:
        """All that may separate the mean of the model from the fact; shape (points,)."""
        return self.blur**2 + predicted.doubt + predicted.luck


class Box(NamedTuple):
    """The sampled box: inputs with their ranges, points as shares of them, and whether the design was a table."""

    inputs: list[Input]
    x: Any  # shape (points, inputs), 0 to 1
    is_table: bool

    @property
    def paths(self) -> list[str]:
        """Paths of the inputs."""
        return [one.path for one in self.inputs]

    def scaled(self, x: Any) -> pd.DataFrame:
        """Shares of the ranges as values of the parameters, a column a path."""
        columns = {}
        for n, one in enumerate(self.inputs):
            column = Factor(one.path, one.low, one.high, one.scale == "log").scaled(x[:, n])
            columns[one.path] = np.round(column) if one.scale == "whole" else column
        return pd.DataFrame(columns)

    def inside(self, x: Any) -> Any:
        """Which points the sweep has sampled around; of a table, those as near to one of its points as its own are."""
        if not self.is_table:
            return np.ones(len(x), bool)
        tree = KDTree(self.x)
        apart = tree.query(self.x, k=2)[0][:, 1].max()
        return tree.query(x)[0] <= apart


def box_of(sweep: Sweep, policy: str) -> Box:
    """The box that a sweep has sampled."""
    inputs, table = futures_of(sweep, [policy])
    ranges = {one["path"]: one for one in sweep.manifest["design"]["uncertainties"]}
    known = []
    for one in inputs:
        low, high = (ranges[one.path][end] for end in ("low", "high"))
        known.append(one if low is None else one._replace(low=low, high=high))
    columns = []
    for one in known:
        ends = np.array([one.low, one.high, *table[one.path]], float)
        ends = np.log(ends) if one.scale == "log" else ends
        columns.append((ends[2:] - ends[0]) / (ends[1] - ends[0]))
    return Box(known, np.column_stack(columns).clip(0, 1), sweep.manifest["design"]["sampler"] == "table")


def given_of(x: Any, fact: Fact, values: Any, discrepancy: float) -> Given:
    """A fact with what runs say of it: luck, emulator, and its means at the points.

    Raises:
        InputError: too few points with two runs or more.
    """
    counts = (~np.isnan(values)).sum(axis=1)
    known = counts >= 2
    if known.sum() < POINTS_MIN:
        raise InputError(
            f"{fact.name}: has a value in two runs or more at {known.sum()} points; {POINTS_MIN} are needed"
        )
    emulator = emulators.emulate(x[known], values[known])
    luck = emulator.luck
    mean, doubt = np.full(len(x), np.nan), np.full(len(x), np.nan)
    mean[known] = np.nanmean(values[known], axis=1)
    doubt[known] = luck.of_run_at(x[known]) / counts[known]
    at_points = Predicted(mean, doubt, luck.of_run_at(x))
    return Given(fact, values, luck, emulator, at_points, discrepancy * abs(fact.value))


def judged_at(given: Sequence[Given], predicted: Sequence[Predicted]) -> Judged:
    """Points held against facts."""
    means = np.column_stack([one.mean for one in predicted])
    variances = np.column_stack([one.variance(at) for one, at in zip(given, predicted, strict=True)])
    return posterior.judge(means, variances, np.array([one.fact.value for one in given]))


def emulated_at(given: Sequence[Given], x: Any) -> Judged:
    """Points anywhere in the box held against facts, by emulators."""
    return judged_at(given, [one.emulator.at(x) for one in given])


def twins_of(
    box: Box, given: Sequence[Given], first: Any, predicted: Sequence[Predicted], seed: int
) -> tuple[pd.DataFrame, int]:
    """Runs of the sweep taken for the world: are their parameters found?"""
    values = np.stack([one.values for one in given], axis=2)
    means = np.column_stack([one.mean for one in predicted])
    variances = np.column_stack([one.variance(at) for one, at in zip(given, predicted, strict=True)])
    blur = np.array([one.blur for one in given])
    return twin_table(box.x, values, box.paths, first, means, variances, blur, seed)
