"""A supplier's office with one of everything in it, for tests of whole pages."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from itertools import count
from pathlib import Path
from uuid import UUID

from sqlalchemy import select

import monitoring.tasks
import receivables.dunning.tasks
import receivables.links.tasks
from monitoring import readings
from monitoring.alerts import rulebook
from monitoring.alerts.queries import alerts
from monitoring.bands import Band
from monitoring.readings import NewReading
from monitoring.telling import browsers
from monitoring.watching import watch_rules
from receivables.database import SYSTEM, Scope
from receivables.dunning.tables import Reminder
from receivables.ids import (
    AlertId,
    ContactId,
    DebtorId,
    InvoiceId,
    PaymentId,
    RefundId,
    StaffId,
    SupplierId,
    new_id,
)
from receivables.intake.importing import import_files
from receivables.invoices.tables import Document, Invoice
from receivables.jobs import Job
from receivables.ledger.tables import Entry, Reason
from receivables.ledger.writing_off import write_off
from receivables.links.actions import grant_for
from receivables.parties import queries as parties
from receivables.parties.actions import hire_with_hash
from receivables.parties.contacts import propose_person
from receivables.payments.checkout import begin_checkout
from receivables.payments.looking import look_again
from receivables.payments.refunds import refund
from receivables.payments.rules import Part
from receivables.payments.saved import methods_of
from receivables.payments.starting import Choice
from receivables.plans.actions import propose
from receivables.plans.rules import Wish
from receivables.ports import PushTarget
from receivables.promises.actions import NewPromise, promise
from receivables.promises.claiming import NewClaim, claim_paid
from receivables.promises.rules import Source
from receivables.push import VapidKey, check_subscription
from receivables.runtime import Runtime
from tests.support.bank_books import put_a_statement_on_record, set_the_charges_aside
from tests.support.builders import money, password_hash
from tests.support.disputes import contest_with_a_file
from tests.support.dunning_office import hold_back
from tests.support.faces import Browser, backoffice_client
from tests.support.lists import hand_in_lists
from tests.support.outbox import RecordingMailer, RecordingPusher
from tests.support.payments import VISA, Till
from tests.support.portfolio_checks import check_the_book
from tests.support.reaching import reach
from tests.support.statuses import pass_statuses_on
from tests.support.telling import furnish_telling
from tests.support.world import World

assert monitoring.tasks, "imported for its actors"
assert receivables.dunning.tasks, "imported for its actors"
assert receivables.links.tasks, "imported for its actors"

SAMPLES = Path(__file__).parent.parent / "receivables" / "intake_samples"
ENDPOINT = "https://fcm.googleapis.com/fcm/send/abc"


class SubscribablePusher(RecordingPusher):
    """A recording pusher that browsers can subscribe to."""

    def __init__(self, key: VapidKey) -> None:
        super().__init__()
        self.current_key = key

    def check(self, endpoint: str, p256dh: str, auth: str) -> None:
        check_subscription(endpoint, p256dh, auth)


@dataclass
class Office:
    """One supplier and its people; `ids` names one of each thing there is an address for."""

    world: World
    supplier_id: SupplierId
    owner: StaffId
    collector: StaffId
    reader: StaffId
    ids: dict[str, UUID] = field(default_factory=dict)

    @property
    def runtime(self) -> Runtime:
        return self.world.runtime

    @contextmanager
    def signed_in(self, staff_id: StaffId | None = None) -> Iterator[Browser]:
        with backoffice_client(self.runtime, staff_id or self.owner) as browser:
            yield browser


def open_office(world: World, **given: object) -> Office:
    """A supplier with an owner, a collector and a reader, and nothing in its books."""
    supplier_id = world.supplier(**given)
    with world.runtime.transaction(Scope(supplier_id)) as session:
        rulebook.set_up_rules(session, supplier_id=supplier_id, clock=world.clock)
    owner, collector, reader = (
        _hire(world, supplier_id, role) for role in ("owner", "collector", "reader")
    )
    return Office(world, supplier_id, owner, collector, reader)


_numbers = count(1)


def _hire(world: World, supplier_id: SupplierId, role: str) -> StaffId:
    with world.runtime.transaction(Scope(supplier_id)) as session:
        return hire_with_hash(
            session,
            supplier_id=supplier_id,
            email=f"{role}{next(_numbers)}@office.example",
            name=role.title(),
            role=role,
            language="en",
            password_hash=password_hash(),
            clock=world.clock,
        )


def furnish(office: Office, till: Till) -> Office:
    """Put one of everything into an office."""
    world, supplier_id = office.world, office.supplier_id
    debtor_id = world.debtor(supplier_id=supplier_id, name="Atelier Dubois & <Fils>")
    overdue = world.invoice(
        "120.00 CHF", debtor_id=debtor_id, supplier_id=supplier_id, due_in_days=-4
    )
    paid = world.invoice("80.00 CHF", debtor_id=debtor_id, supplier_id=supplier_id)
    coming = world.invoice(
        "45.00 CHF", debtor_id=debtor_id, supplier_id=supplier_id, due_in_days=20
    )
    office.ids |= {"debtor": debtor_id, "invoice": overdue}
    office.ids |= reach(world, supplier_id, debtor_id, overdue)
    _take_a_document(office)
    _remind(office)
    office.ids["payment"] = _pay(office, till, debtor_id, paid, "80.00 CHF")
    _save_what_was_paid_with(office, debtor_id)
    _give_back(office, till, debtor_id)
    _ask_for_a_plan(office, debtor_id)
    _fall(office, debtor_id)
    _connect(office, debtor_id)
    _give_a_word(office, debtor_id, coming)
    _contest_the_document(office)
    _leave_a_dead_job(office)
    office.ids |= hold_back(world, supplier_id, debtor_id, coming)
    statement_id = put_a_statement_on_record(world, supplier_id)
    office.ids["statement"] = statement_id
    line, match = set_the_charges_aside(world, supplier_id, statement_id)
    office.ids["line"], office.ids["match"] = line, match
    office.ids["list"], office.ids["layout"] = hand_in_lists(world, supplier_id)
    office.ids["staff"] = office.reader
    office.ids |= check_the_book(world, supplier_id, office.owner)
    return office


def _take_a_document(office: Office) -> None:
    file = SAMPLES / "ubl_invoice.xml"
    lines = list(import_files(office.runtime, office.supplier_id, [(file.name, file.read_bytes())]))
    assert lines[0].outcome == "taken", lines
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        mine = select(Document).where(Document.supplier_id == office.supplier_id)
        document = session.scalars(mine).one()
    office.ids["document"] = document.id
    office.ids["status"] = pass_statuses_on(
        office.world, office.supplier_id, document.invoice_id, "BR-2026-0117"
    )


def _remind(office: Office) -> None:
    """Let a morning pass on which the mail server falls silent in the middle of a message."""
    mailer = office.runtime.mailer
    assert isinstance(mailer, RecordingMailer)
    office.world.fire_schedules()
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        mailer.silent_to = parties.contacts(session, office.supplier_id, office.ids["debtor"])[
            0
        ].email
    office.world.advance(hours=1)
    mailer.silent_to = None
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        mine = select(Reminder).where(
            Reminder.supplier_id == office.supplier_id, Reminder.state == "unknown"
        )
        office.ids["reminder"] = session.scalars(mine).one().id


def _pay(
    office: Office, till: Till, debtor_id: DebtorId, invoice_id: InvoiceId, amount: str
) -> PaymentId:
    attempt = PaymentId(new_id())
    choice = Choice(
        attempt=attempt,
        supplier_id=office.supplier_id,
        debtor_id=debtor_id,
        contact_id=till.contact_of(debtor_id, office.supplier_id),
        parts=(Part(invoice_id, money(amount)),),
        locale="fr_CH",
        save_method=True,
        consent="I agree to later charges.",
    )
    begin_checkout(office.runtime, choice)
    session_id = till.payment(attempt, office.supplier_id).stripe_session_id
    assert session_id is not None
    till.stripe.pay_by_card(session_id, VISA)
    assert look_again(office.runtime, office.supplier_id, attempt).state == "settled"
    office.world.run_jobs()
    return attempt


def _save_what_was_paid_with(office: Office, debtor_id: DebtorId) -> None:
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        (saved,) = methods_of(session, office.supplier_id, debtor_id)
    office.ids["saved_method"] = saved.id


def _give_back(office: Office, till: Till, debtor_id: DebtorId) -> None:
    """Of a small payment a part goes back, and what that opens again is given up."""
    refund_id, supplier_id = RefundId(new_id()), office.supplier_id
    small = office.world.invoice("9.00 CHF", debtor_id=debtor_id, supplier_id=supplier_id)
    payment_id = _pay(office, till, debtor_id, small, "9.00 CHF")
    refund(
        office.runtime, supplier_id, payment_id, money("5.00 CHF"),
        refund_id=refund_id, why="one too many", by="system",
    )  # fmt: skip
    office.ids["refund"] = refund_id
    with office.runtime.transaction(Scope(supplier_id)) as session:
        write_off(
            session, supplier_id=supplier_id, debtor_id=debtor_id, invoice_id=small,
            amount=money("5.00 CHF"), why="not worth a letter", source=str(new_id()),
            booked_on=date(2026, 11, 2), clock=office.world.clock,
        )  # fmt: skip
        office.ids["entry"] = session.scalars(
            select(Entry.id).where(
                Entry.supplier_id == supplier_id, Entry.reason == Reason.WRITTEN_OFF
            )
        ).one()
    office.world.run_jobs()


def _ask_for_a_plan(office: Office, debtor_id: DebtorId) -> None:
    supplier_id = office.supplier_id
    large = office.world.invoice(
        "600.00 CHF", debtor_id=debtor_id, supplier_id=supplier_id, due_in_days=20
    )
    with office.runtime.transaction(Scope(supplier_id)) as session:
        contact = parties.contacts(session, supplier_id, debtor_id)[0]
        office.ids["plan"] = propose(
            session, supplier_id=supplier_id, debtor_id=debtor_id, contact_id=contact.id,
            invoice_ids=[large], wish=Wish(parts=3), clock=office.world.clock,
        ).id  # fmt: skip
    office.world.run_jobs()


def read_scores(office: Office, debtor_id: DebtorId, *scores: int) -> None:
    """One score a day up to today, from a bureau."""
    today = date(2026, 11, 2)
    for days_ago, score in zip(range(len(scores) - 1, -1, -1), scores, strict=True):
        reading = NewReading(
            source="bureau",
            as_of_on=today - timedelta(days=days_ago),
            scale="0-100",
            score=score,
            band=Band.B if score >= 60 else Band.D,
        )
        with office.runtime.transaction(Scope(office.supplier_id)) as session:
            readings.record_reading(
                session,
                supplier_id=office.supplier_id,
                debtor_id=debtor_id,
                reading=reading,
                clock=office.world.clock,
            )
    office.world.run_jobs()


def _fall(office: Office, debtor_id: DebtorId) -> None:
    read_scores(office, debtor_id, 70, 30)
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        office.ids["alert"] = alerts(session, office.supplier_id)[0].alert_id
        rules = watch_rules(session, office.supplier_id, now=office.world.clock.now())
        office.ids["rule"] = rules[0].rule_id


def _connect(office: Office, debtor_id: DebtorId) -> None:
    """A link for the contact, a browser for the owner."""
    supplier_id, clock = office.supplier_id, office.world.clock
    with office.runtime.transaction(Scope(supplier_id)) as session:
        contact = parties.contacts(session, supplier_id, debtor_id)[0]
        office.ids["contact"] = contact.id
        office.ids["grant"] = grant_for(
            session, supplier_id, contact.id, lifetime=timedelta(days=45), clock=clock
        )
        target = PushTarget(f"{ENDPOINT}-{supplier_id}", "p256dh", "auth", "key")
        office.ids["subscription"] = browsers.save_subscription(
            session,
            supplier_id=supplier_id,
            staff_id=office.owner,
            browser=browsers.Browser(target=target, user_agent="Firefox on Linux"),
            clock=clock,
        )
        office.ids |= furnish_telling(
            session,
            supplier_id,
            alert_id=AlertId(office.ids["alert"]),
            owner=office.owner,
            clock=clock,
        )


def _give_a_word(office: Office, debtor_id: DebtorId, invoice_id: InvoiceId) -> None:
    """A promise, a declaration that the same is paid, and another person named."""
    supplier_id, clock = office.supplier_id, office.world.clock
    contact_id = ContactId(office.ids["contact"])
    with office.runtime.transaction(Scope(supplier_id)) as session:
        word = NewPromise(
            invoice_ids=[invoice_id],
            amount=None,
            promised_on=date(2026, 11, 20),
            source=Source.DEBTOR,
            contact_id=contact_id,
        )
        office.ids["promise"] = promise(
            session, supplier_id=supplier_id, debtor_id=debtor_id, new=word, clock=clock
        )
        said = NewClaim(
            invoice_ids=[invoice_id],
            amount=money("45.00 CHF"),
            paid_on=date(2026, 11, 1),
            reference="E-BANKING 4711",
            contact_id=contact_id,
        )
        office.ids["claim"] = claim_paid(
            session, supplier_id=supplier_id, debtor_id=debtor_id, new=said, clock=clock
        )
        office.ids["proposal"] = propose_person(
            session,
            supplier_id,
            contact_id,
            name="Bob Hill",
            email="bob@elsewhere.example",
            role="billing",
            becomes_primary=False,
            clock=clock,
        )
    office.world.run_jobs()


def _contest_the_document(office: Office) -> None:
    """The debtor whose invoice came as a file disputes a little of it, with a file of theirs."""
    with office.runtime.reading(Scope(office.supplier_id)) as session:
        number, debtor_id = session.execute(
            select(Invoice.number, Invoice.debtor_id)
            .join(Document, Document.invoice_id == Invoice.id)
            .where(Document.id == office.ids["document"])
        ).one()
    office.ids["dispute"], office.ids["upload"] = contest_with_a_file(
        office.world, office.supplier_id, debtor_id, number
    )


def _leave_a_dead_job(office: Office) -> None:
    job_id, now = new_id(), office.world.clock.now()
    with office.runtime.transaction(SYSTEM) as session:
        session.add(
            Job(
                id=job_id,
                actor="send_reminder",
                args={},
                supplier_id=office.supplier_id,
                state="dead",
                created_at=now,
                available_at=now,
                attempts=8,
                error="nobody answered",
            )
        )
    office.ids["job"] = job_id
