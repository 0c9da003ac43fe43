"""The twin in plain Mesa: it says what the model says, and neither people nor won are created or lost in it."""

import dataclasses
import functools
import runpy
import sys
from pathlib import Path

import pandas as pd
import pytest

from injae.agents.trainee import State
from injae.model.country import Institutions, read_country
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "benchmarks"))  # as for a script that stands there
TWIN = runpy.run_path(str(ROOT / "benchmarks" / "twin.py"))
COMPARE = runpy.run_path(str(ROOT / "docs" / "reference" / "compare.py"))

from mesa_twin.model import Twin  # noqa: E402

PART = 15  # the small country has one of so many hospitals and firms
OF_A_WHOLE = (  # what belongs to a whole country, and so to a part of it in proportion
    *("start.specialists_firms", "start.abroad", "start.other_sectors", "country.applicants_per_intake"),
    *("country.export_market_won_per_month", "education.senior_pool_scale"),
)
MONTHS, EVERY, SEEDS = 24, 6, 16
ALL_LEVERS = (
    *("levers.stipend_won_per_month=500000", "levers.practicum_subsidy_won=3000000", "levers.sandbox_places=5"),
    *("levers.adoption_subsidy_won=100000000", "levers.reimbursement_share=0.3", "levers.tax_credit_share=0.1"),
    *("levers.vouchers_per_year=24", "levers.joint_projects_per_year=12", "levers.oversight_share=0.3"),
    *("levers.computing_won_per_year=5000000000", "levers.data_infrastructure_won_per_year=5000000000"),
    *("levers.wage_fund_won_per_year=1000000000", "levers.return_package_won=20000000"),
    "levers.grant_scale=2",
    *("shocks.demand@2026-01=0.1", "shocks.foreign_pay@2026-01=0.2", "shocks.privacy_scandal@2026-03..2026-03=20"),
)


def small(changes=()):
    """A scenario of few institutions, with its country."""
    plan, whole = Scenario.load("korea", [f"months={MONTHS}", *changes]), read_country("korea")
    values = {path: parameter.value for path, parameter in declared_parameters("korea").items()} | plan.parameters
    parameters = plan.parameters | {path: values[path] / PART for path in OF_A_WHOLE}
    universities = [0, 3, 9]
    country = dataclasses.replace(
        whole,
        universities=[whole.universities[row] for row in universities],
        university_keys=whole.university_keys[universities],
        hospitals=_one_of_many(whole.hospitals),
        firms=_one_of_many(whole.firms),
        partners=[(0, State.HOSPITAL, 0), (0, State.FIRM, 0), (1, State.HOSPITAL, 2), (1, State.HOSPITAL, 3)],
    )
    return plan.model_copy(update={"parameters": parameters}), country


def _one_of_many(institutions):
    return Institutions(**{name: column[::PART] for name, column in dataclasses.asdict(institutions).items()})


@functools.cache
def series_of(runner, changes):
    """A row a run and half year, as ``docs/reference/compare.py`` reads it."""
    plan, country = small(changes)
    parts = []
    for seed in range(SEEDS):
        part = pd.DataFrame(TWIN[runner](plan, seed, country))[::EVERY]
        parts.append(part.assign(scenario="small", seed=seed, month=part.index))
    return pd.concat(parts, ignore_index=True)


def deviations(rebuild, model):
    """Differences of means, at most one of all of them beyond the limit by luck in 1 of 100 tests."""
    long = model.melt(COMPARE["RUN"], var_name="series").groupby(COMPARE["CELL"])["value"]
    reference = long.agg(mean="mean", sd="std", low="min", high="max").reset_index()
    return COMPARE["deviations"](rebuild, reference, SEEDS)


@pytest.mark.parametrize("changes", [(), ALL_LEVERS], ids=["korea", "every lever"])
def test_the_twin_agrees_with_the_model_in_distribution(changes):
    table = deviations(series_of("run_twin", changes), series_of("run_model", changes))
    assert len(table) > 300
    assert not table["differs"].any(), table.head().to_string()


def test_a_rule_that_departs_is_seen():
    """Posts that are decided on half as often; the comparison is worth something."""
    other = series_of("run_twin", ("parameters.labour.decision_probability_per_month=0.175",))
    table = deviations(other, series_of("run_model", ()))
    assert "vacancy_duration_months" in set(table.loc[table["differs"], "series"])


@pytest.fixture
def twin():
    """A twin after a few months."""
    plan, country = small(ALL_LEVERS)
    twin = Twin(plan, 1, country)
    for _ in range(4):
        twin.step()
    return twin


def test_won_that_nobody_paid_stop_the_twin(twin):
    firm = next(iter(twin.firms))
    pay_staff = firm.pay_staff

    def find_a_won():
        pay_staff()
        firm.cash += 1

    firm.pay_staff = find_a_won
    with pytest.raises(RuntimeError, match="won of firms created or lost"):
        twin.step()


def test_somebody_who_vanishes_stops_the_twin(twin):
    next(person for person in twin.people if person.state == State.ABROAD).remove()
    with pytest.raises(RuntimeError, match="people came in"):
        twin.step()


@pytest.mark.slow
@pytest.mark.parametrize("scenario", ["korea", "double-grant"])
def test_both_agree_in_distribution(scenario):
    """No mean differs by more than one in a hundred tries of all series together would by chance."""
    plan, seeds = Scenario.load(scenario, ["months=18"]), range(5)
    ours, theirs = ([TWIN[run](plan, seed) for seed in seeds] for run in ("run_model", "run_twin"))
    limit = TWIN["two_sided_limit"](len(TWIN["KEY_SERIES"]), len(seeds))
    found = {
        name: TWIN["z_score"](*([series[name][-1] for series in some] for some in (ours, theirs)))
        for name in TWIN["KEY_SERIES"]
    }
    assert {name: z for name, z in found.items() if abs(z) > limit} == {}


@pytest.mark.slow
def test_the_national_twin_gives_the_curves_of_the_reference():
    plan = Scenario.load("korea", ["months=60"])
    parts = []
    for seed in range(4):
        part = pd.DataFrame(TWIN["run_twin"](plan, seed))[::12]
        parts.append(part.assign(scenario="korea", seed=seed, month=part.index))
    reference = pd.read_csv(ROOT / "docs" / "reference" / "yearly.csv")
    table = COMPARE["deviations"](pd.concat(parts), reference, 100)
    assert not table["differs"].any(), table.head().to_string()
