"""That the debtor was written to: each message with when, how, to whom, and what was answered."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import select

from receivables.calls.tables import Call, CallAttempt
from receivables.clock import local_date
from receivables.collection.case import Case
from receivables.collection.dossier import MessageFact, Printed
from receivables.collection.words import channel_words, level_words, message_words
from receivables.dunning.tables import ItemState, Reminder, ReminderItem
from receivables.invoices.tables import Invoice
from receivables.ports import Channel
from receivables.post.tables import Letter
from receivables.sms.tables import TextMessage

_PRINTED = ("printed", "handed_over", "returned")
_OWN_CODE = re.compile("[a-z_]*")


def messages(case: Case) -> tuple[MessageFact, ...]:
    """Every message that was handed to somebody, the oldest first."""
    found = [*_mails(case), *_texts(case), *_letters(case), *_calls(case)]
    return tuple(sorted(found, key=lambda one: one.sent_at or one.claimed_at or one.decided_at))


def _mails(case: Case) -> list[MessageFact]:
    rows = case.session.scalars(
        select(Reminder).where(
            Reminder.supplier_id == case.supplier_id,
            Reminder.debtor_id == case.debtor_id,
            Reminder.channel == Channel.EMAIL,
            Reminder.message_id.is_not(None),
            Reminder.claimed_at.is_not(None),
        )
    ).all()
    numbers = _numbers(case, [row.id for row in rows])
    return [
        MessageFact(
            channel=channel_words("email"),
            what=level_words(row.level),
            to=row.to_address,
            numbers=tuple(numbers[row.id]),
            amount=row.amount,
            state=row.state,
            state_words=message_words(row.state),
            message_id=row.message_id or "",
            answer=_answer(row.reason),
            decided_at=row.created_at,
            claimed_at=row.claimed_at,
            sent_at=row.sent_at,
        )
        for row in rows
    ]


def _answer(reason: str) -> str:
    """What the other side said; a code of our own (`step_due`) is nobody's answer."""
    return "" if _OWN_CODE.fullmatch(reason) else reason


def _numbers(case: Case, reminder_ids: Iterable[UUID]) -> dict[UUID, list[str]]:
    rows = case.session.execute(
        select(ReminderItem.reminder_id, Invoice.number)
        .join(
            Invoice,
            (Invoice.supplier_id == ReminderItem.supplier_id)
            & (Invoice.id == ReminderItem.invoice_id),
        )
        .where(
            ReminderItem.supplier_id == case.supplier_id,
            ReminderItem.reminder_id.in_(list(reminder_ids)),
            ReminderItem.state == ItemState.TAKEN,
        )
        .order_by(Invoice.due_on, Invoice.number)
    )
    found: dict[UUID, list[str]] = defaultdict(list)
    for row in rows:
        found[row.reminder_id].append(row.number)
    return found


def _texts(case: Case) -> list[MessageFact]:
    rows = case.session.scalars(
        select(TextMessage).where(
            TextMessage.supplier_id == case.supplier_id,
            TextMessage.debtor_id == case.debtor_id,
            TextMessage.claimed_at.is_not(None),
        )
    )
    return [
        MessageFact(
            channel=channel_words("sms"),
            what=row.words,
            to=row.to_number,
            numbers=(),
            amount=row.amount,
            state=row.fate,
            state_words=message_words(row.fate),
            message_id=row.gateway_id,
            answer=row.reason,
            decided_at=row.created_at,
            claimed_at=row.claimed_at,
            sent_at=row.sent_at,
        )
        for row in rows
    ]


def _letters(case: Case) -> list[MessageFact]:
    rows = case.session.scalars(
        select(Letter).where(
            Letter.supplier_id == case.supplier_id,
            Letter.debtor_id == case.debtor_id,
            Letter.state.in_(_PRINTED),
        )
    ).all()
    ids = {UUID(one["id"]) for row in rows for one in row.about["invoices"]}
    numbers = {
        row.id: row.number
        for row in case.session.execute(
            select(Invoice.id, Invoice.number).where(
                Invoice.supplier_id == case.supplier_id, Invoice.id.in_(ids)
            )
        )
    }
    return [
        MessageFact(
            channel=channel_words("registered" if row.registered else "letter"),
            what=level_words(row.level),
            to=row.sent_to,
            numbers=tuple(
                numbers[key] for one in row.about["invoices"] if (key := UUID(one["id"])) in numbers
            ),
            amount=row.amount,
            state=row.state,
            state_words=message_words(row.state),
            message_id=row.tracking,
            answer=row.reason,
            decided_at=row.created_at,
            claimed_at=row.state_since,
            sent_at=row.handed_over_at,
        )
        for row in rows
    ]


def _calls(case: Case) -> list[MessageFact]:
    """What was tried by telephone; what staff noted of it stays theirs."""
    rows = case.session.execute(
        select(
            CallAttempt.number,
            CallAttempt.outcome,
            CallAttempt.called_at,
            Call.amount,
            Call.level,
            Call.created_at,
        )
        .join(
            Call, (Call.supplier_id == CallAttempt.supplier_id) & (Call.id == CallAttempt.call_id)
        )
        .where(CallAttempt.supplier_id == case.supplier_id, CallAttempt.debtor_id == case.debtor_id)
    )
    return [
        MessageFact(
            channel=channel_words("call"),
            what=level_words(row.level),
            to=row.number,
            numbers=(),
            amount=row.amount,
            state=row.outcome,
            state_words=message_words(row.outcome),
            message_id="",
            answer="",
            decided_at=row.created_at,
            claimed_at=row.called_at,
            sent_at=row.called_at,
        )
        for row in rows
    ]


def printed(case: Case) -> tuple[Printed, ...]:
    """The letters as they were printed, to be copied out of their batches."""
    rows = case.session.execute(
        select(Letter.id, Letter.state_since, Letter.handed_over_at)
        .where(
            Letter.supplier_id == case.supplier_id,
            Letter.debtor_id == case.debtor_id,
            Letter.state.in_(_PRINTED),
            Letter.pages > 0,
        )
        .order_by(Letter.created_at, Letter.id)
    )
    found = []
    for place, row in enumerate(rows, start=1):
        on = local_date(row.handed_over_at or row.state_since, case.supplier.zone)
        found.append(Printed(path=f"letters/{place:03}-{on}.pdf", letter_id=row.id))
    return tuple(found)
