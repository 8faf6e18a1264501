"""Days in a list of invoices, as people and spreadsheets write them.

03/04/2026 is the third of April in Lausanne and the fourth of March in Boston. Which of the two a
file means, its other days show, or somebody says; it is never decided for one line alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, timedelta
from typing import Final, Literal

from receivables.intake.findings import calendar_day
from receivables.intake.terms_days import MONTHS
from receivables.workbooks import Cell, Kind, Typed

#: Which of day and month stands first where slashes or dashes part them; "" is not known.
Order = Literal["", "day-first", "month-first"]

_ITALIAN: Final = (
    "gennaio febbraio marzo aprile maggio giugno luglio agosto settembre ottobre novembre dicembre"
).split()
_SHORT: Final = "gen feb mar apr mag giu lug ago set ott nov dic".split()
_NAMES: Final = {
    **MONTHS,
    **{name: number for number, name in enumerate(_ITALIAN, 1)},
    **{name: number for number, name in enumerate(_SHORT, 1)},
}

_ISO: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ][\d:.]+Z?)?\Z", re.ASCII)
_IN_ONE: Final = re.compile(r"(\d{4})(\d\d)(\d\d)\Z", re.ASCII)
_PARTED: Final = re.compile(
    r"(\d{1,2})([./-])\s?(\d{1,2})\2\s?(\d{4}|\d\d)(?:,? [\d:]+(?: ?[AaPp][Mm])?)?\Z", re.ASCII
)
_DAY_NAMED: Final = re.compile(
    r"(\d{1,2})(?:\.|er|st|nd|rd|th|º|°)?[\s-]{0,2}([^\W\d_]{3,12})\.?,?[\s-]{0,2}(\d{4})\Z"
)
_MONTH_NAMED: Final = re.compile(r"([^\W\d_]{3,12})\.? (\d{1,2})(?:st|nd|rd|th)?,? (\d{4})\Z")

#: Serials of days between 1990 and 2100, counted from 1899-12-30.
#: Source: ECMA-376 part 1, 18.17.4.1; workbooks of 1904 begin 1,462 days later.
_SERIALS: Final = range(32_874, 73_415)
_EPOCH: Final = date(1899, 12, 30)
_LATER: Final = timedelta(days=1_462)


def order_shown(cells: Iterable[Cell]) -> tuple[Order, bool]:
    """The order that the days of a file show, and whether they contradict each other.

    Only days parted by slashes or dashes count: with points the day always stands first.
    """
    day_first = month_first = False
    for cell in cells:
        pair = _pair(cell)
        if pair is not None:
            day_first |= pair[0] > 12 >= pair[1]
            month_first |= pair[1] > 12 >= pair[0]
    if day_first and month_first:
        return "", True
    return ("day-first" if day_first else "month-first" if month_first else ""), False


def is_open(cell: Cell) -> bool:
    """Whether the cell is one day or another, as day or month stands first."""
    pair = _pair(cell)
    return pair is not None and max(pair) <= 12 and pair[0] != pair[1]


def _pair(cell: Cell) -> tuple[int, int] | None:
    if not isinstance(cell, str):
        return None
    match = _PARTED.match(cell.strip())
    if match is None or match[2] == "." or (match[2] == "-" and len(match[4]) == 2):
        return None
    return int(match[1]), int(match[3])


def day(cell: Cell, order: Order, *, epoch_1904: bool = False) -> date | None:
    """The day that a cell means; None for what is no day. Raises nothing.

    Without an `order` the day stands first, which whoever asks has made sure of.
    """
    if isinstance(cell, Typed):
        return _typed(cell, epoch_1904)
    text = " ".join(cell.split())
    if match := _ISO.match(text) or _IN_ONE.match(text):
        return calendar_day(int(match[1]), int(match[2]), int(match[3]))
    if match := _PARTED.match(text):
        if match[2] == "-" and len(match[4]) == 2:
            return None  # 26-01-31 begins with the year, or with the day.
        first, second = int(match[1]), int(match[3])
        if order == "month-first" and match[2] != ".":
            first, second = second, first
        return calendar_day(_year(match[4]), second, first)
    if match := _DAY_NAMED.match(text):
        return _named(match[3], match[2], match[1])
    if match := _MONTH_NAMED.match(text):
        return _named(match[3], match[1], match[2])
    return None


def _typed(cell: Typed, epoch_1904: bool) -> date | None:
    if cell.kind is Kind.DAY and isinstance(cell.value, date):
        return calendar_day(cell.value.year, cell.value.month, cell.value.day)
    if cell.kind is not Kind.NUMBER or cell.value is None or isinstance(cell.value, date):
        return None
    number = int(cell.value)
    if number in _SERIALS:
        return _EPOCH + timedelta(days=number) + (_LATER if epoch_1904 else timedelta())
    return day(cell.text, "")


def _year(digits: str) -> int:
    return int(digits) + (2000 if len(digits) == 2 else 0)


def _named(year: str, name: str, number: str) -> date | None:
    month = _NAMES.get(name.casefold())
    return None if month is None else calendar_day(int(year), month, int(number))
