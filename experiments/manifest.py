"""What a result was made from: enough to make it again, and a short code that names it."""

import hashlib
import importlib.metadata
import json
import platform
import subprocess
from typing import Any

from agents.kernels import ROOT, SOURCE_HASH
from experiments.envelope import outside
from experiments.uncertainty import BY_LUCK, Ensemble, Uncertainty
from model.scenario import Scenario

PACKAGES = ("mesa", "numpy", "scipy", "numba", "pandas", "pyarrow", "pydantic", "matplotlib")
# what a result depends on, as git names it: a study that is written must not mark the next one
MAKES_RESULTS = ("agents", "model", "experiments", "viz", "data", "scenarios", "injae.py")
NO_RESULTS = ("posterior", "misses", "unknown", "levers")  # data files that no run reads


def receipt_of(plans: list[Scenario], seeds: list[int], ensemble: Ensemble = BY_LUCK) -> str:
    """Ten characters that stand for scenarios, seeds, where their futures come from, model code and data."""
    content: list[Any] = [[plan.model_dump() for plan in plans], seeds, SOURCE_HASH, data_checksums()]
    content += [] if ensemble.kind is Uncertainty.LUCK else [ensemble.identity]
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:10]


def data_checksums() -> dict[str, str]:
    """First 16 characters of the sha256 of each data file, by path from the root.

    A posterior is not among them: its draws are in the scenario of a run that takes them. Nor is what only explains
    results, such as why a fact is missed.
    """
    paths = sorted(path for path in (ROOT / "data").rglob("*") if path.is_file() and path.stem not in NO_RESULTS)
    return {path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()[:16] for path in paths}


def manifest(
    plans: list[Scenario], seeds: list[int], command: list[str], seconds: float, ensemble: Ensemble = BY_LUCK
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
        **provenance(),
    }


def provenance() -> dict[str, Any]:
    """State of code, data, libraries and machine that made a result, ready for JSON."""
    return {
        "revision": _revision(),
        "model": SOURCE_HASH,
        "data": data_checksums(),
        "versions": {"python": platform.python_version()} | {name: _version(name) for name in PACKAGES},
        "platform": platform.platform(),
    }


def _version(name: str) -> str:
    return importlib.metadata.version(name)


def _revision() -> str:
    """Git revision of the checkout, marked when code or data differ from it; ``unknown`` outside git."""
    try:
        at = _git("describe", "--always", "--abbrev=12").strip()
        changed = _git("status", "--porcelain", "--untracked-files=no", "--", *MAKES_RESULTS)
    except (OSError, subprocess.SubprocessError):
        return "unknown"
    return f"{at}-dirty" if changed else at


def _git(*words: str) -> str:
    done = subprocess.run(["git", *words], cwd=ROOT, capture_output=True, text=True, check=True, timeout=10)
    return done.stdout
