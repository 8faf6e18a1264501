"""A year of a supplier's life, drawn by a seed: invoices, payments, disputes, promises, plans,
people away, an engine and a mail server that fail. What was handed over is written down with its
instant, and nothing is judged here: see `year_checker`.
"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, time, timedelta
from types import SimpleNamespace
from typing import Any

from receivables.broker import ACTORS
from receivables.clock import SteppingClock, local_date
from receivables.database import SYSTEM, Scope
from receivables.disputes.opening import Claim
from receivables.dunning.controls import plan_absence
from receivables.dunning.letting_out import let_out_all
from receivables.dunning.reasons import Reason
from receivables.errors import ReceivablesError
from receivables.ids import DebtorId, InvoiceId, StaffId
from receivables.ledger.actions import book_transfer
from receivables.money import Money
from receivables.plans.actions import approve
from receivables.ports import MailDeferred, MailMessage, MailRefused, MailUnknown
from receivables.runtime import Runtime
from tests.support.disputes import Case, contest
from tests.support.plans import Payer
from tests.support.promises import Promises
from tests.support.world import World

#: Country, postcode and place: four whose holidays differ, two whose clocks are far away.
PLACES = (
    ("CH", "8001", "Zürich"), ("DE", "80331", "München"), ("FR", "69001", "Lyon"),
    ("BE", "2000", "Antwerpen"), ("US", "10001", "New York"), ("IN", "110001", "New Delhi"),
)  # fmt: skip

#: When work is done on a day, in UTC: mornings from Delhi to New York, and the afternoon on which
#: tomorrow's messages are shown.
INSTANTS = (time(4, 0), time(7, 20), time(8, 20), time(9, 40), time(14, 20), time(15, 50))


#: Runs begin once a day, as soon as it is morning where the supplier is.
_ALWAYS = ("dunning.begin_runs", "dunning.mark_unanswered", "plans.begin_runs")
_IN_THE_AFTERNOON = ("dunning.show_tomorrow",)
_IN_THE_MORNING = (
    "promises.begin_day", "disputes.look_at_calendar", "plans.expire_waiting",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Size:
    debtors: int
    invoices: int
    days: int


@dataclass(frozen=True, slots=True)
class HandedOver:
    """One conversation with the mail server: what the debtor has, or may have (`surely` False)."""

    at: datetime
    message: MailMessage
    surely: bool


class Works(World):
    """A world in whose outages no work is done, whoever asks for it: pages are served, and what
    people do on them waits.
    """

    is_down = False

    def run_jobs(self, *, most: int = 10_000) -> int:
        return 0 if self.is_down else super().run_jobs(most=most)


class YearMailer:
    """A mail server with bad days: it puts off, refuses, and falls silent after the data."""

    def __init__(self, clock: SteppingClock, chance: random.Random) -> None:
        self._clock, self._chance = clock, chance
        self.handed_over: list[HandedOver] = []
        #: How often it took no message, and why.
        self.troubles: Counter[str] = Counter()
        self.is_down = False
        #: Addresses that do not exist.
        self.dead: set[str] = set()

    @property
    def sent(self) -> list[MailMessage]:
        return [one.message for one in self.handed_over]

    def send(self, message: MailMessage) -> None:
        draw = self._chance.random()
        if self.is_down or draw < 0.03:
            self.troubles["down" if self.is_down else "greylisted"] += 1
            raise MailDeferred(450, "4.2.0 greylisted, come back later")
        if message.to_address in self.dead:
            self.troubles["no such address"] += 1
            raise MailRefused(550, "5.1.1 no such user", address_is_dead=True)
        if draw < 0.035:
            self.troubles["refused"] += 1
            raise MailRefused(554, "5.7.1 not wanted here", address_is_dead=False)
        silent = draw < 0.045
        # Of what nobody answered for, half arrived.
        if not silent or draw < 0.04:
            self.handed_over.append(HandedOver(self._clock.now(), message, not silent))
        if silent:
            self.troubles["silent after the data"] += 1
            raise MailUnknown("the line broke after the data")


@dataclass
class Year:
    """One supplier in Zurich, and the debtors; lived a day at a time."""

    world: Works
    size: Size
    seed: int
    mailer: YearMailer
    chance: random.Random
    #: Who answers debtors' wishes.
    staff_id: StaffId = field(init=False)
    debtors: list[DebtorId] = field(default_factory=list)
    number_of: dict[InvoiceId, str] = field(default_factory=dict)
    owner: dict[InvoiceId, DebtorId] = field(default_factory=dict)
    #: What people still do on a day.
    agenda: dict[date, list[Any]] = field(default_factory=dict)
    cases: list[Case] = field(default_factory=list)
    #: Of signed plans: nobody pays these whole as well.
    in_parts: set[InvoiceId] = field(default_factory=set)
    #: Days on which no process of ours ran, on which people let out what an outage held, and on
    #: which the supplier was away.
    outages: set[date] = field(default_factory=set)
    let_out_on: set[date] = field(default_factory=set)
    away: set[date] = field(default_factory=set)
    #: The last day that is over.
    lived: date = date.min

    @classmethod
    def begin(cls, runtime: Runtime, size: Size, seed: int) -> Year:
        chance = random.Random(seed)
        clock = runtime.clock
        assert isinstance(clock, SteppingClock)
        mailer = YearMailer(clock, chance)
        world = Works(replace(runtime, mailer=mailer))
        year = cls(world, size, seed, mailer, chance)
        world.supplier(language="en", name="Rochat SA")
        year.staff_id = world.staff()
        for place in range(size.debtors):
            country, postcode, city = PLACES[place % len(PLACES)]
            address = f"debtor{place}@case.example"
            if chance.random() < 0.02:
                mailer.dead.add(address)
            year.debtors.append(
                world.debtor(
                    name=f"Case {place} Ltd", country=country, postcode=postcode, city=city,
                    language="en", email=address,
                )
            )  # fmt: skip
        year._draw()
        return year

    @property
    def today(self) -> date:
        return local_date(self.world.clock.now(), "Europe/Zurich")

    def _draw(self) -> None:
        """What happens on which day of the year, but for what follows from it."""
        first = self.today
        for number in range(self.size.invoices):
            day = first + timedelta(days=self.chance.randrange(max(1, self.size.days - 25)))
            self._plan(day, self._issue, f"Y-{number:05}", self.chance.choice(self.debtors))
        last = self.size.days - 8
        for _ in range(max(1, self.size.days // 60)):
            begins = first + timedelta(days=self.chance.randrange(5, last))
            for day in range(self.chance.choice((1, 1, 2, 4, 6))):
                self.outages.add(begins + timedelta(days=day))
        for _ in range(max(1, self.size.days // 120)):
            begins = first + timedelta(days=self.chance.randrange(5, last))
            ends = begins + timedelta(days=self.chance.randrange(5))
            self._plan(first, self._absence, begins, ends)
            self.away |= {begins + timedelta(days=one) for one in range((ends - begins).days + 1)}

    def _plan(self, day: date, *what: Any) -> None:
        self.agenda.setdefault(day, []).append(what)

    def live(self) -> Iterator[date]:
        """A day after another; each is given back when it is over."""
        for _ in range(self.size.days):
            day = self.today
            self._live_a_day(day)
            self.lived = day
            yield day
            self._go_to(datetime.combine(day + timedelta(days=1), time(0, 30), UTC))

    def _live_a_day(self, day: date) -> None:
        self.world.is_down = day in self.outages
        doings = self.agenda.pop(day, [])
        self.chance.shuffle(doings)
        downtime = self.chance.choice(INSTANTS) if self.chance.random() < 0.05 else None
        for place, instant in enumerate(INSTANTS):
            self._go_to(datetime.combine(day, instant, UTC))
            for what, *given in doings[place :: len(INSTANTS)]:
                with suppress(ReceivablesError):
                    what(*given)
            self.mailer.is_down = instant == downtime
            if not self.world.is_down:
                self._fire(instant)
                self.world.run_jobs()
        if not self.world.is_down:
            self._look_after(day)
            self.world.run_jobs()

    def _fire(self, instant: time) -> None:
        """The calendar's work that this year is about: the rest would take most of the time."""
        names = [
            *_ALWAYS,
            *(_IN_THE_MORNING if instant == INSTANTS[0] else ()),
            *(_IN_THE_AFTERNOON if instant == INSTANTS[-1] else ()),
        ]
        with self.world.runtime.transaction(SYSTEM) as session:
            for name in names:
                ACTORS[name].enqueue(session, now=self.world.clock.now())

    def _go_to(self, instant: datetime) -> None:
        now = self.world.clock.now()
        if instant > now:
            self.world.clock.advance(instant - now)

    def _look_after(self, day: date) -> None:
        """What people do in the evening: they let out what an outage held back."""
        with self.world.runtime.transaction(self._scope, by="staff:1") as session:
            assert self.world.supplier_id is not None
            for reason in (Reason.AFTER_OUTAGE, Reason.UNUSUAL_BATCH):
                clock = self.world.clock
                if let_out_all(session, self.world.supplier_id, reason, clock=clock):
                    # It goes on the next working morning.
                    self.let_out_on |= {day + timedelta(days=one) for one in range(6)}

    @property
    def _scope(self) -> Scope:
        return Scope(self.world.supplier_id)

    def _absence(self, begins: date, ends: date) -> None:
        with self.world.runtime.transaction(self._scope, by="staff:1") as session:
            assert self.world.supplier_id is not None
            plan_absence(
                session, self.world.supplier_id, begins, ends, reason="The works are closed",
                by="staff:1", clock=self.world.clock,
            )  # fmt: skip

    def _issue(self, number: str, debtor_id: DebtorId) -> None:
        chance, today = self.chance, self.today
        amount = Money(chance.randrange(2_000, 900_000), "CHF")
        due_on = today + timedelta(days=chance.choice((10, 14, 30)))
        invoice_id = self.world.invoice(
            f"{amount.decimal} CHF", debtor_id=debtor_id, number=number, due_on=due_on
        )
        self.number_of[invoice_id], self.owner[invoice_id] = number, debtor_id
        whose = (debtor_id, invoice_id)
        draw = chance.random()
        if draw < 0.55:
            self._plan(due_on + timedelta(days=chance.randrange(-5, 3)), self._pay, *whose, 1.0)
        elif draw < 0.92:
            self._plan(due_on + timedelta(days=chance.randrange(2, 45)), self._pay, *whose, 1.0)
        if chance.random() < 0.06:
            part = chance.uniform(0.1, 0.9)
            self._plan(due_on + timedelta(days=chance.randrange(20)), self._pay, *whose, part)
        if chance.random() < 0.05:
            day = due_on + timedelta(days=chance.randrange(-2, 20))
            self._plan(day, self._contest, *whose, chance.random() < 0.5)
        if chance.random() < 0.06:
            self._plan(due_on + timedelta(days=chance.randrange(1, 25)), self._promise, *whose)
        if chance.random() < 0.02:
            self._plan(due_on + timedelta(days=chance.randrange(3, 12)), self._instalments, *whose)

    def _pay(self, debtor_id: DebtorId, invoice_id: InvoiceId, share: float) -> None:
        left = self.world.outstanding(invoice_id)
        if left and invoice_id not in self.in_parts:
            amount = Money(max(1, int(left.minor * share)), left.currency)
            self._transfer(debtor_id, invoice_id, amount)

    def _transfer(self, debtor_id: DebtorId, invoice_id: InvoiceId, amount: Money) -> None:
        with self.world.runtime.transaction(self._scope) as session:
            assert self.world.supplier_id is not None
            book_transfer(
                session, supplier_id=self.world.supplier_id, debtor_id=debtor_id,
                invoice_id=invoice_id, amount=amount, booked_on=self.today,
                reference=f"{invoice_id} {self.world.clock.now()}", clock=self.world.clock,
            )  # fmt: skip

    def _contest(self, debtor_id: DebtorId, invoice_id: InvoiceId, whole: bool) -> None:
        left = self.world.outstanding(invoice_id)
        if not left:
            return
        claim: Claim | str = self.number_of[invoice_id]
        if not whole:
            part = Money(max(1, left.minor // 3), left.currency)
            claim = Claim(number=self.number_of[invoice_id], scope="amount", amount=part)
        case = contest(self.world, debtor_id, claim)
        day = self.today + timedelta(days=self.chance.randrange(2, 30))
        self._plan(day, case.withdraw)

    def _promise(self, debtor_id: DebtorId, invoice_id: InvoiceId) -> None:
        on = self.today + timedelta(days=self.chance.randrange(1, 9))
        Promises(self.world).promise(debtor_id, invoice_id, on=on)
        if self.chance.random() < 0.5:
            self._plan(on, self._pay, debtor_id, invoice_id, 1.0)

    def _instalments(self, debtor_id: DebtorId, invoice_id: InvoiceId) -> None:
        """Asked for, and agreed to by a person; most are signed, and most of those begun."""
        till: Any = SimpleNamespace(
            runtime=self.world.runtime, world=self.world, supplier_id=self.world.supplier_id
        )
        payer = Payer(till, debtor_id, invoice_id)
        if payer.propose() == "proposed":
            with self.world.runtime.transaction(self._scope, by="staff:1") as session:
                assert self.world.supplier_id is not None
                assert payer.plan_id is not None
                approve(
                    session, supplier_id=self.world.supplier_id, plan_id=payer.plan_id,
                    staff_id=self.staff_id, clock=self.world.clock,
                )  # fmt: skip
        if self.chance.random() < 0.85:
            payer.sign()
            self.in_parts.add(invoice_id)
            for place, row in enumerate(payer.plan().rows):
                # One in five is late for a fortnight, or for good.
                late = timedelta(days=15) if self.chance.random() < 0.2 else timedelta(0)
                if self.chance.random() < 0.9:
                    day = max(row.due_on, self.today + timedelta(days=1)) + late
                    self._plan(day, self._pay_instalment, payer, place)

    def _pay_instalment(self, payer: Payer, place: int) -> None:
        part = payer.plan().standing.parts[place]
        if part.open:
            self._transfer(payer.debtor_id, payer.invoice_id, part.open)
