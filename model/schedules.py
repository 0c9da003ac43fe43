"""Schedules: what is written for a lever or shock, with dates, as steps of the month from which a value holds."""

import re
from typing import Any

from injae.model.errors import InputError
from injae.model.levers import Lever, Step, check_value

MONTHS_MAX = 1200
DATE = re.compile(r"^([0-9]{4})-(0[1-9]|1[0-2])$")
YEARS = (1900, 2124)  # of dates, to the last month of the longest run


def month_of(date: str, start: str, path: str = "date") -> int:
    """Month index of an ISO month; 1 is the month of ``start``. ``path`` is the setting that the date belongs to.

    Raises:
        InputError: the date is not written as YYYY-MM.
    """
    match = DATE.fullmatch(date) if isinstance(date, str) else None
    if not match:
        raise InputError("date", 'write YYYY-MM, in a file with quotes: "2027-03"', path, date)
    if not YEARS[0] <= int(match[1]) <= YEARS[1]:
        raise InputError("date", f"outside {YEARS[0]}-01 to {YEARS[1]}-12", path, date)
    year, calendar_month = map(int, start.split("-"))
    return (int(match[1]) - year) * 12 + int(match[2]) - calendar_month + 1


def span_of(dates: str) -> dict[str, str]:
    """``2027-01`` or ``2027-01..2029-12`` as the keys of a step."""
    first, to, last = dates.partition("..")
    return {"from": first, "to": last} if to else {"from": first}


def value_at(steps: list[Step], month: int, default: float) -> float:
    """Value of a schedule in a month."""
    value = default
    for step_month, step_value in steps:
        if step_month <= month:
            value = step_value
    return value


def first_of_no_use(steps: list[Step], default: float, months: int) -> int | None:
    """First month after the end in which a schedule brings a value that was not there before; None without one."""
    known = {value_at(steps, 0, default), *(value for month, value in steps if month <= months)}
    return next((month for month, value in steps if month > months and value not in known), None)


def with_span(schedule: list[Step], first: int, last: int, value: float, default: float) -> list[Step]:
    """A schedule with one value from the first to the last month, and after it what it had."""
    after = value_at(schedule, last + 1, default)
    back = [(last + 1, after)] if after != value and last < MONTHS_MAX else []
    later = [step for step in schedule if step[0] > last + 1]
    return [*(step for step in schedule if step[0] < first), (first, value), *back, *later]


def spans_of(path: str, lever: Lever, content: Any, start: str) -> list[tuple[int, int, float]]:
    """First month, last month (MONTHS_MAX: for good) and value of each part of what is written for a lever."""
    if not isinstance(content, list):
        return [(0, MONTHS_MAX, check_value(path, lever, content))]
    spans = []
    for step in content:
        if not isinstance(step, dict) or not {"from", "value"} <= set(step) <= {"from", "to", "value"}:
            raise InputError("form", 'needs steps such as {from = "2027-01", value = 1}', path, step)
        first = month_of(step["from"], start, f"{path}.from")
        last = month_of(step["to"], start, f"{path}.to") if "to" in step else MONTHS_MAX
        end = f"{path}.to", step.get("to")
        if last < first:
            raise InputError("order", "lies before its first month,", *end, allowed=step["from"])
        if last < 1:
            raise InputError("order", "never acts, since it lies before the first month,", *end, allowed=start)
        spans.append((max(first, 0), last, check_value(path, lever, step["value"])))
    if sum(first <= 0 for first, _, _ in spans) > 1:
        raise InputError("overlap", f"only one step may lie before the start, {start}", path)
    for (before, *_), (after, *_), step in zip(spans, spans[1:], content[1:], strict=False):
        if before == after:
            raise InputError("overlap", f"two settings from {step['from']}", path, suggestion="leave out one of them")
        if before > after:
            fault = f"{step['from']} comes after a later month; write steps in order of date"
            raise InputError("overlap", fault, path)
    if not spans:
        raise InputError("form", "needs at least one step", path)
    return spans
