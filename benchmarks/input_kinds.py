"""Kinds of generated inputs, and what each means: see benchmarks/inputs.py, which tries them."""

import contextlib
import io
import json
import math
import shutil
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple
from urllib.parse import quote

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "src"))

from injae.experiments.sweeps.sweep import Execution, sweep  # noqa: E402
from injae.model.levers import LEVERS, SHOCKS  # noqa: E402
from injae.model.parameters import declared_parameters  # noqa: E402
from injae.model.scenario import Scenario  # noqa: E402

MONTHS = 24  # of the runs that are asked for: to 2026-12
RANGES = {f"levers.{name}": (lever.low, lever.high) for name, lever in LEVERS.items()}
RANGES |= {f"shocks.{name}": (lever.low, lever.high) for name, lever in SHOCKS.items()}
RANGES |= {f"parameters.{path}": (one.least, one.most) for path, one in declared_parameters("korea").items()}
ALONE = [path for path in RANGES if "grant_share" not in path]  # the others have to add up
DATED = [path for path in ALONE if not path.startswith("parameters.")]


class Written(NamedTuple):
    """One setting as a user may write it, and what it means: a value, or None if nothing sensible."""

    path: str
    text: str
    meant: float | None
    date: str = ""
    why: str = "a value"


def written(rng: np.random.Generator, paths: list[str] = ALONE, dates: bool = True) -> Written:
    """A setting: mostly one fault in path, date or number, a third of the time none."""
    path = str(rng.choice(DATED if dates and rng.random() < 0.5 else paths))
    low, high = RANGES[path]
    value = float(f"{low + rng.random() * (high - low):.4g}")
    value = min(max(value, low), high)
    plain = np.format_float_positional(value, trim="-")
    whole, _, part = plain.partition(".")
    date = str(rng.choice(["", "2025-06", "2026-01..2026-06"])) if dates and path in DATED else ""
    plainly = Written(path, plain, value, date)
    faults: list[tuple[str, Callable[[], Written]]] = [
        ("decimal comma", lambda: Written(path, f"{whole},{part or 5}", float(f"{whole}.{part or 5}"))),
        ("percent", lambda: Written(path, f"{100 * value:.6g}%", value)),
        ("thousands", lambda: Written(path, f"{value:,.0f}", round(value)) if value >= 1000 else plainly),
        ("above the range", lambda: Written(path, f"{high + max(1.0, abs(high)):.6g}", None)),
        ("below the range", lambda: Written(path, f"{low - max(1.0, abs(low)):.6g}", None)),
        ("no number", lambda: Written(path, one_of(rng, NO_NUMBERS), None)),
        ("digits", lambda: Written(path, "9" * int(rng.choice([19, 40, 400, 5000])), None)),
        ("other digits", lambda: Written(path, plain.translate(OTHER_DIGITS), value)),
        ("unit", lambda: Written(path, plain + str(rng.choice([" won", "m", "bn", "억", "e", "x"])), value)),
        ("misspelt", lambda: Written(misspelt(rng, path), plain, None)),
        ("date", lambda: Written(path, plain, None, one_of(rng, BAD_DATES))),
        ("date outside", lambda: Written(path, plain, None, one_of(rng, OUTSIDE))),
        ("control characters", lambda: Written(path + one_of(rng, CONTROLS), plain, None)),
        ("nested", lambda: Written(path, "[" * 3000, None)),
        ("long name", lambda: Written(path + "x" * int(rng.choice([300, 20_000])), plain, None)),
    ]
    if rng.random() < 0.3:
        return plainly
    why, fault = faults[rng.integers(len(faults))]
    if why.startswith("date") and (path not in DATED or not dates):
        return plainly
    made = fault()
    return made._replace(why=why, date=made.date or (date if why != "misspelt" else ""))


NO_NUMBERS = ["nan", "inf", "-inf", "1e999", "true", "", "'0.5'", '"0.5"', "[1]", "{}", "--1", "1..2", "0.5.1", "1e",
              "½", "0.1 0.2", "None", "\x00", "#", "2025-01", "1;2", "=1"]  # fmt: skip
BAD_DATES = ["2025", "2025-13", "2025-00", "2025-1", "25-01", "2025/01", "2025-01-01", "now", "2025-01..", "..2026-01",
             "2026-06..2026-01", "2025-01...2025-05", "2025-01..2025-05..2026-01", "9999999-01"]  # fmt: skip
OUTSIDE = ["2027-01", "2050-06", "2124-12", "2200-01", "9999-12", "2010-01..2024-06", "2001-01..2024-12"]
CONTROLS = ["\x00", "\x1b[31m", "\u202e", "\u200b"]
OTHER_DIGITS = {ord("0") + n: chr(0xFF10 + n) for n in range(10)}


def one_of(rng: np.random.Generator, texts: list[str]) -> str:
    """One of some texts; numpy's own choice cuts null characters off."""
    return texts[rng.integers(len(texts))]


def misspelt(rng: np.random.Generator, path: str) -> str:
    """A path that is none."""
    group, _, name = path.partition(".")
    n = int(rng.integers(len(name)))
    forms = [f"{group}.{name[:n]}{name[n + 1 :]}", f"{group}.{name[: n + 1]}{name[n:]}", f"{group}.{name}.x", group,
             name, f"{group}.{name.upper()}", f"{group[:-1]}.{name}", f".{path}", f"{path}.", path.replace(".", ".."),
             path.replace("_", "-"), ""]  # fmt: skip
    form = one_of(rng, forms)
    return form if form not in RANGES else f"{path}_x"


def by_set(rng: np.random.Generator, folder: Path) -> tuple[list[str], list[Written]]:
    """``run --set``, one or two settings."""
    settings = [written(rng) for _ in range(rng.integers(1, 3))]
    if len(settings) == 2 and settings[0].path.lower() in settings[1].path.lower():
        settings.pop()
    words = [word for one in settings for word in ("--set", f"{at(one)}={one.text}")]
    return ["run", "korea", "--months", str(MONTHS), *words, "--out", str(folder / "out")], settings


def at(setting: Written) -> str:
    """Path with its date."""
    return f"{setting.path}@{setting.date}" if setting.date else setting.path


def by_file(rng: np.random.Generator, folder: Path) -> tuple[list[str], list[Written]]:
    """A scenario file, now and then broken as a whole."""
    setting = written(rng)
    group, _, name = setting.path.rpartition(".")
    value = setting.text
    if setting.date:
        first, to, last = setting.date.partition("..")
        value = f'[{{from = "{first}", {f"""to = "{last}", """ if to else ""}value = {value}}}]'
    text = f"months = {MONTHS}\n[{group}]\n{name} = {value}\n"
    content = text.encode("utf-8", "surrogatepass")
    spoilt = rng.random()
    if spoilt < 0.1:
        broken = [content[: int(rng.integers(len(content)))], b"", b"\xff\xfe" + content, text.encode("utf-16"),
                  b"a = " + b"[" * 5000, content * 2, b"\x00" * 50, b"months = 99999999999999999999999\n",
                  b"title = 3\n", b'base = "../../etc/passwd"\n', b"[target]\nexperts = 1e3\n",
                  b'[target]\ndate = "2025-99"\n', b"a" * 5000 + b" = 1\n"]  # fmt: skip
        content, setting = broken[rng.integers(len(broken))], setting._replace(why="a broken file", meant=math.inf)
    (folder / "plan.toml").write_bytes(content)
    settings = [] if setting.why == "a broken file" else [setting]
    return ["run", str(folder / "plan.toml"), "--out", str(folder / "out")], settings


def by_vary(rng: np.random.Generator, folder: Path) -> tuple[list[str], list[Written]]:
    """``sweep --vary`` with bounds or values, of which one may be wrong; checked is the design."""
    setting = written(rng, dates=False)
    low, high = RANGES.get(setting.path, (0.0, 1.0))
    middle = f"{low + 0.5 * (high - low):.6g}"
    factorial = rng.random() < 0.4
    forms = [f"{middle},{setting.text}", f"{setting.text},{middle}"] if factorial else [f"{setting.text}:{middle}"]
    forms += (
        []
        if factorial
        else [f"{middle}:{setting.text}", f"{setting.text}:{setting.text}", f"{setting.text}:{middle}:log"]
    )
    words = ["--design", "factorial" if factorial else f"{rng.choice(['lhs', 'sobol'])}:4"]
    words += ["--vary", f"{setting.path}={forms[rng.integers(len(forms))]}"]
    settings = [setting] if setting.meant is None else []
    return [
        "sweep",
        "korea",
        *words,
        "--months",
        "1",
        "--seeds",
        "1",
        "--dry-run",
        "--out",
        str(folder / "s"),
    ], settings


def by_table(rng: np.random.Generator, folder: Path) -> tuple[list[str], list[Written]]:
    """``sweep --design FILE.csv`` with two columns, of which one may hold something wrong."""
    setting = written(rng)
    other = "parameters.labour.taste_sd" if "taste" not in setting.path else "parameters.labour.match_pay_sd"
    mark = str(rng.choice([",", ",", ",", ";", "\t"]))
    cell = f'"{setting.text}"' if mark in setting.text and rng.random() < 0.7 else setting.text
    rows = [f"{other}{mark}{at(setting)}", f"0.3{mark}{cell}", f"0.2{mark}{cell}"]
    content = "\n".join(rows).encode("utf-8", "surrogatepass")
    spoilt = rng.random()
    if spoilt < 0.15:
        broken = [content[: int(rng.integers(len(content)))], content.replace(b"0.3", b"0,3"), b"\xff" + content,
                  content.decode().encode("utf-16"), content + b"\n,,,,", b'"' + content, b"\x00" * 100, b"\n" * 50,
                  content.replace(b"\n", b"\r"), b"," * 5000 + b"\n"]  # fmt: skip
        content = broken[rng.integers(len(broken))]
    (folder / "points.csv").write_bytes(content)
    asked = [
        "sweep",
        "korea",
        "--design",
        str(folder / "points.csv"),
        "--months",
        str(MONTHS),
        "--seeds",
        "1",
        "--dry-run",
    ]
    quoted = setting.text[:1] == '"'  # which a cell may be: in a table "0.5" is a number
    usable = spoilt >= 0.15 and mark not in setting.text and setting.text.strip() not in ("", "None", "nan", "#")
    settings = [setting] if usable and not quoted and setting.meant is None else []
    return [*asked, "--out", str(folder / "s")], settings


JUNK: list[Any] = [None, -1, 10**30, 1e308, "", "x" * 5000, "../../../etc/passwd", "/etc/passwd", [], {}, [[[[]]]],
                   True, "\x00", math.nan, "2025-13", {"a": {"b": 1}}, [1, "a", None]]  # fmt: skip


def by_folder(rng: np.random.Generator, folder: Path) -> tuple[list[str], list[Written]]:
    """A command on a finished sweep of which one file has been changed."""
    target = folder / "sweep"
    shutil.copytree(small_sweep(), target)
    files = sorted(path for path in target.rglob("*") if path.is_file() and path.suffix in (".json", ".parquet"))
    file = files[rng.integers(len(files))] if rng.random() < 0.5 else target / "manifest.json"
    content = file.read_bytes()
    way = rng.random()
    if file.suffix == ".json" and way < 0.8:
        file.write_text(json.dumps(spoilt_json(rng, json.loads(content))), encoding="utf-8")
    elif way < 0.3:
        file.unlink()
    elif way < 0.6:
        file.write_bytes(content[: int(rng.integers(len(content)))])
    elif way < 0.8:
        file.write_bytes(rng.bytes(len(content)))
    else:
        spoilt = bytearray(content)
        for n in rng.integers(len(content), size=8):
            spoilt[n] = int(rng.integers(256))
        file.write_bytes(bytes(spoilt))
    asked = [["status", str(target)], ["export", str(target), "--to", "csv"], ["retry", str(target)],
             ["heatmap", str(target)], ["status", str(target), "--json"]]  # fmt: skip
    return asked[rng.integers(len(asked))], []


def spoilt_json(rng: np.random.Generator, content: Any) -> Any:
    """JSON with one value replaced, one key renamed or one entry gone, anywhere in it."""
    if not isinstance(content, dict | list) or not content or rng.random() < 0.15:
        return JUNK[rng.integers(len(JUNK))]
    key = list(content)[rng.integers(len(content))] if isinstance(content, dict) else int(rng.integers(len(content)))
    if rng.random() < 0.15:
        content.pop(key)
    elif rng.random() < 0.1 and isinstance(content, dict):
        content[f"{key}x"] = content.pop(key)
    else:
        content[key] = spoilt_json(rng, content[key])
    return content


_SWEEPS: list[Path] = []


def small_sweep() -> Path:
    """A finished sweep of four runs of a month, made once a process."""
    if not _SWEEPS:
        folder = Path(tempfile.mkdtemp(prefix="inputs-")) / "sweep"
        vary = ["levers.data_access=0.2,0.5", "parameters.labour.taste_sd=0.2,0.4"]
        with contextlib.redirect_stderr(io.StringIO()):
            sweep(Scenario.load("korea", ["months=1"]), "factorial", vary, out=folder, seeds=1, execution=Execution(1))
        _SWEEPS.append(folder)
    return _SWEEPS[0]


def forget_sweeps() -> None:
    """Remove the sweep that was made."""
    while _SWEEPS:
        shutil.rmtree(_SWEEPS.pop().parent, ignore_errors=True)


def by_link(rng: np.random.Generator, folder: Path) -> tuple[list[str], list[Written]]:
    """A link of the page, not a command; what is read is checked as a plan."""
    setting = written(rng)
    text = (
        f"?s=korea&{quote(at(setting), safe='@.', errors='replace')}={quote(setting.text, safe='.', errors='replace')}"
    )
    spoil = [lambda t: t, lambda t: t, lambda t: t, lambda t: t.replace("&", "&amp;"), lambda t: quote(t),
             str.upper, lambda t: t[1:], lambda t: t.replace("=", " = "),
             lambda t: f"{t}&{t[1:]}",
             lambda t: t + "&seeds=99999999999", lambda t: t + "&lang=xx", lambda t: t + "&month=-1",
             lambda t: t + "%", lambda t: t + "%ff%00"]  # fmt: skip
    return ["link", spoil[rng.integers(len(spoil))](text)], [in_link(setting)]


def in_link(setting: Written) -> Written:
    """What a setting means in a link.

    Case, a missing group and a dot before a name are no misspelling there, and its runs are long enough for 2027.
    """
    if setting.date == OUTSIDE[0]:
        return setting._replace(meant=float(setting.text))
    key = setting.path.lstrip(".").lower()
    path = next((path for path in RANGES if key in (path, path.partition(".")[2])), None)
    if setting.why != "misspelt" or path is None:
        return setting
    return setting._replace(path=path, meant=float(setting.text))


KINDS: dict[str, Callable[[np.random.Generator, Path], tuple[list[str], list[Written]]]] = {
    "set": by_set, "toml": by_file, "vary": by_vary, "table": by_table, "folder": by_folder, "link": by_link,
}  # fmt: skip


def made(number: int, kinds: list[str], folder: Path) -> tuple[str, list[str], list[Written]]:
    """The input of a number: its kind, the words of the command, the settings in it; files go to the folder."""
    kind = kinds[number % len(kinds)]
    words, settings = KINDS[kind](np.random.default_rng([13, number]), folder)
    return kind, words, settings
