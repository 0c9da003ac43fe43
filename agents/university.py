"""Universities: what they own, owe and are known for."""

from typing import Annotated

import numpy as np

from injae.agents.columns import Array, Column, RowAgent
from injae.agents.domains import DOMAINS

LAG_ROOM = 24  # longest delivery time, in months, that the order books can hold


class UniversityColumns:
    """One row per university; stocks are at month end."""

    key: Annotated[Array, Column(np.uint64, "key", "identity for random draws, from the name")]
    funded: Annotated[Array, Column(np.bool_, "yes/no", "in the grant programme")]
    programme_rank: Annotated[Array, Column(np.int32, "rank", "place in the order in which the programme takes them")]
    joint_months_left: Annotated[Array, Column(np.int16, "months", "months to go of its last joint project")]
    focus: Annotated[Array, Column(np.float64, "ratio", "teaching time per domain relative to equal shares", DOMAINS)]
    reputation: Annotated[Array, Column(np.float64, "index", "reputation among applicants, 1 = average", start=1)]
    core_courses: Annotated[Array, Column(np.float64, "courses", "courses paid from core funds")]
    core_teachers: Annotated[Array, Column(np.int32, "persons", "teaching posts paid from core funds")]
    core_seats: Annotated[Array, Column(np.float64, "seats", "infrastructure seats paid from core funds")]
    granted_courses: Annotated[Array, Column(np.float64, "courses", "courses built with the grant")]
    granted_seats: Annotated[Array, Column(np.float64, "seats", "infrastructure seats built with the grant")]
    courses_due: Annotated[Array, Column(np.float64, "courses", "ordered courses by month of delivery", LAG_ROOM)]
    seats_due: Annotated[Array, Column(np.float64, "seats", "ordered seats by month of delivery", LAG_ROOM)]
    courses_won: Annotated[Array, Column(np.int64, "won", "grant money left for courses", audited=True)]
    teachers_won: Annotated[Array, Column(np.int64, "won", "grant money left for teachers", audited=True)]
    infrastructure_won: Annotated[Array, Column(np.int64, "won", "grant money left for infrastructure", audited=True)]
    core_won: Annotated[Array, Column(np.int64, "won", "core money left; ends every month at zero", audited=True)]
    teacher_posts: Annotated[Array, Column(np.int32, "posts", "teaching posts that can be paid")]
    teachers: Annotated[Array, Column(np.int32, "persons", "teachers employed", audited=True)]
    seats: Annotated[Array, Column(np.int32, "seats", "trainees the scarcest stock allows")]
    own_seats: Annotated[Array, Column(np.int32, "seats", "seats that core funds would allow, all core posts filled")]
    enrolled: Annotated[Array, Column(np.int32, "persons", "trainees enrolled", audited=True)]
    cohorts: Annotated[Array, Column(np.int32, "cohorts", "intakes taught so far")]
    teaching_quality: Annotated[Array, Column(np.float64, "share", "how much of a full month's learning is achieved")]
    placement: Annotated[Array, Column(np.float64, "share", "recent graduates who work in the field")]
    binding: Annotated[Array, Column(np.int8, "Binding", "scarcest of seats, teachers and courses")]


class University(RowAgent):
    """A university as a Mesa agent: a window on its row of ``UniversityColumns``."""

    kind = UniversityColumns
    table_name = "universities"

    @property
    def name(self) -> str:
        """Name as in the country's data."""
        return self.model.names.universities[self.row]
