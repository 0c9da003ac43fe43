"""One visitor in the lessons: where he is, what he guessed and answered, his class, and what the model said.

Plain Python, like ``insider.py``: verbs never raise, whatever changes ``on_change`` is called, and what is no longer
wanted is cancelled. The model's answer is computed when a lesson opens, but ``content`` holds none of it before there
is a guess. The link has ``lesson``, ``step``, ``g1`` to ``g5`` (guesses), ``a1`` to ``a5`` (answers), ``seen`` (those
that were shown without a guess), ``class`` and
``me``, a random name by which a class tells guesses of one person from those of another.
"""

import contextlib
import logging
import re
import secrets
import threading
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qs, quote

from experiments.runs import Results
from model.scenario import Scenario
from viz.view import runs
from viz.view.doubt import Layers, samples_of
from viz.view.inside import desk as inside_desk
from viz.view.lessons import guesses
from viz.view.lessons.course import CHOICES, NOTES, STEPS, Band, Lesson, lessons
from viz.view.lessons.dots import Dots
from viz.view.lessons.guesses import Classes, Guess
from viz.view.state import LANGUAGES, ViewState
from viz.view.words import scale_of, word

log = logging.getLogger("injae.view")
COUNTS = (4, 20, 100)  # runs of the first answer, of a finished one, and of the most that a lesson lets one try
FINISHED = 20
LUCKS = 3  # runs that the dots can be looked at in
PASTED_MAX = 20_000  # characters

Take = Callable[[list[Results]], None]
AskRuns = Callable[[Sequence[Scenario], Layers, int, threading.Event, Take], None]


def ask_runs(plans: Sequence[Scenario], layers: Layers, count: int, cancelled: threading.Event, take: Take) -> None:
    """Runs of some scenarios on the same seeds, first few, then all; ``take`` gets them, one ``Results`` a scenario."""
    for now in [*(n for n in COUNTS if n < count), count]:
        results = runs.desk().all_results(plans, samples_of(layers, plans[0], now), cancelled)
        if not results or cancelled.is_set():
            return
        if not all(result.runs for result in results):
            raise RuntimeError(f"no run of a lesson's scenario finished: {results[0].failures}")
        take(results)


def _dropped(query: dict[str, list[str]], found: dict[int, Guess], lang: str) -> list[str]:
    """Parts of a link that say nothing of the lessons there are."""
    most, dropped = len(lessons()), []
    for key, (value, *_) in query.items():
        if key == "lesson" and not (value.isdecimal() and 1 <= int(value[:6]) <= most):
            dropped.append((key, value, "lesson"))
        guess = re.fullmatch(r"g([1-9])", key)
        if guess and not found.get(int(guess[1]), Guess()).lines:
            dropped.append((key, value, "guess"))
    return [f"{key}={value[:40]} ({word(f'dropped.{why}', lang, most=most)})" for key, value, why in dropped]


class Learner:
    """One visitor's way through the lessons.

    Attributes:
        lang: ``ko`` or ``en``.
        dropped: parts of the link that say nothing, with the reason.
        number: of the lesson, from 1. step: of the lesson, 1 to 5.
        guesses: by number of the lesson. skipped: lessons shown without a guess.
        code: of the class, or empty.
        place: which choice of the third step is tried.
        seed: run that the dots are of.
    """

    def __init__(
        self,
        lang: str,
        search: str | None,
        ask: AskRuns = ask_runs,
        look: Callable[..., dict[str, Any] | None] = inside_desk.look,
        classes: Classes = guesses.classes,
    ) -> None:
        self.lang, self.number, self.step = lang, 1, 1
        self.guesses: dict[int, Guess] = {}
        self.skipped: set[int] = set()
        self.code, self.note = "", ""
        self.place, self.seed = 0, 0
        self.on_change: Callable[[], None] = lambda: None
        self._ask, self._look, self._classes = ask, look, classes
        self._lock = threading.RLock()
        self._cancelled: dict[str, threading.Event] = {}
        self._gone = threading.Event()
        self._leave: Callable[[], None] = lambda: None
        self._address = ""
        self._forget()
        self._read(search or "")

    # ---- what the page shows

    @property
    def lesson(self) -> Lesson:
        """The lesson that is open."""
        return lessons()[self.number - 1]

    @property
    def guess(self) -> Guess:
        """What was guessed and answered in it."""
        return self.guesses.get(self.number, Guess())

    @property
    def open(self) -> bool:
        """Whether the model's answer may be shown."""
        return bool(self.guess.lines) or self.number in self.skipped

    @property
    def link(self) -> str:
        """What the address says beside the scenario, beginning with ``&``."""
        parts = [("lesson", str(self.number)), ("step", str(self.step))]
        for n, guess in sorted(self.guesses.items()):
            parts += [(f"g{n}", guesses.written(lessons()[n - 1], guess.lines))] if guess.lines else []
            parts += [(f"a{n}", str(guess.answer))] if guess.answer else []
        parts += [("seen", "-".join(map(str, sorted(self.skipped))))] if self.skipped else []
        parts += [("class", self.code)] if self.code else []
        parts += [("me", self.me)] if self.guesses else []
        return "".join(f"&{key}={quote(value)}" for key, value in parts)

    def content(self) -> dict[str, Any]:
        """Everything that the page shows, as JSON."""
        with self._lock:
            lesson, lang, band = self.lesson, self.lang, self._bands.get("curve")
            answer = self.guess.answer
            ready = self.open and band is not None
            said = self._facts.get(lang, {})
            return {
                "number": self.number,
                "step": self.step if self.open else 1,
                "open": self.open,
                "lessons": [{"title": other.say("title", lang)} for other in lessons()],
                "minutes": lesson.minutes,
                **{key: lesson.say(key, lang) for key in ("title", "goal", "story", "task", "try_task", "watch")},
                "question": lesson.say("question", lang),
                "choices": [lesson.say(f"choice.{n}", lang) for n in range(1, CHOICES + 1)],
                "answer": answer,
                "right": answer == lesson.right if answer else None,
                "because": lesson.say("because", lang, **said) if answer == lesson.right and said else None,
                "notes": {key: lesson.say(f"note.{key}", lang) for key in NOTES},
                "reveal": lesson.say("reveal", lang, **said) if ready and said else None,
                "chart": self._chart(),
                "guess": [list(line) for line in self.guess.lines],
                "score": self._scores.get(self.number) if self.guess.lines else None,
                "total": {"score": sum(self._scores.values()), "n": len(self._scores)},
                "tries": self._tries(),
                "dots": self._dots if self.open else None,
                "seed": self.seed,
                "lucks": LUCKS if lesson.range else 1,
                "group": self._group(),
                "busy": self._waiting(),
                "error": self._error and word("ui.ls_trouble", lang),
            }

    def _waiting(self) -> dict[str, int] | None:
        """Runs done and wanted while some are missing."""
        done, wanted = (sum(counts) for counts in zip(*self._busy.values(), strict=True)) if self._busy else (0, 0)
        return {"done": done, "wanted": wanted} if done < wanted else None

    def _chart(self) -> dict[str, Any]:
        lesson, bands = self.lesson, self._bands
        _, _, decimals, unit = scale_of(lesson.curve.series, self.lang)
        band, context = bands.get("curve"), bands.get("context")
        beside = context is not None and (self.open or (lesson.context and lesson.context.shown == "guess"))
        shown = {name: band.shown() for name, band in bands.items() if name != "context"} if self.open else {}
        return {
            "dates": lesson.dates,
            "given": [float(f"{v:.4g}") for v in band.mean[: lesson.given]] if band else None,
            "count": lesson.given,
            "least": lesson.least,
            "most": lesson.most,
            "range": lesson.range,
            "unit": unit,
            "decimals": decimals,
            "title": lesson.say("curve.title", self.lang),
            "context": {"title": lesson.say("context.title", self.lang), "mean": context.shown()["mean"]}
            if beside and context
            else None,
            "bands": shown,
        }

    def _tries(self) -> dict[str, Any]:
        tries, lever = self.lesson.tries, self.lesson.tries.lever
        return {
            "title": word(f"{lever}.title", self.lang) if lever else word("ui.ls_runs_lever", self.lang),
            "help": word(f"{lever}.text", self.lang) if lever else "",
            "choices": tries.titles(self.lang),
            "now": tries.now,
            "place": self.place,
        }

    def _group(self) -> dict[str, Any]:
        """The class, with its guesses only for those who have made theirs."""
        found = self._classes.guesses(self.code, self.number) if self.code else []
        band = self._scored_band()
        told: dict[str, Any] = {"code": self.code, "note": self.note, "n": len(found), "link": None, "qr": None}
        if self.code and self._address:  # nobody's guess is in this link
            told["link"] = f"{self._address}?lang={self.lang}&lesson={self.number}&class={quote(self.code)}"
            told["qr"] = _qr(told["link"])
        if self.open and band is not None and found:
            told["lines"] = [[list(line) for line in guess.lines] for guess in found if guess.lines]
            told["histogram"] = guesses.histogram(self.lesson, found, band)
            told["answers"] = [sum(guess.answer == n for guess in found) for n in range(1, CHOICES + 1)]
        return told

    # ---- verbs of the page

    def begin(self) -> None:
        """Ask for what the lesson needs."""
        if self.code:
            self._enter(self.code)
        self._open()
        threading.Thread(target=self._rate_others, daemon=True).start()

    def close(self) -> None:
        """The page is gone: stop its work."""
        self.on_change = lambda: None
        self._leave()
        for cancelled in (*self._cancelled.values(), self._gone):
            cancelled.set()

    def follow(self, lang: str) -> None:
        """The visitor chose another language."""
        if lang != self.lang and lang in LANGUAGES:
            self.lang, self._dots = lang, None
            self._look_at_dots()
            self.on_change()

    def choose_lesson(self, number: Any) -> None:
        """Another lesson."""
        with self._kindly():
            if 1 <= int(number) <= len(lessons()) and int(number) != self.number:
                self.number, self.step = int(number), 1
                self._open()

    def choose_step(self, step: Any) -> None:
        """Another step of the lesson; only the first before there is a guess."""
        with self._kindly():
            if 1 <= int(step) <= STEPS and (self.open or int(step) == 1):
                self.step = int(step)
                self._look_at_dots()

    def draw(self, lines: Any) -> None:
        """The guess is made: ``lines`` has one line of points that were not given, or the lower and the upper one."""
        with self._kindly():
            drawn = guesses.check(self.lesson, lines)
            self._keep(replace(self.guess, lines=drawn))
            self.skipped.discard(self.number)
            self.step = 2
            self._rate()

    def skip(self, _: Any = None) -> None:
        """Show the model's answer without a guess."""
        with self._kindly():
            self.skipped.add(self.number)
            self.step = 2

    def again(self, _: Any = None) -> None:
        """Guess anew; the old guess stays in the class until then."""
        with self._kindly():
            self.skipped.discard(self.number)
            self.guesses[self.number] = replace(self.guess, lines=())
            self._scores.pop(self.number, None)
            self.step = 1

    def answer(self, choice: Any) -> None:
        """The answer to the question."""
        with self._kindly():
            if 1 <= int(choice) <= CHOICES:
                self._keep(replace(self.guess, answer=int(choice)))

    def attempt(self, place: Any) -> None:
        """Another value of the one thing that is unlocked."""
        with self._kindly():
            tries = self.lesson.tries
            if not (self.open and 0 <= int(place) < len(tries.values or tries.runs)):
                return
            self.place = int(place)
            self._attempt()

    def choose_seed(self, seed: Any) -> None:
        """Dots of another run."""
        with self._kindly():
            if 0 <= int(seed) < LUCKS:
                self.seed, self._dots = int(seed), None
                self._look_at_dots()

    def join(self, code: Any) -> None:
        """Come into a class; an empty code goes out of it."""
        with self._kindly():
            text = str(code).strip()
            if text and not guesses.CODE.fullmatch(text):
                self.note = word("ui.ls_code_bad", self.lang)
                return
            self._enter(text)

    def paste(self, text: Any) -> None:
        """Guesses from links, one a line, into the class."""
        with self._kindly():
            lines = [line.strip() for line in str(text)[:PASTED_MAX].splitlines() if line.strip()]
            added = bad = 0
            for line in lines:
                who, found = guesses.from_link(line)
                bad += not found
                for n, guess in found.items():
                    self._classes.put(self.code, n, who or f"link {line}", guess)
                    added += bool(guess.lines)
            self.note = word("ui.ls_added", self.lang, n=added, bad=bad)

    def here(self, address: Any) -> None:
        """Address of the page as the browser sees it, without its query; the class link begins with it."""
        with self._kindly():
            text = str(address).partition("?")[0]
            self._address = text if text.startswith(("http://", "https://")) and len(text) < 300 else ""

    # ---- how they are done

    @contextlib.contextmanager
    def _kindly(self) -> Iterator[None]:
        """Log what goes wrong instead of raising it, and tell the page in any case."""
        try:
            yield
        except Exception:
            log.exception("a move in a lesson failed")
            self._error = True
        self.on_change()

    def _read(self, search: str) -> None:
        """What a link asks for; parts that make no sense are left out."""
        query = parse_qs(search[: guesses.LINK_LENGTH_MAX].lstrip("?"))

        def whole(name: str, most: int) -> int:
            text = query.get(name, [""])[0]
            return int(text) if text.isdecimal() and 1 <= int(text) <= most else 1

        who, self.guesses = guesses.from_link(search.lstrip("?"))
        self.me = who or secrets.token_hex(4)
        self.number, self.step = whole("lesson", len(lessons())), whole("step", STEPS)
        code = query.get("class", [""])[0]
        self.code = code if guesses.CODE.fullmatch(code) else ""
        seen = query.get("seen", [""])[0].split("-")
        self.skipped = {n for n in range(1, len(lessons()) + 1) if str(n) in seen}
        self.step = self.step if self.open else 1
        self.dropped = _dropped(query, self.guesses, self.lang)

    def _keep(self, guess: Guess) -> None:
        self.guesses[self.number] = guess
        if self.code:
            self._classes.put(self.code, self.number, self.me, guess)

    def _enter(self, code: str) -> None:
        self._leave()
        self.code, self.note = code, ""
        if not code:
            self._leave = lambda: None
            return
        self._leave = self._classes.join(code, lambda: self.on_change())
        for n, guess in self.guesses.items():
            if guess != Guess():
                self._classes.put(code, n, self.me, guess)

    def _forget(self) -> None:
        """Nothing is known of the lesson yet."""
        self._bands: dict[str, Band] = {}
        self._facts: dict[str, dict[str, str]] = {}
        self._dots: dict[str, Any] | None = None
        self._busy: dict[str, tuple[int, int]] = {}  # by slot: runs done, runs wanted
        self._error = False
        self._scores: dict[int, int] = getattr(self, "_scores", {})

    def _open(self) -> None:
        """Ask for the model's answer to the lesson."""
        with self._lock:
            for cancelled in self._cancelled.values():
                cancelled.set()
            self._forget()
            self.place, self.seed = self.lesson.tries.now, 0
        lesson = self.lesson
        plans = lesson.curve.plans()
        beside = lesson.context.plans() if lesson.context else []

        def take(results: list[Results]) -> None:
            curve, context = results[: len(plans)], results[len(plans) :]
            self._bands["curve"] = Band.of(lesson.curve.values(curve, lesson.months))
            if lesson.context:
                self._bands["context"] = Band.of(lesson.context.values(context, lesson.months))
            if not lesson.range:
                self._facts = {
                    lang: {name: fact.said(curve, context, lang) for name, fact in lesson.fact.items()}
                    for lang in LANGUAGES
                }
            self._rate()

        self._run("curve", [*plans, *beside], Layers(), FINISHED, take)
        if lesson.range:
            self._run("all", plans, Layers(unsure=True), FINISHED, self._take_all)
        self._look_at_dots()

    def _take_all(self, results: list[Results]) -> None:
        self._bands["all"] = Band.of(self.lesson.curve.values(results, self.lesson.months))
        self._rate()

    def _attempt(self) -> None:
        lesson, tries = self.lesson, self.lesson.tries
        for slot in ("tried", "tried_all"):
            self._stop(slot)
            self._bands.pop(slot, None)
            self._busy.pop(slot, None)
        if self.place == tries.now and not tries.runs:
            return

        def take_as(name: str) -> Take:
            def take(results: list[Results]) -> None:
                self._bands[name] = Band.of(lesson.curve.values(results, lesson.months))

            return take

        plans = lesson.curve.plans(tries.changes(self.place))
        count = tries.runs[self.place] if tries.runs else FINISHED
        self._run("tried", plans, Layers(), count, take_as("tried"))
        if tries.runs:
            self._run("tried_all", plans, Layers(unsure=True), count, take_as("tried_all"))

    def _scored_band(self) -> Band | None:
        """What a guess of this lesson is held against."""
        return self._bands.get("all" if self.lesson.range else "curve")

    def _rate(self) -> None:
        """Score the guess, and say in a range's sentence what is known by now."""
        band, luck = self._scored_band(), self._bands.get("curve")
        if band is not None and self.guess.lines:
            self._scores[self.number] = guesses.score(self.lesson, self.guess.lines, band)
        if self.lesson.range and band is not None and luck is not None:
            said = {
                f"{name}_{end}": f"{getattr(of, end)[-1]:.0f}%"
                for name, of in (("luck", luck), ("all", band))
                for end in ("low", "high")
            }
            self._facts = dict.fromkeys(LANGUAGES, said)

    def _rate_others(self) -> None:
        """Score guesses that came with the link in lessons that are not open, one lesson after another."""
        for number, guess in sorted(self.guesses.items()):
            if not guess.lines or number == self.number or number in self._scores or self._gone.is_set():
                continue
            lesson = lessons()[number - 1]
            try:
                self._ask(
                    lesson.curve.plans(), Layers(unsure=lesson.range), FINISHED, self._gone, self._taker(number, guess)
                )
            except Exception:
                log.exception("the score of lesson %d failed", number)

    def _taker(self, number: int, guess: Guess) -> Take:
        """Takes the runs that a guess of another lesson is held against, unless it was guessed anew meanwhile."""
        lesson = lessons()[number - 1]

        def take(results: list[Results]) -> None:
            with self._lock:
                if self.guesses.get(number) == guess and number != self.number:
                    of = Band.of(lesson.curve.values(results, lesson.months))
                    self._scores[number] = guesses.score(lesson, guess.lines, of)
            self.on_change()

        return take

    def _stop(self, slot: str) -> threading.Event:
        """End what was asked for a slot; gives the event that ends what is asked next."""
        if slot in self._cancelled:
            self._cancelled[slot].set()
        self._cancelled[slot] = threading.Event()
        return self._cancelled[slot]

    def _run(self, slot: str, plans: Sequence[Scenario], layers: Layers, count: int, take: Take) -> None:
        """Ask for runs in a thread of its own, instead of what was asked for the same slot before."""
        cancelled = self._stop(slot)
        self._busy[slot] = 0, count

        def taken(results: list[Results]) -> None:
            with self._lock:
                if cancelled.is_set():
                    return
                take(results)
                done = len(results[0].runs) + len(results[0].failures)
                self._busy[slot] = done, count
            self.on_change()

        def work() -> None:
            try:
                self._ask(plans, layers, count, cancelled, taken)
            except Exception:
                log.exception("the runs of lesson %d failed", self.number)
                with self._lock:
                    self._error = True
                    self._busy.pop(slot, None)
                self.on_change()

        threading.Thread(target=work, daemon=True).start()

    def _look_at_dots(self) -> None:
        """Ask for the dots, where they are looked at and not known."""
        if self.step != 4 or not self.open or self._dots is not None:
            return
        cancelled = self._stop("dots")
        plan = self.lesson.curve.plans()[0]
        question = Dots(plan, self.seed, self.lang, "dots", (self.lesson.dots,))

        def work() -> None:
            try:
                answer = self._look(question, cancelled)
            except Exception:
                log.exception("the dots of lesson %d failed", self.number)
                answer = {"error": "see the log"}
            with self._lock:
                if answer is None or cancelled.is_set():
                    return
                self._error = "people" not in answer
                self._dots = None if self._error else answer
            self.on_change()

        threading.Thread(target=work, daemon=True).start()

    def scenario_link(self, *, tried: bool) -> str:
        """Query of other screens with the lesson's scenario, and with what was tried if wanted."""
        curve, tries = self.lesson.curve, self.lesson.tries
        changes = (*curve.changes, *(tries.changes(self.place) if tried else []))
        search = "".join(f"&{change}" for change in changes)
        return ViewState.from_link(f"?s={curve.scenario}{search}&lang={self.lang}")[0].link()


def _qr(link: str) -> dict[str, Any]:
    """A QR code of a link: the side in modules, border included, and an SVG path of the dark ones."""
    import segno

    matrix = segno.make(link, error="m", micro=False).matrix_iter(border=4)
    rows = [list(row) for row in matrix]
    path = "".join(f"M{x} {y}h1v1h-1z" for y, row in enumerate(rows) for x, dark in enumerate(row) if dark)
    return {"size": len(rows), "path": path}
