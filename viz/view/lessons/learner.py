"""One visitor in the lessons: where they are, what they guessed and answered, their class, and what the model said.

The model's answer is computed when a lesson opens, but ``sheet.py`` shows none of it before there
is a guess. The link has ``lesson``, ``step``, ``g1`` to ``g5`` (guesses), ``a1`` to ``a5`` (answers), ``seen`` (those
that were shown without a guess), ``class``, ``pupil`` (in the link for the class: the page has nothing of the
teacher's) and ``me``, a random name by which a class tells guesses of one person from those of another.
"""

import hashlib
import re
import secrets
import threading
from collections.abc import Callable
from dataclasses import replace
from typing import Any
from urllib.parse import quote

from injae.viz.view.inside import desk as inside_desk
from injae.viz.view.lessons import guesses
from injae.viz.view.lessons.answers import Answers, AskRuns, Look, ask_runs, band_of
from injae.viz.view.lessons.classes import Classes, classes
from injae.viz.view.lessons.course import CHOICES, STEPS, Lesson, lessons
from injae.viz.view.lessons.guesses import Guess, Score
from injae.viz.view.links import pairs_of, whole_in
from injae.viz.view.presenter import Presenter
from injae.viz.view.state import LANGUAGES, ViewState
from injae.viz.view.words import word

RUNS_SHOWN = 3  # runs that the dots can be looked at in
PASTED_MAX = 20_000  # characters


def _dropped(query: dict[str, str], found: dict[int, Guess], lang: str) -> list[str]:
    """Parts of a link that say nothing of the lessons there are."""
    most, dropped = len(lessons()), []
    for key, value in query.items():
        if key == "lesson" and whole_in(value, 1, most) is None:
            dropped.append((key, value, "lesson"))
        guess = re.fullmatch(r"g([1-9])", key)
        if guess and not found.get(int(guess[1]), Guess()).lines:
            dropped.append((key, value, "guess"))
    return [f"{key}={value[:40]} ({word(f'dropped.{why}', lang, most=most)})" for key, value, why in dropped]


class Learner(Presenter):
    """One visitor's way through the lessons.

    Attributes:
        number: of the lesson, from 1. step: of the lesson, 1 to 5.
        guesses: by number of the lesson. skipped: lessons shown without a guess.
        code: of the class, or empty. pupil: whether the page is a pupil's.
        place: which choice of the third step is tried.
        seed: run that the dots are of.
        model: the model's answer to the open lesson.
        scores: points and what they are for, by number of the lesson.
        address: of the page as the browser sees it, without its query, or empty.
    """

    def __init__(
        self,
        lang: str,
        search: str | None,
        ask: AskRuns = ask_runs,
        look: Look = inside_desk.look,
        classes: Classes = classes,
    ) -> None:
        super().__init__()
        self.lang, self.number, self.step = lang, 1, 1
        self.guesses: dict[int, Guess] = {}
        self.skipped: set[int] = set()
        self.code, self.note = "", ""
        self.place, self.seed = 0, 0
        self._ask, self._look, self._classes = ask, look, classes
        self._leave: Callable[[], None] = lambda: None
        self.address = ""
        self.scores: dict[int, Score] = {}
        self._read(search or "")
        self.model = self._answers()

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
    def link(self) -> str:  # type: ignore[override]
        """What the address says beside the scenario, beginning with ``&``."""
        parts = [("lesson", str(self.number)), ("step", str(self.step))]
        parts += guesses.parts_of(self.guesses)
        parts += [("seen", "-".join(map(str, sorted(self.skipped))))] if self.skipped else []
        parts += [("class", self.code)] if self.code else []
        parts += [("pupil", "1")] if self.pupil else []
        parts += [("me", self.me)] if self.guesses else []
        return "".join(f"&{key}={quote(value)}" for key, value in parts)

    def classmates(self) -> list[Guess]:
        """Guesses of the class in the open lesson, the own one among them."""
        return self._classes.guesses(self.code, self.number) if self.code else []

    # ---- verbs of the page

    def begin(self) -> None:
        """Ask for what the lesson needs."""
        if self.code:
            self._enter(self.code)
        self._open()
        self.tasks.start("the scores of other lessons", self._rate_others)

    def close(self) -> None:
        """The page is gone: stop its work."""
        super().close()
        self._leave()
        self.model.close()

    def follow(self, lang: str) -> None:
        """The visitor chose another language."""
        if lang != self.lang and lang in LANGUAGES:
            self.lang, self.model.dots = lang, None
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
            self.scores.pop(self.number, None)
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
            self.model.attempt(self.place)

    def choose_seed(self, seed: Any) -> None:
        """Dots of another run."""
        with self._kindly():
            if 0 <= int(seed) < RUNS_SHOWN:
                self.seed, self.model.dots = int(seed), None
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
                    self._classes.put(self.code, n, who or hashlib.sha256(line.encode()).hexdigest()[:8], guess)
                    added += bool(guess.lines)
            self.note = word("ui.ls_added", self.lang, n=added, bad=bad)

    def here(self, address: Any) -> None:
        """Address of the page as the browser sees it, without its query; the class link begins with it."""
        with self._kindly():
            text = str(address).partition("?")[0]
            self.address = text if text.startswith(("http://", "https://")) and len(text) < 300 else ""

    # ---- how they are done

    def _fail(self) -> None:
        self.model.error = True

    def _read(self, search: str) -> None:
        """What a link asks for; parts that make no sense are left out."""
        query = dict(reversed(pairs_of(search[: guesses.LINK_LENGTH_MAX])))  # the first of equal keys counts

        def whole(name: str, most: int) -> int:
            return whole_in(query.get(name), 1, most) or 1

        who, self.guesses = guesses.from_link(search.lstrip("?"))
        self.me = who or secrets.token_hex(4)
        self.number, self.step = whole("lesson", len(lessons())), whole("step", STEPS)
        code = query.get("class", "")
        self.code = code if guesses.CODE.fullmatch(code) else ""
        self.pupil = query.get("pupil") == "1"
        seen = query.get("seen", "").split("-")
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

    def _open(self) -> None:
        """Ask for the model's answer to the lesson."""
        self.model.close()
        self.model, self.place, self.seed = self._answers(), self.lesson.tries.now, 0
        self.model.begin()
        self._look_at_dots()

    def _answers(self) -> Answers:
        """The model's answer to the open lesson, of which nothing is asked yet."""
        answers = Answers(self.lesson, self._ask, self._look, lambda: self._hear(answers))
        return answers

    def _hear(self, answers: Answers) -> None:
        """Something new came."""
        if answers is self.model:
            self._rate()
            self.on_change()

    def _rate(self) -> None:
        """Score the guess, once what it is held against is there."""
        with self.model.lock:
            band = self.model.scored
            if band is not None and self.guess.lines:
                self.scores[self.number] = guesses.score(self.lesson, self.guess.lines, band)

    def _rate_others(self, gone: threading.Event) -> None:
        """Score guesses that came with the link in lessons that are not open, one lesson after another."""
        for number, guess in sorted(self.guesses.items()):
            if not guess.lines or number == self.number or number in self.scores or gone.is_set():
                continue
            lesson = lessons()[number - 1]
            with self._kindly():
                band = band_of(lesson, self._ask, gone)
                with self.model.lock:
                    if band is not None and self.guesses.get(number) == guess and number != self.number:
                        self.scores[number] = guesses.score(lesson, guess.lines, band)

    def _look_at_dots(self) -> None:
        """Ask for the dots, where they are looked at and not known."""
        if self.step == 4 and self.open and self.model.dots is None:
            self.model.look_at_dots(self.seed, self.lang)

    def scenario_link(self, *, tried: bool) -> str:
        """Query of other screens with the lesson's scenario, and with what was tried if wanted."""
        curve, tries = self.lesson.curve, self.lesson.tries
        changes = (*curve.changes, *(tries.changes(self.place) if tried else []))
        search = "".join(f"&{change}" for change in changes)
        return ViewState.from_link(f"?s={curve.scenario}{search}&lang={self.lang}")[0].link()
