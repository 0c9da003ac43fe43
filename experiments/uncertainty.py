"""What differs between runs of a question: noise alone, or noise and what nobody knows for sure.

A *future* is a seed and values of the uncertain parameters. Future ``n`` has seed ``n``; under ``posterior`` and
``ranges`` it takes draw ``n // 2``, so two consecutive futures share their parameters and differ in noise alone. What a
scenario itself sets stays, and scenarios that are compared meet the same futures.
"""

import functools
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from statistics import NormalDist
from typing import Any, NamedTuple

import numpy as np
import scipy

from injae.experiments import priors
from injae.experiments.calibration.posterior_files import Posterior, read_posterior
from injae.model.errors import InputError, nearest
from injae.model.parameters import DATA, country_and_bases, declared_parameters
from injae.model.renamed import current
from injae.model.scenario import Scenario

RUNS_OF_DRAW = 2
RUNS = {"aleatory": 20, "posterior": 100, "ranges": 100}  # unless told
DESIGN_SEED = 2025  # of the draws from ranges
BLOCK = 50  # draws from ranges that are spread evenly together: as many as there are unless told
RANGE_DRAWS = 100_000  # then they begin anew
LEAST = 20  # independent values below which no interval and no probability is told
STRONGEST = 3  # parameters that are named at most
BY_CHANCE = 0.05  # probability that any is named which has no influence


class Uncertainty(StrEnum):
    """What differs between futures, from least to most."""

    ALEATORY = "aleatory"  # seeds; parameters are at their declared values
    POSTERIOR = "posterior"  # and parameters, as the facts leave them
    RANGES = "ranges"  # and parameters, each for itself over its declared range


@dataclass(frozen=True)
class Future:
    """One future; ``draw`` tells which ones share their parameters, None with noise alone."""

    number: int
    seed: int
    parameters: Mapping[str, float] = field(default_factory=dict)
    draw: int | None = None

    def plan(self, plan: Scenario) -> Scenario:
        """The scenario in this future; what the scenario itself sets stays."""
        if not self.parameters:
            return plan
        return plan.model_copy(update={"parameters": {**self.parameters, **plan.parameters}})


@dataclass(frozen=True)
class Ensemble:
    """Where futures come from, and what that rests on.

    Attributes:
        kind: what differs between futures.
        country: whose parameters are drawn.
        posterior: where they are drawn from; None under other kinds.
        note: why the kind is another than the usual one, as a sentence; empty where it is not.
    """

    kind: Uncertainty = Uncertainty.ALEATORY
    country: str = ""
    posterior: Posterior | None = None
    note: str = ""

    @property
    def is_calibrated(self) -> bool:
        """Whether parameters are fitted to facts, with model and data as they are now."""
        return self.posterior is not None and not self.posterior.is_stale

    @property
    def draws(self) -> int:
        """Different draws there are at most; 0 with noise alone."""
        if self.kind is Uncertainty.ALEATORY:
            return 0
        return RANGE_DRAWS if self.posterior is None else len(self.posterior.values)

    @property
    def identity(self) -> str:
        """Text that stands for the kind and, under a posterior, for its files."""
        return f"{self.kind} {self.posterior.identity}" if self.posterior else str(self.kind)

    def future(self, number: int, draw: int | None = None) -> Future:
        """A future; another draw than that of its pair may be asked for. After the last draw comes the first."""
        if self.kind is Uncertainty.ALEATORY:
            return Future(number, number)
        draw = (number // RUNS_OF_DRAW if draw is None else draw) % self.draws
        values = drawn(self.posterior, self.country, draw) if self.posterior else drawn_from_ranges(self.country, draw)
        return Future(number, number, values, draw)

    def about(self, runs: int, draws: int) -> dict[str, Any]:
        """What is known of some futures of it, ready for JSON."""
        posterior = self.posterior
        return {
            "kind": str(self.kind),
            "runs": runs,
            "draws": draws,
            "calibrated": self.is_calibrated,
            "facts_used": posterior.facts_used if posterior else 0,
            "posterior": posterior and posterior.identity,
            "posterior_is_stale": posterior and posterior.is_stale,
            "note": self.note,
        }


ALEATORY_ONLY = Ensemble()
Asked = Ensemble | Uncertainty | str | None  # None: the usual kind


def ensemble_of(kind: Asked, plan: Scenario) -> Ensemble:
    """The ensemble of a scenario's country; without a kind the usual one: its posterior, or ranges where it has none.

    An ensemble that is given is the answer.

    Raises:
        InputError: no such kind, or a posterior is asked for where there is none.
    """
    if isinstance(kind, Ensemble):
        return kind
    kind = current(kind) if kind else None
    if kind is not None and kind not in tuple(Uncertainty):
        hint = nearest(str(kind), [str(one) for one in Uncertainty])
        raise InputError("unknown", "no such kind", "uncertainty", kind, suggestion=hint)
    if kind == Uncertainty.ALEATORY:
        return Ensemble(country=plan.country)
    if kind == Uncertainty.RANGES:
        return Ensemble(Uncertainty.RANGES, plan.country)
    posterior = next(filter(None, map(read_posterior, country_and_bases(plan.country))), None)
    if posterior is not None:
        return Ensemble(Uncertainty.POSTERIOR, plan.country, posterior)
    if kind is not None:
        place = f"data/{plan.country}/posterior.csv"
        fault = f"{plan.country} has none ({place}); take ranges or aleatory"
        raise InputError("unusable", fault, "uncertainty", str(kind))
    note = f"{plan.country} has no posterior, so every parameter is drawn for itself from its whole range"
    return Ensemble(Uncertainty.RANGES, plan.country, None, note)


def ensemble_for(kind: Asked, plan: Scenario, margin: Any) -> Ensemble:
    """The same where margins may be asked for (anything true): they are about noise, which they imply.

    Raises:
        InputError: as ``ensemble_of``, or margins with another kind than noise.
    """
    asked = kind.kind if isinstance(kind, Ensemble) else kind
    if margin and asked not in (None, Uncertainty.ALEATORY):
        fault = "a margin asks how many seeds noise needs"
        raise InputError("conflict", fault, "uncertainty", asked, suggestion="leave out one of the two")
    return ensemble_of(Uncertainty.ALEATORY if margin else kind, plan)


def futures_of(kind: Asked, plan: Scenario, count: int, first: int = 0) -> list[Future]:
    """So many futures of a scenario, from number ``first`` on; fewer are the beginning of more."""
    ensemble = ensemble_of(kind, plan)
    return [ensemble.future(number) for number in range(first, first + count)]


def drawn(posterior: Posterior, country: str, number: int) -> dict[str, float]:
    """A draw of a posterior as parameters of a country, which may be based on the posterior's own.

    Where the two declare another prior (a start stock of another year), a value is carried over by its share of it.
    Paths that are declared no more are left out, and values lie within what the model accepts.
    """
    theirs, ours = declared_parameters(posterior.country), declared_parameters(country)
    found = {}
    for path, value in zip(posterior.paths, posterior.values[number].tolist(), strict=True):
        one, of_fit = ours.get(path), theirs.get(path)
        if one is None:
            continue
        if of_fit is not None and (one.low, one.value, one.high) != (of_fit.low, of_fit.value, of_fit.high):
            value = float(priors.quantile(one, priors.share(of_fit, value)))
        found[path] = min(max(value, one.least), one.most)
    return found


def all_drawn(posterior: Posterior, country: str) -> dict[str, list[float]]:
    """Values of each parameter in all draws of a posterior, as ``drawn`` gives them."""
    draws = [drawn(posterior, country, number) for number in range(len(posterior.values))]
    return {path: [draw[path] for draw in draws] for path in draws[0]}


def drawn_from_ranges(country: str, number: int) -> dict[str, float]:
    """A draw of all parameters that have a range, each by its prior and for itself."""
    paths = priors.varying(country)
    if not paths:
        return {}
    shares = _hypercube(len(paths), number // BLOCK)[number % BLOCK]
    return dict(zip(paths, map(float, priors.draws(country, paths, shares[None])[0]), strict=True))


@functools.lru_cache(maxsize=64)
def _hypercube(factors: int, block: int) -> Any:
    """Shares 0 to 1, shape ``(BLOCK, factors)``: a Latin hypercube, each block another.

    A Sobol' sequence would fill the ranges more evenly in many points, but in so few of so many dimensions hundreds of
    pairs of its columns are nearly the same, and no outcome could be put down to one of them.
    """
    return scipy.stats.qmc.LatinHypercube(factors, rng=np.random.default_rng([DESIGN_SEED, block])).random(BLOCK)


class Variant(NamedTuple):
    """One shape of the model: words by language and the parameters it sets, by path."""

    name: str
    title: dict[str, str]
    reason: dict[str, str]
    decide: dict[str, str]
    parameters: dict[str, float]


@functools.cache
def variants() -> tuple[Variant, ...]:
    """All variants of ``data/variants.toml``, the standard model not among them."""
    content = tomllib.loads((DATA / "variants.toml").read_text(encoding="utf-8"))
    found = []
    for name, fields in content.items():
        values = {f"{group}.{key}": v for group, members in fields["parameters"].items() for key, v in members.items()}
        found.append(Variant(name, fields["title"], fields["reason"], fields["decide"], values))
    return tuple(found)


class Strong(NamedTuple):
    """A parameter that goes together with an outcome: rank correlation over draws, meaning, unit and source."""

    path: str
    correlation: float
    meaning: str
    unit: str
    source: str


def strongest(country: str, futures: Sequence[Future], outcome: Any, known: Mapping[str, float] = {}) -> list[Strong]:
    """Parameters whose draws go together most with an outcome, the strongest first; at most ``STRONGEST``.

    Noise is taken out as far as pairs allow: the outcome of a draw is the mean of its runs. A parameter is named only
    if its rank correlation, with those named before it taken out, is larger than the largest of as many parameters
    without influence would be, but for a probability of ``BY_CHANCE``; none from fewer than ``LEAST`` draws.

    Args:
        country: that declares the parameters.
        futures: of the runs.
        outcome: one value a run, shape ``(runs,)``; runs without one (nan) are left out.
        known: parameters that the scenario sets itself, which are not drawn.
    """
    by_draw: dict[int, list[tuple[Future, float]]] = {}
    for future, value in zip(futures, np.asarray(outcome, float), strict=True):
        if future.draw is not None and not math.isnan(value):
            by_draw.setdefault(future.draw, []).append((future, value))
    names = [name for name in next(iter(by_draw.values()))[0][0].parameters if name not in known] if by_draw else []
    if len(by_draw) < LEAST or not names:
        return []
    means = np.array([np.mean([value for _, value in runs]) for runs in by_draw.values()])
    values = np.array([[runs[0][0].parameters[name] for name in names] for runs in by_draw.values()])
    moving = np.ptp(values, axis=0) > 0
    names, values = [name for name, moves in zip(names, moving, strict=True) if moves], values[:, moving]
    if np.ptp(means) == 0 or not names:
        return []
    ranks, target = _standardised(scipy.stats.rankdata(values, axis=0)), _standardised(scipy.stats.rankdata(means))
    together = ranks.T @ target / len(means)
    declared = declared_parameters(country)
    return [
        Strong(one.path, float(together[n]), one.meaning, one.unit, one.source)
        for n in _picked(ranks, target)
        for one in [declared[names[n]]]
    ]


def _picked(ranks: Any, target: Any) -> list[int]:
    """Columns that go together with the target beyond chance, the strongest first, each with those before taken out.

    So a column that merely resembles a stronger one, by design or by the fit, is not picked beside it.
    """
    draws, columns = ranks.shape
    least = NormalDist().inv_cdf(1 - BY_CHANCE / 2 / columns) / math.sqrt(draws - 1)
    picked: list[int] = []
    while len(picked) < min(STRONGEST, columns):
        together = np.abs(ranks.T @ target) / draws
        together[picked] = 0.0
        strongest_now = int(np.argmax(together))
        if together[strongest_now] <= least:
            break
        picked.append(strongest_now)
        column = ranks[:, strongest_now]
        ranks = _standardised(ranks - np.outer(column, column @ ranks) / draws)
        target = _standardised(target - column * (column @ target) / draws)
    return picked


def _standardised(columns: Any) -> Any:
    """Columns with mean 0 and standard deviation 1; 0 where a column does not vary."""
    centred = columns - columns.mean(axis=0)
    spread = centred.std(axis=0)
    return np.divide(centred, spread, out=np.zeros_like(centred), where=spread > 1e-9)
