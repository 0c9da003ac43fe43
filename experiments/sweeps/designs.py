"""Designs: which points of the settings that vary a sweep visits.

A point is one value for each varied path. Paths under ``levers.`` and ``shocks.`` are levers, those under
``parameters.`` uncertainties; a design may hold both, but they stay in columns of their own and every store says which
is which. A missing value (nan) means: as in the policy.
"""

import difflib
import importlib.metadata
import importlib.util
import itertools
import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
import scipy

from injae.experiments.sweeps.points_table import read_points
from injae.experiments.uncertainty import Uncertainty, ensemble_of
from injae.model.errors import InputError, nearest
from injae.model.levers import LEVERS, SHOCKS, Lever, check_value
from injae.model.numbers import number_of, why_no_number
from injae.model.parameters import Parameter, declared_parameters
from injae.model.scenario import Scenario

POINTS_MAX = 10_000_000
MORRIS_LEVELS = 4


@dataclass(frozen=True)
class Factor:
    """One setting that varies: a range, on a log scale or not, or a list of ``values``; neither for tables.

    Settings of one ``group`` move together in ``morris`` and ``saltelli`` designs; without one each moves alone.
    """

    path: str
    low: float = math.nan
    high: float = math.nan
    log: bool = False
    values: tuple[float, ...] = ()
    group: str = ""

    @property
    def input(self) -> str:
        """What moves: the group, or the path itself."""
        return self.group or self.path

    @property
    def is_lever(self) -> bool:
        """Whether somebody chooses it (levers, and shocks tried on purpose); else it is uncertain."""
        return not self.path.startswith("parameters.")

    def scaled(self, share: Any) -> Any:
        """Values at shares 0 to 1 of the way from low to high; any shape."""
        if self.log:
            return np.exp(np.log(self.low) + share * (np.log(self.high) - np.log(self.low))).clip(self.low, self.high)
        return self.low + share * (self.high - self.low)


class Kind(NamedTuple):
    """A kind of design: what makes shares of the ranges, and what the number after the colon counts."""

    sample: Callable[[int, list[str], int], Any]  # number, inputs, seed -> shares, shape (points, factors)
    counts: str  # empty: takes no number
    sampler: str
    takes_groups: bool = False


@dataclass(frozen=True)
class Sampler:
    """How points are drawn from what varies. Its text alone stands for it where no seed or group is told.

    Args:
        text: ``lhs:500``, ``sobol:512``, ``saltelli:256``, ``morris:20``, ``factorial``, ``oat``, ``posterior:100`` or
            a CSV file.
        seed: of the random numbers.
        groups: group of a path, for ``morris`` and ``saltelli``; settings of one group move together.
    """

    text: str
    seed: int = 0
    groups: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Design:
    """A design as it is stored: its text (``lhs:500``), its seed, what made it, what varies."""

    text: str
    seed: int
    sampler: str
    factors: tuple[Factor, ...]

    def as_dict(self) -> dict[str, Any]:
        """Content for the manifest, levers and uncertainties apart; ranges not known are null."""
        known = [{k: None if v != v else v for k, v in asdict(factor).items()} for factor in self.factors]
        levers = [fields for fields, factor in zip(known, self.factors, strict=True) if factor.is_lever]
        uncertain = [fields for fields, factor in zip(known, self.factors, strict=True) if not factor.is_lever]
        made: dict[str, Any] = {"text": self.text, "seed": self.seed, "sampler": self.sampler}
        if self.text.startswith("saltelli:"):
            inputs = dict.fromkeys(factor.input for factor in self.factors)
            made["order"] = ["A", "B", *(f"A with {name} of B" for name in inputs)]  # of the points of each row
        return {**made, "levers": levers, "uncertainties": uncertain}


def _latin_hypercube(number: int, inputs: list[str], seed: int) -> Any:
    return scipy.stats.qmc.LatinHypercube(len(inputs), rng=np.random.default_rng(seed)).random(number)


def _sobol(number: int, inputs: list[str], seed: int) -> Any:
    _check_power_of_two("sobol", number)
    return scipy.stats.qmc.Sobol(len(inputs), scramble=True, bits=30, rng=np.random.default_rng(seed)).random(number)


def _saltelli(number: int, inputs: list[str], seed: int) -> Any:
    """Row after row of matrices A and B: the row of A, of B, then of A with one input after the other from B.

    Each of the ``number`` rows gives ``different inputs + 2`` points, so twice as many rows begin with the same points.
    """
    _check_power_of_two("saltelli", number)
    sequence = scipy.stats.qmc.Sobol(2 * len(inputs), scramble=True, bits=30, rng=np.random.default_rng(seed))
    a, b = np.hsplit(sequence.random(number), 2)
    mixed = [np.where([one == moved for one in inputs], b, a) for moved in dict.fromkeys(inputs)]
    return np.stack([a, b, *mixed], axis=1).reshape(-1, len(inputs))


def _morris(number: int, inputs: list[str], seed: int) -> Any:
    """Trajectories one after the other, each of ``different inputs + 1`` points; more begin with the same."""
    check_salib("design morris")
    from SALib.sample import morris  # extra experiments

    names = [f"x{factor}" for factor in range(len(inputs))]
    problem = {"num_vars": len(inputs), "names": names, "bounds": [[0.0, 1.0]] * len(inputs), "groups": inputs}
    # a generator, not the number: a seed of 0 must count as a seed
    return morris.sample(problem, number, num_levels=MORRIS_LEVELS, seed=np.random.default_rng(seed))


def check_salib(what: str) -> None:
    """Say what to install for what needs SALib.

    Raises:
        InputError: it is not there.
    """
    if importlib.util.find_spec("SALib") is None:
        fault = "needs SALib"
        raise InputError("not_installed", fault, what, suggestion='install it with: pip install "injae[experiments]"')


def _check_power_of_two(name: str, number: int) -> None:
    if number & (number - 1):
        lower = 1 << (number.bit_length() - 1)
        fault = f"needs a power of two, or its points lose their balance; nearest are {lower} and {2 * lower}"
        raise InputError("form", fault, "design", f"{name}:{number}")


KINDS = {
    "lhs": Kind(_latin_hypercube, "points", "scipy.stats.qmc.LatinHypercube"),
    "sobol": Kind(_sobol, "points", "scipy.stats.qmc.Sobol, scrambled"),
    "saltelli": Kind(_saltelli, "rows of A and B", "scipy.stats.qmc.Sobol, scrambled; rows of A, B, A with B", True),
    "morris": Kind(_morris, "trajectories", f"SALib.sample.morris, {MORRIS_LEVELS} levels", True),
}
WITHOUT_NUMBER = ("factorial", "oat")
POSTERIOR = "posterior"


def make_design(sampler: str | Sampler, vary: Sequence[str], plan: Scenario) -> tuple[Design, pd.DataFrame]:
    """Design and its points: one column a path, levers first, index ``point`` from 0.

    Args:
        sampler: of the points.
        vary: what varies: ``PATH=LOW:HIGH``, ``PATH=LOW:HIGH:log``, ``PATH=a,b,c`` or ``PATH`` (declared range).
        plan: scenario that says which parameters there are.

    Raises:
        InputError: unknown design or path, a range that cannot be, a number that the design cannot take.
    """
    asked = sampler if isinstance(sampler, Sampler) else Sampler(sampler)
    text, seed = asked.text, asked.seed
    kind, _, number = text.partition(":")
    if kind == POSTERIOR:
        return _from_posterior(text, number, vary, plan, seed)
    if kind not in (*KINDS, *WITHOUT_NUMBER):
        return _from_table(text, vary, plan, seed)
    factors = [parse_factor(item, plan) for item in vary]
    if kind in KINDS and KINDS[kind].takes_groups:
        factors = [replace(factor, group=asked.groups.get(factor.path, "")) for factor in factors]
    if not factors:
        fault = "name at least one setting that varies, such as parameters.labour.taste_sd=0.2:0.6"
        raise InputError("form", fault, "vary")
    _check_different([factor.path for factor in factors])
    factors.sort(key=lambda factor: not factor.is_lever)  # stable: levers first, otherwise as given
    if kind == "factorial":
        _check_form(factors, kind, number, listed=True)
        values = np.array(list(itertools.product(*(factor.values for factor in factors))))
        made_by = "every combination"
    elif kind == "oat":
        _check_form(factors, kind, number, listed=False)
        values = _one_at_a_time(factors)
        made_by = "as in the policy, then each setting low and high"
    else:
        _check_form(factors, kind, None, listed=False)
        inputs = [factor.input for factor in factors]
        shares = KINDS[kind].sample(_number(text, number, KINDS[kind].counts), inputs, seed)
        values = np.column_stack([factor.scaled(shares[:, n]) for n, factor in enumerate(factors)])
        made_by = f"{KINDS[kind].sampler} ({_version_of(KINDS[kind].sampler)})"
    return Design(text, seed, made_by, tuple(factors)), _points(values, [factor.path for factor in factors])


def parse_factor(text: str, plan: Scenario) -> Factor:
    """What varies, as written on the command line; ``PATH`` alone takes the declared range.

    Raises:
        InputError: unknown path, or values that are no range.
    """
    path, equals, values = (part.strip() for part in text.partition("="))
    declared = declaration(path, plan)
    if not equals:
        return Factor(path, float(declared.low), float(declared.high))
    if ":" not in values:
        numbers = tuple(number_of(part, "vary", within=text) for part in values.split(","))
        if len(set(numbers)) < len(numbers):
            raise InputError("repeated", "a value is there twice", "vary", text)
        factor = Factor(path, min(numbers), max(numbers), values=numbers)
    else:
        parts = [part.strip() for part in values.split(":")]
        if len(parts) not in (2, 3) or parts[2:] not in ([], ["log"]):
            raise InputError("form", "write PATH=LOW:HIGH, PATH=LOW:HIGH:log or PATH=a,b,c", "vary", text)
        factor = Factor(path, *(number_of(part, "vary", within=text) for part in parts[:2]), log=len(parts) == 3)
        if not factor.low < factor.high:
            raise InputError("range", "low must be less than high", "vary", text)
        if factor.log and factor.low <= 0:
            raise InputError("range", "a log scale needs low above 0", "vary", text)
    for end in (factor.low, factor.high):
        declared.check(end) if isinstance(declared, Parameter) else check_value(path, declared, end)
    return factor


def declaration(path: str, plan: Scenario, argument: str = "vary") -> Lever | Parameter:
    """Declaration of the lever, shock or parameter that a path names, dated or not; ``argument``: where it stands.

    Raises:
        InputError: no such path.
    """
    declared: dict[str, Lever | Parameter] = {f"levers.{name}": lever for name, lever in LEVERS.items()}
    declared |= {f"shocks.{name}": shock for name, shock in SHOCKS.items()}
    declared |= {f"parameters.{name}": parameter for name, parameter in declared_parameters(plan.country).items()}
    undated, at, _ = path.partition("@")
    if undated not in declared or (at and undated.startswith("parameters.")):
        hint = nearest(undated, declared)
        raise InputError("unknown", "unknown path", argument, path, suggestion=hint)
    return declared[undated]


def _from_table(text: str, vary: Sequence[str], plan: Scenario, seed: int) -> tuple[Design, pd.DataFrame]:
    """Points from a CSV file: a column a path, a row a point; an empty cell means: as in the policy."""
    if not text.lower().endswith(".csv"):
        numbered = [f"{name}:N" for name in (*KINDS, POSTERIOR)]
        kind, _, number = text.partition(":")
        close = difflib.get_close_matches(kind, [*KINDS, *WITHOUT_NUMBER, POSTERIOR], n=1)
        hint = f"did you mean {':'.join([*close, number]) if number else close[0]!r}?" if close else ""
        fault = f"designs are {', '.join([*numbered, *WITHOUT_NUMBER])} or a FILE.csv"
        raise InputError("unknown", fault, "design", text, suggestion=hint)
    if vary:
        fault = "a table of points says itself what varies"
        raise InputError("conflict", fault, "vary", vary[0], suggestion="leave --vary out")
    table = read_points(text)
    try:
        for path in table.columns:
            declaration(path, plan, "column")
        _check_different(list(table.columns), "column")
    except InputError as error:
        error.found_in(text, table.attrs["header_line"])
        raise
    factors = sorted((Factor(path) for path in table.columns), key=lambda factor: not factor.is_lever)
    paths = [factor.path for factor in factors]
    return Design(Path(text).name, seed, "table", tuple(factors)), table[paths]


def _from_posterior(
    text: str, number: str, vary: Sequence[str], plan: Scenario, seed: int
) -> tuple[Design, pd.DataFrame]:
    """The first draws of the country's posterior as points; what the scenario itself sets does not vary.

    Listed levers and shocks that vary are crossed with the draws: each draw has every combination, one after the other.
    """
    chosen = [parse_factor(item, plan) for item in vary]
    for factor in chosen:
        if not factor.is_lever or not factor.values:
            listed = "levers or shocks with a list of values, such as levers.grant_scale=0,1,2"
            raise InputError("unusable", f"draws of a posterior may be crossed with {listed}", "vary", factor.path)
    _check_different([factor.path for factor in chosen])
    count, ensemble = _number(text, number, "draws"), ensemble_of(Uncertainty.POSTERIOR, plan)
    if count > ensemble.draws:
        raise InputError("unusable", f"the posterior of {plan.country} has {ensemble.draws:,} draws", "design", text)
    draws = pd.DataFrame([ensemble.future(n, draw=n).parameters for n in range(count)])
    declared = declared_parameters(plan.country)
    names = [name for name in draws.columns if name not in plan.parameters]
    drawn = [Factor(f"parameters.{name}", declared[name].low, declared[name].high) for name in names]
    combinations = np.array(list(itertools.product(*(factor.values for factor in chosen))))
    rows = draws[names].to_numpy()
    values = np.hstack([np.tile(combinations, (count, 1)), np.repeat(rows, len(combinations), axis=0)])
    factors = (*chosen, *drawn)
    return Design(text, seed, f"draws of a {ensemble.identity}", factors), _points(values, [f.path for f in factors])


def _points(values: Any, paths: list[str]) -> pd.DataFrame:
    return pd.DataFrame(values, columns=paths, index=pd.RangeIndex(len(values), name="point"))


def _one_at_a_time(factors: Sequence[Factor]) -> Any:
    values = np.full((1 + 2 * len(factors), len(factors)), np.nan)
    for n, factor in enumerate(factors):
        values[1 + 2 * n, n], values[2 + 2 * n, n] = factor.low, factor.high
    return values


def _number(text: str, number: str, counts: str) -> int:
    value = math.nan if why_no_number(number) else number_of(number)
    if not (1 <= value <= POINTS_MAX and value.is_integer()):
        fault = f"needs a number of {counts}, a whole one from 1 to {POINTS_MAX:,}, such as {text.partition(':')[0]}:64"
        raise InputError("range", fault, "design", text[:80])
    return int(value)


def _check_form(factors: Sequence[Factor], kind: str, number: str | None, *, listed: bool) -> None:
    if number:
        raise InputError("form", f"{kind} takes no number", "design", f"{kind}:{number}")
    for factor in factors:
        if listed and not factor.values:
            fault = f"a factorial design needs a list, such as {factor.path}=0.1,0.2"
            raise InputError("form", fault, "vary", factor.path)
        if not listed and factor.values:
            raise InputError("form", f"this design needs a range, such as {factor.path}=0.1:0.2", "vary", factor.path)


def _check_different(paths: Sequence[str], argument: str = "vary") -> None:
    """Refuse a path that is there twice; two dates of one lever are two settings, a date and none are not."""
    for n, path in enumerate(paths):
        undated = path.partition("@")[0]
        if path in paths[:n] or (path != undated and undated in paths):
            raise InputError("repeated", "varied twice", argument, path)


def _version_of(sampler: str) -> str:
    package = sampler.split(".")[0]
    return f"{package} {importlib.metadata.version(package)}"
