"""A number is what its writer meant, or refused: the one reading that options, files, tables and links share."""

import math

import pytest

from injae.experiments.analyses.conditions import condition_of
from injae.experiments.calibration.evidence import parse_fact
from injae.experiments.margins import margins_of
from injae.experiments.searches.portfolios import ranges_of
from injae.model.errors import InputError, shown
from injae.model.numbers import finite, number_of, whole_of
from injae.model.scenario import Scenario
from injae.viz.commands.search import won_of

KOREA = Scenario.load("korea")
UNDERSTOOD = {
    "0.75": 0.75, " 12 ": 12, "-3": -3, "\N{MINUS SIGN}3": -3, "+2": 2, ".5": 0.5, "5.": 5, "1e3": 1000, "2E-2": 0.02,
    "12,500": 12_500, "1,234,567.5": 1_234_567.5, "12_500": 12_500,
}  # fmt: skip
REFUSED = {
    "0,75": "write 0.75", "-1,5": "write -1.5", "0,125": "write 0.125", "1.234,5": "write 1234.5",
    "12,5": "write 12.5", "1,00,000": "write 100000", "75%": "write 0.75", "\uff11\uff12": "write 12",
    "nan": "no number", "inf": "no number", "-Infinity": "no number", "1e400": "too large", "0x1f": "no number",
    "1__0": "no number", "3 won": "no number", "5\N{SUPERSCRIPT TWO}": "no", "": "no number", "7" * 5000: "5000 char",
}  # fmt: skip


@pytest.mark.parametrize("text", UNDERSTOOD)
def test_numbers_as_people_write_them(text):
    assert number_of(text, "x") == UNDERSTOOD[text]


@pytest.mark.parametrize("text", REFUSED, ids=lambda text: text[:12])
def test_what_may_mean_another_number_is_refused_with_the_right_spelling(text):
    with pytest.raises(InputError, match=REFUSED[text]) as refused:
        number_of(text, "x")
    assert str(refused.value).startswith("x = ") and len(str(refused.value)) <= 300


def test_whole_numbers():
    assert (whole_of("1,200", "x"), whole_of("3e2", "x")) == (1200, 300)
    for text, message in (("2.5", "no whole number"), ("9" * 20, "too large")):
        with pytest.raises(InputError, match=message):
            whole_of(text, "x")


def test_what_a_file_holds_is_a_finite_number_or_none():
    assert finite(3) == 3.0 and math.copysign(1, finite(-0.0)) == 1
    assert all(math.isnan(finite(value)) for value in (True, "3", math.inf, 10**400, None))
    assert len(shown(10**6000)) < 80 and len(shown("x" * 999)) <= 80


@pytest.mark.parametrize(
    ("read", "message"),
    [
        (lambda: condition_of("adoption_share_at_end<0,4", KOREA), "write 0.4"),
        (lambda: condition_of("adoption_share_at_end<40", KOREA), "40 looks like percent; write 0.4"),
        (lambda: condition_of("adoption_share_at_end>=140", KOREA), "is a share, 0 to 1; 140 is outside"),
        (lambda: condition_of("specialists_at_end<-3", KOREA), "cannot be below 0 persons"),
        (lambda: margins_of({"adoption_share_at_end": "3"}, KOREA), "write 0.03"),
        (lambda: margins_of({"adoption_share_at_end": "3%"}, KOREA), "write 0.03"),
        (lambda: margins_of({"specialists_at_end": "inf"}, KOREA), "no number"),
        (lambda: parse_fact("adoption_share_at_end=40+-3", KOREA), "write 0.4"),
        (lambda: parse_fact("adoption_share_at_end=0.4+-3", KOREA), "write 0.03"),
        (lambda: parse_fact("specialists_at_end=-4+-1", KOREA), "cannot be below 0 persons"),
        (lambda: ranges_of(["visas_per_year=0,5:10"]), "write 0.5"),
        (lambda: won_of("12,5bn"), "write 12.5"),
        (lambda: won_of("12 billion"), "no number"),
        (lambda: KOREA.with_changes(["levers.oversight_share=30"]), "for 30 percent write 0.3"),
        (lambda: KOREA.with_changes(["levers.oversight_share=0,3"]), "write 0.3"),
        (lambda: KOREA.with_changes(["levers.vouchers_per_year=0x10"]), "needs a number from 0 to 5000"),
        (lambda: KOREA.with_changes([f"levers.vouchers_per_year={'8' * 30}"]), "vouchers_per_year = 8.88889e"),
        (lambda: KOREA.with_changes([f"parameters.labour.taste_sd={'8' * 6000}"]), "taste_sd = '888"),
    ],
)  # fmt: skip
def test_every_place_that_takes_numbers_says_the_same(read, message):
    with pytest.raises(InputError) as refused:
        read()
    assert message in str(refused.value) and len(str(refused.value)) <= 300


def test_bounds_that_can_be_are_taken_as_they_are():
    assert condition_of("specialists_at_end >= 6,500", KOREA).bound == 6500
    assert condition_of("regional_gap_at_end<-0.1", KOREA).bound == -0.1
    assert condition_of("adoption_share_at_end<1", KOREA).bound == 1
    assert won_of("12,500m won") == won_of("12.5bn") == 12.5e9
    assert parse_fact("use_growth_logit_per_year=-1.5+-2", KOREA).value == -1.5
