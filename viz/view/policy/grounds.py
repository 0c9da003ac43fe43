"""What a lever or a curve rests on, in words: unit, range, who pays, rules of the model, and numbers with their grade.

All of it is read from what is declared: levers with what pays for them in ``model/levers.py``,
parameters with their sources in ``data``. Only which rules of ``docs/model.md`` lead to a curve is said here.
"""

import csv
import re
from functools import cache

from injae.agents.kernels import ROOT
from injae.experiments.wording.amounts import setting, unit
from injae.experiments.wording.spoken import speaking_of
from injae.experiments.wording.titles import parameter
from injae.model.levers import LEVERS, SHOCKS
from injae.model.parameters import Parameter, country_rows, declared_parameters
from injae.model.record import SERIES
from injae.viz.view.words import word

RULES = {
    "programme_graduates_cumulative": ("E2", "E3", "E7", "E10"),
    "specialists": ("E7", "L8", "M1", "M2", "M3", "M4"),
    "employed_hospitals": ("H3", "L5", "L7", "L8"),
    "adoption_share": ("H1", "H2", "H2a", "H2b"),
    "unmet_demand_share": ("H4", "O1", "O2"),
    "teachers": ("E2", "E4"),
    "enrolled": ("E5", "E7", "E10"),
    "vacancy_rate": ("F4", "H3", "L2", "L7"),
    "public_won_cumulative": ("G1", "G2", "G3", "G4", "G5", "G6", "G7", "G8"),
    "public_trust": ("O5",),
}
NAMED = 3  # numbers with a source that are told by name
CITED = 2  # of its sources
GRADES = ("fact", "estimate", "calibrated", "judgement")
_IN_BRACKETS = re.compile(r"\(((?:[A-Z]\d+[a-z]?)(?:, [A-Z]\d+[a-z]?)*)\)")
_EVIDENCE = re.compile(r"\b[A-Z]\d{3}\b")


@cache
def about_lever(path: str, lang: str, country: str) -> list[str]:
    """Lines on a lever or shock (``levers.x``): its grade, range, who pays, rules, numbers behind them."""
    with speaking_of(country):
        lever = {**LEVERS, **SHOCKS}[path.partition(".")[2]]
        low, high = (setting(value, lever.unit.split(" and ")[0], lang) for value in (lever.low, lever.high))
        choice = "choice" if path.startswith("levers.") else "what_if"
        lines = [word(f"grounds.{choice}", lang), word("grounds.range", lang, low=low, high=high)]
        if lever.purpose:
            lines.append(word("grounds.paid", lang, what=word(f"payment.{lever.purpose}", lang)))
        elif path.startswith("levers."):
            lines.append(word("grounds.unpaid", lang))
        return lines + _of_rules(_rules(lever.meaning), lang, country)


@cache
def about_series(name: str, lang: str, country: str) -> list[str]:
    """Lines on a series that is drawn: unit, rules, numbers behind them."""
    with speaking_of(country):
        of = unit(SERIES[name].unit, lang)
        lines = [word("grounds.unit", lang, unit=of)] if of else []
        return lines + _of_rules(RULES.get(name, ()), lang, country)


def _rules(meaning: str) -> tuple[str, ...]:
    """The rules that a declaration names at its end."""
    return tuple(rule for found in _IN_BRACKETS.findall(meaning) for rule in found.split(", "))


def _of_rules(rules: tuple[str, ...], lang: str, country: str) -> list[str]:
    """Lines on rules, the grades of the numbers in them, and where the best known come from."""
    if not rules:
        return []
    lines = [word("grounds.rules", lang, rules=", ".join(rules))]
    numbers = [p for p in declared_parameters(country).values() if set(_rules(p.meaning)) & set(rules)]
    grades = [(kind, sum(p.kind == kind for p in numbers)) for kind in GRADES]
    if numbers:
        counts = ", ".join(word(f"grounds.{kind}", lang, count=count) for kind, count in grades if count)
        lines.append(word("grounds.numbers", lang, counts=counts))
    sourced = sorted((p for p in numbers if _cited(p, country)), key=lambda p: GRADES.index(p.kind))
    for p in sourced[:NAMED]:
        title = parameter(p.path, lang, country)
        grade = word(f"grounds.of_{p.kind}", lang)
        lines.append(
            word("grounds.source", lang, what=title, grade=grade, source="; ".join(_cited(p, country)[:CITED]))
        )
    return lines


def _cited(of: Parameter, country: str) -> list[str]:
    """Evidence that a parameter names, as ``G010 (publisher, year)``."""
    known = _evidence(country)
    return [f"{one} ({known[one]})" for one in _EVIDENCE.findall(of.source) if one in known]


@cache
def _evidence(country: str) -> dict[str, str]:
    """What evidence is called by its id; a country's own is in its ``sources.csv``."""
    own = {row["id"]: f"{row['source']}, {row['year']}" for row in country_rows(country, "sources.csv")}
    with (ROOT / "data" / "evidence.csv").open(encoding="utf-8", newline="") as stream:
        return {row["id"]: f"{row['publisher']}, {row['year']}" for row in csv.DictReader(stream)} | own
