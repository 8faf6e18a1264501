"""Answers by mail, read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from receivables.dunning.tables import Reminder
from receivables.errors import NoSuch
from receivables.ids import ReplyId, SupplierId
from receivables.parties.tables import Contact, Debtor
from receivables.replies.tables import Reply


class NoSuchReply(NoSuch):
    """The supplier has no such answer."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ReplyView:
    """An answer with whom it is from, and which step's reminder it answers ("" none)."""

    reply: Reply
    debtor_name: str
    contact_name: str
    contact_email: str
    step: str
    reminded_at: datetime | None


def reply(session: Session, supplier_id: SupplierId, reply_id: ReplyId) -> ReplyView:
    """Raises NoSuchReply."""
    row = session.execute(
        select(Reply, Debtor.name, Contact.name, Contact.email, Reminder.step, Reminder.sent_at)
        .join(Debtor, (Debtor.supplier_id == Reply.supplier_id) & (Debtor.id == Reply.debtor_id))
        .join(
            Contact, (Contact.supplier_id == Reply.supplier_id) & (Contact.id == Reply.contact_id)
        )
        .outerjoin(
            Reminder,
            (Reminder.supplier_id == Reply.supplier_id) & (Reminder.id == Reply.reminder_id),
        )
        .where(Reply.supplier_id == supplier_id, Reply.id == reply_id)
    ).one_or_none()
    if row is None:
        raise NoSuchReply(str(reply_id))
    found, debtor_name, contact_name, contact_email, step, sent_at = row
    return ReplyView(
        reply=found, debtor_name=debtor_name, contact_name=contact_name,
        contact_email=contact_email, step=step or "", reminded_at=sent_at,
    )  # fmt: skip


def written_by_people(
    session: Session, supplier_id: SupplierId, *, but_for: ColumnElement[bool] | None = None
) -> Sequence[Reply]:
    """Answers in words of a person's own, the newest first; without those of which `but_for` is
    true.
    """
    statement = select(Reply).where(Reply.supplier_id == supplier_id, ~Reply.is_automatic)
    if but_for is not None:
        statement = statement.where(~but_for)
    return session.scalars(statement.order_by(Reply.id.desc())).all()
