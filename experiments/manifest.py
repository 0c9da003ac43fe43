"""What a result was made from: enough to make it again, and a short code that names it."""

import hashlib
import importlib.metadata
import json
import platform
import subprocess
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from injae.agents.kernels import IS_CHECKOUT, ROOT
from injae.experiments.calibration.posterior_files import read_posterior
from injae.experiments.envelope import outside
from injae.experiments.extensions import extension_receipt, model_hash
from injae.experiments.uncertainty import ALEATORY_ONLY, Ensemble, Uncertainty
from injae.model.parameters import DATA, FOLDERS, country_and_bases, data_folder
from injae.model.scenario import SCHEMA_VERSION, Scenario

PACKAGES = ("mesa", "numpy", "scipy", "numba", "pandas", "pyarrow", "pydantic", "matplotlib")
# what a result depends on, as git names it: a study that is written must not mark the next one
MAKES_RESULTS = ("agents", "model", "experiments", "viz", "data", "scenarios", "src")
NO_RESULTS = ("posterior", "misses", "unknown", "levers", "sources", "words")  # files of a country that no run reads


def receipt_of(plans: list[Scenario], seeds: list[int], ensemble: Ensemble = ALEATORY_ONLY) -> str:
    """Ten characters that stand for scenarios, seeds, where their futures come from, model code and data."""
    content: list[Any] = [[plan.model_dump() for plan in plans], seeds, model_hash()]
    content += [data_checksums({plan.country for plan in plans})]
    content += [] if ensemble.kind is Uncertainty.ALEATORY else [ensemble.identity]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]


def data_checksums(countries: Iterable[str] | None = None) -> dict[str, str]:
    """First 16 characters of the sha256 of each data file that runs of some countries read, by path from the root.

    A posterior is not among them: its draws are in the scenario of a run that takes them, as are the values of a
    variant. Nor is what only explains results, such as evidence, or why a fact is missed.

    Args:
        countries: their own files and those of their bases count; None: of all that are known.
    """
    wanted = sorted({one for name in (FOLDERS if countries is None else countries) for one in country_and_bases(name)})
    paths = [DATA / "parameters.toml"]
    for one in wanted:
        paths += sorted(p for p in data_folder(one).iterdir() if p.is_file() and p.stem not in NO_RESULTS)
    return {_name_of(path): hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in paths}


def _name_of(path: Path) -> str:
    return path.relative_to(ROOT).as_posix() if path.is_relative_to(ROOT) else path.as_posix()


def manifest(
    plans: list[Scenario], seeds: list[int], command: list[str], seconds: float, ensemble: Ensemble = ALEATORY_ONLY
) -> dict[str, Any]:
    """Everything that a run depends on, ready for JSON."""
    return {
        "receipt": receipt_of(plans, seeds, ensemble),
        "command": command,
        "seconds": round(seconds, 2),
        "scenarios": [plan.model_dump() for plan in plans],
        "seeds": seeds,
        "uncertainty": {"kind": str(ensemble.kind), "identity": ensemble.identity},
        "outside_envelope": list(dict.fromkeys(line for plan in plans for line in outside(plan))),
        **provenance({plan.country for plan in plans}),
    }


def provenance(countries: Iterable[str] | None = None) -> dict[str, Any]:
    """State of code, data (of all countries if None), libraries and machine that made a result, ready for JSON."""
    return {
        "revision": _revision(),
        "model": model_hash(),
        "extension": extension_receipt(),
        "data": data_checksums(countries),
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
        "platform": platform.platform(),
    }


def state() -> dict[str, str]:
    """What a number rests on here: versions, hashes of the model's sources and of its data, and each posterior."""
    data = hashlib.sha256(json.dumps(data_checksums(), sort_keys=True).encode()).hexdigest()[:16]
    known = {"injae": _version("injae"), "revision": _revision(), "model": model_hash(), "data": data}
    known["schema of scenarios"] = str(SCHEMA_VERSION)
    fits = [fit for country in sorted(FOLDERS) if (fit := read_posterior(country))]
    return (
        known
        | {f"posterior of {fit.country}": fit.identity + (" (STALE)" if fit.is_stale else "") for fit in fits}
        | {"python": platform.python_version()}
        | {name: _version(name) for name in PACKAGES}
    )


def _version(name: str) -> str:
    return importlib.metadata.version(name)


def _revision() -> str:
    """Git revision of the checkout, marked when code or data differ from it; ``unknown`` outside git.

    An installed package is its version: the folder it lies in may be part of a repository of the user's.
    """
    if not IS_CHECKOUT:
        return _version("injae")
    try:
        at = _git("describe", "--always", "--abbrev=12").strip()
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", *MAKES_RESULTS)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return f"{at}-dirty" if changed else at


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=10)
    return done.stdout
