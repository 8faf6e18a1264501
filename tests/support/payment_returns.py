"""A settled payment, and what may happen to it afterwards."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from receivables.database import Scope
from receivables.history import EVENTS, EventRow
from receivables.ids import PaymentId, RefundId, new_id
from receivables.ledger.actions import book_transfer
from receivables.ledger.lots import Standing, standing_of
from receivables.ledger.queries import unapplied_of
from receivables.payments import return_queries
from receivables.payments.refunds import refund
from receivables.payments.return_tables import Chargeback, Refund
from tests.support.builders import money
from tests.support.payment_story import Story


def pay_whole(story: Story, amount: str = "120.00 CHF") -> PaymentId:
    """The debtor pays by card, and we have heard of it."""
    payment_id = story.begin(amount)
    story.till.pay(payment_id)
    story.till.deliver()
    assert story.till.payment(payment_id).state == "settled"
    return payment_id


def transfer(story: Story, amount: str = "120.00 CHF") -> None:
    """The debtor's transfer arrives at the supplier's bank and is booked."""
    clock = story.till.world.clock
    with story.till.runtime.transaction(Scope(story.till.supplier_id)) as session:
        assert book_transfer(
            session,
            supplier_id=story.till.supplier_id,
            debtor_id=story.debtor_id,
            invoice_id=story.invoice_id,
            amount=money(amount),
            reference=f"bank-{new_id()}",
            booked_on=clock.now().date(),
            clock=clock,
        )


def paid_too_much(story: Story) -> PaymentId:
    """A page is paid at the moment at which a transfer pays the same invoice."""
    payment_id = story.begin()
    story.till.pay(payment_id)
    transfer(story)
    story.till.deliver()
    assert story.till.payment(payment_id).state == "settled"
    return payment_id


def send_back(
    story: Story, payment_id: PaymentId, amount: str, *, refund_id: RefundId | None = None
) -> Refund:
    """A refund as the backoffice makes it."""
    return refund(
        story.till.runtime,
        story.till.supplier_id,
        payment_id,
        money(amount),
        refund_id=refund_id or RefundId(new_id()),
        why="returned goods",
    )


def refunds(story: Story, payment_id: PaymentId) -> list[Refund]:
    with story.till.runtime.reading(Scope(story.till.supplier_id)) as session:
        return list(return_queries.refunds_of(session, story.till.supplier_id, payment_id))


def chargebacks(story: Story, payment_id: PaymentId) -> list[Chargeback]:
    with story.till.runtime.reading(Scope(story.till.supplier_id)) as session:
        return list(return_queries.chargebacks_of(session, story.till.supplier_id, payment_id))


def standing(story: Story, payment_id: PaymentId) -> Standing:
    with story.till.runtime.reading(Scope(story.till.supplier_id)) as session:
        return standing_of(session, story.till.supplier_id, payment_id, "CHF")


def unapplied(story: Story) -> list[str]:
    with story.till.runtime.reading(Scope(story.till.supplier_id)) as session:
        return [str(one) for one in unapplied_of(session, story.till.supplier_id, story.debtor_id)]


def charge_of(story: Story, payment_id: PaymentId) -> str:
    """Stripe's charge of a payment."""
    intent = story.till.payment(payment_id).stripe_payment_intent_id
    assert intent is not None
    found = story.till.stripe.store.find("acct_sandbox", intent)
    assert found is not None
    return str(found["latest_charge"])


def happened(story: Story, *kinds: str) -> list[str]:
    """Which of these kinds of event were recorded, in order."""
    assert set(kinds) <= set(EVENTS), set(kinds) - set(EVENTS)
    with story.till.runtime.reading(Scope(story.till.supplier_id)) as session:
        rows: Sequence[Any] = session.query(EventRow).order_by(EventRow.id).all()
        return [row.kind for row in rows if row.kind in kinds]
