"""What is known: facts that a calibration holds runs against, each a value with an error, and their values in a sweep.

A country's facts are those of ``data/COUNTRY/facts.csv`` that months of a run give and whose band is a measurement. Its
band is read as two standard errors each way.
"""

import math
import re
import warnings
from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from experiments.facts import ERRORS_IN_BAND, MEASURES, all_bands, bands, measured
from experiments.outcomes import outcome_of, outcome_values
from experiments.replicates import Replicates
from experiments.sweeps.designs import as_number
from experiments.sweeps.store import KEYS, Sweep
from model.ecosystem import Ecosystem
from model.errors import InputError, nearest
from model.scenario import Scenario, month_of

FORM = 'OUTCOME=VALUE+-ERROR, such as "job_change_rate_per_year=0.159+-0.015"'


KNOWN = {name: one for name, one in MEASURES.items() if one.series}  # measurements: read off the monthly series


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


class Evidence(NamedTuple):
    """Facts, used before held out, and those of the country that runs are too short for."""

    facts: list[Fact]
    too_long: list[str]


def evidence_of(texts: Sequence[str], hold_out: Sequence[str], plan: Scenario, *, all_cases: bool = False) -> Evidence:
    """Facts that a calibration uses and holds out.

    Args:
        texts: facts to use, ``OUTCOME=VALUE+-ERROR`` with one standard error; none: the country's.
        hold_out: names of the country's facts, or facts as in ``texts``, that are only compared; none: with ``texts``
            nothing is, without them those of the country that ``KNOWN`` says.
        plan: scenario of the runs.
        all_cases: take the country's facts of other scenarios too, such as a back-cast.

    Raises:
        InputError: a fact that cannot be read, is there twice, or is both used and held out; or none is left.
    """
    known, too_long = country_facts(plan, all_cases=all_cases)
    held = [_held_out(text, known, too_long, plan) for text in hold_out]
    held_names = [fact.name for fact in held]
    if texts:
        used = [parse_fact(text, plan) for text in texts]
    else:
        used = [one for one in known.values() if (one.name not in held_names if held else not one.held_out)]
        held = held or [one for one in known.values() if one.held_out]
    used_names = [fact.name for fact in used]
    for option, names in (("--fact", used_names), ("--hold-out", held_names)):
        for n, name in enumerate(names):
            if name in names[:n]:
                raise InputError(f"{option} {name}: is there twice")
    for name in held_names:
        if name in used_names:
            raise InputError(f"--hold-out {name}: this fact is used too; a fact that is used cannot check the result")
    if not used:
        why = f"its runs have {plan.months} months, too few for {', '.join(too_long)}" if too_long else "none is left"
        raise InputError(f"--fact: no fact to hold {plan.country} against ({why}); name some, {FORM}")
    facts = [one._replace(held_out=False) for one in used] + [one._replace(held_out=True) for one in held]
    return Evidence(facts, too_long)


def country_facts(plan: Scenario, *, all_cases: bool = False) -> tuple[dict[str, Fact], list[str]]:
    """Facts of a scenario's country by name, in the order of the file, and those that its runs are too short for."""
    found, too_long = {}, []
    for band in all_bands(plan.country) if all_cases else bands(plan.country):
        if band.use == "pattern":
            continue
        known, source = KNOWN[band.measure], f"{band.code}: {band.source}"
        case = plan if Scenario.load(band.case).country == plan.country else Scenario.load(band.case)
        if known.months > case.months:
            too_long.append(band.measure)
            continue
        error = (band.high - band.low) / 2 / ERRORS_IN_BAND
        found[band.measure] = Fact(
            band.measure, known.what, known.unit, band.value, error, source, band.use == "check", band.discrepancy,
            "" if case is plan else case.name,
        )  # fmt: skip
    return found, too_long


def parse_fact(text: str, plan: Scenario) -> Fact:
    """A fact as written on the command line: ``OUTCOME=VALUE+-ERROR``, with one standard error.

    Raises:
        InputError: another form, an outcome that cannot be, an error that is not above zero.
    """
    name, equals, rest = (part.strip() for part in text.partition("="))
    parts = [part.strip() for part in re.split(r"\+-|±", rest)]
    if not equals or len(parts) != 2:
        raise InputError(f"--fact {text}: write {FORM}")
    value, error = (as_number(f"--fact {text}", part, f"; write {FORM}") for part in parts)
    if error <= 0:
        raise InputError(f"--fact {text}: the error is one standard error and must be above 0")
    if name in KNOWN:
        _check_long_enough(name, plan)
        return Fact(name, MEASURES[name].what, KNOWN[name].unit, value, error, "as given")
    if "@" not in name:
        _check_name(f"--fact {name}", name)
    outcome = outcome_of(name, plan)
    return Fact(outcome.name, outcome.name.replace("_", " ").replace("@", ", "), outcome.unit, value, error, "as given")


def _held_out(text: str, known: dict[str, Fact], too_long: Sequence[str], plan: Scenario) -> Fact:
    if "=" in text:
        return parse_fact(text, plan)
    if text in known:
        return known[text]
    if text in too_long:
        _check_long_enough(text, plan)
    hint = nearest(text, known, f"the facts of {plan.country} are {', '.join(known)}")
    raise InputError(f"--hold-out {text}: no fact of {plan.country} with these runs; {hint}; or write {FORM}")


def _check_long_enough(name: str, plan: Scenario) -> None:
    if KNOWN[name].months > plan.months:
        raise InputError(f"{name}: is measured in runs of {KNOWN[name].months} months; these have {plan.months}")


def _check_name(option: str, name: str) -> None:
    from experiments.summary import INDICATORS
    from model.record import SERIES

    if name not in INDICATORS and name not in SERIES:
        hint = nearest(name, [*INDICATORS, *KNOWN], "`injae outcomes` lists the indicators")
        raise InputError(f"{option}: no indicator and no fact; {hint}")


def fact_replicates(sweep: Sweep, facts: Sequence[Fact], policy: str) -> list[Replicates]:
    """What the runs of a policy give for each fact, shape (points, seeds); nan where there is no run or no value.

    Raises:
        InputError: two facts that are one under two names.
    """
    in_series = [fact.name for fact in facts if fact.name in KNOWN]
    outcomes = [fact.name for fact in facts if fact.name not in KNOWN]
    tables = [outcome_values(sweep, outcomes)] if outcomes else []
    tables += [measured_in_runs(sweep, in_series)] if in_series else []
    shape = {"index": range(len(sweep.points)), "columns": sweep.seeds}
    grids: dict[str, Any] = {}
    for table in tables:
        rows: Any = table[table["policy"] == policy].set_index(["point", "seed"])
        for name in rows.columns.drop("policy"):
            grids[name] = rows[name].unstack("seed").reindex(**shape).to_numpy(float)
    for n, fact in enumerate(facts):
        for other in facts[:n]:
            if np.allclose(grids[fact.name], grids[other.name], rtol=1e-6, equal_nan=True):
                both = fact.held_out or other.held_out
                why = "a fact cannot be used and held out" if both else "it would count twice"
                raise InputError(f"{fact.name}: is the same in every run as {other.name}; {why}")
    return [Replicates(fact.name, fact.unit, grids[fact.name]) for fact in facts]


def measured_in_runs(sweep: Sweep, names: Sequence[str]) -> pd.DataFrame:
    """Measures of ``KNOWN`` in every finished run: policy, point, seed, then a column a measure."""
    series = sorted({one for name in names for one in KNOWN[name].series})
    rows = []
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # a logarithm of nobody gives nan, which is what it should
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
        return KNOWN[name].months
    _, at, date = name.partition("@")
    return max(month_of(date, plan.start), 1) if at else plan.months
