"""Figures of the pages: pure, from values that queries bring."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal
from typing import Literal

from receivables.ledger.queries import OpenItem
from receivables.ledger.rules import days_past_due
from receivables.money import Money
from receivables.web.parts import AgeingBucket

#: The period over which sales are set against what is outstanding.
DSO_PERIOD_DAYS = 90

BucketKind = Literal["not_due", "1_30", "31_60", "61_90", "over_90"]

#: Each bucket with the most days past due it takes; the last takes the rest.
_BUCKETS: tuple[tuple[BucketKind, int | None], ...] = (
    ("not_due", 0),
    ("1_30", 30),
    ("31_60", 60),
    ("61_90", 90),
    ("over_90", None),
)


def days_sales_outstanding(
    outstanding: Money, invoiced: Money, period_days: int = DSO_PERIOD_DAYS
) -> Decimal | None:
    """How many days of sales are still unpaid; None where nothing was invoiced in the period."""
    if invoiced.minor <= 0:
        return None
    return Decimal(outstanding.minor) / invoiced.minor * period_days


def ageing(items: Sequence[OpenItem], currency: str, today: date) -> tuple[AgeingBucket, ...]:
    """Outstanding in one currency by days past due; the shares add up to 1 unless nothing is."""
    amounts: dict[BucketKind, list[Money]] = {kind: [] for kind, _ in _BUCKETS}
    for item in items:
        if item.outstanding.currency == currency:
            amounts[_bucket(days_past_due(item.due_on, today))].append(item.outstanding)
    total = sum(money.minor for bucket in amounts.values() for money in bucket)
    return tuple(
        AgeingBucket(
            kind=kind,
            amount=(amount := Money.total(bucket, currency)),
            count=len(bucket),
            share=Decimal(amount.minor) / total if total else Decimal(0),
        )
        for kind, bucket in amounts.items()
    )


def _bucket(days: int) -> BucketKind:
    return next(kind for kind, most in _BUCKETS if most is None or days <= most)


def per_currency(amounts: Iterable[Money]) -> tuple[Money, ...]:
    """Summed by currency, the largest code last; no zeros."""
    sums: dict[str, int] = {}
    for money in amounts:
        sums[money.currency] = sums.get(money.currency, 0) + money.minor
    return tuple(Money(minor, currency) for currency, minor in sorted(sums.items()) if minor)


def overdue_of(items: Iterable[OpenItem], today: date) -> tuple[Money, ...]:
    return per_currency(item.outstanding for item in items if item.due_on < today)


def oldest_days(items: Iterable[OpenItem], today: date) -> int:
    """Days past due of the oldest open invoice; 0 when none is overdue."""
    return max(
        (days_past_due(item.due_on, today) for item in items if item.due_on < today), default=0
    )


def weight(amounts: Sequence[Money], own_currency: str) -> tuple[int, int]:
    """By what to order amounts of several currencies: the supplier's own first."""
    own = sum(money.minor for money in amounts if money.currency == own_currency)
    return own, sum(money.minor for money in amounts if money.currency != own_currency)


def in_order(currencies: Iterable[str], own_currency: str) -> list[str]:
    """The supplier's own currency first, the others by their codes."""
    return sorted(set(currencies), key=lambda currency: (currency != own_currency, currency))


def zero_or(sums: Mapping[str, Money], currency: str) -> Money:
    return sums.get(currency, Money.zero(currency))
