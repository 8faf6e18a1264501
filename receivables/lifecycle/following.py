"""What follows from a status that came in: a dispute, words to one, or money that is looked for.

The debtor is told of a dispute as of any other: the mail names its number and leads to the page
where it goes on. A program sent the status; whoever reads the mail may know nothing of it yet.
"""

from __future__ import annotations

from dataclasses import dataclass
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.disputes.actions import debtor_writes, note
from receivables.disputes.einvoice import reason_of
from receivables.disputes.errors import StepNotPossible
from receivables.disputes.opening import Claim, Opening, open_dispute
from receivables.disputes.reasons import Reason
from receivables.disputes.steps import Words
from receivables.disputes.tables import DisputeItem
from receivables.ids import DisputeId, PaidClaimId
from receivables.invoices.tables import Invoice, InvoiceLine
from receivables.ledger.queries import outstanding_of
from receivables.lifecycle.findings import in_zone
from receivables.lifecycle.parsed import Stated
from receivables.lifecycle.rules import Effect, contested, effect_of, paid
from receivables.lifecycle.tables import Outcome
from receivables.money import Money
from receivables.parties.tables import Supplier
from receivables.promises.claiming import NewClaim, claim_paid
from receivables.promises.errors import (
    AlreadyClaimed,
    NothingChosen,
    PaidOnImpossible,
    PromisesNothing,
)


@dataclass(frozen=True, slots=True)
class Followed:
    """What followed, with what it is about."""

    outcome: Outcome
    dispute_id: DisputeId | None = None
    claim_id: PaidClaimId | None = None


def follow(
    session: Session, supplier: Supplier, invoice: Invoice, stated: Stated, *, clock: Clock
) -> Followed:
    """Let follow from a status what it calls for. The caller holds the invoice."""
    effect = effect_of(stated.status)
    if effect is Effect.NONE or invoice.kind != "invoice":
        return Followed(Outcome.RECORDED)
    outstanding = outstanding_of(session, supplier.id, [invoice.id])[invoice.id]
    if effect is Effect.SAYS_IT_IS_PAID:
        return _look_for_money(session, supplier, invoice, stated, outstanding, clock)
    return _contest(session, invoice, stated, outstanding, clock)


def _contest(
    session: Session, invoice: Invoice, stated: Stated, outstanding: Money, clock: Clock
) -> Followed:
    standing = session.scalar(
        select(DisputeItem.dispute_id).where(
            DisputeItem.supplier_id == invoice.supplier_id,
            DisputeItem.invoice_id == invoice.id,
            DisputeItem.is_open,
        )
    )
    if standing is not None:
        _add(session, invoice, standing, Words(stated.words), clock)
        return Followed(Outcome.ADDED, dispute_id=standing)
    if not outstanding:
        return Followed(Outcome.NOTHING_OPEN)
    amount = contested(stated, invoice.total, outstanding, net=_net(session, invoice))
    if amount is not None and not amount:
        return Followed(Outcome.RECORDED)
    is_whole = amount is None or amount == outstanding
    opening = Opening(
        supplier_id=invoice.supplier_id,
        debtor_id=invoice.debtor_id,
        contact_id=None,
        reason=_reason(stated),
        claims=[
            Claim(number=invoice.number)
            if is_whole
            else Claim(number=invoice.number, scope="amount", amount=amount)
        ],
        words=Words(stated.words),
    )
    return Followed(Outcome.DISPUTED, dispute_id=open_dispute(session, opening, clock=clock))


def _reason(stated: Stated) -> Reason:
    """Of the first motive that says more than "other"."""
    reasons = [reason_of(one.code) for one in stated.motives]
    return next((one for one in reasons if one is not Reason.OTHER), Reason.OTHER)


def _add(
    session: Session, invoice: Invoice, dispute_id: DisputeId, words: Words, clock: Clock
) -> None:
    """To the conversation; to the notes of a dispute that is decided and waits for its credit."""
    try:
        debtor_writes(
            session, invoice.supplier_id, invoice.debtor_id, dispute_id, words, clock=clock
        )
    except StepNotPossible:
        note(session, invoice.supplier_id, dispute_id, words, clock=clock)


def _net(session: Session, invoice: Invoice) -> Money | None:
    """All lines without tax; None where one of them says nothing, or there is none."""
    lines, known, total = session.execute(
        select(
            func.count(),
            func.count(InvoiceLine.net_minor),
            func.coalesce(func.sum(InvoiceLine.net_minor), 0),
        ).where(
            InvoiceLine.supplier_id == invoice.supplier_id, InvoiceLine.invoice_id == invoice.id
        )
    ).one()
    return Money(int(total or 0), invoice.total.currency) if lines and lines == known else None


def _look_for_money(
    session: Session,
    supplier: Supplier,
    invoice: Invoice,
    stated: Stated,
    outstanding: Money,
    clock: Clock,
) -> Followed:
    """What the portal calls "I have already paid": believed for five working days."""
    amount = paid(stated, outstanding) if outstanding else None
    if amount is None:
        return Followed(Outcome.RECORDED if outstanding else Outcome.NOTHING_OPEN)
    zone = ZoneInfo(supplier.zone)
    new = NewClaim(
        invoice_ids=[invoice.id],
        amount=min(amount, outstanding),
        paid_on=min(in_zone(stated.stated_at, zone), clock.now()).astimezone(zone).date(),
        reference=invoice.number,
        note=stated.words[:1000],
    )
    try:
        claim_id = claim_paid(
            session, supplier_id=supplier.id, debtor_id=invoice.debtor_id, new=new, clock=clock
        )
    except (AlreadyClaimed, NothingChosen, PaidOnImpossible, PromisesNothing):
        return Followed(Outcome.RECORDED)
    return Followed(Outcome.SAID_TO_BE_PAID, claim_id=claim_id)
