"""Of which outcomes more is better, and of which less; a user may see it differently."""

from collections.abc import Sequence

from model.errors import InputError, nearest

MORE_IS_BETTER = frozenset(
    {
        "programme_graduates_by_target_date",
        "specialists_at_target_date",
        "adoption_share_at_target_date",
        "specialists_at_end",
        "employed_hospitals_at_end",
        "programme_practitioners_at_end",
        "adoption_share_at_end",
        "exports_won_per_year",
        "product_quality_at_end",
        "net_talent_flow_per_year",
        "clinician_hours_released_per_year",
        "shortage_relief_at_end",
        "adverse_events_avoided_per_year",
        "net_savings_won_per_year",
        "public_trust_at_end",
    }
)
LESS_IS_BETTER = frozenset(
    {
        "shortage_rate_at_target_date",
        "regional_gap_at_end",
        "tasks_displaced_hours_per_year",
        "unmet_demand_share_at_end",
        "privacy_incidents_per_year",
        "bias_incidents_per_year",
        "public_won_at_end",
        "grant_won_at_end",
        "cost_per_programme_graduate_won",
        "cost_per_practitioner_retained_won",
        "years_to_half_adoption",
        "job_change_rate_per_year",
        "emigration_rate_per_year",
        "dropout_rate_per_year",
        "firm_exit_rate_per_year",
    }
)
LESS_OF_SERIES = frozenset(
    {
        "dropped_out",
        "seeking",
        "other_sectors",
        "abroad",
        "left",
        "separations",
        "emigrated",
        "left_for_other_sectors",
        "vacancies_hospitals",
        "vacancies_firms",
        "shortage_rate",
        "months_to_fill",
        "firms_exited",
        "unmet_demand_share",
        "unmet_demand_share_without_ai",
        "tasks_displaced_hours",
        "privacy_incidents",
        "bias_incidents",
        "grant_won",
        "public_won",
        "public_won_cumulative",
    }
)


def _more_is_better(outcome: str) -> bool:
    """As declared; series at a date are better when larger unless listed."""
    series, at, _ = outcome.partition("@")
    if at:
        return series not in LESS_OF_SERIES and not series.startswith("binding_")
    return outcome in MORE_IS_BETTER


def senses_of(outcomes: Sequence[str], minimise: Sequence[str], maximise: Sequence[str]) -> dict[str, bool]:
    """Whether more is better, of each outcome: as declared, unless told otherwise.

    Raises:
        InputError: told of an outcome that is not looked at, or both.
    """
    for option, given in (("--minimise", minimise), ("--maximise", maximise)):
        for name in given:
            if name not in outcomes:
                raise InputError(f"{option} {name}: no --outcome of this name; {nearest(name, outcomes)}")
    for name in set(minimise) & set(maximise):
        raise InputError(f"--minimise {name}: also in --maximise; choose one")
    declared = {name: _more_is_better(name) for name in outcomes}
    return {**declared, **dict.fromkeys(minimise, False), **dict.fromkeys(maximise, True)}
