"""How a biography speaks of people, pay, time and probabilities; its texts are in ``biography.toml``."""

from pathlib import Path
from typing import Any

from injae.experiments.wording import amounts
from injae.experiments.wording.phrasebook import Phrasebook
from injae.model.scenario import Scenario

BOOK = Phrasebook(Path(__file__).parent / "biography.toml")


class Words:
    """The texts of a biography in one language, ``ko`` or ``en``."""

    def __init__(self, lang: str = "en") -> None:
        self.lang = lang

    def __getitem__(self, name: str) -> str:
        return BOOK.text(name, self.lang)

    def __contains__(self, name: str) -> bool:
        return name in BOOK.texts

    def say(self, name: str, /, **facts: Any) -> str:
        """A phrase with its facts."""
        return BOOK.say(name, self.lang, **facts)

    def listed(self, items: list[str]) -> str:
        """Things one after the other."""
        return self["list"].join(items)

    def date(self, plan: Scenario, month: int) -> str:
        """A month of a run; in English as the command line writes and reads it."""
        iso = plan.date_of(month)
        return iso if self.lang == "en" else amounts.date(iso, self.lang)

    def pay(self, won_per_year: float) -> str:
        """Pay a year."""
        return self.say("pay", won=amounts.money(won_per_year, self.lang))

    def short_pay(self, won_per_year: float) -> str:
        """Pay where the unit is clear."""
        return amounts.bare(amounts.money(won_per_year, self.lang))

    def percent(self, share: float) -> str:
        """A share in percent, to three figures and never in powers of ten."""
        return self.say("percent", percent=amounts.percent(share))

    def practice(self, career_months: int) -> str:
        """Practice in the field: in months up to two years, then in whole years."""
        months = int(career_months)
        if not months:
            return self["no_practice"]
        time = self.count("month", months) if months < 24 else self.count("year", months // 12)
        return self.say("practice", time=time)

    def seat(self, programme: bool) -> str:
        """Who pays for a seat."""
        return self["programme_seat" if programme else "core_seat"]

    def someone(self, key: Any) -> str:
        """A person."""
        return self.say("someone", key=str(key))

    def count(self, thing: str, n: int) -> str:
        """So many posts, months or years."""
        return self[f"one_{thing}"] if n == 1 else self.say(f"{thing}s", n=n)
