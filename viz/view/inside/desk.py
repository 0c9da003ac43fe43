"""Looks inside a run: done in the processes that all visitors share, and kept for all of them.

A look is a small question (``Look``); its answer is JSON of at most 250 kB. The process that answers keeps its last
recordings, so that the next look at the same run is quick; the page's own process never holds a recording.
"""

import json
import logging
import threading
import traceback
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from injae.experiments.executors.base import as_completed
from injae.experiments.lives.recordings import Recording, record
from injae.experiments.practice import baseline_of
from injae.model.errors import InputError
from injae.model.scenario import Scenario
from injae.viz.view.inside import looks as inside
from injae.viz.view.inside import stories as inside_stories
from injae.viz.view.refused import Refused, in_words
from injae.viz.view.runs import Desk, desk, key_of

log = logging.getLogger("injae.view")
RECORDINGS_KEPT = 2  # by each process; one is 65 MB
ANSWERS_BYTES = 60_000_000
URGENCY = 0  # somebody waits for it
SEED_MAX = 999


@dataclass(frozen=True)
class Look:
    """One question about one run.

    Attributes:
        plan: the scenario.
        seed: of the run.
        lang: ``ko`` or ``en``.
        what: ``map``, ``person``, ``institution`` or ``behind``.
        about: of a map, the key of somebody to follow beside the sample, or nothing; of a person, the key; of an
            institution, kind and row; of a point, series and month.
    """

    plan: Scenario
    seed: int
    lang: str
    what: str
    about: tuple[Any, ...] = ()
    label: str = ""  # what the scenario is called where two are compared

    @property
    def key(self) -> str:
        """What the answer depends on."""
        return "|".join([key_of(self.plan, self.seed), self.label, self.lang, self.what, json.dumps(self.about)])

    def __call__(self) -> dict[str, Any]:
        """Answer it, in a process; ``error`` says what went wrong."""
        try:
            return getattr(self, f"_{self.what}")(*self.about)
        except InputError as error:
            return {"refused": in_words(error, self.lang)}
        except Exception:
            return {"error": traceback.format_exc()}

    def _map(self, also: str = "") -> dict[str, Any]:
        return inside.map_of(recorded(self.plan, self.seed), self.lang, (int(also),) if also else ())

    def _person(self, key: str) -> dict[str, Any]:
        if not key.isdecimal() or len(key) > 20:
            raise Refused("refused.person", value=repr(key[:40]))
        baseline = baseline_of(self.plan)
        plans = [self.plan, baseline] if baseline else [self.plan]
        recordings = [record(plan, self.seed, watch=int(key)) for plan in plans]
        labels = [self.label or self.plan.name, *(plan.title.get(self.lang, plan.name) for plan in plans[1:])]
        return inside_stories.life_of(recordings, labels, int(key), self.lang)

    def _institution(self, kind: str, row: int) -> dict[str, Any]:
        recording = recorded(self.plan, self.seed)
        if kind not in inside_stories.KINDS:
            raise Refused("refused.kind", value=repr(kind[:40]))
        rows = next(iter(recording.months[inside_stories.KINDS[kind]].values())).shape[1]
        if not 0 <= row < rows:
            raise Refused("refused.row", kind=kind, row=str(row), rows=str(rows))
        return inside_stories.institution_of(recording, kind, row, self.lang)

    def _behind(self, series: str, month: int) -> dict[str, Any]:
        return inside_stories.behind_of(recorded(self.plan, self.seed), series, month, self.lang)


_recordings: OrderedDict[str, Recording] = OrderedDict()


def recorded(plan: Scenario, seed: int) -> Recording:
    """The recording of a run, from those this process has kept or made now."""
    key = key_of(plan, seed)
    if key not in _recordings:
        _recordings[key] = record(plan, seed)
        while len(_recordings) > RECORDINGS_KEPT:
            _recordings.popitem(last=False)
    _recordings.move_to_end(key)
    return _recordings[key]


class Answers:
    """Answers by key, the least lately used going first when there are too many bytes; safe for threads."""

    def __init__(self, most_bytes: int = ANSWERS_BYTES) -> None:
        self.most_bytes, self.bytes = most_bytes, 0
        self._known: OrderedDict[str, tuple[dict[str, Any], int]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: str) -> dict[str, Any] | None:
        """The answer, or None."""
        with self._lock:
            if key not in self._known:
                return None
            self._known.move_to_end(key)
            return self._known[key][0]

    def put(self, key: str, answer: dict[str, Any]) -> None:
        """Keep an answer; what went wrong is not kept and may be tried again."""
        if "error" in answer:
            return
        size = len(json.dumps(answer))
        with self._lock:
            if key not in self._known:
                self._known[key] = (answer, size)
                self.bytes += size
            while self.bytes > self.most_bytes and self._known:
                self.bytes -= self._known.popitem(last=False)[1][1]


answers = Answers()


def look(question: Look, cancelled: threading.Event, at: Desk | None = None) -> dict[str, Any] | None:
    """The answer to a look, from those that are known or from a process; blocks. None if cancelled meanwhile."""
    known = answers.get(question.key)
    if known is not None:
        return known
    asked = (at or desk()).calls.submit(question.key, question, urgency=URGENCY)
    for _, future in as_completed([asked], cancelled):
        error = future.exception()
        answer = future.result() if error is None else {"error": f"{type(error).__name__}: {error}"}
        break
    else:
        return None
    if "error" in answer:
        log.error("a look inside failed (%s): %s", question.what, answer["error"])
    answers.put(question.key, answer)
    return answer
