"""One run looked at from within, as the page gets it: a map of people and institutions that moves with time.

``map_of`` is the whole map in one piece, so that the browser plays it without asking again; what is clicked on it is
told by ``inside_stories.py``. Long numbers are sent as changes: a text with one digit an institution for month 0, then
for each month row, value, row, value, ...
"""

import re
from typing import Any

import numpy as np

from injae.agents.columns import Array
from injae.experiments.lives import biography
from injae.experiments.lives.finders import find_all
from injae.experiments.lives.flows import Flows, Node
from injae.experiments.lives.lives import Lives
from injae.experiments.lives.recordings import Recording
from injae.experiments.names import place_names
from injae.experiments.wording.amounts import date
from injae.viz.view.words import BOOK, word

SAMPLE = {"programme": 22, "core": 16, "start": 14, "clinician": 4, "immigrant": 4}  # about 60 people
FIRST_MONTHS = 48  # trainees to follow were admitted by then, so that there is something to follow
SOURCES = {"start": "start", "clinician": "retraining", "immigrant": "immigration"}  # marks that say how one came in
ISO_DATE = re.compile(r"\b\d{4}-\d{2}\b(?!/)")
STAFF_STEPS = (1, 2, 5, 10, 20, 50)  # sizes that a dot can have: 0, 1, 2-4, 5-9, ...
CLOSED = 0  # a firm's dot: not in business; 1 + step where it is


def map_of(recording: Recording, lang: str, also: tuple[int, ...] = ()) -> dict[str, Any]:
    """Everything that the map shows, month by month.

    Args:
        recording: the run.
        lang: ``ko`` or ``en``.
        also: keys of people to follow beside the sample; those who are not in the run are left out.

    Returns:
        ``months``, ``dates`` (ISO), ``seed``, ``terms`` (of dots and legends), and:

        * ``nodes``: names, titles; ``stocks``: people at each node, a list a month; ``flows``: for each month from
          node, to node, people, ... (from node 0: coming in).
        * ``universities``: name, region, and by month seats, enrolled, teachers, in the programme (0 or 1).
        * ``hospitals``: tiers and regions (one digit a row), names, ``stage`` (highest of all domains) and ``staff``
          (step of ``STAFF_STEPS``) as changes. ``firms`` likewise: classes, regions (2: founded in the run), names,
          ``staff`` as changes, 0 for a firm that is not in business and 1 more than the step for others.
        * ``people``: key (text), mark, title, path (month, state, row, ... whenever one of them changes).
        * ``worth``: key, word and reason of people worth a look.
    """
    lives = Lives(recording.run, lang=lang)
    flows = Flows(recording, lives)
    plan = recording.run.plan
    worth = [(find_word, find) for find_word, find in find_all(lives, None)]
    keys = sample(lives) + [key for key in (*also, *(find.key for _, find in worth)) if key in lives]
    return {
        "lang": lang,
        "seed": recording.run.seed,
        "months": plan.months,
        "dates": [plan.date_of(month) for month in range(plan.months + 1)],
        "nodes": [
            {"name": node.name.lower(), "title": word(f"inside.node.{node.name.lower()}", lang)} for node in Node
        ],
        "terms": _terms(lang),
        "stocks": flows.stocks.tolist(),
        "flows": _flows(flows, plan.months),
        "universities": _universities(recording, lang),
        "hospitals": _hospitals(recording, lang),
        "firms": _firms(recording, lives),
        "people": [person(lives, key) for key in dict.fromkeys(keys)],
        "worth": [{"key": str(f.key), "word": w, "why": dated(biography.why(w, f, lives))} for w, f in worth],
    }


def sample(lives: Lives) -> list[int]:
    """Keys of people to follow: of each mark those with the least keys.

    Keys are hashes of where, when and on which seat somebody came in: the least ones are a random sample, it does not
    depend on what happens to people, and a seat that two scenarios have is followed in both.
    """
    people = lives.people
    source, keys = people["source"].astype(str), people["key"].to_numpy(np.uint64)
    marks = source.map({name: mark for mark, name in SOURCES.items()}).where(source != "admission", "core").to_numpy()
    marks[(marks == "core") & people["programme"]] = "programme"
    marks[(source == "admission") & (people["source_month"] > FIRST_MONTHS)] = ""
    return [int(key) for name, count in SAMPLE.items() for key in np.sort(keys[marks == name])[:count]]


def dated(text: str) -> str:
    """A sentence of the command line as the page writes it: ``Jun 2027`` for ``2027-06``; names keep theirs."""
    return ISO_DATE.sub(lambda found: date(found[0], "en"), text)


def mark_of(who: Any) -> str:
    """How somebody came in, as the map marks it."""
    admitted = "programme" if who.programme else "core"
    return next((mark for mark, source in SOURCES.items() if source == who.source), admitted)


def person(lives: Lives, key: int) -> dict[str, Any]:
    """A dot of the map: who it is, and where whenever that changes."""
    path = [number for moment in lives.path(key) for number in moment]
    return {
        "key": str(key),
        "mark": mark_of(lives.person(key)),
        "title": dated(biography.origin(lives, key)),
        "path": path,
    }


def _terms(lang: str) -> dict[str, Any]:
    """Words of dots and legends, by group and name."""
    groups: dict[str, Any] = {}
    for key, text in BOOK.texts.items():
        first, _, rest = key.partition(".")
        group, _, name = rest.partition(".")
        if first == "inside" and group in ("stage", "tier", "class", "mark", "block", "region", "event"):
            groups.setdefault(group, {})[name] = text[lang]
    return groups


def _flows(flows: Flows, months: int) -> list[list[int]]:
    out: list[list[int]] = [[] for _ in range(months + 1)]
    for row in flows.table.itertuples(index=False):
        out[row.month] += [int(row.node_before), int(row.node), int(row.people)]
    return out


def _universities(recording: Recording, lang: str) -> list[dict[str, Any]]:
    months, regions = recording.months["universities"], recording.fixed["universities"]["region"]
    names = place_names(recording.run.plan.country, lang)["university"]
    return [
        {"name": name, "region": int(regions[row])}
        | {
            column: months[column][:, row].astype(int).tolist()
            for column in ("seats", "enrolled", "teachers", "funded")
        }
        for row, name in enumerate(names)
    ]


def _hospitals(recording: Recording, lang: str) -> dict[str, Any]:
    months, fixed = recording.months["hospitals"], recording.fixed["hospitals"]
    return {
        "tiers": _digits(fixed["tier"]),
        "regions": _digits(fixed["region"]),
        "names": place_names(recording.run.plan.country, lang)["hospital"],
        "stage": _changes(months["stage"].max(axis=2)),
        "staff": _changes(steps(months["staff"])),
    }


def _firms(recording: Recording, lives: Lives) -> dict[str, Any]:
    months, fixed = recording.months["firms"], recording.fixed["firms"]
    in_business = months["active"]
    return {
        "classes": _digits(fixed["firm_class"]),
        "regions": _digits(np.where(fixed["region"] < 0, 2, fixed["region"])),
        "names": [lives.place_name("firm", row) for row in range(len(fixed["firm_class"]))],
        "staff": _changes(np.where(in_business, 1 + steps(months["staff"]), CLOSED)),
    }


def steps(staff: Array) -> Array:
    """Size of an institution's dot: how many of ``STAFF_STEPS`` its staff reaches."""
    return np.searchsorted(STAFF_STEPS, staff, side="right")


def _digits(values: Array) -> str:
    return "".join(map(str, np.asarray(values).astype(int)))


def _changes(values: Array) -> dict[str, Any]:
    """Small numbers by month and row, as the first month and what changes later."""
    changed = values[1:] != values[:-1]
    changes: list[list[int]] = [[]]
    for month in range(1, len(values)):
        rows = np.flatnonzero(changed[month - 1])
        changes.append(np.stack([rows, values[month, rows]], axis=1).ravel().tolist())
    return {"first": _digits(values[0]), "changes": changes}
