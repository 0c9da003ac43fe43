"""Three kinds of uncertainty, each a layer: noise, uncertain parameters, the shape of the model; and the largest.

* Aleatory: futures differ in their seed; without it all have seed 0.
* Parametric: futures differ in their parameters, as the country's ensemble draws them (``experiments.uncertainty``).
* Structural: futures differ in the shape of the model (``data/variants.toml``), the standard model first.

With noise and uncertain parameters, the usual layers, futures are those that every command runs.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from injae.experiments.results import Results
from injae.experiments.summary import by_seed, draws_of_pairs, independent, noise_sd
from injae.experiments.uncertainty import (
    ALEATORY_ONLY,
    LEAST,
    RUNS_OF_DRAW,
    Ensemble,
    Future,
    Strong,
    Uncertainty,
    ensemble_of,
    strongest,
    variants,
)
from injae.model.scenario import Scenario

VARIANT_SEEDS = 8  # runs of each variant when the layers are weighed
STANDARD = "standard"  # the model without any variant


class Layers(NamedTuple):
    """Which layers differ between futures."""

    aleatory: bool = True
    parametric: bool = True
    structural: bool = False

    @property
    def code(self) -> str:
        """First letters of the layers that are on; ``none`` for a single run."""
        return "".join(name[0] for name, on in self._asdict().items() if on) or "none"

    @property
    def uncertainty(self) -> str | None:
        """What ``--uncertainty`` gives the same futures: "" for the usual ones; None where no command does."""
        if self == USUAL:
            return ""
        return str(Uncertainty.ALEATORY) if self == ALEATORY else None

    def ensemble(self, plan: Scenario) -> Ensemble:
        """Where the parameters of the futures come from."""
        return ensemble_of(None, plan) if self.parametric else ALEATORY_ONLY

    def futures(self, plan: Scenario, count: int, first: int = 0) -> list[Future]:
        """So many futures to run, from number ``first`` on; fewer where they would repeat each other.

        The two futures that share a draw share their variant too, so that they differ with noise alone.
        """
        shapes = [{}, *(variant.parameters for variant in variants())] if self.structural else [{}]
        if not (self.aleatory or self.parametric):
            count = min(count, len(shapes))
        ensemble = self.ensemble(plan)
        found = []
        for n in range(first, first + count):
            future = ensemble.future(n, None if self.aleatory else n)
            shape = shapes[(n // RUNS_OF_DRAW if self.aleatory and self.parametric else n) % len(shapes)]
            seed = n if self.aleatory else 0
            found.append(replace(future, seed=seed, parameters={**future.parameters, **shape}))
        return found


USUAL, ALEATORY = Layers(), Layers(parametric=False)


@dataclass(frozen=True)
class Verdict:
    """How much of the uncertainty about an outcome each layer brings, in the unit of the outcome.

    Attributes:
        sd: standard deviation of the outcome by layer, of those that are on.
        by_variant: mean outcome of each shape of the model on the same seeds, ``standard`` among them; empty where
            variants are not on.
        strong: uncertain parameters that go together most with the outcome, the strongest first.
        is_effect: whether the outcome is the difference to the baseline, not the level.
    """

    sd: dict[str, float]
    by_variant: dict[str, float]
    strong: tuple[Strong, ...]
    is_effect: bool

    @property
    def largest(self) -> str:
        """The layer that brings most."""
        return max(self.sd, key=lambda name: self.sd[name])

    @property
    def furthest(self) -> str:
        """The variant whose outcome lies furthest from that of the standard model."""
        standard = self.by_variant[STANDARD]
        return max(self.by_variant, key=lambda name: abs(self.by_variant[name] - standard))


def variant_futures(count: int) -> dict[str, list[Future]]:
    """Futures of each shape of the model on the same seeds, at most ``VARIANT_SEEDS``, all else at declared values."""
    shapes = {STANDARD: {}, **{variant.name: variant.parameters for variant in variants()}}
    return {name: [Future(n, n, shape) for n in range(min(VARIANT_SEEDS, count))] for name, shape in shapes.items()}


def outcome_of(results: Sequence[Results], name: str, month: int) -> dict[int, float]:
    """A series in a month by future, less the baseline's where there are two results."""
    levels = [by_seed(of_plan.runs, name, month) for of_plan in results]
    if len(levels) == 1:
        return levels[0]
    return {n: value - levels[1][n] for n, value in levels[0].items() if n in levels[1]}


def judge(
    layers: Layers, results: Sequence[Results], name: str, month: int, shapes: Mapping[str, Sequence[Results]]
) -> Verdict | None:
    """Weigh the layers that are on; None where fewer than two are, or too few runs to tell them apart.

    The variance of noise is that of runs which share their draw; of variants, that of their means on the same seeds;
    the rest is that of uncertain parameters. None is below zero.

    Args:
        layers: that differ between the runs.
        results: runs of the policy, and of its baseline if there is one.
        name: series that is asked about.
        month: month index that is asked about.
        shapes: the same of each shape of the model (``variant_futures``); empty where variants are not on.
    """
    outcome = outcome_of(results, name, month)
    values = np.array([outcome[n] for n in sorted(outcome)])
    draws = draws_of_pairs(results[0], results[-1]) if layers.parametric else None
    if sum(layers) < 2 or len(values) < 2 or independent(values, draws) < LEAST:
        return None
    sd, means = {}, {}
    if layers.structural:
        of_shape = {shape: outcome_of(found, name, month) for shape, found in shapes.items()}
        common = sorted(set.intersection(*map(set, of_shape.values())))
        if len(common) < 2:
            return None
        means = {shape: float(np.mean([found[n] for n in common])) for shape, found in of_shape.items()}
        sd["structural"] = float(np.std(list(means.values())))
    if layers.aleatory:
        own = [of_shape[STANDARD][n] for n in common] if draws is None else None
        sd["aleatory"] = float(noise_sd(values, draws)) if own is None else float(np.std(own, ddof=1))
    strong: list[Strong] = []
    if layers.parametric:
        sd["parametric"] = max(float(values.var(ddof=1)) - sum(part**2 for part in sd.values()), 0.0) ** 0.5
        plan, future_of = results[0].plan, {run.seed: run.future for run in results[0].runs}
        futures = [future for n in sorted(outcome) if (future := future_of[n]) is not None]
        strong = strongest(plan.country, futures, values, plan.parameters) if len(futures) == len(values) else []
    ordered = {layer: sd[layer] for layer in layers._fields if layer in sd}
    return Verdict(ordered, means, tuple(strong), len(results) > 1)
