"""What the network says of a text, after the gateway took it."""

from __future__ import annotations

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from receivables.bounces.actions import suppress
from receivables.bounces.rules import SOFT_LIMIT, SOFT_WINDOW
from receivables.bounces.tables import Because
from receivables.clock import Clock
from receivables.history import record
from receivables.ids import TextMessageId
from receivables.ports import Channel, TextRefused, TextReport
from receivables.sms.actions import NoSuchText, mark_sent, refuse
from receivables.sms.events import TextDelivered, TextUndelivered
from receivables.sms.tables import TextMessage, TextState

_IN_HAND = (TextState.SENDING, TextState.UNKNOWN)


def note_report(
    session: Session, text_id: TextMessageId, report: TextReport, *, clock: Clock
) -> bool:
    """Write down a report that the gateway signed; True when it says something new.

    Needs a system transaction: a report names a text, not a supplier. Reports come late, twice and
    in any order: the first that says how it ended stands. One about a text of which nobody knew
    whether it was taken says that, too. Raises NoSuchText.
    """
    row = session.scalar(select(TextMessage).where(TextMessage.id == text_id).with_for_update())
    if row is None or row.gateway_id not in ("", report.gateway_id):
        raise NoSuchText(str(text_id))
    if report.delivered is None or row.delivered_at or row.undelivered_at:
        return False
    if row.state in _IN_HAND:
        return _note_first_word(session, row, report, clock=clock)
    if row.state != TextState.SENT:
        return False
    if report.delivered:
        row.delivered_at = clock.now()
        session.flush()
        record(session, _delivered(row), clock=clock)
    else:
        _note_undelivered(session, row, report, clock=clock)
    return True


def _note_first_word(
    session: Session, row: TextMessage, report: TextReport, *, clock: Clock
) -> bool:
    """The report overtook the gateway's answer, or the answer never came."""
    supplier_id = row.supplier_id
    if not report.delivered:
        refusal = TextRefused(report.code, "", number_is_dead=report.number_is_dead)
        refuse(session, supplier_id, row.id, refusal, clock=clock)
        return True
    mark_sent(session, supplier_id, row.id, gateway_id=report.gateway_id, clock=clock)
    row.delivered_at = clock.now()
    session.flush()
    record(session, _delivered(row), clock=clock)
    return True


def _delivered(row: TextMessage) -> TextDelivered:
    return TextDelivered(
        supplier_id=row.supplier_id, debtor_id=row.debtor_id, text_id=row.id,
        execution_id=row.execution_id, contact_id=row.contact_id,
    )  # fmt: skip


def _note_undelivered(
    session: Session, row: TextMessage, report: TextReport, *, clock: Clock
) -> None:
    row.undelivered_at, row.reason = clock.now(), f"undelivered {report.code}".strip()
    session.flush()
    is_dead = report.number_is_dead or _lately(session, row, clock=clock) >= SOFT_LIMIT
    if is_dead:
        suppress(
            session, supplier_id=row.supplier_id, debtor_id=row.debtor_id,
            contact_id=row.contact_id, channel=Channel.SMS, address=row.to_number,
            because=Because.DEAD_NUMBER, detail=row.reason, clock=clock,
        )  # fmt: skip
    happened = TextUndelivered(
        supplier_id=row.supplier_id, debtor_id=row.debtor_id, text_id=row.id,
        execution_id=row.execution_id, contact_id=row.contact_id, reason=row.reason,
        number_is_dead=is_dead,
    )  # fmt: skip
    record(session, happened, clock=clock)


def _lately(session: Session, row: TextMessage, *, clock: Clock) -> int:
    """How many texts in a row did not reach the number, since one did."""
    mine = (TextMessage.supplier_id == row.supplier_id, TextMessage.to_number == row.to_number)
    since = clock.now() - SOFT_WINDOW
    reached = session.scalar(select(func.max(TextMessage.delivered_at)).where(*mine))
    count = select(func.count()).where(
        *mine, TextMessage.undelivered_at > max(since, reached or since)
    )
    return session.scalar(count) or 0
