"""Telling people of an alert: one delivery per person and channel, on record before it is sent.

A mail goes out at least once, under one Message-ID. A push goes to each of the person's browsers
on its own, so that one that is out of reach is asked again without waking the others twice.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from monitoring import browsers
from monitoring.notices import Told, alert_mail, alert_push, overdue_of
from monitoring.tables import Alert, Delivery, PushSend, PushSubscription
from receivables.clock import Clock, local_date
from receivables.ids import AlertId, DeliveryId, SubscriptionId, SupplierId, new_id
from receivables.jobs import insert_or_ignore
from receivables.ledger.queries import open_items
from receivables.parties.tables import Debtor, Staff, Supplier
from receivables.ports import MailMessage, PushOutcome, PushPayload, PushResult, PushTarget
from receivables.settings import Settings

#: How long to wait before each further try of a push whose service named no time.
PUSH_WAITS = (timedelta(minutes=1), timedelta(minutes=10), timedelta(hours=1), timedelta(hours=6))
#: A push is tried so often at most, and not after a day: the mail has told it by then.
MOST_PUSH_TRIES = len(PUSH_WAITS) + 1
PUSH_PATIENCE = timedelta(hours=24)

_WAITING = ("pending", "sending")


@dataclass(frozen=True, slots=True)
class Planned:
    """Deliveries that were put on record just now, and what has to be sent for them."""

    mails: tuple[DeliveryId, ...]
    pushes: tuple[tuple[DeliveryId, SubscriptionId], ...]


def plan(
    session: Session, *, supplier_id: SupplierId, alert_id: AlertId, push_on: bool, clock: Clock
) -> Planned:
    """One delivery for each colleague and channel; a second plan finds nothing left to do.

    Everybody who can sign in gets a mail; who has a browser that wants to be woken gets a push
    as well, while the installation can push (`push_on`).
    """
    staff = session.scalars(
        select(Staff.id).where(Staff.supplier_id == supplier_id, Staff.disabled_at.is_(None))
    ).all()
    awake: dict[Any, list[SubscriptionId]] = {}
    if push_on:
        for row in session.execute(
            select(PushSubscription.staff_id, PushSubscription.id)
            .where(PushSubscription.supplier_id == supplier_id)
            .order_by(PushSubscription.id)
        ):
            awake.setdefault(row.staff_id, []).append(row.id)
    mails, pushes = [], []
    for staff_id in staff:
        mail = _put_on_record(session, supplier_id, alert_id, staff_id, "email", clock.now())
        if mail is not None:
            mails.append(mail)
        if staff_id not in awake:
            continue
        push = _put_on_record(session, supplier_id, alert_id, staff_id, "push", clock.now())
        if push is not None:
            pushes += [(push, subscription_id) for subscription_id in awake[staff_id]]
    session.add_all(
        PushSend(
            supplier_id=supplier_id,
            delivery_id=delivery_id,
            subscription_id=subscription_id,
            state="pending",
        )
        for delivery_id, subscription_id in pushes
    )
    session.flush()
    return Planned(tuple(mails), tuple(pushes))


def _put_on_record(
    session: Session,
    supplier_id: SupplierId,
    alert_id: AlertId,
    staff_id: Any,
    channel: str,
    now: datetime,
) -> DeliveryId | None:
    row = {
        "id": new_id(),
        "supplier_id": supplier_id,
        "alert_id": alert_id,
        "staff_id": staff_id,
        "channel": channel,
        "state": "pending",
        "attempts": 0,
        "reason": "",
        "created_at": now,
    }
    statement = insert_or_ignore(session, Delivery).values(row).returning(Delivery.id)
    return session.execute(statement).scalar_one_or_none()


def _mine(supplier_id: SupplierId, delivery_id: DeliveryId) -> tuple[Any, ...]:
    return (Delivery.supplier_id == supplier_id, Delivery.id == delivery_id)


def begin_mail(
    session: Session,
    *,
    supplier_id: SupplierId,
    delivery_id: DeliveryId,
    settings: Settings,
    clock: Clock,
) -> MailMessage | None:
    """Claim a delivery and compose its mail; None when there is nothing to send any more.

    What is found in `sending` is sent again: better twice under one Message-ID than not at all.
    """
    claimed = session.execute(
        update(Delivery)
        .where(*_mine(supplier_id, delivery_id), Delivery.state.in_(_WAITING))
        .values(state="sending", attempts=Delivery.attempts + 1)
        .returning(Delivery.id)
    ).one_or_none()
    if claimed is None:
        return None
    told = _told(session, supplier_id, delivery_id)
    if _is_moot(told):
        _close(session, supplier_id, delivery_id, "unneeded")
        return None
    today = local_date(clock.now(), told.supplier.zone)
    items = open_items(session, supplier_id, told.alert.debtor_id)
    return alert_mail(
        told,
        delivery_id,
        overdue=overdue_of(items, today),
        backoffice_url=settings.web.backoffice_url,
    )


def _told(session: Session, supplier_id: SupplierId, delivery_id: DeliveryId) -> Told:
    alert, debtor_name, staff, supplier = session.execute(
        select(Alert, Debtor.name, Staff, Supplier)
        .join(
            Delivery, (Delivery.supplier_id == Alert.supplier_id) & (Delivery.alert_id == Alert.id)
        )
        .join(Debtor, (Debtor.supplier_id == Alert.supplier_id) & (Debtor.id == Alert.debtor_id))
        .join(Staff, (Staff.supplier_id == Delivery.supplier_id) & (Staff.id == Delivery.staff_id))
        .join(Supplier, Supplier.id == Alert.supplier_id)
        .where(*_mine(supplier_id, delivery_id))
    ).one()
    return Told(alert=alert, debtor_name=debtor_name, staff=staff, supplier=supplier)


def _is_moot(told: Told) -> bool:
    alert = told.alert
    return bool(alert.acknowledged_at or alert.retracted_at or told.staff.disabled_at)


def _close(
    session: Session,
    supplier_id: SupplierId,
    delivery_id: DeliveryId,
    state: str,
    *,
    reason: str = "",
    delivered_at: datetime | None = None,
) -> None:
    session.execute(
        update(Delivery)
        .where(*_mine(supplier_id, delivery_id), Delivery.state.in_(_WAITING))
        .values(state=state, reason=reason[:300], delivered_at=delivered_at)
    )


def mail_taken(
    session: Session, *, supplier_id: SupplierId, delivery_id: DeliveryId, clock: Clock
) -> None:
    """The mail was handed over."""
    _close(session, supplier_id, delivery_id, "delivered", delivered_at=clock.now())


def mail_put_off(
    session: Session, *, supplier_id: SupplierId, delivery_id: DeliveryId, reason: str
) -> None:
    """The mail has to be tried again."""
    _close(session, supplier_id, delivery_id, "pending", reason=reason)


def mail_failed(
    session: Session, *, supplier_id: SupplierId, delivery_id: DeliveryId, reason: str
) -> None:
    """The mail will not be sent, for a reason staff can read."""
    _close(session, supplier_id, delivery_id, "failed", reason=reason)


def begin_push(
    session: Session,
    *,
    supplier_id: SupplierId,
    delivery_id: DeliveryId,
    subscription_id: SubscriptionId,
    settings: Settings,
    clock: Clock,
) -> tuple[PushTarget, PushPayload] | None:
    """Claim the push of a delivery to one browser; None when there is nothing to send any more."""
    claimed = session.execute(
        update(PushSend)
        .where(*_send_of(supplier_id, delivery_id, subscription_id), PushSend.state.in_(_WAITING))
        .values(state="sending", attempts=PushSend.attempts + 1)
        .returning(PushSend.attempts)
    ).one_or_none()
    if claimed is None:
        return None
    told = _told(session, supplier_id, delivery_id)
    target = browsers.target_of(session, supplier_id, told.staff.id, subscription_id)
    if _is_moot(told) or target is None:
        state = "unneeded" if _is_moot(told) else "gone"
        _close_send(session, supplier_id, delivery_id, subscription_id, state)
        _sum_up(session, supplier_id, delivery_id, clock=clock)
        return None
    session.execute(
        update(Delivery)
        .where(*_mine(supplier_id, delivery_id), Delivery.state == "pending")
        .values(state="sending")
    )
    return target, alert_push(told, backoffice_url=settings.web.backoffice_url)


def close_push(
    session: Session,
    *,
    supplier_id: SupplierId,
    delivery_id: DeliveryId,
    subscription_id: SubscriptionId,
    outcome: PushOutcome,
    clock: Clock,
) -> datetime | None:
    """Write down what became of a push; returns when to try again, if at all.

    A browser that is gone is forgotten.
    """
    again_at = None
    reason = outcome.reason
    match outcome.result:
        case PushResult.DELIVERED:
            state = "delivered"
        case PushResult.GONE:
            state = "gone"
            browsers.forget_subscription(
                session, supplier_id=supplier_id, subscription_id=subscription_id
            )
        case PushResult.LATER:
            again_at = _again_at(
                session, supplier_id, delivery_id, subscription_id, outcome, clock.now()
            )
            state = "failed" if again_at is None else "pending"
        case PushResult.REFUSED:
            state = "failed"
    _close_send(session, supplier_id, delivery_id, subscription_id, state, reason=reason)
    _sum_up(session, supplier_id, delivery_id, clock=clock)
    return again_at


def _again_at(
    session: Session,
    supplier_id: SupplierId,
    delivery_id: DeliveryId,
    subscription_id: SubscriptionId,
    outcome: PushOutcome,
    now: datetime,
) -> datetime | None:
    attempts, planned_at = session.execute(
        select(PushSend.attempts, Delivery.created_at)
        .join(
            Delivery,
            (Delivery.supplier_id == PushSend.supplier_id) & (Delivery.id == PushSend.delivery_id),
        )
        .where(*_send_of(supplier_id, delivery_id, subscription_id))
    ).one()
    if attempts >= MOST_PUSH_TRIES:
        return None
    again_at: datetime = now + (outcome.retry_after or PUSH_WAITS[attempts - 1])
    return again_at if again_at <= planned_at + PUSH_PATIENCE else None


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
) -> None:
    session.execute(
        update(PushSend)
        .where(*_send_of(supplier_id, delivery_id, subscription_id))
        .values(state=state, reason=reason[:300])
    )


def _sum_up(
    session: Session, supplier_id: SupplierId, delivery_id: DeliveryId, *, clock: Clock
) -> None:
    """The person is told as soon as one of their browsers is."""
    delivery = session.scalars(
        select(Delivery).where(*_mine(supplier_id, delivery_id)).with_for_update()
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
    elif states & set(_WAITING):
        delivery.state = "pending"
    else:
        order = ("failed", "gone", "unneeded")
        delivery.state = next(state for state in order if state in states)
    session.flush()
