"""Lists of invoices in XLSX: the sheet that holds one, its cells typed."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import islice
from typing import Final

from receivables.intake.faults import refuse
from receivables.intake.kinds import bad_workbook
from receivables.intake.list_grid import Grid
from receivables.intake.list_heads import head_of
from receivables.intake.list_layout import MOST_COLUMNS, SeenLayout, Told
from receivables.intake.list_reading import ListRefused, layout_of, read_list
from receivables.intake.parsed import Format, ParsedInvoice
from receivables.workbooks import STRICT, BadWorkbook, Book, Row, opened

#: Lines of one sheet; the files are bounded by their size before.
MOST_LINES: Final = 100_000
#: Sheets that are looked at.
_MOST_SHEETS: Final = 30
_HEAD: Final = 60


def read(
    content: bytes, told: Told, *, default_terms_days: int
) -> tuple[list[ParsedInvoice], SeenLayout]:
    """Every invoice of the workbook's list. Raises ListRefused and Refused."""
    try:
        with opened(content, STRICT) as book:
            grid = _grid(book, told)
    except BadWorkbook as bad:
        raise bad_workbook(bad) from bad
    return read_list(grid, told, default_terms_days=default_terms_days)


def _grid(book: Book, told: Told) -> Grid:
    sheet = _sheet(book, told)
    rows = list(_rows(book, sheet))
    return Grid(
        format=Format.XLSX,
        rows=lambda: rows,
        sheet=sheet,
        sheets=book.sheets[:_MOST_SHEETS],
        epoch_1904=book.epoch_1904,
        merged=tuple(book.merged(sheet)),
    )


def _rows(book: Book, sheet: str) -> Iterator[Row]:
    return (
        (line, [" ".join(cell.split()) if isinstance(cell, str) else cell for cell in cells])
        for line, cells in book.rows(sheet, max_rows=MOST_LINES, max_col=MOST_COLUMNS)
    )


def _sheet(book: Book, told: Told) -> str:
    """The sheet that was chosen; else the one whose headings are known; else the first with
    anything in it. Raises Refused.
    """
    if told.this is not None and told.this.sheet:
        if told.this.sheet not in book.sheets:
            names = ", ".join(book.sheets[:_MOST_SHEETS])
            raise refuse("list-no-sheet", "file", sheet=told.this.sheet, sheets=names)
        return told.this.sheet
    filled: dict[str, list[Row]] = {}
    for sheet in book.sheets[:_MOST_SHEETS]:
        rows = list(islice(_rows(book, sheet), _HEAD))
        if rows:
            filled[sheet] = rows
    if not filled:
        raise refuse("workbook-empty", "file")
    heads = {sheet: head_of(rows, told) for sheet, rows in filled.items()}
    known = [
        sheet
        for sheet, head in heads.items()
        if head is not None and head.told_by and head.fault is None
    ]
    if len(known) > 1:
        first = heads[known[0]]
        assert first is not None
        grid = Grid(Format.XLSX, lambda: filled[known[0]], known[0], book.sheets[:_MOST_SHEETS])
        refusal = refuse("list-sheets", "file", sheets=", ".join(known))
        raise ListRefused(refusal.faults, layout_of(grid, first))
    return known[0] if known else next(iter(filled))
