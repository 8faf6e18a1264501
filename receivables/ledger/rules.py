"""How an invoice stands, decided in one place for portal, backoffice and mails (R-3)."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Literal

from receivables.ids import InvoiceId
from receivables.ledger.holds import HoldReason
from receivables.money import Money

InvoiceStatus = Literal[
    "open", "overdue", "partly_paid", "processing", "paid", "credited", "written_off",
    "disputed", "credit_coming", "on_plan", "plan_proposed", "said_to_be_paid", "promised",
    "handed_over",
]  # fmt: skip

#: What an invoice is called while all of it is held. In the days of grace after a dispute it is
#: called what it is.
_HELD: Mapping[HoldReason, InvoiceStatus] = {
    HoldReason.HANDED_OVER: "handed_over",
    HoldReason.DISPUTED: "disputed",
    HoldReason.ON_PLAN: "on_plan",
    HoldReason.PLAN_PROPOSED: "plan_proposed",
    HoldReason.SAID_TO_BE_PAID: "said_to_be_paid",
    HoldReason.PROMISED: "promised",
}


def days_past_due(due_on: date, today: date) -> int:
    """Whole days after the due date: 0 on it, negative before it."""
    return (today - due_on).days


def invoice_status(
    *,
    total: Money,
    outstanding: Money,
    processing: Money,
    days: int,
    by_credit_alone: bool = False,
    written_off: bool = False,
    held: HoldReason | None = None,
    credit_coming: Money | None = None,
) -> InvoiceStatus:
    """The one status of an invoice; `days` is days past due, `held` why none of it is asked for.

    `by_credit_alone` says that no money came, a credit note took all of it back; `written_off`
    that some of it is not expected any more; `credit_coming` is what a credit note will take.
    """
    if not outstanding:
        if written_off:
            return "written_off"
        return "credited" if by_credit_alone else "paid"
    if processing >= outstanding:
        return "processing"
    if held is HoldReason.DISPUTED and credit_coming == outstanding:
        return "credit_coming"
    if held is not None and held in _HELD:
        return _HELD[held]
    if days > 0:
        return "overdue"
    return "partly_paid" if outstanding < total else "open"


def spread(
    amount: Money,
    parts: Sequence[tuple[InvoiceId, Money]],
    outstanding: Mapping[InvoiceId, Money],
) -> tuple[dict[InvoiceId, Money], Money]:
    """What of `amount` goes to which invoice, and what is left over.

    First to `parts`, each as far as it was meant and is still outstanding; then to the rest of
    `outstanding` in its order (the oldest first). No invoice gets more than is outstanding on
    it, and nothing is lost: the shares and what is left add up to `amount`.
    """
    wanted = [*parts, *outstanding.items()]
    open_now = dict(outstanding)
    shares: dict[InvoiceId, Money] = {}
    left = amount
    for invoice_id, most in wanted:
        open_here = open_now.get(invoice_id)
        if open_here is None or open_here.currency != amount.currency:
            continue
        share = min(open_here, left, most)
        if share.minor > 0:
            shares[invoice_id] = shares.get(invoice_id, Money.zero(amount.currency)) + share
            open_now[invoice_id] = open_here - share
            left -= share
    return shares, left


def share_out(lots: Sequence[Money], items: Sequence[Money]) -> list[tuple[int, int, Money]]:
    """Lots of money put against items, both in their order: (place of lot, place of item, how
    much), until either is used up. All are in one currency.
    """
    shares: list[tuple[int, int, Money]] = []
    left, wanted = list(lots), list(items)
    lot = item = 0
    while lot < len(left) and item < len(wanted):
        share = min(left[lot], wanted[item])
        if share.minor > 0:
            shares.append((lot, item, share))
        left[lot] -= share
        wanted[item] -= share
        if left[lot].minor <= 0:
            lot += 1
        else:
            item += 1
    return shares


@dataclass(frozen=True, slots=True)
class Placed:
    """What of a payment's money stands against one invoice now. `own`: the payment was booked
    there; otherwise its surplus was put there later.
    """

    invoice_id: InvoiceId
    amount: Money
    own: bool


def take_back(
    amount: Money, unapplied: Money, placed: Sequence[Placed]
) -> tuple[list[tuple[InvoiceId | None, Money]], Money]:
    """Where money comes from that goes back to the payer, and what of it the payment has not.

    First from the payment's own surplus that is still unapplied (None in the result): nobody
    has used it. Then from what the payment itself was put against, last allocated first (`placed`
    is in the order of allocation): what was paid last is the first to be undone. Last from the
    invoices its surplus was put on later, again the last first. Those invoices are open again by
    that much. What a payment has left is what it brought, less what was given back before, so
    never more than that is given.
    """
    own = [one for one in placed if one.own]
    later = [one for one in placed if not one.own]
    places: list[tuple[InvoiceId | None, Money]] = [
        (None, unapplied),
        *((one.invoice_id, one.amount) for one in reversed(own)),
        *((one.invoice_id, one.amount) for one in reversed(later)),
    ]
    parts: list[tuple[InvoiceId | None, Money]] = []
    left = amount
    for invoice_id, most in places:
        share = min(left, most)
        if share.minor > 0:
            parts.append((invoice_id, share))
            left -= share
    return parts, left


def put_back(
    given: Sequence[tuple[InvoiceId | None, Money]], outstanding: Mapping[InvoiceId, Money]
) -> list[tuple[InvoiceId | None, Money]]:
    """Where money goes that was to be given back and was not: exactly where it came from, except
    what somebody else has paid there meanwhile, which waits as unapplied cash (None).
    """
    parts: list[tuple[InvoiceId | None, Money]] = []
    open_now = dict(outstanding)
    unapplied: Money | None = None
    for invoice_id, amount in given:
        share = Money.zero(amount.currency)
        if invoice_id is not None:
            share = min(amount, open_now[invoice_id])
            open_now[invoice_id] -= share
        if share:
            parts.append((invoice_id, share))
        if amount - share:
            unapplied = (unapplied or Money.zero(amount.currency)) + (amount - share)
    return [*parts, *([(None, unapplied)] if unapplied else [])]
