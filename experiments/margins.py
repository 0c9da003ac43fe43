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

from experiments.indicators import Outcome, check_possible, outcome_of
from experiments.precision import LEAST_SEEDS, MAX_SEEDS, Decision, Found, Quantity, Wanted, decide
from experiments.results import Results
from model.errors import InputError
from model.numbers import number_of
from model.scenario import Scenario

Asked = Mapping[str, float | str]  # NAME or NAME:p90, and the half-width
Watch = Callable[[Decision], None]
_QUANTILE = re.compile(r"p([0-9]{1,2})")


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
            raise InputError(f"--margin {text}: write NAME=HALFWIDTH, such as adoption_share_at_end=2pt")
        if name in asked:
            raise InputError(f"--margin {text}: {name} has a margin already, {asked[name]}")
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
            raise InputError(f"margin {text}: write :p90 behind the outcome for its 90th percentile over seeds")
        outcome = outcome_of(name, plan)
        quantile = int(match[1]) / 100 if match else None
        margins.append(Margin(outcome, Wanted(_half_width(text, half_width, outcome.unit), quantile)))
    return margins


def _half_width(name: str, given: float | str, unit: str) -> float:
    place, shares = f"margin {name} = {given}", unit.startswith("share")
    text = str(given).strip()
    in_points = text.endswith("pt")
    if in_points and not shares:
        raise InputError(f"{place}: pt is for shares; this is in {unit}")
    needed = f"needs a number above 0 in its unit, {unit}{', or points such as 2pt' if shares else ''}"
    value = number_of(text.removesuffix("pt"), place, f"; {needed}") / (100 if in_points else 1)
    if value <= 0:
        raise InputError(f"{place}: {needed}")
    check_possible(value, name.partition(":")[0], unit, place)
    return value


@dataclass
class UntilPrecise:
    """Goes on with further seeds until the margins are reached (``more`` of ``experiments.runs.simulate_all``).

    Attributes:
        margins: what is wanted of each contrast.
        contrasts: what the outcomes belong to, in words, such as ``double-grant less korea``.
        measure: the outcomes of all contrasts from the runs so far, shape ``(seeds, contrasts * margins)``, nan where
            a run failed or gives none; asked with the runs, the outcomes and the seeds.
        max_seeds: never more than so many.
        watch: told after each batch what was decided.
        found: what is known so far; None before the first batch.
    """

    margins: list[Margin]
    contrasts: list[str]
    measure: Callable[[list[Results], list[Outcome], list[int]], Any]
    max_seeds: int = MAX_SEEDS
    watch: Watch | None = None
    found: Found | None = None

    def __post_init__(self) -> None:
        if self.max_seeds < LEAST_SEEDS:
            raise InputError(f"max-seeds = {self.max_seeds}: no margin is reached with fewer than {LEAST_SEEDS} seeds")

    def __call__(self, results: list[Results], seeds: list[int]) -> list[int]:
        """Seeds to add to those that were simulated; none when there are enough."""
        values = self.measure(results, [margin.outcome for margin in self.margins], seeds)
        decision = decide(values, [m.wanted for _ in self.contrasts for m in self.margins], self.max_seeds)
        quantities = [
            Quantity(m.outcome.name, of, m.outcome.unit, m.wanted.quantile)
            for of in self.contrasts
            for m in self.margins
        ]
        self.found = Found(len(seeds), list(zip(quantities, decision.precisions, strict=True)))
        if self.watch:
            self.watch(decision)
        return list(range(max(seeds) + 1, max(seeds) + 1 + decision.add))


def until_levels(plan: Scenario, asked: Asked, max_seeds: int = MAX_SEEDS, watch: Watch | None = None) -> UntilPrecise:
    """Margins for the outcomes of the first scenario that is simulated."""
    return UntilPrecise(
        margins_of(asked, plan),
        [plan.name],
        lambda results, outcomes, seeds: values_of(results[0], outcomes, seeds),
        max_seeds,
        watch,
    )


def values_of(results: Results, outcomes: Sequence[Outcome], seeds: Sequence[int]) -> Any:
    """Outcomes of each seed in the order given, shape ``(seeds, outcomes)``; nan for runs that failed."""
    known = {run.seed: [o.of_run(run.history, results.plan) for o in outcomes] for run in results.runs}
    return np.array([known.get(seed, [math.nan] * len(outcomes)) for seed in seeds])
