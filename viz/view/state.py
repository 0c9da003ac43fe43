"""What one visitor has chosen: a frozen value that is a scenario, a link, and a place in a history.

``ViewState`` holds only what differs from a preset, so links stay short and mean the same on the command line:
``?s=korea&levers.data_access@2027-01=0.8`` is ``injae run korea --set levers.data_access@2027-01=0.8``.
"""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from typing import Any, NamedTuple
from urllib.parse import quote

from injae.experiments.indicators import has_target
from injae.experiments.layers import USUAL, Layers
from injae.experiments.schedules import course, value_of
from injae.experiments.uncertainty import RUNS
from injae.model.errors import InputError
from injae.model.numbers import number_of, why_no_number
from injae.model.record import SERIES
from injae.model.scenario import DEFAULT, Scenario, month_of, preset_names
from injae.viz.lines import one_line
from injae.viz.view.links import pairs_of, setting_names, whole_in
from injae.viz.view.refused import Refused, in_words
from injae.viz.view.words import word

LANGUAGES = ("ko", "en")
LANGUAGE = "ko"  # of a state that names none
SEEDS = RUNS["posterior"]  # runs of a finished answer: as many as those of a command
SEEDS_MAX = 400
HISTORY_LENGTH = 50
LINK_LENGTH_MAX = 14_000  # characters: room for every parameter; servers refuse addresses of 16 kB
FOCUS = "specialists"
NEAR = 0.85  # how like the name of a setting an unknown key is that is told
_SETTABLE = ("levers.", "shocks.", "parameters.")
_SWITCHES = ("aleatory", "parametric", "structural")
_KEYS = ("s", "seeds", "month", "focus", *_SWITCHES, "lang")
_LIKE_OURS = re.compile(r"doubt|preset|scenario|lever|shock|param|seed|lang|month|focus|aleatory|parametric|structural")


class Notice(NamedTuple):
    """Something to tell the visitor: the key of its words, and what they speak of."""

    key: str
    what: str

    @property
    def refuses(self) -> bool:
        """Whether nothing of what was asked for is shown; else some parts of it."""
        return self.key == "notice.bad_link"


@dataclass(frozen=True)
class ViewState:
    """A visitor's choices.

    Attributes:
        preset: name of the scenario that the changes start from.
        changes: ``levers.x=0.8``, ``levers.x@2027-01=0.8`` or ``levers.x@2027-01..2029-12=0.8``, in order of path and
            date; none that changes nothing.
        seeds: runs of a finished answer: futures 0 to ``seeds - 1``.
        lang: ``ko`` or ``en``.
        aleatory: let runs differ by noise.
        parametric: let them differ by uncertain parameters, as the country's ensemble draws them.
        structural: let them differ by the shape of the model.
        focus: series that the "why" bars and the layers of uncertainty speak of.
        month: month index of the date they speak of; None for the target date, or the end where there is none.
    """

    preset: str = DEFAULT
    changes: tuple[str, ...] = ()
    seeds: int = SEEDS
    lang: str = LANGUAGE
    aleatory: bool = True
    parametric: bool = True
    structural: bool = False
    focus: str = FOCUS
    month: int | None = None

    def scenario(self) -> Scenario:
        """The scenario as the model takes it.

        Raises:
            InputError: no such preset or setting, or a value out of range.
        """
        return _apply(Scenario.load(self.preset), self.changes)

    @property
    def country(self) -> str:
        """The country whose case it is."""
        return Scenario.load(self.preset).country

    @property
    def layers(self) -> Layers:
        """What differs between the runs."""
        return Layers(self.aleatory, self.parametric, self.structural)

    @property
    def command_layers(self) -> Layers:
        """The layers, or the usual ones where no command gives the same futures: for what commands do as well."""
        return self.layers if self.layers.uncertainty is not None else USUAL

    @property
    def date_month(self) -> int:
        """Month index of the date asked about."""
        plan = Scenario.load(self.preset)
        default = plan.target_month if has_target(plan) else plan.months
        return default if self.month is None else min(max(self.month, 0), plan.months)

    def with_lever(self, path: str, value: float, first: str | None = None, last: str | None = None) -> "ViewState":
        """The same state with a lever or shock set, in place of earlier changes of it.

        Args:
            path: ``levers.x`` or ``shocks.x``.
            value: in the lever's unit.
            first: ISO month from which it holds; None: from the beginning.
            last: last ISO month in which it holds, after which the preset's schedule goes on; None: to the end.

        Raises:
            InputError: unknown path, value out of range, or dates in the wrong order.
        """
        others = tuple(change for change in self.changes if path_of(change) != path)
        span = f"@{first}" if first else ""
        if last:
            span = f"@{first or Scenario.load(self.preset).date_of(1)}..{last}"
        return replace(self, changes=_tidy(self.preset, (*others, f"{path}{span}={_text(value)}")))

    def with_event(self, path: str, value: float, first: str, last: str | None = None) -> "ViewState":
        """The same with a lever or shock set from a month on, on top of earlier changes of it; as ``with_lever``.

        Raises:
            InputError: as there, or an earlier change of the lever has dates that do not go with these.
        """
        span = f"@{first}..{last}" if last else f"@{first}"
        return replace(self, changes=_tidy(self.preset, (*self.changes, f"{path}{span}={_text(value)}")))

    def without(self, path: str) -> "ViewState":
        """The same state with a lever as in the preset."""
        return replace(self, changes=tuple(change for change in self.changes if path_of(change) != path))

    def value(self, path: str, month: int | None = None) -> float:
        """Value of a lever, shock or parameter in a month; default: in the month asked about."""
        return value_of(self.scenario(), path, self.date_month if month is None else month)

    def changed(self) -> tuple[str, ...]:
        """Paths that differ from the preset."""
        return tuple(dict.fromkeys(path_of(change) for change in self.changes))

    def link(self) -> str:
        """Query of the page's address, beginning with ``?``; holds only what is not the default."""
        parts = [("s", self.preset)]
        parts += [tuple(change.split("=", 1)) for change in self.changes]
        parts += [(name, str(getattr(self, name))) for name in ("seeds", "focus") if getattr(self, name) != _of(name)]
        parts += [(name, str(int(getattr(self, name)))) for name in _SWITCHES if getattr(self, name) != _of(name)]
        parts += [("month", str(self.month))] if self.month is not None else []
        parts += [("lang", self.lang)]
        return "?" + "&".join(f"{quote(key, safe='@.')}={quote(value, safe='@.')}" for key, value in parts)

    @classmethod
    def from_link(cls, search: str | None, otherwise: str = LANGUAGE) -> tuple["ViewState", Notice | None]:
        """State of a link, and a notice of what cannot be used, in the link's language.

        Parts that cannot be used are left out and told; where nothing else is left, that is the default state. A link
        that names no language is read in the language ``otherwise``.
        """
        pairs = pairs_of((search or "")[:LINK_LENGTH_MAX])
        lang = next((value for key, value in pairs if key == "lang" and value in LANGUAGES), otherwise)
        try:
            state = cls.of_pairs(pairs, lang)
        except InputError:
            kept, refused = _usable(pairs, lang)
            if not any(key in _KEYS[:-1] or key.startswith(_SETTABLE) for key, _ in kept):
                return cls(lang=lang), Notice("notice.bad_link", "; ".join(refused))
            pairs, state = kept, cls.of_pairs(kept, lang)
        else:
            refused = []
        dropped = [*refused, *_dropped(pairs, state)]
        return state, Notice("notice.dropped", "; ".join(dropped)) if dropped else None

    @classmethod
    def of_pairs(cls, pairs: Iterable[tuple[str, str]], lang: str) -> "ViewState":
        """State of the parts of a link.

        Raises:
            InputError: no such preset or setting, or a value out of range.
        """
        state = cls(lang=lang)
        for key, value in pairs:
            state = _read(state, key, value)
        return replace(state, changes=_tidy(state.preset, state.changes))

    def again(self) -> str:
        """What gives the same runs: a command, or where none does the link of the view."""
        return self.command() or f"injae app, {self.link()}"

    def command(self) -> str:
        """The command line that gives the same runs; empty where none does."""
        kind = self.layers.uncertainty
        if kind is None:
            return ""
        options = [f"--seeds {self.seeds}", *([f"--uncertainty {kind}"] if kind else [])]
        return " ".join(["injae run", self.preset, *options, *(f"--set {change}" for change in self.changes)])


def language_of(accepted: str | None) -> str:
    """The language to open in for what a browser accepts (``Accept-Language``).

    Korean or English, whichever it likes better; English where it likes neither.
    """
    weighed = []
    for part in (accepted or "").split(","):
        code, _, weight = part.strip().partition(";q=")
        try:
            weighed.append((-float(weight or 1), code.strip().lower().split("-")[0]))
        except ValueError:
            continue
    ranked = [code for weight, code in sorted(weighed, key=lambda pair: pair[0]) if weight and code in LANGUAGES]
    return ranked[0] if ranked else "en"


def path_of(change: str) -> str:
    """Path of a change, without date and value."""
    return change.partition("=")[0].partition("@")[0]


def _text(value: float) -> str:
    """A number without an exponent, which would need escaping in a link."""
    return str(int(value)) if float(value).is_integer() else f"{value:z.10g}"


def _of(name: str) -> Any:
    """Default of a field."""
    return ViewState.__dataclass_fields__[name].default


def _read(state: ViewState, key: str, value: str) -> ViewState:
    """The state with one part of a link; parts that are not ours (``utm_source``) are left alone."""
    if key == "s":
        if value.lower() not in preset_names():
            raise Refused("refused.preset", value=repr(value[:40]), known=_preset_titles)
        return replace(state, preset=value.lower())
    if key.startswith(_SETTABLE):
        return replace(state, changes=(*state.changes, f"{key}={value}"))
    if key in ("seeds", "month"):
        most = SEEDS_MAX if key == "seeds" else Scenario.load(state.preset).months
        least = int(key == "seeds")
        number = whole_in(value, least, most)
        if number is None:
            raise Refused("refused.whole", what=key, value=repr(value[:40]), low=str(least), high=str(most))
        return replace(state, **{key: number})
    if key in _SWITCHES:
        if value not in ("0", "1"):
            raise Refused("refused.switch", what=key, value=repr(value[:40]))
        return replace(state, **{key: value == "1"})
    if key == "focus":
        if value not in SERIES:
            raise Refused("refused.series", value=repr(value[:40]))
        return replace(state, focus=value)
    return state


def _preset_titles(lang: str) -> str:
    return ", ".join(Scenario.load(name).title.get(lang, name) for name in preset_names())


def _usable(pairs: list[tuple[str, str]], lang: str) -> tuple[list[tuple[str, str]], list[str]]:
    """The parts of a link that can be used, together, and what is wrong with the others, in a language."""
    state, kept, refused = ViewState(lang=lang), [], []
    for pair in sorted(pairs, key=lambda pair: pair[0] != "s"):  # the preset first: the others depend on it
        key, value = pair
        try:
            if key.startswith(_SETTABLE):
                _check_alone(f"{key}={value}", state.preset)
            state = _read(state, key, value)
            kept.append(pair)
        except InputError as error:
            refused.append(in_words(error, lang))
    try:
        ViewState.of_pairs(kept, lang)
    except InputError:  # good each by itself, but not together: as many as go together, in the order of the link
        together: list[tuple[str, str]] = []
        for pair in kept:
            try:
                ViewState.of_pairs([*together, pair], lang)
                together.append(pair)
            except InputError as error:
                refused.append(in_words(error, lang))
        kept = together
    return kept, refused


def _check_alone(change: str, preset: str) -> None:
    """Refuse a change that cannot be, whatever the others are."""
    try:
        _apply(Scenario.load(preset), [change])
    except InputError as error:
        if error.code != "shares":  # others may make room
            raise


def _dropped(pairs: list[tuple[str, str]], state: ViewState) -> list[str]:
    """Parts of a link that look like ours and say nothing, each with the reason, in the state's language."""
    plan, found = Scenario.load(state.preset), []
    for key, times in Counter(key for key, _ in pairs).items():
        if times > 1 and (key in _KEYS or key.startswith(_SETTABLE)):
            found.append((key, "twice"))
    for key, value in pairs:
        if key == "lang" and value not in LANGUAGES:
            found.append((f"{key}={value}", "language"))
        elif key.startswith(_SETTABLE):
            first = key.partition("@")[2].partition("..")[0]
            if first and month_of(first, plan.start) > plan.months:
                found.append((f"{key}={value}", "late"))
        elif key not in _KEYS and (
            not key or _LIKE_OURS.match(key) or get_close_matches(key, setting_names(), 1, NEAR)
        ):
            found.append((f"{key}={value}", "unknown"))
    end = plan.date_of(plan.months)
    return [f"{one_line(part, 60)} ({word(f'dropped.{reason}', state.lang, end=end)})" for part, reason in found]


def _tidy(preset: str, changes: tuple[str, ...]) -> tuple[str, ...]:
    """Changes that make a difference, in order; a path whose changes leave the preset as it is drops out.

    Raises:
        InputError: unknown path, or value out of range.
    """
    base = Scenario.load(preset)
    ordered = {change.partition("=")[0]: change for change in changes}  # the last of two equal paths counts
    kept = [ordered[key] for key in sorted(ordered)]
    plan = _apply(base, kept)
    different = {path for path in map(path_of, kept) if course(plan, path) != course(base, path)}
    return tuple(change for change in kept if path_of(change) in different)


def _apply(base: Scenario, changes: Iterable[str]) -> Scenario:
    """The scenario with all changes at once, so that only the whole has to be consistent."""
    pairs = [change.partition("=")[::2] for change in changes]
    return base.with_settings({path: text if why_no_number(text) else number_of(text) for path, text in pairs})


@dataclass(frozen=True)
class History:
    """States before and after the present one; at most ``HISTORY_LENGTH`` before."""

    present: ViewState = field(default_factory=ViewState)
    past: tuple[ViewState, ...] = ()
    future: tuple[ViewState, ...] = ()

    def push(self, state: ViewState) -> "History":
        """A new present; the same state again changes nothing."""
        if state == self.present:
            return self
        return History(state, (*self.past, self.present)[-HISTORY_LENGTH:], ())

    def undo(self) -> "History":
        """One state back; itself where there is none."""
        if not self.past:
            return self
        return History(self.past[-1], self.past[:-1], (self.present, *self.future))

    def redo(self) -> "History":
        """One state forward again; itself where there is none."""
        if not self.future:
            return self
        return History(self.future[0], (*self.past, self.present), self.future[1:])
