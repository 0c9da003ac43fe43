"""The four clinical domains and the other short lists that every kind of agent shares."""

from enum import IntEnum

DOMAINS = 4


class Domain(IntEnum):
    """Clinical fields of healthcare AI: in curricula, skills, products, posts and adoption."""

    IMAGING = 0
    RISK = 1
    TREATMENT = 2
    RESEARCH = 3


class Region(IntEnum):
    """The capital area against the rest of the country."""

    CAPITAL = 0
    PROVINCES = 1


class Place(IntEnum):
    """Where constraints are counted: the programme's universities, hospitals by domain, firms."""

    UNIVERSITIES = 0
    HOSPITALS_IMAGING = 1
    HOSPITALS_RISK = 2
    HOSPITALS_TREATMENT = 3
    HOSPITALS_RESEARCH = 4
    FIRMS = 5


class Binding(IntEnum):
    """The scarce constraint that holds an institution back."""

    NOTHING = 0
    SEATS = 1  # infrastructure
    TEACHERS = 2
    COURSES = 3
    STAFF = 4
    BUDGET = 5
    REGULATION = 6
    DATA = 7
    DEMAND = 8
    PRODUCT = 9  # firms without one
