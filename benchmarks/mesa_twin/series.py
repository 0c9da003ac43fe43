"""The series of docs/model.md, section 4, as reporters of Mesa's DataCollector."""

import statistics

from injae.agents.hospital import AdoptionStage as Stage
from injae.agents.trainee import State

from .firm import YOUNG_MONTHS
from .outcomes import product_quality

PAY_STEP_WON = 100_000
STOCKS = {
    "seeking": State.SEEKING,
    "employed_hospitals": State.HOSPITAL,
    "employed_firms": State.FIRM,
    "employed_universities": State.UNIVERSITY,
    "in_retraining": State.RETRAINING,
    "other_sectors": State.OTHER_SECTOR,
    "abroad": State.ABROAD,
    "enrolled": State.ENROLLED,
}
FLOWS = (
    *("applicants", "admitted", "dropped_out", "graduated", "practica", "began_retraining", "hires"),
    *("job_to_job_moves", "moves_with_pay_gain", "separations", "emigrated", "returned", "immigrated"),
    *("left_for_other_sectors", "came_back_from_other_sectors"),
    *("firms_entered", "firms_exited", "young_firms_exited", "firms_taken_over", "revenue_won", "exports_won"),
)
TOTALS = (
    *("programme_admitted_cumulative", "programme_graduates_cumulative", "retrained_clinicians_cumulative"),
    *("retained_3_years_cumulative", "retained_5_years_cumulative", "products_approved_cumulative"),
)
OUTCOMES = (
    *("clinician_hours_released", "clinician_hours_in_training", "tasks_displaced_hours", "unmet_demand_share"),
    *("unmet_demand_share_without_ai", "adverse_events_avoided", "net_savings_won"),
    *("privacy_incidents", "bias_incidents"),
)
EMPLOYED = (State.HOSPITAL, State.FIRM, State.UNIVERSITY)


def in_states(*states):
    """Reporter of the people in some states."""
    return lambda model: sum(person.state in states for person in model.people)


def median_pay(*states):
    """Reporter of the median pay in some states, to the step below."""

    def report(model):
        pay = sorted(person.pay // PAY_STEP_WON for person in model.people if person.state in states)
        return pay[(len(pay) - 1) // 2] * PAY_STEP_WON if pay else 0

    return report


def adoption_share(chosen=lambda hospital: True):
    """Reporter of the share of some hospitals that use AI in some domain."""

    def report(model):
        hospitals = [hospital for hospital in model.hospitals if chosen(hospital)]
        return sum(hospital.uses_any() for hospital in hospitals) / len(hospitals) if hospitals else 0.0

    return report


def share_of_hospitals(test):
    """Reporter of the share of all hospitals of which something is true."""
    return lambda model: statistics.fmean(test(hospital) for hospital in model.hospitals)


def vacancies(model):
    """Posts open after the month's hires, in hospitals and firms."""
    return sum(e.vacancies for e in model.hospitals) + sum(e.vacancies for e in model.firms)


def vacancy_rate(model):
    """Vacancies over vacancies and employed."""
    open_posts, employed = vacancies(model), in_states(State.HOSPITAL, State.FIRM)(model)
    return open_posts / max(1, open_posts + employed)


def vacancy_duration(model):
    """Vacancies over the mean hires of the last twelve months."""
    hires = model.hires_by_month[1:][-12:]
    return vacancies(model) / max(statistics.fmean(hires), 1 / 12) if hires else 0.0


def of_programme(test):
    """Reporter of a sum over the programme's universities."""
    return lambda model: sum(test(university) for university in model.universities if university.funded)


def binding(constraint):
    """Reporter of the share of the programme's universities that a constraint holds back."""

    def report(model):
        members = [university for university in model.universities if university.funded]
        return sum(university.binding == constraint for university in members) / max(1, len(members))

    return report


def _reporters():
    found = {name: in_states(state) for name, state in STOCKS.items()}
    found |= {name: lambda model, name=name: model.count[name] for name in FLOWS}
    found |= {name: lambda model, name=name: model.totals[name] for name in TOTALS}
    found |= {name: lambda model, name=name: getattr(model.outcomes, name) for name in OUTCOMES}
    return found | {
        "left": lambda model: model.left,
        "teachers": in_states(State.UNIVERSITY),
        "specialists": in_states(State.SEEKING, *EMPLOYED),
        "programme_practitioners": lambda model: sum(
            person.programme and person.graduated_month is not None and person.state in EMPLOYED
            for person in model.people
        ),
        "seats": lambda model: sum(university.seats for university in model.universities),
        "programme_seats": lambda model: sum(max(0, u.seats - u.own_seats) for u in model.universities),
        "vacancies_hospitals": lambda model: sum(hospital.vacancies for hospital in model.hospitals),
        "vacancies_firms": lambda model: sum(firm.vacancies for firm in model.firms),
        "vacancy_rate": vacancy_rate,
        "vacancy_duration_months": vacancy_duration,
        "median_pay_won_per_year": median_pay(State.HOSPITAL, State.FIRM),
        "median_pay_hospitals_won_per_year": median_pay(State.HOSPITAL),
        "median_pay_firms_won_per_year": median_pay(State.FIRM),
        "entry_pay_won_per_year": lambda model: model.market.entry_pay,
        "adoption_share": adoption_share(),
        "adoption_share_tertiary": adoption_share(lambda hospital: hospital.tier == 0),
        "adoption_share_general": adoption_share(lambda hospital: hospital.tier == 1),
        "adoption_share_hospital": adoption_share(lambda hospital: hospital.tier == 2),
        "adoption_share_capital": adoption_share(lambda hospital: hospital.region == 0),
        "adoption_share_regions": adoption_share(lambda hospital: hospital.region == 1),
        "adoption_share_imaging": share_of_hospitals(lambda hospital: hospital.uses(0)),
        "adoption_share_risk": share_of_hospitals(lambda hospital: hospital.uses(1)),
        "adoption_share_treatment": share_of_hospitals(lambda hospital: hospital.uses(2)),
        "adoption_share_research": share_of_hospitals(lambda hospital: hospital.uses(3)),
        "routine_domains": lambda model: sum(h.stages.count(Stage.ROUTINE) for h in model.hospitals),
        "routine_share": share_of_hospitals(lambda hospital: max(hospital.stages) == Stage.ROUTINE),
        "pilot_share": share_of_hospitals(lambda hospital: max(hospital.stages) == Stage.PILOT),
        "firms": lambda model: len(model.firms),
        "young_firms": lambda model: sum(firm.age_months < YOUNG_MONTHS for firm in model.firms),
        "product_quality": product_quality,
        "demand_pressure": lambda model: model.now.demand_pressure,
        "public_trust": lambda model: model.market.public_trust,
        "grant_won": lambda model: model.ledger.paid["GRANT"],
        "core_funding_won": of_programme(lambda university: university.core_funding),
        "public_won": lambda model: model.ledger.public_won(),
        "public_won_cumulative": lambda model: model.ledger.public_won_cumulative,
        "binding_seats": binding("seats"),
        "binding_teachers": binding("teachers"),
        "binding_courses": binding("courses"),
    }


REPORTERS = _reporters()
