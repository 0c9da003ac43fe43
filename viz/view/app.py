"""The page: one visitor, the header, and the screen that the address names. Thin glue; see ``visitor.py``."""

from collections.abc import Callable
from functools import cache
from typing import Any, NamedTuple

import solara
from solara.server import settings

from model.scenario import Scenario, preset_names
from viz.view import page
from viz.view.boundary import bounded, kindly
from viz.view.compare.screen import CompareScreen
from viz.view.inside.screen import InsideScreen
from viz.view.lab.screen import LabScreen
from viz.view.lessons.screen import LessonsScreen
from viz.view.policy.payload import title_of
from viz.view.policy.screen import PolicyScreen
from viz.view.results.screen import ResultsScreen
from viz.view.state import LANGUAGES, ViewState
from viz.view.visitor import Visitor
from viz.view.words import BOOK, word

settings.state.auto_remount = True  # all state is in the link: a page whose server came back goes on by itself
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
        visitor.on_change = lambda: set_change(lambda n: n + 1)
        visitor.begin()
        return visitor.close

    solara.use_effect(live, [])
    solara.use_effect(lambda: visitor.follow(router.search) if router.search else None, [router.search])
    page.seen.provide(page.Seen(visitor, change))
    path = "/" + "/".join(router.parts[:1])

    with solara.Div(classes=["ij-page"]):
        Header(visitor, change, path, lambda wanted: router.push(wanted + visitor.state.link()))
        solara.Div(children=children)


@solara.component
@kindly
def Header(visitor: Visitor, change: int, path: str, go: Callable[[str], None]) -> None:  # noqa: N802
    """The header for a visitor; ``change`` counts what happened to him."""
    state, lang = visitor.state, visitor.lang
    screen = next((screen for screen in SCREENS if screen.path == path), SCREENS[0])
    name = title_of(visitor.answer) if visitor.answer else Scenario.load(state.preset).title.get(lang, state.preset)
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
            "close_notice": visitor.close_notice,
        },
        languages=[{"code": code, "title": LANGUAGE_NAMES[code]} for code in LANGUAGES],
        screens=[{"path": screen.path, "title": word(screen.title, lang)} for screen in SCREENS if screen.tab],
        more=[{"path": screen.path, "title": word(screen.title, lang)} for screen in SCREENS if not screen.tab],
        path=screen.path,
        presets=_presets(lang),
        preset=state.preset,
        plan=screen.plan,
        undoes="undo" in screen.keys,
        can_undo=bool(visitor.history.past),
        can_redo=bool(visitor.history.future),
        can_clear=bool(state.changes),
        can_reset=state != ViewState(lang=lang),
        link=state.link() + visitor.beside,
        notice=visitor.notice,
        help=[word(key, lang, seeds=state.seeds) for key in BOOK.texts if key.startswith("help.")],
        keyboard=[[KEYS[key], word(f"keys.{key}", lang)] for key in screen.keys],
    )


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
