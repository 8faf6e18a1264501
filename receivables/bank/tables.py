"""Bank statements as they were taken in, their entries, and how a bank writes its CSV."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    String,
    UniqueConstraint,
)
from sqlalchemy.orm import Mapped, composite, mapped_column

from receivables.database import Base
from receivables.ids import BankEntryId, BankStatementId, CsvMappingId, SupplierId
from receivables.money import Money
from receivables.parties.tables import Supplier

# A column that refers to another takes its type from there, and statements are made at import.
assert Supplier.__tablename__ == "suppliers"


class BankStatement(Base):
    """What one file said of one account over some days; a fact, never changed.

    Camt files may hold several. Balances are in `currency`, below zero when overdrawn, and None
    where the format (or this file) states none.
    """

    __tablename__ = "bank_statements"
    __table_args__ = (
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "content_key"),
        CheckConstraint(
            "format IN ('camt.052', 'camt.053', 'camt.054', 'mt940', 'coda', 'csv')", name="format"
        ),
        CheckConstraint("entry_count >= 0", name="entry_count"),
        Index(None, "supplier_id", "account", "last_on"),
        Index(None, "supplier_id", "taken_at"),
    )

    id: Mapped[BankStatementId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    #: A compact IBAN, or the account as the bank writes it.
    account: Mapped[str] = mapped_column(String(60))
    currency: Mapped[str] = mapped_column(String(3))
    format: Mapped[str] = mapped_column(String(8))
    #: The bank's own number of the statement, as written.
    number: Mapped[str | None] = mapped_column(String(60))
    #: The first and last day it speaks of; the last is what we know the account up to.
    first_on: Mapped[date]
    last_on: Mapped[date]
    opening_minor: Mapped[int | None]
    closing_minor: Mapped[int | None]
    #: Bookings that it tells; those that were not on record before are its `BankEntry` rows.
    entry_count: Mapped[int]
    file_name: Mapped[str] = mapped_column(String(200))
    #: What a person should know of it: each {where, code, values}, as `faults.MESSAGES` words it.
    findings: Mapped[list[dict[str, Any]]] = mapped_column(JSON)
    #: SHA-256 over all that it says: the same statement taken again is recognised by it.
    content_key: Mapped[str] = mapped_column(String(64))
    taken_at: Mapped[datetime]


class BankEntry(Base):
    """One line of a statement, or one transaction of a batch; a fact, never changed.

    `entry_key` is the natural key of the booking: account, bank reference, amount, day and
    position among its like. A batch whose transactions the file states has one row each, `part`
    1, 2, ...; any other booking has one row with `part` 0. Where the transactions of a booking on
    record come later (camt.054 after camt.053), they are added with `details_of`: of a booking
    and its details, one side alone may be posted.
    """

    __tablename__ = "bank_entries"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "statement_id"], ["bank_statements.supplier_id", "bank_statements.id"]
        ),
        ForeignKeyConstraint(
            ["supplier_id", "details_of"], ["bank_entries.supplier_id", "bank_entries.id"]
        ),
        UniqueConstraint("supplier_id", "id"),
        UniqueConstraint("supplier_id", "entry_key", "part"),
        CheckConstraint("amount_minor >= 0", name="amount"),
        CheckConstraint("credit_debit IN ('CRDT', 'DBIT')", name="credit_debit"),
        CheckConstraint("status IN ('BOOK', 'PDNG', 'INFO', 'FUTR')", name="status"),
        CheckConstraint("status = 'BOOK' OR NOT may_be_posted", name="may_be_posted"),
        Index(None, "supplier_id", "statement_id", "place"),
        Index(None, "supplier_id", "account", "booked_on"),
        ForeignKeyConstraint(
            ["supplier_id", "same_as"], ["bank_entries.supplier_id", "bank_entries.id"]
        ),
        CheckConstraint("same_as IS NULL OR NOT may_be_posted", name="same_as"),
        Index(None, "supplier_id", "details_of"),
        Index(None, "supplier_id", "same_as"),
        Index(None, "supplier_id", "amount_minor"),
    )

    id: Mapped[BankEntryId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    statement_id: Mapped[BankStatementId]
    #: 0, 1, 2 ... in the order of the statement, batches taken apart.
    place: Mapped[int]
    entry_key: Mapped[str] = mapped_column(String(64))
    part: Mapped[int]
    details_of: Mapped[BankEntryId | None]
    #: The booking on record that this one tells again in another format; then it is never posted.
    same_as: Mapped[BankEntryId | None]
    #: The account it was booked on: as in the statement.
    account: Mapped[str] = mapped_column(String(60))
    booked_on: Mapped[date]
    value_on: Mapped[date | None]
    #: Never below zero; `credit_debit` says which way it went.
    amount: Mapped[Money] = composite(
        mapped_column("amount_minor"), mapped_column("currency", String(3))
    )
    #: ISO 20022: CRDT is money in, DBIT is money out; a reversal of money in is DBIT.
    credit_debit: Mapped[str] = mapped_column(String(4))
    is_reversal: Mapped[bool]
    #: ISO 20022: BOOK, PDNG, INFO or FUTR.
    status: Mapped[str] = mapped_column(String(4))
    #: Booked, and not merely shown: never what is pending, nor anything of a camt.052.
    may_be_posted: Mapped[bool]
    end_to_end_id: Mapped[str | None] = mapped_column(String(140))
    #: As the payer's bank passed it on, checked or not; several are parted by ", ".
    structured_reference: Mapped[str | None]
    unstructured: Mapped[str | None]
    #: What the bank itself writes beside the booking.
    booking_text: Mapped[str | None]
    #: Who paid, or was paid.
    counterparty: Mapped[str | None] = mapped_column(String(200))
    #: A compact IBAN, or the account as written.
    counterparty_account: Mapped[str | None] = mapped_column(String(60))
    bank_reference: Mapped[str | None] = mapped_column(String(100))
    #: The batch that it is one transaction of: the bank's reference, or its place in the file.
    batch_of: Mapped[str | None] = mapped_column(String(100))
    #: What kind of booking the bank calls it: "PMNT/RCDT/ESCT", "NTRF", "05030000" ...
    bank_code: Mapped[str | None] = mapped_column(String(60))
    #: Why a payment or a debit came back: ISO external code such as AC04, or in words.
    return_reason: Mapped[str | None] = mapped_column(String(140))


class CsvMapping(Base):
    """What the columns of one CSV layout mean, as somebody at the supplier's told us."""

    __tablename__ = "bank_csv_mappings"
    __table_args__ = (UniqueConstraint("supplier_id", "header_key"),)

    id: Mapped[CsvMappingId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"))
    #: SHA-256 over the headers in their order: a layout is recognised by it.
    header_key: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(80))
    #: The fields of `csv_layouts.Layout`.
    layout: Mapped[dict[str, Any]]
    created_at: Mapped[datetime]
    changed_at: Mapped[datetime]
