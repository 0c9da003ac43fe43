"""The screen for finished sweeps."""

import solara

from viz.view import parts
from viz.view.results.browser import Browser
from viz.view.screens import use_desk, use_visitor
from viz.view.words import word


@solara.component
def ResultsScreen() -> None:  # noqa: N802
    """Sweeps of the results folder."""
    visitor, router = use_visitor(), solara.use_router()
    browser: Browser = solara.use_memo(lambda: Browser(visitor.lang, router.search), [])

    def look(row: int) -> None:
        link = browser.link_to(row, visitor.state)
        if link is not None:
            router.push(f"/{link}")

    def greet() -> None:
        if browser.dropped:
            visitor.notice = word("notice.dropped", visitor.lang, what=", ".join(browser.dropped))
            visitor.on_change()

    use_desk(visitor, browser)
    solara.use_effect(greet, [])
    solara.use_effect(lambda: browser.speak(visitor.lang), [visitor.lang])
    parts.Results(
        words=parts.words_of("results/results.vue", visitor.lang),
        lang=visitor.lang,
        folders=browser.folders,
        folder=browser.wish.folder,
        busy=browser.busy,  # before the payload: see there
        payload=browser.payload,
        error=browser.error,
        saving=browser.saving,
        file=browser.file,
        event_open=browser.open,
        event_choose=browser.choose,
        event_limit=browser.limit,
        event_unlimit=browser.unlimit,
        event_choose_seed=browser.choose_seed,
        event_sort=browser.sort,
        event_turn=browser.turn,
        event_pick=browser.pick,
        event_save=browser.save,
        event_look=look,
    )
