"""What is told of one run: a person's life, or two lives of one person; an institution; who is behind a curve's point.

Sentences are lists of pieces, ``{"t": text}``; a piece that speaks of a person also has ``key``, so that the page can
lead there.
"""

import re
from collections.abc import Sequence
from typing import Any

import numpy as np

from injae.agents.columns import Array
from injae.agents.domains import Domain
from injae.agents.trainee import State
from injae.experiments.lives import biography
from injae.experiments.lives.flows import FLOWS, Behind, Flows
from injae.experiments.lives.lives import Lives, part
from injae.experiments.lives.recordings import Recording
from injae.experiments.names import real_rows
from injae.experiments.wording.amounts import date, gap, money, number
from injae.model.ledger import Purpose
from injae.model.record import SERIES
from injae.viz.view.inside.looks import dated, person
from injae.viz.view.words import BOOK, word

KEY = re.compile(r"\d{12,20}")  # keys of people within a sentence
TAIL = 4  # figures of a key that are shown
KINDS = {"hospital": "hospitals", "firm": "firms", "university": "universities"}
YEAR = 12
TOLD_ONE_BY_ONE = 160  # arrivals and departures of an institution; more are told as heads a year

Line = dict[str, Any]


def pieces(text: str) -> list[dict[str, str]]:
    """A sentence in pieces, complete: with a capital letter and a full stop, people shown by the end of their key."""
    text = dated(text[:1].upper() + text[1:])
    text = text if text.endswith(".") else text + "."
    out, end = [], 0
    for found in KEY.finditer(text):
        out.append({"t": text[end : found.start()]})
        out.append({"t": "…" + found[0][-TAIL:], "key": found[0]})
        end = found.end()
    return [piece for piece in (*out, {"t": text[end:]}) if piece["t"]]


# one person -------------------------------------------------------------------------------------------------------


def life_of(recordings: Sequence[Recording], labels: Sequence[str], key: int, lang: str) -> dict[str, Any]:
    """A person's life in one run, or in two of the same seed, side by side.

    Args:
        recordings: one, or two of which the second is the baseline; made with ``watch=key``, so that probabilities that
            came to nothing are told.
        labels: what the runs are called.
        key: of the person.
        lang: ``ko`` or ``en``.

    Returns:
        ``key``; ``person`` (as on the map) or None where none of the runs has the person; ``lives``: for each run
        label, whether the person is in it, path, and lines (month, date, kind, text, and ``whole``: with the posts met
        that month); ``parting``: month and date of the first difference, or None; ``why``: what decided it.
    """
    runs = [Lives(recording.run, label, lang) for recording, label in zip(recordings, labels, strict=True)]
    there = next((lives for lives in runs if key in lives), None)
    parting = part(runs[0], runs[1], key) if len(runs) > 1 and there else None
    why = biography.explain(runs[0], runs[1], key, parting) if len(runs) > 1 and there else []
    return {
        "key": str(key),
        "name": "…" + str(key)[-TAIL:],
        "person": person(there, key) if there else None,
        "lives": [_life(lives, key) for lives in runs],
        "parting": {"month": parting.month, "date": date(there.plan.date_of(parting.month), lang)}
        if parting and there
        else None,
        "why": [pieces(sentence) for sentence in why],
    }


def _life(lives: Lives, key: int) -> dict[str, Any]:
    return {
        "label": lives.label,
        "there": key in lives,
        "path": [number for moment in lives.path(key) for number in moment] if key in lives else [],
        "lines": [
            {"month": line.month, "date": date(lives.plan.date_of(line.month), lives.lang), "kind": line.kind}
            | {"text": pieces(line.deed or line.text), "whole": pieces(line.text) if line.deed else None}
            for line in biography.biography(lives, key)
        ],
    }


# one institution --------------------------------------------------------------------------------------------------


def institution_of(recording: Recording, kind: str, row: int, lang: str) -> dict[str, Any]:
    """The history of a hospital, firm or university.

    Returns:
        ``kind``, ``row``, ``name``, ``title`` (what it is), ``real`` (whether one exists under this name), ``caution``
        (what of it is real), ``facts`` (sentences that hold all along), ``now`` (one sentence for each month),
        ``money`` (title and text a month), ``stages`` (hospitals: title and a digit a month, for each domain),
        ``lines`` (month, date, text), oldest first; what holds it back is told by years.

    Raises:
        KeyError: no such kind. IndexError: no such row.
    """
    months = {name: values[:, row] for name, values in recording.months[KINDS[kind]].items()}
    fixed = {name: values[row] for name, values in recording.fixed[KINDS[kind]].items()}
    teller = _Teller(recording, kind, row, lang, months, fixed)
    told = {"hospital": teller.hospital, "firm": teller.firm, "university": teller.university}[kind]()
    lines = sorted([*told.pop("lines"), *teller.people(), *teller.bindings()], key=lambda line: line["month"])
    real = row in real_rows(recording.run.plan.country)[kind]
    known = {
        "kind": kind, "row": row, "name": teller.lives.place_name(kind, row), "stages": [], "lines": lines,
        "real": real, "caution": teller.say(f"real_{kind}" if real else "made_up"),
    }  # fmt: skip
    return known | told


class _Teller:
    """Tells of one institution."""

    def __init__(
        self, recording: Recording, kind: str, row: int, lang: str, months: dict[str, Array], fixed: dict[str, Any]
    ) -> None:
        self.recording, self.kind, self.row, self.lang = recording, kind, row, lang
        self.now, self.fixed = months, fixed
        self.lives = Lives(recording.run, lang=lang)
        self.plan, self.last = recording.run.plan, recording.run.plan.months

    def say(self, name: str, **facts: Any) -> str:
        return word(f"inside.card.{name}", self.lang, **facts)

    def of(self, group: str, number: Any) -> str:
        return word(f"inside.{group}.{int(number)}", self.lang)

    def date(self, month: int) -> str:
        return date(self.plan.date_of(month), self.lang)

    def line(self, month: Any, name: str, **facts: Any) -> Line:
        return {"month": int(month), "date": self.date(int(month)), "text": pieces(self.say(name, **facts))}

    def money(self, name: str, won_by_month: Array) -> dict[str, Any]:
        texts = [money(float(amount), self.lang) for amount in won_by_month]
        return {"title": word(f"inside.money.{name}", self.lang), "text": texts}

    def each_month(self, name: str, *columns: str) -> list[str]:
        values = zip(*(self.now[column].tolist() for column in columns), strict=True)
        return [self.say(name, **dict(zip(columns, numbers, strict=True))) for numbers in values]

    def ready(self, share: float) -> str:
        """Records that AI can use, said of all where it is all."""
        said = number(share, "share", self.lang)
        return self.say("ready_all") if said == "100.0%" else self.say("ready", share=said)

    def hospital(self) -> dict[str, Any]:
        fixed, stage = self.fixed, self.now["stage"]
        titles = [self.of("domain", domain) for domain in Domain]
        at_start = [
            self.say("stage_of", domain=title, stage=self.of("stage", reached))
            for title, reached in zip(titles, stage[0], strict=True)
        ]
        lines = [self.line(0, "stage_at_start", stages=", ".join(at_start))]
        for month, domain in zip(*np.nonzero(np.diff(stage.astype(int), axis=0)), strict=True):
            before, after = stage[month, domain], stage[month + 1, domain]
            names = {"before": self.of("stage", before), "after": self.of("stage", after)}
            lines.append(
                self.line(month + 1, "stage_up" if after > before else "stage_down", domain=titles[domain], **names)
            )
        return {
            "title": self.say(
                "hospital", region=self.of("region", fixed["region"]), tier=self.of("tier", fixed["tier"]),
                beds=f"{int(fixed['beds']):,}",
            ),
            "facts": [
                self.say("it_budget", won=money(float(fixed["it_budget_won_per_year"]), self.lang)),
                self.ready(float(fixed["data_readiness"])),
            ],
            "now": self.each_month("staff_now", "staff", "vacancies"),
            "money": [self.money("payroll_won_per_year", self.now["payroll_won_per_year"])],
            "stages": [
                {"title": title, "months": "".join(map(str, stage[:, domain].astype(int)))}
                for domain, title in enumerate(titles)
            ],
            "lines": lines,
        }  # fmt: skip

    def firm(self) -> dict[str, Any]:
        founded, active = int(self.fixed["founded_month"]), self.now["active"]
        since = self.say("founded", date=self.date(founded)) if founded > 0 else self.say("founded_before")
        facts = {
            "class_name": self.of("class", self.fixed["firm_class"]),
            "domain": self.of("domain", self.fixed["domain"]),
        }
        lines = []
        if self.row in self.lives.founded:
            month, key = self.lives.founded[self.row]
            lines.append(self.line(month, "founded_by", who=self.lives.words.someone(key)))
        for month in np.flatnonzero(active[:-1] & ~active[1:]) + 1:
            lines.append(self.line(month, "closed"))
        product = self.now["product"] * active
        for month in np.flatnonzero((product[1:] != product[:-1]) & active[1:]) + 1:
            has = self.of("product", product[month])
            lines.append(
                self.line(month, "product", product=has) if product[month] else self.line(month, "product_lost")
            )
        income = sum(self.now[name] for name in ("home_revenue_won", "exports_won", "other_income_won", "support_won"))
        return {
            "title": self.say("firm", founded=since, **facts),
            "facts": [self.of("region", self.fixed["region"])],
            "now": self.each_month("staff_now", "staff", "vacancies"),
            "money": [
                self.money("income_won", np.asarray(income)),
                self.money("cash_won", self.now["cash_won"] * active),
                self.money("payroll_won_per_year", self.now["payroll_won_per_year"] * active),
            ],
            "lines": lines,
        }

    def university(self) -> dict[str, Any]:
        funded, seats = self.now["funded"], self.now["seats"]
        lines = []
        for month in np.flatnonzero(funded[1:] != funded[:-1]) + 1:
            lines.append(self.line(month, "joined_programme" if funded[month] else "left_programme"))
        for month in range(YEAR, self.last + 1, YEAR):
            if seats[month] != seats[month - YEAR]:
                lines.append(self.line(month, "seats", before=int(seats[month - YEAR]), after=int(seats[month])))
        saved = self.now["courses_won"] + self.now["teachers_won"] + self.now["infrastructure_won"]
        received = self.recording.run.paid[:, Purpose.GRANT, self.row].cumsum()
        region = self.of("region", self.fixed["region"])
        return {
            "title": self.say("university_funded" if funded.any() else "university", region=region),
            "facts": [],
            "now": self.each_month("university_now", "seats", "enrolled", "teachers"),
            "money": [self.money("grant_won", received), self.money("saved_won", saved)],
            "lines": lines,
        }

    def heads(self, staff: Any, noun: str) -> dict[str, Any]:
        """How many there are, and the word for so many."""
        return {"staff": int(staff), "noun": self.say(noun if int(staff) == 1 else f"{noun}s")}

    def people(self) -> list[Line]:
        """Who came to work here and who left; of a university, its teachers. Of large ones heads, year by year."""
        moves: Any = Flows(self.recording, self.lives).moves
        here = (moves["state"] == self.kind) & (moves["place"] == self.row)
        before = (moves["state_before"] == self.kind) & (moves["place_before"] == self.row)
        moves = moves[(here != before) & (moves["month"] > 0)].assign(came=here)
        staff = self.now["teachers" if self.kind == "university" else "staff"]
        noun = "teacher" if self.kind == "university" else "specialist"
        if len(moves) > TOLD_ONE_BY_ONE:
            years = moves.groupby((moves["month"] - 1) // YEAR)["came"].agg(["sum", "size"])
            last = [min(YEAR * (int(year) + 1), self.last) for year in years.index]
            return [
                self.line(month, "moves_of_year", came=came, went=moved - came, **self.heads(staff[month], noun))
                for month, came, moved in zip(last, years["sum"], years["size"], strict=True)
            ]
        return [
            self.line(
                move.month, "came" if move.came else "went", who=self.lives.words.someone(move.person),
                how=word(f"inside.event.{move.event}", self.lang), **self.heads(staff[move.month], noun),
            )
            for move in moves.itertuples()
        ]  # fmt: skip

    def bindings(self) -> list[Line]:
        """What held it back most, year by year, years alike in one line."""
        bound = self.now["main_binding" if self.kind == "hospital" else "binding"]
        alive = self.now.get("active", np.ones(len(bound), bool)).astype(bool)
        years: list[list[int]] = []  # first month, last month, constraint
        for january in range(1, self.last + 1, YEAR):
            of_year = np.arange(january, min(january + YEAR, self.last + 1))
            of_year = of_year[alive[of_year]]
            if not len(of_year):
                continue
            held = int(np.bincount(bound[of_year]).argmax())
            first, last = int(of_year[0]), int(of_year[-1])
            if years and years[-1][2] == held and years[-1][1] == first - 1:
                years[-1][1] = last
            else:
                years.append([first, last, held])
        return [
            self.line(first, "binds" if held else "binds_nothing", last=self.date(last), what=self.of("binding", held))
            for first, last, held in years
        ]


# behind a point ---------------------------------------------------------------------------------------------------


def behind_of(recording: Recording, series: str, month: int, lang: str) -> dict[str, Any]:
    """The flows behind a point of a curve in this run, and people and institutions of that month.

    Returns:
        ``series``, ``title``, ``month``, ``date``, ``text`` (one sentence with the value), ``note`` (where nobody is
        behind it, else ""), ``parts``: event, title, sign (1 raised it, -1 lowered it), count, people (key, name, where
        they are after it), institutions (kind, row, name).
    """
    lives = Lives(recording.run, lang=lang)
    found = Flows(recording, lives).behind(series, month)
    title = BOOK.texts[f"series.{series}"][lang]
    told = {
        "series": series,
        "title": title,
        "month": month,
        "date": date(recording.run.plan.date_of(month), lang),
        "parts": [_part(lives, part, month) for part in found.parts] if found else [],
    }
    if found is None:
        return told | {"text": "", "note": word("inside.behind.unknown", lang)}
    return (
        told
        | {"text": _value(found, title, told["date"], lang)}
        | {"note": "" if found.parts else word("inside.behind.nothing", lang)}
    )


def _value(found: Behind, title: str, when: str, lang: str) -> str:
    unit = SERIES[found.series].unit
    facts = {"date": when, "series": title, "value": number(found.value, unit, lang)}
    if found.series in FLOWS:
        return word("inside.behind.flow", lang, **facts)
    if found.change == 0:
        return word("inside.behind.same", lang, **facts)
    return word("inside.behind.stock", lang, change=gap(found.change, unit, lang), **facts)


def _part(lives: Lives, flow: Any, month: int) -> dict[str, Any]:
    after = lives.states[:, month]
    people = [
        {
            "key": str(key),
            "name": "…" + str(key)[-TAIL:],
            "where": _where(lives, key, int(after[lives.row(key)]), month),
        }
        for key in flow.people
    ]
    places = [{"kind": kind, "row": row, "name": lives.place_name(kind, row)} for kind, row in flow.institutions]
    title = word(f"inside.event.{flow.event}", lives.lang)
    known = {"event": flow.event, "title": title, "sign": flow.sign, "count": flow.count}
    return known | {"people": people, "institutions": places}


def _where(lives: Lives, key: int, state: int, month: int) -> str:
    """Place of a person at the end of a month, or the name of the state."""
    kind, row = State(state).name.lower() if state else "", int(lives.place_rows[lives.row(key), month])
    if row >= 0:
        return lives.place_name(kind, row)
    return word(f"inside.block.{kind}", lives.lang) if kind else ""
