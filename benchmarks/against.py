"""How fast this code is against that of an earlier commit, both on this machine in the same minutes.

    python benchmarks/against.py a5dacee [--repeats 5] [--compiles 1] [--markdown]

Builds both sides as git worktrees (what is not committed is left out) and measures CPU seconds, side after side:
a national run of 120 months, the first run on a machine without cache, the run after one rule has changed,
``injae --help``, and ``injae run --seeds 1`` with files and figures. Printed are ratios, this code over the other: the
median over repeats, and the lowest and highest.
"""

import argparse
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
FIRST = """
try:
    from injae.model.ecosystem import Ecosystem
except ImportError:  # the package of earlier commits had no name
    from model.ecosystem import Ecosystem
"""
ONE_MONTH = FIRST + "Ecosystem('korea', 0).run(1)\n"
RUNS = FIRST + (
    "import statistics, time\ntimes = []\nfor seed in range(8):\n    began = time.process_time()\n"
    "    Ecosystem('korea', seed).run()\n    times.append(time.process_time() - began)\n"
    "print(statistics.median(times[1:]))\n"
)
EDITED, RULE, OTHER = (
    "model/adoption.py",
    "+ p.tertiary_hub_weight * hubs_share",
    "+ 1.{:02}1 * p.tertiary_hub_weight * hubs_share",
)


class Side:
    """One commit, with a cache of its own."""

    def __init__(self, commit: str, folder: Path) -> None:
        self.root, self.cache = folder / "code", folder / "cache"
        subprocess.run(["git", "worktree", "add", "--quiet", "--detach", self.root, commit], cwd=ROOT, check=True)
        self.edits = 0

    def remove(self) -> None:
        """Take the worktree away."""
        subprocess.run(["git", "worktree", "remove", "--force", self.root], cwd=ROOT, check=True)

    def python(self, *words: str, cache: Path | None = None) -> tuple[float, str]:
        """CPU seconds of a process of Python and those that it starts, and what it prints."""
        src = self.root / "src"
        environment = {
            **os.environ,
            "PYTHONPATH": str(src if src.exists() else self.root),
            "NUMBA_CACHE_DIR": str(cache or self.cache),
        }
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        done = subprocess.run(
            [sys.executable, *words], cwd=self.root, env=environment, capture_output=True, text=True, check=True
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, done.stdout

    def run(self) -> float:
        """A national run."""
        return float(self.python("-c", RUNS)[1])

    def first(self) -> float:
        """From nothing compiled to the first month."""
        with tempfile.TemporaryDirectory() as empty:
            return self.python("-c", ONE_MONTH, cache=Path(empty))[0]

    def edit(self) -> float:
        """From one changed rule to the first month."""
        self.edits += 1
        file = self.root / EDITED
        before = file.read_text(encoding="utf-8")
        if before.count(RULE) != 1:
            raise SystemExit(f"{EDITED} has no single line with {RULE!r}")
        file.write_text(before.replace(RULE, OTHER.format(self.edits)), encoding="utf-8")
        try:
            return self.python("-c", ONE_MONTH)[0]
        finally:
            file.write_text(before, encoding="utf-8")

    def help(self) -> float:
        """``injae --help``."""
        return self.python("-m", "injae", "--help")[0]

    def command(self) -> float:
        """``injae run`` of one seed."""
        with tempfile.TemporaryDirectory() as out:
            return self.python("-m", "injae", "run", "--seeds", "1", "--quiet", "--out", f"{out}/run")[0]


MEASURES = {
    "a national run of 120 months": Side.run,
    "`injae --help`": Side.help,
    "`injae run --seeds 1`, files and figures": Side.command,
    "one rule changed, to the first month": Side.edit,
    "nothing compiled, to the first month": Side.first,
}
COMPILES = (Side.edit, Side.first)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("commit")
    parser.add_argument("--repeats", type=int, default=5)
    parser.add_argument("--compiles", type=int, default=1, help="repeats of what compiles")
    parser.add_argument("--markdown", action="store_true")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        sides = []
        try:
            for name, commit in (("this", "HEAD"), ("other", options.commit)):
                sides.append(Side(commit, Path(folder) / name))
            for side in sides:
                side.python("-c", ONE_MONTH)
            show(sides, options)
        finally:
            for side in sides:
                side.remove()


def machine() -> str:
    """The processor and the number of its cores."""
    facts = Path("/proc/cpuinfo")
    lines = facts.read_text(encoding="utf-8").splitlines() if facts.exists() else []
    names = [line.partition(": ")[2] for line in lines if line.startswith("model name")]
    return f"{names[0] if names else platform.machine()}, {os.cpu_count()} cores"


def show(sides: list[Side], options: argparse.Namespace) -> None:
    """The table."""
    print(
        f"CPU seconds on {platform.processor() or platform.machine()}, {os.cpu_count()} cores, against", options.commit
    )
    row = "| {} | {} | {} | {} |" if options.markdown else "{:<44}{:>10}{:>10}   {}"
    print(row.format("", "ratio", "seconds", "lowest to highest ratio"))
    if options.markdown:
        print("|---|---|---|---|")
    for words, measure in MEASURES.items():
        repeats = options.compiles if measure in COMPILES else options.repeats
        pairs = [(measure(sides[0]), measure(sides[1])) for _ in range(repeats)]
        ratios = [one / other for one, other in pairs]
        seconds = statistics.median(one for one, _ in pairs)
        spread = f"{min(ratios):.2f} to {max(ratios):.2f}"
        print(row.format(words, f"{statistics.median(ratios):.2f}", f"{seconds:.2f}", spread), flush=True)


if __name__ == "__main__":
    main()
