"""Plans as they stand: rows, schedules and receipts, read for one plan or for thousands at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from sqlalchemy import bindparam, or_, select
from sqlalchemy.orm import Session

from receivables.ids import DebtorId, InstalmentId, InvoiceId, PlanId, SupplierId
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money
from receivables.payments.tables import Payment
from receivables.plans.errors import NoSuchPlan
from receivables.plans.folding import Instalment, PlanStanding, Receipt, standing_of
from receivables.plans.keeping import Act, Told
from receivables.plans.states import PlanState
from receivables.plans.tables import InstalmentRow, Plan, PlanInvoice, PlanMessage


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanView:
    """One plan with everything that follows from the ledger on a day."""

    plan: Plan
    invoices: tuple[PlanInvoice, ...]
    rows: tuple[InstalmentRow, ...]
    standing: PlanStanding
    messages: tuple[PlanMessage, ...]

    @property
    def told(self) -> list[Told]:
        """What the debtor was told, as far as `keeping` decides by it."""
        acts = set(Act)
        return [
            Told(act=Act(one.kind), instalment_id=one.instalment_id, on=one.decided_on)
            for one in self.messages
            if one.kind in acts
        ]

    def row(self, instalment_id: InstalmentId) -> InstalmentRow:
        return next(one for one in self.rows if one.id == instalment_id)


def find(session: Session, supplier_id: SupplierId, plan_id: PlanId) -> Plan:
    """One plan of this supplier. Raises NoSuchPlan."""
    found = session.scalar(select(Plan).where(Plan.supplier_id == supplier_id, Plan.id == plan_id))
    if found is None:
        raise NoSuchPlan(plan_id)
    return found


#: Made once, as the others in capitals here: a run reads thousands of plans, one by one.
_LOCKED = (
    select(Plan)
    .where(Plan.supplier_id == bindparam("supplier"), Plan.id == bindparam("plan"))
    .with_for_update()
    .execution_options(populate_existing=True)
)


def locked(session: Session, supplier_id: SupplierId, plan_id: PlanId) -> Plan:
    """The plan as it stands now, and nobody else changes it. Raises NoSuchPlan."""
    found = session.scalar(_LOCKED, {"supplier": supplier_id, "plan": plan_id})
    if found is None:
        raise NoSuchPlan(plan_id)
    return found


def plans_in(
    session: Session,
    supplier_id: SupplierId,
    states: Iterable[PlanState],
    debtor_id: DebtorId | None = None,
) -> Sequence[Plan]:
    """The supplier's plans in these states, of one debtor if named; the oldest first."""
    statement = select(Plan).where(Plan.supplier_id == supplier_id, Plan.state.in_(list(states)))
    if debtor_id is not None:
        statement = statement.where(Plan.debtor_id == debtor_id)
    return session.scalars(statement.order_by(Plan.proposed_at, Plan.id)).all()


def view(session: Session, supplier_id: SupplierId, plan: Plan, today: date) -> PlanView:
    """How one plan stands on a day."""
    return views(session, supplier_id, [plan], today)[0]


#: Databases take so many values in one statement.
_CHUNK = 400


def views(
    session: Session, supplier_id: SupplierId, plans: Sequence[Plan], today: date
) -> list[PlanView]:
    """How these plans stand on a day, in a handful of statements however many they are."""
    found: list[PlanView] = []
    for start in range(0, len(plans), _CHUNK):
        found += _views(session, supplier_id, plans[start : start + _CHUNK], today)
    return found


def _of_plans(rows: Any, *order: Any) -> Any:
    plans: Any = bindparam("plans", expanding=True)
    return (
        select(rows)
        .where(rows.supplier_id == bindparam("supplier"), rows.plan_id.in_(plans))
        .order_by(*order)
    )


_INVOICES = _of_plans(PlanInvoice, PlanInvoice.due_on, PlanInvoice.invoice_id)
_INSTALMENTS = _of_plans(InstalmentRow, InstalmentRow.place)
_MESSAGES = _of_plans(PlanMessage, PlanMessage.id)


def _views(
    session: Session, supplier_id: SupplierId, plans: Sequence[Plan], today: date
) -> list[PlanView]:
    these = {"supplier": supplier_id, "plans": [plan.id for plan in plans]}
    invoices: dict[PlanId, list[PlanInvoice]] = defaultdict(list)
    for invoice in session.scalars(_INVOICES, these):
        invoices[invoice.plan_id].append(invoice)
    rows: dict[PlanId, list[InstalmentRow]] = defaultdict(list)
    for row in session.scalars(_INSTALMENTS, these):
        rows[row.plan_id].append(row)
    messages: dict[PlanId, list[PlanMessage]] = defaultdict(list)
    for message in session.scalars(_MESSAGES, these):
        messages[message.plan_id].append(message)
    receipts = _receipts(session, supplier_id, [one for each in invoices.values() for one in each])
    return [
        PlanView(
            plan=plan,
            invoices=tuple(invoices[plan.id]),
            rows=tuple(rows[plan.id]),
            standing=standing_of(
                [as_instalment(row) for row in rows[plan.id]],
                _since_signed(receipts[plan.id], rows[plan.id])
                if plan.accepted_at is not None
                else [],
                today,
            ),
            messages=tuple(messages[plan.id]),
        )
        for plan in plans
    ]


def _since_signed(receipts: list[Receipt], rows: Sequence[InstalmentRow]) -> list[Receipt]:
    """What came since the base was taken, none of it before the first instalment fell due, which
    is the day it was signed: a transfer counts from the day it was booked, which may be earlier.
    """
    first_on = rows[0].due_on
    return [one if one.on >= first_on else replace(one, on=first_on) for one in receipts]


def as_instalment(row: InstalmentRow) -> Instalment:
    return Instalment(instalment_id=row.id, place=row.place, due_on=row.due_on, amount=row.amount)


_ENTRY = Entry.__table__.c


def _receipts(
    session: Session, supplier_id: SupplierId, covered: Sequence[PlanInvoice]
) -> dict[PlanId, list[Receipt]]:
    """What was put against each plan's invoices, and taken off them, since its base was taken."""
    plans: dict[InvoiceId, list[PlanInvoice]] = defaultdict(list)
    for one in covered:
        plans[one.invoice_id].append(one)
    found: dict[PlanId, list[Receipt]] = defaultdict(list)
    if not plans:
        return found
    for row in _entries(session, supplier_id, list(plans)):
        is_credit = row.credit_account == Account.RECEIVABLE and row.credit_subject in plans
        subject = InvoiceId(row.credit_subject if is_credit else row.debit_subject)
        sign = 1 if is_credit else -1
        for one in plans[subject]:
            if str(row.id) not in one.entries_before:
                found[one.plan_id].append(
                    Receipt(
                        on=row.booked_on,
                        amount=Money(sign * row.amount_minor, row.currency),
                        instalment_id=row.instalment_id,
                        payment_id=row.payment_id,
                    )
                )
    return found


_ON_RECEIVABLE = or_(
    (_ENTRY.credit_account == Account.RECEIVABLE)
    & _ENTRY.credit_subject.in_(bindparam("invoices", expanding=True)),
    (_ENTRY.debit_account == Account.RECEIVABLE)
    & _ENTRY.debit_subject.in_(bindparam("invoices", expanding=True)),
)
_PAYMENT = Payment.__table__.c
_ENTRIES = (
    select(
        _ENTRY.id,
        _ENTRY.credit_account,
        _ENTRY.credit_subject,
        _ENTRY.debit_subject,
        _ENTRY.amount_minor,
        _ENTRY.currency,
        _ENTRY.booked_on,
        _ENTRY.payment_id,
        _PAYMENT.instalment_id,
    )
    .select_from(
        Entry.__table__.outerjoin(
            Payment.__table__,
            (_PAYMENT.supplier_id == _ENTRY.supplier_id) & (_PAYMENT.id == _ENTRY.payment_id),
        )
    )
    .where(
        _ENTRY.supplier_id == bindparam("supplier"),
        _ENTRY.reason != Reason.INVOICE_ISSUED,
        _ON_RECEIVABLE,
    )
)


def _entries(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> Sequence[Any]:
    """Every entry on these receivables except the invoices' own, with what its payment names."""
    return session.execute(_ENTRIES, {"supplier": supplier_id, "invoices": invoice_ids}).all()


def entries_on(
    session: Session, supplier_id: SupplierId, invoice_ids: Sequence[InvoiceId]
) -> dict[InvoiceId, list[str]]:
    """The ids of the entries on these receivables now; hold the invoices first."""
    found: dict[InvoiceId, list[str]] = {invoice_id: [] for invoice_id in invoice_ids}
    for row in _entries(session, supplier_id, invoice_ids):
        for subject in (row.credit_subject, row.debit_subject):
            if subject in found:
                found[InvoiceId(subject)].append(str(row.id))
    return found
