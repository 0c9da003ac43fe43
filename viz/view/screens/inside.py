"""The screen inside one run: a map of people and institutions that moves with time, and the stories behind it."""

import solara

from viz.view import parts
from viz.view.inside.insider import Insider
from viz.view.screens import use_desk, use_visitor
from viz.view.words import word


@solara.component
def InsideScreen() -> None:  # noqa: N802
    """The map and the stories of one run of the visitor's scenario."""
    visitor, router = use_visitor(), solara.use_router()
    insider: Insider = solara.use_memo(lambda: Insider(visitor.state, router.search), [])

    def say() -> None:
        if insider.notice:
            visitor.notice = insider.notice
            visitor.on_change()

    use_desk(visitor, insider)
    solara.Title(f"{word('ui.inside_screen', visitor.lang)} · {word('ui.name', visitor.lang)}")
    solara.use_effect(say, [insider.notice])
    solara.use_effect(lambda: insider.follow(visitor.state), [visitor.state])
    parts.Inside(
        words=parts.words_of("inside/inside.vue", visitor.lang),
        lang=visitor.lang,
        payload=insider.payload,
        story=insider.story,
        behind=insider.behind,
        seed=insider.seed,
        at=insider.at,
        busy=insider.payload is None and insider.error is None,
        reading=insider.reading,
        error=insider.error,
        event_pick=insider.pick,
        event_unpick=insider.unpick,
        event_close_behind=insider.close_behind,
        event_choose_seed=insider.choose_seed,
    )
