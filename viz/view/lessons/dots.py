"""Sixty people of one run as dots that move from place to place, each with a life in one sentence."""

from typing import Any

import numpy as np

from injae.agents.trainee import State
from injae.experiments.lives.lives import Lives
from injae.experiments.lives.recordings import Recording
from injae.experiments.wording.amounts import date, number
from injae.viz.view.inside.desk import Look, recorded
from injae.viz.view.words import BOOK, word

PEOPLE = 60
FIRST_MONTHS = 48  # trainees to follow were admitted by then, so that there is something to follow
HOSPITAL_MONTH = 60  # people of hospitals are those who work in one at the end of this month
CLAUSES_MAX = 6
KEPT_AT_START = 3  # of a life with more clauses: so many from its beginning, the others from its end
PLACES = ("enrolled", "seeking", "hospital", "firm", "university", "other_sector", "abroad", "left")
OUT_OF_WORK = {"separated", "laid_off", "employer_closed"}


class Dots(Look):
    """The question for the dots of one run; ``about`` is the group. People are those of seed 0, whatever the seed."""

    def _dots(self, group: str) -> dict[str, Any]:
        keys = sample(Lives(recorded(self.plan, 0).run, lang=self.lang), group)
        return dots_of(recorded(self.plan, self.seed), keys, self.lang)


def sample(lives: Lives, group: str) -> list[int]:
    """Keys of people to follow: the least ones of a group, which is a random sample (``inside.sample``).

    Args:
        lives: of one run.
        group: ``programme``, on seats that the grant paid for; or ``hospital``, at work in one at ``HOSPITAL_MONTH``.
    """
    people = lives.people
    keys = people["key"].to_numpy(np.uint64)
    if group == "programme":
        early = people["source_month"].to_numpy() <= FIRST_MONTHS
        mine = people["programme"].to_numpy(bool) & early & (people["source"].astype(str) == "admission").to_numpy()
    else:
        mine = lives.states[:, min(HOSPITAL_MONTH, lives.months)] == State.HOSPITAL
    return [int(key) for key in np.sort(keys[mine])[:PEOPLE]]


def dots_of(recording: Recording, keys: list[int], lang: str) -> dict[str, Any]:
    """The dots of a run.

    Args:
        recording: the run.
        keys: whom to follow; those who are not in the run never appear.
        lang: ``ko`` or ``en``.

    Returns:
        ``dates`` (ISO, month by month), ``places`` (name, title), ``people``: key (text), path (month, place or -1, ...
        whenever it changes) and text, the life in a sentence.
    """
    lives = Lives(recording.run, lang=lang)
    plan = recording.run.plan
    return {
        "seed": recording.run.seed,
        "dates": [plan.date_of(month) for month in range(plan.months + 1)],
        "places": [{"name": name, "title": word(f"life.state.{name}", lang)} for name in PLACES],
        "people": [{"key": str(key), "path": _path(lives, key), "text": sentence(lives, key)} for key in keys],
    }


def _path(lives: Lives, key: int) -> list[int]:
    path: list[int] = []
    for month, state, _ in lives.path(key) if key in lives else []:
        name = State(state).name.lower() if state else ""
        place = PLACES.index("enrolled" if name == "retraining" else name) if name else -1
        if not path or path[-1] != place:
            path += [month, place]
    return path


def sentence(lives: Lives, key: int) -> str:
    """A life in one sentence: when and where somebody studied, worked, and went."""
    lang = lives.lang
    if key not in lives:
        return _whole([(word("life.absent", lang), False)], lang)
    turns = _turns(lives, key)
    if len(turns) > CLAUSES_MAX:
        turns = turns[:KEPT_AT_START] + turns[KEPT_AT_START - CLAUSES_MAX :]
    clauses = [(_start(lives, key), False)] if lives.person(key).source == "start" else []
    for n, (name, facts) in enumerate(turns):
        goes_on = n < len(turns) - 1 and f"life.and.{name}" in BOOK.texts
        clauses.append((word(f"life.{'and' if goes_on else 'end'}.{name}", lang, **facts), goes_on))
    return _whole(clauses, lang)


def _start(lives: Lives, key: int) -> str:
    place = _place(lives, key, lives.events_of(key)[0])
    return word("life.start_at", lives.lang, place=place) if place else word("life.start", lives.lang)


def _turns(lives: Lives, key: int) -> list[tuple[str, dict[str, str]]]:
    """What happened, as the name of a clause and what it says."""
    turns: list[tuple[str, dict[str, str]]] = []
    pay_before = 0
    for event in lives.events_of(key):
        name = "out_of_work" if event.event in OUT_OF_WORK else str(event.event)
        facts = {"date": date(lives.plan.date_of(event.month), lives.lang), "place": _place(lives, key, event)}
        if name == "changed_job":
            facts["gain"] = _gain(pay_before, int(event.pay_won_per_year), lives.lang)
        if event.pay_won_per_year:
            pay_before = int(event.pay_won_per_year)
        if f"life.end.{name}" in BOOK.texts:
            turns.append((name, facts))
    return turns


def _place(lives: Lives, key: int, event: Any) -> str:
    if event.event == "retraining_begun":
        return lives.place_name("hospital", lives.person(key).source_place)
    known = event.state in ("enrolled", "hospital", "firm", "university") and event.place >= 0
    return lives.place_name(event.state, int(event.place)) if known else ""


def _gain(before: int, after: int, lang: str) -> str:
    """What a new job pays more or less; nothing where it is less than a percent."""
    change = after / before - 1 if before else 0.0
    if abs(change) < 0.01:
        return ""
    said = word(f"life.gain.{'up' if change > 0 else 'down'}", lang, share=number(abs(change), "share", lang))
    return said if lang == "ko" else f" {said}"


def _whole(clauses: list[tuple[str, bool]], lang: str) -> str:
    """Clauses as text; each is said to go on or to be the end of a sentence."""
    if lang == "ko":
        return " ".join(text if goes_on else f"{text}." for text, goes_on in clauses)
    texts = [text for text, _ in clauses]
    text = ", ".join(texts[:-1]) + (", then " if len(texts) > 1 else "") + texts[-1] if texts else ""
    return f"{text[:1].upper()}{text[1:]}."
