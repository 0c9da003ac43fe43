"""What use of AI does (rules O1 to O6): hours, unmet need, events, savings, incidents and trust."""

from math import exp

from injae.agents.trainee import State

RISK = 1


def all_hours(model):
    """Clinical hours of a month in all hospitals."""
    return model.p.clinician_hours_per_bed_month * sum(hospital.beds for hospital in model.hospitals)


def beds_with_effect(model, domain):
    """O1: sum over hospitals of beds times effect, which needs somebody on the staff who fits AI into the work."""
    p, total = model.p, 0.0
    for hospital in model.hospitals:
        fitted = p.integration_floor + (1 - p.integration_floor) * hospital.absorptive[domain]
        total += hospital.beds * hospital.use(domain) / p.routine_use * fitted
    return total


def count_outcomes(model, people):
    """O1 to O4, O6: hours, unmet need, events avoided and savings."""
    p, now, out, market = model.p, model.now, model.outcomes, model.market
    effects = [beds_with_effect(model, domain.number) for domain in model.domains]
    touched = p.clinician_hours_per_bed_month * p.task_share * sum(effects)
    hours = all_hours(model)
    out.clinician_hours_released = touched * p.time_gain * p.realised_share
    if model.month == 0:
        market.start_released_share = out.clinician_hours_released / hours
    retraining = sum(person.state == State.RETRAINING for person in people)
    out.clinician_hours_in_training = retraining * p.clinician_hours_per_month * p.retraining_hours_share
    out.tasks_displaced_hours = touched * p.displaced_share
    gained = (
        out.clinician_hours_released / hours - market.start_released_share - out.clinician_hours_in_training / hours
    )
    physicians = 1 - p.shortage_ratio * now.projected_shortage
    out.unmet_demand_share = max(0, 1 - physicians * (1 + gained) / (1 + now.demand))
    out.unmet_demand_share_without_ai = max(0, 1 - physicians / (1 + now.demand))
    out.adverse_events_avoided = p.events_per_bed_month * p.event_reduction * p.realised_share * effects[RISK]
    paid = model.ledger.paid
    costs = paid["PRODUCTS"] + paid["IMPORTED_PRODUCTS"] + sum(hospital.payroll // 12 for hospital in model.hospitals)
    saved = out.clinician_hours_released * p.clinician_hour_won + out.adverse_events_avoided * p.event_won
    out.net_savings_won = saved - costs


def product_quality(model):
    """Mean quality of the domains by used beds."""
    beds = sum(domain.used_beds for domain in model.domains)
    return sum(domain.used_beds * domain.quality for domain in model.domains) / beds if beds else 0.0


def watch_over_use(model):
    """O5: use, open data and weak products bring incidents, and incidents cost trust."""
    p, now, out, market = model.p, model.now, model.outcomes, model.market
    used = sum(hospital.uses(domain.number) for hospital in model.hospitals for domain in model.domains)
    seen = 1 - p.oversight_effect * now.oversight_share
    privacy = p.privacy_incidents_per_domain_month * used * 2 * now.data_access * seen + now.privacy_scandal
    bias = p.bias_incidents_per_domain_month * used * (1 - product_quality(model)) * seen
    out.privacy_incidents, out.bias_incidents = model.stochastic_round(privacy), model.stochastic_round(bias)
    incidents = out.privacy_incidents + out.bias_incidents
    recovered = market.public_trust + p.trust_recovery_per_month * (p.trust_at_start - market.public_trust)
    market.public_trust = recovered * exp(-p.trust_loss_per_incident * incidents)
    model.ledger.pay("OVERSIGHT", now.oversight_share * used * p.audit_won / 12)
