"""What use of AI does for care and for trust in it: hours, unmet need, adverse events, money, incidents."""

import numpy as np

from injae.agents.amounts import exp_of, whole_won
from injae.agents.domains import DOMAINS, Domain
from injae.agents.hospital import AdoptionStage
from injae.agents.kernels import process, rule
from injae.agents.randomness import Decision, draw, stochastic_round
from injae.model.government import hospital_pay, pay_public
from injae.model.ledger import Purpose
from injae.model.products import paid_use


@rule
def effect_in_use(stage_reached, absorptive, p):
    """Effect of one domain in a hospital relative to routine use with skilled staff (rule O1)."""
    return paid_use(stage_reached, p) / p.routine_use * (p.integration_floor + (1.0 - p.integration_floor) * absorptive)


@rule
def unmet_share(projected, released_share, shock, p):
    """Part of the need for care that is not met: the published projection, hours that AI frees, a shock (rule O2)."""
    supply = (1.0 - p.shortage_ratio * projected) * (1.0 + released_share)
    return max(0.0, 1.0 - supply / (1.0 + shock))


@rule
def next_trust(trust, incidents, p):
    """Public trust one month on: each incident costs a share of it, and it comes back slowly (rule O5)."""
    return (trust + p.trust_recovery_per_month * (p.trust_at_start - trust)) * exp_of(
        -p.trust_loss_per_incident * incidents
    )


@process
def count_outcomes(world):
    """Hours released and displaced, unmet need, events avoided and savings are counted (rules O1 to O4, O6)."""
    hospitals, series, now, p = world.hospitals, world.series, world.now, world.parameters
    beds, touched, warned = 0.0, 0.0, 0.0
    for h in range(world.rows.hospitals):
        beds += hospitals.beds[h]
        for d in range(DOMAINS):
            reached = hospitals.stage[h, d]
            if reached >= AdoptionStage.PILOT:
                effect = hospitals.beds[h] * effect_in_use(reached, hospitals.absorptive[h, d], p)
                touched += effect
                if d == Domain.RISK:
                    warned += effect
    hours = p.clinician_hours_per_bed_month * p.task_share * touched
    released = hours * p.time_gain * p.realised_share
    released_share = released / max(p.clinician_hours_per_bed_month * beds, 1.0)
    if now.month == 0:
        world.market.start_released_share = released_share
    avoided = p.events_per_bed_month * p.event_reduction * p.realised_share * warned
    in_training = series.in_retraining * p.clinician_hours_per_month * p.retraining_hours_share
    missed_share = in_training / max(p.clinician_hours_per_bed_month * beds, 1.0)
    relief = released_share - world.market.start_released_share - missed_share
    fees = np.int64(0)
    for row in range(world.paid.shape[1]):
        fees += world.paid[Purpose.PRODUCTS, row] + world.paid[Purpose.IMPORTED_PRODUCTS, row]
    series.clinician_hours_released = released
    series.tasks_displaced_hours = hours * p.displaced_share
    series.clinician_hours_in_training = in_training
    series.unmet_demand_share = unmet_share(now.projected_shortage, relief, now.demand, p)
    series.unmet_demand_share_without_ai = unmet_share(now.projected_shortage, 0.0, now.demand, p)
    series.adverse_events_avoided = avoided
    benefits = whole_won(released * p.clinician_hour_won + avoided * p.event_won)
    series.net_savings_won = benefits - fees - hospital_pay(world)


@process
def watch_over_use(world):
    """Incidents become known, audits prevent some, and public trust follows (rule O5)."""
    hospitals, series, market, now, p = world.hospitals, world.series, world.market, world.now, world.parameters
    in_use = 0
    for h in range(world.rows.hospitals):
        for d in range(DOMAINS):
            in_use += hospitals.stage[h, d] >= AdoptionStage.DEPLOYED
    pay_public(world, Purpose.OVERSIGHT, 0, whole_won(now.oversight_share * in_use * p.audit_won / 12.0))
    unseen = 1.0 - p.oversight_effect * now.oversight_share
    privacy = p.privacy_incidents_per_domain_month * in_use * 2.0 * now.data_access * unseen
    bias = p.bias_incidents_per_domain_month * in_use * (1.0 - series.product_quality) * unseen
    series.privacy_incidents = incidents(world, privacy + now.privacy_scandal, Decision.PRIVACY)
    series.bias_incidents = incidents(world, bias, Decision.BIAS)
    market.public_trust = next_trust(market.public_trust, series.privacy_incidents + series.bias_incidents, p)
    series.public_trust = market.public_trust


@rule
def incidents(world, expected, decision):
    """Number of incidents that become known this month."""
    return stochastic_round(expected, draw(world.seed, decision, np.uint64(0), world.now.month))
