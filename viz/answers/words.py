"""What commands print and figures say, by key: English only."""

from pathlib import Path

from injae.experiments.wording.phrasebook import Phrasebook
from injae.experiments.wording.spoken import currency

_VIZ = Path(__file__).parent.parent
BOOK = Phrasebook(_VIZ / "answers" / "answers.toml", _VIZ / "figures" / "figures.toml")


def say(key: str, /, **values: object) -> str:
    """A text with its placeholders filled in; ``money`` is the name of the currency.

    Raises:
        KeyError: no such key, or a placeholder without a value.
    """
    return BOOK.say(key, "en", money=currency().name["en"], **values)
