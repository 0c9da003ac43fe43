"""Moves: the only writers of where people are. Each keeps staff counts, flows and the event log in step."""

from injae.agents.amounts import whole_pay
from injae.agents.kernels import process, rule
from injae.agents.randomness import Decision, fold_in, stream_key
from injae.agents.trainee import State
from injae.model.world import Event


@rule
def is_employed(state):
    """Whether a state is a job in the field."""
    return state == State.HOSPITAL or state == State.FIRM or state == State.UNIVERSITY


@rule
def is_in_practice(state):
    """Whether a state is work in a hospital or a firm."""
    return state == State.HOSPITAL or state == State.FIRM


@process
def note(world, person, event, probability, variate, other_state=0, other=-1):
    """Write into the event log what just happened to a person, and the probability and the draw that decided it.

    ``other`` is the row of another institution that had a part in it. A row for which the log has no room is counted
    and not written: ``Ecosystem`` then refuses the month.
    """
    if not world.events_on:
        return
    log, people = world.events, world.people
    row = world.rows.events
    world.rows.events = row + 1
    if row >= log.month.size:
        return
    log.month[row] = world.now.month
    log.person[row] = person
    log.event[row] = event
    state = people.state[person]
    log.state[row] = state
    at_university = state == State.ENROLLED
    log.place[row] = people.university[person] if at_university else people.employer[person]
    log.pay_won_per_year[row] = people.pay_won_per_year[person] if is_employed(state) else 0
    log.probability[row] = probability
    log.variate[row] = variate
    log.since_month[row] = people.since_month[person]
    log.last_pay_won_per_year[row] = people.pay_won_per_year[person]
    log.career_months[row] = people.career_months[person]
    log.programme[row] = people.programme[person]
    log.other_state[row] = other_state
    log.other[row] = other


@process
def note_if_watched(world, person, event, probability, variate):
    """Write into the event log what might have happened to the watched person and did not."""
    if world.people.key[person] == world.watched:
        note(world, person, event, probability, variate)


@process
def _count_staff(world, state, employer, change):
    if state == State.HOSPITAL:
        world.hospitals.staff[employer] += change
    elif state == State.FIRM:
        world.firms.staff[employer] += change
    elif state == State.UNIVERSITY:
        world.universities.teachers[employer] += change


@process
def move(world, person, state, employer):
    """Put a person into a state, with an employer or -1; everything that changes a state goes through here."""
    people = world.people
    before = people.state[person]
    _count_staff(world, before, people.employer[person], -1)
    if before == State.ENROLLED:
        world.universities.enrolled[people.university[person]] -= 1
    people.state[person] = state
    people.employer[person] = employer
    people.since_month[person] = world.now.month
    _count_staff(world, state, employer, 1)


@rule
def person_key(source, place_key, month, seat):
    """Identity of a person, from where, when and on which seat the person came in."""
    return fold_in(stream_key(source, Decision.PERSON_KEY, month), place_key, seat)


@process
def arrive(world, key, source, place, seat, state):
    """Add a person and return the row; the caller sets age, ability and skill.

    ``place`` is the row of the institution that they come in through, or -1: of the university for trainees, of the
    employer for those who come in at work.
    """
    people = world.people
    university = place if state == State.ENROLLED else -1
    employer = place if is_employed(state) else -1
    row = world.rows.people
    world.rows.people = row + 1
    people.key[row] = key
    people.source[row] = source
    people.source_month[row] = world.now.month
    people.source_place[row] = place
    people.source_seat[row] = seat
    people.state[row] = state
    people.since_month[row] = world.now.month
    people.university[row] = university
    people.employer[row] = employer
    _count_staff(world, state, employer, 1)
    if state == State.ENROLLED:
        world.universities.enrolled[university] += 1
    return row


@process
def hire(world, person, state, employer, pay_won_per_year, probability, variate):
    """Fill a vacancy of a hospital or firm, from search or straight from another job."""
    people, series = world.people, world.series
    in_a_job = is_employed(people.state[person])
    if in_a_job:
        series.job_to_job_moves += 1
        if pay_won_per_year > people.pay_won_per_year[person]:
            series.moves_with_pay_gain += 1
    move(world, person, state, employer)
    people.pay_won_per_year[person] = pay_won_per_year
    if state == State.HOSPITAL:
        world.hospitals.vacancies[employer] -= 1
        world.hospitals.months_unfilled[employer] = 0
    else:
        world.firms.vacancies[employer] -= 1
        world.firms.months_unfilled[employer] = 0
    series.hires += 1
    note(world, person, Event.CHANGED_JOB if in_a_job else Event.HIRED, probability, variate)


@process
def leave_job(world, person, event, probability, variate):
    """End a job without another in hand; the person looks for a new one."""
    move(world, person, State.SEEKING, -1)
    world.series.separations += 1
    note(world, person, event, probability, variate)


@process
def start_teaching(world, person, university, pay_won_per_year, probability, variate):
    """A practitioner becomes a teacher."""
    move(world, person, State.UNIVERSITY, university)
    world.people.pay_won_per_year[person] = pay_won_per_year
    note(world, person, Event.BECAME_TEACHER, probability, variate)


@process
def found_firm(world, person, firm, pay_won_per_year, probability, variate):
    """A practitioner leaves to found a firm and works in it."""
    move(world, person, State.FIRM, firm)
    world.people.pay_won_per_year[person] = pay_won_per_year
    note(world, person, Event.FOUNDED_FIRM, probability, variate)


@process
def change_owner(world, person, firm):
    """The firm that a person works in becomes part of another; job, pay and tenure go on."""
    since = world.people.since_month[person]
    move(world, person, State.FIRM, firm)
    world.people.since_month[person] = since
    note(world, person, Event.TAKEN_OVER, 1.0, 0.0)


@process
def graduate(world, person):
    """End a university course; the person looks for work."""
    people, series = world.people, world.series
    move(world, person, State.SEEKING, -1)
    people.graduated_month[person] = world.now.month
    people.pay_won_per_year[person] = whole_pay(world.market.entry_pay_won)
    series.graduated += 1
    if people.programme[person]:
        series.programme_graduates_cumulative += 1
    note(world, person, Event.GRADUATED, 1.0, 0.0)


@process
def drop_out(world, person, probability, variate):
    """Give up a course and leave the field."""
    move(world, person, State.LEFT, -1)
    world.series.dropped_out += 1
    note(world, person, Event.DROPPED_OUT, probability, variate)


@process
def retire(world, person, probability, variate):
    """Leave working life."""
    move(world, person, State.LEFT, -1)
    note(world, person, Event.RETIRED, probability, variate)


@process
def emigrate(world, person, probability, variate):
    """Leave the country."""
    move(world, person, State.ABROAD, -1)
    world.series.emigrated += 1
    note(world, person, Event.EMIGRATED, probability, variate)


@process
def come_home(world, person, probability, variate):
    """Come back from abroad and look for work."""
    move(world, person, State.SEEKING, -1)
    world.series.returned += 1
    note(world, person, Event.RETURNED, probability, variate)


@process
def switch_sector(world, person, probability, variate):
    """Leave the field for another sector."""
    move(world, person, State.OTHER_SECTOR, -1)
    world.series.left_for_other_sectors += 1
    note(world, person, Event.LEFT_FOR_OTHER_SECTOR, probability, variate)


@process
def come_back(world, person, probability, variate):
    """Come back from another sector and look for work in the field."""
    move(world, person, State.SEEKING, -1)
    world.series.came_back_from_other_sectors += 1
    note(world, person, Event.CAME_BACK, probability, variate)


@process
def finish_retraining(world, person):
    """End a clinician's course; without a post in the field the clinician is back in clinical work."""
    move(world, person, State.OTHER_SECTOR, -1)
    world.people.graduated_month[person] = world.now.month
    world.series.retrained_clinicians_cumulative += 1
    note(world, person, Event.RETRAINING_ENDED, 1.0, 0.0)
