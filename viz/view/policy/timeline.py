"""The timeline of a policy: spells in which a lever or shock differs from its default."""

from typing import Any

from injae.experiments.wording.amounts import setting
from injae.model.levers import LEVERS, SHOCKS
from injae.model.scenario import Scenario, value_at
from injae.viz.view.words import word

GRANT = "grant_won_per_year"
FACTORS = {GRANT: "grant_scale", "core_hospital_won_per_year": "core_hospitals"}  # what is paid is the product
NEEDS_GRANT = "programme_universities"


def timeline(plan: Scenario, lang: str) -> list[dict[str, Any]]:
    """One row a spell of equal value: lever, levers said with it, title, first and last month, the value in words.

    A factor is said with what it multiplies, and what nobody pays for because there is no grant is left out.
    """
    rows = []
    paid = {name for name in FACTORS if any(value for _, value in plan.levers.get(name, []))}
    said = {FACTORS[name] for name in paid} | ({NEEDS_GRANT} if GRANT not in paid else set())
    for group, declared in (("levers", LEVERS), ("shocks", SHOCKS)):
        for name, lever in declared.items():
            if group == "levers" and name in said:
                continue
            for first, last, value, scale in _spells(plan, group, name, lever.default):
                text = setting(value, lever.unit, lang) + (f" × {scale:g}" if scale != 1 else "")
                title = word(f"{group}.{name}.title", lang)
                row = {"lever": f"{group}.{name}", "title": title, "from": first, "to": last, "text": text}
                rows.append(
                    {**row, "with": [f"levers.{FACTORS[name]}"] if group == "levers" and name in FACTORS else []}
                )
    return rows


def _spells(plan: Scenario, group: str, name: str, default: float) -> list[tuple[int, int, float, float]]:
    """First and last month, value and factor of each spell that differs from the default; equal neighbours are one."""
    steps = getattr(plan, group).get(name, [])
    factor = FACTORS.get(name, "") if group == "levers" else ""
    scales, alone = plan.levers.get(factor, []), LEVERS[factor].default if factor else 1.0
    months = sorted({1, *(month for month, _ in [*steps, *scales] if 1 < month <= plan.months)})
    found: list[tuple[int, int, float, float]] = []
    for first, after in zip(months, [*months[1:], plan.months + 1], strict=True):
        value, scale = value_at(steps, first, default), value_at(scales, first, alone)
        if found and found[-1][1:] == (first - 1, value, scale):
            found[-1] = (found[-1][0], after - 1, value, scale)
        elif value != default:
            found.append((first, after - 1, value, scale))
    return found
