"""The view with faults in it: ``python -m tests.view.planted FOLDER [options of injae app]``.

A file in FOLDER switches a fault on: ``Answer`` makes ``answer.vue`` raise when it is drawn (``viz/view/page.py``),
``want`` makes that handler raise.
"""

import os
import sys
from pathlib import Path

HANDLERS = {
    "want": "injae.viz.view.policy.backcaster.Backcaster",
    "choose_seed": "injae.viz.view.inside.insider.Insider",
}
SECRET = "a-path-nobody-should-see"


def plant(folder):
    """Let parts and handlers raise while their file is there."""
    import importlib

    from injae.viz.view.serve import SETTINGS

    os.environ.update(SETTINGS)  # Solara reads them when it is imported, which page does
    from injae.viz.view import page

    draw = page.vue

    def vue(template, *args, **shown):
        if (folder / Path(template).stem.capitalize()).exists():
            raise RuntimeError(SECRET)
        return draw(template, *args, **shown)

    def failing(owner, name):
        whole = getattr(owner, name)

        def handler(*args, **kwargs):
            if (folder / name).exists():
                raise RuntimeError(SECRET)
            return whole(*args, **kwargs)

        setattr(owner, name, handler)

    page.vue = vue
    for name, owner in HANDLERS.items():
        module, _, kind = owner.rpartition(".")
        failing(getattr(importlib.import_module(module), kind), name)


if __name__ == "__main__":
    from injae.viz.commands.group import main

    plant(Path(sys.argv[1]))
    main(["app", "--no-open", *sys.argv[2:]])
