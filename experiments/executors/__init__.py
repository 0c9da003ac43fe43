"""Who does the work: one interface, that of ``concurrent.futures``, with two backends.

* ``base.py``: what both share, a queue by urgency, cancelling, and what happens when a worker dies.
* ``processes.py``: processes of this machine.
* ``cluster.py``: the workers of a Dask scheduler.
* ``worker.py``: what a call can say and ask where it is done, the same in both.
* ``shared.py``: equal calls of several askers, done once.

A worker does one call at a time, on one thread.
"""
