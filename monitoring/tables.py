"""What sources said about debtors, what suppliers want to be told, and what they were told."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

import monitoring.effects.tables
import monitoring.insolvency.tables
from receivables.database import Base
from receivables.ids import (
    AlertId,
    DebtorId,
    DeliveryId,
    ReadingId,
    StaffId,
    SubscriptionId,
    SupplierId,
    WatchRuleId,
)

assert monitoring.effects.tables  # imported for its tables
assert monitoring.insolvency.tables  # imported for its tables

_BANDS = "('A', 'B', 'C', 'D', 'E', 'none')"


class ScoreReading(Base):
    """One thing one source said about one debtor, for one day. Rows are added, never changed.

    A source may say several things for the same day: bureaus rescore within a day, files are
    corrected. So the natural key is the source's own reference, and a correction is one more row.
    Which of them stands is told by (as_of_on, sequence, source_reference): `sequence` is the
    source's own order where it has one, and the order of arrival where it has none. Whatever
    order they arrive in, readings of a source that numbers them end up in the same order here.
    """

    __tablename__ = "score_readings"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint(
            "supplier_id",
            "debtor_id",
            "source",
            "as_of_on",
            "source_reference",
            name="uq_score_readings_reference",
        ),
        CheckConstraint(f"band IN {_BANDS}", name="band"),
        CheckConstraint(
            "(limit_minor IS NULL) = (limit_currency IS NULL) AND limit_minor >= 0", name="limit"
        ),
        Index(
            "ix_score_readings_history",
            "supplier_id",
            "debtor_id",
            "source",
            "as_of_on",
            "sequence",
        ),
        Index("ix_score_readings_arrival", "supplier_id", "received_at"),
    )

    id: Mapped[ReadingId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    source: Mapped[str] = mapped_column(String(40))
    #: The day the source speaks of.
    as_of_on: Mapped[date]
    sequence: Mapped[int]
    #: The source's own key for it; a digest of the content where the source gives none.
    source_reference: Mapped[str] = mapped_column(String(120))
    received_at: Mapped[datetime]
    #: The source's scale, such as "0-100"; raw scores of two scales are never compared.
    scale: Mapped[str] = mapped_column(String(20))
    #: None when the source gave a band alone, or withdrew its score.
    score: Mapped[int | None] = mapped_column(Integer)
    band: Mapped[str] = mapped_column(String(4))
    #: The credit the source would give.
    limit_minor: Mapped[int | None]
    limit_currency: Mapped[str | None] = mapped_column(String(3))
    #: What the source says of the company itself ("active", "dissolved"), in its own words.
    status: Mapped[str | None] = mapped_column(String(40))


class WatchRule(Base):
    """What a supplier wants to be told, and from where on.

    `threshold` is a score (S-THR), points lost (S-DROP) or bands lost (S-CLASS). S-THR and S-DROP
    read raw scores and so hold for one `scale` only.
    """

    __tablename__ = "watch_rules"
    __table_args__ = (
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("kind IN ('S-THR', 'S-DROP', 'S-CLASS')", name="kind"),
        CheckConstraint("threshold > 0", name="threshold"),
        CheckConstraint("(kind = 'S-THR') = (rearm_points IS NOT NULL)", name="rearm_points"),
        CheckConstraint("(kind = 'S-DROP') = (window_days IS NOT NULL)", name="window_days"),
        CheckConstraint("(kind = 'S-CLASS') = (scale IS NULL)", name="scale"),
        Index(None, "supplier_id"),
    )

    id: Mapped[WatchRuleId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    kind: Mapped[str] = mapped_column(String(8))
    threshold: Mapped[int] = mapped_column(Integer)
    rearm_points: Mapped[int | None] = mapped_column(Integer)
    window_days: Mapped[int | None] = mapped_column(Integer)
    scale: Mapped[str | None] = mapped_column(String(20))
    is_on: Mapped[bool]
    #: Readings that came before are history to this rule: it raises no alarm about them.
    effective_at: Mapped[datetime]


class Alert(Base):
    """One change for the worse that somebody asked about, as things stood when it was raised.

    One per change: where several rules fire on the same reading they are the alert's reasons,
    and the gravest gives it its `kind`, so that one fall is told once.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        ForeignKeyConstraint(
            ["supplier_id", "reading_id"], ["score_readings.supplier_id", "score_readings.id"]
        ),
        ForeignKeyConstraint(["supplier_id", "acknowledged_by"], ["staff.supplier_id", "staff.id"]),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "reading_id"),
        CheckConstraint("kind IN ('S-THR', 'S-DROP', 'S-CLASS')", name="kind"),
        CheckConstraint(
            "severity IN ('info', 'low', 'medium', 'high', 'critical')", name="severity"
        ),
        CheckConstraint(f"band_before IN {_BANDS} AND band_after IN {_BANDS}", name="bands"),
        CheckConstraint(
            "(acknowledged_at IS NULL) = (decision IS NULL)"
            " AND (acknowledged_at IS NULL) = (acknowledged_by IS NULL)",
            name="acknowledged",
        ),
        CheckConstraint("share_permille BETWEEN 0 AND 1000", name="share_permille"),
        Index("ix_alerts_debtor", "supplier_id", "debtor_id", "source"),
        Index("ix_alerts_raised", "supplier_id", "raised_at"),
        Index(
            "ix_alerts_open",
            "supplier_id",
            "raised_at",
            sqlite_where=text("acknowledged_at IS NULL AND retracted_at IS NULL"),
            postgresql_where=text("acknowledged_at IS NULL AND retracted_at IS NULL"),
        ),
    )

    id: Mapped[AlertId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    reading_id: Mapped[ReadingId]
    kind: Mapped[str] = mapped_column(String(8))
    threshold: Mapped[int] = mapped_column(Integer)
    severity: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(40))
    as_of_on: Mapped[date]
    score_before: Mapped[int | None] = mapped_column(Integer)
    score_after: Mapped[int | None] = mapped_column(Integer)
    band_before: Mapped[str] = mapped_column(String(4))
    band_after: Mapped[str] = mapped_column(String(4))
    #: What the debtor owed then: minor units by currency.
    exposure: Mapped[dict[str, Any]]
    #: The exposure's part of all that was outstanding; None when nothing was.
    share_permille: Mapped[int | None] = mapped_column(Integer)
    raised_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[StaffId | None]
    decision: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(2000), default="")
    #: Set when the source took back what the alert was about; it stays visible, as taken back.
    retracted_at: Mapped[datetime | None]


class AlertReason(Base):
    """One rule that fired on the alert's reading, and what it was set to then."""

    __tablename__ = "alert_reasons"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "alert_id"], ["alerts.supplier_id", "alerts.id"]),
        ForeignKeyConstraint(
            ["supplier_id", "watch_rule_id"], ["watch_rules.supplier_id", "watch_rules.id"]
        ),
        Index(None, "supplier_id", "watch_rule_id"),
    )

    supplier_id: Mapped[SupplierId]
    alert_id: Mapped[AlertId] = mapped_column(primary_key=True)
    watch_rule_id: Mapped[WatchRuleId] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(8))
    threshold: Mapped[int] = mapped_column(Integer)
    severity: Mapped[str] = mapped_column(String(8))


class FeedState(Base):
    """Where a feed stands for one supplier."""

    __tablename__ = "feed_states"

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    feed: Mapped[str] = mapped_column(String(40), primary_key=True)
    #: The source's own mark of how far we have read; empty before the first answer.
    cursor: Mapped[str] = mapped_column(String(200), default="")
    #: Not asked again before: what a busy source told us.
    paused_until: Mapped[datetime | None]
    last_success_at: Mapped[datetime | None]
    last_error: Mapped[str] = mapped_column(String(300), default="")
    last_error_at: Mapped[datetime | None]
    first_asked_at: Mapped[datetime | None]
    #: How many answers it gave on each of the last days it gave any, by ISO day.
    answers: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    #: The newest day its data speaks of, where a delivery says so: a snapshot of a register.
    newest_on: Mapped[date | None]
    #: A `heartbeat.Silence` while it does not give what it should, and since when.
    silence: Mapped[str] = mapped_column(String(6), default="", server_default="")
    silent_since: Mapped[datetime | None]


class FeedSubject(Base):
    """Which company of a source a debtor is, as far as the source knows."""

    __tablename__ = "feed_subjects"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        Index(None, "supplier_id", "feed", "company_id"),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(primary_key=True)
    feed: Mapped[str] = mapped_column(String(40), primary_key=True)
    debtor_id: Mapped[DebtorId] = mapped_column(primary_key=True)
    #: The source's id of the company; None while the source does not know it.
    company_id: Mapped[str | None] = mapped_column(String(80))
    asked_at: Mapped[datetime]
    #: What the source said last, in the feed's own short form, where it tells how things stand
    #: and not what changed.
    said: Mapped[str] = mapped_column(String(120), default="", server_default="")
