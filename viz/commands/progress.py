"""Progress of runs: a bar on a terminal, plain lines elsewhere, nothing when quiet."""

import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from injae.experiments.wording.amounts import duration

LINE_SECONDS = 10.0  # between lines of progress where there is no terminal
LOOK_SECONDS = 0.5  # between two looks at what the compiler has finished


class RunsBar:
    """Progress of runs: a bar on a terminal, a line every tenth of the way elsewhere, nothing when quiet."""

    def __init__(self, quiet: bool, doing: str = "Simulating", counted: str = "runs") -> None:
        self.quiet, self.doing, self.counted = quiet, doing, counted
        self.bar: Progress | None = None
        self.last = 0

    def __enter__(self) -> Callable[[int, int], None]:
        if not self.quiet and sys.stderr.isatty():
            columns = (TextColumn(self.doing), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            bar = Progress(*columns, console=Console(stderr=True), transient=True)
            bar.start()
            self.bar, self.task = bar, bar.add_task(self.counted, total=None)
        return self.show

    def note(self, text: str) -> None:
        """Say something above the bar."""
        if self.bar:
            self.bar.console.print(text, highlight=False)
        elif not self.quiet:
            click.echo(text, err=True)

    def show(self, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` runs are done."""
        if self.bar:
            self.bar.update(self.task, completed=done, total=total)
        elif not self.quiet and (done * 10 // total > self.last or done == total):
            self.last = done * 10 // total
            click.echo(f"{done} of {total} {self.counted}", err=True)

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()


class SweepBar:
    """Runs done and failed, runs a second, time left: a bar on a terminal, a line now and then elsewhere."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.bar: Progress | None = None
        self.first: tuple[int, float] | None = None  # runs there were when the first of these had finished, and when

    def __enter__(self) -> "SweepBar":
        self.said = time.monotonic()
        if not self.quiet and sys.stderr.isatty():
            self.bar = Progress(BarColumn(), TextColumn("{task.description}"), console=Console(stderr=True))
            self.bar.start()
            self.task = self.bar.add_task("starting", total=None)
        return self

    def note(self, text: str) -> None:
        """Say something above the bar."""
        if self.bar:
            self.bar.console.print(text, highlight=False)
        elif not self.quiet:
            click.echo(text, err=True)

    def show(self, so_far: Any) -> None:
        """Show how far the sweep is (``experiments.sweeps.sweep.Progress``).

        The rate is that since the first runs finished: before them the model may be compiled and processes start.
        """
        now = time.monotonic()
        finished = so_far.before + so_far.done
        self.first = self.first or (finished, now)
        since, seconds = finished - self.first[0], now - self.first[1]
        left = so_far.total - finished
        text = f"{finished} of {so_far.total} runs, {so_far.failed} failed"
        if since > 0 and seconds > 0:
            text += f", {since / seconds:z.1f} runs/s, {duration(left * seconds / since)} left"
        if self.bar:
            self.bar.update(self.task, completed=finished, total=so_far.total, description=text)
        elif not self.quiet and (now - self.said > LINE_SECONDS or left == 0):
            self.said = now
            click.echo(text, err=True)

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()


class StepsBar:
    """Progress of work in several parts, each with its name and steps: a bar on a terminal, now and then a line."""

    def __init__(self, quiet: bool) -> None:
        self.quiet = quiet
        self.bar: Progress | None = None
        self.what, self.said = "", 0.0

    def __enter__(self) -> Callable[[str, int, int], None]:
        if not self.quiet and sys.stderr.isatty():
            columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn())
            self.bar = Progress(*columns, console=Console(stderr=True), transient=True)
            self.bar.start()
            self.task = self.bar.add_task("starting", total=None)
        return self.show

    def show(self, what: str, done: int, total: int) -> None:
        """Show that ``done`` of ``total`` steps of a part are done."""
        now = time.monotonic()
        if self.bar:
            if what != self.what:
                self.bar.reset(self.task, description=what, total=total)
            self.bar.update(self.task, completed=done, total=total)
        elif not self.quiet and (now - self.said > LINE_SECONDS or done == total):
            self.said = now
            click.echo(f"{what}: {done} of {total}", err=True)
        self.what = what

    def __exit__(self, *_: object) -> None:
        if self.bar:
            self.bar.stop()


class CompileBar:
    """How far the compiler is: a bar on a terminal, a line now and then elsewhere.

    Args:
        due: folders of the processes to be compiled, into each of which the compiler writes a file.
    """

    def __init__(self, due: list[Path]) -> None:
        self.due = due
        self.bar = Progress(TextColumn("{task.description}"), BarColumn(), console=Console(stderr=True), transient=True)
        self.ends: list[float] = []  # seconds after which processes were done
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)

    def __enter__(self) -> None:
        click.echo("Compiling the model for this machine, once", err=True)
        self.began, self.said = time.monotonic(), 0.0
        if sys.stderr.isatty():
            self.bar.start()
        self._thread.start()

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()
        self.bar.stop()

    def _watch(self) -> None:
        task = self.bar.add_task("", total=1.0)
        while not self._done.wait(LOOK_SECONDS):
            seconds = time.monotonic() - self.began
            finished = sum(any(folder.rglob("*.nbc")) for folder in self.due)
            self.ends += [seconds] * (finished - len(self.ends))
            done, left = compile_progress(seconds, self.ends, len(self.due))
            text = f"compiling: {seconds:.0f} s so far, {'time left not known yet' if left is None else left}"
            self.bar.update(task, description=text, completed=done)
            if not self.bar.live.is_started and seconds - self.said > LINE_SECONDS:
                self.said = seconds
                click.echo(text, err=True)


def compile_progress(seconds: float, ends: list[float], due: int) -> tuple[float, str | None]:
    """The share of the compiler's work that is done, and the time left in words, None while no process is finished.

    Args:
        seconds: since it began.
        ends: when processes were finished, in seconds since then.
        due: how many processes there are to compile.
    """
    if not ends:
        return 0.0, None
    whole = ends[-1] * due / len(ends)
    left = whole - seconds
    return min(seconds / whole, 0.99), f"about {duration(left)} left" if left >= 1 else "nearly done"
