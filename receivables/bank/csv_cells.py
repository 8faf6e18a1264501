"""Cells of a bank's CSV: days, amounts, and what a cell is at all."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Final

from receivables.intake import csv_cells
from receivables.intake.findings import calendar_day
from receivables.money import Money, NotAnAmount

#: Lost characters, and blanks that part thousands, are no part of an amount; nor is a leading plus.
_NO_PART: Final = str.maketrans("", "", "\ufffd\u00a0\u2009\u202f")
_TIME: Final = re.compile(r"[T ]+\d\d:\d\d(?::\d\d)?(?:\.\d+)?Z?\Z", re.ASCII)
_FORMULA: Final = re.compile(r'="?(.*?)"?\Z', re.DOTALL)
_SLASHED: Final = re.compile(r"(\d{1,2})/(\d{1,2})/(\d{4})\Z", re.ASCII)
_SHORT: Final = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d\d)\Z", re.ASCII)
_RUN_TOGETHER: Final = re.compile(r"(\d{4})(\d\d)(\d\d)\Z", re.ASCII)
_SOME_AMOUNT: Final = re.compile(r"[+-]?[\d'’., ]*\d-?\Z", re.ASCII)


def clean(cell: str) -> str:
    """The cell in one line, without what a spreadsheet puts around a text (``="..."``)."""
    text = " ".join(cell.split())
    if text.startswith("="):
        match = _FORMULA.match(text)
        return match[1] if match else text
    return text


def day(cell: str, slashes: str) -> date | None:
    """The day of a cell, a time apart; `slashes` says which comes first between them."""
    text = _TIME.sub("", clean(cell))
    if match := _SLASHED.match(text):
        first, second = int(match[1]), int(match[2])
        month, number = (first, second) if slashes == "month-first" else (second, first)
        return calendar_day(int(match[3]), month, number)
    if match := _SHORT.match(text):
        return calendar_day(2000 + int(match[3]), int(match[2]), int(match[1]))
    if match := _RUN_TOGETHER.match(text):
        return calendar_day(int(match[1]), int(match[2]), int(match[3]))
    return csv_cells.day(text)


def slashes_of(cells: Iterable[str]) -> str:
    """Which comes first between slashes, where a number above twelve shows it; else the day."""
    for cell in cells:
        match = _SLASHED.match(_TIME.sub("", clean(cell)))
        if match and int(match[2]) > 12 >= int(match[1]):
            return "month-first"
        if match and int(match[1]) > 12:
            return "day-first"
    return "day-first"


def bare_amount(cell: str) -> str:
    return clean(cell).translate(_NO_PART).lstrip("+")


def amount(cell: str, currency: str, mark: str | None) -> Money:
    """The amount of a cell. Raises NotAnAmount."""
    return csv_cells.amount(bare_amount(cell), currency, mark)


def is_amount(cell: str) -> bool:
    try:
        amount(cell, "CHF", None)
    except NotAnAmount:
        return False
    return True


def day_kind(cell: str) -> str:
    """What a cell is: "day", "amount", "text", or "" when it is empty."""
    text = clean(cell)
    if not text:
        return ""
    if day(text, "day-first") or day(text, "month-first"):
        return "day"
    return "amount" if _SOME_AMOUNT.match(bare_amount(text)) else "text"
