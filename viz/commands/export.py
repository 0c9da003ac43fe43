"""``injae export``: a sweep as tables for other programs."""

import json
from pathlib import Path

import click

from injae.experiments import sweeps
from injae.experiments.wording.amounts import byte_size
from injae.viz.commands.group import main
from injae.viz.commands.options import print_options
from injae.viz.commands.sweep_lines import failing_in_one_line, folder_argument, say


@main.command()
@folder_argument
@click.option(
    "--to",
    required=True,
    type=click.Choice(["csv", "parquet", "netcdf", "ema"]),
    help="Format of the files; ema: an archive of EMA Workbench.",
)
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the files; default DIR/export.")
@click.option("--excel", is_flag=True, help="Begin CSV files with a mark that lets Excel show Korean names.")
@print_options
def export(folder: Path, to: str, out: Path | None, excel: bool, as_json: bool, quiet: bool) -> int:
    """Write the sweep in DIR as tables for other programs: points, runs, summary, series, and what their columns are.

    \b
    Example:  injae export results/pay --to csv
    """
    target = out or folder / "export"
    with failing_in_one_line(target):
        store = sweeps.store.Sweep(folder)
        files = sweeps.export.export(store, to, target, mark=excel)
    if store.manifest["kept"]:
        places = " and ".join(str(folder / kind) for kind in store.manifest["kept"])
        click.echo(f"injae: not exported: {' and '.join(store.manifest['kept'])}; Parquet files in {places}", err=True)
    if as_json:
        click.echo(json.dumps([str(file) for file in files], indent=2))
    else:
        say("\n".join(f"{file}  ({byte_size(file.stat().st_size)})" for file in files), quiet)
    return 0
