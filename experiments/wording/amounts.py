"""Numbers, amounts, dates and intervals as a reader of Korean or English writes them: the same digits in both.

English has money in m, bn and tn, Korean in 만, 억 and 조, down to the same size. Loads nothing heavy: every command
prints them. A ``unit`` is one of the model's (``won per year``); their words are in ``units.toml``, and the currency is
that of the country that is spoken of (``spoken.py``).
"""

import math
import re
from collections.abc import Callable
from pathlib import Path

from injae.experiments.wording.phrasebook import Phrasebook
from injae.experiments.wording.spoken import currency
from injae.model.record import SERIES

UNITS = Phrasebook(Path(__file__).parent / "units.toml")
SIZES = ((1e12, "tn"), (1e9, "bn"), (1e6, "m"), (1.0, ""))  # of the currency in one of the unit, and its short name
LEAST_OF = {"tn": 0.99995, "bn": 0.99995, "m": 1 - 0.5e-6, "": 0.0}  # from here 1,000.0 of the smaller unit is written
FINE = {"unmet_demand_share", "unmet_demand_share_without_ai"}  # shares that move by hundredths of a percent
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
COUNT_IN_MYRIADS = 100_000  # from here on Korean counts in 만
_NAMES = re.compile(r"(%p|%| points|명|시간|건|/년|/월| (persons|hours|events).*)+$")


def date(iso: str, lang: str) -> str:
    """``2029-12`` as ``2029년 12월`` or ``Dec 2029``."""
    year, month = map(int, iso.split("-"))
    return f"{year}년 {month}월" if lang == "ko" else f"{MONTHS[month - 1]} {year}"


def unit(name: str, lang: str) -> str:
    """A unit in words; ``%`` for shares, one that an extension has brought as it is."""
    return UNITS.say(f"unit.{name}", lang, money=currency().name[lang]) if f"unit.{name}" in UNITS.texts else name


def in_currency(name: str) -> str:
    """A unit of the model with the name of the currency in place of ``won``, in English: ``USD per year``."""
    return f"{currency().name['en']}{name.removeprefix('won')}" if name.startswith("won") else name


def raw_unit(name: str, lang: str) -> str:
    """The unit of a number as the model holds it, shares from 0 to 1: ``share`` in English, ``비율(0~1)`` in Korean."""
    base = name.split(" per ")[0]
    if lang == "en" or not name:
        return name
    of_one = UNITS.say(f"raw.{base}", lang) if f"raw.{base}" in UNITS.texts else ""
    return unit(name, lang).replace("%", of_one, 1) if of_one else unit(name, lang)


def size_of(amount: float) -> tuple[float, str]:
    """The largest unit of which money, rounded as it is written, has one or more: its size in data, and its name."""
    per = currency().per_name
    sizes = ((size * per, short) for size, short in SIZES)
    return next(((size, short) for size, short in sizes if abs(amount) >= size * LEAST_OF[short]), (1.0 * per, ""))


def money(amount: float, lang: str = "en") -> str:
    """Money of the data for a reader: ``28.5bn won``, ``33.7m won``; ``285억 원``, ``1조 2,345억 원``."""
    name = currency().name[lang]
    if lang == "en":
        size, short = size_of(amount)
        return f"{amount / size:z,.{1 if short else 0}f}{short} {name}"
    amount /= currency().per_name
    sign, size = ("-" if amount < 0 else ""), abs(amount)
    if size >= 1e9:
        hundred_millions = round(size / 1e8)
        trillions, rest = divmod(hundred_millions, 10_000)
        parts = [f"{trillions:,}조" if trillions else "", f"{rest:,}억" if rest else ""]
    elif round(size) >= 1e6:
        myriads = round(size / 1e5) * 10
        hundred_millions, rest = divmod(myriads, 10_000)
        parts = [f"{hundred_millions:,}억" if hundred_millions else "", f"{rest:,}만" if rest else ""]
    else:
        return f"{sign}{size:z,.0f}{name}"
    return f"{sign}{' '.join(part for part in parts if part)} {name}"


def exact_money(amount: int) -> str:
    """Money to the last unit that the data count in, in English: ``28,500,000,000 won``, ``1,250 US cents``."""
    return f"{amount:,} {currency().unit['en']}"


def bare(text: str, lang: str = "en") -> str:
    """An amount without the name of its unit, for the ends of a range."""
    return text.removesuffix(f" {currency().name[lang]}").removesuffix(" points").removesuffix("%p")


def count(number: float, lang: str, decimals: int = 0) -> str:
    """A count: ``1,040``; in Korean from 100,000 on ``12만 3,456``."""
    if lang == "en" or abs(number) < COUNT_IN_MYRIADS - 0.5:
        return f"{number:z,.{decimals}f}"
    myriads, rest = divmod(round(abs(number)), 10_000)
    hundred_millions, myriads = divmod(myriads, 10_000)
    parts = [f"{hundred_millions:,}억"] * bool(hundred_millions) + [f"{myriads:,}만"] * bool(myriads)
    return ("-" if number < 0 else "") + " ".join([*parts, *[f"{rest:,}"] * bool(rest)])


def number(value: float, of: str, lang: str, *, with_unit: bool = True) -> str:
    """A value as its unit wants it, with the unit: ``846명``, ``12.3%``, ``28.5bn won``; ``-`` where not known."""
    if math.isnan(value):
        return "-"
    base = of.split(" per ")[0]
    if base in ("share", "probability") or of == "relative change":
        return f"{100 * value:z,.1f}%"
    if base == "won":
        return money(value, lang)
    text = count(value, lang, 1 if of in ("months", "years") else 2 if of == "ratio" else 0)
    if not with_unit or (lang == "en" and base == "persons"):
        return text
    return f"{text}{'' if lang == 'ko' else ' '}{unit(of, lang)}".rstrip()


def setting(value: float, of: str, lang: str) -> str:
    """The exact value of a lever with its unit: ``21억 2,000만 원/년``, ``2.12bn won a year``, ``80%``, ``0.4배``."""
    base = of.split(" per ")[0]
    if base in ("share", "probability") or of == "relative change":
        sign = "+" if of == "relative change" and value > 0 else ""
        return f"{sign}{100 * value:z,.4g}%"
    if base == "won":
        return _exact_money(value, lang) + unit(of, lang).removeprefix(currency().name[lang])
    space = "" if lang == "ko" else " "
    return f"{value:z,.10g}{space}{unit(of, lang)}".rstrip()


def _exact_money(amount: float, lang: str) -> str:
    """A lever's amount as exact as anybody sets it: five digits, so that a mean is not written to the last unit."""
    amount = float(f"{amount:.5g}")
    if lang == "en":
        size, short = size_of(amount)
        return f"{amount / size:z,.10g}{short} {currency().name['en']}"
    rest, parts = round(abs(amount) / currency().per_name), []
    for size, name in ((10**12, "조"), (10**8, "억"), (10**4, "만"), (1, "")):
        part, rest = divmod(rest, size)
        parts += [f"{part:,}{name}"] if part else []
    name = currency().name["ko"]
    return (
        ("-" if amount < 0 else "")
        + (" ".join(parts) or "0")
        + (f" {name}" if len(parts) and parts[-1][-1] in "조억만" else name)
    )


def gap(value: float, of: str, lang: str) -> str:
    """A difference with its sign; shares in points: ``+2.6%p``, ``+2.6 points``, ``+1,230명``."""
    if math.isnan(value):
        return "-"
    if of.split(" per ")[0] in ("share", "probability"):
        return _signed(_points(value), "%p" if lang == "ko" else " points")
    return _signed(number(abs(value), of, lang), "", value < 0)


def _points(share: float) -> str:
    """Points to a tenth, or a hundredth where a tenth would show nothing."""
    return f"{100 * share:z,.{1 if abs(share) >= 0.001 else 2}f}"


def _signed(text: str, end: str, negative: bool | None = None) -> str:
    """With + or -, and neither for nothing."""
    size = text.removeprefix("-")
    if not re.search("[1-9]", size):
        return f"{size}{end}"
    negative = text.startswith("-") if negative is None else negative
    return f"{'-' if negative else '+'}{size}{end}"


def interval(mean: float, low: float, high: float, of: str, lang: str, *, signed: bool = False) -> str:
    """A value with its interval, the unit said once: ``84.3% (81.4~87.7)``, ``+2.6 points (+2.4 to +2.8)``.

    The interval is left out where it is not known or no wider than the digits shown.
    """
    write = gap if signed else number
    texts = [write(value, of, lang) for value in (mean, low, high)]
    if math.isnan(low) or math.isnan(high) or texts[1] == texts[2]:
        return texts[0]
    ends = {
        name: _NAMES.sub("", text.removesuffix(f" {currency().name[lang]}"))
        for name, text in zip(("low", "high"), texts[1:], strict=True)
    }
    return f"{texts[0]} ({UNITS.say('between', lang, **ends)})"


def series_scale(name: str, lang: str) -> tuple[str, float, int, str]:
    """How a series is shown: scale, factor to the model's unit, decimals, unit in words."""
    of = SERIES[name].unit
    per = unit(of, lang)
    if of == "share":
        return "share", 0.01, 2 if name in FINE else 1, per
    if of.startswith("won"):
        size, prefix = (1e8, "억") if lang == "ko" else (1e9, "bn")
        return "won", size * currency().per_name, 1, f"{prefix} {per}"
    return "count", 1.0, 2 if SERIES[name].unit in ("months", "ratio") else 0, per


def scale_of(unit: str, lang: str = "en") -> tuple[float, str]:
    """Factor and name of a unit for readers."""
    head, per, rest = unit.partition(" per ")
    if lang == "ko":
        return _korean_scale_of(unit, head, rest)
    if head in ("share", "probability"):
        return 100.0, f"percentage points{per}{rest}"
    if head == "won":
        size, prefix = (1e6, "million") if rest == "person" else (1e9, "billion")
        return 1 / (size * currency().per_name), f"{prefix} {currency().name['en']}{per}{rest}"
    return 1.0, unit


def _korean_scale_of(of: str, head: str, rest: str) -> tuple[float, str]:
    """The same in Korean: shares in points, won in 만 for what one person gets and else in 억."""
    name = unit(of, "ko")
    if head in ("share", "probability"):
        return 100.0, name.replace("%", "%p", 1)
    if head == "won":
        size, prefix = (1e4, "만") if rest == "person" else (1e8, "억")
        return 1 / (size * currency().per_name), f"{prefix} {name}"
    return 1.0, name


def written(value: float, unit: str, lang: str = "en") -> str:
    """A number in the reader's unit, without its name; a dash where it is not known."""
    if value != value:
        return "-"
    scaled = scale_of(unit, lang)[0] * value
    return f"{scaled:z,.0f}" if abs(scaled) >= 100 else f"{scaled:z.3g}"


def span(low: float, high: float, write: Callable[[float], str]) -> str:
    """An interval, its ends written alike; a dash where it is not known."""
    return "-" if low != low or high != high else f"{write(low)} to {write(high)}"


def interval_written(low: float, high: float, unit: str) -> str:
    """An interval in the reader's unit."""
    return span(low, high, lambda value: written(value, unit))


def counted(number: int, noun: str, plural: str = "") -> str:
    """A number and what is counted, in English: ``1 run``, ``1,200 runs``, ``2 universities``."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"


def duration(seconds: float) -> str:
    """Seconds, minutes or hours: ``80 s``, ``12 min``, ``1.6 h``."""
    if seconds < 90:
        return f"{seconds:z.0f} s"
    return f"{seconds / 60:z.0f} min" if seconds < 5400 else f"{seconds / 3600:z.1f} h"


def byte_size(number: float) -> str:
    """Bytes in a unit one can read: ``12 MB``."""
    for unit in ("B", "kB", "MB"):
        if round(number) < 1000:
            return f"{number:z.0f} {unit}"
        number /= 1000
    return f"{number:z.1f} GB"


def percent(share: float, digits: int = 3) -> str:
    """A share in percent without the sign, to so many figures and never in powers of ten: ``0.00123``, ``100``."""
    size = 100 * share
    decimals = digits - 1 - math.floor(math.log10(abs(size))) if size and math.isfinite(size) else 0
    text = f"{round(size, decimals):z.{max(decimals, 0)}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
