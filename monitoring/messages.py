"""What the template of an alert's mail gets as `mail`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal

from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class AlertMail:
    """-> alert/{subject.txt,body.txt,body.html}: to one member of staff.

    Bands are `A` to `E`, or `none` when a source withdrew its score.
    """

    staff_name: str
    supplier_name: str
    debtor_name: str
    rule: Literal["S-THR", "S-DROP", "S-CLASS"]
    severity: Literal["critical", "high", "medium", "low", "info"]
    source: str
    as_of_on: date
    score_before: int | None
    score_after: int | None
    band_before: str
    band_after: str
    threshold: int
    exposure: tuple[Money, ...]
    overdue: tuple[Money, ...]
    #: The alert's page in the backoffice.
    link: str
