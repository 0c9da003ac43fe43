"""The server of the view: Solara in production mode, without a call to the outside.

What the page needs in the browser comes from the package solara-assets through this server. Nothing is fetched from
elsewhere: the address that Solara would ask for missing files is one that leads nowhere, and the guard's content
policy forbids the browser to load anything that is not from here.
"""

import errno
import importlib.util
import logging
import os
import socket
import threading
import time
import webbrowser
from pathlib import Path
from typing import NamedTuple

import click

from injae.agents.kernels import CACHE_FOLDER
from injae.experiments.folders import unwritable
from injae.model.errors import InputError
from injae.viz.lines import one_line

ASSETS = Path(__file__).parent / "assets"
NEEDED = ("solara", "solara_assets", "ipyvuetify", "uvicorn")
IDLE_KERNEL = "2m"  # how long a page that lost its connection can come back to its own state; then its runs stop
SETTINGS = {  # read by Solara when it is imported
    "SOLARA_APP": "injae.viz.view.app",
    "SOLARA_MODE": "production",
    "SOLARA_TELEMETRY_MIXPANEL_ENABLE": "False",
    "SOLARA_ASSETS_CDN": "offline:/",
    "SOLARA_ASSETS_FONTAWESOME_ENABLED": "False",
    "SOLARA_ASSETS_EXTRA_LOCATIONS": str(ASSETS),
    "SOLARA_KERNEL_CULL_TIMEOUT": IDLE_KERNEL,
    "SOLARA_THEME_LOADER": "plain",
    "SOLARA_THEME_TITLE": "Injae",
}


class Address(NamedTuple):
    """Where the view listens, and the path under which visitors see it (empty, or beginning with a slash)."""

    host: str
    port: int
    root_path: str = ""

    @property
    def url(self) -> str:
        """Address for a browser on this machine."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return f"http://{host}:{self.port}/"


class Folders(NamedTuple):
    """Where sweeps are shown from, and where the guesses of classes are kept; None for that beside compiled code."""

    results: Path = Path("results")
    classes: Path | None = None


USUAL_FOLDERS = Folders()


def serve(
    address: Address,
    *,
    workers: int | None = None,
    open_browser: bool = False,
    quiet: bool = False,
    folders: Folders = USUAL_FOLDERS,
) -> None:
    """Serve the view until interrupted.

    ``workers`` processes simulate for all visitors; as many as there are processors unless told.

    Raises:
        InputError: the extra ``app`` is not installed, the port is taken, or a folder cannot be made.
    """
    _check_installed()
    sockets = _listening(address)
    os.environ.update(SETTINGS)
    if address.root_path:
        os.environ["SOLARA_ROOT_PATH"] = address.root_path
    import uvicorn
    from solara.server import starlette  # reads SETTINGS when it is imported, so it and all that has it comes here

    from injae.viz.view import runs  # has it
    from injae.viz.view.guard import Guard  # has it
    from injae.viz.view.lessons.classes import classes  # has it
    from injae.viz.view.policy.backcaster import prepare_in_background  # has it
    from injae.viz.view.results import sweeps as results  # has it

    _log_plainly()
    starlette.get_path = asset
    results.open_root(folders.results)
    kept = folders.classes or CACHE_FOLDER.parent / "classes"
    try:
        classes.open(kept)
    except OSError as error:
        raise unwritable(kept, error) from error
    runs.open_desk(workers)
    stop = threading.Event()
    prepare_in_background(runs.warm_up(), stop)
    config = uvicorn.Config(
        Guard(starlette.app),
        root_path=address.root_path,
        log_config=None,
        log_level="warning",
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    threading.Thread(target=_announce, args=(server, address, open_browser, quiet), daemon=True).start()
    try:
        server.run(sockets)
    finally:
        stop.set()
        runs.desk().close()


def _check_installed() -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        fault = f"needs the view's packages ({', '.join(missing)}): pip install -c constraints.txt -e .[app]"
        raise InputError("not_installed", fault, "app")


def _listening(address: Address) -> list[socket.socket]:
    """Sockets that listen at an address, taken now: of two servers that begin at once one gets them.

    Raises:
        InputError: it is none of this machine's, or taken.
    """
    sockets: list[socket.socket] = []
    unknown = OSError(errno.EADDRNOTAVAIL, "no address of this machine")
    try:
        for family, _, _, _, place in socket.getaddrinfo(address.host, address.port, type=socket.SOCK_STREAM):
            try:
                sockets.append(socket.create_server(place[:2], family=family))  # pyright: ignore[reportArgumentType]
            except OSError as error:  # "localhost" may have an address of a kind that this machine does not speak
                if error.errno not in (errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT):
                    raise
                unknown = error
        if not sockets:
            raise unknown
    except (OSError, UnicodeError) as error:
        for one in sockets:
            one.close()
        reason = getattr(error, "strerror", None) or error
        fault = f"cannot be listened on at {address.host} ({reason})"
        raise InputError("occupied", fault, "port", address.port) from error
    return sockets


def asset(folder: Path, path: str) -> Path:
    """A file of the package solara-assets; nothing is fetched from outside, and nothing removed.

    Raises:
        FileNotFoundError: it has no such file.
    """
    file = (folder / path / "__main.js" if "/" not in path else folder / path).resolve()
    if not file.is_relative_to(folder.resolve()) or not file.is_file():
        raise FileNotFoundError(path)
    return file


class _Plain(logging.Formatter):
    """Faults of ours with their traceback; what the framework or a library reports in one line."""

    def format(self, record: logging.LogRecord) -> str:
        if record.name.startswith("injae"):
            return super().format(record)
        error = record.exc_info[1] if record.exc_info else None
        text = record.getMessage() + (f" ({type(error).__name__}: {error})" if error else "")
        return one_line(f"{record.name}: {text}")


def _log_plainly() -> None:
    handler = logging.StreamHandler()
    handler.setFormatter(_Plain())
    logging.basicConfig(level=logging.WARNING, handlers=[handler])
    logging.captureWarnings(True)
    logging.getLogger("solara").setLevel(logging.ERROR)


def _announce(server: object, address: Address, open_browser: bool, quiet: bool) -> None:
    """Say where the view is once it answers."""
    while not getattr(server, "started", False):
        time.sleep(0.05)
    if not quiet:
        click.echo(f"Injae is at {address.url}  (Ctrl-C ends it)")
    if open_browser:
        webbrowser.open(address.url)
