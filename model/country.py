"""The facts of a country, read once: which institutions there are, and how far hospitals have come at the start."""

import csv
import functools
import hashlib
import tomllib
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from agents.columns import Array
from agents.domains import Domain, Region
from agents.firm import FirmClass
from agents.hospital import Tier
from agents.trainee import State
from model.parameters import data_folder


@dataclass(frozen=True)
class Institutions:
    """Names, keys and classes of the institutions of one kind, in the order of their rows."""

    names: list[str] = field(default_factory=list)
    keys: list[int] = field(default_factory=list)
    classes: list[int] = field(default_factory=list)
    regions: list[int] = field(default_factory=list)
    domains: list[int] = field(default_factory=list)

    def add(self, name: str, kind: int, region: int, domain: int = -1) -> None:
        """Append an institution; its key comes from its name, so order does not matter to its luck."""
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

    def ageing(self, months: int, spending_ratio: float) -> Array:
        """Demand of the population for care relative to the start, by age alone, for months 0 to ``months``.

        People of 65 and over need ``spending_ratio`` times the mean of the start. Shares are of the middle of a year
        and linear in between; beyond the last year they stay.
        """
        years, shares = np.array(self.facts["demand"]["share_65plus"]).T
        year, calendar_month = map(int, self.facts["start"].split("-"))
        share = np.interp(year + (calendar_month - 1.5 + np.arange(months + 1)) / 12, years + 0.5, shares)
        younger = (1 - spending_ratio * share[0]) / (1 - share[0])
        return spending_ratio * share + younger * (1 - share)

    def by_tier(self, group: str, fact: str) -> Array:
        """A fact that is given per hospital tier, in the order of ``Tier``."""
        return np.array([self.facts[group][tier.name.lower()][fact] for tier in Tier])

    def by_domain(self, fact: str, group: str = "adoption") -> Array:
        """A fact that is given per clinical domain, in the order of ``Domain``."""
        return np.array([self.facts[group][fact][domain.name.lower()] for domain in Domain])


def key_of_name(name: str) -> int:
    """64-bit key of a name."""
    return int.from_bytes(hashlib.sha256(name.encode()).digest()[:8], "little")


@functools.cache
def read_country(name: str) -> Country:
    """Facts of a country from ``data/COUNTRY/``.

    Known institutions keep their names; the others of each class are numbered, and spread over the regions so that
    the share of the capital area is met.
    """
    folder = data_folder(name)
    facts = tomllib.loads((folder / "country.toml").read_text(encoding="utf-8"))
    named = _rows(folder / "institutions.csv")
    hospitals, firms = Institutions(), Institutions()
    for tier in Tier:
        _fill(hospitals, "hospital", tier, facts["hospitals"][tier.name.lower()], named)
    shares = facts["firms"]["domain_share"]
    for firm_class in FirmClass:
        group = {"count": facts["firms"][firm_class.name.lower()], "region_capital": facts["firms"]["region_capital"]}
        _fill(firms, "firm", firm_class, group, named, shares)

    universities = _rows(folder / "universities.csv")
    rows = {row["name"]: number for number, row in enumerate(universities)}
    partners = []
    for row in _rows(folder / "partners.csv"):
        kind, place = (State.HOSPITAL, hospitals) if row["kind"] == "hospital" else (State.FIRM, firms)
        partners.append((rows[row["university"]], int(kind), place.names.index(row["partner"])))
    keys = np.array([key_of_name(row["name"]) for row in universities], np.uint64)
    return Country(facts, universities, keys, hospitals, firms, partners)


def _rows(path: Any) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def _fill(
    institutions: Institutions,
    kind: str,
    member: Tier | FirmClass,
    group: dict[str, Any],
    named: list[dict[str, str]],
    domain_shares: dict[str, float] | None = None,
) -> None:
    """Add a class of institutions: the known ones, then numbered ones up to the count."""
    known = [row for row in named if row["kind"] == kind and row["class"] == member.name.lower()]
    for row in known:
        domain = Domain[row["domain"].upper()] if row["domain"] else -1
        institutions.add(row["name"], member, Region[row["region"].upper()], domain)
    unnamed = group["count"] - len(known)
    if unnamed < 0:
        raise ValueError(
            f"{len(known)} {kind}s of class {member.name.lower()} are named, but the count is {group['count']}"
        )
    if domain_shares is not None and any(not row["domain"] for row in known):
        raise ValueError("every named firm needs a domain")
    capital = round(group["count"] * group["region_capital"]) - sum(row["region"] == "capital" for row in known)
    label = member.name.replace("_", "-").capitalize()
    for number in range(unnamed):
        region = Region.CAPITAL if number < capital else Region.PROVINCES
        domain = -1 if domain_shares is None else _spread(number, domain_shares)
        institutions.add(f"{label} {number + 1}", member, region, domain)


def _spread(number: int, shares: dict[str, float]) -> int:
    """Domain of the n-th unnamed firm: shares are met evenly along the numbers."""
    position = (number * 0.6180339887498949) % 1.0
    edges = np.cumsum([shares[domain.name.lower()] for domain in Domain])
    return int(np.searchsorted(edges, position, side="right").clip(0, len(Domain) - 1))
