"""Three kinds of doubt, each its own layer of the band: luck, unsure parameters, the shape of the model.

A *sample* is one future: a seed, values of the uncertain parameters, a variant of the model. Which of the three differ
between samples is the visitor's choice. Policy and baseline run in the same samples, so their difference stays paired
whatever is unsure.

* Luck: sample ``n`` has seed ``n``; without luck all have seed 0.
* Unsure: sample ``n`` takes draw ``n`` from the ranges of all parameters (``experiments.uncertainty``). Parameters that
  the scenario sets are known.
* Variants: sample ``n`` has variant ``n`` modulo their number (``data/variants.toml``), the standard model first.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

from experiments.runs import Results
from experiments.summary import Interval, by_seed, mean_interval
from experiments.uncertainty import Future as Sample
from experiments.uncertainty import drawn_from_ranges as draw
from experiments.uncertainty import variants
from model.parameters import declared_parameters
from model.scenario import Scenario
from viz.view.state import ViewState

VARIANT_SEEDS = 8  # runs of each variant when the layers are weighed
DECIDER_SEEDS = 4  # runs at each end of a parameter's range
DRAWS_LEAST = 20  # below these no parameter is named: what goes together in a few draws does so by chance
CANDIDATES = 6  # parameters tried at both ends


class Layers(NamedTuple):
    """Which layers differ between samples."""

    luck: bool = True
    unsure: bool = False
    variants: bool = False

    @classmethod
    def of(cls, state: ViewState) -> "Layers":
        """The layers that a visitor has switched on."""
        return cls(state.luck, state.unsure, state.variants)

    @property
    def code(self) -> str:
        """First letters of the layers that are on; ``none`` for a single run."""
        return "".join(name[0] for name, on in self._asdict().items() if on) or "none"


UNSURE = Layers(unsure=True)  # luck and every unsure number


def samples_of(layers: Layers, plan: Scenario, count: int) -> list[Sample]:
    """Futures to run; fewer than ``count`` where they would repeat each other."""
    shapes = [{}, *(variant.parameters for variant in variants())] if layers.variants else [{}]
    if not (layers.luck or layers.unsure):
        count = min(count, len(shapes))
    return [
        Sample(
            number=n,
            seed=n if layers.luck else 0,
            parameters={**(draw(plan.country, n) if layers.unsure else {}), **shapes[n % len(shapes)]},
        )
        for n in range(count)
    ]


class Decider(NamedTuple):
    """A parameter that moves the outcome: its difference when the parameter goes from low to high."""

    path: str
    difference: Interval


@dataclass(frozen=True)
class Verdict:
    """How much of the doubt each layer brings, in the unit of the focus series.

    Attributes:
        sd: standard deviation of the outcome by layer: ``luck``, ``unsure``, ``variants``.
        by_variant: mean outcome of each shape of the model, ``standard`` first.
        deciders: unsure parameters whose range surely moves the outcome, the strongest first;
            none from fewer than ``DRAWS_LEAST`` draws.
        screened: how many parameters were tried at both ends.
        is_effect: whether the outcome is the difference to the baseline, not the level.
    """

    sd: dict[str, float]
    by_variant: dict[str, float]
    deciders: tuple[Decider, ...]
    screened: int
    is_effect: bool

    @property
    def largest(self) -> str:
        """The layer that brings most."""
        return max(self.sd, key=lambda name: self.sd[name])

    @property
    def furthest(self) -> str:
        """The variant whose outcome lies furthest from that of the standard model."""
        standard = self.by_variant["standard"]
        return max(self.by_variant, key=lambda name: abs(self.by_variant[name] - standard))


def weighing_samples(plan: Scenario, count: int) -> dict[str, list[Sample]]:
    """Samples that tell the layers apart: by luck alone, with unsure parameters, and each variant on the same seeds."""
    groups = {
        "luck": samples_of(Layers(), plan, count),
        "unsure": samples_of(UNSURE, plan, count),
    }
    for variant in variants():
        groups[variant.name] = [Sample(n, n, variant.parameters) for n in range(min(VARIANT_SEEDS, count))]
    return groups


def candidates(plan: Scenario, outcome: Any, samples: Sequence[Sample]) -> list[str]:
    """Parameters whose draws go together most with the outcome (rank correlation), to be tried by real runs."""
    from scipy.stats import rankdata

    names = [name for name in samples[0].parameters if name not in plan.parameters]
    draws = np.array([[sample.parameters[name] for name in names] for sample in samples])
    ranks, target = rankdata(draws, axis=0), rankdata(outcome)
    if np.ptp(outcome) == 0:
        return []
    together = np.abs(np.corrcoef(ranks, target, rowvar=False)[-1, :-1])
    return [names[n] for n in np.argsort(-np.nan_to_num(together))[:CANDIDATES]]


def ends(plan: Scenario, path: str) -> tuple[list[Sample], list[Sample]]:
    """Samples with a parameter at its low and at its high end, all else at its best guess."""
    parameter = declared_parameters(plan.country)[path]
    low, high = ([Sample(n, n, {path: v}) for n in range(DECIDER_SEEDS)] for v in (parameter.low, parameter.high))
    return low, high


def outcome_of(state: ViewState, results: Sequence[Results]) -> dict[int, float]:
    """By sample: the focus series in the month asked about, less the baseline's where there is one."""
    levels = [by_seed(of_plan.runs, state.focus, state.date_month) for of_plan in results]
    if len(levels) == 1:
        return levels[0]
    return {n: value - levels[1][n] for n, value in levels[0].items() if n in levels[1]}


def judge(
    state: ViewState, found: Mapping[str, list[Results]], tried: Mapping[str, tuple[list[Results], list[Results]]]
) -> Verdict:
    """Weigh the layers.

    The variance of unsure parameters is that of the samples where both differ less that of luck; the variance of
    variants is that of their means on the same seeds. Neither is below zero.

    Args:
        state: what is asked about.
        found: runs of ``weighing_samples``, policy and baseline.
        tried: runs at both ends of each candidate.
    """
    outcomes = {name: outcome_of(state, results) for name, results in found.items()}
    luck = float(np.var(list(outcomes["luck"].values()), ddof=1))
    both = float(np.var(list(outcomes["unsure"].values()), ddof=1))
    shapes = {"standard": outcomes["luck"], **{v.name: outcomes[v.name] for v in variants()}}
    common = set.intersection(*(set(values) for values in shapes.values()))
    means = {name: float(np.mean([values[n] for n in sorted(common)])) for name, values in shapes.items()}
    deciders = []
    enough = len(outcomes["unsure"]) >= DRAWS_LEAST
    for path, (low, high) in tried.items() if enough else ():
        a, b = outcome_of(state, low), outcome_of(state, high)
        difference = mean_interval([b[n] - a[n] for n in sorted(set(a) & set(b))])
        if difference.low > 0 or difference.high < 0:
            deciders.append(Decider(path, difference))
    deciders.sort(key=lambda decider: -abs(decider.difference.mean))
    return Verdict(
        sd={"luck": luck**0.5, "unsure": max(both - luck, 0.0) ** 0.5, "variants": float(np.std(list(means.values())))},
        by_variant=means,
        deciders=tuple(deciders),
        screened=len(tried),
        is_effect=len(found["luck"]) > 1,
    )
