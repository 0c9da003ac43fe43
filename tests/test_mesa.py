"""A Mesa user does what Mesa users do."""

import gc
import math
import weakref

import mesa
import numpy as np
import pytest

from agents.randomness import chance_of
from injae import Ecosystem, Firm, Hospital, Scenario, Trainee, University
from model import adoption, education, migration, products


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
    assert all(0 < chance_of(one) < 1 for one in log_odds)
    assert hospital.name == "Seoul National University Hospital"
    assert hospital.adoption_stage == max(hospital.stage)
    university = model.agents_by_type[University][0]
    p = model.parameters
    assert np.isfinite(education.attraction(model.market.expected_pay_won, 6e7, 0.1, university.reputation, 0.0, p))
    firm = model.agents_by_type[Firm][0]
    assert 0 <= products.improvement_chance(firm.skill, model.now.data_access, model.parameters) < 1
    someone = Trainee(model, 100, register=False)
    gap = math.log(1.5 * model.market.reference_pay_won / someone.pay_won_per_year)
    assert 0 < chance_of(migration.emigration_log_odds(gap, 0.16, 0.5, someone.age_years, model.parameters)) < 0.1
    assert model.agents_by_type[Firm][-1].name


def test_data_collector_works(model):
    fresh = Ecosystem(Scenario.load("korea", ["months=3"]), 1)
    collector = mesa.DataCollector(model_reporters={"adoption": lambda m: m.series.adoption_share})
    for _ in range(3):
        fresh.step()
        collector.collect(fresh)
    assert len(collector.get_model_vars_dataframe()) == 3


def test_people_can_be_registered():
    fresh = Ecosystem(Scenario.load("korea", ["months=3"]), 1, register_people=True).run()
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
