"""How a plan stands: a fold over what was put against its invoices since it was agreed.

Nothing is stored: what is paid of an instalment is what the ledger says, shared out by two
rules. Money that names an instalment goes there. Other money goes to what is due, in order, and
then from the end of the schedule, so that paying early makes the plan shorter.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import date

from receivables.ids import InstalmentId, PaymentId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Instalment:
    """One part of an agreed schedule."""

    instalment_id: InstalmentId
    place: int
    due_on: date
    amount: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Receipt:
    """Something put against the plan's invoices on a day: negative when it was taken back."""

    on: date
    amount: Money
    #: What the payment was for, where it says so.
    instalment_id: InstalmentId | None = None
    #: What is taken back of a payment undoes that payment, on the day it was made.
    payment_id: PaymentId | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class InstalmentStanding:
    """One part and what of it is paid."""

    instalment: Instalment
    paid: Money

    @property
    def open(self) -> Money:
        return self.instalment.amount - self.paid

    def is_late(self, today: date) -> bool:
        """Whether something of it should have come before `today`."""
        return bool(self.open) and self.instalment.due_on < today


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanStanding:
    """How the whole stands on a day.

    `beside` is what the schedule has no room for: positive when more came than was agreed,
    negative when something was taken back that was paid before the plan.
    """

    parts: tuple[InstalmentStanding, ...]
    beside: Money
    today: date

    @property
    def total(self) -> Money:
        return Money.total((part.instalment.amount for part in self.parts), self.beside.currency)

    @property
    def paid(self) -> Money:
        return Money.total((part.paid for part in self.parts), self.beside.currency)

    @property
    def outstanding(self) -> Money:
        return self.total - self.paid

    @property
    def late(self) -> tuple[InstalmentStanding, ...]:
        """Parts whose day has passed and of which something is open, the oldest first."""
        return tuple(part for part in self.parts if part.is_late(self.today))

    @property
    def next(self) -> InstalmentStanding | None:
        """The first part of which something is open."""
        return next((part for part in self.parts if part.open), None)

    def part(self, instalment_id: InstalmentId) -> InstalmentStanding:
        return next(one for one in self.parts if one.instalment.instalment_id == instalment_id)


def standing_of(
    schedule: Sequence[Instalment], receipts: Iterable[Receipt], today: date
) -> PlanStanding:
    """How the plan stands on `today`; receipts may come in any order.

    What was put against instalments and what is beside add up to all that was received.
    """
    ordered = sorted(schedule, key=lambda one: one.place)
    places = {one.instalment_id: index for index, one in enumerate(ordered)}
    fold = _Fold(ordered)
    for receipt in sorted(_kept(receipts), key=lambda one: _order(one, places)):
        place = places.get(receipt.instalment_id) if receipt.instalment_id else None
        if receipt.amount.minor >= 0:
            fold.put(receipt.amount.minor, receipt.on, place)
        elif receipt.payment_id is not None:
            # Of a payment that is not among these: it was made before the plan.
            fold.beside += receipt.amount.minor
        else:
            fold.take(-receipt.amount.minor, receipt.on, place)
    currency = ordered[0].amount.currency
    return PlanStanding(
        parts=tuple(
            InstalmentStanding(instalment=one, paid=Money(paid, currency))
            for one, paid in zip(ordered, fold.paid, strict=True)
        ),
        beside=Money(fold.beside, currency),
        today=today,
    )


def shares(instalments: Sequence[Money], debts: Sequence[Money]) -> list[list[Money]]:
    """Of each instalment, what goes to each debt: in the order of both, and nothing beyond."""
    left = list(debts)
    found = []
    for instalment in instalments:
        row = []
        for index, debt in enumerate(left):
            share = min(instalment, debt)
            left[index], instalment = debt - share, instalment - share
            row.append(share)
        found.append(row)
    return found


def pays(
    amounts: Sequence[Money], invoices: Sequence[tuple[str, Money]]
) -> list[tuple[tuple[str, Money], ...]]:
    """Of each instalment, what goes to which of several invoices, the oldest due first."""
    if len(invoices) < 2:
        return [()] * len(amounts)
    rows = shares(amounts, [owed for _, owed in invoices])
    return [
        tuple((number, share) for (number, _), share in zip(invoices, row, strict=True) if share)
        for row in rows
    ]


def _kept(receipts: Iterable[Receipt]) -> list[Receipt]:
    """The receipts without what was taken back of the very payment that brought it."""
    came: list[Receipt] = []
    back: list[Receipt] = []
    for receipt in sorted(receipts, key=_identity):
        (came if receipt.amount.minor >= 0 else back).append(receipt)
    went = []
    for receipt in back:
        left = -receipt.amount
        for index in range(len(came) - 1, -1, -1):
            if receipt.payment_id is not None and came[index].payment_id == receipt.payment_id:
                undone = min(left, came[index].amount)
                came[index] = replace(came[index], amount=came[index].amount - undone)
                left -= undone
        went.append(replace(receipt, amount=-left))
    return [*came, *went]


def _identity(receipt: Receipt) -> tuple[date, int, str, str]:
    return (
        receipt.on,
        receipt.amount.minor,
        str(receipt.payment_id),
        str(receipt.instalment_id),
    )


def _order(receipt: Receipt, places: dict[InstalmentId, int]) -> tuple[date, bool, bool, int, int]:
    """By day; of one day first what came, and of that first what says what it is for."""
    named = receipt.instalment_id is not None and receipt.instalment_id in places
    place = places[receipt.instalment_id] if named and receipt.instalment_id else 0
    return (receipt.on, receipt.amount.minor < 0, not named, place, receipt.amount.minor)


class _Fold:
    """Minor units per place of the schedule."""

    def __init__(self, schedule: Sequence[Instalment]) -> None:
        self.whole = [one.amount.minor for one in schedule]
        self.due_on = [one.due_on for one in schedule]
        self.paid = [0] * len(schedule)
        self.beside = 0

    def put(self, minor: int, on: date, place: int | None) -> None:
        """Money came: where it says, then what is owed beside the schedule, then what is due in
        order, then from the end.
        """
        if place is not None:
            minor -= self._fill(place, minor)
        made_good = min(minor, max(0, -self.beside))
        self.beside += made_good
        minor -= made_good
        for index in self._ways(on):
            minor -= self._fill(index, minor)
        self.beside += minor

    def _fill(self, index: int, minor: int) -> int:
        share = min(minor, self.whole[index] - self.paid[index])
        self.paid[index] += share
        return share

    def take(self, minor: int, on: date, place: int | None) -> None:
        """Money was taken back: the same way backwards."""
        if self.beside > 0:
            less = min(minor, self.beside)
            self.beside -= less
            minor -= less
        ways = self._ways(on)[::-1]
        for index in ways if place is None else [place, *ways]:
            share = min(minor, self.paid[index])
            self.paid[index] -= share
            minor -= share
        self.beside -= minor

    def _ways(self, on: date) -> list[int]:
        due = [index for index, day in enumerate(self.due_on) if day <= on]
        early = [index for index, day in enumerate(self.due_on) if day > on][::-1]
        return [*due, *early]
