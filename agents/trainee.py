"""People of the field, from first enrolment to last move: trainees, practitioners, teachers, founders, leavers."""

from enum import IntEnum
from typing import Annotated

import numpy as np

from injae.agents.columns import Array, Column, RowAgent
from injae.agents.domains import DOMAINS


class State(IntEnum):
    """Where a person is; everybody is in exactly one state."""

    ENROLLED = 1
    RETRAINING = 2
    SEEKING = 3
    HOSPITAL = 4
    FIRM = 5
    UNIVERSITY = 6  # teaches
    OTHER_SECTOR = 7
    ABROAD = 8
    LEFT = 9  # retired or dropped out


class Source(IntEnum):
    """How a person came into the model; with date, place and seat it is the person's identity."""

    START = 0
    ADMISSION = 1
    RETRAINING = 2
    IMMIGRATION = 3


class Level(IntEnum):
    """What a person was trained as; no rule reads it after admission."""

    UNDERGRADUATE = 0
    GRADUATE = 1
    CLINICIAN = 2


class PersonColumns:
    """One row per person who ever entered the model; months count from the start, month 0 being before it."""

    key: Annotated[Array, Column(np.uint64, "key", "identity for random draws: source, month, place, seat")]
    source: Annotated[Array, Column(np.int8, "Source", "how the person came in")]
    source_month: Annotated[Array, Column(np.int16, "month", "when the person came in")]
    source_place: Annotated[Array, Column(np.int32, "row", "university or hospital the person came in through")]
    source_seat: Annotated[Array, Column(np.int32, "number", "seat within source, month and place")]
    state: Annotated[Array, Column(np.int8, "State", "where the person is", audited=True)]
    since_month: Annotated[Array, Column(np.int16, "month", "when the present state or job began")]
    employer: Annotated[Array, Column(np.int32, "row", "employer within its kind, or -1", start=-1, audited=True)]
    university: Annotated[Array, Column(np.int32, "row", "university of training, or -1", start=-1, audited=True)]
    birth_month: Annotated[Array, Column(np.int16, "month", "month of birth, negative: before the start")]
    ability: Annotated[Array, Column(np.float64, "sd", "learning ability, population mean 0, sd 1")]
    skill: Annotated[Array, Column(np.float64, "share", "skill per domain, 0 none to 1 all there is", DOMAINS)]
    level: Annotated[
        Array, Column(np.int8, "Level", "undergraduate track, graduate school, clinician; no rule reads it")
    ]
    programme: Annotated[Array, Column(np.bool_, "yes/no", "holds or held a seat that the grant paid for")]
    course_months: Annotated[Array, Column(np.int16, "months", "length of the course")]
    practicum_state: Annotated[Array, Column(np.int8, "State", "kind of practicum host, or 0")]
    practicum_host: Annotated[Array, Column(np.int32, "row", "practicum host, or -1", start=-1)]
    graduated_month: Annotated[Array, Column(np.int16, "month", "when the course ended, or -1", start=-1)]
    career_months: Annotated[Array, Column(np.int16, "months", "practice in the field so far")]
    pay_won_per_year: Annotated[Array, Column(np.int64, "won per year", "pay now, or in the last job")]


class Trainee(RowAgent):
    """Anybody of the field as a Mesa agent, from the first day of a course on: trainee, specialist, teacher, founder.

    A window on a row of ``PersonColumns``, handed out by ``model.trainee(key)``.
    """

    kind = PersonColumns
    table_name = "people"

    @property
    def age_years(self) -> float:
        """Age now, in years."""
        return (self.model.month - int(self.birth_month)) / 12
