"""Files for download."""

import importlib.metadata
from typing import NamedTuple

TYPES = {
    "csv": "text/csv; charset=utf-8",
    "png": "image/png",
    "svg": "image/svg+xml",
    "pdf": "application/pdf",
}


class File(NamedTuple):
    """A file to download: name, media type and content; ``notice`` is a sentence to show with it, or None."""

    name: str
    type: str
    data: bytes
    notice: str | None = None


def version() -> str:
    """Version of Injae, which every file and board says."""
    return importlib.metadata.version("injae")
