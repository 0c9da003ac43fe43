"""The command line as a whole: its commands, each loaded when it is asked for, and how they end.

Exit codes: 0 done, 1 some runs failed or files could not be written, 2 bad input, 128 and the number of a signal that
ended it (130 for Ctrl-C outside of runs); what ended it is said in one line.
"""

import ast
import contextlib
import importlib
import io
import os
import sys
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NoReturn

import click

from injae import experiments
from injae.experiments.executors.base import WorkersCannotStart
from injae.experiments.signals import on_ending_signals
from injae.model.errors import InputError
from injae.model.renamed import current, with_current_names
from injae.viz.lines import one_line

HERE = Path(__file__).parent
COMMANDS = (  # a file each, which adds its command to ``main``
    "app", "calibrate", "check", "compare", "country", "discover", "export", "heatmap", "levers", "outcomes",
    "parameters", "person", "rebuild", "retry", "robust", "run", "scenario", "screen", "search", "sensitivity",
    "status", "sweep", "validate",
)  # fmt: skip

# what no run gives is nan, and answers say so; numpy's words about it are for programmers
warnings.filterwarnings("ignore", "All-NaN|Mean of empty|Degrees of freedom|invalid value|divide by", RuntimeWarning)


class Command(click.Command):
    """A command that speaks of its own options where the code beneath names arguments, and takes an extension."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        help_text = "Python file with rules, levers, indicators or countries of your own (docs/extending.md)."
        told: dict[str, Any] = {"envvar": "INJAE_WITH", "metavar": "FILE", "help": help_text, "expose_value": False}
        self.params.append(click.Option(["--with"], is_eager=True, callback=_load, **told))

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Read the options."""
        files = {name for one in self.params if isinstance(one.type, click.Path) for name in one.opts}
        pairs = zip(["", *args], args, strict=False)
        args = [arg if before in files else _renamed(before, arg) for before, arg in pairs]
        with self._named():
            return super().parse_args(ctx, args)

    def invoke(self, ctx: click.Context) -> Any:
        """Do what is asked for."""
        with self._named():
            return super().invoke(ctx)

    @contextlib.contextmanager
    def _named(self) -> Iterator[None]:
        options = [one for one in self.params if isinstance(one, click.Option)]
        names = {name.lstrip("-").replace("-", "_"): name for one in options for name in one.opts}
        try:
            yield
        except InputError as error:
            raise click.UsageError(error.in_english(names | {one.name: one.opts[0] for one in options})) from error


def _renamed(before: str, arg: str) -> str:
    option, equals, value = arg.partition("=")
    if option == "--uncertainty" and equals:
        return f"{option}={current(value)}"
    return current(arg) if before == "--uncertainty" else with_current_names(arg)


def _load(_context: click.Context, _option: click.Parameter, file: str | None) -> None:
    if file:
        experiments.extensions.load_extension(file)


class Ending(click.Group):
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
        except WorkersCannotStart as error:
            return _say(str(error), 1)
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


class Commands(Ending):
    """The commands of ``COMMANDS``. What a command needs takes seconds to load, which help and other commands spare."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """Names of all commands."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, name: str) -> click.Command | None:
        """A command, loaded; None if there is none of that name."""
        if name in COMMANDS:
            importlib.import_module(f"injae.viz.commands.{name}")
        return super().get_command(ctx, name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Names and first sentences of all commands, read from their files without loading them."""
        with formatter.section("Commands"):
            formatter.write_dl([(name, first_sentence(name)) for name in COMMANDS])


def first_sentence(name: str) -> str:
    """Of what a command says of itself."""
    file = ast.parse((HERE / f"{name}.py").read_text(encoding="utf-8"))
    function = next(part for part in file.body if isinstance(part, ast.FunctionDef) and part.name == name)
    return click.Command(name, help=ast.get_docstring(function)).get_short_help_str(limit=100)


def _version(context: click.Context, _option: click.Parameter, asked: bool) -> None:
    """Say the version of the program, and of all else that a number rests on."""
    if not asked:
        return

    click.echo("\n".join(f"{name:<20} {value}" for name, value in experiments.manifest.state().items()))
    context.exit()


@click.group(cls=Commands, no_args_is_help=True, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="What would run here."
)
def main() -> None:
    """Injae: what happens to hospitals if universities are paid to train healthcare-AI experts.

    \b
    Begin with:  injae run
    """
