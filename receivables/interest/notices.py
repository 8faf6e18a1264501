"""Notices with which default begins, where the law of a debtor's country asks for one first.

A formal notice that the post has is one by itself, and so is a free first reminder that was sent
(`dunning.outcomes`); what was sent otherwise a person writes down, and answers for what it said.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import date
from typing import Literal

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock, local_date
from receivables.errors import ReceivablesError
from receivables.history import record
from receivables.ids import InvoiceId, SupplierId, new_id
from receivables.interest.events import InterestNoticeGiven
from receivables.interest.rules import Notice
from receivables.interest.tables import InterestNotice
from receivables.invoices.queries import of_supplier
from receivables.jobs import insert_or_ignore
from receivables.parties.queries import supplier as supplier_of

Way = Literal["electronic", "post"]


class NoNoticeThen(ReceivablesError):
    """Nobody gives notice of what is not due yet, nor on a day to come."""

    def __init__(self, invoice_id: InvoiceId, on: date) -> None:
        self.invoice_id, self.on = invoice_id, on
        super().__init__(f"no notice of invoice {invoice_id} on {on}")


def note_notice(
    session: Session,
    *,
    supplier_id: SupplierId,
    invoice_id: InvoiceId,
    on: date,
    way: Way,
    by: str,
    clock: Clock,
) -> bool:
    """Write down that notice was given; False when that is known. Raises NoSuchInvoice and
    NoNoticeThen.
    """
    invoice = of_supplier(session, supplier_id, invoice_id)
    today = local_date(clock.now(), supplier_of(session, supplier_id).zone)
    if not invoice.due_on < on <= today:
        raise NoNoticeThen(invoice_id, on)
    row = {
        "id": new_id(), "supplier_id": supplier_id, "invoice_id": invoice_id, "given_on": on,
        "given_by": way, "recorded_by": by, "recorded_at": clock.now(),
    }  # fmt: skip
    statement = insert_or_ignore(session, InterestNotice).values(row).returning(InterestNotice.id)
    if session.execute(statement).one_or_none() is None:
        return False
    record(
        session,
        InterestNoticeGiven(
            supplier_id=supplier_id,
            debtor_id=invoice.debtor_id,
            invoice_id=invoice_id,
            on=on,
            way=way,
        ),
        clock=clock,
    )
    return True


def first_notices(
    session: Session, supplier_id: SupplierId, invoice_ids: Collection[InvoiceId]
) -> dict[InvoiceId, Notice]:
    """The first notice on record of each of these invoices that has one."""
    rows = session.execute(
        select(InterestNotice.invoice_id, InterestNotice.given_on, InterestNotice.given_by)
        .where(
            InterestNotice.supplier_id == supplier_id, InterestNotice.invoice_id.in_(invoice_ids)
        )
        .order_by(InterestNotice.given_on.desc(), InterestNotice.given_by.desc())
    )
    return {row.invoice_id: _notice(row.given_on, row.given_by) for row in rows}


def _notice(on: date, by: str) -> Notice:
    return Notice(on=on, by="post" if by == "post" else "electronic")


def first_notice(session: Session, supplier_id: SupplierId, invoice_id: InvoiceId) -> Notice | None:
    """The first that is on record: default begins once."""
    row = session.execute(
        select(InterestNotice.given_on, InterestNotice.given_by)
        .where(InterestNotice.supplier_id == supplier_id, InterestNotice.invoice_id == invoice_id)
        .order_by(InterestNotice.given_on, InterestNotice.given_by)
        .limit(1)
    ).one_or_none()
    if row is None:
        return None
    return _notice(row.given_on, row.given_by)
