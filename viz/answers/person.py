"""What ``injae person`` prints: one life, two lives side by side, or people worth a look."""

import difflib
import json
import sys
from collections.abc import Sequence
from typing import Any, NoReturn

import click
import pandas as pd
from rich.console import Console
from rich.table import Table

from injae.experiments.lives import biography
from injae.experiments.lives.finders import FINDERS, find_all
from injae.experiments.lives.lives import MISSED, Lives, Parting, part
from injae.experiments.runs import Job, run_jobs
from injae.model.errors import InputError, nearest
from injae.model.scenario import Scenario, preset_names

LIST = "list"
PLAIN_WIDTH = 160  # where there is no terminal
KEY_MAX = 2**64 - 1


def show_person(
    key: str, plans: list[Scenario], labels: list[str], seed: int, *, as_json: bool, quiet: bool, lang: str = "en"
) -> int:
    """Print one life, or two if there are two plans; returns the exit code.

    Args:
        key: a person's key, a word of ``FINDERS``, or ``list``.
        plans: the scenario; then, if wanted, the one to compare it with. For ``list`` and ``most-changed`` the second
            is the one that the change is measured against.
        labels: what the scenarios are called.
        seed: seed of the runs.
        as_json: print JSON.
        quiet: print nothing but errors and JSON.
        lang: language of names and sentences.

    Raises:
        InputError: no such person.
    """
    number = check_key(key)
    runs = _simulate(plans, labels, seed, watch=number or 0, lang=lang)
    if key == LIST:
        _show_list(runs, as_json=as_json, quiet=quiet)
        return 0
    if number is None:
        number = _find(key, runs)
        if len(plans) > 1:
            runs = _simulate(plans, labels, seed, watch=number, lang=lang)
    if not any(number in lives for lives in runs):
        _nobody(number, runs)
    parting = part(runs[0], runs[1], number) if len(runs) > 1 else None
    if as_json:
        click.echo(json.dumps(_as_json(number, runs, parting), indent=2, ensure_ascii=False))
    elif not quiet and len(runs) > 1:
        _show_two(number, runs[0], runs[1], parting)
    elif not quiet:
        _show_one(number, runs[0])
    return 0


def check_key(key: str) -> int | None:
    """The key as a number, None for a word.

    Raises:
        InputError: neither a possible key nor a word.
    """
    if key == LIST or key in FINDERS:
        return None
    if not (key.isascii() and key.isdigit()):
        words = [*FINDERS, LIST]
        if key in preset_names() or key.endswith(".toml"):
            fault = f"a scenario comes after the key, as in: injae person {LIST} {key}"
            raise InputError("unusable", fault, "KEY", key)
        fault = "neither a number nor a word for a person"
        raise InputError("unknown", fault, "KEY", key, suggestion=nearest(key, words))
    if len(key) > len(str(KEY_MAX)) or not 0 < int(key) <= KEY_MAX:  # Python reads no number of thousands of digits
        raise InputError("range", f"outside 1 to {KEY_MAX}", "KEY", key[:40])
    return int(key)


def _simulate(plans: list[Scenario], labels: list[str], seed: int, watch: int, lang: str) -> list[Lives]:
    """The runs with everybody's events."""
    jobs = [Job(plan, seed, people=True, events=True, watch=watch) for plan in plans]
    done = dict(run_jobs(jobs, workers=1))
    for index, run in sorted(done.items()):
        if run.error:
            raise click.ClickException(f"run {labels[index]}, seed {seed} failed: {run.error.strip().splitlines()[-1]}")
    return [Lives(done[index], label, lang) for index, label in enumerate(labels)]


def _find(word: str, runs: list[Lives]) -> int:
    found = FINDERS[word](runs[0], runs[1] if len(runs) > 1 else None)
    if found is None:
        lives = runs[0]
        fault = f"nobody like that in {lives.label}, seed {lives.run.seed}, within {lives.months} months"
        raise InputError("unusable", fault, "KEY", word, suggestion="try another --seed or more --months")
    return found.key


def _nobody(key: int, runs: list[Lives]) -> NoReturn:
    keys = [str(known) for lives in runs for known in lives.keys]
    close = difflib.get_close_matches(str(key), keys, n=1, cutoff=0.8)
    hint = f"did you mean {close[0]}?" if close else f"`injae person {LIST} {runs[0].plan.name}` suggests some"
    names = " or ".join(lives.label for lives in runs)
    fault = f"nobody in {names}, seed {runs[0].run.seed}, has this key"
    raise InputError("unusable", fault, "KEY", key, suggestion=hint)


def _show_list(runs: list[Lives], *, as_json: bool, quiet: bool) -> None:
    lives = runs[0]
    found = [
        {"key": str(find.key), "word": word, "why": biography.why(word, find, lives)}
        for word, find in find_all(lives, runs[1] if len(runs) > 1 else None)
    ]
    if as_json:
        click.echo(json.dumps(found, indent=2, ensure_ascii=False))
    elif not quiet:
        for line in found:
            click.echo(f"{line['key']:>20}  {line['word']:<20}{line['why']}")


def _print(title: str, table: Table, remarks: Sequence[str] = ()) -> None:
    """Print a table between its title and remarks: in colour and as wide as the terminal, or plain text."""
    terminal = sys.stdout.isatty()
    console = Console(width=None if terminal else PLAIN_WIDTH, highlight=False, markup=False)
    with console.capture() as text:
        for part_of_text in (title, table, *remarks):
            console.print(part_of_text)
    click.echo("\n".join(line if terminal else line.rstrip() for line in text.get().splitlines()))


def _show_one(key: int, lives: Lives) -> None:
    table = Table(box=None, show_header=False, pad_edge=False)
    table.add_column(no_wrap=True)
    table.add_column(overflow="fold")
    for line in biography.biography(lives, key):
        table.add_row(line.date, line.text)
    _print(biography.title(lives, key), table)


def _show_two(key: int, one: Lives, other: Lives, parting: Parting | None) -> None:
    there = one if key in one else other
    title = one.words.say("versus_title", key=str(key), one=one.label, other=other.label, seed=one.run.seed)
    table = Table(box=None, pad_edge=False, header_style="bold")
    table.add_column("", no_wrap=True)
    for lives in (one, other):
        table.add_column(lives.label, overflow="fold", ratio=1)
    for month, date, mine, theirs in biography.side_by_side(one, other, key):
        parts = parting is not None and month == parting.month
        absent = one.words["is_absent"] if parts else ""
        cells = [text or (absent if key not in lives else "") for lives, text in ((one, mine), (other, theirs))]
        table.add_row(f"> {date}" if parts else f"  {date}", *cells, style="bold yellow" if parts else None)
    _print(f"{title}: {biography.origin(there, key)}", table, biography.explain(one, other, key, parting))


def _as_json(key: int, runs: list[Lives], parting: Parting | None) -> dict[str, Any]:
    answer: dict[str, Any] = {"key": str(key), "lives": [_life(lives, key) for lives in runs]}
    if len(runs) > 1:
        why = biography.explain(runs[0], runs[1], key, parting)
        answer["parting"] = None
        if parting:
            sides = [
                [_event(lives, event) for event in (*side.posts, *side.events, *side.missed)]
                for lives, side in zip(runs, parting.sides, strict=True)
            ]
            date = runs[0].plan.date_of(parting.month)
            answer["parting"] = {"month": parting.month, "date": date, "decision": parting.decision, "sides": sides}
        answer["why"] = why
    return answer


def _life(lives: Lives, key: int) -> dict[str, Any]:
    life: dict[str, Any] = {"scenario": lives.label, "seed": lives.run.seed, "exists": key in lives}
    if key in lives:
        events = [event for event in lives.events_of(key) if event.event not in MISSED]
        life["title"] = biography.title(lives, key)
        life["sentences"] = [line._asdict() for line in biography.biography(lives, key)]
        life["events"] = [_event(lives, event) for event in events]
    return life


def _event(lives: Lives, event: Any) -> dict[str, Any]:
    """A row of the event log with date and names; keys are text, as many readers of JSON would round them."""
    row = {name: _plain(value) for name, value in event._asdict().items() if name not in ("seed", "person")}
    row["rival"] = None if row["rival"] is None else str(row["rival"])
    row["place_name"] = lives.place_name(event.state, event.place) if event.place >= 0 else None
    row["other_name"] = lives.place_name(event.other_state, event.other) if event.other >= 0 else None
    return {"date": lives.plan.date_of(event.month), **row}


def _plain(value: Any) -> Any:
    """A value as JSON has it: no numpy types, None for what is missing."""
    if pd.isna(value):
        return None
    return value.item() if hasattr(value, "item") else value
