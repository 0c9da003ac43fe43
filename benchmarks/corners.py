"""Corners of what may be set: every lever, shock and parameter at an end of its range, at its value, or in between.

    python benchmarks/corners.py [--corners 1000] [--first 0] [--workers 2] [--keep DIR]
    python benchmarks/corners.py --again FILE.json

Every corner runs in a process of its own, with a limit of time and of memory. Printed is how many came to which
outcome, after Ctrl-C of those that were done; only ``fine`` and ``refused`` are right, anything else is exit code 1.
With --keep the settings of each bad corner are written to DIR as JSON, which --again repeats in this process, where
a debugger can look at it.
"""

import argparse
import contextlib
import json
import multiprocessing
import os
import resource
import signal
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from injae.model.ecosystem import Ecosystem  # noqa: E402
from injae.model.errors import InputError  # noqa: E402
from injae.model.invariants import InvariantBroken  # noqa: E402
from injae.model.levers import LEVERS, SHOCKS  # noqa: E402
from injae.model.parameters import declared_parameters  # noqa: E402
from injae.model.scenario import Scenario  # noqa: E402

SECONDS, MEMORY_BYTES = 60, 4 << 30  # of computing
PATIENCE = 10  # times the seconds of computing by the clock, where other work has the processors too
RIGHT = ("fine", "refused")
MODES = ("ends", "mixed", "few", "between")  # of corner n, in turn


def ranges(country: str = "korea") -> dict[str, tuple[float, float, float]]:
    """Least, declared and most value of all that may be set, by path."""
    found = {f"levers.{name}": (lever.low, lever.default, lever.high) for name, lever in LEVERS.items()}
    found |= {f"shocks.{name}": (lever.low, lever.default, lever.high) for name, lever in SHOCKS.items()}
    declared = declared_parameters(country).items()
    return found | {f"parameters.{path}": (one.least, one.value, one.most) for path, one in declared}


def corner(number: int, country: str = "korea") -> dict[str, Any]:
    """Settings of a corner by path, ``months`` included, and its seed: the same for the same number."""
    rng = np.random.default_rng([13, number])
    mode = MODES[number % len(MODES)]
    settings: dict[str, Any] = {"months": int(rng.integers(24, 61))}
    for path, (low, value, high) in ranges(country).items():
        between = float(low + rng.random() * (high - low))
        place = rng.random()
        if mode == "ends":
            settings[path] = low if place < 0.5 else high
        elif mode == "mixed":
            settings[path] = (low, value, high, between)[int(4 * place)]
        elif mode == "between":
            settings[path] = between
        elif place < 0.1:  # few: two dozen at an end, the rest as declared
            settings[path] = low if place < 0.05 else high
    courses, teachers = "levers.grant_share_courses", "levers.grant_share_teachers"  # both are parts of one grant
    rest = 1.0 - settings.get(courses, LEVERS["grant_share_courses"].default)
    settings[teachers] = min(settings.get(teachers, LEVERS["grant_share_teachers"].default), rest)
    return {"corner": number, "mode": mode, "seed": number, "set": settings}


def outcome_of(corner: dict[str, Any]) -> tuple[str, str]:
    """What comes of a corner in this process, and what is said about it."""
    try:
        model = Ecosystem(Scenario.load("korea").with_settings(corner["set"]), corner["seed"]).run()
    except InputError as error:
        return "refused", error.fault
    except InvariantBroken as error:
        return "broken invariant", str(error)
    except MemoryError as error:
        return "memory", str(error)
    except Exception as error:
        return "traceback", f"{type(error).__name__}: {error}"
    history = model.history[1:]  # months to fill posts are not known before the first month
    unknown = [name for name in history.dtype.names if not np.isfinite(history[name].astype(float)).all()]
    negative = [name for name in history.dtype.names if name != "net_savings_won" and (history[name] < 0).any()]
    faults = [f"not a number: {', '.join(unknown)}"] * bool(unknown) + [f"negative: {', '.join(negative)}"] * bool(
        negative
    )
    return ("no number" if unknown else "negative" if negative else "fine"), "; ".join(faults)


def _in_child(corner: dict[str, Any], answer: Any, seconds: int, memory_bytes: int) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (memory_bytes, memory_bytes))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    answer.send(outcome_of(corner))


def alone(corner: dict[str, Any], seconds: int = SECONDS, memory_bytes: int = MEMORY_BYTES) -> tuple[str, str, float]:
    """Outcome, words and seconds of a corner in a process of its own, a fork of this one."""
    context = multiprocessing.get_context("fork")
    reader, writer = context.Pipe(duplex=False)
    began = time.perf_counter()
    child = context.Process(target=_in_child, args=(corner, writer, seconds, memory_bytes))
    child.start()
    writer.close()
    child.join(PATIENCE * seconds)
    if child.is_alive():
        child.kill()
    child.join()
    took = time.perf_counter() - began
    with contextlib.suppress(EOFError):
        return (*reader.recv(), took)
    code = child.exitcode or 0
    if code in (-signal.SIGXCPU, -signal.SIGKILL):
        return "no end", f"more than {seconds} s of computing", took
    return "signal", signal.Signals(-code).name if code < 0 else f"exit code {code}", took


def main() -> None:
    """Run the corners and print the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--corners", type=int, default=1000)
    parser.add_argument("--first", type=int, default=0)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--keep", type=Path)
    parser.add_argument("--all", action="store_true", help="name every corner, not the bad ones alone")
    parser.add_argument("--again", type=Path, help="settings of one corner, run in this process")
    options = parser.parse_args()
    if options.again:
        print(*outcome_of(json.loads(options.again.read_text())))
        return
    Ecosystem("korea", 0).run(1)  # compiled code is loaded once, for all forks
    counts, words, seconds = Counter(), Counter(), []
    corners = [corner(number) for number in range(options.first, options.first + options.corners)]
    with contextlib.suppress(KeyboardInterrupt), ThreadPoolExecutor(options.workers) as pool:
        for one, (outcome, said, took) in zip(corners, pool.map(alone, corners), strict=True):
            counts[outcome] += 1
            seconds.append(took)
            if options.all:
                print(f"corner {one['corner']}: {outcome}, {took:.1f} s: {said[:120]}", file=sys.stderr, flush=True)
            if outcome in RIGHT:
                words[said[:80]] += outcome == "refused"
                continue
            print(
                f"corner {one['corner']} ({one['mode']}, {one['set']['months']} months): {outcome}: {said}", flush=True
            )
            if options.keep:
                options.keep.mkdir(parents=True, exist_ok=True)
                (options.keep / f"{one['corner']}.json").write_text(json.dumps(one, indent=1) + "\n")
    print(f"{len(seconds)} corners, {np.median(seconds):.2f} s at the median, {max(seconds):.1f} s at the most")
    for outcome, count in counts.most_common():
        print(f"{count:>6}  {outcome}")
    for said, count in words.most_common(5):
        print(f"{count:>6}  refused: {said}") if count else None
    sys.exit(any(outcome not in RIGHT for outcome in counts))


if __name__ == "__main__":
    main()
