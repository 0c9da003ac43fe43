"""The screen that lays scenarios beside each other on the same seeds."""

import solara

from viz.view import parts
from viz.view.compare.comparer import Comparer
from viz.view.compare.sides import MOST
from viz.view.screens import use_desk, use_visitor


@solara.component
def CompareScreen() -> None:  # noqa: N802
    """The visitor's set of scenarios."""
    visitor, router = use_visitor(), solara.use_router()
    comparer: Comparer = solara.use_memo(lambda: Comparer(visitor.state, router.search), [])

    use_desk(visitor, comparer)
    solara.use_effect(lambda: comparer.follow(visitor.state), [visitor.state])
    parts.Compare(
        words=parts.words_of("compare/compare.vue", visitor.lang),
        lang=visitor.lang,
        busy=comparer.busy,  # before the payload: see there
        payload=comparer.payload,
        doubt=comparer.doubt,
        notice=comparer.notice,
        error=comparer.error,
        addable=comparer.addable if len(comparer.texts) < MOST else [],
        saving=comparer.saving,
        file=comparer.file,
        event_add=comparer.add,
        event_add_link=comparer.add_link,
        event_remove=comparer.remove,
        event_make_first=comparer.make_first,
        event_choose_focus=comparer.choose_focus,
        event_call=comparer.call,
        event_choose_until=comparer.choose_until,
        event_choose_series=comparer.choose_series,
        event_close_notice=comparer.close_notice,
        event_save=comparer.save,
    )
