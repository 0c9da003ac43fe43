"""What all commands share: how they end, their options, where they write.

Exit codes: 0 done, 1 some runs failed or files could not be written, 2 bad input, 128 and the number of a signal that
ended it (130 for Ctrl-C outside of runs); what ended it is said in one line.
"""

import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any, NoReturn

import click
from rich.console import Console
from rich.table import Table

from experiments.signals import on_ending_signals
from model.errors import InputError
from model.scenario import MONTHS_MAX
from viz.commands.numeric import Whole
from viz.lines import one_line

SEEDS_MAX = 100_000


class Command(click.Command):
    """A command that can work with an extension (``experiments.extensions``)."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        help_text = "Python file with rules, levers, indicators or countries of your own (docs/extending.md)."
        options = {"envvar": "INJAE_WITH", "metavar": "FILE", "help": help_text, "expose_value": False}
        self.params.append(click.Option(["--with"], is_eager=True, callback=_load, **options))


def _load(_context: click.Context, _option: click.Parameter, file: str | None) -> None:
    if file:
        from experiments.extensions import load_extension

        load_extension(file)


class Group(click.Group):
    """Commands whose mistakes end in one line and exit code 2."""

    command_class = Command

    def main(self, *args: Any, **options: Any) -> NoReturn:
        """Run the command line and leave the process with its exit code."""
        for name in ("stdout", "stderr"):
            if getattr(sys, name) is None:  # closed by who started us
                setattr(sys, name, Path(os.devnull).open("w", encoding="utf-8"))  # noqa: SIM115 - until the end
        _print_whatever_the_encoding()
        stopped: list[int] = []

        def stop(number: int) -> None:
            """What Ctrl-C does."""
            stopped.append(number)
            raise KeyboardInterrupt

        with on_ending_signals(stop):
            code = self._ended(*args, **options)
        sys.exit(128 + stopped[0] if stopped else code)

    def _ended(self, *args: Any, **options: Any) -> int:
        """Run the command line and say how it ended, in one line; gives the exit code."""
        try:
            code = super().main(*args, **{**options, "standalone_mode": False})
            sys.stdout.flush()  # what cannot be written shows here, not when Python ends
            return code if isinstance(code, int) else 0
        except SystemExit as ended:
            return ended.code if isinstance(ended.code, int) else int(ended.code is not None)
        except click.exceptions.NoArgsIsHelpError as error:
            click.echo(error.ctx.get_help())
            return 2
        except click.ClickException as error:
            return _say(error.format_message().rstrip("."), 2)
        except InputError as error:
            return _say(str(error), 2)
        except (RecursionError, OverflowError, ValueError) as error:  # of a reader that does not name its field
            if (reason := _unreadable(error)) is None:
                raise
            return _say(reason, 2)
        except (click.Abort, KeyboardInterrupt):
            click.echo("stopped", err=True)
            return 130
        except BrokenPipeError:
            _drop_output()
            return 0
        except MemoryError:
            return _say("out of memory; fewer runs, months or workers need less", 1)
        except OSError as error:
            _drop_output()
            return _say(f"{error.filename or 'standard output'}: {error.strerror or error}", 1)


def _unreadable(error: Exception) -> str | None:
    """What is wrong with an input that made Python's own readers give up; None for faults of ours."""
    if isinstance(error, RecursionError):
        return "something in the input is nested too deeply to be read; write it flat"
    if isinstance(error, OverflowError) or "integer string conversion" in str(error):
        return "a number in the input is too large; allowed ranges: injae levers, injae parameters"
    if isinstance(error, UnicodeError):
        return "a text in the input is not UTF-8"
    return "a name in the input holds a null byte, which no file can have" if "null byte" in str(error) else None


def _print_whatever_the_encoding() -> None:
    """What an output cannot show, a Korean name in a western file say, is written as its code: no reason to fail."""
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper) and stream.errors == "strict":
            stream.reconfigure(errors="backslashreplace")


def _drop_output() -> None:
    """Let what nobody can take any more go nowhere, or Python complains of it once more when it ends."""
    try:
        sys.stdout.flush()
    except OSError:
        with contextlib.suppress(OSError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _say(message: str, code: int) -> int:
    click.echo(one_line(f"injae: {message}"), err=True)
    return code


@click.group(cls=Group, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="injae", message="injae %(version)s")
def main() -> None:
    """Injae: what happens to hospitals if universities are paid to train healthcare-AI experts.

    \b
    Begin with:  injae run
    """


set_option = click.option(
    "--set",
    "changes",
    multiple=True,
    metavar="PATH=VALUE",
    help="Change one setting, such as levers.grant_scale=2, levers.data_access@2027-01=0.8 or "
    "levers.data_access@2027-01..2029-12=0.8; may be repeated.",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
quiet_option = click.option("--quiet", is_flag=True, help="Print nothing but errors.")
months_option = click.option(
    "--months", type=Whole(1, MONTHS_MAX), help="Length of the run; default as in the scenario."
)
seed_option = click.option("--seed", type=Whole(0, 2**31 - 1), default=0, show_default=True, help="First seed.")
seeds_option = click.option(
    "--seeds",
    type=Whole(1, SEEDS_MAX),
    help="Number of runs: each has a seed of its own, two of them share a draw of the parameters; default 100, by luck "
    "alone 20.",
)
uncertainty_option = click.option(
    "--uncertainty",
    type=click.Choice(["luck", "posterior", "ranges"]),
    help="What differs between runs: luck alone, or parameters too: as the facts leave them (posterior) or over their "
    "whole ranges. Default posterior, ranges where the country has none; with --margin luck.",
)
workers_option = click.option("--workers", type=Whole(1, 256), help="Processes; default by the work there is.")
out_option = click.option(
    "--out", type=click.Path(path_type=Path), help="Folder of the files; default a dated one in results/."
)


def names_of(option: str, text: str | None) -> list[str]:
    """Names with commas between them; none if the option is not given.

    Raises:
        InputError: given, and nothing but commas.
    """
    names = [name.strip() for name in (text or "").split(",") if name.strip()]
    if text is not None and not names:
        raise InputError(f"{option} {text!r}: names nothing; write NAME,NAME or leave it out")
    return names


def results_folder(out: Path | None, name: str, kind: str, files: Iterable[str] = ()) -> Path:
    """Where a command writes: the folder asked for, or a new dated one in ``results``; made if it is not there.

    One that is made and still empty at the end of the command goes again.

    Args:
        out: as asked for.
        name: of a dated one.
        kind: of the result (``experiments.folders``).
        files: that it may have.

    Raises:
        InputError: it cannot be written, or holds what may not be replaced.
    """
    from experiments.folders import check_free, dated, remove_if_empty, unwritable

    made = True
    if out is not None:
        check_free(out, kind, files)
        made = not out.exists()
    try:
        folder = dated(name) if out is None else out
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as error:
        raise unwritable(out or Path("results"), error) from error
    if made:
        click.get_current_context().call_on_close(lambda: remove_if_empty(folder))
    return folder


def announce_compile(quiet: bool) -> None:
    """Compile the model for this machine, if that is due, and show how far it is; quiet, the first run does it."""
    from model.rules import in_use

    if not quiet and in_use().compile_is_due():
        from model.ecosystem import Ecosystem
        from viz.commands.progress import CompileBar

        with CompileBar(in_use().folder):
            Ecosystem().run(1)


def print_table(title: str, rows: list[dict[str, Any]], as_json: bool) -> None:
    """Print rows of equal keys as a table, or as JSON."""
    if as_json:
        click.echo(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    table = Table(title=title, title_justify="left", box=None, pad_edge=False, header_style="bold")
    for name in rows[0]:
        table.add_column(name, overflow="fold", no_wrap=name == "path")
    for row in rows:
        table.add_row(*(f"{cell:z,.10g}" if isinstance(cell, int | float) else str(cell) for cell in row.values()))
    Console(width=None if sys.stdout.isatty() else 220).print(table)
