"""Policies of a sweep in words."""

from injae.model.scenario import Scenario, preset_names
from injae.viz.view.results.table import Opened


def policy_title(found: Opened, name: str, lang: str) -> str:
    """A policy of a sweep in words, with the number that its label has where two are called the same."""
    plan = found.sweep.policies.get(name)
    if plan is None:
        return name
    given = plan.title.get(lang)
    if given is None and plan.name in preset_names():
        given = Scenario.load(plan.name).title.get(lang)
    return f"{given}{name.removeprefix(plan.name)}" if given else name
