"""How commands end whatever comes: one short line, the right code, no traceback, in any encoding."""

import io
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import click
import pytest
from conftest import run_here

from injae.experiments.executors.base import WorkersCannotStart
from injae.experiments.signals import ENDING, on_ending_signals
from injae.model.errors import InputError
from injae.viz.commands.group import Ending
from injae.viz.lines import LONGEST, one_line
from injae.viz.view.refused import Refused, in_words

ROOT = Path(__file__).resolve().parent.parent


def test_a_message_is_one_short_line_that_keeps_both_ends():
    long = one_line(f"--set levers.{'x' * 900}=2: unknown\nlever; closest is\tlevers.grant_scale")
    assert len(long) <= LONGEST and "\n" not in long
    assert long.startswith("--set levers.xxx") and long.endswith("unknown lever; closest is levers.grant_scale")
    many = one_line("field " + "word " * 500 + "remedy")
    assert len(many) <= LONGEST and many.startswith("field word") and many.endswith("word remedy")
    assert one_line("a\x00b \x1b[31m c") == "a\\x00b \\x1b[31m c"
    assert one_line("정책 이름") == "정책 이름"


def test_what_the_page_says_of_an_error_is_as_short():
    assert len(in_words(InputError("form", "x" * 5000), "en")) <= LONGEST
    assert len(in_words(Refused("refused.unknown", what="가" * 5000), "ko")) <= LONGEST


def _ending(capsys, raised):
    """Exit code and complaint of a command in which something is raised."""

    @click.group(cls=Ending)
    def commands():
        pass

    @commands.command()
    def fail():
        raise raised

    with pytest.raises(SystemExit) as ended:
        commands.main(["fail"])
    return ended.value.code, capsys.readouterr().err


@pytest.mark.parametrize(
    ("raised", "code", "said"),
    [
        (InputError("number", "is no number", "levers.x", "9" * 4000), 2, ": is no number"),
        (click.UsageError("No such option: --" + "y" * 4000), 2, "No such option"),
        (ValueError("embedded null byte"), 2, "null byte"),
        (OverflowError("int too large to convert to float"), 2, "too large"),
        (UnicodeDecodeError("utf-8", b"\xff", 0, 1, "invalid start byte"), 2, "not UTF-8"),
        (RecursionError("maximum recursion depth exceeded"), 2, "nested too deeply"),
        (
            FileNotFoundError(2, "No such file or directory", "results/gone/points.csv"),
            1,
            "results/gone/points.csv: No",
        ),
        (OSError(28, "No space left on device"), 1, "No space left"),
        (MemoryError(), 1, "out of memory"),
        (WorkersCannotStart("no process can be started"), 1, "injae: no process can be started"),
        (KeyboardInterrupt(), 130, "stopped"),
    ],
)
def test_whatever_ends_a_command_is_said_in_one_line(capsys, raised, code, said):
    ended, told = _ending(capsys, raised)
    assert ended == code
    assert said in told and told.strip().count("\n") == 0 and len(told) <= LONGEST + 2  # click ends the line of ^C


def test_a_fault_of_ours_keeps_its_traceback(capsys):
    with pytest.raises(ValueError, match="planted"):
        _ending(capsys, ValueError("planted"))


@pytest.mark.parametrize("number", ENDING)
def test_a_signal_that_ends_a_process_does_what_ctrl_c_does(capsys, number):
    kept = []

    @click.group(cls=Ending)
    def commands():
        pass

    @commands.command()
    def work():
        try:
            os.kill(os.getpid(), number)
            time.sleep(30)
        except KeyboardInterrupt:
            kept.append("what is finished")
            return 1

    before = signal.signal(number, signal.SIG_DFL)  # whoever runs the tests may ignore it, as nohup does
    try:
        with pytest.raises(SystemExit) as ended:
            commands.main(["work"])
        assert (ended.value.code, kept) == (128 + number, ["what is finished"])
        assert signal.getsignal(number) is signal.SIG_DFL
    finally:
        signal.signal(number, before)


def test_a_signal_that_is_ignored_stays_ignored():
    before = signal.signal(ENDING[0], signal.SIG_IGN)
    try:
        with on_ending_signals(pytest.fail):
            os.kill(os.getpid(), ENDING[0])
    finally:
        signal.signal(ENDING[0], before)


@pytest.mark.parametrize(
    "encoding", ["iso8859-1", "cp1252", "cp949"]
)  # click writes UTF-8 where only ASCII is asked for
def test_an_output_of_any_encoding_takes_korean_names(encoding, monkeypatch):
    written = io.TextIOWrapper(io.BytesIO(), encoding=encoding)
    monkeypatch.setattr(sys, "stdout", written)

    @click.group(cls=Ending)
    def commands():
        pass

    @commands.command()
    def name():
        click.echo("지역 의사 정책 ✓")

    with pytest.raises(SystemExit) as ended:
        commands.main(["name"])
    assert ended.value.code == 0
    assert ("지역" if encoding == "cp949" else "\\uc9c0\\uc5ed") in written.buffer.getvalue().decode(encoding)


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a device that is always full")
def test_an_output_that_is_full_is_one_line():
    with Path("/dev/full").open("w") as full:
        command = [sys.executable, "-m", "injae", "--help"]
        done = subprocess.run(command, stdout=full, stderr=subprocess.PIPE, text=True, check=False, timeout=120)
    assert (done.returncode, done.stderr) == (1, "injae: standard output: No space left on device\n")


def test_a_public_address_is_warned_of_even_when_quiet(capsys, monkeypatch):
    from injae.viz.view import serve

    monkeypatch.setattr(serve, "serve", lambda *_, **__: None)
    assert "warning: everybody" in run_here(capsys, "app", "--host", "0.0.0.0", "--quiet").stderr
    assert run_here(capsys, "app", "--quiet").stderr == ""
