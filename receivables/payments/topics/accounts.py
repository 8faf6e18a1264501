"""Messages about connected accounts: whether a supplier's still takes payments."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.parties.tables import Supplier
from receivables.payments.inbox import NOT_OURS, EventState, Topic, Verdict
from receivables.payments.return_events import CardPaymentsResumed, CardPaymentsStopped
from receivables.payments.tables import StripeEvent
from receivables.ports import AccountFound, Gateway


@dataclass(frozen=True, slots=True)
class Standing:
    """A connected account, and how it stands."""

    account: str
    found: AccountFound


def _account(gateway: Gateway, event: StripeEvent) -> Standing | None:
    if not event.account:
        return None
    return Standing(event.account, gateway.account(event.account))


def _take_down(session: Session, standing: Standing | None, clock: Clock) -> Verdict:
    if standing is None:
        return NOT_OURS
    suppliers = session.scalars(
        select(Supplier).where(Supplier.stripe_account == standing.account).with_for_update()
    ).all()
    for supplier in suppliers:
        note_standing(session, supplier, standing.found, clock=clock)
    whose = suppliers[0].id if len(suppliers) == 1 else None
    return Verdict(EventState.APPLIED, whose)


def note_standing(
    session: Session, supplier: Supplier, found: AccountFound, *, clock: Clock
) -> None:
    """Take down whether the supplier's account takes payments; nothing new changes nothing."""
    trouble = "" if found.takes_payments else "restricted"
    if not found.connected:
        trouble = "disconnected"
    if trouble == supplier.stripe_trouble:
        return
    supplier.stripe_trouble = trouble
    stopped = CardPaymentsStopped(supplier_id=supplier.id, reason=trouble)
    record(
        session, stopped if trouble else CardPaymentsResumed(supplier_id=supplier.id), clock=clock
    )
    session.flush()


ACCOUNTS = Topic("account.", fetch=_account, apply=_take_down)
