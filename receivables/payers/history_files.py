"""Payment histories in CSV: one line per invoice, taken whole or refused whole.

The first line names the columns (`history_columns.ALIASES`), in any order; customer, invoice,
issued_on, due_on and amount are required, paid_on is empty while an invoice is open, and whatever
else there is may be learnt from. The separator is a comma, a semicolon or a tabulator; the text
UTF-8 or Windows-1252; the file may be packed with gzip. Days are year first (2026-01-31,
20260131), or day first, or month first where the file shows that it means that.
"""

from __future__ import annotations

import csv
import gzip
import io
import re
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Final

from receivables.errors import ReceivablesError
from receivables.intake.csv_cells import day, decimal_mark
from receivables.intake.findings import calendar_day
from receivables.payers.history_columns import ALIASES, REQUIRED, assigned, is_alias
from receivables.payers.pasts import Past

#: A file may be so large unpacked; a million invoices are a tenth of it.
MOST_BYTES: Final = 1_000_000_000
#: So many faults are told in full; the rest is counted.
MOST_FAULTS: Final = 50
_GZIP: Final = b"\x1f\x8b"
_COMPACT: Final = re.compile(r"(\d{4})(\d{2})(\d{2})(?:\.0)?\Z", re.ASCII)
_TWO_AND_YEAR: Final = re.compile(
    r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?:[ T][\d:.]+(?: ?[AP]M)?)?\Z", re.ASCII | re.IGNORECASE
)
_BLANKS: Final = str.maketrans("", "", " \u00a0\u2009\u202f'’")
_EMPTY: Final = frozenset(("", "nan", "nat", "null", "none", "n/a", "na", "-"))


@dataclass(frozen=True, slots=True)
class HistoryFault:
    """What is wrong where, and how to put it right."""

    line: int
    column: str
    what: str
    how: str

    def __str__(self) -> str:
        where = f"line {self.line}" + (f", column {self.column}" if self.column else "")
        return f"{where}: {self.what}; {self.how}"


class HistoryRefused(ReceivablesError):
    """The file cannot be used as it is; `faults` say why, line by line."""

    def __init__(self, faults: Sequence[HistoryFault], more: int = 0) -> None:
        self.faults, self.more = tuple(faults), more
        super().__init__(f"{len(self.faults) + more} faults")


@dataclass(frozen=True, slots=True, kw_only=True)
class History:
    """A file's invoices in its order; `notes` say what was understood how."""

    pasts: tuple[Past, ...]
    extras: tuple[str, ...]
    notes: tuple[str, ...]


def read_history(path: Path) -> History:
    """Raises OSError, and HistoryRefused with every fault of every line."""
    return parse(path.read_bytes())


def parse(content: bytes) -> History:
    """Raises HistoryRefused."""
    text = _text(_unpacked(content))
    separator, headers = _header(text)
    columns = assigned(headers)
    missing = [name for name in REQUIRED if name not in columns]
    if missing:
        raise HistoryRefused([_missing(name) for name in missing])
    rows, faults = _rows(text, separator, len(headers))
    reader = _Reader(headers, columns, rows)
    reader.faults += faults
    pasts = tuple(past for line, cells in rows if (past := reader.past(line, cells)) is not None)
    if reader.faults:
        ordered = sorted(reader.faults, key=lambda one: one.line)
        raise HistoryRefused(ordered[:MOST_FAULTS], max(0, len(ordered) - MOST_FAULTS))
    if not pasts:
        raise HistoryRefused([_fault(2, "", "no line holds an invoice", "give one line for each")])
    return History(pasts=pasts, extras=tuple(reader.extras), notes=tuple(reader.notes))


def _fault(line: int, column: str, what: str, how: str) -> HistoryFault:
    return HistoryFault(line, column, what, how)


def _missing(name: str) -> HistoryFault:
    also = ", ".join(ALIASES[name][:5])
    return _fault(1, name, "no column holds it", f"name one of the columns {also}")


def _unpacked(content: bytes) -> bytes:
    if not content.startswith(_GZIP):
        return content
    try:
        with gzip.open(io.BytesIO(content)) as packed:
            found = packed.read(MOST_BYTES + 1)
    except (OSError, EOFError, zlib.error) as error:
        how = "pack it again, or give it unpacked"
        raise HistoryRefused([_fault(1, "", f"the gzip file is broken ({error})", how)]) from error
    if len(found) > MOST_BYTES:
        raise HistoryRefused([_fault(1, "", "the file is too large", "give it in parts")])
    return found


def _text(content: bytes) -> str:
    if b"\0" in content:
        raise HistoryRefused([_fault(1, "", "this is no text", "save the table as CSV, UTF-8")])
    for encoding in ("utf-8-sig", "cp1252"):
        try:
            return content.decode(encoding)
        except UnicodeDecodeError:
            continue
    raise HistoryRefused([_fault(1, "", "the text is not UTF-8", "save the table as CSV, UTF-8")])


def _header(text: str) -> tuple[str, list[str]]:
    """The separator that makes most sense of the first line, and its cells."""
    first = text.split("\n", 1)[0].rstrip("\r")
    best: tuple[int, str, list[str]] = (-1, ",", [])
    for separator in ",;\t":
        cells = [cell.strip() for cell in next(csv.reader([first], delimiter=separator), [])]
        known = len(assigned(cells))
        if known > best[0]:
            best = (known, separator, cells)
    if best[0] < 1:
        names = ", ".join(ALIASES)
        raise HistoryRefused([_fault(1, "", "this names no column we know", f"name {names}")])
    return best[1], best[2]


_Rows = list[tuple[int, list[str]]]


def _rows(text: str, separator: str, width: int) -> tuple[_Rows, list[HistoryFault]]:
    """Each line's number and cells without blanks around them, and lines of the wrong width."""
    rows: _Rows = []
    faults: list[HistoryFault] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator)
    line = 1
    try:
        for cells in reader:
            here, line = line, reader.line_num + 1
            if here == 1 or not any(map(str.strip, cells)):
                continue
            if len(cells) != width:
                what = f"{len(cells)} cells where the header has {width}"
                faults.append(_fault(here, "", what, "quote cells that hold the separator"))
                continue
            rows.append((here, [cell.strip() for cell in cells]))
    except csv.Error as error:
        faults.append(_fault(line, "", f"the table breaks off ({error})", "mend the quotes"))
    return rows, faults


@dataclass(slots=True)
class _Reader:
    """Reads the lines of one file, which share the decimal mark and the order of days."""

    headers: Sequence[str]
    columns: Mapping[str, int]
    rows: _Rows
    faults: list[HistoryFault] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    extras: list[str] = field(default_factory=list)
    _mark: str | None = None
    _month_first: bool = False
    _seen: dict[tuple[str, str], tuple[int, Past]] = field(default_factory=dict)
    _places: list[tuple[str, int]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._mark = decimal_mark(self._column("amount"))
        days = [
            cell for name in self.columns if name.endswith("_on") for cell in self._column(name)
        ]
        self._month_first = self._puts_month_first(days)
        self._places = [
            (header, place)
            for place, header in enumerate(self.headers)
            if header and not is_alias(header) and not self._is_days(place)
        ]
        self.extras += [header for header, _ in self._places]

    def _column(self, name: str) -> list[str]:
        place = self.columns[name]
        return [cells[place] for _, cells in self.rows]

    def _puts_month_first(self, days: Sequence[str]) -> bool:
        pairs = [(int(m[1]), int(m[3])) for text in days if (m := _TWO_AND_YEAR.match(text))]
        if not pairs:
            return False
        day_first = any(first > 12 for first, _ in pairs)
        month_first = any(second > 12 for _, second in pairs)
        if not day_first and not month_first:
            self.notes.append("days such as 01/02/2026 are read day first: no line says otherwise")
        return month_first and not day_first

    def _is_days(self, place: int) -> bool:
        """Columns of dates may lie after the issue, and are not learnt from."""
        filled = [cells[place] for _, cells in self.rows[:200] if cells[place]]
        return bool(filled) and all(self._day(cell) is not None for cell in filled)

    def _day(self, text: str) -> date | None:
        if match := _COMPACT.match(text):
            found = calendar_day(int(match[1]), int(match[2]), int(match[3]))
        elif match := _TWO_AND_YEAR.match(text):
            first, second, year = int(match[1]), int(match[3]), int(match[4])
            month, number = (first, second) if self._month_first else (second, first)
            found = calendar_day(year, month, number)
        else:
            found = day(text)
        return found if found is not None and 1970 <= found.year <= 2100 else None

    def past(self, line: int, cells: Sequence[str]) -> Past | None:
        """The invoice of one line; None when something is wrong with it, or it is said twice."""
        before = len(self.faults)
        customer = self._named(line, cells, "customer")
        invoice = self._named(line, cells, "invoice")
        issued_on = self._day_of(line, cells, "issued_on")
        due_on = self._day_of(line, cells, "due_on")
        paid_on = self._day_of(line, cells, "paid_on", needed=False)
        amount = self._amount(line, cells)
        if len(self.faults) > before or issued_on is None or due_on is None or amount is None:
            return None
        past = Past(
            customer=customer,
            invoice=invoice,
            issued_on=issued_on,
            due_on=due_on,
            paid_on=paid_on,
            amount=amount,
            traits={name: cells[place] for name, place in self._places},
        )
        return past if self._is_new(line, past) else None

    def _is_new(self, line: int, past: Past) -> bool:
        key = (past.customer, past.invoice)
        first = self._seen.setdefault(key, (line, past))
        if first[0] == line:
            return True
        if first[1] == past:
            self.notes.append(f"line {line} repeats line {first[0]} and is left out")
            return False
        what = f"invoice {past.invoice} of {past.customer} differs from line {first[0]}"
        self.faults.append(_fault(line, "invoice", what, "leave one of the two"))
        return False

    def _named(self, line: int, cells: Sequence[str], name: str) -> str:
        text = cells[self.columns[name]]
        if not text:
            self.faults.append(_fault(line, name, "is empty", f"say which {name} it is"))
        return text

    def _day_of(
        self, line: int, cells: Sequence[str], name: str, *, needed: bool = True
    ) -> date | None:
        if name not in self.columns:
            return None
        text = cells[self.columns[name]]
        if text.casefold() in _EMPTY:
            if needed:
                self.faults.append(_fault(line, name, "is empty", "give a day: 2026-01-31"))
            return None
        found = self._day(text)
        if found is None:
            how = "write it year first: 2026-01-31"
            self.faults.append(_fault(line, name, f"{text[:40]!r} is no day", how))
        return found

    def _amount(self, line: int, cells: Sequence[str]) -> Decimal | None:
        text = cells[self.columns["amount"]]
        found = _decimal(text, self._mark)
        if found is None:
            what = f"{text[:40]!r} is no amount" if text else "is empty"
            self.faults.append(_fault(line, "amount", what, "write it plainly: 1234.50"))
        return found


_PLAIN: Final = re.compile(r"[+-]?\d+(?:\.\d+)?(?:[eE][+-]?\d{1,2})?\Z", re.ASCII)
_LONGEST_AMOUNT: Final = 24
_GROUPED: Final = re.compile(r"[+-]?\d{1,3}(?:[.,]\d{3})*(?:[.,]\d+)?\Z|[+-]?\d+(?:[.,]\d+)?\Z")


def _decimal(text: str, mark: str | None) -> Decimal | None:
    """An amount; a single mark is the file's decimal mark, or a point where it shows none."""
    bare = text.translate(_BLANKS)
    if len(bare) > _LONGEST_AMOUNT:
        return None
    if mark in (None, ".") and _PLAIN.match(bare):
        return Decimal(bare)
    if not _GROUPED.match(bare):
        return None
    mark = mark or "."
    number = bare.replace("," if mark == "." else ".", "").replace(mark, ".")
    return Decimal(number) if number.count(".") < 2 else None


def lines_of(history: History) -> Iterator[str]:
    """What was understood how, for a person; at most ten lines."""
    yield from history.notes[:10]
    if len(history.notes) > 10:
        yield f"and {len(history.notes) - 10} more of the kind"
