"""Dated reference rates: what is known of each series, day by day, and nothing beyond."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from enum import StrEnum
from importlib.resources import files

from receivables.errors import ReceivablesError

#: What a file of rates has, in any order.
COLUMNS = ("series", "from", "until", "percent", "source", "checked_on")

_DAY = timedelta(days=1)
#: No rate of these series was ever beyond; what is typed is a percentage, not a factor.
_LEAST, _MOST = Decimal(-5), Decimal(50)
_LONGEST_SOURCE = 300


class Series(StrEnum):
    """Reference rates that laws refer to."""

    ECB_MRO = "ecb_mro"
    """European Central Bank, main refinancing operations, fixed rate."""
    BOE_BANK_RATE = "boe_bank_rate"
    """Bank of England, Bank Rate: the "official dealing rate" of the British law."""
    FR_LEGAL = "fr_legal"
    """French legal rate, for creditors who are no private persons."""
    BE_LEGAL = "be_legal"
    """Belgian legal rate in civil and commercial matters, by calendar year."""


#: As the institutions themselves call them.
SERIES_NAMES: Mapping[Series, str] = {
    Series.ECB_MRO: "ECB main refinancing operations",
    Series.BOE_BANK_RATE: "Bank of England Bank Rate",
    Series.FR_LEGAL: "Taux de l’intérêt légal (FR)",
    Series.BE_LEGAL: "Taux de l’intérêt légal / wettelijke rentevoet (BE)",
}


@dataclass(frozen=True, slots=True)
class Rate:
    """`percent` a year on each day from `first_day` to `last_day`, both included.

    `last_day` is the last day on which it is known to have stood, not when it will change.
    """

    series: Series
    first_day: date
    last_day: date
    percent: Decimal
    source: str
    checked_on: date


class RateMissing(ReceivablesError):
    """A day's rate is not known, so nothing is computed; `known_until` is the last day that is."""

    def __init__(self, series: Series, day: date, known_until: date | None) -> None:
        self.series, self.day, self.known_until = series, day, known_until
        known = f"known until {known_until}" if known_until else "none is known"
        super().__init__(
            f"the rate {series} ({SERIES_NAMES[series]}) of {day} is missing ({known}):"
            " add a row to a file with the"
            f" columns {','.join(COLUMNS)} and run `quittance rates load FILE`"
        )


class RatesRefused(ReceivablesError):
    """A file of rates is not what it should be; nothing of it was taken."""

    def __init__(self, faults: list[str]) -> None:
        self.faults = faults
        super().__init__("; ".join(faults))


class RateBook:
    """All rates one may rely on: of several rows that cover a day the last given counts."""

    def __init__(self, rows: Iterable[Rate]) -> None:
        self._rows: dict[Series, list[Rate]] = defaultdict(list)
        for row in rows:
            self._rows[row.series].append(row)

    def on(self, series: Series, day: date) -> Rate:
        """The row that counts on `day`. Raises RateMissing."""
        for row in reversed(self._rows[series]):
            if row.first_day <= day <= row.last_day:
                return row
        earlier = [row.last_day for row in self._rows[series] if row.last_day < day]
        raise RateMissing(series, day, max(earlier, default=None))

    def holds_until(self, series: Series, day: date) -> date:
        """The last day up to which the same row counts as on `day`. Raises RateMissing."""
        row = self.on(series, day)
        place = self._rows[series].index(row)
        later = (one.first_day for one in self._rows[series][place + 1 :] if one.first_day > day)
        return min([row.last_day, *(first - _DAY for first in later)])

    def course(self, series: Series, first_day: date, last_day: date) -> Iterator[Rate]:
        """The rows that count one after another in that time. Raises RateMissing at a gap."""
        day = first_day
        while day <= last_day:
            yield self.on(series, day)
            day = self.holds_until(series, day) + _DAY


def shipped_rates() -> list[Rate]:
    """The rates known when this version was made, each with its source."""
    text = files("receivables.interest").joinpath("rates.csv").read_text(encoding="utf-8")
    return read_rates(text)


def read_rates(text: str) -> list[Rate]:
    """The rows of a file with COLUMNS: days as 2026-07-01, percent as 2.15, a line for each.

    Raises RatesRefused with every fault and its line; then nothing counts.
    """
    table = csv.DictReader(text.lstrip("\ufeff").splitlines(), restkey="", restval="")
    missing = [name for name in COLUMNS if name not in (table.fieldnames or ())]
    if missing:
        raise RatesRefused([f"line 1: no column {', '.join(missing)}"])
    rows, faults = list[Rate](), list[str]()
    for cells in table:
        try:
            rows.append(read_rate({name: str(cells[name]).strip() for name in COLUMNS}))
        except RatesRefused as refused:
            faults += [f"line {table.line_num}: {fault}" for fault in refused.faults]
    if not rows and not faults:
        faults = ["line 2: there is no row"]
    if faults:
        raise RatesRefused(faults)
    return rows


def read_rate(cells: dict[str, str]) -> Rate:
    """One row from its cells by COLUMNS. Raises RatesRefused."""
    faults = list[str]()
    series = cells["series"] if cells["series"] in set(Series) else None
    if series is None:
        faults.append(f"series: {cells['series']!r} is none of {', '.join(Series)}")
    days = {name: _day(cells[name]) for name in ("from", "until", "checked_on")}
    faults += [f"{name}: {cells[name]!r} is no day" for name, day in days.items() if day is None]
    percent = _percent(cells["percent"])
    if percent is None:
        faults.append(f"percent: {cells['percent']!r} is no percentage")
    if not 0 < len(cells["source"]) <= _LONGEST_SOURCE:
        faults.append(f"source: 1 to {_LONGEST_SOURCE} characters are needed")
    first_day, last_day, checked_on = days.values()
    if first_day and last_day and first_day > last_day:
        faults.append(f"until: {last_day} is before {first_day}")
    if faults:
        raise RatesRefused(faults)
    assert series and first_day and last_day and checked_on and percent is not None
    return Rate(Series(series), first_day, last_day, percent, cells["source"], checked_on)


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if len(text) == 10 else None
    except ValueError:
        return None


def _percent(text: str) -> Decimal | None:
    try:
        percent = Decimal(text.replace(",", "."))
    except InvalidOperation:
        return None
    if not percent.is_finite() or not _LEAST <= percent <= _MOST:
        return None
    exponent = percent.as_tuple().exponent
    return percent if isinstance(exponent, int) and -4 <= exponent <= 0 else None
