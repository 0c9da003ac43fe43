"""The documentation site builds without a warning, and its tutorials run (R30)."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent


def test_every_page_has_a_place_on_the_site():
    """Sphinx would say so as well, after minutes."""
    index = (ROOT / "docs" / "index.md").read_text(encoding="utf-8").split()
    pages = {path.relative_to(ROOT / "docs").with_suffix("").as_posix() for path in (ROOT / "docs").rglob("*.md")}
    assert pages - {"index"} - {*index} == set()


@pytest.mark.slow
def test_the_site_builds_without_a_warning_and_its_tutorials_run(tmp_path):
    build = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", tmp_path / "doctrees"]
    done = subprocess.run([*build, ROOT / "docs", tmp_path / "site"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    tutorial = (tmp_path / "site" / "tutorials" / "run-and-change.html").read_text(encoding="utf-8")
    assert 'class="cell_output' in tutorial and "unknown name; did you mean" in tutorial
    assert "한국어로 시작하기" in (tmp_path / "site" / "index.html").read_text(encoding="utf-8")
