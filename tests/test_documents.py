"""What the product wrote is read back whole or refused in one line: no entry of a document can end in another error."""

import copy
import json
import shutil
from collections.abc import Iterator
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import run_here

from injae.experiments.documents import Marker, RunsMade
from injae.experiments.findings import Finding, load, save
from injae.experiments.folders import FILES, MANIFEST, RECEIPT
from injae.experiments.sweeps.store import Sweep
from injae.experiments.tables import read_table, read_verified
from injae.model.errors import InputError

OTHERS = (None, True, -1, 10**30, float("nan"), "x", "../x", [], {}, [[0, 7e9]], {"x": 1})


def changed(content: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[tuple[Any, ...], Any]]:
    """The content with one entry left out, renamed or of another type, for every entry; of lists the first."""
    entries = content.items() if isinstance(content, dict) else enumerate(content[:1])
    for key, value in list(entries):
        for other in OTHERS:
            yield (*path, key), {**content, key: other} if isinstance(content, dict) else [other, *content[1:]]
        if isinstance(content, dict):
            less = {name: one for name, one in content.items() if name != key}
            yield (*path, key, "left out"), less
            yield (*path, key, "renamed"), {**less, f"{key}x": value}
        if isinstance(value, dict | list):
            for where, part in changed(value, (*path, key)):
                whole = copy.copy(content)
                whole[key] = part
                yield where, whole


def each_refused(file, content, use, document: str) -> int:
    """Write each change of a document and use it: an ``InputError`` of one line that names the file, or none."""
    refused = 0
    for where, other in changed(content):
        file.write_text(json.dumps(other))
        try:
            use()
        except InputError as error:
            refused += 1
            assert document in str(error) and len(str(error)) <= 300 + len(str(file)) and "\n" not in str(error), where
        except Exception as error:
            raise AssertionError(f"{where}: {error!r}") from error
    return refused


def test_every_entry_of_a_sweeps_manifest(reference, tmp_path):
    for name in FILES:
        shutil.copy(reference.folder / name, tmp_path)
    content = json.loads((tmp_path / MANIFEST).read_text())
    for name in ("data", "versions"):
        content[name] = dict(list(content[name].items())[:1])

    def use() -> None:
        store = Sweep(tmp_path)
        store.wanted()
        store.status()

    assert each_refused(tmp_path / MANIFEST, content, use, "") > 200


def test_every_entry_of_a_runs_manifest(reference, tmp_path):
    content = {
        "kind": "compare", "compared": ["korea", "double-grant"],
        "uncertainty": {"kind": "aleatory", "identity": "aleatory"},
        **{name: reference.manifest[name] for name in ("receipt", "command", "scenarios", "seeds", "files")},
    }  # fmt: skip
    path = tmp_path / MANIFEST
    assert each_refused(path, json.loads(json.dumps(content)), lambda: RunsMade.read(path), MANIFEST) > 200


def test_every_entry_of_a_receipt(tmp_path):
    table = pd.DataFrame({"input": ["x"], "value": [1.5]})
    save(Finding("trial", {"outcome": "y", "n": [1]}, {"table": table}, {"noise": 0.25}), tmp_path, ["injae", "trial"])
    content = json.loads((tmp_path / RECEIPT).read_text())
    own = {name: content[name] for name in ("receipt", "kind", "question", "facts", "tables", "format", "command")}
    assert each_refused(tmp_path / RECEIPT, own, lambda: load(tmp_path), str(tmp_path)) > 60
    (tmp_path / RECEIPT).write_text(json.dumps({**own, "facts": {"noise": 0.5}}))
    with pytest.raises(InputError, match="does not stand for what the file says"):
        load(tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (b"", "is no JSON"),
        (b"\xff{}", "is no JSON"),
        (b"[" * 10_000, "is no JSON"),
        (b'{"kind": "run", "files": ["/etc/hosts"]}', "no name of a file in this folder"),
        (b'{"kind": "run", "files": ["..\\\\x"]}', "no name of a file in this folder"),
        (b'{"kind": "run", "files": ["a/../../x"]}', "no name of a file in this folder"),
        (b'{"kind": ' + b"9" * 5000 + b"}", "is no JSON"),
    ],
)
def test_a_document_that_is_none(text, said, tmp_path):
    (tmp_path / MANIFEST).write_bytes(text)
    with pytest.raises(InputError, match=said) as error:
        Marker.read(tmp_path / MANIFEST)
    assert len(str(error.value)) < 300 + len(str(tmp_path))


@pytest.mark.parametrize("name", [*FILES, "runs", "series", "summary"])
def test_nothing_outside_the_folder_of_a_sweep_is_read(name, reference, tmp_path):
    folder, outside = tmp_path / "sweep", tmp_path / "outside"
    shutil.copytree(reference.folder, folder)
    path = folder / name if name in FILES else next((folder / name).iterdir())
    path.rename(outside)
    path.symlink_to(outside)
    if name in FILES:
        with pytest.raises(InputError, match="leads out of its folder"):
            Sweep(folder).wanted()
    else:
        store = Sweep(folder)
        assert store.status()["done"] == 0 and store.ignored == [path.relative_to(folder).as_posix()]


def test_blocks_that_point_nowhere_or_are_none_are_ignored(reference, tmp_path):
    shutil.copytree(reference.folder, tmp_path / "s")
    block = next((tmp_path / "s" / "runs").iterdir())
    block.with_name("0-link.parquet").symlink_to("nowhere.parquet")
    runs = read_verified(block)
    other = runs.set_column(4, "status", pa.array(["resting"] * len(runs)))
    for name, table in (("1-status", other), ("2-type", runs.set_column(2, "point", pa.array(["x"] * len(runs))))):
        pa.parquet.write_table(table, block.with_name(f"{name}.parquet"))
    store = Sweep(tmp_path / "s")
    assert store.status()["done"] == 24
    assert store.ignored == [f"runs/{name}.parquet" for name in ("0-link", "1-status", "2-type")]


@pytest.mark.parametrize("kind", ["series", "summary", "points", "cases"])
def test_every_column_of_the_tables_of_a_sweep(kind, reference, tmp_path, caplog):
    folder = tmp_path / "s"
    shutil.copytree(reference.folder, folder)
    path = next((folder / kind).iterdir()) if kind in ("series", "summary") else folder / f"{kind}.parquet"
    table = read_verified(path)
    for n, name in enumerate(table.schema.names[:4]):
        texts, none = pa.array(["x"] * len(table)), pa.array([None] * len(table), pa.int32())
        large = pa.array([10**6] * len(table))
        parts = [table.drop_columns([name]), table.append_column(f"{name}x", texts), table.slice(0, 0)]
        parts += [table.set_column(n, name, column) for column in (texts, none, large)]
        for part in parts:
            pa.parquet.write_table(part, path)
            store = Sweep(folder)
            try:
                store.status()
                store.series(["specialists"])
                store.summary()
                store.series_of("specialists", list(store.runs["id"]))
            except InputError as error:
                assert path.name in str(error)


def test_a_table_of_ours_names_its_column(tmp_path):
    pa.parquet.write_table(pa.table({"a": ["x"], "b": [1.5]}), tmp_path / "t.parquet")
    for columns, said in (
        ({"a": "text"}, "column b is unknown"),
        ({"a": "text", "b": "whole"}, "column b holds more than whole numbers"),
        ({"a": "number", "b": "number"}, "column a holds more than numbers"),
        ({"a": "text", "b": "number", "c": "text"}, "column c is missing"),
    ):
        with pytest.raises(InputError, match=said):
            read_table(tmp_path / "t.parquet", columns)


def test_a_manifest_with_values_out_of_range_is_not_rebuilt(reference, tmp_path, capsys):
    scenario = json.loads(json.dumps(reference.manifest["scenarios"][0])) | {"months": 2}
    made = {"kind": "run", "receipt": "x", "seeds": [0]}
    for entry, value, said in (
        ("levers", {"data_access": [[0, 2e9]]}, "levers.data_access = 2e+09: outside"),
        ("levers", {"data_acces": [[0, 0.5]]}, "did you mean 'data_access'"),
        ("parameters", {"labour.taste_sd": -5}, "parameters.labour.taste_sd = -5: outside"),
        ("months", 10**9, "needs 1 to 1200"),
        ("start", "2020-01", "korea begins in"),
        ("country", "../../etc", "no data for it"),
    ):
        (tmp_path / MANIFEST).write_text(json.dumps({**made, "scenarios": [{**scenario, entry: value}]}))
        done = run_here(capsys, "rebuild", tmp_path)
        assert done.returncode == 2 and said in done.stderr and MANIFEST in done.stderr, done.stderr


def test_notes_of_other_programs_in_a_table_are_not_read(tmp_path):
    """No checksum guards them: one damaged byte there must not keep a sound table from being read."""
    table = pa.table({"run": ["a"], "x": [0.5]}).replace_schema_metadata({b"pandas": b'{"index_columns": \x01'})
    pq.write_table(table, tmp_path / "t.parquet")
    assert read_table(tmp_path / "t.parquet", {"run": "text", "x": "number"}).to_dict("list") == {
        "run": ["a"],
        "x": [0.5],
    }
