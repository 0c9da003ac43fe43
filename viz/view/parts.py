"""The parts of the page: our own Vue templates, and the words that each of them names."""

import logging
import re
from collections.abc import Callable
from functools import cache, wraps
from pathlib import Path
from typing import Any, ParamSpec

import solara

from viz.view.screens import seen
from viz.view.words import BOOK

log = logging.getLogger("injae.view")
P = ParamSpec("P")

HERE = Path(__file__).parent
_WORD = re.compile(r"\bwords\.(\w+)")


@cache
def words_of(template: str, lang: str) -> dict[str, str]:
    """Every text that a template names as ``words.KEY``, from ``ui`` or ``status`` of the table.

    Raises:
        KeyError: the table lacks one.
    """
    keys = sorted(set(_WORD.findall((HERE / template).read_text(encoding="utf-8"))))
    known = BOOK.texts
    return {key: known[f"ui.{key}" if f"ui.{key}" in known else f"status.{key}"][lang] for key in keys}


def part(template: str) -> Callable[[Callable[P, None]], Callable[P, Any]]:
    """A component drawn by a Vue template; a handler (``event_*``) that fails is logged and said kindly."""

    def decorator(signature: Callable[P, None]) -> Callable[P, Any]:
        drawn: Callable[..., Any] = solara.component_vue(template, vuetify=False)(signature)

        @wraps(signature)
        def component(*args: P.args, **kwargs: P.kwargs) -> Any:
            now = solara.use_context(seen)
            safe = {name: _safe(name, of, now) if name.startswith("event_") else of for name, of in kwargs.items()}
            return drawn(*args, **safe)

        return component

    return decorator


def _safe(name: str, handler: Any, now: Any) -> Callable[[Any], None]:
    """The handler, which no longer raises."""

    def handle(data: Any) -> None:
        try:
            handler(data)
        except Exception:
            log.exception("what the page asked for (%s) failed", name)
            if now is not None:
                now.visitor.apologise()

    return handle


@part("shell.vue")
def Shell(  # noqa: N802 - components are written as types
    words: dict[str, str],
    lang: str,
    languages: list[dict[str, str]],
    screens: list[dict[str, str]],
    more: list[dict[str, str]],
    path: str,
    presets: list[dict[str, str]],
    preset: str,
    plan: bool,
    undoes: bool,
    can_undo: bool,
    can_redo: bool,
    can_clear: bool,
    can_reset: bool,
    link: str,
    notice: str | None,
    help: list[str],
    keyboard: list[list[str]],
    event_choose_preset: Callable[[str], None],
    event_choose_lang: Callable[[str], None],
    event_undo: Callable[[Any], None],
    event_redo: Callable[[Any], None],
    event_as_scenario: Callable[[Any], None],
    event_reset: Callable[[Any], None],
    event_go: Callable[[str], None],
    event_close_notice: Callable[[Any], None],
) -> None:
    """Header of every screen: name, screens, language, preset, undo, redo, reset, link, help, notices, keyboard."""


@part("answer.vue")
def Answer(  # noqa: N802
    words: dict[str, str],
    lang: str,
    payload: dict[str, Any] | None,
    busy: dict[str, int] | None,
    error: str | None,
    kinds: list[dict[str, str]],
    saving: str | None,
    file: dict[str, Any] | None,
    event_save: Callable[[dict[str, str]], None],
    event_plain: Callable[[list[str]], None],
) -> None:
    """The answer in sentences, the chance of the target, downloads, progress, and what a screen reader hears."""


@part("levers.vue")
def Levers(  # noqa: N802
    words: dict[str, str],
    lang: str,
    panel: str,
    settings: dict[str, dict[str, Any]],
    months: list[str],
    refused: int,
    headline: list[dict[str, str]],
    busy: bool,
    event_move: Callable[[dict[str, Any]], None],
    event_clear: Callable[[str], None],
) -> None:
    """Sliders of all levers and shocks; ``panel`` is what they are, ``settings`` how they stand (``controls.py``).

    ``headline`` (title, text) stays in sight on a phone while levers are open.
    """


@part("board.vue")
def Board(  # noqa: N802
    words: dict[str, str],
    lang: str,
    parcel: dict[str, Any] | None,
    busy: dict[str, int] | None,
    focus: str,
    about: dict[str, list[str]],
    inner: list[Any],
    followed: list[str],
    pulled: list[str],
    pull_month: int,
    aimed: dict[str, Any] | None,
    event_want: Callable[[dict[str, Any]], None],
    event_choose_focus: Callable[[str], None],
    event_look_inside: Callable[[dict[str, Any]], None],
) -> None:
    """Charts, cards, time, tables, what binds and why, for one payload; plays in the browser.

    ``parcel`` is ``packing.packed`` of the payload of ``payload.py``. ``about`` says by series what a curve rests on
    (``grounds.py``); ``inner`` are elements that stand below the large curves. Curves of ``pulled`` have a handle at
    ``pull_month``, which stands at ``aimed`` (name, value) while that is looked for.
    """


@part("pull/pull.vue")
def Pull(  # noqa: N802
    words: dict[str, str],
    lang: str,
    offer: dict[str, Any],
    found: dict[str, Any] | None,
    event_want: Callable[[dict[str, Any]], None],
    event_stop: Callable[[Any], None],
    event_dismiss: Callable[[Any], None],
    event_take: Callable[[int], None],
) -> None:
    """What it would take to reach a value by a date: the question, the search, sets to try (``puller.py``)."""


@part("foot.vue")
def Foot(  # noqa: N802
    words: dict[str, str],
    lang: str,
    payload: dict[str, Any] | None,
    doubt: list[dict[str, Any]],
    seeds: int,
    seed_choices: list[int],
    command: str,
    event_flip: Callable[[str], None],
    event_choose_seeds: Callable[[int], None],
) -> None:
    """Layers of doubt, number of runs, version, receipt and the command that gives the same."""


@part("lab/lab.vue")
def LabHead(  # noqa: N802
    words: dict[str, str],
    missing: bool,
    waiting: bool,
    failed: bool,
    command: str,
    pictures: list[str],
) -> None:
    """What the lab is, and what its pictures show; that it is being opened, or how to install what it needs."""


@part("inside/inside.vue")
def Inside(  # noqa: N802
    words: dict[str, str],
    lang: str,
    payload: dict[str, Any] | None,
    story: dict[str, Any] | None,
    behind: dict[str, Any] | None,
    seed: int,
    at: int | None,
    busy: bool,
    reading: bool,
    error: str | None,
    event_pick: Callable[[dict[str, Any]], None],
    event_unpick: Callable[[Any], None],
    event_close_behind: Callable[[Any], None],
    event_choose_seed: Callable[[int], None],
) -> None:
    """Map of one run, played in the browser, and the stories of its people and institutions (``inside.py``)."""


@part("lessons/lessons.vue")
def Lessons(  # noqa: N802
    words: dict[str, str],
    lang: str,
    content: dict[str, Any],
    event_choose_lesson: Callable[[int], None],
    event_choose_step: Callable[[int], None],
    event_draw: Callable[[list[list[float]]], None],
    event_skip: Callable[[Any], None],
    event_again: Callable[[Any], None],
    event_reply: Callable[[int], None],
    event_attempt: Callable[[int], None],
    event_choose_seed: Callable[[int], None],
    event_join: Callable[[str], None],
    event_paste: Callable[[str], None],
    event_here: Callable[[str], None],
    event_whole_life: Callable[[str], None],
    event_to_policy: Callable[[Any], None],
) -> None:
    """One lesson in five steps, drawn on and played in the browser (``learner.py``)."""


@part("compare/compare.vue")
def Compare(  # noqa: N802
    words: dict[str, str],
    lang: str,
    payload: dict[str, Any] | None,
    busy: dict[str, int] | None,
    doubt: str | None,
    notice: str | None,
    error: str | None,
    addable: list[dict[str, str]],
    saving: str | None,
    file: dict[str, Any] | None,
    event_add: Callable[[str], None],
    event_add_link: Callable[[str], None],
    event_remove: Callable[[int], None],
    event_make_first: Callable[[int], None],
    event_choose_focus: Callable[[int], None],
    event_call: Callable[[dict[str, Any]], None],
    event_choose_until: Callable[[int], None],
    event_choose_series: Callable[[str], None],
    event_close_notice: Callable[[Any], None],
    event_save: Callable[[dict[str, str]], None],
) -> None:
    """Scenarios beside each other: which, what differs, curves, paired differences, table, cloud (``comparing.py``)."""


@part("results/results.vue")
def Results(  # noqa: N802
    words: dict[str, str],
    lang: str,
    folders: list[str],
    folder: str,
    payload: dict[str, Any] | None,
    busy: bool,
    error: str | None,
    saving: str | None,
    file: dict[str, Any] | None,
    event_open: Callable[[str], None],
    event_choose: Callable[[dict[str, Any]], None],
    event_limit: Callable[[dict[str, Any]], None],
    event_unlimit: Callable[[Any], None],
    event_choose_seed: Callable[[Any], None],
    event_sort: Callable[[str], None],
    event_turn: Callable[[int], None],
    event_pick: Callable[[list[int] | None], None],
    event_save: Callable[[str], None],
    event_look: Callable[[int], None],
) -> None:
    """A finished sweep: filters, heat map, ranking, fan chart, runs (``results.py``)."""


@part("trouble.vue")
def Trouble(words: dict[str, str], lang: str) -> None:  # noqa: N802
    """What stands where a screen could not be drawn (``screens/boundary.py``)."""
