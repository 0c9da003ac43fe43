"""Backcasting: which policy portfolios reach a wanted future, at what cost and chance, and what breaks them.

Three stages, each told as it happens. The surrogate (``surrogate``) names candidates, of each choice of levers the
cheapest; each is then made as weak as still reaches the outcome, by false position over real runs in the ``SEARCH``
futures, and then made surer in the ``FIRM`` ones. Once there are enough, each is scored in the ``FRESH`` futures that
the search never saw, and under shocks. Runs end at the date asked for. Nothing that is told comes from the surrogate.
"""

import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from experiments.results import Job, Results
from experiments.schedules import DECLARED, shortened, value_of
from experiments.searches import surrogate
from experiments.searches.desired import Desired, Portfolio, Progress, Stress
from experiments.searches.surrogate import COST, ENOUGH, PATHS, RANGES, Simulate, fitting, predict, settings_of
from experiments.summary import Interval, band, chance_of, draws_of_pairs, mean_interval_of, pairs
from model.scenario import Scenario

SEARCH = range(8)  # numbers of futures
FIRM = range(40)
FRESH = range(1000, 1040)
SHOCKED = FRESH[:8]
SURE = 0.84  # standard deviations that the mean must lie beyond the wanted value: four runs of five then reach it
FIRMLY = 1.1  # the same in FIRM: a little more, so that four of five also reach it in futures never seen
FIRMER = 1.03  # how much stronger a portfolio is made at least where it is not firm
FIRMINGS = 5
CONTRIBUTION_LEAST = 0.1  # of a portfolio's gain, for a lever to stay in it
STEPS = 3  # of false position: the strength is then known to some hundredths
PORTFOLIOS = 3
TRIED_MAX = 10  # candidates refined before giving up
TRIED_FOR_OTHERS = 5  # candidates after which portfolios led by the same lever count as others, too
GUESSES, GUESS_SEED = 6000, 11
SLACK = 0.85  # of the wanted gain that a candidate must be guessed to bring
SHOCKS = {
    "shocks.foreign_pay": 0.5,
    "shocks.other_sector_pay": 0.3,
    "shocks.export_market": -0.9,
    "shocks.demand": 0.15,
    "shocks.privacy_scandal": 3.0,
}


def backcast(
    desired: Desired,
    simulate: Simulate,
    on_progress: Callable[[Progress], None] = lambda progress: None,
    cancelled: threading.Event | None = None,
) -> Progress:
    """Look for the cheapest policy portfolios that reach a wanted future.

    Args:
        desired: the future.
        simulate: does jobs in order; gives fewer runs than jobs once cancelled.
        on_progress: told as something is found, and last what is returned.
        cancelled: set to stop.

    Raises:
        Unusable: the future cannot be searched for; no run was made.
    """
    desired.check()
    search = _Search(desired, simulate, on_progress, cancelled or threading.Event())
    try:
        last = search.run()
    except _Stopped:
        last = Progress("stopped", search.found)
    on_progress(last)
    return last


class _Stopped(Exception):
    """Nobody wants it any more."""


class _Search:
    """One search: what it has found so far, and the runs it asks for."""

    def __init__(
        self, desired: Desired, simulate: Simulate, on_progress: Callable[[Progress], None], cancelled: threading.Event
    ) -> None:
        self.desired, self.simulate, self.on_progress, self.cancelled = desired, simulate, on_progress, cancelled
        self.plan = desired.plan
        self.found: tuple[Portfolio, ...] = ()
        self.most = -math.inf  # furthest mean outcome seen in real runs
        self.done = 0  # runs

    def run(self) -> Progress:
        if self._margin(self.plan) >= 0:
            return Progress("already")
        sample = surrogate.prepare(self.simulate, self.cancelled, self._preparing, ENOUGH)
        self._go_on()
        self._tell(())
        chosen: list[Portfolio] = []  # each led by another lever
        spare: list[Portfolio] = []
        leads: set[str] = set()
        for tried, shares in enumerate(self._candidates(sample)):
            enough = len(chosen) + (len(spare) if tried >= TRIED_FOR_OTHERS else 0)
            if enough >= PORTFOLIOS or tried == TRIED_MAX:
                break
            refined = self._refine(shares, [set(found.settings) for found in (*chosen, *spare)])
            if refined is None:
                continue
            found, lead = refined
            (spare if lead in leads else chosen).append(found)
            leads.add(lead)
            self._tell(_cheapest(chosen, spare))
        for place in range(len(self.found)):
            for one in self._check(self.found[place]):  # each number as soon as it is known
                self._tell((*self.found[:place], one, *self.found[place + 1 :]))
        if not self.found:
            return Progress("unlikely" if self.most >= self.desired.value else "none", most=self.most)
        return Progress("done", tuple(sorted(self.found, key=lambda s: s.extra_won.mean)), self.done, share=1.0)

    def _go_on(self) -> None:
        if self.cancelled.is_set():
            raise _Stopped

    def _preparing(self, done: int, wanted: int) -> None:
        self.on_progress(Progress("preparing", (), done, wanted, share=done / wanted))

    def _tell(self, found: tuple[Portfolio, ...]) -> None:
        self.found = found
        steps = sum(1 + one.checked for one in found)
        self.on_progress(Progress("searching", found, self.done, share=steps / (2 * PORTFOLIOS)))

    def _runs(self, plan: Scenario, numbers: range) -> Results:
        """Runs of a scenario up to the date asked for, in some futures."""
        short, layers = shortened(plan, self.desired.month), self.desired.layers
        futures = layers.futures(plan, len(numbers), numbers[0])
        runs = self.simulate([Job(future.plan(short), future.seed) for future in futures], True)
        if len(runs) < len(futures):
            raise _Stopped
        self.done += len(futures)
        return Results.of(short, futures, runs, layers.ensemble(plan))

    def _outcomes(self, results: Results) -> Any:
        return np.array([float(run.history[self.desired.series][self.desired.month]) for run in results.runs])

    def _mean(self, plan: Scenario) -> float:
        """Mean outcome in the search futures; nan where none finished."""
        outcomes = self._outcomes(self._runs(plan, SEARCH))
        return float(outcomes.mean()) if len(outcomes) else math.nan

    def _margin(self, plan: Scenario, numbers: range = SEARCH, sure: float = SURE) -> float:
        """How far beyond the value about four runs of five are; minus infinity where unknown."""
        outcomes = self._outcomes(self._runs(plan, numbers))
        if len(outcomes) < 2:
            return -math.inf
        self.most = max(self.most, float(outcomes.mean()))
        return float(outcomes.mean() - sure * outcomes.std(ddof=1)) - self.desired.value

    def _candidates(self, sample: surrogate.Sample) -> Iterator[Any]:
        """Shares of portfolios guessed to reach the value, of each choice of levers the cheapest; then all at once.

        The cheapest first, but a second one led by the same lever counts as twice as dear, a third as three times.
        """
        series, month = self.desired.series, self.desired.month
        gain_wanted = SLACK * (self.desired.value - self._mean(self.plan))
        rng = np.random.default_rng(GUESS_SEED)
        rows = 0.1 + 0.9 * rng.random((GUESSES, len(PATHS)))
        for row in rows:
            row[rng.permutation(len(PATHS))[rng.integers(1, 4) :]] = 0.0
        base = self._base()  # what the scenario has already: a guess lies between that and the end of the range
        placed = np.where(rows > 0, base + rows * (1 - base), base)

        def beyond(name: str, sets: Any) -> Any:
            return predict(sample, name, month, sets) - predict(sample, name, month, base[None])

        kept = (beyond(series, placed) >= gain_wanted) & ~((rows > 0) & (base >= 1)).any(axis=1)
        moved, placed = rows[kept] > 0, placed[kept]
        cost = np.maximum(beyond(COST, placed), 0.0)
        led: dict[int, int] = {}
        ranked, known = [], set()
        for n in np.argsort(cost, kind="stable"):
            if moved[n].tobytes() in known:
                continue
            known.add(moved[n].tobytes())
            alone = beyond(series, np.where(np.eye(len(PATHS), dtype=bool) & moved[n], placed[n], base))
            if alone[moved[n]].min() < CONTRIBUTION_LEAST * alone.clip(0).sum():
                continue  # another choice does the same without that lever
            lead = int(alone.argmax())
            led[lead] = led.get(lead, 0) + 1
            ranked.append((cost[n] * led[lead], n))
        for _, n in sorted(ranked):
            yield np.where(moved[n], placed[n], 0.0)
        if not self.found:
            yield np.ones(len(PATHS))

    def _base(self) -> Any:
        """How far along its range each lever stands in the scenario, 0 to 1."""
        present = np.array([value_of(self.plan, path, 1) for path in PATHS])
        first, last = np.array([RANGES[path] for path in PATHS]).T
        return np.clip((present - first) / (last - first), 0.0, 1.0)

    def _full(self, shares: Any) -> float:
        """Strength at which every lever of a portfolio is at the end of its range."""
        base = self._base()
        ratios = (1 - base[shares > 0]) / np.maximum(shares[shares > 0] - base[shares > 0], 1e-3)
        return float(ratios.max(initial=1.0))

    def _moved(self, shares: Any, strength: float) -> dict[str, float]:
        """Values of the levers of a portfolio, moved part of the way from where they stand in the scenario."""
        settings = {}
        for path, value in settings_of(shares).items():
            present, lever = value_of(self.plan, path, 1), DECLARED[path]
            first, last = RANGES[path]
            step = (value - present) if (value - present) * (last - first) > 0 else 0.0  # further already
            far = present + min(strength * step, last - present, key=abs)  # not beyond the range
            settings[path] = min(max(fitting(path, far, 3), lever.low), lever.high)
        return settings

    def _refine(self, shares: Any, known: Sequence[set[str]]) -> tuple[Portfolio, str] | None:
        """The weakest form of a portfolio that still reaches the value, and the lever that brings most.

        None where no form does, or where only the levers of a known one are left in it.

        Levers that bring next to nothing in it, each left out alone, are dropped, and the strength found anew.
        """
        strength = self._weakest(shares)
        if strength is None:
            return None
        gains = self._gains(self._moved(shares, strength))
        least = CONTRIBUTION_LEAST * sum(max(gain, 0.0) for gain in gains.values())
        kept = np.where([gains.get(path, -math.inf) >= least for path in PATHS], shares, 0.0)
        if set(settings_of(kept)) in known:
            return None
        if 0 < (kept > 0).sum() < len(gains) and (fewer := self._weakest(kept, strength)) is not None:
            strength, shares = fewer, kept
        firm = self._firm(shares, strength)
        if firm is None:
            return None
        return self._score(firm, FIRM), max(gains, key=lambda path: gains[path])

    def _gains(self, settings: Mapping[str, float]) -> dict[str, float]:
        """What each lever of a portfolio brings: the mean outcome less that without it."""
        if len(settings) == 1:
            return dict.fromkeys(settings, math.inf)
        whole = self._mean(self.desired.with_levers(settings))
        without = {path: {p: v for p, v in settings.items() if p != path} for path in settings}
        return {path: whole - self._mean(self.desired.with_levers(others)) for path, others in without.items()}

    def _firm(self, shares: Any, strength: float) -> dict[str, float] | None:
        """A portfolio made as much stronger as more futures ask for; None where full strength is too weak."""
        full, start = self._full(shares), self._margin(self.plan, FIRM, FIRMLY)
        for _ in range(FIRMINGS):
            self._go_on()
            settings = self._moved(shares, strength)
            margin = self._margin(self.desired.with_levers(settings), FIRM, FIRMLY)
            if margin >= 0:
                return settings
            if strength >= full:
                return None
            slope = (margin - start) / strength
            lacking = -margin / slope if slope > 0 else strength
            strength = min(max(FIRMER * strength, strength + 1.05 * lacking), 1.5 * strength, full)
        return None

    def _weakest(self, shares: Any, begin: float = 1.0) -> float | None:
        """About the least strength at which a portfolio reaches the value; None where full strength does not.

        False position between strengths that do and do not, halving the weight of an end that stays (Illinois).
        """
        low, high = (0.0, self._margin(self.plan)), None
        for strength in dict.fromkeys((min(begin, self._full(shares)), self._full(shares))):
            self._go_on()
            margin = self._margin(self.desired.with_levers(self._moved(shares, strength)))
            if margin >= 0:
                high = (strength, margin)
                break
            low = (strength, margin)
        if high is None or not math.isfinite(low[1]):
            return None if high is None else high[0]
        weights = [low[1], high[1]]
        for _ in range(STEPS):
            self._go_on()
            share = min(max(weights[0] / (weights[0] - weights[1] or -1.0), 0.05), 0.95)
            strength = low[0] + share * (high[0] - low[0])
            margin = self._margin(self.desired.with_levers(self._moved(shares, strength)))
            if margin >= 0:
                high, weights = (strength, margin), [weights[0] / 2, margin]
            else:
                low, weights = (strength, margin), [margin, weights[1] / 2]
        return high[0]

    def _score(self, settings: dict[str, float], numbers: range) -> Portfolio:
        """Outcome, chance and cost of a portfolio in some futures, against the scenario in the same."""
        mine, theirs = self._runs(self.desired.with_levers(settings), numbers), self._runs(self.plan, numbers)
        outcomes = self._outcomes(mine)
        reached = outcomes >= self.desired.value
        extra, draws = pairs(mine, theirs, COST, self.desired.month), draws_of_pairs(mine, theirs)
        return Portfolio(
            settings=settings,
            outcome=Interval(*map(float, band(outcomes, mine.draws)[:3])),
            reached=int(reached.sum()),
            runs=len(outcomes),
            chance=chance_of(reached, mine.draws),
            extra_won=mean_interval_of(extra, draws),
        )

    def _check(self, found: Portfolio) -> Iterator[Portfolio]:
        """The portfolio scored in fresh futures, then with what could break it."""
        scored = replace(self._score(found.settings, FRESH), checked=True)
        yield scored
        plan, stress = self.desired.with_levers(found.settings), []
        for path, value in SHOCKS.items():
            self._go_on()
            outcomes = self._outcomes(self._runs(plan.with_settings({path: value}), SHOCKED))
            stress.append(Stress(path, float(outcomes.mean()) if len(outcomes) else math.nan))
        yield replace(scored, stress=tuple(sorted(stress, key=lambda one: one.outcome)))


def _cheapest(chosen: Sequence[Portfolio], spare: Sequence[Portfolio]) -> tuple[Portfolio, ...]:
    """The portfolios to show: those led by different levers, then others, the cheapest of each first."""
    ordered = [sorted(found, key=lambda s: s.extra_won.mean) for found in (chosen, spare)]
    return tuple((ordered[0] + ordered[1])[:PORTFOLIOS])
