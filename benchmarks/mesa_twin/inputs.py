"""What the scenario, the country and the parameters say, as plain values."""

from types import SimpleNamespace

import numpy as np

from injae.model.country import read_country
from injae.model.levers import LEVERS, SHOCKS
from injae.model.parameters import parameter_record
from injae.model.schedules import value_at


class Inputs:
    """A scenario's parameters, institutions, and what every month brings from outside."""

    def __init__(self, plan, country=None):
        record = parameter_record(plan.country, plan.parameters)
        self.plan = plan
        self.parameters = SimpleNamespace(**{name: float(record[name]) for name in record.dtype.names})
        self.country = country or read_country(plan.country, record)
        self.facts = self.country.facts
        self.schedules = {**plan.levers, **plan.shocks}
        share = self._of_year("demand", "share_65plus")
        self.ageing_at_start = share(0)

    def levers(self, month):
        """Levers and shocks of a month, with what is known beforehand: demand, the cohort and the shortage."""
        now = SimpleNamespace(month=month)
        for name, lever in {**LEVERS, **SHOCKS}.items():
            setattr(now, name, value_at(self.schedules.get(name, []), month, lever.default))
        now.calendar_month = (month + self.plan.start_calendar_month - 2) % 12 + 1
        now.demand_pressure = self._demand(month) * (1 + now.demand)
        years = self.parameters.undergraduate_age_years - 18
        cohort = self._of_year("education", "cohort_18")
        at_start = cohort(-12 * years)
        now.applicant_cohort = cohort(month - 12 * years) / at_start if at_start else 1.0
        now.projected_shortage = self._of_year("demand", "shortage")(month)
        return now

    def _demand(self, month):
        """H4: the old need more care; chronic disease and use of care grow beyond that."""
        p = self.parameters
        share, first = self._of_year("demand", "share_65plus")(month), self.ageing_at_start
        younger = (1 - p.spending_ratio_65plus * first) / (1 - first)
        ageing = p.spending_ratio_65plus * share + younger * (1 - share)
        return ageing * (1 + p.chronic_growth_per_year * month / 12)

    def _of_year(self, group, fact):
        """A fact given by year as a function of the month: linear between the middles of years, constant beyond."""
        given = self.facts.get(group, {}).get(fact)
        if given is None:
            return lambda month: 0.0
        years, values = np.array(given).T
        year, calendar_month = map(int, self.plan.start.split("-"))
        return lambda month: float(np.interp(year + (calendar_month - 1.5 + month) / 12, years + 0.5, values))
