"""What the pages of matching get; a template receives one of these as `page`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Literal
from uuid import UUID

from backoffice.pages import Notice, OfficeHead
from backoffice.return_pages import FormError, OpenToAllocate
from receivables.money import Money
from receivables.web.parts import Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class LineRow:
    """A line of a statement, as the bank tells it; what it does not say is empty."""

    entry_id: UUID
    on: date
    amount: Money
    name: str
    account: str
    reference: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProposedPart:
    invoice_id: UUID
    number: str
    amount: Money
    #: As the form sends it.
    typed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """Where a line's money would go, and why; `left` waits as unapplied cash."""

    debtor_id: UUID
    debtor_name: str
    parts: tuple[ProposedPart, ...]
    left: Money
    why: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingRow:
    line: LineRow
    proposals: tuple[Proposal, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ReturnRow:
    """Money that went out again; `receipt_id` is the receipt it may undo, if one is like it."""

    line: LineRow
    receipt_id: UUID | None
    came_on: date | None
    debtor_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenRow:
    """What a line was taken for."""

    match_id: UUID
    line: LineRow
    kind: Literal["receipt", "return", "set_aside"]
    debtor_id: UUID | None
    debtor_name: str
    by_person: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class MatchingPage:
    """`GET /bank/matching` -> matching.html. Its forms are POSTs to `/bank/matching/{entry}` (a
    proposal: `debtor`, `amount-{invoice}`), `.../aside`, `.../return` (`receipt`), and
    `/bank/matches/{id}/undo`.
    """

    head: OfficeHead
    notice: Notice | None
    rows: tuple[WaitingRow, ...]
    pager: Pager
    returns: tuple[ReturnRow, ...]
    taken: tuple[TakenRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DebtorFound:
    id: UUID
    name: str
    number: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChoosePage:
    """`GET /bank/matching/{entry}?q=&debtor=` -> matching_choose.html: whose money it is, and what
    of it is for which invoice. Its form is a POST to the same address.
    """

    head: OfficeHead
    line: LineRow
    q: str
    found: tuple[DebtorFound, ...]
    debtor: DebtorFound | None
    rows: tuple[OpenToAllocate, ...]
    error: FormError
