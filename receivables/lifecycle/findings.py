"""What is read out of the elements of a status message, and every fault found on the way."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal
from typing import Final

from receivables.intake.faults import Fault, Refused
from receivables.intake.xml_tree import Element, content_of, local_name, text
from receivables.lifecycle.faults import fault

LONGEST_NUMBER: Final = 80
LONGEST_NAME: Final = 120
LONGEST_TEXT: Final = 1000
#: Invoices that one message may be about.
MOST_STATUSES: Final = 1000

_AMOUNT: Final = re.compile(r"[-+]?\d{1,15}(?:\.\d{1,6})?")
_COMPACT: Final = re.compile(r"(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?(?:([+-])(\d\d)(\d\d))?")
_DAY: Final = re.compile(r"(\d{4}-\d\d-\d\d)(?:Z|[+-]\d\d:\d\d)?")


class Findings:
    """Faults by the lines of the file, gathered so that a refusal is complete."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def note(self, code: str, element: Element | None, **values: object) -> None:
        self.faults.append(fault(code, where(element), **values))

    def settle(self) -> None:
        """Raise Refused when there is any fault."""
        if self.faults:
            raise Refused(self.faults)

    def required(
        self, element: Element | None, *paths: str, field: str, most: int = LONGEST_NUMBER
    ) -> str:
        """The first text along `paths`; "" and a fault where there is none, or too much."""
        value = text(element, *paths)
        if value is None:
            self.note("status-missing", element, field=field)
            return ""
        if len(value) > most:
            self.note("status-too-long", element, field=field, length=len(value), limit=most)
            return ""
        return value

    def decimal(self, element: Element) -> Decimal | None:
        written = (content_of(element) or "").strip()
        if not _AMOUNT.fullmatch(written):
            self.note("status-bad-amount", element, text=written)
            return None
        return Decimal(written)

    def instant(self, element: Element | None) -> datetime | None:
        """A date and time as CDAR writes them: 102, 203, 204 or 205 of UNTDID 2379, or ISO 8601.

        Without a zone where none is written; None where nothing is.
        """
        written = content_of(element)
        if element is None or written is None:
            return None
        found = _instant(written)
        if found is None:
            self.note("status-bad-date", element, text=written)
        return found

    def day(self, element: Element | None) -> date | None:
        found = self.instant(element)
        return None if found is None else found.date()


def where(element: Element | None) -> str:
    """The line of the file, and what stands there."""
    if element is None:
        return "file"
    return f"line {element.sourceline}, {local_name(element)}"


def clipped(value: str | None, most: int = LONGEST_TEXT) -> str:
    """A text that is for people to read, within what a column holds."""
    if value is None:
        return ""
    return value if len(value) <= most else value[: most - 1] + "…"


def _instant(written: str) -> datetime | None:
    try:
        if compact := _COMPACT.fullmatch(written):
            year, month, day, hour, minute, second, sign, off_hours, off_minutes = compact.groups()
            offset = timedelta(hours=int(off_hours or 0), minutes=int(off_minutes or 0))
            zone = timezone(-offset if sign == "-" else offset) if sign else None
            return datetime(
                int(year), int(month), int(day), int(hour or 0), int(minute or 0), int(second or 0),
                tzinfo=zone,
            )  # fmt: skip
        if plain := _DAY.fullmatch(written):
            return datetime.fromisoformat(plain[1])
        return datetime.fromisoformat(written)
    except ValueError:
        return None


def at_day(day: str, time: str | None) -> datetime | None:
    """A date and a time of XML Schema, which stand apart in UBL."""
    plain = _DAY.fullmatch(day)
    if plain is None:
        return None
    return _instant(f"{plain[1]}T{time}" if time else plain[1])


def in_zone(stated: datetime, zone: timezone | object) -> datetime:
    """The instant in UTC; one without a zone is meant in `zone`."""
    local = stated if stated.tzinfo else stated.replace(tzinfo=zone)  # type: ignore[arg-type]
    return local.astimezone(UTC)
