"""Letters of figures: Korean names in the figures of every command, one note where no font has them."""

import matplotlib as mpl
import pytest
from matplotlib.figure import Figure

from injae.viz.figures import fonts, style

needs_korean = pytest.mark.skipif(fonts.korean_font() is None, reason="no Korean font on this machine")


def _titled(text, families):
    with mpl.rc_context({**style.STYLE, "font.family": families}):
        figure = Figure(figsize=(2, 1))
        figure.suptitle(text, fontweight="bold")
    return figure


@needs_korean
def test_a_korean_name_is_drawn_by_the_common_style(tmp_path, capsys):
    """A letter that no font has makes matplotlib warn, and warnings are errors here."""
    style.save(_titled("지역 의사 정책", style.STYLE["font.family"]), tmp_path)
    assert capsys.readouterr().err == ""


@needs_korean
def test_figures_without_korean_letters_are_the_same_with_and_without_a_korean_font(tmp_path):
    for name, families in (("with", style.STYLE["font.family"]), ("without", [fonts.LATIN])):
        style.save(_titled("Policy 1.5", families), tmp_path, name)
    assert (tmp_path / "with.svg").read_bytes() == (tmp_path / "without.svg").read_bytes()
    assert (tmp_path / "with.png").read_bytes() == (tmp_path / "without.png").read_bytes()


def test_without_a_font_one_note_takes_the_place_of_a_warning_a_letter(tmp_path, capsys, monkeypatch):
    monkeypatch.setattr(fonts, "families", lambda: [fonts.LATIN])
    fonts._tell.cache_clear()
    for _ in range(2):
        style.save(_titled("제주 정책", [fonts.LATIN]), tmp_path)
    said = capsys.readouterr().err
    assert said.count("\n") == 1 and "Korean letters" in said and "NanumGothic" in said
