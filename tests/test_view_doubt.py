"""The layers of doubt: what differs between futures, and which layer is told to be the largest."""

import numpy as np
import pytest

from experiments.practice import baseline_of
from experiments.runs import Results, Run
from model.ecosystem import Ecosystem
from model.parameters import declared_parameters
from model.record import empty_history
from model.scenario import Scenario
from viz.view.doubt import Layers, Sample, candidates, draw, ends, judge, samples_of, variants, weighing_samples
from viz.view.state import ViewState

KOREA = Scenario.load("korea")
RANGED = {path: p for path, p in declared_parameters("korea").items() if p.low < p.high}


def test_each_layer_is_switched_on_its_own():
    luck = samples_of(Layers(), KOREA, 8)
    assert [sample.seed for sample in luck] == list(range(8)) and not any(sample.parameters for sample in luck)
    unsure = samples_of(Layers(luck=False, unsure=True), KOREA, 8)
    assert {sample.seed for sample in unsure} == {0}
    assert len({tuple(sample.parameters.values()) for sample in unsure}) == 8
    shapes = samples_of(Layers(luck=False, variants=True), KOREA, 40)
    assert len(shapes) == 1 + len(variants()) and not shapes[0].parameters
    assert samples_of(Layers(luck=False), KOREA, 40) == [Sample(0, 0, {})]
    both = samples_of(Layers(unsure=True, variants=True), KOREA, 10)
    for variant, sample in zip([None, *variants()], both, strict=False):
        assert set(sample.parameters) == set(RANGED)
        assert variant is None or variant.parameters.items() <= sample.parameters.items()


def test_draws_lie_in_their_ranges_around_the_best_guess_and_never_change():
    drawn = [draw("korea", number) for number in range(256)]
    for path, parameter in RANGED.items():
        values = np.array([point[path] for point in drawn])
        assert parameter.low <= values.min() and values.max() <= parameter.high
        if parameter.low < parameter.value < parameter.high:
            middle = (parameter.low + parameter.high) / 2 if parameter.kind == "calibrated" else parameter.value
            assert np.mean(values < middle) == pytest.approx(0.5, abs=0.02), path
        assert np.ptp(values) > 0.9 * (parameter.high - parameter.low), path
    assert draw("korea", 3) == drawn[3]


def test_what_a_scenario_sets_is_known():
    plan = Scenario.load("korea", ["parameters.labour.taste_sd=0.2"])
    sample = samples_of(Layers(unsure=True), plan, 3)[2]
    assert sample.plan(plan).parameters["labour.taste_sd"] == 0.2
    baseline = baseline_of(plan)
    assert sample.plan(plan).parameters == sample.plan(baseline).parameters, "policy and baseline share the future"


def test_variants_stay_inside_the_evidence_and_run():
    names = [variant.name for variant in variants()]
    assert len(set(names)) == len(names) >= 3
    for variant in variants():
        changed = [f"parameters.{path}={value}" for path, value in variant.parameters.items()]
        plan = Scenario.load("no-programme", ["months=24", *changed])
        assert plan.warnings() == []
        assert Ecosystem(plan, 0).run().history["adoption_share"][-1] > 0


def results(plan, outcomes, month=60):
    """Runs whose specialists in a month are the outcomes, by sample."""
    runs = []
    for number, value in enumerate(outcomes):
        history = empty_history(plan.months)
        history["specialists"][month] = value
        runs.append(Run(plan, number, history=history))
    return Results(plan, runs)


def found_with(rng, luck, unsure, shapes):
    """Runs with known spreads; policy minus baseline carries them, and a shared part cancels."""
    count, shared = 40, rng.normal(5000, 500, 40)
    noise = rng.normal(0, 1, count)
    noise = (noise - noise.mean()) / noise.std(ddof=1)
    other = rng.normal(0, 1, count)
    other -= np.polyval(np.polyfit(noise, other, 1), noise)
    other /= other.std(ddof=1)
    effects = {"luck": luck * noise, "unsure": luck * noise + unsure * other}
    effects |= {v.name: luck * noise[:8] + shift for v, shift in zip(variants(), shapes, strict=True)}
    return {
        name: [results(KOREA, shared[: len(e)] + 1000 + e), results(KOREA, shared[: len(e)])]
        for name, e in effects.items()
    }


@pytest.mark.parametrize(
    ("luck", "unsure", "shapes", "largest"),
    [(200, 50, (0, 0, 0, 0), "luck"), (20, 300, (10, 0, -10, 0), "unsure"), (20, 30, (400, -400, 0, 0), "variants")],
)
def test_the_largest_layer_is_found(luck, unsure, shapes, largest):
    verdict = judge(ViewState(), found_with(np.random.default_rng(1), luck, unsure, shapes), {})
    assert verdict.largest == largest
    assert verdict.sd["luck"] == pytest.approx(luck, rel=0.02)
    assert verdict.sd["unsure"] == pytest.approx(unsure, rel=0.05)
    assert verdict.sd["variants"] == pytest.approx(np.std([0, *shapes]), rel=0.02, abs=1)
    assert verdict.is_effect
    if largest == "variants":
        assert verdict.furthest in (variants()[0].name, variants()[1].name)


def test_only_a_parameter_that_surely_moves_the_outcome_is_named():
    found = found_with(np.random.default_rng(2), 20, 100, (0, 0, 0, 0))

    def pair(shift, rng):
        low, high = rng.normal(1000, 5, 4), rng.normal(1000, 5, 4) + shift
        base = results(KOREA, np.zeros(4))
        return [results(KOREA, low), base], [results(KOREA, high), base]

    rng = np.random.default_rng(3)
    tried = {"labour.taste_sd": pair(0, rng), "education.course_won": pair(-300, rng), "firms.seed_won": pair(80, rng)}
    verdict = judge(ViewState(), found, tried)
    assert [decider.path for decider in verdict.deciders] == ["education.course_won", "firms.seed_won"]
    assert verdict.deciders[0].difference.mean == pytest.approx(-300, abs=15)
    assert verdict.screened == 3


def test_the_parameter_that_drives_an_outcome_is_a_candidate():
    samples = samples_of(Layers(unsure=True), KOREA, 64)
    outcome = [5 * sample.parameters["education.course_won"] for sample in samples]
    assert candidates(KOREA, outcome, samples)[0] == "education.course_won"
    assert candidates(KOREA, [1.0] * 64, samples) == []


def test_ends_move_one_parameter_alone():
    low, high = ends(KOREA, "labour.taste_sd")
    parameter = declared_parameters("korea")["labour.taste_sd"]
    assert {sample.parameters["labour.taste_sd"] for sample in low} == {parameter.low}
    assert {sample.parameters["labour.taste_sd"] for sample in high} == {parameter.high}
    assert [sample.seed for sample in low] == [sample.seed for sample in high]
    assert set(weighing_samples(KOREA, 10)) == {"luck", "unsure", *(variant.name for variant in variants())}


def test_few_draws_name_no_parameter():
    found = found_with(np.random.default_rng(2), 20, 100, (0, 0, 0, 0))
    base = results(KOREA, np.zeros(4))
    tried = {"education.course_won": ([results(KOREA, np.full(4, 900.0)), base], [results(KOREA, np.ones(4)), base])}
    assert judge(ViewState(), found, tried).deciders
    few = {**found, "unsure": [results(KOREA, np.arange(8.0)), results(KOREA, np.zeros(8))]}
    assert not judge(ViewState(), few, tried).deciders
