"""One run recorded from within: what happened to every person, and every institution at the end of every month."""

from dataclasses import dataclass
from typing import Any

import numpy as np

from injae.agents.columns import Array, Table
from injae.experiments.runs import Run, events_table, people_table
from injae.model.country import read_country
from injae.model.ecosystem import Ecosystem
from injae.model.scenario import Scenario

RECORDED = {
    "hospitals": ("stage", "staff", "vacancies", "needed_staff", "payroll_won_per_year", "binding", "main_binding"),
    "firms": (
        "active", "owner", "staff", "vacancies", "home_revenue_won", "exports_won", "support_won", "other_income_won",
        "payroll_won_per_year", "cash_won", "product", "quality", "binding",
    ),
    "universities": (
        "seats", "own_seats", "enrolled", "teachers", "teacher_posts", "courses_won", "teachers_won",
        "infrastructure_won", "reputation", "funded", "binding",
    ),
}  # fmt: skip
FIXED = {
    "hospitals": ("tier", "beds", "it_budget_won_per_year", "data_readiness"),
    "firms": ("firm_class", "domain", "founded_month"),
    "universities": (),
}


@dataclass(frozen=True)
class Recording:
    """A run with people and events, and its institutions month by month.

    Attributes:
        run: history, ledger, people and events (``experiments.runs.Run``).
        months: of each kind, by column: values at the end of months 0 to the last, shape ``(months + 1, rows)`` or
            ``(months + 1, rows, domains)``; a firm not yet founded has zeros.
        fixed: of each kind, by column: what does not change, shape ``(rows,)``; also ``region``, -1 for firms founded
            in the run, of which the model knows no place.
    """

    run: Run
    months: dict[str, dict[str, Array]]
    fixed: dict[str, dict[str, Array]]


def record(plan: Scenario, seed: int, watch: int = 0) -> Recording:
    """Run a scenario with one seed and record it.

    Args:
        plan: the scenario.
        seed: of the run.
        watch: key of a person of whom also what might have happened and did not is recorded.

    Raises:
        InvariantBroken: the model broke one of its invariants.
    """
    model = Ecosystem(plan, seed, events=True, watch=watch)
    moments = [_now(model)]
    for _ in range(plan.months):
        model.step()
        moments.append(_now(model))
    run = Run(
        plan, seed, np.asarray(model.history), model.paid, model.bindings, people_table(model), events_table(model)
    )
    months = {
        kind: {name: _stacked([moment[kind][name] for moment in moments]) for name in names}
        for kind, names in RECORDED.items()
    }
    fixed = {kind: {name: getattr(model, kind).rows(name).copy() for name in names} for kind, names in FIXED.items()}
    for kind, regions in regions_of(plan.country).items():
        fixed[kind]["region"] = np.full(len(getattr(model, kind)), -1)
        fixed[kind]["region"][: len(regions)] = regions
    return Recording(run, months, fixed)


def _now(model: Ecosystem) -> dict[str, dict[str, Array]]:
    tables: dict[str, Table] = {kind: getattr(model, kind) for kind in RECORDED}
    return {kind: {name: tables[kind].rows(name).copy() for name in names} for kind, names in RECORDED.items()}


def _stacked(values: list[Array]) -> Array:
    """Months one above the other; rows that came later are zero before."""
    last = values[-1]
    out = np.zeros((len(values), *last.shape), last.dtype)
    for month, value in enumerate(values):
        out[month, : len(value)] = value
    return out


def regions_of(country: str) -> dict[str, Any]:
    """Region (0 capital, 1 provinces) of each institution that a country's data name, by kind, in row order."""
    read = read_country(country)
    universities = [0 if row["region"] == "capital" else 1 for row in read.universities]
    return {"hospitals": read.hospitals.regions, "firms": read.firms.regions, "universities": universities}
