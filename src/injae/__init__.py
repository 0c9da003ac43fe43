"""Injae, the open simulator of the healthcare-AI talent ecosystem: public API and command line.

    from injae import Scenario, simulate
    table = simulate("korea", seeds=10).series()

The command line is ``injae COMMAND`` or ``python -m injae COMMAND``.
"""

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

_HERE = Path(__file__).resolve().parent
if not (_HERE / "model").is_dir():  # a checkout of a system without symbolic links
    __path__.append(str(_HERE.parents[1]))

if TYPE_CHECKING:
    from injae.agents import Firm, Hospital, Trainee, University
    from injae.agents.kernels import process, rule
    from injae.experiments.analyses.screening import screen
    from injae.experiments.analyses.sensitivity import sensitivity
    from injae.experiments.compare import Comparison, compare
    from injae.experiments.extensions import Extension, load_extension
    from injae.experiments.indicators import Indicator
    from injae.experiments.margins import StoppingRule
    from injae.experiments.runs import Results, simulate
    from injae.experiments.summary import paired_difference, summarise
    from injae.experiments.sweeps.designs import Sampler
    from injae.experiments.sweeps.store import Sweep
    from injae.experiments.sweeps.sweep import Execution, sweep
    from injae.model.ecosystem import Ecosystem
    from injae.model.errors import InputError
    from injae.model.levers import Lever
    from injae.model.scenario import Scenario, preset_names

__all__ = [
    "Comparison",
    "Ecosystem",
    "Execution",
    "Extension",
    "Firm",
    "Hospital",
    "Indicator",
    "InputError",
    "Lever",
    "Results",
    "Sampler",
    "Scenario",
    "StoppingRule",
    "Sweep",
    "Trainee",
    "University",
    "compare",
    "load_extension",
    "main",
    "paired_difference",
    "preset_names",
    "process",
    "rule",
    "screen",
    "sensitivity",
    "simulate",
    "summarise",
    "sweep",
]
_HOMES = {
    "agents": ("Firm", "Hospital", "Trainee", "University"),
    "agents.kernels": ("process", "rule"),
    "experiments.compare": ("Comparison", "compare"),
    "experiments.extensions": ("Extension", "load_extension"),
    "experiments.indicators": ("Indicator",),
    "experiments.margins": ("StoppingRule",),
    "experiments.runs": ("Results", "simulate"),
    "experiments.analyses.screening": ("screen",),
    "experiments.analyses.sensitivity": ("sensitivity",),
    "experiments.sweeps.designs": ("Sampler",),
    "experiments.sweeps.store": ("Sweep",),
    "experiments.summary": ("paired_difference", "summarise"),
    "experiments.sweeps.sweep": ("Execution", "sweep"),
    "model.ecosystem": ("Ecosystem",),
    "model.errors": ("InputError",),
    "model.levers": ("Lever",),
    "model.scenario": ("Scenario", "preset_names"),
}


def __getattr__(name: str) -> Any:
    """A public name, loaded when it is asked for: Mesa, pandas and scipy take a second, which few commands need."""
    for module, names in _HOMES.items():
        if name in names:
            return getattr(importlib.import_module(f"{__name__}.{module}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})


def main() -> None:
    """Command line (see ``injae --help``)."""
    try:
        from injae.viz.commands.group import main as command_line
    except KeyboardInterrupt:
        sys.stderr.write("stopped\n")
        sys.exit(130)
    command_line()
