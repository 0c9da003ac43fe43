"""From a run of a sweep to the policy screen: the link of its scenario, and what of it no link can carry."""

from dataclasses import replace
from typing import Any

from injae.experiments.schedules import course
from injae.model.levers import LEVERS, SHOCKS
from injae.model.scenario import Scenario, preset_names
from injae.viz.view.state import ViewState
from injae.viz.view.words import word

FIXED = ("country", "start", "months", "target")  # of a scenario, no setting of the policy screen


def link_of(policy: Scenario, name: str, settings: dict[str, float], state: ViewState) -> str:
    """Query of the policy screen for a run: the preset of that name, what the policy has otherwise, and the settings.

    Args:
        policy: the sweep's.
        name: its label.
        settings: of the run, by path; dated ones too.
        state: the visitor's, for language and number of runs.

    Raises:
        InputError: a value that the policy screen refuses.
    """
    changes = (*_own(policy, name), *(f"{path}={_text(value)}" for path, value in settings.items()))
    query = replace(state, preset=name, changes=changes).link()
    found, notice = ViewState.from_link(query)
    return query if notice and notice.refuses else found.link()


def left_out(policy: Scenario, name: str, settings: list[str], lang: str) -> tuple[bool, list[str]]:
    """Whether runs of a policy open in the policy screen, and what of them does not get there, in words."""
    if name not in preset_names():
        return False, []
    preset = Scenario.load(name)
    lost = [field for field in FIXED if getattr(policy, field) != getattr(preset, field)]
    unknown = [path for path in settings if not path.startswith(("levers.", "shocks.", "parameters."))]
    state = ViewState(preset=name, changes=_own(policy, name))
    there = state.scenario()
    end = min(policy.months, preset.months) + 1
    paths = [f"levers.{one}" for one in LEVERS] + [f"shocks.{one}" for one in SHOCKS]
    differ = [path for path in paths if course(there, path)[:end] != course(policy, path)[:end]]
    return True, [word(f"results.left_{one}", lang) for one in lost] + unknown + differ


def _own(policy: Scenario, name: str) -> tuple[str, ...]:
    """What a policy of a sweep has otherwise than the preset of its name, as changes."""
    preset = Scenario.load(name)
    changes = []
    for group in ("levers", "shocks"):
        mine, theirs = getattr(policy, group), getattr(preset, group)
        for lever, steps in mine.items():
            if steps != theirs.get(lever):
                changes += [_change(f"{group}.{lever}", month, value, policy) for month, value in steps]
    given = preset.parameters
    return (*changes, *(f"parameters.{p}={_text(v)}" for p, v in policy.parameters.items() if v != given.get(p)))


def _change(path: str, month: int, value: float, policy: Scenario) -> str:
    return f"{path}={_text(value)}" if month <= 1 else f"{path}@{policy.date_of(month)}={_text(value)}"


def _text(value: Any) -> str:
    return f"{value:z.10g}" if abs(value) < 1e10 else str(round(value))
