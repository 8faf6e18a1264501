"""A list of invoices as lines of cells, from whatever kind of file."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from receivables.intake.parsed import Format
from receivables.workbooks import Row


@dataclass(frozen=True, slots=True)
class Grid:
    """`rows` gives the lines that hold anything, as often as it is asked; in reading them Refused
    may be raised. `merged` are cells over several lines: first and last line, first and last
    column, counted from 1.
    """

    format: Format
    rows: Callable[[], Iterable[Row]]
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    epoch_1904: bool = False
    merged: tuple[tuple[int, int, int, int], ...] = ()
