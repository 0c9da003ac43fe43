"""The policymaker's screen: levers on the left, the answer above, what follows from them on the right."""

import solara

from injae.experiments.lives.flows import BEHIND
from injae.experiments.wording.amounts import number
from injae.model.record import SERIES
from injae.viz.view import page
from injae.viz.view.boundary import kindly
from injae.viz.view.packing import packed
from injae.viz.view.policy import controls, events, opening
from injae.viz.view.policy.backcaster import PULLED, Backcaster
from injae.viz.view.policy.grounds import about_series
from injae.viz.view.policy.payload import CHARTS, SMALL, stored_board
from injae.viz.view.visitor import MORE
from injae.viz.view.words import word

SEED_CHOICES = (8, 20, 40, 100, 200)
SHOWN_IN_ANSWER = ("title", "answer", "probability", "seeds", "uncertainty", "differs", "outside", "altered")
FILES = {
    "headline": "headline_picture",
    "csv": "csv",
    "png": "png",
    "svg": "svg",
    "pdf": "brief",
}  # kind of file: key of its words


@solara.component
def PolicyScreen() -> None:  # noqa: N802
    """The opening, or everything, for the visitor's scenario."""
    visitor = page.use_visitor()

    def in_link() -> None:
        visitor.beside = f"&{MORE}=1" if visitor.more else ""
        visitor.on_change()

    solara.use_effect(in_link, [visitor.more])
    Workbench() if visitor.more else Opening()


@solara.component
@kindly
def Workbench() -> None:  # noqa: N802
    """Answer, levers, board and foot."""
    visitor, router = page.use_visitor(), solara.use_router()
    state, lang = visitor.state, visitor.lang
    plan = solara.use_memo(state.scenario, [state])
    backcaster: Backcaster = solara.use_memo(lambda: Backcaster(visitor), [])
    solara.use_effect(lambda: backcaster.close, [])
    solara.use_effect(lambda: backcaster.follow(state), [state])
    found = backcaster.payload()
    busy = visitor.busy  # before the payload: see there
    payload = visitor.payload
    with solara.Div(classes=["ij-policy"], attributes={"role": "main"}):
        page.vue(
            "policy/answer.vue",
            lang,
            {"save": visitor.save, "plain": visitor.clear_all, "unfold": visitor.unfold},
            payload=_of(payload, *SHOWN_IN_ANSWER),
            busy=busy,
            error=visitor.error,
            kinds=[{"name": kind, "title": word(f"ui.{key}", lang)} for kind, key in FILES.items()],
            saving=visitor.saving,
            file=visitor.file,
        )
        page.vue(
            "policy/levers.vue",
            lang,
            {"move": visitor.move, "clear": visitor.clear},
            panel=controls.panel(state.preset, lang),
            only=None,
            settings=solara.use_memo(lambda: controls.settings(state), [state]),
            months=[plan.date_of(month) for month in range(1, plan.months + 1)],
            refused=visitor.refused,
            headline=_headline(payload),
            busy=busy is not None,
        )
        with solara.Div(classes=["ij-right"]):
            verbs = {
                "want": backcaster.want,
                "stop": backcaster.stop,
                "dismiss": backcaster.dismiss,
                "take": backcaster.take,
            }
            pull = page.vue("policy/pull.vue", lang, verbs, offer=backcaster.offer(), found=found)
            page.vue(
                "policy/board.vue",
                lang,
                {
                    "want": backcaster.want,
                    "choose_focus": visitor.choose_focus,
                    "choose_month": visitor.choose_month,
                    "drop_event": visitor.drop_event,
                    "look_inside": lambda point: router.push(
                        f"/inside{state.link()}&series={point['series']}&at={int(point['at'])}"
                    ),
                },
                parcel=solara.use_memo(lambda: packed(payload), [payload]),
                busy=busy,
                opening=False,
                droppable=events.offered(lang),
                focus=state.focus,
                about={name: about_series(name, lang, plan.country) for name in (*CHARTS, *SMALL)},
                inner=[pull],
                followed=sorted(BEHIND),
                pulled=list(PULLED),
                pull_month=backcaster.month,
                aimed=_aimed(found, backcaster.month),
            )
        page.vue(
            "policy/foot.vue",
            lang,
            {"flip": visitor.flip, "choose_seeds": visitor.choose_seeds},
            payload=_of(payload, "uncertainty", "version", "receipt"),
            uncertainty=[
                {
                    "name": layer,
                    "title": word(f"ui.{layer}", lang),
                    "help": word(f"ui.{layer}_help", lang),
                    "on": getattr(state, layer),
                }
                for layer in ("aleatory", "parametric", "structural")
            ],
            seeds=state.seeds,
            seed_choices=sorted({*SEED_CHOICES, state.seeds}),
            command=state.again(),
        )


@solara.component
@kindly
def Opening() -> None:  # noqa: N802
    """The question, the answer in a sentence, three levers and two curves; kept numbers until the first run."""
    visitor = page.use_visitor()
    state, lang, busy = visitor.state, visitor.lang, visitor.busy
    payload = visitor.payload
    kept = payload is None and opening.is_default(state)
    shown = stored_board(lang) if kept else payload
    with solara.Div(classes=["ij-policy", "ij-opening"], attributes={"role": "main"}):
        page.vue(
            "policy/opening.vue",
            lang,
            {"unfold": visitor.unfold, "plain": visitor.clear_all},
            answer=shown["opening"] if shown and shown["charts"] else "",
            note=opening.note(shown, lang, kept=kept),
            warnings=[payload[name] for name in ("differs", "outside") if payload[name]] if payload else [],
            altered=payload["altered"] if payload else None,
            kept=kept,
            busy=busy,
            error=visitor.error,
        )
        page.vue(
            "policy/levers.vue",
            lang,
            {"move": visitor.move, "clear": visitor.clear},
            panel=controls.panel(state.preset, lang),
            only=list(opening.LEVERS),
            settings=controls.settings(state),
            months=[],
            refused=visitor.refused,
            headline=[],
            busy=busy is not None,
        )
        part = opening.part_of(shown)
        page.vue(
            "policy/board.vue",
            lang,
            {name: lambda _: None for name in ("want", "choose_focus", "choose_month", "drop_event", "look_inside")},
            parcel=solara.use_memo(lambda: packed(part), [shown]),
            busy=busy,
            opening=True,
            droppable=[],
            focus=state.focus,
            about={},
            inner=[],
            followed=[],
            pulled=[],
            pull_month=0,
            aimed=None,
        )
        solara.Text(opening.rests(visitor.answer, lang) if visitor.answer else "", classes=["ij-small", "ij-rests"])


def _headline(payload: dict | None) -> list[dict[str, str]]:
    """The probability of the target, and three figures in the month that the answer speaks of, in few words."""
    if not (payload and payload["charts"]):
        return []
    lang, charts = payload["lang"], {chart["name"]: chart for chart in payload["charts"]}
    found = []
    if payload["probability"] and payload["probability"]["mean"] is not None:
        found.append({"title": word("ui.target", lang), "text": f"{round(100 * payload['probability']['mean'])}%"})
    for name in ("specialists", "employed_hospitals", "adoption_share"):
        chart = charts[name]
        text = number(chart["mean"][payload["now"]] * chart["factor"], SERIES[name].unit, lang)
        found.append({"title": word(f"headline.{name}", lang), "text": text})
    return found


def _aimed(found: dict | None, month: int) -> dict[str, object] | None:
    """Where a handle shows what is looked for: in the month of the handles alone."""
    if not (found and found["goal"] and found["month"] == month):
        return None
    return {"name": found["series"], "value": found["shown_value"]}


def _of(payload: dict | None, *names: str) -> dict | None:
    """The parts of a payload that a part of the page needs, so that the curves cross the wire once."""
    return payload and {name: payload[name] for name in names}
