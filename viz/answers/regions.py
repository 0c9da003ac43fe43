"""Boxes of futures in words: limits with their units, shares as fractions that one can picture."""

import math
import re
from collections.abc import Iterator
from fractions import Fraction
from typing import Any, NamedTuple

from injae.experiments.findings import Finding
from injae.experiments.wording import amounts
from injae.experiments.wording.spoken import LANGUAGE
from injae.experiments.wording.titles import outcome_title, scenario_title, setting_title
from injae.viz.answers.words import counted, say, unit_name

PICTURED = sorted({Fraction(part, whole) for whole in (2, 3, 4, 5, 10) for part in range(whole + 1)})


def tables_of(finding: Finding) -> dict[str, Any]:
    """Tables of a finding, whose columns are not known before it is read."""
    return dict(finding.tables)


class Range(NamedTuple):
    """Limits of one input, None where there is none; ``given`` is its row of the table of inputs."""

    given: Any
    low: float | None
    high: float | None


def seeds_words(futures: Any) -> str:
    """How many seeds futures have, from a table with a column ``seeds``: ``1 to 4 seeds`` where runs are missing."""
    least, most = int(futures["seeds"].min()), int(futures["seeds"].max())
    return counted(most, "seed") if least == most else say("regions.seeds", least=least, most=most)


def ranges(limits: Any, inputs: Any) -> Iterator[Range]:
    """Limits of a box by input, in the order of ``limits``."""
    rows = inputs.set_index("path", drop=False)
    for path in dict.fromkeys(limits["input"]):
        sides = limits[limits["input"] == path].set_index("side")["limit"].to_dict()
        yield Range(rows.loc[path], sides.get("at least"), sides.get("at most"))


def region(limits: Any, inputs: Any) -> str:
    """A box in words: ``pay abroad is above 2.1 and seats per teacher is below 8.2``."""
    return say("regions.and").join(_clause(one) for one in ranges(limits, inputs))


def _clause(one: Range) -> str:
    unit, whole = one.given["unit"], one.given["scale"] == "whole"
    name = input_name(one.given)
    if one.low is not None and one.high is not None:
        return say("regions.between", name=name, low=amount(one.low, unit), high=amount(one.high, unit))
    if one.low is not None:
        return say(
            "regions.clause",
            name=name,
            bound=say("regions.bound", bound=_sign_words(">=" if whole else ">"), exact=amount(one.low, unit)),
        )
    return say(
        "regions.clause",
        name=name,
        bound=say("regions.bound", bound=_sign_words("<=" if whole else "<"), exact=amount(one.high or 0.0, unit)),
    )


def _sign_words(sign: str) -> str:
    if sign in ("<", "<="):
        return say("regions.below") if sign == "<" else say("regions.at_most")
    return say("regions.above") if sign == ">" else say("regions.at_least")


def money(value: float) -> str:
    """Money of the data in the language that is spoken."""
    return amounts.money(value, LANGUAGE.get())


def bare(text: str) -> str:
    """An amount without the name of its unit in the language that is spoken."""
    return amounts.bare(text, LANGUAGE.get())


def amount(value: float, unit: str) -> str:
    """A value as its unit wants it, to three digits: shares in percent, won in millions; other units are not named."""
    if LANGUAGE.get() == "ko" and unit_name(unit).startswith("%"):
        return f"{100 * value:z.3g}%"
    if unit.startswith("share"):
        return f"{value:z.3g}".rstrip(".") if abs(value) < 0.01 else f"{100 * value:z.3g}%"
    if unit.startswith("won"):
        return money(value)
    return f"{value:z,.0f}" if abs(value) >= 1000 else f"{value:z.3g}"


def level(value: float, unit: str) -> str:
    """A value of an outcome: shares in percent, won in billions, persons whole; other units are not named."""
    if math.isnan(value):
        return "-"
    if unit.startswith(("share", "probability")):
        return f"{100 * value:z.1f}%"
    if unit.startswith("won"):
        return money(value)
    if 0 < abs(value) < 0.1:
        return f"{value:z.2g}"
    return f"{value:z,.1f}" if abs(value) < 10 and value != round(value) else f"{value:z,.0f}"


def difference(value: float, unit: str) -> str:
    """A difference of an outcome, as ``level`` but with shares in points."""
    shares = unit.startswith(("share", "probability"))
    return say("regions.points", points=100 * value) if shares and not math.isnan(value) else level(value, unit)


def measured(text: str, unit: str) -> str:
    """A number as ``level`` or ``difference`` writes it, with its unit: ``34 persons``, ``2.3% per year``; ``34명``."""
    if LANGUAGE.get() == "en":
        return f"{text} {unit_words(unit)}".rstrip()
    head = unit.partition(" per ")[0]
    shown = unit_name(head) if head in ("share", "probability", "won") else ""
    return text + unit_name(unit).removeprefix(shown)


def unit_words(unit: str) -> str:
    """A unit after a number that does not show it: ``persons``, ``hours per year``; nothing after percent and won."""
    head, _, per = unit.partition(" per ")
    shown = head in ("share", "probability", "won", "points")
    return (f"per {per}" if per else "") if shown else unit


def condition_words(condition: dict[str, Any]) -> str:
    """A bound on an outcome: ``specialists at end below 6,500 persons``."""
    bound, unit = condition["bound"], condition["unit"]
    shares = unit.startswith(("share", "probability"))
    exact = f"{100 * bound:z.10g}%" if shares else money(bound) if unit.startswith("won") else f"{bound:z,.10g}"
    less = less_words(condition.get("versus"))
    bound = say("regions.bound", bound=_sign_words(condition["sign"]), exact=measured(exact, unit))
    return f"{plain_name(condition['outcome'])}{less} {bound}"


def less_words(versus: str | None) -> str:
    """What stands behind an outcome of which that of another policy is taken off; nothing without one."""
    return say("regions.less", versus=policy_name(versus)) if versus else ""


def fraction(part: int, whole: int) -> str:
    """A share that one can picture: ``1 of 5 futures``, ``no future``, ``nearly every future``."""
    if part in (0, whole):
        return "every future" if part else "no future"
    nearest = min(PICTURED, key=lambda pictured: abs(pictured - Fraction(part, whole)))
    words = {Fraction(0): "hardly a future", Fraction(1): say("regions.nearly_every_future")}
    return words.get(nearest, f"{nearest.numerator} of {nearest.denominator} futures")


def plain_name(outcome: str) -> str:
    """An outcome's name as words."""
    if LANGUAGE.get() == "en":
        return outcome.replace("_", " ").replace("@", ", ")
    return outcome_title(outcome, LANGUAGE.get())


def input_name(given: Any) -> str:
    """What an input of a finding is called."""
    if LANGUAGE.get() == "en":
        return str(given["name"])
    return setting_title(given["path"] if "path" in given else given["input"], LANGUAGE.get())


def policy_name(name: str) -> str:
    """What a policy is called: in English by the name that commands take."""
    return scenario_title(name, LANGUAGE.get())


def labelled(given: Any) -> str:
    """An input with its unit, unless its name says it."""
    if LANGUAGE.get() == "en" and given["unit"] in given["name"]:
        return str(given["name"])
    return (
        say("regions.labelled", name=input_name(given), unit=unit_name(given["unit"]))
        if given["unit"]
        else input_name(given)
    )


def meanings(limits: Any, inputs: Any) -> list[str]:
    """What limited inputs are, a line each, without the number of their rule in brackets."""
    rows = inputs[inputs["path"].isin(limits["input"])]
    rules = r" [(][A-Z]+[0-9]+[a-z]?(, [A-Z]+[0-9]+[a-z]?)*[)]$"
    return [
        f"{name}: {re.sub(rules, '', meaning)}" for name, meaning in zip(rows["name"], rows["meaning"], strict=True)
    ]


def p_value(p: float) -> str:
    """A p-value as one writes it."""
    return say("regions.tiny") if p < 0.001 else f"{p:z.3f}" if p < 0.1 else f"{p:z.2f}"
