"""One visitor: choices with undo and redo, the question being answered, and the answer so far; on every screen."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from injae.experiments.wording.spoken import speaking_of
from injae.model.errors import InputError
from injae.viz.lines import one_line
from injae.viz.view import runs
from injae.viz.view.files import File
from injae.viz.view.links import pairs_of
from injae.viz.view.policy import events
from injae.viz.view.policy.payload import board
from injae.viz.view.presenter import Presenter
from injae.viz.view.runs import Answer
from injae.viz.view.state import LANGUAGE, History, Notice, ViewState
from injae.viz.view.words import word

log = logging.getLogger("injae.view")
MORE = "more"  # key of the link
ANSWER = "the answer"  # name of its task
Ask = Callable[[ViewState, Callable[[Answer], None], threading.Event], None]


class Visitor(Presenter):
    """What one open page knows and does.

    Attributes:
        history: the visitor's state, with those before and after.
        answer: what is known about a state, not always the present one: while that is computed, the one before.
        payload: the answer for the board, in the visitor's language.
        busy: runs done and wanted while an answer is computed, else None; set after ``payload``, so read it before:
            then None says that the payload is the whole answer.
        more: whether the policy screen shows everything; else its opening: question, answer, levers, two curves.
        refused: how many moves were impossible; sliders go back when it grows.
        shown: whether a screen shows the answer; else a move asks for none.
    """

    def __init__(self, search: str | None, ask: Ask = runs.ask, lang: str = LANGUAGE) -> None:
        super().__init__()
        state, notice = read_link(search, lang)
        self.history = History(state)
        self.answer: Answer | None = None
        self.payload: dict[str, Any] | None = None
        self.busy: dict[str, int] | None = None
        self.notice = notice and _say(notice, state.lang)
        self.refused = 0
        self.shown = False
        self.more = _wants_more(search)
        self.beside = ""  # what a screen adds to the link
        self._ask = ask

    @property
    def state(self) -> ViewState:
        """The present choices."""
        return self.history.present

    @property
    def lang(self) -> str:  # type: ignore[override]
        """``ko`` or ``en``."""
        return self.state.lang

    # ---- verbs of the page

    def begin(self) -> None:
        """A screen shows the answer from now on: ask for it, unless it is there."""
        self.shown = True
        if self.answer is None or not self.answer.done or self.answer.state != self.state:
            self._answer()

    def leave(self) -> None:
        """No screen shows the answer any more: what is not known of it yet can wait."""
        self.shown, self.busy = False, None
        self.tasks.cancel(ANSWER)

    def move(self, lever: dict[str, Any]) -> None:
        """Set a lever: path, value, first and last month (None: from the beginning, to the end)."""
        with self._kindly():
            self._push(
                self.state.with_lever(lever["path"], float(lever["value"]), lever.get("first"), lever.get("last"))
            )

    def drop_event(self, wish: dict[str, Any]) -> None:
        """An event (``name``) on the policy that is shown, from a month (``month``) on."""
        with self._kindly():
            self._push(events.dropped(self.state, str(wish["name"]), int(wish["month"])))

    def clear(self, path: str) -> None:
        """A lever as in the preset again."""
        with self._kindly():
            self._push(self.state.without(path))

    def clear_all(self, paths: list[str]) -> None:
        """Several settings as in the preset again."""
        with self._kindly():
            state = self.state
            for path in paths:
                state = state.without(str(path))
            self._push(state)

    def become(self, state: ViewState) -> None:
        """Other choices altogether."""
        with self._kindly():
            self._push(state)

    def choose_preset(self, name: str) -> None:
        """Another preset, without the changes made to the last."""
        with self._kindly():
            self._push(replace(self.state, preset=name, changes=()))

    def choose_seeds(self, seeds: int) -> None:
        """How many runs an answer has in the end."""
        with self._kindly():
            self._push(replace(self.state, seeds=int(seeds)))

    def flip(self, layer: str) -> None:
        """A layer of uncertainty on or off."""
        with self._kindly():
            self._push(replace(self.state, **{layer: not getattr(self.state, layer)}))

    def choose_focus(self, series: str) -> None:
        """The series that the "why" bars and the layers of uncertainty speak of."""
        with self._kindly():
            self._push(replace(self.state, focus=series))

    def as_scenario(self, _: Any = None) -> None:
        """Every lever as in the preset again; runs, layers of uncertainty and what is looked at stay."""
        with self._kindly():
            self._push(replace(self.state, changes=()))

    def reset(self, _: Any = None) -> None:
        """The default scenario in the visitor's language."""
        with self._kindly():
            self._push(ViewState(lang=self.lang))

    def undo(self, _: Any = None) -> None:
        """One state back."""
        with self._kindly():
            self._go(self.history.undo())

    def redo(self, _: Any = None) -> None:
        """One state forward again."""
        with self._kindly():
            self._go(self.history.redo())

    def follow(self, search: str | None) -> None:
        """The state of a link, where it is another one: Back and Forward of the browser."""
        with self._kindly():
            state, notice = read_link(search, self.lang)
            self.more = _wants_more(search)
            if state != self.state and not (notice and notice.refuses):
                self._push(state)
            if notice is not None:
                self.notice = _say(notice, self.lang)

    def choose_lang(self, lang: str) -> None:
        """Another language: the same numbers in other words, for all states that undo leads to."""
        with self._kindly():
            states = [*self.history.past, self.state, *self.history.future]
            translated = [replace(state, lang=lang) for state in states]
            here = len(self.history.past)
            self.history = History(translated[here], tuple(translated[:here]), tuple(translated[here + 1 :]))
            self.notice = self.error = None
            with self._lock:
                if self.answer is not None:
                    self._show(replace(self.answer, state=replace(self.answer.state, lang=lang)))

    def unfold(self, more: bool) -> None:
        """Show everything of the policy screen, or its opening alone."""
        self.more = bool(more)
        self.on_change()

    def choose_month(self, month: int) -> None:
        """The month that the answer, why and the layers of uncertainty speak of."""
        with self._kindly():
            self._push(replace(self.state, month=int(month)))

    def apologise(self) -> None:
        """Something that the page asked for went wrong through no fault of the visitor."""
        self.notice = word("notice.trouble", self.lang)
        self.on_change()

    def save(self, wish: dict[str, str]) -> None:
        """Make a file of the answer, in the background.

        Args:
            wish: ``kind`` (``headline``, ``csv``, ``png``, ``svg``, ``pdf``) and the page's ``address``, no query.
        """
        with self._kindly():
            if (answer := self.answer) is not None:
                self.make_file(wish["kind"], lambda: _file(wish["kind"], answer, str(wish.get("address", ""))))

    # ---- how they are done

    def _refuse(self, error: InputError) -> None:
        self.refused += 1
        super()._refuse(error)

    def _push(self, state: ViewState) -> None:
        state.scenario()  # an impossible one is refused here, before it is in the history
        self._go(self.history.push(state))

    def _go(self, history: History) -> None:
        if history.present == self.state:
            return
        self.history = history
        self.notice = self.error = None
        self._answer()

    def _answer(self) -> None:
        """Answer the present state, instead of what was being answered."""
        if not self.shown:
            return
        state, self.busy = self.state, {"done": 0, "wanted": self.state.seeds}

        def work(cancelled: threading.Event) -> None:
            self._ask(state, lambda answer: self._take(answer, cancelled), cancelled)

        def failed() -> None:
            with self._lock:
                self.busy = None
                self._fail()
            self.on_change()

        self.tasks.start(ANSWER, work, failed)

    def _take(self, answer: Answer, cancelled: threading.Event) -> None:
        with self._lock:
            if cancelled.is_set():
                return
            self._show(replace(answer, state=replace(answer.state, lang=self.lang)))
            self.busy = None if answer.done else {"done": len(answer.policy.runs), "wanted": answer.wanted}
        self.on_change()

    def _show(self, answer: Answer) -> None:
        self.answer = answer
        self.payload = board(answer)
        self.error = self.payload["notice"]


def _file(kind: str, answer: Answer, address: str) -> File:
    from injae.viz.view.policy import exports  # matplotlib

    with speaking_of(answer.policy.plan.country):
        if kind == "csv":
            return exports.csv_file(answer)
        if kind in ("headline", "pdf"):
            return (exports.headline_file if kind == "headline" else exports.brief_file)(answer, address)
        return exports.figure_file(answer, kind)


def read_link(search: str | None, lang: str) -> tuple[ViewState, Notice | None]:
    """State of a link, in a language where it names none; whatever may be wrong with it, there is a page."""
    try:
        return ViewState.from_link(search, lang)
    except Exception:
        log.exception("the link %r failed", search)
        return ViewState(lang=lang), Notice("notice.bad_link", "")


def _wants_more(search: str | None) -> bool:
    return any(key == MORE and value == "1" for key, value in pairs_of(search))


def _say(notice: Notice, lang: str) -> str:
    return one_line(word(notice.key, lang, what=notice.what))
