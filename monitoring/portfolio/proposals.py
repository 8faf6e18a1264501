"""What a health check suggests to do, as values: pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from monitoring.portfolio.rules import Checked, How
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class LimitCut:
    """A lower limit for one of the supplier's debtors; `now` is None where there is none yet."""

    debtor_id: UUID
    #: Of the customer in its check.
    place: int
    name: str
    joint: str
    exposure: Money
    now: Money | None
    proposed: Money


def limit_cuts(customers: Iterable[Checked]) -> list[LimitCut]:
    """For debtors whose solvency or behaviour is weak, the most money first."""
    found = [cut for one in customers if (cut := _cut(one)) is not None]
    return sorted(found, key=lambda cut: cut.exposure.minor, reverse=True)


def _cut(one: Checked) -> LimitCut | None:
    """Our proposal: nothing more for class E and whoever has failed; for class D half of the
    limit, or where there is none no more than is open today.
    """
    debtor_id = one.identity.debtor_id
    if debtor_id is None or one.joint not in ("D", "E") or one.is_person or not one.balances:
        return None
    largest = max(one.balances, key=lambda each: each.exposure.minor)
    balance = one.balance(one.limit.currency) if one.limit is not None else largest
    currency = one.limit.currency if one.limit is not None else largest.currency
    exposure = balance.exposure if balance is not None else Money.zero(currency)
    if one.joint == "E":
        proposed = Money.zero(currency)
    elif one.limit is not None:
        proposed = Money(one.limit.minor // 2, currency)
    else:
        proposed = exposure
    if one.limit is not None and proposed >= one.limit:
        return None
    return LimitCut(
        debtor_id=debtor_id,
        place=one.place,
        name=one.name,
        joint=one.joint,
        exposure=exposure,
        now=one.limit,
        proposed=proposed,
    )


def to_prepay(customers: Iterable[Checked]) -> list[Checked]:
    """Who should pay in advance: class E by the worse of both, and class D with money overdue."""
    found = [
        one
        for one in customers
        if one.joint == "E"
        or (one.joint == "D" and any(balance.overdue for balance in one.balances))
    ]
    return sorted(found, key=_weight, reverse=True)


def to_insure(customers: Iterable[Checked]) -> list[Checked]:
    """Companies that owe something of which nobody insures any, for an insurer to decide about."""
    found = [
        one
        for one in customers
        if not one.is_person
        and not one.rated.status.is_over
        and any(balance.exposure and not balance.insured for balance in one.balances)
    ]
    return sorted(found, key=_weight, reverse=True)


def to_watch(customers: Iterable[Checked]) -> list[Checked]:
    """Identified companies that are no debtors of ours yet, so that no source is asked about
    them; a number is what sources know companies by.
    """
    return [
        one
        for one in customers
        if one.identity.debtor_id is None
        and one.identity.confidence.is_identified
        and one.identity.how in (How.REGISTER, How.VAT)
        and not one.is_person
    ]


def _weight(one: Checked) -> int:
    return max((balance.exposure.minor for balance in one.balances), default=0)
