"""One visitor: choices with undo and redo, the question being answered, and the answer so far; on every screen."""

import logging
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from model.errors import InputError
from viz.lines import one_line
from viz.view import runs
from viz.view.files import File
from viz.view.policy.payload import board
from viz.view.presenter import Presenter
from viz.view.runs import Answer
from viz.view.state import LANGUAGE, History, Notice, ViewState
from viz.view.words import word

log = logging.getLogger("injae.view")
Ask = Callable[[ViewState, Callable[[Answer], None], threading.Event], None]


class Visitor(Presenter):
    """What one open page knows and does.

    Attributes:
        history: the visitor's state, with those before and after.
        answer: what is known about a state, not always the present one: while that is computed, the one before.
        payload: the answer for the board, in the visitor's language.
        busy: runs done and wanted while an answer is computed, else None; set after ``payload``, so read it before:
            then None says that the payload is the whole answer.
        refused: how many moves were impossible; sliders go back when it grows.
    """

    def __init__(self, search: str | None, ask: Ask = runs.ask, lang: str = LANGUAGE) -> None:
        super().__init__()
        state, notice = _read(search, lang)
        self.history = History(state)
        self.answer: Answer | None = None
        self.payload: dict[str, Any] | None = None
        self.busy: dict[str, int] | None = None
        self.notice = notice and _say(notice, state.lang)
        self.refused = 0
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
        """Ask for the first answer."""
        self._answer()

    def move(self, lever: dict[str, Any]) -> None:
        """Set a lever: path, value, first and last month (None: from the beginning, to the end)."""
        with self._kindly():
            self._push(
                self.state.with_lever(lever["path"], float(lever["value"]), lever.get("first"), lever.get("last"))
            )

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
        """A layer of doubt on or off."""
        with self._kindly():
            self._push(replace(self.state, **{layer: not getattr(self.state, layer)}))

    def choose_focus(self, series: str) -> None:
        """The series that the "why" bars and the layers of doubt speak of."""
        with self._kindly():
            self._push(replace(self.state, focus=series))

    def as_scenario(self, _: Any = None) -> None:
        """Every lever as in the preset again; runs, layers of doubt and what is looked at stay."""
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
            state, notice = _read(search, self.lang)
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

    def apologise(self) -> None:
        """Something that the page asked for went wrong through no fault of the visitor."""
        self.notice = word("notice.trouble", self.lang)
        self.on_change()

    def save(self, wish: dict[str, str]) -> None:
        """Make a file of the answer, in the background.

        Args:
            wish: ``kind`` (``csv``, ``png``, ``svg`` or ``pdf``) and ``address`` of the page without its query.
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
        state, self.busy = self.state, {"done": 0, "wanted": self.state.seeds}

        def work(cancelled: threading.Event) -> None:
            self._ask(state, lambda answer: self._take(answer, cancelled), cancelled)

        def failed() -> None:
            with self._lock:
                self.busy = None
                self._fail()
            self.on_change()

        self.tasks.start("the answer", work, failed)

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
    from viz.view.policy import exports  # matplotlib

    if kind == "csv":
        return exports.csv_file(answer)
    return exports.brief_file(answer, address) if kind == "pdf" else exports.figure_file(answer, kind)


def _read(search: str | None, lang: str) -> tuple[ViewState, Notice | None]:
    """State of a link, in a language where it names none; whatever may be wrong with it, there is a page."""
    try:
        return ViewState.from_link(search, lang)
    except Exception:
        log.exception("the link %r failed", search)
        return ViewState(lang=lang), Notice("notice.bad_link", "")


def _say(notice: Notice, lang: str) -> str:
    return one_line(word(notice.key, lang, what=notice.what))
