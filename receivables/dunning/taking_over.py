"""Taking over from another system: what it has sent already is not sent again by us."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import cast

from sqlalchemy import Table, bindparam, insert, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.dunning.events import InvoiceReminded, ReminderSent
from receivables.dunning.rules import DEMAND, Reason
from receivables.dunning.steps import DEFAULT as SCENARIO
from receivables.dunning.tables import ItemState, Reminder, ReminderItem, ReminderState
from receivables.history import record_all
from receivables.ids import ContactId, DebtorId, InvoiceId, ReminderId, SupplierId, new_id
from receivables.money import Money
from receivables.parties.tables import Contact

#: Tables and columns, not classes: nobody holds the rows as objects, and they come by the thousand.
_REMINDER, _ITEM = (insert(cast("Table", each.__table__)) for each in (Reminder, ReminderItem))
_CONTACT = select(Contact.id, Contact.email).where(
    Contact.supplier_id == bindparam("supplier"),
    Contact.debtor_id == bindparam("debtor"),
    Contact.is_primary,
)

LEVELS = {step.name: step.level for step in SCENARIO}


def remember_sent(
    session: Session,
    *,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    run_on: date,
    step: str,
    amount: Money,
    items: Sequence[tuple[InvoiceId, str, Money]],
    language: str,
    clock: Clock,
) -> None:
    """Write down a message that was sent before this installation: its steps are taken.

    `items` are invoice, step and what was asked for; `clock` says when it was sent. A debtor
    without a contact has had no message, and nothing is written.
    """
    asked = {"supplier": supplier_id, "debtor": debtor_id}
    contact = session.execute(_CONTACT, asked).one_or_none()
    if contact is None:
        return
    reminder_id, now = ReminderId(new_id()), clock.now()
    session.execute(
        _REMINDER,
        {
            "id": reminder_id, "supplier_id": supplier_id, "debtor_id": debtor_id,
            "contact_id": contact.id, "run_on": run_on, "purpose": DEMAND, "step": step,
            "level": LEVELS[step], "amount_minor": amount.minor, "currency": amount.currency,
            "to_address": contact.email, "language": language, "state": ReminderState.SENT,
            "reason": Reason.STEP_DUE, "attempts": 1, "created_at": now, "claimed_at": now,
            "sent_at": now,
        },
    )  # fmt: skip
    session.execute(
        _ITEM,
        [
            {
                "reminder_id": reminder_id, "invoice_id": invoice_id, "step": taken,
                "supplier_id": supplier_id, "state": ItemState.TAKEN, "amount_minor": asked.minor,
                "currency": asked.currency,
            }
            for invoice_id, taken, asked in items
        ],
    )  # fmt: skip
    _tell(session, supplier_id, debtor_id, contact.id, reminder_id, step, amount, items, clock)


def _tell(
    session: Session,
    supplier_id: SupplierId,
    debtor_id: DebtorId,
    contact_id: ContactId,
    reminder_id: ReminderId,
    step: str,
    amount: Money,
    items: Sequence[tuple[InvoiceId, str, Money]],
    clock: Clock,
) -> None:
    sent = ReminderSent(
        supplier_id=supplier_id, debtor_id=debtor_id, reminder_id=reminder_id,
        contact_id=contact_id, step=step, amount=amount,
    )  # fmt: skip
    reminded = [
        InvoiceReminded(
            supplier_id=supplier_id, debtor_id=debtor_id, invoice_id=invoice_id,
            reminder_id=reminder_id, step=taken, amount=asked,
        )
        for invoice_id, taken, asked in items
    ]  # fmt: skip
    record_all(session, supplier_id, [sent, *reminded], clock=clock)
