"""Where tasks come from: each subject's own state, told in few statements."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import pytest
from sqlalchemy import event, update
from sqlalchemy.orm import Session

from receivables.bank.actions import take as take_statement
from receivables.bank.parsed import (
    Balance,
    FewEntries,
    FileReport,
    Format,
    ParsedEntry,
    ParsedStatement,
)
from receivables.calls.tables import Call
from receivables.database import Scope
from receivables.dunning.tables import Reminder, ReminderItem
from receivables.handover.actions import hand_over
from receivables.ids import (
    CallId,
    DebtorId,
    ExecutionId,
    InvoiceId,
    PaymentId,
    RefundId,
    ReminderId,
    new_id,
)
from receivables.ledger.queries import exposure_of
from receivables.ledger.receiving import receive_transfer
from receivables.parties import queries as parties
from receivables.parties.contacts import propose_person
from receivables.parties.tables import Contact
from receivables.payments.return_tables import Chargeback, Refund
from receivables.payments.tables import Payment
from receivables.plans.actions import propose
from receivables.plans.rules import Wish
from receivables.promises.tables import Promise, PromiseItem
from receivables.worklist import actions
from receivables.worklist.queries import Wanted, Worklist, asked_of, find, owed_by, worklist
from receivables.worklist.rules import Key, Kind, Task
from tests.support.bank_files import OWN_IBAN
from tests.support.builders import money
from tests.support.disputes import contest
from tests.support.promises import Promises
from tests.support.world import World


class Desk:
    """One supplier, one debtor, and somebody at work."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.supplier_id = world.supplier()
        self.staff_id = world.staff()
        self.debtor_id = world.debtor()
        with world.runtime.reading(Scope(self.supplier_id)) as session:
            self.contact_id = parties.contacts(session, self.supplier_id, self.debtor_id)[0].id

    def invoice(self, amount: str, **given: object) -> InvoiceId:
        return self.world.invoice(amount, debtor_id=self.debtor_id, **given)

    @contextmanager
    def changing(self) -> Iterator[Session]:
        with self.world.runtime.transaction(Scope(self.supplier_id)) as session:
            yield session

    def list(self) -> Worklist:
        with self.world.runtime.reading(Scope(self.supplier_id)) as session:
            asked = asked_of(session, self.supplier_id, clock=self.world.clock)
            return worklist(session, asked, Wanted(show="all", staff_id=self.staff_id))

    def tasks(self) -> dict[str, Task]:
        """By their kinds; there is one of each."""
        found = [line.placed.task for line in self.list().lines]
        assert len(found) == len({one.kind for one in found})
        return {one.kind: one for one in found}


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def test_what_debtors_ask_for_promise_and_contest_waits_for_a_person(desk: Desk) -> None:
    world, promises = desk.world, Promises(desk.world)
    said, word, on_plan = (desk.invoice("300.00 CHF", due_in_days=20) for _ in range(3))
    desk.invoice("250.00 CHF", number="2026-77", due_in_days=20)
    claim_id = promises.claim(desk.debtor_id, said, amount="300.00 CHF")
    promise_id = promises.promise(desk.debtor_id, word)
    with desk.changing() as session:
        plan = propose(
            session, supplier_id=desk.supplier_id, debtor_id=desk.debtor_id,
            contact_id=desk.contact_id, invoice_ids=[on_plan], wish=Wish(parts=3),
            clock=world.clock,
        )  # fmt: skip
        propose_person(
            session, desk.supplier_id, desk.contact_id, name="Bob", email="bob@hill.example",
            role="billing", becomes_primary=False, clock=world.clock,
        )  # fmt: skip
        session.execute(update(PromiseItem).values(live=False))
        session.execute(
            update(Promise).values(state="broken", needs_person=True, state_since=world.clock.now())
        )
    case = contest(world, desk.debtor_id, "2026-77")
    before = desk.tasks()
    world.clock.advance(timedelta(days=2))
    tasks = desk.tasks()

    assert set(before) == {Kind.CLAIM, Kind.BROKEN_PROMISE, Kind.PLAN, Kind.PROPOSAL}
    assert set(tasks) == {*before, Kind.DISPUTE}, "its term ends two working days later"
    assert tasks[Kind.CLAIM].subject_id == claim_id
    assert tasks[Kind.CLAIM].due_on == date(2026, 11, 9), "five working days"
    assert tasks[Kind.BROKEN_PROMISE].subject_id == promise_id
    assert tasks[Kind.PLAN].subject_id == plan.id
    assert tasks[Kind.PLAN].due_on == plan.answer_due_on
    assert tasks[Kind.DISPUTE].subject_id == case.dispute_id
    assert tasks[Kind.DISPUTE].due_on == date(2026, 11, 3)
    assert tasks[Kind.DISPUTE].matter == (money("250.00 CHF"),)


def test_money_that_is_stuck_or_lies_about_waits_for_a_person(desk: Desk) -> None:
    world = desk.world
    desk.invoice("100.00 CHF", due_in_days=20)
    paid = desk.invoice("10.00 CHF", due_in_days=20)
    payment_id, now = PaymentId(new_id()), world.clock.now()
    mine = {"supplier_id": desk.supplier_id, "payment_id": payment_id}
    with desk.changing() as session:
        _receive(session, desk, paid, "40.00 CHF")
        session.add(_payment(desk, payment_id))
        session.flush()
        session.add(
            Refund(
                **mine, id=RefundId(new_id()), amount=money("4.00 CHF"), external=False,
                state="failed", state_since=now, request={}, stripe_refund_id="re_1",
                created_at=now, problem="The account is closed.",
            )
        )  # fmt: skip
        session.add(
            Chargeback(
                **mine, id=new_id(), amount=money("1.00 CHF"), state="inquiry", state_since=now,
                money="with_us", reason="general", stripe_dispute_id="du_1", opened_at=now,
                respond_by=now + timedelta(days=7),
            )
        )  # fmt: skip
    _take_lines(desk, "11.00 CHF", "12.00 CHF")
    tasks = desk.tasks()

    assert set(tasks) == {
        Kind.PAYMENT, Kind.REFUND, Kind.CHARGEBACK, Kind.UNAPPLIED, Kind.BANK_LINES,
    }  # fmt: skip
    assert tasks[Kind.UNAPPLIED].matter == (money("30.00 CHF"),)
    assert tasks[Kind.PAYMENT].facts["problem"] == "It asks for another currency."
    assert tasks[Kind.CHARGEBACK].due_on == date(2026, 11, 9)
    lines = tasks[Kind.BANK_LINES]
    assert (lines.facts["count"], lines.matter) == (2, (money("23.00 CHF"),))
    assert lines.episode == "2026-11-02"


def _receive(session: Session, desk: Desk, invoice_id: InvoiceId, amount: str) -> None:
    """A transfer for one invoice; what it does not take is unapplied."""
    receive_transfer(
        session, supplier_id=desk.supplier_id, debtor_id=desk.debtor_id, source="line-1",
        parts=[(invoice_id, money(amount))], amount=money(amount), reference="one",
        booked_on=date(2026, 11, 2), clock=desk.world.clock, only_parts=True,
    )  # fmt: skip


def _payment(desk: Desk, payment_id: PaymentId) -> Payment:
    now = desk.world.clock.now()
    return Payment(
        id=payment_id, supplier_id=desk.supplier_id, debtor_id=desk.debtor_id,
        contact_id=desk.contact_id, amount=money("5.00 CHF"), state="failed", state_since=now,
        created_at=now, sent_at=now, expires_at=now, fingerprint="0" * 64, livemode=False,
        request={}, problem="It asks for another currency.",
    )  # fmt: skip


def _take_lines(desk: Desk, *amounts: str) -> None:
    day, zero = date(2026, 11, 2), money("0.00 CHF")
    entries = tuple(
        ParsedEntry(
            statement=0, entry=place, where=f"line {place}", booked_on=day, value_on=day,
            amount=money(amount), credit_debit="CRDT", unstructured="?",
            bank_reference=f"B-{place}", entry_reference=f"B-{place}",
        )
        for place, amount in enumerate(amounts)
    )  # fmt: skip
    closing = sum((one.amount for one in entries), zero)
    statement = ParsedStatement(
        format=Format.CAMT_053, account=OWN_IBAN, currency="CHF", number="17", first_on=day,
        last_on=day, opening=Balance(zero, day), closing=Balance(closing, day),
        entry_count=len(entries),
    )  # fmt: skip
    report = FileReport(
        file="november.xml", format=Format.CAMT_053, statements=(statement,),
        entries=FewEntries(entries),
    )  # fmt: skip
    with desk.changing() as session:
        take_statement(session, desk.supplier_id, report, desk.world.clock)


def test_whom_no_message_reaches_and_what_only_a_person_brings(desk: Desk) -> None:
    world = desk.world
    invoice_id = desk.invoice("100.00 CHF", due_in_days=-20)
    quiet = world.debtor(supplier_id=desk.supplier_id)
    now = world.clock.now()
    mine = {"supplier_id": desk.supplier_id, "debtor_id": desk.debtor_id}
    with desk.changing() as session:
        for state, channel in (("unknown", "sms"), ("failed", "email"), ("waiting", "file")):
            reminder_id = ReminderId(new_id())
            session.add(
                Reminder(
                    **mine, id=reminder_id, contact_id=desk.contact_id, run_on=date(2026, 11, 2),
                    purpose=state, step=state, level=1, amount=money("100.00 CHF"),
                    channel=channel, to_address="x@y.example", language="fr", message_id="m",
                    state=state, reason="no such user" if state == "failed" else "manual",
                    created_at=now, claimed_at=now,
                )
            )  # fmt: skip
            session.flush()
            session.add(
                ReminderItem(
                    reminder_id=reminder_id, invoice_id=invoice_id, step=state, state="taken",
                    supplier_id=desk.supplier_id, amount=money("100.00 CHF"),
                )
            )  # fmt: skip
        session.add(
            Call(
                **mine, id=CallId(new_id()), contact_id=desk.contact_id,
                execution_id=ExecutionId(new_id()), level=2, tone="human", language="fr",
                about={"invoices": []}, amount=money("100.00 CHF"), due_on=date(2026, 11, 2),
                state="open", created_at=now,
            )
        )  # fmt: skip
        session.execute(
            update(Contact)
            .where(Contact.debtor_id.in_([desk.debtor_id, quiet]))
            .values(bounced_at=now)
        )
    tasks = desk.tasks()
    with desk.changing() as session:
        hand_over(
            session, **mine, invoice_ids=[invoice_id], recipient="Inkasso AG", disputed=(),
            clock=world.clock,
        )  # fmt: skip

    assert set(tasks) == {
        Kind.UNKNOWN_MESSAGE, Kind.FAILED_MESSAGE, Kind.CALL, Kind.STEP, Kind.ADDRESS,
    }, "who owes nothing needs no address"  # fmt: skip
    assert tasks[Kind.FAILED_MESSAGE].facts["reason"] == "no such user"
    assert tasks[Kind.CALL].due_on == date(2026, 11, 2)
    assert tasks[Kind.STEP].facts["channel"] == "file"
    assert tasks[Kind.ADDRESS].subject_id == desk.debtor_id
    assert Kind.STEP not in desk.tasks(), "it is in other hands"


def test_ones_own_reminder_waits_for_its_day_and_is_done_and_undone(desk: Desk) -> None:
    clock = desk.world.clock
    with desk.changing() as session:
        own_id = actions.set_own_task(
            session, supplier_id=desk.supplier_id, debtor_id=desk.debtor_id, text=" Ask Bob. ",
            due_on=date(2026, 11, 4), staff_id=desk.staff_id, clock=clock,
        )  # fmt: skip
    key = Key(Kind.OWN, own_id)
    assert desk.tasks() == {}

    clock.advance(timedelta(days=2))
    assert desk.tasks()[Kind.OWN].facts == {"text": "Ask Bob."}
    with desk.changing() as session:
        task = find(session, asked_of(session, desk.supplier_id, clock=clock), key)
        actions.done(session, desk.supplier_id, task, staff_id=desk.staff_id, clock=clock)
    assert desk.tasks() == {}
    with desk.changing() as session:
        task = find(session, asked_of(session, desk.supplier_id, clock=clock), key)
        actions.reopen(session, desk.supplier_id, task, clock=clock)
    assert set(desk.tasks()) == {Kind.OWN}


def test_what_a_debtor_owes_is_what_the_ledger_says(desk: Desk) -> None:
    world = desk.world
    desk.invoice("100.00 CHF")
    desk.invoice("70.00 EUR")
    paid = desk.invoice("30.00 CHF")
    other = world.debtor(supplier_id=desk.supplier_id)
    world.invoice("8.00 CHF", debtor_id=other)
    with desk.changing() as session:
        _receive(session, desk, paid, "100.00 CHF")
        found = owed_by(session, desk.supplier_id, [desk.debtor_id, other, DebtorId(new_id())])
        expected = {
            one: tuple(exposure_of(session, desk.supplier_id, one))
            for one in (desk.debtor_id, other)
        }

    assert found == {one: amounts for one, amounts in expected.items() if amounts}


def test_the_list_takes_as_many_statements_however_long_it_is(desk: Desk) -> None:
    def statements() -> int:
        told: list[str] = []

        def note(*given: object) -> None:
            told.append(str(given[2]))

        engine = desk.world.runtime.database.engine
        event.listen(engine, "before_cursor_execute", note)
        try:
            listed = desk.list()
        finally:
            event.remove(engine, "before_cursor_execute", note)
        assert listed.lines
        return len(told)

    def add(count: int) -> None:
        for _ in range(count):
            debtor_id = desk.world.debtor(supplier_id=desk.supplier_id)
            desk.world.invoice("10.00 CHF", debtor_id=debtor_id)
            with desk.changing() as session:
                session.execute(
                    update(Contact)
                    .where(Contact.debtor_id == debtor_id)
                    .values(bounced_at=desk.world.clock.now())
                )

    add(1)
    few = statements()
    add(6)
    assert len(desk.list().lines) == 7
    assert statements() == few
    assert few <= 30
