"""The screen that lays scenarios beside each other on the same seeds."""

import solara

from injae.viz.view import page
from injae.viz.view.compare.comparer import Comparer
from injae.viz.view.compare.sides import MOST


@solara.component
def CompareScreen() -> None:  # noqa: N802
    """The visitor's set of scenarios."""
    visitor, router = page.use_visitor(), solara.use_router()
    comparer: Comparer = solara.use_memo(lambda: Comparer(visitor.state, router.search), [])

    page.use_presenter(visitor, comparer)
    solara.use_effect(lambda: comparer.follow(visitor.state), [visitor.state])
    page.vue(
        "compare/compare.vue",
        visitor.lang,
        {
            "add": comparer.add,
            "add_link": comparer.add_link,
            "remove": comparer.remove,
            "make_first": comparer.make_first,
            "choose_focus": comparer.choose_focus,
            "call": comparer.call,
            "choose_until": comparer.choose_until,
            "choose_series": comparer.choose_series,
            "close_notice": comparer.close_notice,
            "save": comparer.save,
        },
        busy=comparer.busy,  # before the payload: see there
        payload=comparer.payload,
        uncertainty=comparer.uncertainty,
        notice=comparer.notice,
        error=comparer.error,
        addable=comparer.addable if len(comparer.texts) < MOST else [],
        saving=comparer.saving,
        file=comparer.file,
    )
