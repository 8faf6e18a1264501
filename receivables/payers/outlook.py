"""What a forecast starts from: gathered in one reading, so that it can be made without one."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from statistics import median
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import local_date
from receivables.disputes.states import UNDECIDED
from receivables.disputes.tables import Dispute, DisputeItem
from receivables.ids import DebtorId, InvoiceId, PlanId, SupplierId
from receivables.parties import queries as parties
from receivables.payers.books import MEMORY, Settlement, settlements
from receivables.payers.pasts import Past
from receivables.payments.rules import PaymentState
from receivables.payments.tables import Payment, PaymentPart
from receivables.plans.queries import DueItem, due_items
from receivables.plans.tables import InstalmentRow
from receivables.promises.rules import PromiseState
from receivables.promises.tables import Promise, PromiseItem

#: Only the latest few of these say how well a word is kept.
_MOST_SLIPS = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Outlook:
    """One supplier's due items on a day, and all that is known of when they may be paid."""

    today: date
    due: tuple[DueItem, ...]
    settled: tuple[Settlement, ...]
    pasts: tuple[Past, ...]
    countries: Mapping[DebtorId, str]
    #: Days by which instalments of a plan, and promises of a debtor, were late.
    plan_slips: Mapping[PlanId, list[int]]
    promised: Mapping[InvoiceId, date]
    promise_slips: Mapping[DebtorId, list[int]]
    #: The day a payment under way was begun.
    processing: Mapping[InvoiceId, date]
    #: The day a dispute over the whole was opened, and its reason.
    disputed: Mapping[InvoiceId, tuple[date, str]]
    dispute_days: Mapping[str, int]


def outlook(session: Session, supplier_id: SupplierId, today: date) -> Outlook:
    debtors = parties.debtors_by_id(session, supplier_id)
    countries = {debtor_id: one.country for debtor_id, one in debtors.items()}
    zone = parties.supplier(session, supplier_id).zone
    settled = settlements(session, supplier_id, issued_since=today - MEMORY)
    pasts = _pasts(settled, countries)
    paid_on = {past.invoice: past.paid_on for past in pasts if past.paid_on is not None}
    due = due_items(session, supplier_id, today=today)
    promised = _promised(session, supplier_id)
    disputed = _disputed(session, supplier_id, zone)
    # How words were kept is asked for only where somebody gave one.
    on_plans = any(item.plan_id is not None for item in due)
    return Outlook(
        today=today,
        due=tuple(due),
        settled=tuple(settled),
        pasts=pasts,
        countries=countries,
        plan_slips=_plan_slips(session, supplier_id, zone) if on_plans else {},
        promised=promised,
        promise_slips=_promise_slips(session, supplier_id, paid_on) if promised else {},
        processing=_processing(session, supplier_id, zone),
        disputed=disputed,
        dispute_days=_dispute_days(session, supplier_id) if disputed else {},
    )


def _pasts(settled: Iterable[Settlement], countries: Mapping[DebtorId, str]) -> tuple[Past, ...]:
    """What was credited or written off was never paid, and teaches nothing."""
    return tuple(
        Past(
            customer=str(one.debtor_id),
            invoice=str(one.invoice_id),
            issued_on=one.issued_on,
            due_on=one.due_on,
            paid_on=one.paid_on,
            amount=one.total.decimal,
            traits={
                "country": countries.get(one.debtor_id, ""),
                "currency": one.total.currency,
            },
        )
        for one in settled
        if one.paid_on is not None or one.outstanding
    )


def _plan_slips(session: Session, supplier_id: SupplierId, zone: str) -> dict[PlanId, list[int]]:
    """By how many days the payments of each plan's instalments were late."""
    rows = session.execute(
        select(InstalmentRow.plan_id, InstalmentRow.due_on, Payment.state_since)
        .join(
            Payment,
            (Payment.supplier_id == InstalmentRow.supplier_id)
            & (Payment.instalment_id == InstalmentRow.id),
        )
        .where(InstalmentRow.supplier_id == supplier_id, Payment.state == PaymentState.SETTLED)
    )
    found: dict[PlanId, list[int]] = defaultdict(list)
    for row in rows:
        late = (local_date(row.state_since, zone) - row.due_on).days
        found[row.plan_id].append(max(0, late))
    return found


def _promised(session: Session, supplier_id: SupplierId) -> dict[InvoiceId, date]:
    rows = session.execute(
        select(PromiseItem.invoice_id, Promise.promised_on)
        .join(
            Promise,
            (Promise.supplier_id == PromiseItem.supplier_id)
            & (Promise.id == PromiseItem.promise_id),
        )
        .where(Promise.supplier_id == supplier_id, Promise.state == PromiseState.ACTIVE)
    )
    return {row.invoice_id: row.promised_on for row in rows}


def _promise_slips(
    session: Session, supplier_id: SupplierId, paid_on: Mapping[str, date]
) -> dict[DebtorId, list[int]]:
    """By how many days the money came after what was promised; kept ones count as in time.

    What was promised and is still open says nothing yet.
    """
    judged = (PromiseState.KEPT, PromiseState.KEPT_IN_PART, PromiseState.BROKEN)
    rows = session.execute(
        select(Promise.debtor_id, Promise.promised_on, Promise.state, PromiseItem.invoice_id)
        .join(
            PromiseItem,
            (PromiseItem.supplier_id == Promise.supplier_id)
            & (PromiseItem.promise_id == Promise.id),
        )
        .where(Promise.supplier_id == supplier_id, Promise.state.in_(judged))
        .order_by(Promise.created_at.desc())
    )
    found: dict[DebtorId, list[int]] = defaultdict(list)
    for row in rows:
        own, came = found[row.debtor_id], paid_on.get(str(row.invoice_id))
        if len(own) >= _MOST_SLIPS:
            continue
        if row.state == PromiseState.KEPT:
            own.append(0)
        elif came is not None:
            own.append(max(0, (came - row.promised_on).days))
    return found


def _processing(session: Session, supplier_id: SupplierId, zone: str) -> dict[InvoiceId, date]:
    """Invoices that a payment under way pays: the money has left the debtor."""
    rows = session.execute(
        select(PaymentPart.invoice_id, Payment.state_since)
        .join(
            Payment,
            (Payment.supplier_id == PaymentPart.supplier_id)
            & (Payment.id == PaymentPart.payment_id),
        )
        .where(
            Payment.supplier_id == supplier_id,
            PaymentPart.live,
            Payment.state == PaymentState.PROCESSING,
        )
    )
    return {row.invoice_id: local_date(row.state_since, zone) for row in rows}


def _disputed(
    session: Session, supplier_id: SupplierId, zone: str
) -> dict[InvoiceId, tuple[date, str]]:
    """Invoices of which the whole is disputed and nobody has decided."""
    rows = session.execute(
        select(DisputeItem.invoice_id, Dispute.created_at, Dispute.reason)
        .join(
            Dispute,
            (Dispute.supplier_id == DisputeItem.supplier_id)
            & (Dispute.id == DisputeItem.dispute_id),
        )
        .where(
            Dispute.supplier_id == supplier_id,
            Dispute.state.in_(UNDECIDED),
            DisputeItem.is_open,
            DisputeItem.scope == "whole",
        )
    )
    return {row.invoice_id: (local_date(row.created_at, zone), row.reason) for row in rows}


def _dispute_days(session: Session, supplier_id: SupplierId) -> dict[str, int]:
    """Per reason, the median of how many days a decision took."""
    rows = session.execute(
        select(Dispute.reason, Dispute.created_at, Dispute.decided_on).where(
            Dispute.supplier_id == supplier_id, Dispute.decided_on.is_not(None)
        )
    )
    taken: dict[str, list[int]] = defaultdict(list)
    for row in rows:
        taken[row.reason].append(max(0, (row.decided_on - row.created_at.date()).days))
    return {reason: round(median(days)) for reason, days in taken.items()}


def item_id(item: DueItem) -> UUID:
    """What a due item is kept under."""
    found = item.instalment_id or item.invoice_id
    assert found is not None, "an item is an invoice or an instalment"
    return found
