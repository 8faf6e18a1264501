"""What a status leads to, what of an invoice it contests, and what is to be said of money that
came: decided from values.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_UP, Decimal
from enum import StrEnum
from typing import Final

from receivables.lifecycle.codes import FIRST_OF_BUYER, LAST_OF_BUYER, Status
from receivables.lifecycle.parsed import Stated
from receivables.money import Money, NotAnAmount


class Effect(StrEnum):
    """What follows from a status."""

    NONE = "none"
    CONTESTS = "contests"
    SAYS_IT_IS_PAID = "says_it_is_paid"


#: 208 contests, too: whoever waits for a document does not pay before it is there, and the
#: supplier has to send it; a dispute holds the invoice, has somebody who answers, and a term.
_CONTESTING: Final = (
    Status.APPROVED_IN_PART, Status.IN_DISPUTE, Status.SUSPENDED, Status.REFUSED,
)  # fmt: skip


def effect_of(status: int) -> Effect:
    """205 withdraws no dispute: what was agreed is for the two sides to say, in its
    conversation.
    """
    if status in _CONTESTING:
        return Effect.CONTESTS
    return Effect.SAYS_IT_IS_PAID if status == Status.PAYMENT_SENT else Effect.NONE


def is_of_buyer(status: int) -> bool:
    """Whether it says where the buyer stands; the others are about transport, or ours."""
    return FIRST_OF_BUYER <= status <= LAST_OF_BUYER


def is_overtaken(stated_at: datetime, newest: datetime | None) -> bool:
    """Whether the buyer has said something newer, so that this leads to nothing any more."""
    return newest is not None and stated_at < newest


def contested(
    stated: Stated, total: Money, outstanding: Money, *, net: Money | None
) -> Money | None:
    """How much of an invoice a status contests, never more than is outstanding; None is the whole.

    What is not approved counts, with tax before without; else what is left of the total by what is
    approved. An amount without tax is raised in proportion of the total to `net`, all lines without
    tax; without that, and where no amount is named, nobody knows which part is accepted.
    """
    refused = _money(stated, total, "MNATTC")
    if refused is None and (approved := _money(stated, total, "MAPTTC")) is not None:
        refused = total - approved
    if refused is None and net is not None and net.minor > 0:
        refused = _raised(stated, total, net)
    return None if refused is None else max(min(refused, outstanding), Money.zero(total.currency))


def _raised(stated: Stated, total: Money, net: Money) -> Money | None:
    """What is not approved, from amounts without tax."""
    refused = _money(stated, total, "MNA")
    if refused is None and (approved := _money(stated, total, "MAP")) is not None:
        refused = net - approved
    if refused is None:
        return None
    exact = Decimal(refused.minor) * total.minor / net.minor
    return Money(int(exact.quantize(Decimal(1), ROUND_HALF_UP)), total.currency)


def _money(stated: Stated, total: Money, kind: str) -> Money | None:
    """None also for amounts in another currency, or finer than ours has."""
    if any(one.currency not in ("", total.currency) for one in stated.amounts if one.kind == kind):
        return None
    value = stated.amount(kind)
    try:
        return None if value is None else Money.parse(value, total.currency)
    except NotAnAmount:
        return None


def paid(stated: Stated, outstanding: Money) -> Money | None:
    """What the buyer says to have sent; None where it was a part, and nobody says how much."""
    sent = _money(stated, outstanding, "MPA")
    if sent is not None:
        return sent if sent.minor > 0 else None
    return None if any(one.code == "PPD" for one in stated.motives) else outstanding


#: Entries on an invoice that are no money that came, or went back.
_NO_MONEY: Final = frozenset({"invoice_issued", "written_off", "write_off_reversed"})


@dataclass(frozen=True, slots=True)
class Movement:
    """One entry on an invoice's account: `minor` is positive where it lowers what is owed."""

    id: str
    minor: int
    reason: str
    source: str
    booked_on: date


def cashed(
    movements: Sequence[Movement], own_credit_notes: Collection[str]
) -> tuple[int, date | None]:
    """What was cashed on an invoice in minor units, and the day of the last that changed it.

    What its own credit notes (by their ids) took off is nothing that was cashed, nor is what was
    written off. Credit of another origin is: setting off pays as money does. That it does so for
    French VAT, too, is from general knowledge; no text was at hand.
    """
    credited = {
        one.id
        for one in movements
        if one.reason == "cash_allocated" and one.source.partition("/")[0] in own_credit_notes
    }
    counted = [
        one
        for one in movements
        if one.reason not in _NO_MONEY
        and one.id not in credited
        and not (one.reason == "allocation_undone" and one.source in credited)
    ]
    return sum(one.minor for one in counted), max((one.booked_on for one in counted), default=None)


def to_report(cashed_minor: int, reported_minor: int, outstanding_minor: int) -> int:
    """What is to be said now: the difference to what was said before, in minor units; 0 nothing.

    An invoice is reported when it is paid in full. What goes back afterwards is reported at once,
    below zero, and what comes again when it is paid in full again: the sum of what was said is then
    always what was cashed. Source of amounts below zero: public libraries make and read them
    (invopop/gobl.fr.ctc, "refund"), and the schematron's amounts may carry a minus (BR-FR-DEC-01).
    """
    difference = cashed_minor - reported_minor
    return difference if outstanding_minor == 0 else min(difference, 0)


def by_rate(minor: int, gross: Sequence[tuple[Decimal, int]]) -> list[tuple[Decimal, int]]:
    """An amount shared out over the rates of its invoice, in proportion to the gross amount of
    each; nothing is lost, and a payment in full gives the amounts of the invoice exactly.

    Rates come once each, the highest first. Raises ValueError where the invoice comes to nothing.
    """
    sums: dict[Decimal, int] = {}
    for rate, part in gross:
        sums[rate] = sums.get(rate, 0) + part
    whole = sum(sums.values())
    if whole <= 0:
        raise ValueError("an invoice over nothing")
    shares, behind, before = [], 0, 0
    for rate in sorted(sums, reverse=True):
        behind += sums[rate]
        upto = int((Decimal(minor) * behind / whole).quantize(Decimal(1), ROUND_HALF_UP))
        if upto != before:
            shares.append((rate, upto - before))
        before = upto
    return shares
