"""A year of invoices for one supplier: what was paid, when and how, and what is open today."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from sandbox.story.calendar import STEPS, next_working_day, on_or_after, on_or_before, step_day
from sandbox.story.sketches import HeroInvoice, Manner, Size, Sketch, SupplierSketch

#: First and last due date, in days from today, of the letters of `Sketch.open`.
_DUE = {"L": (8, 27), "S": (1, 7), "D": (-2, 0), "A": (-9, -4), "B": (-29, -12), "O": (-95, -33)}

#: How far ahead messages are spread evenly.
_AHEAD_DAYS = 24

_YEAR_DAYS = 345
_BUSY = {Size.SMALL: 5, Size.MEDIUM: 5, Size.LARGE: 4}


@dataclass(slots=True)
class Bill:
    """An invoice before it has a number; `payments` are days and amounts, in order."""

    place: int
    currency: str
    issued_on: date
    due_on: date
    amount_minor: int
    note: str
    payments: list[tuple[date, int]] = field(default_factory=list)

    @property
    def outstanding_minor(self) -> int:
        return self.amount_minor - sum(amount for _, amount in self.payments)


class Billing:
    """Writes the bills of one supplier's year; `place` is a customer's in the sketch."""

    def __init__(self, sketch: SupplierSketch, today: date, random: Random) -> None:
        self._sketch, self._today, self._random = sketch, today, random
        self._messages: dict[date, set[tuple[int, str]]] = defaultdict(set)

    def bills(self) -> list[Bill]:
        """Paid and open ones, oldest first."""
        of_heroes = [self._of_hero(one) for one in self._sketch.hero_invoices]
        found = [*self._history(), *of_heroes, *self._open()]
        return sorted(found, key=lambda bill: (bill.issued_on, bill.place, bill.due_on))

    def _history(self) -> Iterator[Bill]:
        customers = self._sketch.customers
        weights = [_BUSY[customer.size] for customer in customers]
        places = self._random.choices(range(len(customers)), weights, k=self._sketch.history)
        # Everybody has bought at least twice: there are no strangers in the story.
        places[: 2 * len(customers)] = [*range(len(customers)), *range(len(customers))]
        for place in places:
            due_on = self._today - timedelta(days=self._random.randint(14, _YEAR_DAYS))
            bill = self._bill(place, due_on, self._random.choice(self._currencies(place)))
            bill.payments = self._payments(bill, customers[place].manner)
            yield bill

    def _of_hero(self, one: HeroInvoice) -> Bill:
        place = next(
            number
            for number, customer in enumerate(self._sketch.customers)
            if customer.hero is one.hero
        )
        due_on = next_working_day(self._today) + timedelta(days=one.due_in_days)
        bill = self._bill(place, due_on, self._currencies(place)[0])
        bill.amount_minor, bill.note = one.amount_minor, one.note
        self._expect(bill)
        return bill

    def _open(self) -> Iterator[Bill]:
        slots = [
            (place, letter, self._currencies(place)[turn % len(self._currencies(place))])
            for place, customer in enumerate(self._sketch.customers)
            for turn, letter in enumerate(customer.open)
        ]
        self._random.shuffle(slots)
        for place, letter, currency in slots:
            bill = self._bill(place, self._quietest(place, currency, *_DUE[letter]), currency)
            self._expect(bill)
            if self._sketch.customers[place].manner is Manner.PARTS and letter in "ABO":
                bill.payments = self._first_part(bill)
            yield bill

    def _quietest(self, place: int, currency: str, first: int, last: int) -> date:
        """The due date whose messages fall on days with few others."""

        def crowd(due_on: date) -> int:
            return sum(
                len(self._messages[day]) ** 2 + 1
                for day in self._days_ahead(due_on)
                if (place, currency) not in self._messages[day]
            )

        dates = [self._today + timedelta(days=days) for days in range(first, last + 1)]
        self._random.shuffle(dates)
        return min(dates, key=crowd)

    def _expect(self, bill: Bill) -> None:
        for day in self._days_ahead(bill.due_on):
            self._messages[day].add((bill.place, bill.currency))

    def _days_ahead(self, due_on: date) -> list[date]:
        last = self._today + timedelta(days=_AHEAD_DAYS)
        days = [step_day(step, due_on) for step in STEPS]
        return [day for day in days if self._today < day <= last]

    def _bill(self, place: int, due_on: date, currency: str) -> Bill:
        customer = self._sketch.customers[place]
        issued_on = on_or_before(due_on - timedelta(days=customer.terms_days))
        note = self._random.choice(self._sketch.works)
        amount = self._amount(customer, currency)
        return Bill(place, currency, min(issued_on, self._today), due_on, amount, note)

    def _amount(self, customer: Sketch, currency: str) -> int:
        least, usual, most = customer.size.value
        exact = self._random.lognormvariate(math.log(usual), 0.75)
        step = 5 if currency == "CHF" else 1
        return round(max(least, min(most, exact)) * 100 / step) * step

    def _currencies(self, place: int) -> tuple[str, ...]:
        return self._sketch.customers[place].currencies or (self._sketch.currency,)

    def _payments(self, bill: Bill, manner: Manner) -> list[tuple[date, int]]:
        """One transfer, or two; the last of them before today."""
        first, last = manner.value
        if manner is Manner.PARTS:
            half = bill.amount_minor * self._random.randint(35, 60) // 100
            early = self._paid_on(bill, self._random.randint(first, 10))
            late = max(early, self._paid_on(bill, self._random.randint(18, last)))
            return [(early, half), (late, bill.amount_minor - half)]
        if manner is Manner.WORSENING:
            into_year = 1 - (self._today - bill.due_on).days / _YEAR_DAYS
            days = first + round((last - first) * into_year**2) + self._random.randint(-2, 3)
        else:
            days = self._random.randint(first, last)
        return [(self._paid_on(bill, days), bill.amount_minor)]

    def _first_part(self, bill: Bill) -> list[tuple[date, int]]:
        part = bill.amount_minor * self._random.randint(30, 55) // 100
        return [(self._paid_on(bill, self._random.randint(1, 6)), part)]

    def _paid_on(self, bill: Bill, days_past_due: int) -> date:
        """A working day after the issue and before today."""
        wished = on_or_after(bill.due_on + timedelta(days=days_past_due))
        yesterday = on_or_before(self._today - timedelta(days=1))
        return min(max(wished, bill.issued_on + timedelta(days=1)), yesterday)
