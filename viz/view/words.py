"""Every word and number of the view in Korean and English, from ``words.toml`` and ``terms.toml``.

Numbers have the digits of the command line (``viz.amounts``); Korean writes them with 만, 억 and 조, down to the same
size. Dates are ``2029년 12월`` and ``Dec 2029``.
"""

import math
import re
import tomllib
from functools import cache
from pathlib import Path
from typing import Any

from experiments.indicators import INDICATORS
from model.levers import LEVERS
from model.parameters import declared_parameters
from model.record import SERIES
from model.scenario import DEFAULT
from viz.amounts import size_of
from viz.amounts import won as won_in_english

FILES = (
    "words.toml",
    "terms.toml",
    "page.toml",
    "inside/inside.toml",
    "lessons/lessons.toml",
    "compare/compare.toml",
    "results/results.toml",
    "lab/lab.toml",
)
HERE = Path(__file__).parent
FINE = {"unmet_demand_share", "unmet_demand_share_without_ai"}  # shares that move by hundredths of a percent
MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
COUNT_IN_MYRIADS = 100_000  # from here on Korean counts in 만
_PARTICLE = re.compile(r"""(.)(['"”’)\]]*)\((은/는|이/가|을/를|과/와|으로/로)\)""")  # closing marks are not read
_RULES = re.compile(r" \([A-Z]\d+[a-z]?(, [A-Z]\d+[a-z]?)*\)")  # rule ids of the model description
_UNITS = re.compile(r"(%p|%| points| won| 원|명|시간|건|/년|/월| (persons|hours|events).*)+$")
_DIGITS_WITH_FINAL = set("013678")  # read aloud, these end in a consonant


@cache
def table() -> dict[str, dict[str, str]]:
    """All words: key (``ui.reset``, ``levers.grant_scale.title``) to language to text."""
    words: dict[str, dict[str, str]] = {}
    for file in FILES:
        with (HERE / file).open("rb") as stream:
            _gather(tomllib.load(stream), "", words)
    return {**_of_extension(), **words}


def _of_extension() -> dict[str, dict[str, str]]:
    """Words of the levers and indicators that an extension declares, in the language it has them in."""
    texts = {f"indicator.{name}": indicator.meaning for name, indicator in INDICATORS.items()}
    for name, lever in LEVERS.items():
        path = f"levers.{name}"
        texts |= {f"{path}.title": name.replace("_", " "), f"{path}.text": f"{lever.meaning}."}
        texts |= {f"unit.{part}": part for part in (lever.unit, lever.unit.split(" and ")[0])}
    return {key: dict.fromkeys(("ko", "en"), re.sub(r"[{}]", "", text)) for key, text in texts.items()}


def _gather(content: dict[str, Any], prefix: str, words: dict[str, dict[str, str]]) -> None:
    if "ko" in content or "en" in content:
        words[prefix] = {lang: content[lang] for lang in ("ko", "en") if lang in content}
        if "text_ko" in content:
            words[f"{prefix}.text"] = {"ko": content["text_ko"], "en": content["text_en"]}
        return
    for key, value in content.items():
        if isinstance(value, dict):
            _gather(value, f"{prefix}.{key}" if prefix else key, words)


def word(key: str, lang: str, **values: Any) -> str:
    """A text with its placeholders filled in.

    Raises:
        KeyError: no such key, or a placeholder without a value.
    """
    text = table()[key][lang].format(**values)
    return particles(text) if lang == "ko" else text


def particles(text: str) -> str:
    """Korean text with each ``(은/는)`` and its like replaced by the one that fits the sound before."""

    def fitting(match: re.Match[str]) -> str:
        before, between, pair = match.groups()
        with_final, without = pair.split("/")
        final = (ord(before) - 0xAC00) % 28 if "가" <= before <= "힣" else int(before in _DIGITS_WITH_FINAL)
        rieul = final == 8 or before in "178"
        return before + between + (without if not final or (with_final == "으로" and rieul) else with_final)

    return _PARTICLE.sub(fitting, text)


def group_of(path: str) -> str:
    """Name of the group of a lever or shock on the page: its word is ``group.NAME``."""
    return _groups()[path]


@cache
def _groups() -> dict[str, str]:
    with (HERE / "terms.toml").open("rb") as stream:
        terms = tomllib.load(stream)
    own = {f"{group}.{name}": terms[group][name]["group"] for group in ("levers", "shocks") for name in terms[group]}
    return {**dict.fromkeys((f"levers.{name}" for name in LEVERS), "rules"), **own}


def parameter(path: str, lang: str, country: str = DEFAULT) -> str:
    """An uncertain parameter in words; in Korean its path where the table has none (another country's own)."""
    group, _, name = path.partition(".")
    texts = _parameters().get(group, {}).get(name, {})
    if lang == "ko":
        return texts.get("ko", path)
    meaning = declared_parameters(country)[path].meaning
    return texts.get("en", _RULES.sub("", meaning))


@cache
def _parameters() -> dict[str, dict[str, dict[str, str]]]:
    with (HERE / "parameters.toml").open("rb") as stream:
        return tomllib.load(stream)


def page_words(lang: str) -> dict[str, str]:
    """Words of buttons, labels and notices for the page, by key; placeholders are left as they are."""
    return {
        key: text[lang] for key, text in table().items() if key.split(".")[0] in ("ui", "status", "notice", "group")
    }


def date(iso: str, lang: str) -> str:
    """``2029-12`` as ``2029년 12월`` or ``Dec 2029``."""
    year, month = map(int, iso.split("-"))
    return f"{year}년 {month}월" if lang == "ko" else f"{MONTHS[month - 1]} {year}"


def unit(name: str, lang: str) -> str:
    """A unit in words; ``%`` for shares."""
    return word(f"unit.{name}", lang)


def won(amount: float, lang: str) -> str:
    """Money: ``285억 원``, ``3,370만 원``, ``1조 2,345억 원``; ``28.5bn won``, ``33.7m won``."""
    if lang == "en":
        return won_in_english(amount)
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
        return f"{sign}{size:z,.0f}원"
    return f"{sign}{' '.join(part for part in parts if part)} 원"


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
    if base in ("share", "chance") or of == "relative change":
        return f"{100 * value:z,.1f}%"
    if base == "won":
        return won(value, lang)
    text = count(value, lang, 1 if of in ("months", "years") else 2 if of == "ratio" else 0)
    if not with_unit or (lang == "en" and base == "persons"):
        return text
    return f"{text}{'' if lang == 'ko' else ' '}{unit(of, lang)}".rstrip()


def setting(value: float, of: str, lang: str) -> str:
    """The exact value of a lever with its unit: ``21억 2,000만 원/년``, ``2.12bn won a year``, ``80%``, ``0.4배``."""
    base = of.split(" per ")[0]
    if base in ("share", "chance") or of == "relative change":
        sign = "+" if of == "relative change" and value > 0 else ""
        return f"{sign}{100 * value:z,.4g}%"
    if base == "won":
        return _exact_won(value, lang) + unit(of, lang).removeprefix("원" if lang == "ko" else "won")
    space = "" if lang == "ko" else " "
    return f"{value:z,.10g}{space}{unit(of, lang)}".rstrip()


def _exact_won(amount: float, lang: str) -> str:
    """A lever's amount as exact as anybody sets it: five digits, so that a mean is not written to the last won."""
    amount = float(f"{amount:.5g}")
    if lang == "en":
        size, short = size_of(amount)
        return f"{amount / size:z,.10g}{short} won"
    rest, parts = round(abs(amount)), []
    for size, name in ((10**12, "조"), (10**8, "억"), (10**4, "만"), (1, "")):
        part, rest = divmod(rest, size)
        parts += [f"{part:,}{name}"] if part else []
    return (
        ("-" if amount < 0 else "")
        + (" ".join(parts) or "0")
        + (" 원" if len(parts) and parts[-1][-1] in "조억만" else "원")
    )


def gap(value: float, of: str, lang: str) -> str:
    """A difference with its sign; shares in points: ``+2.6%p``, ``+2.6 points``, ``+1,230명``."""
    if math.isnan(value):
        return "-"
    if of.split(" per ")[0] in ("share", "chance"):
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
    ends = {name: _UNITS.sub("", text) for name, text in zip(("low", "high"), texts[1:], strict=True)}
    return f"{texts[0]} ({word('answer.between', lang, **ends)})"


def scale_of(name: str, lang: str) -> tuple[str, float, int, str]:
    """How a series is shown: scale, factor to the model's unit, decimals, unit in words."""
    of = SERIES[name].unit
    per = unit(of, lang)
    if of == "share":
        return "share", 0.01, 2 if name in FINE else 1, per
    if of.startswith("won"):
        each = per.removeprefix("원").removeprefix("won")
        return ("won", 1e8, 1, f"억 원{each}") if lang == "ko" else ("won", 1e9, 1, f"bn won{each}")
    return "count", 1.0, 2 if SERIES[name].unit in ("months", "ratio") else 0, per
