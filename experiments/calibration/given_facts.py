"""A sampled box of parameters, and facts with what runs in it say of them: noise, emulator, implausibility."""

import math
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple, Protocol

import numpy as np
import pandas as pd
from scipy.spatial import KDTree

from injae.experiments.analyses.futures import Input, futures_of
from injae.experiments.calibration import emulators, posterior, sampler
from injae.experiments.calibration.emulators import Emulator, Noise, Predicted
from injae.experiments.calibration.evidence import GIVEN, Fact
from injae.experiments.calibration.posterior import Draws, Judged
from injae.experiments.sweeps.designs import Factor
from injae.experiments.sweeps.store import Sweep
from injae.model.errors import InputError

POINTS_MIN = 20


class Unusable(Exception):
    """Nothing can be learned from a fact, with these runs; says why."""


class Given(NamedTuple):
    """A fact, what runs say of it, and its emulator."""

    fact: Fact
    values: Any  # shape (points, seeds)
    noise: Noise
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
        return self.blur**2 + predicted.mean_variance + predicted.noise


class Prior(Protocol):
    """What is believed of the inputs beforehand: points are shares of it, so that all points are equally likely."""

    @property
    def inputs(self) -> list[Input]:
        """The inputs."""
        ...

    @property
    def paths(self) -> list[str]:
        """Their paths."""
        ...

    def scaled(self, x: Any) -> pd.DataFrame:
        """Values at points, a column a path."""
        ...

    def places(self, x: Any) -> Any:
        """Where values lie in their ranges, 0 to 1."""
        ...

    def inside(self, x: Any) -> Any:
        """Which points belong to it."""
        ...


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

    def places(self, x: Any) -> Any:
        """Where values lie in their ranges, 0 to 1: what emulators are fitted over. Here these are the points."""
        return x

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


def given_of(places: Any, fact: Fact, values: Any, discrepancy: float, *, crossed: bool = True) -> Given:
    """A fact with what runs say of it: noise, emulator, and its means at the points.

    Args:
        places: of the points in the ranges of the inputs, shape (points, inputs), 0 to 1.
        fact: it.
        values: what runs give for it, shape (points, seeds).
        discrepancy: share of its value, for facts that say none themselves.
        crossed: whether every point has the same seeds.

    Raises:
        Unusable: too few points with two runs or more, or the same value in all runs.
    """
    counts = (~np.isnan(values)).sum(axis=1)
    known = counts >= 2
    if known.sum() < POINTS_MIN:
        raise Unusable(f"has a value in two runs or more at {known.sum()} points; {POINTS_MIN} are needed")
    _check_moves(values)
    emulator = emulators.emulate(places[known], values[known], crossed=crossed)
    noise, moving = emulator.noise, places[:, emulator.active]
    mean, mean_variance = np.full(len(places), np.nan), np.full(len(places), np.nan)
    mean[known] = np.nanmean(values[known], axis=1)
    mean_variance[known] = noise.of_run_at(moving[known]) / counts[known]
    at_points = Predicted(mean, mean_variance, noise.of_run_at(moving))
    allowed = discrepancy * abs(fact.value) if math.isnan(fact.discrepancy) else fact.discrepancy
    return Given(fact, values, noise, emulator, at_points, allowed)


def _check_moves(values: Any) -> None:
    """Refuse a fact that nothing can be learned from: one that is the same in all runs."""
    known = values[~np.isnan(values)]
    if np.ptp(known) <= 1e-9 * max(abs(float(known.mean())), 1e-300):
        raise Unusable(f"every run gives {known[0]:.6g}, whatever the parameters, so it says nothing of them")


def left_out_or_refused(fact: Fact, error: Unusable, left_out: list[str]) -> None:
    """Name a fact of the country that cannot be used; refuse one that a user wrote.

    Raises:
        InputError: the user wrote it.
    """
    if fact.source == GIVEN:
        raise InputError("unusable", str(error), fact.label) from error
    if f"{fact.label}: {error}" not in left_out:
        left_out.append(f"{fact.label}: {error}")


def check_any(given: Sequence[Given], left_out: Sequence[str]) -> None:
    """Refuse to go on without a fact that can be used.

    Raises:
        InputError: there is none.
    """
    if all(one.fact.held_out for one in given):
        raise InputError("unusable", f"no fact can be used: {'; '.join(left_out) or 'all are held out'}", "facts")


def judged_at(given: Sequence[Given], predicted: Sequence[Predicted]) -> Judged:
    """Points held against facts."""
    means = np.column_stack([one.mean for one in predicted])
    variances = np.column_stack([one.variance(at) for one, at in zip(given, predicted, strict=True)])
    return posterior.judge(means, variances, np.array([one.fact.value for one in given]))


def emulated_at(given: Sequence[Given], box: Prior, x: Any, *, roughly: bool = False) -> Judged:
    """Points anywhere in the box held against facts, by emulators."""
    places = box.places(x)
    return judged_at(given, [one.emulator.at(places, roughly=roughly) for one in given])


def active_inputs(given: Sequence[Given]) -> list[int]:
    """Inputs that move any of the facts, by column."""
    return sorted({n for one in given for n in one.emulator.active})


def drawn(
    given: Sequence[Given],
    box: Prior,
    first: Any,
    seed: int,
    power: float = 1.0,
    watch: Callable[[float], None] | None = None,
) -> Draws:
    """Draws of the posterior given facts that emulators stand for; weights set right that variances were rough."""

    def log_likelihood(x: Any) -> Any:
        return np.where(box.inside(x), emulated_at(given, box, x, roughly=True).log_likelihood, -np.inf)

    found = sampler.sample(first, log_likelihood, active_inputs(given), seed, power=power, watch=watch)
    exact, rough = emulated_at(given, box, found.x), emulated_at(given, box, found.x, roughly=True)
    logs = power * (exact.log_likelihood - rough.log_likelihood)
    weights = found.weights * np.exp(logs - logs.max())
    return found._replace(weights=weights / weights.sum())
