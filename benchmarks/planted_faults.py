"""Do the tests find faults? Twelve small mistakes in rules, planted one at a time in a copy of the sources.

    python benchmarks/planted_faults.py [--only NUMBER ...]

Each copy is tested until the first failure, with tests of properties alone: not with ``tests/test_baseline.py``,
which fails whenever a number moves. The first line is the copy without a fault, in which everything must pass.
Takes half an hour: every fault has to be compiled. Faults in sweeps and analyses: planted_in_experiments.py.
"""

import argparse
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parent.parent
COPIED = ("agents", "model", "experiments", "viz", "data", "scenarios", "tests", "docs", "injae.py", "pyproject.toml",
          "benchmarks")  # fmt: skip
TESTS = ("test_rules.py", "test_stages.py", "test_laws.py", "test_relations.py", "test_policy.py", "test_alive.py")


class Fault(NamedTuple):
    """A mistake: in which part and rule, of which kind, the lines before and after it, and the tests to see it."""

    part: str
    rule: str
    kind: str
    file: str
    right: str
    wrong: str
    tests: tuple[str, ...] = TESTS


FAULTS = (
    Fault(
        "education",
        "E2: infrastructure arrives after the delay of courses",
        "constant",
        "model/universities.py",
        "universities.seats_due[u, (month + int(p.seat_lag_months)) % LAG_ROOM] += seats",
        "universities.seats_due[u, (month + int(p.course_lag_months)) % LAG_ROOM] += seats",
    ),
    Fault(
        "education",
        "E7: seats that core funds allow count as those of the programme",
        "mask",
        "model/education.py",
        "admit_one(world, u, seat, seat >= own, shift)",
        "admit_one(world, u, seat, seat <= own, shift)",
    ),
    Fault(
        "labour",
        "L8: jobs are at risk after their first year, not in it",
        "mask",
        "model/jobs.py",
        "p.first_year_separation_ratio if tenure_months < 12 else 1.0",
        "p.first_year_separation_ratio if tenure_months > 12 else 1.0",
    ),
    Fault(
        "labour",
        "L5: the yearly review lowers pay as well",
        "sign",
        "model/jobs.py",
        "whole_won(p.pay_review_share * max(0.0, worth - people.pay_won_per_year[i]))",
        "np.int64(p.pay_review_share * (worth - people.pay_won_per_year[i]))",
    ),
    Fault(
        "adoption",
        "H2a: pilots are seen as use",
        "mask",
        "model/adoption.py",
        "if hospitals.stage[h, d] >= AdoptionStage.DEPLOYED:\n                using[d, region] += 1.0",
        "if hospitals.stage[h, d] >= AdoptionStage.PILOT:\n                using[d, region] += 1.0",
    ),
    Fault(
        "adoption",
        "H5: products that may not be used are deployed",
        "mask",
        "model/adoption.py",
        "usable = following < AdoptionStage.DEPLOYED or world.domains.usable_share[d] > 0.0",
        "usable = following <= AdoptionStage.DEPLOYED or world.domains.usable_share[d] > 0.0",
    ),
    Fault(
        "products",
        "F2: firms of the country are paid for foreign products too",
        "constant",
        "model/products.py",
        "home_market = p.domestic_product_share * fee * domains.used_beds[d]",
        "home_market = fee * domains.used_beds[d]",
    ),
    Fault(
        "products",
        "F3: firms without a version in review pass review every month",
        "mask",
        "model/products.py",
        "if firms.review_months_left[f] == 0:",
        "if firms.review_months_left[f] <= 0:",
    ),
    Fault(
        "migration",
        "M1: higher pay abroad keeps people at home",
        "sign",
        "model/migration.py",
        "log_of(p.foreign_pay_ratio * (1.0 + now.foreign_pay))",
        "log_of(p.foreign_pay_ratio / (1.0 + now.foreign_pay))",
    ),
    Fault(
        "money",
        "F4: firms pay a thirteenth of the year's pay each month, the books say a twelfth",
        "constant",
        "model/firms.py",
        "    world.firms.cash_won[f] -= won\n",
        "    world.firms.cash_won[f] -= won * 12 // 13\n",
    ),
    Fault(
        "money",
        "G4: the wage fund pays its cap or its budget, whichever is more",
        "sign",
        "model/government.py",
        "won = min(monthly_part(now.wage_fund_won_per_year, now.calendar_month), most)",
        "won = max(monthly_part(now.wage_fund_won_per_year, now.calendar_month), most)",
    ),
    Fault(
        "outcomes",
        "O5: oversight brings incidents",
        "sign",
        "model/outcomes.py",
        "unseen = 1.0 - p.oversight_effect * now.oversight_share",
        "unseen = 1.0 + p.oversight_effect * now.oversight_share",
    ),
)


def main(faults: Sequence[Fault] = FAULTS, words: str | None = __doc__) -> None:
    """Plant, test, and print the table."""
    parser = argparse.ArgumentParser(description=words, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", type=int, nargs="*", help="numbers of faults; 0 is the copy without one")
    options = parser.parse_args()
    print("| | Part | Rule, and the mistake in it | Kind | Found by |\n|---|---|---|---|---|")
    wrong = 0
    with tempfile.TemporaryDirectory() as folder:
        copy = copy_of_sources(Path(folder))
        for number, fault in enumerate((None, *faults)):
            if options.only is not None and number not in options.only:
                continue
            tests = fault.tests if fault else tuple(dict.fromkeys(test for one in faults for test in one.tests))
            found = found_by(fault, copy, tests)
            wrong += (found is None) == (fault is not None)
            what = f"{fault.part} | {fault.rule} | {fault.kind}" if fault else "none | | "
            nothing = "**nothing**" if fault else "nothing, as it must be"
            print(f"| {number} | {what} | {found or nothing} |", flush=True)
    print(f"\n{wrong} of these are not as they should be.")
    sys.exit(1 if wrong else 0)


def copy_of_sources(folder: Path) -> Path:
    """A copy of what the tests need; one for all faults, so that what is compiled is kept where rules are as before."""
    for name in COPIED:
        if (ROOT / name).is_dir():
            shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
        else:
            shutil.copy(ROOT / name, folder)
    return folder


def found_by(fault: Fault | None, copy: Path, tests: Sequence[str]) -> str | None:
    """Name of the first test that fails on a copy of the sources with the fault; none if all pass."""
    before = (copy / fault.file).read_text(encoding="utf-8") if fault else ""
    if fault:
        plant(fault, copy)
    command = [sys.executable, "-m", "pytest", "-q", "-x", "--no-header", "--tb=line", *(f"tests/{t}" for t in tests)]
    done = subprocess.run(command, cwd=copy, capture_output=True, text=True, check=False)
    if fault:
        (copy / fault.file).write_text(before, encoding="utf-8")
    if done.returncode == 0:
        return None
    failed = re.search(r"^(?:FAILED|ERROR) tests/(\S+)", done.stdout, re.M)
    if failed:
        return f"`{failed[1]}`"
    stopped = re.search(r"LawBroken: (.*)", done.stdout + done.stderr)  # by tests/conftest.py, which runs a month
    return f"the model itself, before any test: {stopped[1] if stopped else 'it does not run'}"


def plant(fault: Fault, copy: Path) -> None:
    """Put the fault into the copy.

    Raises:
        ValueError: the line is not there, or more than once: the rule has changed since the fault was written.
    """
    path = copy / fault.file
    text = path.read_text(encoding="utf-8")
    if text.count(fault.right) != 1:
        raise ValueError(f"{fault.file}: {text.count(fault.right)} times {fault.right!r}")
    path.write_text(text.replace(fault.right, fault.wrong), encoding="utf-8")


if __name__ == "__main__":
    main()
