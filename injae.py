"""Injae, the open simulator of the healthcare-AI talent ecosystem: public API and command line.

    from injae import Scenario, simulate
    table = simulate("korea", seeds=10).series()

The command line is ``injae COMMAND`` or ``python -m injae COMMAND``.
"""

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))  # our packages have plain names; the checkout comes first

for _name in ("agents", "model", "experiments", "viz"):
    _found = getattr(sys.modules.get(_name), "__file__", None)
    if _found and Path(_found).resolve().parent.parent != ROOT:
        raise ImportError(f"another package named {_name!r} ({_found}) is in the way of Injae's; start from {ROOT}")

if TYPE_CHECKING:
    from agents import Firm, Hospital, Trainee, University
    from experiments.analyses.screening import screen
    from experiments.analyses.sensitivity import sensitivity
    from experiments.compare import Comparison, compare
    from experiments.runs import Results, simulate
    from experiments.summary import paired_difference, summarise
    from experiments.sweeps.store import Sweep
    from experiments.sweeps.sweep import sweep
    from model.ecosystem import Ecosystem
    from model.errors import InputError
    from model.scenario import Scenario, preset_names

__all__ = [
    "Comparison",
    "Ecosystem",
    "Firm",
    "Hospital",
    "InputError",
    "Results",
    "Scenario",
    "Sweep",
    "Trainee",
    "University",
    "compare",
    "main",
    "paired_difference",
    "preset_names",
    "screen",
    "sensitivity",
    "simulate",
    "summarise",
    "sweep",
]
_HOMES = {
    "agents": ("Firm", "Hospital", "Trainee", "University"),
    "experiments.compare": ("Comparison", "compare"),
    "experiments.runs": ("Results", "simulate"),
    "experiments.analyses.screening": ("screen",),
    "experiments.analyses.sensitivity": ("sensitivity",),
    "experiments.sweeps.store": ("Sweep",),
    "experiments.summary": ("paired_difference", "summarise"),
    "experiments.sweeps.sweep": ("sweep",),
    "model.ecosystem": ("Ecosystem",),
    "model.errors": ("InputError",),
    "model.scenario": ("Scenario", "preset_names"),
}


def __getattr__(name: str) -> Any:
    """A public name, loaded when it is asked for: Mesa, pandas and scipy take a second, which few commands need."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(module), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def main() -> None:
    """Command line (see ``injae --help``)."""
    try:
        from viz.commands.group import main as command_line
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(130)
    command_line()


if __name__ == "__main__":
    main()
