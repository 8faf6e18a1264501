"""What was published about debtors, and what of it stands."""

from __future__ import annotations

from datetime import date, datetime

from sqlalchemy import (
    CheckConstraint,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base
from receivables.ids import (
    DebtorId,
    InsolvencyClaimId,
    SolvencyEventId,
    StaffId,
    SupplierId,
)


class SolvencyEvent(Base):
    """One publication about one debtor; the natural key is the source's own reference.

    `state`: `candidate` while only a name speaks for it and nobody has looked; `stands`;
    `retracted` when the source took it back; `dismissed` when a person said that it is about
    somebody else. Only what stands counts for anything.
    """

    __tablename__ = "solvency_events"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        ForeignKeyConstraint(["supplier_id", "decided_by"], ["staff.supplier_id", "staff.id"]),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "debtor_id", "source", "reference"),
        CheckConstraint("state IN ('candidate', 'stands', 'retracted', 'dismissed')", name="state"),
        CheckConstraint("matched_by IN ('number', 'name')", name="matched_by"),
        Index("ix_solvency_events_reference", "supplier_id", "source", "reference"),
        Index("ix_solvency_events_expiry", "expires_on"),
    )

    id: Mapped[SolvencyEventId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    source: Mapped[str] = mapped_column(String(40))
    reference: Mapped[str] = mapped_column(String(120))
    #: A `kinds.EventKind`.
    event: Mapped[str] = mapped_column(String(24))
    country: Mapped[str] = mapped_column(String(2))
    published_on: Mapped[date]
    decided_on: Mapped[date | None]
    claims_until: Mapped[date | None]
    #: As published.
    name: Mapped[str] = mapped_column(String(200))
    place: Mapped[str] = mapped_column(String(120))
    label: Mapped[str] = mapped_column(String(300))
    court: Mapped[str] = mapped_column(String(200))
    link: Mapped[str] = mapped_column(String(500))
    is_person: Mapped[bool]
    matched_by: Mapped[str] = mapped_column(String(6))
    state: Mapped[str] = mapped_column(String(9))
    received_at: Mapped[datetime]
    #: Who confirmed or dismissed a candidate, and when; also when the source took it back.
    decided_by: Mapped[StaffId | None]
    decided_at: Mapped[datetime | None]
    #: Of what takes a publication back or puts it right: the reference of that one; empty while
    #: nobody knows which it is. None for all others.
    replaces: Mapped[str | None] = mapped_column(String(120))
    #: Of an annulment: the kind of what it annuls; empty where the source does not say.
    about: Mapped[str] = mapped_column(String(24), server_default="")
    #: Kept no longer than the register keeps it public (CJEU C-26/22 and C-64/22).
    expires_on: Mapped[date]


class InsolvencyClaim(Base):
    """What we have to lodge with the liquidator of one debtor, until a day.

    `opened_on` is the day on which interest ends; `basis` says why we believe in `lodge_until`
    (`deadlines.Basis`). A debtor has one open claim at most: later publications of the same
    procedure bring it up to date.
    """

    __tablename__ = "insolvency_claims"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        ForeignKeyConstraint(
            ["supplier_id", "solvency_event_id"],
            ["solvency_events.supplier_id", "solvency_events.id"],
        ),
        ForeignKeyConstraint(["supplier_id", "changed_by"], ["staff.supplier_id", "staff.id"]),
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("state IN ('open', 'lodged', 'given_up', 'withdrawn')", name="state"),
        CheckConstraint("basis IN ('publication', 'law', 'later', 'unknown')", name="basis"),
        CheckConstraint("(state = 'lodged') = (lodged_on IS NOT NULL)", name="lodged"),
        Index(
            "uq_insolvency_claims_open",
            "supplier_id",
            "debtor_id",
            unique=True,
            sqlite_where=text("state = 'open'"),
            postgresql_where=text("state = 'open'"),
        ),
    )

    id: Mapped[InsolvencyClaimId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    #: The publication it rests on now; None once that is deleted because it has expired.
    solvency_event_id: Mapped[SolvencyEventId | None]
    opened_on: Mapped[date]
    lodge_until: Mapped[date | None]
    basis: Mapped[str] = mapped_column(String(11))
    state: Mapped[str] = mapped_column(String(9))
    lodged_on: Mapped[date | None]
    #: Goods were delivered under retention of title.
    retains_title: Mapped[bool]
    #: Other securities, and whatever the liquidator should know, in the supplier's words.
    securities: Mapped[str] = mapped_column(String(1000))
    #: The claims are insured, and the insurer has not been told yet.
    insurer_waits: Mapped[bool]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
    changed_by: Mapped[StaffId | None]


class SeenPublication(Base):
    """A publication the installation has read already, whether or not it concerned anybody.

    Gazettes are read for all suppliers at once, the last days again and again, because
    publications turn up late; what was fetched once is not fetched again. No supplier's, and of
    nobody: it holds the source's own key and the day, for as long as the day is read again.
    """

    __tablename__ = "seen_publications"
    __table_args__ = (Index("ix_seen_publications_day", "source", "published_on"),)

    source: Mapped[str] = mapped_column(String(40), primary_key=True)
    reference: Mapped[str] = mapped_column(String(120), primary_key=True)
    published_on: Mapped[date]
