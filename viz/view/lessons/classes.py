"""Guesses of a class, gathered without accounts.

A class is kept in memory and, once ``Classes.open`` has named a folder, in a small file of its own, so that it outlives
the server: one line a person, in the form of the link that holds their guesses (``guesses.from_link``).
"""

import logging
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

from injae.experiments.folders import atomic
from injae.viz.view.lessons.guesses import Guess, from_link, parts_of

CLASSES_KEPT = 200
MEMBERS_KEPT = 200
SUFFIX = ".txt"

log = logging.getLogger("injae.view")


@dataclass
class Class:
    """Guesses of one class, by lesson and person, and who is told of new ones."""

    guesses: dict[int, OrderedDict[str, Guess]] = field(default_factory=dict)
    listeners: list[Callable[[], None]] = field(default_factory=list)

    def put(self, number: int, who: str, guess: Guess, most: int) -> bool:
        """Somebody's guess in place of an earlier one; whether it is another. Of too many the first goes."""
        mine = self.guesses.setdefault(number, OrderedDict())
        if mine.get(who) == guess:
            return False
        mine[who] = guess
        while len(mine) > most:
            mine.popitem(last=False)
        return True

    def lines(self) -> list[str]:
        """One link a person."""
        people = dict.fromkeys(who for by in self.guesses.values() for who in by)
        found = [(who, {n: by[who] for n, by in self.guesses.items() if who in by}) for who in people]
        return ["&".join(f"{key}={value}" for key, value in [("me", who), *parts_of(mine)]) for who, mine in found]


class Classes:
    """All classes of a server; the least lately used goes first when there are too many.

    Args:
        most: classes that are kept.
        members: people of each lesson of a class that are kept.
    """

    def __init__(self, most: int = CLASSES_KEPT, members: int = MEMBERS_KEPT) -> None:
        self.most, self.members = most, members
        self._classes: OrderedDict[str, Class] = OrderedDict()
        self._folder: Path | None = None
        self._lock = Lock()

    def open(self, folder: Path) -> None:
        """Take up the classes of a folder, and keep them there from now on.

        Raises:
            OSError: it cannot be made.
        """
        folder.mkdir(parents=True, exist_ok=True)
        with self._lock:
            self._folder = folder
            for path in sorted(folder.glob(f"*{SUFFIX}"), key=lambda path: path.stat().st_mtime):
                try:
                    code, links = bytes.fromhex(path.stem).decode(), path.read_text(encoding="utf-8").splitlines()
                except (OSError, ValueError):
                    continue  # none of ours
                of = self._of(code)
                for who, found in map(from_link, links):
                    for number, guess in found.items():
                        of.put(number, who or "", guess, self.members)

    def put(self, code: str, number: int, who: str, guess: Guess) -> None:
        """Somebody's guess, in place of an earlier one; everybody in the class is told."""
        with self._lock:
            of = self._of(code)
            if not of.put(number, who, guess, self.members):
                return
            self._save(code, of)
            listeners = list(of.listeners)
        for listener in listeners:
            listener()

    def guesses(self, code: str, number: int) -> list[Guess]:
        """All guesses of a class in a lesson."""
        with self._lock:
            return list(self._of(code).guesses.get(number, {}).values())

    def join(self, code: str, listener: Callable[[], None]) -> Callable[[], None]:
        """Be told of new guesses; gives what ends it."""
        with self._lock:
            self._of(code).listeners.append(listener)

        def leave() -> None:
            with self._lock:
                of = self._classes.get(code)
                if of and listener in of.listeners:
                    of.listeners.remove(listener)

        return leave

    def _of(self, code: str) -> Class:
        of = self._classes.setdefault(code, Class())
        self._classes.move_to_end(code)
        while len(self._classes) > self.most:
            gone, _ = self._classes.popitem(last=False)
            if self._folder:
                self._file(gone).unlink(missing_ok=True)
        return of

    def _file(self, code: str) -> Path:
        assert self._folder is not None
        return self._folder / f"{code.encode().hex()}{SUFFIX}"  # a code may differ from another by capitals alone

    def _save(self, code: str, of: Class) -> None:
        if self._folder is None:
            return
        try:
            with atomic(self._file(code)) as file:
                file.write("".join(f"{line}\n" for line in of.lines()).encode())
        except OSError as error:
            log.warning("guesses of a class are in memory alone, they cannot be written (%s)", error)


classes = Classes()  # of this server
