"""Settings, outcomes and policies of a sweep in words."""

from model.scenario import Scenario, preset_names
from viz.view.results.table import Opened
from viz.view.words import parameter, table, word

MOMENTS = ("_at_target_date", "_by_target_date", "_at_end", "_per_year")  # ends of names of indicators


def title_of(path: str, lang: str) -> str:
    """A setting in words; a dated one with its dates."""
    plain, at, dates = path.partition("@")
    group, _, name = plain.partition(".")
    try:
        title = word(f"{plain}.title", lang) if group in ("levers", "shocks") else parameter(name, lang)
    except KeyError:
        title = plain
    title = title if title == plain else title[:1].upper() + title[1:]
    return f"{title} ({dates})" if at else title


def outcome_title(name: str, lang: str) -> str:
    """An indicator in words: its own title, or the series that it comes from and its moment.

    Raises:
        KeyError: neither is in the table.
    """
    if f"indicator.{name}" in table():
        return word(f"indicator.{name}", lang)
    ending = next((end for end in MOMENTS if name.endswith(end)), "")
    stem = name.removesuffix(ending)
    series = {"public_won": "public_won_cumulative", "programme_graduates": "programme_graduates_cumulative"}
    return f"{word(f'series.{series.get(stem, stem)}', lang)}, {word('results.' + ending.strip('_'), lang)}"


def policy_title(found: Opened, name: str, lang: str) -> str:
    """A policy of a sweep in words, with the number that its label has where two are called the same."""
    plan = found.sweep.policies.get(name)
    if plan is None:
        return name
    given = plan.title.get(lang)
    if given is None and plan.name in preset_names():
        given = Scenario.load(plan.name).title.get(lang)
    return f"{given}{name.removeprefix(plan.name)}" if given else name
