"""What the template about a debtor's standing gets as `page`: finished values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from backoffice.pages import Notice, OfficeHead
from receivables.web.parts import TimelineEntry

Part = Literal["payer", "solvency", "limit", "terms", "prepayment", "cover", "stop", "resume",
               "insolvent", "not-insolvent"]  # fmt: skip


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingPage:
    """`GET /debtors/{id}/standing` -> standing.html; `POST .../standing/{part}` changes one part.

    `values` are the fields as they are, or as they were typed; `may` names the parts whose forms
    the reader can send.
    """

    head: OfficeHead
    notice: Notice | None
    debtor_id: UUID
    debtor_name: str
    currency: str
    today: date
    #: The last day of a stop by a collector.
    latest: date
    may: frozenset[Part]
    values: dict[str, str]
    payer_classes: tuple[tuple[str, str], ...]
    solvency_classes: tuple[tuple[str, str], ...]
    is_stopped: bool
    stop_reason: str
    stopped_until: date | None
    insolvent_on: date | None
    prepayment_since: date | None
    blocked_until: date | None
    timeline: tuple[TimelineEntry, ...]
    #: The field that is wrong, and why in words.
    error: str = ""
    error_words: str = ""
