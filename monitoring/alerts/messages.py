"""What the template of an alert's mail gets as `mail`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertEntry:
    """One alert among others; `debtor_name` is empty where it is about no debtor."""

    debtor_name: str
    headline: str
    severity: Literal["critical", "high", "medium", "low", "info"]
    exposure: tuple[Money, ...]
    link: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DigestMail:
    """-> digest/{subject.txt,body.txt,body.html}: several alerts at once, the gravest first."""

    staff_name: str
    supplier_name: str
    kind: Literal["daily", "weekly", "flood"]
    entries: tuple[AlertEntry, ...]
    #: How many there are beyond those that are listed.
    more: int
    #: All open alerts.
    link: str
    #: Where no more digests are asked for, without signing in.
    unsubscribe_link: str

    @property
    def count(self) -> int:
        return len(self.entries) + self.more


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMail:
    """-> alert/{subject.txt,body.txt,body.html}: to one member of staff.

    Bands are `A` to `E`, `none` when a source withdrew its score, and None where it is not about
    bands. There is no debtor's name where a source is silent, or many changed at once.
    """

    staff_name: str
    supplier_name: str
    debtor_name: str | None
    #: What happened, see `wording.headline` and `wording.explained`.
    headline: str
    explained: str
    severity: Literal["critical", "high", "medium", "low", "info"]
    band_before: str | None
    band_after: str | None
    exposure: tuple[Money, ...]
    overdue: tuple[Money, ...]
    #: The alert's page in the backoffice.
    link: str
    #: Why it is told; other than "first" somebody should have looked at it already.
    why: Literal["first", "unopened", "deputy", "admin", "again"] = "first"
    #: The alerts that a notice of a mass change tells of, the gravest first, and how many more.
    members: tuple[AlertEntry, ...] = ()
    more: int = 0
