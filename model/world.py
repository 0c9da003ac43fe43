"""Everything that exists, as compiled processes see it."""

from enum import IntEnum
from typing import Annotated, Any, NamedTuple

import numpy as np

from injae.agents.columns import Array, Column
from injae.agents.domains import Region
from injae.agents.firm import FirmColumns
from injae.agents.hospital import HospitalColumns
from injae.agents.trainee import PersonColumns
from injae.agents.university import UniversityColumns

REGIONS = len(Region)


class DomainColumns:
    """One row per clinical domain, state of its market."""

    quality: Annotated[Array, Column(np.float64, "share", "mean product quality of active firms, by market weight")]
    usable_share: Annotated[Array, Column(np.float64, "share", "sales weight of firms with a usable product")]
    paid_share: Annotated[Array, Column(np.float64, "share", "the same, weighted by payment for the product")]
    topped_up_share: Annotated[Array, Column(np.float64, "share", "part of fees that the lever alone pays")]
    use_share: Annotated[Array, Column(np.float64, "share", "hospitals that use AI, per region", REGIONS)]
    hub_use_share: Annotated[Array, Column(np.float64, "share", "tertiary hospitals that use AI")]
    used_beds: Annotated[Array, Column(np.float64, "beds", "beds under paid use")]
    sales_weight: Annotated[Array, Column(np.float64, "weight", "sum of the firms' sales weights")]
    start_used_beds: Annotated[Array, Column(np.float64, "beds", "beds under paid use at the start")]


class PartnerColumns:
    """One row per practicum partnership."""

    university: Annotated[Array, Column(np.int32, "row", "university")]
    state: Annotated[Array, Column(np.int8, "State", "hospital or firm")]
    row: Annotated[Array, Column(np.int32, "row", "row of the partner within its kind")]


class Event(IntEnum):
    """What can happen to a person."""

    ADMITTED = 1
    DROPPED_OUT = 2
    PRACTICUM = 3
    GRADUATED = 4
    RETRAINING_BEGUN = 5
    RETRAINING_ENDED = 6
    IMMIGRATED = 7
    HIRED = 8
    CHANGED_JOB = 9
    BECAME_TEACHER = 10
    FOUNDED_FIRM = 11
    SEPARATED = 12
    LAID_OFF = 13
    EMPLOYER_CLOSED = 14
    RETIRED = 15
    EMIGRATED = 16
    RETURNED = 17
    LEFT_FOR_OTHER_SECTOR = 18
    CAME_BACK = 19
    STARTED = 20  # where somebody of the start was at month 0
    PAY_REVIEWED = 21
    POST_MET = 22
    # what did not happen: the draw was not below the probability (noted of the watched person alone)
    NOT_DROPPED_OUT = 23
    NOT_IN_PRACTICUM = 24
    NOT_LAID_OFF = 25
    NOT_EMIGRATED = 26
    NOT_RETURNED = 27
    NOT_LEFT_FOR_OTHER_SECTOR = 28
    NOT_CAME_BACK = 29
    TAKEN_OVER = 30  # the person's firm became part of another


class Outcome(IntEnum):
    """What became of a post that a searching person met (rules L4 to L7)."""

    UNFIT = 1  # the person's skill is below what employers ask: no offer
    OWN_EMPLOYER = 2  # a post where the person works already
    BELOW_RESERVATION = 3  # paid less than a seeker takes
    WORTH_LESS_THAN_JOB = 4  # worth less than the present job
    WORTH_LESS_THAN_ANOTHER = 5  # worth less than another post of that month
    APPLIED = 6  # within the month: not decided yet
    TAKEN = 7
    FILLED_BY_ANOTHER = 8  # the post went to somebody else


class EventColumns:
    """One row per thing that happened to a person, or post a person met; recorded on request."""

    month: Annotated[Array, Column(np.int16, "month", "when")]
    person: Annotated[Array, Column(np.int32, "row", "whom")]
    event: Annotated[Array, Column(np.int8, "Event", "what")]
    state: Annotated[Array, Column(np.int8, "State", "state after it")]
    place: Annotated[Array, Column(np.int32, "row", "employer or university after it, or -1")]
    pay_won_per_year: Annotated[Array, Column(np.int64, "won per year", "pay after it, 0 without a job")]
    probability: Annotated[Array, Column(np.float64, "probability", "that the rule gave; 1 where none decides")]
    variate: Annotated[Array, Column(np.float64, "uniform", "the draw; it happens when it is below the probability")]
    since_month: Annotated[Array, Column(np.int16, "month", "when the state or job after it began")]
    last_pay_won_per_year: Annotated[
        Array, Column(np.int64, "won per year", "pay after it or, without a job, of the last job")
    ]
    career_months: Annotated[Array, Column(np.int16, "months", "practice in the field so far")]
    programme: Annotated[Array, Column(np.bool_, "yes/no", "holds or held a seat that the grant paid for")]
    other_state: Annotated[
        Array, Column(np.int8, "State", "kind of the host of a practicum, sender on a course, or employer met; or 0")
    ]
    other: Annotated[Array, Column(np.int32, "row", "row of that host, sender or employer, or -1", start=-1)]
    offer_won_per_year: Annotated[Array, Column(np.int64, "won per year", "pay that the post met would give, or 0")]
    worth_won_per_year: Annotated[
        Array, Column(np.int64, "won per year", "the same with the person's lasting taste for the employer, or 0")
    ]
    needed_won_per_year: Annotated[
        Array,
        Column(np.int64, "won per year", "least pay a seeker takes, or worth of the present job to the others, or 0"),
    ]
    outcome: Annotated[Array, Column(np.int8, "Outcome", "what became of a post met, or 0")]
    rival: Annotated[Array, Column(np.int32, "row", "who got the post that was applied for in vain, or -1", start=-1)]


class Signal(NamedTuple):
    """Declaration of one market signal."""

    unit: str
    meaning: str


class Market:
    """Signals that everybody sees: last month's state of the market, read by this month's decisions."""

    mean_pay_won: Annotated[float, Signal("won per year", "mean pay in hospitals and firms")]
    mean_pay_firms_won: Annotated[float, Signal("won per year", "mean pay in firms")]
    start_mean_pay_won: Annotated[float, Signal("won per year", "mean pay at the start")]
    reference_pay_won: Annotated[
        float, Signal("won per year", "pay of a mid-career fit in firms at the start's prices")
    ]
    outside_entry_pay_won: Annotated[
        float, Signal("won per year", "entry pay in other sectors, fixed at the start's level")
    ]
    entry_pay_won: Annotated[float, Signal("won per year", "pay of people in their first year of practice, smoothed")]
    expected_pay_won: Annotated[float, Signal("won per year", "entry pay that applicants expect")]
    unemployment_share: Annotated[float, Signal("share", "seeking over seeking and employed, teachers too")]
    abroad_share: Annotated[float, Signal("share", "abroad over abroad, seeking and employed")]
    senior_practitioners: Annotated[float, Signal("persons", "practitioners with a senior's career")]
    wage_match_share: Annotated[float, Signal("share", "part of hospitals' pay for specialists that is matched")]
    computing_won: Annotated[float, Signal("won", "stock of national computing")]
    data_infrastructure_won: Annotated[float, Signal("won", "stock of national data infrastructure")]
    computing_reach: Annotated[float, Signal("ratio", "what computing adds to the speed of research")]
    data_reach: Annotated[float, Signal("share", "part of unready records that infrastructure has readied")]
    public_trust: Annotated[float, Signal("share", "public trust in medical AI")]
    start_released_share: Annotated[float, Signal("share", "clinical hours released at the start")]


class Rows:
    """How many rows of each table are in use; processes that add a row count it here."""

    people: int
    universities: int
    hospitals: int
    firms: int
    domains: int
    partners: int
    events: int


class World(NamedTuple):
    """Everything that exists in one month. Processes change arrays and records in place."""

    seed: int
    parameters: Any
    schedule: Array  # levers and shocks of each month (model.levers)
    history: Array  # one record a month, row 0 for the state before the first (model.record)
    books: Array  # won paid: months x purposes x universities (column 0 for other sectors)
    bindings: Array  # institutions by place and constraint: months x places x constraints
    market: Any
    held: Array  # firms' cash, people, each university's accounts at the end of last month (model.invariants)
    broken: Array  # which invariants this month broke (model.invariants)
    rows: Any
    people: PersonColumns
    universities: UniversityColumns
    hospitals: HospitalColumns
    firms: FirmColumns
    domains: DomainColumns
    partners: PartnerColumns
    events: EventColumns
    events_on: bool
    watched: Any  # key of the person of whom also what did not happen is noted; 0 for nobody
    # of this month alone
    now: Any  # from ``schedule``
    series: Any  # from ``history``
    paid: Array  # from ``books``
    bound: Array  # from ``bindings``


def empty_record(declaration: type, dtype: type = np.float64) -> Any:
    """A record of zeros with one field for each annotation of a declaration (``Market``, ``Rows``)."""
    fields = [(name, dtype) for name in declaration.__annotations__]
    return np.zeros(1, np.dtype(fields)).view(np.recarray)[0]
