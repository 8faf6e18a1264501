"""Who wants to be told how, what each was told, and the browsers that are woken."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import (
    AlertId,
    DeliveryId,
    DigestId,
    StaffId,
    SubscriptionId,
    SupplierId,
)

_STATES = "('pending', 'sending', 'delivered', 'gone', 'failed', 'unneeded')"


class TellingPerson(Base):
    """How one member of staff wants to be told; without a row the usual holds."""

    __tablename__ = "telling_people"
    __table_args__ = (
        of_same_supplier("staff_id", "staff"),
        of_same_supplier("deputy_id", "staff"),
        CheckConstraint(
            "waking_from BETWEEN 0 AND 1439 AND waking_until BETWEEN 0 AND 1439", name="waking"
        ),
        CheckConstraint("deputy_id <> staff_id", name="deputy"),
    )

    staff_id: Mapped[StaffId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    #: Minutes after midnight in the supplier's zone; outside of them only what cannot wait.
    waking_from: Mapped[int] = mapped_column(Integer)
    waking_until: Mapped[int] = mapped_column(Integer)
    #: Whether a push may say who it is about: a locked screen is read by anybody.
    names_on_push: Mapped[bool]
    #: Who is told of a critical alert that this person has not looked at.
    deputy_id: Mapped[StaffId | None]
    #: Since when no digest is wanted; what would stand in one is in the list of alerts alone.
    digests_off_at: Mapped[datetime | None]
    changed_at: Mapped[datetime]


class TellingChoice(Base):
    """What one person chose for one severity in one portfolio; see `choices`."""

    __tablename__ = "telling_choices"
    __table_args__ = (
        of_same_supplier("staff_id", "staff"),
        CheckConstraint("portfolio IN ('mine', 'others')", name="portfolio"),
        CheckConstraint(
            "severity IN ('info', 'low', 'medium', 'high', 'critical')", name="severity"
        ),
        CheckConstraint("pace IN ('now', 'waking', 'daily', 'weekly', 'not')", name="pace"),
        Index(None, "supplier_id"),
    )

    supplier_id: Mapped[SupplierId]
    staff_id: Mapped[StaffId] = mapped_column(primary_key=True)
    portfolio: Mapped[str] = mapped_column(String(6), primary_key=True)
    severity: Mapped[str] = mapped_column(String(8), primary_key=True)
    pace: Mapped[str] = mapped_column(String(6))
    mail: Mapped[bool]
    push: Mapped[bool]


class PushSubscription(Base):
    """One browser of one member of staff that asked to be woken.

    `endpoint_hash` is the SHA-256 of the endpoint: an endpoint is one browser, and so belongs to
    the one colleague who is signed in there now.
    """

    __tablename__ = "push_subscriptions"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "staff_id"], ["staff.supplier_id", "staff.id"]),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "endpoint_hash"),
        Index(None, "supplier_id", "staff_id", "seen_at"),
    )

    id: Mapped[SubscriptionId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    staff_id: Mapped[StaffId]
    endpoint: Mapped[str] = mapped_column(String(1024))
    endpoint_hash: Mapped[str] = mapped_column(String(64))
    #: base64url, as the browser gave them.
    p256dh: Mapped[str] = mapped_column(String(120))
    auth: Mapped[str] = mapped_column(String(40))
    #: The VAPID key it subscribed with; the push service accepts no other.
    key_id: Mapped[str] = mapped_column(String(64))
    user_agent: Mapped[str] = mapped_column(String(300))
    created_at: Mapped[datetime]
    seen_at: Mapped[datetime]


class Digest(Base):
    """One mail with several alerts to one person; `slot_on` is the day it is of.

    A person has one digest of a kind and slot, however often it is planned: `number` counts those
    of a flood within a day, and is 0 for the others.
    """

    __tablename__ = "digests"
    __table_args__ = (
        of_same_supplier("staff_id", "staff"),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "staff_id", "kind", "slot_on", "number"),
        CheckConstraint("kind IN ('daily', 'weekly', 'flood')", name="kind"),
        CheckConstraint(f"state IN {_STATES}", name="state"),
        CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered"),
    )

    id: Mapped[DigestId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    staff_id: Mapped[StaffId]
    kind: Mapped[str] = mapped_column(String(6))
    slot_on: Mapped[date]
    number: Mapped[int] = mapped_column(Integer)
    due_at: Mapped[datetime]
    state: Mapped[str] = mapped_column(String(9))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]


class Delivery(Base):
    """One telling of an alert to one person by one channel; the row stands before it is sent.

    `purpose` says why it is told: 'first', or once more because nobody opened it ('unopened'),
    because the person it was told has not looked at it ('deputy', 'admin'), or because it was
    put off until today ('again').
    """

    __tablename__ = "deliveries"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "alert_id"], ["alerts.supplier_id", "alerts.id"]),
        ForeignKeyConstraint(["supplier_id", "staff_id"], ["staff.supplier_id", "staff.id"]),
        of_same_supplier("digest_id", "digests"),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint(
            "supplier_id",
            "alert_id",
            "staff_id",
            "channel",
            "purpose",
            "number",
            name="uq_deliveries_once",
        ),
        CheckConstraint("channel IN ('email', 'push')", name="channel"),
        CheckConstraint(
            "purpose IN ('first', 'unopened', 'deputy', 'admin', 'again')", name="purpose"
        ),
        CheckConstraint(f"state IN {_STATES}", name="state"),
        CheckConstraint("(state = 'delivered') = (delivered_at IS NOT NULL)", name="delivered"),
        Index(
            "ix_deliveries_waiting",
            "created_at",
            sqlite_where=text("state IN ('pending', 'sending')"),
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
        Index(None, "supplier_id", "digest_id"),
        Index(None, "supplier_id", "staff_id", "created_at"),
    )

    id: Mapped[DeliveryId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    alert_id: Mapped[AlertId]
    staff_id: Mapped[StaffId]
    channel: Mapped[str] = mapped_column(String(5))
    purpose: Mapped[str] = mapped_column(String(8), default="first", server_default="first")
    #: Which time it comes back, with 'again'; 0 otherwise.
    number: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    state: Mapped[str] = mapped_column(String(9))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    #: Why it failed or waits, for staff to read.
    reason: Mapped[str] = mapped_column(String(300), default="")
    created_at: Mapped[datetime]
    #: Not sent before; None on rows of before there were hours: at once.
    due_at: Mapped[datetime | None]
    #: The digest it is told in.
    digest_id: Mapped[DigestId | None]
    delivered_at: Mapped[datetime | None]


class PushSend(Base):
    """One push of a delivery to one of the person's browsers.

    Kept apart from the delivery so that a browser whose push service is busy is asked again
    without waking the others twice. The subscription may be gone; the row says what became of it.
    """

    __tablename__ = "push_sends"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "delivery_id"], ["deliveries.supplier_id", "deliveries.id"]
        ),
        CheckConstraint(f"state IN {_STATES}", name="state"),
        Index(
            "ix_push_sends_due",
            "supplier_id",
            "due_at",
            sqlite_where=text("state IN ('pending', 'sending')"),
            postgresql_where=text("state IN ('pending', 'sending')"),
        ),
    )

    supplier_id: Mapped[SupplierId]
    delivery_id: Mapped[DeliveryId] = mapped_column(primary_key=True)
    subscription_id: Mapped[SubscriptionId] = mapped_column(primary_key=True)
    state: Mapped[str] = mapped_column(String(9))
    attempts: Mapped[int] = mapped_column(Integer, default=0)
    reason: Mapped[str] = mapped_column(String(300), default="")
    #: When it is sent; while it is being sent, when whoever sends it counts as dead.
    due_at: Mapped[datetime]


class AlertOpening(Base):
    """Somebody opened the page of an alert: they have seen it."""

    __tablename__ = "alert_openings"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "alert_id"], ["alerts.supplier_id", "alerts.id"]),
        of_same_supplier("staff_id", "staff"),
    )

    supplier_id: Mapped[SupplierId]
    alert_id: Mapped[AlertId] = mapped_column(primary_key=True)
    staff_id: Mapped[StaffId] = mapped_column(primary_key=True)
    opened_at: Mapped[datetime]
