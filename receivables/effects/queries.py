"""What the steps of a supplier's scenarios brought about, from what was sent and paid."""

from __future__ import annotations

from datetime import date

from sqlalchemy import bindparam, func, select
from sqlalchemy.orm import Session

from receivables.clock import local_date
from receivables.credit.rules import PayerClass
from receivables.credit.tables import StandingRow
from receivables.dunning.tables import ItemState, Reminder, ReminderItem, ReminderState
from receivables.effects.rules import Effect, Touch, effects
from receivables.ids import InvoiceId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.queries import outstanding_minor
from receivables.ledger.tables import Account, Entry
from receivables.money import Money


def effects_since(
    session: Session, supplier_id: SupplierId, since: date, *, zone: str, today: date
) -> list[Effect]:
    """The effect of every step that was sent since a day, over all debtors and by payer class.

    A debtor counts for the class it has today. Two statements.
    """
    asked = {"supplier": supplier_id, "since": since}
    touches = [
        Touch(
            invoice_id=row.invoice_id,
            step=row.step,
            level=row.level,
            sent_on=local_date(row.sent_at, zone),
            payer_class=PayerClass(row.payer_class or PayerClass.N),
            amount=Money(row.amount_minor, row.currency),
        )
        for row in session.execute(_TOUCHES, asked)
    ]
    paid: dict[InvoiceId, date] = {
        row.invoice_id: row.paid_on for row in session.execute(_PAID, asked) if row.paid_on
    }
    return effects(touches, paid, today)


_ITEM, _SENT = ReminderItem.__table__.c, Reminder.__table__.c
_STANDING = StandingRow.__table__.c
_INVOICE, _ENTRY = Invoice.__table__.c, Entry.__table__.c

#: Plain columns: a supplier that writes much has tens of thousands of them in a year.
_TOUCHES = (
    select(
        _ITEM.invoice_id,
        _SENT.step,
        _SENT.level,
        _SENT.sent_at,
        _STANDING.payer_class,
        _ITEM.amount_minor,
        _ITEM.currency,
    )
    .join(
        Reminder.__table__,
        (_SENT.supplier_id == _ITEM.supplier_id) & (_SENT.id == _ITEM.reminder_id),
    )
    .outerjoin(
        StandingRow.__table__,
        (_STANDING.supplier_id == _SENT.supplier_id) & (_STANDING.debtor_id == _SENT.debtor_id),
    )
    .where(
        _ITEM.supplier_id == bindparam("supplier"),
        _ITEM.state == ItemState.TAKEN,
        _ITEM.released_at.is_(None),
        _SENT.state == ReminderState.SENT,
        _SENT.run_on >= bindparam("since"),
    )
)

_WRITTEN_ABOUT = (
    select(_ITEM.invoice_id)
    .join(
        Reminder.__table__,
        (_SENT.supplier_id == _ITEM.supplier_id) & (_SENT.id == _ITEM.reminder_id),
    )
    .where(_ITEM.supplier_id == bindparam("supplier"), _SENT.run_on >= bindparam("since"))
)
_SETTLED = (
    select(_INVOICE.id.label("invoice_id"), outstanding_minor.label("open_minor"))
    .where(_INVOICE.supplier_id == bindparam("supplier"), _INVOICE.id.in_(_WRITTEN_ABOUT))
    .offset(0)  # as for the open ones: add up every invoice once
    .subquery()
)
_PAID = (
    select(_SETTLED.c.invoice_id, func.max(_ENTRY.booked_on).label("paid_on"))
    .join(
        Entry.__table__,
        (_ENTRY.credit_account == Account.RECEIVABLE)
        & (_ENTRY.credit_subject == _SETTLED.c.invoice_id),
    )
    .where(_SETTLED.c.open_minor <= 0)
    .group_by(_SETTLED.c.invoice_id)
)
