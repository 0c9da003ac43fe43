"""The screens of the view, one file each.

A screen is a Solara component without arguments that reads the visitor with ``use_visitor()`` and draws what he holds
(``visitor.py``). To add one: write the component here, and add it to ``SCREENS`` in ``app.py`` with its path and the
key of its title in ``words.toml``.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import solara
import solara.lab

from viz.view.state import language_of
from viz.view.visitor import Visitor


class Seen(NamedTuple):
    """A visitor as he stands; a new object after each change, so that screens are drawn anew."""

    visitor: Visitor
    change: int


seen: Any = solara.create_context(None)


def use_visitor() -> Visitor:
    """The visitor of this page, inside a screen."""
    return solara.use_context(seen).visitor


def use_desk(visitor: Visitor, desk: Any) -> None:
    """Begin what a screen works with, show the page what changes in it, and end it when the screen is left.

    Args:
        visitor: of the page; its link gets the desk's ``link`` beside it.
        desk: has ``begin``, ``close``, ``link`` and ``on_change``.
    """

    def live() -> Callable[[], None]:
        def tell() -> None:
            visitor.beside = desk.link
            visitor.on_change()

        def leave() -> None:
            desk.close()
            visitor.beside = ""

        desk.on_change = tell
        desk.begin()
        return leave

    solara.use_effect(live, [])


def browser_language() -> str:
    """The language of the visitor's browser, for a link that names none."""
    accepted = (solara.lab.headers.value or {}).get("accept-language", [])
    return language_of(",".join(accepted))
