"""What runs give: each run with its future, and all runs of a scenario as tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pandas as pd

from injae.agents.domains import Binding, Place
from injae.experiments.precision import Found
from injae.experiments.showing import Shown
from injae.experiments.uncertainty import ALEATORY_ONLY, Ensemble, Future, Uncertainty
from injae.model.country import read_country
from injae.model.errors import InputError, nearest
from injae.model.ledger import PAYMENTS
from injae.model.record import SERIES
from injae.model.scenario import Scenario

SHOWN = ("programme_graduates_cumulative", "specialists", "employed_hospitals", "adoption_share", "vacancy_rate")
KEPT = ("people", "events")  # tables of a run that are kept only if told


def check_kept(keep: Sequence[str]) -> tuple[str, ...]:
    """Which tables to keep of runs, in the order of ``KEPT``.

    Raises:
        InputError: no such table.
    """
    for name in keep:
        if name not in KEPT:
            raise InputError("unknown", "no such table of a run", "keep", name, suggestion=nearest(name, KEPT))
    return tuple(name for name in KEPT if name in keep)


@dataclass(frozen=True)
class Job:
    """One run to do."""

    plan: Scenario
    seed: int
    people: bool = False
    events: bool = False
    watch: int = 0  # key of a person of whom also what did not happen is recorded


@dataclass(repr=False)
class Run:
    """One run done: its history and ledger, or the error that ended it."""

    plan: Scenario
    seed: int
    history: Any = None
    paid: Any = None
    bindings: Any = None
    people: pd.DataFrame | None = None
    events: pd.DataFrame | None = None
    error: str | None = None
    future: Future | None = None  # None: noise alone, which its seed stands for

    def __repr__(self) -> str:
        ended = f", failed: {self.error.strip().splitlines()[-1][:80]}" if self.error else ""
        return f"<Run of {self.plan.name}, seed {self.seed}, {self.plan.months} months{ended}>"


@dataclass(repr=False)
class Results(Shown):
    """Runs of one scenario in several futures, in the order asked for.

    The seed of a run is the number of its future; ``plan`` is the scenario without what a future sets.
    """

    plan: Scenario
    runs: list[Run]
    failures: list[Run] = field(default_factory=list)
    interrupted: bool = False
    precision: Found | None = None  # with margins: what was reached
    ensemble: Ensemble = ALEATORY_ONLY  # where the futures come from

    def _line(self) -> str:
        failed = f", {len(self.failures)} failed" if self.failures else ""
        apart = "noise alone" if self.draws is None else f"{self.independent} draws of the parameters"
        span = f"{self.plan.date_of(0)} to {self.plan.date_of(self.plan.months)}"
        return f"Results of {self.plan.name}: {len(self.runs)} runs ({apart}){failed}, {span}"

    def _table(self) -> pd.DataFrame:
        """Some series at the end: mean and range over runs."""
        ends = {name: [run.history[name][-1] for run in self.runs] for name in SHOWN} if self.runs else {}
        rows = [(name, np.mean(some), min(some), max(some), SERIES[name].unit) for name, some in ends.items()]
        return pd.DataFrame(rows, columns=["at the end", "mean", "least", "most", "unit"])

    @classmethod
    def of(cls, plan: Scenario, futures: Sequence[Future], runs: Sequence[Run], ensemble: Ensemble) -> "Results":
        """Results of a scenario from its runs, one in each of some futures of an ensemble, in their order."""
        mine = [
            replace(run, plan=plan, seed=future.number, future=future)
            for run, future in zip(runs, futures, strict=True)
        ]
        failed = [run for run in mine if run.error is not None]
        return cls(plan, [run for run in mine if run.error is None], failed, ensemble=ensemble)

    @property
    def seeds(self) -> list[int]:
        """Seeds of the runs that finished."""
        return [run.seed for run in self.runs]

    @property
    def draws(self) -> Any:
        """Which draw of the parameters each finished run has, shape ``(runs,)``; None with noise alone."""
        if self.ensemble.kind is Uncertainty.ALEATORY:
            return None
        return np.array([-1 if run.future is None else run.future.draw for run in self.runs], int)

    @property
    def independent(self) -> int:
        """Finished runs that do not share their parameters: draws, or with noise alone seeds."""
        return len(self.runs) if self.draws is None else len(set(self.draws.tolist()))

    def uncertainty(self) -> dict[str, Any]:
        """What differs between the runs and what that rests on, ready for JSON."""
        return self.ensemble.about(len(self.runs), 0 if self.draws is None else self.independent)

    def futures(self) -> pd.DataFrame:
        """Number, seed, draw and parameters of the future of each finished run; what the scenario sets is its value."""
        rows = []
        for run in self.runs:
            future = run.future or Future(run.seed, run.seed)
            values = {name: self.plan.parameters.get(name, value) for name, value in future.parameters.items()}
            rows.append({"number": future.number, "seed": future.seed, "draw": future.draw, **values})
        table = pd.DataFrame(rows)
        return table.astype({"draw": "Int64"}) if len(table) else table

    def values(self, name: str) -> Any:
        """One series of all finished runs: shape ``(seeds, months + 1)``."""
        return np.stack([run.history[name] for run in self.runs])

    def series(self) -> pd.DataFrame:
        """All series, one row per seed and month, tidy; units and meanings are in ``attrs``."""
        months = np.arange(self.plan.months + 1)
        dates = [self.plan.date_of(int(month)) for month in months]
        frames = []
        for run in self.runs:
            frame = pd.DataFrame({name: run.history[name] for name in SERIES})
            frame.insert(0, "seed", run.seed)
            frame.insert(1, "month", months)
            frame.insert(2, "date", dates)
            frames.append(frame)
        table = pd.concat(frames, ignore_index=True)
        table.attrs = {
            "units": {name: series.unit for name, series in SERIES.items()},
            "meanings": {name: series.meaning for name, series in SERIES.items()},
        }
        return table

    def what_binds(self) -> pd.DataFrame:
        """How many institutions each constraint holds back: seed, month, date, place, domain, constraint, count."""
        frames = []
        for run in self.runs:
            month, place, constraint = np.nonzero(run.bindings)
            kinds, _, domains = zip(*(Place(p).name.lower().partition("_") for p in place), strict=True)
            frames.append(
                pd.DataFrame(
                    {
                        "seed": run.seed,
                        "month": month,
                        "date": [self.plan.date_of(int(m)) for m in month],
                        "place": kinds,
                        "domain": domains,
                        "constraint": [Binding(c).name.lower() for c in constraint],
                        "institutions": run.bindings[month, place, constraint],
                    }
                )
            )
        return pd.concat(frames, ignore_index=True)

    def ledger(self) -> pd.DataFrame:
        """All payments: seed, month, date, payer, payee, purpose, won; months without a payment are left out."""
        universities = [row["name"] for row in read_country(self.plan.country).universities]
        frames = []
        for run in self.runs:
            month, purpose, row = np.nonzero(run.paid)
            payments = list(PAYMENTS.values())
            payer = [_account(payments[p].payer, int(r), universities) for p, r in zip(purpose, row, strict=True)]
            payee = [_account(payments[p].payee, int(r), universities) for p, r in zip(purpose, row, strict=True)]
            frames.append(
                pd.DataFrame(
                    {
                        "seed": run.seed,
                        "month": month,
                        "date": [self.plan.date_of(int(m)) for m in month],
                        "payer": payer,
                        "payee": payee,
                        "purpose": [payments[p].meaning for p in purpose],
                        "won": run.paid[month, purpose, row],
                    }
                )
            )
        return pd.concat(frames, ignore_index=True)


def _account(sector: str, row: int, universities: list[str]) -> str:
    return universities[row] if sector == "universities" else sector
