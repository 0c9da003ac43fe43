"""The command line: ``injae COMMAND`` or ``python -m injae COMMAND``; a file a command, or a few that belong together.

``front`` is what all share. The other modules add their commands to it when they are imported.
"""

import warnings

from viz.commands import (
    app,
    calibrate,
    check,
    compare,
    discover,
    heatmap,
    listings,
    outcomes,
    person,
    rebuild,
    robust,
    run,
    scenario,
    screen,
    search,
    sensitivity,
    sweep,
    validate,
)
from viz.commands.front import main

__all__ = ["main"]

# what no run gives is nan, and answers say so; numpy's words about it are for programmers
warnings.filterwarnings("ignore", "All-NaN|Mean of empty|Degrees of freedom|invalid value|divide by", RuntimeWarning)
