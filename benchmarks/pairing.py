"""How many runs the same people and random numbers save: twice the grant against the programme.

    python benchmarks/pairing.py [--seeds 30] [--months 120]

Prints the variance ratio, (var A + var B) / var(B - A) over seeds, of three indicators and their median, which is to
be at least 10, and the month in which each series first differs between the two runs of a pair. The range beside each
ratio is that of 2,000 resamples of the pairs (90 percent).

Beside it the same ratio where both runs of a pair have the same seed and nothing else in common: a copy of the sources
in which what is decided from the first month on takes the next number of one stream, as with an ordinary generator.
People and employers of the start, and what stays with a person for life, are drawn by key there too, which favours that
copy. Exit code 1 if the median is below 10 or not above that of one stream. The copy has to be compiled.
"""

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from injae.experiments.indicators import INDICATORS  # noqa: E402
from injae.experiments.pairs import variance_ratio  # noqa: E402
from injae.experiments.runs import Results, simulate_all  # noqa: E402
from injae.model.record import SERIES  # noqa: E402
from injae.model.scenario import Scenario  # noqa: E402

TARGET = 10
YEAR_5 = 60
COPIED = ("agents", "model", "experiments", "data", "scenarios", "src", "benchmarks")
RANDOMNESS = "agents/randomness.py"
ONE_STREAM = (  # file, line, and the line that takes its place
    (RANDOMNESS, "    bits = mix(np.uint64(seed) + _GOLDEN * np.uint64(decision))\n",
     "    if month > 0:\n        return np.uint64(7)\n"  # stands for: take the next number
     "    bits = mix(np.uint64(seed) + _GOLDEN * np.uint64(decision))\n"),
    (RANDOMNESS, "    return mix((np.uint64(bits) ^ np.uint64(who) ^ mix(np.uint64(option))) + _GOLDEN)\n",
     "    if np.uint64(bits) == np.uint64(7):\n"
     "        high = np.uint64(np.random.random() * 4294967296.0)\n"
     "        return (high << _32) | np.uint64(np.random.random() * 4294967296.0)\n"
     "    return mix((np.uint64(bits) ^ np.uint64(who) ^ mix(np.uint64(option))) + _GOLDEN)\n"),
    ("model/signals.py", "    before, series = world.history[world.now.month - 1], world.series\n",
     "    if world.now.month == 1:\n        np.random.seed(world.seed)\n"
     "    before, series = world.history[world.now.month - 1], world.series\n"),
)  # fmt: skip


def main() -> None:
    """Run and print; the exit code is 1 if a target is missed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seeds", type=int, default=30)
    parser.add_argument("--months", type=int, default=120)
    parser.add_argument("--json", action="store_true", help="only the ratios")
    options = parser.parse_args()
    plans = [Scenario.load(name, [f"months={options.months}"]) for name in ("korea", "double-grant")]
    once, twice = simulate_all(plans, options.seeds, uncertainty="aleatory")

    ratios = {}
    for words, values in indicators(once, twice).items():
        known = ~np.isnan(values).any(axis=0)
        ratios[words] = (variance_ratio(*values[:, known]), *spread(*values[:, known]), int(known.sum()))
    if options.json:
        print(json.dumps(ratios))
        return
    stream = ratios_of_one_stream(options.seeds, options.months)
    print(f"double-grant against korea, {options.seeds} seeds: times fewer runs than with independent seeds")
    print(f"  {'':<34}{'keyed':>7}{'':<28}one stream, same seed")
    for words, found in ratios.items():
        print(f"  {words:<34}{told(found):<35}{told(stream[words])}")
    keyed, same_seed = (float(np.median([found[0] for found in some.values()])) for some in (ratios, stream))
    met = keyed >= TARGET and keyed > same_seed
    target = f"at least {TARGET} and above one stream: {'met' if met else 'missed'}"
    print(f"  {'median':<34}{keyed:>7.1f}{'':<28}{same_seed:>7.1f}  target {target}")

    print("\nMonth in which a series first differs: earliest, median and latest pair (-: never)")
    for name, months in sorted(first_differences(once, twice).items(), key=lambda item: np.median(item[1])):
        shown = (np.min(months), np.median(months), np.max(months))
        print(f"  {name:<38}" + "".join(f"{'-' if np.isinf(m) else f'{m:.0f}':>6}" for m in shown))
    sys.exit(0 if met else 1)


def told(found: tuple[float, float, float, int]) -> str:
    """A ratio with its range and the number of pairs."""
    ratio, low, high, pairs = found
    return f"{ratio:>7.1f}  ({low:.1f} to {high:.1f}, {pairs} pairs)"


def ratios_of_one_stream(seeds: int, months: int) -> dict[str, tuple[float, float, float, int]]:
    """Ratios by indicator, with range and pairs, of a copy of the sources that draws from one stream."""
    with tempfile.TemporaryDirectory() as folder:
        copy = Path(folder)
        for name in COPIED:
            shutil.copytree(ROOT / name, copy / name, symlinks=True, ignore=shutil.ignore_patterns("__pycache__"))
        for file, line, other in ONE_STREAM:
            text = (copy / file).read_text(encoding="utf-8")
            if text.count(line) != 1:
                raise ValueError(f"{file}: {text.count(line)} times {line!r}")
            (copy / file).write_text(text.replace(line, other), encoding="utf-8")
        program = [sys.executable, copy / "benchmarks" / "pairing.py", "--json"]
        program += ["--seeds", str(seeds), "--months", str(months)]
        return json.loads(subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True).stdout)


def indicators(once: Results, twice: Results) -> dict[str, np.ndarray]:
    """Three indicators, each of shape (2, seeds)."""

    def at_year_5(name: str) -> np.ndarray:
        return np.array([result.values(name)[:, YEAR_5] for result in (once, twice)], float)

    years = INDICATORS["years_to_half_adoption"].of_run
    return {
        "adoption share, year 5": at_year_5("adoption_share"),
        "specialists in hospitals, year 5": at_year_5("employed_hospitals"),
        "years to half adoption": np.array(
            [[years(run.history, result.plan) for run in result.runs] for result in (once, twice)]
        ),
    }


def spread(a: np.ndarray, b: np.ndarray) -> tuple[float, float]:
    """5th and 95th percentile of the ratio over resampled pairs."""
    random = np.random.default_rng(0)
    picks = random.integers(len(a), size=(2_000, len(a)))
    ratios = np.array([variance_ratio(a[pick], b[pick]) for pick in picks])
    low, high = np.nanpercentile(ratios, (5, 95))
    return float(low), float(high)


def first_differences(once: Results, twice: Results) -> dict[str, np.ndarray]:
    """Month in which each series first differs, by pair; infinite where it never does."""
    months = {}
    for name in SERIES:
        a, b = once.values(name), twice.values(name)
        differs = (a != b) & ~((a != a) & (b != b))  # nan equals nan here
        months[name] = np.where(differs.any(axis=1), differs.argmax(axis=1), np.inf)
    return months


if __name__ == "__main__":
    main()
