"""What a search found, as a finding: tables of sets, outcomes, portfolios, money, generations and futures."""

from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from injae.experiments.envelope import outside
from injae.experiments.findings import Finding
from injae.experiments.indicators import outcome_of
from injae.experiments.searches.evaluations import PUBLIC
from injae.experiments.searches.evolution import dominated_by, violation
from injae.experiments.searches.fronts import Verdict, front_of, scaled, spread, staying, verdicts, volumes
from injae.experiments.searches.question import COST, FRESH_FIRST
from injae.experiments.searches.search import FUTURES_FIRST, FUTURES_SEED, Searched
from injae.experiments.summary import band, mean_interval
from injae.model.ledger import PAYMENTS
from injae.model.levers import LEVERS
from injae.model.scenario import Scenario

SHOWN = 10  # sets that are told in words
WORTH = 0.1  # part of the budget that a set must cost to count as a good buy


class Named(NamedTuple):
    """A set of the result: its name, its row in ``Searched.plans``, whether it is shown, and why."""

    name: str
    row: int
    shown: bool
    why: str


def search_finding(searched: Searched) -> Finding:
    """Everything that a search found, told and counted."""
    question, count = searched.question, len(searched.points)
    found = verdicts(searched.rows, question.settings.goals)  # presets among the portfolios: for the presets' own sake
    alone = verdicts(searched.rows[:count], question.settings.goals)
    named = _named(searched, alone)
    names = [one.name for one in sorted(named, key=lambda one: one.row)] + list(question.presets)
    facts = _facts(searched, alone)
    tables = {
        "sets": _sets(searched, named, names, [*alone, *found[count:]]),
        "outcomes": _outcomes(searched, names),
        "portfolios": _portfolios(searched, names),
        "money": _money(searched, names),
        "trace": _trace(searched),
    }
    if searched.futures is not None:
        tables["futures"] = _futures(searched, names)
        facts |= {"futures": int(searched.futures.usual.shape[0]), "futures_lost": searched.futures.lost}
    facts["outside_envelope"] = {
        name: lines for name, plan in shown_scenarios(searched).items() if (lines := outside(plan))
    }
    return Finding("search", _question(searched), tables, facts)


def shown_scenarios(searched: Searched) -> dict[str, Scenario]:
    """The scenario of each set that is shown, by name."""
    found = verdicts(searched.rows[: len(searched.points)], searched.question.settings.goals)
    return {one.name: searched.plans[one.row] for one in _named(searched, found) if one.shown}


def _question(searched: Searched) -> dict[str, Any]:
    ranges = [
        {**given, "low": one.low, "high": one.high, "won_at_high": one.won, "unit": one.declared.unit}
        for given, one in zip(searched.question.as_dict()["levers"], searched.encoding.ranges, strict=True)
    ]
    seeds = {"fresh_seeds_first": FRESH_FIRST, "futures_seeds_first": FUTURES_FIRST}
    return {**searched.question.as_dict(), "levers": ranges, **seeds, "futures_design_seed": FUTURES_SEED}


def _facts(searched: Searched, found: list[Verdict]) -> dict[str, Any]:
    """Counts: what was promising in the search, and what fresh seeds left of it."""
    goals, limits = searched.memory.means(searched.points) if searched.points else (np.empty((0, 1)), np.empty((0, 1)))
    inside = np.flatnonzero(violation(limits) <= 0) if len(limits) else np.array([], int)
    promising = {int(n) for n in inside[front_of(goals[inside])]}
    on_front = {n for n, verdict in enumerate(found) if verdict is Verdict.FRONT}
    ensemble, fresh = searched.question.ensemble, searched.question.fresh_seeds
    fell = {verdict: sum(found[n] is verdict for n in promising) for verdict in Verdict}
    return {
        "runs": searched.runs,
        "runs_failed": len(searched.failed),
        "first_failures": sorted({error.strip().splitlines()[-1] for error in searched.failed.values()})[:3],
        "points_tried": len(searched.memory.rows),
        "points_failed": sum(not searched.memory.works(point) for point in searched.memory.rows),
        "judged": len(searched.points),
        "promising": len(promising),
        "fell_dominated": fell[Verdict.DOMINATED],
        "fell_outside_limits": fell[Verdict.NEAR] + fell[Verdict.OUTSIDE],
        "fell_failed": fell[Verdict.FAILED],
        "rose": len(on_front - promising),
        "front": len(on_front),
        "uncertainty": ensemble.about(fresh, min(fresh, ensemble.draws)),
    }


def _named(searched: Searched, found: list[Verdict]) -> list[Named]:
    """Names for all portfolios: those shown, the rest of the front, then the others; each from cheap to dear."""
    cost = _extra(searched)[:, :, searched.columns.index(COST)].mean(axis=1)
    shown = _shown(searched, [n for n, verdict in enumerate(found) if verdict is Verdict.FRONT])
    order = sorted(
        range(len(found)), key=lambda n: (n not in shown, found[n] is not Verdict.FRONT, np.nan_to_num(cost[n]), n)
    )
    width = max(2, len(str(len(order))))
    return [Named(f"set-{place:0{width}d}", n, n in shown, shown.get(n, "-")) for place, n in enumerate(order, 1)]


def _shown(searched: Searched, front: list[int]) -> dict[int, str]:
    """At most ``SHOWN`` sets of the front that are of use, and why each is shown."""
    question, count = searched.question, len(searched.points)
    useful = [n for n, row in enumerate(front) if _surely_better(searched, row)]
    if not useful:
        return {}
    goals = searched.rows[front][:, :, : question.settings.goals].mean(axis=1)
    cost = _extra(searched)[front][:, :, searched.columns.index(COST)].mean(axis=1)
    chosen: dict[int, list[str]] = {}

    def choose(values: Any, why: str) -> None:
        """The useful set of the least value, if one has any; another of the front may have less."""
        place = useful[int(np.argmin(values[useful]))]
        if np.isfinite(values[place]):
            least = values[place] <= values.min()
            chosen.setdefault(place, []).append(why if least else f"{why} (of those shown)")

    for column, goal in enumerate(question.goals):
        if goal.outcome != COST:
            choose(goals[:, column], f"{'most' if goal.more else 'least'} {goal.outcome}")
    near = scaled(goals[useful])
    compromise = useful[int(np.argmin((near**2).sum(axis=1)))]
    chosen.setdefault(compromise, []).append("best compromise")
    plan = searched.rows[count, :, : question.settings.goals].mean(axis=0)
    as_good = (goals <= plan).all(axis=1) & (goals < plan).any(axis=1)
    choose(np.where(as_good, cost, np.inf), f"in nothing worse than {question.plan.name}, for the least money")
    first = next((n for n, goal in enumerate(question.goals) if goal.outcome != COST), 0)
    gain = np.full(len(front), np.inf)
    np.divide(goals[:, first], cost, out=gain, where=cost >= WORTH * searched.encoding.budget_won)
    choose(gain, f"most {question.goals[first].outcome} per won")
    for place in spread(near, [useful.index(n) for n in chosen], SHOWN - len(chosen)):
        chosen[useful[place]] = ["another kind of portfolio"]
    return {front[place]: "; ".join(why) for place, why in chosen.items()}


def _surely_better(searched: Searched, row: int) -> bool:
    """Whether a set is surely better than the baseline in a goal beside cost, going by the 95 percent interval."""
    goals = searched.rows[row, :, : searched.question.settings.goals]
    beside = [n for n, goal in enumerate(searched.question.goals) if goal.outcome != COST]
    return any(mean_interval(goals[:, n]).high < 0 for n in beside)


def _extra(searched: Searched) -> Any:
    """Figures less those of the baseline on the same seeds, shape ``(plans, fresh seeds, columns)``."""
    return searched.figures - searched.usual


def _sets(searched: Searched, named: list[Named], names: list[str], found: list[Verdict]) -> pd.DataFrame:
    """One row a set: what it is, what became of it, how surely."""
    goals, count = searched.question.settings.goals, len(searched.points)
    by_row = {one.row: one for one in named}
    means = searched.rows.mean(axis=1)
    on_front = [n for n in range(count) if found[n] is Verdict.FRONT]
    whole = [n for n in range(count) if found[n] is not Verdict.FAILED]
    stays = dict(zip(whole, staying(searched.rows[whole], goals), strict=True)) if whole else {}
    rows = []
    for n, name in enumerate(names):
        better = [on_front[m] for m in dominated_by(means[n, :goals], means[on_front, :goals])] if on_front else []
        rows.append(
            {
                "set": name,
                "kind": "portfolio" if n < count else "preset",
                "verdict": str(found[n]),
                "shown": "yes" if n < count and by_row[n].shown else "no",
                "why": by_row[n].why if n < count else "-",
                "stays_on_front_share": stays.get(n, np.nan),
                "seeds_in_search": len(searched.memory.rows[searched.points[n]]) if n < count else 0,
                "dominated_by": " ".join(sorted(names[m] for m in better)) or "-",
            }
        )
    return pd.DataFrame(rows).sort_values(["kind", "set"], ignore_index=True)


def _outcomes(searched: Searched, names: list[str]) -> pd.DataFrame:
    """One row a set and outcome: level, and difference to the baseline.

    ``low`` and ``high`` are the 95 percent interval of its mean, ``range_low`` and ``range_high`` the 5th and 95th
    percentile over futures.
    """
    question, count, extra = searched.question, len(searched.points), _extra(searched)
    units = {name: _unit(name, searched) for name in question.outcomes}
    column_of = {goal.outcome: n for n, goal in enumerate(question.goals)}
    rows = []
    for n, name in enumerate(names):
        promised = searched.memory.means([searched.points[n]])[0][0] if n < count else None
        for outcome in question.outcomes:
            at, goal = searched.columns.index(outcome), column_of.get(outcome)
            interval = mean_interval(extra[n, :, at])
            said = np.nan
            if promised is not None and goal is not None:
                said = promised[goal] * (-1 if question.goals[goal].more else 1)
            sense = "-" if goal is None else "more" if question.goals[goal].more else "less"
            level = {"level": searched.figures[n, :, at].mean(), "baseline": searched.usual[:, at].mean()}
            gaps = {"extra": interval.mean, "low": interval.low, "high": interval.high, "extra_in_search": said}
            over = band(extra[n, :, at])
            gaps |= {"range_low": float(over.low), "range_high": float(over.high)}
            rows.append({"set": name, "outcome": outcome, "unit": units[outcome], "wanted": sense, **level, **gaps})
    return pd.DataFrame(rows)


def _unit(name: str, searched: Searched) -> str:
    return outcome_of(name, searched.question.plan).unit


def _portfolios(searched: Searched, names: list[str]) -> pd.DataFrame:
    """One row a set, lever and period, where the value is not the baseline's."""
    encoding, rows = searched.encoding, []
    for name, point in zip(names, searched.points, strict=False):
        for lever, values in encoding.values(point):
            for span, value, usual in zip(encoding.spans, values, encoding.usual[lever], strict=True):
                if value != usual:
                    first, _, last = span.partition("..")
                    head = {"set": name, "lever": lever, "from": first, "to": last}
                    rows.append({**head, "value": value, "baseline": usual, "unit": LEVERS[lever].unit})
    return pd.DataFrame(rows, columns=["set", "lever", "from", "to", "value", "baseline", "unit"])


def _money(searched: Searched, names: list[str]) -> pd.DataFrame:
    """One row a set and purpose: public won beyond the baseline's, mean over fresh seeds."""
    paid = _extra(searched)[:, :, -len(PUBLIC) :].mean(axis=1)
    rows = [
        {"set": name, "purpose": PAYMENTS[purpose].meaning, "won": paid[n, column]}
        for n, name in enumerate(names)
        for column, purpose in enumerate(PUBLIC)
        if paid[n, column]
    ]
    return pd.DataFrame(rows, columns=["set", "purpose", "won"])


def _trace(searched: Searched) -> pd.DataFrame:
    """One row an optimiser and generation."""
    reference = _reference(searched)
    rows = []
    for optimiser, history in enumerate(searched.histories):
        for generation, volume in zip(history, volumes(history, reference), strict=True):
            inside = np.flatnonzero(generation.is_inside)
            counts = {"within_limits": len(inside), "front": len(front_of(generation.goals[inside]))}
            seen = {"seeds_mean": float(np.mean(generation.seeds)), "points_failed": generation.failed}
            head = {"optimiser": optimiser, "generation": generation.number, "volume": volume}
            rows.append({**head, **counts, **seen})
    return pd.DataFrame(rows)


def _reference(searched: Searched) -> Any:
    """Goals of the survivors of all last generations that keep the limits: they span the box of the volumes."""
    last = [history[-1] for history in searched.histories]
    inside = [generation.goals[generation.is_inside] for generation in last]
    goals = np.concatenate(inside)
    return goals[front_of(goals)]


def _futures(searched: Searched, names: list[str]) -> pd.DataFrame:
    """One row a set and outcome over futures: mean, 10th and 90th percentile, how often better than the scenario."""
    assert searched.futures is not None
    members, figures, usual, _ = searched.futures
    question, extra = searched.question, figures - usual
    scenario = extra[members.index(len(searched.points))]
    within = (extra[:, :, searched.columns.index(COST)] <= searched.encoding.budget_won).mean(axis=1)
    rows = []
    for place, member in enumerate(members):
        for goal in question.goals:
            at = searched.columns.index(goal.outcome)
            gaps = extra[place, :, at]
            low, mid, high = (np.percentile(gaps, q) for q in (10, 50, 90)) if len(gaps) else (np.nan,) * 3
            ahead = (gaps - scenario[:, at]) * (1 if goal.more else -1)
            share = np.nan if member == len(searched.points) or not len(gaps) else float((ahead > 0).mean())
            head = {"set": names[member], "outcome": goal.outcome, "unit": goal.unit}
            tails = {"p10": low, "median": mid, "p90": high}
            probabilities = {"better_than_scenario_share": share, "within_budget_share": float(within[place])}
            rows.append({**head, **tails, **probabilities})
    return pd.DataFrame(rows)
