"""``injae export``: a sweep as tables for other programs."""

import json
from pathlib import Path

import click

from viz.amounts import byte_size
from viz.commands.group import main
from viz.commands.options import json_option, quiet_option
from viz.commands.sweep_lines import failing_in_one_line, folder_argument, say


@main.command()
@folder_argument
@click.option("--to", required=True, type=click.Choice(["csv", "parquet", "netcdf"]), help="Format of the files.")
@click.option("--out", type=click.Path(path_type=Path), help="Folder of the files; default DIR/export.")
@click.option("--excel", is_flag=True, help="Begin CSV files with a mark that lets Excel show Korean names.")
@json_option
@quiet_option
def export(folder: Path, to: str, out: Path | None, excel: bool, as_json: bool, quiet: bool) -> int:
    """Write the sweep in DIR as tables for other programs: points, runs, summary, series.

    \b
    Example:  injae export results/pay --to csv
    """
    from experiments.sweeps.export import export as export_sweep
    from experiments.sweeps.store import Sweep

    target = out or folder / "export"
    with failing_in_one_line(target):
        store = Sweep(folder)
        files = export_sweep(store, to, target, mark=excel)
    if store.manifest["kept"]:
        places = " and ".join(str(folder / kind) for kind in store.manifest["kept"])
        click.echo(f"injae: not exported: {' and '.join(store.manifest['kept'])}; Parquet files in {places}", err=True)
    if as_json:
        click.echo(json.dumps([str(file) for file in files], indent=2))
    else:
        say("\n".join(f"{file}  ({byte_size(file.stat().st_size)})" for file in files), quiet)
    return 0
