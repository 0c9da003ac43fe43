"""One visitor's set of scenarios: which, on what it looks, and the runs so far.

The link has ``c`` once a scenario, ``focus`` (index) as ``band``, ``series``, the date of the table as
``until``, numbers of colours as ``inks`` and what the visitor calls a scenario as ``name=2:More seats`` (the second).
"""

import re
import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from injae.experiments.practice import baseline_of
from injae.model.errors import InputError
from injae.model.numbers import WHOLE_MAX
from injae.model.scenario import month_of, preset_names
from injae.viz.view.compare import sides as comparing
from injae.viz.view.compare.board import CHOICES, board_of
from injae.viz.view.compare.sides import FEWEST, MOST, OWN, Compared, Side, texts_of_link, title_of
from injae.viz.view.links import pairs_of, whole_in
from injae.viz.view.presenter import Presenter
from injae.viz.view.refused import Refused
from injae.viz.view.runs import Answer, Desk, desk
from injae.viz.view.state import ViewState
from injae.viz.view.words import word

FIRST = ("no-programme", OWN, "double-grant", "retention-first")  # the set of a visitor who has chosen none
TEXT_MAX = 1500  # characters of a scenario in a link
NAME_MAX = 40  # and of what the visitor calls it


class Comparer(Presenter):
    """One visitor's comparison.

    Attributes:
        texts: the scenarios (``comparing.state_of``); the first is the reference.
        focus: index of the one whose band is drawn.
        series: that the curves show.
        until: ISO month that the table is of, or None for the end.
        names: what the visitor calls scenarios, by text.
        inks: number of the colour of each scenario, by text; kept as long as it is in the set.
        payload: ``board.board_of`` for the runs so far, or None.
        busy: runs done and wanted of each scenario while they are computed, else None; read it before ``payload``.
    """

    def __init__(self, own: ViewState, search: str | None, at: Desk | None = None) -> None:
        super().__init__()
        self.own = own
        self.texts: list[str] = list(FIRST)
        self.focus, self.series = 1, CHOICES[0]
        self.until: str | None = None
        self.names: dict[str, str] = {}
        self.inks: dict[str, int] = {}
        self.payload: dict[str, Any] | None = None
        self.busy: dict[str, int] | None = None
        self.compared: Compared | None = None
        self._at = at
        self._read(search)
        self._ink()

    @property
    def lang(self) -> str:  # type: ignore[override]
        """``ko`` or ``en``."""
        return self.own.lang

    @property
    def link(self) -> str:  # type: ignore[override]
        """What the address says beside the visitor's own scenario, beginning with ``&``."""
        parts = [("c", text) for text in self.texts] + [("band", str(self.focus))]
        parts += [("series", self.series)] if self.series != CHOICES[0] else []
        parts += [("until", self.until)] if self.until else []
        inks = [self.inks[text] for text in self.texts]
        parts += [("inks", ".".join(map(str, inks)))] if inks != list(range(len(inks))) else []
        named = [(n, self.names[text]) for n, text in enumerate(self.texts, start=1) if self.names.get(text)]
        parts += [("name", f"{n}:{name}") for n, name in named]
        return "".join(f"&{key}={quote(value, safe='@.~=')}" for key, value in parts)

    @property
    def addable(self) -> list[dict[str, str]]:
        """Scenarios that are not in the set: the visitor's own, and presets."""
        names = [name for name in (OWN, *sorted(preset_names())) if name not in self.texts]
        return [{"text": name, "title": self._title(name)} for name in names]

    def _title(self, text: str) -> str:
        if text == OWN:
            return word("ui.cp_own_long", self.lang)
        return title_of(Side("", text, ViewState(preset=text)), self.lang)

    @property
    def uncertainty(self) -> str | None:
        """A sentence where the visitor chose layers that no command has: the usual ones stand for them."""
        layers = self.own.layers
        if layers.uncertainty is not None:
            return None
        on = [word(f"ui.{name}", self.lang) for name, is_on in layers._asdict().items() if is_on]
        return word("ui.cp_uncertainty", self.lang, layers=", ".join(on) or word("ui.cp_uncertainty_none", self.lang))

    # ---- verbs of the page

    def begin(self) -> None:
        """Run what the link asks for."""
        self._ask()

    def follow(self, own: ViewState) -> None:
        """The visitor changed the own policy, the seeds or the language."""
        if own == self.own:
            return
        lang_only = replace(self.own, lang=own.lang) == own
        self.own = own
        if lang_only and self.compared is not None and self.busy is None:
            self._retitle()
            self.on_change()
        elif OWN in self.texts or lang_only:
            self._ask()

    def add(self, text: str) -> None:
        """A preset or the own policy, at the end."""
        self._change([*self.texts, text], len(self.texts))

    def add_link(self, link: str) -> None:
        """The scenarios that a link names, at the end."""
        with self._kindly():
            texts = texts_of_link(link)
            new = [text for text in texts if text not in self.texts]
            self._set([*self.texts, *new], len(self.texts) if new else self.focus)

    def remove(self, index: int) -> None:
        """A scenario less; two stay."""
        texts = [text for n, text in enumerate(self.texts) if n != int(index)]
        self._change(texts, min(self.focus, len(texts) - 1))

    def make_first(self, index: int) -> None:
        """Another reference."""
        index, focused = int(index), self.texts[self.focus]
        texts = [self.texts[index], *(text for n, text in enumerate(self.texts) if n != index)]
        self._change(texts, texts.index(focused))

    def call(self, what: dict[str, Any]) -> None:
        """What the visitor calls the scenario at ``index``; an empty ``name``: its own title again."""
        with self._kindly():
            self.names[self.texts[int(what["index"])]] = " ".join(str(what["name"]).split())[:NAME_MAX]
            self._retitle()

    def choose_until(self, month: int) -> None:
        """The month that table and cloud are of."""
        with self._kindly():
            if self.payload is not None and int(month) in self.payload["months"]:
                last = int(month) == self.payload["months"][-1]
                self.until = None if last else self.payload["dates"][int(month)]
                self._show()

    def choose_focus(self, index: int) -> None:
        """The scenario whose band is drawn."""
        with self._kindly():
            self.focus = min(max(int(index), 0), len(self.texts) - 1)
            self._show()

    def choose_series(self, name: str) -> None:
        """What the curves show."""
        with self._kindly():
            if name in CHOICES:
                self.series = name
                self._show()

    def save(self, wish: dict[str, str]) -> None:
        """Make a file in the background: ``kind`` csv, curves, png, svg, pdf, brief, toml; ``address`` of the page."""
        with self._kindly():
            if (compared := self.compared) is not None:
                self.make_file(wish["kind"], lambda: self._made(wish, compared))

    # ---- how they are done

    def _read(self, search: str | None) -> None:
        """What a link asks for; scenarios that cannot be used are left out, and said."""
        pairs = pairs_of(search)
        texts = [text[:TEXT_MAX] for key, text in pairs if key == "c"]
        link = dict(pairs)
        if link.get("series") in CHOICES:
            self.series = link["series"]
        if texts:
            kept, dropped = self._usable(texts)
            is_set = len(kept) >= FEWEST
            self.texts = kept if is_set else self.texts
            if dropped:
                key = "notice.dropped" if is_set else "notice.bad_set"
                self.notice = word(key, self.lang, what=", ".join(f"c={text}" for text in dropped))
            for key, value in pairs:
                place, _, name = value.partition(":")
                number = whole_in(place, 1, len(texts)) if key == "name" else None
                if number is not None:
                    self.names[texts[number - 1]] = name[:NAME_MAX]
            inks = link.get("inks", "").split(".")
            if sorted(inks) == sorted({*inks} & {*"01234"}) and len(inks) == len(self.texts):
                self.inks = dict(zip(self.texts, map(int, inks), strict=True))
        if re.fullmatch(r"[0-9]{4}-(0[1-9]|1[0-2])", link.get("until", "")):
            self.until = link["until"]
        band = whole_in(link.get("band"), 0, WHOLE_MAX)
        if band is not None:
            self.focus = min(band, len(self.texts) - 1)

    def _usable(self, texts: Sequence[str]) -> tuple[list[str], list[str]]:
        """Those of some scenarios that make a set, in order, and those that do not fit into it."""
        kept: list[str] = []
        dropped = []
        for text in texts:
            try:
                if kept:
                    self._check([*kept, text])
                else:
                    comparing.state_of(text, self.own).scenario()
                kept.append(text)
            except InputError:
                dropped.append(text)
        return kept, dropped

    def _check(self, texts: Sequence[str]) -> None:
        if len(texts) > MOST or len(texts) < FEWEST:
            raise Refused("ui.cp_full") if len(texts) > MOST else Refused("refused.few", least=str(FEWEST))
        if len(set(texts)) < len(texts):
            raise Refused("refused.twice")
        comparing.sides_of(texts, self.own)

    def _change(self, texts: list[str], focus: int) -> None:
        with self._kindly():
            self._set(texts, focus)

    def _set(self, texts: list[str], focus: int) -> None:
        self._check(texts)
        self.texts, self.focus = texts, min(focus, len(texts) - 1)
        self._ink()
        self._ask()

    def _ink(self) -> None:
        """Scenarios keep their colours; a new one gets the first that is free."""
        self.inks = {text: self.inks[text] for text in self.texts if text in self.inks}
        for text in self.texts:
            if text not in self.inks:
                self.inks[text] = min({*range(MOST)} - {*self.inks.values()})

    def _sides(self, texts: Sequence[str], own: ViewState) -> list[Side]:
        return comparing.sides_of(texts, own, self.names, self.inks)

    def _retitle(self) -> None:
        """The same runs under other names, or in another language."""
        if self.compared is not None and len(self.compared.sides) == len(self.texts):
            sides = self._sides(self.texts, self.own)
            self.compared = Compared(sides, self.compared.results, self.compared.failed)
            self._show()

    def _kindly(self) -> AbstractContextManager[None]:
        self.notice = None
        return super()._kindly()

    def _ask(self) -> None:
        """Run the present set, instead of what was being run: first from few seeds, then from all."""
        self.busy = {"done": 0, "wanted": self.own.seeds}
        self.error = None
        texts, own = list(self.texts), self.own

        def failed() -> None:
            with self._lock:
                self.busy = None
                self._fail()
            self.on_change()

        self.tasks.start("the comparison", lambda cancelled: self._run(texts, own, cancelled), failed)
        self.on_change()

    def _run(self, texts: list[str], own: ViewState, cancelled: threading.Event) -> None:
        sides = self._sides(texts, own)
        plans = comparing.plans_of(sides)
        layers = own.command_layers
        futures, ensemble = layers.futures(plans[0], own.seeds), layers.ensemble(plans[0])
        at = self._at or desk()
        for count in at.stages(len(futures)):
            results = at.all_results(plans, futures[:count], cancelled, ensemble=ensemble)
            if not results:
                return
            with self._lock:
                if cancelled.is_set():
                    return
                self.compared = Compared.of(sides, results)
                self._show()
                self.busy = None if count == len(futures) else {"done": count, "wanted": len(futures)}
            self.on_change()

    def _show(self) -> None:
        if self.compared is not None:
            self.payload = board_of(self.compared, self.series, self.focus, self.lang, self._month())

    def _month(self) -> int | None:
        """Month of the table; None: the end."""
        plan = self.compared.results[0].plan if self.compared else None
        return month_of(self.until, plan.start) if self.until and plan else None

    def _made(self, wish: dict[str, str], compared: Compared) -> Any:
        from injae.viz.view.compare import files as comparing_files  # matplotlib
        from injae.viz.view.policy import exports  # matplotlib

        kind, side = wish["kind"], compared.sides[min(self.focus, len(compared.sides) - 1)]
        if kind == "brief":
            return exports.brief_file(self._answer(side), str(wish.get("address", "")))
        if kind == "toml":
            return comparing_files.toml_file(side)
        if kind == "csv":
            return comparing_files.differences_file(compared, self.lang)
        if kind == "curves":
            return comparing_files.curves_file(compared, self.lang)
        return comparing_files.figure_file(compared, self.series, self.focus, self.lang, kind, self._month())

    def _answer(self, side: Side) -> Answer:
        """The answer of the policy screen to one scenario of the set, without the causes, for the brief."""
        plan = side.state.scenario()
        baseline = baseline_of(plan)
        plans = [plan] + ([baseline] if baseline else [])
        layers = self.own.command_layers
        futures, ensemble = layers.futures(plan, self.own.seeds), layers.ensemble(plan)
        results = (self._at or desk()).all_results(plans, futures, threading.Event(), ensemble=ensemble)
        return Answer(side.state, results[0], results[1] if baseline else None, len(futures), done=True)
