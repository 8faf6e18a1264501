"""Invoice lists in CSV: one line per invoice, taken whole or refused whole.

The first line names the columns (`csv_columns.COLUMNS`, in English, German, French or Dutch, in
any order; unknown ones are left out). Required are number, issued_on, currency, amount and
debtor_name. The separator is a comma, a semicolon or a tabulator, the text UTF-8, UTF-16 with a
mark, or Windows-1252. Decimals may follow a point or a comma and thousands be grouped by a blank,
an apostrophe, or the other of the two. Days are year first (2026-01-31) or day first (31.01.2026,
31/01/2026); a file that puts the month first is refused. A list names no seller: whoever imports
it is the seller.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Final

from receivables.intake import csv_cells
from receivables.intake.assembly import country_code, due
from receivables.intake.csv_columns import COLUMNS, CREDIT_WORDS, INVOICE_WORDS, column_of, plain
from receivables.intake.faults import Fault, Refused, fault, refuse
from receivables.intake.findings import CURRENCIES, LONGEST
from receivables.intake.identifiers import identifier
from receivables.intake.parsed import DueDateSource, Format, Identifier, ParsedInvoice, Party
from receivables.money import Money, NotAnAmount, digits_of

SEPARATORS: Final = ",;\t"
NO_SELLER: Final = Party(name="")
#: The longest cell that is kept; a note may be as long as this.
LONGEST_CELL: Final = 2000

Row = dict[str, str]


def read(content: bytes, *, default_terms_days: int) -> list[ParsedInvoice]:
    """Every invoice of the list. Raises Refused with every fault of every line."""
    text = _decoded(content)
    separator, columns = _header(text)
    rows = _rows(text, separator, columns)
    mark = csv_cells.decimal_mark(row["amount"] for _, row in rows if isinstance(row, dict))
    reader = _LineReader(mark, default_terms_days)
    invoices: list[ParsedInvoice] = []
    for line, row in _rows(text, separator, columns):
        if isinstance(row, Fault):
            reader.faults.append(row)
            continue
        invoice = reader.invoice(line, row)
        if invoice is not None:
            invoices.append(invoice)
    if reader.faults:
        raise Refused(reader.faults)
    if not invoices:
        raise refuse("csv-no-lines", "line 2")
    return invoices


def _decoded(content: bytes) -> str:
    if content.startswith((b"\xff\xfe", b"\xfe\xff")):
        encodings = ["utf-16"]
    else:
        encodings = ["utf-8-sig", "cp1252"]
    for encoding in encodings:
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise refuse("csv-not-text", "file")


def _header(text: str) -> tuple[str, list[str | None]]:
    """The separator that makes most sense of the first line, and what its cells mean."""
    first = text.lstrip("\r\n").partition("\n")[0].rstrip("\r")[:10_000]
    best, headers, known = ",", [first], -1
    for separator in SEPARATORS:
        try:
            cells = next(csv.reader([first], delimiter=separator), [])
        except csv.Error:
            continue
        matched = sum(column_of(cell) is not None for cell in cells)
        if matched > known:
            best, headers, known = separator, cells, matched
    if known < 2:
        raise refuse("csv-no-header", "line 1")
    columns = [column_of(header) for header in headers]
    faults: list[Fault] = []
    for column in COLUMNS:
        places = [place for place, name in enumerate(columns) if name == column.name]
        if not places and column.required:
            also = ", ".join(column.also[:6])
            faults.append(fault("csv-column-missing", "line 1", column=column.name, also=also))
        for place in places[1:]:
            # Of two headers that may mean it, the exact name is meant.
            faults.append(
                fault(
                    "csv-column-twice",
                    "line 1",
                    first=headers[places[0]],
                    second=headers[place],
                    column=column.name,
                )
            )
    if faults:
        raise Refused(faults)
    return best, columns


def _rows(
    text: str, separator: str, columns: Sequence[str | None]
) -> Iterator[tuple[int, Row | Fault]]:
    """Line number and cells by column, or the fault of a line that has not the right cells."""
    reader = csv.reader(io.StringIO(text.lstrip("\r\n"), newline=""), delimiter=separator)
    offset = text[: len(text) - len(text.lstrip("\r\n"))].count("\n")
    named = [(place, name) for place, name in enumerate(columns) if name]
    next(reader)
    while True:
        line = reader.line_num + offset + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield line, fault("csv-broken", f"line {line}", reason=error)
            return
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        extra = any(cell.strip() for cell in cells[len(columns) :])
        if extra or len(cells) <= max(place for place, name in named if name in _REQUIRED):
            sizes = {"cells": len(cells), "columns": len(columns)}
            shown = "tab" if separator == "\t" else separator
            yield line, fault("csv-cells", f"line {line}", separator=shown, **sizes)
            continue
        yield line, {name: cells[place].strip() for place, name in named if place < len(cells)}


_REQUIRED: Final = frozenset(column.name for column in COLUMNS if column.required)


class _LineReader:
    """Reads the lines of one file, which share the decimal mark and must not share a number."""

    def __init__(self, decimal_mark: str | None, default_terms_days: int) -> None:
        self.faults: list[Fault] = []
        self._mark = decimal_mark
        self._default_terms_days = default_terms_days
        self._line_of_number: dict[str, int] = {}

    def invoice(self, line: int, row: Row) -> ParsedInvoice | None:
        """The invoice of one line, or None when something is wrong with it."""
        faults_before = len(self.faults)
        number = self._number(line, row)
        self._required(line, row, "debtor_name")
        issued_on = self._day(line, row, "issued_on")
        due_on = self._day(line, row, "due_on")
        if issued_on and due_on and due_on < issued_on:
            self._fault("csv-due-before-issue", line, "due_on", due_on=due_on, issued_on=issued_on)
        amount = self._amount(line, row)
        is_credit = self._is_credit(line, row)
        if len(self.faults) > faults_before or issued_on is None or amount is None:
            return None
        if is_credit and amount.minor < 0:
            amount = -amount
        note = row.get("note") or None
        due_date, source = self._due(due_on, note, issued_on)
        return ParsedInvoice(
            format=Format.CSV,
            number=number,
            type_code="381" if is_credit else "380",
            issue_date=issued_on,
            due_date=due_date,
            due_date_source=source,
            currency=amount.currency,
            payable=amount,
            total=amount,
            seller=NO_SELLER,
            buyer=_debtor(row),
            payment_reference=row.get("payment_reference") or None,
            note=note,
        )

    def _due(
        self, due_on: date | None, note: str | None, issued_on: date
    ) -> tuple[date, DueDateSource]:
        stated = [due_on] if due_on else []
        return due(stated, note, issued_on, default_terms_days=self._default_terms_days)

    def _fault(self, code: str, line: int, column: str, **values: object) -> None:
        self.faults.append(fault(code, f"line {line}, column {column}", **values))

    def _required(self, line: int, row: Row, column: str) -> str:
        text = row.get(column, "")
        if not text:
            self._fault("missing", line, column, field=column, example=_EXAMPLES[column])
        elif len(text) > LONGEST:
            self._fault("too-long", line, column, field=column, length=len(text), limit=LONGEST)
        return text

    def _number(self, line: int, row: Row) -> str:
        number = self._required(line, row, "number")
        if number:
            earlier = self._line_of_number.setdefault(number, line)
            if earlier != line:
                self._fault("csv-number-twice", line, "number", number=number, earlier=earlier)
        return number

    def _day(self, line: int, row: Row, column: str) -> date | None:
        text = self._required(line, row, column) if column in _REQUIRED else row.get(column, "")
        if not text:
            return None
        day = csv_cells.day(text)
        if day is None and csv_cells.puts_month_first(text):
            self._fault("csv-us-date", line, column, text=text)
        elif day is None:
            self._fault("bad-date", line, column, text=text, field=column, example="2026-01-31")
        return day

    def _amount(self, line: int, row: Row) -> Money | None:
        text = self._required(line, row, "amount")
        code = self._required(line, row, "currency").upper()
        if code and code not in CURRENCIES:
            self._fault("unknown-currency", line, "currency", text=code)
        if not text or code not in CURRENCIES:
            return None
        example = f"{'1234':.4}" + ("." + "50000"[: digits_of(code)] if digits_of(code) else "")
        try:
            return csv_cells.amount(text, code, self._mark)
        except csv_cells.Ambiguous:
            self._fault("csv-amount-ambiguous", line, "amount", text=text, example=example)
        except NotAnAmount:
            self._fault("bad-amount", line, "amount", text=text, field="amount", example=example)
        return None

    def _is_credit(self, line: int, row: Row) -> bool:
        word = plain(row.get("type", ""))
        if word not in CREDIT_WORDS and word not in INVOICE_WORDS:
            self._fault("csv-unknown-type", line, "type", text=row["type"])
        return word in CREDIT_WORDS


_EXAMPLES: Final = {
    "number": "R-2026-1",
    "issued_on": "2026-01-31",
    "currency": "EUR",
    "amount": "1234.50",
    "debtor_name": "the registered name",
}


def _debtor(row: Row) -> Party:
    country = country_code(row.get("country"))
    identifiers: list[Identifier] = []
    if number := row.get("debtor_number"):
        identifiers.append(identifier(number, scheme="DEBTOR"))
    if number := row.get("registration_number"):
        identifiers.append(identifier(number, country=country))
    if number := row.get("vat_number"):
        identifiers.append(identifier(number, scheme="VAT"))
    return Party(
        name=row["debtor_name"],
        street=row.get("street") or None,
        postcode=row.get("postcode") or None,
        city=row.get("city") or None,
        country=country,
        identifiers=tuple(identifiers),
        email=row.get("email") or None,
        language=row.get("language") or None,
    )
