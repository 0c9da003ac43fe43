"""The page of a lesson as JSON: what a learner may see of it by now, in their language."""

import ipaddress
from typing import Any
from urllib.parse import quote, urlsplit

from injae.experiments.wording.amounts import number, series_scale
from injae.model.record import SERIES
from injae.viz.view.lessons import guesses
from injae.viz.view.lessons.course import CHOICES, NOTES, lessons
from injae.viz.view.lessons.learner import RUNS_SHOWN, Learner
from injae.viz.view.words import word


def sheet_of(learner: Learner) -> dict[str, Any]:
    """Everything that the page shows, as JSON; of the model's answer nothing before there is a guess."""
    with learner.model.lock:
        return _sheet(learner)


def _sheet(learner: Learner) -> dict[str, Any]:
    lesson, lang, model, guess = learner.lesson, learner.lang, learner.model, learner.guess
    said = model.facts.get(lang, {})
    right = guess.answer == lesson.right
    return {
        "number": learner.number,
        "step": learner.step if learner.open else 1,
        "open": learner.open,
        "lessons": [{"title": other.say("title", lang)} for other in lessons()],
        "minutes": lesson.minutes,
        **{key: lesson.say(key, lang) for key in ("title", "goal", "story", "task", "try_task", "watch", "question")},
        "choices": [lesson.say(f"choice.{n}", lang) for n in range(1, CHOICES + 1)],
        "answer": guess.answer,
        "right": right if guess.answer else None,
        "because": lesson.say("because", lang, **said) if right and model.settled and said else None,
        "notes": {key: lesson.say(f"note.{key}", lang) for key in NOTES},
        "reveal": lesson.say("reveal", lang, **said) if learner.open and model.settled and said else None,
        "chart": _chart(learner),
        "guess": [list(line) for line in guess.lines],
        "score": _score(learner) if guess.lines else None,
        "pupil": learner.pupil,
        "total": {"score": sum(score.points for score in learner.scores.values()), "n": len(learner.scores)},
        "tries": _tries(learner),
        "dots": model.dots if learner.open else None,
        "seed": learner.seed,
        "runs_shown": RUNS_SHOWN if lesson.range else 1,
        "group": _group(learner),
        "busy": model.waiting,
        "error": word("ui.ls_trouble", lang) if model.error else None,
    }


def _score(learner: Learner) -> dict[str, Any] | None:
    """Points of the guess, and why not more or fewer: how far it lies away, and from where on there are none."""
    found, lesson, lang = learner.scores.get(learner.number), learner.lesson, learner.lang
    if found is None:
        return None
    away, worthless = (_distance(value, lesson.curve.series, lang) for value in found[1:])
    key = "all" if not found.away else "range" if lesson.range else "line"
    return {"points": found.points, "why": word(f"score.{key}", lang, away=away, worthless=worthless)}


def _distance(value: float, series: str, lang: str) -> str:
    """A distance in the unit that is shown; that of shares is in points."""
    of = SERIES[series].unit
    if of == "share":
        return word("score.points", lang, n=f"{value:,.1f}")
    return number(value * series_scale(series, lang)[1], of, lang)


def _chart(learner: Learner) -> dict[str, Any]:
    """The curve with what is given of it and, after the guess, the model's; ranges once they no longer change."""
    lesson, lang, bands = learner.lesson, learner.lang, learner.model.bands
    _, _, decimals, unit = series_scale(lesson.curve.series, lang)
    band, context = bands.get("curve"), bands.get("context")
    beside = context is not None and (learner.open or (lesson.context and lesson.context.shown == "guess"))
    ready = learner.open and (learner.model.settled or not lesson.range)
    return {
        "dates": lesson.dates,
        "given": [float(f"{v:z.4g}") for v in band.mean[: lesson.given]] if band else None,
        "count": lesson.given,
        "least": lesson.least,
        "most": lesson.most,
        "range": lesson.range,
        "unit": unit,
        "decimals": decimals,
        "title": lesson.say("curve.title", lang),
        "context": {"title": lesson.say("context.title", lang), "mean": context.shown()["mean"]}
        if beside and context
        else None,
        "bands": {name: of.shown() for name, of in bands.items() if name != "context"} if ready else {},
    }


def _tries(learner: Learner) -> dict[str, Any]:
    """The one thing that is unlocked, and its choices."""
    tries, lang = learner.lesson.tries, learner.lang
    lever = tries.lever
    return {
        "title": word(f"{lever}.title", lang) if lever else word("ui.ls_runs_lever", lang),
        "help": word(f"{lever}.text", lang) if lever else "",
        "choices": tries.titles(lang),
        "now": tries.now,
        "place": learner.place,
    }


def _group(learner: Learner) -> dict[str, Any]:
    """The class, with its guesses only for those who have made theirs."""
    lesson, code, address = learner.lesson, learner.code, learner.address
    found = learner.classmates()
    band = learner.model.scored
    told: dict[str, Any] = {"code": code, "note": learner.note, "n": len(found), "link": None, "qr": None}
    if code and address:  # nobody's guess is in this link
        told["link"] = f"{address}?lang={learner.lang}&lesson={learner.number}&class={quote(code)}&pupil=1"
        told["qr"] = _qr(told["link"])
        told["alone"] = only_here(address)
    if learner.open and band is not None and found:
        told["lines"] = [[list(line) for line in guess.lines] for guess in found if guess.lines]
        told["histogram"] = guesses.histogram(lesson, found, band)
        told["answers"] = [sum(guess.answer == n for guess in found) for n in range(1, CHOICES + 1)]
    return told


def only_here(address: str) -> bool:
    """Whether an address leads every machine to itself, so that nobody else can open it."""
    host = urlsplit(address).hostname or ""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or host.endswith(".localhost")


def _qr(link: str) -> dict[str, Any]:
    """A QR code of a link: the side in modules, border included, and an SVG path of the dark ones."""
    import segno

    matrix = segno.make(link, error="m", micro=False).matrix_iter(border=4)
    rows = [list(row) for row in matrix]
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return {"size": len(rows), "path": path}
