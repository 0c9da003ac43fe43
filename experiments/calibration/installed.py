"""Making draws the posterior of a country: files beside its data that all commands take their futures from."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from injae.agents.kernels import ROOT
from injae.experiments.calibration.posterior_files import ABOUT, DRAWS, made_from, write_posterior
from injae.experiments.extensions import other_rules
from injae.experiments.findings import Finding
from injae.experiments.manifest import NO_RESULTS
from injae.model.errors import InputError
from injae.model.parameters import DATA, country_and_bases, data_folder
from injae.model.scenario import PRESETS, Scenario, preset_names


def check_installable(plan: Scenario, options: Mapping[str, Any], facts: Sequence[str]) -> None:
    """Refuse to install what is no posterior of a country as it is.

    Raises:
        InputError: a twin, a part of the parameters, other months, facts or rules of one's own, or a scenario that is
            no preset.
    """
    if whose := other_rules():
        fault = f"not with the rules of {whose}: a posterior is installed for the model as it is"
        raise InputError("conflict", fault, "install")
    for name, value in {**options, "fact": facts}.items():
        if value not in (None, ()):
            fault = f"not with --{name}: a posterior that is installed rests on all that is known"
            raise InputError("conflict", fault, "install")
    if plan.name not in preset_names():
        fault = f"{plan.name} is no scenario of Injae, so nobody could make its posterior again"
        raise InputError("unusable", fault, "install")


def install(finding: Finding, plan: Scenario, command: str) -> list[str]:
    """Write a posterior made in waves beside the data of its country; gives its files, by path from the root."""
    table, question = finding.tables["posterior"], finding.question
    cases = list(question["cases"])
    about = {
        "command": command,
        "scenario": plan.name,
        "cases": cases,
        **{name: question[name] for name in ("waves", "points", "seeds", "draws")},
        **made_from(_files(cases)),
        "facts": [
            {
                "name": row.name,
                "case": plan.name if row.case == "-" else row.case,
                "value": row.value,
                "error": row.error,
                "discrepancy": row.discrepancy,
                "used": not row.held_out,
            }
            for row in finding.tables["facts"].itertuples(index=False)
        ],
    }
    folder = data_folder(plan.country)
    paths = tuple(column.removeprefix("parameters.") for column in table.columns)
    write_posterior(folder, paths, table.to_numpy(), about)
    return [(folder / name).relative_to(ROOT).as_posix() for name in (DRAWS, ABOUT)]


def _files(cases: Sequence[str]) -> list[Path]:
    """Data that the runs of cases depend on: parameters, facts, files of their countries, their scenarios."""
    countries = {one for case in cases for one in country_and_bases(Scenario.load(case).country)}
    files = [DATA / "parameters.toml"]
    for country in sorted(countries):
        files += sorted(p for p in data_folder(country).iterdir() if p.is_file() and p.stem not in NO_RESULTS)
    return files + [PRESETS / f"{case}.toml" for case in cases]
