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

Row = dict[str, str]


def read(content: bytes, *, default_terms_days: int) -> list[ParsedInvoice]:
    """Every invoice of the list. Raises Refused with every fault of every line."""
    table = _Table(content)
    reader = _LineReader(csv_cells.decimal_mark(table.column("amount")), default_terms_days)
    invoices: list[ParsedInvoice] = []
    for line, row in table.rows():
        if isinstance(row, Fault):
            reader.faults.append(row)
            continue
        invoice = reader.invoice(line, row)
        if invoice is not None:
            invoices.append(invoice)
    if reader.faults:
        raise Refused(reader.faults)
    if not invoices:
        raise refuse("csv-no-lines", f"line {table.header_line + 1}")
    return invoices


class _Table:
    """The cells of a file, read as often as wanted without keeping them."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self._encoding = _encoding_of(content)
        lines = io.TextIOWrapper(io.BytesIO(content), self._encoding, newline="")
        self.header_line = 1
        while not (header := lines.readline(10_000)).strip():
            self.header_line += 1
            if not header:
                raise refuse("csv-no-header", "line 1")
        where = f"line {self.header_line}"
        self._separator, headers = _header(header, where)
        self._columns = [column_of(each) for each in headers]
        _check_columns(self._columns, headers, where)
        self._named = [(place, name) for place, name in enumerate(self._columns) if name]
        self._needed = 1 + max(place for place, name in self._named if name in _REQUIRED)

    def _cells(self) -> Iterator[tuple[int, list[str]]]:
        """Each line's number and cells; blank lines are left out."""
        lines = io.TextIOWrapper(io.BytesIO(self._content), self._encoding, newline="")
        for _ in range(self.header_line):
            lines.readline()
        reader = csv.reader(lines, delimiter=self._separator)
        line = self.header_line + 1
        for cells in reader:
            if any(map(str.strip, cells)):
                yield line, cells
            line = self.header_line + reader.line_num + 1

    def column(self, name: str) -> Iterator[str]:
        """The cells of one column, as far as the file can be read."""
        place = self._columns.index(name)
        try:
            for _, cells in self._cells():
                if place < len(cells):
                    yield cells[place]
        except csv.Error:
            return  # rows() says where and why.

    def rows(self) -> Iterator[tuple[int, Row | Fault]]:
        """Line number and cells by column, or the fault of a line that has not the right cells."""
        line = self.header_line
        width = len(self._columns)
        try:
            for line, cells in self._cells():
                too_many = len(cells) > width and any(map(str.strip, cells[width:]))
                if too_many or len(cells) < self._needed:
                    yield line, self._misshapen(line, cells)
                    continue
                yield (
                    line,
                    {name: _in_one_line(cells[at]) for at, name in self._named if at < len(cells)},
                )
        except csv.Error as error:
            yield line + 1, fault("csv-broken", f"line {line + 1} or after", reason=error)

    def _misshapen(self, line: int, cells: Sequence[str]) -> Fault:
        return fault(
            "csv-cells",
            f"line {line}",
            cells=len(cells),
            columns=len(self._columns),
            separator="tab" if self._separator == "\t" else self._separator,
        )


def _in_one_line(cell: str) -> str:
    """The cell without blanks around it, and with one where it had several or a line's end."""
    return " ".join(cell.split())


def _encoding_of(content: bytes) -> str:
    wide = content.startswith((b"\xff\xfe", b"\xfe\xff"))
    for encoding in ("utf-16",) if wide else ("utf-8-sig", "cp1252"):
        try:
            content.decode(encoding)
        except UnicodeDecodeError:
            continue
        return encoding
    raise refuse("csv-not-text", "file")


def _header(line: str, where: str) -> tuple[str, list[str]]:
    """The separator that makes most sense of the first line, and its cells."""
    best, headers, known = ",", [line], -1
    for separator in SEPARATORS:
        try:
            cells = next(csv.reader([line], delimiter=separator), [])
        except csv.Error:
            continue
        matched = sum(column_of(cell) is not None for cell in cells)
        if matched > known:
            best, headers, known = separator, cells, matched
    if known < 2:
        raise refuse("csv-no-header", where)
    return best, headers


def _check_columns(columns: Sequence[str | None], headers: Sequence[str], where: str) -> None:
    faults: list[Fault] = []
    for column in COLUMNS:
        places = [place for place, name in enumerate(columns) if name == column.name]
        if not places and column.required:
            also = ", ".join(column.also[:6])
            faults.append(fault("csv-column-missing", where, column=column.name, also=also))
        for place in places[1:]:
            first, second = headers[places[0]], headers[place]
            faults.append(
                fault("csv-column-twice", where, first=first, second=second, column=column.name)
            )
    if faults:
        raise Refused(faults)


_REQUIRED: Final = frozenset(column.name for column in COLUMNS if column.required)


class _LineReader:
    """Reads the lines of one file, which share the decimal mark and must not share a number."""

    def __init__(self, decimal_mark: str | None, default_terms_days: int) -> None:
        self.faults: list[Fault] = []
        self._mark = decimal_mark
        self._default_terms_days = default_terms_days
        self._line_of_number: dict[str, int] = {}
        self._debtors: dict[tuple[str | None, ...], Party] = {}

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
            buyer=self._debtor(row),
            payment_reference=row.get("payment_reference") or None,
            note=note,
        )

    def _debtor(self, row: Row) -> Party:
        """The debtor; one and the same object for all the invoices that name it alike."""
        cells = tuple(row.get(column) for column in _OF_DEBTOR)
        debtor = self._debtors.get(cells)
        if debtor is None:
            debtor = self._debtors[cells] = _debtor(row)
        return debtor

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


_OF_DEBTOR: Final = (
    "debtor_name", "debtor_number", "email", "language", "country", "street", "postcode", "city",
    "vat_number", "registration_number",
)  # fmt: skip


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
