"""The screen inside one run: a map of people and institutions that moves with time, and the stories behind it."""

import solara

from injae.viz.view import page
from injae.viz.view.inside.insider import Insider


@solara.component
def InsideScreen() -> None:  # noqa: N802
    """The map and the stories of one run of the visitor's scenario."""
    visitor, router = page.use_visitor(), solara.use_router()
    insider: Insider = solara.use_memo(lambda: Insider(visitor.state, router.search), [])

    page.use_presenter(visitor, insider, "ui.inside_screen")
    solara.use_effect(lambda: insider.follow(visitor.state), [visitor.state])
    page.vue(
        "inside/inside.vue",
        visitor.lang,
        {
            "pick": insider.pick,
            "unpick": insider.unpick,
            "close_behind": insider.close_behind,
            "choose_seed": insider.choose_seed,
        },
        payload=insider.payload,
        story=insider.story,
        behind=insider.behind,
        seed=insider.seed,
        at=insider.at,
        busy=insider.payload is None and insider.error is None,
        reading=insider.reading,
        error=insider.error,
    )
