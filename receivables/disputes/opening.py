"""A debtor contests invoices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.disputes.errors import (
    AlreadyDisputed,
    AmountNotDisputable,
    CurrenciesMixed,
    MessageMissing,
    NothingToDispute,
)
from receivables.disputes.events import DisputeOpened, InvoiceDisputed
from receivables.disputes.reasons import HANDLING, Reason
from receivables.disputes.rules import Scope, disputed_amount, is_late, share_of_lines
from receivables.disputes.states import State
from receivables.disputes.steps import NO_WORDS, Words, said_of, tell, write
from receivables.disputes.tables import Dispute, DisputeItem, DisputePolicy
from receivables.history import record
from receivables.ids import ContactId, DebtorId, DisputeId, SupplierId, new_id
from receivables.invoices import queries as invoices
from receivables.invoices.tables import Invoice
from receivables.ledger.actions import lock_invoices
from receivables.ledger.queries import outstanding_of
from receivables.money import Money
from receivables.parties.queries import hold_supplier
from receivables.parties.queries import supplier as supplier_of
from receivables.parties.tables import Supplier


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """What is contested of one invoice: `amount` with scope amount, `lines` (places) with lines."""

    number: str
    scope: Scope = "whole"
    amount: Money | None = None
    lines: Sequence[int] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Opening:
    """Everything a debtor says when they contest.

    `side` is who writes it down: the supplier, for what was said on the telephone. The debtor is
    told of it all the same, and reads what was noted.
    """

    supplier_id: SupplierId
    debtor_id: DebtorId
    contact_id: ContactId | None
    reason: Reason
    claims: Sequence[Claim]
    words: Words = NO_WORDS
    side: Literal["debtor", "supplier"] = "debtor"


def open_dispute(session: Session, opening: Opening, *, clock: Clock) -> DisputeId:
    """Contest invoices: what is disputed of them is not asked for until it is decided.

    Raises NothingToDispute, AlreadyDisputed, AmountNotDisputable, CurrenciesMixed, MessageMissing
    and NoSuchInvoice.
    """
    supplier = supplier_of(session, opening.supplier_id)
    if HANDLING[opening.reason].needs_words and not opening.words.body:
        raise MessageMissing(opening.reason)
    contested = _contested(session, opening)
    dispute = _add_dispute(session, supplier, opening, [one for one, _ in contested], clock)
    for (invoice, amount), claim in zip(contested, opening.claims, strict=True):
        session.add(_item(dispute, invoice, amount, claim))
    session.flush()
    message_id = write(session, dispute, opening.words, side=opening.side, clock=clock)
    opened = DisputeOpened(
        **said_of(dispute),
        amount=Money.total((amount for _, amount in contested), contested[0][1].currency),
        reason=dispute.reason,
        is_late=dispute.is_late,
    )
    tell(session, dispute, opened, clock=clock, letter="opened", memo="opened", quoting=message_id)
    for invoice, amount in contested:
        disputed = InvoiceDisputed(**said_of(dispute), invoice_id=invoice.id, amount=amount)
        record(session, disputed, clock=clock)
    return dispute.id


def _contested(session: Session, opening: Opening) -> list[tuple[Invoice, Money]]:
    """Each invoice with what is disputed of it; nobody else pays or disputes them meanwhile."""
    supplier_id, debtor_id = opening.supplier_id, opening.debtor_id
    found = [
        invoices.of_debtor(session, supplier_id, debtor_id, claim.number)
        for claim in opening.claims
    ]
    if not found or len({one.id for one in found}) < len(found):
        raise NothingToDispute
    if any(one.kind != "invoice" for one in found):
        raise NothingToDispute
    if len({one.total.currency for one in found}) > 1:
        raise CurrenciesMixed
    ids = [one.id for one in found]
    lock_invoices(session, supplier_id, ids)
    numbers = {one.id: one.number for one in found}
    taken = session.scalars(
        select(DisputeItem.invoice_id).where(
            DisputeItem.supplier_id == supplier_id,
            DisputeItem.invoice_id.in_(ids),
            DisputeItem.is_open,
        )
    ).all()
    if taken:
        raise AlreadyDisputed(numbers[taken[0]])
    outstanding = outstanding_of(session, supplier_id, ids)
    return [
        (invoice, _amount(session, invoice, claim, outstanding[invoice.id]))
        for invoice, claim in zip(found, opening.claims, strict=True)
    ]


def _amount(session: Session, invoice: Invoice, claim: Claim, outstanding: Money) -> Money:
    offered = claim.amount
    if claim.scope == "lines":
        rows = invoices.lines(session, invoice.supplier_id, invoice.id)
        nets = {row.place: row.net_minor for row in rows}
        offered = share_of_lines(invoice.total, nets, claim.lines)
    elif offered is not None and offered.currency != outstanding.currency:
        raise AmountNotDisputable(invoice.number, offered, outstanding)
    return disputed_amount(invoice.number, claim.scope, outstanding, offered=offered)


def _add_dispute(
    session: Session,
    supplier: Supplier,
    opening: Opening,
    contested: Sequence[Invoice],
    clock: Clock,
) -> Dispute:
    now = clock.now()
    handling = HANDLING[opening.reason]
    today = local_date(now, supplier.zone)
    delay_days = session.scalar(
        select(DisputePolicy.delay_days).where(DisputePolicy.supplier_id == supplier.id)
    )
    dispute = Dispute(
        id=DisputeId(new_id()),
        supplier_id=supplier.id,
        debtor_id=opening.debtor_id,
        contact_id=opening.contact_id,
        number=_next_number(session, supplier.id),
        reason=opening.reason,
        department=handling.department,
        owner_id=None,
        is_urgent=handling.is_urgent,
        is_late=any(is_late(one.issued_on, today, delay_days) for one in contested),
        state=State.SUBMITTED,
        state_since=now,
        created_at=now,
        clock_from=now,
        times_reopened=0,
    )
    session.add(dispute)
    session.flush()
    return dispute


def _next_number(session: Session, supplier_id: SupplierId) -> int:
    """The next of this supplier's numbers; whoever else wants one waits for this transaction."""
    hold_supplier(session, supplier_id)
    last = session.scalar(
        select(func.max(Dispute.number)).where(Dispute.supplier_id == supplier_id)
    )
    return (last or 0) + 1


def _item(dispute: Dispute, invoice: Invoice, amount: Money, claim: Claim) -> DisputeItem:
    return DisputeItem(
        dispute_id=dispute.id,
        invoice_id=invoice.id,
        supplier_id=dispute.supplier_id,
        scope=claim.scope,
        line_places=sorted(set(claim.lines)) if claim.scope == "lines" else [],
        disputed=amount,
        credited_minor=0,
        is_open=True,
    )
