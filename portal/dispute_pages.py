"""What the pages about disputes get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from urllib.parse import urlencode
from uuid import UUID

from portal.pages import PortalHead
from receivables.money import Money
from receivables.web.parts import invoice_url


@dataclass(frozen=True, slots=True, kw_only=True)
class LineChoice:
    """One line of an invoice to tick."""

    place: int
    description: str
    net: Money
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Disputable:
    """One invoice in the form: fields `scope-<index>`, `amount-<index>`, `lines-<index>`."""

    index: int
    number: str
    due_on: date
    outstanding: Money
    scope: Literal["whole", "amount", "lines"]
    typed_amount: str
    lines: tuple[LineChoice, ...]
    #: What is wrong with what was chosen here; empty if nothing is.
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonChoice:
    """One reason in the debtor's words; `help` says what helps to decide."""

    value: str
    words: str
    help: str
    chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class RefusedFile:
    """A file that was not taken: which, why, and how to mend it. `name` is "" for all of them."""

    name: str
    what: str
    how: str


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesField:
    """The field `files` of a form: what it accepts, and what was wrong with what it brought."""

    accept: str
    most: int
    each_mb: int
    refused: tuple[RefusedFile, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class ChooseDisputedPage:
    """`GET /dispute` -> dispute_choose.html; its form is `GET /dispute?invoice=...`.

    `under_way` are invoices that are in a dispute already, with its address.
    """

    head: PortalHead
    invoices: tuple[Disputable, ...]
    under_way: tuple[tuple[str, str], ...]
    #: The form was sent without any.
    chose_none: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeFormPage:
    """`GET /dispute?invoice=...` -> dispute_form.html; its form is `POST /dispute`, multipart.

    Sent: `invoice` (hidden, repeated, in the order of `invoices`), the fields of each Disputable,
    `reason`, `message`, `files`. Answers 303 to the dispute, or this page again with errors.
    """

    head: PortalHead
    invoices: tuple[Disputable, ...]
    reasons: tuple[ReasonChoice, ...]
    message: str
    files: FilesField
    #: About the form as a whole; empty if nothing is wrong.
    error: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputedPart:
    """One invoice of a dispute. `upheld` is None before the decision."""

    number: str
    disputed: Money
    upheld: Money | None
    payable: Money

    @property
    def url(self) -> str:
        return invoice_url(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class FilePart:
    """A file with a message; `state` taken can be had, the others say why not."""

    name: str
    size_bytes: int
    url: str
    state: Literal["taken", "quarantined", "refused"]


@dataclass(frozen=True, slots=True, kw_only=True)
class MessagePart:
    """What one side wrote."""

    is_mine: bool
    author: str
    paragraphs: tuple[str, ...]
    at: datetime
    files: tuple[FilePart, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputeLine:
    """A dispute in a list: the fragment `_disputes.html` gets these as `disputes`."""

    url: str
    reference: str
    numbers: tuple[str, ...]
    disputed: Money
    state: str
    state_words: str
    #: It is the debtor's turn.
    waits_for_you: bool
    #: By when the supplier answers; None where they need not.
    due_on: date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class DisputePage:
    """`GET /disputes/{id}` -> dispute.html.

    Forms: `POST /disputes/{id}/messages` (multipart: `message`, `files`), `.../agree`,
    `.../withdraw`, `.../reopen` (`message`).
    """

    head: PortalHead
    id: UUID
    reference: str
    state: str
    state_words: str
    reason_words: str
    parts: tuple[DisputedPart, ...]
    currency: str
    disputed: Money
    proposed: Money
    upheld: Money
    outcome: str
    #: Who looks into it: a person, else a department.
    handled_by: str
    due_on: date | None
    answer_by: date | None
    grace_until: date | None
    reopen_until: date | None
    messages: tuple[MessagePart, ...]
    may_write: bool
    may_agree: bool
    may_withdraw: bool
    message: str
    files: FilesField
    error: str

    @property
    def url(self) -> str:
        return f"/disputes/{self.id}"

    @property
    def payable(self) -> Money:
        """What of these invoices can be paid meanwhile."""
        return Money.total((part.payable for part in self.parts), self.currency)

    @property
    def pay_url(self) -> str:
        payable = [("invoice", part.number) for part in self.parts if part.payable]
        return f"/pay?{urlencode([('currency', self.currency), *payable])}"
