"""Answers by mail are recorded, once each, where our own message proves whose they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.dunning.tables import Reminder
from receivables.history import record
from receivables.ids import ContactId, DebtorId, ReminderId, ReplyId, SupplierId, new_id
from receivables.jobs import add_unless_known
from receivables.parties.tables import Contact, Supplier
from receivables.replies.events import EXCERPT, AutomaticReplyReceived, ReplyReceived
from receivables.replies.reading import Answer, read
from receivables.replies.tables import Reply

#: A reminder's Message-ID, before its `@`: `dunning.actions.claim` makes it.
_REMINDER = re.compile(r"reminder-([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})@", re.IGNORECASE)


class Outcome(StrEnum):
    """What became of a mail that came in."""

    NOT_OURS = "not_ours"
    """It answers no message that we know, or does not prove that it does."""
    KNOWN = "known"
    ANSWERED = "answered"
    AUTOMATIC = "automatic"


@dataclass(frozen=True, slots=True)
class _Whose:
    """Whom our message, which is answered, was written to."""

    supplier_id: SupplierId
    debtor_id: DebtorId
    contact_id: ContactId
    reminder_id: ReminderId | None


def take(
    session: Session, raw: bytes, secrets: tuple[str, ...], *, from_address: str, clock: Clock
) -> Outcome:
    """Take in a mail that may answer one of ours. Needs a system transaction: a mail names a
    message, not a supplier. The same mail again changes nothing.

    That it is an answer, the id of a reminder proves, which only those know who got it, or a
    return path that we signed for its writer. `from_address` is ours: what we sent is no answer.
    """
    answer = read(raw)
    if answer.from_address.lower() == from_address.lower():
        return Outcome.NOT_OURS
    whose = _by_message(session, answer.answers) or _by_path(session, answer, secrets)
    if whose is None:
        return Outcome.NOT_OURS
    if not _write_down(session, whose, answer, clock=clock):
        return Outcome.KNOWN
    return Outcome.AUTOMATIC if answer.is_automatic else Outcome.ANSWERED


def _by_message(session: Session, message_ids: Iterable[str]) -> _Whose | None:
    """Of the first of these messages that is a reminder of ours."""
    for message_id in message_ids:
        named = _REMINDER.match(message_id)
        if named is None:
            continue
        reminder = session.get(Reminder, ReminderId(UUID(named[1])))
        if reminder is not None and (reminder.message_id or "").lower() == message_id.lower():
            return _of_reminder(reminder)
    return None


def _by_path(session: Session, answer: Answer, secrets: tuple[str, ...]) -> _Whose | None:
    """Of the first return path that we signed: for a reminder's address, or for its writer's."""
    for path in answer.return_paths:
        reminder = session.get(Reminder, ReminderId(path.message))
        if reminder is not None and path.belongs_to(reminder.to_address, secrets):
            return _of_reminder(reminder)
    for path in answer.return_paths:
        if not path.belongs_to(answer.from_address, secrets):
            continue
        contacts = _contacts(session, answer)
        if len(contacts) == 1:
            one = contacts[0]
            return _Whose(one.supplier_id, one.debtor_id, one.id, None)
    return None


def _contacts(session: Session, answer: Answer) -> Sequence[Contact]:
    """Whoever has the writer's address: where several suppliers know it, with the one that the
    answer went to as well.
    """
    found = session.execute(
        select(Contact, Supplier.contact_email)
        .join(Supplier, Supplier.id == Contact.supplier_id)
        .where(func.lower(Contact.email) == answer.from_address.lower())
        .order_by(Contact.id)
    ).all()
    if len(found) == 1:
        return [found[0][0]]
    return [contact for contact, address in found if address.lower() in answer.to]


def _of_reminder(one: Reminder) -> _Whose:
    return _Whose(one.supplier_id, one.debtor_id, one.contact_id, one.id)


def _write_down(session: Session, whose: _Whose, answer: Answer, *, clock: Clock) -> bool:
    """False when the same answer stands already."""
    reply_id = ReplyId(new_id())
    row = {
        "id": reply_id,
        "supplier_id": whose.supplier_id,
        "debtor_id": whose.debtor_id,
        "contact_id": whose.contact_id,
        "reminder_id": whose.reminder_id,
        "mail_hash": answer.hash,
        "from_address": answer.from_address,
        "from_name": answer.from_name,
        "subject": answer.subject,
        "text": answer.text,
        "is_cut": answer.is_cut,
        "is_automatic": answer.is_automatic,
        "received_at": clock.now(),
    }
    if not add_unless_known(session, Reply, row):
        return False
    told = AutomaticReplyReceived if answer.is_automatic else ReplyReceived
    happened = told(
        supplier_id=whose.supplier_id,
        debtor_id=whose.debtor_id,
        reply_id=reply_id,
        contact_id=whose.contact_id,
        excerpt=" ".join((answer.text or answer.subject).split())[:EXCERPT],
    )
    record(session, happened, clock=clock)
    return True
