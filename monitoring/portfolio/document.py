"""The report as a document of finished words: one for the page and for the PDF.

Whoever makes one has said in whose language (`i18n.reading_as`). Everything a section says stands
in its tables, too; bars only show it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Literal

CellKind = Literal["text", "num", "band"]


@dataclass(frozen=True, slots=True)
class Cell:
    """`debtor_id` leads to the debtor's page where there is one."""

    text: str
    kind: CellKind = "text"
    debtor_id: str = ""


@dataclass(frozen=True, slots=True)
class Column:
    """`wide` columns are left out where there is little room."""

    label: str
    kind: CellKind = "text"
    wide: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    caption: str
    columns: tuple[Column, ...]
    rows: tuple[tuple[Cell, ...], ...]
    #: Totals, set apart.
    foot: tuple[Cell, ...] = ()
    #: What stands under it: how many more there are, what a number rests on.
    note: str = ""


@dataclass(frozen=True, slots=True)
class Figure:
    label: str
    value: str
    hint: str = ""


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar of a chart; `share` of the longest possible, 0 to 1."""

    label: str
    value: str
    share: Decimal
    band: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars with what they show, in a sentence."""

    sentence: str
    bars: tuple[Bar, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """`key` names it within the document: for an address and for tests."""

    key: str
    title: str
    lead: str = ""
    figures: tuple[Figure, ...] = ()
    chart: Chart | None = None
    tables: tuple[Table, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Document:
    title: str
    #: Whose portfolio, checked how, as of when.
    facts: tuple[tuple[str, str], ...]
    sections: tuple[Section, ...]
    as_of_on: date
    supplier_name: str = ""

    def section(self, key: str) -> Section:
        """Raises KeyError."""
        for one in self.sections:
            if one.key == key:
                return one
        raise KeyError(key)


def row(*cells: Cell | str) -> tuple[Cell, ...]:
    return tuple(Cell(one) if isinstance(one, str) else one for one in cells)


def num(text: str) -> Cell:
    return Cell(text, "num")


def band(value: str) -> Cell:
    return Cell(value, "band")
