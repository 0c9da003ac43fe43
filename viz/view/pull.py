"""Pull the future: which lever sets reach a wanted outcome by a date, at what cost and chance, and what breaks them.

Three stages, each told as it happens. The background sample (``levers_sample``) names cheap candidates; each is then
made as weak as still reaches the outcome, by bisection over real runs on ``SEARCH_SEEDS``, and then made surer on
``FIRM_SEEDS``; what is left is scored on ``FRESH_SEEDS`` that the search never saw, under shocks, and with uncertain
parameters drawn. Runs end at the date asked for. Nothing that is told comes from the prediction.
"""

import math
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import numpy as np
from scipy import stats

from experiments.plain import plain
from experiments.runs import Run
from experiments.summary import CONFIDENCE, Interval, mean_interval
from model.errors import InputError
from model.levers import LEVERS
from model.record import SERIES
from model.scenario import Scenario
from viz.view import levers_sample as sample_of
from viz.view.doubt import Layers, Sample, samples_of
from viz.view.levers_sample import COST, ENOUGH, OUTCOMES, PATHS, predict, settings_of, shortened
from viz.view.runs import AFTER, Desk
from viz.view.state import ViewState
from viz.view.words import date, interval, number, setting, word

SEARCH_SEEDS = tuple(range(8))
FIRM_SEEDS = tuple(range(24))
FRESH_SEEDS = tuple(range(1000, 1020))
SHOCK_SEEDS = FRESH_SEEDS[:8]
SURE = 0.84  # standard deviations that the mean must lie beyond the wish: four runs of five then reach it
FIRM = 1.1  # the same on FIRM_SEEDS: a little more, so that four of five also reach it on seeds never seen
FIRMER = 1.06  # how much stronger a set is made at once where it is not firm
FIRMINGS = 8
SEARCHING = AFTER // 2  # urgency: behind the first answers of visitors, before their "why"
CONTRIBUTION_LEAST = 0.1  # of a set's gain, for a lever to stay in it
CANDIDATES_PER_LEAD = 2  # guessed sets led by the same lever
BISECTIONS = 5  # the strength is then known to a thirtieth
STRENGTH_MAX = 3.0  # a set may be made so many times stronger than it was guessed, inside its ranges
SUGGESTIONS = 3
TRIED_MAX = 8  # candidates refined before giving up
GUESSES, GUESS_SEED = 6000, 11
SLACK = 0.85  # of the wanted gain that a candidate must be guessed to bring
LEAST_MONTH = 12
SHOCKS = {
    "shocks.foreign_pay": 0.5,
    "shocks.other_sector_pay": 0.3,
    "shocks.export_market": -0.9,
    "shocks.demand": 0.15,
    "shocks.privacy_scandal": 3.0,
}


class Wish(NamedTuple):
    """What somebody wants: a series of at least ``value`` (model's unit) in a month, starting from a state."""

    state: ViewState
    series: str
    month: int
    value: float


class Break(NamedTuple):
    """What could go wrong: a shock (or ``unsure``), the mean outcome under it, the chance that is left."""

    name: str
    outcome: float
    chance: float


@dataclass(frozen=True)
class Suggestion:
    """A lever set that reaches the wish.

    Attributes:
        state: opens in the view.
        settings: levers moved, by path.
        outcome: mean of the series in the month, 5th and 95th percentile of runs.
        reached: runs that reach the value; of ``runs``.
        runs: on fresh seeds if ``checked``, else those of the search.
        extra_won: public money beyond the state's by the month, 95 percent interval of the mean.
        breaks: the worst shock first; empty until ``checked``.
        checked: scored on fresh seeds.
    """

    state: ViewState
    settings: dict[str, float]
    outcome: Interval
    reached: int
    runs: int
    extra_won: Interval
    breaks: tuple[Break, ...] = ()
    unsure: Break | None = None
    checked: bool = False

    @property
    def chance(self) -> Interval:
        """Share of runs that reach the value, with its 95 percent Wilson interval."""
        found = stats.binomtest(self.reached, self.runs).proportion_ci(CONFIDENCE, method="wilson")
        return Interval(self.reached / self.runs, float(found.low), float(found.high))


class News(NamedTuple):
    """How far the search is; ``said`` puts it into words.

    Attributes:
        verdict: preparing or searching while it goes on; then done, already, none, unlikely, refused or stopped.
        suggestions: those found so far.
        done: sets of the background sample, or runs of the search.
        wanted: sets that are needed, while preparing.
        most: furthest mean outcome of real runs so far.
        reason: why it was refused.
    """

    verdict: str
    suggestions: tuple[Suggestion, ...] = ()
    done: int = 0
    wanted: int = 0
    most: float = -math.inf
    reason: str = ""

    @property
    def over(self) -> bool:
        """Whether nothing more will come."""
        return self.verdict not in ("preparing", "searching")


def refusal(wish: Wish) -> str | None:
    """A kind sentence on why a wish cannot be looked for; None where it can."""
    lang, plan = wish.state.lang, wish.state.scenario()
    if wish.series not in OUTCOMES:
        known = ", ".join(word(f"series.{name}", lang) for name in OUTCOMES)
        return word("pull.bad_series", lang, known=known)
    if not LEAST_MONTH <= wish.month <= plan.months:
        first, last = (date(plan.date_of(month), lang) for month in (LEAST_MONTH, plan.months))
        return word("pull.bad_date", lang, first=first, last=last)
    if not math.isfinite(wish.value) or wish.value <= 0:
        return word("pull.bad_value", lang)
    if SERIES[wish.series].unit == "share" and wish.value > 1:
        return word("pull.above_all", lang)
    return None


def pull(wish: Wish, desk: Desk, on_news: Callable[[News], None], cancelled: threading.Event) -> News:
    """Look for the cheapest lever sets that reach a wish; tells how far it is, and gives the last news."""
    search = _Search(wish, desk, on_news, cancelled)
    try:
        reason = refusal(wish)
        last = News("refused", reason=reason) if reason else search.run()
    except InputError as error:
        last = News("refused", reason=word("notice.bad_value", wish.state.lang, what=str(error)))
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
        if self._reaches(self.plan):
            return News("already")
        background = sample_of.prepare(self.desk, self.cancelled, self._preparing, ENOUGH)
        self._go_on()
        leads: set[str] = set()
        for tried, shares in enumerate(self._candidates(background)):
            if len(self.suggestions) == SUGGESTIONS or tried == TRIED_MAX:
                break
            self._tell(self.suggestions)
            refined = self._refine(shares)
            if refined is None or refined[1] in leads:
                continue
            found, lead = refined
            leads.add(lead)
            self._tell((*self.suggestions, found))
            self._tell((*self.suggestions[:-1], self._check(found)))
        if not self.suggestions:
            return News("unlikely" if self.most >= self.wish.value else "none", most=self.most)
        ordered = tuple(sorted(self.suggestions, key=lambda s: s.extra_won.mean))
        return News("done", ordered, self.done)

    def _go_on(self) -> None:
        if self.cancelled.is_set():
            raise _Stopped

    def _preparing(self, done: int, wanted: int) -> None:
        self.on_news(News("preparing", (), done, wanted))

    def _tell(self, suggestions: tuple[Suggestion, ...]) -> None:
        self.suggestions = suggestions
        self.on_news(News("searching", suggestions, self.done))

    def _runs(self, plan: Scenario, seeds: Sequence[int]) -> list[Run]:
        """Finished runs of a scenario."""
        return self._done([(plan, seed) for seed in seeds])

    def _done(self, jobs: Sequence[tuple[Scenario, int]]) -> list[Run]:
        """Finished runs of scenarios up to the date asked for."""
        short = [(shortened(plan, self.wish.month), seed) for plan, seed in jobs]
        runs = self.desk.run(short, self.cancelled, SEARCHING)
        if len(runs) < len(jobs):
            raise _Stopped
        self.done += len(runs)
        return [run for run in runs if run.error is None]

    def _outcomes(self, runs: Sequence[Run]) -> Any:
        return np.array([float(run.history[self.wish.series][self.wish.month]) for run in runs])

    def _mean(self, plan: Scenario) -> float:
        """Mean outcome on the search seeds; nan where none finished."""
        outcomes = self._outcomes(self._runs(plan, SEARCH_SEEDS))
        return float(outcomes.mean()) if len(outcomes) else math.nan

    def _reaches(self, plan: Scenario, seeds: Sequence[int] = SEARCH_SEEDS, sure: float = SURE) -> bool:
        """Whether about four runs of five reach the wish, judged by mean and spread on the search seeds."""
        outcomes = self._outcomes(self._runs(plan, seeds))
        if len(outcomes) < 2:
            return False
        self.most = max(self.most, float(outcomes.mean()))
        return float(outcomes.mean() - sure * outcomes.std(ddof=1)) >= self.wish.value

    def _candidates(self, background: sample_of.Sample) -> Iterator[Any]:
        """Shares of sets guessed to reach the wish, the cheapest first, each led by another lever; then everything."""
        now = self._mean(self.plan)
        rng = np.random.default_rng(GUESS_SEED)
        shares = rng.random((GUESSES, len(PATHS)))
        for row in shares:
            row[rng.permutation(len(PATHS))[rng.integers(1, 4) :]] = 0.0
        gain = predict(background, self.wish.series, self.wish.month, shares)
        cost = predict(background, COST, self.wish.month, shares)
        order = np.argsort(
            np.where(gain >= SLACK * (self.wish.value - now), np.maximum(cost, 0), np.inf), kind="stable"
        )
        leads = np.zeros(len(PATHS), int)
        for n in order:
            if gain[n] < SLACK * (self.wish.value - now):
                break
            alone = np.diag(shares[n])
            lead = predict(background, self.wish.series, self.wish.month, alone).argmax()
            leads[lead] += 1
            if leads[lead] <= CANDIDATES_PER_LEAD:
                yield shares[n]
        if not self.suggestions:
            yield np.ones(len(PATHS))

    def _state(self, shares: Any, strength: float) -> ViewState:
        """The visitor's state with the levers of a set moved part of the way from where they are, until the date."""
        state, last = self.wish.state, self.plan.date_of(self.wish.month)
        last_month = last if self.wish.month < self.plan.months else None
        for path, value in settings_of(shares).items():
            present = self.wish.state.value(path, 1)
            moved = float(f"{present + strength * (max(value, present) - present):.3g}")
            lever = LEVERS[path.removeprefix("levers.")]
            state = state.with_lever(path, min(max(moved, lever.low), lever.high), None, last_month)
        return state

    def _refine(self, shares: Any) -> tuple[Suggestion, str] | None:
        """The weakest form of a set that still reaches the wish, and the lever that brings most; None where none does.

        Levers that bring next to nothing in it, each left out alone, are dropped, and the strength found anew.
        """
        strength = self._weakest(shares)
        if strength is None:
            return None
        state = self._state(shares, strength)
        whole, gains = self._mean(state.scenario()), {}
        for path in settings_of(shares):
            self._go_on()
            gains[path] = whole - self._mean(state.without(path).scenario())
        least = CONTRIBUTION_LEAST * (whole - self._mean(self.plan))
        kept = np.array([gains.get(path, -math.inf) >= least for path in PATHS])
        if kept.any() and kept.sum() < len(gains):
            fewer = self._weakest(np.where(kept, shares, 0.0))
            strength, shares = (strength, shares) if fewer is None else (fewer, np.where(kept, shares, 0.0))
        firm = self._firm(shares, strength)
        if firm is None:
            return None
        return self._score(firm, settings_of(shares), FIRM_SEEDS), max(gains, key=lambda path: gains[path])

    def _firm(self, shares: Any, strength: float) -> ViewState | None:
        """The state with a set made as much stronger as more seeds ask for; None where full strength is too weak."""
        for _ in range(FIRMINGS):
            self._go_on()
            state = self._state(shares, strength)
            if self._reaches(state.scenario(), FIRM_SEEDS, FIRM):
                return state
            if strength >= _full(shares):
                return None
            strength = min(strength * FIRMER, _full(shares))
        return None

    def _weakest(self, shares: Any) -> float | None:
        """The least strength at which a set reaches the wish; None where full strength does not."""
        low, high = 0.0, _full(shares)
        if not self._reaches(self._state(shares, high).scenario()):
            return None
        for _ in range(BISECTIONS):
            self._go_on()
            middle = (low + high) / 2
            low, high = (low, middle) if self._reaches(self._state(shares, middle).scenario()) else (middle, high)
        return high

    def _score(self, state: ViewState, moved: dict[str, float], seeds: Sequence[int]) -> Suggestion:
        """Outcome, chance and cost of a state on some seeds, against the visitor's state on the same seeds."""
        mine, theirs = self._runs(state.scenario(), seeds), self._runs(self.plan, seeds)
        outcomes = self._outcomes(mine)
        spent, before = ({run.seed: float(run.history[COST][self.wish.month]) for run in r} for r in (mine, theirs))
        extra = mean_interval([spent[seed] - before[seed] for seed in sorted(set(spent) & set(before))])
        low, high = np.percentile(outcomes, (5, 95))
        return Suggestion(
            state=state,
            settings={path: state.value(path, 1) for path in moved},
            outcome=Interval(float(outcomes.mean()), float(low), float(high)),
            reached=int((outcomes >= self.wish.value).sum()),
            runs=len(outcomes),
            extra_won=extra,
        )

    def _check(self, found: Suggestion) -> Suggestion:
        """The suggestion scored on fresh seeds, with what could break it."""
        scored = self._score(found.state, found.settings, FRESH_SEEDS)
        plan = found.state.scenario()
        breaks = []
        for path, value in SHOCKS.items():
            breaks.append(self._break(path, [(plan.with_settings({path: value}), seed) for seed in SHOCK_SEEDS]))
        unsure = [replace(s, seed=seed) for s, seed in zip(self._futures(plan), FRESH_SEEDS, strict=True)]
        doubt = self._break("unsure", [(sample.plan(plan), sample.seed) for sample in unsure])
        worst = tuple(sorted(breaks, key=lambda b: b.outcome))
        return replace(scored, breaks=worst, unsure=doubt, checked=True)

    def _futures(self, plan: Scenario) -> list[Sample]:
        return samples_of(Layers(unsure=True), plan, len(FRESH_SEEDS))

    def _break(self, name: str, jobs: list[tuple[Scenario, int]]) -> Break:
        self._go_on()
        outcomes = self._outcomes(self._done(jobs))
        if not len(outcomes):
            return Break(name, math.nan, math.nan)
        return Break(name, float(outcomes.mean()), float((outcomes >= self.wish.value).mean()))


def _full(shares: Any) -> float:
    """Strength at which a set is at the end of its ranges, or thrice as strong as guessed."""
    return min(1.0 / max(float(shares.max()), 1e-9), STRENGTH_MAX)


def said(wish: Wish, news: News) -> str:
    """The news as a sentence in the language of the wish."""
    lang, of = wish.state.lang, SERIES[wish.series].unit if wish.series in SERIES else ""
    if news.verdict == "refused":
        return news.reason
    if news.verdict in ("none", "unlikely"):
        most, value = (number(amount, of, lang) for amount in (news.most, wish.value))
        return word(f"pull.{news.verdict}", lang, most=most, value=value)
    count = len(news.suggestions)
    return word(f"pull.{news.verdict}", lang, number=count, sets=SUGGESTIONS, done=f"{news.done:,}", wanted=news.wanted)


def as_json(wish: Wish, news: News) -> dict[str, Any]:
    """The news for the page: verdict, text, progress, suggestions with their words and links."""
    lang = wish.state.lang
    when = date(wish.state.scenario().date_of(wish.month), lang)
    return plain(
        {
            "verdict": news.verdict,
            "text": said(wish, news),
            "over": news.over,
            "title": word("pull.title", lang, date=when, series=word(f"series.{wish.series}", lang)),
            "goal": number(wish.value, SERIES[wish.series].unit, lang),
            "done": news.done,
            "wanted": news.wanted,
            "series": wish.series,
            "month": wish.month,
            "value": wish.value,
            "suggestions": [_as_json(wish, suggestion) for suggestion in news.suggestions],
        }
    )


def _as_json(wish: Wish, found: Suggestion) -> dict[str, Any]:
    lang, of = wish.state.lang, SERIES[wish.series].unit
    cost = word("pull.cost", lang, cost=interval(*found.extra_won, "won", lang))
    levers = [
        {
            "lever": path,
            "title": word(f"{path}.title", lang),
            "text": setting(value, LEVERS[path.removeprefix("levers.")].unit, lang),
            "from": setting(wish.state.value(path, 1), LEVERS[path.removeprefix("levers.")].unit, lang),
        }
        for path, value in found.settings.items()
    ]
    uncounted = [
        word(f"{path}.title", lang) for path in found.settings if not LEVERS[path.removeprefix("levers.")].purpose
    ]
    key = "pull.chance" if found.checked else "pull.chance_unchecked"
    low, high = (number(value, "chance", lang) for value in found.chance[1:])
    return {
        "link": replace(found.state, lang=lang).link(),
        "levers": levers,
        "outcome": {**found.outcome._asdict(), "text": interval(*found.outcome, of, lang)},
        "chance": {
            **found.chance._asdict(),
            "text": word(key, lang, reached=found.reached, runs=found.runs, low=low, high=high),
        },
        "cost": {**found.extra_won._asdict(), "text": cost},
        "uncounted": word("pull.uncounted", lang, levers=", ".join(uncounted)) if uncounted else None,
        "breaks": _breaks_text(wish, found),
        "checked": found.checked,
    }


def _breaks_text(wish: Wish, found: Suggestion) -> str | None:
    """The worst shock and the unsure numbers, in words; None until they are known."""
    if not found.breaks or found.unsure is None:
        return None
    lang, of, worst = wish.state.lang, SERIES[wish.series].unit, found.breaks[0]
    size = setting(SHOCKS[worst.name], "relative change", lang)
    if worst.name == "shocks.privacy_scandal":
        size = setting(SHOCKS[worst.name], "incidents per month", lang)
    shock = word(
        "pull.shock",
        lang,
        shock=word(f"{worst.name}.title", lang),
        size=size,
        outcome=number(worst.outcome, of, lang),
        chance=number(worst.chance, "chance", lang),
    )
    return f"{shock} {word('pull.unsure', lang, chance=number(found.unsure.chance, 'chance', lang))}"
