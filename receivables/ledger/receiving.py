"""Bank transfers: money on the supplier's own account, put against invoices, and taken off again
when it came back or was not meant for them.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.actions import (
    Settlement,
    Side,
    lock_debtor_invoices,
    post,
    receivable_of,
    unapplied_by,
)
from receivables.ledger.allocating import take_off, undone_of
from receivables.ledger.events import TransferBooked, TransferReversed, TransferUnapplied
from receivables.ledger.lots import lots_of
from receivables.ledger.queries import open_items
from receivables.ledger.rules import spread
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money

_CAME = (Reason.TRANSFER_BOOKED, Reason.TRANSFER_SURPLUS)


class TransferSpent(ReceivablesError):
    """Money that came by transfer is not there any more, so that it cannot be taken off."""

    def __init__(self, wanted: Money, left: Money) -> None:
        self.wanted, self.left = wanted, left
        super().__init__(f"{wanted} to be taken off, {left} left")


def receive_transfer(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    source: str,
    parts: Sequence[tuple[InvoiceId, Money]],
    amount: Money,
    reference: str,
    booked_on: date,
    clock: Clock,
    only_parts: bool = False,
) -> Settlement:
    """Book a transfer: against `parts` as far as each is outstanding, then against the debtor's
    oldest open invoices (not with `only_parts`), and what is left as unapplied cash.

    `source` is the caller's own key, at most 62 characters, without a slash: the caller sees to
    it that each is booked once. `reference` is what people know the transfer by.
    """
    assert "/" not in source and len(source) <= 62, source
    lock_debtor_invoices(session, supplier_id, debtor_id)
    outstanding = {
        item.invoice_id: item.outstanding for item in open_items(session, supplier_id, debtor_id)
    }
    if only_parts:
        named = dict(parts)
        outstanding = {one: owed for one, owed in outstanding.items() if one in named}
        outstanding = {one: min(owed, named[one]) for one, owed in outstanding.items()}
    shares, surplus = spread(amount, parts, outstanding)
    bank = Side(Account.BANK, supplier_id)
    for invoice_id, share in shares.items():
        post(
            session, supplier_id=supplier_id, debit=bank, credit=receivable_of(invoice_id),
            amount=share, reason=Reason.TRANSFER_BOOKED, source=f"{source}/{invoice_id}",
            booked_on=booked_on, clock=clock,
        )  # fmt: skip
        booked = TransferBooked(
            supplier_id=supplier_id, debtor_id=debtor_id, invoice_id=invoice_id, amount=share,
            reference=reference,
        )  # fmt: skip
        record(session, booked, clock=clock)
    if surplus:
        post(
            session, supplier_id=supplier_id, debit=bank, credit=unapplied_by(debtor_id),
            amount=surplus, reason=Reason.TRANSFER_SURPLUS, source=f"{source}/{debtor_id}",
            booked_on=booked_on, clock=clock,
        )  # fmt: skip
        kept = TransferUnapplied(
            supplier_id=supplier_id, debtor_id=debtor_id, amount=surplus, reference=reference
        )
        record(session, kept, clock=clock)
    return Settlement(tuple(shares.items()), surplus)


def reverse_transfer(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    source: str,
    reference: str,
    booked_on: date,
    clock: Clock,
) -> Money | None:
    """Take a transfer off again, all of it: the invoices it was put against are open by that much
    again. What of it waits as unapplied cash goes from there, and where that has been put against
    invoices since, the latest of these are opened. None when nothing stands under `source`.

    Raises TransferSpent when the unapplied cash has gone elsewhere.
    """
    lock_debtor_invoices(session, supplier_id, debtor_id)
    entries = _standing(session, supplier_id, debtor_id, source)
    if not entries:
        return None
    undone = undone_of(session, supplier_id, [entry.id for entry in entries])
    direct = [
        one for one in entries if one.reason == Reason.TRANSFER_BOOKED and one.id not in undone
    ]
    total = Money.total((one.amount for one in entries), entries[0].amount.currency)
    waiting = total - Money.total((one.amount for one in direct), total.currency)
    if waiting:
        _free(session, supplier_id, debtor_id, waiting, booked_on, clock)
    sides = [(receivable_of(InvoiceId(one.credit_subject)), one.amount) for one in direct]
    sides += [(unapplied_by(debtor_id), waiting)] if waiting else []
    for side, amount in sides:
        post(
            session, supplier_id=supplier_id, debit=side, credit=Side(Account.BANK, supplier_id),
            amount=amount, reason=Reason.TRANSFER_REVERSED, source=f"{source}/{side.subject}",
            booked_on=booked_on, clock=clock,
        )  # fmt: skip
        reversed_ = TransferReversed(
            supplier_id=supplier_id, debtor_id=debtor_id,
            invoice_id=InvoiceId(side.subject) if side.account is Account.RECEIVABLE else None,
            amount=amount, reference=reference,
        )  # fmt: skip
        record(session, reversed_, clock=clock)
    return total


def _standing(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, source: str
) -> Sequence[Entry]:
    """The transfer's entries; none once it is taken off."""
    own = session.scalars(
        select(Invoice.id).where(Invoice.supplier_id == supplier_id, Invoice.debtor_id == debtor_id)
    )
    # Each by its whole source, which has an index; its beginning has none.
    sources = [f"{source}/{subject}" for subject in (*own, debtor_id)]

    def under(*reasons: Reason) -> Sequence[Entry]:
        return session.scalars(
            select(Entry)
            .where(
                Entry.supplier_id == supplier_id,
                Entry.reason.in_(reasons),
                Entry.source.in_(sources),
            )
            .order_by(Entry.created_at, Entry.id)
        ).all()

    return [] if under(Reason.TRANSFER_REVERSED) else under(*_CAME)


def _free(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    wanted: Money,
    booked_on: date,
    clock: Clock,
) -> None:
    """See to it that so much of no payment's waits unapplied, taking the latest of it off its
    invoices where needed.
    """
    left = _unapplied(session, supplier_id, debtor_id, wanted.currency)
    if left >= wanted:
        return
    allocated = session.scalars(
        select(Entry)
        .join(
            Invoice,
            (Invoice.supplier_id == Entry.supplier_id) & (Invoice.id == Entry.credit_subject),
        )
        .where(
            Entry.supplier_id == supplier_id,
            Entry.reason == Reason.CASH_ALLOCATED,
            Entry.payment_id.is_(None),
            Invoice.debtor_id == debtor_id,
        )
        .order_by(Entry.created_at.desc(), Entry.id.desc())
    ).all()
    undone = undone_of(session, supplier_id, [entry.id for entry in allocated])
    for entry in allocated:
        if left >= wanted:
            return
        if entry.id not in undone and entry.amount.currency == wanted.currency:
            left += take_off(
                session, supplier_id=supplier_id, debtor_id=debtor_id, entry_id=entry.id,
                booked_on=booked_on, clock=clock,
            )  # fmt: skip
    if left < wanted:
        raise TransferSpent(wanted, left)


def _unapplied(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId, currency: str
) -> Money:
    lots = lots_of(session, supplier_id, debtor_id).get(currency, [])
    return Money.total((lot.amount for lot in lots if lot.payment_id is None), currency)
