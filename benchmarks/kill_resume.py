"""Kills a sweep at random moments, resumes it, and compares its tables with those of an undisturbed one.

    python benchmarks/kill_resume.py [--kills 20] [--seed 1] [--points 400]

Every other kill hits a worker, whose chunk the sweep must do again by itself; the others hit the parent, after which
the same command is given again. Runs on Linux. Exit code 1 if a table differs, or if more was run twice than was in
hand.
"""

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

import pandas as pd  # noqa: E402

from injae.experiments.sweeps.chunks import CHUNK_SECONDS  # noqa: E402
from injae.experiments.sweeps.plan import make_plan  # noqa: E402
from injae.experiments.sweeps.store import Sweep  # noqa: E402
from injae.experiments.sweeps.sweep import Execution, run_plan  # noqa: E402

VARY = ("parameters.labour.taste_sd", "parameters.education.pay_pull")
WORKERS = 2
SEEDS = 2


def main() -> None:
    """Kill, resume, compare and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--points", type=int, default=400)
    parser.add_argument("--months", type=int, default=120)
    options = parser.parse_args()
    probability = random.Random(options.seed)
    plan = make_plan(["korea"], f"lhs:{options.points}", VARY, seeds=SEEDS, changes=[f"months={options.months}"])
    with tempfile.TemporaryDirectory() as scratch:
        whole, out = Path(scratch) / "whole", Path(scratch) / "killed"
        expected = run_plan(plan, whole, execution=Execution(WORKERS))
        program = [sys.executable, "-m", "injae", "sweep", "--design", f"lhs:{options.points}"]
        program += [word for path in VARY for word in ("--vary", path)]
        program += ["--seeds", str(SEEDS), "--months", str(options.months), "--workers", str(WORKERS)]
        program += ["--out", str(out), "--quiet"]
        kills = sessions = 0
        process = None
        while kills < options.kills:
            if process is None or process.poll() is not None:
                if (out / "manifest.json").exists() and not Sweep(out).status()["left"]:
                    print("all runs are done; more --points leave room for more kills")
                    break
                process = subprocess.Popen(program)
                sessions += 1
            time.sleep(probability.uniform(0.1, 10))
            victims = children(process.pid) if kills % 2 else [process.pid]
            if victims and process.poll() is None:
                os.kill(probability.choice(victims), signal.SIGKILL)
                kills += 1
                if not kills % 2:
                    continue
                process.wait()
        if process is not None and process.poll() is None:
            process.wait()
        subprocess.run(program, check=True)
        sys.exit(verdict(expected, Sweep(out), kills, sessions))


def verdict(expected: Sweep, found: Sweep, kills: int, sessions: int) -> int:
    """Print how the tables compare; gives the exit code."""
    tables = {
        "runs": lambda sweep: sweep.runs.drop(columns=["seconds", "peak_memory_bytes"]),
        "summary": Sweep.summary,
        "series": Sweep.series,
    }
    differences = [name for name, table in tables.items() if not table(expected).equals(table(found))]
    rows = sum(len(pd.read_parquet(file)) for file in (found.folder / "runs").glob("*.parquet"))
    wanted = len(found.runs)
    in_hand = kills * WORKERS * max(1, round(CHUNK_SECONDS / found.runs["seconds"].mean()))
    print(f"{kills} kills in {sessions} sessions: {wanted} runs wanted, {rows} written, {rows - wanted} of them twice")
    print(f"tables that differ: {', '.join(differences) or 'none'}; failed: {found.status()['failed']}")
    return 1 if differences or rows - wanted > in_hand else 0


def children(process: int) -> list[int]:
    """Processes that it has started, and those that these have, from /proc."""
    of: dict[int, list[int]] = {}
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            fields = stat.read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        of.setdefault(int(fields[1]), []).append(int(stat.parent.name))
    found = [process]
    for parent in found:
        found += of.get(parent, [])
    return found[1:]


if __name__ == "__main__":
    main()
