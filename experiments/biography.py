"""A life in sentences: dated, with names, chances and draws. All words are in ``experiments.phrases``."""

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from experiments.finders import Find
from experiments.lives import CHANCES_MISSED, Lives, Moment, Parting, Side, part
from experiments.phrases import ENGLISH

WORDS = ENGLISH
PICKED_BY_OTHERS = {"became_teacher", "founded_firm"}
ONLY_ONCE = {"practicum"}  # decisions that are taken once, not every month
TEACHERS_NAMED = 3
POSTS_NAMED = 3  # of each outcome
OUTCOMES_TOLD = ("lost", "worth_less_than_another", "worth_less_than_job", "below_reservation", "unfit", "own_employer")


class Line(NamedTuple):
    """One sentence of a biography."""

    month: int
    date: str
    text: str


def biography(lives: Lives, key: int) -> list[Line]:
    """The life of a person as sentences, in order; none if the person never came in.

    Posts met in one month are one sentence; months in which somebody met posts in vain, without an application, are
    one sentence together.
    """
    if key not in lives:
        return []
    events = [event for event in lives.events_of(key) if event.event not in CHANCES_MISSED]
    writer = _Writer(lives, key)
    lines = [
        line
        for idle, months in itertools.groupby(_months(events), key=_only_idle_search)
        for line in (writer.idle(list(months)) if idle else itertools.chain.from_iterable(map(writer.month, months)))
    ]
    return [*lines, writer.end()]


def title(lives: Lives, key: int) -> str:
    """Who the person is."""
    head = WORDS["title"].format(key=key, run=lives.label, seed=lives.run.seed)
    return f"{head}: {origin(lives, key)}" if key in lives else head


def origin(lives: Lives, key: int) -> str:
    """How a person came in, and when the person was born."""
    who = lives.person(key)
    kind = {"retraining": "hospital", "admission": "university"}.get(who.source)
    place = lives.place_name(kind, who.source_place) if kind else ""
    came = WORDS[f"source_{who.source}"].format(
        place=place, date=lives.plan.date_of(who.source_month), seat=who.source_seat, seat_kind=_seat(who.programme)
    )
    return came + WORDS["clause"] + WORDS["born"].format(date=lives.plan.date_of(who.birth_month))


def side_by_side(one: Lives, other: Lives, key: int) -> list[tuple[int, str, str, str]]:
    """Two lives by date: month, date, what happened in the one, and in the other."""
    texts: dict[int, tuple[list[str], list[str]]] = {}
    for side, lives in enumerate((one, other)):
        for line in biography(lives, key):
            texts.setdefault(line.month, ([], []))[side].append(line.text)
    parting = part(one, other, key)
    if parting:
        texts.setdefault(parting.month, ([], []))
    clause = WORDS["clause"]
    return [(m, one.plan.date_of(m), clause.join(a), clause.join(b)) for m, (a, b) in sorted(texts.items())]


def explain(one: Lives, other: Lives, key: int, parting: Parting | None) -> list[str]:
    """Where the two lives part and why, in sentences."""
    both = key in one and key in other
    kinds = [_seat(bool(lives.person(key).programme)) if key in lives else "" for lives in (one, other)]
    labels = {"one": one.label, "other": other.label}
    lines = []
    if both and kinds[0] != kinds[1]:
        lines.append(WORDS["seat_kinds_differ"].format(one_kind=kinds[0], other_kind=kinds[1], **labels))
    if parting is None:
        return [WORDS["same"], *lines]
    month, lives = parting.month, (one, other)
    lines.insert(0, WORDS["parted"].format(date=one.plan.date_of(month)))
    lines += [_what_happened(run, key, month, side) for run, side in zip(lives, parting.sides, strict=True)]
    if not both:
        there, missing = (one, other) if key in one else (other, one)
        return [*lines, _never_there(there, missing, key)]
    for run, side in zip(lives, parting.sides, strict=True):
        lines += _chances(run, side, parting.decision, month)
    if any(event.event in ("hired", "changed_job") for side in parting.sides for event in side.events):
        lines += _posts_compared(one, other, parting.sides)
    if parting.pay_differed is not None:
        lines.append(WORDS["pay_differed"].format(date=one.plan.date_of(parting.pay_differed)))
    return lines


def why(word: str, find: Find, lives: Lives) -> str:
    """Why somebody is worth a look."""
    facts = dict(find.facts)
    date = lives.plan.date_of(facts["month"]) if "month" in facts else ""
    if "won" in facts:
        facts |= {"pay": _pay(facts["won"]), "pay_before": _pay(facts["won_before"])}
    return WORDS[f"why_{word}"].format(date=date, **facts)


def _months(events: list[Any]) -> list[list[Any]]:
    return [list(group) for _, group in itertools.groupby(events, key=lambda event: event.month)]


def _only_idle_search(events: list[Any]) -> bool:
    """Whether all that happened in a month was to meet posts and apply for none."""
    return all(event.event == "post_met" and event.outcome not in ("taken", "lost") for event in events)


class _Writer:
    """Writes the sentences of one person, keeping in mind where the person was before."""

    def __init__(self, lives: Lives, key: int) -> None:
        self.lives, self.key = lives, key
        self.who, self.moments = lives.person(key), lives.moments(key)
        self.before: Any = None  # the event before, for where the person was

    def line(self, month: int, text: str) -> Line:
        return Line(month, self.lives.plan.date_of(month), text)

    def month(self, events: list[Any]) -> list[Line]:
        """One sentence for all posts met in a month, one for each other event."""
        texts, posts = [], [event for event in events if event.event == "post_met"]
        taken = any(post.outcome == "taken" for post in posts)
        for n, event in enumerate(events):
            following = events[n + 1].event if n + 1 < len(events) else ""
            if event.event != "post_met":
                text = self.sentence(event, following)
                found = taken and event.event in ("hired", "changed_job")
                texts = [*texts[:-1], texts[-1] + WORDS["clause"] + text] if found else [*texts, text]
            elif event is posts[0]:
                texts.append(posts_met(self.lives, posts))
            self.before = event
        return [self.line(events[0].month, text) for text in texts]

    def idle(self, months: list[list[Any]]) -> list[Line]:
        """One sentence for a time in which all posts met were left alone."""
        first, last = months[0][0], months[-1][0]
        if len(months) == 1:
            return [self.line(first.month, posts_met(self.lives, months[0]))]
        outcomes = Counter(event.outcome for events in months for event in events)
        text = WORDS["searched" if first.state == "seeking" else "looked_around"].format(
            last=self.lives.plan.date_of(last.month), posts=_count("post", sum(outcomes.values())),
            months=_count("month", len(months)), below=outcomes["below_reservation"], unfit=outcomes["unfit"],
        )  # fmt: skip
        return [self.line(first.month, text)]

    def sentence(self, event: Any, following: str) -> str:
        """What one event did."""
        if event.event == "started":
            return self.started(event)
        lives, before = self.lives, self.before
        word = event.event
        if word == "retraining_ended" and following != "hired":
            word = "retraining_ended_without_post"
        if word == "changed_job" and event.pay_won_per_year < before.pay_won_per_year:
            word = "changed_job_for_less"
        if word == "pay_reviewed" and event.pay_won_per_year == before.pay_won_per_year:
            word = "pay_kept"
        taught = lives.teachers(event.place, event.month)[:TEACHERS_NAMED] if word == "admitted" else []
        names = WORDS["list"].join(WORDS["someone"].format(key=key) for key in taught)
        university = self.who.university
        return WORDS[word].format(
            place=_place(lives, event.state, event.place),
            other=_place(lives, event.other_state, event.other),
            before=_place(lives, before.state, before.place) if before else "",
            university=_place(lives, "university", university),
            pay=_pay(event.last_pay_won_per_year),
            pay_before=_pay(before.last_pay_won_per_year) if before else "",
            age=self.age(event.month),
            practice=_practice(event.career_months),
            level=WORDS[self.who.level],
            months=_count("month", int(self.who.course_months)),
            seat_kind=_seat(event.programme),
            taught=WORDS["taught"].format(teachers=names) if taught else "",
            **_luck(event),
        )

    def started(self, event: Any) -> str:
        where = _where(self.lives, self.moments[0])
        since = self.lives.plan.date_of(event.since_month)
        text = WORDS["started"].format(where=where, since=since, date=since, age=self.age(0))
        if event.state == "enrolled":
            months = _count("month", int(self.who.course_months))
            return text + WORDS["course_so_far"].format(level=WORDS[self.who.level], months=months)
        return text + _practice(event.career_months)

    def end(self) -> Line:
        """Where the person is at the end of the run."""
        last = self.moments[-1]
        text = WORDS["end"].format(
            where=_where(self.lives, last), date=self.lives.plan.date_of(last.since_month),
            age=self.age(last.month), practice=_practice(last.career_months),
        )  # fmt: skip
        return self.line(last.month, text)

    def age(self, month: int) -> int:
        return int(month - self.who.birth_month) // 12


def posts_met(lives: Lives, posts: list[Any]) -> str:
    """All posts that somebody met in a month, and what became of them; an employer with several is named once."""
    parts = []
    told = {(post.other_state, post.other) for post in posts if post.outcome == "taken"}
    for outcome in OUTCOMES_TOLD:
        mine = [post for post in posts if post.outcome == outcome and (post.other_state, post.other) not in told]
        told |= {(post.other_state, post.other) for post in mine}
        if mine:
            needed, rival = _short(mine[0].needed_won_per_year), WORDS["someone"].format(key=mine[0].rival)
            parts.append(WORDS[outcome].format(list=_posts_listed(lives, mine), needed=needed, rival=rival))
    met = WORDS["met"].format(posts=_count("post", len(posts)))
    return met + (WORDS["colon"] + WORDS["clause"].join(parts) if parts else "")


def _posts_listed(lives: Lives, posts: list[Any]) -> str:
    """Posts with what they pay, the best paid ones by name."""
    pay = {}
    for post in sorted(posts, key=lambda post: -post.offer_won_per_year):
        pay.setdefault(_place(lives, post.other_state, post.other), post.offer_won_per_year)
    named = [WORDS["post"].format(place=place, pay=_short(won)) for place, won in list(pay.items())[:POSTS_NAMED]]
    more = len(pay) - len(named)
    return WORDS["list"].join(named) + (WORDS["and_more"].format(n=more) if more else "")


def _place(lives: Lives, kind: Any, row: int) -> str:
    return lives.place_name(kind, int(row)) if row >= 0 else WORDS["field"]


def _where(lives: Lives, now: Moment | None) -> str:
    """Where somebody is."""
    if now is None:
        return WORDS["is_absent"]
    enrolled = now.state == "enrolled"
    place = _place(lives, now.state, now.university if enrolled else now.employer)
    return WORDS[f"is_{now.state}"].format(place=place, pay=_pay(now.pay_won_per_year))


def _what_happened(lives: Lives, key: int, month: int, side: Side) -> str:
    """What happened to somebody in a month: posts and moves, or that nothing did."""
    moments = {m.month: m for m in lives.moments(key)} if key in lives else {}
    where = _where(lives, moments.get(month))
    what = WORDS["stayed"].format(where=where) if month in moments else where
    if side.events:
        writer, lines = _Writer(lives, key), []
        for events in _months([event for event in lives.events_of(key) if event.month <= month]):
            lines = writer.month([event for event in events if event.event not in CHANCES_MISSED])
        what = WORDS["clause"].join(line.text for line in lines)
    return WORDS["then"].format(run=lives.label, what=what)


def _picked(lives: Lives, decision: str, month: int) -> list[str]:
    """Who was picked for what in a month: one among all who could have been."""
    events = lives.events[(lives.events["month"] == month) & (lives.events["event"] == decision)]
    names = [WORDS["someone"].format(key=key) for key in events["person"]] or [WORDS["nobody"]]
    return [WORDS[f"picked_{decision}"].format(run=lives.label, who=WORDS["list"].join(names))]


def _chances(lives: Lives, side: Side, decision: str, month: int) -> list[str]:
    """The chance and the draw of the decision at which two lives part, as they were in one of them."""
    if decision in PICKED_BY_OTHERS:
        return _picked(lives, decision, month)
    deed = WORDS.get(f"deed_{decision}")
    if deed is None:
        return []
    missed = "not_in_practicum" if decision == "practicum" else f"not_{decision}"
    for event in side.events:
        if event.event == decision:
            return [WORDS["happened"].format(run=lives.label, deed=deed, **_luck(event))]
    for event in side.missed:
        if event.event == missed:
            return [WORDS["did_not_happen"].format(run=lives.label, deed=deed, **_luck(event))]
    return [WORDS["not_asked"].format(run=lives.label, deed=deed)]


def _posts_compared(one: Lives, other: Lives, sides: Sequence[Side]) -> list[str]:
    """Posts that one met and the other not, and what differed about those that both met."""
    labels = {"one": one.label, "other": other.label}
    mine, theirs = (
        {lives.place_key(post.other_state, post.other): post for post in reversed(side.posts)}
        for lives, side in zip((one, other), sides, strict=True)
    )
    if not mine and not theirs:
        return [WORDS["met_in_neither"].format(**labels)]
    lines = []
    for lives, posts, others in ((one, mine, theirs), (other, theirs, mine)):
        alone = [post for key, post in posts.items() if key not in others]
        if alone:
            named = [
                WORDS["post_and_fate"].format(
                    place=_place(lives, post.other_state, post.other),
                    pay=_short(post.offer_won_per_year),
                    fate=_fate(post),
                )
                for post in alone
            ]
            lines.append(WORDS["only_met_in"].format(run=lives.label, list=WORDS["list"].join(named)))
    for key in [key for key in mine if key in theirs]:
        a, b = mine[key], theirs[key]
        place = _place(one, a.other_state, a.other)
        if _pay(a.offer_won_per_year) != _pay(b.offer_won_per_year):
            pays = {"pay": _pay(a.offer_won_per_year), "pay_other": _pay(b.offer_won_per_year)}
            lines.append(WORDS["offers_differ"].format(place=place, **pays, **labels))
        if (a.outcome, a.rival if a.outcome == "lost" else 0) != (b.outcome, b.rival if b.outcome == "lost" else 0):
            fates = {"fate": _fate(a), "fate_other": _fate(b)}
            lines.append(WORDS["fate_differs"].format(place=place, **fates, **labels))
    asked = [_pay(next(iter(posts.values())).needed_won_per_year) if posts else "" for posts in (mine, theirs)]
    if all(asked) and asked[0] != asked[1]:
        lines.append(WORDS["asked_differs"].format(pay=asked[0], pay_other=asked[1], **labels))
    return lines


def _fate(post: Any) -> str:
    rival = WORDS["someone"].format(key=post.rival) if post.outcome == "lost" else ""
    return WORDS[f"fate_{post.outcome}"].format(rival=rival)


def _never_there(there: Lives, missing: Lives, key: int) -> str:
    """Why somebody never came in."""
    who = there.person(key)
    people = missing.people[missing.people["source"] == who.source]
    people = people[people["source_month"] == who.source_month]
    date = there.plan.date_of(who.source_month)
    if who.source == "retraining":
        place = there.place_name("hospital", who.source_place)
        return WORDS["place_never_there"].format(run=missing.label, place=place, date=date)
    if who.source == "immigration":
        n = len(people)
        return WORDS["visa_never_there"].format(run=missing.label, n=n, date=date, seat=who.source_seat)
    place = there.place_name("university", who.source_place)
    n = int((people["source_place"] == who.source_place).sum())
    return WORDS["seat_never_there"].format(run=missing.label, place=place, n=n, seat=who.source_seat)


def _short(won_per_year: float) -> str:
    return WORDS["short_pay"].format(million=won_per_year / 1e6)


def _pay(won_per_year: float) -> str:
    return WORDS["pay"].format(million=won_per_year / 1e6)


def _percent(share: float) -> str:
    digits = np.format_float_positional(100 * share, precision=3, fractional=False, trim="-")
    return WORDS["percent"].format(percent=digits)


def _luck(event: Any) -> dict[str, str]:
    """Chance and draw of an event, alone and in their half sentence."""
    words = {"chance": _percent(event.chance), "luck": _percent(event.luck)}
    half = WORDS["chance_once" if event.event in ONLY_ONCE else "chance"]
    return words | {"by_chance": half.format(**words)}


def _practice(career_months: int) -> str:
    return WORDS["practice"].format(years=WORDS["years"].format(years=career_months / 12))


def _seat(programme: bool) -> str:
    return WORDS["programme_seat" if programme else "core_seat"]


def _count(thing: str, n: int) -> str:
    return WORDS[f"one_{thing}"] if n == 1 else WORDS[f"{thing}s"].format(n=n)
