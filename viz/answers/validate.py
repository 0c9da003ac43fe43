"""A validation in words: on the terminal, and as a page."""

import math

from rich.table import Table
from rich.text import Text

from injae.experiments.uncertainty import Ensemble
from injae.experiments.validation import USES, Held, Validation, declared_apart
from injae.experiments.wording.amounts import money
from injae.experiments.wording.spoken import LANGUAGE
from injae.experiments.wording.titles import measure_title
from injae.model.parameters import country_rows
from injae.viz.answers.ensemble import rests_on
from injae.viz.answers.words import between, named, say

USE_WORDS = {"fit": "used in the fit", "check": "kept out of the fit", "pattern": "patterns"}

TITLE = "# Validation: the model against what is known"  # of a page


def number(value: float, unit: str) -> str:
    """A value as its unit wants it."""
    if math.isnan(value):
        return "-"
    if math.isinf(value):
        return ""
    if unit.startswith("won"):
        return money(value, LANGUAGE.get())
    if unit.startswith("share"):
        return f"{value:z.1%}"
    return f"{value:z,.0f}" if abs(value) >= 20 else f"{value:z.2f}"


def band_words(one: Held) -> str:
    """What is known: the best guess and its range."""
    band = one.band
    if math.isinf(band.high) or math.isinf(band.low):
        is_above = math.isinf(band.high)
        exact = number(band.low if is_above else band.high, one.unit)
        return say("regions.bound", bound=say("regions.above") if is_above else say("regions.below"), exact=exact)
    ends = between(number(band.low, one.unit), number(band.high, one.unit))
    return say("validate.with_range", value=number(band.value, one.unit), range=ends)


def runs_words(one: Held) -> str:
    """What the runs give: median and 90 percent."""
    known = one.low == one.low and one.high == one.high
    ends = between(number(one.low, one.unit), number(one.high, one.unit)) if known else "-"
    return say("validate.with_range", value=number(one.median, one.unit), range=ends)


def fact_name(one: Held) -> str:
    """What is measured."""
    return measure_title(one.band.measure, LANGUAGE.get(), one.what)


def use_words(use: str) -> str:
    """What facts are used for."""
    return named(f"use.{use}", USE_WORDS[use])


def counts_line(validation: Validation) -> str:
    """How many facts are met, by use, as a sentence."""
    parts = []
    for use in USES:
        met, facts = validation.counts(use)
        if facts:
            parts.append(say("validate.met_of", met=met, facts=facts, use=use_words(use)))
    return say("validate.met", parts=", ".join(parts))


def width_line(validation: Validation) -> str:
    """How much the runs leave open, without which it says little that facts are met."""
    parts = [
        say("validate.times_facts", width=width, use_words=USE_WORDS[use])
        for use in ("fit", "check")
        if not math.isnan(width := validation.width(use))
    ]
    if not parts:
        return ""
    return say("validate.width_runs_percent", parts=", ".join(parts))


def apart_lines(ensemble: Ensemble) -> list[str]:
    """Which declared values the fit speaks against, a sentence and a line each; empty without a posterior."""
    if ensemble.posterior is None:
        return []
    found = declared_apart(ensemble)
    if not found:
        return [say("validate.declared_value_every")]
    return [
        say("validate.declared_values_outside", found=len(found)),
        *(f"{one.path} = {one.value:z,.6g} ({one.low:z,.4g} to {one.high:z,.4g} {one.unit})" for one in found),
    ]


def validation_table(validation: Validation) -> Table:
    """A row a fact, those of the fit first."""
    table = Table(box=None, pad_edge=False, padding=(0, 2), title_justify="left")
    for name in ("", "Fact", "Case", "Known", say("validate.runs_median_th"), ""):
        table.add_column(name, overflow="fold")
    for use in USES:
        mine = [one for one in validation.held if one.band.use == use]
        if mine:
            table.add_row(Text(""), Text(USE_WORDS[use].capitalize(), style="bold"), "", "", "", "")
        for one in mine:
            verdict = Text("met" if one.is_met else "MISSED", style="" if one.is_met else "bold red")
            table.add_row(one.band.code, one.what, one.band.case, band_words(one), runs_words(one), verdict)
    return table


def reasons(country: str) -> dict[tuple[str, str], str]:
    """Why a fact is missed, by measure and case, from ``data/COUNTRY/misses.csv``; written by people."""
    return {(row["measure"], row["case"]): row["reason"] for row in country_rows(country, "misses.csv")}


def no_figures(country: str) -> list[dict[str, str]]:
    """What no public source counts, from ``data/COUNTRY/unknown.csv``: quantity, what comes nearest, source of that."""
    return country_rows(country, "unknown.csv")


def page(validation: Validation, plan_name: str, country: str, asked: str = "", figure: str | None = None) -> str:
    """The validation as a page in Markdown; the same runs give the same page.

    Args:
        validation: what it tells.
        plan_name: of the scenario.
        country: of its facts.
        asked: further options of the command that made it.
        figure: name of a picture beside the page.
    """
    runs = len(validation.results[0].runs)
    lines = [
        TITLE,
        "",
        say("validate.written_injae_validate", plan_name=plan_name, runs=runs, asked=asked, country=country),
        "",
        say("validate.fact_met_where", counts=counts_line(validation)),
        "",
        width_line(validation),
        "",
        say("validate.runs_rest", rests_on=rests_on(validation.results[0])),
        "",
    ]
    if figure:
        lines += [say("validate.fact_band_what", figure=figure), ""]
    why = reasons(country)
    for use in USES:
        mine = [one for one in validation.held if one.band.use == use]
        if not mine:
            continue
        lines += [
            f"## {USE_WORDS[use].capitalize()}",
            "",
            "| | fact | case | known | runs: median (90 percent) | | known from |",
            "|---|---|---|---|---|---|---|",
        ]
        for one in mine:
            verdict = "met" if one.is_met else "**missed**"
            cells = (one.band.code, one.what, one.band.case, band_words(one), runs_words(one), verdict, one.band.source)
            lines.append(f"| {' | '.join(cells)} |")
        lines.append("")
    missed = [one for one in validation.held if not one.is_met]
    if missed:
        lines += [say("validate.why_facts_missed"), ""]
        for one in missed:
            reason = why.get((one.band.measure, one.band.case), say("validate.explained_yet"))
            lines.append(f"- **{one.band.code}, {one.what}** ({one.band.case}): {reason}")
        lines.append("")
    apart = apart_lines(validation.results[0].ensemble)
    if apart:
        lines += ["## Declared values", "", apart[0], "", *(f"- {line}" for line in apart[1:])]
        lines += [""] * (len(apart) > 1)
    unknown = no_figures(country)
    if unknown:
        lines += [say("validate.what_public_figure"), "", "| no public count of | what comes nearest | source |"]
        lines += ["|---|---|---|", *(f"| {' | '.join(row.values())} |" for row in unknown), ""]
    if validation.unmeasured:
        lines += [
            say("validate.patterns_other_markets"),
            "",
        ]
    return "\n".join(lines)
