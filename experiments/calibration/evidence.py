"""What is known: facts that a calibration holds runs against, each a value with an error, and their values in runs.

A country's facts are those of ``data/COUNTRY/facts.csv`` that months of a run give and whose band is a measurement. Its
band is read as two standard errors each way.
"""

import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from injae.experiments.facts import ERRORS_IN_BAND, Band, all_bands, bands
from injae.experiments.indicators import INDICATORS, check_possible, is_name, outcome_of
from injae.experiments.measures import MEASURES, measured
from injae.experiments.outcomes import less, outcome_values
from injae.experiments.replicates import Replicates
from injae.experiments.sweeps.store import KEYS, Sweep
from injae.model.ecosystem import Ecosystem
from injae.model.errors import InputError, nearest
from injae.model.numbers import number_of
from injae.model.record import SERIES
from injae.model.scenario import Scenario, month_of, preset_names

FORM = 'OUTCOME=VALUE+-ERROR, such as "job_change_rate_per_year=0.159+-0.015"'
DISCREPANCY = 0.05  # of a fact's value: how far the model may be off with the best parameters
GIVEN = "as given"  # source of a fact that a user wrote
KNOWN = {name: one for name, one in MEASURES.items() if one.series}  # measurements: read off the monthly series
COUNTED = ("share", "persons", "products", "firms", "hospitals", "months", "years")  # units that cannot be below zero


class Fact(NamedTuple):
    """Something known: an outcome of a run, its value, one standard error of it, its source; held out or used.

    ``discrepancy`` is how far the model may be off with the best parameters, one standard deviation in the fact's unit
    (nan: not said); ``case`` the scenario that it is measured in (empty: the one that is asked about).
    """

    name: str
    what: str
    unit: str
    value: float
    error: float
    source: str
    held_out: bool = False
    discrepancy: float = math.nan
    case: str = ""

    @property
    def label(self) -> str:
        """Its name, with the case if it is another: ``korea-2022:vacancy_rate_year_2``."""
        return f"{self.case}:{self.name}" if self.case else self.name


@dataclass(frozen=True)
class CalibrationTargets:
    """What runs are held against. Facts to use alone stand for it.

    Args:
        facts: to use, ``OUTCOME=VALUE+-ERROR`` with one standard error; none: the country's.
        hold_out: names of the country's facts, or facts as above, that are only compared. Without ``facts`` so are
            those that the country's file keeps out of the fit.
        discrepancy: share of a fact's value that the model may be off with the best parameters (standard deviation),
            for facts that do not say it themselves.
        versus: facts that are given with a value are about what the policy adds to this one, on the same point and
            seed, such as an effect that an evaluation found.
    """

    facts: Sequence[str] = ()
    hold_out: Sequence[str] = ()
    discrepancy: float = DISCREPANCY
    versus: str = ""


def targets_of(given: CalibrationTargets | Sequence[str]) -> CalibrationTargets:
    """Targets, where facts alone may stand for them."""
    return given if isinstance(given, CalibrationTargets) else CalibrationTargets(given)


class Evidence(NamedTuple):
    """Facts, used before held out, and those of the country that are left out, with the reason."""

    facts: list[Fact]
    left_out: list[str]


def evidence_of(targets: CalibrationTargets, plan: Scenario, *, all_cases: bool = False) -> Evidence:
    """Facts that a calibration uses and holds out.

    Args:
        targets: what is to be used and held out.
        plan: scenario of the runs.
        all_cases: take facts that are measured in other scenarios too; ``CASE:OUTCOME`` names one.

    Raises:
        InputError: a fact that cannot be read or cannot be, is there twice, or is both used and held out; or none is
            left.
    """
    known, left_out = country_facts(plan, all_cases=all_cases)
    texts, hold_out = targets.facts, targets.hold_out
    how = {"all_cases": all_cases, "difference": bool(targets.versus)}
    held = [
        parse_fact(text, plan, **how) if "=" in text else _held_out(text, known, left_out, plan) for text in hold_out
    ]
    held_labels = [fact.label for fact in held]
    if texts:
        used = [parse_fact(text, plan, **how) for text in texts]
    else:
        used = [one for one in known.values() if not one.held_out and one.label not in held_labels]
        held += [one for one in known.values() if one.held_out and one.label not in held_labels]
        held_labels = [fact.label for fact in held]
    used_labels = [fact.label for fact in used]
    for path, labels in (("facts", used_labels), ("hold_out", held_labels)):
        for n, label in enumerate(labels):
            if label in labels[:n]:
                raise InputError("repeated", "is there twice", path, label)
    for label in held_labels:
        if label in used_labels:
            hint = "a fact that is used cannot check the result"
            raise InputError("conflict", "this fact is used too", "hold_out", label, suggestion=hint)
    if not used:
        why = "none is left" if not left_out else f"too few for {', '.join(label for label, _ in left_out.items())}"
        fault = f"no fact to hold {plan.country} against (its runs have {plan.months} months; {why}); name some"
        raise InputError("form", fault, "facts", suggestion=FORM)
    facts = [one._replace(held_out=False) for one in used] + [one._replace(held_out=True) for one in held]
    return Evidence(facts, [f"{label}: {why}" for label, why in left_out.items()])


def country_facts(plan: Scenario, *, all_cases: bool = False) -> tuple[dict[str, Fact], dict[str, str]]:
    """Facts of a scenario's country by label, in the order of the file, and why others are left out.

    Raises:
        InputError: a fact that cannot be, or is there twice.
    """
    found: dict[str, Fact] = {}
    left_out: dict[str, str] = {}
    for band in all_bands(plan.country) if all_cases else bands(plan.country):
        if band.use == "pattern":
            continue
        fact = _fact_of(band, plan, all_cases)
        if fact.case and fact.case not in preset_names():
            left_out[fact.label] = f"there is no scenario {fact.case}"
            continue
        own = Scenario.load(fact.case) if fact.case else plan
        needed = KNOWN[fact.name].months
        if needed > own.months:
            left_out[fact.label] = f"is measured in runs of {needed} months; these have {own.months}"
            continue
        _check_possible(fact, f"data/{plan.country}/facts.csv", band.code)
        if fact.label in found:
            raise InputError("repeated", f"{fact.label} is there twice", source=f"data/{plan.country}/facts.csv")
        found[fact.label] = fact
    return found, left_out


def _fact_of(band: Band, plan: Scenario, all_cases: bool) -> Fact:
    known, error = KNOWN[band.measure], (band.high - band.low) / 2 / ERRORS_IN_BAND
    case = band.case if all_cases and band.case != plan.name else ""
    what = f"{known.what} ({case})" if case else known.what
    return Fact(
        band.measure, what, known.unit, band.value, error, f"{band.code}: {band.source}", band.use == "check",
        band.discrepancy, case,
    )  # fmt: skip


def parse_fact(text: str, plan: Scenario, *, all_cases: bool = False, difference: bool = False) -> Fact:
    """A fact as written on the command line: ``OUTCOME=VALUE+-ERROR``, with one standard error.

    ``difference``: it is about what a policy adds to another.

    Raises:
        InputError: another form, an outcome or a value that cannot be, an error that is not above zero.
    """
    name, equals, rest = (part.strip() for part in text.partition("="))
    parts = [part.strip() for part in re.split(r"\+-|±", rest)]
    if not equals or len(parts) != 2:
        raise InputError("form", f"write {FORM}", "facts", text)
    value, error = (number_of(part, "facts", f"write {FORM}", text) for part in parts)
    if error <= 0:
        raise InputError("range", "the error is one standard error and must be above 0", "facts", text)
    case, colon, rest = name.rpartition(":")
    if colon:
        if not all_cases or case not in preset_names():
            hint = nearest(case, preset_names()) if all_cases else "a sweep has no other cases"
            raise InputError("unknown", f"no scenario {case!r}", "facts", text, suggestion=hint)
        name, case = rest, case if case != plan.name else ""
    own = Scenario.load(case) if case else plan
    fact = _named(name, own)._replace(value=value, error=error, case=case)
    _check_possible(fact, "facts", text, difference=difference)
    return fact


def _named(name: str, plan: Scenario) -> Fact:
    """A fact without a value yet, by the name of a measure, of an indicator or of a series at a date."""
    if name in KNOWN:
        _check_long_enough(name, plan)
        return Fact(name, MEASURES[name].what, KNOWN[name].unit, math.nan, math.nan, GIVEN)
    if "@" not in name and is_name(name):
        _check_name(name)
    outcome = outcome_of(name, plan)
    words = outcome.name.replace("_", " ").replace("@", ", ")
    return Fact(outcome.name, words, outcome.unit, math.nan, math.nan, GIVEN)


def _check_possible(fact: Fact, path: str, given: str, *, difference: bool = False) -> None:
    """Refuse values that the outcome cannot have.

    Raises:
        InputError: percent for a share, or less than nothing of what is counted.
    """
    changes = fact.name in KNOWN and fact.unit not in COUNTED  # growth and ratios may be below zero
    check_possible(abs(fact.value) if changes or difference else fact.value, fact.name, fact.unit, path, given)
    check_possible(fact.error, fact.name, fact.unit, path, given)


def _held_out(text: str, known: dict[str, Fact], left_out: dict[str, str], plan: Scenario) -> Fact:
    if text in known:
        return known[text]
    if text in left_out:
        raise InputError("unusable", left_out[text], "hold_out", text)
    hint = nearest(text, known, f"the facts of {plan.country} are {', '.join(known)}")
    hint, fault = f"{hint}; or write {FORM}", f"no fact of {plan.country} with these runs"
    raise InputError("unknown", fault, "hold_out", text, suggestion=hint)


def _check_long_enough(name: str, plan: Scenario) -> None:
    if KNOWN[name].months > plan.months:
        fault = f"is measured in runs of {KNOWN[name].months} months"
        raise InputError("unusable", fault, name, suggestion=f"these have {plan.months}")


def _check_name(name: str) -> None:
    if name not in INDICATORS and name not in SERIES:
        hint = nearest(name, [*INDICATORS, *KNOWN], "`injae outcomes` lists the indicators")
        raise InputError("unknown", "no indicator and no fact", "facts", name, suggestion=hint)


def check_different(facts: Sequence[Fact], grids: Sequence[Any]) -> None:
    """Refuse facts that are one under two names, from what runs give for them, shape (points, seeds) each.

    Raises:
        InputError: two are the same in every run.
    """
    for n, fact in enumerate(facts):
        for m, other in enumerate(facts[:n]):
            if fact.case != other.case or not np.allclose(grids[n], grids[m], rtol=1e-6, equal_nan=True):
                continue
            both = fact.held_out or other.held_out
            why = "a fact cannot be used and held out" if both else "it would count twice"
            raise InputError("unusable", f"is the same in every run as {other.label}", fact.label, suggestion=why)


def fact_replicates(sweep: Sweep, facts: Sequence[Fact], policy: str, versus: str = "") -> list[Replicates]:
    """What the runs of a policy give for each fact, shape (points, seeds); nan where there is no run or no value.

    With ``versus`` a fact that a user gave is of the difference to that policy on the same point and seed.

    Raises:
        InputError: two facts that are one under two names.
    """
    in_series = [fact.name for fact in facts if fact.name in KNOWN]
    outcomes = [fact.name for fact in facts if fact.name not in KNOWN]
    tables = [outcome_values(sweep, outcomes)] if outcomes else []
    tables += [measured_in_runs(sweep, in_series)] if in_series else []
    shape = {"index": sweep.points.index, "columns": sweep.seeds}
    grids: dict[str, Any] = {}
    given = [fact.name for fact in facts if versus and fact.source == GIVEN]
    for table in tables:
        table = less(table, versus, [name for name in given if name in table]) if given else table
        rows: Any = table[table["policy"] == policy].set_index(["point", "seed"])
        for name in rows.columns.drop("policy"):
            grids[name] = rows[name].unstack("seed").reindex(**shape).to_numpy(float)
    check_different(facts, [grids[fact.name] for fact in facts])
    return [Replicates(fact.name, fact.unit, grids[fact.name]) for fact in facts]


def measured_in_runs(sweep: Sweep, names: Sequence[str]) -> pd.DataFrame:
    """Measures of ``KNOWN`` in every finished run: policy, point, seed, then a column a measure."""
    series = sorted({one for name in names for one in KNOWN[name].series})
    rows = []
    for part in sweep.series_parts(series):
        frame: Any = part
        for key, run in frame.groupby(KEYS, observed=True, sort=False):
            model = SimpleNamespace(history=run[series].to_records(index=False))
            rows.append((*key, *(measured(name, model) for name in names)))
    return pd.DataFrame(rows, columns=[*KEYS, *names]).astype({"policy": str})


def values_of(model: Ecosystem, facts: Sequence[str], outcomes: Sequence[str] = ()) -> dict[str, float]:
    """What a finished run gives for facts and outcomes, by name; nan where it gives none."""
    found = {}
    for name in (*facts, *outcomes):
        if name in KNOWN:
            found[name] = measured(name, model)
        else:
            found[name] = float(outcome_of(name, model.plan).of_run(model.history, model.plan))
    return found


def months_needed(name: str, plan: Scenario) -> int:
    """Months of a run that a fact is measured in."""
    if name in KNOWN:
        return max(KNOWN[name].months, 1)
    _, at, date = name.partition("@") if is_name(name) else ("", "", "")
    return max(month_of(date, plan.start), 1) if at else plan.months
