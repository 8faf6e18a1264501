"""Pushes, in rounds: what is due is claimed together, sent side by side, and written down together.

The row of a push says when it is due. While it is being sent that is when whoever sends it counts
as dead: so a round that was killed, or a wake-up that was lost, is made up for by the next look.
A push service that answers slowly holds up its own browsers at most.
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, tuple_, update
from sqlalchemy.orm import Session

from monitoring.alerts.notices import alert_push
from monitoring.telling import browsers
from monitoring.telling.mails import WAITING
from monitoring.telling.planning import Planned, Planner
from monitoring.telling.tables import Delivery, PushSend, PushSubscription
from monitoring.telling.told import is_moot, lines_of, telling_rows, told_of
from receivables.clock import Clock
from receivables.ids import DeliveryId, SubscriptionId, SupplierId
from receivables.ports import Pusher, PushOutcome, PushPayload, PushResult, PushTarget
from receivables.settings import Settings

#: How long to wait before each further try of a push whose service named no time.
PUSH_WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
#: A push is tried so often at most, and not after a day: the mail has told it by then.
MOST_PUSH_TRIES = len(PUSH_WAITS) + 1
PUSH_PATIENCE = timedelta(hours=24)

#: So many pushes are sent in one round, and so many of them side by side.
ROUND = 128
SIDE_BY_SIDE = 64
#: Longer than a round can take: two waves of the pusher's own time, and the writing.
ROUND_LEASE = timedelta(minutes=2)


#: A delivery, and the browser it goes to.
Key = tuple[DeliveryId, SubscriptionId]


@dataclass(frozen=True, slots=True)
class Push:
    """One push that was claimed; `attempts` tells this claim from a later one."""

    delivery_id: DeliveryId
    subscription_id: SubscriptionId
    attempts: int
    target: PushTarget
    payload: PushPayload


@dataclass(frozen=True, slots=True)
class Round:
    """What one look claimed; `has_more` when as much again may be due."""

    pushes: tuple[Push, ...]
    has_more: bool


def suppliers_with_pushes_due(session: Session, *, now: datetime) -> list[SupplierId]:
    """Who has pushes that are due; needs a system transaction."""
    due = select(PushSend.supplier_id).where(PushSend.state.in_(WAITING), PushSend.due_at <= now)
    return list(session.scalars(due.distinct().order_by(PushSend.supplier_id)))


def begin_round(
    session: Session, *, supplier_id: SupplierId, settings: Settings, clock: Clock
) -> Round:
    """Claim what is due, what was never tried before what failed; what need not be sent any more
    is closed.
    """
    now = clock.now()
    due = session.execute(
        select(PushSend.delivery_id, PushSend.subscription_id)
        .where(
            PushSend.supplier_id == supplier_id,
            PushSend.state.in_(WAITING),
            PushSend.due_at <= now,
        )
        .order_by(
            PushSend.attempts, PushSend.due_at, PushSend.delivery_id, PushSend.subscription_id
        )
        .limit(ROUND)
        .with_for_update(skip_locked=True)
    ).all()
    if not due:
        return Round((), has_more=False)
    wanted = {row.delivery_id for row in due}
    told = {
        row.Delivery.id: row
        for row in session.execute(telling_rows(supplier_id).where(Delivery.id.in_(wanted)))
    }
    lines = lines_of(session, supplier_id, [row.Alert.id for row in told.values()])
    targets = _targets(session, supplier_id, {row.subscription_id for row in due})
    sendable: dict[Key, PushTarget] = {}
    for row in due:
        told_row = told[row.delivery_id]
        target = targets.get((told_row.Staff.id, row.subscription_id))
        moot = is_moot(told_row.Alert, told_row.Staff, now)
        if moot or target is None:
            state = "unneeded" if moot else "gone"
            _close_send(session, supplier_id, row.delivery_id, row.subscription_id, state)
        else:
            sendable[row.delivery_id, row.subscription_id] = target
    attempts = _claim(session, supplier_id, list(sendable), now)
    payloads = {
        delivery_id: alert_push(
            told_of(told[delivery_id], lines), backoffice_url=settings.web.backoffice_url
        )
        for delivery_id in {delivery_id for delivery_id, _ in sendable}
    }
    found = [
        Push(*key, attempts[key], target, payloads[key[0]]) for key, target in sendable.items()
    ]
    session.execute(
        update(Delivery)
        .where(
            Delivery.supplier_id == supplier_id,
            Delivery.id.in_({push.delivery_id for push in found}),
            Delivery.state == "pending",
        )
        .values(state="sending")
    )
    for delivery_id in sorted(wanted - {push.delivery_id for push in found}):
        sum_up(session, supplier_id, delivery_id, clock=clock)
    return Round(tuple(found), has_more=len(due) == ROUND)


def _targets(
    session: Session, supplier_id: SupplierId, subscription_ids: set[SubscriptionId]
) -> dict[tuple[Any, SubscriptionId], PushTarget]:
    """Where to push, by whose browser it is now."""
    rows = session.scalars(
        select(PushSubscription).where(
            PushSubscription.supplier_id == supplier_id, PushSubscription.id.in_(subscription_ids)
        )
    )
    return {
        (row.staff_id, row.id): PushTarget(
            endpoint=row.endpoint, p256dh=row.p256dh, auth=row.auth, key_id=row.key_id
        )
        for row in rows
    }


def _claim(
    session: Session, supplier_id: SupplierId, ids: Sequence[Key], now: datetime
) -> dict[Key, int]:
    """Mark pushes as being sent; returns which attempt it is of each."""
    if not ids:
        return {}
    claimed = session.execute(
        update(PushSend)
        .where(
            PushSend.supplier_id == supplier_id,
            tuple_(PushSend.delivery_id, PushSend.subscription_id).in_(ids),
        )
        .values(state="sending", attempts=PushSend.attempts + 1, due_at=now + ROUND_LEASE)
        .returning(PushSend.delivery_id, PushSend.subscription_id, PushSend.attempts)
        .execution_options(synchronize_session=False)
    )
    return {(row.delivery_id, row.subscription_id): row.attempts for row in claimed}


def send_round(
    pusher: Pusher | None, pushes: Sequence[Push], *, now: datetime
) -> list[tuple[Push, PushOutcome]]:
    """Send side by side and wait for all of them; no transaction is open meanwhile."""
    if pusher is None:
        off = PushOutcome(PushResult.REFUSED, reason="the installation has no push key any more")
        return [(push, off) for push in pushes]
    if len(pushes) <= 1:
        return [(push, pusher.push(push.target, push.payload, now=now)) for push in pushes]
    with ThreadPoolExecutor(min(SIDE_BY_SIDE, len(pushes)), "push") as lines:
        outcomes = lines.map(lambda push: pusher.push(push.target, push.payload, now=now), pushes)
        return list(zip(pushes, outcomes, strict=True))


def close_round(
    session: Session,
    *,
    supplier_id: SupplierId,
    outcomes: Sequence[tuple[Push, PushOutcome]],
    planner: Planner,
    clock: Clock,
) -> Planned:
    """Write down what became of the pushes: what has to be sent for it, and when, is returned.

    A browser that is gone is forgotten; who could not be reached in any browser gets a mail.
    """
    again, now = set(), clock.now()
    for push, outcome in outcomes:
        at = _close(session, supplier_id, push, outcome, now)
        if at is not None:
            again.add(at)
    parts = [Planned(rounds=tuple(sorted(again)))]
    for delivery_id in sorted({push.delivery_id for push, _ in outcomes}):
        delivery = sum_up(session, supplier_id, delivery_id, clock=clock)
        if delivery.state in ("failed", "gone"):
            purpose = delivery.purpose
            parts.append(
                planner.mail(
                    delivery.alert_id,
                    delivery.staff_id,
                    clock.now(),
                    purpose=purpose,  # type: ignore[arg-type]  # the column's CHECK lists the same
                )
            )
    return Planned.together(parts)


def _close(
    session: Session,
    supplier_id: SupplierId,
    push: Push,
    outcome: PushOutcome,
    now: datetime,
) -> datetime | None:
    """Returns when to try again, if at all. A claim that was taken over writes nothing."""
    ids = (push.delivery_id, push.subscription_id)
    match outcome.result:
        case PushResult.DELIVERED:
            _close_send(session, supplier_id, *ids, "delivered", attempts=push.attempts)
        case PushResult.GONE:
            _close_send(session, supplier_id, *ids, "gone", attempts=push.attempts)
            browsers.forget_subscription(
                session, supplier_id=supplier_id, subscription_id=push.subscription_id
            )
        case PushResult.REFUSED:
            _close_send(
                session, supplier_id, *ids, "failed", reason=outcome.reason, attempts=push.attempts
            )
        case PushResult.LATER:
            again_at = _again_at(session, supplier_id, push, outcome, now)
            _close_send(
                session, supplier_id, *ids, "failed" if again_at is None else "pending",
                reason=outcome.reason, attempts=push.attempts, due_at=again_at,
            )  # fmt: skip
            return again_at
    return None


def _again_at(
    session: Session, supplier_id: SupplierId, push: Push, outcome: PushOutcome, now: datetime
) -> datetime | None:
    if push.attempts >= MOST_PUSH_TRIES:
        return None
    planned = session.execute(
        select(Delivery.created_at, Delivery.due_at).where(
            Delivery.supplier_id == supplier_id, Delivery.id == push.delivery_id
        )
    ).one()
    again_at: datetime = now + (outcome.retry_after or PUSH_WAITS[push.attempts - 1])
    return again_at if again_at <= (planned.due_at or planned.created_at) + PUSH_PATIENCE else None


def _send_of(
    supplier_id: SupplierId, delivery_id: DeliveryId, subscription_id: SubscriptionId
) -> tuple[Any, ...]:
    return (
        PushSend.supplier_id == supplier_id,
        PushSend.delivery_id == delivery_id,
        PushSend.subscription_id == subscription_id,
    )


def _close_send(
    session: Session,
    supplier_id: SupplierId,
    delivery_id: DeliveryId,
    subscription_id: SubscriptionId,
    state: str,
    *,
    reason: str = "",
    attempts: int | None = None,
    due_at: datetime | None = None,
) -> None:
    values: dict[str, Any] = {"state": state, "reason": reason[:300]}
    if due_at is not None:
        values["due_at"] = due_at
    mine = _send_of(supplier_id, delivery_id, subscription_id)
    still = () if attempts is None else (PushSend.attempts == attempts,)
    session.execute(update(PushSend).where(*mine, *still).values(**values))


def sum_up(
    session: Session, supplier_id: SupplierId, delivery_id: DeliveryId, *, clock: Clock
) -> Delivery:
    """The person is told as soon as one of their browsers is."""
    delivery = session.scalars(
        select(Delivery)
        .where(Delivery.supplier_id == supplier_id, Delivery.id == delivery_id)
        .with_for_update()
        .execution_options(populate_existing=True)
    ).one()
    sends = session.execute(
        select(PushSend.state, PushSend.attempts, PushSend.reason)
        .where(PushSend.supplier_id == supplier_id, PushSend.delivery_id == delivery_id)
        .order_by(PushSend.subscription_id)
    ).all()
    states = {send.state for send in sends}
    delivery.attempts = max(send.attempts for send in sends)
    delivery.reason = next((send.reason for send in sends if send.reason), "")
    if "delivered" in states:
        if delivery.state != "delivered":
            delivery.state, delivery.delivered_at = "delivered", clock.now()
    elif states & set(WAITING):
        delivery.state = "pending"
    else:
        order = ("failed", "gone", "unneeded")
        delivery.state = next(state for state in order if state in states)
    session.flush()
    return delivery
