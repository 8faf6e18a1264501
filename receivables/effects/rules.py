"""The effect of a step, folded from what was sent and when it was paid. No database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from itertools import pairwise
from statistics import median_low

from receivables.credit.rules import PayerClass
from receivables.ids import InvoiceId
from receivables.money import Money

#: A step that brought nothing for so long is held to have brought nothing.
PATIENCE = timedelta(days=30)
#: Fewer outcomes than these say nothing about a class of debtors.
FEWEST = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Touch:
    """One step of one invoice that was sent."""

    invoice_id: InvoiceId
    step: str
    level: int
    sent_on: date
    payer_class: PayerClass
    #: What was asked for.
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Effect:
    """What a step brought about, for one class of debtors or (None) for all.

    An invoice counts for the last step that was sent by the day it was paid. One that is neither
    paid nor followed by the next step is `waiting`, until PATIENCE is over.
    """

    step: str
    level: int
    payer_class: PayerClass | None
    paid: int
    passed: int
    waiting: int
    #: Half of those that were paid were paid within so many days; None when none was.
    median_days: int | None
    #: What was asked for of the paid ones, per currency.
    brought: tuple[Money, ...]

    @property
    def decided(self) -> int:
        return self.paid + self.passed

    @property
    def paid_share(self) -> float | None:
        """Paid of those that are decided; None while there are too few to say."""
        return self.paid / self.decided if self.decided >= FEWEST else None


def effects(
    touches: Iterable[Touch], paid_on: Mapping[InvoiceId, date], today: date
) -> list[Effect]:
    """The effect of every step, the lowest level first: over all debtors, then class by class."""
    outcomes = [
        one for touch in _by_invoice(touches).values() for one in _of(touch, paid_on, today)
    ]
    groups: dict[tuple[int, str, PayerClass | None], list[_Outcome]] = defaultdict(list)
    for one in outcomes:
        groups[one.touch.level, one.touch.step, None].append(one)
        groups[one.touch.level, one.touch.step, one.touch.payer_class].append(one)
    order = sorted(groups, key=lambda key: (key[0], key[1], key[2].value if key[2] else ""))
    return [_folded(key, groups[key]) for key in order]


@dataclass(frozen=True, slots=True)
class _Outcome:
    touch: Touch
    #: Days from the step to the payment; None when it brought none.
    days: int | None
    is_waiting: bool


def _by_invoice(touches: Iterable[Touch]) -> dict[InvoiceId, list[Touch]]:
    found: dict[InvoiceId, list[Touch]] = defaultdict(list)
    for touch in sorted(touches, key=lambda one: (one.sent_on, one.level)):
        found[touch.invoice_id].append(touch)
    return found


def _of(
    touches: Sequence[Touch], paid_on: Mapping[InvoiceId, date], today: date
) -> Iterable[_Outcome]:
    """Each step of one invoice: what came before the next."""
    paid = paid_on.get(touches[0].invoice_id)
    for touch, following in pairwise([*touches, None]):
        if touch is None or (paid is not None and paid < touch.sent_on):
            continue  # paid before it was written: the step brought nothing and missed nothing
        if paid is not None and (following is None or paid < following.sent_on):
            yield _Outcome(touch, (paid - touch.sent_on).days, is_waiting=False)
        else:
            is_over = following is not None or today >= touch.sent_on + PATIENCE
            yield _Outcome(touch, None, is_waiting=not is_over)


def _folded(key: tuple[int, str, PayerClass | None], outcomes: Sequence[_Outcome]) -> Effect:
    level, step, payer_class = key
    paid = [one for one in outcomes if one.days is not None]
    sums: dict[str, int] = defaultdict(int)
    for one in paid:
        sums[one.touch.amount.currency] += one.touch.amount.minor
    days = [one.days for one in paid if one.days is not None]
    return Effect(
        step=step,
        level=level,
        payer_class=payer_class,
        paid=len(paid),
        passed=sum(one.days is None and not one.is_waiting for one in outcomes),
        waiting=sum(one.is_waiting for one in outcomes),
        median_days=median_low(days) if days else None,
        brought=tuple(Money(minor, currency) for currency, minor in sorted(sums.items())),
    )
