"""Plans beside the model of the books: who owes which part, told from what was put where.

Written apart from `plans.folding` and `plans.keeping`, as the rules are told to people.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from tests.support.ledger_model import Model, Put

STANDING = ("active", "in_default", "cured")
#: Business days after which a late instalment is a default, and what the machine's supplier gives
#: to cure it, in days.
LATE_DAYS, CURE_DAYS = 5, 2


@dataclass
class Agreement:
    """A signed plan. Its parts are (id, day, amount); what counts is put after `since`."""

    debtor: Hashable
    invoices: list[Hashable]
    parts: list[tuple[Hashable, date, int]]
    since: int
    signed_at: datetime
    #: The last entry of the ledger when it was signed.
    last_entry: int = 0
    state: str = "awaiting_first"
    is_paused: bool = False
    charges_card: bool = False
    #: The notices whose days to cure are running, and what notice was ever given of.
    noticed: dict[Hashable, date] = field(default_factory=dict)
    lates: set[Hashable] = field(default_factory=set)
    is_warned: bool = False

    @property
    def stands(self) -> bool:
        return self.state in STANDING


def work_days_after(day: date, count: int) -> date:
    while count:
        day += timedelta(days=1)
        count -= day.weekday() < 5
    return day


def paid_of(one: Agreement, model: Model) -> tuple[list[int], int]:
    """What is paid of each part, and what is beside the schedule (negative: owed beside it)."""
    paid, beside = [0] * len(one.parts), 0
    for put in _in_order(one, model):
        due = [place for place, (_, day, _) in enumerate(one.parts) if day <= put.on]
        early = [place for place, (_, day, _) in enumerate(one.parts) if day > put.on]
        order = [*due, *reversed(early)]
        named = _named(one, model, put)
        left = abs(put.amount)
        if put.amount < 0 and put.payment is not None:
            beside -= left
        elif put.amount < 0:
            share = min(left, max(beside, 0))
            beside -= share
            left -= share
            for place in reversed(order):
                share = min(left, paid[place])
                paid[place] -= share
                left -= share
            beside -= left
        else:
            if named is not None:
                left -= _fill(one, paid, named, left)
            share = min(left, max(-beside, 0))
            beside += share
            left -= share
            for place in order:
                left -= _fill(one, paid, place, left)
            beside += left
    return paid, beside


def _fill(one: Agreement, paid: list[int], place: int, amount: int) -> int:
    share = min(amount, one.parts[place][2] - paid[place])
    paid[place] += share
    return share


def _named(one: Agreement, model: Model, put: Put) -> int | None:
    """Which part the payment was for, if it was for one of this plan."""
    instalment = model.attempts[put.payment].instalment if put.payment is not None else None
    places = [place for place, (key, _, _) in enumerate(one.parts) if key == instalment]
    return places[0] if places else None


def _in_order(one: Agreement, model: Model) -> list[Put]:
    """By day: what came before what went, and what says what it is for first. What went back of
    a payment never came: its latest, largest share first.
    """
    mine = [put for put in model.puts[one.since :] if put.invoice in one.invoices]
    came = sorted((put for put in mine if put.amount > 0), key=lambda put: (put.on, put.amount))
    went = []
    for put in sorted((put for put in mine if put.amount < 0), key=lambda p: (p.on, p.amount)):
        left = -put.amount
        for place in range(len(came) - 1, -1, -1):
            if put.payment is not None and came[place].payment == put.payment:
                share = min(left, came[place].amount)
                came[place] = came[place]._replace(amount=came[place].amount - share)
                left -= share
        went.append(put._replace(amount=-left))

    def order(put: Put) -> tuple[date, bool, bool, int, int]:
        named = _named(one, model, put)
        return (put.on, put.amount < 0, named is None, named or 0, put.amount)

    return sorted((put for put in [*came, *went] if put.amount), key=order)


def review(one: Agreement, model: Model, *, only_money: bool) -> None:
    """What becomes of a standing plan: completed, cured; and by the calendar, unless money has
    only just come or more is on its way, noticed and accelerated.
    """
    if not one.stands or one.is_paused:
        return
    paid, beside = paid_of(one, model)
    is_open = {key: paid[place] < minor for place, (key, _, minor) in enumerate(one.parts)}
    if not any(is_open.values()) and beside >= 0:
        one.state = "completed"
        return
    waiting = [day for key, day in one.noticed.items() if is_open[key]]
    cured = sum(not is_open[key] for key in one.lates)
    noticed = []
    if not only_money and not _on_its_way(one, model):
        if one.state == "in_default" and waiting and model.today > _cure_until(waiting):
            one.state = "accelerated"
            return
        noticed = _late(one, model.today, is_open)
        if noticed and one.is_warned and cured >= 2:
            one.state = "accelerated"
            return
    if one.state == "in_default" and not waiting:
        one.state = "cured"
        one.noticed.clear()
    if cured >= 2 and not waiting:
        one.is_warned = True
    for key in noticed:
        one.noticed[key] = model.today
        one.lates.add(key)
        one.state = "in_default"


def _cure_until(waiting: Iterable[date]) -> date:
    return min(waiting) + timedelta(days=CURE_DAYS)


def _late(one: Agreement, today: date, is_open: dict[Hashable, bool]) -> list[Hashable]:
    return [
        key
        for key, due, _ in one.parts
        if is_open[key] and key not in one.noticed and today >= work_days_after(due, LATE_DAYS)
    ]


def _on_its_way(one: Agreement, model: Model) -> bool:
    return any(model.live_on(invoice, "sent", "processing") for invoice in one.invoices)
