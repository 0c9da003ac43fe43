"""Generated inputs: does anything that a user can write end in a traceback, in silence, or in another meaning?

    python benchmarks/inputs.py [--inputs 20000] [--first 0] [--kinds set,toml] [--keep FILE.json]

Scenario files, ``--set``, ``--vary``, tables of points, changed files of a finished sweep, and links of the page are
made from a number and read in this process by the commands themselves; where a command would begin to simulate it ends
as accepted. Printed are tracebacks, hangs, messages that are no line of at most 300 characters, and wrong acceptances:
something was accepted that has another meaning than what was written. Exit code 1 if there are any.
"""

import argparse
import contextlib
import io
import json
import math
import os
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "src"), str(ROOT / "benchmarks")]

from input_kinds import KINDS, MONTHS, Written, forget_sweeps, made  # noqa: E402

from injae.model.levers import LEVERS, SHOCKS  # noqa: E402
from injae.model.parameters import declared_parameters  # noqa: E402
from injae.model.scenario import Scenario, value_at  # noqa: E402
from injae.viz.commands.group import main as commands  # noqa: E402
from injae.viz.view.state import ViewState  # noqa: E402

SECONDS, LONGEST = 20, 300


class Accepted(BaseException):
    """A command would begin to simulate; ``plan`` is what."""

    def __init__(self, plan: Any) -> None:
        super().__init__("accepted")
        self.plan = plan


class Hang(BaseException):
    """It took too long."""


class Found(NamedTuple):
    """What came of an input: ``fine``, ``traceback``, ``hang``, ``message`` or ``wrong acceptance``, and the words."""

    outcome: str
    kind: str
    said: str


def value_of(plan: Scenario, setting: Written) -> float | None:
    """Value that a plan has of a setting, in its first month if it is dated."""
    group, _, name = setting.path.partition(".")
    if group == "parameters":
        return plan.parameters.get(name, declared_parameters(plan.country)[name].value)
    declared, schedules = (LEVERS, plan.levers) if group == "levers" else (SHOCKS, plan.shocks)
    year, month = map(int, (setting.date[:7] or "2025-01").split("-"))
    return value_at(schedules.get(name, []), 12 * (year - 2025) + month, declared[name].default)


def wrong(plan: Scenario, setting: Written, said: str) -> str:
    """Why it was wrong to accept a setting; empty if it was right."""
    if setting.why == "date outside" and setting.path.rsplit(".", 1)[-1] in said:
        return ""  # taken with a word about it
    if setting.meant is None:
        return f"{setting.why}: accepted"
    value = value_of(plan, setting)
    return (
        "" if value is not None and math.isclose(value, setting.meant, rel_tol=1e-3) else f"{setting.why}: is {value}"
    )


def outcome_of(kind: str, words: list[str], settings: list[Written]) -> Found:
    """Read an input and judge what came of it."""
    errors, plan = io.StringIO(), None
    began = time.perf_counter()
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(errors), stopped_at_the_runs():
        try:
            if kind == "link":
                state, notice = ViewState.from_link(words[1])
                told = notice.what if notice else ""
                plan = None if notice else state.scenario().with_settings({"months": MONTHS})
                errors.write(told)
            else:
                commands.main(words)
        except Accepted as accepted:
            plan = accepted.plan
        except Hang:
            return Found("hang", kind, f"over {SECONDS} s")
        except SystemExit as ended:
            if ended.code not in (0, 1, 2):
                return Found("traceback", kind, f"exit code {ended.code}")
        except BaseException as error:
            place = traceback.extract_tb(error.__traceback__)[-1]
            ours = [f for f in traceback.extract_tb(error.__traceback__) if str(ROOT) in f.filename][-1]
            where = f"{Path(ours.filename).name}:{ours.name} ({Path(place.filename).name})"
            return Found("traceback", kind, f"{type(error).__name__} in {where}: {str(error)[:80]}")
    if time.perf_counter() - began > SECONDS:
        return Found("hang", kind, f"over {SECONDS} s")
    said = errors.getvalue()
    lines = [line for line in said.splitlines() if line and not line.startswith("note: ")]
    long = [line for line in said.splitlines() if len(line) > LONGEST]
    if long and kind != "link":
        return Found("message", kind, f"over {LONGEST} characters ({', '.join(one.why for one in settings)})")
    if plan is None and len(lines) > 1 and kind != "link":
        return Found("message", kind, f"{len(lines)} lines ({', '.join(one.why for one in settings)})")
    faults = [why for one in settings if plan is not None and (why := wrong(plan, one, said))]
    return Found("wrong acceptance", kind, faults[0]) if faults else Found("fine", kind, "")


@contextlib.contextmanager
def stopped_at_the_runs():
    """Commands end where they would begin to simulate, and whatever hangs is stopped."""

    def accept(plans: Any, *_: Any, **__: Any) -> None:
        plan = plans[0] if isinstance(plans, list) else next(iter(plans.policies.values()))
        if not isinstance(plans, list):  # a design: the plan at its first point
            task = next(iter(plans.tasks(set())))
            plan = plans.policies[task.policy].with_settings(dict(task.settings))
        raise Accepted(plan)

    def late(*_: Any) -> None:
        raise Hang

    before = signal.signal(signal.SIGALRM, late)
    signal.setitimer(signal.ITIMER_REAL, SECONDS)
    try:
        with (
            mock.patch("injae.experiments.runs.simulate_all", accept),
            mock.patch("injae.experiments.sweeps.sweep.pilot", accept),
            mock.patch("injae.viz.commands.sweep.announce_compile", lambda *_: None),
            mock.patch("injae.viz.commands.run.announce_compile", lambda *_: None),
        ):
            yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)


def tried(numbers: range, kinds: list[str]) -> list[tuple[int, Found, list[str]]]:
    """Outcomes of the inputs of some numbers, each in a folder of its own."""
    found = []
    for number in numbers:
        with tempfile.TemporaryDirectory(prefix="input-") as scratch:
            kind, words, settings = made(number, kinds, Path(scratch))
            found.append((number, outcome_of(kind, words, settings), words))
    return found


def main() -> None:
    """Try the inputs and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--inputs", type=int, default=20_000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--kinds", default=",".join(KINDS))
    parser.add_argument("--keep", type=Path, help="JSON of the bad ones")
    options = parser.parse_args()
    os.chdir(tempfile.mkdtemp(prefix="inputs-"))
    found = tried(range(options.first, options.first + options.inputs), options.kinds.split(","))
    bad = [(number, one, words) for number, one, words in found if one.outcome != "fine"]
    for (outcome, kind, said), count in Counter(one for _, one, _ in bad).most_common(60):
        example = next(number for number, one, _ in bad if one == (outcome, kind, said))
        print(f"{count:>6}  {outcome}, {kind}: {said}  (such as {example})")
    counts = Counter(one.outcome for _, one, _ in found)
    print(f"{len(found)} inputs: " + ", ".join(f"{count} {outcome}" for outcome, count in counts.most_common()))
    if options.keep:
        rows = [{"number": number, **one._asdict(), "words": words} for number, one, words in bad]
        options.keep.write_text(json.dumps(rows, indent=1) + "\n")
    forget_sweeps()
    sys.exit(bool(bad))


if __name__ == "__main__":
    main()
