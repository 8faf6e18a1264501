"""Text messages are put on record before anybody is called, and what became of them after."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.bounces.actions import suppress
from receivables.bounces.queries import is_suppressed
from receivables.bounces.tables import Because
from receivables.clock import Clock
from receivables.errors import NoSuch, ReceivablesError
from receivables.history import record
from receivables.ids import SupplierId, TextMessageId, new_id
from receivables.parties import queries as parties
from receivables.parties.presentation import person_name
from receivables.ports import Channel, ChannelMessage, Text, TextRefused
from receivables.sms.events import TextFailed, TextSent, TextUnknown
from receivables.sms.rules import NoRoom
from receivables.sms.tables import TextMessage, TextState
from receivables.sms.words import text_of

#: How long a claimed text may be under way before a person is shown it: longer than the one
#: outgoing client's own deadline.
SENDING_LIMIT = timedelta(minutes=2)
#: After so many tries that the gateway certainly did not take, it is over.
MOST_ATTEMPTS = 8

_IN_HAND = (TextState.SENDING, TextState.UNKNOWN)
#: What stands for the link in what is kept: who reads the row must not be able to open it.
_LINK = "[link]"


class NoSuchText(NoSuch):
    """The supplier has no such text message."""


class TextNotUnknown(ReceivablesError):
    """What became of the text is known already, or not due to be asked."""

    def __init__(self, text_id: TextMessageId, state: str) -> None:
        self.text_id, self.state = text_id, state
        super().__init__(f"text {text_id} is {state}")


def claim(
    session: Session, message: ChannelMessage, *, clock: Clock
) -> tuple[TextMessageId, Text] | None:
    """Put a text on record as being sent. None when it is not to be: the same execution was
    claimed before, or it has failed, because its number is left alone or because no text fits
    beside the link.

    Nobody may be called before this is committed.
    """
    assert message.channel is Channel.SMS, message.channel
    supplier = parties.supplier(session, message.supplier_id)
    debtor = parties.debtor(session, message.supplier_id, message.debtor_id)
    row = _row_for(session, message, clock=clock)
    if row.state != TextState.DUE:
        return None
    row.state, row.claimed_at, row.attempts = TextState.SENDING, clock.now(), row.attempts + 1
    row.amount = message.total
    try:
        body = text_of(
            message,
            supplier_name=supplier.name,
            country=debtor.country,
            debtor_name=debtor.name,
            contact_name=_person(session, message, debtor.name),
        )
    except NoRoom as error:
        _fail(session, row, f"no_room {error.link_length}", number_is_dead=False, clock=clock)
        return None
    row.words = body.replace(message.link, _LINK)
    session.flush()
    if is_suppressed(
        session, message.supplier_id, message.contact_id, Channel.SMS, message.address
    ):
        _fail(session, row, "suppressed", number_is_dead=True, clock=clock)
        return None
    return row.id, Text(to=message.address, body=body, reference=str(row.id))


def _person(session: Session, message: ChannelMessage, debtor_name: str) -> str:
    """Who is written to; "" when no person's name is known."""
    found = parties.contacts(session, message.supplier_id, message.debtor_id)
    names = (one.name for one in found if one.id == message.contact_id)
    return person_name(next(names, ""), debtor_name)


def _row_for(session: Session, message: ChannelMessage, *, clock: Clock) -> TextMessage:
    """The row of the execution, locked; made when there is none."""
    row = session.scalar(
        select(TextMessage)
        .where(
            TextMessage.supplier_id == message.supplier_id,
            TextMessage.execution_id == message.execution_id,
        )
        .with_for_update()
    )
    if row is not None:
        return row
    row = TextMessage(
        id=TextMessageId(new_id()),
        supplier_id=message.supplier_id,
        debtor_id=message.debtor_id,
        contact_id=message.contact_id,
        execution_id=message.execution_id,
        to_number=message.address,
        language=message.language,
        words="",
        amount=message.total,
        state=TextState.DUE,
        attempts=0,
        created_at=clock.now(),
    )
    session.add(row)
    session.flush()
    return row


def mark_sent(
    session: Session,
    supplier_id: SupplierId,
    text_id: TextMessageId,
    *,
    gateway_id: str = "",
    clock: Clock,
) -> bool:
    """The gateway took it. True unless that was known.

    One that was given up for lost meanwhile (`unknown`) is found again by this.
    """
    row = _in_hand(session, supplier_id, text_id)
    if row is None:
        return False
    row.state, row.sent_at, row.gateway_id = TextState.SENT, clock.now(), gateway_id[:64]
    session.flush()
    sent = TextSent(
        supplier_id=supplier_id,
        debtor_id=row.debtor_id,
        contact_id=row.contact_id,
        text_id=row.id,
        execution_id=row.execution_id,
        amount=row.amount,
    )
    record(session, sent, clock=clock)
    return True


def put_off(
    session: Session, supplier_id: SupplierId, text_id: TextMessageId, reason: str, *, clock: Clock
) -> TextState | None:
    """It was certainly not taken, and may be sent later: back to due, or failed when that has
    happened too often. None when it is not in hand any more.
    """
    row = _in_hand(session, supplier_id, text_id)
    if row is None:
        return None
    if row.attempts >= MOST_ATTEMPTS:
        _fail(session, row, reason, number_is_dead=False, clock=clock)
    else:
        row.state, row.claimed_at, row.reason = TextState.DUE, None, reason[:500]
    return TextState(row.state)


def refuse(
    session: Session,
    supplier_id: SupplierId,
    text_id: TextMessageId,
    refusal: TextRefused,
    *,
    clock: Clock,
) -> None:
    """It was turned down for good; a dead number is left alone from now on."""
    row = _in_hand(session, supplier_id, text_id)
    if row is None:
        return
    if refusal.number_is_dead:
        suppress(
            session,
            supplier_id=supplier_id,
            debtor_id=row.debtor_id,
            contact_id=row.contact_id,
            channel=Channel.SMS,
            address=row.to_number,
            because=Because.DEAD_NUMBER,
            detail=str(refusal),
            clock=clock,
        )
    _fail(session, row, str(refusal), number_is_dead=refusal.number_is_dead, clock=clock)


def lose_sight(
    session: Session, supplier_id: SupplierId, text_id: TextMessageId, *, clock: Clock
) -> None:
    """It was handed over and nobody said whether it was taken."""
    row = _in_hand(session, supplier_id, text_id)
    if row is not None and row.state == TextState.SENDING:
        _mark_unknown(session, row, clock=clock)


def mark_unanswered(session: Session, *, now: datetime, clock: Clock) -> int:
    """Show to a person what has been `sending` for too long: its worker is gone.

    Needs a system transaction; returns how many there were.
    """
    lost = session.scalars(
        select(TextMessage)
        .where(TextMessage.state == TextState.SENDING, TextMessage.claimed_at < now - SENDING_LIMIT)
        .order_by(TextMessage.id)
        .with_for_update(skip_locked=True)
    ).all()
    for row in lost:
        _mark_unknown(session, row, clock=clock)
    return len(lost)


def confirm_sent(
    session: Session, supplier_id: SupplierId, text_id: TextMessageId, *, clock: Clock
) -> None:
    """A person found out that an unknown text was sent. Raises NoSuchText, TextNotUnknown."""
    _unknown(session, supplier_id, text_id)
    mark_sent(session, supplier_id, text_id, clock=clock)


def give_up(
    session: Session, supplier_id: SupplierId, text_id: TextMessageId, *, clock: Clock
) -> None:
    """A person found out that an unknown text was not sent. Raises NoSuchText, TextNotUnknown."""
    row = _unknown(session, supplier_id, text_id)
    _fail(session, row, "not_sent", number_is_dead=False, clock=clock)


def _in_hand(
    session: Session, supplier_id: SupplierId, text_id: TextMessageId
) -> TextMessage | None:
    """The text, locked, if somebody is (or was) at sending it."""
    return session.scalar(
        select(TextMessage)
        .where(
            TextMessage.supplier_id == supplier_id,
            TextMessage.id == text_id,
            TextMessage.state.in_(_IN_HAND),
        )
        .with_for_update()
        .execution_options(populate_existing=True)
    )


def _unknown(session: Session, supplier_id: SupplierId, text_id: TextMessageId) -> TextMessage:
    row = session.scalar(
        select(TextMessage)
        .where(TextMessage.supplier_id == supplier_id, TextMessage.id == text_id)
        .with_for_update()
    )
    if row is None:
        raise NoSuchText(str(text_id))
    if row.state != TextState.UNKNOWN:
        raise TextNotUnknown(text_id, row.state)
    return row


def _mark_unknown(session: Session, row: TextMessage, *, clock: Clock) -> None:
    row.state = TextState.UNKNOWN
    session.flush()
    happened = TextUnknown(
        supplier_id=row.supplier_id,
        debtor_id=row.debtor_id,
        contact_id=row.contact_id,
        text_id=row.id,
        execution_id=row.execution_id,
    )
    record(session, happened, clock=clock)


def _fail(
    session: Session, row: TextMessage, reason: str, *, number_is_dead: bool, clock: Clock
) -> None:
    row.state, row.reason = TextState.FAILED, reason[:500]
    session.flush()
    happened = TextFailed(
        supplier_id=row.supplier_id,
        debtor_id=row.debtor_id,
        contact_id=row.contact_id,
        text_id=row.id,
        execution_id=row.execution_id,
        reason=row.reason,
        number_is_dead=number_is_dead,
    )
    record(session, happened, clock=clock)
