#!/usr/bin/env bash
# OpenFisca-Core 46.0.1: a year's number of people spread over its months loses up to eleven of them, or all.
#
# Seen: a variable of whole numbers by month with `set_input_divide_by_period` takes a number for a year. Each month gets the
#   twelfth, cut to a whole number, and the rest is dropped: the sum over the same year is another number. Where one month is
#   given as well, the other eleven share what is left in the same way.
# Output seen: 1000 for 2025 gives 83 a month and 996 in the year; 11 gives 0; 1000 of which 500 in January gives 995.
# Surprising: the mechanism is there so that the sum over the year is the number that was given, with money it is (here
#   28.5bn won), and it fails only for whole numbers, without a message: a country's small programmes vanish altogether.
# Who meets it: whoever puts yearly intakes, seats or posts (750 seats, 11 hospitals) beside our monthly series into a policy
#   model of OpenFisca or of a country package built on it. Declare such variables as float and round at the end.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
python3 -m venv "$folder/venv"
"$folder/venv/bin/pip" install -q OpenFisca-Core==46.0.1 numpy==2.4.6
"$folder/venv/bin/python" - <<'PYTHON'
from openfisca_core.entities import build_entity
from openfisca_core.holders import set_input_divide_by_period
from openfisca_core.periods import DateUnit
from openfisca_core.simulations import SimulationBuilder
from openfisca_core.taxbenefitsystems import TaxBenefitSystem
from openfisca_core.variables import Variable

university = build_entity(key="university", plural="universities", label="A university", is_person=True)


class seats(Variable):
    value_type, entity, definition_period, label = int, university, DateUnit.MONTH, "Seats filled"
    set_input = set_input_divide_by_period


class grant(Variable):
    value_type, entity, definition_period, label = float, university, DateUnit.MONTH, "Grant in won"
    set_input = set_input_divide_by_period


def sum_of_year(name, given):
    system = TaxBenefitSystem([university])
    system.add_variables(seats, grant)
    built = SimulationBuilder().build_from_entities(system, {"universities": {"one": {name: given}}})
    return float(built.calculate_add(name, "2025")[0])


found = [sum_of_year("seats", given) for given in ({"2025": 1000}, {"2025": 11}, {"2025": 1000, "2025-01": 500})]
money = sum_of_year("grant", {"2025": 28.5e9})
print("seats of the year: given 1000, 11, 1000 (500 in January); summed", *map(round, found))
print(f"won of the year: given 28.5bn, summed {money / 1e9:.6f}bn")
assert found == [996, 0, 995], "the behaviour changed"
assert abs(money / 28.5e9 - 1) < 1e-6
PYTHON
