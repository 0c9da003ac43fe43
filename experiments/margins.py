"""Margins: how precisely a user wants to know outcomes, and simulating until that is so.

A margin is written ``NAME=HALFWIDTH``, where NAME is an outcome (``experiments.outcomes``), with ``:p90`` behind it
for a quantile over seeds instead of the mean, and HALFWIDTH is in the outcome's unit; ``2pt`` is 0.02 of a share.
"""

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from injae.experiments.indicators import Outcome, check_possible, outcome_of
from injae.experiments.precision import LEAST_SEEDS, MAX_SEEDS, START, Found, Quantity, Wanted, decide
from injae.experiments.results import Results
from injae.model.errors import InputError
from injae.model.numbers import number_of
from injae.model.scenario import Scenario

Asked = Mapping[str, float | str]  # NAME or NAME:p90, and the half-width
Watch = Callable[[Any], None]  # told what has ``seeds``, ``add`` and ``seeds_expected``
_QUANTILE = re.compile(r"p([0-9]{1,2})")


@dataclass(frozen=True)
class StoppingRule:
    """Sequential stopping: seeds are added until intervals are as narrow as wanted. Stands where seeds are asked for.

    Args:
        margin: half-widths of 95 percent intervals that are wanted, by outcome, such as
            ``{"specialists_at_end": 20, "adoption_share_at_end": "2pt"}``.
        start: how many seeds to begin with, or which.
        max_seeds: never more than so many.
        watch: told after each batch what was decided.

    Raises:
        InputError: so few seeds that no margin is reached.
    """

    margin: Asked
    start: int | Sequence[int] = START
    max_seeds: int = MAX_SEEDS
    watch: Watch | None = None

    def __post_init__(self) -> None:
        if self.max_seeds < LEAST_SEEDS:
            fault = f"no margin is reached with fewer than {LEAST_SEEDS} seeds"
            raise InputError("unusable", fault, "max_seeds", self.max_seeds)


Seeds = int | Sequence[int] | StoppingRule | None  # how many from 0 on, which, or until when; None: the usual number


class Margin(NamedTuple):
    """An outcome and the half-width that is wanted for its mean, or for a quantile over seeds."""

    outcome: Outcome
    wanted: Wanted


def split_margins(texts: Iterable[str]) -> dict[str, str]:
    """``NAME=HALFWIDTH`` of the command line as a mapping.

    Raises:
        InputError: no ``=``, or an outcome named twice.
    """
    asked: dict[str, str] = {}
    for text in texts:
        name, equals, half_width = (part.strip() for part in text.partition("="))
        if not equals or not name:
            raise InputError("form", "write NAME=HALFWIDTH, such as adoption_share_at_end=2pt", "margin", text)
        if name in asked:
            raise InputError("repeated", f"{name} has a margin already, {asked[name]}", "margin", text)
        asked[name] = half_width
    return asked


def margins_of(asked: Asked, plan: Scenario) -> list[Margin]:
    """Margins as the model understands them.

    Raises:
        InputError: no such outcome or quantile, or a half-width that is none.
    """
    margins = []
    for text, half_width in asked.items():
        name, colon, rank = text.partition(":")
        match = _QUANTILE.fullmatch(rank)
        if colon and (not match or int(match[1]) == 0):
            raise InputError("form", "write :p90 behind the outcome for its 90th percentile over seeds", "margin", text)
        outcome = outcome_of(name, plan)
        quantile = int(match[1]) / 100 if match else None
        margins.append(Margin(outcome, Wanted(_half_width(text, half_width, outcome.unit), quantile)))
    return margins


def _half_width(name: str, given: float | str, unit: str) -> float:
    path, place, shares = "margin", f"{name}={given}", unit.startswith("share")
    text = str(given).strip()
    in_points = text.endswith("pt")
    if in_points and not shares:
        raise InputError("form", "pt is for shares", path, place, suggestion=f"this is in {unit}")
    needed = f"needs a number above 0 in its unit, {unit}{', or points such as 2pt' if shares else ''}"
    value = number_of(text.removesuffix("pt"), path, needed, place) / (100 if in_points else 1)
    if value <= 0:
        raise InputError("range", needed, path, place)
    check_possible(value, name.partition(":")[0], unit, path, place)
    return value


@dataclass
class UntilPrecise:
    """Goes on with further seeds until the margins are reached (``more`` of ``experiments.runs.simulate_all``).

    Attributes:
        margins: what is wanted of each contrast.
        contrasts: what the outcomes belong to, in words, such as ``double-grant less korea``.
        measure: the outcomes of all contrasts from the runs so far, shape ``(seeds, contrasts * margins)``, nan where
            a run failed or gives none; asked with the runs, the outcomes and the seeds.
        rule: how many seeds at most, and whom to tell.
        found: what is known so far; None before the first batch.
    """

    margins: list[Margin]
    contrasts: list[str]
    measure: Callable[[list[Results], list[Outcome], list[int]], Any]
    rule: StoppingRule
    found: Found | None = None

    def __call__(self, results: list[Results], seeds: list[int]) -> list[int]:
        """Seeds to add to those that were simulated; none when there are enough."""
        values = self.measure(results, [margin.outcome for margin in self.margins], seeds)
        decision = decide(values, [m.wanted for _ in self.contrasts for m in self.margins], self.rule.max_seeds)
        quantities = [
            Quantity(m.outcome.name, of, m.outcome.unit, m.wanted.quantile)
            for of in self.contrasts
            for m in self.margins
        ]
        self.found = Found(len(seeds), list(zip(quantities, decision.precisions, strict=True)))
        if self.rule.watch:
            self.rule.watch(decision)
        return list(range(max(seeds) + 1, max(seeds) + 1 + decision.add))


def until_levels(plan: Scenario, rule: StoppingRule) -> UntilPrecise:
    """Margins for the outcomes of the first scenario that is simulated."""
    return UntilPrecise(
        margins_of(rule.margin, plan),
        [plan.name],
        lambda results, outcomes, seeds: values_of(results[0], outcomes, seeds),
        rule,
    )


def values_of(results: Results, outcomes: Sequence[Outcome], seeds: Sequence[int]) -> Any:
    """Outcomes of each seed in the order given, shape ``(seeds, outcomes)``; nan for runs that failed."""
    known = {run.seed: [o.of_run(run.history, results.plan) for o in outcomes] for run in results.runs}
    return np.array([known.get(seed, [math.nan] * len(outcomes)) for seed in seeds])
