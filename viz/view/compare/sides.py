"""The set of scenarios that the compare screen lays beside each other, and its runs; plain Python.

A set is two to five texts: ``own`` (the visitor's own policy), a preset, or a preset with changes
(``korea~levers.grant_scale=2``). The first is the reference.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple
from urllib.parse import urlsplit

from injae.experiments.compare import check_comparable, differences
from injae.experiments.manifest import receipt_of
from injae.experiments.results import Results
from injae.model.scenario import Scenario
from injae.viz.view.links import pairs_of
from injae.viz.view.refused import Refused
from injae.viz.view.state import LANGUAGE, ViewState
from injae.viz.view.words import word

OWN = "own"
LETTERS = "ABCDE"
FEWEST, MOST = 2, 5


class Side(NamedTuple):
    """One scenario of the set; ``name`` is what the visitor calls it, ``ink`` the number of its colour."""

    letter: str
    text: str
    state: ViewState
    name: str = ""
    ink: int = 0


def state_of(text: str, own: ViewState) -> ViewState:
    """The state that a text of the set stands for, with seeds and language of the visitor.

    Raises:
        InputError: no such preset or setting, or a value out of range.
    """
    if text == OWN:
        return replace(own, aleatory=True, parametric=False, structural=False)
    preset, *changes = text.split("~")
    parts = [("s", preset), *((path, value) for path, _, value in (change.partition("=") for change in changes))]
    state = ViewState.of_pairs(parts, own.lang)
    return ViewState(preset=preset, changes=state.changes, seeds=own.seeds, lang=own.lang)


def text_of(state: ViewState) -> str:
    """The text of a state."""
    return "~".join([state.preset, *state.changes])


def texts_of_link(link: str) -> list[str]:
    """The scenarios that a link names: those of a set, or the one of any other screen.

    Raises:
        InputError: not a link of the view.
    """
    pairs = pairs_of(urlsplit(link.strip()).query)
    several = [text for key, text in pairs if key == "c" and text != OWN]
    if several:
        return several
    if not any(key == "s" for key, _ in pairs):
        raise Refused("refused.no_link")
    return [text_of(ViewState.of_pairs(pairs, LANGUAGE))]


def sides_of(
    texts: Sequence[str], own: ViewState, names: Mapping[str, str] | None = None, inks: Mapping[str, int] | None = None
) -> list[Side]:
    """The set, in order, with names and numbers of colours by text.

    Raises:
        InputError: a scenario that cannot be, or cannot be compared with the first.
    """
    names, inks = names or {}, inks or {}
    sides = [
        Side(letter, text, state_of(text, own), names.get(text, ""), inks.get(text, n))
        for n, (letter, text) in enumerate(zip(LETTERS, texts, strict=False))
    ]
    check_comparable([side.state.scenario() for side in sides])
    return sides


def plans_of(sides: Sequence[Side]) -> list[Scenario]:
    """Their scenarios as ``injae compare`` takes them: each with a name of its own, the target of the first for all."""
    plans = [side.state.scenario() for side in sides]
    names = [file_of(side, sides) or side.state.preset for side in sides]
    names = [name.removesuffix(".toml") for name in names]
    return [
        plan.model_copy(update={"name": name, "target": plans[0].target})
        for plan, name in zip(plans, names, strict=True)
    ]


def file_of(side: Side, sides: Sequence[Side]) -> str | None:
    """Name of the file that the command needs for a scenario that is no preset, or is there twice."""
    same = [other.letter for other in sides if other.state.preset == side.state.preset and not other.state.changes]
    return None if same[:1] == [side.letter] else f"policy-{side.letter}.toml"


def scenario_file(side: Side) -> str:
    """A scenario as a TOML file that ``injae`` reads: its preset, and all schedules that differ from it."""
    plan, preset = side.state.scenario(), Scenario.load(side.state.preset)
    lines = [f'base = "{side.state.preset}"']
    for group in ("levers", "shocks"):
        theirs, mine = getattr(preset, group), getattr(plan, group)
        rows = [f"{name} = {_steps(plan, steps)}" for name, steps in mine.items() if steps != theirs.get(name)]
        lines += [f"[{group}]", *rows] if rows else []
    changed = {name: value for name, value in plan.parameters.items() if value != preset.parameters.get(name)}
    lines += ["[parameters]", *(f'"{name}" = {value!r}' for name, value in changed.items())] if changed else []
    return "\n".join(lines) + "\n"


def _steps(plan: Scenario, steps: Sequence[tuple[int, float]]) -> str:
    if len(steps) == 1 and steps[0][0] == 0:
        return repr(steps[0][1])
    parts = (f'{{from = "{plan.date_of(month)}", value = {value!r}}}' for month, value in steps)
    return f"[{', '.join(parts)}]"


def command_of(sides: Sequence[Side]) -> str:
    """The command that gives the same runs and differences."""
    names = [file_of(side, sides) or side.state.preset for side in sides]
    state = sides[0].state
    kind = state.command_layers.uncertainty
    asked = f" --uncertainty {kind}" if kind else ""
    return f"injae compare {' '.join(names)} --seeds {state.seeds}{asked} --no-baseline"


def title_of(side: Side, lang: str) -> str:
    """What the visitor calls a scenario, else its title, marked when it was changed."""
    if side.name:
        return side.name
    plan = Scenario.load(side.state.preset)
    title = plan.title.get(lang, plan.name)
    return word("ui.modified", lang, title=title) if side.state.changes else title


@dataclass(frozen=True)
class Compared:
    """A set with its runs, of the seeds that finished in every scenario."""

    sides: list[Side]
    results: list[Results]
    failed: int = 0

    @classmethod
    def of(cls, sides: list[Side], results: Sequence[Results]) -> "Compared":
        """Keep the seeds that all have, in order."""
        common = set.intersection(*(set(result.seeds) for result in results))
        kept = [
            replace(result, runs=sorted((r for r in result.runs if r.seed in common), key=lambda run: run.seed))
            for result in results
        ]
        return cls(sides, kept, sum(len(result.failures) for result in results))

    @property
    def receipt(self) -> str:
        """Code of scenarios, seeds, model and data."""
        first = self.results[0]
        return receipt_of([result.plan for result in self.results], first.seeds, first.ensemble)

    def gaps(self) -> list[Any]:
        """Every indicator of the others less that of the reference, as ``injae compare`` writes them."""
        return [row for other in self.results[1:] for row in differences(self.results[0], other)]
