"""Reference rates as they were given, and what each supplier chose about late interest."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
    text,
)
from sqlalchemy.orm import Mapped, declared_attr, mapped_column

from receivables.database import Base
from receivables.ids import DebtorId, InvoiceId, SupplierId
from receivables.interest.rates import Rate, Series
from receivables.invoices.tables import Invoice
from receivables.parties.tables import Debtor

# Columns that refer to others take their type from there, and statements are made at import.
assert Debtor.__tablename__ == "debtors"
assert Invoice.__tablename__ == "invoices"

_SERIES = ", ".join(f"'{one.value}'" for one in Series)


class Stance(StrEnum):
    """What a supplier says of late interest to those who are late."""

    SILENT = "silent"
    MENTION = "mention"
    """It could apply; nothing is asked for."""
    CLAIM = "claim"


class AfterPayment(StrEnum):
    """What becomes of interest on an invoice once its principal is paid."""

    WAIVE = "waive"
    KEEP = "keep"
    ASK = "ask"
    """Somebody decides for each invoice."""


class RateRow:
    """One dated rate; never changed: a newer row corrects it."""

    id: Mapped[UUID] = mapped_column(primary_key=True)
    series: Mapped[str] = mapped_column(String(20))
    first_day: Mapped[date]
    last_day: Mapped[date]
    #: Plain decimal text, since the two databases round decimals differently.
    percent_text: Mapped[str] = mapped_column(String(12))
    source: Mapped[str] = mapped_column(String(300))
    checked_on: Mapped[date]
    recorded_at: Mapped[datetime]

    @declared_attr.directive
    def __table_args__(cls) -> tuple[CheckConstraint, ...]:  # noqa: N805  (of the class)
        return (
            CheckConstraint(f"series IN ({_SERIES})", name="series"),
            CheckConstraint("first_day <= last_day", name="days"),
        )

    @property
    def rate(self) -> Rate:
        return Rate(
            Series(self.series),
            self.first_day,
            self.last_day,
            Decimal(self.percent_text),
            self.source,
            self.checked_on,
        )


class ReferenceRate(RateRow, Base):
    """A rate the operator loaded, for every supplier: all read it, only the installation adds."""

    __tablename__ = "reference_rates"


class SupplierRate(RateRow, Base):
    """A rate one supplier's owner added: it counts for them, before all others."""

    __tablename__ = "supplier_rates"

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), index=True)
    #: "staff:<id>".
    added_by: Mapped[str] = mapped_column(String(60))


class InterestPolicy(Base):
    """What a supplier chose about late interest; no row: not a word of it."""

    __tablename__ = "interest_policies"
    __table_args__ = (
        CheckConstraint("stance IN ('silent', 'mention', 'claim')", name="stance"),
        CheckConstraint("after_payment IN ('waive', 'keep', 'ask')", name="after_payment"),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    stance: Mapped[str] = mapped_column(String(7))
    after_payment: Mapped[str] = mapped_column(String(5))
    compensation: Mapped[bool] = mapped_column(Boolean)
    #: Percent a year in the supplier's terms with businesses, as plain decimal text.
    agreed_text: Mapped[str | None] = mapped_column(String(12))
    due_is_agreed: Mapped[bool] = mapped_column(Boolean)
    creditor_is_small: Mapped[bool] = mapped_column(Boolean)
    changed_at: Mapped[datetime]


class InterestAgreement(Base):
    """The rate that the contract with one debtor names."""

    __tablename__ = "interest_agreements"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(primary_key=True)
    debtor_id: Mapped[DebtorId] = mapped_column(primary_key=True)
    agreed_text: Mapped[str] = mapped_column(String(12))
    changed_at: Mapped[datetime]


class InterestDecision(Base):
    """What somebody decided about the interest of one invoice; the latest counts."""

    __tablename__ = "interest_decisions"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "invoice_id"], ["invoices.supplier_id", "invoices.id"]
        ),
        CheckConstraint("choice IN ('waive', 'keep')", name="choice"),
        Index(None, "supplier_id", "invoice_id"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    invoice_id: Mapped[InvoiceId]
    choice: Mapped[str] = mapped_column(String(5))
    decided_by: Mapped[str] = mapped_column(String(60))
    decided_at: Mapped[datetime]


class InterestNotice(Base):
    """The reminder or formal notice with which a debtor's default begins; never changed."""

    __tablename__ = "interest_notices"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "invoice_id"], ["invoices.supplier_id", "invoices.id"]
        ),
        UniqueConstraint("supplier_id", "invoice_id", "given_on", "given_by"),
        CheckConstraint("given_by IN ('electronic', 'post')", name="given_by"),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    invoice_id: Mapped[InvoiceId]
    given_on: Mapped[date]
    given_by: Mapped[str] = mapped_column(String(10))
    recorded_by: Mapped[str] = mapped_column(String(60))
    recorded_at: Mapped[datetime]


class InterestClaim(Base):
    """What one note claims for the lateness of one invoice; never changed.

    The note is an invoice like any other (a debit note), with a number of its own series; it bears
    no interest. A claim without days is the fixed sum alone; one below zero takes back, by a
    credit note, what earlier ones claimed too much.
    """

    __tablename__ = "interest_claims"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "invoice_id"], ["invoices.supplier_id", "invoices.id"]
        ),
        ForeignKeyConstraint(["supplier_id", "note_id"], ["invoices.supplier_id", "invoices.id"]),
        # No day is claimed twice: a claim begins where the last one ended, and two at once meet
        # here.
        UniqueConstraint("supplier_id", "invoice_id", "first_day"),
        UniqueConstraint("supplier_id", "invoice_id", "last_day"),
        UniqueConstraint("supplier_id", "note_id"),
        UniqueConstraint("supplier_id", "year", "serial"),
        CheckConstraint("first_day <= last_day", name="days"),
        CheckConstraint(
            "(interest_minor > 0 AND first_day IS NOT NULL AND last_day IS NOT NULL)"
            " OR (interest_minor <= 0 AND first_day IS NULL AND last_day IS NULL)",
            name="interest",
        ),
        CheckConstraint(
            "compensation_minor > 0 OR (compensation_minor IS NULL AND interest_minor <> 0)",
            name="compensation",
        ),
        CheckConstraint("(year IS NULL) = (interest_minor < 0)", name="year"),
        CheckConstraint("(serial IS NULL) = (interest_minor < 0)", name="serial"),
        Index(
            "ix_interest_claims_compensation",
            "supplier_id",
            "invoice_id",
            unique=True,
            sqlite_where=text("compensation_minor IS NOT NULL"),
            postgresql_where=text("compensation_minor IS NOT NULL"),
        ),
    )

    id: Mapped[UUID] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    invoice_id: Mapped[InvoiceId]
    note_id: Mapped[InvoiceId]
    #: What it was reckoned for.
    first_day: Mapped[date | None]
    last_day: Mapped[date | None]
    interest_minor: Mapped[int]
    #: The fixed sum, which is claimed once for an invoice.
    compensation_minor: Mapped[int | None]
    currency: Mapped[str] = mapped_column(String(3))
    #: The note's place in the series of its year; a credit note has none of its own.
    year: Mapped[int | None]
    serial: Mapped[int | None]
    #: "staff:<id>".
    claimed_by: Mapped[str] = mapped_column(String(60))
    claimed_at: Mapped[datetime]
