"""What every source is given, and what it is."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Protocol

from sqlalchemy.orm import Session

from receivables.ids import SupplierId
from receivables.workdays import WEEKDAYS, Calendar
from receivables.worklist.rules import Task


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose tasks are wanted, and as of when."""

    supplier_id: SupplierId
    now: datetime
    #: The supplier's calendar day.
    today: date
    country: str
    zone: str
    calendar: Calendar = WEEKDAYS


class Source(Protocol):
    """Tells the tasks of one kind, in one or two statements however many there are."""

    def __call__(self, session: Session, asked: Asked) -> list[Task]: ...
