"""What each page of the portal gets; a template receives one of these as `page`, nothing else.

All text a person wrote is plain text; words of ours are in the templates. Paths named here are
those the templates link to and post to.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from uuid import UUID

from receivables.money import Money
from receivables.parties.heads import SupplierHead, TransferDetails
from receivables.web.parts import (
    InvoiceStatus,
    invoice_url,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class PortalHead:
    """What stands above every page; the language switcher posts to `/language`.

    `supplier` is None only where nobody knows whose portal this is (a wrong address);
    `debtor_name` is None where the page must not say whose link it was. The switcher sends
    `language` and `next` (= `path`), and is left out where `path` is None.
    """

    supplier: SupplierHead | None
    debtor_name: str | None
    path: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenInvoice:
    """An invoice of which something is outstanding."""

    number: str
    due_on: date
    #: Negative before the due date, 0 on it.
    days_past_due: int
    invoiced: Money
    outstanding: Money
    #: Outstanding less what is on its way, contested or paid in instalments.
    payable: Money
    status: InvoiceStatus
    chosen: bool
    #: What of it is contested.
    disputed: Money
    #: Its instalments are asked for instead.
    on_plan: bool
    #: The supplier agrees to this much: only the credit note is not booked yet.
    credit_coming: Money
    #: The day of the payment that the debtor's bank took back.
    taken_back_of: date | None = None

    @property
    def url(self) -> str:
        return invoice_url(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """What is ticked: the pay panel, `GET /selection?currency=&invoice=&invoice=`.

    Template `_selection.html` gets it as `selection`; it is also part of account.html.
    """

    currency: str
    count: int
    total: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenGroup:
    """All that is open in one currency; a payment is in one currency."""

    currency: str
    outstanding: Money
    #: Outstanding less the four below.
    payable: Money
    overdue: Money
    #: On its way.
    processing: Money
    disputed: Money
    credit_coming: Money
    on_plan: Money
    #: What the plans over these invoices ask for, since it is late.
    late_instalments: Money
    invoices: tuple[OpenInvoice, ...]
    selection: Selection
    transfer: TransferDetails | None

    @property
    def asked(self) -> Money:
        """The headline: what can be paid here, else what is late of the plans."""
        return self.payable or self.late_instalments


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOnItsWay:
    """A payment that is neither settled nor over."""

    id: UUID
    amount: Money
    started_at: datetime
    state: Literal["started", "processing", "unknown"]
    numbers: tuple[str, ...]

    @property
    def url(self) -> str:
        return f"/payments/{self.id}/thanks"


@dataclass(frozen=True, slots=True, kw_only=True)
class Credit:
    """Money in the debtor's favour that no invoice has used yet."""

    kind: Literal["credit_note", "unapplied_cash"]
    amount: Money
    on: date
    number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidInvoice:
    """An invoice of which nothing is outstanding."""

    number: str
    invoiced: Money
    paid_on: date

    @property
    def url(self) -> str:
        return invoice_url(self.number)


@dataclass(frozen=True, slots=True, kw_only=True)
class PayMethod:
    """A way to pay on the hosted page, and how long it takes.

    There is no field for a fee: nobody pays one for the way they pay. Source: Directive (EU)
    2015/2366 (PSD2), article 62(4).
    """

    #: The gateway's word for it: `card`, `twint`, `sepa_debit`.
    kind: str
    #: People's word for it, the same in every language.
    name: str
    takes: Literal["at_once", "days"]
    #: The largest amount it takes, given where an amount on this page is larger.
    up_to: Money | None = None
    #: With what else these cards can be used, where the debtor's device has it.
    wallets: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class PayPage:
    """`GET /pay?currency=&invoice=...` -> pay.html; its form is `POST /pay`.

    Sent: `attempt` (hidden, made by the GET so that a second click is the same attempt),
    `currency`, `invoice` (hidden, repeated), `choice` = chosen | overdue | all | other, `amount`
    (as typed, with `other`). Answers 303 to the hosted page, or this page again with `error`.
    """

    head: PortalHead
    attempt_id: UUID
    currency: str
    invoices: tuple[OpenInvoice, ...]
    chosen: Money
    #: None where nothing is overdue, or where it is the same as `chosen`.
    overdue: Money | None
    #: None where it is the same as `chosen`.
    everything: Money | None
    everything_count: int
    minimum: Money
    choice: Literal["chosen", "overdue", "all", "other"]
    #: As the debtor typed it.
    typed_amount: str
    error: Literal["not_an_amount", "below_minimum", "above_outstanding"] | None
    methods: tuple[PayMethod, ...]
    #: The payment page may offer more than these.
    more_methods: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class NothingToPayPage:
    """`GET /pay` when what was chosen is paid, or all of it is on its way -> nothing_to_pay.html.

    `on_its_way` is the payment that already covers it, if there is one.
    """

    head: PortalHead
    on_its_way: PaymentOnItsWay | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidPart:
    """What one payment put against one invoice, and what remains of that invoice now."""

    number: str
    amount: Money
    outstanding: Money

    @property
    def url(self) -> str:
        return invoice_url(self.number)


Refusal = Literal[
    "insufficient_funds",
    "expired_card",
    "authentication",
    "not_this_card",
    "debit_returned",
    "other",
]


@dataclass(frozen=True, slots=True, kw_only=True)
class GoneBack:
    """Money of a payment that went back: sent by the supplier (and perhaps returned by the bank),
    or taken by the payer's bank (and perhaps given to the supplier again).
    """

    kind: Literal["on_its_way", "sent_back", "came_back", "taken_back", "given_again"]
    amount: Money
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferOnlyPage:
    """`GET /pay` where no card can be taken -> transfer_only.html: the currency's fault, or the
    supplier's account's.
    """

    head: PortalHead
    reason: Literal["currency", "supplier"]
    transfer: TransferDetails | None


@dataclass(frozen=True, slots=True, kw_only=True)
class ThanksPage:
    """`GET /payments/{id}/thanks` -> thanks.html; `.../state` -> _payment_state.html.

    States: `settled` the ledger has it; `processing` the bank has accepted and takes days;
    `confirming` we do not know yet and keep looking (also an unknown outcome); `failed` the bank
    refused, nothing was taken; `expired` the payment page was left, nothing was taken;
    `open` the hosted page is still open and can be gone on with at `resume_url`.
    The fragment polls every `poll_seconds`; None stops it.
    """

    head: PortalHead
    payment_id: UUID
    state: Literal["settled", "processing", "confirming", "failed", "expired", "open"]
    amount: Money
    #: When it settled, or when it was started.
    at: datetime
    #: As people call it, `Visa ...4242`, `TWINT`; empty while unknown.
    method: str
    reference: str
    parts: tuple[PaidPart, ...]
    #: What came although the invoices were paid by then: it stood in the payer's favour.
    surplus: Money
    #: Of this debtor in this currency, from the ledger, now.
    still_outstanding: Money
    #: Where the receipt goes, masked; empty where we have no address.
    receipt_to: str
    #: Why the bank refused, in the gateway's code: `insufficient_funds`, `expired_card`, `lost`,
    #: `authentication`, `debit_returned`, `other`; empty unless failed.
    refusal: Literal["", Refusal]
    resume_url: str | None
    retry_url: str
    transfer: TransferDetails | None
    poll_seconds: int | None
    #: What of it went back, oldest first.
    gone_back: tuple[GoneBack, ...] = ()

    @property
    def state_url(self) -> str:
        return f"/payments/{self.payment_id}/state"

    @property
    def url(self) -> str:
        return f"/payments/{self.payment_id}/thanks"


@dataclass(frozen=True, slots=True, kw_only=True)
class ExpiredLinkPage:
    """`GET /l/{token}`, expired -> expired.html; its form is `POST /links/renew` with `token`.

    The new link goes to the registered address only; `masked_address` hints at it.
    """

    head: PortalHead
    token: str
    masked_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkSentPage:
    """After `POST /links/renew` -> link_sent.html; the same whether or not anything was sent."""

    head: PortalHead
    masked_address: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoLinkPage:
    """`GET /` without a session -> no_link.html: says to follow the link in the mail."""

    head: PortalHead


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorPage:
    """-> errors/{403,404,409,429,500,503}.html.

    `code` is what the reader can tell us (the request's id). 409 chooses its words by `reason`;
    `amount` is the outstanding or the minimum it speaks of. `retry_seconds` for 429 and 503.
    """

    head: PortalHead
    status: int
    code: str
    reason: Literal[
        "", "form_too_old", "exceeds_outstanding", "below_minimum", "already_paid", "in_progress"
    ] = ""
    amount: Money | None = None
    retry_seconds: int | None = None
    back_url: str = "/"
