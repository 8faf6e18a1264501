from datetime import date

import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError

from receivables.clock import local_date
from receivables.database import Scope
from receivables.ids import PaymentId, new_id
from receivables.ledger.actions import post, receivable_of, sales_of, settle
from receivables.ledger.queries import exposure_of, open_items, unapplied_of
from receivables.ledger.tables import Reason
from receivables.money import Money
from tests.support.builders import money
from tests.support.world import World

TODAY = date(2026, 11, 2)


def pay(world: World, debtor_id, parts, amount: str, payment_id=None):
    """Settle as a payment would; the payment's own row is payments' matter."""
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        return settle(
            session, supplier_id=world.supplier_id, debtor_id=debtor_id,
            payment_id=payment_id or PaymentId(new_id()),
            parts=[(invoice_id, money(part)) for invoice_id, part in parts],
            amount=money(amount), booked_on=TODAY, clock=world.clock,
        )  # fmt: skip


def test_an_invoice_is_outstanding_until_it_is_paid(world: World):
    debtor = world.debtor()
    invoice = world.invoice("120.00 CHF", debtor_id=debtor)
    assert world.outstanding(invoice) == money("120.00 CHF")

    pay(world, debtor, [(invoice, "50.00 CHF")], "50.00 CHF")
    assert world.outstanding(invoice) == money("70.00 CHF")

    pay(world, debtor, [(invoice, "70.00 CHF")], "70.00 CHF")
    assert world.outstanding(invoice) == money("0.00 CHF")


def test_settling_the_same_payment_again_changes_nothing(world: World):
    debtor = world.debtor()
    invoice = world.invoice("120.00 CHF", debtor_id=debtor)
    payment = PaymentId(new_id())

    first = pay(world, debtor, [(invoice, "50.00 CHF")], "50.00 CHF", payment)
    second = pay(world, debtor, [(invoice, "50.00 CHF")], "50.00 CHF", payment)

    assert first == second
    assert world.outstanding(invoice) == money("70.00 CHF")


def test_a_surplus_goes_to_the_oldest_open_invoice_and_then_waits_as_unapplied_cash(world: World):
    debtor = world.debtor()
    younger = world.invoice("30.00 CHF", debtor_id=debtor, due_in_days=20)
    older = world.invoice("30.00 CHF", debtor_id=debtor, due_in_days=10)
    paid = world.invoice("100.00 CHF", debtor_id=debtor, due_in_days=30)

    settlement = pay(world, debtor, [(paid, "100.00 CHF")], "170.00 CHF")

    assert dict(settlement.allocations) == {
        paid: money("100.00 CHF"), older: money("30.00 CHF"), younger: money("30.00 CHF")
    }  # fmt: skip
    assert settlement.surplus == money("10.00 CHF")
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        assert unapplied_of(session, world.supplier_id, debtor) == [money("10.00 CHF")]


def test_a_credit_note_lowers_the_invoice_it_names(world: World):
    debtor = world.debtor()
    other = world.invoice("80.00 CHF", debtor_id=debtor, due_in_days=5)
    named = world.invoice("100.00 CHF", debtor_id=debtor, number="A-1", due_in_days=30)

    world.invoice(
        "40.00 CHF", debtor_id=debtor, is_credit_note=True, preceding_number="A-1", number="G-1"
    )

    assert world.outstanding(named) == money("60.00 CHF")
    assert world.outstanding(other) == money("80.00 CHF")


def test_credit_left_over_is_put_against_the_next_invoice(world: World):
    debtor = world.debtor()
    world.invoice("50.00 CHF", debtor_id=debtor, is_credit_note=True)

    invoice = world.invoice("80.00 CHF", debtor_id=debtor)

    assert world.outstanding(invoice) == money("30.00 CHF")


def test_currencies_are_kept_apart(world: World):
    debtor = world.debtor()
    francs = world.invoice("80.00 CHF", debtor_id=debtor)
    world.invoice("50.00 EUR", debtor_id=debtor, is_credit_note=True)

    assert world.outstanding(francs) == money("80.00 CHF")
    with world.runtime.reading(Scope(world.supplier_id)) as session:
        assert exposure_of(session, world.supplier_id, debtor) == [money("80.00 CHF")]


def test_the_database_refuses_to_take_a_receivable_below_zero(world: World):
    invoice = world.invoice("10.00 CHF")

    with (
        pytest.raises(DatabaseError, match="below zero"),
        world.runtime.transaction(Scope(world.supplier_id)) as session,
    ):
        post(
            session, supplier_id=world.supplier_id, debit=sales_of(world.supplier_id),
            credit=receivable_of(invoice), amount=money("10.01 CHF"),
            reason=Reason.CASH_ALLOCATED, source="too much", booked_on=TODAY, clock=world.clock,
        )  # fmt: skip
    assert world.outstanding(invoice) == money("10.00 CHF")


@pytest.mark.parametrize(
    "change", ["UPDATE ledger_entries SET amount_minor = 1", "DELETE FROM ledger_entries"]
)
def test_entries_cannot_be_changed(world: World, change: str):
    world.invoice("10.00 CHF")

    with (
        pytest.raises(DatabaseError, match=r"append-only|permission denied"),
        world.runtime.transaction(Scope(world.supplier_id)) as session,
    ):
        session.execute(text(change))


def test_another_suppliers_receivables_do_not_exist(world: World):
    world.invoice("10.00 CHF")
    stranger = world.supplier(name="Another SA")

    with world.runtime.reading(Scope(stranger)) as session:
        assert open_items(session, stranger) == []
        assert exposure_of(session, stranger, world.debtor()) == []


def test_a_day_is_the_suppliers_day():
    from datetime import UTC, datetime

    late_evening = datetime(2026, 11, 1, 23, 30, tzinfo=UTC)

    assert local_date(late_evening, "Europe/Zurich") == date(2026, 11, 2)
    assert Money.zero("CHF") == money("0.00 CHF")
