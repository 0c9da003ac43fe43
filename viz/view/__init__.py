"""The view: what a visitor sees in a browser. It asks ``experiments`` for results and shows them.

Each screen has a folder: ``screen.py`` (the component), a presenter (what one visitor does there, in plain Python),
what turns results into JSON, Vue templates and words. What all screens share stands here, in the order of use:

* ``app.py``: the page, its header and the list of screens; ``page.py``: visitor, presenter and template of a screen.
* ``state.py``, ``links.py``: what a visitor has chosen; a frozen value, its link, its undo and redo.
* ``visitor.py``: one visitor, on every screen; ``presenter.py``: what all presenters do.
* ``runs.py``, ``cache.py``: runs in warm processes that all visitors share.
* ``packing.py``, ``drawing.py``, ``files.py``: answers on the wire, as figures, as files.
* ``words.py``, ``refused.py``: every word and number in Korean and English.
* ``serve.py``, ``guard.py``, ``lost.py``, ``boundary.py``: the server, what stands before it, and where errors end.

Only ``app.py``, ``page.py``, ``boundary.py``, ``serve.py`` and screens import solara.
"""
