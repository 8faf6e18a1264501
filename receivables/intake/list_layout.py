"""What the columns of somebody's own list of invoices are, and what they were said to mean."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final, Literal

from receivables.errors import ReceivablesError
from receivables.intake.csv_columns import COLUMNS, column_of
from receivables.intake.findings import CURRENCIES
from receivables.intake.list_days import Order
from receivables.money import Money

Mark = Literal["", ".", ","]

FIELDS: Final = tuple(column.name for column in COLUMNS)
REQUIRED: Final = tuple(column.name for column in COLUMNS if column.required)
#: More columns and longer headings have no lists that people keep.
MOST_COLUMNS: Final = 200
LONGEST_LABEL: Final = 120


@dataclass(frozen=True, slots=True)
class ToldColumns:
    """What somebody said of a list: field -> heading, and what the file itself does not say.

    `currency` counts where no column has it. `sheet` and `heading_line` are said of one file, the
    rest of every file with these headings; 0 and "" leave it to the file.
    """

    columns: Mapping[str, str]
    dates: Order = ""
    decimals: Mark = ""
    currency: str = ""
    sheet: str = ""
    heading_line: int = 0

    @property
    def missing(self) -> tuple[str, ...]:
        """The fields that an invoice cannot do without and nothing was said of."""
        return tuple(
            name
            for name in REQUIRED
            if name not in self.columns and not (name == "currency" and self.currency)
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "columns": dict(self.columns),
            "dates": self.dates,
            "decimals": self.decimals,
            "currency": self.currency,
            "sheet": self.sheet,
            "heading_line": self.heading_line,
        }

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> ToldColumns:
        return cls(
            columns={str(name): str(label) for name, label in said["columns"].items()},
            dates=_ORDERS.get(str(said.get("dates", "")), ""),
            decimals=_MARKS.get(str(said.get("decimals", "")), ""),
            currency=str(said.get("currency", "")),
            sheet=str(said.get("sheet", "")),
            heading_line=int(said.get("heading_line", 0)),
        )


_ORDERS: Final[dict[str, Order]] = {"day-first": "day-first", "month-first": "month-first"}
_MARKS: Final[dict[str, Mark]] = {".": ".", ",": ",", "point": ".", "comma": ","}


def order_of(text: str) -> Order:
    return _ORDERS.get(text, "")


def mark_of(text: str) -> Mark:
    return _MARKS.get(text, "")


@dataclass(frozen=True, slots=True)
class PreviewRow:
    """One line of a list, as it would be taken."""

    line: int
    number: str
    issued_on: date
    due_on: date
    amount: Money
    debtor_name: str
    is_credit_note: bool


@dataclass(frozen=True, slots=True)
class SeenLayout:
    """What a list looks like: its headings, its first lines as written, and how it was read.

    `told_by` is what the columns are known by: headings, remembered or told; "" where they are
    not known. `columns` are the meanings as far as they are known.
    """

    labels: tuple[str, ...]
    heading_line: int
    sheet: str = ""
    sheets: tuple[str, ...] = ()
    sample: tuple[tuple[int, tuple[str, ...]], ...] = ()
    columns: Mapping[str, str] = field(default_factory=dict, hash=False)
    told_by: Literal["", "headings", "remembered", "told"] = ""
    dates: Order = ""
    decimals: Mark = ""
    preview: tuple[PreviewRow, ...] = ()

    @property
    def key(self) -> str:
        return layout_key(self.labels)


@dataclass(frozen=True, slots=True)
class Told:
    """What is known of lists before one is read: what was said of this one, and what is remembered
    of others by `layout_key`.
    """

    this: ToldColumns | None = None
    remembered: Mapping[str, ToldColumns] = field(default_factory=dict, hash=False)

    def as_json(self) -> dict[str, Any]:
        return {
            "this": self.this.as_json() if self.this else None,
            "remembered": {key: told.as_json() for key, told in self.remembered.items()},
        }

    @classmethod
    def of_json(cls, said: Mapping[str, Any]) -> Told:
        return cls(
            ToldColumns.of_json(said["this"]) if said.get("this") else None,
            {str(key): ToldColumns.of_json(each) for key, each in said["remembered"].items()},
        )


NOTHING_TOLD: Final = Told()


def labels_of(headings: Sequence[str]) -> tuple[str, ...]:
    """A name for each column: its heading, or its letters where there is none; each once."""
    seen: dict[str, int] = {}
    labels: list[str] = []
    for place, heading in enumerate(headings[:MOST_COLUMNS]):
        label = " ".join(heading.split())[:LONGEST_LABEL] or f"[{letters(place)}]"
        seen[label] = count = seen.get(label, 0) + 1
        labels.append(label if count == 1 else f"{label} ({count})")
    return tuple(labels)


def letters(place: int) -> str:
    """What a spreadsheet calls the column at this place, which counts from 0."""
    name = ""
    place += 1
    while place:
        place, rest = divmod(place - 1, 26)
        name = chr(65 + rest) + name
    return name


def layout_key(labels: Iterable[str]) -> str:
    """What a layout is recognised by: its headings in their order."""
    said = "\n".join(label.casefold() for label in labels)
    return hashlib.sha256(said.encode()).hexdigest()


def known_columns(labels: Sequence[str]) -> dict[str, str]:
    """Field -> heading, for the headings whose meaning is certain: known as a whole, and one of
    its kind in the list.
    """
    found: dict[str, list[str]] = {}
    for label in labels:
        name = column_of(label)
        if name is not None:
            found.setdefault(name, []).append(label)
    return {name: same[0] for name, same in found.items() if len(same) == 1}


def is_certain(labels: Sequence[str]) -> bool:
    """Whether the headings alone say what an invoice needs, none of them twice."""
    names = [name for name in map(column_of, labels) if name is not None]
    return len(set(names)) == len(names) and set(REQUIRED) <= set(names)


class ColumnsNotUnderstood(ReceivablesError):
    """What was said of the columns cannot be read; the text says why."""


_PART: Final = re.compile(r"\s*([a-z_]+)\s*=\s*(.*?)\s*\Z", re.DOTALL)


def told_in_words(text: str) -> ToldColumns:
    """What the command line says: ``number=Rechnungsnr,issued_on=Datum,currency=CHF``.

    A field is followed by its heading; `currency` may be three letters that hold for the whole
    file, `dates` is day-first or month-first, `decimals` comma or point, `sheet` a sheet's name.
    A comma within a heading is written twice. Raises ColumnsNotUnderstood.
    """
    columns: dict[str, str] = {}
    others: dict[str, str] = {}
    for part in text.replace(",,", "\0").split(","):
        match = _PART.match(part.replace("\0", ","))
        if match is None or not match[2]:
            raise ColumnsNotUnderstood(f"{part!r} is not of the form field=heading")
        name, label = match[1], match[2]
        if name in ("dates", "decimals", "sheet"):
            others[name] = label
        elif name not in FIELDS:
            raise ColumnsNotUnderstood(f"{name!r} is no field; there are {', '.join(FIELDS)}")
        elif name == "currency" and label in CURRENCIES:
            others["currency"] = label
        else:
            columns[name] = label
    dates, decimals = order_of(others.get("dates", "")), mark_of(others.get("decimals", ""))
    if ("dates" in others and not dates) or ("decimals" in others and not decimals):
        raise ColumnsNotUnderstood("dates is day-first or month-first, decimals comma or point")
    told = ToldColumns(
        columns, dates, decimals, others.get("currency", ""), others.get("sheet", "")
    )
    if told.missing:
        raise ColumnsNotUnderstood(f"nothing is said of {', '.join(told.missing)}")
    return told
