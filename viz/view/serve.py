"""The server of the view: Solara in production mode, without a call to the outside.

What the page needs in the browser comes from the package solara-assets through this server. Nothing is fetched from
elsewhere: the address that Solara would ask for missing files is one that leads nowhere, and the guard's content
policy forbids the browser to load anything that is not from here.
"""

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

from model.errors import InputError

ASSETS = Path(__file__).parent / "assets"
NEEDED = ("solara", "solara_assets", "ipyvuetify", "uvicorn")
IDLE_KERNEL = "10m"  # how long a closed tab can come back to its own state
SETTINGS = {  # read by Solara when it is imported
    "SOLARA_APP": "viz.view.app",
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


def serve(
    address: Address, *, open_browser: bool = False, quiet: bool = False, results_folder: Path = Path("results")
) -> None:
    """Serve the view until interrupted; sweeps are shown from below one folder.

    Raises:
        InputError: the extra ``app`` is not installed, or the port is taken.
    """
    _check_installed()
    _check_free(address)
    os.environ.update(SETTINGS)
    if address.root_path:
        os.environ["SOLARA_ROOT_PATH"] = address.root_path
    import uvicorn
    from solara.server import starlette

    from viz.view import runs
    from viz.view.guard import Guard
    from viz.view.pull import sample as levers_sample
    from viz.view.results import sweeps as results

    logging.getLogger("solara").setLevel(logging.ERROR)
    results.open_root(results_folder)
    stop = threading.Event()
    levers_sample.in_background(runs.desk(), runs.warm_up(), stop)
    config = uvicorn.Config(
        Guard(starlette.app),
        host=address.host,
        port=address.port,
        root_path=address.root_path,
        log_level="warning",
        access_log=False,
        timeout_graceful_shutdown=1,
    )
    server = uvicorn.Server(config)
    threading.Thread(target=_announce, args=(server, address, open_browser, quiet), daemon=True).start()
    try:
        server.run()
    finally:
        stop.set()
        runs.desk().close()


def _check_installed() -> None:
    missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise InputError(
            f"app: needs the view's packages ({', '.join(missing)}): pip install -c constraints.txt -e .[app]"
        )


def _check_free(address: Address) -> None:
    try:
        with socket.create_server((address.host, address.port)):
            pass
    except OSError as error:
        raise InputError(
            f"--host {address.host} --port {address.port}: cannot be listened on ({error.strerror})"
        ) from error


def _announce(server: object, address: Address, open_browser: bool, quiet: bool) -> None:
    """Say where the view is once it answers."""
    while not getattr(server, "started", False):
        time.sleep(0.05)
    if not quiet:
        click.echo(f"Injae is at {address.url}  (Ctrl-C ends it)")
    if open_browser:
        webbrowser.open(address.url)
