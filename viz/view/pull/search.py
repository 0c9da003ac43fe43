"""Pull the future: which lever sets reach a wanted outcome by a date, at what cost and chance, and what breaks them.

Three stages, each told as it happens. The background sample (``sample``) names candidates, of each choice of
levers the cheapest; each is then made as weak as still reaches the outcome, by false position over real runs in the
``SEARCH`` futures, and then made surer in the ``FIRM`` ones. Once there are enough, each is scored in the ``FRESH``
futures that the search never saw, and under shocks. Futures are those of the visitor's state, by luck alone or of the
ensemble. Runs end at the date asked for. Nothing that is told comes from the prediction.
"""

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from experiments.results import Results
from experiments.summary import Interval, band, chance_of, draws_of_pairs, mean_interval_of, pairs
from model.errors import InputError
from model.levers import LEVERS
from model.scenario import Scenario
from viz.view.pull import sample as sample_of
from viz.view.pull.sample import COST, ENOUGH, PATHS, RANGES, fitting, predict, settings_of, shortened
from viz.view.pull.wish import Break, News, Suggestion, Wish, refusal
from viz.view.refused import in_words
from viz.view.runs import AFTER, Desk
from viz.view.state import ViewState
from viz.view.words import word

SEARCH = range(8)  # numbers of futures
FIRM = range(40)
FRESH = range(1000, 1040)
SHOCKED = FRESH[:8]
SURE = 0.84  # standard deviations that the mean must lie beyond the wish: four runs of five then reach it
FIRMLY = 1.1  # the same in FIRM: a little more, so that four of five also reach it in futures never seen
FIRMER = 1.03  # how much stronger a set is made at least where it is not firm
FIRMINGS = 5
SEARCHING = AFTER // 2  # urgency: behind the first answers of visitors, before their "why"
CONTRIBUTION_LEAST = 0.1  # of a set's gain, for a lever to stay in it
STEPS = 3  # of false position: the strength is then known to some hundredths
SUGGESTIONS = 3
TRIED_MAX = 10  # candidates refined before giving up
TRIED_FOR_OTHERS = 5  # candidates after which sets led by the same lever count as others, too
GUESSES, GUESS_SEED = 6000, 11
SLACK = 0.85  # of the wanted gain that a candidate must be guessed to bring
SHOCKS = {
    "shocks.foreign_pay": 0.5,
    "shocks.other_sector_pay": 0.3,
    "shocks.export_market": -0.9,
    "shocks.demand": 0.15,
    "shocks.privacy_scandal": 3.0,
}


def pull(wish: Wish, desk: Desk, on_news: Callable[[News], None], cancelled: threading.Event) -> News:
    """Look for the cheapest lever sets that reach a wish; tells how far it is, and gives the last news."""
    search = _Search(wish, desk, on_news, cancelled)
    try:
        reason = refusal(wish)
        last = News("refused", reason=reason) if reason else search.run()
    except InputError as error:
        last = News("refused", reason=word("notice.bad_value", wish.state.lang, what=in_words(error, wish.state.lang)))
    except _Stopped:
        last = News("stopped", search.suggestions)
    on_news(last)
    return last


class _Stopped(Exception):
    """The visitor has cancelled."""


class _Search:
    """One search: what it has found so far, and the runs it asks for."""

    def __init__(self, wish: Wish, desk: Desk, on_news: Callable[[News], None], cancelled: threading.Event) -> None:
        self.wish, self.desk, self.on_news, self.cancelled = wish, desk, on_news, cancelled
        self.plan = wish.state.scenario()
        self.suggestions: tuple[Suggestion, ...] = ()
        self.most = -math.inf  # furthest mean outcome seen in real runs
        self.done = 0  # runs

    def run(self) -> News:
        if self._margin(self.plan) >= 0:
            return News("already")
        background = sample_of.prepare(self.desk, self.cancelled, self._preparing, ENOUGH)
        self._go_on()
        self._tell(())
        chosen: list[Suggestion] = []  # each led by another lever
        spare: list[Suggestion] = []
        leads: set[str] = set()
        for tried, shares in enumerate(self._candidates(background)):
            enough = len(chosen) + (len(spare) if tried >= TRIED_FOR_OTHERS else 0)
            if enough >= SUGGESTIONS or tried == TRIED_MAX:
                break
            refined = self._refine(shares, [set(found.settings) for found in (*chosen, *spare)])
            if refined is None:
                continue
            found, lead = refined
            (spare if lead in leads else chosen).append(found)
            leads.add(lead)
            self._tell(_cheapest(chosen, spare))
        for place in range(len(self.suggestions)):
            for one in self._check(self.suggestions[place]):  # each number as soon as it is known
                self._tell((*self.suggestions[:place], one, *self.suggestions[place + 1 :]))
        if not self.suggestions:
            return News("unlikely" if self.most >= self.wish.value else "none", most=self.most)
        return News("done", tuple(sorted(self.suggestions, key=lambda s: s.extra_won.mean)), self.done, share=1.0)

    def _go_on(self) -> None:
        if self.cancelled.is_set():
            raise _Stopped

    def _preparing(self, done: int, wanted: int) -> None:
        self.on_news(News("preparing", (), done, wanted, share=done / wanted))

    def _tell(self, suggestions: tuple[Suggestion, ...]) -> None:
        self.suggestions = suggestions
        steps = sum(1 + found.checked for found in suggestions)
        self.on_news(News("searching", suggestions, self.done, share=steps / (2 * SUGGESTIONS)))

    def _runs(self, plan: Scenario, numbers: range) -> Results:
        """Runs of a scenario up to the date asked for, in some futures."""
        short, layers = shortened(plan, self.wish.month), self.wish.state.command_layers
        futures = layers.futures(plan, len(numbers), numbers[0])
        runs = self.desk.results(short, futures, self.cancelled, SEARCHING, layers.ensemble(plan))
        if runs is None:
            raise _Stopped
        self.done += len(futures)
        return runs

    def _outcomes(self, results: Results) -> Any:
        return np.array([float(run.history[self.wish.series][self.wish.month]) for run in results.runs])

    def _mean(self, plan: Scenario) -> float:
        """Mean outcome in the search futures; nan where none finished."""
        outcomes = self._outcomes(self._runs(plan, SEARCH))
        return float(outcomes.mean()) if len(outcomes) else math.nan

    def _margin(self, plan: Scenario, numbers: range = SEARCH, sure: float = SURE) -> float:
        """How far beyond the wish the mean lies that about four runs of five surpass; minus infinity where unknown."""
        outcomes = self._outcomes(self._runs(plan, numbers))
        if len(outcomes) < 2:
            return -math.inf
        self.most = max(self.most, float(outcomes.mean()))
        return float(outcomes.mean() - sure * outcomes.std(ddof=1)) - self.wish.value

    def _candidates(self, background: sample_of.Sample) -> Iterator[Any]:
        """Shares of sets guessed to reach the wish, of each choice of levers the cheapest; then everything at once.

        The cheapest first, but a second set led by the same lever counts as twice as dear, a third as three times.
        """
        series, month = self.wish.series, self.wish.month
        gain_wanted = SLACK * (self.wish.value - self._mean(self.plan))
        rng = np.random.default_rng(GUESS_SEED)
        rows = 0.1 + 0.9 * rng.random((GUESSES, len(PATHS)))
        for row in rows:
            row[rng.permutation(len(PATHS))[rng.integers(1, 4) :]] = 0.0
        base = self._base()  # what the visitor has already: a guess lies between that and the end of the range
        placed = np.where(rows > 0, base + rows * (1 - base), base)

        def beyond(name: str, sets: Any) -> Any:
            return predict(background, name, month, sets) - predict(background, name, month, base[None])

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
        if not self.suggestions:
            yield np.ones(len(PATHS))

    def _base(self) -> Any:
        """How far along its range each lever stands in the visitor's state, 0 to 1."""
        present = np.array([self.wish.state.value(path, 1) for path in PATHS])
        first, last = np.array([RANGES[path] for path in PATHS]).T
        return np.clip((present - first) / (last - first), 0.0, 1.0)

    def _full(self, shares: Any) -> float:
        """Strength at which every lever of a set is at the end of its range."""
        base = self._base()
        ratios = (1 - base[shares > 0]) / np.maximum(shares[shares > 0] - base[shares > 0], 1e-3)
        return float(ratios.max(initial=1.0))

    def _state(self, shares: Any, strength: float) -> ViewState:
        """The visitor's state with the levers of a set moved part of the way from where they are, until the date."""
        state = self.wish.state
        last_month = self.plan.date_of(self.wish.month) if self.wish.month < self.plan.months else None
        for path, value in settings_of(shares).items():
            present, lever = self.wish.state.value(path, 1), LEVERS[path.removeprefix("levers.")]
            first, last = RANGES[path]
            step = (value - present) if (value - present) * (last - first) > 0 else 0.0  # further already
            far = present + min(strength * step, last - present, key=abs)  # not beyond the range
            moved = min(max(fitting(path, far, 3), lever.low), lever.high)
            state = state.with_lever(path, moved, None, last_month)
        return state

    def _refine(self, shares: Any, known: Sequence[set[str]]) -> tuple[Suggestion, str] | None:
        """The weakest form of a set that still reaches the wish, and the lever that brings most.

        None where no form does, or where only the levers of a known set are left in it.

        Levers that bring next to nothing in it, each left out alone, are dropped, and the strength found anew.
        """
        strength = self._weakest(shares)
        if strength is None:
            return None
        gains = self._gains(self._state(shares, strength), shares)
        least = CONTRIBUTION_LEAST * sum(max(gain, 0.0) for gain in gains.values())
        kept = np.where([gains.get(path, -math.inf) >= least for path in PATHS], shares, 0.0)
        if set(settings_of(kept)) in known:
            return None
        if 0 < (kept > 0).sum() < len(gains) and (fewer := self._weakest(kept, strength)) is not None:
            strength, shares = fewer, kept
        firm = self._firm(shares, strength)
        if firm is None:
            return None
        return self._score(firm, settings_of(shares), FIRM), max(gains, key=lambda path: gains[path])

    def _gains(self, state: ViewState, shares: Any) -> dict[str, float]:
        """What each lever of a set brings: the mean outcome less that without it."""
        paths = list(settings_of(shares))
        if len(paths) == 1:
            return {paths[0]: math.inf}
        whole = self._mean(state.scenario())
        return {path: whole - self._mean(state.without(path).scenario()) for path in paths}

    def _firm(self, shares: Any, strength: float) -> ViewState | None:
        """The state with a set made as much stronger as more futures ask for; None where full strength is too weak."""
        full, start = self._full(shares), self._margin(self.plan, FIRM, FIRMLY)
        for _ in range(FIRMINGS):
            self._go_on()
            state = self._state(shares, strength)
            margin = self._margin(state.scenario(), FIRM, FIRMLY)
            if margin >= 0:
                return state
            if strength >= full:
                return None
            slope = (margin - start) / strength
            lacking = -margin / slope if slope > 0 else strength
            strength = min(max(FIRMER * strength, strength + 1.05 * lacking), 1.5 * strength, full)
        return None

    def _weakest(self, shares: Any, begin: float = 1.0) -> float | None:
        """About the least strength at which a set reaches the wish; None where full strength does not.

        False position between strengths that do and do not, halving the weight of an end that stays (Illinois).
        """
        low, high = (0.0, self._margin(self.plan)), None
        for strength in dict.fromkeys((min(begin, self._full(shares)), self._full(shares))):
            self._go_on()
            margin = self._margin(self._state(shares, strength).scenario())
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
            margin = self._margin(self._state(shares, strength).scenario())
            if margin >= 0:
                high, weights = (strength, margin), [weights[0] / 2, margin]
            else:
                low, weights = (strength, margin), [margin, weights[1] / 2]
        return high[0]

    def _score(self, state: ViewState, moved: dict[str, float], numbers: range) -> Suggestion:
        """Outcome, chance and cost of a state in some futures, against the visitor's state in the same."""
        mine, theirs = self._runs(state.scenario(), numbers), self._runs(self.plan, numbers)
        outcomes = self._outcomes(mine)
        reached = outcomes >= self.wish.value
        extra, draws = pairs(mine, theirs, COST, self.wish.month), draws_of_pairs(mine, theirs)
        return Suggestion(
            state=state,
            settings={path: state.value(path, 1) for path in moved},
            outcome=Interval(*map(float, band(outcomes, mine.draws)[:3])),
            reached=int(reached.sum()),
            runs=len(outcomes),
            chance=chance_of(reached, mine.draws),
            extra_won=mean_interval_of(extra, draws),
        )

    def _check(self, found: Suggestion) -> Iterator[Suggestion]:
        """The suggestion scored in fresh futures, then with what could break it."""
        scored = replace(self._score(found.state, found.settings, FRESH), checked=True)
        yield scored
        plan, breaks = found.state.scenario(), []
        for path, value in SHOCKS.items():
            self._go_on()
            outcomes = self._outcomes(self._runs(plan.with_settings({path: value}), SHOCKED))
            breaks.append(Break(path, float(outcomes.mean()) if len(outcomes) else math.nan))
        yield replace(scored, breaks=tuple(sorted(breaks, key=lambda b: b.outcome)))


def _cheapest(chosen: Sequence[Suggestion], spare: Sequence[Suggestion]) -> tuple[Suggestion, ...]:
    """The sets to show: those led by different levers, then others, the cheapest of each first."""
    ordered = [sorted(sets, key=lambda s: s.extra_won.mean) for sets in (chosen, spare)]
    return tuple((ordered[0] + ordered[1])[:SUGGESTIONS])
