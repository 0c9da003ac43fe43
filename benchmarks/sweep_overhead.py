"""What the engine of sweeps costs beside its runs, and whether its memory grows with their number.

    python benchmarks/sweep_overhead.py [--points 60] [--seeds 4] [--months 120] [--workers 2]

In one process, the CPU time outside the runs is the engine (plan, hashing, tables, writing, letting go of memory). With
workers the CPU time of the parent comes on top. Wall time is printed as well, but other work on the machine moves it.
Before that, in fresh processes, the peak memory of the parent and of its workers after few runs and after many.
Exit code 1 if the engine or the parent takes more than 5 percent of the CPU time of the runs. That is for national
runs of ten years; shorter ones cost the engine the same, and themselves less.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from injae.experiments.sweeps import chunks as work  # noqa: E402
from injae.experiments.sweeps.blocks import Order, Task  # noqa: E402
from injae.experiments.sweeps.plan import Plan, make_plan  # noqa: E402
from injae.experiments.sweeps.store import Sweep  # noqa: E402
from injae.experiments.sweeps.sweep import Execution, run_plan  # noqa: E402
from injae.model.ecosystem import Ecosystem  # noqa: E402

TARGET = 0.05  # of the CPU time of the runs
VARY = ("parameters.labour.taste_sd", "parameters.education.pay_pull", "levers.data_access=0:1")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--points", type=int, default=60)
    parser.add_argument("--seeds", type=int, default=4)
    parser.add_argument("--months", type=int, default=120)
    parser.add_argument("--workers", type=int, default=2)
    parser.add_argument("--memory-of", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.memory_of:
        print(json.dumps(memory_of(options.memory_of, options.workers)))
        return
    for runs in (50, 200, 800):
        program = [sys.executable, __file__, "--memory-of", str(runs), "--workers", str(options.workers)]
        found = json.loads(subprocess.run(program, check=True, capture_output=True, text=True).stdout)
        print(f"{runs:>6} runs of 12 months: peak memory of the parent {found['parent']:.0f} MB, ", end="")
        print(f"of the largest worker {found['worker']:.0f} MB")
    plan = make_plan(
        ["korea"], f"lhs:{options.points}", VARY, seeds=options.seeds, changes=[f"months={options.months}"]
    )
    with tempfile.TemporaryDirectory() as scratch:
        order = plan.order(Path(scratch))
        work.warm_up(order)
        bare, one = measured(plan, Path(scratch) / "one")
        print(f"{plan.runs} runs of {options.months} months, CPU seconds: in the runs {bare:.2f}, in all {one:.2f}")
        shares = {"engine": one / bare - 1}
        print(f"engine in the process that simulates  {shares['engine']:>7.2%}")
        began, wall = time.process_time(), time.perf_counter()
        store = run_plan(plan, Path(scratch) / "workers", execution=Execution(options.workers))
        parent, wall = time.process_time() - began, time.perf_counter() - wall
        simulated = store.runs["seconds"].sum()
        shares["parent"] = parent / simulated
        print(f"parent of {options.workers} workers, CPU / run time  {shares['parent']:>7.2%}  ({parent:.2f} s)")
        ideal = simulated / options.workers
        print(f"wall {wall:.1f} s, run time / workers {ideal:.1f} s (start of processes in the difference)")
        size = sum(path.stat().st_size for path in (Path(scratch) / "workers").rglob("*.parquet"))
        began = time.perf_counter()
        Sweep(Path(scratch) / "workers").series(["adoption_share"])
        read = time.perf_counter() - began
        print(f"on disk {size / plan.runs / 1e3:.1f} kB a run; one series of all runs read in {read:.2f} s")
    missed = over_target(shares)
    print(f"target at most {TARGET:.0%} each: {'missed by ' + ' and '.join(missed) if missed else 'met'}")
    sys.exit(1 if missed else 0)


def over_target(shares: dict[str, float]) -> list[str]:
    """Names of the shares that are above the target."""
    return [name for name, share in shares.items() if share > TARGET]


def measured(plan: Plan, folder: Path) -> tuple[float, float]:
    """CPU seconds inside the runs and in all when they are done as tasks of a sweep, its plan included."""
    inside = 0.0

    def run_one(order: Order, task: Task) -> Ecosystem:
        nonlocal inside
        began = time.process_time()
        try:
            return work.one_run(order, task)
        finally:
            inside += time.process_time() - began

    folder.mkdir()
    began = time.process_time()
    months = next(iter(plan.policies.values())).months
    again = make_plan(["korea"], plan.design["text"], VARY, seeds=len(plan.seeds), changes=[f"months={months}"])
    work.run_here(again.order(folder), again.tasks(set()), lambda receipts: None, run_one)
    return inside, time.process_time() - began


def memory_of(runs: int, workers: int) -> dict[str, float]:
    """Peak memory in MB of a sweep of so many short runs: of this process and of its largest worker."""
    import resource

    plan = make_plan(["korea"], f"lhs:{runs}", VARY, seeds=1, changes=["months=12"])
    with tempfile.TemporaryDirectory() as scratch:
        worker = run_plan(plan, Path(scratch) / "sweep", execution=Execution(workers)).runs["peak_memory_bytes"].max()
    return {"parent": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e3, "worker": worker / 1e6}


if __name__ == "__main__":
    main()
