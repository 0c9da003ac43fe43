"""Settings, outcomes and policies of a sweep in words."""

from injae.experiments.indicators import INDICATORS
from injae.experiments.wording.amounts import date, setting
from injae.model.levers import LEVERS, SHOCKS
from injae.model.parameters import declared_parameters
from injae.model.scenario import DEFAULT, Scenario, preset_names
from injae.viz.view.results.table import Opened
from injae.viz.view.words import BOOK, parameter, word

MOMENTS = ("_at_target_date", "_by_target_date", "_at_end", "_per_year")  # ends of names of indicators
LARGE = 10_000  # from here on all digits before the point, without an exponent


def title_of(path: str, lang: str) -> str:
    """A setting in words; a dated one with its dates."""
    plain, at, dates = path.partition("@")
    group, _, name = plain.partition(".")
    try:
        title = word(f"{plain}.title", lang) if group in ("levers", "shocks") else parameter(name, lang)
    except KeyError:
        title = plain
    title = title if title == plain else title[:1].upper() + title[1:]
    if not at:
        return title
    first, _, last = dates.partition("..")
    ends = {"first": date(first, lang), "last": date(last, lang) if last else ""}
    return word("results.dated" if last else "results.dated_from", lang, title=title, **ends)


def value_text(path: str, value: float, lang: str) -> str:
    """A value of a setting, short, with a unit for money alone: ``0.5``, ``12,000``, ``10억 원``, ``1bn won``."""
    group, _, name = path.partition("@")[0].partition(".")
    known = {"levers": LEVERS, "shocks": SHOCKS}.get(group) or declared_parameters(DEFAULT)
    of = getattr(known.get(name), "unit", "")
    if of.startswith("won") and value:
        return setting(float(f"{value:z.4g}"), "won", lang)
    return f"{value:z,.0f}" if abs(value) >= LARGE else f"{value:z.4g}"


def outcome_title(name: str, lang: str) -> str:
    """An indicator in words: its own title, the series that it comes from and its moment, or as it is declared.

    Raises:
        KeyError: there is none of this name.
    """
    if f"indicator.{name}" in BOOK.texts:
        return word(f"indicator.{name}", lang)
    ending = next((end for end in MOMENTS if name.endswith(end)), "")
    stem = name.removesuffix(ending)
    series = {"public_won": "public_won_cumulative", "programme_graduates": "programme_graduates_cumulative"}
    key = f"series.{series.get(stem, stem)}"
    if key not in BOOK.texts:  # of an extension
        return INDICATORS[name].meaning
    return f"{word(key, lang)}, {word('results.' + ending.strip('_'), lang)}"


def policy_title(found: Opened, name: str, lang: str) -> str:
    """A policy of a sweep in words, with the number that its label has where two are called the same."""
    plan = found.sweep.policies.get(name)
    if plan is None:
        return name
    given = plan.title.get(lang)
    if given is None and plan.name in preset_names():
        given = Scenario.load(plan.name).title.get(lang)
    return f"{given}{name.removeprefix(plan.name)}" if given else name
