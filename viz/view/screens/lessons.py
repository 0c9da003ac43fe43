"""The teaching screen: five lessons, each guessed, revealed, tried, looked at from inside, and checked."""

import solara

from viz.view import parts
from viz.view.lessons.learner import Learner
from viz.view.lessons.sheet import sheet_of
from viz.view.screens import use_desk, use_visitor
from viz.view.words import word


@solara.component
def LessonsScreen() -> None:  # noqa: N802
    """The lesson that is open."""
    visitor, router = use_visitor(), solara.use_router()
    learner: Learner = solara.use_memo(lambda: Learner(visitor.lang, router.search), [])

    def greet() -> None:
        if learner.dropped:
            visitor.notice = word("notice.dropped", visitor.lang, what=", ".join(learner.dropped))
        learner.on_change()

    use_desk(visitor, learner)
    solara.Title(f"{word('ui.lessons_screen', visitor.lang)} · {word('ui.name', visitor.lang)}")
    solara.use_effect(greet, [])
    solara.use_effect(lambda: learner.follow(visitor.lang), [visitor.lang])
    parts.Lessons(
        words=parts.words_of("lessons/lessons.vue", visitor.lang),
        lang=visitor.lang,
        content=sheet_of(learner),
        event_choose_lesson=learner.choose_lesson,
        event_choose_step=learner.choose_step,
        event_draw=learner.draw,
        event_skip=learner.skip,
        event_again=learner.again,
        event_reply=learner.answer,
        event_attempt=learner.attempt,
        event_choose_seed=learner.choose_seed,
        event_join=learner.join,
        event_paste=learner.paste,
        event_here=learner.here,
        event_whole_life=lambda key: router.push(
            f"/inside{learner.scenario_link(tried=False)}&run={learner.seed}&person={key}"
        ),
        event_to_policy=lambda _: router.push(f"/{learner.scenario_link(tried=True)}"),
    )
