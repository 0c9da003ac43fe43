"""The page: one visitor, the header, and the screen that the address names. Thin glue; see ``visitor.py``."""

from collections.abc import Callable
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NamedTuple

import solara
from solara.server import settings
from solara.widgets.widgets import Navigator

from injae.model.scenario import Scenario, preset_names
from injae.viz.view import page
from injae.viz.view.boundary import bounded, kindly
from injae.viz.view.compare.screen import CompareScreen
from injae.viz.view.inside.screen import InsideScreen
from injae.viz.view.lab.screen import LabScreen
from injae.viz.view.lessons.screen import LessonsScreen
from injae.viz.view.policy.payload import title_of_state
from injae.viz.view.policy.screen import PolicyScreen
from injae.viz.view.results.screen import ResultsScreen
from injae.viz.view.state import LANGUAGES, ViewState
from injae.viz.view.visitor import Visitor
from injae.viz.view.words import BOOK, word

MENDED = TemporaryDirectory(prefix="injae-")  # goes with the process
settings.state.auto_remount = True  # all state is in the link: a page whose server came back goes on by itself


def _mend_navigator() -> None:
    """Solara's navigator says ``modules.export``, of which every page would warn in the browser's console."""
    text = Path(Navigator.template_file).read_text(encoding="utf-8")
    mended = Path(MENDED.name) / "navigator.vue"
    mended.write_text(text.replace("modules.export =", "module.exports ="), encoding="utf-8")
    Navigator.template_file = str(mended)


_mend_navigator()
LANGUAGE_NAMES = {"ko": "한국어", "en": "English"}
KEYS = {"play": "Space", "month": "← →", "year": "Shift + ← →", "undo": "U", "baseline": "B", "table": "T", "help": "?"}


class Screen(NamedTuple):
    """One screen: its path, the key of its title, its component, and the names of the keys that do something there."""

    path: str
    title: str
    component: Callable[[], Any]
    keys: tuple[str, ...]
    plan: bool = True  # whether it shows the visitor's scenario; else nothing in the header chooses it
    tab: bool = True  # in the header; else reached from the help


SCREENS = (
    Screen("/", "ui.policy_screen", PolicyScreen, tuple(KEYS)),
    Screen("/compare", "ui.compare_screen", CompareScreen, ("month", "year", "table", "help")),
    Screen("/results", "ui.results_screen", ResultsScreen, ("month", "year", "table", "help"), plan=False),
    Screen("/inside", "ui.inside_screen", InsideScreen, ("play", "month", "year", "undo", "table", "help")),
    Screen("/lessons", "ui.lessons_screen", LessonsScreen, ("play", "month", "year", "help"), plan=False),
    Screen("/lab", "ui.lab_screen", LabScreen, ("undo", "help"), tab=False),
)


@solara.component
@kindly
def Layout(children: list[Any]) -> None:  # noqa: N802
    """What all screens share: the visitor, the header, one language."""
    router = solara.use_router()
    visitor: Visitor = solara.use_memo(lambda: Visitor(router.search, lang=page.browser_language()), [])
    change, set_change = solara.use_state(0)

    def live() -> Callable[[], None]:
        visitor.on_change = page.in_page(lambda: set_change(lambda n: n + 1))
        return visitor.close

    path = "/" + "/".join(router.parts[:1])
    answers = _screen(path).component is PolicyScreen
    solara.use_effect(live, [])
    solara.use_effect(visitor.begin if answers else visitor.leave, [answers])
    solara.use_effect(lambda: visitor.follow(router.search) if router.search else None, [router.search])
    page.seen.provide(page.Seen(visitor, change))

    with solara.Div(classes=["ij-page"]):
        Header(visitor, change, path, lambda wanted: router.push(wanted + visitor.state.link()))
        solara.Div(children=children)


@solara.component
@kindly
def Header(visitor: Visitor, change: int, path: str, go: Callable[[str], None]) -> None:  # noqa: N802
    """The header for a visitor; ``change`` counts what happened to them."""
    state, lang = visitor.state, visitor.lang
    screen = _screen(path)
    opening = screen.path == "/" and not visitor.more
    name = title_of_state(state, state.scenario())
    parts_of_title = [word(screen.title, lang), *([name] if screen.plan else []), word("ui.name", lang)]
    solara.Title(" · ".join(parts_of_title))
    page.vue(
        "shell.vue",
        lang,
        {
            "choose_preset": visitor.choose_preset,
            "choose_lang": visitor.choose_lang,
            "undo": visitor.undo,
            "redo": visitor.redo,
            "as_scenario": visitor.as_scenario,
            "reset": visitor.reset,
            "go": go,
            "follow_link": visitor.follow,
            "close_notice": visitor.close_notice,
        },
        languages=[{"code": code, "title": LANGUAGE_NAMES[code]} for code in LANGUAGES],
        screens=[{"path": screen.path, "title": word(screen.title, lang)} for screen in SCREENS if screen.tab],
        more=[{"path": screen.path, "title": word(screen.title, lang)} for screen in SCREENS if not screen.tab],
        path=screen.path,
        presets=_presets(lang),
        preset=state.preset,
        plan=screen.plan and not opening,
        opening=opening,
        undoes="undo" in screen.keys and not opening,
        can_undo=bool(visitor.history.past),
        can_redo=bool(visitor.history.future),
        can_clear=bool(state.changes),
        can_reset=state != ViewState(lang=lang),
        link=state.link() + visitor.beside,
        notice=visitor.notice,
        help=[word(key, lang, seeds=state.seeds) for key in BOOK.texts if key.startswith("help.")],
        keyboard=[[KEYS[key], word(f"keys.{key}", lang)] for key in screen.keys],
    )


def _screen(path: str) -> Screen:
    """The screen of a path, that of the policy where there is none."""
    return next((screen for screen in SCREENS if screen.path == path), SCREENS[0])


@cache
def _presets(lang: str) -> list[dict[str, str]]:
    """Names and titles of the presets, the default first."""
    names = sorted(preset_names(), key=lambda preset: preset != ViewState().preset)
    return [{"name": name, "title": Scenario.load(name).title.get(lang, name)} for name in names]


routes = [
    solara.Route(
        path=screen.path.lstrip("/") or "/",
        component=bounded(screen.component),
        layout=Layout if screen.path == "/" else None,
        label=screen.title,
    )
    for screen in SCREENS
]
