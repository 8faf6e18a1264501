"""What keeps an open invoice, or a part of it, from being asked for.

Those who know (payments, disputes, promises, plans) say so in this form; dunning and the pages
add it up. None of it changes what is owed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from receivables.ids import InvoiceId
from receivables.money import Money


class HoldReason(StrEnum):
    """Why; in the order in which one is named when several hold."""

    HANDED_OVER = "handed_over"
    """A lawyer or an agency collects it: nothing of ours asks any more."""
    DISPUTED = "disputed"
    """The debtor contests it, and the dispute is open."""
    ON_PLAN = "on_plan"
    """A plan stands: its instalments are asked for instead."""
    PLAN_PROPOSED = "plan_proposed"
    """A plan was asked for and waits for its answer or its first payment."""
    SAID_TO_BE_PAID = "said_to_be_paid"
    """The debtor says that it is paid, and the money is being looked for."""
    PROMISED = "promised"
    """The debtor promised a date that has not passed."""
    CHARGED_BACK = "charged_back"
    """The payer's bank took the payment back, and has not decided yet whether for good."""
    GRACE = "grace"
    """A dispute was decided lately: the debtor has a few days before they are asked again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Hold:
    """One reason why `amount` of an invoice (None: all of it) is not asked for."""

    invoice_id: InvoiceId
    reason: HoldReason
    amount: Money | None = None
    #: The last day of it, where that is known.
    until: date | None = None
    #: The supplier has agreed: only the credit note is not booked yet.
    credited: bool = False


def held_amount(outstanding: Money, holds: Iterable[Hold]) -> Money:
    """How much of what is outstanding is not asked for: never more than all of it."""
    total = Money.zero(outstanding.currency)
    for hold in holds:
        total += outstanding if hold.amount is None else hold.amount
    return min(total, outstanding)


def standing(holds: Iterable[Hold], today: date) -> tuple[Hold, ...]:
    """The holds that last until `today` at least."""
    return tuple(hold for hold in holds if hold.until is None or hold.until >= today)


def held_for(outstanding: Money, holds: Iterable[Hold], reason: HoldReason) -> Money:
    """How much of what is outstanding is held for this reason."""
    return held_amount(outstanding, (hold for hold in holds if hold.reason is reason))


def credit_coming(outstanding: Money, holds: Iterable[Hold]) -> Money:
    """How much of what is outstanding a credit note is to take that is on its way."""
    return held_amount(outstanding, (hold for hold in holds if hold.credited))


def reason_for_all(outstanding: Money, holds: Iterable[Hold]) -> HoldReason | None:
    """Why nothing of an invoice is asked for; None while something is."""
    held = list(holds)
    whole = (one for one in HoldReason if held_for(outstanding, held, one) == outstanding)
    return next(whole, None) if outstanding else None


def by_invoice(holds: Iterable[Hold]) -> Mapping[InvoiceId, list[Hold]]:
    """The holds of each invoice, the most telling first."""
    rank = list(HoldReason)
    found: dict[InvoiceId, list[Hold]] = {}
    for hold in sorted(holds, key=lambda one: rank.index(one.reason)):
        found.setdefault(hold.invoice_id, []).append(hold)
    return found
