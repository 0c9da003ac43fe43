"""Whether the memory of a sweep grows with the number of its runs: peak of the parent and of its largest worker.

    python benchmarks/sweep_memory.py [--runs 1000 10000 100000] [--workers 2] [--simulate]

Real runs of two months take 20 ms or more, so that 100,000 of them would take the better part of an hour. Unless
--simulate is given, each process simulates one run and gives it back for all its others: planning, hashing, sharing,
tables, blocks, merging and status are as in any sweep. Each size in a fresh process, and the runs of one policy with
one seed, so that there are as many points as runs, which is the worst case.
"""

import argparse
import functools
import json
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from injae.experiments.sweeps import chunks as work  # noqa: E402
from injae.experiments.sweeps.blocks import Order, Task  # noqa: E402
from injae.experiments.sweeps.plan import make_plan  # noqa: E402
from injae.experiments.sweeps.sweep import Execution, run_plan  # noqa: E402
from injae.model.ecosystem import Ecosystem  # noqa: E402

VARY = ("parameters.labour.taste_sd", "parameters.education.pay_pull", "levers.data_access=0:1")
MONTHS = 2


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, nargs="+", default=[1_000, 10_000, 100_000])
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--simulate", action="store_true")
    parser.add_argument("--measure", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.measure:
        if not options.simulate:
            work.one_run = the_same_run
        print(json.dumps(measured(options.measure, options.workers)))
        return
    for runs in options.runs:
        program = [sys.executable, __file__, "--measure", str(runs), "--workers", str(options.workers)]
        program += ["--simulate"] if options.simulate else []
        found = json.loads(subprocess.run(program, check=True, capture_output=True, text=True).stdout)
        print(
            f"{runs:>7} runs: planned {found['planned']:.0f} MB, parent {found['parent']:.0f} MB, "
            f"largest worker {found['worker']:.0f} MB, {found['files']} files of {found['disk']:.0f} MB, "
            f"{found['seconds']:.0f} s",
            flush=True,
        )


@functools.cache
def _run_once() -> Ecosystem:
    return Ecosystem("korea", 0).run(MONTHS)


def the_same_run(order: Order, task: Task) -> Ecosystem:
    """One run, simulated once a process."""
    return _run_once()


def measured(runs: int, workers: int) -> dict[str, float]:
    """Peak memory in MB after planning, of the parent and of its largest worker in all; files, MB on disk, seconds."""
    began = time.perf_counter()
    plan = make_plan(["korea"], f"lhs:{runs}", VARY, seeds=1, changes=[f"months={MONTHS}"])
    planned = _peak()
    with tempfile.TemporaryDirectory() as scratch:
        store = run_plan(plan, Path(scratch) / "sweep", execution=Execution(workers))
        assert store.status()["done"] == runs
        worker = store.runs["peak_memory_bytes"].max() / 1e6
        files = [path for path in store.folder.rglob("*.parquet") if path.parent != store.folder]
        disk = sum(path.stat().st_size for path in files) / 1e6
    return {
        "planned": planned,
        "parent": _peak(),
        "worker": worker,
        "files": len(files),
        "disk": disk,
        "seconds": time.perf_counter() - began,
    }


def _peak() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1e6 if sys.platform == "darwin" else 1e3)


if __name__ == "__main__":
    main()
