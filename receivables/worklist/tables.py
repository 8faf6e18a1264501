"""What staff did with a task, reminders of their own, and who looks after which debtor."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from receivables.database import Base, of_same_supplier
from receivables.ids import DebtorId, OwnTaskId, StaffId, SupplierId


class TaskMark(Base):
    """What staff did with one task, by its natural key. The task itself is its source's.

    `episode` is what the source called the occasion: a mark of another one counts no more.
    """

    __tablename__ = "worklist_marks"
    __table_args__ = (
        of_same_supplier("taken_by", "staff"),
        of_same_supplier("done_by", "staff"),
        CheckConstraint("(taken_by IS NULL) = (taken_at IS NULL)", name="taken"),
        CheckConstraint("(done_by IS NULL) = (done_at IS NULL)", name="done"),
        Index(None, "supplier_id", "changed_at"),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(primary_key=True)
    #: A `rules.Kind`, or one of a source above.
    kind: Mapped[str] = mapped_column(String(20), primary_key=True)
    subject_id: Mapped[UUID] = mapped_column(primary_key=True)
    episode: Mapped[str] = mapped_column(String(200))
    taken_by: Mapped[StaffId | None]
    taken_at: Mapped[datetime | None]
    #: Not shown before this day.
    put_off_until: Mapped[date | None]
    put_off_why: Mapped[str] = mapped_column(String(500))
    done_by: Mapped[StaffId | None]
    done_at: Mapped[datetime | None]
    done_note: Mapped[str] = mapped_column(String(500))
    changed_at: Mapped[datetime]


class OwnTask(Base):
    """Something a person wants to be reminded of: a debtor, a day, words of their own."""

    __tablename__ = "worklist_own_tasks"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("created_by", "staff"),
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("text <> ''", name="text"),
        Index(None, "supplier_id", "due_on"),
        Index(None, "supplier_id", "debtor_id"),
    )

    id: Mapped[OwnTaskId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    debtor_id: Mapped[DebtorId]
    text: Mapped[str] = mapped_column(String(500))
    #: Shown from this day on.
    due_on: Mapped[date]
    created_by: Mapped[StaffId]
    created_at: Mapped[datetime]


class DebtorOwner(Base):
    """Who of the supplier's staff looks after a debtor."""

    __tablename__ = "debtor_owners"
    __table_args__ = (
        of_same_supplier("debtor_id", "debtors"),
        of_same_supplier("staff_id", "staff"),
        Index(None, "supplier_id", "staff_id"),
    )

    debtor_id: Mapped[DebtorId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    staff_id: Mapped[StaffId]
    since: Mapped[datetime]
