"""What the page about a debtor's collection file gets; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

from backoffice.pages import Notice, OfficeHead
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionInvoice:
    """An open invoice, to be handed over or (`handed_to`) in somebody's hands."""

    id: UUID
    number: str
    due_on: date
    days_past_due: int
    outstanding: Money
    disputed: Money | None
    handed_to: str
    handed_at: datetime | None
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class FileShown:
    """The file that was asked for last; `state` is asked, ready or expired."""

    state: str
    language: str
    asked_at: datetime
    made_at: datetime | None
    file_count: int
    zip_bytes: int
    zip_sha256: str
    pdf_bytes: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverStep:
    """The scenario's step that asks to hand over, while it waits for a person."""

    id: UUID
    amount: Money
    numbers: tuple[str, ...]
    since: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CollectionPage:
    """`GET /debtors/{id}/collection` -> collection.html.

    `POST` to the same has a file made (`language`); `POST .../collection/hand-over` (`invoice`,
    `recipient`, `note`, `confirmed`), `.../collection/keep` (`step`, `why`) and
    `.../collection/take-back` (`invoice`, `why`).
    """

    head: OfficeHead
    notice: Notice | None
    debtor_id: UUID
    debtor_name: str
    language: str
    file: FileShown | None
    #: Steps that wait for a yes or a no.
    steps: tuple[HandoverStep, ...]
    ours: tuple[CollectionInvoice, ...]
    theirs: tuple[CollectionInvoice, ...]
    typed_recipient: str
    typed_note: str
    #: "recipient", "nothing", "disputed", "on_plan", "why", "nothing_back"; "" where nothing was
    #: refused.
    error: str
    #: With "disputed" and "on_plan": which.
    numbers: tuple[str, ...]
