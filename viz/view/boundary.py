"""Where an error in drawing ends: a kind page in the visitor's language, and a line in the log.

Reacton would replace the whole page by the traceback. A drawing function that is ``kindly`` draws an apology in its own
place instead, the rest of the page stays, and with the next change it is drawn again. What fails outside of all
drawing (an effect, Solara itself) is hushed by the guard (``guard.py``).

``solara.use_exception`` is no way: a component that fails while it is first drawn makes it render without end.
"""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

import solara
from reacton.core import get_render_context

from injae.viz.view import page
from injae.viz.view.state import ViewState

log = logging.getLogger("injae.view")


def bounded(component: Any) -> Any:
    """A component that draws the same kindly."""
    return solara.component(kindly(component.f))


def kindly(draw: Callable[..., Any]) -> Callable[..., Any]:
    """What a component draws, or an apology where that raises; to be put under ``solara.component``."""

    @wraps(draw)
    def drawn(*args: Any, **kwargs: Any) -> Any:
        try:
            return draw(*args, **kwargs)
        except Exception:
            log.exception("%s could not be drawn", draw.__name__)
            _skip_hooks()
            return Apology()

    return drawn


def _skip_hooks() -> None:
    """Hooks after the error stay as they are until the next drawing: reacton counts whether all were called."""
    context = get_render_context(required=True).context
    assert context is not None
    context.effect_index, context.memo_index = len(context.effects), len(context.memo)


@solara.component
def Apology() -> None:  # noqa: N802
    """The kind page, in the visitor's language; before there is a visitor, in that of the link."""
    now, search = solara.use_context(page.seen), solara.use_router().search
    lang = ViewState.from_link(search, page.browser_language())[0].lang if now is None else now.visitor.lang
    page.vue("trouble.vue", lang, {})
