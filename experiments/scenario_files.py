"""Scenarios as TOML files that stand by themselves."""

import json

from injae.model.levers import LEVERS, SHOCKS, Lever, Step
from injae.model.scenario import DEFAULT, SCHEMA_VERSION, Scenario


def as_toml(plan: Scenario, note: str = "") -> str:
    """A scenario as the text of a file that ``Scenario.load`` reads as the same scenario; ``note`` becomes a comment.

    It needs no other file but the default preset, and that only for the default's country.
    """
    base = Scenario.load(DEFAULT)
    base = base if plan.country == base.country else None
    lines = [*(f"# {line}" for line in note.splitlines()), f"schema_version = {SCHEMA_VERSION}"]
    lines.append("title = {" + ", ".join(f"{key} = {_text(words)}" for key, words in plan.title.items()) + "}")
    lines.append(f"country = {_text(plan.country)}" if base is None else f"base = {_text(DEFAULT)}")
    lines += [f"baseline = {_text(plan.baseline)}"] if plan.baseline else []
    lines += [f"months = {plan.months}", "", "[target]", f"experts = {plan.target.experts}"]
    lines += [f"date = {_text(plan.target.date)}"]
    for group, declared in (("levers", LEVERS), ("shocks", SHOCKS)):
        mine, theirs = getattr(plan, group), getattr(base, group) if base else {}
        changed = {
            name: _schedule(plan, lever, mine.get(name, []), theirs.get(name, []))
            for name, lever in declared.items()
            if mine.get(name, []) != theirs.get(name, [])
        }
        lines += ["", f"[{group}]", *(f"{name} = {text}" for name, text in changed.items())] if changed else []
    parameters = {**{path: None for path in (base.parameters if base else {})}, **plan.parameters}
    lines += ["", "[parameters]"] if parameters else []
    lines += [f"{path} = {value!r}" for path, value in parameters.items() if value is not None]
    return "\n".join([*lines, ""])


def _schedule(plan: Scenario, lever: Lever, steps: list[Step], base: list[Step]) -> str:
    """Steps as a file has them, so that nothing is left of those of its base."""
    if not steps or (base and base[0][0] < steps[0][0]):
        steps = [(0, lever.default), *steps]
    if len(steps) == 1 and steps[0][0] <= 0:
        return _number(steps[0][1])
    parts = [f"{{from = {_text(plan.date_of(month))}, value = {_number(value)}}}" for month, value in steps]
    return f"[{', '.join(parts)}]"


def _number(value: float) -> str:
    return str(int(value)) if value == int(value) else repr(value)


def _text(words: str) -> str:
    return json.dumps(words, ensure_ascii=False)
