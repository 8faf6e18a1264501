"""How people hold dunning: hours and limits, stops, absences, previews, vetoes, runs."""

from __future__ import annotations

from datetime import date, datetime, time

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, Time, text
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import (
    AbsenceId,
    DebtorId,
    DunningStopId,
    InvoiceId,
    SupplierId,
    VetoId,
)


class DunningSettings(Base):
    """What a supplier chose; without a row the defaults of `limits` and `windows` hold."""

    __tablename__ = "dunning_settings"
    __table_args__ = (
        CheckConstraint("opens < closes", name="window"),
        CheckConstraint("least_days_between BETWEEN 1 AND 60", name="least_days_between"),
        CheckConstraint("most_in_7_days BETWEEN 1 AND 7", name="most_in_7_days"),
        CheckConstraint("most_in_30_days BETWEEN 1 AND 30", name="most_in_30_days"),
        CheckConstraint("quiet_days BETWEEN 0 AND 20", name="quiet_days"),
        CheckConstraint("gather_days BETWEEN 0 AND 10", name="gather_days"),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    opens: Mapped[time] = mapped_column(Time)
    closes: Mapped[time] = mapped_column(Time)
    least_days_between: Mapped[int] = mapped_column(Integer)
    most_in_7_days: Mapped[int] = mapped_column(Integer)
    most_in_30_days: Mapped[int] = mapped_column(Integer)
    quiet_days: Mapped[int] = mapped_column(Integer)
    gather_days: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime]


_STANDING = text("lifted_at IS NULL")


class DunningStop(Base):
    """Demands on a debtor, or about one invoice, are stopped by a person."""

    __tablename__ = "dunning_stops"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("invoice_id", "invoices"),
        CheckConstraint("kind IN ('manual', 'deceased', 'ceased')", name="kind"),
        CheckConstraint("reason <> ''", name="reason"),
        CheckConstraint("until IS NULL OR until >= since", name="until"),
        Index(
            "ix_dunning_stops_standing",
            "supplier_id",
            "debtor_id",
            sqlite_where=_STANDING,
            postgresql_where=_STANDING,
        ),
    )

    id: Mapped[DunningStopId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    #: None: everything of the debtor's.
    invoice_id: Mapped[InvoiceId | None]
    kind: Mapped[str] = mapped_column(String(8))
    reason: Mapped[str] = mapped_column(String(300))
    since: Mapped[date]
    #: The last day; None: no end, which an owner decides.
    until: Mapped[date | None]
    by: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    lifted_at: Mapped[datetime | None]
    lifted_by: Mapped[str | None] = mapped_column(String(60))


class DunningAbsence(Base):
    """Days on which nothing goes out by itself: nobody is there to answer."""

    __tablename__ = "dunning_absences"
    __table_args__ = (
        CheckConstraint("first_on <= last_on", name="days"),
        Index(None, "supplier_id", "last_on"),
    )

    id: Mapped[AbsenceId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    first_on: Mapped[date]
    last_on: Mapped[date]
    reason: Mapped[str] = mapped_column(String(300))
    by: Mapped[str] = mapped_column(String(60))
    created_at: Mapped[datetime]
    cancelled_at: Mapped[datetime | None]


class DunningRun(Base):
    """One day's run of one supplier: when it was made, and how much it planned."""

    __tablename__ = "dunning_runs"

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    run_on: Mapped[date] = mapped_column(primary_key=True)
    made_at: Mapped[datetime]
    messages: Mapped[int] = mapped_column(Integer)
    #: A `Reason` why all of them wait for a person; empty where they do not.
    held_because: Mapped[str] = mapped_column(String(20))


class DunningPreview(Base):
    """A day's messages were shown on the afternoon before, and could be objected to."""

    __tablename__ = "dunning_previews"

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    run_on: Mapped[date] = mapped_column(primary_key=True)
    shown_at: Mapped[datetime]
    messages: Mapped[int] = mapped_column(Integer)


class DunningVeto(Base):
    """A person took one message, one debtor's, or all of a day's out of the preview."""

    __tablename__ = "dunning_vetoes"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        Index(None, "supplier_id", "run_on"),
    )

    id: Mapped[VetoId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    run_on: Mapped[date]
    #: None: every debtor's.
    debtor_id: Mapped[DebtorId | None]
    #: None: in every currency.
    currency: Mapped[str | None] = mapped_column(String(3))
    by: Mapped[str] = mapped_column(String(60))
    at: Mapped[datetime]
    withdrawn_at: Mapped[datetime | None]
