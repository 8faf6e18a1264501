"""Where money that goes back comes from, and what the database refuses of it."""

from __future__ import annotations

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy.exc import DatabaseError

from receivables.database import Scope
from receivables.ids import DebtorId, InvoiceId, PaymentId, new_id
from receivables.ledger.actions import clearing_of, post, receivable_of, settle
from receivables.ledger.allocating import NotEnoughUnapplied, allocate
from receivables.ledger.lots import lots_of, standing_of
from receivables.ledger.rules import Placed, put_back, share_out, take_back
from receivables.ledger.tables import Reason
from receivables.money import Money
from tests.support.builders import money
from tests.support.world import World

TODAY = date(2026, 11, 2)
A, B, C = (InvoiceId(new_id()) for _ in range(3))


def chf(minor: int) -> Money:
    return Money(minor, "CHF")


def test_what_nobody_has_used_goes_first_then_what_was_paid_last_then_what_credit_paid() -> None:
    placed = [Placed(A, chf(10), True), Placed(B, chf(20), True), Placed(C, chf(30), False)]

    assert take_back(chf(12), chf(5), placed) == ([(None, chf(5)), (B, chf(7))], chf(0))
    assert take_back(chf(60), chf(5), placed) == (
        [(None, chf(5)), (B, chf(20)), (A, chf(10)), (C, chf(25))], chf(0),
    )  # fmt: skip


@given(st.integers(1, 500), st.integers(0, 200), st.lists(st.integers(1, 100), max_size=5))
def test_never_more_goes_back_than_there_is_and_nothing_is_lost(
    amount: int, unapplied: int, placed: list[int]
) -> None:
    standing = [Placed(InvoiceId(new_id()), chf(one), True) for one in placed]

    parts, short = take_back(chf(amount), chf(unapplied), standing)

    gone = sum(part.minor for _, part in parts)
    assert gone + short.minor == amount
    assert gone == min(amount, unapplied + sum(placed))


def test_what_comes_again_goes_where_it_came_from_unless_somebody_else_paid_there() -> None:
    given_back = [(None, chf(5)), (A, chf(10)), (B, chf(20))]

    assert put_back(given_back, {A: chf(10), B: chf(20)}) == [
        (A, chf(10)), (B, chf(20)), (None, chf(5)),
    ]  # fmt: skip
    assert put_back(given_back, {A: chf(0), B: chf(15)}) == [(B, chf(15)), (None, chf(20))]


@given(st.lists(st.integers(1, 100), max_size=6), st.lists(st.integers(1, 100), max_size=6))
def test_lots_are_shared_out_until_either_is_used_up(lots: list[int], items: list[int]) -> None:
    shares = share_out([chf(one) for one in lots], [chf(one) for one in items])

    assert sum(share.minor for *_, share in shares) == min(sum(lots), sum(items))
    for place, item in enumerate(items):
        assert sum(share.minor for _, at, share in shares if at == place) <= item


def settled(world: World, amount: str, part: str) -> tuple[DebtorId, InvoiceId, PaymentId]:
    """A payment of `amount`, of which `part` was owed."""
    debtor_id, payment_id = world.debtor(), PaymentId(new_id())
    invoice_id = world.invoice(part, debtor_id=debtor_id)
    assert world.supplier_id is not None
    with world.runtime.transaction(Scope(world.supplier_id)) as session:
        settle(
            session, supplier_id=world.supplier_id, debtor_id=debtor_id, payment_id=payment_id,
            parts=[(invoice_id, money(part))], amount=money(amount), booked_on=TODAY,
            clock=world.clock,
        )  # fmt: skip
    return debtor_id, invoice_id, payment_id


def test_the_database_refuses_to_give_back_more_than_a_payment_brought(world: World) -> None:
    _, invoice_id, payment_id = settled(world, "50.00 CHF", "120.00 CHF")
    assert world.supplier_id is not None

    with (
        pytest.raises(DatabaseError, match="more given back than received"),
        world.runtime.transaction(Scope(world.supplier_id)) as session,
    ):
        post(
            session, supplier_id=world.supplier_id, debit=receivable_of(invoice_id),
            credit=clearing_of(world.supplier_id), amount=money("50.01 CHF"),
            reason=Reason.REFUNDED, source="re_1/x", payment_id=payment_id, booked_on=TODAY,
            clock=world.clock,
        )  # fmt: skip

    assert world.outstanding(invoice_id) == money("70.00 CHF")


def test_a_surplus_keeps_its_origin_when_it_pays_a_later_invoice(world: World) -> None:
    debtor_id, _, payment_id = settled(world, "150.00 CHF", "120.00 CHF")
    later = world.invoice("20.00 CHF", debtor_id=debtor_id)
    assert world.supplier_id is not None

    with world.runtime.reading(Scope(world.supplier_id)) as session:
        standing = standing_of(session, world.supplier_id, payment_id, "CHF")
        lots = lots_of(session, world.supplier_id, debtor_id)

    assert [(one.amount, one.own) for one in standing.placed] == [
        (money("120.00 CHF"), True), (money("20.00 CHF"), False),
    ]  # fmt: skip
    assert [(one.payment_id, one.amount) for one in lots["CHF"]] == [
        (payment_id, money("10.00 CHF"))
    ]
    assert world.outstanding(later) == money("0.00 CHF")


def test_nobody_puts_more_against_invoices_than_is_unapplied(world: World) -> None:
    debtor_id, _, _ = settled(world, "120.00 CHF", "120.00 CHF")
    open_invoice = world.invoice("20.00 CHF", debtor_id=debtor_id)
    assert world.supplier_id is not None

    with (
        pytest.raises(NotEnoughUnapplied),
        world.runtime.transaction(Scope(world.supplier_id)) as session,
    ):
        allocate(
            session, supplier_id=world.supplier_id, debtor_id=debtor_id,
            parts=[(open_invoice, money("20.00 CHF"))], source="form", booked_on=TODAY,
            clock=world.clock,
        )  # fmt: skip
