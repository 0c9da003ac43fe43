"""People worth a look in a run: each finder names one, always the same one for the same run."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from injae.agents.columns import Array
from injae.agents.trainee import State
from injae.experiments.lives.lives import EMPLOYED, Lives


class Find(NamedTuple):
    """A person, and the figures that say why."""

    key: int
    facts: dict[str, Any]


def most_changed(lives: Lives, other: Lives | None) -> Find | None:
    """Who spends the most months in another state in the other run, then at another place."""
    if other is None or other is lives:
        return None
    both, mine, theirs = np.intersect1d(lives.people["key"], other.people["key"], return_indices=True)
    months = min(lives.months, other.months) + 1
    states = (lives.states[mine, :months] != other.states[theirs, :months]).sum(axis=1)
    places = (lives.places[mine, :months] != other.places[theirs, :months]).sum(axis=1)
    if not len(both) or not (states + places).any():
        return None
    best = np.lexsort((both, -places, -states))[0]
    return Find(int(both[best]), {"months": int(states[best]), "other": other.label})


def emigrated_graduate(lives: Lives, _: Lives | None) -> Find | None:
    """The first graduate of a programme seat who left the country."""
    events = lives.events
    left = events[(events["event"] == "emigrated") & events["programme"]].sort_values(["month", "person"])
    return _first(lives, left)


def founder(lives: Lives, _: Lives | None) -> Find | None:
    """The first founder who was admitted in the run, or else the first of all."""
    founded = lives.events[lives.events["event"] == "founded_firm"].copy()
    admitted = lives.people.loc[lives.people["source"] == "admission", "key"]
    founded["of_old"] = ~founded["person"].isin(admitted)
    return _first(lives, founded.sort_values(["of_old", "month", "person"]))


def retained(lives: Lives, _: Lives | None) -> Find | None:
    """The programme graduate longest at work in the field, among those still in it at the end."""
    people = lives.people[lives.people["programme"] & (lives.people["graduated_month"] >= 0)]
    people = people[people["state"].isin(EMPLOYED)]
    people = people.sort_values(["career_months", "key"], ascending=[False, True])
    if people.empty:
        return None
    return Find(int(people["key"].iloc[0]), {"months": int(people["career_months"].iloc[0])})


def returner(lives: Lives, _: Lives | None) -> Find | None:
    """The first to leave the country and to come home again."""
    events = lives.events
    left = events.loc[events["event"] == "emigrated", "person"]
    back = events[(events["event"] == "returned") & events["person"].isin(left)].sort_values(["month", "person"])
    return _first(lives, back)


def longest_search(lives: Lives, _: Lives | None) -> Find | None:
    """Who looked for work longest without a break."""
    seeking = lives.states == State.SEEKING
    spell, longest = np.zeros(len(seeking), np.int64), np.zeros(len(seeking), np.int64)
    for month in range(seeking.shape[1]):
        spell = np.where(seeking[:, month], spell + 1, 0)
        longest = np.maximum(longest, spell)
    best = _least(lives.people["key"], -longest)
    return Find(int(lives.people["key"].iloc[best]), {"months": int(longest[best])}) if longest[best] else None


def highest_rise(lives: Lives, _: Lives | None) -> Find | None:
    """Who got the highest rise of pay at once, by a change of job or a yearly review."""
    paid = lives.events[lives.events["pay_won_per_year"] > 0].copy()
    paid["before"] = paid.groupby("person")["pay_won_per_year"].shift()
    rises = paid[paid["event"].isin(["changed_job", "pay_reviewed"]) & paid["before"].notna()]
    if rises.empty:
        return None
    ratio = (rises["pay_won_per_year"] / rises["before"]).to_numpy()
    best = rises.iloc[_least(rises["person"], -ratio)]
    facts = {"won": int(best["pay_won_per_year"]), "won_before": int(best["before"]), "month": int(best["month"])}
    return Find(int(best["person"]), facts)


def retrained_clinician(lives: Lives, _: Lives | None) -> Find | None:
    """The first retrained clinician whom a hospital took."""
    events = lives.events
    retrained = events.loc[events["event"] == "retraining_ended", "person"]
    hired = events[(events["event"] == "hired") & (events["state"] == "hospital") & events["person"].isin(retrained)]
    return _first(lives, hired.sort_values(["month", "person"]))


FINDERS: dict[str, Callable[[Lives, Lives | None], Find | None]] = {
    "most-changed": most_changed,
    "emigrated-graduate": emigrated_graduate,
    "founder": founder,
    "retained": retained,
    "returner": returner,
    "longest-search": longest_search,
    "highest-rise": highest_rise,
    "retrained-clinician": retrained_clinician,
}


def find_all(lives: Lives, other: Lives | None) -> Iterator[tuple[str, Find]]:
    """Everybody whom a finder names."""
    for word, finder in FINDERS.items():
        found = finder(lives, other)
        if found:
            yield word, found


def _first(lives: Lives, events: pd.DataFrame) -> Find | None:
    """The person of the first event, with its month and place."""
    if events.empty:
        return None
    event = events.iloc[0]
    place = lives.place_name(event["state"], int(event["place"])) if event["place"] >= 0 else ""
    return Find(int(event["person"]), {"month": int(event["month"]), "place": place})


def _least(keys: Any, values: Array) -> int:
    """Row of the least value; of equal ones that of the smallest key."""
    return int(np.lexsort((keys, values))[0])
