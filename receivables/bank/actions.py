"""Taking bank statements: a file whole or nothing of it, and twice changes nothing."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby, islice
from typing import Any, Final, cast

from sqlalchemy import Table, insert, select
from sqlalchemy.orm import Session

from receivables.bank import queries
from receivables.bank.csv_layouts import ToldLayout, header_key
from receivables.bank.events import BankStatementTaken, CsvLayoutTold
from receivables.bank.faults import fault
from receivables.bank.keys import Booking, ContentKey, bookings
from receivables.bank.parsed import Balance, FileReport, Format, ParsedEntry, ParsedStatement
from receivables.bank.parsing import cut
from receivables.bank.tables import BankEntry, BankStatement, CsvMapping
from receivables.clock import Clock, local_date
from receivables.history import record
from receivables.ids import BankEntryId, BankStatementId, CsvMappingId, SupplierId, new_id
from receivables.intake.faults import Fault, Refused
from receivables.parties.queries import hold_supplier
from receivables.parties.tables import Supplier

#: Bookings looked up and written at a time.
_AT_A_TIME: Final = 400
_NOT_STATED: Final = ("NOTPROVIDED", "NOT PROVIDED", "NONREF")

_ENTRIES: Final = cast("Table", BankEntry.__table__)


@dataclass(frozen=True, slots=True)
class TakenStatement:
    """One statement of a file. `is_new` is False when it was on record, `statement_id` its row;
    `new_entries` counts the rows added.
    """

    statement_id: BankStatementId | None
    account: str
    is_new: bool
    new_entries: int
    findings: tuple[Fault, ...]


def take(
    session: Session, supplier_id: SupplierId, report: FileReport, clock: Clock
) -> tuple[TakenStatement, ...]:
    """Put a file's statements on record, each with those of its entries that are not there yet.

    Raises Refused when the file was, before anything is written.
    """
    if report.faults:
        raise Refused(report.faults)
    # One import of a supplier at a time: what the other takes must be seen here.
    supplier = hold_supplier(session, supplier_id)
    taking = _Taking(session, supplier, report, clock)
    return tuple(taking.statements())


class _Taking:
    def __init__(
        self, session: Session, supplier: Supplier, report: FileReport, clock: Clock
    ) -> None:
        self._session = session
        self._supplier = supplier
        self._report = report
        self._clock = clock
        self._today = local_date(clock.now(), supplier.zone)

    def statements(self) -> Iterator[TakenStatement]:
        keys = self._content_keys()
        entries = groupby(self._report.entries, key=lambda entry: entry.statement)
        waiting = next(entries, None)
        for place, statement in enumerate(self._report.statements):
            mine: Iterable[ParsedEntry] = ()
            if waiting is not None and waiting[0] == place:
                mine = waiting[1]
            yield self._take(statement, mine, keys[place])
            if waiting is not None and waiting[0] == place:
                waiting = next(entries, None)

    def _account(self, statement: ParsedStatement) -> str:
        """The account that the statement names, else the one on record."""
        return statement.account or self._supplier.iban

    def _content_keys(self) -> dict[int, str]:
        keys = {
            place: ContentKey(statement, self._account(statement))
            for place, statement in enumerate(self._report.statements)
        }
        grouped = groupby(self._report.entries, key=lambda entry: entry.statement)
        for place, entries in grouped:
            statement = self._report.statements[place]
            for each in bookings(statement, self._account(statement), entries, self._today):
                keys[place].add(each)
        return {place: key.value for place, key in keys.items()}

    def _take(
        self, statement: ParsedStatement, entries: Iterable[ParsedEntry], content_key: str
    ) -> TakenStatement:
        account = self._account(statement)
        known = self._session.scalar(
            select(BankStatement.id).where(
                BankStatement.supplier_id == self._supplier.id,
                BankStatement.content_key == content_key,
            )
        )
        if known is not None:
            return TakenStatement(known, account, False, 0, statement.findings)
        if not statement.entry_count and statement.closing is None:
            return TakenStatement(None, account, False, 0, statement.findings)
        findings = (*statement.findings, *self._gap(statement, account))
        row = self._statement_row(statement, account, content_key, findings)
        self._session.add(row)
        self._session.flush()
        writer = _EntryWriter(self._session, row)
        whole = bookings(statement, account, entries, self._today)
        while batch := list(islice(whole, _AT_A_TIME)):
            writer.write(batch)
        record(
            self._session,
            BankStatementTaken(
                supplier_id=self._supplier.id,
                statement_id=row.id,
                account=account,
                last_on=row.last_on,
                new_entries=writer.added,
            ),
            clock=self._clock,
        )
        return TakenStatement(row.id, account, True, writer.added, findings)

    def _gap(self, statement: ParsedStatement, account: str) -> Iterator[Fault]:
        """That the statement does not open where the one before it closed."""
        opening = statement.opening
        reference = statement.first_on or statement.last_on
        if opening is None or reference is None or statement.format is Format.CAMT_052:
            return
        before = queries.closing_before(
            self._session, self._supplier.id, account, opening.amount.currency, reference
        )
        if before and all(closing != opening.amount for closing, _ in before):
            closing, on = before[0]
            where = f"statement {statement.number or ''}".strip()
            yield fault("gap", where, opening=opening.amount, on=on, closing=closing)

    def _statement_row(
        self,
        statement: ParsedStatement,
        account: str,
        content_key: str,
        findings: Sequence[Fault],
    ) -> BankStatement:
        last_on = statement.last_on or statement.first_on or self._today
        return BankStatement(
            id=BankStatementId(new_id()),
            supplier_id=self._supplier.id,
            account=account[:60],
            currency=statement.currency,
            format=statement.format.value,
            number=statement.number,
            first_on=min(statement.first_on or last_on, last_on),
            last_on=last_on,
            opening_minor=_minor(statement.opening, statement.currency),
            closing_minor=_minor(statement.closing, statement.currency),
            entry_count=statement.entry_count,
            file_name=cut(self._report.file.replace("\\", "/").rpartition("/")[2], 200) or "",
            findings=[
                {"where": each.where, "code": each.code, "values": each.values} for each in findings
            ],
            content_key=content_key,
            taken_at=self._clock.now(),
        )


def _minor(balance: Balance | None, currency: str) -> int | None:
    if balance is None or balance.amount.currency != currency:
        return None
    return balance.amount.minor


class _EntryWriter:
    """Writes the entries of one statement that are not on record."""

    def __init__(self, session: Session, statement: BankStatement) -> None:
        self._session = session
        self._statement = statement
        self._twins = queries.Twins(session, statement)
        self.added = 0

    def write(self, batch: Sequence[Booking]) -> None:
        known = queries.recorded(self._session, self._statement.supplier_id, batch)
        rows: list[dict[str, Any]] = []
        for booking in batch:
            standing = known.get(booking.key)
            if standing is None:
                same_as = self._twins.of(booking) if booking.may_be_posted else None
                rows.extend(self._rows(booking, details_of=None, same_as=same_as))
            elif booking.is_batch and not standing.has_parts:
                rows.extend(self._rows(booking, details_of=standing.id, same_as=None))
        if rows:
            self._session.execute(insert(_ENTRIES), rows)

    def _rows(
        self,
        booking: Booking,
        *,
        details_of: BankEntryId | None,
        same_as: BankEntryId | None,
    ) -> Iterator[dict[str, Any]]:
        for entry in booking.parts:
            yield {
                "id": BankEntryId(new_id()),
                "supplier_id": self._statement.supplier_id,
                "statement_id": self._statement.id,
                "place": self.added,
                "entry_key": booking.key,
                "part": entry.part,
                "details_of": details_of,
                "same_as": same_as,
                "account": self._statement.account,
                "booked_on": booking.booked_on,
                "value_on": entry.value_on,
                "amount_minor": entry.amount.minor,
                "currency": entry.amount.currency,
                "credit_debit": entry.credit_debit,
                "is_reversal": entry.is_reversal,
                "status": entry.status,
                "may_be_posted": booking.may_be_posted and same_as is None,
                "end_to_end_id": _stated(entry.end_to_end_id),
                "structured_reference": entry.structured_reference,
                "unstructured": entry.unstructured,
                "booking_text": entry.booking_text,
                "counterparty": entry.counterparty,
                "counterparty_account": entry.counterparty_account,
                "bank_reference": entry.bank_reference,
                "batch_of": entry.batch_of,
                "bank_code": entry.bank_code,
                "return_reason": entry.return_reason,
            }
            self.added += 1


def _stated(end_to_end_id: str | None) -> str | None:
    """ISO 20022 has the payer's bank write NOTPROVIDED where there is none."""
    if end_to_end_id is None or end_to_end_id.upper() in _NOT_STATED:
        return None
    return end_to_end_id


def remember_layout(
    session: Session,
    supplier_id: SupplierId,
    headers: Sequence[str],
    told: ToldLayout,
    *,
    clock: Clock,
) -> None:
    """Keep what somebody said of a layout; said again, the later word counts."""
    key, now = header_key(headers), clock.now()
    row = session.scalar(
        select(CsvMapping).where(
            CsvMapping.supplier_id == supplier_id, CsvMapping.header_key == key
        )
    )
    if row is None:
        row = CsvMapping(
            id=CsvMappingId(new_id()),
            supplier_id=supplier_id,
            header_key=key,
            name=told.name,
            layout={},
            created_at=now,
            changed_at=now,
        )
        session.add(row)
    row.name, row.layout, row.changed_at = told.name, told.as_json(), now
    record(session, CsvLayoutTold(supplier_id=supplier_id, name=told.name), clock=clock)
