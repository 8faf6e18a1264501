"""What becomes of a message about a plan.

What demands or announces money is handed over at most once, and shown to a person when nobody
knows whether it was taken; everything else at least once, under one Message-ID.
"""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from receivables.clock import Clock
from receivables.history import record
from receivables.ids import PlanMessageId, SupplierId
from receivables.plans import events
from receivables.plans.composing import compose, message_of
from receivables.plans.moving import MessageKind, about
from receivables.plans.reading import find
from receivables.plans.tables import PlanMessage
from receivables.ports import MailMessage
from receivables.settings import Settings

AT_MOST_ONCE = frozenset(
    {
        MessageKind.REMIND_COMING,
        MessageKind.REMIND_LATE,
        MessageKind.GIVE_NOTICE,
        MessageKind.WARN,
        MessageKind.ACCELERATED,
    }
)

#: Longer than the mailer's own deadline for one message.
SENDING_LIMIT = timedelta(minutes=2)


def begin(
    session: Session,
    supplier_id: SupplierId,
    message_id: PlanMessageId,
    *,
    settings: Settings,
    clock: Clock,
) -> MailMessage | None:
    """Claim a message that is due, and make its mail; None when it is not due, or is idle."""
    message = message_of(session, supplier_id, message_id)
    if message is None or message.state != "due":
        return None
    mail = compose(session, message, settings=settings, clock=clock)
    if mail is None:
        _fail(session, message, "idle", clock)
        return None
    message.state, message.claimed_at = "sending", clock.now()
    session.flush()
    return mail


def put_off(session: Session, supplier_id: SupplierId, message_id: PlanMessageId) -> None:
    """It was certainly not taken: due again."""
    message = message_of(session, supplier_id, message_id)
    if message is not None and message.state == "sending":
        message.state, message.claimed_at = "due", None


def mark_sent(
    session: Session, supplier_id: SupplierId, message_id: PlanMessageId, *, clock: Clock
) -> None:
    """The mail server took it; one given up for lost meanwhile is found again by this."""
    message = message_of(session, supplier_id, message_id)
    if message is None or message.state not in ("sending", "unknown", "due"):
        return
    message.state, message.sent_at, message.reason = "sent", clock.now(), ""
    session.flush()
    plan = find(session, supplier_id, message.plan_id)
    happened = events.PlanMessageSent(**about(plan), message_id=message.id, about=message.kind)
    record(session, happened, clock=clock)


def fail(
    session: Session,
    supplier_id: SupplierId,
    message_id: PlanMessageId,
    reason: str,
    *,
    clock: Clock,
) -> None:
    """It was turned down for good."""
    message = message_of(session, supplier_id, message_id)
    if message is not None and message.state == "sending":
        _fail(session, message, reason, clock)


def _fail(session: Session, message: PlanMessage, reason: str, clock: Clock) -> None:
    message.state, message.reason = "failed", reason[:500]
    session.flush()
    plan = find(session, message.supplier_id, message.plan_id)
    happened = events.PlanMessageNotSent(
        **about(plan), message_id=message.id, about=message.kind, reason=message.reason
    )
    record(session, happened, clock=clock)


def lose_sight(
    session: Session, supplier_id: SupplierId, message_id: PlanMessageId, *, clock: Clock
) -> bool:
    """It was handed over and nobody said whether it was taken; True: send it again."""
    message = message_of(session, supplier_id, message_id)
    return message is not None and message.state == "sending" and _lose(session, message, clock)


def _lose(session: Session, message: PlanMessage, clock: Clock) -> bool:
    """True when it is to be sent again."""
    if message.kind not in AT_MOST_ONCE:
        message.state, message.claimed_at = "due", None
        return True
    message.state = "unknown"
    session.flush()
    plan = find(session, message.supplier_id, message.plan_id)
    happened = events.PlanMessageNotSent(
        **about(plan), message_id=message.id, about=message.kind, reason="unknown"
    )
    record(session, happened, clock=clock)
    return False


def mark_unanswered(session: Session, *, clock: Clock) -> list[PlanMessage]:
    """What has been under way for too long: its worker is gone. Returns what is to be sent again.

    Needs a system transaction.
    """
    lost = session.scalars(
        select(PlanMessage)
        .where(PlanMessage.state == "sending", PlanMessage.claimed_at < clock.now() - SENDING_LIMIT)
        .order_by(PlanMessage.id)
        .with_for_update(skip_locked=True)
    ).all()
    return [message for message in lost if _lose(session, message, clock)]
