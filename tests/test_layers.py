"""The layers of uncertainty: what differs between futures, and which layer is told to be the largest."""

import numpy as np
import pytest

from injae.experiments.envelope import beyond
from injae.experiments.layers import ALEATORY, USUAL, Layers, judge, variant_futures
from injae.experiments.practice import baseline_of
from injae.experiments.runs import Results, Run
from injae.experiments.uncertainty import Ensemble, Future, Uncertainty, drawn_from_ranges, ensemble_of, variants
from injae.model.ecosystem import Ecosystem
from injae.model.parameters import declared_parameters
from injae.model.record import empty_history
from injae.model.scenario import Scenario

KOREA = Scenario.load("korea")
RANGED = {path: p for path, p in declared_parameters("korea").items() if p.low < p.high}
RANGES = Ensemble(Uncertainty.RANGES, "korea")
MONTH = 60


def test_each_layer_is_switched_on_its_own():
    noise = ALEATORY.futures(KOREA, 8)
    assert [future.seed for future in noise] == list(range(8)) and not any(future.parameters for future in noise)
    unsure = Layers(aleatory=False).futures(KOREA, 8)
    assert {future.seed for future in unsure} == {0}
    assert len({tuple(future.parameters.values()) for future in unsure}) == 8
    shapes = Layers(aleatory=False, parametric=False, structural=True).futures(KOREA, 40)
    assert len(shapes) == 1 + len(variants()) and not shapes[0].parameters
    assert Layers(aleatory=False, parametric=False).futures(KOREA, 40) == [Future(0, 0)]
    both = Layers(structural=True).futures(KOREA, 10)
    assert [future.seed for future in both] == list(range(10))
    for variant, future in zip([None, *variants()], both[::2], strict=False):
        assert set(future.parameters) == set(RANGED)
        assert variant is None or variant.parameters.items() <= future.parameters.items()
    for one, other in zip(both[::2], both[1::2], strict=True):
        assert one.parameters == other.parameters, "runs of one draw differ with noise alone"


def test_usual_futures_are_those_of_every_command():
    ensemble = ensemble_of(None, KOREA)
    assert USUAL.futures(KOREA, 6) == [ensemble.future(n) for n in range(6)]
    assert USUAL.futures(KOREA, 3, first=7) == [ensemble.future(n) for n in (7, 8, 9)]
    assert (USUAL.uncertainty, ALEATORY.uncertainty, Layers(structural=True).uncertainty) == ("", "aleatory", None)
    assert (USUAL.code, ALEATORY.code, Layers(False, False).code) == ("ap", "a", "none")


def test_draws_lie_in_their_ranges_around_the_best_guess_and_never_change():
    drawn = [drawn_from_ranges("korea", number) for number in range(256)]
    for path, parameter in RANGED.items():
        values = np.array([point[path] for point in drawn])
        assert parameter.low <= values.min() and values.max() <= parameter.high
        if parameter.low < parameter.value < parameter.high:
            middle = (parameter.low + parameter.high) / 2 if parameter.kind == "calibrated" else parameter.value
            assert np.mean(values < middle) == pytest.approx(0.5, abs=0.02), path
        assert np.ptp(values) > 0.9 * (parameter.high - parameter.low), path
    assert drawn_from_ranges("korea", 3) == drawn[3]


def test_what_a_scenario_sets_is_known():
    plan = Scenario.load("korea", ["parameters.labour.taste_sd=0.2"])
    future = USUAL.futures(plan, 3)[2]
    assert future.plan(plan).parameters["labour.taste_sd"] == 0.2
    baseline = baseline_of(plan)
    assert future.plan(plan).parameters == future.plan(baseline).parameters, "policy and baseline share the future"


def test_variants_stay_inside_the_evidence_and_run():
    names = [variant.name for variant in variants()]
    assert len(set(names)) == len(names) >= 3
    for variant in variants():
        changed = [f"parameters.{path}={value}" for path, value in variant.parameters.items()]
        plan = Scenario.load("no-programme", ["months=24", *changed])
        assert all(one.envelope == "fit" for one in beyond(plan)), "inside what sources cover"
        assert Ecosystem(plan, 0).run().history["adoption_share"][-1] > 0


def results(outcomes, futures=None, ensemble=None):
    """Runs whose specialists in a month are the outcomes, by future."""
    futures = futures or [Future(n, n) for n in range(len(outcomes))]
    runs = []
    for future, value in zip(futures, outcomes, strict=True):
        history = empty_history(KOREA.months)
        history["specialists"][MONTH] = value
        runs.append(Run(KOREA, future.number, history=history, future=future))
    return Results(KOREA, runs, ensemble=ensemble or Ensemble())


def pair(effects, shared, **of):
    """Policy and baseline whose difference is an effect; what they share cancels."""
    return [results(shared + 1000 + effects, **of), results(shared, **of)]


def even(rng, count, sd):
    """Draws with exactly that sample standard deviation and mean 0."""
    values = rng.normal(0, 1, count)
    return sd * (values - values.mean()) / values.std(ddof=1)


@pytest.mark.parametrize(
    ("aleatory", "parametric", "shapes", "largest"),
    [
        (200, 30, (0, 0, 0, 0), "aleatory"),
        (20, 300, (10, 0, -10, 0), "parametric"),
        (20, 30, (400, -400, 0, 0), "structural"),
    ],
)
def test_the_largest_layer_is_found(aleatory, parametric, shapes, largest):
    rng, draws = np.random.default_rng(1), 100
    shared, futures = rng.normal(5000, 500, 2 * draws), [RANGES.future(n) for n in range(2 * draws)]
    of_draw = even(rng, draws, (parametric**2 + np.var([0, *shapes])) ** 0.5)
    effects = np.repeat(of_draw, 2) + even(rng, 2 * draws, aleatory)
    of_shape = {
        name: pair(np.full(8, shift), shared[:8]) for name, shift in zip(variant_futures(8), (0, *shapes), strict=True)
    }
    layers = Layers(structural=True)
    verdict = judge(layers, pair(effects, shared, futures=futures, ensemble=RANGES), "specialists", MONTH, of_shape)
    assert verdict.largest == largest and verdict.is_effect
    assert verdict.sd["aleatory"] == pytest.approx(aleatory, rel=0.15)
    assert verdict.sd["structural"] == pytest.approx(np.std([0, *shapes]), rel=0.02, abs=1)
    if largest == "parametric":
        assert verdict.sd["parametric"] == pytest.approx(parametric, rel=0.05)
    if largest == "structural":
        assert verdict.furthest in (variants()[0].name, variants()[1].name)


def test_the_parameter_that_drives_an_outcome_is_named_and_others_are_not():
    futures = [RANGES.future(n) for n in range(100)]
    driven = np.array([1e-5 * future.parameters["education.course_won"] for future in futures])
    level = judge(USUAL, [results(driven, futures, RANGES)], "specialists", MONTH, {})
    assert [one.path for one in level.strong][:1] == ["education.course_won"] and not level.is_effect
    assert level.strong[0].correlation > 0.95 and level.largest == "parametric"
    noises = [results(np.random.default_rng(seed).normal(0, 1, 100), futures, RANGES) for seed in range(40)]
    named = [bool(judge(USUAL, [noise], "specialists", MONTH, {}).strong) for noise in noises]
    assert sum(named) <= 6, "one in twenty by chance"


def test_one_layer_or_few_runs_are_not_weighed():
    values, futures = np.arange(100.0), [RANGES.future(n) for n in range(100)]
    assert judge(ALEATORY, [results(values)], "specialists", MONTH, {}) is None
    few = results(values[:38], futures[:38], RANGES)
    assert judge(USUAL, [few], "specialists", MONTH, {}) is None, "nineteen draws"
    assert judge(USUAL, [results(values[:40], futures[:40], RANGES)], "specialists", MONTH, {}) is not None
