"""The policymaker's screen: levers on the left, the answer above, what follows from them on the right."""

import solara

from experiments.lives.flows import BEHIND
from experiments.wording.amounts import number
from model.record import SERIES
from viz.view import page
from viz.view.packing import packed
from viz.view.policy import controls
from viz.view.policy.grounds import about_series
from viz.view.policy.payload import CHARTS, SMALL
from viz.view.policy.puller import PULLED, Puller
from viz.view.words import word

SEED_CHOICES = (8, 20, 40, 100, 200)
FILES = {"csv": "csv", "png": "png", "svg": "svg", "pdf": "brief"}  # kind of file: key of its words


@solara.component
def PolicyScreen() -> None:  # noqa: N802
    """Answer, levers, board and foot for the visitor's scenario."""
    visitor, router = page.use_visitor(), solara.use_router()
    state, lang = visitor.state, visitor.lang
    plan = solara.use_memo(state.scenario, [state])
    puller: Puller = solara.use_memo(lambda: Puller(visitor), [])
    solara.use_effect(lambda: puller.close, [])
    solara.use_effect(lambda: puller.follow(state), [state])
    found = puller.payload()
    busy = visitor.busy  # before the payload: see there
    payload = visitor.payload
    with solara.Div(classes=["ij-policy"], attributes={"role": "main"}):
        page.vue(
            "policy/answer.vue",
            lang,
            {"save": visitor.save, "plain": visitor.clear_all},
            payload=_of(payload, "title", "answer", "chance", "seeds", "doubt", "outside", "altered"),
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
            settings=solara.use_memo(lambda: controls.settings(state), [state]),
            months=[plan.date_of(month) for month in range(1, plan.months + 1)],
            refused=visitor.refused,
            headline=_headline(payload),
            busy=busy is not None,
        )
        with solara.Div(classes=["ij-right"]):
            verbs = {"want": puller.want, "stop": puller.stop, "dismiss": puller.dismiss, "take": puller.take}
            pull = page.vue("policy/pull.vue", lang, verbs, offer=puller.offer(), found=found)
            page.vue(
                "policy/board.vue",
                lang,
                {
                    "want": puller.want,
                    "choose_focus": visitor.choose_focus,
                    "look_inside": lambda point: router.push(
                        f"/inside{state.link()}&series={point['series']}&at={int(point['at'])}"
                    ),
                },
                parcel=solara.use_memo(lambda: packed(payload), [payload]),
                busy=busy,
                focus=state.focus,
                about={name: about_series(name, lang, plan.country) for name in (*CHARTS, *SMALL)},
                inner=[pull],
                followed=sorted(BEHIND),
                pulled=list(PULLED),
                pull_month=puller.month,
                aimed={"name": found["series"], "value": found["shown_value"]} if found and found["goal"] else None,
            )
        page.vue(
            "policy/foot.vue",
            lang,
            {"flip": visitor.flip, "choose_seeds": visitor.choose_seeds},
            payload=_of(payload, "doubt", "version", "receipt"),
            doubt=[
                {
                    "name": layer,
                    "title": word(f"ui.{layer}", lang),
                    "help": word(f"ui.{layer}_help", lang),
                    "on": getattr(state, layer),
                }
                for layer in ("luck", "unsure", "variants")
            ],
            seeds=state.seeds,
            seed_choices=sorted({*SEED_CHOICES, state.seeds}),
            command=state.again(),
        )


def _headline(payload: dict | None) -> list[dict[str, str]]:
    """The chance of the target, and three figures in the last month, in few words."""
    if not (payload and payload["charts"]):
        return []
    lang, charts = payload["lang"], {chart["name"]: chart for chart in payload["charts"]}
    found = []
    if payload["chance"] and payload["chance"]["mean"] is not None:
        found.append({"title": word("ui.target", lang), "text": f"{round(100 * payload['chance']['mean'])}%"})
    for name in ("specialists", "employed_hospitals", "adoption_share"):
        chart = charts[name]
        text = number(chart["mean"][-1] * chart["factor"], SERIES[name].unit, lang)
        found.append({"title": word(f"headline.{name}", lang), "text": text})
    return found


def _of(payload: dict | None, *names: str) -> dict | None:
    """The parts of a payload that a part of the page needs, so that the curves cross the wire once."""
    return payload and {name: payload[name] for name in names}
