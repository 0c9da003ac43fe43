"""Lives of people in one run: the event log replayed month by month, and two lives laid side by side."""

import functools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from injae.agents.columns import Array
from injae.agents.randomness import Decision, fold_in, stream_key
from injae.agents.trainee import State
from injae.experiments.lives.words import Words
from injae.experiments.names import place_names
from injae.experiments.runs import Run
from injae.model.country import read_country
from injae.model.world import Event

EMPLOYED = {"hospital", "firm", "university"}

# The month counts everybody's practice between two groups of events: first people are trained, called to teach, laid
# off; then pay is reviewed, posts are met and filled, and people come and go (the order of ``model.month``). Whoever
# is hired by search has met a post; a clinician who takes up the post of the course has not, and is of the first group.
AFTER_PRACTICE = {
    "pay_reviewed", "post_met", "immigrated", "emigrated", "returned", "left_for_other_sector", "came_back",
    "not_emigrated", "not_returned", "not_left_for_other_sector", "not_came_back",
}  # fmt: skip
MOVES = {event.name.lower() for event in Event if event <= Event.STARTED}
MISSED = {event.name.lower() for event in Event if event.name.startswith("NOT_")}


class Moment(NamedTuple):
    """Columns of one person at the end of a month (``agents.trainee.PersonColumns``); -1 or "" for none."""

    month: int
    state: str
    employer: int
    university: int
    since_month: int
    pay_won_per_year: int
    programme: bool
    graduated_month: int
    practicum_state: str
    practicum_host: int
    career_months: int


def replay(events: Iterable[Any], months: int) -> list[Moment]:
    """Where one person was at the end of every month.

    Args:
        events: all events of the person in the order of the log, each with the columns of ``events.parquet``.
        months: last month to give.

    Returns:
        One moment a month, from the month in which the person came in.
    """
    life: list[Moment] = []
    now: Moment | None = None
    for month, of_month in _by_month(list(events), months):
        counted = month == 0  # nobody works in the month before the first
        for event in of_month:
            if event.event in AFTER_PRACTICE and not counted:
                now, counted = _practised(now), True
            now = _after(now, event)
        now = now if counted else _practised(now)
        if now is not None:
            now = now._replace(month=month)
            life.append(now)
    return life


def _by_month(events: list[Any], months: int) -> Iterator[tuple[int, list[Any]]]:
    """Every month from the first event on, with its events."""
    place = 0
    for month in range(events[0].month if events else months + 1, months + 1):
        first = place
        while place < len(events) and events[place].month == month:
            place += 1
        yield month, events[first:place]


def _practised(now: Moment | None) -> Moment | None:
    """A month of practice more for those who work in the field."""
    if now is None or now.state not in EMPLOYED:
        return now
    return now._replace(career_months=now.career_months + 1)


def _after(now: Moment | None, event: Any) -> Moment:
    """The moment after an event."""
    enrolled, practicum = event.state == "enrolled", event.event == "practicum"
    if now is None:
        now = Moment(event.month, "", -1, -1, -1, 0, bool(event.programme), -1, "", -1, int(event.career_months))
    return now._replace(
        state=event.state,
        employer=-1 if enrolled else int(event.place),
        university=int(event.place) if enrolled else now.university,
        since_month=int(event.since_month),
        pay_won_per_year=int(event.last_pay_won_per_year),
        graduated_month=int(event.month) if event.event in ("graduated", "retraining_ended") else now.graduated_month,
        practicum_state=event.other_state if practicum else now.practicum_state,
        practicum_host=int(event.other) if practicum else now.practicum_host,
    )


@dataclass
class Lives:
    """Everybody's life in one run with people and events (``experiments.runs.do``), asked for by key."""

    run: Run
    label: str = ""  # what the run is called where two are compared
    lang: str = "en"  # language of names and sentences
    _place: dict[int, int] = field(init=False, repr=False)
    _known: dict[int, Any] = field(init=False, repr=False, default_factory=dict)

    def __post_init__(self) -> None:
        self.label = self.label or self.run.plan.name
        self.plan, self.months = self.run.plan, len(self.run.history) - 1
        self.country = read_country(self.plan.country)
        self.words, self.names = Words(self.lang), place_names(self.plan.country, self.lang)
        if self.run.people is None or self.run.events is None:
            raise ValueError("needs a run with people and events")
        self.people: Any = self.run.people
        self.events: Any = self.run.events
        self._place = {int(key): row for row, key in enumerate(self.people["key"])}
        rows = self.people.index[pd.Index(self.people["key"]).get_indexer(self.events["person"])].to_numpy()
        self._order = np.argsort(rows, kind="stable")
        self._first = np.searchsorted(rows[self._order], np.arange(len(self.people) + 1))
        self.event_rows = rows  # of each event: the row of its person

    def __contains__(self, key: int) -> bool:
        """Whether the person ever came in."""
        return key in self._place

    @property
    def keys(self) -> list[int]:
        """Keys of everybody, in the order in which they came in."""
        return list(self._place)

    def row(self, key: int) -> int:
        """Row of a person in ``people``, ``states``, ``places`` and ``place_rows``."""
        return self._place[key]

    def person(self, key: int) -> Any:
        """What does not change about a person, and the columns at the end (a row of ``people.parquet``)."""
        if key not in self._known:
            self._known[key] = next(self.people.iloc[[self._place[key]]].itertuples(index=False))
        return self._known[key]

    def events_of(self, key: int) -> list[Any]:
        """What happened to a person, in order."""
        row = self._place[key]
        mine = self._order[self._first[row] : self._first[row + 1]]
        return list(self.events.iloc[mine].itertuples(index=False))

    def moments(self, key: int) -> list[Moment]:
        """Where a person was at the end of every month."""
        return replay(self.events_of(key), self.months)

    @functools.cached_property
    def founded(self) -> dict[int, tuple[int, int]]:
        """For each firm founded in the run, by row: the month and the founder's key."""
        found = self.events[self.events["event"] == "founded_firm"]
        return {int(e.place): (int(e.month), int(e.person)) for e in found.itertuples(index=False)}

    def place_key(self, kind: str, row: int) -> int:
        """Identity of an institution: the same in every run in which it exists."""
        if kind in ("university", "enrolled"):
            return int(self.country.university_keys[row])
        if kind == "hospital":
            return self.country.hospitals.keys[row]
        if row < len(self.country.firms.keys):
            return self.country.firms.keys[row]
        month, founder = self.founded[row]
        return int(fold_in(stream_key(0, Decision.INSTITUTION_KEY, month), founder))

    def place_name(self, kind: str, row: int) -> str:
        """Name of an institution; firms founded in the run are numbered in the order of their founding."""
        known = self.names["university" if kind == "enrolled" else kind]
        if row < len(known):
            return known[row]
        return self.words.say("founded_name", n=row - len(known) + 1)

    def date(self, month: int) -> str:
        """A month of the run, as the language writes it."""
        return self.words.date(self.plan, month)

    def teachers(self, university: int, month: int) -> list[int]:
        """Keys of those who taught at a university at the end of a month, longest there first."""
        until = self.events[self.events["month"] <= month].drop_duplicates("person", keep="last")
        there = until[(until["state"] == "university") & (until["place"] == university)]
        return [int(key) for key in there.sort_values(["since_month", "person"])["person"]]

    @functools.cached_property
    def states(self) -> Array:
        """State code of everybody at the end of every month: shape ``(people, months + 1)``, 0 before coming in."""
        codes = {state.name.lower(): int(state) for state in State}
        return self._filled(self.events["state"].map(codes).to_numpy(np.int64))

    @functools.cached_property
    def places(self) -> Array:
        """Key of everybody's employer or university at the end of every month, 0 for none: shape as ``states``."""
        pairs = self.events[["state", "place"]].astype({"state": str})
        key_of = {
            (kind, row): np.uint64(self.place_key(kind, row) if row >= 0 else 0)
            for kind, row in pairs.drop_duplicates().itertuples(index=False, name=None)
        }
        keys = [key_of[pair] for pair in zip(pairs["state"], pairs["place"], strict=True)]
        return self._filled(np.array(keys, np.uint64))

    @functools.cached_property
    def place_rows(self) -> Array:
        """Row of everybody's employer or university at the end of every month, -1 for none: shape as ``states``."""
        return np.where(self.states > 0, self._filled(self.events["place"].to_numpy(np.int64)), -1)

    def path(self, key: int) -> list[tuple[int, int, int]]:
        """Where a person was: month, state code and place row, whenever one of the two is another."""
        row = self._place[key]
        both = np.stack([self.states[row], self.place_rows[row]], axis=1)
        changed = np.flatnonzero((both != np.vstack([[0, -1], both[:-1]])).any(axis=1))
        return [(int(month), int(both[month, 0]), int(both[month, 1])) for month in changed]

    def _filled(self, values: Array) -> Array:
        """The last value of everybody by the end of every month."""
        last = np.full((len(self.people), self.months + 1), -1)
        last[self.event_rows, self.events["month"]] = np.arange(len(values))  # of several, the last one stays
        last = np.maximum.accumulate(last, axis=1)
        return np.where(last >= 0, values[last], 0)


class Side(NamedTuple):
    """One of two lives in the month in which they part."""

    events: list[Any]  # what happened, posts met left out
    missed: list[Any]  # what might have happened and did not
    posts: list[Any]  # posts met


class Parting(NamedTuple):
    """The first month at whose end somebody is elsewhere in one run than in the other."""

    month: int
    sides: tuple[Side, Side]
    decision: str  # name of the event that one had and the other had not
    pay_differed: int | None  # an earlier month since which pay differed


def part(one: Lives, other: Lives, key: int) -> Parting | None:
    """Where and why two lives of a person part; None if the person is at the same places all along.

    Somebody is elsewhere who has another state, employer, university or practicum host, or is not there at all. Run
    both with ``watch=key`` to have the probabilities that came to nothing.
    """
    pay_differed = None
    lives = [{m.month: m for m in lives.moments(key)} if key in lives else {} for lives in (one, other)]
    for month in range(max(one.months, other.months) + 1):
        mine, theirs = (life.get(month) for life in lives)
        if _where(one, mine) != _where(other, theirs):
            sides = (_side(one, key, month), _side(other, key, month))
            return Parting(month, sides, _decision(one, other, sides), pay_differed)
        if mine and theirs and mine.pay_won_per_year == theirs.pay_won_per_year:
            pay_differed = None
        elif mine and pay_differed is None:
            pay_differed = month
    return None


def _where(lives: Lives, now: Moment | None) -> Any:
    """Where somebody is, in terms that are the same in all runs."""
    if now is None:
        return None
    places = ((now.state, now.employer), ("university", now.university), (now.practicum_state, now.practicum_host))
    return now.state, *(lives.place_key(kind, row) if row >= 0 else 0 for kind, row in places)


def _time_of_month(event: str) -> int:
    """Events in the order of the month: before posts are filled, when they are, after it."""
    if event in ("hired", "changed_job"):
        return 1
    return 2 if event in AFTER_PRACTICE else 0


def _side(lives: Lives, key: int, month: int) -> Side:
    events = [event for event in lives.events_of(key) if event.month == month] if key in lives else []
    return Side(
        [event for event in events if event.event in MOVES],
        [event for event in events if event.event in MISSED],
        [event for event in events if event.event == "post_met"],
    )


def _decision(one: Lives, other: Lives, sides: Sequence[Side]) -> str:
    """The first event that one has and the other has not; of two that differ the one that comes first in a month."""
    deeds = [
        [(event.event, lives.place_key(event.state, event.place) if event.place >= 0 else 0) for event in side.events]
        for lives, side in zip((one, other), sides, strict=True)
    ]
    for n in range(max(len(deeds[0]), len(deeds[1]))):
        first, second = (mine[n] if n < len(mine) else None for mine in deeds)
        if first != second:
            return min((deed[0] for deed in (first, second) if deed), key=_time_of_month)
    return ""
