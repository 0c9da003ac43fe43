"""Runs that are judged: variants of a scenario, each simulated once per seed, and what is kept of them.

Relations ask for variants by what they change; variants that come to the same scenario share their runs.
"""

import hashlib
import json
import traceback
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from pandas.core.util.hashing import hash_pandas_object

from injae.agents.trainee import State
from injae.experiments.checks.countries import COUNTRIES
from injae.experiments.checks.oracle import Faults, watch
from injae.experiments.executors.processes import ProcessExecutor
from injae.experiments.runs import Job, Run
from injae.model.ecosystem import Ecosystem
from injae.model.scenario import Scenario

Look = Callable[[Ecosystem], Any]


class Variant(NamedTuple):
    """A change of the scenario, and what a relation wants to see of its runs.

    ``institutions`` names a way to tell the country (``countries``); ``elsewhere`` asks for a run of its own
    although the scenario is the same: ``"backwards"`` in this process, last seed first, ``"fresh"`` in two new
    processes; only the first ``seeds`` seeds then. ``looks`` are asked of the finished model, ``watched`` has the
    invariants counted again every month, ``events`` records what happens to people.
    """

    change: Callable[[Scenario], Scenario]
    institutions: str = "as_it_is"
    looks: tuple[Look, ...] = ()
    watched: bool = False
    events: bool = False
    elsewhere: str = ""
    seeds: int | None = None


@dataclass(frozen=True)
class Trial(Job):
    """One run to do."""

    institutions: str = "as_it_is"
    looks: tuple[Look, ...] = ()
    watched: bool = False
    elsewhere: str = ""

    @property
    def key(self) -> tuple[str, ...]:
        """The same for runs that are one and the same."""
        content = self.plan.model_dump(include={"country", "months", "levers", "shocks", "parameters"})
        return json.dumps(content, sort_keys=True), str(self.seed), self.institutions, self.elsewhere

    def joined(self, other: "Trial") -> "Trial":
        """One run that serves two relations."""
        return replace(
            self,
            looks=tuple(dict.fromkeys(self.looks + other.looks)),
            watched=self.watched or other.watched,
            events=self.events or other.events,
        )


@dataclass
class Observed(Run):
    """A run done, and what was looked at: books (won by purpose), answers of looks by name, the oracle's findings."""

    books: Any = None
    seen: dict[str, Any] = field(default_factory=dict)
    faults_found: Faults | None = None


def do_trial(trial: Trial) -> Observed:
    """Simulate and look; an error becomes part of the result."""
    run = Observed(trial.plan, trial.seed)
    try:
        country = COUNTRIES[trial.institutions](trial.plan.country)
        model = Ecosystem(trial.plan, trial.seed, events=trial.events, country=country)
        if trial.watched:
            run.faults_found = watch(model)
        else:
            model.run()
        run.seen = {look.__name__: look(model) for look in trial.looks}
    except Exception:
        run.error = traceback.format_exc()
        return run
    run.history, run.books = np.asarray(model.history), model.paid.sum(axis=(0, 2))
    return run


def do_elsewhere(trials: Sequence[Trial]) -> Iterator[tuple[Trial, Observed]]:
    """Do the trials that must not run with the others: backwards in this process, or in two processes of their own."""
    for trial in reversed([trial for trial in trials if trial.elsewhere == "backwards"]):
        yield trial, do_trial(trial)
    fresh = [trial for trial in trials if trial.elsewhere == "fresh"]
    if fresh:
        with ProcessExecutor(2) as pool:
            yield from zip(fresh, pool.map(do_trial, fresh), strict=True)


def trials_of(plan: Scenario, variant: Variant, seeds: Sequence[int]) -> list[Trial]:
    """The runs of one variant, in the order of the seeds."""
    changed = variant.change(plan)
    chosen = seeds[: variant.seeds] if variant.seeds else seeds
    return [
        Trial(
            changed,
            seed,
            events=variant.events,
            institutions=variant.institutions,
            looks=variant.looks,
            watched=variant.watched,
            elsewhere=variant.elsewhere,
        )
        for seed in chosen
    ]


def pooled(trials: Iterable[Trial]) -> dict[tuple[str, ...], Trial]:
    """Each run once, with everything that anybody wants to see of it; the first seed of all variants comes first."""
    pool: dict[tuple[str, ...], Trial] = {}
    for trial in trials:
        pool[trial.key] = pool[trial.key].joined(trial) if trial.key in pool else trial
    return dict(sorted(pool.items(), key=lambda item: item[1].seed))


class Evidence:
    """Runs of all variants of one relation on the same seeds; arrays have one row a seed."""

    def __init__(self, plan: Scenario, runs: Mapping[str, Sequence[Observed]]) -> None:
        finished = [{run.seed: run for run in of_variant if run.error is None} for of_variant in runs.values()]
        self.plan = plan
        self.seeds = sorted(set.intersection(*(set(of_variant) for of_variant in finished)))
        self.runs = {
            name: [of_variant[seed] for seed in self.seeds] for name, of_variant in zip(runs, finished, strict=True)
        }

    def series(self, variant: str, name: str) -> Any:
        """One series: shape ``(seeds, months + 1)``."""
        return np.stack([run.history[name] for run in self.runs[variant]])

    def total(self, variant: str, name: str) -> Any:
        """Sum of a flow over all months."""
        return self.series(variant, name)[:, 1:].sum(axis=1)

    def mean(self, variant: str, name: str) -> Any:
        """Mean of a stock or level over all months."""
        return self.series(variant, name)[:, 1:].mean(axis=1)

    def at(self, variant: str, name: str, month: int = -1) -> Any:
        """A stock or level in one month; the last if none is given."""
        return self.series(variant, name)[:, month]

    def seen(self, variant: str, look: Look) -> list[Any]:
        """What a look at the finished model gave."""
        return [run.seen[look.__name__] for run in self.runs[variant]]


def midway(plan: Scenario) -> int:
    """The month in which changes of the second half begin."""
    return plan.months // 2 + 1


# looks ---------------------------------------------------------------------------------------------------------------


def digest(model: Ecosystem) -> str:
    """Hash of everything: the record, the books, and every row of every table."""
    content = hashlib.sha256(np.asarray(model.history).tobytes() + model.paid.tobytes())
    for table in (model.people, model.universities, model.hospitals, model.firms, model.domains):
        for name in table.declared:
            content.update(np.ascontiguousarray(table.rows(name)).tobytes())
    return content.hexdigest()


def left_by_the_grant(model: Ecosystem) -> dict[str, float]:
    """What a grant has built and filled: courses, infrastructure seats, teaching posts, trainees."""
    rows = model.universities.rows
    return {
        "courses": float(rows("granted_courses").sum()),
        "infrastructure seats": float(rows("granted_seats").sum()),
        "teaching posts": float((rows("teacher_posts") - rows("core_teachers")).sum()),
        "trainees of the programme": float(model.people.rows("programme").sum()),
    }


def newly_abroad(model: Ecosystem) -> int:
    """People abroad now who were not there before the first month."""
    away = model.people.rows("state") == State.ABROAD
    return int((away & (model.people.rows("since_month") > 0)).sum())


def lives(model: Ecosystem) -> dict[str, Any]:
    """For each person: key, month of arrival, and hashes of what happened before ``midway`` and in all (uint64).

    Who a person is at arrival is part of both hashes. Places are named by their keys, since rows of new firms may
    differ between two runs.
    """
    people, events = model.people, model.events
    log = pd.DataFrame({name: events.rows(name) for name in events.declared if name != "person"})
    log["place"] = _place_keys(model)
    hashes = hash_pandas_object(log, index=False).to_numpy()
    traits = ("source", "source_place", "source_seat", "birth_month", "ability", "level", "course_months", "programme")
    born = pd.DataFrame({name: people.rows(name) for name in traits})
    life = hash_pandas_object(born, index=False).to_numpy().copy()
    past = life.copy()
    person, early = events.rows("person"), events.rows("month") < midway(model.plan)
    np.add.at(life, person, hashes)
    np.add.at(past, person[early], hashes[early])
    return {"key": people.rows("key").copy(), "came": people.rows("source_month").copy(), "past": past, "life": life}


def _place_keys(model: Ecosystem) -> Any:
    state, place = model.events.rows("state"), model.events.rows("place")
    keys = np.zeros(len(state), np.uint64)
    for table, states in (
        (model.hospitals, (State.HOSPITAL,)),
        (model.firms, (State.FIRM,)),
        (model.universities, (State.UNIVERSITY, State.ENROLLED)),
    ):
        there = np.isin(state, states) & (place >= 0)
        keys[there] = table.rows("key")[place[there]]
    return keys
