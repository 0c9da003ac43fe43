"""Names of before are read, with a note, wherever a user may still have them: options, files, links, results."""

import json

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from conftest import run_here

from injae.experiments.documents import Receipt
from injae.experiments.indicators import INDICATORS
from injae.experiments.layers import Layers
from injae.experiments.measures import MEASURES
from injae.experiments.tables import read_verified
from injae.experiments.uncertainty import Uncertainty, ensemble_of
from injae.model import renamed
from injae.model.parameters import declared_parameters
from injae.model.record import SERIES
from injae.model.scenario import Scenario
from injae.viz.view.state import ViewState

OLD = {"parameters.labour.decision_chance_per_month": 0.4}


@pytest.fixture(autouse=True)
def afresh():
    """Notes are said once a process."""
    renamed._note.cache_clear()


def test_every_new_name_exists_and_no_old_one_does():
    paths = {path.rpartition(".")[2] for path in declared_parameters("korea")}
    columns = {"aleatory_low", "aleatory_high", "probability_of_target"}
    known = {*SERIES, *INDICATORS, *MEASURES, *paths, *columns, *Layers._fields}
    assert set(renamed.RENAMED.values()) <= known
    assert not set(renamed.RENAMED) & known


def test_settings_of_before(tmp_path, caplog):
    now = Scenario.load("korea", ["parameters.labour.decision_probability_per_month=0.4"])
    assert Scenario.load("korea").with_settings(OLD).parameters == now.parameters
    file = tmp_path / "mine.toml"
    file.write_text('base = "korea"\n[parameters.labour]\ndecision_chance_per_month = 0.4\n')
    assert Scenario.load(file).parameters == now.parameters
    (note,) = caplog.messages  # once
    assert note == (
        "note: decision_chance_per_month is called decision_probability_per_month now; the old name is read until "
        "version 0.2"
    )


def test_options_of_before(tmp_path, capsys, caplog):
    done = run_here(
        capsys, "run", "--months", 2, "--seeds", 1, "--uncertainty", "luck", "--no-baseline", "--workers", 1, "--quiet",
        "--set", "parameters.labour.decision_chance_per_month=0.4", "--out", tmp_path / "shortage_rate",
    )  # fmt: skip
    assert done.returncode == 0
    assert (tmp_path / "shortage_rate").is_dir(), "a folder is the user's own word"
    assert len(caplog.messages) == 2 and "luck is called aleatory now" in caplog.messages[0]
    manifest = json.loads((tmp_path / "shortage_rate" / "manifest.json").read_text())
    assert manifest["uncertainty"]["kind"] == "aleatory"


def test_links_of_before():
    link = "?luck=0&unsure=0&variants=1&focus=shortage_rate&parameters.labour.decision_chance_per_month=0.4&lang=en"
    state, notice = ViewState.from_link(link)
    assert notice is None
    assert state.layers == Layers(aleatory=False, parametric=False, structural=True)
    assert state.focus == "vacancy_rate"
    assert state.changes == ("parameters.labour.decision_probability_per_month=0.4",)


def test_tables_and_documents_of_before(tmp_path):
    path = tmp_path / "series.parquet"
    setting = "parameters.labour.decision_{}_per_month"
    pq.write_table(pa.table({"shortage_rate": [0.1], setting.format("chance"): [0.2]}), path)
    assert read_verified(path, ["vacancy_rate"]).to_pandas().equals(pd.DataFrame({"vacancy_rate": [0.1]}))
    assert read_verified(path).schema.names == ["vacancy_rate", setting.format("probability")]
    assert (
        renamed.with_current_names('{"kind": "luck", "name": "no luck"}') == '{"kind": "aleatory", "name": "no luck"}'
    )


def test_a_receipt_is_read_as_it_was_written(tmp_path):
    """Its code stands for what was found under the names of then."""
    content = {
        "kind": "discover",
        "receipt": "0",
        "question": {"fails": "shortage_rate>0.1"},
        "facts": {},
        "tables": {},
    }
    (tmp_path / "receipt.json").write_text(json.dumps(content))
    assert Receipt.read(tmp_path / "receipt.json").question == content["question"]


def test_the_kind_of_uncertainty_of_before():
    assert ensemble_of("luck", Scenario.load("korea")).kind is Uncertainty.ALEATORY
