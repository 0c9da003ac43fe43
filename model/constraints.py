"""What holds each institution back (docs/model.md, What binds)."""

from injae.agents.domains import DOMAINS, Binding, Place
from injae.agents.firm import Product
from injae.agents.hospital import AdoptionStage
from injae.agents.kernels import process, rule
from injae.model.adoption import friction, may_advance, usable_data


@process
def find_what_binds(world):
    """What holds each hospital and firm back is named (see What binds)."""
    hospitals, firms, universities, bound = world.hospitals, world.firms, world.universities, world.bound
    for u in range(world.rows.universities):
        if universities.funded[u]:
            bound[Place.UNIVERSITIES, universities.binding[u]] += 1
    for f in range(world.rows.firms):
        if firms.active[f]:
            firms.binding[f] = scarcest_of_firm(world, f)
            bound[Place.FIRMS, firms.binding[f]] += 1
    for h in range(world.rows.hospitals):
        furthest = -1
        hospitals.main_binding[h] = Binding.NOTHING
        for d in range(DOMAINS):
            hospitals.binding[h, d] = scarcest(world, h, d)
            bound[Place.HOSPITALS_IMAGING + d, hospitals.binding[h, d]] += 1
            present = hospitals.stage[h, d]
            if present < AdoptionStage.ROUTINE and present > furthest:
                furthest = present
                hospitals.main_binding[h] = hospitals.binding[h, d]


@rule
def scarcest_of_firm(world, f):
    """What a firm lacks first: leave to sell, money, people, or else customers."""
    firms = world.firms
    if firms.product[f] == Product.NONE and not firms.in_sandbox[f]:
        return Binding.REGULATION if firms.review_months_left[f] >= 0 else Binding.PRODUCT
    if firms.cash_won[f] < 0:
        return Binding.BUDGET
    return Binding.STAFF if firms.vacancies[f] > 0 else Binding.DEMAND


@rule
def scarcest(world, h, d):
    """The constraint that stops a hospital in a domain, or else the one whose relief would help most."""
    hospitals, domains, now, p = world.hospitals, world.domains, world.now, world.parameters
    present = hospitals.stage[h, d]
    if present == AdoptionStage.ROUTINE:
        return Binding.NOTHING
    if present == AdoptionStage.UNAWARE:
        return Binding.DEMAND
    lacks_people = Binding.STAFF if hospitals.vacancies[h] > 0 else Binding.BUDGET
    if not may_advance(world, h, d):
        no_product = present + 1 >= AdoptionStage.DEPLOYED and domains.usable_share[d] <= 0.0
        return Binding.REGULATION if no_product else lacks_people

    binding, widest = lacks_people, 0.0
    if hospitals.needed_staff[h] >= 1.0:  # otherwise too small a need for a post: people are not what is missing
        widest = p.absorptive_on_adoption * (1.0 - hospitals.absorptive[h, d])
    money = -p.budget_on_adoption * hospitals.log_budget[h]
    rules = p.friction_on_adoption * friction(now.review_strictness, domains.paid_share[d], p)
    data = usable_data(now.data_access, hospitals.data_readiness[h], world.market.data_reach)
    if money > widest:
        binding, widest = Binding.BUDGET, money
    if rules > widest:
        binding, widest = Binding.REGULATION, rules
    if p.data_on_adoption * (1.0 - data) > widest:
        binding = Binding.DATA
    return binding
