"""A second country, which is data only: its currency, words, months and names, and a country of one's own."""

import re
import tomllib

import numpy as np
import pytest
from conftest import injae

from injae.agents.hospital import Tier
from injae.experiments.countries import check_country, new_country
from injae.experiments.lives.words import BOOK as LIVES
from injae.experiments.names import place_names
from injae.experiments.runs import simulate
from injae.experiments.wording.amounts import exact_money, interval, money, series_scale, setting
from injae.experiments.wording.spoken import SPOKEN, own_words, speaking_of, speech_of
from injae.model.country import read_country
from injae.model.errors import InputError
from injae.model.ledger import Purpose
from injae.model.levers import LEVERS
from injae.model.parameters import DATA, country_rows, declared_parameters
from injae.model.scenario import Scenario
from injae.viz.view.policy.controls import panel
from injae.viz.view.words import BOOK

HERE = "united-states"
FOREIGN = re.compile(
    r"(?<!{)\bwon\b|korea(?!n font)|capital area|provinces|[\d억만조] ?원|수도권|대한민국", re.IGNORECASE
)
LIST = """name,kind,class,region,domain
Capital University,university,,capital,
River Hospital,hospital,general,provinces,
Pixel Health,firm,startup,capital,imaging
"""


@pytest.fixture(scope="module")
def run():
    return simulate(HERE, 1, uncertainty="aleatory", workers=1)


def test_amounts_are_in_the_currency_of_the_country_that_is_spoken_of():
    with speaking_of(HERE):
        assert [money(cents) for cents in (14_500_000, 5e9, -2.5e11, 0)] == [
            "145,000 USD", "50.0m USD", "-2.5bn USD", "0 USD",
        ]  # fmt: skip
        assert (
            money(5e9, "ko") == "5,000만 달러" and interval(5e9, 4e9, 6e9, "won", "en") == "50.0m USD (40.0m to 60.0m)"
        )
        assert setting(95_700_000, "won per year and university", "en") == "957,000 USD a year per university"
        assert series_scale("revenue_won", "en")[1:] == (1e11, 1, "bn USD a month")
        assert own_words("won per year") == "US cents per year"
    assert money(28.5e9) == "28.5bn won" and money(28.5e9, "ko") == "285억 원"


def test_threads_and_countries_do_not_speak_for_each_other():
    before = SPOKEN.get()
    with speaking_of(HERE):
        with speaking_of("korea-2022"):
            assert money(1e6) == "1.0m won"
        assert money(1e8) == "1.0m USD"
        assert exact_money(1250) == "1,250 US cents"
    assert SPOKEN.get() is before


@pytest.mark.parametrize("table", ["country.toml", "parameters.toml"])
def test_every_number_has_a_source(table):
    text = (DATA / HERE / table).read_text(encoding="utf-8")
    ids = {row["id"] for row in country_rows(HERE, "sources.csv")}
    assert set(re.findall(r"\bU\d{3}\b", text)) <= ids
    if table == "parameters.toml":
        for group in tomllib.loads(text).values():
            for name, one in group.items():
                assert one["source"].strip() and (one["kind"] == "fact" or one["low"] < one["high"]
                                                  or name == "small_general_beds"), name  # fmt: skip
    sources = country_rows(HERE, "sources.csv")
    assert all(row["source"] and float(row["low"]) <= float(row["value"]) <= float(row["high"]) for row in sources)


def test_tiers_and_names_are_the_country_s_own():
    hospitals = read_country(HERE).hospitals
    assert [hospitals.classes.count(tier) for tier in Tier] == [260, 3490, 1370]
    assert (
        "Critical access 7" in place_names(HERE)["hospital"]
        and "Johns Hopkins Hospital" in place_names(HERE)["hospital"]
    )
    assert "예일대학교" in place_names(HERE, "ko")["university"]
    assert "General 7" in place_names("korea")["hospital"]


def test_no_parameter_and_no_lever_is_left_in_the_money_of_another_country():
    own = tomllib.loads((DATA / HERE / "parameters.toml").read_text(encoding="utf-8"))
    mine = {name for group in own.values() for name in group}
    money_of = {one.name for one in declared_parameters(HERE).values() if "won" in one.unit.split()}
    assert money_of <= mine


def test_courses_begin_in_the_months_of_the_country(run):
    months = {int(run.plan.date_of(month)[5:]) for month in np.flatnonzero(run.values("admitted")[0])}
    assert months == {2, 8}


def test_money_is_conserved_and_the_grant_is_that_of_the_scenario(run):
    assert not run.failures  # every month both ledgers were audited, in cents
    paid = run.runs[0].paid[:, Purpose.GRANT].sum()
    assert paid == 18 * (3 * 95_700_000 + 47_850_000)


def test_nothing_printed_speaks_of_another_country(tmp_path):
    for words in (
        ("run", HERE, "--seeds", 1, "--uncertainty", "aleatory", "--months", 14, "--out", tmp_path / "run"),
        ("compare", HERE, f"{HERE}-no-programme", "--seeds", 2, "--uncertainty", "aleatory", "--months", 14, "--out",
         tmp_path / "compare"),
        ("levers", HERE), ("outcomes", HERE), ("country", "check", DATA / HERE),
    ):  # fmt: skip
        done = injae(*words)
        assert done.returncode == 0, done.stderr
        assert not FOREIGN.findall(done.stdout + done.stderr), words
        assert words[0] not in ("run", "compare") or "USD" in done.stdout


@pytest.mark.parametrize("lang", ["en", "ko"])
def test_nothing_on_the_page_speaks_of_another_country(lang):
    texts = speech_of(HERE).texts
    for book in (BOOK, LIVES):
        said = {key: {**one, **texts.get(key, {})}.get(lang, "") for key, one in book.texts.items()}
        own = {key: text for key, text in said.items() if not key.startswith(("lesson.", "preset.", "notice.no_font"))}
        assert [(key, text) for key, text in own.items() if FOREIGN.search(text)] == []
    shown = panel(HERE, lang)
    assert ("USD" if lang == "en" else "달러") in shown and not re.search(r"\d(bn|m)? won\b|\d원", shown)


def test_words_of_a_country_replace_words_that_there_are():
    assert set(speech_of(HERE).texts) <= {*BOOK.texts, *LIVES.texts}
    assert all({"en", "ko"} <= set(texts) for texts in speech_of(HERE).texts.values())


def test_a_country_begins_from_a_list_of_institutions(tmp_path):
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    files = new_country(tmp_path / "arcadia", tmp_path / "list.csv", "korea", "2026-04")
    found = check_country(tmp_path / "arcadia")
    assert {"country.toml", "parameters.toml", "scenario.toml", "extension.py"} <= set(files)
    assert found.hospitals == {"tertiary": 1, "general": 1, "hospital": 1} and found.universities == 1
    assert found.currency == "units" and "education.course_won" in found.money_carried_over
    text = (tmp_path / "arcadia" / "parameters.toml").read_text(encoding="utf-8")
    every = tomllib.loads(re.sub(r"(?m)^# (?=\w+ = )", "", text))  # each line is good as it stands
    assert {f"{group}.{name}" for group in every for name in every[group]} >= set(found.carried_over)


@pytest.mark.parametrize(
    ("file", "old", "new", "said"),
    [
        (
            "institutions.csv",
            "general",
            "genral",
            "institutions.csv:2: class = 'genral': unknown; did you mean 'general'?",
        ),
        ("institutions.csv", "imaging", "", "institutions.csv:3: domain = '': unknown"),
        ("universities.csv", ",1.0,1.0,", ",x,1.0,", "universities.csv:2: imaging = 'x': needs a number of at least 0"),
        (
            "partners.csv",
            "source\n",
            "source\nCapital University,hospital,River,\n",
            "partners.csv:2: partner = 'River'",
        ),
        ("country.toml", 'start = "2026-04"', 'start = "soon"', "start = 'soon': needs a month"),
        ("country.toml", "per_name = 1 ", "per_name = 0 ", "currency.per_name = 0: needs a whole number above 0"),
        ("country.toml", "[demand]", "[demand", "country.toml: broken TOML"),
    ],
)
def test_what_is_wrong_with_a_country_is_said_in_one_line(tmp_path, file, old, new, said):
    (tmp_path / "list.csv").write_text(LIST, encoding="utf-8")
    new_country(tmp_path / "arcadia", tmp_path / "list.csv", "korea", "2026-04")
    path = tmp_path / "arcadia" / file
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputError) as refused:
        check_country(tmp_path / "arcadia")
    assert said in str(refused.value) and "\n" not in str(refused.value) and len(str(refused.value)) <= 300


def test_a_list_with_a_slip_makes_no_folder(tmp_path):
    (tmp_path / "list.csv").write_text(LIST.replace("startup", "startpu"), encoding="utf-8")
    done = injae("country", "new", tmp_path / "arcadia", "--institutions", tmp_path / "list.csv")
    assert done.returncode == 2 and "did you mean 'startup'?" in done.stderr
    assert not (tmp_path / "arcadia").exists()


def test_levers_in_money_fit_the_country():
    plan = Scenario.load(HERE)
    assert all(value <= LEVERS[name].high for name, steps in plan.levers.items() for _, value in steps)
