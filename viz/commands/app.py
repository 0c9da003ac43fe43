"""``injae app``: the view in a browser."""

from pathlib import Path

import click

from injae.model.errors import InputError
from injae.viz.commands.group import main
from injae.viz.commands.numeric import Integer
from injae.viz.commands.options import workers_option
from injae.viz.lines import one_line

LOOPBACK = ("localhost", "127.0.0.1", "::1")


@main.command()
@click.option(
    "--host", default="localhost", show_default=True, help="Address to listen on; the default is this machine."
)
@click.option("--port", type=Integer(1, 65535), default=8765, show_default=True, help="Port to listen on.")
@click.option("--root-path", default="", metavar="/PATH", help="Path under which a reverse proxy shows the view.")
@click.option(
    "--results",
    "results_folder",
    default="results",
    show_default=True,
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder whose sweeps the results screen shows; nothing outside it is read.",
)
@click.option(
    "--classes",
    "classes_folder",
    metavar="DIR",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder that keeps the guesses of classes in the lessons; default one beside compiled code.",
)
@workers_option
@click.option("--open/--no-open", "open_browser", default=True, help="Open the page in this machine's browser.")
@click.option("--quiet", is_flag=True, help="Print nothing but errors.")
def app(
    host: str,
    port: int,
    root_path: str,
    results_folder: Path,
    classes_folder: Path | None,
    workers: int | None,
    open_browser: bool,
    quiet: bool,
) -> None:
    """Show the view: move a lever in the browser and see what changes.

    Works without internet. Whoever reaches the address can run simulations: see docs/view.md before opening it to a
    network.

    \b
    Example:  injae app --port 8080
    """
    if root_path and not root_path.startswith("/"):
        raise InputError("form", "begins with a slash, such as /injae", "root_path", root_path)
    from injae.viz.view.serve import Address, Folders, serve  # the extra app

    if host not in LOOPBACK:  # also with --quiet: a warning is no chatter
        warning = f"warning: everybody who can reach {host}:{port} can use this view and this machine's time"
        click.echo(one_line(warning), err=True)
    serve(
        Address(host, port, root_path.rstrip("/")),
        workers=workers,
        open_browser=open_browser and host in LOOPBACK,
        quiet=quiet,
        folders=Folders(results_folder, classes_folder),
    )
