"""The checker itself: every invariant and relation is broken by a fault of its kind, and says so; runs are shared."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import scipy
from conftest import assert_refused, injae

from injae.agents.hospital import AdoptionStage
from injae.agents.trainee import State
from injae.experiments.checks import check as checking
from injae.experiments.checks import judgements, trials
from injae.experiments.checks.changes import grant_by_schedule
from injae.experiments.checks.check import check, trials_for
from injae.experiments.checks.countries import COUNTRIES, doubled_plan
from injae.experiments.checks.oracle import Accounts, Capacity, Faults, count_people, count_won
from injae.experiments.checks.relations import RELATIONS
from injae.experiments.checks.trials import Evidence, Observed, do_trial, midway
from injae.experiments.checks.verdicts import Gap, Status, in_every_seed, on_average, same_distribution, within
from injae.model.ecosystem import Ecosystem
from injae.model.errors import InputError
from injae.model.ledger import Purpose
from injae.model.record import empty_history
from injae.model.scenario import Scenario

ROOT = Path(__file__).resolve().parent.parent
KOREA = Scenario.load("korea")
SHORT = Scenario.load("korea", ["months=14"])
BY_ID = {relation.id: relation for relation in RELATIONS}
SEEDS = range(20)


# made-up runs --------------------------------------------------------------------------------------------------------


def made_up(seed, plan=KOREA, *, books=None, seen=None, faults_found=None, **series):
    """A run with the given series (one number for all months from the first, or one a month), everything else zero."""
    history = np.asarray(empty_history(plan.months))
    for name, value in series.items():
        history[name][slice(1, None) if np.isscalar(value) else slice(None)] = value
    paid = np.zeros(len(Purpose), np.int64)
    for purpose, won in (books or {}).items():
        paid[purpose] = won
    return Observed(plan, seed, history, books=paid, seen=seen or {}, faults_found=faults_found)


def verdict_on(id, plan=KOREA, seeds=SEEDS, **variants):
    """Judge a relation on made-up runs: each variant is a function from seed to the arguments of ``made_up``."""
    names = {name.replace(" ", "_"): name for name in BY_ID[id].variants}
    runs = {names[name]: [made_up(seed, plan, **of_seed(seed)) for seed in seeds] for name, of_seed in variants.items()}
    return BY_ID[id].judge(Evidence(plan, runs))


def noise(seed, stream=0):
    return np.random.default_rng([seed, stream]).normal()


def flat(**series):
    """The same in every seed."""
    return lambda seed: series


def noisy(sd=1.0, stream=0, **series):
    """Every value with noise of its own over seeds."""
    return lambda seed: {name: value + sd * noise(seed, stream + n) for n, (name, value) in enumerate(series.items())}


def invariant(**faults):
    return lambda seed: {"faults_found": Faults(**faults if seed == 3 else {})}


TOTALS = dict(
    graduated=40.0, specialists=5000.0, employed_hospitals=1500.0, adoption_share=0.7, emigrated=5.0, hires=100.0,
    firms=200.0, median_pay_won_per_year=7e7, vacancy_rate=0.1,
)  # fmt: skip


def totals(factor=1.0, sd=0.002, stream=0, heads=1):
    """Totals as integers series want them, with noise of a given relative size."""
    rates = ("adoption_share", "median_pay_won_per_year", "vacancy_rate")

    def of_seed(seed):
        return {
            name: value * factor * (1 if name in rates else heads) * (1 + sd * noise(seed, stream))
            if name in ("adoption_share", "vacancy_rate")
            else int(1000 * value * factor * (1 if name in rates else heads) * (1 + sd * noise(seed, stream)))
            for name, value in TOTALS.items()
        }

    return of_seed


def lives_of(*pasts):
    run = {"key": np.arange(3), "came": np.array([0, 0, 110]), "past": np.array([*pasts, 0]), "life": np.arange(3)}
    return lambda seed: {"seen": {"lives": run}}


half = midway(KOREA)
late = np.where(np.arange(121) >= half, 5, 0)
early = np.where(np.arange(121) >= half - 1, 5, 0)
SPENT = {"courses": 0, "infrastructure seats": 0, "teaching posts": 0, "trainees of the programme": 0}
PAID = 28_500_000_000
FACTS = {name: 1e9 for name in judgements.MEASURES}
INSIDE = {b.measure: b.low + (1 if np.isinf(b.high) else (b.high - b.low) / 2) for b in judgements.bands("korea")}

# id: runs that obey, runs that do not
FAULTS = {
    "T1": (dict(scenario=invariant()), dict(scenario=invariant(people=["2025-03: somebody is in no state"]))),
    "T2": (dict(scenario=invariant()), dict(scenario=invariant(won=["2025-03: accounts differ from the books"]))),
    "T9": (dict(scenario=invariant()), dict(scenario=invariant(capacity=["2025-03: negative vacancies in firms"]))),
    "T3": (
        dict(no_grant=flat(seen={"left_by_the_grant": SPENT})),
        dict(no_grant=flat(seen={"left_by_the_grant": {**SPENT, "teaching posts": 1}})),
    ),
    "T4": (
        dict(scenario=flat(grant_won=np.append(0, np.full(120, PAID // 120)), books={Purpose.GRANT: PAID})),
        dict(scenario=flat(grant_won=np.append(0, np.full(120, PAID // 120)), books={Purpose.GRANT: PAID - 1})),
    ),
    "T5": (
        dict(closed=flat(abroad=np.linspace(570, 400, 121).astype(int), returned=1, seen={"newly_abroad": 0})),
        dict(closed=flat(abroad=np.full(121, 570), seen={"newly_abroad": 1})),
    ),
    "T6": (dict(neither=flat()), dict(neither=flat(immigrated=1))),
    "T7": (dict(no_search=flat(hires=9)), dict(no_search=flat(job_to_job_moves=1))),
    "T8": tuple(
        dict(
            scenario=lambda seed: {"seen": {"digest": f"{seed}"}},
            backwards=lambda seed: {"seen": {"digest": f"{seed}"}},
            fresh=lambda seed, other=other: {"seen": {"digest": f"{seed}{other}"}},
        )
        for other in ("", "!")
    ),
    "T10": (
        dict(scenario=flat(graduated=40), twice=flat(graduated=40)),
        dict(scenario=flat(graduated=40), twice=lambda seed: {"graduated": 39 if seed == 7 else 50}),
    ),
    "T11": tuple(
        dict(
            no_grant=flat(graduated=4000),
            scenario=flat(graduated=6000),
            twice=lambda seed, more=more: {"graduated": int(6000 + more + 300 * noise(seed))},
        )
        for more in (1500, 2500)
    ),
    "T12a": (
        dict(scenario=flat(emigrated=5), more_pay_abroad=flat(emigrated=6)),
        dict(scenario=flat(emigrated=5), more_pay_abroad=flat(emigrated=5)),
    ),
    "T12b": (
        dict(scenario=flat(vacancies_hospitals=9), more_demand=flat(vacancies_hospitals=10, employed_hospitals=1)),
        dict(scenario=flat(vacancies_hospitals=9), more_demand=flat(vacancies_hospitals=10)),
    ),
    "T12c": tuple(
        dict(scenario=flat(seeking=300), more_demand=lambda seed, m=m: {"seeking": int(m + 20 * noise(seed))})
        for m in (280, 320)
    ),
    "T13a": tuple(dict(scenario=flat(adoption_share=0.5), no_peers=flat(adoption_share=s)) for s in (0.49, 0.51)),
    "T13b": tuple(dict(scenario=flat(adoption_share=0.5), no_skill=flat(adoption_share=s)) for s in (0.49, 0.5)),
    "T13c": tuple(dict(scenario=flat(adoption_share=0.5), strictest=flat(adoption_share=s)) for s in (0.49, 0.51)),
    "T14": tuple(dict(scenario=flat(adoption_share=0.5), open_data=flat(adoption_share=s)) for s in (0.51, 0.49)),
    "T15a": tuple(
        dict(
            scenario=flat(entry_pay_won_per_year=5e7),
            five_times=lambda seed, m=m: {"graduated": 9, "entry_pay_won_per_year": m + 1e6 * noise(seed)},
        )
        for m in (4.9e7, 5.1e7)
    ),
    "T15b": tuple(
        dict(scenario=flat(emigrated=50), five_times=lambda s, m=m: dict(graduated=9, emigrated=int(m + 2 * noise(s))))
        for m in (52, 48)
    ),
    "T15c": tuple(
        dict(scenario=flat(seeking=300), five_times=lambda s, m=m: dict(graduated=9, seeking=int(m + 9 * noise(s))))
        for m in (310, 290)
    ),
    "T16": tuple(dict(scenario=totals(), tiny=totals(factor, stream=1)) for factor in (1.0, 1.03)),
    "T17a": tuple(dict(scenario=totals(), reordered=totals(factor, stream=1)) for factor in (1.0, 1.03)),
    "T17b": tuple(dict(scenario=totals(), renamed=totals(factor, stream=1)) for factor in (1.0, 1.01)),
    "T18": tuple(dict(scenario=totals(), doubled=totals(factor, heads=2, stream=1)) for factor in (1.0, 1.1)),
    "T19a": (
        dict(zero_shock=flat(**(unknown := {"hires": 9, "vacancy_duration_months": np.nan})), no_shock=flat(**unknown)),
        dict(zero_shock=flat(hires=9), no_shock=lambda seed: {"hires": 9 + (seed == 5)}),
    ),
    "T19b": (
        dict(scenario=flat(), shocked_midway=flat(hires=late)),
        dict(scenario=flat(), shocked_midway=flat(hires=early)),
    ),
    "T20": (
        dict(scenario=flat(hires=9), changed_afterwards=flat(hires=9)),
        dict(scenario=flat(hires=9), changed_afterwards=flat(hires=late)),
    ),
    "T21": tuple(dict(ten_years=flat(seen={"measure": facts})) for facts in (INSIDE, FACTS)),
    "T22": (
        dict(scenario=lives_of(1, 2), shocked_midway=lives_of(1, 2)),
        dict(scenario=lives_of(1, 2), shocked_midway=lives_of(1, 3)),
    ),
}  # fmt: skip


@pytest.mark.parametrize("id", BY_ID)
def test_runs_that_obey_hold_and_runs_with_a_fault_do_not(id):
    obeying, broken = FAULTS[id]
    assert verdict_on(id, **obeying).status is Status.HOLDS, verdict_on(id, **obeying)
    verdict = verdict_on(id, **broken)
    assert verdict.status is (Status.OUTSIDE if id == "T21" else Status.BROKEN), verdict
    assert verdict.figures


def test_a_shock_that_is_not_felt_is_a_fault_too():
    assert verdict_on("T19b", scenario=flat(), shocked_midway=flat()).status is Status.BROKEN


def test_adoption_that_is_complete_either_way_says_nothing():
    full = dict(scenario=flat(adoption_share=1.0), no_peers=flat(adoption_share=0.99))
    assert verdict_on("T13a", **full).status is Status.DOES_NOT_APPLY


def test_more_graduates_than_posts_is_a_condition():
    enough = dict(scenario=flat(vacancies_firms=5000), five_times=flat(graduated=9, entry_pay_won_per_year=1.0))
    assert verdict_on("T15a", **enough).status is Status.DOES_NOT_APPLY


# statistics ----------------------------------------------------------------------------------------------------------


def test_on_average_is_the_paired_t_test():
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 1, 30), rng.normal(0.4, 1, 30)
    verdict = on_average(Gap("x", "persons", b - a), +1)
    p = scipy.stats.ttest_rel(b, a, alternative="greater").pvalue
    assert verdict.numbers["x_persons_p_for"] == pytest.approx(p)
    assert (verdict.status is Status.HOLDS) == (p < 0.05)
    assert on_average(Gap("x", "", rng.normal(0.3, 0.1, 20)), -1).status is Status.BROKEN
    assert on_average(Gap("x", "", [1.0, -1.0] * 10), +1).status is Status.UNDECIDED
    assert on_average(Gap("x", "", np.zeros(20)), +1).status is Status.UNDECIDED
    assert on_average(Gap("x", "", np.full(20, 2.0)), +1).status is Status.HOLDS
    assert on_average(Gap("x", "", np.full(19, -2.0)), +1).status is Status.UNDECIDED  # too few to say so


def test_every_seed_means_every_seed():
    assert in_every_seed(Gap("x", "", [1, 1, 1]), +1).status is Status.HOLDS
    assert in_every_seed(Gap("x", "", [1, 0, 1]), +1).status is Status.BROKEN
    assert in_every_seed(Gap("x", "", [1, 0, 1]), +1, or_equal=True).status is Status.HOLDS
    assert in_every_seed(Gap("x", "", [-1, -2]), -1).numbers["x_worst"] == -1


def test_equivalence_needs_precision():
    rng = np.random.default_rng(2)
    assert within(Gap("x", "", rng.normal(0, 0.1, 20)), 1).status is Status.HOLDS
    assert within(Gap("x", "", rng.normal(0, 9, 20)), 1).status is Status.UNDECIDED
    assert within(Gap("x", "", rng.normal(3, 0.5, 20)), 1).status is Status.BROKEN
    assert within(Gap("x", "", rng.normal(-3, 0.5, 20)), 1).status is Status.BROKEN


def test_distributions_are_told_apart():
    rng = np.random.default_rng(3)
    assert same_distribution("x", rng.normal(0, 1, 40), rng.normal(0, 1, 40)).status is Status.HOLDS
    assert same_distribution("x", rng.normal(0, 1, 40), rng.normal(3, 1, 40)).status is Status.BROKEN
    assert same_distribution("x", np.zeros(5), np.ones(5)).status is Status.UNDECIDED


# what is asked of a scenario -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("changes", "won"), [
    ((), 28_500_000_000),
    (("levers.grant_scale=2",), 57_000_000_000),
    (("months=12",), 4_500_000_000),
    (("months=3",), 0),
    (("months=4",), 6 * 750_000_000),
    (("levers.grant_won_per_year@2025-04=1200000000", "months=12"), 6 * 900_000_000),
    (("levers.grant_won_per_year@2025-10=2000000000", "months=12"), 6 * (750_000_000 + 250_000_000)),
    (("levers.grant_won_per_year@2025-10=0", "months=12"), 6 * 750_000_000),
    (("levers.grant_won_per_year=7", "months=18"), 6 * (7 + 7)),
    (("levers.grant_won_per_year=0",), 0),
    (("levers.grant_scale=0",), 0),
])  # fmt: skip
def test_the_grant_that_a_schedule_promises(changes, won):
    plan = KOREA.with_changes(changes)
    assert grant_by_schedule(plan) == won
    if plan.months < 24:
        assert Ecosystem(plan, 0).run().history.grant_won.sum() == won


@pytest.mark.parametrize(("changes", "id", "reason"), [
    (("levers.grant_won_per_year=0",), "T4", "pays no grant"),
    (("levers.grant_won_per_year@2030-01=5",), "T4", ""),
    (("months=30", "levers.grant_won_per_year=0", "levers.grant_won_per_year@2030-01=5"), "T10", "pays no grant"),
    (("levers.grant_scale=11",), "T10", "would be 22, more than 20"),
    (("levers.grant_scale=0.1",), "T11", "less than a whole one"),
    (("months=59",), "T11", "needs 60 months, the run has 59"),
    (("levers.borders_open=0",), "T12a", "borders are closed"),
    (("levers.borders_open@2026-01=0.1",), "T12a", "0.19 on average"),
    (("shocks.foreign_pay=2.8",), "T12a", "more than 3"),
    (("levers.data_access@2026-01=1",), "T14", "near 1 already"),
    (("parameters.hospitals.peer_on_adoption=0",), "T13a", "is 0 in the scenario"),
    (("months=119",), "T21", "needs 120 months"),
    ((), "T21", ""),
])  # fmt: skip
def test_relations_say_why_they_do_not_apply(changes, id, reason):
    found = BY_ID[id].why_not(KOREA.with_changes(changes))
    assert reason in found
    assert bool(found) == bool(reason)


def test_every_variant_is_a_change_of_the_scenario_that_is_meant():
    changes = {name: variant.change(KOREA) for relation in RELATIONS for name, variant in relation.variants.items()}
    assert changes["no grant"].levers["grant_won_per_year"] == [(0, 0.0)]
    assert changes["twice"].levers["grant_scale"] == [(0, 2.0)]
    assert changes["more demand"].shocks["demand"] == [(0, 0.3)]
    assert changes["shocked midway"].shocks["demand"] == [(61, 0.3)]
    assert changes["shocked midway"].levers == KOREA.levers
    for lever, steps in changes["changed afterwards"].levers.items():
        assert [step for step in steps if step[0] <= 120] == KOREA.levers.get(lever, [])
        assert steps[-1][0] == 121
    later = KOREA.with_changes(
        ["shocks.demand@2026-01=0.1", "shocks.demand@2033-01=0.2", "levers.grant_scale@2027-01=3"]
    )
    assert BY_ID["T12b"].variants["more demand"].change(later).shocks["demand"] == [(0, 0.3), (13, 0.4), (97, 0.5)]
    assert BY_ID["T10"].variants["twice"].change(later).levers["grant_scale"] == [(0, 2.0), (25, 6.0)]
    assert BY_ID["T19b"].variants["shocked midway"].change(later).shocks["demand"] == [(13, 0.1), (61, 0.4)]


def test_each_run_is_done_once():
    trials_of_two = trials_for(KOREA, 3, ["T10", "T11"])
    assert len(trials_of_two) == 3 * 3  # no grant, as it is, twice
    everything = trials_for(KOREA, 3)
    assert len({trial.key for trial in everything}) == len(everything)
    as_it_is = [t for t in everything if (t.plan, t.institutions, t.elsewhere) == (KOREA, "as_it_is", "")]
    assert len(as_it_is) == 3
    assert all(trial.watched and trial.events and len(trial.looks) == 3 for trial in as_it_is)
    assert len(trials_for(KOREA, 9, ["T8"])) == 9 + 3 + 3


# the country told another way ----------------------------------------------------------------------------------------


def partners_by_name(country):
    names = {State.HOSPITAL: country.hospitals.names, State.FIRM: country.firms.names}
    return {(country.universities[u]["name"], names[state][row]) for u, state, row in country.partners}


def test_reordered_is_the_same_country():
    plain, other = COUNTRIES["as_it_is"]("korea"), COUNTRIES["reordered"]("korea")
    assert partners_by_name(plain) == partners_by_name(other)
    for kind in ("hospitals", "firms"):
        one, two = (
            set(zip(i.names, i.keys, i.classes, i.regions, i.domains, strict=True))
            for i in (getattr(plain, kind), getattr(other, kind))
        )
        assert one == two
        assert getattr(plain, kind).names != getattr(other, kind).names
    keys = {row["name"]: key for row, key in zip(plain.universities, plain.university_keys, strict=True)}
    assert keys == {row["name"]: key for row, key in zip(other.universities, other.university_keys, strict=True)}


def test_renamed_and_doubled():
    plain, other, twice = (COUNTRIES[name]("korea") for name in ("as_it_is", "renamed", "doubled"))
    assert not set(plain.hospitals.keys) & set(other.hospitals.keys)
    assert sorted(plain.firms.classes) == sorted(other.firms.classes)
    for kind in ("hospitals", "firms"):
        assert len(set(getattr(twice, kind).keys)) == 2 * len(getattr(plain, kind).keys)
    assert len(partners_by_name(twice)) == 2 * len(partners_by_name(plain))
    model = Ecosystem(doubled_plan(SHORT), 0, country=twice).run(3)
    one = Ecosystem(SHORT, 0).run(3)
    assert model.history.grant_won[3] == 2 * one.history.grant_won[3]
    assert model.history.specialists[0] == pytest.approx(2 * one.history.specialists[0], rel=0.05)
    assert doubled_plan(KOREA).levers["visas_per_year"] == [(0, 72.0)]


# the oracle ---------------------------------------------------------------------------------------------------------


def test_the_oracle_sees_what_the_model_is_not_asked():
    model = Ecosystem(SHORT, 0)
    opening = Accounts(model)
    model.run(3)
    assert count_people(model, len(model.people)) == [] == count_won(model, opening)
    assert "came in" in count_people(model, len(model.people) - 1)[0]
    people = model.people.columns
    row = int(np.flatnonzero(model.people.rows("state") == State.SEEKING)[0])
    people.state[row] = State.ABROAD
    faults = count_people(model, len(model.people))
    assert len(faults) == 2
    assert "seeking" in faults[0] and "abroad" in faults[1]
    people.state[row] = State.SEEKING
    people.key[row] = people.key[row + 1]
    assert count_people(model, len(model.people)) == ["two people are one and the same"]
    model.firms.columns.cash_won[0] += 1
    assert count_won(model, opening) == ["accounts of firms differ from the books"]
    model.paid[2, Purpose.GRANT, 0] += 1
    assert "accounts of universities differ from the books" in count_won(model, opening)
    assert "the grant on record differs from the books" in count_won(model, opening)


def test_the_oracle_sees_what_is_too_much():
    model = Ecosystem(SHORT, 0).run(3)
    before = Capacity(model)
    assert before.exceeded_by(model) == []
    model.hospitals.columns.stage[5, 0] = (int(model.hospitals.columns.stage[5, 0]) + 2) % len(AdoptionStage)
    model.universities.columns.enrolled[1] = 1 + max(before.enrolled[1], model.universities.columns.seats[1])
    model.firms.columns.staff[0] += 1 + model.firms.columns.desired_staff[0]
    faults = before.exceeded_by(model)
    assert [fault.split()[-1] for fault in faults] == ["seats", "firms", "month"]


# whole checks --------------------------------------------------------------------------------------------------------


def status_of(checked):
    return {finding.relation.id: finding.verdict.status for finding in checked.findings}


def test_a_model_that_stops_itself_breaks_the_invariant_it_names(monkeypatch):
    def stops(trial):
        if trial.seed == 1:
            error = "Traceback\nmodel.invariants.InvariantBroken: month 3, seed 1: public money differs from the books"
            return Observed(trial.plan, 1, error=error)
        return do_trial(trial)

    monkeypatch.setattr(checking, "do_trial", stops)
    checked = check(SHORT, 2, ["T1", "T2", "T7"], workers=1)
    assert status_of(checked) == {"T1": Status.HOLDS, "T2": Status.BROKEN, "T7": Status.HOLDS}
    assert len(checked.failures) == 2  # one run of each variant, shared by T1 and T2
    assert "failed" in checked.findings[2].verdict.figures
    assert "public money" in checked.findings[1].verdict.figures


def test_a_model_that_never_finishes_is_not_judged(monkeypatch):
    monkeypatch.setattr(checking, "do_trial", lambda trial: Observed(trial.plan, trial.seed, error="ValueError: no"))
    checked = check(SHORT, 2, ["T7"], workers=1)
    assert status_of(checked) == {"T7": Status.NOT_JUDGED}
    assert checked.findings[0].is_bad


def test_results_that_depend_on_what_ran_before_are_caught(monkeypatch):
    count = iter(range(1000))

    def drifts(trial):
        run = do_trial(trial)
        run.seen["digest"] = f"{run.seen['digest']} {next(count)}"
        return run

    monkeypatch.setattr(trials, "do_trial", drifts)
    monkeypatch.setattr(trials, "ProcessExecutor", _Here)
    checked = check(Scenario.load("korea", ["months=2"]), 2, ["T8"], workers=1)
    assert status_of(checked) == {"T8": Status.BROKEN}


class _Here:
    """Stands for a pool of processes."""

    def __init__(self, *_, **__): ...
    def __enter__(self):
        return self

    def __exit__(self, *_): ...
    def map(self, work, jobs):
        return map(work, jobs)


def test_an_interrupt_leaves_what_was_finished():
    def stop(done, total):
        if done == 5:
            raise KeyboardInterrupt

    checked = check(SHORT, 20, ["T6", "T7"], workers=1, progress=stop)
    assert checked.interrupted
    assert status_of(checked) == {"T6": Status.HOLDS, "T7": Status.HOLDS}
    assert "3 seeds" in checked.findings[0].verdict.figures


def test_workers_do_not_matter():
    one, two = (check(SHORT, 4, ["T5", "T17", "T22"], workers=workers) for workers in (1, 2))
    assert [finding.verdict for finding in one.findings] == [finding.verdict for finding in two.findings]


def test_faults_in_a_copy_of_the_sources_are_found(tmp_path):
    """Three small mistakes in three rules; the invariants that they break are broken, the others hold."""
    for name in ("agents", "model", "experiments", "viz", "data", "scenarios"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copytree(ROOT / "src", tmp_path / "src", symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
    for file, right, wrong in (
        ("model/migration.py", "visas_per_year / 12.0 * now.borders_open", "visas_per_year / 12.0"),
        ("model/government.py", "due = year - year * (calendar_month - 1) // 12", "due = year"),
        ("model/adoption.py", "+ p.peer_on_adoption * drivers.peer", "- p.peer_on_adoption * drivers.peer"),
    ):  # fmt: skip
        source = tmp_path / file
        text = source.read_text(encoding="utf-8")
        assert text.count(right) == 1
        source.write_text(text.replace(right, wrong), encoding="utf-8")
    ids = ("T1", "T4", "T5", "T7", "T12a", "T13a")
    only = [argument for id in ids for argument in ("--only", id)]
    done = subprocess.run(
        [sys.executable, "-m", "injae", "check", "--seeds", "3", "--months", "60", "--workers", "1", *only],
        cwd=tmp_path / "src", capture_output=True, text=True, check=False, timeout=600,
    )  # fmt: skip
    assert done.returncode == 1, done.stderr
    found = dict(re.findall(r"^(T\w+) +(holds|broken)", done.stdout, re.M))
    assert found == {id: "broken" if id in ("T4", "T5", "T13a") else "holds" for id in ids}


# the command ---------------------------------------------------------------------------------------------------------


def test_the_command_prints_one_line_each():
    done = injae("check", "--seeds", 2, "--months", 6, "--workers", 1, "--only", "T3", "--only", "T17")
    assert done.returncode == 0, done.stderr
    lines = done.stdout.splitlines()
    assert [line.split()[0] for line in lines[:-1]] == ["T3", "T17a", "T17b"]
    assert lines[-1] == "1 holds, 2 undecided"
    assert "3 invariants and relations on korea: 8 runs (2 seeds, 6 months), about" in done.stderr
    assert "8 of 8 runs" in done.stderr


def test_a_check_without_any_run():
    done = injae("check", "no-programme", "--only", "T4", "--only", "T10")
    assert done.returncode == 0, done.stderr
    assert done.stdout.count("pays no grant in its 120 months") == 2
    assert "2 invariants and relations on no-programme: 0 runs (20 seeds, 120 months), about 0 s" in done.stderr


def test_the_command_as_json_and_quiet():
    arguments = ("check", "--seeds", 1, "--months", 13, "--workers", 1, "--only", "T7", "--only", "T21")
    (seventh, facts) = json.loads(injae(*arguments, "--json").stdout)
    assert (seventh["id"], seventh["type"], seventh["status"]) == ("T7", "exact", "holds")
    assert seventh["numbers"] == {"faults": 0}
    assert facts["status"] == "does not apply"
    quiet = injae(*arguments, "--quiet")
    assert (quiet.returncode, quiet.stdout, quiet.stderr) == (0, "", "")


@pytest.mark.parametrize(("arguments", "message"), [
    (("--only", "T99"), "no such invariant or relation; they are T1 to T22"),
    (("--only", "t10"), "did you mean 'T10'?"),
    (("--only", "T13B"), "did you mean 'T13b'?"),
    (("--seeds", "0"), "0 is not in the range"),
    (("--months", "0"), "0 is not in the range"),
    (("--workers", "0"), "0 is not in the range"),
    (("nowhere",), "neither a preset nor a file"),
    (("--set", "levers.grant_scale=99"), "outside 0 to 20"),
])  # fmt: skip
def test_bad_input(arguments, message, tmp_path):
    done = injae("check", *arguments, cwd=tmp_path)
    assert_refused(done, message)


def test_no_seed_is_bad_input():
    with pytest.raises(InputError, match="at least 1"):
        check(SHORT, 0)


def test_help_and_documents_name_every_relation():
    assert "Example:" in injae("check", "--help").stdout
    text = (ROOT / "docs" / "check.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| (T\d+\w?) \| ([a-z ]+) \|", text, re.M))
    assert rows == {relation.id: str(relation.kind) for relation in RELATIONS}
    assert all(relation.says.rstrip(".") in text for relation in RELATIONS)
