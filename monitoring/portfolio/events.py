"""What happens to a health check, and to the supplier's own debtors by it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from receivables.history import Event, event


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class PutUnderWatch(Event):
    """A customer of a checked file was written down as a debtor, so that sources are asked."""

    kind: ClassVar[str] = "portfolio.put_under_watch"


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CheckAsked(Event):
    """Somebody had customers checked; `source` is file or book."""

    kind: ClassVar[str] = "portfolio.check_asked"
    source: str
    delete_on: str


@event
@dataclass(frozen=True, slots=True, kw_only=True)
class CheckDeleted(Event):
    """A check is gone, with the file it was of: by somebody, or because its day had come."""

    kind: ClassVar[str] = "portfolio.check_deleted"
    customers: int
