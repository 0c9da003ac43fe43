"""Do the tests find faults? A sample of mutants of ``agents/`` and ``model/``, each held against fast tests.

    pip install -e ".[mutation]"
    python benchmarks/mutation.py [--sample 100] [--seed 0] [--config FILE]

Mutants are those of cosmic-ray with ``mutation.toml``, made one at a time in a work tree of the last commit, so that
nothing here changes. Prints the survivors as diffs, and the share that is found with its 95 percent interval (Wilson).
Results stay in ``results/mutation.sqlite``: the command goes on there after an interruption; remove it to begin anew.
"""

import argparse
import random
import subprocess
import tempfile
from collections import Counter
from pathlib import Path

from cosmic_ray.work_db import WorkDB, use_db
from cosmic_ray.work_item import WorkerOutcome, WorkResult
from scipy.stats import binomtest

ROOT = Path(__file__).resolve().parent.parent
SESSION = ROOT / "results" / "mutation.sqlite"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sample", type=int, default=100, help="how many mutants")
    parser.add_argument("--seed", type=int, default=0, help="of the sample")
    parser.add_argument("--config", default="benchmarks/mutation.toml", help="what is mutated and tested, committed")
    options = parser.parse_args()
    SESSION.parent.mkdir(exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        tree = Path(folder) / "sources"
        git = ("git", "-C", ROOT, "worktree")
        subprocess.run([*git, "add", "--quiet", "--detach", tree], check=True)
        try:
            if not SESSION.exists():
                subprocess.run(["cosmic-ray", "init", options.config, SESSION], cwd=tree, check=True)
                subprocess.run(["cr-filter-operators", SESSION, options.config], cwd=tree, check=True)
                keep(options.sample, options.seed)
            subprocess.run(["cosmic-ray", "exec", options.config, SESSION], cwd=tree, check=True)
        finally:
            subprocess.run([*git, "remove", "--force", tree], check=True)
    report()


def keep(sample: int, seed: int) -> None:
    """Mark all mutants as skipped but a sample of those that are waiting."""
    with use_db(SESSION) as session:
        waiting = sorted(session.pending_work_items, key=lambda item: str(item.mutations))  # ids are drawn by the tool
        chosen = {item.job_id for item in random.Random(seed).sample(waiting, min(sample, len(waiting)))}
        others = [item.job_id for item in waiting if item.job_id not in chosen]
        session.set_multiple_results(others, WorkResult(WorkerOutcome.SKIPPED, "not in the sample"))


def report() -> None:
    """Print the survivors, how many of each file, and the score."""
    with use_db(SESSION, WorkDB.Mode.open) as session:
        items = {item.job_id: item.mutations[0] for item in session.work_items}
        done = [(items[job], result) for job, result in session.results if result.worker_outcome == "normal"]
    found, of = Counter(), Counter()
    for mutation, result in done:
        file = mutation.module_path.as_posix()
        of[file] += 1
        found[file] += result.is_killed
        if not result.is_killed:
            print(f"\n{file}:{mutation.start_pos[0]} {mutation.operator_name}\n{result.diff}")
    for file in sorted(of):
        print(f"{file}: {found[file]} of {of[file]}")
    score = binomtest(found.total(), of.total())
    low, high = score.proportion_ci(method="wilson")
    print(f"{found.total()} of {of.total()} found: {score.statistic:.0%} ({low:.0%} to {high:.0%})")


if __name__ == "__main__":
    main()
