"""What the model says to one lesson: its runs are asked for in threads of their own, and kept as bands, facts and dots.

Runs come in parts, first few, then more. What they draw may be shown at once; a sentence and a score wait until all are
there (``settled``), or they would change while somebody reads them.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Any

from injae.experiments.layers import ALEATORY, USUAL, Layers
from injae.experiments.runs import Results
from injae.model.scenario import Scenario
from injae.viz.view import runs
from injae.viz.view.lessons.course import Band, Lesson
from injae.viz.view.lessons.dots import Dots
from injae.viz.view.presenter import Tasks
from injae.viz.view.state import LANGUAGES

COUNTS = (4, 20, 100)  # runs of the first answer, of a finished one, and of the most that a lesson lets one try
FINISHED = {ALEATORY: 20, USUAL: 40}  # runs of a finished answer: 20 different ones, two of a draw of the parameters

Take = Callable[[list[Results]], None]
AskRuns = Callable[[Sequence[Scenario], Layers, int, threading.Event, Take], None]
Look = Callable[[Dots, threading.Event], dict[str, Any] | None]


def ask_runs(plans: Sequence[Scenario], layers: Layers, count: int, cancelled: threading.Event, take: Take) -> None:
    """Runs of some scenarios on the same seeds, first few, then all; ``take`` gets them, one ``Results`` a scenario."""
    ensemble = layers.ensemble(plans[0])
    for now in [*(n for n in COUNTS if n < count), count]:
        results = runs.desk().all_results(plans, layers.futures(plans[0], now), cancelled, ensemble=ensemble)
        if not results or cancelled.is_set():
            return
        if not all(result.runs for result in results):
            raise RuntimeError(f"no run of a lesson's scenario finished: {results[0].failures}")
        take(results)


def band_of(lesson: Lesson, ask: AskRuns, cancelled: threading.Event) -> Band | None:
    """What a guess of a lesson is held against, from all runs; blocks. None if cancelled meanwhile."""
    last: list[Results] = []

    def take(results: list[Results]) -> None:
        last[:] = results

    ask(lesson.curve.plans(), USUAL, FINISHED[USUAL], cancelled, take)
    return Band.of(lesson.curve.values(last, lesson.months)) if last and not cancelled.is_set() else None


class Answers:
    """The model's answer to one lesson.

    Attributes:
        lesson: the lesson.
        bands: by name: ``curve``, ``context``, ``all`` (uncertain numbers as well), ``tried``, ``tried_all``.
        facts: by language and name, the numbers that texts name.
        dots: sixty people of a run, or None.
        error: whether something went wrong.
    """

    def __init__(self, lesson: Lesson, ask: AskRuns, look: Look, tell: Callable[[], None]) -> None:
        """``tell`` is called, in any thread, when there is something new."""
        self.lesson = lesson
        self.bands: dict[str, Band] = {}
        self.facts: dict[str, dict[str, str]] = {}
        self.dots: dict[str, Any] | None = None
        self.error = False
        self.lock = threading.RLock()  # held while runs are taken: whoever reads several things holds it too
        self._ask, self._look, self._tell = ask, look, tell
        self._busy: dict[str, tuple[int, int]] = {}  # by slot: runs done, runs wanted
        self._tasks = Tasks()

    @property
    def _layers(self) -> Layers:
        """What differs between runs of the curve; where a range is drawn, noise alone, beside what all gives."""
        return ALEATORY if self.lesson.range else USUAL

    @property
    def settled(self) -> bool:
        """Whether all runs that the sentence and the score are made from are there."""
        slots = ("curve", "all") if self.lesson.range else ("curve",)
        return all(slot in self.bands and self._done(slot) for slot in slots)

    @property
    def scored(self) -> Band | None:
        """What a guess is held against, once it no longer changes."""
        return self.bands["all" if self.lesson.range else "curve"] if self.settled else None

    @property
    def waiting(self) -> dict[str, int] | None:
        """Runs done and wanted while some are missing."""
        done, wanted = (sum(counts) for counts in zip(*self._busy.values(), strict=True)) if self._busy else (0, 0)
        return {"done": done, "wanted": wanted} if done < wanted else None

    def begin(self) -> None:
        """Ask for what the lesson needs."""
        lesson = self.lesson
        plans = lesson.curve.plans()
        beside = lesson.context.plans() if lesson.context else []

        def take(results: list[Results]) -> None:
            curve, context = results[: len(plans)], results[len(plans) :]
            self.bands["curve"] = Band.of(lesson.curve.values(curve, lesson.months))
            if lesson.context:
                self.bands["context"] = Band.of(lesson.context.values(context, lesson.months))
            if lesson.range:
                self._say_ranges()
            else:
                self.facts = {
                    lang: {name: fact.said(curve, context, lang) for name, fact in lesson.fact.items()}
                    for lang in LANGUAGES
                }

        def take_all(results: list[Results]) -> None:
            self.bands["all"] = Band.of(lesson.curve.values(results, lesson.months))
            self._say_ranges()

        self._run("curve", [*plans, *beside], self._layers, FINISHED[self._layers], take)
        if lesson.range:
            self._run("all", plans, USUAL, FINISHED[USUAL], take_all)

    def attempt(self, place: int) -> None:
        """Ask for another value of the one thing that is unlocked."""
        lesson, tries = self.lesson, self.lesson.tries
        with self.lock:
            for slot in ("tried", "tried_all"):
                self._tasks.cancel(slot)
                self.bands.pop(slot, None)
                self._busy.pop(slot, None)
        if place == tries.now and not tries.runs:
            return

        def take_as(name: str) -> Take:
            def take(results: list[Results]) -> None:
                self.bands[name] = Band.of(lesson.curve.values(results, lesson.months))

            return take

        plans = lesson.curve.plans(tries.changes(place))
        count = tries.runs[place] if tries.runs else FINISHED[self._layers]
        self._run("tried", plans, self._layers, count, take_as("tried"))
        if tries.runs:
            self._run("tried_all", plans, USUAL, count, take_as("tried_all"))

    def look_at_dots(self, seed: int, lang: str) -> None:
        """Ask for the dots of a run."""
        question = Dots(self.lesson.curve.plans()[0], seed, lang, "dots", (self.lesson.dots,))

        def work(cancelled: threading.Event) -> None:
            answer = self._look(question, cancelled)
            if answer is not None and not cancelled.is_set():
                take(answer)

        def take(answer: dict[str, Any]) -> None:
            with self.lock:
                self.error = "people" not in answer
                self.dots = None if self.error else answer
            self._tell()

        self._tasks.start("dots", work, lambda: take({"error": "see the log"}))

    def close(self) -> None:
        """No longer wanted: stop all work."""
        self._tasks.close()

    def _done(self, slot: str) -> bool:
        done, wanted = self._busy.get(slot, (0, 1))
        return done >= wanted

    def _say_ranges(self) -> None:
        """The numbers of a range's sentence, from what is known by now."""
        noise, everything = self.bands.get("curve"), self.bands.get("all")
        if noise is not None and everything is not None:
            said = {
                f"{name}_{end}": f"{getattr(of, end)[-1]:z.0f}%"
                for name, of in (("aleatory", noise), ("all", everything))
                for end in ("low", "high")
            }
            self.facts = dict.fromkeys(LANGUAGES, said)

    def _run(self, slot: str, plans: Sequence[Scenario], layers: Layers, count: int, take: Take) -> None:
        """Ask for runs in a thread of its own, instead of what was asked for the same slot before."""
        self._busy[slot] = 0, count

        def work(cancelled: threading.Event) -> None:
            def taken(results: list[Results]) -> None:
                with self.lock:
                    if cancelled.is_set():
                        return
                    take(results)
                    self._busy[slot] = len(results[0].runs) + len(results[0].failures), count
                self._tell()

            self._ask(plans, layers, count, cancelled, taken)
            with self.lock:
                if cancelled.is_set():
                    return
                self._busy[slot] = count, count
            self._tell()

        def failed() -> None:
            with self.lock:
                self.error = True
                self._busy.pop(slot, None)
            self._tell()

        self._tasks.start(slot, work, failed)
