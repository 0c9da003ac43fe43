"""Injae, the open simulator of the healthcare-AI talent ecosystem: public API and command line.

    from injae import Scenario, simulate
    table = simulate("korea", seeds=10).series()

The command line is ``injae COMMAND`` or ``python -m injae COMMAND``.
"""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT))  # our packages have plain names; the checkout comes first

for _name in ("agents", "model", "experiments", "viz"):
    _found = getattr(sys.modules.get(_name), "__file__", None)
    if _found and Path(_found).resolve().parent.parent != ROOT:
        raise ImportError(f"another package named {_name!r} ({_found}) is in the way of Injae's; start from {ROOT}")

from agents import Firm, Hospital, Trainee, University  # noqa: E402
from experiments.compare import Comparison, compare  # noqa: E402
from experiments.runs import Results, simulate  # noqa: E402
from experiments.screening import screen  # noqa: E402
from experiments.sensitivity import sensitivity  # noqa: E402
from experiments.store import Sweep  # noqa: E402
from experiments.summary import paired_difference, summarise  # noqa: E402
from experiments.sweep import sweep  # noqa: E402
from model.ecosystem import Ecosystem  # noqa: E402
from model.errors import InputError  # noqa: E402
from model.scenario import Scenario, preset_names  # noqa: E402

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


def main() -> None:
    """Command line (see ``injae --help``)."""
    from viz.commands import main as command_line

    command_line()


if __name__ == "__main__":
    main()
