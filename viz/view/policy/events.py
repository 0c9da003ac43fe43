"""Events that a visitor drops on the timeline of the policy shown: each is what a preset adds to the plan.

The preset's own start moves to the month where the event is dropped, with its length; nothing else of the policy
changes.
"""

from functools import cache
from typing import NamedTuple

from injae.experiments.schedules import DECLARED, differing, shocked, steps_of
from injae.model.scenario import DEFAULT, Scenario, value_at
from injae.viz.view.state import ViewState

EVENTS = (
    "funding-stop",
    "demand-surge",
    "foreign-pay-surge",
    "export-closure",
    "privacy-scandal",
    "closed-borders",
)


class Change(NamedTuple):
    """A setting of an event: its value, and for how many months (None: to the end)."""

    path: str
    value: float
    months: int | None


def offered(lang: str) -> list[dict[str, str]]:
    """Names and titles of the events."""
    return [{"name": name, "title": Scenario.load(name).title.get(lang, name)} for name in EVENTS]


@cache
def changes(name: str) -> tuple[Change, ...]:
    """What an event changes, in order of its settings."""
    plan, base = Scenario.load(name), Scenario.load(DEFAULT)
    paths = [*differing(plan, base), *(path for path in shocked(plan) if steps_of(plan, path) != steps_of(base, path))]
    return tuple(_change(plan, base, path) for path in dict.fromkeys(paths))


def _change(plan: Scenario, base: Scenario, path: str) -> Change:
    """The first stretch in which the event's plan has another value than the one it happens to."""
    default, usual = DECLARED[path].default, steps_of(base, path)
    steps = [step for step in steps_of(plan, path) if step[0] <= plan.months]
    other = [value != value_at(usual, month, default) for month, value in steps]
    at = other.index(True)
    over = at + 1 < len(steps) and not other[at + 1]
    return Change(path, steps[at][1], steps[at + 1][0] - steps[at][0] if over else None)


def dropped(state: ViewState, name: str, month: int) -> ViewState:
    """The state with an event from a month on.

    Raises:
        InputError: the event cannot be there.
    """
    plan = state.scenario()
    first = max(1, min(month, plan.months))
    for change in changes(name):
        last = None if change.months is None else plan.date_of(min(first + change.months - 1, plan.months))
        state = state.with_event(change.path, change.value, plan.date_of(first), last)
    return state
