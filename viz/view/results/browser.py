"""One visitor's look at finished sweeps: what is chosen and what is shown; the link holds all of it (``wish.py``)."""

import threading
from dataclasses import replace
from typing import Any

from injae.model.errors import InputError
from injae.viz.view.files import File
from injae.viz.view.presenter import Presenter
from injae.viz.view.refused import in_words
from injae.viz.view.results import sweeps as results
from injae.viz.view.results.link import link_of
from injae.viz.view.results.wish import Wish, read_link
from injae.viz.view.state import ViewState
from injae.viz.view.words import word

KINDS = {"csv": "text/csv", "png": "image/png", "svg": "image/svg+xml"}


class Browser(Presenter):
    """One visitor's look at the results folder.

    Attributes:
        wish: what is asked for; payload: ``results.board_of`` it, or None.
        folders: sweeps there are; busy: whether one is being read; read it before ``payload``.
        error: what is wrong with the sweep, in words, or None.
    """

    def __init__(self, lang: str, search: str | None) -> None:
        super().__init__()
        self.wish, self.dropped = read_link(search, lang)
        self.shown: Wish | None = None  # the wish of the payload, with names in place of what was left open
        self.folders: list[str] = []
        self.payload: dict[str, Any] | None = None
        self.busy = False

    @property
    def lang(self) -> str:  # type: ignore[override]
        """Language of what is said."""
        return self.wish.lang

    @property
    def link(self) -> str:  # type: ignore[override]
        """What the address says beside the scenario, beginning with ``&``."""
        return (self.shown or self.wish).link

    def begin(self) -> None:
        """Show what the link asks for, or the newest sweep."""
        self.folders = results.folders()
        if not self.wish.folder and self.folders:
            self.wish = replace(self.wish, folder=self.folders[0])
        self._show()

    def speak(self, lang: str) -> None:
        """Another language."""
        if lang != self.wish.lang:
            self.wish = replace(self.wish, lang=lang)
            self._show()

    def open(self, folder: str) -> None:
        """Another sweep."""
        self.wish = Wish(folder=str(folder), lang=self.wish.lang)
        self._show()

    def choose(self, what: dict[str, Any]) -> None:
        """Another policy, outcome, series, x or y: ``name`` and ``value``."""
        name = what.get("name")
        if name in ("policy", "outcome", "series", "x", "y"):
            cell = self.wish.cell if name in ("outcome", "series") else None
            self.wish = replace(self.wish, cell=cell, page=0, **{name: str(what["value"])})
            self._show()

    def limit(self, what: dict[str, Any]) -> None:
        """A filter: setting ``name`` from ``low`` to ``high``, as typed."""
        low, high = float(what["low"]), float(what["high"])
        others = tuple(row for row in self.wish.ranges if row[0] != what["name"])
        self.wish = replace(self.wish, cell=None, page=0, ranges=(*others, (str(what["name"]), low, high)))
        self._show()

    def unlimit(self, _: Any = None) -> None:
        """No filters any more."""
        self.wish = replace(self.wish, cell=None, page=0, ranges=(), seed=None)
        self._show()

    def choose_seed(self, seed: Any) -> None:
        """The runs of one seed, or of all (empty)."""
        self.wish = replace(self.wish, cell=None, page=0, seed=None if seed in (None, "") else int(float(seed)))
        self._show()

    def pick(self, cell: list[int] | None) -> None:
        """A cell of the heat map (across, upwards), or all."""
        self.wish = replace(self.wish, page=0, cell=(int(cell[0]), int(cell[1])) if cell else None)
        self._show()

    def sort(self, column: str) -> None:
        """The list of runs by a column; the same column again turns it round."""
        down = not self.wish.down if column == self.wish.sort else False
        self.wish = replace(self.wish, sort=str(column), down=down, page=0)
        self._show()

    def turn(self, page: int) -> None:
        """Another page of the list of runs."""
        self.wish = replace(self.wish, page=max(int(page), 0))
        self._show()

    def save(self, kind: str) -> None:
        """The chosen runs as ``csv``, or heat map and fan as ``png`` or ``svg``; in the background."""
        if kind in KINDS and self.saving is None and self.wish.folder:
            wish = self.wish
            self.make_file(kind, lambda: self._file(kind, wish))
            self.on_change()

    def link_to(self, row: int, state: ViewState) -> str | None:
        """Query of the policy screen for a run of the list; None, and the reason in words, where there is none."""
        with self._kindly():
            wish = results.completed(self.wish)
            policy = results.opened(wish.folder).sweep.policies[wish.policy]
            return link_of(policy, wish.policy, results.settings_of(wish, int(row)), state)
        return None

    def _show(self) -> None:
        """Read and aggregate in a thread of its own."""
        if self.wish.folder:
            self.busy = True
            wish = self.wish
            self.tasks.start("the sweep", lambda cancelled: self._read(wish, cancelled))
        self.on_change()

    def _read(self, wish: Wish, cancelled: threading.Event) -> None:
        with self._lock:  # one at a time: of those that wait the last is read
            if cancelled.is_set():
                return
            with self._kindly():
                board = shown = None
                try:
                    board = results.board_of(wish)
                    shown = replace(results.completed(wish), page=board["page"], cell=board["cell"])
                    self.error = None
                finally:
                    self.payload, self.shown, self.busy = board, shown, False

    def _file(self, kind: str, wish: Wish) -> File:
        same = True
        if kind == "csv":
            data = results.csv_of(wish)
        else:
            from injae.viz.view.results.figures import figure_of  # matplotlib

            data, same = figure_of(wish, kind)
        self.error = None if same else word("notice.no_font", wish.lang)
        return File(f"injae-{wish.folder.replace('/', '-')}.{kind}", KINDS[kind], data)

    def _refuse(self, error: InputError) -> None:
        self.error = in_words(error, self.lang)

    def _fail(self) -> None:
        self.error = word("ui.in_trouble", self.lang)
