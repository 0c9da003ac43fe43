"""Backcasting: which policy portfolios reach a wanted future, at what cost and chance, and what breaks them.

Four stages, each told as it happens. The surrogate names candidates, of each choice of levers the cheapest, and guesses
what each brings (``candidates``; stage ``guess``). Each is then made as weak as still reaches the outcome, by false
position over real runs in the ``SEARCH`` futures, and made surer in the ``FIRM`` ones (``found``). Once there are
enough, each is scored in the ``FRESH`` futures that the search never saw (``checked``), and under shocks. Runs end at
the date asked for, and levers move from the month that was named, never before.

With a budget, only what costs no more of it counts. Where nothing within it reaches the outcome surely enough, the
portfolios that come nearest for the whole of it are told instead.
"""

import math
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

import numpy as np

from injae.experiments.results import Job, Results
from injae.experiments.schedules import shortened
from injae.experiments.searches import surrogate
from injae.experiments.searches.candidates import CONTRIBUTION_LEAST, candidates_of, full_strength, guess_of, moved
from injae.experiments.searches.desired import Desired, Portfolio, Progress, Stage, Stress
from injae.experiments.searches.surrogate import COST, ENOUGH, PATHS, Simulate, settings_of
from injae.experiments.summary import Interval, band, draws_of_pairs, mean_interval_of, pairs, probability_of
from injae.model.scenario import Scenario

SEARCH = range(8)  # numbers of futures
FIRM = range(40)
FRESH = range(1000, 1040)
SHOCKED = FRESH[:8]
SURE = 0.84  # standard deviations that the mean must lie beyond the wanted value: four runs of five then reach it
FIRMLY = 1.1  # the same in FIRM: a little more, so that four of five also reach it in futures never seen
FIRMER = 1.03  # how much stronger a portfolio is made at least where it is not firm
FIRMINGS = 5
STEPS = 3  # of false position: the strength is then known to some hundredths
SPENT = 0.9  # of the budget: a portfolio that costs so much of it is not made stronger
PORTFOLIOS = 3
TRIED_FOR_OTHERS = 5  # candidates after which portfolios led by the same lever count as others, too
STAGES = get_args(Stage)
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
        self.goal = desired.sign * desired.value
        self.most = -math.inf  # furthest mean outcome seen in real runs, with its sign
        self.now: Any = None  # outcomes of the scenario in the search futures, with their sign
        self.done = 0  # runs

    def run(self) -> Progress:
        self.now = self._signed(self._runs(self.plan, SEARCH))
        if not len(self.now):
            return Progress("none", most=math.nan)  # every run failed
        if self._beyond(self.now, SURE) >= 0:
            return Progress("already")
        sample = surrogate.prepare(self.simulate, self.cancelled, self._preparing, ENOUGH)
        self._go_on()
        named = candidates_of(sample, self.desired, self.now)
        guesses = [guess_of(sample, self.desired, self.now, shares) for shares in named.shares[:PORTFOLIOS]]
        self._tell(tuple(guesses))
        self.found = self._reaching(named.shares, guesses) if named.reach else ()
        if short := not self.found and self.desired.budget is not None:
            self.found = self._nearest(named.shares, guesses)
        for place in range(len(self.found)):
            for one in self._check(self.found[place]):  # each number as soon as it is known
                self._tell((*self.found[:place], one, *self.found[place + 1 :]))
        if not self.found:
            verdict = "unlikely" if self.most >= self.goal else "none"
            return Progress(verdict, most=self.desired.sign * self.most)
        order, verdict = (self._farness, "short") if short else (_cheapest_first, "done")
        return Progress(verdict, tuple(sorted(self.found, key=order)), self.done, share=1.0)

    def _reaching(self, named: Sequence[Any], guesses: Sequence[Portfolio]) -> tuple[Portfolio, ...]:
        """The cheapest portfolios that reach the value; what was not tried yet is told as it was guessed."""
        chosen: list[Portfolio] = []  # each led by another lever
        spare: list[Portfolio] = []
        leads: set[str] = set()
        for tried, shares in enumerate(named):
            if len(chosen) + (len(spare) if tried >= TRIED_FOR_OTHERS else 0) >= PORTFOLIOS:
                break
            refined = self._refine(shares, [set(found.settings) for found in (*chosen, *spare)])
            if refined is not None:
                found, lead = refined
                (spare if lead in leads else chosen).append(found)
                leads.add(lead)
            left = guesses if self.desired.budget and not chosen else guesses[tried + 1 :]  # they may be the nearest
            self._tell((*_cheapest(chosen, spare), *left)[:PORTFOLIOS])
        return _cheapest(chosen, spare)

    def _nearest(self, named: Sequence[Any], guesses: Sequence[Portfolio]) -> tuple[Portfolio, ...]:
        """What comes nearest for the whole of the budget."""
        nearest: list[Portfolio] = []
        for tried, shares in enumerate(named[:PORTFOLIOS]):
            found = self._within(shares)
            if found is not None:
                nearest = sorted((*nearest, found), key=self._farness)
            self._tell((*nearest, *guesses[tried + 1 :]))
        return tuple(nearest)

    def _farness(self, found: Portfolio) -> tuple[float, float]:
        """What sorts portfolios by how near they come: more often, else further on average."""
        return (-found.reached / max(found.runs, 1), -self.desired.sign * found.outcome.mean)

    def _go_on(self) -> None:
        if self.cancelled.is_set():
            raise _Stopped

    def _preparing(self, done: int, wanted: int) -> None:
        self.on_progress(Progress("preparing", (), done, wanted, share=done / wanted))

    def _tell(self, found: tuple[Portfolio, ...]) -> None:
        self.found = found
        steps = sum(STAGES.index(one.stage) for one in found)
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

    def _signed(self, results: Results) -> Any:
        """Outcomes of which more is always better."""
        return self.desired.sign * self._outcomes(results)

    def _mean(self, plan: Scenario) -> float:
        """Mean signed outcome in the search futures; nan where none finished."""
        outcomes = self._signed(self._runs(plan, SEARCH))
        return float(outcomes.mean()) if len(outcomes) else math.nan

    def _margin(self, plan: Scenario, numbers: range = SEARCH, sure: float = SURE) -> float:
        """How far beyond the value about four runs of five are; minus infinity where unknown."""
        return self._beyond(self._signed(self._runs(plan, numbers)), sure)

    def _beyond(self, outcomes: Any, sure: float) -> float:
        if len(outcomes) < 2:
            return -math.inf
        self.most = max(self.most, float(outcomes.mean()))
        return float(outcomes.mean() - sure * outcomes.std(ddof=1)) - self.goal

    def _refine(self, shares: Any, known: Sequence[set[str]]) -> tuple[Portfolio, str] | None:
        """The weakest form of a portfolio that still reaches the value, and the lever that brings most.

        None where no form does, or where only the levers of a known one are left in it.

        Levers that bring next to nothing in it, each left out alone, are dropped, and the strength found anew.
        """
        strength = self._weakest(shares)
        if strength is None:
            return None
        gains = self._gains(moved(self.desired, shares, strength))
        least = CONTRIBUTION_LEAST * sum(max(gain, 0.0) for gain in gains.values())
        kept = np.where([gains.get(path, -math.inf) >= least for path in PATHS], shares, 0.0)
        if set(settings_of(kept)) in known:
            return None
        if 0 < (kept > 0).sum() < len(gains) and (fewer := self._weakest(kept, strength)) is not None:
            strength, shares = fewer, kept
        firm = self._firm(shares, strength)
        if firm is None:
            return None
        scored = self._score(firm, FIRM)
        if scored.extra_won.mean > (self.desired.budget or math.inf):
            return None
        return scored, max(gains, key=lambda path: gains[path])

    def _within(self, shares: Any) -> Portfolio | None:
        """The strongest form of a portfolio that the budget pays for; None where it pays for none.

        By secant: the cost is about in proportion to the strength.
        """
        budget, full = self.desired.budget or math.inf, full_strength(self.desired, shares)
        strength, best = 1.0, None
        for _ in range(STEPS):
            self._go_on()
            scored = self._score(moved(self.desired, shares, strength), FIRM)
            if scored.extra_won.mean <= budget:
                best = scored
                if strength >= full or scored.extra_won.mean >= SPENT * budget:
                    break
            strength = min(strength * 0.98 * budget / max(scored.extra_won.mean, 1.0), full)
        return best

    def _gains(self, settings: Mapping[str, float]) -> dict[str, float]:
        """What each lever of a portfolio brings: the mean outcome less that without it."""
        if len(settings) == 1:
            return dict.fromkeys(settings, math.inf)
        whole = self._mean(self.desired.with_levers(settings))
        without = {path: {p: v for p, v in settings.items() if p != path} for path in settings}
        return {path: whole - self._mean(self.desired.with_levers(others)) for path, others in without.items()}

    def _firm(self, shares: Any, strength: float) -> dict[str, float] | None:
        """A portfolio made as much stronger as more futures ask for; None where full strength is too weak."""
        full, start = full_strength(self.desired, shares), self._margin(self.plan, FIRM, FIRMLY)
        for _ in range(FIRMINGS):
            self._go_on()
            settings = moved(self.desired, shares, strength)
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
        for strength in dict.fromkeys(
            (min(begin, full_strength(self.desired, shares)), full_strength(self.desired, shares))
        ):
            self._go_on()
            margin = self._margin(self.desired.with_levers(moved(self.desired, shares, strength)))
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
            margin = self._margin(self.desired.with_levers(moved(self.desired, shares, strength)))
            if margin >= 0:
                high, weights = (strength, margin), [weights[0] / 2, margin]
            else:
                low, weights = (strength, margin), [margin, weights[1] / 2]
        return high[0]

    def _score(self, settings: dict[str, float], numbers: range) -> Portfolio:
        """Outcome, probability and cost of a portfolio in some futures, against the scenario in the same."""
        mine, theirs = self._runs(self.desired.with_levers(settings), numbers), self._runs(self.plan, numbers)
        outcomes = self._outcomes(mine)
        reached = self.desired.sign * outcomes >= self.goal
        extra, draws = pairs(mine, theirs, COST, self.desired.month), draws_of_pairs(mine, theirs)
        return Portfolio(
            settings=settings,
            outcome=Interval(*map(float, band(outcomes, mine.draws)[:3])),
            reached=int(reached.sum()),
            runs=len(outcomes),
            probability=probability_of(reached, mine.draws),
            extra_won=mean_interval_of(extra, draws),
        )

    def _check(self, found: Portfolio) -> Iterator[Portfolio]:
        """The portfolio scored in fresh futures, then with what could break it."""
        scored = replace(self._score(found.settings, FRESH), stage="checked")
        yield scored
        plan, stress = self.desired.with_levers(found.settings), []
        for path, value in SHOCKS.items():
            self._go_on()
            outcomes = self._outcomes(self._runs(plan.with_settings({path: value}), SHOCKED))
            stress.append(Stress(path, float(outcomes.mean()) if len(outcomes) else math.nan))
        yield replace(scored, stress=tuple(sorted(stress, key=lambda one: self.desired.sign * one.outcome)))


def _cheapest(chosen: Sequence[Portfolio], spare: Sequence[Portfolio]) -> tuple[Portfolio, ...]:
    """The portfolios to show: those led by different levers, then others, the cheapest of each first."""
    ordered = [sorted(found, key=_cheapest_first) for found in (chosen, spare)]
    return tuple((ordered[0] + ordered[1])[:PORTFOLIOS])


def _cheapest_first(found: Portfolio) -> float:
    return found.extra_won.mean
