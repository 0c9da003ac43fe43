"""Scenario files: what they mean, and one clear line for whatever is wrong with them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from injae.model.errors import InputError, nearest
from injae.model.levers import LEVERS, SHOCKS
from injae.model.parameters import declared_parameters
from injae.model.scenario import Scenario, month_of, preset_names, value_at


def write(tmp_path, text):
    file = tmp_path / "mine.toml"
    file.write_text(text, encoding="utf-8")
    return str(file)


BAD = {
    "[levers]\ngrant_scal = 2": ":2: levers.grant_scal: unknown name; did you mean 'levers.grant_scale'?",
    "[levers]\n\ngrant_scale = 100": ":3: levers.grant_scale = 100: outside 0 to 20 ratio",
    '[levers]\ngrant_scale = "much"': ":2: levers.grant_scale = 'much': needs a number from 0 to 20 ratio",
    "[levers]\ngrant_scale = true": ":2: levers.grant_scale = True: needs a number from 0 to 20 ratio",
    "[levers]\ngrant_scale = nan": ":2: levers.grant_scale = nan: needs a number from 0 to 20 ratio",
    "[levers]\ndata_access = [{from = '2026-13', value = 1}]": ":2: levers.data_access.from = '2026-13': write YYYY-MM",
    "[levers]\ndata_access = [{value = 1}]": ":2: levers.data_access = {'value': 1}: needs steps such as",
    "[levers]\ndata_access = []": ":2: levers.data_access: needs at least one step",
    "[levers]\ngrant_share_courses = 0.9": ":2: levers.grant_share_courses = 0.9: with grant_share_teachers 0.5",
    "[parameters.labour]\nretirement_age = 60": ":2: parameters.labour.retirement_age: unknown parameter; did you mean",
    "[parameters.labour]\ntaste_sd = -1": ":2: parameters.labour.taste_sd = -1: outside 0 to 1.35 log pay; the",
    "[parameters.labour.taste_sd]": ":1: parameters.labour.taste_sd = {}: needs a number from 0 to 1.35 log pay",
    "[parameters.pay]": ":1: parameters.pay: unknown parameter",
    "[parameters.labour]\nmatch_threshold = 1.5": ":2: parameters.labour.match_threshold = 1.5: outside 0 to 1 share",
    "schema_version = 2": ":1: schema_version = 2: needs a whole number from 1 to 1; a later version of Injae reads",
    "months = 12\nschema_version = true": ":2: schema_version = True: needs a whole number from 1 to 1",
    "months = -3": ":1: months = -3: needs a whole number of months from 1 to 1200",
    "months = 1.5": ":1: months = 1.5: needs a whole number of months from 1 to 1200",
    "monthss = 12": ":1: monthss: unknown key; did you mean 'months'?",
    'base = "mine.toml"': ":1: base = 'mine.toml': a scenario cannot be based on itself",
    'base = "nowhere"': ":1: scenario = 'nowhere': neither a preset nor a file",
    'country = "atlantis"': ":1: country = 'atlantis': no data for it",
    "[target]\nexperts = 0": ":2: target.experts = 0: needs a whole number from 1 to 1,000,000",
    "[levers\ngrant_scale = 2": ": broken TOML: expected ",
    "levers = 3": ":1: levers = 3: needs a table, such as [levers]",
    'target = "x"': ":1: target = 'x': needs a table, such as [target]",
    "[levers]\ndata_access=[{from='1999-01',value=1},{from='2001-01',value=0}]": ":2: levers.data_access: only one",
}


@pytest.mark.parametrize("text", list(BAD))
def test_bad_files_are_refused_in_one_line(tmp_path, text):
    with pytest.raises(InputError) as error:
        Scenario.load(write(tmp_path, text))
    assert "mine.toml" + BAD[text] in str(error.value)
    assert "\n" not in str(error.value)


def test_a_file_may_say_its_schema(tmp_path):
    assert Scenario.load(write(tmp_path, "schema_version = 1\nmonths = 12")).months == 12
    with pytest.raises(InputError, match="schema_version: unknown key"):
        Scenario.load("korea", ["schema_version=1"])


def test_a_group_whose_every_line_is_a_comment_changes_nothing(tmp_path):
    korea = Scenario.load("korea")
    assert Scenario.load(write(tmp_path, 'base = "korea"\n[levers]\n[parameters.labour]\n# taste_sd = 0.5')) == (
        korea.model_copy(update={"name": "mine"})
    )


@pytest.mark.parametrize(("source", "message"), [
    ("nofile.toml", "no such file"),
    ("corea", "did you mean 'korea'?"),
    ("zzz", "presets are"),
])  # fmt: skip
def test_missing_scenarios(source, message):
    with pytest.raises(InputError, match=message):
        Scenario.load(source)


@pytest.mark.parametrize(("change", "message"), [
    ("months", "write PATH=VALUE"),
    ("=3", "write PATH=VALUE"),
    ("parameters.labour={}", "parameters.labour = {}: an empty table sets nothing"),
    ("levers.grant_scale@2027-01={}", "an empty table sets nothing"),
    ("grant_scale=2", "did you mean 'levers.grant_scale'"),
    ("levers.grant_scale@2027=2", "write YYYY-MM"),
    ("parameters.hospitals.peer=1", "did you mean"),
    ("separation_per_month=0.1", "did you mean 'parameters.labour.separation_per_month'"),
    ("parameters.separation_per_month=0.1", "did you mean 'parameters.labour.separation_per_month'"),
])  # fmt: skip
def test_bad_changes(change, message):
    with pytest.raises(InputError, match=message):
        Scenario.load("korea", [change])


def test_a_file_holds_only_what_differs(tmp_path):
    file = write(
        tmp_path, '[levers]\ngrant_won_per_year = [{from = "2028-01", value = 2000000000}]\n[target]\nexperts = 1500'
    )
    mine, korea = Scenario.load(file), Scenario.load("korea")
    assert mine.levers["grant_won_per_year"] == [(4, 1e9), (37, 2e9)]  # the base holds until the step
    assert mine.levers["visas_per_year"] == korea.levers["visas_per_year"]
    assert (mine.target.experts, mine.target.date) == (1500, "2029-12")
    assert mine.months == korea.months


def test_bases_in_a_circle(tmp_path):
    for name, base in (("one", "two"), ("two", "one")):
        (tmp_path / f"{name}.toml").write_text(f'base = "{base}.toml"\n', encoding="utf-8")
    with pytest.raises(InputError, match="cannot be based on itself"):
        Scenario.load(str(tmp_path / "one.toml"))


def test_a_chain_of_bases(tmp_path):
    first = tmp_path / "first.toml"
    first.write_text("[levers]\ngrant_scale = 3\n", encoding="utf-8")
    second = Scenario.load(write(tmp_path, f'base = "{first}"\n[shocks]\ndemand = 0.1'))
    assert second.levers["grant_scale"] == [(0, 3.0)]
    assert second.shocks["demand"] == [(0, 0.1)]


def test_nothing_is_paid_that_no_scenario_asks_for():
    paid = {name: lever.default for name, lever in LEVERS.items() if lever.purpose}
    assert paid.pop("grant_scale") == 1, "of a grant of nothing"
    assert len(paid) > 10 and not any(paid.values())


def test_presets_are_complete_and_differ():
    assert set(preset_names()) >= {
        "korea", "no-programme", "double-grant", "closed-borders", "strict-regulation", "open-data",
    }  # fmt: skip
    texts = {name: tuple(Scenario.load(name).settings().items()) for name in preset_names()}
    assert len(set(texts.values())) == len(texts)
    assert all({"en", "ko"} <= set(Scenario.load(name).title) for name in preset_names())


def test_a_value_may_lie_three_times_outside_the_evidence_and_amounts_are_never_zero():
    for one in declared_parameters("korea").values():
        if one.unit.split(" per ")[0] in ("won", "hours", "beds"):
            assert one.least > 0, one.path
    hours = declared_parameters("korea")["country.clinician_hours_per_bed_month"]
    assert (hours.least, hours.most) == pytest.approx((hours.low / 3, hours.high * 3))
    base = declared_parameters("korea")["hospitals.adoption_base"]
    assert (base.least, base.most) == (-12.0, 2.0)


@given(st.integers(1, 1200))
def test_months_and_dates_are_inverse(month):
    plan = Scenario.load("korea")
    assert month_of(plan.date_of(month), plan.start) == month


@given(st.sampled_from(sorted(LEVERS)), st.floats(0, 1), st.integers(1, 200))
def test_a_dated_change_holds_from_its_month_on(name, share, month):
    lever = LEVERS[name]
    value = lever.low + share * (lever.high - lever.low) * (0.5 if name.startswith("grant_share") else 1)
    plan = Scenario.load("korea")
    changed = plan.with_changes([f"levers.{name}@{plan.date_of(month)}={value!r}"])
    for at in (0, month - 1, month, month + 50):
        before = value_at(plan.levers.get(name, []), at, lever.default)
        after = value_at(changed.levers[name], at, lever.default)
        assert after == (value if at >= month else before)


@given(st.sampled_from(sorted(LEVERS)), st.floats(0, 1), st.integers(1, 150), st.integers(0, 100))
def test_a_change_with_an_end_leaves_the_months_outside_alone(name, share, first, length):
    lever, plan = LEVERS[name], Scenario.load("retention-first")
    value = lever.low + share * (lever.high - lever.low) * (0.5 if name.startswith("grant_share") else 1)
    last = first + length
    changed = plan.with_settings({f"levers.{name}@{plan.date_of(first)}..{plan.date_of(last)}": value})
    for at in range(270):
        before = value_at(plan.levers.get(name, []), at, lever.default)
        after = value_at(changed.levers[name], at, lever.default)
        assert after == (value if first <= at <= last else before)
    assert all(a[0] < b[0] for a, b in itertools.pairwise(changed.levers[name]))


def test_a_file_may_give_the_last_month_of_a_value(tmp_path):
    text = '[levers]\ngrant_scale = [{from = "2026-01", to = "2026-12", value = 3}, {from = "2028-01", value = 2}]'
    assert Scenario.load(write(tmp_path, text)).levers["grant_scale"] == [(13, 3.0), (25, 1.0), (37, 2.0)]
    text = '[levers]\ngrant_scale = [{from = "2026-01", to = "2025-12", value = 3}]'
    with pytest.raises(InputError, match="to = '2025-12': lies before its first month, 2026-01"):
        Scenario.load(write(tmp_path, text))


GRANT = "levers.grant_scale"


def test_settings_have_one_order_however_they_are_written():
    """Those without a date lie below, dated ones on top of them by their first month."""
    dated, later, plain = f"{GRANT}@2026-01..2027-12=3", f"{GRANT}@2027-01=5", f"{GRANT}=2"
    for order in itertools.permutations([dated, later, plain]):
        assert Scenario.load("korea", order).levers["grant_scale"] == [(0, 2.0), (13, 3.0), (25, 5.0)]
    base = Scenario.load("korea", [later]).with_changes([plain])
    assert base.levers["grant_scale"] == [(0, 2.0)], "takes the place of the whole schedule of its base"


@pytest.mark.parametrize(("changes", "message"), [
    ([f"{GRANT}=2", f"{GRANT}=3"], "levers.grant_scale is set twice"),
    ([f"{GRANT}@2027-01=2", f"{GRANT}@2027-01..2028-12=3"], "two settings from 2027-01"),
    ([f"{GRANT}=2", "levers=3"], "set twice, in whole and in part"),
    (["parameters.labour.taste_sd@2027-01=0.3"], "only levers and shocks have dates"),
    ([f"{GRANT}@2019-03..2024-12=2"], "to = '2024-12': never acts, since it lies before the first month, 2025-01"),
    ([f"{GRANT}@1899-12=2"], "from = '1899-12': outside 1900-01 to 2124-12"),
    ([f"{GRANT}@2027-01..2300-01=2"], "to = '2300-01': outside"),
    (["target.date=9000-01"], "target.date = '9000-01': outside"),
    ([f"{GRANT}@\uff12\uff10\uff12\uff17-01=2"], "write YYYY-MM"),
])  # fmt: skip
def test_settings_that_meet_or_never_act_are_refused(changes, message):
    for order in (changes, changes[::-1]):
        with pytest.raises(InputError) as refused:
            Scenario.load("korea", order)
        assert message in str(refused.value)


def test_a_step_that_comes_after_the_end_is_told_even_if_others_come_before():
    plan = Scenario.load("korea", ["months=24", "levers.visas_per_year@2030-01=7"])
    assert plan.too_late() == ["levers.visas_per_year: set in 2030-01, after the last month 2026-12"]
    assert Scenario.load("korea", ["months=24", f"{GRANT}@2026-01..2029-12=7"]).too_late() == []


def test_declarations_are_in_order():
    assert all(lever.low <= lever.default <= lever.high for lever in {**LEVERS, **SHOCKS}.values())
    assert len(declared_parameters("korea")) > 100


def test_settings_that_only_go_together():
    """Courses and teachers share the grant: what counts is the whole, not the order of --set."""
    changes = ["levers.grant_share_courses=0.6", "levers.grant_share_teachers=0.3"]
    for order in (changes, changes[::-1]):
        assert Scenario.load("korea", order).levers["grant_share_courses"] == [(0, 0.6)]
    with pytest.raises(InputError, match="more than the whole grant"):
        Scenario.load("korea", [*changes, "levers.grant_share_teachers@2027-01=0.5"])


def test_a_date_without_quotes(tmp_path):
    file = tmp_path / "plan.toml"
    for text, message in (
        ("[levers]\ndata_access = [{from = 2027-01, value = 0.8}]", 'write dates in quotes: "2027-01"'),
        (
            "[levers]\ndata_access = [{from = 2027-01-01, value = 0.8}]",
            ":2: levers.data_access.from = 2027-01-01: write",
        ),
        ("[target]\ndate = 2027-01-01", ":2: target.date = 2027-01-01: needs a month in quotes"),
    ):
        file.write_text(text)
        with pytest.raises(InputError) as refused:
            Scenario.load(file)
        assert message in str(refused.value)


def test_only_close_names_are_suggested():
    valid = ["levers.grant_scale", "levers.data_access", "parameters.labour.offer_floor", *map(str, range(20))]
    assert str(nearest("levers.grant_scal", valid)) == "did you mean 'levers.grant_scale'?"
    assert str(nearest("data_acess", valid)) == "did you mean 'levers.data_access'?"
    assert str(nearest("levers.grant", valid)) == "did you mean 'levers.grant_scale'?"
    assert str(nearest("parameters.labour.colour", valid)) == "see `injae parameters`"
