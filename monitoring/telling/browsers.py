"""The browsers that staff want to be woken in."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from monitoring.tables import PushSubscription
from receivables.clock import Clock
from receivables.errors import NoSuch
from receivables.ids import StaffId, SubscriptionId, SupplierId, new_id
from receivables.jobs import insert_or_ignore
from receivables.ports import PushTarget

#: So many browsers a person; the one not seen for longest makes room.
MOST_BROWSERS = 20


class NoSuchSubscription(NoSuch):
    """The person has no such browser."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Browser:
    """What a browser says when it subscribes, or comes back; checked by `receivables.push`."""

    target: PushTarget
    user_agent: str


def endpoint_hash(endpoint: str) -> str:
    return hashlib.sha256(endpoint.encode()).hexdigest()


def save_subscription(
    session: Session,
    *,
    supplier_id: SupplierId,
    staff_id: StaffId,
    browser: Browser,
    clock: Clock,
) -> SubscriptionId:
    """Wake this person in this browser from now on; a browser that is known is only refreshed.

    `staff_id` is whoever is signed in, never what the browser says: a browser that was a
    colleague's becomes this person's.
    """
    target, now = browser.target, clock.now()
    hashed = endpoint_hash(target.endpoint)
    values = {
        "staff_id": staff_id,
        "endpoint": target.endpoint,
        "p256dh": target.p256dh,
        "auth": target.auth,
        "key_id": target.key_id,
        "user_agent": browser.user_agent[:300],
        "seen_at": now,
    }
    new = {
        "id": new_id(),
        "supplier_id": supplier_id,
        "endpoint_hash": hashed,
        "created_at": now,
        **values,
    }
    session.execute(insert_or_ignore(session, PushSubscription), new)
    subscription_id = session.execute(
        update(PushSubscription)
        .where(
            PushSubscription.supplier_id == supplier_id, PushSubscription.endpoint_hash == hashed
        )
        .values(**values)
        .returning(PushSubscription.id)
    ).scalar_one()
    _make_room(session, supplier_id, staff_id, keep=subscription_id)
    return SubscriptionId(subscription_id)


def _make_room(
    session: Session, supplier_id: SupplierId, staff_id: StaffId, *, keep: SubscriptionId
) -> None:
    too_many = session.scalars(
        select(PushSubscription.id)
        .where(
            PushSubscription.supplier_id == supplier_id,
            PushSubscription.staff_id == staff_id,
            PushSubscription.id != keep,
        )
        .order_by(PushSubscription.seen_at.desc(), PushSubscription.id.desc())
        .offset(MOST_BROWSERS - 1)
    ).all()
    for subscription_id in too_many:
        forget_subscription(session, supplier_id=supplier_id, subscription_id=subscription_id)


def remove_subscription(
    session: Session,
    *,
    supplier_id: SupplierId,
    staff_id: StaffId,
    subscription_id: SubscriptionId,
) -> None:
    """The person does not want to be woken there any more. Raises NoSuchSubscription."""
    gone = session.execute(
        delete(PushSubscription)
        .where(
            PushSubscription.supplier_id == supplier_id,
            PushSubscription.staff_id == staff_id,
            PushSubscription.id == subscription_id,
        )
        .returning(PushSubscription.id)
    ).one_or_none()
    if gone is None:
        raise NoSuchSubscription(str(subscription_id))


def remove_endpoint(
    session: Session, *, supplier_id: SupplierId, staff_id: StaffId, endpoint: str
) -> bool:
    """The same, by what a browser knows of itself (on signing out); False when unknown."""
    gone = session.execute(
        delete(PushSubscription)
        .where(
            PushSubscription.supplier_id == supplier_id,
            PushSubscription.staff_id == staff_id,
            PushSubscription.endpoint_hash == endpoint_hash(endpoint),
        )
        .returning(PushSubscription.id)
    ).one_or_none()
    return gone is not None


def forget_subscription(
    session: Session, *, supplier_id: SupplierId, subscription_id: SubscriptionId
) -> None:
    """Its push service says that the browser is gone."""
    session.execute(
        delete(PushSubscription).where(
            PushSubscription.supplier_id == supplier_id, PushSubscription.id == subscription_id
        )
    )


def target_of(
    session: Session, supplier_id: SupplierId, staff_id: StaffId, subscription_id: SubscriptionId
) -> PushTarget | None:
    """Where to push; None when the browser is gone or is somebody else's by now."""
    row = session.scalar(
        select(PushSubscription).where(
            PushSubscription.supplier_id == supplier_id,
            PushSubscription.staff_id == staff_id,
            PushSubscription.id == subscription_id,
        )
    )
    if row is None:
        return None
    return PushTarget(endpoint=row.endpoint, p256dh=row.p256dh, auth=row.auth, key_id=row.key_id)
