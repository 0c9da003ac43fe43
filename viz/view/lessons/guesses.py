"""Guesses: drawn, scored, and written into a link."""

import contextlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

import numpy as np

from injae.model.numbers import whole_of
from injae.viz.view.lessons.course import CHOICES, Band, Lesson, lessons
from injae.viz.view.links import pairs_of, whole_in

STEPS_OF_AXIS = 200  # a guess in a link is whole numbers of these
BINS = 10  # of a histogram
WORTHLESS = 1 / 4  # distance, as a share of the model's own way, from which on a guess gets no points
WAY_LEAST = 0.05  # of the axis: a model that hardly moves asks for no more exactness than this
CODE = re.compile(r"[0-9A-Za-z가-힣-]{2,16}")
ME = re.compile(r"[0-9a-f]{8}")
LINK_LENGTH_MAX = 4000

Line = tuple[float, ...]


@dataclass(frozen=True)
class Guess:
    """What somebody drew and answered in one lesson; lines in the unit that is shown."""

    lines: tuple[Line, ...] = ()  # one, or the lower and the upper; empty where nothing was drawn
    answer: int | None = None


def check(lesson: Lesson, lines: Any) -> tuple[Line, ...]:
    """Lines as they were sent, kept on the axis; of two the lower one first.

    Raises:
        ValueError: not so many lines or points as the lesson asks for, or no numbers.
    """
    drawn = np.asarray(lines, float)
    if drawn.shape != (1 + lesson.range, lesson.drawn) or not np.isfinite(drawn).all():
        raise ValueError(f"needs {1 + lesson.range} lines of {lesson.drawn} points")
    drawn = np.sort(np.clip(drawn, lesson.least, lesson.most), axis=0)
    return tuple(tuple(map(float, line)) for line in drawn)


def written(lesson: Lesson, lines: Sequence[Line]) -> str:
    """Lines as a link holds them: ``0-12-45``, or ``0-12_3-20`` for two."""
    size = (lesson.most - lesson.least) / STEPS_OF_AXIS
    return "_".join("-".join(str(round((value - lesson.least) / size)) for value in line) for line in lines)


def from_text(lesson: Lesson, text: str) -> tuple[Line, ...]:
    """Lines of a link.

    Raises:
        ValueError: no lines of this lesson.
    """
    size = (lesson.most - lesson.least) / STEPS_OF_AXIS
    lines = [[whole_of(part, "line") for part in line.split("-")] for line in text.split("_")]
    return check(lesson, [[lesson.least + size * steps for steps in line] for line in lines])


def parts_of(found: Mapping[int, Guess]) -> list[tuple[str, str]]:
    """Guesses and answers by number of the lesson, as keys and values of a link; see ``from_link``."""
    parts = []
    for n, guess in sorted(found.items()):
        parts += [(f"g{n}", written(lessons()[n - 1], guess.lines))] if guess.lines else []
        parts += [(f"a{n}", str(guess.answer))] if guess.answer else []
    return parts


def from_link(link: str) -> tuple[str | None, dict[int, Guess]]:
    """Who drew (a random name of eight figures) and what, by number of the lesson; what makes no sense is left out."""
    text = link[:LINK_LENGTH_MAX]
    query = dict(reversed(pairs_of(urlsplit(text).query if "?" in text else text)))
    found: dict[int, Guess] = {}
    for n, lesson in enumerate(lessons(), 1):
        guess = Guess()
        with contextlib.suppress(KeyError, ValueError):
            guess = Guess(from_text(lesson, query[f"g{n}"]))
        answer = whole_in(query.get(f"a{n}"), 1, CHOICES)
        if answer is not None:
            guess = replace(guess, answer=answer)
        if guess != Guess():
            found[n] = guess
    me = query.get("me", "")
    return (me if ME.fullmatch(me) else None), found


class Score(NamedTuple):
    """Points of 100, and what they are for: the mean distance of the guess, and that from which on there are none."""

    points: int
    away: float
    worthless: float


def score(lesson: Lesson, lines: Sequence[Line], band: Band) -> Score:
    """Points of 100: all within the band, or for a range on its edges, less by the mean distance from it.

    The distance is measured by the way that the model itself goes from the last given point on (of a range: its edges),
    not by the axis: on a long axis a straight line lies near every curve. None are left at ``WORTHLESS`` of that way.
    """
    low, high = band.low[lesson.given :], band.high[lesson.given :]
    curves = np.stack([band.low, band.high] if lesson.range else [band.mean])
    way = float(np.ptp(curves[:, lesson.given - 1 :]))
    if lesson.range:
        away = (np.abs(np.array(lines[0]) - low) + np.abs(np.array(lines[1]) - high)) / 2
    else:
        drawn = np.array(lines[0])
        away = np.maximum(np.maximum(low - drawn, drawn - high), 0)
    worthless = WORTHLESS * max(way, WAY_LEAST * (lesson.most - lesson.least))
    mean = float(away.mean())
    return Score(round(100 * max(0.0, 1 - mean / worthless)), mean, worthless)


def histogram(lesson: Lesson, guesses: Sequence[Guess], band: Band) -> dict[str, Any]:
    """How the guesses for the last point lie; of ranges, how wide they are.

    Returns:
        ``edges`` (one more than ``counts``), ``counts``, ``model`` (where the model lies), ``n``.
    """
    drawn = [guess.lines for guess in guesses if guess.lines]
    if lesson.range:
        values, model = [lines[1][-1] - lines[0][-1] for lines in drawn], float(band.high[-1] - band.low[-1])
        ends = (0.0, lesson.most - lesson.least)
    else:
        values, model = [lines[0][-1] for lines in drawn], float(band.mean[-1])
        ends = (lesson.least, lesson.most)
    counts, edges = np.histogram(values, BINS, ends)
    return {"edges": edges.tolist(), "counts": counts.tolist(), "model": float(np.clip(model, *ends)), "n": len(drawn)}
