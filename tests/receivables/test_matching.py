"""Bank lines on record are posted once, proposed or left, and undone by reversing entries."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from receivables.bank import matching
from receivables.bank.errors import CameBack, EntryTaken, NoSuchMatch, NotOneDebtors
from receivables.bank.matching_queries import books_of, line_of, waiting, waiting_among
from receivables.bank.own_references import reference_of_invoice
from receivables.bank.posting import Ready, post_matches
from receivables.bank.references import ReferenceKind
from receivables.bank.rules import matches
from receivables.clock import local_date
from receivables.database import Scope
from receivables.history import EventRow
from receivables.ids import DebtorId, InvoiceId
from receivables.ledger.actions import Overpaid
from receivables.ledger.queries import unapplied_of
from receivables.ledger.tables import Entry
from receivables.money import Money
from receivables.promises.actions import NewPromise, promise
from receivables.promises.rules import Source
from receivables.runtime import Runtime
from tests.support.bank_lines import Bank
from tests.support.builders import money
from tests.support.payments import open_till
from tests.support.world import World

ACCOUNT = "CH5604835012345678009"


@pytest.fixture
def bank(world: World) -> Bank:
    return Bank(world)


def quoted(invoice_id: InvoiceId) -> str:
    return reference_of_invoice(ReferenceKind.SCOR, invoice_id).value


def unapplied(world: World, debtor_id: DebtorId) -> list[Money]:
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        return unapplied_of(session, world.supplier_id, debtor_id)


def test_what_is_certain_is_posted_once_and_the_rest_waits(world: World, bank: Bank) -> None:
    debtor = world.debtor(name="Keller Holzbau AG")
    first = world.invoice("1950.00 CHF", debtor_id=debtor, number="2026-00412")
    second = world.invoice("330.50 CHF", debtor_id=debtor, number="2026-00413")
    third = world.invoice("500.00 CHF", debtor_id=debtor, number="2026-00414", due_in_days=60)
    by_reference = bank.line("1950.00 CHF", structured_reference=quoted(first))
    short = bank.line("329.00 CHF", structured_reference=quoted(second))
    whose = bank.line("77.00 CHF", unstructured="merci")
    pending = bank.line("500.00 CHF", structured_reference=quoted(third), status="PDNG",
                        may_be_posted=False)  # fmt: skip
    bank.take()
    bank.take()

    assert not world.outstanding(first) and not world.outstanding(second)
    assert world.outstanding(third) == money("500.00 CHF")
    assert set(bank.matches()) == {by_reference, short}
    assert pending not in bank.matches()
    with world.runtime.reading(bank.scope) as session:
        left, count = waiting(session, world.supplier_id, direction="CRDT", most=10)
        entries = session.scalars(select(Entry.reason).order_by(Entry.id)).all()
    assert ([one.id for one in left], count) == ([whose], 1)
    assert sorted(entries).count("transfer_booked") == 2
    assert sorted(entries).count("written_off") == 1


def test_a_persons_choice_is_posted_teaches_and_can_be_undone(world: World, bank: Bank) -> None:
    debtor, other = world.debtor(name="Keller Holzbau AG"), world.debtor()
    first = world.invoice("100.00 CHF", debtor_id=debtor, number="K-0001")
    foreign = world.invoice("100.00 CHF", debtor_id=other, number="F-0001")
    line = bank.line("130.00 CHF", counterparty="HANS MUSTER", counterparty_account=ACCOUNT)
    bank.take()
    supplier_id, clock = world.supplier_id, world.clock

    def choose(parts: dict[InvoiceId, Money]) -> None:
        with world.runtime.transaction(bank.scope) as session:
            matching.choose(session, supplier_id, line, debtor_id=debtor, parts=parts, clock=clock)

    with pytest.raises(NotOneDebtors):
        choose({foreign: money("100.00 CHF")})
    with pytest.raises(Overpaid):
        choose({first: money("100.01 CHF")})
    choose({first: money("60.00 CHF")})
    with pytest.raises(EntryTaken):
        choose({})

    assert world.outstanding(first) == money("40.00 CHF")
    assert unapplied(world, debtor) == [money("70.00 CHF")]
    world.clock.advance(timedelta(days=1))
    taught = bank.line("40.00 CHF", counterparty="H. MUSTER", counterparty_account=ACCOUNT)
    bank.take()
    assert not world.outstanding(first)
    assert bank.matches()[taught].debtor_id == debtor

    # The credit goes to the next invoice; undoing the choice takes it off again.
    second = world.invoice("50.00 CHF", debtor_id=debtor, number="K-0002")
    assert not world.outstanding(second)
    undone = bank.matches()[line].id
    with world.runtime.transaction(bank.scope) as session:
        matching.undo(session, supplier_id, undone, clock=clock)
    with pytest.raises(NoSuchMatch), world.runtime.transaction(bank.scope) as session:
        matching.undo(session, supplier_id, undone, clock=clock)

    assert world.outstanding(first) == money("60.00 CHF")
    assert world.outstanding(second) == money("50.00 CHF")
    assert unapplied(world, debtor) == []
    with world.runtime.reading(bank.scope) as session:
        ((left,), _) = waiting(session, supplier_id, direction="CRDT", most=10)
        found = matches(line_of(left), books_of(session, supplier_id))
    assert left.id == line and not any(one.certain for one in found)


def test_a_returned_payment_opens_what_it_paid_and_its_undoing_lets_both_wait(
    world: World, bank: Bank
) -> None:
    debtor = world.debtor()
    invoice = world.invoice("100.00 CHF", debtor_id=debtor)
    came = bank.line("99.00 CHF", structured_reference=quoted(invoice), end_to_end_id="E-1")
    bank.take()
    assert not world.outstanding(invoice)

    world.clock.advance(timedelta(days=3))
    back = bank.line("-99.00 CHF", end_to_end_id="E-1", return_reason="AM04")
    bank.line("-99.00 CHF", end_to_end_id="E-1", counterparty="Our own landlord")
    bank.take()

    assert world.outstanding(invoice) == money("100.00 CHF")
    standing = bank.matches()
    assert standing[back].undoes == standing[came].id
    supplier_id, clock = world.supplier_id, world.clock
    with pytest.raises(CameBack), world.runtime.transaction(bank.scope) as session:
        matching.undo(session, supplier_id, standing[came].id, clock=clock)
    with world.runtime.transaction(bank.scope) as session:
        matching.undo(session, supplier_id, standing[back].id, clock=clock)
    assert bank.matches() == {}
    bank.take()
    assert set(bank.matches()) == {came, back}
    assert world.outstanding(invoice) == money("100.00 CHF")


def test_of_a_booking_and_its_details_one_side_alone_is_posted(world: World, bank: Bank) -> None:
    debtor = world.debtor()
    first = world.invoice("60.00 CHF", debtor_id=debtor)
    second = world.invoice("40.00 CHF", debtor_id=debtor)
    whole = bank.line("100.00 CHF", unstructured="Sammelgutschrift")
    bank.take()
    parts = [
        bank.line("60.00 CHF", structured_reference=quoted(first), details_of=whole, part=1),
        bank.line("40.00 CHF", structured_reference=quoted(second), details_of=whole, part=2),
    ]
    bank.take()

    assert set(bank.matches()) == set(parts)
    with pytest.raises(EntryTaken), world.runtime.transaction(bank.scope) as session:
        matching.set_aside(session, world.supplier_id, whole, clock=world.clock)
    with world.runtime.reading(bank.scope) as session:
        assert waiting(session, world.supplier_id, direction="CRDT", most=5) == ([], 0)


def test_what_was_paid_meanwhile_is_left_and_the_books_are_corrected(
    world: World, bank: Bank
) -> None:
    debtor = world.debtor(name="Keller Holzbau AG")
    invoices = [world.invoice("80.00 CHF", debtor_id=debtor) for _ in range(2)]
    bank.take()
    supplier_id, clock = world.supplier_id, world.clock
    with world.runtime.reading(bank.scope) as session:
        books = books_of(session, supplier_id)
    first = bank.line("80.00 CHF", structured_reference=quoted(invoices[0]))
    bank.take()
    late = [bank.line("80.00 CHF", structured_reference=quoted(one)) for one in invoices]

    # The statement is there, its matching is not: what the books said is older.
    bank.put()
    with world.runtime.transaction(bank.scope) as session:
        entries = waiting_among(session, supplier_id, late)
        ready = [Ready(one, matches(one.line, books)[0]) for one in entries]
        assert all(one.match.certain for one in ready)
        post_matches(session, supplier_id, [*ready, ready[1]], books, clock=clock)

    assert set(bank.matches()) == {first, late[1]}
    assert not any(world.outstanding(one) for one in invoices)
    assert not books.all_open()


def test_a_matched_transfer_closes_an_open_payment_page_and_keeps_a_promise(
    runtime: Runtime,
) -> None:
    till = open_till(runtime)
    world, bank = till.world, Bank(till.world, till.supplier_id)
    debtor = world.debtor(name="Keller Holzbau AG")
    invoice = world.invoice("100.00 CHF", debtor_id=debtor)
    page = till.begin(till.choice(debtor, [(invoice, "100.00 CHF")]))
    promised = NewPromise(
        invoice_ids=[invoice], amount=money("100.00 CHF"), source=Source.DEBTOR,
        promised_on=local_date(world.clock.now(), "Europe/Zurich") + timedelta(days=3),
    )  # fmt: skip
    with runtime.transaction(bank.scope) as session:
        promise(session, supplier_id=till.supplier_id, debtor_id=debtor, new=promised,
                clock=world.clock)  # fmt: skip
    bank.line("100.00 CHF", structured_reference=quoted(invoice))
    bank.take()

    assert not world.outstanding(invoice)
    assert till.payment(page.payment_id).state == "expired"
    with runtime.reading(bank.scope) as session:
        kept = session.scalars(select(EventRow.kind).where(EventRow.debtor_id == debtor)).all()
    assert {"ledger.transfer_booked", "bank.entry_matched", "promise.kept"} <= set(kept)
