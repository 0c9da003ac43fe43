"""The view: what a visitor sees in a browser.

Plain Python, tested without a browser, in the order in which they are used:

* ``state.py``: what one visitor has chosen; a frozen value, its link, its undo and redo.
* ``runs.py``: the answer to a state from real runs of the model, in warm processes that all share.
* ``payload.py``, ``pipeline.py``: that answer as the board of the page gets it (JSON).
* ``controls.py``, ``grounds.py``: the levers, and what levers and curves rest on.
* ``words.py``: every word and number in Korean and English.
* ``exports.py``, ``brief.py``: files for download. ``levers_sample.py``, ``pull.py``,
  ``puller.py``: what it takes to reach a wanted future: where to look, the search, one visitor's search.

* ``inside.py``, ``inside_stories.py``, ``inside_desk.py``, ``insider.py``: one run looked at from within: the map, what
  is told of people and institutions, how it is asked for, and what one visitor looks at.

To add a screen: put its words into ``words.toml``, ask for its runs through ``runs.ask`` (never simulate in the page's
own thread), turn the answer into JSON in a function beside ``payload.board``, and draw it in ``screens/``. Only
``app.py`` and ``screens/`` import solara.
"""
