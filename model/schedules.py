"""Schedules: what is written for a lever or shock, with dates, as steps of the month from which a value holds."""

import re
from typing import Any

from model.errors import InputError, shown
from model.levers import Lever, Step, check_value

MONTHS_MAX = 1200
DATE = re.compile(r"^([0-9]{4})-(0[1-9]|1[0-2])$")
YEARS = (1900, 2124)  # of dates, to the last month of the longest run


def month_of(date: str, start: str) -> int:
    """Month index of an ISO month; 1 is the month of ``start``.

    Raises:
        InputError: the date is not written as YYYY-MM.
    """
    match = DATE.fullmatch(date) if isinstance(date, str) else None
    if not match:
        raise InputError(f'date {shown(date)}: write YYYY-MM, in a file with quotes: "2027-03"')
    if not YEARS[0] <= int(match[1]) <= YEARS[1]:
        raise InputError(f"date {date}: outside {YEARS[0]}-01 to {YEARS[1]}-12")
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
            raise InputError(f'{path} = {shown(step)}: needs steps such as {{from = "2027-01", value = 1}}')
        try:
            first = month_of(step["from"], start)
            last = month_of(step["to"], start) if "to" in step else MONTHS_MAX
        except InputError as error:
            raise InputError(f"{path}: {error}") from error
        if last < first:
            raise InputError(f"{path}: to = {step['to']!r} lies before its first month, {step['from']}")
        if last < 1:
            raise InputError(f"{path}: to = {step['to']!r} lies before the first month, {start}, so it never acts")
        spans.append((max(first, 0), last, check_value(path, lever, step["value"])))
    if sum(first <= 0 for first, _, _ in spans) > 1:
        raise InputError(f"{path}: only one step may lie before the start, {start}")
    for (before, *_), (after, *_), step in zip(spans, spans[1:], content[1:], strict=False):
        if before == after:
            raise InputError(f"{path}: two settings from {step['from']}; leave out one of them")
        if before > after:
            raise InputError(f"{path}: {step['from']} comes after a later month; write steps in order of date")
    if not spans:
        raise InputError(f"{path}: needs at least one step")
    return spans
