"""What the pages of addresses, letters and calls get; see `pages.py`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from backoffice.pages import Notice, OfficeHead
from receivables.calls.script import Part
from receivables.money import Money
from receivables.ports import MessageLine
from receivables.web.parts import Pager

ChannelName = Literal["email", "sms", "letter", "call"]
Because = Literal[
    "hard_bounce", "soft_bounces", "complaint", "dead_number", "returned", "wrong_person"
]
LetterState = Literal["due", "in_batch", "printed", "handed_over", "returned", "skipped"]


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressRow:
    """An address that is left alone; `POST use_again_url` with `channel` uses it again."""

    debtor_id: UUID
    debtor_name: str
    contact_name: str
    channel: ChannelName
    address: str
    because: Because
    detail: str
    since: datetime
    use_again_url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AddressesPage:
    """`GET /addresses` -> addresses.html."""

    head: OfficeHead
    notice: Notice | None
    rows: tuple[AddressRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneRow:
    """One contact; `POST /debtors/{debtor}/contacts/{contact}/phone` with `phone`."""

    contact_id: UUID
    name: str
    email: str
    #: As people read it; empty where we know none.
    phone: str
    is_mobile: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonesPage:
    """`GET /debtors/{id}/phones` -> phones.html; shown again with what was typed wrongly."""

    head: OfficeHead
    notice: Notice | None
    debtor_id: UUID
    debtor_name: str
    rows: tuple[PhoneRow, ...]
    wrong_contact: UUID | None = None
    typed: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class LetterRow:
    """One letter; one that waits is taken out by `POST /letters/{id}/take-out`, one at the post
    comes back by `POST /letters/{id}/returned` with `reason`.
    """

    id: UUID
    debtor_id: UUID
    debtor_name: str
    level: int
    formal_notice: bool
    registered: bool
    amount: Money
    state: LetterState
    reason: str
    sent_to: str
    tracking: str
    place: int
    pages: int
    since: datetime
    #: It is printed, and less is owed than it says: better taken out of the pile.
    overtaken: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchRow:
    id: UUID
    state: Literal["setting", "ready", "printed", "handed_over"]
    registered: bool
    letters: int
    pages: int
    made_at: datetime

    @property
    def url(self) -> str:
        return f"/letters/batches/{self.id}"


@dataclass(frozen=True, slots=True, kw_only=True)
class LettersPage:
    """`GET /letters?show=&page=` -> letters.html; `POST /letters` with `registered` = "1" or ""
    makes a batch of what waits.
    """

    head: OfficeHead
    notice: Notice | None
    show: Literal["waiting", "posted", "returned", "all"]
    waiting_plain: int
    waiting_registered: int
    rows: tuple[LetterRow, ...]
    batches: tuple[BatchRow, ...]
    pager: Pager


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPage:
    """`GET /letters/batches/{id}` -> letter_batch.html.

    `.../file` is what to print, `.../manifest` and `.../list?post=` are CSV. `POST .../printed`,
    then `POST .../handed-over` with `tracking-<letter>` for each registered letter.
    """

    head: OfficeHead
    notice: Notice | None
    batch: BatchRow
    rows: tuple[LetterRow, ...]
    posts: tuple[tuple[str, str], ...]

    @property
    def overtaken(self) -> int:
        return sum(row.overtaken for row in self.rows)


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRow:
    id: UUID
    debtor_id: UUID
    debtor_name: str
    contact_name: str
    phone: str
    level: int
    amount: Money
    invoices: int
    days_past_due: int
    due_on: date
    tries: int


@dataclass(frozen=True, slots=True, kw_only=True)
class CallsPage:
    """`GET /calls` -> calls.html."""

    head: OfficeHead
    notice: Notice | None
    rows: tuple[CallRow, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptRow:
    outcome: Literal["not_reached", "reached", "promise", "dispute", "wrong_number"]
    note: str
    called_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CallPage:
    """`GET /calls/{id}` -> call.html; its form posts there.

    Sent: `outcome`, `note`, and with a promise `day` and `amount` (empty: all of it).
    `POST /calls/{id}/needless` drops it.
    """

    head: OfficeHead
    notice: Notice | None
    call: CallRow
    is_open: bool
    #: `tel:` address; empty where we know no number.
    dial: str
    lines: tuple[MessageLine, ...]
    script: tuple[Part, ...]
    #: The language of the script.
    language: str
    attempts: tuple[AttemptRow, ...]
    today: date
    latest: date
    typed_outcome: str
    typed_note: str
    typed_day: str
    typed_amount: str
    error: Literal[
        "",
        "no_outcome",
        "not_a_day",
        "past",
        "too_late",
        "not_an_amount",
        "too_much",
        "nothing_chosen",
    ]
    most: Money | None = None
