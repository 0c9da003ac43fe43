"""Every word of a biography in one table, so that a language is one table more."""

from typing import Any

import numpy as np

from experiments.lives.phrases_ko import KOREAN, Noun, in_ten_thousands
from model.scenario import Scenario

ENGLISH: dict[str, str] = {
    # how numbers and things are written
    "pay": "{million:,.1f}m won a year",
    "short_pay": "{million:,.1f}m",
    "percent": "{percent} percent",
    "one_year": "1 year",
    "years": "{n} years",
    "someone": "person {key}",
    "list": ", ",
    "clause": "; ",
    "semicolon": "; ",
    "colon": ": ",
    "nobody": "nobody",
    "date": "{year}-{month:02d}",
    "one_post": "1 post",
    "posts": "{n} posts",
    "one_month": "1 month",
    "months": "{n} months",
    "field": "the field",
    "founded_name": "New firm {n}",
    "class_tertiary": "Tertiary",
    "class_general": "General",
    "class_hospital": "Hospital",
    "class_conglomerate": "Conglomerate",
    "class_mid_size": "Mid-size",
    "class_startup": "Startup",
    "undergraduate": "undergraduate track",
    "graduate": "graduate school",
    "clinician": "clinician",
    "programme_seat": "programme seat",
    "core_seat": "core seat",
    # who
    "title": "Person {key} in {run}, seed {seed}",
    "source_start": "in the field since before the start",
    "source_admission": "admitted to {place} in {date}, seat {seat}, {seat_kind}",
    "source_retraining": "a clinician whom {place} sent on the course in {date}",
    "source_immigration": "immigrated in {date}",
    "born": "born {date}",
    # where somebody is
    "is_enrolled": "a trainee at {place}",
    "is_retraining": "on the course for clinicians",
    "is_seeking": "looking for work",
    "is_hospital": "at {place} for {pay}",
    "is_firm": "at {place} for {pay}",
    "is_university": "teaching at {place} for {pay}",
    "is_other_sector": "in another sector",
    "is_abroad": "abroad",
    "is_left": "out of working life",
    "is_absent": "not in the field: never came in",
    "started": "at the start {where}, since {since}, age {age}{so_far}",
    "practice": ", {time} of practice",
    "no_practice": ", no practice yet",
    "course_so_far": ", {level}, a course of {months}",
    "end": "at the end {where}, since {date}, age {age}{practice}",
    # what happens
    "chance": "the chance was {chance} that month, the draw {luck}",
    "chance_once": "the chance was {chance}, the draw {luck}",
    "admitted": "admitted to {place} ({seat_kind}), {level}, a course of {months}, age {age}{taught}",
    "taught": ", taught by {teachers}",
    "dropped_out": "gave up the course and left the field; {by_chance}",
    "practicum": "practicum at {other}; {by_chance}",
    "graduated": "graduated from {university}",
    "retraining_begun": "{other} sent the clinician on the course, age {age}",
    "retraining_ended": "finished the course for clinicians",
    "retraining_ended_without_post": "finished the course for clinicians without getting a post, back in clinical work",
    "immigrated": "came from abroad on a visa, age {age}{practice}, to look for work",
    "hired": "hired by {place} at {pay}",
    "changed_job": "left {before} for {place}, pay from {pay_before} to {pay}",
    "changed_job_for_less": "left {before} for {place}, which was worth the lower pay: from {pay_before} to {pay}",
    "became_teacher": "became a teacher at {place} at {pay}; the chance that the post was filled was {chance}, "
    "the draw {luck}",
    "founded_firm": "left {before} to found {place}, pay {pay}",
    "separated": "the job at {before} ended; {by_chance}",
    "laid_off": "laid off by {before}, which had more staff than it planned; {by_chance}",
    "employer_closed": "{before} closed; looking for work",
    "taken_over": "{before} became part of {place}, pay {pay}",
    "retired": "retired, age {age}; {by_chance}",
    "emigrated": "left the country; {by_chance}",
    "returned": "came home to look for work; {by_chance}",
    "left_for_other_sector": "left for another sector; {by_chance}",
    "came_back": "came back to the field to look for work; {by_chance}",
    "pay_reviewed": "yearly review: pay from {pay_before} to {pay}",
    "pay_kept": "yearly review: pay stays at {pay}",
    # posts met
    "met": "met {posts}",
    "post": "{place} {pay}",
    "post_and_fate": "{place} {pay} ({fate})",
    "and_more": " and {n} more",
    "lost": "applied to {list}, but the post went to {rival}",
    "worth_less_than_another": "liked less: {list}",
    "worth_less_than_job": "worth less than the present job: {list}",
    "below_reservation": "below the {needed} asked for: {list}",
    "unfit": "wanted more skill: {list}",
    "own_employer": "the own employer's: {list}",
    "looked_around": "to {last}: met {posts} in {months}, none worth leaving for",
    "searched": "to {last}: searched; {posts} in {months}, none taken: {below} below the pay asked for, "
    "{unfit} wanted more skill",
    # two lives
    "versus_title": "Person {key} in {one} and in {other}, seed {seed}",
    "same": "Both lives are at the same places in every month.",
    "parted": "The two lives part in {date}.",
    "then": "{run}: {what}.",
    "stayed": "went on as before: {where}",
    "happened": "{run}: chance of {deed} {chance}, draw {luck}: it happened.",
    "did_not_happen": "{run}: chance of {deed} {chance}, draw {luck}: it did not happen.",
    "not_asked": "{run}: no chance of {deed} that month.",
    "only_met_in": "Met in {run} alone: {list}.",
    "met_in_neither": "No post was met in {one} or {other} that month.",
    "picked_became_teacher": "{run}: called to teach that month: {who}.",
    "picked_founded_firm": "{run}: founded a firm that month: {who}.",
    "offers_differ": "Offer of {place}: {pay} in {one}, {pay_other} in {other}.",
    "fate_differs": "Post of {place}: {fate} in {one}, {fate_other} in {other}.",
    "fate_unfit": "wanted more skill",
    "fate_own_employer": "own employer",
    "fate_below_reservation": "below the pay asked for",
    "fate_worth_less_than_job": "worth less than the present job",
    "fate_worth_less_than_another": "worth less than another",
    "fate_taken": "taken",
    "fate_lost": "applied for in vain, it went to {rival}",
    "asked_differs": "Least that an offer had to be worth: {pay} in {one}, {pay_other} in {other}.",
    "pay_differed": "Their pay had differed since {date}.",
    "seat_never_there": "{run}: {place} admitted {n} that month, so seat {seat} was never filled.",
    "place_never_there": "{run}: {place} sent nobody on the course in {date}.",
    "visa_never_there": "{run}: {n} immigrated in {date}, so place {seat} was never filled.",
    "seat_kinds_differ": "The same seat is a {one_kind} in {one} and a {other_kind} in {other}.",
    "deed_dropped_out": "giving up the course",
    "deed_practicum": "a place for a practicum",
    "deed_laid_off": "a layoff",
    "deed_separated": "the end of the job",
    "deed_retired": "retirement",
    "deed_emigrated": "leaving the country",
    "deed_returned": "coming home",
    "deed_left_for_other_sector": "leaving for another sector",
    "deed_came_back": "coming back to the field",
    # why somebody is worth a look
    "why_most-changed": "most changed against {other}: {months} months in another state",
    "why_emigrated-graduate": "graduate of a programme seat, left the country in {date}",
    "why_founder": "founded {place} in {date}",
    "why_retained": "graduate of a programme seat, at work in the field for {months} months and still there",
    "why_returner": "left the country and came home in {date}",
    "why_longest-search": "searched longest: {months} months without a break",
    "why_highest-rise": "highest rise of pay at once: from {pay_before} to {pay} in {date}",
    "why_retrained-clinician": "retrained clinician, taken by {place} in {date}",
}

LANGUAGES: dict[str, dict[str, str]] = {"en": ENGLISH, "ko": KOREAN}


class Words:
    """The table of one language, and how that language writes numbers, dates and people.

    Raises:
        KeyError: there is no table of the language.
    """

    def __init__(self, lang: str = "en") -> None:
        self.lang, self.table = lang, LANGUAGES[lang]

    def __getitem__(self, name: str) -> str:
        return self.table[name]

    def __contains__(self, name: str) -> bool:
        return name in self.table

    def say(self, name: str, **facts: Any) -> str:
        """A phrase with its facts; a text among them may ask for the particle that fits it, as in ``{place:이/가}``."""
        nouns = {key: Noun(value) if isinstance(value, str) else value for key, value in facts.items()}
        return self.table[name].format(**nouns)

    def listed(self, items: list[str]) -> str:
        """Things one after the other."""
        return self["list"].join(items)

    def date(self, plan: Scenario, month: int) -> str:
        """A month of a run."""
        year, calendar_month = map(int, plan.date_of(month).split("-"))
        return self.say("date", year=year, month=calendar_month)

    def pay(self, won_per_year: float) -> str:
        """Pay, to 100,000 won a year."""
        return self.say("pay", million=won_per_year / 1e6, man=in_ten_thousands(won_per_year))

    def short_pay(self, won_per_year: float) -> str:
        """Pay where the unit is clear."""
        return self.say("short_pay", million=won_per_year / 1e6, man=in_ten_thousands(won_per_year))

    def percent(self, share: float) -> str:
        """A share in percent, to three figures and never in powers of ten."""
        digits = np.format_float_positional(100 * share, precision=3, fractional=False, trim="-")
        return self.say("percent", percent=digits)

    def practice(self, career_months: int) -> str:
        """Practice in the field: in months up to two years, then in whole years."""
        months = int(career_months)
        if not months:
            return self["no_practice"]
        return self.say(
            "practice", time=self.count("month", months) if months < 24 else self.count("year", months // 12)
        )

    def seat(self, programme: bool) -> str:
        """Who pays for a seat."""
        return self["programme_seat" if programme else "core_seat"]

    def someone(self, key: Any) -> str:
        """A person."""
        return self.say("someone", key=str(key))

    def count(self, thing: str, n: int) -> str:
        """So many posts, months or years."""
        return self[f"one_{thing}"] if n == 1 else self.say(f"{thing}s", n=n)
