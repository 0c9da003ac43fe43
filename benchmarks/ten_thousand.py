"""Ten thousand national runs of ten years: 2,500 points with 4 seeds, on two cores.

    python benchmarks/ten_thousand.py [--points 2500] [--seeds 4] [--workers 2] [--out DIR]

Prints how long they took, how much of that was not simulating, and how long ten thousand take at this speed and at
0.1 s a run. The target is ten minutes at 0.1 s a run on two cores; exit code 1 if it is missed. Fewer --points give a
projection. With --out the folder is kept, and the same command goes on after an interruption (its times are then those
of the rest). Other work on the machine counts as if it were the engine's: measure on an idle one.
"""

import argparse
import resource
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from injae.experiments.sweeps.plan import make_plan  # noqa: E402
from injae.experiments.sweeps.store import Sweep  # noqa: E402
from injae.experiments.sweeps.sweep import Execution, Progress, run_plan  # noqa: E402

VARY = (
    "parameters.labour.taste_sd",
    "parameters.labour.separation_per_month",
    "parameters.education.pay_pull",
    "levers.grant_scale=0:2",
    "levers.data_access=0:1",
)
RUNS = 10_000
TARGET_MINUTES = 10
SECONDS_PER_RUN = 0.1


def main() -> None:
    """Do the runs and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=RUNS // 4)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as scratch:
        sys.exit(measured(options, options.out or Path(scratch) / "sweep"))


def measured(options: argparse.Namespace, folder: Path) -> int:
    """Do the runs, print where the time went; gives the exit code."""
    began = time.perf_counter()
    plan = make_plan(["korea"], f"lhs:{options.points}", VARY, seeds=options.seeds)
    planned = time.perf_counter()
    marks: list[tuple[float, int]] = []

    def progress(so_far: Progress) -> None:
        marks.append((time.perf_counter(), so_far.done))

    store = run_plan(plan, folder, execution=Execution(options.workers, progress=progress))
    ended = time.perf_counter()
    done, parent = marks[-1][1], resource.getrusage(resource.RUSAGE_SELF)
    runs = store.runs
    per_run = runs["seconds"].mean()
    simulated = done * per_run / options.workers
    wall = ended - began
    size = sum(path.stat().st_size for path in folder.rglob("*.parquet"))
    files = sum(1 for _ in folder.rglob("*.parquet"))
    print(f"{done} runs of {done / wall:.1f} a second: {wall:.1f} s, of which")
    print(f"  plan                              {planned - began:8.1f} s")
    print(f"  start, to the first run on disk   {marks[0][0] - planned:8.1f} s")
    print(f"  from there to the last run        {marks[-1][0] - marks[0][0]:8.1f} s")
    print(f"  merging, manifest, status         {ended - marks[-1][0]:8.1f} s")
    print(f"simulating: {per_run:.4f} s a run, {simulated:.1f} s in {options.workers} processes")
    cpu = parent.ru_utime + parent.ru_stime
    print(f"not simulating: {wall / simulated - 1:.1%} of that; CPU of the parent {cpu:.1f} s")
    print(f"on disk {size / 1e6:.1f} MB in {files} files; a series of all runs read in {reading(store):.1f} s")
    # what the runs themselves need grows with their number; planning does too; starting does not
    start = marks[0][0] - planned
    whole = start + (wall - start) * RUNS / done
    scaled = whole + (SECONDS_PER_RUN - per_run) * RUNS / options.workers
    print(f"{RUNS} runs: {whole / 60:.1f} min at this speed, {scaled / 60:.1f} min at {SECONDS_PER_RUN} s a run")
    print(f"target {TARGET_MINUTES} min at {SECONDS_PER_RUN} s a run")
    return int(scaled > 60 * TARGET_MINUTES)


def reading(store: Sweep) -> float:
    """Seconds to read one series of all runs."""
    began = time.perf_counter()
    store.series(["adoption_share"])
    return time.perf_counter() - began


if __name__ == "__main__":
    main()
