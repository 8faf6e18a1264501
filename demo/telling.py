"""Tells the story to an empty database, day by day, through the product's own actions."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Executor, Future
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from zoneinfo import ZoneInfo

from sqlalchemy import update
from sqlalchemy.orm import Session

from demo.documents import document_of
from monitoring.alerts.rulebook import set_up_rules
from monitoring.alerts.rules import SCALE
from monitoring.bands import band_of
from monitoring.crediting import write_down_all
from monitoring.feeds.bureau import FLOORS, SOURCE
from monitoring.readings import Accepted, NewReading, record_only
from monitoring.telling.browsers import Browser, save_subscription
from receivables.clock import Clock, SteppingClock, local_date
from receivables.credit.rules import PayerClass
from receivables.database import SYSTEM, Database
from receivables.dunning.taking_over import remember_sent
from receivables.ids import DebtorId, InvoiceId, StaffId, SupplierId
from receivables.invoices.actions import NewDocument, NewInvoice, NewLine
from receivables.jobs import Job, JobState
from receivables.ledger.actions import book_transfer
from receivables.ledger.issuing import issue
from receivables.money import Money, digits_of
from receivables.parties.actions import (
    NewDebtor,
    NewSupplier,
    hire_with_hash,
    register_debtor,
    register_supplier,
)
from receivables.parties.passwords import hash_password
from receivables.payers.actions import override
from receivables.ports import PushTarget
from sandbox.pushservice import BrowserSubscription
from sandbox.story import (
    Story,
    StoryDebtor,
    StoryInvoice,
    StoryReading,
    StoryReminder,
    StorySupplier,
    StoryTransfer,
)

#: What becomes of each password of the story.
Hashes = Mapping[str, Future[str]]


def hash_passwords(story: Story, pool: Executor) -> Hashes:
    """Slow on purpose, and elsewhere than in the interpreter: it takes no time beside the rest."""
    known = {person.password for supplier in story.suppliers for person in supplier.staff}
    return {password: pool.submit(hash_password, password) for password in sorted(known)}


def tell_story(
    database: Database,
    story: Story,
    phone: BrowserSubscription,
    key_id: str,
    *,
    hashes: Hashes,
    clock: Clock,
) -> None:
    """Everything until today. What it sets off was lived then, and is not done now."""
    for place, supplier in enumerate(story.suppliers):
        with database.transaction(SYSTEM) as session:
            teller = _Teller(session, clock, supplier)
            teller.open_books(story.today, hashes)
            for _, tell in sorted(teller.happenings(), key=lambda one: one[0]):
                tell()
            if place == 0:
                teller.add_phone(phone, key_id)
                teller.say_how_the_first_pays()
            session.execute(update(Job).values(state=JobState.DONE))


@dataclass
class _Teller:
    """Tells one supplier's part; each happening at its own hour."""

    session: Session
    clock: Clock
    supplier: StorySupplier

    def open_books(self, today: date, hashes: Hashes) -> None:
        told = self.supplier
        opened = self._at(today - timedelta(days=400), 8)
        self.supplier_id: SupplierId = register_supplier(
            self.session,
            NewSupplier(
                name=told.name, country=told.country, zone=told.zone, language=told.language,
                currency=told.currency, street=told.street, postcode=told.postcode,
                city=told.city, iban=told.iban, contact_name=told.contact_name,
                contact_email=told.contact_email, contact_phone=told.contact_phone,
                accent=told.accent, least_payment_minor=told.least_payment_minor,
                company_number=told.registration_number,
            ),
            clock=opened,
        )  # fmt: skip
        self.staff: list[StaffId] = [
            hire_with_hash(
                self.session, supplier_id=self.supplier_id, email=person.email, name=person.name,
                role=person.role, language=person.language,
                password_hash=hashes[person.password].result(), clock=opened,
            )
            for person in told.staff
        ]  # fmt: skip
        set_up_rules(self.session, supplier_id=self.supplier_id, clock=opened)
        self.debtors: dict[str, DebtorId] = {
            debtor.number: self._register(debtor, opened) for debtor in told.debtors
        }
        self.invoices: dict[str, InvoiceId] = {}

    def _register(self, told: StoryDebtor, clock: Clock) -> DebtorId:
        is_person = told.kind == "consumer"
        pairs = [] if is_person else [(told.registration_scheme, told.registration_value)]
        if told.vat_number:
            pairs.append(("VAT", told.vat_number))
        new = NewDebtor(
            number=told.number, name=told.name, country=told.country, language=told.language,
            street=told.street, postcode=told.postcode, city=told.city, email=told.email,
            contact_name=told.contact_name, identifiers=pairs, kind=told.kind,
        )  # fmt: skip
        return register_debtor(self.session, supplier_id=self.supplier_id, new=new, clock=clock)

    def happenings(self) -> Iterator[tuple[datetime, Callable[[], None]]]:
        told = self.supplier
        for invoice in (*told.invoices, *told.credits):
            clock = self._at(invoice.issued_on, 9)
            yield clock.now(), partial(self._issue, invoice, clock)
        for transfer in told.transfers:
            clock = self._at(transfer.booked_on, 11)
            yield clock.now(), partial(self._book, transfer, clock)
        for reminder in told.reminders:
            if reminder.still_matters:
                clock = self._at(reminder.run_on, 8)
                yield clock.now(), partial(self._remember, reminder, clock)
        readings: dict[date, list[Accepted]] = {}
        for debtor in told.debtors:
            for reading in debtor.readings if debtor.kind == "business" else ():
                readings.setdefault(reading.as_of_on, []).append(self._accepted(debtor, reading))
        for day, of_the_day in readings.items():
            clock = self._at(day, 6)
            yield clock.now(), partial(self._read, of_the_day, clock)

    def say_how_the_first_pays(self) -> None:
        """The guide speaks of a reminder three days after the due date. Classes are worked out at
        night, as the reminders of the morning are due: what a person said holds whichever is first.
        """
        today = local_date(self.clock.now(), self.supplier.zone)
        override(
            self.session, supplier_id=self.supplier_id,
            debtor_id=self.debtors[self.supplier.debtors[0].number], payer_class=PayerClass.B,
            reason="Pays after the first reminder", until=today + timedelta(days=180),
            staff_id=self.staff[0], clock=self.clock,
        )  # fmt: skip

    def _at(self, day: date, hour: int) -> SteppingClock:
        zone = ZoneInfo(self.supplier.zone)
        instant = datetime.combine(day, time(hour), zone).astimezone(UTC)
        return SteppingClock(min(instant, self.clock.now()))

    def _issue(self, told: StoryInvoice, clock: Clock) -> None:
        total = Money(told.amount_minor, told.currency)
        file = document_of(self.supplier, told)
        new = NewInvoice(
            number=told.number, issued_on=told.issued_on, due_on=told.due_on, total=total,
            content_hash=file.sha256, is_credit_note=told.is_credit,
            type_code="381" if told.is_credit else "380",
            payment_reference=told.payment_reference or None, note=told.note or None,
            lines=[NewLine("1", file.description, net=file.net)],
            document=NewDocument(file.name, "application/xml", file.sha256, file.content),
        )  # fmt: skip
        self.invoices[told.number] = issue(
            self.session, supplier_id=self.supplier_id,
            debtor_id=self.debtors[told.debtor_number], new=new, clock=clock,
        )  # fmt: skip

    def _book(self, told: StoryTransfer, clock: Clock) -> None:
        book_transfer(
            self.session, supplier_id=self.supplier_id,
            debtor_id=self.debtors[told.debtor_number],
            invoice_id=self.invoices[told.invoice_number],
            amount=Money(told.amount_minor, told.currency), reference=told.reference,
            booked_on=told.booked_on, clock=clock,
        )  # fmt: skip

    def _remember(self, told: StoryReminder, clock: Clock) -> None:
        remember_sent(
            self.session, supplier_id=self.supplier_id,
            debtor_id=self.debtors[told.debtor_number], run_on=told.run_on, step=told.step,
            amount=Money(told.amount_minor, told.currency),
            items=[
                (self.invoices[one.invoice_number], one.step,
                 Money(one.outstanding_minor, told.currency))
                for one in told.items
            ],
            language=self.supplier.debtor(told.debtor_number).language, clock=clock,
        )  # fmt: skip

    def _accepted(self, debtor: StoryDebtor, told: StoryReading) -> Accepted:
        reading = NewReading(
            source=SOURCE, as_of_on=told.as_of_on, scale=SCALE, score=told.score,
            band=band_of(told.score, FLOORS),
            limit=Money(told.limit * 10 ** digits_of(told.currency), told.currency),
            status="active", reference=f"story:{debtor.bureau_id}:{told.as_of_on}",
        )  # fmt: skip
        return Accepted(self.debtors[debtor.number], reading)

    def _read(self, accepted: Sequence[Accepted], clock: Clock) -> None:
        recorded = record_only(
            self.session, supplier_id=self.supplier_id, accepted=accepted, clock=clock
        )
        # The first thing a source says changes nothing, and is news all the same.
        write_down_all(
            self.session, supplier_id=self.supplier_id,
            debtor_ids=[one.debtor_id for one in recorded.first], clock=clock,
        )  # fmt: skip

    def add_phone(self, phone: BrowserSubscription, key_id: str) -> None:
        """The owner's phone, which the demo's push service plays."""
        target = PushTarget(phone.endpoint, phone.p256dh, phone.auth, key_id)
        browser = Browser(target=target, user_agent="The demo's phone")
        save_subscription(
            self.session, supplier_id=self.supplier_id, staff_id=self.staff[0], browser=browser,
            clock=self.clock,
        )  # fmt: skip
