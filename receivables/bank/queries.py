"""What is known of a supplier's bank accounts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby

from sqlalchemy import exists, func, select
from sqlalchemy.orm import Session, aliased

from receivables.bank.csv_layouts import ToldLayout
from receivables.bank.errors import NoSuchStatement
from receivables.bank.keys import Booking, Told, told_by
from receivables.bank.parsed import Format
from receivables.bank.tables import BankEntry, BankStatement, CsvMapping
from receivables.ids import BankEntryId, BankStatementId, SupplierId
from receivables.money import Money


@dataclass(frozen=True, slots=True)
class LastStatement:
    """Up to which day an account is known, and what it closed with (None: nothing states it)."""

    account: str
    currency: str
    last_on: date
    closing: Money | None
    taken_at: datetime


def last_statements(session: Session, supplier_id: SupplierId) -> list[LastStatement]:
    """The last statement of each account and currency, by account.

    Reports within the day (camt.052) are none: what they say is not posted.
    """
    ranked = (
        select(
            BankStatement.id,
            func.row_number()
            .over(
                partition_by=(BankStatement.account, BankStatement.currency),
                order_by=(BankStatement.last_on.desc(), BankStatement.id.desc()),
            )
            .label("rank"),
        )
        .where(
            BankStatement.supplier_id == supplier_id,
            BankStatement.format != Format.CAMT_052.value,
        )
        .subquery()
    )
    rows = session.scalars(
        select(BankStatement)
        .join(ranked, ranked.c.id == BankStatement.id)
        .where(BankStatement.supplier_id == supplier_id, ranked.c.rank == 1)
        .order_by(BankStatement.account, BankStatement.currency)
    )
    return [
        LastStatement(row.account, row.currency, row.last_on, closing_of(row), row.taken_at)
        for row in rows
    ]


def closing_of(row: BankStatement) -> Money | None:
    return None if row.closing_minor is None else Money(row.closing_minor, row.currency)


def opening_of(row: BankStatement) -> Money | None:
    return None if row.opening_minor is None else Money(row.opening_minor, row.currency)


def statements(
    session: Session, supplier_id: SupplierId, *, most: int = 100
) -> list[BankStatement]:
    """The statements on record, the last taken first."""
    return list(
        session.scalars(
            select(BankStatement)
            .where(BankStatement.supplier_id == supplier_id)
            .order_by(BankStatement.id.desc())
            .limit(most)
        )
    )


def statement(
    session: Session, supplier_id: SupplierId, statement_id: BankStatementId
) -> BankStatement:
    """Raises NoSuchStatement."""
    row = session.scalar(
        select(BankStatement).where(
            BankStatement.supplier_id == supplier_id, BankStatement.id == statement_id
        )
    )
    if row is None:
        raise NoSuchStatement(str(statement_id))
    return row


def entries_of(
    session: Session,
    supplier_id: SupplierId,
    statement_id: BankStatementId,
    *,
    most: int,
    after: int = -1,
) -> list[BankEntry]:
    """The entries that a statement brought, in its order, from the place behind `after` on."""
    return list(
        session.scalars(
            select(BankEntry)
            .where(
                BankEntry.supplier_id == supplier_id,
                BankEntry.statement_id == statement_id,
                BankEntry.place > after,
            )
            .order_by(BankEntry.place)
            .limit(most)
        )
    )


def new_counts(
    session: Session, supplier_id: SupplierId, ids: Sequence[BankStatementId]
) -> dict[BankStatementId, int]:
    """How many entries each of the statements brought."""
    rows = session.execute(
        select(BankEntry.statement_id, func.count())
        .where(BankEntry.supplier_id == supplier_id, BankEntry.statement_id.in_(ids))
        .group_by(BankEntry.statement_id)
    )
    return {row[0]: row[1] for row in rows}


def closing_before(
    session: Session, supplier_id: SupplierId, account: str, currency: str, day: date
) -> list[tuple[Money, date]]:
    """What the account closed with on the last day up to `day` that a statement tells: one
    balance, or several where statements of one day follow each other.
    """
    of_account = (
        BankStatement.supplier_id == supplier_id,
        BankStatement.account == account,
        BankStatement.currency == currency,
        BankStatement.closing_minor.is_not(None),
        BankStatement.format != Format.CAMT_052.value,
        BankStatement.last_on <= day,
    )
    last = session.scalar(select(func.max(BankStatement.last_on)).where(*of_account))
    if last is None:
        return []
    rows = session.execute(
        select(BankStatement.closing_minor, BankStatement.last_on)
        .where(*of_account, BankStatement.last_on == last)
        .order_by(BankStatement.id.desc())
    )
    return [(Money(minor, currency), on) for minor, on in rows if minor is not None]


@dataclass(frozen=True, slots=True)
class Standing:
    """A booking on record: its row (or its first transaction's), and whether it has several."""

    id: BankEntryId
    has_parts: bool


def recorded(
    session: Session, supplier_id: SupplierId, wanted: Sequence[Booking]
) -> dict[str, Standing]:
    """Those of these bookings that are on record, by their keys."""
    rows = session.execute(
        select(BankEntry.entry_key, BankEntry.id, BankEntry.part)
        .where(
            BankEntry.supplier_id == supplier_id,
            BankEntry.entry_key.in_([each.key for each in wanted]),
            BankEntry.part <= 1,
        )
        .order_by(BankEntry.part)
    )
    found: dict[str, Standing] = {}
    for key, entry_id, part in rows:
        before = found.get(key)
        found[key] = Standing(before.id if before else entry_id, part > 0)
    return found


class Twins:
    """Bookings on record that another family of formats has told of the same account: each
    stands for one of a statement's bookings at most.
    """

    def __init__(self, session: Session, statement: BankStatement) -> None:
        self._session = session
        self._statement = statement
        self._family = Format(statement.format).family
        self._overlaps = self._has_neighbours()
        self._free: dict[date, dict[tuple[str, Money], list[tuple[BankEntryId, Told]]]] = {}

    def of(self, booking: Booking) -> BankEntryId | None:
        """The row of the booking that this one tells again, which is then no other's."""
        if not self._overlaps:
            return None
        if booking.booked_on not in self._free:
            self._free[booking.booked_on] = self._on(booking.booked_on)
        amount, direction = booking.whole
        candidates = self._free[booking.booked_on].get((direction, amount), [])
        told = told_by(booking.first)
        for place, (entry_id, other) in enumerate(candidates):
            if told.may_be(other):
                del candidates[place]
                return entry_id
        return None

    def _has_neighbours(self) -> bool:
        """Whether another family has told of the account at all, as is seldom so."""
        mine = self._statement
        return bool(
            self._session.scalar(
                select(
                    exists().where(
                        BankStatement.supplier_id == mine.supplier_id,
                        BankStatement.account == mine.account,
                        BankStatement.format.not_like(f"{self._family}%"),
                    )
                )
            )
        )

    def _on(self, day: date) -> dict[tuple[str, Money], list[tuple[BankEntryId, Told]]]:
        """The bookings of a day that other families told and ours has not, by what they moved."""
        mine, twin, twins = self._statement, aliased(BankEntry), aliased(BankStatement)
        told_by_ours = (
            exists()
            .where(
                twin.supplier_id == BankEntry.supplier_id,
                twin.same_as == BankEntry.id,
                twins.supplier_id == twin.supplier_id,
                twins.id == twin.statement_id,
                twins.format.like(f"{self._family}%"),
            )
            .correlate(BankEntry)
        )
        rows = self._session.scalars(
            select(BankEntry)
            .join(
                BankStatement,
                (BankStatement.supplier_id == BankEntry.supplier_id)
                & (BankStatement.id == BankEntry.statement_id),
            )
            .where(
                BankEntry.supplier_id == mine.supplier_id,
                BankEntry.account == mine.account,
                BankEntry.booked_on == day,
                BankEntry.may_be_posted,
                BankEntry.details_of.is_(None),
                BankStatement.format.not_like(f"{self._family}%"),
                ~told_by_ours,
            )
            .order_by(BankEntry.entry_key, BankEntry.part)
        )
        found: dict[tuple[str, Money], list[tuple[BankEntryId, Told]]] = {}
        for _, parts in groupby(rows, key=lambda row: row.entry_key):
            row, *more = parts
            signed = sum(_signed(each) for each in (row, *more))
            direction = "CRDT" if signed >= 0 else "DBIT"
            told = _NOTHING if more else _told_by_row(row)
            moved = direction, Money(abs(signed), row.amount.currency)
            found.setdefault(moved, []).append((row.id, told))
        return found


_NOTHING = Told(None, None, None)


def _signed(row: BankEntry) -> int:
    return row.amount.minor if row.credit_debit == "CRDT" else -row.amount.minor


def _told_by_row(row: BankEntry) -> Told:
    return Told(row.structured_reference, row.end_to_end_id, row.counterparty_account)


def csv_mappings(session: Session, supplier_id: SupplierId) -> dict[str, ToldLayout]:
    """What has been said of CSV layouts, by `csv_layouts.header_key`."""
    rows = session.execute(
        select(CsvMapping.header_key, CsvMapping.layout).where(
            CsvMapping.supplier_id == supplier_id
        )
    )
    return {key: ToldLayout.of_json(layout) for key, layout in rows}
