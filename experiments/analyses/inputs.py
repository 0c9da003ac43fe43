"""What a screening or a sensitivity analysis varies: every uncertain parameter unless told, one by one or in groups."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from injae.experiments.sweeps.designs import Factor, declaration
from injae.model.errors import InputError, nearest
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario

FIXED = "fact"  # the kind of a parameter that is measured
DUMMY = "dummy: noise"


def uncertain_paths(plan: Scenario) -> list[str]:
    """Paths of all parameters that are estimated or judged and have a range, in the order of their declaration."""
    declared = declared_parameters(plan.country).items()
    return [f"parameters.{name}" for name, one in declared if one.kind != FIXED and one.low < one.high]


def section_of(path: str) -> str:
    """Mechanism that a path belongs to: the section of a parameter (``labour``), or ``levers`` or ``shocks``."""
    first, second = path.split(".")[:2]
    return second if first == "parameters" else first


def expand(vary: Sequence[str], plan: Scenario) -> list[str]:
    """What varies, each section (``labour``) replaced by its uncertain parameters; all of them if nothing is named.

    Raises:
        InputError: a name that is neither a path nor a section.
    """
    uncertain = uncertain_paths(plan)
    sections = list(dict.fromkeys(section_of(path) for path in uncertain))
    items: list[str] = []
    for item in vary or sections:
        if "." in item:
            items.append(item)
        elif item in sections:
            items += [path for path in uncertain if section_of(path) == item]
        else:
            fault = "neither a path nor a section of parameters"
            raise InputError("unknown", fault, "vary", item, suggestion=nearest(item, sections))
    return items


def groups_of(vary: Sequence[str], opened: Sequence[str] = ()) -> dict[str, str]:
    """Section of every path that varies, but of those in ``opened`` sections, which stay single.

    Raises:
        InputError: an opened section of which nothing varies.
    """
    paths = [item.partition("=")[0].strip() for item in vary]
    sections = {section_of(path) for path in paths}
    for name in opened:
        if name not in sections:
            raise InputError("unknown", "nothing of it varies", "opened", name, suggestion=nearest(name, sections))
    return {path: section_of(path) for path in paths if section_of(path) not in opened}


def factors_of(design: Mapping[str, Any]) -> list[Factor]:
    """Settings that vary in a sweep, in the order of its columns, from the design in its manifest."""
    fields = [*design["levers"], *design["uncertainties"]]
    nan = float("nan")
    return [
        Factor(
            one["path"],
            nan if one["low"] is None else one["low"],
            nan if one["high"] is None else one["high"],
            one["log"],
            tuple(one["values"]),
            one.get("group", ""),
        )
        for one in fields
    ]


def inputs_of(factors: Iterable[Factor]) -> list[str]:
    """Names of what moves: groups and single paths, each once, in order."""
    return list(dict.fromkeys(factor.input for factor in factors))


def input_rows(factors: Sequence[Factor], plan: Scenario) -> list[dict[str, Any]]:
    """What is known of every setting that varied, one row each: input, path, low, high, unit, meaning."""
    rows = []
    for factor in factors:
        declared = declaration(factor.path, plan)
        rows.append(
            {
                "input": factor.input,
                "path": factor.path,
                "low": factor.low,
                "high": factor.high,
                "scale": "log" if factor.log else "linear",
                "unit": declared.unit,
                "meaning": declared.meaning,
            }
        )
    return rows
