"""Runs the scenarios of the reference and writes what a rebuild of the model can be compared with.

    python docs/reference/make.py [--seeds 100]

Writes ``yearly.csv``, ``monthly.csv.gz`` and ``reference.toml`` beside this file. A run that is done is kept in
``.cache/reference``, so after a stop the same command goes on where it was; runs of another state of the model or its
data are never mixed in. What differs from run to run is luck: parameters are at their declared values.
"""

import argparse
import gzip
import hashlib
import json
import sys
import tomllib
from collections.abc import Sequence
from pathlib import Path

import numpy as np

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
sys.path.insert(0, str(ROOT / "src"))

from injae.agents.columns import Array  # noqa: E402
from injae.experiments.calibration.posterior_files import code_hash  # noqa: E402
from injae.model.country import read_country  # noqa: E402
from injae.model.ecosystem import Ecosystem  # noqa: E402
from injae.model.parameters import declared_parameters  # noqa: E402
from injae.model.record import SERIES  # noqa: E402
from injae.model.scenario import Scenario  # noqa: E402

SCENARIOS = ("korea", "no-programme", "double-grant", "retention-first", "funding-stop")
SEEDS = 100
BAND = (5.0, 95.0)  # percentiles over seeds
YEAR = 12
FOR_READERS = ("name_ko", "source", "base")  # no rule reads them
COLUMNS = ("scenario", "month", "series", "mean", "sd", "low", "high")
KEPT = ROOT / ".cache" / "reference"


def inputs_hash(scenario: str) -> str:
    """Hash of all numbers that a scenario starts from: its own, parameters, and what the country's files hold."""
    plan = Scenario.load(scenario)
    content = {
        "plan": plan.model_dump(exclude={"name", "title", "baseline", "target"}),
        "parameters": {path: one.value for path, one in declared_parameters(plan.country).items()},
    }
    country = read_country(plan.country)
    universities = [{key: row[key] for key in row if key not in FOR_READERS} for row in country.universities]
    facts = {key: fact for key, fact in country.facts.items() if key not in FOR_READERS}
    text = json.dumps(content) + repr((facts, universities, country.partners, country.hospitals, country.firms))
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def histories(scenario: str, seeds: int, kept: Path) -> tuple[Array, int]:
    """All series of the runs of a scenario, made now or kept from before.

    Args:
        scenario: name of a preset.
        seeds: runs 0, 1, 2 and so on.
        kept: folder of the runs that are done.

    Returns:
        Shape ``(seeds, months + 1, series)``, and how many of the runs were made now.
    """
    folder = kept / f"{scenario}-{code_hash()}-{inputs_hash(scenario)}"
    folder.mkdir(parents=True, exist_ok=True)
    runs, made = [], 0
    for seed in range(seeds):
        path = folder / f"{seed}.npy"
        if not path.is_file():
            history = Ecosystem(scenario, seed).run().history
            beside = path.with_suffix(".part")
            with beside.open("wb") as file:
                np.save(file, np.stack([history[name].astype(np.float64) for name in SERIES], axis=-1))
            beside.replace(path)
            made += 1
        runs.append(np.load(path))
    return np.stack(runs), made


def rows(scenario: str, runs: Array, months: Sequence[int]) -> list[str]:
    """Lines of the table (``COLUMNS``) for some months; a value that no run gives is empty.

    Args:
        scenario: its name.
        runs: shape ``(seeds, months + 1, series)``.
        months: which of them.
    """
    some = runs[:, list(months)]
    figures = np.stack([some.mean(axis=0), some.std(axis=0, ddof=1), *np.percentile(some, BAND, axis=0)], axis=-1)
    lines = []
    for month, of_month in zip(months, figures, strict=True):
        for name, values in zip(SERIES, of_month, strict=True):
            texts = ("" if np.isnan(value) else f"{value:.6g}" for value in values)
            lines.append(f"{scenario},{month},{name},{','.join(texts)}")
    return lines


def make(folder: Path, scenarios: Sequence[str] = SCENARIOS, seeds: int = SEEDS, kept: Path = KEPT) -> int:
    """Write the three files of the reference into a folder; returns how many runs had to be made."""
    folder.mkdir(parents=True, exist_ok=True)
    yearly, monthly, made, inputs = [",".join(COLUMNS)], [",".join(COLUMNS)], 0, []
    for scenario in scenarios:
        runs, new = histories(scenario, seeds, kept)
        months = range(runs.shape[1])
        yearly += rows(scenario, runs, months[::YEAR])
        monthly += rows(scenario, runs, months)
        inputs.append(f'{scenario} = "{inputs_hash(scenario)}"')
        made += new
        print(f"{scenario}: {seeds} runs, {new} of them new", flush=True)
    about = ['command = "python docs/reference/make.py"', f"seeds = {seeds}", f'code = "{code_hash()}"', ""]
    _write(folder / "yearly.csv", "\n".join([*yearly, ""]).encode())
    _write(folder / "monthly.csv.gz", gzip.compress("\n".join([*monthly, ""]).encode(), mtime=0))
    _write(folder / "reference.toml", "\n".join([*about, "[inputs]", *inputs, ""]).encode())
    return made


def _write(path: Path, content: bytes) -> None:
    """Write a file beside and rename it."""
    beside = path.with_name(f"{path.name}.part")
    beside.write_bytes(content)
    beside.replace(path)


def what_changed(folder: Path) -> list[str]:
    """What is not as it was when a reference was made, one line each; nothing if all is."""
    about = tomllib.loads((folder / "reference.toml").read_text(encoding="utf-8"))
    changed = ["the rules (agents, model)"] if about["code"] != code_hash() else []
    for scenario, known in about["inputs"].items():
        changed += [f"the data of scenario {scenario}"] if known != inputs_hash(scenario) else []
    return changed


def main() -> None:
    """Make the reference that the project publishes."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seeds", type=int, default=SEEDS)
    make(HERE, seeds=parser.parse_args().seeds)
    print("python docs/generate.py puts the new numbers into the pages")


if __name__ == "__main__":
    main()
