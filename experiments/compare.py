"""Two scenarios or more in the same futures: what differs, how surely, at what cost, and what binds."""

import dataclasses
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from injae.experiments.indicators import INDICATORS, Outcome
from injae.experiments.margins import Seeds, StoppingRule, UntilPrecise, margins_of, values_of
from injae.experiments.pairs import Cost, cost_per_result, variance_ratio
from injae.experiments.plain import plain
from injae.experiments.practice import PracticeLedger, baseline_of, practice_ledger
from injae.experiments.precision import Found
from injae.experiments.results import Results, Run
from injae.experiments.runs import asked_seeds, simulate_all
from injae.experiments.showing import Shown
from injae.experiments.summary import Estimate, Interval, band, difference_band, draws_in, mean_interval_of, summarise
from injae.experiments.uncertainty import LEAST
from injae.experiments.uncertainty import Asked as UncertaintyAsked
from injae.model.country import read_country
from injae.model.errors import InputError
from injae.model.record import SERIES
from injae.model.scenario import Scenario, Target

BINDING = tuple(name for name, series in SERIES.items() if series.group == "what binds")


class Difference(NamedTuple):
    """One indicator of a scenario less that of the reference, over pairs of runs in the same future.

    ``mean_low`` and ``mean_high`` are the 95 percent t interval of the mean, ``low`` and ``high`` the 5th and 95th
    percentile over pairs, ``aleatory_low`` and ``aleatory_high`` the part of noise in that; ``variance_ratio`` says how
    many times fewer runs the pairing needs (see ``experiments.pairs.variance_ratio``). ``pairs`` counts those where
    both runs give the indicator, ``draws`` the different parameters among them (0 with noise alone); the means of the
    two scenarios are over the same pairs. All nan without a pair, intervals also from too few.
    """

    indicator: str
    unit: str
    reference: str
    scenario: str
    reference_mean: float
    scenario_mean: float
    mean: float
    mean_low: float
    mean_high: float
    low: float
    high: float
    share_positive: float
    variance_ratio: float
    pairs: int
    aleatory_low: float = np.nan
    aleatory_high: float = np.nan
    draws: int = 0

    @property
    def interval(self) -> Interval:
        """What is told: the range over futures, or with noise alone the interval of the mean."""
        ends = (self.low, self.high) if self.draws else (self.mean_low, self.mean_high)
        return Interval(self.mean, *ends)


class ResultCost(NamedTuple):
    """Extra public won at the end of the horizon per extra unit of a result.

    Intervals are the 5th and 95th percentile over futures, with noise alone 95 percent of the mean.
    """

    result: str
    unit: str
    reference: str
    scenario: str
    extra_won: Interval
    extra: Interval
    won_each: Cost
    pairs: int


class BindingShare(NamedTuple):
    """Mean share of institutions that a constraint holds back, over seeds and the months of a period."""

    scenario: str
    period: str
    series: str
    share: float


OfRun = Callable[[Any, int], float]  # history of a run, number of hospitals


def _at_end(name: str) -> OfRun:
    return lambda history, hospitals: float(history[name][-1])


RESULTS: dict[str, tuple[str, OfRun]] = {
    "programme_graduates": ("persons", _at_end("programme_graduates_cumulative")),
    "specialists": ("persons", _at_end("specialists")),
    "practitioners_in_hospitals": ("persons", _at_end("employed_hospitals")),
    "retained_3_years": ("persons", _at_end("retained_3_years_cumulative")),
    "retained_5_years": ("persons", _at_end("retained_5_years_cumulative")),
    "routine_domains": ("domains", _at_end("routine_domains")),
    "hospitals_using_ai": ("hospitals", lambda history, count: float(round(history["adoption_share"][-1] * count))),
}


@dataclass(repr=False)
class Comparison(Shown):
    """Scenarios in the same futures, the first being the reference.

    Attributes:
        results: their runs, of the seeds that finished in every scenario and baseline, in the same order.
        baselines: runs of each scenario's baseline on the same seeds; None without one.
        summary: every indicator of each scenario (see ``experiments.summary.summarise``), by label.
        differences: every indicator of each other scenario less that of the reference.
        costs: extra public money per extra result, for each other scenario.
        binding: what held institutions back, in both halves of the horizon.
        practice: the ledger from won to practice of each scenario that pays a grant, by label.
        failures: runs that failed; their seeds are left out everywhere.
        interrupted: whether the work was stopped early.
        precision: with margins, what was reached of them.
    """

    results: list[Results]
    baselines: list[Results | None]
    summary: dict[str, dict[str, Estimate]]
    differences: list[Difference]
    costs: list[ResultCost]
    binding: list[BindingShare]
    practice: dict[str, PracticeLedger]
    failures: list[Run] = field(default_factory=list)
    interrupted: bool = False
    precision: Found | None = None

    def _line(self) -> str:
        return f"Comparison of {' and '.join(self.labels)}: {len(self.seeds)} pairs of runs"

    def _table(self) -> pd.DataFrame:
        return self.table()[["indicator", "scenario", "mean", "low", "high", "unit"]]  # pyright: ignore

    @property
    def labels(self) -> list[str]:
        """Names of the scenarios, all different, in the order given."""
        return [result.plan.name for result in self.results]

    @property
    def seeds(self) -> list[int]:
        """Seeds of the pairs."""
        return self.results[0].seeds

    def uncertainty(self) -> dict[str, Any]:
        """What differs between the pairs and what that rests on, ready for JSON."""
        return self.results[0].uncertainty()

    def table(self) -> pd.DataFrame:
        """The differences, one row per indicator and pair of scenarios."""
        return pd.DataFrame(self.differences, columns=list(Difference._fields))

    def series(self) -> pd.DataFrame:
        """All series of all scenarios, one row per scenario, seed and month; units and meanings are in ``attrs``."""
        frames = [results.series() for results in self.results]
        for label, frame in zip(self.labels, frames, strict=True):
            frame.insert(0, "scenario", label)
        attrs = frames[0].attrs
        for frame in frames:
            frame.attrs = {}
        table = pd.concat(frames, ignore_index=True)
        table.attrs = attrs
        return table

    def futures(self) -> pd.DataFrame:
        """Number, seed, draw and parameters of each future; what a scenario sets itself is otherwise in its runs."""
        results = self.results[0]
        return dataclasses.replace(results, plan=results.plan.model_copy(update={"parameters": {}})).futures()

    def as_dict(self) -> dict[str, Any]:
        """Everything but the runs, ready for JSON: nan is null, infinity ``"inf"``."""
        return plain(
            {
                "scenarios": self.labels,
                "reference": self.labels[0],
                "seeds": self.seeds,
                "uncertainty": self.uncertainty(),
                "indicators": self.summary,
                "differences": self.differences,
                "cost_per_result": self.costs,
                "what_binds": self.binding,
                "practice_ledger": {label: ledger.as_dict() for label, ledger in self.practice.items()},
                "precision": self.precision and self.precision.as_dict(),
                "failed": [{"scenario": run.plan.name, "seed": run.seed} for run in self.failures],
            }
        )


def compare(
    plans: Sequence[Scenario | str | Path],
    seeds: Seeds = None,
    *,
    uncertainty: UncertaintyAsked = None,
    names: Sequence[str] | None = None,
    baseline: bool = True,
    workers: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> Comparison:
    """Simulate scenarios in the same futures and compare each with the first.

    Args:
        plans: two or more scenarios, or their names or files.
        seeds: how many pairs of runs (futures 0, 1, 2, ...), or which; unless told 100, with noise alone 20. A
            ``StoppingRule`` is about the mean paired difference of every other scenario to the first.
        uncertainty: what differs between pairs: ``aleatory``, ``posterior`` or ``ranges``; unless told as in
            ``experiments.runs.simulate``.
        names: what tells scenarios of one name apart, such as their files; default as given in ``plans``.
        baseline: simulate the baselines too, for what a policy alone does in the ledger from won to practice.
        workers: processes; None decides by the work there is. Results do not depend on it.
        progress: called with (runs done, runs in all).

    Raises:
        InputError: fewer than two scenarios, scenarios of another country, start or length, a stopping rule with
            another uncertainty than noise, or no posterior to draw from.
    """
    loaded = [plan if isinstance(plan, Scenario) else Scenario.load(plan) for plan in plans]
    check_comparable(loaded)
    given = [plan.name if isinstance(plan, Scenario) else str(plan) for plan in plans]
    labels = labels_of(loaded, names or given)
    baselines = [baseline_of(plan) if baseline else None for plan in loaded]
    named = [plan.model_copy(update={"name": label}) for plan, label in zip(loaded, labels, strict=True)]
    different: dict[str, Scenario] = {}  # equal scenarios are simulated once
    for plan in [*named, *(plan for plan in baselines if plan is not None)]:
        different.setdefault(_content(plan), plan)
    place = {content: n for n, content in enumerate(different)}

    def results_of(plan: Scenario, runs: list[Results]) -> Results:
        return dataclasses.replace(runs[place[_content(plan)]], plan=plan)

    begin, rule, ensemble = asked_seeds(seeds, uncertainty, loaded[0])
    until = _until_differences(named, results_of, rule) if rule else None
    runs = simulate_all(
        list(different.values()), begin, uncertainty=ensemble, workers=workers, progress=progress, more=until
    )
    comparison = compare_results(
        [results_of(plan, runs) for plan in named],
        [None if plan is None else results_of(plan, runs) for plan in baselines],
    )
    return dataclasses.replace(comparison, precision=until and until.found)


def _until_differences(
    plans: list[Scenario],
    results_of: Callable[[Scenario, list[Results]], Results],
    rule: StoppingRule,
) -> UntilPrecise:
    """Margins for the paired differences of every other scenario to the first, whose target is for all."""
    against = [plan.model_copy(update={"target": plans[0].target}) for plan in plans]

    def gaps(runs: list[Results], outcomes: list[Outcome], seeds: list[int]) -> Any:
        first, *others = (values_of(results_of(plan, runs), outcomes, seeds) for plan in against)
        return np.hstack([other - first for other in others])

    contrasts = [f"{plan.name} less {plans[0].name}" for plan in plans[1:]]
    return UntilPrecise(margins_of(rule.margin, plans[0]), contrasts, gaps, rule)


def check_comparable(plans: Sequence[Scenario]) -> None:
    """Refuse scenarios whose months cannot be laid side by side.

    Raises:
        InputError: fewer than two, or another country, start or length than the first.
    """
    if len(plans) < 2:
        raise InputError("form", "needs two scenarios or more, such as: injae compare korea double-grant", "compare")
    for plan in plans[1:]:
        for name in ("country", "start", "months"):
            mine, theirs = getattr(plan, name), getattr(plans[0], name)
            if mine != theirs:
                hint = "; --months N gives all the same length" if name == "months" else ""
                fault = f"{name} = {mine!r} in {plan.name}, but {theirs!r} in {plans[0].name}{hint}"
                raise InputError("unusable", fault, "compare")


def labels_of(plans: Sequence[Scenario], sources: Sequence[str]) -> list[str]:
    """A name for each scenario: its own, or else the file given, or else one with a number; all different."""
    for labels in ([plan.name for plan in plans], list(sources)):
        if len(set(labels)) == len(labels):
            return labels
    return [f"{source} ({number})" for number, source in enumerate(sources, 1)]


def _content(plan: Scenario) -> str:
    """What a run depends on, as text."""
    return json.dumps(plan.model_dump(exclude={"name", "title", "baseline", "target"}), sort_keys=True)


def compare_results(
    results: Sequence[Results], baselines: Sequence[Results | None] | None = None, least: int = LEAST
) -> Comparison:
    """Compare finished runs of scenarios with different names; the first is the reference, and its target is for all.

    Seeds that did not finish in every scenario and baseline are left out; without any the comparison is empty. From
    fewer independent pairs than ``least`` no interval is known.

    Raises:
        InputError: scenarios that cannot be compared.
    """
    check_comparable([result.plan for result in results])
    compared = [*results, *(result for result in baselines or [] if result is not None)]
    seeds = set.intersection(*(set(result.seeds) for result in compared))
    kept = [_only(result, seeds, results[0].plan.target) for result in results]
    bases = [result and _only(result, seeds, results[0].plan.target) for result in baselines or [None] * len(results)]
    pairs = [(kept[0], result) for result in kept[1:] if seeds]
    ledgers = {result.plan.name: practice_ledger(result, base, least) for result, base in zip(kept, bases, strict=True)}
    return Comparison(
        results=kept,
        baselines=bases,
        summary={result.plan.name: summarise(result, least) for result in kept if seeds},
        differences=[gap for pair in pairs for gap in differences(*pair, least)],
        costs=[cost for pair in pairs for cost in costs(*pair, least)],
        binding=[share for result in kept if seeds for share in what_binds(result)],
        practice={name: ledger for name, ledger in ledgers.items() if ledger is not None},
        failures=list({id(run): run for result in compared for run in result.failures}.values()),
        interrupted=any(result.interrupted for result in compared),
    )


def _only(result: Results, seeds: set[int], target: Target) -> Results:
    """The runs of some seeds, in order, held against a target."""
    runs = sorted((run for run in result.runs if run.seed in seeds), key=lambda run: run.seed)
    return dataclasses.replace(result, plan=result.plan.model_copy(update={"target": target}), runs=runs)


def differences(reference: Results, other: Results, least: int = LEAST) -> list[Difference]:
    """Every indicator of one scenario less that of the reference; both have the same futures in the same order.

    From fewer independent pairs than ``least`` no interval is known.
    """
    gaps, draws = [], reference.draws
    for indicator, one in INDICATORS.items():
        a, b = (np.array([one.of_run(run.history, side.plan) for run in side.runs]) for side in (reference, other))
        both = ~np.isnan(a) & ~np.isnan(b)
        names = (indicator, one.unit, reference.plan.name, other.plan.name)
        gaps.append(_difference(names, a[both], b[both], None if draws is None else draws[both], least))
    return gaps


def _difference(names: tuple[str, str, str, str], a: Any, b: Any, draws: Any, least: int) -> Difference:
    if not len(a):
        return Difference._make([*names, *[np.nan] * 9, 0, np.nan, np.nan, 0])
    gap = b - a
    over = band(gap, draws, least)
    means = [float(a.mean()), float(b.mean()), *mean_interval_of(gap, draws, least)]
    spread = [float(over.low), float(over.high), float((gap > 0).mean())]
    inner = [float(over.aleatory_low), float(over.aleatory_high), draws_in(draws)]
    return Difference._make([*names, *means, *spread, variance_ratio(a, b), len(gap), *inner])


def costs(reference: Results, other: Results, least: int = LEAST) -> list[ResultCost]:
    """Extra public money at the end per extra unit of each result; both have the same futures in the same order."""
    hospitals, draws = len(read_country(reference.plan.country).hospitals.names), reference.draws

    def extra(of_run: OfRun) -> Any:
        a, b = (np.array([of_run(run.history, hospitals) for run in result.runs]) for result in (reference, other))
        return b - a

    won = extra(_at_end("public_won_cumulative"))
    rows = []
    for result, (unit, of_run) in RESULTS.items():
        more = extra(of_run)
        names, each = (result, unit, reference.plan.name, other.plan.name), cost_per_result(won, more, draws, least)
        gaps = (Interval(*map(float, difference_band(gap, draws, least)[:3])) for gap in (won, more))
        rows.append(ResultCost(*names, *gaps, each, len(more)))
    return rows


def what_binds(results: Results) -> list[BindingShare]:
    """Mean share held back by each constraint in the first and the second half of the horizon."""
    plan, shares = results.plan, []
    middle = (plan.months + 1) // 2
    for first, last in ((1, middle), (middle + 1, plan.months)):
        if first > last:
            continue  # one month has one half
        period = f"{plan.date_of(first)} to {plan.date_of(last)}"
        for series in BINDING:
            share = float(results.values(series)[:, first : last + 1].mean())
            shares.append(BindingShare(plan.name, period, series, share))
    return shares
