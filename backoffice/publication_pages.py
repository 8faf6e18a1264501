"""What the page of publications gets; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from backoffice.pages import Notice, OfficeHead
from receivables.web.parts import Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class PublishedRow:
    """`state`: candidate, stands, retracted or dismissed. `named` is as published."""

    id: UUID
    debtor_id: UUID
    debtor_name: str
    what: str
    label: str
    source: str
    published_on: date
    claims_until: date | None
    named: str
    court: str
    link: str
    state: str
    decided_by: str
    expires_on: date
    speaks_for: tuple[str, ...]
    speaks_against: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"/debtors/{self.debtor_id}/solvency"


@dataclass(frozen=True, slots=True, kw_only=True)
class PublicationsPage:
    """`GET /monitoring/publications?show=&page=` -> publications.html.

    `POST /monitoring/publications/{id}/confirm` and `.../dismiss` answer a doubtful one.
    """

    head: OfficeHead
    notice: Notice | None
    show: Literal["waiting", "standing", "gone", "all"]
    #: How many wait for somebody to look, whatever is shown.
    waiting: int
    rows: tuple[PublishedRow, ...]
    pager: Pager
