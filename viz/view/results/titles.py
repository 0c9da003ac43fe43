"""Values of settings and policies of a sweep in words."""

from injae.experiments.wording.amounts import setting
from injae.model.levers import LEVERS, SHOCKS
from injae.model.parameters import declared_parameters
from injae.model.scenario import DEFAULT, Scenario, preset_names
from injae.viz.view.results.table import Opened

LARGE = 10_000  # from here on all digits before the point, without an exponent


def value_text(path: str, value: float, lang: str) -> str:
    """A value of a setting, short, with a unit for money alone: ``0.5``, ``12,000``, ``10억 원``, ``1bn won``."""
    group, _, name = path.partition("@")[0].partition(".")
    known = {"levers": LEVERS, "shocks": SHOCKS}.get(group) or declared_parameters(DEFAULT)
    of = getattr(known.get(name), "unit", "")
    if of.startswith("won") and value:
        return setting(float(f"{value:z.4g}"), "won", lang)
    return f"{value:z,.0f}" if abs(value) >= LARGE else f"{value:z.4g}"


def policy_title(found: Opened, name: str, lang: str) -> str:
    """A policy of a sweep in words, with the number that its label has where two are called the same."""
    plan = found.sweep.policies.get(name)
    if plan is None:
        return name
    given = plan.title.get(lang)
    if given is None and plan.name in preset_names():
        given = Scenario.load(plan.name).title.get(lang)
    return f"{given}{name.removeprefix(plan.name)}" if given else name
