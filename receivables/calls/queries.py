"""Whom to call, what about, and when somebody was last spoken to."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from receivables.calls.actions import NoSuchCall
from receivables.calls.rules import SPOKEN
from receivables.calls.tables import Call, CallAttempt
from receivables.credit.queries import stopped_today
from receivables.ids import CallId, ContactId, DebtorId, InvoiceId, SupplierId
from receivables.invoices.tables import Invoice
from receivables.ledger.holds import Hold, held_amount, standing
from receivables.ledger.queries import outstanding_of
from receivables.money import Money
from receivables.parties.tables import Contact, Debtor
from receivables.ports import MessageLine

_AT_A_TIME = 500


def last_human_contact(
    session: Session, supplier_id: SupplierId, debtor_ids: Iterable[DebtorId]
) -> dict[DebtorId, datetime]:
    """When somebody at each debtor was last spoken to on the telephone; others are left out.

    For the contact limits: no automatic message goes out for some working days after it.
    """
    wanted, found = list(set(debtor_ids)), dict[DebtorId, datetime]()
    for first in range(0, len(wanted), _AT_A_TIME):
        rows = session.execute(
            select(CallAttempt.debtor_id, func.max(CallAttempt.called_at))
            .where(
                CallAttempt.supplier_id == supplier_id,
                CallAttempt.debtor_id.in_(wanted[first : first + _AT_A_TIME]),
                CallAttempt.outcome.in_(SPOKEN),
            )
            .group_by(CallAttempt.debtor_id)
        )
        found.update({row[0]: row[1] for row in rows})
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class CallView:
    """A call to be made. `lines` and `amount` are what is asked for now; empty and zero when
    nothing is any more.
    """

    id: CallId
    debtor_id: DebtorId
    debtor_name: str
    country: str
    contact_id: ContactId
    contact_name: str
    #: E.164; empty where we know none.
    phone: str
    language: str
    level: int
    lines: tuple[MessageLine, ...]
    amount: Money
    due_on: date
    tries: int
    state: str
    planned_at: datetime


def open_calls(
    session: Session,
    supplier_id: SupplierId,
    today: date,
    *,
    holds: Iterable[Hold],
    debtor_id: DebtorId | None = None,
) -> list[CallView]:
    """Calls due today or before, the one with most money at stake first (per currency, then by
    the amount's size). `holds` are those of the debtors. Nobody calls a debtor of whom nothing
    may be demanded today.
    """
    statement = _calls(supplier_id).where(Call.state == "open", Call.due_on <= today)
    if debtor_id is not None:
        statement = statement.where(Call.debtor_id == debtor_id)
    stopped = stopped_today(session, supplier_id, today)
    rows = [row for row in session.execute(statement) if row[0].debtor_id not in stopped]
    held = list(standing(holds, today))
    found = _views(session, supplier_id, rows, held, today)
    return sorted(found, key=lambda one: (-one.amount.minor, one.due_on))


def call(
    session: Session,
    supplier_id: SupplierId,
    call_id: CallId,
    today: date,
    *,
    holds: Iterable[Hold],
) -> CallView:
    """Raises NoSuchCall."""
    row = session.execute(_calls(supplier_id).where(Call.id == call_id)).one_or_none()
    if row is None:
        raise NoSuchCall(str(call_id))
    return _views(session, supplier_id, [row], list(standing(holds, today)), today)[0]


def debtor_of(session: Session, supplier_id: SupplierId, call_id: CallId) -> DebtorId:
    """Raises NoSuchCall."""
    found = session.scalar(
        select(Call.debtor_id).where(Call.supplier_id == supplier_id, Call.id == call_id)
    )
    if found is None:
        raise NoSuchCall(str(call_id))
    return found


def attempts(session: Session, supplier_id: SupplierId, call_id: CallId) -> Sequence[CallAttempt]:
    """The tries of a call, the latest first."""
    return session.scalars(
        select(CallAttempt)
        .where(CallAttempt.supplier_id == supplier_id, CallAttempt.call_id == call_id)
        .order_by(CallAttempt.id.desc())
    ).all()


def _calls(supplier_id: SupplierId) -> Select[Call, Debtor, Contact]:
    return (
        select(Call, Debtor, Contact)
        .join(Debtor, (Debtor.supplier_id == Call.supplier_id) & (Debtor.id == Call.debtor_id))
        .join(Contact, (Contact.supplier_id == Call.supplier_id) & (Contact.id == Call.contact_id))
        .where(Call.supplier_id == supplier_id)
    )


def _views(
    session: Session,
    supplier_id: SupplierId,
    rows: Sequence[Any],
    held: Sequence[Hold],
    today: date,
) -> list[CallView]:
    wanted = list({one for row in rows for one in _about(row[0])})
    lines = _lines(session, supplier_id, wanted, held, today)
    return [
        _view(
            planned, debtor, contact, tuple(lines[one] for one in _about(planned) if one in lines)
        )
        for planned, debtor, contact in rows
    ]


def _view(
    planned: Call, debtor: Debtor, contact: Contact, lines: tuple[MessageLine, ...]
) -> CallView:
    return CallView(
        id=planned.id,
        debtor_id=planned.debtor_id,
        debtor_name=debtor.name,
        country=debtor.country,
        contact_id=planned.contact_id,
        contact_name=contact.name,
        phone=contact.phone or "",
        language=planned.language,
        level=planned.level,
        lines=lines,
        amount=Money.total((one.amount for one in lines), planned.amount.currency),
        due_on=planned.due_on,
        tries=planned.tries,
        state=planned.state,
        planned_at=planned.created_at,
    )


def _about(planned: Call) -> list[InvoiceId]:
    return [InvoiceId(UUID(one["id"])) for one in planned.about["invoices"]]


def _lines(
    session: Session,
    supplier_id: SupplierId,
    invoice_ids: Sequence[InvoiceId],
    held: Sequence[Hold],
    today: date,
) -> dict[InvoiceId, MessageLine]:
    """What is asked for of each invoice now; those of which nothing is are left out."""
    found: dict[InvoiceId, MessageLine] = {}
    for first in range(0, len(invoice_ids), _AT_A_TIME):
        some = invoice_ids[first : first + _AT_A_TIME]
        owed = outstanding_of(session, supplier_id, some)
        invoices = session.scalars(
            select(Invoice).where(Invoice.supplier_id == supplier_id, Invoice.id.in_(some))
        )
        for one in invoices:
            mine = [hold for hold in held if hold.invoice_id == one.id]
            left = owed[one.id] - held_amount(owed[one.id], mine)
            if left.minor > 0:
                found[one.id] = MessageLine(
                    invoice_id=one.id, number=one.number, issued_on=one.issued_on,
                    due_on=one.due_on, days_past_due=(today - one.due_on).days, amount=left,
                )  # fmt: skip
    return found
