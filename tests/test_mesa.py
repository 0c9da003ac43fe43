"""A Mesa user does what Mesa users do."""

import copy
import gc
import inspect
import math
import weakref

import mesa
import numpy as np
import pytest

from injae import Ecosystem, Firm, Hospital, Scenario, Trainee, University
from injae.agents.randomness import expit
from injae.model import adoption, education, migration, products
from injae.model.errors import InputError
from injae.model.invariants import InvariantBroken


@pytest.fixture(scope="module")
def model():
    return Ecosystem(Scenario.load("korea", ["months=14"]), 1).run()


def test_institutions_are_registered_agents(model):
    assert isinstance(model, mesa.Model)
    assert len(model.agents_by_type[Hospital]) == 1790
    assert len(model.agents_by_type[University]) == 16
    assert len(model.agents_by_type[Firm]) == len(model.firms) > 180  # founded ones joined
    assert Trainee not in model.agents_by_type


def test_those_who_come_later_join():
    fresh = Ecosystem(Scenario.load("korea", ["months=14"]), 1)
    assert fresh.agent_types == [University, Hospital, Firm]
    first = len(fresh.agents)
    assert first == 16 + 1790 + len(fresh.firms)
    fresh.run()
    assert len(fresh.agents) == 16 + 1790 + len(fresh.firms) > first
    assert [firm.row for firm in fresh.agents_by_type[Firm]] == list(range(len(fresh.firms)))


def test_select_get_and_agg_read_the_columns(model):
    tertiary = model.agents_by_type[Hospital].select(lambda hospital: hospital.tier == 0)
    assert len(tertiary) == 47
    assert sum(tertiary.get("beds")) == model.hospitals.rows("beds")[model.hospitals.rows("tier") == 0].sum()
    assert model.agents_by_type[Firm].agg("staff", sum) == model.series.employed_firms


def test_attributes_write_the_columns(model):
    hospital = model.agents_by_type[Hospital][3]
    before = int(hospital.beds)
    hospital.beds = before + 7
    assert model.hospitals.rows("beds")[3] == before + 7
    hospital.beds = before
    with pytest.raises(AttributeError, match="no attribute 'bedss'"):
        _ = hospital.bedss
    assert "beds" in dir(hospital)


def test_people_are_handed_out_by_key(model):
    key = int(model.people.rows("key")[100])
    trainee = model.trainee(key)
    assert int(trainee.key) == key
    assert 18 < trainee.age_years < 70
    with pytest.raises(KeyError, match="nobody"):
        model.trainee(1)


def test_rules_can_be_asked_about_agents(model):
    hospital = model.agents_by_type[Hospital][0]
    log_odds = [adoption.advance_log_odds(model.world, hospital.row, domain) for domain in range(4)]
    assert all(0 < expit(one) < 1 for one in log_odds)
    assert hospital.name == "Seoul National University Hospital"
    assert hospital.adoption_stage == max(hospital.stage)
    university = model.agents_by_type[University][0]
    p = model.parameters
    assert np.isfinite(education.attraction(model.market.expected_pay_won, 6e7, 0.1, university.reputation, 0.0, p))
    firm = model.agents_by_type[Firm][0]
    assert 0 <= products.improvement_probability(firm.skill, model.now.data_access, model.parameters) < 1
    someone = Trainee(model, 100, register=False)
    gap = math.log(1.5 * model.market.reference_pay_won / someone.pay_won_per_year)
    assert 0 < expit(migration.emigration_log_odds(gap, 0.16, 0.5, someone.age_years, model.parameters)) < 0.1
    assert model.agents_by_type[Firm][-1].name


def test_data_collector_works(model):
    fresh = Ecosystem(Scenario.load("korea", ["months=3"]), 1)
    collector = mesa.DataCollector(model_reporters={"adoption": lambda m: m.series.adoption_share})
    for _ in range(3):
        fresh.step()
        collector.collect(fresh)
    assert len(collector.get_model_vars_dataframe()) == 3


def test_people_can_be_registered():
    fresh = Ecosystem(Scenario.load("korea", ["months=3"]), 1).register_people().run()
    assert len(fresh.agents_by_type[Trainee]) == len(fresh.people)
    seeking = fresh.agents_by_type[Trainee].select(lambda person: person.state == 3)
    assert len(seeking) == fresh.series.seeking


def test_a_model_that_nobody_holds_is_let_go():
    one = Ecosystem(Scenario.load("korea", ["months=2"]), 1).run()
    seen, ids = weakref.ref(one), [agent.unique_id for agent in one.agents]
    assert len(set(ids)) == len(ids)
    del one
    gc.collect()
    assert seen() is None


def test_steps_and_time_are_true_however_months_pass():
    plan = Scenario.load("korea", ["months=14"])
    one = Ecosystem(plan, rng=3)
    assert (one.seed, one.steps) == (3, 0) and repr(one) == "<Ecosystem of korea, seed 3, month 0 of 14>"
    one.run(13)
    assert (one.steps, one.time, one.running) == (13, 13.0, True)
    one.step()
    assert (one.steps, one.time, one.running) == (14, 14.0, False)
    for _ in range(2):
        with pytest.raises(StopIteration, match="the plan ends after 14 months"):
            one.step()
    assert one.steps == 14
    assert one.history.tobytes() == Ecosystem(plan, 3).run().history.tobytes()
    with pytest.raises(InputError, match="is the same as seed"):
        Ecosystem(plan, 3, rng=4)
    with pytest.raises(InputError, match="rng = -1: needs a whole number"):
        Ecosystem(plan, rng=-1)
    with pytest.raises(TypeError, match="would share people and ledger"):
        copy.copy(one)


def test_what_the_ledgers_are_checked_against_is_refused_with_a_reason():
    one = Ecosystem(Scenario.load("korea", ["months=3"]), 1).run(1)
    hospital, firm, university = (one.agents_by_type[kind][0] for kind in (Hospital, Firm, University))
    someone, before = Trainee(one, 0, register=False), int(hospital.staff)
    for agent, name in ((hospital, "staff"), (firm, "cash_won"), (university, "core_won"), (someone, "state")):
        with pytest.raises(AttributeError, match=rf"{name} cannot be written: .* ledgers .*docs/extending.md"):
            setattr(agent, name, 1)
    with pytest.raises(AttributeError, match=r"Hospital\.staff cannot be written"):
        one.agents_by_type[Hospital].set("staff", 0)
    hospital.beds = 700
    assert (hospital.staff, hospital.beds) == (before, 700)
    for go in (one.agents.do, one.agents.shuffle_do):
        with pytest.raises(TypeError, match=r"no step of its own.*step\(\) of the model"):
            go("step")
    assert one.run().month == 3  # no ledger is broken


def test_after_an_error_no_month_passes():
    one = Ecosystem(Scenario.load("korea", ["months=6"]), 1)
    one.step()
    one.held[:] -= 1  # a won that nobody has
    with pytest.raises(InvariantBroken):
        one.step()
    assert not one.running
    for again in (one.step, one.run):
        with pytest.raises(RuntimeError, match=r"failed before .InvariantBroken: .*begin a new ecosystem"):
            again()


def test_mesas_batch_run_reports_the_last_month():
    seeds = {"rng": [1, 2]} if "rng" in inspect.signature(mesa.batch_run).parameters else {}  # 3.5 overwrites a seed
    given = {"plan": ["korea"]} | ({} if seeds else {"seed": [1, 2]})
    options = {"number_processes": 1, "data_collection_period": -1, "max_steps": 5, "display_progress": False}
    rows = mesa.batch_run(Ecosystem, given, **options, **seeds)
    for seed, row in zip([1, 2], sorted(rows, key=lambda row: row["RunId"]), strict=True):
        history = Ecosystem(Scenario.load("korea"), seed).run(row["month"]).history
        assert row["month"] in (5, 6)  # Mesa 3.3 takes one step more than it is told
        assert row["specialists"] == history["specialists"][row["month"]]
        assert row["date"] == Scenario.load("korea").date_of(row["month"])
    frame = Ecosystem(Scenario.load("korea", ["months=14"]), 1).run().datacollector.get_model_vars_dataframe()
    assert frame["month"].tolist() == list(range(1, 15))
    own = Ecosystem(Scenario.load("korea", ["months=2"]), 1)
    own.datacollector = mesa.DataCollector({"month": "month"})
    assert list(own.datacollector.model_vars) == ["month"]
