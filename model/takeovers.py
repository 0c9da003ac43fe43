"""Larger firms take over start-ups, with their people and products (rule F7)."""

import numpy as np

from injae.agents.firm import FirmClass
from injae.agents.kernels import process, rule
from injae.agents.randomness import Decision, draw, fold_in, stream_key, uniform
from injae.agents.trainee import State
from injae.model.firms import end_business
from injae.model.moves import change_owner


@process
def take_over_firms(world):
    """Start-ups may become part of larger firms of their domain (rule F7)."""
    firms, month = world.firms, world.now.month
    buyer_of = np.full(world.rows.hospitals + world.rows.firms, -1, np.int64)  # room to look up any employer
    for f in range(world.rows.firms):
        if not firms.active[f] or firms.firm_class[f] != FirmClass.STARTUP:
            continue
        if draw(world.seed, Decision.TAKEOVER, firms.key[f], month) < world.parameters.takeover_per_month:
            buyer_of[f] = choose_buyer(world, f)
    if buyer_of.max() < 0:
        return
    people = world.people
    for i in range(world.rows.people):
        if people.state[i] == State.FIRM and buyer_of[people.employer[i]] >= 0:
            change_owner(world, i, buyer_of[people.employer[i]])
    for f in range(world.rows.firms):
        if buyer_of[f] >= 0:
            join(world, f, buyer_of[f])


@rule
def choose_buyer(world, f):
    """A larger firm of the same domain, each with the same probability; -1 if there is none."""
    firms = world.firms
    best, best_priority = -1, 2.0
    bits = fold_in(stream_key(world.seed, Decision.BUYER, world.now.month), firms.key[f])
    for other in range(world.rows.firms):
        larger = firms.firm_class[other] != FirmClass.STARTUP
        if firms.active[other] and larger and firms.domain[other] == firms.domain[f]:
            priority = uniform(bits, firms.key[other])
            if priority < best_priority:
                best, best_priority = other, priority
    return best


@process
def join(world, f, buyer):
    """What a start-up has and earns becomes the buyer's; the better product and the further listing are kept.

    The price passes between owners, who keep no accounts here; cash stays within the firms, so nothing is booked.
    """
    firms = world.firms
    firms.cash_won[buyer] += firms.cash_won[f]
    firms.cash_won[f] = 0
    firms.other_income_won[buyer] += firms.other_income_won[f]
    firms.smooth_income_won[buyer] += firms.smooth_income_won[f]
    firms.desired_staff[buyer] += firms.desired_staff[f]
    firms.quality[buyer] = max(firms.quality[buyer], firms.quality[f])
    if firms.product[f] > firms.product[buyer]:
        firms.product[buyer] = firms.product[f]
        firms.product_months[buyer] = firms.product_months[f]
    if firms.review_months_left[buyer] < 0:
        firms.review_months_left[buyer] = firms.review_months_left[f]
    firms.owner[f] = buyer
    end_business(world, f)
    world.series.firms_taken_over += 1
