"""The teaching screen: five lessons, each guessed, revealed, tried, looked at from inside, and checked."""

import solara

from injae.model.scenario import DEFAULT
from injae.viz.view import page
from injae.viz.view.lessons.learner import Learner
from injae.viz.view.lessons.sheet import sheet_of


@solara.component
def LessonsScreen() -> None:  # noqa: N802
    """The lesson that is open."""
    visitor, router = page.use_visitor(DEFAULT), solara.use_router()
    learner: Learner = solara.use_memo(lambda: Learner(visitor.lang, router.search), [])

    def whole_life(key: str) -> None:
        router.push(f"/inside{learner.scenario_link(tried=False)}&run={learner.seed}&person={key}")

    page.use_presenter(visitor, learner, "ui.lessons_screen")
    solara.use_effect(lambda: learner.follow(visitor.lang), [visitor.lang])
    page.vue(
        "lessons/lessons.vue",
        visitor.lang,
        {
            "choose_lesson": learner.choose_lesson,
            "choose_step": learner.choose_step,
            "draw": learner.draw,
            "skip": learner.skip,
            "again": learner.again,
            "reply": learner.answer,
            "attempt": learner.attempt,
            "choose_seed": learner.choose_seed,
            "join": learner.join,
            "paste": learner.paste,
            "here": learner.here,
            "whole_life": whole_life,
            "to_policy": lambda _: router.push(f"/{learner.scenario_link(tried=True)}"),
        },
        content=sheet_of(learner),
    )
