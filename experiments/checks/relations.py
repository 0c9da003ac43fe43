"""The invariants and relations of the model, each declared once.

An invariant holds in every run. A metamorphic relation says how results must change if the scenario is changed in a
known way. ``docs/check.md`` explains them, and why some that are tempting are not among them.
"""

from dataclasses import dataclass
from enum import StrEnum

from injae.experiments.checks.changes import (
    DEMAND_MORE,
    Condition,
    all_changed_after_the_horizon,
    as_it_is,
    borders_closed,
    changed,
    grant_beyond_limit,
    near_its_limit,
    pays_no_whole_teacher,
    setting,
    shock_beyond_limit,
    shocked_midway,
    shorter_than,
    switched_off,
    ten_years,
    times_the_grant,
    twice_everything,
    without_a_grant,
    without_demand_shock,
    without_facts,
)
from injae.experiments.checks.judgements import (
    CLOSE,
    SCALE_BAND,
    YEAR_5,
    Judge,
    adoption_moves,
    are_the_same,
    builds_nothing,
    facts_lie_in_their_bands,
    if_demand_binds,
    invariant_of,
    is_zero,
    keeps_people_in,
    last_of,
    leaves_the_past_alone,
    mean_of,
    moves_in_every_seed,
    moves_on_average,
    names_do_not_matter,
    pasts_are_the_same,
    pays_the_schedule,
    repeats,
    returns_do_not_rise,
    stays_close,
    sum_of,
)
from injae.experiments.checks.trials import Variant, digest, left_by_the_grant, lives, newly_abroad
from injae.experiments.measures import MONTHS, measure
from injae.model.invariants import INVARIANTS
from injae.model.scenario import Scenario

PEOPLE_INVARIANTS, WON_INVARIANTS = INVARIANTS[:7], INVARIANTS[7:]  # messages of a model that stopped itself
YEAR_8 = 96  # graduates of a grant of five years have looked for work by then


class Kind(StrEnum):
    """How a claim is to be read: see docs/check.md."""

    EXACT = "exact"
    SAME_SEED = "same seed"
    AVERAGE = "in expectation"
    DISTRIBUTION = "distribution"


@dataclass(frozen=True)
class Relation:
    """One invariant or relation.

    ``variants`` are the runs it needs, by name; ``judge`` turns them into a verdict. ``unless`` are reasons why it
    does not apply to a scenario. ``invariants`` are messages of ``model.invariants``: a run that the model itself
    stopped with one of them breaks this invariant.
    """

    id: str
    kind: Kind
    says: str
    variants: dict[str, Variant]
    judge: Judge
    unless: tuple[Condition, ...] = ()
    invariants: tuple[str, ...] = ()

    def why_not(self, plan: Scenario) -> str:
        """Why the relation says nothing about a scenario; empty if it does."""
        return next((reason for condition in self.unless if (reason := condition(plan))), "")


SCENARIO = {"scenario": Variant(as_it_is)}
WATCHED = {"scenario": Variant(as_it_is, watched=True)}
NO_GRANT = {"no grant": Variant(setting("levers.grant_won_per_year=0"), looks=(left_by_the_grant,))}
TWICE = {"twice": Variant(times_the_grant(2))}
FIVE_TIMES = {"five times": Variant(times_the_grant(5))}
MORE_DEMAND = {"more demand": Variant(changed("shocks", "demand", lambda shock: shock + DEMAND_MORE))}
NEEDS_GRANT_TIMES_5 = (without_a_grant, grant_beyond_limit(5), shorter_than(YEAR_8))
NEEDS_YEAR_5 = shorter_than(YEAR_5)

RELATIONS = (
    Relation(
        "T1",
        Kind.EXACT,
        "Everybody who came in is in exactly one place, every month.",
        WATCHED,
        invariant_of("people"),
        invariants=PEOPLE_INVARIANTS,
    ),
    Relation(
        "T2",
        Kind.EXACT,
        "Every won that somebody pays somebody else receives, and accounts agree with the books to the won.",
        WATCHED,
        invariant_of("won"),
        invariants=WON_INVARIANTS,
    ),
    Relation(
        "T3",
        Kind.EXACT,
        "Without a grant nothing is spent from it, built with it or taught on it.",
        NO_GRANT,
        builds_nothing,
    ),
    Relation(
        "T4",
        Kind.EXACT,
        "The grant paid is the scenario's schedule times the number of funded universities, to the won.",
        SCENARIO,
        pays_the_schedule,
        (without_a_grant,),
    ),
    Relation(
        "T5",
        Kind.EXACT,
        "With closed borders nobody leaves or immigrates, and only those return who were abroad at the start.",
        {"closed": Variant(setting("levers.borders_open=0"), looks=(newly_abroad,))},
        keeps_people_in,
    ),
    Relation(
        "T6",
        Kind.EXACT,
        "Without places for retraining nobody retrains, and without visas nobody immigrates.",
        {"neither": Variant(setting("levers.retraining_places_per_year=0", "levers.visas_per_year=0"))},
        is_zero("neither", "began_retraining", "retrained_clinicians_cumulative", "in_retraining", "immigrated"),
    ),
    Relation(
        "T7",
        Kind.EXACT,
        "If nobody in a job looks around, nobody goes from job to job.",
        {"no search": Variant(setting("parameters.labour.job_search_per_month=0"))},
        is_zero("no search", "job_to_job_moves", "moves_with_pay_gain"),
    ),
    Relation(
        "T8",
        Kind.EXACT,
        "Scenario and seed alone decide the result, whatever the order, the process and the number of workers.",
        {
            "scenario": Variant(as_it_is, looks=(digest,)),
            "backwards": Variant(as_it_is, looks=(digest,), elsewhere="backwards", seeds=3),
            "fresh": Variant(as_it_is, looks=(digest,), elsewhere="fresh", seeds=3),
        },
        repeats,
    ),
    Relation(
        "T9",
        Kind.EXACT,
        "Admissions stop at the seats, hiring at the plan, and hospitals move one stage at a time.",
        WATCHED,
        invariant_of("capacity"),
    ),
    Relation(
        "T10",
        Kind.SAME_SEED,
        "Twice the grant never trains fewer people.",
        SCENARIO | TWICE,
        moves_in_every_seed(
            "twice",
            sum_of("graduated", +1, "graduates"),
            last_of("programme_graduates_cumulative", +1, "of the programme"),
            or_equal=True,
        ),
        (without_a_grant, grant_beyond_limit(2)),
    ),
    Relation(
        "T11",
        Kind.AVERAGE,
        "A second grant of the same size adds no more graduates than the first.",
        SCENARIO | NO_GRANT | TWICE,
        returns_do_not_rise,
        (without_a_grant, grant_beyond_limit(2), pays_no_whole_teacher, NEEDS_YEAR_5),
    ),
    Relation(
        "T12a",
        Kind.SAME_SEED,
        "Higher pay abroad draws more people out of the country.",
        SCENARIO | {"more pay abroad": Variant(changed("shocks", "foreign_pay", lambda shock: shock + 0.5))},
        moves_in_every_seed("more pay abroad", sum_of("emigrated", +1, "emigrants")),
        (borders_closed, shock_beyond_limit("foreign_pay", 0.5), shorter_than(12)),
    ),
    Relation(
        "T12b",
        Kind.SAME_SEED,
        "More demand for care means more open posts and more specialists in hospitals.",
        SCENARIO | MORE_DEMAND,
        moves_in_every_seed(
            "more demand",
            mean_of("vacancies_hospitals", +1, "open posts in hospitals", "posts"),
            last_of("employed_hospitals", +1, "specialists in hospitals"),
        ),
        (shock_beyond_limit("demand", DEMAND_MORE), shorter_than(24)),
    ),
    Relation(
        "T12c",
        Kind.AVERAGE,
        "More demand for care means fewer people without a job.",
        SCENARIO | MORE_DEMAND,
        moves_on_average("more demand", mean_of("seeking", -1, "seekers")),
        (shock_beyond_limit("demand", DEMAND_MORE), shorter_than(24)),
    ),
    Relation(
        "T13a",
        Kind.SAME_SEED,
        "Hospitals that do not look at others adopt more slowly.",
        SCENARIO | {"no peers": Variant(setting("parameters.hospitals.peer_on_adoption=0"))},
        adoption_moves("no peers", -1),
        (NEEDS_YEAR_5, switched_off("hospitals.peer_on_adoption")),
    ),
    Relation(
        "T13b",
        Kind.SAME_SEED,
        "Hospitals that draw nothing from their people's skill adopt more slowly.",
        SCENARIO | {"no skill": Variant(setting("parameters.hospitals.absorptive_on_adoption=0"))},
        adoption_moves("no skill", -1),
        (NEEDS_YEAR_5, switched_off("hospitals.absorptive_on_adoption")),
    ),
    Relation(
        "T13c",
        Kind.SAME_SEED,
        "Under the strictest rules hospitals adopt more slowly.",
        SCENARIO | {"strictest": Variant(setting("levers.review_strictness=1"))},
        adoption_moves("strictest", -1),
        (NEEDS_YEAR_5, near_its_limit("review_strictness", 1)),
    ),
    Relation(
        "T14",
        Kind.SAME_SEED,
        "With full access to data hospitals adopt faster.",
        SCENARIO | {"open data": Variant(setting("levers.data_access=1"))},
        adoption_moves("open data", +1),
        (NEEDS_YEAR_5, near_its_limit("data_access", 1)),
    ),
    Relation(
        "T15a",
        Kind.AVERAGE,
        "Five times the grant, where posts do not suffice for its graduates, lowers entry pay.",
        SCENARIO | FIVE_TIMES,
        if_demand_binds(
            "five times", moves_on_average("five times", last_of("entry_pay_won_per_year", -1, "entry pay", "won"))
        ),
        NEEDS_GRANT_TIMES_5,
    ),
    Relation(
        "T15b",
        Kind.AVERAGE,
        "Five times the grant, where posts do not suffice for its graduates, makes more people leave the country.",
        SCENARIO | FIVE_TIMES,
        if_demand_binds("five times", moves_on_average("five times", sum_of("emigrated", +1, "emigrants"))),
        (*NEEDS_GRANT_TIMES_5, borders_closed),
    ),
    Relation(
        "T15c",
        Kind.AVERAGE,
        "Five times the grant, where posts do not suffice for its graduates, leaves more people without a job.",
        SCENARIO | FIVE_TIMES,
        if_demand_binds("five times", moves_on_average("five times", mean_of("seeking", +1, "seekers"))),
        NEEDS_GRANT_TIMES_5,
    ),
    Relation(
        "T16",
        Kind.AVERAGE,
        "A ten-thousandth more of the grant shifts nothing systematically.",
        SCENARIO | {"tiny": Variant(times_the_grant(1.0001))},
        stays_close("tiny", CLOSE),
        (without_a_grant, grant_beyond_limit(1.0001)),
    ),
    Relation(
        "T17a",
        Kind.DISTRIBUTION,
        "The order in which institutions are listed does not matter, but for rounding.",
        SCENARIO | {"reordered": Variant(as_it_is, institutions="reordered")},
        stays_close("reordered", CLOSE),
    ),
    Relation(
        "T17b",
        Kind.DISTRIBUTION,
        "The names of institutions do not matter, but for noise.",
        SCENARIO | {"renamed": Variant(as_it_is, institutions="renamed")},
        names_do_not_matter,
    ),
    Relation(
        "T18",
        Kind.DISTRIBUTION,
        "Twice the people, hospitals, universities, firms and money leave rates as they are.",
        SCENARIO | {"doubled": Variant(twice_everything, institutions="doubled")},
        stays_close("doubled", SCALE_BAND, size=2),
    ),
    Relation(
        "T19a",
        Kind.EXACT,
        "A shock of zero is no shock.",
        {
            "zero shock": Variant(setting("shocks.demand=0")),
            "no shock": Variant(without_demand_shock),
        },
        are_the_same(("zero shock", "no shock")),
    ),
    Relation(
        "T19b",
        Kind.EXACT,
        "A shock leaves the months before it as they were.",
        SCENARIO | {"shocked midway": Variant(shocked_midway)},
        leaves_the_past_alone,
        (shorter_than(2),),
    ),
    Relation(
        "T20",
        Kind.EXACT,
        "Policies and shocks dated after the last month change nothing.",
        SCENARIO | {"changed afterwards": Variant(all_changed_after_the_horizon)},
        are_the_same(("scenario", "changed afterwards")),
    ),
    Relation(
        "T21",
        Kind.DISTRIBUTION,
        "Stylised facts on adoption, vacancies, pay, moves and firms lie inside their bands.",
        {"ten years": Variant(ten_years, looks=(measure,), events=True)},
        facts_lie_in_their_bands,
        (without_facts, shorter_than(MONTHS)),
    ),
    Relation(
        "T22",
        Kind.SAME_SEED,
        "Before a change begins, every person's life is the same with and without it.",
        {
            "scenario": Variant(as_it_is, looks=(lives,), events=True),
            "shocked midway": Variant(shocked_midway, looks=(lives,), events=True),
        },
        pasts_are_the_same,
        (shorter_than(2),),
    ),
)
