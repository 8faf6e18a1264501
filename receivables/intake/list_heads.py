"""Which line of a list holds its headings, and what they mean: said, remembered, or certain."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Final, Literal

from receivables.intake.csv_columns import column_of
from receivables.intake.faults import Fault, fault
from receivables.intake.list_layout import (
    REQUIRED,
    Told,
    ToldColumns,
    is_certain,
    known_columns,
    labels_of,
    layout_key,
)
from receivables.workbooks import Cell, Row

#: Lines among which the headings are looked for: a letterhead may stand above them.
_AMONG: Final = 40
#: Fewer columns are no list of invoices.
FEWEST: Final = 3


@dataclass(frozen=True, slots=True)
class Head:
    """The line of the headings, and what is known of them; `fault` where that is not enough."""

    line: int
    labels: tuple[str, ...]
    told: ToldColumns
    told_by: Literal["", "headings", "remembered", "told"]
    fault: Fault | None = None

    @property
    def places(self) -> Mapping[str, int]:
        """Field -> place of its column."""
        place_of = {label.casefold(): place for place, label in enumerate(self.labels)}
        return {
            name: place_of[label.casefold()]
            for name, label in self.told.columns.items()
            if label.casefold() in place_of
        }


def text_of(cell: Cell) -> str:
    return cell if isinstance(cell, str) else cell.text


def head_of(rows: Iterable[Row], told: Told) -> Head | None:
    """The heading of a list; None where there is nothing like one."""
    lines = [
        (line, labels_of([text_of(cell) for cell in cells]), cells)
        for line, cells in islice(rows, _AMONG)
    ]
    if told.this is not None and (told.this.columns or told.this.heading_line):
        return _told(lines, told.this)
    for line, labels, _cells in lines:
        remembered = told.remembered.get(layout_key(labels))
        if remembered is not None:
            return Head(line, labels, remembered, "remembered")
    for line, labels, _cells in lines:
        if is_certain(labels):
            return Head(line, labels, ToldColumns(known_columns(labels)), "headings")
    return _unknown(lines)


_Line = tuple[int, tuple[str, ...], list[Cell]]


def _told(lines: Sequence[_Line], told: ToldColumns) -> Head | None:
    wanted = {label.casefold() for label in told.columns.values()}
    best: tuple[int, Head] | None = None
    for line, labels, _cells in lines:
        if told.heading_line not in (0, line):
            continue
        absent = wanted - {label.casefold() for label in labels}
        if best is None or len(absent) < best[0]:
            missing = next(
                (each for each in told.columns.values() if each.casefold() in absent), ""
            )
            found = (
                fault(
                    "list-column-absent", f"line {line}", column=missing, labels=", ".join(labels)
                )
                if missing
                else _missing(told.missing, line)
            )
            best = len(absent), Head(line, labels, told, "told", found)
    return best[1] if best else None


def _missing(names: Sequence[str], line: int) -> Fault | None:
    if not names:
        return None
    return fault("list-columns-unknown", f"line {line}", missing=", ".join(names))


def _unknown(lines: Sequence[_Line]) -> Head | None:
    """The line that names the most columns, else the fullest of texts; the first of its like."""
    best: tuple[tuple[int, int], _Line] | None = None
    for each in lines:
        _line, labels, cells = each
        names = sum(column_of(label) is not None for label in labels)
        texts = sum(isinstance(cell, str) and cell != "" for cell in cells)
        if texts < FEWEST:
            continue
        worth = (names if names > 1 else 0, texts)
        if best is None or worth > best[0]:
            best = worth, each
    if best is None:
        return None
    line, labels, _cells = best[1]
    names_of = [column_of(label) for label in labels]
    known = known_columns(labels)
    twice = {name for name in names_of if name and names_of.count(name) > 1}
    open_ = [name for name in REQUIRED if name not in known]
    open_ += sorted(twice - set(open_))
    return Head(line, labels, ToldColumns(known), "", _missing(open_, line))
