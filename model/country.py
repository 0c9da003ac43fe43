"""The facts of a country, read once: which institutions there are, and how far hospitals have come at the start."""

import functools
import hashlib
import tomllib
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from injae.agents.columns import Array
from injae.agents.domains import Domain, Region
from injae.agents.firm import FirmClass
from injae.agents.hospital import Tier
from injae.agents.trainee import State
from injae.model.levers import Outlook
from injae.model.parameters import country_rows, data_folder, parameter_record


@dataclass(frozen=True)
class Institutions:
    """Names, keys and classes of the institutions of one kind, in the order of their rows."""

    names: list[str] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    regions: list[int] = field(default_factory=list)
    domains: list[int] = field(default_factory=list)

    def add(self, name: str, kind: int, region: int, domain: int = -1) -> None:
        """Append an institution; its key comes from its name, so order does not matter to its draws."""
        self.names.append(name)
        self.keys.append(key_of_name(name))
        self.classes.append(kind)
        self.regions.append(region)
        self.domains.append(domain)


@dataclass(frozen=True)
class Country:
    """Everything about a country that is not a parameter."""

    facts: dict[str, Any]
    universities: list[dict[str, str]]
    university_keys: Array
    hospitals: Institutions
    firms: Institutions
    partners: list[tuple[int, int, int]]  # university row, state of the partner's staff, partner row

    def outlook(self, months: int, p: Any) -> Outlook:
        """What is known beforehand, for months 0 to ``months``; ``p`` is the record of parameters."""
        demand = self.ageing(months, float(p.spending_ratio_65plus))
        demand = demand * (1 + float(p.chronic_growth_per_year) * np.arange(months + 1) / 12)
        cohort = self._by_month("education", "cohort_18", months, -12 * (float(p.undergraduate_age_years) - 18))
        return Outlook(
            demand, cohort / cohort[0] if cohort.all() else 1.0, self._by_month("demand", "shortage", months)
        )

    def _by_month(self, group: str, fact: str, months: int, shift: float = 0.0) -> Array:
        """A fact given by year for its middle, for months 0 to ``months`` shifted; linear in between, constant beyond.

        Zeros where the country's data have no such fact.
        """
        given = self.facts.get(group, {}).get(fact)
        if given is None:
            return np.zeros(months + 1)
        years, values = np.array(given).T
        year, calendar_month = map(int, self.facts["start"].split("-"))
        return np.interp(year + (calendar_month - 1.5 + shift + np.arange(months + 1)) / 12, years + 0.5, values)

    def ageing(self, months: int, spending_ratio: float) -> Array:
        """Demand of the population for care relative to the start, by age alone, for months 0 to ``months``.

        People of 65 and over need ``spending_ratio`` times the mean of the start. Shares are of the middle of a year
        and linear in between; beyond the last year they stay.
        """
        share = self._by_month("demand", "share_65plus", months)
        younger = (1 - spending_ratio * share[0]) / (1 - share[0])
        return spending_ratio * share + younger * (1 - share)

    def by_tier(self, group: str, fact: str) -> Array:
        """A fact that is given per hospital tier, in the order of ``Tier``."""
        return np.array([self.facts[group][tier.name.lower()][fact] for tier in Tier])


@functools.lru_cache(maxsize=8192)
def key_of_name(name: str) -> int:
    """64-bit key of a name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")


# Judgements about the country's institutions; all other parameters act on institutions that are there.
CAPITAL_SHARES = ("capital_share_tertiary", "capital_share_general", "capital_share_hospital")  # as Tier
FIRM_COUNTS = ("conglomerate_firms", "mid_size_firms", "startup_firms")  # as FirmClass
FIRM_DOMAINS = ("imaging_of_firms", "risk_of_firms", "treatment_of_firms")  # research is the rest


def read_country(name: str, p: Any = None) -> Country:
    """Facts of a country from ``data/COUNTRY/``, and from the folder of its ``base`` what that does not hold.

    Known institutions keep their names; the others of each class are numbered, and spread over the regions so that
    the share of the capital area is met.

    Args:
        name: folder of the country.
        p: record of parameters, which say how many firms there are; the declared values if None.
    """
    p = parameter_record(name, {}) if p is None else p
    names = [*CAPITAL_SHARES, *FIRM_COUNTS, *FIRM_DOMAINS]
    return _read_country(name, tuple(float(p[name]) for name in names))


@functools.lru_cache(maxsize=256)
def _read_country(name: str, numbers: tuple[float, ...]) -> Country:
    """The country with shares of the capital area, counts of firms and shares of their domains."""
    files = _read_files(name)
    hospitals = _hospitals(name, numbers[: len(Tier)])
    counts = numbers[len(Tier) : len(Tier) + len(FirmClass)]
    firms, edges = Institutions(), np.cumsum(numbers[-len(FIRM_DOMAINS) :])
    for firm_class, count in zip(FirmClass, counts, strict=True):
        capital = files.facts["firms"]["region_capital"]
        _fill(firms, "firm", firm_class, int(count + 0.5), capital, files.named, edges)
    rows = {row["name"]: number for number, row in enumerate(files.universities)}
    partners = []
    for row in files.partners:
        kind, place = (State.HOSPITAL, hospitals) if row["kind"] == "hospital" else (State.FIRM, firms)
        partners.append((rows[row["university"]], int(kind), place.names.index(row["partner"])))
    return Country(files.facts, files.universities, files.university_keys, hospitals, firms, partners)


@functools.lru_cache(maxsize=64)
def _hospitals(name: str, capital_shares: tuple[float, ...]) -> Institutions:
    """Hospitals of a country, with shares of the capital area by tier."""
    files, hospitals = _read_files(name), Institutions()
    for tier, capital in zip(Tier, capital_shares, strict=True):
        count = files.facts["hospitals"][tier.name.lower()]["count"]
        _fill(hospitals, "hospital", tier, count, capital, files.named)
    return hospitals


class _Files(NamedTuple):
    """What the files of a country hold; no parameter changes it."""

    facts: dict[str, Any]
    universities: list[dict[str, str]]
    university_keys: Array
    named: list[dict[str, str]]
    partners: list[dict[str, str]]


@functools.cache
def _read_files(name: str) -> _Files:
    universities = country_rows(name, "universities.csv")
    keys = np.array([key_of_name(row["name"]) for row in universities], np.uint64)
    named, partners = country_rows(name, "institutions.csv"), country_rows(name, "partners.csv")
    return _Files(_facts(name), universities, keys, named, partners)


def _facts(name: str) -> dict[str, Any]:
    """Content of ``country.toml``, table by table on top of that of the base country."""
    facts = tomllib.loads((data_folder(name) / "country.toml").read_text(encoding="utf-8"))
    if "base" not in facts:
        return facts
    base = _facts(facts["base"])
    return {**base, **{k: {**base.get(k, {}), **v} if isinstance(v, dict) else v for k, v in facts.items()}}


def _fill(
    institutions: Institutions,
    kind: str,
    member: Tier | FirmClass,
    count: int,
    region_capital: float,
    named: list[dict[str, str]],
    domain_edges: Any = None,
) -> None:
    """Add a class of institutions: the known ones, then numbered ones up to the count."""
    known = [row for row in named if row["kind"] == kind and row["class"] == member.name.lower()]
    if count < len(known):
        raise ValueError(f"{len(known)} {kind}s of class {member.name.lower()} are named, but the count is {count}")
    for row in known:
        domain = Domain[row["domain"].upper()] if row["domain"] else -1
        institutions.add(row["name"], member, Region[row["region"].upper()], domain)
    if domain_edges is not None and any(not row["domain"] for row in known):
        raise ValueError("every named firm needs a domain")
    capital = round(count * region_capital) - sum(row["region"] == "capital" for row in known)
    label = member.name.replace("_", "-").capitalize()
    for number in range(count - len(known)):
        region = Region.CAPITAL if number < capital else Region.PROVINCES
        domain = -1 if domain_edges is None else _spread(number, domain_edges)
        institutions.add(f"{label} {number + 1}", member, region, domain)


def _spread(number: int, edges: Any) -> int:
    """Domain of the n-th unnamed firm: shares, here added up, are met evenly along the numbers."""
    position = (number * 0.6180339887498949) % 1.0
    return int(np.searchsorted(edges, position, side="right").clip(0, len(Domain) - 1))
