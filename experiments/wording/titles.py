"""What settings, outcomes, facts, payments and scenarios are called, in Korean and English."""

import re
from functools import partial
from pathlib import Path

from injae.experiments.indicators import INDICATORS
from injae.experiments.wording.amounts import date, setting
from injae.experiments.wording.phrasebook import LANGUAGES, Phrasebook
from injae.model.ledger import PAYMENTS, Purpose
from injae.model.levers import LEVERS, SHOCKS
from injae.model.parameters import declared_parameters
from injae.model.scenario import DEFAULT, Scenario, preset_names

HERE = Path(__file__).parent
LARGE = 10_000  # from here on all digits before the point, without an exponent
MOMENTS = ("_at_target_date", "_by_target_date", "_at_end", "_per_year")  # ends of names of indicators
SERIES_OF = {"public_won": "public_won_cumulative", "programme_graduates": "programme_graduates_cumulative"}
_OUTCOME = re.compile(r"(?<![\w@.-])[a-z]\w*(?:@\d{4}-\d{2}(?:\.\.\d{4}-\d{2})?)?")  # a name within an expression
_RULES = re.compile(r" \([A-Z]\d+[a-z]?(, [A-Z]\d+[a-z]?)*\)")  # rule ids of the model description


def as_declared() -> dict[str, dict[str, str]]:
    """Words of levers as they are declared, which is all that there is for those of an extension."""
    texts = {f"levers.{name}.title": name.replace("_", " ") for name in LEVERS}
    texts |= {f"levers.{name}.text": f"{lever.meaning}." for name, lever in LEVERS.items()}
    return {key: dict.fromkeys(LANGUAGES, re.sub(r"[{}]", "", text)) for key, text in texts.items()}


TERMS = Phrasebook(HERE / "terms.toml", otherwise=as_declared)
PARAMETERS = Phrasebook(HERE / "parameters.toml")  # English only where it is not the declared meaning
DECLARED = Phrasebook(HERE / "declared.toml")  # no English: that is what is declared
SECTIONS = (
    "education",
    "labour",
    "hospitals",
    "firms",
    "outcomes",
    "migration",
    "start",
    "country",
    "levers",
    "shocks",
)


def parameter(path: str, lang: str, country: str = DEFAULT) -> str:
    """An uncertain parameter in words; in Korean its path where the table has none (another country's own)."""
    texts = PARAMETERS.texts.get(path, {})
    if lang == "ko":
        return texts.get("ko", path)
    return texts.get("en", _RULES.sub("", declared_parameters(country)[path].meaning))


def setting_title(path: str, lang: str) -> str:
    """A setting in words, a dated one with its dates; the path of what has no words."""
    plain, at, dates = path.partition("@")
    group, _, name = plain.partition(".")
    try:
        title = TERMS.say(f"{plain}.title", lang) if group in ("levers", "shocks") else parameter(name, lang)
    except KeyError:
        title = plain
    title = title if title == plain else title[:1].upper() + title[1:]
    if not at:
        return title
    first, _, last = dates.partition("..")
    ends = {"first": date(first, lang), "last": date(last, lang) if last else ""}
    return TERMS.say("dated.within" if last else "dated.from", lang, title=title, **ends)


def setting_value(path: str, value: float, lang: str) -> str:
    """A value of a setting, short, with a unit for money alone: ``0.5``, ``12,000``, ``10억 원``, ``1bn won``."""
    group, _, name = path.partition("@")[0].partition(".")
    known = {"levers": LEVERS, "shocks": SHOCKS}.get(group) or declared_parameters(DEFAULT)
    of = getattr(known.get(name), "unit", "")
    if of.startswith("won") and value:
        return setting(float(f"{value:z.4g}"), "won", lang)
    return f"{value:z,.0f}" if abs(value) >= LARGE else f"{value:z.4g}"


def indicator_title(name: str, lang: str) -> str:
    """An indicator in words: its own title, the series that it comes from and its moment, or as it is declared.

    Raises:
        KeyError: there is none of this name.
    """
    if f"indicator.{name}" in TERMS.texts:
        return TERMS.say(f"indicator.{name}", lang)
    ending = next((end for end in MOMENTS if name.endswith(end)), "")
    stem = name.removesuffix(ending)
    key = f"series.{SERIES_OF.get(stem, stem)}"
    if key not in TERMS.texts:  # of an extension
        return INDICATORS[name].meaning
    return f"{TERMS.say(key, lang)}, {TERMS.say('moment.' + ending.strip('_'), lang)}"


def outcome_title(text: str, lang: str) -> str:
    """An outcome in words: an indicator, a series with its date, or an expression over both (docs/discover.md)."""
    return _OUTCOME.sub(partial(_named, lang=lang), text)


def _named(match: re.Match[str], lang: str) -> str:
    """A name of an expression in words; what is no name of an outcome stays as it is."""
    name, at, dates = match[0].partition("@")
    if name in INDICATORS:
        return indicator_title(name, lang)
    if f"series.{name}" not in TERMS.texts:
        return match[0]
    said = (date(one, lang) for one in dates.split("..") if one)
    return TERMS.say(f"series.{name}", lang) + (f", {'~'.join(said)}" if at else "")


def measure_title(name: str, lang: str, otherwise: str) -> str:
    """A fact in words: what is measured, or an outcome that somebody knows; ``otherwise`` in English."""
    if lang == "en":
        return otherwise
    return DECLARED.say(f"measure.{name}", lang) if f"measure.{name}" in DECLARED.texts else outcome_title(name, lang)


def payment_title(meaning: str, lang: str) -> str:
    """What is paid for, from its meaning as it is declared."""
    purpose = next((one for one in Purpose if PAYMENTS[one].meaning == meaning), None)
    return meaning if lang == "en" or purpose is None else DECLARED.say(f"payment.{purpose.name}", lang)


def section_title(name: str, lang: str) -> str:
    """A section of parameters in words; in English its name."""
    return name if lang == "en" else DECLARED.say(f"section.{name}", lang)


def scenario_title(name: str, lang: str) -> str:
    """The title of a preset, with the number of a label that tells two of them apart; else the name itself."""
    preset = next((one for one in sorted(preset_names(), key=len, reverse=True) if _is_label(name, one)), None)
    if lang == "en" or preset is None:
        return name
    return Scenario.load(preset).title.get(lang, preset) + name.removeprefix(preset)


def _is_label(name: str, preset: str) -> bool:
    return re.fullmatch(rf"{re.escape(preset)}( \(?\d+\)?)?", name) is not None
