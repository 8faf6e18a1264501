"""What suppliers want to be told of debtors, and the alerts that were raised."""

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

from receivables.database import Base
from receivables.ids import (
    AlertId,
    DebtorId,
    ReadingId,
    SolvencyEventId,
    StaffId,
    SupplierId,
    WatchRuleId,
)

BANDS = "('A', 'B', 'C', 'D', 'E', 'none')"

_WATCHED = (
    "'S-THR', 'S-DROP', 'S-CLASS', 'S-LIMIT', 'S-STATUS', 'S-INSOLV', 'S-FILING', 'S-DBT',"
    " 'B-CLASS', 'X-USE', 'S-UP'"
)
_WITHOUT_NUMBER = "('S-STATUS', 'S-INSOLV', 'S-FILING')"


class WatchRule(Base):
    """What a supplier wants to be told, and from where on.

    `threshold` is a score (S-THR), points lost (S-DROP), bands lost or won (S-CLASS, B-CLASS,
    S-UP), percent of a limit cut (S-LIMIT) or used (X-USE), days more beyond terms (S-DBT), and 0
    where a rule has no number. S-THR and S-DROP read raw scores and so hold for one `scale` only.
    """

    __tablename__ = "watch_rules"
    __table_args__ = (
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint(f"kind IN ({_WATCHED})", name="kind"),
        CheckConstraint(
            f"threshold >= 0 AND (threshold = 0) = (kind IN {_WITHOUT_NUMBER})", name="threshold"
        ),
        CheckConstraint(
            "(kind IN ('S-THR', 'X-USE')) = (rearm_points IS NOT NULL)", name="rearm_points"
        ),
        CheckConstraint(
            "(kind IN ('S-DROP', 'S-DBT')) = (window_days IS NOT NULL)", name="window_days"
        ),
        CheckConstraint("(kind IN ('S-THR', 'S-DROP')) = (scale IS NOT NULL)", name="scale"),
        CheckConstraint("severity_shift BETWEEN -2 AND 2", name="severity_shift"),
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
    #: So many steps graver, or less grave, than the rule says by itself.
    severity_shift: Mapped[int] = mapped_column(Integer, default=0, server_default="0")
    #: Readings that came before are history to this rule: it raises no alarm about them.
    effective_at: Mapped[datetime]


class Alert(Base):
    """One thing that somebody asked to be told of, as it stood when it was raised.

    `subject` is the natural key: what happened, whoever told it and however often: of a reading
    "reading:<id>", of a publication "event:<family>:<debtor>:<first event>", of a used limit
    "use:<debtor>:<level>:<nth>", of a silent source "feed:<source>:<since>", of a mass change
    "mass:<source>:<start>". Where several rules fire on the same reading they are the alert's
    reasons, and the gravest gives it its `kind`, so that one fall is told once.

    Of a mass change the one notice is told, and the alerts in it (`mass_alert_id`) are not told
    one by one.
    """

    __tablename__ = "alerts"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        ForeignKeyConstraint(
            ["supplier_id", "reading_id"], ["score_readings.supplier_id", "score_readings.id"]
        ),
        ForeignKeyConstraint(
            ["supplier_id", "solvency_event_id"],
            ["solvency_events.supplier_id", "solvency_events.id"],
        ),
        ForeignKeyConstraint(["supplier_id", "mass_alert_id"], ["alerts.supplier_id", "alerts.id"]),
        ForeignKeyConstraint(["supplier_id", "acknowledged_by"], ["staff.supplier_id", "staff.id"]),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "subject"),
        CheckConstraint(f"kind IN ({_WATCHED}, 'M-DEAD', 'MASS')", name="kind"),
        CheckConstraint("(debtor_id IS NULL) = (kind IN ('M-DEAD', 'MASS'))", name="debtor"),
        CheckConstraint("mass_alert_id IS NULL OR kind <> 'MASS'", name="mass_alert"),
        CheckConstraint(
            "severity IN ('info', 'low', 'medium', 'high', 'critical')", name="severity"
        ),
        CheckConstraint(f"band_before IN {BANDS} AND band_after IN {BANDS}", name="bands"),
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
        Index(
            "ix_alerts_mass",
            "supplier_id",
            "mass_alert_id",
            sqlite_where=text("mass_alert_id IS NOT NULL"),
            postgresql_where=text("mass_alert_id IS NOT NULL"),
        ),
    )

    id: Mapped[AlertId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    subject: Mapped[str] = mapped_column(String(160))
    #: None when it is about a source (M-DEAD) or about many debtors (MASS).
    debtor_id: Mapped[DebtorId | None]
    reading_id: Mapped[ReadingId | None]
    solvency_event_id: Mapped[SolvencyEventId | None]
    mass_alert_id: Mapped[AlertId | None]
    kind: Mapped[str] = mapped_column(String(8))
    #: What the rule was set to, see `WatchRule`; 0 where it has no number.
    threshold: Mapped[int] = mapped_column(Integer)
    severity: Mapped[str] = mapped_column(String(8))
    source: Mapped[str] = mapped_column(String(40))
    as_of_on: Mapped[date]
    score_before: Mapped[int | None] = mapped_column(Integer)
    score_after: Mapped[int | None] = mapped_column(Integer)
    band_before: Mapped[str | None] = mapped_column(String(4))
    band_after: Mapped[str | None] = mapped_column(String(4))
    #: What its words need beyond the columns; see `wording`.
    detail: Mapped[dict[str, Any]] = mapped_column(default=dict, server_default="{}")
    #: What the debtor owed then: minor units by currency.
    exposure: Mapped[dict[str, Any]]
    #: The exposure's part of all that was outstanding; None when nothing was.
    share_permille: Mapped[int | None] = mapped_column(Integer)
    raised_at: Mapped[datetime]
    acknowledged_at: Mapped[datetime | None]
    acknowledged_by: Mapped[StaffId | None]
    decision: Mapped[str | None] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(String(2000), default="")
    #: Until when what was decided is to be done.
    due_on: Mapped[date | None]
    #: Out of sight until then.
    snoozed_until: Mapped[datetime | None]
    #: When those were told who stand in for somebody who did not look.
    deputy_told_at: Mapped[datetime | None]
    admin_told_at: Mapped[datetime | None]
    #: Set when the source took back what the alert was about; it stays visible, as taken back.
    retracted_at: Mapped[datetime | None]


class AlertReason(Base):
    """One rule that fired, and what it was set to then."""

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


class LimitUse(Base):
    """The highest level of their limit a debtor has used, as far as it was told.

    It goes up when an alert is raised and down only when the use has fallen well below it; so
    an exposure that goes to and fro around a level is told once.
    """

    __tablename__ = "limit_uses"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        CheckConstraint("level >= 0", name="level"),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(primary_key=True)
    debtor_id: Mapped[DebtorId] = mapped_column(primary_key=True)
    #: Percent; 0 below every level.
    level: Mapped[int] = mapped_column(Integer)
    #: How many alerts were raised so far.
    times: Mapped[int] = mapped_column(Integer)
    looked_at: Mapped[datetime]
