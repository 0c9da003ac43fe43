"""Jobs go on and end: experience, pay reviews, separations, layoffs, retirement (rules E8, L5, L8)."""

import numpy as np

from injae.agents.amounts import MOST_PAY, exp_of, whole_won
from injae.agents.domains import DOMAINS
from injae.agents.kernels import process, rule
from injae.agents.randomness import Decision, draw, stream_key, uniform
from injae.agents.trainee import State
from injae.model.moves import is_employed, leave_job, note, note_if_watched, retire
from injae.model.pay import fit_with, log_pay_with
from injae.model.world import Event


@process
def age_and_learn(world):
    """People in jobs gain experience and skill; pay is reviewed on each anniversary of the job (rules E8, L5)."""
    people, p, month = world.people, world.parameters, world.now.month
    for i in range(world.rows.people):
        state = people.state[i]
        if not is_employed(state):
            continue
        people.career_months[i] += 1
        for d in range(DOMAINS):
            people.skill[i, d] += p.work_learning_per_month * (1.0 - people.skill[i, d])
        tenure = month - people.since_month[i]
        if tenure > 0 and tenure % 12 == 0 and state != State.UNIVERSITY:
            fit = fit_with(world, i, state, people.employer[i])
            worth = min(exp_of(log_pay_with(world, i, state, people.employer[i], fit)), MOST_PAY)
            people.pay_won_per_year[i] += whole_won(p.pay_review_share * max(0.0, worth - people.pay_won_per_year[i]))
            note(world, i, Event.PAY_REVIEWED, 1.0, 0.0)


@rule
def separation_probability(tenure_months, p):
    """Probability per month that a job ends by itself; higher in the first year (rule L8)."""
    return p.separation_per_month * (p.first_year_separation_ratio if tenure_months < 12 else 1.0)


@rule
def layoff_probability(excess_share, match, p):
    """Probability per month of being laid off by an overstaffed employer; poor fits go first (rule L8)."""
    return min(1.0, p.layoff_speed_per_month * excess_share * 2.0 * (1.0 - match))


@rule
def retirement_probability(age_years, p):
    """Probability per month of retiring (rule L8)."""
    return p.retirement_per_month if age_years >= p.retirement_age_years else 0.0


@process
def end_jobs(world):
    """People retire, wherever they are; jobs end; overstaffed employers lay off (rule L8)."""
    people, p, month, seed = world.people, world.parameters, world.now.month, world.seed
    excess = excess_shares(world)
    highest = max(separation_probability(0, p), separation_probability(month + 12, p))
    retiring, ending = stream_key(seed, Decision.RETIREMENT, month), stream_key(seed, Decision.SEPARATION, month)
    for i in range(world.rows.people):
        state, key = people.state[i], people.key[i]
        probability = retirement_probability((month - people.birth_month[i]) / 12.0, p)
        if probability > 0.0 and state != State.LEFT and state != State.ENROLLED:
            variate = uniform(retiring, key)
            if variate < probability:
                retire(world, i, probability, variate)
                continue
        variate = uniform(ending, key)
        if variate < highest and is_employed(state):
            probability = separation_probability(month - people.since_month[i], p)
            if variate < probability:
                leave_job(world, i, Event.SEPARATED, probability, variate)
                continue
        share = excess[state, people.employer[i] + 1]
        if share > 0.0:
            fit = fit_with(world, i, state, people.employer[i]) if state != State.UNIVERSITY else 0.5
            probability = layoff_probability(share, fit, p)
            variate = draw(seed, Decision.LAYOFF, key, month)
            if variate < probability:
                leave_job(world, i, Event.LAID_OFF, probability, variate)
            else:
                note_if_watched(world, i, Event.NOT_LAID_OFF, probability, variate)


@rule
def excess_shares(world):
    """Part of each employer's staff that is more than planned: shape (states, 1 + employers), 0 for no employer."""
    hospitals, firms, universities = world.hospitals, world.firms, world.universities
    width = max(world.rows.hospitals, world.rows.firms, world.rows.universities)
    excess = np.zeros((State.LEFT + 1, 1 + width))
    for h in range(world.rows.hospitals):
        excess[State.HOSPITAL, 1 + h] = max(0, hospitals.staff[h] - hospitals.desired_staff[h]) / max(
            1, hospitals.staff[h]
        )
    for f in range(world.rows.firms):
        excess[State.FIRM, 1 + f] = max(0, firms.staff[f] - firms.desired_staff[f]) / max(1, firms.staff[f])
    for u in range(world.rows.universities):
        more = max(0, universities.teachers[u] - universities.teacher_posts[u])
        excess[State.UNIVERSITY, 1 + u] = more / max(1, universities.teachers[u])
    return excess
