"""The Mesa model: who exists, and one month."""

from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any

import mesa
import numpy as np
from mesa.agent import Agent, AgentSet

from injae.agents.columns import Table
from injae.agents.domains import DOMAINS, Binding, Place
from injae.agents.firm import Firm, FirmColumns
from injae.agents.hospital import Hospital, HospitalColumns
from injae.agents.trainee import PersonColumns, Trainee
from injae.agents.university import University, UniversityColumns
from injae.model import start
from injae.model.country import Country, read_country
from injae.model.education import MONTHS_BETWEEN_INTAKES
from injae.model.errors import InputError
from injae.model.firms import most_entries
from injae.model.invariants import HELD_UNIVERSITIES, INVARIANTS, LIMITS, MOST_POSTS, InvariantBroken
from injae.model.ledger import PAYMENTS
from injae.model.levers import monthly
from injae.model.month import pass_months
from injae.model.parameters import parameter_record
from injae.model.record import empty_history
from injae.model.rules import in_use
from injae.model.scenario import Scenario
from injae.model.world import DomainColumns, EventColumns, Market, PartnerColumns, Rows, World, empty_record

YEAR = 12
EVENTS_PER_MONTH = 9  # at most so many of one person: a process notes one, ``train`` two; posts met come on top


class Ecosystem(mesa.Model):
    """A country's healthcare-AI talent ecosystem.

    State is in the tables ``people``, ``universities``, ``hospitals`` and ``firms``; institutions are members of
    ``agents``, people are handed out by ``trainee(key)``. ``history`` holds one record a month (see
    ``model.record``), row 0 being the state before the first month; ``paid`` the won ledger, shape
    ``(months + 1, purposes, universities)``, in won per month; ``bindings`` how many institutions each constraint held
    back, shape ``(months + 1, places, constraints)``.

    Args:
        plan: the scenario, or its name or file.
        seed: integer >= 0, 0 unless told; the same seed and plan give the same history, bit for bit.
        events: record what happens to every person.
        watch: key of a person of whom also what might have happened and did not is recorded (with ``events``).
        country: institutions in place of those of the plan's country (see ``experiments.checks.countries``).
        rules: by the name of a rule or process of the model, a function of your own that takes its place in this
            ecosystem alone (see ``model.rules`` and docs/extending.md).
        rng: the same as ``seed``, as later versions of Mesa call it.

    Raises:
        InputError: a scenario, seed or setting that cannot be.
    """

    def __init__(
        self,
        plan: Scenario | str = "korea",
        seed: int | None = None,
        *,
        events: bool = False,
        watch: int = 0,
        country: Country | None = None,
        rules: Mapping[str, Callable[..., Any]] | None = None,
        rng: int | None = None,
    ) -> None:
        if seed is not None and rng is not None:
            raise InputError("conflict", "is the same as seed", "rng", rng, suggestion="give one of them")
        given = seed if seed is not None else rng if rng is not None else 0
        if not isinstance(given, int | np.integer) or given < 0:
            raise InputError("range", "needs a whole number of at least 0", "seed" if rng is None else "rng", given)
        seed = int(given)
        super().__init__(rng=seed)
        self.plan = Scenario.load(plan) if isinstance(plan, str) else plan
        self.seed = seed
        self.failed = ""  # the error that ended the run
        self._collector: mesa.DataCollector | None = None
        self.rules = in_use().with_replaced(rules)
        self.parameters = parameter_record(self.plan.country, self.plan.parameters)
        country = country or read_country(self.plan.country, self.parameters)
        schedules = {**self.plan.levers, **self.plan.shocks}
        months = self.plan.months
        outlook = country.outlook(months, self.parameters)
        self.schedule = monthly(schedules, months, self.plan.start_calendar_month, outlook)
        self.history = empty_history(self.plan.months)
        self.paid = np.zeros((self.plan.months + 1, len(PAYMENTS), len(country.universities)), np.int64)
        self.bindings = np.zeros((self.plan.months + 1, len(Place), len(Binding)), np.int32)
        self.held = np.zeros(HELD_UNIVERSITIES + len(country.universities), np.int64)
        self.broken = np.zeros(len(INVARIANTS) + len(LIMITS), np.bool_)
        self.market = empty_record(Market)
        self.rows = empty_record(Rows, np.int64)
        self.month = 0

        self.universities = Table(UniversityColumns, len(country.universities), self.rows, "universities")
        self.hospitals = Table(HospitalColumns, len(country.hospitals.names), self.rows, "hospitals")
        self.firms = Table(FirmColumns, 2 * len(country.firms.names), self.rows, "firms")
        self.people = Table(PersonColumns, 12_000, self.rows, "people")
        self.domains = Table(DomainColumns, DOMAINS, self.rows, "domains")
        self.partners = Table(PartnerColumns, len(country.partners), self.rows, "partners")
        self.events = Table(EventColumns, 20_000 if events else 1, self.rows, "events")
        self.events_on = events
        self.watched = np.uint64(watch if events else 0)
        self.names = SimpleNamespace(
            universities=[row["name"] for row in country.universities],
            hospitals=country.hospitals.names,
            firms=country.firms.names,
        )
        self._begin(country)
        self._members = {University: 0, Hospital: 0, Firm: 0}

    def step(self) -> None:
        """One month: ``model.month.one_month``, which ends with the check of both ledgers.

        Raises:
            StopIteration: the horizon of the plan is over.
            InvariantBroken: people or won were created or lost.
            InputError: settings that grow the market for people without end.
            RuntimeError: a month failed before.
        """
        self._pass(1)

    def _wrapped_step(self) -> None:
        """What Mesa puts in place of ``step``, the same on all its versions.

        Theirs count a step that raises (3.3), or pass over all steps after one (3.5).
        """
        self._check_alive()
        self._user_step()

    def _check_alive(self) -> None:
        if self.failed:
            fault = f"month {self.month + 1} failed before ({self.failed}); begin a new ecosystem"
            raise RuntimeError(fault)

    def run(self, months: int | None = None) -> "Ecosystem":
        """Run to the end of the plan, or for some months; returns itself.

        The same as so many calls of ``step``, with less to do between the months.
        """
        left = self.plan.months - self.month if months is None else months
        if not 0 <= left <= self.plan.months - self.month:
            raise InputError("unusable", f"the plan has {self.plan.months - self.month} months left", "months", months)
        if type(self).step is not Ecosystem.step or self.events_on:
            for _ in range(left):
                self.step()
        else:
            while left > 0:
                self._pass(min(left, YEAR))
                left -= YEAR
        return self

    def _pass(self, months: int) -> None:
        """Let some months pass; after an error no more."""
        self._check_alive()
        try:
            self._pass_on(months)
        except StopIteration:  # at the end of the plan, which is no fault
            raise
        except BaseException as error:
            self.failed, self.running = f"{type(error).__name__}: {error}"[:200], False
            raise
        self.steps, self.time = self.month, float(self.month)  # as Mesa counts them

    def _pass_on(self, months: int) -> None:
        if self.month + months > self.plan.months:
            raise StopIteration(f"the plan ends after {self.plan.months} months")
        last = self.month + months
        self._make_room(last)
        self.month = self.rules.call(pass_months, self.world, self.month + 1, last)
        beyond = [limit for limit, over in zip(LIMITS, self.broken[len(INVARIANTS) :], strict=True) if over]
        if beyond:
            when = self.plan.date_of(self.month)
            raise InputError("unusable", f"{beyond[0]} in {when}: the market grows without end", source=self.plan.name)
        if self.broken.any():
            faults = "; ".join(
                invariant
                for invariant, broken in zip(INVARIANTS, self.broken[: len(INVARIANTS)], strict=True)
                if broken
            )
            whose = ", with rules that are not the model's own" if self.rules.label else ""
            raise InvariantBroken(f"month {self.month}, seed {self.seed}{whose}: {faults}")
        if len(self.events) > self.events.room:
            raise RuntimeError(f"month {self.month}, seed {self.seed}: more events than the log has room for")
        self.running = self.month < self.plan.months  # Mesa's own loops stop here

    @property
    def datacollector(self) -> mesa.DataCollector:
        """Month, date and all series of every month that has passed, for ``mesa.batch_run`` and tools like it.

        It is made of ``history``, so nothing is collected twice and ``run`` fills it as ``step`` does. One of your own
        takes its place.
        """
        if self._collector is not None:
            return self._collector
        months = range(1, self.month + 1)
        columns = {"month": list(months), "date": [self.plan.date_of(month) for month in months]}
        for name in self.history.dtype.names:
            columns[name] = self.history[name][1 : self.month + 1].tolist()
        collector = mesa.DataCollector({name: name for name in columns})
        collector.model_vars = columns
        collector._collection_steps = list(months)  # Mesa 3.5 looks here
        return collector

    @datacollector.setter
    def datacollector(self, collector: mesa.DataCollector) -> None:
        self._collector = collector

    def __copy__(self) -> "Ecosystem":
        raise TypeError("a copy would share people and ledger with the original; begin another with the same seed")

    def __repr__(self) -> str:
        return f"<Ecosystem of {self.plan.name}, seed {self.seed}, month {self.month} of {self.plan.months}>"

    @property
    def world(self) -> World:
        """Everything as compiled processes see it in the present month."""
        return World(
            seed=self.seed,
            parameters=self.parameters,
            schedule=self.schedule,
            history=self.history,
            books=self.paid,
            bindings=self.bindings,
            market=self.market,
            held=self.held,
            broken=self.broken,
            rows=self.rows,
            people=self.people.columns,
            universities=self.universities.columns,
            hospitals=self.hospitals.columns,
            firms=self.firms.columns,
            domains=self.domains.columns,
            partners=self.partners.columns,
            events=self.events.columns,
            events_on=self.events_on,
            watched=self.watched,
            now=self.now,
            series=self.series,
            paid=self.paid[self.month],
            bound=self.bindings[self.month],
        )

    @property
    def now(self) -> Any:
        """Levers and shocks of the present month (a record, see ``model.levers``)."""
        return self.schedule[self.month]

    @property
    def series(self) -> Any:
        """The present month's record (see ``model.record``)."""
        return self.history[self.month]

    @property
    def agents(self) -> AgentSet:  # pyright: ignore[reportIncompatibleVariableOverride]
        """Institutions, and people after ``register_people()``, as Mesa agents."""
        self._register()
        return super().agents

    @property
    def agents_by_type(self) -> dict[type[Agent], AgentSet]:
        """The same, by kind."""
        self._register()
        return super().agents_by_type

    @property
    def agent_types(self) -> list[type]:
        """Kinds of agents there are."""
        self._register()
        return super().agent_types

    def register_people(self) -> "Ecosystem":
        """Make every person a member of ``agents``, from now on (slow; for Mesa tools that need it); returns itself."""
        self._members.setdefault(Trainee, 0)
        return self

    def trainee(self, key: int) -> Trainee:
        """The person with a key, as an agent.

        Raises:
            KeyError: nobody has this key.
        """
        rows = np.flatnonzero(self.people.rows("key") == np.uint64(key))
        if rows.size == 0:
            raise KeyError(f"nobody has the key {key}")
        return Trainee(self, int(rows[0]), register=False)

    def _begin(self, country: Any) -> None:
        """The state before the first month."""
        start.fill_universities(self.universities, country, self.parameters)
        start.fill_hospitals(self.hospitals, country)
        start.fill_firms(self.firms, country)
        self.rows.domains = DOMAINS
        for university, state, row in country.partners:
            self.partners.add(university=university, state=state, row=row)
        p = self.parameters
        sizes = start.firm_sizes(len(self.firms), p.specialists_firms, p.firm_size_slope, p.vacancy_share)
        self.series.products_approved_cumulative = int(p.products_approved)
        self.rules.call(start.start_institutions, self.world, sizes, *start.hospital_facts(country))
        people = start.people_at_start(self.hospitals, self.firms, self.universities, p)
        if people > MOST_POSTS:
            fault = f"{people:,} posts and people at the start, more than {MOST_POSTS:,}"
            raise InputError("range", fault, source=self.plan.name)
        self.people.reserve(people)
        if self.events_on:
            self.events.reserve(people)
        self.rules.call(start.start_life, self.world)

    def _make_room(self, last: int) -> None:
        """Room for everybody who can come in until a month: processes do not check (rules E7, E12, F6, M4)."""
        months = last - self.month
        ahead = self.schedule[self.month + 1 : last + 1]
        students = self.parameters.applicants_per_intake * ahead.applicant_cohort.max() + len(self.universities)
        clinicians = ahead.retraining_places_per_year.max() / 2
        intakes = 1 + months // MONTHS_BETWEEN_INTAKES
        guests = months * (ahead.visas_per_year.max() / 12 + 1)
        newcomers = int(intakes * (students + clinicians + 2) + guests) + 1
        self.people.reserve(newcomers)
        firms = len(self.firms)
        for _ in range(months):
            firms += most_entries(firms)
        self.firms.reserve(firms - len(self.firms))
        if self.events_on:
            self.events.reserve(months * self._most_events(len(self.people) + newcomers))

    def _most_events(self, people: int) -> int:
        """Rows of the event log that a month can fill; ``note`` counts what would not fit, and ``_pass`` refuses it.

        If all search, the posts they meet are a sum of independent draws whose mean is below ``posts``, and 20 sd
        more are never seen; one more each is the host of a practicum.
        """
        posts = people * self.parameters.posts_met_per_month
        return int(EVENTS_PER_MONTH * people + posts + 20 * (posts + 1) ** 0.5 + people)

    def _register(self) -> None:
        """Make members of ``agents`` of the rows that are none yet: a tenth of the time of a run, if nobody asks."""
        for kind, first in self._members.items():
            rows = len(getattr(self, kind.table_name))
            self._members[kind] = rows
            for row in range(first, rows):
                kind(self, row)
