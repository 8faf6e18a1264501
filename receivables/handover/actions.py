"""Handing invoices over to somebody who collects them, and taking them back."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.handover.errors import (
    DisputedInvoices,
    NothingToHandOver,
    NothingToTakeBack,
    OnPlan,
    RecipientMissing,
)
from receivables.handover.events import (
    HandedOver,
    InvoiceHandedOver,
    InvoiceTakenBack,
    TakenBack,
)
from receivables.handover.queries import holds
from receivables.handover.tables import Handover
from receivables.history import record
from receivables.ids import DebtorId, HandoverId, InvoiceId, SupplierId, new_id
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import OpenItem, open_items
from receivables.money import Money


def hand_over(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    invoice_ids: Collection[InvoiceId],
    recipient: str,
    note: str = "",
    disputed: Collection[InvoiceId],
    disputed_confirmed: bool = False,
    on_plan: Collection[InvoiceId] = (),
    clock: Clock,
) -> None:
    """Leave these open invoices to `recipient`; what is in other hands already stays there.

    `disputed` are the invoices of which something is contested: they go only when somebody has
    confirmed it. Those `on_plan` do not go at all. Raises RecipientMissing, NothingToHandOver,
    OnPlan and DisputedInvoices.
    """
    if not recipient.strip():
        raise RecipientMissing("nobody was named")
    gone = {hold.invoice_id for hold in holds(session, supplier_id, debtor_id)}
    items = [
        item
        for item in open_items(session, supplier_id, debtor_id)
        if item.invoice_id in invoice_ids and item.invoice_id not in gone
    ]
    if not items:
        raise NothingToHandOver(str(debtor_id))
    agreed = tuple(item.number for item in items if item.invoice_id in on_plan)
    if agreed:
        raise OnPlan(agreed)
    contested = tuple(item.number for item in items if item.invoice_id in disputed)
    if contested and not disputed_confirmed:
        raise DisputedInvoices(contested)
    for item in items:
        _add(session, supplier_id, item, recipient, note, item.invoice_id in disputed, clock=clock)
    happened = HandedOver(
        supplier_id=supplier_id,
        debtor_id=debtor_id,
        recipient=recipient,
        note=note,
        numbers=tuple(item.number for item in items),
        amounts=_sums(items),
        disputed=contested,
    )
    record(session, happened, clock=clock)


def _add(
    session: Session,
    supplier_id: SupplierId,
    item: OpenItem,
    recipient: str,
    note: str,
    was_disputed: bool,
    *,
    clock: Clock,
) -> None:
    session.add(
        Handover(
            id=HandoverId(new_id()),
            supplier_id=supplier_id,
            debtor_id=item.debtor_id,
            invoice_id=item.invoice_id,
            amount=item.outstanding,
            recipient=recipient,
            note=note,
            was_disputed=was_disputed,
            stands=True,
            handed_over_at=clock.now(),
            taken_back_at=None,
            why_back="",
        )
    )
    happened = InvoiceHandedOver(
        supplier_id=supplier_id,
        debtor_id=item.debtor_id,
        invoice_id=item.invoice_id,
        recipient=recipient,
        amount=item.outstanding,
    )
    record(session, happened, clock=clock)


def _sums(items: Sequence[OpenItem]) -> tuple[Money, ...]:
    sums: dict[str, Money] = {}
    for item in items:
        currency = item.outstanding.currency
        sums[currency] = sums.get(currency, Money.zero(currency)) + item.outstanding
    return tuple(sums[currency] for currency in sorted(sums))


def take_back(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    invoice_ids: Collection[InvoiceId],
    why: str,
    clock: Clock,
) -> None:
    """Collect these ourselves again. Raises NothingToTakeBack."""
    rows = session.execute(
        select(Handover, Invoice.number)
        .join(
            Invoice,
            (Invoice.supplier_id == Handover.supplier_id) & (Invoice.id == Handover.invoice_id),
        )
        .where(
            Handover.supplier_id == supplier_id,
            Handover.debtor_id == debtor_id,
            Handover.invoice_id.in_(invoice_ids),
            Handover.stands,
        )
        .order_by(Invoice.due_on, Invoice.number)
    ).all()
    if not rows:
        raise NothingToTakeBack(str(debtor_id))
    for handover, _ in rows:
        handover.stands = False
        handover.taken_back_at = clock.now()
        handover.why_back = why
        happened = InvoiceTakenBack(
            supplier_id=supplier_id, debtor_id=debtor_id, invoice_id=handover.invoice_id, why=why
        )
        record(session, happened, clock=clock)
    numbers = tuple(number for _, number in rows)
    record(
        session,
        TakenBack(supplier_id=supplier_id, debtor_id=debtor_id, numbers=numbers, why=why),
        clock=clock,
    )
