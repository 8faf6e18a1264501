"""What became of bank entries, and by what payers are known."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import (
    JSON,
    CheckConstraint,
    ColumnElement,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    String,
    UniqueConstraint,
    literal_column,
    text,
)
from sqlalchemy.orm import Mapped, mapped_column

from receivables.bank.tables import BankEntry
from receivables.database import Base
from receivables.ids import BankEntryId, BankMatchId, DebtorId, SupplierId

# A column that refers to another takes its type from there, and statements are made at import.
assert BankEntry.__tablename__ == "bank_entries"

_STANDS = text("state <> 'undone'")


class MatchingPolicy(Base):
    """How much may be missing of a transfer and the invoice be paid all the same; no row: the
    usual (`clues.USUAL`). In the smallest units of whichever currency the invoice is in.
    """

    __tablename__ = "matching_policies"
    __table_args__ = (
        CheckConstraint(
            "tolerance_minor BETWEEN 0 AND 100000 AND tolerance_percent BETWEEN 0 AND 10",
            name="tolerance",
        ),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(ForeignKey("suppliers.id"), primary_key=True)
    tolerance_minor: Mapped[int]
    tolerance_percent: Mapped[int] = mapped_column(Integer)
    changed_at: Mapped[datetime]


class BankMatch(Base):
    """What an entry was taken for: a debtor's payment, one that came back, or nobody's. Of one
    entry one stands at a time; what is undone stays, with its entries reversed in the ledger.
    """

    __tablename__ = "bank_matches"
    __table_args__ = (
        ForeignKeyConstraint(
            ["supplier_id", "entry_id"], ["bank_entries.supplier_id", "bank_entries.id"]
        ),
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        ForeignKeyConstraint(
            ["supplier_id", "undoes"], ["bank_matches.supplier_id", "bank_matches.id"]
        ),
        UniqueConstraint("supplier_id", "id"),
        CheckConstraint("kind IN ('receipt', 'return', 'set_aside')", name="kind"),
        CheckConstraint("state IN ('stands', 'undone')", name="state"),
        CheckConstraint("(kind = 'set_aside') = (debtor_id IS NULL)", name="debtor"),
        CheckConstraint("(kind = 'return') = (undoes IS NOT NULL)", name="undoes"),
        Index(
            "ix_bank_matches_stands",
            "supplier_id",
            "entry_id",
            unique=True,
            sqlite_where=_STANDS,
            postgresql_where=_STANDS,
        ),
        Index(None, "supplier_id", "created_at"),
        Index(None, "supplier_id", "undoes"),
    )

    id: Mapped[BankMatchId] = mapped_column(primary_key=True)
    supplier_id: Mapped[SupplierId]
    entry_id: Mapped[BankEntryId]
    kind: Mapped[str] = mapped_column(String(9))
    state: Mapped[str] = mapped_column(String(6))
    state_since: Mapped[datetime]
    debtor_id: Mapped[DebtorId | None]
    #: Of a payment that came back: the receipt it undoes.
    undoes: Mapped[BankMatchId | None]
    #: What led to it, as `clues.Clue` names it.
    clues: Mapped[list[Any]] = mapped_column(JSON)
    by_person: Mapped[bool]
    #: What the sources of its ledger entries begin with.
    source: Mapped[str] = mapped_column(String(62))
    created_at: Mapped[datetime]


def stands(matches: type[BankMatch] = BankMatch) -> ColumnElement[bool]:
    """That a match stands, in the words of the index: with a parameter in it, neither database
    would know that the index has the answer.
    """
    return matches.state != literal_column("'undone'")


class BankPayer(Base):
    """An account or a name that a debtor has paid from."""

    __tablename__ = "bank_payers"
    __table_args__ = (
        ForeignKeyConstraint(["supplier_id", "debtor_id"], ["debtors.supplier_id", "debtors.id"]),
        CheckConstraint("kind IN ('account', 'name')", name="kind"),
    )

    supplier_id: Mapped[SupplierId] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(String(7), primary_key=True)
    value: Mapped[str] = mapped_column(String(200), primary_key=True)
    debtor_id: Mapped[DebtorId] = mapped_column(primary_key=True)
    created_at: Mapped[datetime]
