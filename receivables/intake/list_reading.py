"""Lists of invoices whose columns are anybody's own: typed or as text, the headings anywhere.

What a cell means is settled for the file as a whole, then each line is written as the documented
list would have it and read as that (`list_lines`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import islice
from typing import Final

from receivables.intake import csv_cells, list_days
from receivables.intake.csv_columns import plain
from receivables.intake.faults import Fault, Refused, fault, refuse
from receivables.intake.findings import CURRENCIES
from receivables.intake.list_grid import Grid
from receivables.intake.list_heads import Head, head_of, text_of
from receivables.intake.list_layout import PreviewRow, SeenLayout, Told, letters
from receivables.intake.list_lines import LineReader
from receivables.intake.parsed import Format, ParsedInvoice
from receivables.money import NotAnAmount
from receivables.workbooks import EXACT_UP_TO, Cell, Kind, Typed

_SAMPLE: Final = 8
#: A file with more is wrong as a whole; they are not all looked for.
MOST_FAULTS: Final = 500
_DAYS: Final = ("issued_on", "due_on")
#: First words of a line below a list that sums it up.
_SUMS: Final = frozenset(
    """total totals totaal totale totali summe gesamt gesamtsumme gesamttotal gesamtbetrag somme sum
    zwischensumme subtotal soustotal subtotaal subtotale grandtotal totalgeneral totaux""".split()
)
#: Signs of currencies that stand beside amounts.
_SIGNS: Final = {"€": "EUR", "eur.": "EUR", "euro": "EUR", "fr.": "CHF", "sfr.": "CHF", "£": "GBP"}


class ListRefused(Refused):
    """A list was not taken; `layout` is what it looks like, as far as that is known."""

    def __init__(self, faults: Iterable[Fault], layout: SeenLayout | None) -> None:
        super().__init__(faults)
        self.layout = layout


def read_list(
    grid: Grid, told: Told, *, default_terms_days: int
) -> tuple[list[ParsedInvoice], SeenLayout]:
    """Every invoice of the list, and how it was read. Raises ListRefused and Refused."""
    head = head_of(grid.rows(), told)
    if head is None:
        raise refuse("csv-no-header", "line 1")
    layout = layout_of(grid, head)
    if head.fault is not None:
        raise ListRefused([head.fault], layout)
    return _Reading(grid, head, layout).invoices(default_terms_days)


def layout_of(grid: Grid, head: Head) -> SeenLayout:
    """What the list looks like, before anything of it is read."""
    below = ((line, cells) for line, cells in grid.rows() if line > head.line)
    width = len(head.labels)
    return SeenLayout(
        labels=head.labels,
        heading_line=head.line,
        sheet=grid.sheet,
        sheets=grid.sheets,
        sample=tuple(
            (line, tuple(text_of(cell)[:60] for cell in cells[:width]))
            for line, cells in islice(below, _SAMPLE)
        ),
        columns=dict(head.told.columns),
        told_by=head.told_by,
        dates=head.told.dates,
        decimals=head.told.decimals,
    )


@dataclass(frozen=True, slots=True)
class _BadCell(Exception):
    """A cell that cannot be what its column is."""

    code: str
    values: Mapping[str, str]


class _Reading:
    """One list, whose columns are known, on its way to invoices."""

    def __init__(self, grid: Grid, head: Head, layout: SeenLayout) -> None:
        self._grid, self._head, self._places = grid, head, head.places
        self._order, self._mark = head.told.dates, head.told.decimals
        self._layout = layout

    def invoices(self, default_terms_days: int) -> tuple[list[ParsedInvoice], SeenLayout]:
        faults = [*self._merged(), *self._settle()]
        if faults:
            raise ListRefused(faults, self._layout)
        reader = LineReader(
            self._grid.format, ".", default_terms_days, labels=self._head.told.columns
        )
        preview: list[PreviewRow] = []
        invoices: list[ParsedInvoice] = []
        for line, cells in self._lines():
            row = self._row(line, cells, reader.faults)
            invoice = None if row is None else reader.invoice(line, row)
            if invoice is not None:
                invoices.append(invoice)
                if len(preview) < _SAMPLE:
                    preview.append(_previewed(line, invoice))
            if len(reader.faults) >= MOST_FAULTS:
                break
        layout = replace(
            self._layout, dates=self._order, decimals=self._mark, preview=tuple(preview)
        )
        if reader.faults:
            raise ListRefused(reader.faults, layout)
        if not invoices:
            raise ListRefused([fault("csv-no-lines", f"line {self._head.line + 1}")], layout)
        return invoices, layout

    def _lines(self) -> Iterator[tuple[int, list[Cell]]]:
        """The lines below the headings that are no sums."""
        for line, cells in self._grid.rows():
            if line > self._head.line and not self._is_sum(cells):
                yield line, cells

    def _is_sum(self, cells: list[Cell]) -> bool:
        if self._cell(cells, "issued_on") or self._cell(cells, "debtor_name"):
            return False
        first = next((cell for cell in cells if cell), "")
        return isinstance(first, str) and plain(first) in _SUMS

    def _cell(self, cells: list[Cell], name: str) -> Cell:
        place = self._places.get(name)
        return cells[place] if place is not None and place < len(cells) else ""

    def _merged(self) -> Iterator[Fault]:
        columns = {place + 1 for place in self._places.values()}
        for first, last, left, right in self._grid.merged[:MOST_FAULTS]:
            if first > self._head.line and columns & set(range(left, min(right, 500) + 1)):
                cells = f"{letters(left - 1)}{first}:{letters(right - 1)}{last}"
                yield fault("list-merged", f"line {first}", cells=cells)

    def _settle(self) -> list[Fault]:
        """Decide the order of days and the mark of decimals for the whole file."""
        days = (
            (line, name, self._cell(cells, name))
            for line, cells in self._lines()
            for name in _DAYS
            if name in self._places
        )
        kept = [each for each in days if isinstance(each[2], str) and each[2]]
        if not self._order:
            self._order, contradict = list_days.order_shown(cell for _line, _name, cell in kept)
            if contradict:
                return [fault("list-dates-contradict", f"column {self._label('issued_on')}")]
        if not self._order:
            for line, name, cell in kept:
                if list_days.is_open(cell):
                    where = f"line {line}, column {self._label(name)}"
                    return [fault("list-dates-open", where, text=text_of(cell))]
        if not self._mark:
            amounts = (self._cell(cells, "amount") for _line, cells in self._lines())
            texts = (_without_sign(cell)[0] for cell in amounts if isinstance(cell, str))
            found = csv_cells.decimal_mark(texts)
            self._mark = "." if found == "." else "," if found == "," else ""
        return []

    def _label(self, name: str) -> str:
        return self._head.told.columns.get(name, name)

    def _row(self, line: int, cells: list[Cell], faults: list[Fault]) -> dict[str, str] | None:
        """The line as the documented list has it; None where a cell will not do."""
        width = len(self._head.labels)
        if self._grid.format is Format.CSV and any(cells[width:]):
            faults.append(
                fault(
                    "csv-cells",
                    f"line {line}",
                    cells=len(cells),
                    columns=width,
                    separator=", ; tab",
                )
            )
            return None
        row: dict[str, str] = {}
        before = len(faults)
        currency = self._currency(self._cell(cells, "currency"))
        for name in self._places:
            cell = self._cell(cells, name)
            try:
                row[name] = self._written(name, cell, currency)
            except _BadCell as bad:
                where = f"line {line}, column {self._label(name)}"
                faults.append(fault(bad.code, where, **bad.values))
        row["currency"] = currency
        return row if len(faults) == before else None

    def _currency(self, cell: Cell) -> str:
        text = text_of(cell).strip()
        return _SIGNS.get(text.casefold(), text) or self._head.told.currency

    def _written(self, name: str, cell: Cell, currency: str) -> str:
        """The cell as the documented list would have it. Raises _BadCell."""
        if isinstance(cell, Typed) and cell.kind is Kind.ERROR:
            raise _BadCell("list-error-cell", {"text": cell.text})
        if isinstance(cell, Typed) and cell.kind is Kind.UNKNOWN:
            raise _BadCell("list-never-computed", {})
        if name in _DAYS:
            return self._day(name, cell)
        if name == "amount":
            return self._amount(cell, currency.upper())
        return cell if isinstance(cell, str) else _as_text(name, cell)

    def _day(self, name: str, cell: Cell) -> str:
        if not cell:
            return ""
        found = list_days.day(cell, self._order, epoch_1904=self._grid.epoch_1904)
        if found is None:
            raise _BadCell(
                "bad-date", {"text": text_of(cell), "field": name, "example": "2026-01-31"}
            )
        return found.isoformat()

    def _amount(self, cell: Cell, currency: str) -> str:
        """A plain decimal with a point; what is none stays as it is, and is refused as such."""
        if isinstance(cell, Typed):
            return f"{cell.value:f}" if cell.kind is Kind.NUMBER else cell.text
        text, sign = _without_sign(cell)
        if currency not in CURRENCIES or sign not in ("", currency):
            return cell
        try:
            return f"{csv_cells.amount(text, currency, self._mark or None).decimal:f}"
        except csv_cells.Ambiguous:
            raise _BadCell("csv-amount-ambiguous", {"text": cell, "example": "1234.500"}) from None
        except NotAnAmount:
            return cell


def _without_sign(text: str) -> tuple[str, str]:
    """An amount's text without the currency beside it, and that currency ("" for none)."""
    first, _, rest = text.strip().partition(" ")
    before, _, last = text.strip().rpartition(" ")
    for word, left in ((first, rest), (last, before), (text[:1], text[1:]), (text[-1:], text[:-1])):
        sign = _SIGNS.get(word.casefold(), word.upper() if word.upper() in CURRENCIES else "")
        if sign and left.strip():
            return left.strip(), sign
    return text, ""


def _as_text(name: str, cell: Typed) -> str:
    if cell.kind is Kind.BOOLEAN or name == "note":
        return cell.text
    if cell.kind is Kind.NUMBER and cell.value is not None and cell.text.lstrip("-").isdigit():
        if abs(int(cell.text)) >= EXACT_UP_TO:
            raise _BadCell("list-digits-lost", {"text": cell.text})
        return cell.text
    raise _BadCell("list-not-text", {"text": cell.text, "field": name})


def _previewed(line: int, invoice: ParsedInvoice) -> PreviewRow:
    return PreviewRow(
        line=line,
        number=invoice.number,
        issued_on=invoice.issue_date,
        due_on=invoice.due_date,
        amount=invoice.payable,
        debtor_name=invoice.buyer.name,
        is_credit_note=invoice.is_credit_note or invoice.payable.minor < 0,
    )
