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
)
from sqlalchemy.orm import Mapped, mapped_column

import monitoring.effects.tables
import monitoring.insolvency.tables
import monitoring.portfolio.tables
import monitoring.webhooks.tables
from monitoring.alerts.tables import BANDS, Alert, AlertReason, LimitUse, WatchRule
from monitoring.telling.tables import Delivery, PushSend, PushSubscription
from receivables.database import Base
from receivables.ids import (
    DebtorId,
    ReadingId,
    SupplierId,
)

__all__ = [
    "Alert",
    "AlertReason",
    "Delivery",
    "FeedState",
    "FeedSubject",
    "LimitUse",
    "PushSend",
    "PushSubscription",
    "ScoreReading",
    "WatchRule",
]

assert monitoring.effects.tables  # imported for its tables
assert monitoring.insolvency.tables  # imported for its tables
assert monitoring.portfolio.tables  # imported for its tables
assert monitoring.webhooks.tables  # imported for its tables


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
        CheckConstraint(f"band IN {BANDS}", name="band"),
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
    #: By how many days after the due day the company pays on average, where the source says.
    days_beyond_terms: Mapped[int | None] = mapped_column(Integer)


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
