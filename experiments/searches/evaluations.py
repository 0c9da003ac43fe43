"""Runs of many scenarios that come in batches, each reduced to a few figures and kept on disk by what made it.

A run that is kept is never done again, so whatever asks the same questions in the same order goes on where it was cut
off by being started again.
"""

import time
import traceback
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import pyarrow as pa

from injae.experiments.indicators import outcome_of
from injae.experiments.runs import Job, Workers, do
from injae.experiments.sweeps.identities import case_of, model_version, run_id
from injae.experiments.tables import read_table, write_atomically
from injae.model.errors import InputError
from injae.model.ledger import PAYMENTS
from injae.model.scenario import Scenario

FOLDER = "evaluations"
PART_SECONDS = 5.0  # finished runs are written at least so often
PUBLIC = tuple(purpose for purpose, payment in PAYMENTS.items() if payment.payer == "government")


class _Wanted(NamedTuple):
    """A run to do, and what is wanted of it."""

    plan: Scenario
    seed: int
    outcomes: tuple[str, ...]


class _Figures(NamedTuple):
    """What is kept of a run: outcomes, then won paid by the government by purpose; or why it failed."""

    values: tuple[float, ...]
    error: str | None


def _measure(job: _Wanted) -> _Figures:
    """Simulate a run and reduce it."""
    run = do(Job(job.plan, job.seed))
    if run.error:
        return _Figures((), run.error)
    try:
        values = [outcome_of(name, job.plan).of_run(run.history, job.plan) for name in job.outcomes]
    except Exception:
        return _Figures((), traceback.format_exc())
    return _Figures((*values, *(float(run.paid[:, purpose].sum()) for purpose in PUBLIC)), None)


@dataclass
class Evaluations:
    """Figures of runs, simulated when they are not known yet.

    Args:
        folder: where they are kept (in ``evaluations/``), or None to keep them in memory only.
        outcomes: indicators or ``SERIES@YYYY-MM`` of each run.
        workers: processes; None decides by the work there is.
        watch: called with the number of runs that are known, of all that were asked for so far.
    """

    folder: Path | None
    outcomes: tuple[str, ...]
    workers: int | None = None
    watch: Callable[[int], None] | None = None
    known: dict[str, Any] = field(default_factory=dict)  # by run id: figures, shape (columns,), nan if the run failed
    errors: dict[str, str] = field(default_factory=dict)  # by run id
    asked: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.columns = [*self.outcomes, *(purpose.name for purpose in PUBLIC)]
        self.processes = Workers(self.workers)
        self._read()

    def __enter__(self) -> "Evaluations":
        return self

    def __exit__(self, *_: object) -> None:
        self.processes.end()

    def __call__(self, wanted: Sequence[tuple[Scenario, int]]) -> Any:
        """Figures of runs, shape ``(runs, columns)``: outcomes, then public won by purpose; nan where a run failed."""
        plans = {id(plan): plan for plan, _ in wanted}
        cases = {key: case_of(plan) for key, plan in plans.items()}
        models = {country: model_version(country) for country in {plan.country for plan in plans.values()}}
        ids = [run_id(models[plan.country], cases[id(plan)], seed) for plan, seed in wanted]
        missing = {key: _Wanted(plan, seed, self.outcomes) for key, (plan, seed) in zip(ids, wanted, strict=True)}
        missing = {key: job for key, job in missing.items() if key not in self.known}
        self.asked.update(ids)
        self._simulate(list(missing), list(missing.values()))
        if self.watch:
            self.watch(len(self.asked))
        return np.array([self.known[key] for key in ids]).reshape(len(ids), len(self.columns))

    @property
    def failed(self) -> dict[str, str]:
        """Errors of the runs that were asked for and failed, by run id."""
        return {key: error for key, error in self.errors.items() if key in self.asked}

    def _simulate(self, keys: list[str], jobs: list[_Wanted]) -> None:
        """Do runs, and write them every few seconds, also when something stops this."""
        fresh: list[str] = []
        before, written = len(self.asked) - len(keys), time.monotonic()
        try:
            for done, (index, figures) in enumerate(self.processes.do(jobs, _measure), 1):
                key = keys[index]
                fresh.append(key)
                if figures.error is None:
                    self.known[key] = np.array(figures.values)
                else:
                    self.known[key], self.errors[key] = np.full(len(self.columns), np.nan), figures.error
                if self.watch:
                    self.watch(before + done)
                if time.monotonic() - written > PART_SECONDS:
                    self._write(fresh)
                    fresh, written = [], time.monotonic()
        finally:
            self._write(fresh)

    def _write(self, keys: list[str]) -> None:
        if not keys or self.folder is None:
            return
        table = pd.DataFrame(np.array([self.known[key] for key in keys]), columns=self.columns)
        table.insert(0, "run", keys)
        table.insert(1, "error", [self.errors.get(key, "") for key in keys])
        name = f"{time.time_ns():020d}-{uuid.uuid4().hex[:8]}.parquet"
        write_atomically(self.folder / FOLDER / name, pa.Table.from_pandas(table, preserve_index=False))

    def _read(self) -> None:
        """Take what is on disk; a file that is torn, or holds other columns, does not count."""
        for path in sorted((self.folder / FOLDER).glob("*.parquet")) if self.folder else ():
            try:
                table = read_table(path, {"run": "text", "error": "text", **dict.fromkeys(self.columns, "number")})
            except InputError:
                continue
            self.known |= dict(zip(table["run"], table[self.columns].to_numpy(float), strict=True))
            self.errors |= {key: error for key, error in zip(table["run"], table["error"], strict=True) if error}
