"""What one visitor looks at inside a run: the seed, what is picked, and the answers that came.

The link has ``run`` (seed), ``at`` (month), ``person``, ``hospital``, ``firm`` or ``university`` (row), and
``series`` with ``at``: the point of a curve whose people are asked for.
"""

import re
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from injae.experiments.names import place_names
from injae.model.record import SERIES
from injae.model.scenario import Scenario
from injae.viz.view.inside.desk import SEED_MAX, Look, look
from injae.viz.view.inside.stories import KINDS
from injae.viz.view.links import pairs_of, whole_in
from injae.viz.view.presenter import Presenter
from injae.viz.view.state import ViewState
from injae.viz.view.words import word

Ask = Callable[[Look, threading.Event], dict[str, Any] | None]
KEY_LENGTH = 20  # digits of a person's key at most


class Insider(Presenter):
    """One visitor's look inside.

    Attributes:
        seed: of the run that is looked at.
        at: month index that a link asked for, or None.
        payload: the map (``inside.map_of``), or None while it is computed.
        story: what is told of the person or institution that is picked, with ``what`` to say which; None if none is.
        behind: what is told of a point of a curve, or None.
        reading: whether a story is being computed.
        error: what went wrong with the map, in words, or None.
    """

    def __init__(self, state: ViewState, search: str | None, ask: Ask = look) -> None:
        super().__init__()
        self.state = state
        self.seed, self.at = 0, None
        self.picked: tuple[Any, ...] | None = None  # ("person", key) or ("institution", kind, row)
        self.point: tuple[str, int] | None = None
        self.payload: dict[str, Any] | None = None
        self.story: dict[str, Any] | None = None
        self.behind: dict[str, Any] | None = None
        self.reading = False
        self._ask = ask
        self._read(dict(pairs_of(search)))

    @property
    def lang(self) -> str:  # type: ignore[override]
        """``ko`` or ``en``."""
        return self.state.lang

    @property
    def link(self) -> str:  # type: ignore[override]
        """What the address says beside the scenario, beginning with ``&``."""
        parts: list[tuple[str, Any]] = [("run", self.seed)] if self.seed else []
        if self.picked:
            parts.append(("person", self.picked[1]) if self.picked[0] == "person" else self.picked[1:])
        if self.point:
            parts.append(("series", self.point[0]))
        if self.at is not None:
            parts.append(("at", self.at))
        return "".join("&" + urlencode([part]) for part in parts)

    # ---- verbs of the page

    def begin(self) -> None:
        """Ask for all that the link names."""
        self._look_at_map()
        self._look_at_story()
        self._look_behind()

    def follow(self, state: ViewState) -> None:
        """The visitor chose another scenario or language."""
        same = state.scenario() == self.state.scenario() and state.lang == self.lang
        self.state = state
        if not same:
            self.begin()

    def choose_seed(self, seed: Any) -> None:
        """Another run of the same scenario."""
        if 0 <= int(seed) <= SEED_MAX:
            self.seed = int(seed)
            self.begin()

    def pick(self, what: dict[str, Any]) -> None:
        """A person (``what``: person, ``key``) or an institution (``kind``, ``row``)."""
        if what.get("what") == "person":
            self.picked = ("person", str(what["key"]))
        elif what.get("kind") in KINDS:
            self.picked = ("institution", what["kind"], int(what["row"]))
        self._look_at_story()

    def unpick(self, _: Any = None) -> None:
        """Nothing is picked any more."""
        self.picked = None
        self._look_at_story()

    def close_behind(self, _: Any = None) -> None:
        """The point of the curve is no longer asked about."""
        self.point = None
        self._look_behind()

    # ---- how they are done

    def _read(self, link: dict[str, str]) -> None:
        """What a link asks for; parts that make no sense are left out and named."""
        plan = self.state.scenario()
        dropped: list[str] = []

        def drop(name: str, why: str, most: int = 0) -> None:
            reason = word(f"dropped.{why}", self.lang, most=most)
            dropped.append(f"{name}={link[name][:40]} ({reason})")

        def whole(name: str, count: int, why: str, most: int) -> int | None:
            number = whole_in(link.get(name), 0, count - 1)
            if number is None and name in link:
                drop(name, why, most)
            return number

        self.seed = whole("run", SEED_MAX + 1, "seed", SEED_MAX) or 0
        self.at = whole("at", plan.months + 1, "month", plan.months)
        if re.fullmatch(f"[0-9]{{1,{KEY_LENGTH}}}", link.get("person", "")):
            self.picked = ("person", link["person"])
        elif "person" in link:
            drop("person", "key")
        for kind in KINDS:  # how many firms there are the run alone knows
            known = len(place_names(plan.country)[kind])
            row = whole(kind, 10**9, "unknown", 0) if kind == "firm" else whole(kind, known, "place", known)
            if row is not None:
                self.picked = ("institution", kind, row)
        if link.get("series") in SERIES and self.at:
            self.point = (link["series"], self.at)
        elif "series" in link:
            drop("series", "points")
        if self.at is None:
            self.at = min(self.state.date_month, plan.months)
        self.dropped = dropped

    def _look_at_map(self) -> None:
        self.error = None
        also = (self.picked[1],) if self.picked and self.picked[0] == "person" else ()
        self._look("map", "map", also, self._take_map)

    def _take_map(self, answer: dict[str, Any]) -> None:
        wrong = self._wrong(answer)
        self.payload, self.error = (None, wrong) if wrong else (answer, None)

    def _look_at_story(self) -> None:
        if self.picked is None:
            self.tasks.cancel("story")
            self.story, self.reading = None, False
            self.on_change()
            return
        self.reading = True
        what, *about = self.picked

        def take(answer: dict[str, Any]) -> None:
            self.reading = False
            if "refused" in answer:  # no such institution in this run: it is in the address no longer
                self.picked, self.story = None, None
                self.dropped = [answer["refused"]]
                return
            wrong = self._wrong(answer)
            self.story = {"what": what} | ({"error": wrong} if wrong else answer)

        self._look("story", what, tuple(about), take)

    def _look_behind(self) -> None:
        if self.point is None:
            self.tasks.cancel("behind")
            self.behind = None
            self.on_change()
            return

        def take(answer: dict[str, Any]) -> None:
            wrong = self._wrong(answer)
            self.behind = {"error": wrong} if wrong else answer

        self._look("behind", "behind", self.point, take)

    def _wrong(self, answer: dict[str, Any]) -> str | None:
        """What went wrong, in words."""
        if "refused" in answer:
            return word("notice.bad_value", self.lang, what=answer["refused"])
        return word("ui.in_trouble", self.lang) if "error" in answer else None

    def _look(self, slot: str, what: str, about: tuple[Any, ...], take: Callable[[dict[str, Any]], None]) -> None:
        """Ask in a thread of its own, instead of what was asked for the same place before."""
        plan: Scenario = self.state.scenario()
        label = plan.title.get(self.lang, plan.name) + (" *" if self.state.changes else "")
        question = Look(plan, self.seed, self.lang, what, about, label)

        def work(cancelled: threading.Event) -> None:
            answer = self._ask(question, cancelled)
            with self._lock:
                if answer is None or cancelled.is_set():
                    return
                take(answer)
            self.on_change()

        def failed() -> None:
            with self._lock:
                take({"error": "see the log"})
            self.on_change()

        self.tasks.start(slot, work, failed)
        self.on_change()
