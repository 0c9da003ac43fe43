"""What screens are made of: the visitor of the page, the presenter of a screen, and our own Vue templates.

A screen is a Solara component without arguments, in ``<screen>/screen.py``: it reads the visitor with
``use_visitor()``, has its presenter begin and end with ``use_presenter()``, and draws what both hold with ``vue()``.
"""

import logging
import re
from collections.abc import Callable, Mapping
from functools import cache
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any, NamedTuple

import solara
import solara.lab
from solara.server.kernel_context import get_current_context

from injae.experiments.wording.spoken import SPOKEN, speech_of
from injae.viz.view.presenter import Presenter
from injae.viz.view.state import language_of
from injae.viz.view.visitor import Visitor
from injae.viz.view.words import BOOK, word

log = logging.getLogger("injae.view")
HERE = Path(__file__).parent
_WORD = re.compile(r"\bwords\.(\w+)")
_EVENT = "event_"  # by which Solara tells what a template can call from what it shows


class Seen(NamedTuple):
    """A visitor's state as it stands; a new object after each change, so that screens are drawn anew."""

    visitor: Visitor
    change: int


seen: Any = solara.create_context(None)


def use_visitor(country: str = "") -> Visitor:
    """The visitor of this page, inside a screen, which speaks of a country; none: that of the visitor's scenario."""
    visitor = solara.use_context(seen).visitor
    SPOKEN.set(speech_of(country or visitor.state.country))
    return visitor


def use_presenter(visitor: Visitor, presenter: Presenter, title: str = "") -> None:
    """Begin what a screen works with, show the page what changes in it, and end it when the screen is left.

    Args:
        visitor: of the page; its link gets that of the presenter beside it, its notice what a link could not say.
        presenter: of the screen.
        title: key of the screen's title, where it is not that of the scenario.
    """
    lang = visitor.lang
    if title:
        solara.Title(f"{word(title, lang)} · {word('ui.name', lang)}")

    def live() -> Callable[[], None]:
        def tell() -> None:
            visitor.beside = presenter.link
            visitor.on_change()

        def leave() -> None:
            presenter.close()
            visitor.beside = ""

        presenter.on_change = tell
        presenter.begin()
        tell()
        return leave

    def say() -> None:
        if presenter.dropped:
            visitor.notice = word("notice.dropped", lang, what=", ".join(presenter.dropped))
            visitor.on_change()

    solara.use_effect(live, [])
    solara.use_effect(say, [tuple(presenter.dropped)])


def in_page(do: Callable[[], None]) -> Callable[[], None]:
    """What is to be done in the page that is being drawn, to call from any thread; nothing once the page is closed."""
    context = get_current_context()

    def entered() -> None:
        if not context.closed_event.is_set():
            with context:
                do()

    return entered


def browser_language() -> str:
    """The language of the visitor's browser, for a link that names none."""
    accepted = (solara.lab.headers.value or {}).get("accept-language", [])
    return language_of(",".join(accepted))


@cache
def source(template: str) -> str:
    """A template with the script and the style that stand beside it; a short one has them within."""
    parts = [(HERE / template).read_text(encoding="utf-8")]
    for tag, ending in (("script", ".js"), ("style", ".css")):
        beside = (HERE / template).with_suffix(ending)
        if beside.exists():
            name = f' id="injae-{beside.stem}"' if tag == "style" else ""
            parts.append(f"<{tag}{name}>\n{beside.read_text(encoding='utf-8')}</{tag}>\n")
    return "\n".join(parts)


def words_of(template: str, lang: str) -> dict[str, str]:
    """Every text that a template names as ``words.KEY``, from ``ui`` or ``status`` of the table.

    Raises:
        KeyError: the table lacks one.
    """
    return {key: BOOK.text(full, lang) for key, full in _words_named(template)}


@cache
def _words_named(template: str) -> list[tuple[str, str]]:
    """Words of a template, each with its key in the table."""
    keys = sorted(set(_WORD.findall(source(template))))
    return [(key, f"ui.{key}" if f"ui.{key}" in BOOK.texts else f"status.{key}") for key in keys]


def vue(template: str, lang: str, on: Mapping[str, Callable[[Any], Any]], **shown: Any) -> Any:
    """What a Vue template draws.

    Args:
        template: its file, seen from this folder.
        lang: of the words that it names.
        on: what it can call, by name, with one argument; what fails there is logged and said kindly.
        shown: properties, ready for JSON; each crosses the wire only when it changes.
    """
    now = solara.use_context(seen)
    calls = {_EVENT + name: _safe(name, handler, now) for name, handler in on.items()}
    draw = _component(template, tuple(shown), tuple(calls))
    return draw(template=source(template), words=words_of(template, lang), lang=lang, **shown, **calls)


@cache
def _component(template: str, shown: tuple[str, ...], calls: tuple[str, ...]) -> Callable[..., Any]:
    def signature() -> None: ...

    names = ("words", "lang", *shown, *calls)
    signature.__signature__ = Signature([Parameter(name, Parameter.KEYWORD_ONLY) for name in names])  # type: ignore[attr-defined]
    return solara.component_vue(template, vuetify=False)(signature)


def _safe(name: str, handler: Callable[[Any], Any], now: Any) -> Callable[[Any], None]:
    """The handler, which no longer raises, and speaks of the country that the screen was drawn for."""
    speech = SPOKEN.get()

    def handle(data: Any) -> None:
        try:
            SPOKEN.set(speech)
            handler(data)
        except Exception:
            log.exception("what the page asked for (%s) failed", name)
            if now is not None:
                now.visitor.apologise()

    return handle
