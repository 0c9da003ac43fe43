"""Who does the work: one interface, that of ``concurrent.futures``, with two backends.

* ``base.py``: what both share, a queue by urgency, cancelling, and what happens when a worker dies.
* ``processes.py``: processes of this machine.
* ``cluster.py``: the workers of a Dask scheduler.
* ``worker.py``: what a call can say and ask where it is done, the same in both.
* ``shared.py``: equal calls of several askers, done once.

A worker does one call at a time, on one thread.
"""

from pkgutil import iter_modules

import lazy_loader as lazy

__getattr__, __dir__, __all__ = lazy.attach(__name__, {one.name for one in iter_modules(__path__)})
