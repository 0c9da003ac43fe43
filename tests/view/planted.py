"""The view with faults in it: ``python -m tests.view.planted FOLDER [options of injae app]``.

A file in FOLDER switches a fault on: ``Answer`` makes that part of ``viz/view/parts.py`` raise when it is drawn,
``want`` makes that handler raise.
"""

import os
import sys
from pathlib import Path

HANDLERS = {"want": "viz.view.pull.puller.Puller", "choose_seed": "viz.view.inside.insider.Insider"}
SECRET = "a-path-nobody-should-see"


def plant(folder):
    """Let parts and handlers raise while their file is there."""
    import importlib

    from viz.view.serve import SETTINGS

    os.environ.update(SETTINGS)  # Solara reads them when it is imported, which parts does
    from viz.view import parts

    def failing(owner, name):
        whole = getattr(owner, name)

        def component(*args, **kwargs):
            if (folder / name).exists():
                raise RuntimeError(SECRET)
            return whole(*args, **kwargs)

        setattr(owner, name, component)

    for name in [name for name, value in vars(parts).items() if name[0].isupper() and hasattr(value, "__wrapped__")]:
        failing(parts, name)
    for name, owner in HANDLERS.items():
        module, _, kind = owner.rpartition(".")
        failing(getattr(importlib.import_module(module), kind), name)


if __name__ == "__main__":
    from viz.commands.group import main

    plant(Path(sys.argv[1]))
    main(["app", "--no-open", *sys.argv[2:]])
