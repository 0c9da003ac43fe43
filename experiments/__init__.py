"""Many runs: simulating, comparing, measuring; folders for sweeps, analyses, searches, calibration, checks, lives.

Its modules and folders, and those of ``viz.answers`` and ``viz.figures``, are loaded when they are first asked for
(``experiments.runs.simulate``), as scipy's are: pandas, Mesa and matplotlib take seconds that ``injae COMMAND --help``
and a refused option spare.
"""

import os
from pkgutil import iter_modules

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(__name__, {one.name for one in iter_modules(__path__)})

if os.environ.get("INJAE_WITH"):  # also in processes that a command with an extension has started
    from injae.experiments.extensions import load_as_told  # the model with it, which most processes load later

    load_as_told()
