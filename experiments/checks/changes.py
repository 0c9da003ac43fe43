"""Changes of a scenario that invariants and relations ask for, and reasons why one says nothing about a scenario."""

from collections.abc import Callable
from typing import Any

import numpy as np

from injae.experiments.checks.countries import doubled_plan
from injae.experiments.checks.trials import midway
from injae.experiments.facts import bands
from injae.experiments.measures import MONTHS
from injae.model.country import read_country
from injae.model.levers import LEVERS, SHOCKS, Outlook, Step, monthly
from injae.model.parameters import parameter_record
from injae.model.scenario import Scenario, value_at

DEMAND_MORE = 0.3  # size of the shock to demand, relative to the start
ROOM = 0.2  # least distance of a lever from its limit for a push to the limit to be felt

Change = Callable[[Scenario], Scenario]
Condition = Callable[[Scenario], str]  # why a relation does not apply; empty if it does

# changes of a scenario -----------------------------------------------------------------------------------------------


def as_it_is(plan: Scenario) -> Scenario:
    """No change."""
    return plan


def setting(*changes: str) -> Change:
    """Changes as on the command line, such as ``levers.borders_open=0``."""
    return lambda plan: plan.with_changes(changes)


def changed(group: str, name: str, value: Callable[[float], float]) -> Change:
    """Every value of a lever's (or shock's) schedule replaced by a function of it."""

    def change(plan: Scenario) -> Scenario:
        steps = getattr(plan, group).get(name, [])
        default = (LEVERS if group == "levers" else SHOCKS)[name].default
        new: list[Step] = [(0, value(value_at(steps, 0, default)))]
        return _with_schedule(plan, group, name, new + [(month, value(v)) for month, v in steps if month > 0])

    return change


def _with_schedule(plan: Scenario, group: str, name: str, steps: list[Step]) -> Scenario:
    return plan.model_copy(update={group: getattr(plan, group) | {name: steps}})


def times_the_grant(factor: float) -> Change:
    """The grant of every month multiplied."""
    return changed("levers", "grant_scale", lambda scale: factor * scale)


def without_demand_shock(plan: Scenario) -> Scenario:
    """A scenario that says nothing about demand."""
    return plan.model_copy(update={"shocks": {name: steps for name, steps in plan.shocks.items() if name != "demand"}})


def shocked_midway(plan: Scenario) -> Scenario:
    """Another demand for care from the middle of the run on."""
    month, steps = midway(plan), plan.shocks.get("demand", [])
    before = value_at(steps, month, SHOCKS["demand"].default)
    shock = before + DEMAND_MORE if before + DEMAND_MORE <= SHOCKS["demand"].high else before - DEMAND_MORE
    return _with_schedule(plan, "shocks", "demand", [step for step in steps if step[0] < month] + [(month, shock)])


def all_changed_after_the_horizon(plan: Scenario) -> Scenario:
    """Every lever and shock at another value from the month after the last."""
    for group, declared in (("levers", LEVERS), ("shocks", SHOCKS)):
        for name, lever in declared.items():
            steps = [step for step in getattr(plan, group).get(name, []) if step[0] <= plan.months]
            last = value_at(steps, plan.months, lever.default)
            other = lever.low if last != lever.low else lever.high
            plan = _with_schedule(plan, group, name, [*steps, (plan.months + 1, other)])
    return plan


def ten_years(plan: Scenario) -> Scenario:
    """The run that facts are measured in."""
    return plan.model_copy(update={"months": MONTHS})


twice_everything = doubled_plan


# when a relation says nothing ----------------------------------------------------------------------------------------


def schedule(plan: Scenario) -> Any:
    """Levers and shocks of the months 1 to the last (fields of ``model.levers.now_type``)."""
    return monthly({**plan.levers, **plan.shocks}, plan.months, plan.start_calendar_month, Outlook(1.0, 1.0, 0.0))[1:]


def funded_universities(plan: Scenario) -> Any:
    """Universities in the grant programme, by month from the first on: shape (months,), integers."""
    most = len(read_country(plan.country).universities)
    return np.minimum(np.ceil(schedule(plan).programme_universities), most).astype(int)


def without_a_grant(plan: Scenario) -> str:
    """Nothing is paid within the horizon."""
    return "" if grant_by_schedule(plan) else f"the scenario pays no grant in its {plan.months} months"


def pays_no_whole_teacher(plan: Scenario) -> str:
    """So little that nothing whole can be bought with it: returns rise until the first teacher is paid."""
    now = schedule(plan)
    yearly = (now.grant_won_per_year * now.grant_scale * now.grant_share_teachers).max()
    posts = yearly / parameter_record(plan.country, plan.parameters).teacher_pay_won_per_year
    return "" if posts >= 1 else f"the grant pays {posts:.2g} teachers a university, less than a whole one"


def shorter_than(months: int) -> Condition:
    """The run is too short for the effect to show."""
    return lambda plan: "" if plan.months >= months else f"needs {months} months, the run has {plan.months}"


def grant_beyond_limit(factor: float) -> Condition:
    """The multiplied grant is more than the model accepts."""
    limit = LEVERS["grant_scale"].high

    def condition(plan: Scenario) -> str:
        scale = factor * float(schedule(plan).grant_scale.max())
        return "" if scale <= limit else f"levers.grant_scale would be {scale:g}, more than {limit:g}"

    return condition


def shock_beyond_limit(name: str, more: float) -> Condition:
    """The larger shock is more than the model accepts."""

    def condition(plan: Scenario) -> str:
        shock = more + float(schedule(plan)[name].max())
        limit = SHOCKS[name].high
        return "" if shock <= limit else f"shocks.{name} would be {shock:g}, more than {limit:g}"

    return condition


def borders_closed(plan: Scenario) -> str:
    """Nobody can leave, or so few that noise decides."""
    mean = float(schedule(plan).borders_open.mean())
    return "" if mean >= ROOM else f"borders are closed in the scenario (levers.borders_open is {mean:.2g} on average)"


def near_its_limit(name: str, limit: float) -> Condition:
    """A lever is so near its limit already that a push to it would be lost in noise."""

    def condition(plan: Scenario) -> str:
        mean = float(schedule(plan)[name][:60].mean())
        return "" if abs(limit - mean) >= ROOM else f"levers.{name} is {mean:.2g} on average, near {limit:g} already"

    return condition


def switched_off(path: str) -> Condition:
    """A parameter is zero in the scenario itself."""
    return lambda plan: "" if plan.parameters.get(path, 1) else f"parameters.{path} is 0 in the scenario"


def without_facts(plan: Scenario) -> str:
    """No bands are known for the country."""
    return "" if bands(plan.country) else f"there is no data/{plan.country}/facts.csv"


def grant_by_schedule(plan: Scenario) -> int:
    """Won that the scenario's own schedule promises to all funded universities within the horizon.

    A year is paid when it begins; a rise within it, or a university that joins, brings what the months left are worth;
    a fall takes nothing back.
    """
    total, last = 0, [0] * len(read_country(plan.country).universities)
    for month, universities in zip(schedule(plan), funded_universities(plan), strict=True):
        amount, calendar_month = int(month.grant_won_per_year * month.grant_scale + 0.5), int(month.calendar_month)
        yearly = [amount if n < universities else 0 for n in range(len(last))]
        if calendar_month == 1:
            last = [0] * len(last)
        for now, before in zip(yearly, last, strict=True):
            total += max(
                0, sum(sign * (won - won * (calendar_month - 1) // 12) for won, sign in ((now, 1), (before, -1)))
            )
        last = yearly
    return total
