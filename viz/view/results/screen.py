"""The screen for finished sweeps."""

import solara

from injae.viz.view import page
from injae.viz.view.results.browser import Browser


@solara.component
def ResultsScreen() -> None:  # noqa: N802
    """Sweeps of the results folder."""
    visitor, router = page.use_visitor(), solara.use_router()
    browser: Browser = solara.use_memo(lambda: Browser(visitor.lang, router.search), [])

    def look(row: int) -> None:
        link = browser.link_to(row, visitor.state)
        if link is not None:
            router.push(f"/{link}")

    page.use_presenter(visitor, browser)
    solara.use_effect(lambda: browser.speak(visitor.lang), [visitor.lang])
    page.vue(
        "results/results.vue",
        visitor.lang,
        {
            "open": browser.open,
            "choose": browser.choose,
            "limit": browser.limit,
            "unlimit": browser.unlimit,
            "choose_seed": browser.choose_seed,
            "sort": browser.sort,
            "turn": browser.turn,
            "pick": browser.pick,
            "save": browser.save,
            "look": look,
        },
        folders=browser.folders,
        folder=browser.wish.folder,
        busy=browser.busy,  # before the payload: see there
        payload=browser.payload,
        error=browser.error,
        saving=browser.saving,
        file=browser.file,
    )
