"""What commands print and figures say, by key: in English, but for figures that are drawn in another language."""

from pathlib import Path

from injae.experiments.wording import amounts
from injae.experiments.wording.phrasebook import Phrasebook
from injae.experiments.wording.spoken import LANGUAGE, currency
from injae.experiments.wording.titles import DECLARED, TERMS
from injae.model.scenario import Scenario

_VIZ = Path(__file__).parent.parent
BOOK = Phrasebook(_VIZ / "answers" / "answers.toml", _VIZ / "figures" / "figures.toml")


def say(key: str, /, **values: object) -> str:
    """A text with its placeholders filled in; ``money`` is the name of the currency.

    Raises:
        KeyError: no such key, or a placeholder without a value.
    """
    lang = LANGUAGE.get()
    return BOOK.say(key, lang, money=currency().name[lang], **values)


def term(key: str) -> str:
    """A term of the model: ``series.specialists``, ``constraint.binding_data``."""
    return TERMS.say(key, LANGUAGE.get())


def named(key: str, english: str) -> str:
    """What the code names in English, in the language that is spoken."""
    return english if LANGUAGE.get() == "en" else DECLARED.say(key, LANGUAGE.get())


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number and what is counted: ``1 run``, ``1,200 draws``; ``모의실험 1,200회``."""
    if LANGUAGE.get() == "en":
        return amounts.counted(number, noun, plural)
    return DECLARED.say(f"counted.{noun}", LANGUAGE.get(), number=number)


def between(low: str, high: str) -> str:
    """Both ends of a range: ``2 to 3``, ``2~3``."""
    return amounts.UNITS.say("between", LANGUAGE.get(), low=low, high=high)


def unit_name(unit: str) -> str:
    """A unit of the model after a number or a name; in English as the model calls it."""
    return unit if LANGUAGE.get() == "en" else amounts.unit(unit, LANGUAGE.get())


def month_words(iso: str) -> str:
    """A month within a sentence: ``2029-12``, ``2029년 12월``."""
    return iso if LANGUAGE.get() == "en" else amounts.date(iso, LANGUAGE.get())


def plan_title(plan: Scenario) -> str:
    """The title of a scenario, else its name."""
    return plan.title.get(LANGUAGE.get(), plan.title.get("en", plan.name))
