"""What all presenters do. A presenter is what one visitor does on one screen, in plain Python.

The page calls its verbs and draws what it holds. Verbs never raise: what a visitor may do wrong becomes a notice, what
we did wrong is logged and said kindly. Whatever changes, ``on_change`` is called, from the thread that changed it; what
is no longer wanted is cancelled.
"""

import base64
import contextlib
import contextvars
import logging
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from typing import Any

from injae.model.errors import InputError
from injae.viz.view.files import File
from injae.viz.view.refused import in_words
from injae.viz.view.words import word

log = logging.getLogger("injae.view")
THREADS = "presenter: "  # beginning of the names of threads
Work = Callable[[threading.Event], None]
# Solara 1.64.1 binds a thread to the page in which it is made, save in a pool. A page that closes while such a thread
# ends fails half-way (KeyError), and what it held is held for good: threads are made where no page is.
_MAKER = ThreadPoolExecutor(1)


class Tasks:
    """Work in threads of its own, by name: what is begun takes the place of what was being done under that name."""

    def __init__(self) -> None:
        self._cancelled: dict[str, threading.Event] = {}

    def start(self, name: str, work: Work, failed: Callable[[], None] = lambda: None) -> None:
        """Do work, which gets the event that cancels it; what fails is logged, and told unless cancelled."""
        cancelled = self.cancel(name)

        def do() -> None:
            try:
                work(cancelled)
            except Exception:
                log.exception("%s failed", name)
                if not cancelled.is_set():
                    failed()

        run = partial(contextvars.copy_context().run, do)  # speaks of the country that is spoken of here
        _MAKER.submit(threading.Thread, target=run, name=f"{THREADS}{name}", daemon=True).result().start()

    def cancel(self, name: str) -> threading.Event:
        """Cancel what is being done under a name; gives the event of what is done next."""
        if name in self._cancelled:
            self._cancelled[name].set()
        self._cancelled[name] = threading.Event()
        return self._cancelled[name]

    def close(self) -> None:
        """Cancel everything."""
        for cancelled in list(self._cancelled.values()):
            cancelled.set()


class Presenter:
    """The base of all presenters.

    Attributes:
        lang: ``ko`` or ``en``.
        link: what the address says beside the scenario, beginning with ``&``.
        dropped: parts of the link that say nothing, each with the reason.
        notice: something to tell, or None.
        error: what went wrong, in words, or None.
        saving: kind of the file being made, or None: one at a time.
        file: the last one made: ``name``, ``mime`` and ``data`` in base64.
        on_change: called after each change.
    """

    lang: str
    link: str = ""
    dropped: Sequence[str] = ()
    notice: str | None = None
    error: str | None = None
    saving: str | None = None
    file: dict[str, Any] | None = None

    def __init__(self) -> None:
        self.on_change: Callable[[], None] = lambda: None
        self.tasks = Tasks()
        self._lock = threading.RLock()

    def begin(self) -> None:
        """The page is there: ask for what it shows."""

    def close(self) -> None:
        """The page is gone: stop its work."""
        self.on_change = lambda: None
        self.tasks.close()

    def close_notice(self, _: Any = None) -> None:
        """The notice was read."""
        self.notice = None
        self.on_change()

    def make_file(self, kind: str, make: Callable[[], File]) -> None:
        """Have a file made in the background, unless one is being made."""
        if self.saving is not None:
            return
        self.saving = kind

        def work(_: threading.Event) -> None:
            with self._kindly():
                try:
                    made = make()
                    self.file = {"name": made.name, "mime": made.type, "data": base64.b64encode(made.data).decode()}
                    self.notice = made.notice or self.notice
                finally:
                    self.saving = None

        self.tasks.start("file", work)

    @contextlib.contextmanager
    def _kindly(self) -> Iterator[None]:
        """Say what went wrong instead of raising it, and tell the page in any case."""
        try:
            yield
        except InputError as error:
            self._refuse(error)
        except Exception:
            log.exception("a move of %s failed", type(self).__name__)
            self._fail()
        self.on_change()

    def _refuse(self, error: InputError) -> None:
        """Something that the visitor gave cannot be used."""
        self.notice = word("notice.bad_value", self.lang, what=in_words(error, self.lang))

    def _fail(self) -> None:
        """Something went wrong through no fault of the visitor."""
        self.error = word("notice.trouble", self.lang)
