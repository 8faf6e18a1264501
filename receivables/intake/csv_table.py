"""Invoice lists in CSV: one line per invoice, taken whole or refused whole.

The first line names the columns (`csv_columns.COLUMNS`, in English, German, French, Dutch or
Italian, in any order; unknown ones are left out). Required are number, issued_on, currency,
amount and debtor_name. The separator is a comma, a semicolon or a tabulator, the text UTF-8,
UTF-16 with a mark, or Windows-1252. Decimals may follow a point or a comma and thousands be
grouped by a blank, an apostrophe, or the other of the two. Days are year first (2026-01-31) or day
first (31.01.2026, 31/01/2026); a file that puts the month first is refused. A file whose columns
somebody explained is read by `list_reading`.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence
from typing import Final

from receivables.intake import csv_cells
from receivables.intake.csv_columns import COLUMNS, column_of
from receivables.intake.faults import Fault, Refused, fault, refuse
from receivables.intake.list_grid import Grid
from receivables.intake.list_layout import MOST_COLUMNS
from receivables.intake.list_lines import REQUIRED, LineReader, Row
from receivables.intake.parsed import Format, ParsedInvoice
from receivables.workbooks import Cell

SEPARATORS: Final = ",;\t"


def read(content: bytes, *, default_terms_days: int) -> list[ParsedInvoice]:
    """Every invoice of the list. Raises Refused with every fault of every line."""
    table = _Table(content)
    mark = csv_cells.decimal_mark(table.column("amount"))
    reader = LineReader(Format.CSV, mark, default_terms_days)
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
        self._encoding = encoding_of(content)
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
        self._needed = 1 + max(place for place, name in self._named if name in REQUIRED)

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


def encoding_of(content: bytes) -> str:
    """UTF-8, UTF-16 with a mark, or Windows-1252. Raises Refused for what is no text."""
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


def grid(content: bytes) -> Grid:
    """The same file as lines of cells, whatever its columns are called. Raises Refused."""
    encoding = encoding_of(content)
    separator = _likeliest_separator(content, encoding)

    def rows() -> Iterator[tuple[int, list[Cell]]]:
        lines = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
        reader = csv.reader(lines, delimiter=separator)
        line = 1
        try:
            for cells in reader:
                row: list[Cell] = [_in_one_line(cell) for cell in cells]
                while row and row[-1] == "":
                    row.pop()
                if len(row) > MOST_COLUMNS:
                    raise refuse(
                        "list-too-wide", f"line {line}", cells=len(row), limit=MOST_COLUMNS
                    )
                if row:
                    yield line, row
                line = reader.line_num + 1
        except csv.Error as error:
            raise refuse("csv-broken", f"line {line} or after", reason=error) from error

    return Grid(format=Format.CSV, rows=rows)


#: Lines that show how a file is cut.
_SAMPLE: Final = 30


def _likeliest_separator(content: bytes, encoding: str) -> str:
    """The one that cuts the first lines into the most cells."""
    lines = io.TextIOWrapper(io.BytesIO(content), encoding, newline="")
    sample = [lines.readline(10_000) for _ in range(_SAMPLE)]
    best, most = SEPARATORS[0], 0
    for separator in SEPARATORS:
        try:
            cells = sum(len(row) - 1 for row in csv.reader(sample, delimiter=separator) if row)
        except csv.Error:
            continue
        if cells > most:
            best, most = separator, cells
    return best
