"""A life in sentences: dated, with names, probabilities and draws. All texts are in ``biography.toml``."""

import itertools
from collections import Counter
from collections.abc import Sequence
from typing import Any, NamedTuple

from injae.experiments.lives.finders import Find
from injae.experiments.lives.lives import MISSED, Lives, Moment, Parting, Side, part
from injae.experiments.lives.words import Words

PICKED_BY_OTHERS = {"became_teacher", "founded_firm"}
ONLY_ONCE = {"practicum"}  # decisions that are taken once, not every month
TEACHERS_NAMED = 3
POSTS_NAMED = 3  # of each outcome
OUTCOMES_TOLD = (
    "filled_by_another",
    "worth_less_than_another",
    "worth_less_than_job",
    "below_reservation",
    "unfit",
    "own_employer",
)


class Line(NamedTuple):
    """One sentence of a biography."""

    month: int
    date: str
    text: str
    kind: str = "event"  # or "search": posts met in vain
    deed: str = ""  # where the text also tells of the posts met that month: the event alone


def biography(lives: Lives, key: int) -> list[Line]:
    """The life of a person as sentences, in order; none if the person never came in.

    Posts met in one month are one sentence; months in which somebody met posts in vain, without an application, are
    one sentence together.
    """
    if key not in lives:
        return []
    events = [event for event in lives.events_of(key) if event.event not in MISSED]
    writer = _Writer(lives, key)
    lines = [
        line
        for idle, months in itertools.groupby(_months(events), key=_only_idle_search)
        for line in (writer.idle(list(months)) if idle else itertools.chain.from_iterable(map(writer.month, months)))
    ]
    return [*lines, writer.end()]


def title(lives: Lives, key: int) -> str:
    """Who the person is."""
    head = lives.words.say("title", key=str(key), run=lives.label, seed=lives.run.seed)
    return f"{head}: {origin(lives, key)}" if key in lives else head


def origin(lives: Lives, key: int) -> str:
    """How a person came in, and when the person was born."""
    who, words = lives.person(key), lives.words
    kind = {"retraining": "hospital", "admission": "university"}.get(who.source)
    place = lives.place_name(kind, who.source_place) if kind else ""
    came = words.say(
        f"source_{who.source}",
        place=place, date=lives.date(who.source_month), seat=who.source_seat + 1, seat_kind=words.seat(who.programme),
    )  # fmt: skip
    return came + words["semicolon"] + words.say("born", date=lives.date(who.birth_month))


def side_by_side(one: Lives, other: Lives, key: int) -> list[tuple[int, str, str, str]]:
    """Two lives by date: month, date, what happened in the one, and in the other."""
    texts: dict[int, tuple[list[str], list[str]]] = {}
    for side, lives in enumerate((one, other)):
        for line in biography(lives, key):
            texts.setdefault(line.month, ([], []))[side].append(line.text)
    parting = part(one, other, key)
    if parting:
        texts.setdefault(parting.month, ([], []))
    clause = one.words["clause"]
    return [(m, one.date(m), clause.join(a), clause.join(b)) for m, (a, b) in sorted(texts.items())]


def explain(one: Lives, other: Lives, key: int, parting: Parting | None) -> list[str]:
    """Where the two lives part and why, in sentences."""
    both = key in one and key in other
    words = one.words
    kinds = [words.seat(bool(lives.person(key).programme)) if key in lives else "" for lives in (one, other)]
    labels = {"one": one.label, "other": other.label}
    lines = []
    if both and kinds[0] != kinds[1]:
        lines.append(words.say("seat_kinds_differ", one_kind=kinds[0], other_kind=kinds[1], **labels))
    if parting is None:
        return [words["same"], *lines]
    month, lives = parting.month, (one, other)
    lines.insert(0, words.say("parted", date=one.date(month)))
    lines += [_what_happened(run, key, month, side) for run, side in zip(lives, parting.sides, strict=True)]
    if not both:
        there, missing = (one, other) if key in one else (other, one)
        return [*lines, _never_there(there, missing, key)]
    for run, side in zip(lives, parting.sides, strict=True):
        lines += _decided(run, side, parting.decision, month)
    if any(event.event in ("hired", "changed_job") for side in parting.sides for event in side.events):
        lines += _posts_compared(one, other, parting.sides)
    if parting.pay_differed is not None:
        lines.append(words.say("pay_differed", date=one.date(parting.pay_differed)))
    return lines


def why(word: str, find: Find, lives: Lives) -> str:
    """Why somebody is worth a look."""
    facts = dict(find.facts)
    words = lives.words
    date = lives.date(facts["month"]) if "month" in facts else ""
    if "won" in facts:
        facts |= {"pay": words.pay(facts["won"]), "pay_before": words.pay(facts["won_before"])}
    return words.say(f"why_{word}", date=date, **facts)


def _months(events: list[Any]) -> list[list[Any]]:
    return [list(group) for _, group in itertools.groupby(events, key=lambda event: event.month)]


def _only_idle_search(events: list[Any]) -> bool:
    """Whether all that happened in a month was to meet posts and apply for none."""
    return all(event.event == "post_met" and event.outcome not in ("taken", "filled_by_another") for event in events)


class _Writer:
    """Writes the sentences of one person, keeping in mind where the person was before."""

    def __init__(self, lives: Lives, key: int) -> None:
        self.lives, self.key, self.words = lives, key, lives.words
        self.who, self.moments = lives.person(key), lives.moments(key)
        self.before: Any = None  # the event before, for where the person was

    def line(self, month: int, text: str, kind: str = "event") -> Line:
        return Line(month, self.lives.date(month), text, kind)

    def month(self, events: list[Any]) -> list[Line]:
        """One sentence for all posts met in a month, one for each other event."""
        lines, posts = [], [event for event in events if event.event == "post_met"]
        taken = any(post.outcome == "taken" for post in posts)
        for n, event in enumerate(events):
            following = events[n + 1].event if n + 1 < len(events) else ""
            if event.event != "post_met":
                text = self.sentence(event, following)
                if taken and event.event in ("hired", "changed_job"):
                    met = lines.pop().text
                    lines.append(self.line(event.month, met + self.words["clause"] + text)._replace(deed=text))
                else:
                    lines.append(self.line(event.month, text))
            elif event is posts[0]:
                lines.append(self.line(event.month, posts_met(self.lives, posts), "search"))
            self.before = event
        return lines

    def idle(self, months: list[list[Any]]) -> list[Line]:
        """One sentence for a time in which all posts met were left alone."""
        first, last = months[0][0], months[-1][0]
        if len(months) == 1:
            return [self.line(first.month, posts_met(self.lives, months[0]), "search")]
        outcomes = Counter(event.outcome for events in months for event in events)
        text = self.words.say(
            "searched" if first.state == "seeking" else "looked_around",
            last=self.lives.date(last.month), posts=self.words.count("post", sum(outcomes.values())),
            months=self.words.count("month", len(months)), below=outcomes["below_reservation"], unfit=outcomes["unfit"],
        )  # fmt: skip
        return [self.line(first.month, text, "search")]

    def sentence(self, event: Any, following: str) -> str:
        """What one event did."""
        if event.event == "started":
            return self.started(event)
        lives, before, words = self.lives, self.before, self.words
        word = event.event
        if word == "retraining_ended" and following != "hired":
            word = "retraining_ended_without_post"
        if word == "changed_job" and event.pay_won_per_year < before.pay_won_per_year:
            word = "changed_job_for_less"
        if word == "pay_reviewed" and event.pay_won_per_year == before.pay_won_per_year:
            word = "pay_kept"
        taught = lives.teachers(event.place, event.month)[:TEACHERS_NAMED] if word == "admitted" else []
        names = words.listed([words.someone(key) for key in taught])
        university = self.who.university
        return words.say(
            word,
            place=_place(lives, event.state, event.place),
            other=_place(lives, event.other_state, event.other),
            before=_place(lives, before.state, before.place) if before else "",
            university=_place(lives, "university", university),
            pay=words.pay(event.last_pay_won_per_year),
            pay_before=words.pay(before.last_pay_won_per_year) if before else "",
            age=self.age(event.month),
            practice=words.practice(event.career_months),
            level=words[self.who.level],
            months=words.count("month", int(self.who.course_months)),
            seat_kind=words.seat(event.programme),
            taught=words.say("taught", teachers=names) if taught else "",
            **_noise(words, event),
        )

    def started(self, event: Any) -> str:
        words, where = self.words, _where(self.lives, self.moments[0])
        so_far = words.practice(event.career_months)
        if event.state == "enrolled":
            months = words.count("month", int(self.who.course_months))
            so_far = words.say("course_so_far", level=words[self.who.level], months=months)
        return words.say(
            "started", where=where, since=self.lives.date(event.since_month), age=self.age(0), so_far=so_far
        )

    def end(self) -> Line:
        """Where the person is at the end of the run."""
        last = self.moments[-1]
        text = self.words.say(
            "end", where=_where(self.lives, last), date=self.lives.date(last.since_month),
            age=self.age(last.month), practice=self.words.practice(last.career_months),
        )  # fmt: skip
        return self.line(last.month, text)

    def age(self, month: int) -> int:
        return int(month - self.who.birth_month) // 12


def posts_met(lives: Lives, posts: list[Any]) -> str:
    """All posts that somebody met in a month, and what became of them; an employer with several is named once."""
    words, parts = lives.words, []
    told = {(post.other_state, post.other) for post in posts if post.outcome == "taken"}
    for outcome in OUTCOMES_TOLD:
        mine = [post for post in posts if post.outcome == outcome and (post.other_state, post.other) not in told]
        told |= {(post.other_state, post.other) for post in mine}
        if mine:
            needed, rival = words.short_pay(mine[0].needed_won_per_year), words.someone(mine[0].rival)
            parts.append(words.say(outcome, list=_posts_listed(lives, mine), needed=needed, rival=rival))
    met = words.say("met", posts=words.count("post", len(posts)))
    return met + (words["colon"] + words["semicolon"].join(parts) if parts else "")


def _posts_listed(lives: Lives, posts: list[Any]) -> str:
    """Posts with what they pay, the best paid ones by name."""
    words, pay = lives.words, {}
    for post in sorted(posts, key=lambda post: -post.offer_won_per_year):
        pay.setdefault(_place(lives, post.other_state, post.other), post.offer_won_per_year)
    named = [words.say("post", place=place, pay=words.short_pay(won)) for place, won in list(pay.items())[:POSTS_NAMED]]
    more = len(pay) - len(named)
    return words.listed(named) + (words.say("and_more", n=more) if more else "")


def _place(lives: Lives, kind: Any, row: int) -> str:
    return lives.place_name(kind, int(row)) if row >= 0 else lives.words["field"]


def _where(lives: Lives, now: Moment | None) -> str:
    """Where somebody is."""
    words = lives.words
    if now is None:
        return words["is_absent"]
    enrolled = now.state == "enrolled"
    place = _place(lives, now.state, now.university if enrolled else now.employer)
    return words.say(f"is_{now.state}", place=place, pay=words.pay(now.pay_won_per_year))


def _what_happened(lives: Lives, key: int, month: int, side: Side) -> str:
    """What happened to somebody in a month: posts and moves, or that nothing did."""
    moments = {m.month: m for m in lives.moments(key)} if key in lives else {}
    words, where = lives.words, _where(lives, moments.get(month))
    what = words.say("stayed", where=where) if month in moments else where
    if side.events:
        writer, lines = _Writer(lives, key), []
        for events in _months([event for event in lives.events_of(key) if event.month <= month]):
            lines = writer.month([event for event in events if event.event not in MISSED])
        what = words["clause"].join(line.text for line in lines)
    return words.say("then", run=lives.label, what=what)


def _picked(lives: Lives, decision: str, month: int) -> list[str]:
    """Who was picked for what in a month: one among all who could have been."""
    events = lives.events[(lives.events["month"] == month) & (lives.events["event"] == decision)]
    words = lives.words
    names = [words.someone(key) for key in events["person"]] or [words["nobody"]]
    return [words.say(f"picked_{decision}", run=lives.label, who=words.listed(names))]


def _decided(lives: Lives, side: Side, decision: str, month: int) -> list[str]:
    """The probability and the draw of the decision at which two lives part, as they were in one of them."""
    if decision in PICKED_BY_OTHERS:
        return _picked(lives, decision, month)
    words = lives.words
    if f"deed_{decision}" not in words:
        return []
    deed = words[f"deed_{decision}"]
    missed = "not_in_practicum" if decision == "practicum" else f"not_{decision}"
    for event in side.events:
        if event.event == decision:
            return [words.say("happened", run=lives.label, deed=deed, **_noise(words, event))]
    for event in side.missed:
        if event.event == missed:
            return [words.say("did_not_happen", run=lives.label, deed=deed, **_noise(words, event))]
    return [words.say("not_asked", run=lives.label, deed=deed)]


def _posts_compared(one: Lives, other: Lives, sides: Sequence[Side]) -> list[str]:
    """Posts that one met and the other not, and what differed about those that both met."""
    words, labels = one.words, {"one": one.label, "other": other.label}
    mine, theirs = (
        {lives.place_key(post.other_state, post.other): post for post in reversed(side.posts)}
        for lives, side in zip((one, other), sides, strict=True)
    )
    if not mine and not theirs:
        return [words.say("met_in_neither", **labels)]
    lines = []
    for lives, posts, others in ((one, mine, theirs), (other, theirs, mine)):
        alone = [post for key, post in posts.items() if key not in others]
        if alone:
            named = [
                words.say(
                    "post_and_fate",
                    place=_place(lives, post.other_state, post.other),
                    pay=words.short_pay(post.offer_won_per_year),
                    fate=_fate(words, post),
                )
                for post in alone
            ]
            lines.append(words.say("only_met_in", run=lives.label, list=words.listed(named)))
    for key in [key for key in mine if key in theirs]:
        a, b = mine[key], theirs[key]
        place = _place(one, a.other_state, a.other)
        pays = [words.pay(post.offer_won_per_year) for post in (a, b)]
        if pays[0] != pays[1]:
            lines.append(words.say("offers_differ", place=place, pay=pays[0], pay_other=pays[1], **labels))
        if (a.outcome, a.rival if a.outcome == "filled_by_another" else 0) != (
            b.outcome,
            b.rival if b.outcome == "filled_by_another" else 0,
        ):
            fates = {"fate": _fate(words, a), "fate_other": _fate(words, b)}
            lines.append(words.say("fate_differs", place=place, **fates, **labels))
    asked = [words.pay(next(iter(posts.values())).needed_won_per_year) if posts else "" for posts in (mine, theirs)]
    if all(asked) and asked[0] != asked[1]:
        lines.append(words.say("asked_differs", pay=asked[0], pay_other=asked[1], **labels))
    return lines


def _fate(words: Words, post: Any) -> str:
    rival = words.someone(post.rival) if post.outcome == "filled_by_another" else ""
    return words.say(f"fate_{post.outcome}", rival=rival)


def _never_there(there: Lives, missing: Lives, key: int) -> str:
    """Why somebody never came in."""
    who = there.person(key)
    people = missing.people[missing.people["source"] == who.source]
    people = people[people["source_month"] == who.source_month]
    words, date = there.words, there.date(who.source_month)
    if who.source == "retraining":
        place = there.place_name("hospital", who.source_place)
        return words.say("place_never_there", run=missing.label, place=place, date=date)
    if who.source == "immigration":
        n = len(people)
        return words.say("visa_never_there", run=missing.label, n=n, date=date, seat=who.source_seat + 1)
    place = there.place_name("university", who.source_place)
    n = int((people["source_place"] == who.source_place).sum())
    return words.say("seat_never_there", run=missing.label, place=place, n=n, seat=who.source_seat + 1)


def _noise(words: Words, event: Any) -> dict[str, str]:
    """Probability and draw of an event, alone and in their half sentence."""
    facts = {"probability": words.percent(event.probability), "variate": words.percent(event.variate)}
    return facts | {"by_chance": words.say("probability_once" if event.event in ONLY_ONCE else "probability", **facts)}
