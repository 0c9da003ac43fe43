"""One visitor's search for what it would take (``search.py``): asked for, told, tried, stopped; plain Python.

A search belongs to the choices it started from. It goes on while the visitor has those; trying a set stops it and keeps
the cards, and any other choice of levers or scenario drops it.
"""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

from experiments.wording.amounts import date, series_scale
from model.record import SERIES
from viz.view import runs
from viz.view.pull import told
from viz.view.pull import wish as wishes
from viz.view.pull.search import pull
from viz.view.pull.wish import News, Wish
from viz.view.state import ViewState
from viz.view.words import word

log = logging.getLogger("injae.view")
PULLED = ("programme_graduates_cumulative", "specialists", "adoption_share")  # curves with a handle
Search = Callable[[Wish, Callable[[News], None], threading.Event], Any]


class Chooser(Protocol):
    """What is needed of the visitor."""

    error: str | None
    on_change: Callable[[], None]

    @property
    def state(self) -> ViewState: ...  # noqa: D102

    def become(self, state: ViewState) -> None: ...  # noqa: D102


def search(wish: Wish, on_news: Callable[[News], None], cancelled: threading.Event) -> None:
    """Search at the shared desk."""
    pull(wish, runs.desk(), on_news, cancelled)


class Puller:
    """What one visitor pulls at.

    Attributes:
        wish: what is looked for, or None.
        news: the last that is known of it.
    """

    def __init__(self, visitor: Chooser, search: Search = search) -> None:
        self.visitor = visitor
        self.wish: Wish | None = None
        self.news: News | None = None
        self._search = search
        self._cancelled = threading.Event()
        self._lock = threading.RLock()

    @property
    def month(self) -> int:
        """Month index of the date that is pulled at: that of the scenario's target, or the last."""
        plan = self.visitor.state.scenario()
        return plan.target_month if 1 <= plan.target_month <= plan.months else plan.months

    # ---- verbs of the page

    def want(self, asked: dict[str, Any]) -> None:
        """Look for what brings a series (``series``) to a value (``value``, in the unit that is shown) by the date."""
        state = self.visitor.state
        name = str(asked.get("series"))
        factor = series_scale(name, state.lang)[1] if name in SERIES else 1.0
        try:
            value = float(asked.get("value")) * factor  # type: ignore[arg-type]
        except (TypeError, ValueError):
            value = float("nan")
        with self._lock:
            self._cancelled.set()
            self._cancelled = threading.Event()
            self.wish, self.news = Wish(state, name, self.month, value), News("searching")
            thread = threading.Thread(target=self._in_thread, args=(self.wish, self._cancelled), daemon=True)
        thread.start()
        self.visitor.on_change()

    def stop(self, _: Any = None) -> None:
        """Look no further; what was found stays."""
        with self._lock:
            self._cancelled.set()
            if self.news is not None and not self.news.over:
                self.news = News("stopped", self.news.suggestions)
        self.visitor.on_change()

    def dismiss(self, _: Any = None) -> None:
        """Look no further and show nothing."""
        with self._lock:
            self._cancelled.set()
            self.wish = self.news = None
        self.visitor.on_change()

    def take(self, number: int) -> None:
        """Put a set that was found into the levers; one undo takes it out again."""
        with self._lock:
            found = self.news.suggestions if self.news else ()
            if not 0 <= int(number) < len(found):
                return
            state = self.visitor.state
            self.stop()
        chosen = found[int(number)].state
        self.visitor.become(replace(state, preset=chosen.preset, changes=chosen.changes))

    def follow(self, state: ViewState) -> None:
        """The visitor's choices are now these: stop or drop the search where they are others."""
        with self._lock:
            if self.wish is None or self.news is None or _same(state, self.wish.state):
                return
            tried = any(_same(state, found.state) for found in self.news.suggestions)
        if not tried:
            self.dismiss()
        elif not self.news.over:
            self.stop()

    def close(self) -> None:
        """The page is gone."""
        self._cancelled.set()

    # ---- what the page gets

    def payload(self) -> dict[str, Any] | None:
        """The search in the visitor's language (``told.as_json``), with the number of the set that is tried."""
        with self._lock:
            wish, news = self.wish, self.news
        if wish is None or news is None:
            return None
        state = self.visitor.state
        wish = wish._replace(state=replace(wish.state, lang=state.lang))
        if news.verdict == "refused" and (reason := wishes.refusal(wish)):
            news = news._replace(reason=reason)
        if news.verdict == "refused":
            return {
                "verdict": "refused",
                "text": news.reason,
                "over": True,
                "title": "",
                "goal": "",
                "suggestions": [],
                "series": wish.series,
            }
        factor = series_scale(wish.series, state.lang)[1]
        tried = [n for n, found in enumerate(news.suggestions) if _same(state, found.state)]
        shown = {"tried": tried[0] if tried else None, "shown_value": wish.value / factor}
        return {**told.as_json(wish, news), **shown}

    def offer(self) -> dict[str, Any]:
        """What can be pulled at: month, date in words, the curves with their units."""
        lang = self.visitor.state.lang
        when = date(self.visitor.state.scenario().date_of(self.month), lang)
        charts = [
            {"name": name, "title": word(f"series.{name}", lang), "unit": series_scale(name, lang)[3]}
            for name in PULLED
        ]
        return {"month": self.month, "date": when, "charts": charts}

    # ---- how it is done

    def _in_thread(self, wish: Wish, cancelled: threading.Event) -> None:
        def take(news: News) -> None:
            with self._lock:
                if cancelled.is_set():
                    return
                self.news = news
            self.visitor.on_change()

        try:
            self._search(wish, take, cancelled)
        except Exception:
            log.exception("the search for %s failed", wish)
            take(News("refused", reason=word("notice.trouble", wish.state.lang)))


def _same(one: ViewState, other: ViewState) -> bool:
    """Whether two states have the same levers."""
    return (one.preset, one.changes) == (other.preset, other.changes)
