"""Settings of a scenario month by month, and where two scenarios differ; a path is ``levers.x`` or ``shocks.x``."""

from injae.model.levers import LEVERS, SHOCKS, Lever, Step
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario, value_at

DECLARED: dict[str, Lever] = {f"levers.{name}": lever for name, lever in LEVERS.items()}
DECLARED |= {f"shocks.{name}": shock for name, shock in SHOCKS.items()}


def steps_of(plan: Scenario, path: str) -> list[Step]:
    """Schedule of a lever or shock: month index and value of each step, in order; empty where it is the default."""
    group, _, name = path.partition(".")
    return getattr(plan, group).get(name, [])


def value_of(plan: Scenario, path: str, month: int) -> float:
    """Value of a lever, shock or parameter (``parameters.x``) in a month, in its unit.

    Raises:
        KeyError: no such setting.
    """
    if path.startswith("parameters."):
        name = path.removeprefix("parameters.")
        return plan.parameters.get(name, declared_parameters(plan.country)[name].value)
    return value_at(steps_of(plan, path), month, DECLARED[path].default)


def course(plan: Scenario, path: str) -> list[float]:
    """Values of a setting in months 0 to the last, in its unit."""
    return [value_of(plan, path, month) for month in range(plan.months + 1)]


def differing(plan: Scenario, baseline: Scenario) -> list[str]:
    """Paths of levers whose value differs from the baseline's in some month; all else is the same in both."""
    paths = [path for path in DECLARED if path.startswith("levers.")]
    return [path for path in paths if course(plan, path) != course(baseline, path)]


def shocked(plan: Scenario) -> list[str]:
    """Paths of shocks that hit in some month."""
    return [
        path
        for path, shock in DECLARED.items()
        if path.startswith("shocks.") and set(course(plan, path)) != {shock.default}
    ]


def shortened(plan: Scenario, months: int) -> Scenario:
    """A scenario that ends sooner: its runs are the first months of the longer ones, to the digit."""
    return plan.model_copy(update={"months": min(months, plan.months)})
