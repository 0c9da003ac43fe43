"""How fast one core simulates, and how much memory that takes.

    python benchmarks/speed.py [--months 120] [--repeats 7]

Prints the median over repeats, after warm-up, of set-up and simulation of the national run, agent-steps per second
(people, hospitals, firms and universities that existed, times months), the cold start of the command, and memory.
"""

import argparse
import resource
import statistics
import subprocess
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from injae.model.ecosystem import Ecosystem  # noqa: E402
from injae.model.scenario import Scenario  # noqa: E402

# series that together count everybody who ever came in
STATES = (
    "enrolled",
    "in_retraining",
    "seeking",
    "employed_hospitals",
    "employed_firms",
    "employed_universities",
    "other_sectors",
    "abroad",
    "left",
)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--months", type=int, default=120)
    parser.add_argument("--repeats", type=int, default=7)
    options = parser.parse_args()
    plan = Scenario.load("korea", [f"months={options.months}"])
    Ecosystem(plan, 0).run()

    setups, runs, steps = [], [], 0
    for seed in range(1, options.repeats + 1):
        began = time.perf_counter()
        model = Ecosystem(plan, seed)
        ready = time.perf_counter()
        steps = 0
        model.run()
        setups.append(ready - began)
        runs.append(time.perf_counter() - ready)
        bodies = sum(model.history[state].sum() for state in STATES) + model.history.firms.sum()
        steps = int(bodies) + options.months * (len(model.hospitals) + len(model.universities))
    seconds = statistics.median(runs)
    print(f"people at the end      {len(model.people):>10,}  (specialists {int(model.series.specialists):,})")
    print(f"set-up                 {statistics.median(setups) * 1e3:>10.1f} ms")
    print(
        f"simulation             {seconds * 1e3:>10.1f} ms  for {options.months} months (fastest {min(runs) * 1e3:.1f})"
    )
    print(f"agent-steps per second {steps / seconds:>10,.0f}")
    print(f"memory, whole process  {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:>10.0f} MB")
    cold = []
    for _ in range(3):
        began = time.perf_counter()
        subprocess.run([sys.executable, "-m", "injae", "levers"], check=True, capture_output=True)
        cold.append(time.perf_counter() - began)
    print(f"cold start, injae levers {statistics.median(cold):>8.2f} s")
    command = [
        sys.executable,
        "-m",
        "injae",
        "run",
        "--seeds",
        "1",
        "--no-baseline",
        "--quiet",
        "--out",
        "/tmp/injae-speed",
    ]
    began = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True)
    print(f"cold start, injae run of one seed with all files {time.perf_counter() - began:.2f} s")


if __name__ == "__main__":
    main()
