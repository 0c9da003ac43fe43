"""What is recorded every month: each series declared once, with unit and meaning.

The history of a run is one record a month. Processes add to the flows of the present month directly
(``world.series.hires += 1``); the last ones fill in the stocks.
"""

from typing import Annotated, Any, Literal, NamedTuple, get_type_hints

import numpy as np

Better = Literal["more", "less", "neither"]


class Series(NamedTuple):
    """Declaration of one monthly series.

    Attributes:
        group: what it is about.
        unit: in full; what happens in a month, and is not there at its end, is ``per month``.
        meaning: in a few words.
        better: what is an improvement; ``neither`` where that depends on whom one asks.
        signed: whether it may lie below zero.
    """

    group: str
    unit: str
    meaning: str
    better: Better = "more"
    signed: bool = False

    @property
    def is_flow(self) -> bool:
        """Whether it is what happened in the month; else it is a stock or level at its end."""
        return self.unit.endswith(" per month")


Flow = int  # per month
Stock = int  # at month end
Level = float


class MonthSeries:
    """All series of one month."""

    applicants: Annotated[Flow, Series("training", "persons per month", "applications to universities")]
    seats: Annotated[Stock, Series("training", "seats", "trainees that universities can serve")]
    enrolled: Annotated[Stock, Series("training", "persons", "trainees at universities")]
    admitted: Annotated[Flow, Series("training", "persons per month", "trainees admitted")]
    dropped_out: Annotated[Flow, Series("training", "persons per month", "trainees who gave up", "less")]
    graduated: Annotated[Flow, Series("training", "persons per month", "graduates of all universities")]
    programme_admitted_cumulative: Annotated[
        Stock, Series("training", "persons", "trainees admitted to seats that the grant paid for")
    ]
    programme_graduates_cumulative: Annotated[
        Stock, Series("training", "persons", "graduates from seats that the grant paid for")
    ]
    practica: Annotated[Flow, Series("training", "persons per month", "trainees placed in a practicum")]
    programme_seats: Annotated[Stock, Series("training", "seats", "seats beyond those that core funds allow")]
    retrained_clinicians_cumulative: Annotated[
        Stock, Series("training", "persons", "clinicians who finished retraining")
    ]
    began_retraining: Annotated[Flow, Series("training", "persons per month", "clinicians who began retraining")]
    teachers: Annotated[Stock, Series("training", "persons", "specialists who teach")]

    seeking: Annotated[Stock, Series("people", "persons", "specialists without a job who look for one", "less")]
    employed_hospitals: Annotated[Stock, Series("people", "persons", "specialists in hospitals")]
    employed_firms: Annotated[Stock, Series("people", "persons", "specialists in firms")]
    employed_universities: Annotated[Stock, Series("people", "persons", "specialists in universities")]
    in_retraining: Annotated[Stock, Series("people", "persons", "clinicians in retraining")]
    other_sectors: Annotated[Stock, Series("people", "persons", "trained in the field, working outside it", "neither")]
    abroad: Annotated[Stock, Series("people", "persons", "specialists abroad", "neither")]
    left: Annotated[Stock, Series("people", "persons", "retired or dropped out", "neither")]
    specialists: Annotated[
        Stock, Series("people", "persons", "active in the country and in the field, seekers included")
    ]
    programme_practitioners: Annotated[
        Stock, Series("people", "persons", "programme graduates at work in the country and in the field")
    ]
    retained_3_years_cumulative: Annotated[
        Stock, Series("people", "persons", "programme graduates so far who were at work in it 3 years after graduation")
    ]
    retained_5_years_cumulative: Annotated[
        Stock, Series("people", "persons", "programme graduates so far who were at work in it 5 years after graduation")
    ]

    hires: Annotated[Flow, Series("moves", "persons per month", "posts filled in hospitals and firms")]
    job_to_job_moves: Annotated[
        Flow, Series("moves", "persons per month", "hires from another job in the field", "neither")
    ]
    moves_with_pay_gain: Annotated[Flow, Series("moves", "persons per month", "of these, with higher pay than before")]
    separations: Annotated[Flow, Series("moves", "persons per month", "jobs ended without another in hand", "less")]
    emigrated: Annotated[Flow, Series("moves", "persons per month", "left the country", "less")]
    returned: Annotated[Flow, Series("moves", "persons per month", "came home")]
    immigrated: Annotated[Flow, Series("moves", "persons per month", "foreign specialists admitted")]
    left_for_other_sectors: Annotated[Flow, Series("moves", "persons per month", "left for another sector", "less")]
    came_back_from_other_sectors: Annotated[Flow, Series("moves", "persons per month", "came back from another sector")]

    vacancies_hospitals: Annotated[
        Stock, Series("market", "posts", "open posts in hospitals after the month's hires", "less")
    ]
    vacancies_firms: Annotated[Stock, Series("market", "posts", "open posts in firms after the month's hires", "less")]
    vacancy_rate: Annotated[Level, Series("market", "share", "vacancies over vacancies and employed", "less")]
    vacancy_duration_months: Annotated[
        Level, Series("market", "months", "vacancies over hires, mean of the last 12 months", "less")
    ]
    median_pay_won_per_year: Annotated[
        Stock, Series("market", "won per year", "median pay in hospitals and firms, to 100,000 won", "neither")
    ]
    median_pay_hospitals_won_per_year: Annotated[
        Stock, Series("market", "won per year", "median pay in hospitals", "neither")
    ]
    median_pay_firms_won_per_year: Annotated[Stock, Series("market", "won per year", "median pay in firms", "neither")]
    entry_pay_won_per_year: Annotated[
        Level, Series("market", "won per year", "pay in the first year of practice, smoothed", "neither")
    ]

    adoption_share: Annotated[
        Level, Series("adoption", "share", "hospitals with AI deployed or routine in some domain")
    ]
    routine_domains: Annotated[Stock, Series("adoption", "domains", "domains in routine use, over all hospitals")]
    routine_share: Annotated[Level, Series("adoption", "share", "hospitals with AI in routine use in some domain")]
    pilot_share: Annotated[Level, Series("adoption", "share", "hospitals with a pilot but nothing deployed")]
    adoption_share_tertiary: Annotated[
        Level, Series("adoption", "share", "tertiary hospitals with AI deployed or routine in some domain")
    ]
    adoption_share_general: Annotated[
        Level, Series("adoption", "share", "general hospitals with AI deployed or routine in some domain")
    ]
    adoption_share_hospital: Annotated[
        Level, Series("adoption", "share", "other hospitals with AI deployed or routine in some domain")
    ]
    adoption_share_imaging: Annotated[
        Level, Series("adoption", "share", "hospitals with AI deployed or routine in imaging")
    ]
    adoption_share_risk: Annotated[
        Level, Series("adoption", "share", "hospitals with AI deployed or routine in risk prediction")
    ]
    adoption_share_treatment: Annotated[
        Level, Series("adoption", "share", "hospitals with AI deployed or routine in individual treatment")
    ]
    adoption_share_research: Annotated[
        Level, Series("adoption", "share", "hospitals with AI deployed or routine in research")
    ]
    adoption_share_capital: Annotated[
        Level, Series("adoption", "share", "hospitals with AI in use in the capital area")
    ]
    adoption_share_regions: Annotated[Level, Series("adoption", "share", "hospitals with AI in use in the provinces")]

    firms: Annotated[Stock, Series("firms", "firms", "healthcare-AI firms in business")]
    firms_entered: Annotated[Flow, Series("firms", "firms per month", "firms founded")]
    firms_exited: Annotated[Flow, Series("firms", "firms per month", "firms closed", "less")]
    young_firms: Annotated[Stock, Series("firms", "firms", "firms in business for less than seven years")]
    young_firms_exited: Annotated[
        Flow, Series("firms", "firms per month", "of the firms closed, those so young", "less")
    ]
    firms_taken_over: Annotated[
        Flow, Series("firms", "firms per month", "start-ups taken over by larger firms", "neither")
    ]
    products_approved_cumulative: Annotated[
        Stock, Series("firms", "products", "product versions approved since the beginning")
    ]
    product_quality: Annotated[
        Level, Series("firms", "share", "mean product quality against the frontier, by used beds")
    ]
    revenue_won: Annotated[Flow, Series("firms", "won per month", "sales of firms to hospitals and abroad")]
    exports_won: Annotated[Flow, Series("firms", "won per month", "sales of firms abroad")]

    demand_pressure: Annotated[
        Level, Series("outcomes", "ratio", "demand for hospital care relative to the start", "neither")
    ]
    clinician_hours_released: Annotated[
        Level, Series("outcomes", "hours per month", "clinical hours that AI frees in practice")
    ]
    clinician_hours_in_training: Annotated[
        Level, Series("outcomes", "hours per month", "clinical hours missed by clinicians who are retrained", "less")
    ]
    tasks_displaced_hours: Annotated[
        Level, Series("outcomes", "hours per month", "hours of tasks that people no longer do", "less")
    ]
    unmet_demand_share: Annotated[Level, Series("outcomes", "share", "need for care that is not met", "less")]
    unmet_demand_share_without_ai: Annotated[
        Level,
        Series(
            "outcomes", "share", "the same if AI freed no more hours than at the start and nobody was retrained", "less"
        ),
    ]
    adverse_events_avoided: Annotated[
        Level, Series("outcomes", "events per month", "adverse events that early warning avoids")
    ]
    net_savings_won: Annotated[
        Flow,
        Series(
            "outcomes", "won per month", "hours and events saved, less product fees and specialists' pay", signed=True
        ),
    ]
    privacy_incidents: Annotated[
        Flow, Series("outcomes", "incidents per month", "privacy incidents that become known", "less")
    ]
    bias_incidents: Annotated[
        Flow, Series("outcomes", "incidents per month", "bias incidents that become known", "less")
    ]
    public_trust: Annotated[Level, Series("outcomes", "share", "public trust in medical AI")]

    grant_won: Annotated[Flow, Series("money", "won per month", "programme grant paid", "less")]
    core_funding_won: Annotated[
        Flow,
        Series(
            "money", "won per month", "pay of the programme's teachers that core funds, not the grant, bear", "less"
        ),
    ]
    public_won: Annotated[Flow, Series("money", "won per month", "public money paid, for all purposes", "less")]
    public_won_cumulative: Annotated[Stock, Series("money", "won", "public money paid so far", "less")]

    binding_seats: Annotated[
        Level, Series("what binds", "share", "programme universities held back by infrastructure seats", "less")
    ]
    binding_teachers: Annotated[
        Level, Series("what binds", "share", "programme universities held back by teachers", "less")
    ]
    binding_courses: Annotated[
        Level, Series("what binds", "share", "programme universities held back by courses", "less")
    ]
    binding_staff: Annotated[
        Level, Series("what binds", "share", "hospitals held back by people they cannot find", "less")
    ]
    binding_budget: Annotated[Level, Series("what binds", "share", "hospitals held back by money", "less")]
    binding_regulation: Annotated[
        Level, Series("what binds", "share", "hospitals held back by rules and missing payment", "less")
    ]
    binding_data: Annotated[Level, Series("what binds", "share", "hospitals held back by data", "less")]
    binding_demand: Annotated[Level, Series("what binds", "share", "hospitals held back by little need for AI", "less")]


SERIES: dict[str, Series] = {
    name: hint.__metadata__[0] for name, hint in get_type_hints(MonthSeries, include_extras=True).items()
}
DTYPE = np.dtype(
    [(name, np.float64 if hint is float else np.int64) for name, hint in get_type_hints(MonthSeries).items()]
)


def empty_history(months: int) -> Any:
    """History of a run of ``months`` months: a record array, row 0 for the state before the first month."""
    return np.zeros(months + 1, DTYPE).view(np.recarray)
