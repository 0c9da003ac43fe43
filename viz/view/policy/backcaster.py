"""One visitor's backcast (``experiments/searches/backcast.py``): asked for, told, tried, stopped.

A search belongs to the choices it started from. It goes on while the visitor has those; trying a set stops it and keeps
the cards, and any other choice of levers or scenario drops it.
"""

import datetime
import logging
import math
import threading
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from injae.experiments.results import Job, Run
from injae.experiments.searches import surrogate
from injae.experiments.searches.backcast import backcast
from injae.experiments.searches.desired import LEAST_MONTHS, Desired, Progress, Unusable
from injae.experiments.searches.surrogate import AT_MOST, COST, OUTCOMES, Simulate
from injae.experiments.wording.amounts import series_scale
from injae.model.record import SERIES
from injae.model.scenario import Scenario, month_of
from injae.viz.view import runs
from injae.viz.view.policy import cards
from injae.viz.view.presenter import Tasks
from injae.viz.view.state import ViewState
from injae.viz.view.visitor import Visitor
from injae.viz.view.words import word

log = logging.getLogger("injae.view")
PULLED = (
    "programme_graduates_cumulative",
    "specialists",
    "employed_hospitals",
    "adoption_share",
)  # curves with a handle
IDLE = 100_000  # urgency of work that everything else goes before
SEARCHING = runs.AFTER // 2  # urgency: behind the first answers of visitors, before their "why"
Search = Callable[[Desired, Callable[[Progress], None], threading.Event], Any]


def simulator(cancelled: threading.Event, urgency: int = runs.AFTER) -> Simulate:
    """What does the jobs of a backcast at the shared desk; ``urgency`` is that of the surrogate's."""

    def simulate(jobs: Sequence[Job], again: bool) -> list[Run]:
        asked = [(job.plan, job.seed) for job in jobs]
        return runs.desk().run(asked, cancelled, SEARCHING if again else urgency, keep=again)

    return simulate


def search(desired: Desired, on_progress: Callable[[Progress], None], cancelled: threading.Event) -> None:
    """Search at the shared desk."""
    backcast(desired, simulator(cancelled), on_progress, cancelled)


def prepare_in_background(after: threading.Thread, stop: threading.Event) -> threading.Thread:
    """Make the whole surrogate behind everything else, once a thread has ended."""

    def make() -> None:
        after.join()
        try:
            surrogate.prepare(simulator(stop, IDLE), stop)
        except Exception:
            log.exception("the surrogate of the backcast could not be prepared")

    thread = threading.Thread(target=make, daemon=True, name="surrogate")
    thread.start()
    return thread


class Backcaster:
    """What one visitor pulls at.

    Attributes:
        state: the choices that the search started from.
        desired: what is looked for, or None.
        progress: the last that is known of it.
        refused: why it cannot be looked for (``desired.Unusable``), or "trouble"; empty where it can.
    """

    def __init__(
        self, visitor: Visitor, search: Search = search, today: Callable[[], datetime.date] = datetime.date.today
    ) -> None:
        self._today = today
        self.visitor, self.state = visitor, visitor.state
        self.desired: Desired | None = None
        self.progress: Progress | None = None
        self.refused = ""
        self._search = search
        self._tasks = Tasks()
        self._lock = threading.RLock()

    @property
    def since(self) -> int:
        """Month index of the present month, before which nothing is spent unless asked (``present_month``)."""
        return present_month(self.visitor.state.scenario(), self._today())

    @property
    def month(self) -> int:
        """Month index of the date that is pulled at: that of the scenario's target, or the last."""
        plan = self.visitor.state.scenario()
        return plan.target_month if self.since + LEAST_MONTHS <= plan.target_month <= plan.months else plan.months

    # ---- verbs of the page

    def want(self, asked: dict[str, Any]) -> None:
        """Look for what brings a series to a value.

        Args:
            asked: ``series``; ``value``, in the unit that is shown; where they differ from what is offered, ``by`` and
                ``since`` (ISO months: of the value, and from which on levers move), and ``budget`` (in the unit shown).
        """
        state = self.visitor.state
        name = str(asked.get("series"))
        factor = series_scale(name, state.lang)[1] if name in SERIES else 1.0
        plan = state.scenario()
        value, budget = (_amount(asked.get(key)) for key in ("value", "budget"))
        desired = Desired(
            plan,
            name,
            _month(plan, asked.get("by"), self.month),
            math.nan if value is None else value * factor,
            state.command_layers,
            _month(plan, asked.get("since"), self.since),
            None if budget is None else budget * series_scale(COST, state.lang)[1],
        )
        with self._lock:
            self.state, self.desired, self.progress, self.refused = state, desired, Progress("searching"), ""
            self._tasks.start("the backcast", lambda cancelled: self._look_for(desired, cancelled))
        self.visitor.on_change()

    def stop(self, _: Any = None) -> None:
        """Look no further; what was found stays."""
        with self._lock:
            self._tasks.cancel("the backcast")
            if self.progress is not None and not self.progress.over:
                self.progress = Progress("stopped", self.progress.portfolios)
        self.visitor.on_change()

    def dismiss(self, _: Any = None) -> None:
        """Look no further and show nothing."""
        with self._lock:
            self._tasks.cancel("the backcast")
            self.desired = self.progress = None
        self.visitor.on_change()

    def take(self, number: int) -> None:
        """Put a portfolio that was found into the levers; one undo takes it out again."""
        with self._lock:
            found = self._states()
            if not 0 <= int(number) < len(found):
                return
            self.stop()
        chosen = found[int(number)]
        self.visitor.become(replace(self.visitor.state, preset=chosen.preset, changes=chosen.changes))

    def follow(self, state: ViewState) -> None:
        """The visitor's choices are now these: stop or drop the search where they are others."""
        with self._lock:
            if self.desired is None or self.progress is None or _same(state, self.state):
                return
            tried = any(_same(state, found) for found in self._states())
        if not tried:
            self.dismiss()
        elif not self.progress.over:
            self.stop()

    def close(self) -> None:
        """The page is gone."""
        self._tasks.close()

    # ---- what the page gets

    def payload(self) -> dict[str, Any] | None:
        """The search in the visitor's language (``cards.as_json``), with the number of the portfolio that is tried."""
        with self._lock:
            desired, progress, refused = self.desired, self.progress, self.refused
        if desired is None or progress is None:
            return None
        lang = self.visitor.state.lang
        if refused:
            trouble = refused == "trouble"
            text = word("notice.trouble", lang) if trouble else cards.refusal(desired, refused, lang)
            empty = {"title": "", "goal": "", "suggestions": [], "series": desired.series}
            return {"verdict": "refused", "text": text, "over": True, **empty}
        tried = [n for n, found in enumerate(self._states()) if _same(self.visitor.state, found)]
        shown_value = desired.value / series_scale(desired.series, lang)[1]
        shown = {"tried": tried[0] if tried else None, "shown_value": shown_value}
        return {**cards.as_json(replace(self.state, lang=lang), desired, progress), **shown}

    def offer(self) -> dict[str, Any]:
        """What can be asked for: outcomes with their units, months, and what is meant where nothing else is said."""
        lang = self.visitor.state.lang
        plan = self.visitor.state.scenario()
        charts = [
            {
                "name": name,
                "title": word(f"series.{name}", lang),
                "unit": series_scale(name, lang)[3],
                "least": word("ui.pull_at_most" if name in AT_MOST else "ui.pull_at_least", lang),
            }
            for name in OUTCOMES
        ]
        return {
            "charts": charts,
            "months": [plan.date_of(month) for month in range(1, plan.months + 1)],
            "by": plan.date_of(self.month),
            "since": plan.date_of(self.since),
            "won": series_scale(COST, lang)[3],
        }

    # ---- how it is done

    def _states(self) -> list[ViewState]:
        """What each portfolio that was found makes of the choices that the search started from."""
        if self.desired is None or self.progress is None:
            return []
        return [cards.state_of(self.state, self.desired, found) for found in self.progress.portfolios]

    def _look_for(self, desired: Desired, cancelled: threading.Event) -> None:
        def take(progress: Progress, refused: str = "") -> None:
            with self._lock:
                if cancelled.is_set():
                    return
                self.progress, self.refused = progress, refused
            self.visitor.on_change()

        try:
            self._search(desired, take, cancelled)
        except Unusable as error:
            take(Progress("refused"), error.reason)
        except Exception:
            log.exception("the search for %s failed", desired)
            take(Progress("refused"), "trouble")


def present_month(plan: Scenario, today: datetime.date) -> int:
    """Month index of today in a scenario; 1 where it does not lie within, or too late for levers to do anything."""
    month = month_of(f"{today:%Y-%m}", plan.start)
    return month if 1 <= month <= plan.months - LEAST_MONTHS else 1


def _month(plan: Scenario, iso: Any, default: int) -> int:
    """Month index of a date as it was sent; the default where there is none, 0 where it is no month."""
    if not iso:
        return default
    try:
        return month_of(str(iso), plan.start)
    except ValueError:
        return 0


def _amount(sent: Any) -> float | None:
    """A number as it was sent; None where there is none, nan where it is none."""
    try:
        return None if sent in (None, "") else float(sent)
    except (TypeError, ValueError):
        return math.nan


def _same(one: ViewState, other: ViewState) -> bool:
    """Whether two states have the same levers."""
    return (one.preset, one.changes) == (other.preset, other.changes)
