"""Disputes as either side sees them, and what of the invoices they hold back."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.disputes.errors import NoSuchDispute
from receivables.disputes.rules import Timing
from receivables.disputes.states import State
from receivables.disputes.tables import (
    Dispute,
    DisputeItem,
    DisputePolicy,
    DisputeStep,
)
from receivables.ids import DebtorId, DisputeId, InvoiceId, StaffId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.holds import Hold, HoldReason
from receivables.ledger.queries import outstanding_of
from receivables.money import Money
from receivables.parties.queries import supplier as supplier_of
from receivables.parties.tables import Contact, Debtor, Staff


def holds(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None = None
) -> list[Hold]:
    """What is not asked for: what is disputed, what waits for its credit note, and after a
    decision what was not upheld, for some days.
    """
    statement = (
        select(DisputeItem, Dispute.state)
        .join(
            Dispute,
            (Dispute.supplier_id == DisputeItem.supplier_id)
            & (Dispute.id == DisputeItem.dispute_id),
        )
        .where(
            DisputeItem.supplier_id == supplier_id,
            DisputeItem.is_open | DisputeItem.grace_until.is_not(None),
        )
    )
    if debtor_id is not None:
        statement = statement.where(Dispute.debtor_id == debtor_id)
    found = []
    for item, state in session.execute(statement):
        if item.is_open:
            is_decided = state == State.AWAITING_CREDIT_NOTE
            amount = item.not_credited if is_decided else item.disputed
            found.append(
                Hold(
                    invoice_id=item.invoice_id,
                    reason=HoldReason.DISPUTED,
                    amount=amount,
                    credited=is_decided,
                )
            )
        if item.grace_until is not None:
            found.append(
                Hold(
                    invoice_id=item.invoice_id,
                    reason=HoldReason.GRACE,
                    amount=item.disputed - item.upheld,
                    until=item.grace_until,
                )
            )
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemView:
    """What is disputed of one invoice, and what is left of that invoice altogether."""

    invoice_id: InvoiceId
    number: str
    scope: str
    line_places: tuple[int, ...]
    disputed: Money
    proposed: Money | None
    upheld: Money | None
    not_credited: Money
    outstanding: Money
    due_on: date
    is_open: bool
    grace_until: date | None

    @property
    def undisputed(self) -> Money:
        """What can be paid meanwhile."""
        held = self.disputed if self.upheld is None else self.not_credited
        nothing = Money.zero(self.outstanding.currency)
        return max(self.outstanding - held, nothing) if self.is_open else self.outstanding


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeView:
    """One dispute without its conversation."""

    id: DisputeId
    reference: str
    debtor_id: DebtorId
    debtor_name: str
    reason: str
    department: str
    owner_id: StaffId | None
    owner_name: str
    is_urgent: bool
    is_late: bool
    state: State
    state_since: datetime
    outcome: str
    created_at: datetime
    decided_on: date | None
    times_reopened: int
    items: tuple[ItemView, ...]
    timing: Timing

    @property
    def currency(self) -> str:
        return self.items[0].disputed.currency

    @property
    def disputed(self) -> Money:
        return Money.total((item.disputed for item in self.items), self.currency)

    @property
    def upheld(self) -> Money:
        parts = (item.upheld for item in self.items if item.upheld is not None)
        return Money.total(parts, self.currency)

    @property
    def proposed(self) -> Money:
        parts = (item.proposed for item in self.items if item.proposed is not None)
        return Money.total(parts, self.currency)

    @property
    def numbers(self) -> tuple[str, ...]:
        return tuple(item.number for item in self.items)


def of_debtor(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId
) -> tuple[DisputeView, ...]:
    """All disputes of a debtor, the newest first."""
    rows = session.scalars(
        select(Dispute)
        .where(Dispute.supplier_id == supplier_id, Dispute.debtor_id == debtor_id)
        .order_by(Dispute.number.desc())
    )
    return views(session, supplier_id, rows.all())


def one(
    session: Session,
    supplier_id: SupplierId,
    dispute_id: DisputeId,
    *,
    debtor_id: DebtorId | None = None,
) -> DisputeView:
    """One dispute of this supplier, and of this debtor where one asks. Raises NoSuchDispute."""
    statement = select(Dispute).where(Dispute.supplier_id == supplier_id, Dispute.id == dispute_id)
    if debtor_id is not None:
        statement = statement.where(Dispute.debtor_id == debtor_id)
    found = session.scalar(statement)
    if found is None:
        raise NoSuchDispute(str(dispute_id))
    return views(session, supplier_id, [found])[0]


def views(
    session: Session, supplier_id: SupplierId, rows: Sequence[Dispute]
) -> tuple[DisputeView, ...]:
    """These rows with all that a list shows of them, in their order."""
    if not rows:
        return ()
    ids = [row.id for row in rows]
    supplier = supplier_of(session, supplier_id)
    items = _items(session, supplier_id, ids)
    pauses = _pauses(session, supplier_id, ids)
    staff = names_of(session, Staff, supplier_id, {row.owner_id for row in rows if row.owner_id})
    debtors = names_of(session, Debtor, supplier_id, {row.debtor_id for row in rows})
    return tuple(
        DisputeView(
            id=row.id,
            reference=row.reference,
            debtor_id=row.debtor_id,
            debtor_name=debtors[row.debtor_id],
            reason=row.reason,
            department=row.department,
            owner_id=row.owner_id,
            owner_name=staff.get(row.owner_id, "") if row.owner_id else "",
            is_urgent=row.is_urgent,
            is_late=row.is_late,
            state=State(row.state),
            state_since=row.state_since,
            outcome=row.outcome or "",
            created_at=row.created_at,
            decided_on=row.decided_on,
            times_reopened=row.times_reopened,
            items=tuple(items[row.id]),
            timing=Timing(
                since=row.clock_from,
                acknowledged_at=row.acknowledged_at,
                answered_at=row.answered_at,
                decided_at=row.decided_at,
                pauses=tuple(pauses[row.id]),
                zone=supplier.zone,
                country=supplier.country,
            ),
        )
        for row in rows
    )


def names_of(
    session: Session,
    table: type[Staff] | type[Debtor] | type[Contact],
    supplier_id: SupplierId,
    ids: Iterable[UUID],
) -> Mapping[UUID, str]:
    """What these people or companies are called."""
    rows = session.execute(
        select(table.id, table.name).where(table.supplier_id == supplier_id, table.id.in_(ids))
    )
    return {row.id: row.name for row in rows}


def _items(
    session: Session, supplier_id: SupplierId, ids: Sequence[DisputeId]
) -> dict[DisputeId, list[ItemView]]:
    rows = session.execute(
        select(DisputeItem, Invoice.number, Invoice.due_on)
        .join(
            Invoice,
            (Invoice.supplier_id == DisputeItem.supplier_id)
            & (Invoice.id == DisputeItem.invoice_id),
        )
        .where(DisputeItem.supplier_id == supplier_id, DisputeItem.dispute_id.in_(ids))
        .order_by(Invoice.due_on, Invoice.number)
    ).all()
    outstanding = outstanding_of(session, supplier_id, [row[0].invoice_id for row in rows])
    found: dict[DisputeId, list[ItemView]] = defaultdict(list)
    for item, number, due_on in rows:
        currency = item.disputed.currency
        found[item.dispute_id].append(
            ItemView(
                invoice_id=item.invoice_id,
                number=number,
                scope=item.scope,
                line_places=tuple(item.line_places),
                disputed=item.disputed,
                proposed=None
                if item.proposed_minor is None
                else Money(item.proposed_minor, currency),
                upheld=None if item.upheld_minor is None else item.upheld,
                not_credited=item.not_credited,
                outstanding=outstanding[item.invoice_id],
                due_on=due_on,
                is_open=item.is_open,
                grace_until=item.grace_until,
            )
        )
    return found


def _pauses(
    session: Session, supplier_id: SupplierId, ids: Sequence[DisputeId]
) -> dict[DisputeId, list[tuple[datetime, datetime | None]]]:
    """When each waited for its debtor."""
    rows = session.execute(
        select(
            DisputeStep.dispute_id,
            DisputeStep.state_before,
            DisputeStep.state_after,
            DisputeStep.at,
        )
        .where(DisputeStep.supplier_id == supplier_id, DisputeStep.dispute_id.in_(ids))
        .order_by(DisputeStep.at, DisputeStep.id)
    )
    found: dict[DisputeId, list[tuple[datetime, datetime | None]]] = defaultdict(list)
    for row in rows:
        if row.state_before == State.WAITING_DEBTOR and found[row.dispute_id]:
            since, _ = found[row.dispute_id].pop()
            found[row.dispute_id].append((since, row.at))
        if row.state_after == State.WAITING_DEBTOR:
            found[row.dispute_id].append((row.at, None))
    return found


def delay_days(session: Session, supplier_id: SupplierId) -> int | None:
    """Within how many days after its date an invoice is to be contested; None: no such time."""
    return session.scalar(
        select(DisputePolicy.delay_days).where(DisputePolicy.supplier_id == supplier_id)
    )
