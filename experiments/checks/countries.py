"""The same country told another way: other names, another order, or everything twice. Used by ``injae check``."""

import dataclasses
import math

import numpy as np

from injae.agents.trainee import State
from injae.model.country import Country, Institutions, key_of_name, read_country
from injae.model.levers import LEVERS
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario, value_at

# What belongs to a whole country and not to one institution, person or month; outside_utility is a logarithm.
PARAMETERS_OF_A_WHOLE = (
    "start.specialists_firms",
    "start.abroad",
    "start.other_sectors",
    "start.products_approved",
    "start.conglomerate_firms",
    "start.mid_size_firms",
    "start.startup_firms",
    "country.applicants_per_intake",
    "country.export_market_won_per_month",
    "education.senior_pool_scale",
    "firms.computing_scale_won",
    "hospitals.data_infrastructure_scale_won",
)
LEVERS_OF_A_WHOLE = (
    "programme_universities",
    "core_hospitals",
    "retraining_places_per_year",
    "wage_fund_won_per_year",
    "vouchers_per_year",
    "joint_projects_per_year",
    "computing_won_per_year",
    "data_infrastructure_won_per_year",
    "visas_per_year",
    "sandbox_places",
)


def as_it_is(name: str) -> Country:
    """The country as the data have it."""
    return read_country(name)


def reordered(name: str) -> Country:
    """The same institutions in another order; names, and so everybody's noise, stay."""
    country = read_country(name)
    shuffle = np.random.default_rng(20250101).permutation
    universities = shuffle(len(country.universities))
    hospitals, firms = shuffle(len(country.hospitals.names)), shuffle(len(country.firms.names))
    new_row = {"universities": np.argsort(universities), "hospitals": np.argsort(hospitals), "firms": np.argsort(firms)}

    def partner_row(state: int, row: int) -> int:
        return int(new_row["hospitals" if state == State.HOSPITAL else "firms"][row])

    return dataclasses.replace(
        country,
        universities=[country.universities[row] for row in universities],
        university_keys=country.university_keys[universities],
        hospitals=_taken(country.hospitals, hospitals),
        firms=_taken(country.firms, firms),
        partners=[(int(new_row["universities"][u]), state, partner_row(state, r)) for u, state, r in country.partners],
    )


def renamed(name: str) -> Country:
    """The same institutions under other names, and so with other random numbers, in another order."""
    return _renamed(reordered(name), " under another name")


def doubled(name: str) -> Country:
    """Every institution twice, the second time under another name and with partners of its own."""
    country = read_country(name)
    twin = _renamed(country, " twin")
    rows = {State.HOSPITAL: len(country.hospitals.names), State.FIRM: len(country.firms.names)}
    second = [(u + len(country.universities), state, row + rows[State(state)]) for u, state, row in country.partners]
    return dataclasses.replace(
        country,
        universities=country.universities + twin.universities,
        university_keys=np.concatenate([country.university_keys, twin.university_keys]),
        hospitals=_joined(country.hospitals, twin.hospitals),
        firms=_joined(country.firms, twin.firms),
        partners=country.partners + second,
    )


def doubled_plan(plan: Scenario) -> Scenario:
    """The scenario for a country with everything twice: people, markets and places of the whole country."""
    declared = declared_parameters(plan.country)
    values = {path: parameter.value for path, parameter in declared.items()} | plan.parameters
    parameters = plan.parameters | {path: 2 * values[path] for path in PARAMETERS_OF_A_WHOLE}
    parameters["country.outside_utility"] = values["country.outside_utility"] + math.log(2)
    # twice the incidents are known to twice the people
    parameters["outcomes.trust_loss_per_incident"] = values["outcomes.trust_loss_per_incident"] / 2
    levers = dict(plan.levers)
    for name in LEVERS_OF_A_WHOLE:
        start = (0, 2 * value_at(plan.levers.get(name, []), 0, LEVERS[name].default))
        levers[name] = [start] + [(month, 2 * value) for month, value in plan.levers.get(name, []) if month > 0]
    return plan.model_copy(update={"parameters": parameters, "levers": levers})


COUNTRIES = {telling.__name__: telling for telling in (as_it_is, reordered, renamed, doubled)}


def _taken(all_of_them: Institutions, rows: np.ndarray) -> Institutions:
    columns = dataclasses.asdict(all_of_them)
    return Institutions(**{name: [column[row] for row in rows] for name, column in columns.items()})


def _joined(first: Institutions, second: Institutions) -> Institutions:
    columns, more = dataclasses.asdict(first), dataclasses.asdict(second)
    return Institutions(**{name: column + more[name] for name, column in columns.items()})


def _renamed(country: Country, suffix: str) -> Country:
    universities = [{**row, "name": row["name"] + suffix} for row in country.universities]
    return dataclasses.replace(
        country,
        universities=universities,
        university_keys=np.array([key_of_name(row["name"]) for row in universities], np.uint64),
        hospitals=_with_names(country.hospitals, suffix),
        firms=_with_names(country.firms, suffix),
    )


def _with_names(institutions: Institutions, suffix: str) -> Institutions:
    names = [name + suffix for name in institutions.names]
    return dataclasses.replace(institutions, names=names, keys=[key_of_name(name) for name in names])
