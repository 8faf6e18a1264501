"""What the books know of how debtors pay: read for one, for a chunk of them, or for all."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Select, case, func, select
from sqlalchemy.orm import Session

from receivables.disputes.states import State
from receivables.disputes.tables import Dispute, DisputeItem
from receivables.dunning.tables import ItemState, Reminder, ReminderItem, ReminderState
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.tables import Account, Entry, Reason
from receivables.money import Money
from receivables.payers import rules
from receivables.plans.queries import DueItem
from receivables.promises.rules import PromiseState
from receivables.promises.tables import Promise

#: What lowers an invoice and is no payment.
_NO_MONEY = (Reason.CREDIT_NOTE_ISSUED, Reason.WRITTEN_OFF)
#: Invoices issued longer ago teach nothing about today.
MEMORY = timedelta(days=1095)
#: So many of the latest payments say what is typical of a supplier's debtors.
_MOST_TYPICAL = 5000

_INVOICE, _ENTRY = Invoice.__table__.c, Entry.__table__.c


@dataclass(frozen=True, slots=True, kw_only=True)
class Settlement:
    """One invoice and how far it has gone. `paid_on` is the day from which nothing was open, if
    money did that; an invoice that was credited or written off has neither.
    """

    invoice_id: InvoiceId
    debtor_id: DebtorId
    number: str
    issued_on: date
    due_on: date
    total: Money
    outstanding: Money
    paid_on: date | None


def settlements(
    session: Session,
    supplier_id: SupplierId,
    *,
    issued_since: date,
    debtor_id: DebtorId | None = None,
) -> list[Settlement]:
    """The supplier's invoices issued since, of one debtor or of all; the oldest first."""
    wanted = [
        _INVOICE.supplier_id == supplier_id,
        _INVOICE.kind == "invoice",
        _INVOICE.issued_on >= issued_since,
        *_of(_INVOICE.debtor_id, debtor_id),
    ]
    return [
        Settlement(
            invoice_id=row.id,
            debtor_id=row.debtor_id,
            number=row.number,
            issued_on=row.issued_on,
            due_on=row.due_on,
            total=Money(row.total_minor, row.currency),
            outstanding=(left := Money(int(row.debited) - int(row.credited), row.currency)),
            paid_on=None if left else row.money_on,
        )
        for row in session.execute(_settled(supplier_id, wanted))
    ]


def _settled(supplier_id: SupplierId, wanted: Sequence[ColumnElement[bool]]) -> Select[Any]:
    """Invoices with what was put on either side of them, each side added up once for all."""
    ids = select(_INVOICE.id).where(*wanted)
    debits = (
        select(_ENTRY.debit_subject.label("id"), func.sum(_ENTRY.amount_minor).label("minor"))
        .where(
            _ENTRY.supplier_id == supplier_id,
            _ENTRY.debit_account == Account.RECEIVABLE,
            _ENTRY.debit_subject.in_(ids),
        )
        .group_by(_ENTRY.debit_subject)
        .subquery()
    )
    money_on = case((_ENTRY.reason.not_in(_NO_MONEY), _ENTRY.booked_on))
    credits = (
        select(
            _ENTRY.credit_subject.label("id"),
            func.sum(_ENTRY.amount_minor).label("minor"),
            func.max(money_on).label("money_on"),
        )
        .where(
            _ENTRY.supplier_id == supplier_id,
            _ENTRY.credit_account == Account.RECEIVABLE,
            _ENTRY.credit_subject.in_(ids),
        )
        .group_by(_ENTRY.credit_subject)
        .subquery()
    )
    columns = (
        _INVOICE.id, _INVOICE.debtor_id, _INVOICE.number, _INVOICE.issued_on, _INVOICE.due_on,
        _INVOICE.total_minor, _INVOICE.currency, debits.c.minor.label("debited"),
        func.coalesce(credits.c.minor, 0).label("credited"), credits.c.money_on,
    )  # fmt: skip
    return (
        select(*columns)
        .join(debits, debits.c.id == _INVOICE.id)
        .outerjoin(credits, credits.c.id == _INVOICE.id)
        .where(*wanted)
        .order_by(_INVOICE.issued_on, _INVOICE.number)
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Portfolio:
    """What is typical of the supplier's debtors."""

    #: Per currency: the typical amount and the cap, in minor units.
    sizes: Mapping[str, tuple[float, float]]
    prior_days_late: float

    def weight(self, amount: Money) -> float:
        typical, cap = self.sizes.get(amount.currency, (float(max(1, amount.minor)),) * 2)
        return rules.weight_of(amount.minor, typical, cap)


def portfolio(session: Session, supplier_id: SupplierId, today: date) -> Portfolio:
    """From the latest payments of all debtors, as many as say enough."""
    return typical_of(_latest_paid(session, supplier_id, today))


def typical_of(paid: Sequence[tuple[date, date, Money]]) -> Portfolio:
    """From invoices that were paid lately: due date, day of the money, amount."""
    amounts: dict[str, list[int]] = defaultdict(list)
    for _, _, total in paid:
        amounts[total.currency].append(total.minor)
    sizes = {currency: rules.weights(minors) for currency, minors in amounts.items()}
    base = Portfolio(sizes=sizes, prior_days_late=0.0)
    weighed = [
        rules.Paid(due_on=due_on, paid_on=paid_on, weight=base.weight(total))
        for due_on, paid_on, total in paid
    ]
    return Portfolio(sizes=sizes, prior_days_late=rules.shrunk_days_late(weighed, 0.0))


def paid_lately(found: Iterable[Settlement], today: date) -> list[tuple[date, date, Money]]:
    """What `typical_of` needs, of settlements that were read anyway."""
    since = today - timedelta(days=rules.SCORE_DAYS)
    paid = [
        (one.due_on, one.paid_on, one.total)
        for one in found
        if one.paid_on is not None and since < one.paid_on <= today
    ]
    return sorted(paid, key=lambda one: one[1])[-_MOST_TYPICAL:]


def _latest_paid(
    session: Session, supplier_id: SupplierId, today: date
) -> list[tuple[date, date, Money]]:
    """Due date, day of the last money and amount of the invoices that money touched lately."""
    since = today - timedelta(days=rules.SCORE_DAYS)
    paid = (
        select(_ENTRY.credit_subject.label("id"), func.max(_ENTRY.booked_on).label("paid_on"))
        .where(
            _ENTRY.supplier_id == supplier_id,
            _ENTRY.credit_account == Account.RECEIVABLE,
            _ENTRY.reason.not_in(_NO_MONEY),
            _ENTRY.booked_on > since,
        )
        .group_by(_ENTRY.credit_subject)
        .order_by(func.max(_ENTRY.booked_on).desc())
        .limit(_MOST_TYPICAL)
        .subquery()
    )
    rows = session.execute(
        select(_INVOICE.due_on, paid.c.paid_on, _INVOICE.total_minor, _INVOICE.currency)
        .join(paid, paid.c.id == _INVOICE.id)
        .where(_INVOICE.supplier_id == supplier_id)
    )
    return [(row.due_on, row.paid_on, Money(row.total_minor, row.currency)) for row in rows]


def facts_of(
    session: Session,
    supplier_id: SupplierId,
    found: Iterable[Settlement],
    due: Iterable[DueItem],
    typical: Portfolio,
    today: date,
    *,
    debtor_id: DebtorId | None = None,
) -> dict[DebtorId, rules.Facts]:
    """What the formula needs of every debtor among these settlements: one debtor's (whose is then
    said), or all of the supplier's. `due` are their open due items.
    """
    disputed = _disputed_days(session, supplier_id, debtor_id)
    sent = _levels(session, supplier_id, debtor_id)
    promised = _promises(session, supplier_id, debtor_id, today)
    paid: dict[DebtorId, list[rules.Paid]] = defaultdict(list)
    first: dict[DebtorId, date] = {}
    for one in found:
        first.setdefault(one.debtor_id, one.issued_on)
        if one.paid_on is None:
            continue
        levels = [level for level, on in sent.get(one.invoice_id, ()) if on <= one.paid_on]
        paid[one.debtor_id].append(
            rules.Paid(
                due_on=one.due_on,
                paid_on=one.paid_on,
                weight=typical.weight(one.total),
                disputed_days=disputed.get(one.invoice_id, 0),
                level=max(levels, default=0),
            )
        )
    open_of, overdue_of = _weights(due, typical, today)
    return {
        one: rules.Facts(
            paid=paid.get(one, ()),
            open_weight=open_of.get(one, 0.0),
            overdue_weight=overdue_of.get(one, 0.0),
            promises=promised.get(one, (0, 0))[0],
            broken=promised.get(one, (0, 0))[1],
            since=since,
        )
        for one, since in first.items()
    }


def _weights(
    due: Iterable[DueItem], typical: Portfolio, today: date
) -> tuple[dict[DebtorId, float], dict[DebtorId, float]]:
    open_of: dict[DebtorId, float] = defaultdict(float)
    overdue_of: dict[DebtorId, float] = defaultdict(float)
    for item in due:
        # Without the cap: it is about shares of what is open.
        size = typical.sizes.get(item.outstanding.currency, (1.0, 1.0))[0]
        weight = item.outstanding.minor / size
        open_of[item.debtor_id] += weight
        if item.due_on < today:
            overdue_of[item.debtor_id] += weight
    return open_of, overdue_of


def _of(column: Any, debtor_id: DebtorId | None) -> list[Any]:
    """One debtor's, or everybody's."""
    return [] if debtor_id is None else [column == debtor_id]


def _disputed_days(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None
) -> dict[InvoiceId, int]:
    """Per invoice, the days on which it was disputed by a debtor who was right."""
    rows = session.execute(
        select(DisputeItem.invoice_id, Dispute.created_at, Dispute.decided_on)
        .join(
            Dispute,
            (Dispute.supplier_id == DisputeItem.supplier_id)
            & (Dispute.id == DisputeItem.dispute_id),
        )
        .where(
            Dispute.supplier_id == supplier_id,
            *_of(Dispute.debtor_id, debtor_id),
            Dispute.outcome.in_((State.ACCEPTED, State.ACCEPTED_IN_PART)),
            Dispute.decided_on.is_not(None),
        )
    )
    found: dict[InvoiceId, int] = defaultdict(int)
    for row in rows:
        found[row.invoice_id] += max(0, (row.decided_on - row.created_at.date()).days)
    return found


def _levels(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None
) -> dict[InvoiceId, list[tuple[int, date]]]:
    """Per invoice, the levels of the reminders sent about it, and when."""
    rows = session.execute(
        select(ReminderItem.invoice_id, Reminder.level, Reminder.run_on)
        .join(
            Reminder,
            (Reminder.supplier_id == ReminderItem.supplier_id)
            & (Reminder.id == ReminderItem.reminder_id),
        )
        .where(
            Reminder.supplier_id == supplier_id,
            *_of(Reminder.debtor_id, debtor_id),
            Reminder.state == ReminderState.SENT,
            ReminderItem.state == ItemState.TAKEN,
        )
    )
    found: dict[InvoiceId, list[tuple[int, date]]] = defaultdict(list)
    for row in rows:
        found[row.invoice_id].append((row.level, row.run_on))
    return found


def _promises(
    session: Session, supplier_id: SupplierId, debtor_id: DebtorId | None, today: date
) -> dict[DebtorId, tuple[int, int]]:
    """Per debtor, how many promises of the last year were judged, and how many broken."""
    judged = (PromiseState.KEPT, PromiseState.KEPT_IN_PART, PromiseState.BROKEN)
    broken = case((Promise.state == PromiseState.BROKEN, 1), else_=0)
    rows = session.execute(
        select(Promise.debtor_id, func.count(), func.sum(broken))
        .where(
            Promise.supplier_id == supplier_id,
            *_of(Promise.debtor_id, debtor_id),
            Promise.state.in_(judged),
            Promise.promised_on > today - timedelta(days=rules.TREND_DAYS),
        )
        .group_by(Promise.debtor_id)
    )
    return {debtor_id: (int(count), int(lost)) for debtor_id, count, lost in rows}
