"""Futures: which parameters and seeds they have, what is told from how many, and what an ensemble rests on."""

import json

import numpy as np
import pandas as pd
import pytest
from conftest import assert_refused, run_here
from test_runs import digest, digests

import injae.experiments.calibration.posterior_files as posterior_files
from injae.experiments import priors
from injae.experiments.calibration.posterior_files import made_from, read_posterior, write_posterior
from injae.experiments.compare import compare, compare_results
from injae.experiments.findings import load
from injae.experiments.manifest import data_checksums
from injae.experiments.margins import StoppingRule
from injae.experiments.practice import baseline_of
from injae.experiments.results import Results, Run
from injae.experiments.runs import simulate, simulate_all
from injae.experiments.summary import (
    NOISE_SD,
    band,
    difference_band,
    noise_sd,
    paired_difference,
    probability_of,
    summarise,
)
from injae.experiments.sweeps.store import Sweep
from injae.experiments.uncertainty import LEAST, Future, Uncertainty, ensemble_of, futures_of, strongest
from injae.model.errors import InputError
from injae.model.parameters import DATA, declared_parameters
from injae.model.record import empty_history
from injae.model.scenario import Scenario
from injae.viz.answers.ensemble import brackets, ensemble_lines
from injae.viz.answers.run import answer, headline, number

KOREA = Scenario.load("korea")
SHORT = Scenario.load("korea", ["months=18"])
DRAWS = 60
PATHS = tuple(priors.varying("korea"))
PARAMETERS = DATA / "parameters.toml"


def write(folder, files=(PARAMETERS,), draws=DRAWS, paths=PATHS):
    """A small posterior, narrower than the priors; gives its values."""
    shares = 0.5 + (np.random.default_rng(7).random((draws, len(paths))) - 0.5) / 2
    values = priors.draws("korea", paths, shares)
    facts = [
        {"name": name, "case": "korea", "value": 1.0, "used": name != "kept_out"} for name in ("a", "b", "kept_out")
    ]
    about = {"command": "make it again", "scenario": "korea", "draws": draws, **made_from(list(files)), "facts": facts}
    folder.mkdir(exist_ok=True)
    write_posterior(folder, paths, values, about)
    return values


@pytest.fixture
def posterior(tmp_path, monkeypatch):
    """Korea with a small posterior of its own, whatever the repository has."""
    monkeypatch.setattr(posterior_files, "data_folder", lambda country: tmp_path / country)
    write(tmp_path / "korea")
    return tmp_path / "korea"


@pytest.fixture
def no_posterior(tmp_path, monkeypatch):
    monkeypatch.setattr(posterior_files, "data_folder", lambda country: tmp_path / country)


# which futures there are


@pytest.mark.parametrize("kind", list(Uncertainty))
def test_fewer_futures_are_the_beginning_of_more(posterior, kind):
    few, many = futures_of(kind, KOREA, 6), futures_of(kind, KOREA, 40)
    assert many[:6] == few
    assert futures_of(kind, KOREA, 10, first=30) == many[30:]
    assert [future.seed for future in many] == list(range(40))


@pytest.mark.parametrize("kind", ["posterior", "ranges"])
def test_two_futures_in_a_row_share_their_parameters_and_differ_in_noise(posterior, kind):
    futures = futures_of(kind, KOREA, 12)
    assert [future.draw for future in futures] == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    for one, other in zip(futures[::2], futures[1::2], strict=True):
        assert one.parameters == other.parameters and one.seed != other.seed
    assert len({tuple(future.parameters.values()) for future in futures}) == 6
    assert all(set(future.parameters) == set(PATHS) for future in futures)


def test_with_noise_parameters_are_as_declared():
    assert futures_of("aleatory", KOREA, 3) == [Future(n, n) for n in range(3)]
    assert Future(0, 0).plan(KOREA) is KOREA


def test_draws_are_the_rows_of_the_file(posterior):
    values = write(posterior)
    drawn = [future.parameters for future in futures_of("posterior", KOREA, 2 * DRAWS)[::2]]
    assert np.allclose([list(one.values()) for one in drawn], values, rtol=1e-5)
    again = futures_of("posterior", KOREA, 2, first=2 * DRAWS)[0]
    assert again.parameters == drawn[0] and again.seed == 2 * DRAWS, (
        "after the last draw comes the first, with new random numbers"
    )


def test_what_a_scenario_sets_stays_and_its_baseline_meets_the_same_futures(posterior):
    plan = Scenario.load("korea", ["parameters.labour.taste_sd=0.2"])
    for kind in ("posterior", "ranges"):
        future = futures_of(kind, plan, 3)[2]
        mine, theirs = future.plan(plan), future.plan(baseline_of(plan))
        assert mine.parameters == theirs.parameters
        assert mine.parameters["labour.taste_sd"] == 0.2 != future.parameters["labour.taste_sd"]
        assert mine.levers == plan.levers


def test_priors_have_the_value_as_median_and_go_both_ways():
    shares = np.linspace(0, 1, 21)
    for path in PATHS:
        one = declared_parameters("korea")[path]
        values = priors.quantile(one, shares)
        middle = (one.low + one.high) / 2 if one.kind == "calibrated" else one.value
        assert (values[0], values[10], values[-1]) == pytest.approx((one.low, middle, one.high))
        if one.low < one.value < one.high:
            assert np.allclose(priors.share(one, values), shares)
        assert priors.share(one, one.low - 1) == 0 and priors.share(one, one.high + 1) == 1
    fitted = declared_parameters("korea")["labour.taste_sd"].model_copy(update={"kind": "calibrated", "value": 0.2})
    assert np.allclose(priors.quantile(fitted, shares), fitted.low + shares * (fitted.high - fitted.low))
    assert np.allclose(priors.share(fitted, priors.quantile(fitted, shares)), shares)


def test_a_draw_is_carried_over_to_another_prior_by_its_share(posterior, monkeypatch):
    import injae.experiments.uncertainty as uncertainty

    ours = dict(declared_parameters("korea"))
    moved = ours["start.specialists_firms"].model_copy(update={"low": 500.0, "value": 1000.0, "high": 2000.0})
    gone = ours.pop("labour.taste_sd")
    ours["start.specialists_firms"] = moved
    both = {"korea": declared_parameters("korea"), "other": ours}
    monkeypatch.setattr(uncertainty, "declared_parameters", both.__getitem__)
    fit = read_posterior("korea")
    at_home, away = (uncertainty.drawn(fit, country, 5) for country in ("korea", "other"))
    share = priors.share(declared_parameters("korea")[moved.path], at_home[moved.path])
    assert away[moved.path] == pytest.approx(float(priors.quantile(moved, share)))
    assert gone.path in at_home and gone.path not in away
    assert all(away[path] == at_home[path] for path in away if path != moved.path)


# which kind it is


def test_without_a_posterior_ranges_are_taken_and_that_is_said(no_posterior, tmp_path):
    assert ensemble_of("aleatory", KOREA).note == ensemble_of("ranges", KOREA).note == ""
    usual = ensemble_of(None, KOREA)
    assert usual.kind is Uncertainty.RANGES and "has no posterior" in usual.note
    assert not usual.is_calibrated
    with pytest.raises(InputError, match="korea has none"):
        ensemble_of("posterior", KOREA)
    with pytest.raises(InputError, match="did you mean 'ranges'"):
        ensemble_of("range", KOREA)


def test_the_posterior_is_the_usual_kind_and_says_what_it_rests_on(posterior):
    usual = ensemble_of(None, KOREA)
    assert usual.kind is Uncertainty.POSTERIOR
    assert usual.is_calibrated
    known = usual.about(8, 4)
    assert (known["runs"], known["draws"], known["facts_used"], known["calibrated"]) == (8, 4, 2, True)
    assert len(known["posterior"]) == 10


def test_a_stale_posterior_is_used_and_never_called_calibrated(posterior, monkeypatch):
    fresh = futures_of(None, KOREA, 4)
    text = (posterior / "posterior.toml").read_text(encoding="utf-8")
    changed = {
        "data": text.replace(posterior_files.checksums(["data/parameters.toml"])["data/parameters.toml"], "0" * 16),
        "model": text.replace(posterior_files.code_hash(), "0" * 16),
    }
    for what in changed.values():
        assert what != text
        (posterior / "posterior.toml").write_text(what + "\n", encoding="utf-8")
        ensemble = ensemble_of(None, KOREA)
        assert ensemble.posterior.is_stale and not ensemble.is_calibrated
        assert [ensemble.future(n) for n in range(4)] == fresh
        lines = "\n".join(ensemble_lines(simulate(SHORT, 2, workers=1)))
        assert "NOT calibrated" in " ".join(lines.split()) and "make it again" in lines
        assert "fitted together to" not in lines


def test_comments_and_docstrings_leave_a_posterior_fresh(tmp_path, monkeypatch):
    """The hash of the rules is that of their syntax trees."""
    hashes = []
    for source in (
        '"""About."""\n\n\ndef f(x):\n    """Twice."""\n    return 2 * x\n',
        '"""Otherwise."""\ndef f( x ):  # note\n    return 2 * x\n',
        "def f(x):\n    return 3 * x\n",
    ):
        root = tmp_path / str(len(hashes))
        for package in ("agents", "model"):
            (root / package).mkdir(parents=True)
            (root / package / "rule.py").write_text(source, encoding="utf-8")
        monkeypatch.setattr(posterior_files, "ROOT", root)
        hashes.append(posterior_files.code_hash.__wrapped__())
    assert hashes[0] == hashes[1] != hashes[2]


@pytest.mark.parametrize("broken", ["a,b\n1,2\n3\n", "a,b\n1,x\n", "a,b\n", "a,b\n1,nan\n"])
def test_a_broken_posterior_is_refused_in_one_line(posterior, broken):
    (posterior / "posterior.csv").write_text(broken, encoding="utf-8")
    with pytest.raises(InputError, match=r"posterior\.csv: ") as refused:
        ensemble_of(None, KOREA)
    assert len(str(refused.value)) <= 300 and "\n" not in str(refused.value)
    (posterior / "posterior.csv").unlink()
    with pytest.raises(InputError, match=r"posterior\.csv: missing"):
        ensemble_of(None, KOREA)


def test_a_posterior_is_no_input_of_a_run():
    """Its draws are in the scenario: a new one must not make runs of before unknown."""
    assert not [name for name in data_checksums() if "posterior" in name]


def test_runs_of_a_country_depend_on_its_data_and_that_of_its_bases_alone():
    """What another country counts, or what only explains, must not make its runs unknown."""
    names = {name for name in data_checksums(["korea-2022"]) if name != "data/parameters.toml"}
    assert {name.split("/")[1] for name in names} == {"korea", "korea-2022"}
    assert names < set(data_checksums()) and not [n for n in data_checksums() if "evidence" in n or "sources" in n]


# runs


def test_noise_alone_gives_the_runs_of_the_seeds():
    plain = simulate(SHORT, 3, uncertainty="aleatory", workers=1)
    from injae.model.ecosystem import Ecosystem

    assert digest(plain.runs[2].history) == digest(Ecosystem(SHORT, 2).run().history)
    assert plain.draws is None and plain.independent == 3


def test_futures_do_not_depend_on_workers_or_order(posterior):
    one = simulate(SHORT, 8, uncertainty="posterior", workers=1)
    two = simulate(SHORT, [7, 6, 5, 4, 3, 2, 1, 0], uncertainty="posterior", workers=2)
    assert digests(one) == digests(two)
    assert len(set(digests(one).values())) == 8
    assert (one.independent, one.draws.tolist()) == (4, [0, 0, 1, 1, 2, 2, 3, 3])
    assert two.seeds == [7, 6, 5, 4, 3, 2, 1, 0]
    table = one.futures()
    assert list(table.columns) == ["number", "seed", "draw", *PATHS]
    assert table["labour.taste_sd"].tolist() == [run.future.parameters["labour.taste_sd"] for run in one.runs]


def test_the_number_of_runs_follows_the_kind(monkeypatch, posterior):
    import injae.experiments.runs as runs

    asked = []

    def counted(workers, jobs):
        asked.append(len(jobs))
        return iter(())

    monkeypatch.setattr(runs.Workers, "do", counted)
    for kind in (None, "ranges", "aleatory"):
        simulate(SHORT, uncertainty=kind)
    assert asked == [100, 100, 20]


def test_margins_are_about_noise(posterior):
    found = simulate(SHORT, StoppingRule({"specialists_at_end": 500}), workers=1)
    assert found.ensemble.kind is Uncertainty.ALEATORY
    for kind in ("posterior", "ranges"):
        with pytest.raises(InputError, match="how many seeds noise needs"):
            simulate(SHORT, StoppingRule({"specialists_at_end": 500}), uncertainty=kind)
        with pytest.raises(InputError, match="how many seeds noise needs"):
            compare(["korea", "double-grant"], StoppingRule({"specialists_at_end": 500}), uncertainty=kind)


# what is told


def made_up(values, draws=None, plan=KOREA, name="korea"):
    """Runs whose specialists and graduates are the values from month 1 on; with draws, futures of ranges."""
    ensemble = ensemble_of("aleatory" if draws is None else "ranges", plan)
    made = []
    for n, value in enumerate(values):
        history = empty_history(plan.months)
        for series in ("specialists", "programme_graduates_cumulative"):
            history[series][1:] = value
        future = Future(n, n) if draws is None else ensemble.future(n, draw=draws[n])
        made.append(Run(plan, n, history, np.zeros((1, 29, 1)), future=future))
    return Results(plan.model_copy(update={"name": name}), made, ensemble=ensemble)


def test_bands_by_hand():
    rng = np.random.default_rng(3)
    draws = np.repeat(np.arange(30), 2)
    level, noise = np.repeat(rng.normal(0, 10, 30), 2), rng.normal(0, 1, 60)
    found = band(level + noise, draws)
    half = np.sqrt(((noise[::2] - noise[1::2]) ** 2 / 2).mean())
    assert noise_sd(level + noise, draws) == pytest.approx(half)
    assert (found.aleatory_low, found.aleatory_high) == pytest.approx(
        (found.mean - 1.6449 * half, found.mean + 1.6449 * half), abs=1e-3
    )
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(level + noise, (5, 95))))
    assert found.low < found.aleatory_low < found.aleatory_high < found.high
    single = band(level[::2], draws[::2])
    assert np.isnan(single.aleatory_low) and not np.isnan(single.low), "no pairs: the part of noise is not known"
    alone = band(noise)
    assert (alone.low, alone.high) == (alone.aleatory_low, alone.aleatory_high)
    months = band(np.stack([level + noise, noise], axis=1), draws)
    assert months.low.shape == (2,) and months.low[0] == found.low


def test_noise_is_estimated_without_bias():
    rng = np.random.default_rng(4)
    draws = np.array([0] * 3 + [1] * 2 + [2] + [3] * 2)
    squares = [noise_sd(rng.normal(0, 2, 8) + draws * 10, draws) ** 2 for _ in range(4000)]
    assert np.mean(squares) == pytest.approx(4, rel=0.05)
    assert abs(NOISE_SD - 1.645) < 1e-3


@pytest.mark.parametrize("paired", [False, True], ids=["aleatory", "draws"])
def test_few_runs_give_no_interval_and_no_probability(paired):
    for count, known in ((LEAST - 1, False), (LEAST, True)):
        values = np.linspace(900, 1100, count).repeat(2 if paired else 1)
        results = made_up(values, np.arange(count).repeat(2) if paired else None)
        summary = summarise(results)
        specialists, probability = summary["specialists_at_end"], summary["probability_of_target"]
        assert specialists.mean == pytest.approx(1000, abs=1)
        assert np.isnan(specialists.low) == np.isnan(specialists.high) == (not known)
        assert np.isnan(probability.mean) == np.isnan(probability.low) == (not known)
        assert (number(probability) == "too few runs to say") == (not known)
        assert ("(" in number(specialists)) == known
        assert (specialists.seeds, specialists.draws) == (len(values), count if paired else 0)
        gap = paired_difference(results, made_up(values - 5, None if not paired else results.draws), "specialists", 60)
        assert gap.mean == pytest.approx(5) and np.isnan(gap.low) == (not known)
        words = "\n".join(answer(results, None, summary))
        assert ("No intervals and no probability" in words) == (not known)
        assert ("too few" in words) == (not known)
        assert ("(" in headline(results, None).partition("experts")[0]) == known


def test_the_rule_of_few_runs_is_about_draws():
    """Forty runs of two draws are two values."""
    draws = np.arange(40) % 2
    assert np.isnan(band(np.arange(40.0), draws).low)
    assert np.isnan(probability_of(np.ones(40, bool), draws).mean)
    assert "these are 2" in brackets(made_up(np.arange(40.0), draws))


def test_the_probability_counts_all_runs_and_is_as_sure_as_there_are_draws():
    draws = np.arange(25).repeat(2)
    reached = np.zeros(50, bool)
    reached[:5] = True
    found = probability_of(reached, draws)
    assert found.mean == pytest.approx(0.1)
    aleatory_only = probability_of(reached)
    assert found.low < aleatory_only.low < aleatory_only.high < found.high


def test_differences_are_paired_over_futures():
    rng = np.random.default_rng(5)
    draws = np.arange(30).repeat(2)
    level, effect = rng.normal(5000, 800, 60), np.repeat(rng.normal(100, 30, 30), 2)
    mine, base = made_up(level + effect, draws, name="policy"), made_up(level, draws, name="base")
    gap = paired_difference(mine, base, "specialists", 60)
    assert (gap.low, gap.high) == pytest.approx(tuple(np.percentile(effect, (5, 95))), abs=1)
    assert gap.aleatory_low == pytest.approx(gap.mean, abs=1), "pairs of the same draw have the same effect here"
    comparison = compare_results([base, mine])
    (row,) = [one for one in comparison.differences if one.indicator == "specialists_at_end"]
    assert row.interval == pytest.approx((gap.mean, gap.low, gap.high))
    assert row.draws == 30 and row.mean_low < gap.mean < row.mean_high
    assert row.mean_high - row.mean_low < gap.high - gap.low
    aleatory_only = difference_band(effect)
    assert aleatory_only.high - aleatory_only.low < gap.high - gap.low, "with noise alone: the interval of the mean"


def test_noise_is_inside_where_parameters_differ(posterior):
    results, baseline = simulate_all([KOREA, baseline_of(KOREA)], 2 * LEAST, uncertainty="ranges")
    summary = summarise(results)
    for name in ("programme_graduates_by_target_date", "specialists_at_end", "adoption_share_at_end"):
        one = summary[name]
        assert one.low < one.aleatory_low < one.mean < one.aleatory_high < one.high, name
        assert one.aleatory_high - one.aleatory_low < 0.6 * (one.high - one.low), name
        assert one.draws == LEAST
    text = "\n".join(answer(results, baseline, summary))
    assert f"{2 * LEAST} runs with {LEAST} draws of the parameters" in text
    assert "parametric uncertainty and noise together" in text
    assert "priced benefits" not in text and "net saving" not in text
    said = headline(results, baseline)
    graduates = summary["programme_graduates_by_target_date"]
    assert said.startswith(f"{graduates.mean:,.0f} ({graduates.low:,.0f} to {graduates.high:,.0f}) experts by 2029-12")
    closing = " ".join(" ".join(ensemble_lines(results)).split())
    assert "fitted to no fact, so not calibrated" in closing
    assert closing.index("Rests on") < closing.index("Cannot tell")


# what moves the numbers most


def test_the_strongest_parameters_are_found_and_no_others():
    futures = futures_of("ranges", KOREA, 120)

    def draw(path):
        return np.array([future.parameters[path] for future in futures])

    one, other = "education.undergraduate_seats_per_teacher", "labour.taste_sd"

    def ranks(path):
        return np.argsort(np.argsort(draw(path)))

    noise = np.random.default_rng(6).normal(0, 20, 120)
    outcome = 2.0 * ranks(one) - 1.5 * ranks(other) + noise
    found = strongest("korea", futures, outcome)
    assert [(some.path, np.sign(some.correlation)) for some in found] == [(one, 1), (other, -1)]
    assert found[0].source == declared_parameters("korea")[one].source
    assert next(some.path for some in strongest("korea", futures, outcome, {one: 1.0})) == other
    assert strongest("korea", futures[: 2 * LEAST - 2], outcome[: 2 * LEAST - 2]) == []
    assert strongest("korea", futures, np.ones(120)) == []
    assert strongest("korea", futures_of("aleatory", KOREA, 120), outcome) == []


def test_a_parameter_that_only_resembles_a_strong_one_is_not_named_beside_it():
    rng = np.random.default_rng(9)
    both = rng.random((60, 2))
    both[:, 1] = both[:, 0] + 0.1 * both[:, 1]
    names = ("education.undergraduate_seats_per_teacher", "labour.taste_sd")
    futures = [Future(n, n, dict(zip(names, row, strict=True)), n) for n, row in enumerate(both.tolist())]
    found = strongest("korea", futures, both[:, 0] + 0.01 * rng.random(60))
    assert [one.path for one in found] == [names[0]]


def test_draws_from_ranges_are_nearly_independent():
    """What an outcome goes together with must not be the design's own correlation."""
    values = np.array([list(future.parameters.values()) for future in futures_of("ranges", KOREA, 100)[::2]])
    together = np.abs(np.corrcoef(values, rowvar=False)) - np.eye(values.shape[1])
    assert together.max() < 0.75
    assert np.mean(together > 0.5) < 0.001


def test_what_has_no_influence_is_seldom_named():
    futures, rng = futures_of("ranges", KOREA, 100), np.random.default_rng(8)
    named = [bool(strongest("korea", futures, rng.normal(size=100))) for _ in range(60)]
    assert np.mean(named) < 0.2


# on the command line


def test_a_run_writes_its_futures_and_is_rebuilt(posterior, tmp_path, capsys):
    short = ("--months", 14, "--workers", 1, "--out", tmp_path / "run")
    done = run_here(capsys, "run", "--seeds", 4, *short)
    assert done.returncode == 0, done.stderr
    assert "4 runs with 2 draws of the parameters" in done.stdout
    assert "fitted together to 2 facts" in " ".join(done.stdout.split())
    manifest = json.loads((tmp_path / "run" / "manifest.json").read_text())
    summary = json.loads((tmp_path / "run" / "summary.json").read_text())
    assert manifest["uncertainty"]["kind"] == summary["uncertainty"]["kind"] == "posterior"
    assert manifest["uncertainty"]["identity"] == f"posterior {read_posterior('korea').identity}"
    assert (summary["uncertainty"]["draws"], summary["uncertainty"]["calibrated"]) == (2, True)
    assert summary["indicators"]["adoption_share_at_end"]["low"] is None
    futures = pd.read_parquet(tmp_path / "run" / "futures.parquet")
    assert futures["draw"].tolist() == [0, 0, 1, 1] and set(PATHS) <= set(futures.columns)
    again = run_here(capsys, "rebuild", tmp_path / "run")
    assert again.returncode == 0, again.stdout + again.stderr
    assert "differs" not in again.stdout and "note:" not in again.stderr
    write(posterior, draws=DRAWS - 1)
    assert "posterior changed since receipt" in run_here(capsys, "rebuild", tmp_path / "run").stderr
    noise = run_here(capsys, "run", "--seeds", 2, "--uncertainty", "aleatory", *short)
    assert noise.returncode == 0
    assert not (tmp_path / "run" / "futures.parquet").exists()
    assert "as if they were known" in " ".join(noise.stdout.split())


def test_margins_on_the_command_line_are_about_noise(posterior, tmp_path, capsys):
    asked = ("--margin", "specialists_at_end=400", "--months", 6, "--workers", 1)
    done = run_here(capsys, "run", *asked, "--no-baseline", "--out", tmp_path / "run")
    assert done.returncode == 0 and "with noise alone" in done.stdout
    for command in (("run",), ("compare", "korea", "double-grant")):
        refused = run_here(capsys, *command, *asked, "--uncertainty", "posterior", "--out", tmp_path / "none")
        assert_refused(refused, "a margin asks how many seeds noise needs")
    assert not (tmp_path / "none").exists()


def test_no_posterior_on_the_command_line(no_posterior, tmp_path, capsys):
    asked = ("--months", 3, "--seeds", 2, "--workers", 1, "--no-baseline", "--out", tmp_path / "run")
    assert_refused(run_here(capsys, "run", "--uncertainty", "posterior", *asked), "korea has none")
    done = run_here(capsys, "run", *asked)
    assert "korea has no posterior" in " ".join(done.stdout.split())
    refused = run_here(capsys, "sweep", "--design", "posterior:4", "--out", tmp_path / "sweep")
    assert_refused(refused, "korea has none")


def test_a_comparison_over_futures(posterior, tmp_path, capsys):
    asked = ("--months", 14, "--seeds", 4, "--workers", 1, "--no-baseline", "--out", tmp_path)
    done = run_here(capsys, "compare", "korea", "double-grant", *asked)
    assert done.returncode == 0, done.stderr
    assert "4 pairs of runs with 2 draws" in done.stdout and "5-95%" in done.stdout
    assert "Priced benefits" not in done.stdout
    content = json.loads((tmp_path / "compare.json").read_text())
    assert content["uncertainty"]["draws"] == 2
    assert "net_savings_won_per_year" in content["indicators"]["korea"], "kept for details"
    assert len(pd.read_parquet(tmp_path / "futures.parquet")) == 4
    again = run_here(capsys, "rebuild", tmp_path)
    assert again.returncode == 0, again.stdout


def test_a_sweep_over_the_posterior(posterior, tmp_path, capsys):
    asked = ("--months", 6, "--seeds", 1, "--workers", 1, "--policies", "double-grant", "--out", tmp_path / "sweep")
    known = ("--set", "parameters.labour.taste_sd=0.31")
    done = run_here(capsys, "sweep", "korea", "--design", "posterior:5", *known, *asked)
    assert done.returncode == 0, done.stderr
    store = Sweep(tmp_path / "sweep")
    drawn = [future.parameters for future in futures_of("posterior", KOREA, 10)[::2]]
    names = [path for path in PATHS if path != "labour.taste_sd"]
    assert list(store.points.columns) == [f"parameters.{name}" for name in names]
    assert np.allclose(store.points.to_numpy(), [[one[name] for name in names] for one in drawn])
    case = next(iter(store.policies.values())).with_settings(store.points.iloc[3].to_dict())
    run = simulate(case, [0], uncertainty="aleatory", workers=1)
    summary = store.summary().set_index(["policy", "point"])["specialists_at_end"]
    assert summary["korea", 3] == run.runs[0].history["specialists"][-1]
    more = run_here(capsys, "sweep", "korea", "--design", "posterior:11", *known, *asked)
    assert more.returncode == 0 and len(Sweep(tmp_path / "sweep").points) == 11
    assert "NOT calibrated" not in more.stderr
    toml = posterior / "posterior.toml"
    toml.write_text(toml.read_text().replace(posterior_files.code_hash(), "0" * 16), encoding="utf-8")
    assert "NOT calibrated" in run_here(capsys, "sweep", "korea", "--design", "posterior:11", *known, *asked).stderr
    robust = run_here(capsys, "robust", tmp_path / "sweep", "--outcome", "specialists_at_end", "--quiet")
    assert robust.returncode == 0, robust.stderr


def test_a_grid_over_the_posterior(posterior, tmp_path, capsys):
    grid = ("--vary", "levers.grant_scale=0,1", "--vary", "levers.data_access=0.3,0.6")
    asked = ("--months", 4, "--seeds", 1, "--workers", 1, "--out", tmp_path / "grid")
    done = run_here(capsys, "sweep", "korea", "--design", "posterior:3", *grid, *asked)
    assert done.returncode == 0, done.stderr
    points = Sweep(tmp_path / "grid").points
    assert len(points) == 12
    assert points.groupby("parameters.labour.taste_sd").size().tolist() == [4, 4, 4]
    heat = run_here(capsys, "heatmap", tmp_path / "grid", "--outcome", "specialists_at_end", "--out", tmp_path / "h")
    assert heat.returncode == 0, heat.stderr
    assert len(load(tmp_path / "h")[0].tables["cells"].query("outcome == 'specialists_at_end'")) == 4


@pytest.mark.parametrize(("more", "message"), [
    (("--design", "posterior:61"), "has 60 draws"),
    (("--design", "posterior:many"), "needs a number of draws"),
    (("--design", "posterior:2", "--vary", "parameters.labour.taste_sd"), "may be crossed with levers"),
    (("--design", "posterior:2", "--vary", "levers.grant_scale=0:2"), "may be crossed with levers"),
    (("--design", "posteriour:2"), "did you mean 'posterior:2'"),
])  # fmt: skip
def test_sweeps_over_the_posterior_that_cannot_be(posterior, tmp_path, capsys, more, message):
    assert_refused(run_here(capsys, "sweep", "korea", *more, "--out", tmp_path / "sweep"), message)


def test_a_policy_that_sets_what_is_drawn_for_others_is_refused(posterior, tmp_path, capsys):
    plan = tmp_path / "plan.toml"
    plan.write_text('base = "korea"\n[parameters.labour]\ntaste_sd = 0.2\n', encoding="utf-8")
    asked = ("--design", "posterior:2", "--policies", f"korea,{plan}", "--out", tmp_path / "sweep")
    assert_refused(run_here(capsys, "sweep", *asked), "plan sets it, but it is drawn for korea")
