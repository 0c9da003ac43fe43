"""Letters of figures: those of matplotlib's own font, and of a Korean one where the machine has it."""

import logging
import warnings
from functools import cache
from pathlib import Path

import click
from matplotlib import font_manager
from matplotlib.figure import Figure
from matplotlib.ft2font import FT2Font
from matplotlib.text import Text

logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)  # reports each weight that a font lacks
LATIN = "DejaVu Sans"  # comes with matplotlib
# Korean fonts in order of preference: regular and bold file, as the systems name them
KOREAN_FONTS = (
    ("NanumGothic.ttf", "NanumGothicBold.ttf"),
    ("NotoSansCJK-Regular.ttc", "NotoSansCJK-Bold.ttc"),
    ("NotoSansCJKkr-Regular.otf", "NotoSansCJKkr-Bold.otf"),
    ("NotoSansKR-Regular.otf", "NotoSansKR-Bold.otf"),
    ("malgun.ttf", "malgunbd.ttf"),
    ("AppleGothic.ttf", "AppleGothic.ttf"),
)


@cache
def korean_font() -> str | None:
    """Family name of the first Korean font of this machine, made known to matplotlib; None where there is none.

    Files are looked for afresh, since matplotlib remembers the fonts of the day it was first used.
    """
    files = {Path(path).name.lower(): path for path in font_manager.findSystemFonts()}
    for regular, bold in KOREAN_FONTS:
        path = files.get(regular.lower())
        if path is None or not FT2Font(path).get_char_index(ord("가")):
            continue
        for file in {path, files.get(bold.lower(), path)}:
            font_manager.fontManager.addfont(file)
        return font_manager.FontProperties(fname=path).get_name()
    return None


def families() -> list[str]:
    """Fonts that each letter is looked for in, in this order: figures without Korean are the same on all machines."""
    return [LATIN, *filter(None, [korean_font()])]


def letters_missing(figure: Figure) -> str:
    """The letters in a figure's texts that no font of this machine has, each once."""
    written = {sign for text in figure.findobj(Text) for sign in text.get_text() if sign.isprintable()}
    fonts = [FT2Font(font_manager.findfont(family)) for family in families()]
    return "".join(sorted(sign for sign in written if not any(font.get_char_index(ord(sign)) for font in fonts)))


def tell_of_missing_letters(figure: Figure) -> None:
    """Say once what cannot be drawn and what helps, in place of matplotlib's warning of each letter."""
    warnings.filterwarnings("ignore", r"Glyph \d+ .*missing from")
    if missing := letters_missing(figure):
        _tell("Korean" if any("가" <= sign <= "힣" for sign in missing) else repr(missing[:20]))


@cache
def _tell(letters: str) -> None:
    click.echo(
        f"note: no font here has {letters} letters; install NanumGothic or Noto Sans CJK KR for figures", err=True
    )
