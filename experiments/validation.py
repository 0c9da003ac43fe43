"""The ensemble against what is known: each fact with its band, what runs give, and whether the two agree.

A fact is *met* where the median of the runs lies in its band, or its best guess in their 90 percent interval. Facts
that a calibration used (``fit``) say whether it worked; facts kept out of it (``check``) whether the model is any good.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pandas as pd

from injae.experiments.facts import Band, all_bands
from injae.experiments.measures import MEASURES, measured
from injae.experiments.results import Results
from injae.experiments.runs import simulate_all
from injae.experiments.uncertainty import (
    LEAST,
    RUNS,
    RUNS_OF_DRAW,
    Asked,
    Ensemble,
    Uncertainty,
    all_drawn,
    ensemble_of,
)
from injae.model.errors import InputError
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario

BAND = (5.0, 50.0, 95.0)  # percentiles of runs
USES = ("fit", "check", "pattern")


class Held(NamedTuple):
    """A fact held against runs: percentiles of what they give (nan where they give none), and how many gave it."""

    band: Band
    low: float
    median: float
    high: float
    runs: int

    @property
    def is_met(self) -> bool:
        """Whether the runs agree with what is known."""
        in_band = self.band.low <= self.median <= self.band.high
        return in_band or self.low <= self.band.value <= self.high

    @property
    def width(self) -> float:
        """Interval of the runs over the band that is known: above 1 the runs say less than the fact; nan if open."""
        band = self.band.high - self.band.low
        return (self.high - self.low) / band if math.isfinite(band) else math.nan

    @property
    def what(self) -> str:
        """What is measured, in words."""
        return MEASURES[self.band.measure].what

    @property
    def unit(self) -> str:
        """Unit of the measure."""
        return MEASURES[self.band.measure].unit


class Apart(NamedTuple):
    """A parameter whose declared value lies outside 90 percent of the posterior, with the ends of that."""

    path: str
    value: float
    low: float
    high: float
    unit: str


@dataclass(frozen=True)
class Validation:
    """Facts of a country held against an ensemble.

    Attributes:
        held: a fact each, in the order of the country's file.
        ensemble: where the futures come from.
        results: runs of each case.
        unmeasured: facts that are read off people and events, which ``injae check`` holds against runs (T21).
    """

    held: list[Held]
    ensemble: Ensemble
    results: list[Results]
    unmeasured: list[Band]

    def counts(self, use: str) -> tuple[int, int]:
        """How many facts of a use are met, and how many there are."""
        mine = [one for one in self.held if one.band.use == use]
        return sum(one.is_met for one in mine), len(mine)

    def width(self, use: str) -> float:
        """Median width of the intervals of a use, over the bands that are known; nan if there is none."""
        known = [one.width for one in self.held if one.band.use == use and not math.isnan(one.width)]
        return float(np.median(known)) if known else math.nan

    def table(self) -> pd.DataFrame:
        """A row a fact: what is known, what runs give, use, met or missed, source and note."""
        rows = []
        for one in self.held:
            band = one.band
            rows.append(
                {
                    "code": band.code,
                    "measure": band.measure,
                    "what": one.what,
                    "unit": one.unit,
                    "case": band.case,
                    "use": band.use,
                    "value": band.value if math.isfinite(band.value) else math.nan,
                    "low": band.low,
                    "high": band.high,
                    "ensemble_low": one.low,
                    "ensemble_median": one.median,
                    "ensemble_high": one.high,
                    "width": one.width,
                    "runs": one.runs,
                    "met": one.is_met,
                    "source": band.source,
                    "note": band.note,
                }
            )
        return pd.DataFrame(rows)


def declared_apart(ensemble: Ensemble) -> list[Apart]:
    """Parameters whose declared values lie outside 90 percent of the draws of the ensemble's posterior."""
    if ensemble.posterior is None:
        return []
    declared, found = declared_parameters(ensemble.country), []
    for path, values in all_drawn(ensemble.posterior, ensemble.country).items():
        low, _, high = map(float, np.percentile(values, BAND))
        if not low <= declared[path].value <= high:
            found.append(Apart(path, declared[path].value, low, high, declared[path].unit))
    return found


def validate(
    plan: Scenario,
    runs: int | None = None,
    *,
    uncertainty: Asked = None,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Validation:
    """Hold what is known of a scenario's country against runs of it, and of the cases that other facts belong to.

    Args:
        plan: stands for the case of its name's facts; its settings hold for that case alone.
        runs: of each case; unless told as many as ``simulate`` does.
        uncertainty: as in ``simulate``.
        workers: processes; results do not depend on it.
        progress: called with (runs done, runs in all).

    Raises:
        InputError: nothing is known of the country or measured in the scenario, or too few runs for an interval.
    """
    bands = all_bands(plan.country)
    if not bands:
        fault = f"no facts of {plan.country!r} are known (data/{plan.country}/facts.csv)"
        raise InputError("unusable", fault, "validate")
    if plan.name not in {band.case for band in bands}:
        known = ", ".join(dict.fromkeys(band.case for band in bands))
        hint = f"take {known}, changed with --set if need be"
        raise InputError("unusable", "no fact is measured in it", "validate", plan.name, suggestion=hint)
    ensemble = ensemble_of(uncertainty, plan)
    runs = runs or RUNS[str(ensemble.kind)]
    need = LEAST * (1 if ensemble.kind is Uncertainty.ALEATORY else RUNS_OF_DRAW)
    if runs < need:
        fault = f"an interval needs {need} runs or more, of which {LEAST} are independent"
        raise InputError("range", fault, "seeds", runs)
    seen = [band for band in bands if MEASURES[band.measure].series]
    cases = _cases(plan, seen)
    results, held = [], {}
    for number, (case, months) in enumerate(cases.items()):
        of_case = _with_months(plan if case == plan.name else Scenario.load(case), months)

        def said(done: int, _: int, before: int = number) -> None:
            if progress:
                progress(before * runs + done, len(cases) * runs)

        (found,) = simulate_all([of_case], runs, uncertainty=ensemble.kind, workers=workers, progress=said)
        results.append(found)
        for band in seen:
            if band.case == case:
                held[band] = _held(band, found)
    unmeasured = [band for band in bands if not MEASURES[band.measure].series]
    return Validation([held[band] for band in seen], ensemble, results, unmeasured)


def _cases(plan: Scenario, bands: Sequence[Band]) -> dict[str, int]:
    """Scenarios that facts are measured in, with the months that these need; the plan's own first."""
    months: dict[str, int] = {}
    for band in sorted(bands, key=lambda band: band.case != plan.name):
        months[band.case] = max(months.get(band.case, 1), MEASURES[band.measure].months)
    return months


def _with_months(plan: Scenario, months: int) -> Scenario:
    return plan.model_copy(update={"months": months})


def _held(band: Band, results: Results) -> Held:
    values = [measured(band.measure, SimpleNamespace(history=run.history)) for run in results.runs]
    known = np.array([value for value in values if not math.isnan(value)])
    if not known.size:
        return Held(band, math.nan, math.nan, math.nan, 0)
    return Held(band, *map(float, np.percentile(known, BAND)), int(known.size))
