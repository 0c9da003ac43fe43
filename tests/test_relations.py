"""Metamorphic relations over paired seeds, as ``injae check`` judges them: which way a change must push what."""

import numpy as np
import pytest
from conftest import PRESETS, history_of

from injae.experiments.checks.check import check
from injae.experiments.checks.relations import RELATIONS, Kind
from injae.experiments.checks.verdicts import Status
from injae.model.scenario import Scenario

RELATIVE = [relation.id for relation in RELATIONS if relation.kind is not Kind.EXACT and relation.id != "T21"]
SAME_SEED = [relation.id for relation in RELATIONS if relation.kind is Kind.SAME_SEED]
DO_NOT_APPLY = {
    "no-programme": {"T10"},
    "closed-borders": {"T12a"},
    "strict-regulation": {"T13c"},
}


def test_every_relation_holds_for_the_default():
    checked = check(Scenario.load("korea", ["months=96"]), 20, RELATIVE, workers=1)
    assert not checked.failures
    assert {f.relation.id: f.verdict.figures for f in checked.findings if f.verdict.status is not Status.HOLDS} == {}
    numbers = {finding.relation.id: finding.verdict.numbers for finding in checked.findings}
    assert numbers["T10"]["of_the_programme_persons_worst"] > 0  # more, and not only no fewer
    assert numbers["T22"]["same_life_share"] < 0.9  # the change was felt


@pytest.mark.parametrize("preset", [preset for preset in PRESETS if preset != "korea"])
def test_same_seed_relations_hold_for_every_preset(preset):
    checked = check(Scenario.load(preset, ["months=60"]), 5, SAME_SEED, workers=1)
    assert not checked.failures
    status = {finding.relation.id: finding.verdict.status for finding in checked.findings}
    assert {id for id, found in status.items() if found is Status.DOES_NOT_APPLY} == DO_NOT_APPLY.get(preset, set())
    assert set(status.values()) <= {Status.HOLDS, Status.DOES_NOT_APPLY}, checked.findings


def test_pairing_makes_differences_precise():
    """The same people under two policies: far less noise than two unrelated sets of people."""
    once, twice = (
        np.array([history_of(scenario, seed, 60)["employed_hospitals"][60] for seed in range(20)])
        for scenario in ("korea", "double-grant")
    )
    paired = (twice - once).var(ddof=1)
    independent = once.var(ddof=1) + twice.var(ddof=1)
    assert independent / paired > 3
