"""From runs to a verdict: how each kind of invariant and relation is judged."""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from injae.experiments.checks.changes import funded_universities, grant_by_schedule
from injae.experiments.checks.trials import Evidence, digest, left_by_the_grant, lives, midway, newly_abroad
from injae.experiments.checks.verdicts import (
    Gap,
    Status,
    Verdict,
    does_not_apply,
    exactly,
    in_every_seed,
    on_average,
    same_distribution,
    together,
    weakest,
    within,
)
from injae.experiments.facts import bands
from injae.experiments.measures import MEASURES, mean_of_known, measure
from injae.experiments.wording.amounts import counted, exact_money
from injae.model.ledger import Purpose

YEAR_5 = 60  # months
CLOSE = 0.01  # how far totals may move on average where they should not move at all
FULL = 0.98  # adoption that leaves no room for more
SCALE_BAND = 0.05  # how far they may move, per head, if everything is doubled

Judge = Callable[[Evidence], Verdict]


def seeds_of(evidence: Evidence) -> str:
    """``20 seeds``."""
    return counted(len(evidence.seeds), "seed")


def invariant_of(name: str) -> Judge:
    """What the oracle found about one invariant in the scenario itself, every month."""

    def judge(evidence: Evidence) -> Verdict:
        faults = [
            f"seed {run.seed}, {fault}"
            for run in evidence.runs["scenario"]
            for fault in getattr(run.faults_found, name)
        ]
        return exactly(faults, f"{counted(evidence.plan.months, 'month')} of {seeds_of(evidence)}")

    return judge


def builds_nothing(evidence: Evidence) -> Verdict:
    """T3."""
    faults = []
    for run in evidence.runs["no grant"]:
        spent = sum(run.books[[Purpose.GRANT, Purpose.COURSES, Purpose.INFRASTRUCTURE, Purpose.GRANTED_TEACHERS]])
        counts = {
            "won of grant on record": run.history["grant_won"].sum(),
            "won of grant spent": spent,
            "graduates of the programme": run.history["programme_graduates_cumulative"][-1],
            "seats of the programme": run.history["programme_seats"].max(),
            **run.seen[left_by_the_grant.__name__],
        }
        faults += [f"seed {run.seed}: {count:,.10g} {what}" for what, count in counts.items() if count]
    return exactly(faults, seeds_of(evidence))


def pays_the_schedule(evidence: Evidence) -> Verdict:
    """T4."""
    due = grant_by_schedule(evidence.plan)
    faults = []
    for run in evidence.runs["scenario"]:
        for where, won in (("record", run.history["grant_won"].sum()), ("books", run.books[Purpose.GRANT])):
            if won != due:
                faults.append(f"seed {run.seed}: {exact_money(won)} in the {where}, {exact_money(due)} by the schedule")
    universities = funded_universities(evidence.plan).max()
    verdict = exactly(
        faults,
        f"{seeds_of(evidence)}: {exact_money(due)} to {counted(int(universities), 'university', 'universities')}",
    )
    return verdict._replace(numbers=verdict.numbers | {"grant_due_won": float(due)})


def keeps_people_in(evidence: Evidence) -> Verdict:
    """T5."""
    faults = []
    for run in evidence.runs["closed"]:
        history, seed = run.history, f"seed {run.seed}:"
        home = history["abroad"][0] - history["abroad"][-1]
        counts = {
            "emigrants": history["emigrated"].sum(),
            "immigrants": history["immigrated"].sum(),
            "people newly abroad": run.seen[newly_abroad.__name__],
            "months with more people abroad than before": (np.diff(history["abroad"]) > 0).sum(),
            "returned beyond those who were abroad": max(0, history["returned"].sum() - home),
        }
        faults += [f"{seed} {count:,} {what}" for what, count in counts.items() if count]
    returned = evidence.total("closed", "returned").mean()
    return exactly(faults, f"{seeds_of(evidence)}; {returned:,.0f} of those abroad at the start came home")


def is_zero(variant: str, *names: str) -> Judge:
    """All of the series are zero in every month of the variant."""

    def judge(evidence: Evidence) -> Verdict:
        faults = [
            f"seed {seed}: {name} sums to {total:,.10g}"
            for name in names
            for seed, total in zip(evidence.seeds, np.abs(evidence.series(variant, name)).sum(axis=1), strict=True)
            if total
        ]
        return exactly(faults, f"{', '.join(names)} of {seeds_of(evidence)}")

    return judge


def first_difference(one: Any, other: Any) -> str:
    """Series and month in which two histories first differ; empty if they do not."""
    differ = [
        (int(np.argmax(unlike)), name)
        for name in one.dtype.names
        if (unlike := ~((one[name] == other[name]) | ((one[name] != one[name]) & (other[name] != other[name])))).any()
    ]
    return "{1} in month {0}".format(*min(differ)) if differ else ""


def are_the_same(*pairs: tuple[str, str]) -> Judge:
    """The two variants of each pair have the same history, bit for bit."""

    def judge(evidence: Evidence) -> Verdict:
        faults = [
            f"seed {seed}, {a} against {b}: {where}"
            for a, b in pairs
            for seed, one, other in zip(evidence.seeds, evidence.runs[a], evidence.runs[b], strict=True)
            if (where := first_difference(one.history, other.history))
        ]
        compared = " and ".join(f"{a} against {b}" for a, b in pairs)
        return exactly(faults, f"{counted(evidence.plan.months, 'month')} of {seeds_of(evidence)}, {compared}")

    return judge


def repeats(evidence: Evidence) -> Verdict:
    """T8."""
    first = evidence.seen("scenario", digest)
    faults = [
        f"seed {seed}: another result {where}"
        for variant, where in (("backwards", "in another order"), ("fresh", "in a fresh process"))
        for seed, one, again in zip(evidence.seeds, first, evidence.seen(variant, digest), strict=True)
        if one != again
    ]
    if len(set(first)) < len(first):
        faults.append("two seeds gave one and the same result")
    return exactly(faults, f"{seeds_of(evidence)}, done in three ways")


def leaves_the_past_alone(evidence: Evidence) -> Verdict:
    """The second half of T19."""
    month = midway(evidence.plan)
    faults = []
    pairs = zip(evidence.seeds, evidence.runs["scenario"], evidence.runs["shocked midway"], strict=True)
    for seed, plain, shocked in pairs:
        if where := first_difference(plain.history[:month], shocked.history[:month]):
            faults.append(f"seed {seed}: the shock of month {month} changed {where}")
        if not first_difference(plain.history[month:], shocked.history[month:]):
            faults.append(f"seed {seed}: the shock of month {month} changed nothing at all")
    return exactly(faults, f"the {counted(month - 1, 'month')} before a shock, {seeds_of(evidence)}")


class Expected(NamedTuple):
    """One value that should move: what it is, its unit, how runs give it (one a seed), and which way (+1, -1)."""

    what: str
    unit: str
    value: Callable[[Evidence, str], Any]
    sign: int


def sum_of(name: str, sign: int, what: str, unit: str = "persons") -> Expected:
    """A flow over the whole run."""
    return Expected(what, unit, lambda evidence, variant: evidence.total(variant, name), sign)


def mean_of(name: str, sign: int, what: str, unit: str = "persons") -> Expected:
    """A stock or level on average over the run."""
    return Expected(what, unit, lambda evidence, variant: evidence.mean(variant, name), sign)


def last_of(name: str, sign: int, what: str, unit: str = "persons") -> Expected:
    """A stock or level at the end."""
    return Expected(what, unit, lambda evidence, variant: evidence.at(variant, name), sign)


def _gaps(evidence: Evidence, variant: str, expected: tuple[Expected, ...]) -> list[tuple[Gap, int]]:
    return [
        (Gap(what, unit, np.asarray(value(evidence, variant) - value(evidence, "scenario"), float)), sign)
        for what, unit, value, sign in expected
    ]


def moves_in_every_seed(variant: str, *expected: Expected, or_equal: bool = False) -> Judge:
    """Everything expected moves its way from the scenario to the variant, in every seed."""
    return lambda evidence: together(
        [in_every_seed(gap, sign, or_equal=or_equal) for gap, sign in _gaps(evidence, variant, expected)]
    )


def adoption_moves(variant: str, sign: int) -> Judge:
    """Use of AI by hospitals after five years moves one way in every seed, if there is room to move."""
    adoption = Expected("adoption", "points", lambda e, name: 100 * e.at(name, "adoption_share", YEAR_5), sign)

    def judge(evidence: Evidence) -> Verdict:
        least = min(evidence.at(name, "adoption_share", YEAR_5).mean() for name in ("scenario", variant))
        if least > FULL:
            return does_not_apply(f"{least:.1%} of hospitals use AI after five years either way")
        return moves_in_every_seed(variant, adoption)(evidence)

    return judge


def moves_on_average(variant: str, *expected: Expected) -> Judge:
    """Everything expected moves its way from the scenario to the variant, on average over seeds."""
    return lambda evidence: together([on_average(gap, sign) for gap, sign in _gaps(evidence, variant, expected)])


def if_demand_binds(variant: str, judge: Judge) -> Judge:
    """Judge only if the variant trains more people than there are open posts in the scenario to take them."""

    def judge_if(evidence: Evidence) -> Verdict:
        more = (evidence.total(variant, "graduated") - evidence.total("scenario", "graduated")).mean()
        posts = sum(evidence.mean("scenario", f"vacancies_{where}").mean() for where in ("hospitals", "firms"))
        if more <= posts:
            return does_not_apply(f"{more:,.0f} more graduates do not exceed {posts:,.0f} open posts")
        return judge(evidence)

    return judge_if


def returns_do_not_rise(evidence: Evidence) -> Verdict:
    """T11."""
    none, once, twice = (evidence.total(variant, "graduated") for variant in ("no grant", "scenario", "twice"))
    first, second = once - none, twice - once
    verdict = on_average(Gap("first less second", "graduates", first - second), +1)
    said = f"the first grant adds {first.mean():,.0f} graduates, the second {second.mean():,.0f}; {verdict.figures}"
    return verdict._replace(figures=said)


TOTALS = {  # what must not depend on how institutions are named, in which order they stand, or how many there are
    "graduates": ("graduated", Evidence.total),
    "specialists": ("specialists", Evidence.at),
    "in hospitals": ("employed_hospitals", Evidence.at),
    "adoption": ("adoption_share", Evidence.at),
    "emigrants": ("emigrated", Evidence.total),
    "hires": ("hires", Evidence.total),
    "firms": ("firms", Evidence.at),
    "median pay": ("median_pay_won_per_year", Evidence.at),
    "vacancy rate": ("vacancy_rate", Evidence.mean),
}
RATES = {"adoption", "median pay", "vacancy rate"}


def stays_close(variant: str, margin: float, size: float = 1) -> Judge:
    """Totals differ by a share ``margin`` at most, on average; those that count heads are ``size`` times as large."""

    def judge(evidence: Evidence) -> Verdict:
        verdicts, identical = [], np.ones(len(evidence.seeds), bool)
        for what, (name, value) in TOTALS.items():
            before = value(evidence, "scenario", name) * (1 if what in RATES else size)
            after = value(evidence, variant, name)
            identical &= after == before
            if (before > 0).all():
                verdicts.append(within(Gap(what, "percent", 100 * (after / before - 1)), 100 * margin))
        verdict = weakest(verdicts, "totals")
        if size == 1:
            verdict = verdict._replace(
                figures=f"{verdict.figures}; {counted(int(identical.sum()), 'seed')} identical in all totals"
            )
        return verdict

    return judge


def names_do_not_matter(evidence: Evidence) -> Verdict:
    """T17b: other names are other random numbers, so the totals have the same distribution over seeds."""
    return weakest(
        [
            same_distribution(
                what, value(evidence, "scenario", name), value(evidence, "renamed", name), claims=len(TOTALS)
            )
            for what, (name, value) in TOTALS.items()
        ],
        "totals",
    )


def facts_lie_in_their_bands(evidence: Evidence) -> Verdict:
    """T21: a miss is a matter of numbers, not of logic, and so breaks no invariant."""
    stylised = bands(evidence.plan.country)
    runs = evidence.seen("ten years", measure)
    values = {band: mean_of_known([run[band.measure] for run in runs]) for band in stylised}
    missed = [
        f"{band.code} {MEASURES[band.measure].what} {value:.4g}, band {band.in_words()}"
        for band, value in values.items()
        if not band.holds(value)
    ]
    figures = f"{len(stylised) - len(missed)} of {counted(len(stylised), 'fact')} inside, {seeds_of(evidence)}"
    if missed:
        figures += "; outside: " + "; ".join(missed)
    numbers = {band.measure: value for band, value in values.items()} | {"facts_outside": float(len(missed))}
    return Verdict(Status.OUTSIDE if missed else Status.HOLDS, figures, numbers)


def pasts_are_the_same(evidence: Evidence) -> Verdict:
    """T22."""
    month, faults, people, untouched = midway(evidence.plan), [], 0, 0
    pairs = zip(evidence.seeds, evidence.seen("scenario", lives), evidence.seen("shocked midway", lives), strict=True)
    for seed, plain, shocked in pairs:
        past = [
            dict(zip(run["key"][early], run["past"][early], strict=True))
            for run, early in _arrived(month, plain, shocked)
        ]
        differ = sum(past[0].get(key) != past[1].get(key) for key in past[0].keys() | past[1].keys())
        if differ:
            faults.append(f"seed {seed}: {differ:,} people have another past before month {month}")
        people += len(past[0])
        life = [dict(zip(run["key"], run["life"], strict=True)) for run in (plain, shocked)]
        untouched += sum(life[0][key] == life[1].get(key) for key in past[0] if key in life[0])
    who = f"{counted(people, 'person', 'people')} in {seeds_of(evidence)}"
    verdict = exactly(faults, f"the {counted(month - 1, 'month')} before a shock, {who}")
    share = untouched / max(people, 1)
    figures = f"{verdict.figures}; {share:.0%} of them live the same life to the end"
    return Verdict(verdict.status, figures, verdict.numbers | {"same_life_share": share})


def _arrived(month: int, *runs: dict[str, Any]) -> list[tuple[dict[str, Any], Any]]:
    return [(run, run["came"] < month) for run in runs]
