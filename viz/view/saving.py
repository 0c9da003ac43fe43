"""Files for a visitor, made in the background and handed to the page."""

import base64
import logging
import threading
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from viz.view.words import word

if TYPE_CHECKING:
    from viz.view.exports import File

log = logging.getLogger("injae.view")


class Saving:
    """What a visitor's desk has to do with files.

    Attributes:
        saving: kind of the file being made, or None: one at a time.
        file: the last one made: ``name``, ``mime`` and ``data`` in base64.
        notice: what to tell about it, or None.
        error: what went wrong, in words, or None.
        on_change: called once it is made, or could not be.
    """

    saving: str | None = None
    file: dict[str, Any] | None = None
    notice: str | None = None
    error: str | None = None
    on_change: Callable[[], None]

    @property
    def lang(self) -> str:
        """Language of notices."""
        raise NotImplementedError

    def make_file(self, kind: str, make: Callable[[], "File"]) -> None:
        """Have a file made in a thread of its own, unless one is being made; what fails is logged and said kindly."""
        if self.saving is None:
            self.saving = kind
            threading.Thread(target=self._make_file, args=(kind, make), daemon=True).start()

    def _make_file(self, kind: str, make: Callable[[], "File"]) -> None:
        try:
            file = make()
            self.file = {"name": file.name, "mime": file.type, "data": base64.b64encode(file.data).decode()}
            self.notice = file.notice or self.notice
        except Exception as error:
            self._could_not_make(kind, error)
        self.saving = None
        self.on_change()

    def _could_not_make(self, kind: str, error: Exception) -> None:
        log.error("a file of kind %s failed", kind, exc_info=error)
        self.error = word("notice.trouble", self.lang)
