"""The books as plain dictionaries of whole minor units: what the ledger must always agree with.

Written apart from the ledger's own rules, so that a mistake would have to be made twice.
"""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field
from datetime import date
from typing import NamedTuple

Parts = list[tuple[Hashable | None, int]]

#: States of an attempt in which its invoices can be in no other.
LIVE = ("started", "sent", "open", "processing")


@dataclass
class Invoice:
    debtor: Hashable
    due: date
    number: str
    total: int
    owed: int


@dataclass
class Attempt:
    """One try to pay: what it is to pay, and how far it has come."""

    debtor: Hashable
    wanted: Parts
    amount: int
    state: str = "open"
    instalment: Hashable | None = None
    #: The provider's name for the charge, once there is one.
    intent: str = ""


@dataclass
class Paid:
    """One payment: where its money stands, in the order in which it was first put there."""

    debtor: Hashable
    received: int
    gone: int = 0
    at: dict[Hashable, int] = field(default_factory=dict)
    own: set[Hashable] = field(default_factory=set)


class Put(NamedTuple):
    """What was put against an invoice, or (negative) taken off it, on a day."""

    invoice: Hashable
    amount: int
    payment: Hashable | None
    on: date


@dataclass
class Model:
    """Invoices by id, payments by id, unapplied cash by debtor and origin (None: credit notes)."""

    today: date
    invoices: dict[Hashable, Invoice] = field(default_factory=dict)
    attempts: dict[Hashable, Attempt] = field(default_factory=dict)
    payments: dict[Hashable, Paid] = field(default_factory=dict)
    lots: dict[Hashable, dict[Hashable | None, int]] = field(default_factory=dict)
    #: What went back under a name, and which of it came again.
    gone: dict[str, tuple[Hashable, Parts]] = field(default_factory=dict)
    again: set[str] = field(default_factory=set)
    written_off: int = 0
    #: Everything that ever changed what is owed, in order; invoices as they were issued apart.
    puts: list[Put] = field(default_factory=list)
    #: Invoices that money or credit came for since somebody last looked at their plans.
    touched: set[Hashable] = field(default_factory=set)

    def open_of(self, debtor: Hashable) -> list[Hashable]:
        """Open invoices, the oldest due first."""
        mine = [key for key, one in self.invoices.items() if one.debtor == debtor and one.owed > 0]
        return sorted(mine, key=lambda key: (self.invoices[key].due, self.invoices[key].number))

    def unapplied(self, debtor: Hashable) -> int:
        return sum(self.lots.get(debtor, {}).values())

    def live_on(self, invoice: Hashable, *states: str) -> list[Hashable]:
        """Attempts in these states (else live ones) that are to pay something of an invoice."""
        return [
            key
            for key, one in self.attempts.items()
            if one.state in (states or LIVE) and any(part == invoice for part, _ in one.wanted)
        ]

    def issue(self, key: Hashable, debtor: Hashable, due: date, number: str, total: int) -> None:
        self.invoices[key] = Invoice(debtor, due, number, total, total)
        self._allocate(debtor, self.open_of(debtor))

    def credit(self, debtor: Hashable, amount: int, named: Hashable | None) -> None:
        self._add_lot(debtor, None, amount)
        order = self.open_of(debtor)
        if named in order:
            order = [named, *(key for key in order if key != named)]
        self._allocate(debtor, order)

    def report(self, payment: Hashable, state: str) -> None:
        """The provider says how an attempt stands; old news is no news."""
        one = self.attempts[payment]
        if one.state == "settled" or state == one.state:
            return
        if state == "settled":
            self._settle(payment)
        if state in ("settled", "processing") or one.state in LIVE:
            one.state = state

    def _settle(self, payment: Hashable) -> None:
        one = self.attempts[payment]
        paid = self.payments[payment] = Paid(one.debtor, one.amount)
        left = one.amount
        shares: dict[Hashable, int] = {}
        for key, most in [*one.wanted, *((key, left) for key in self.open_of(one.debtor))]:
            assert key is not None
            share = min(left, most, self.invoices[key].owed - shares.get(key, 0))
            if share > 0:
                shares[key] = shares.get(key, 0) + share
                left -= share
        for key, share in shares.items():
            paid.at[key] = share
            paid.own.add(key)
            self._put(key, share, payment)
            self.touched.add(key)
        if left:
            self._add_lot(one.debtor, payment, left)

    def give_back(self, name: str, payment: Hashable, amount: int) -> None:
        if name in self.gone:
            return
        paid, parts, left = self.payments[payment], [], amount
        lot = self.lots.get(paid.debtor, {}).get(payment, 0)
        own = [key for key in paid.at if key in paid.own]
        later = [key for key in paid.at if key not in paid.own]
        for key in [None, *reversed(own), *reversed(later)]:
            share = min(left, lot if key is None else paid.at[key])
            if share > 0:
                parts.append((key, share))
                left -= share
        for key, share in parts:
            if key is None:
                self.lots[paid.debtor][payment] -= share
            else:
                paid.at[key] -= share
                self._put(key, -share, payment)
            paid.gone += share
        self.gone[name] = (payment, parts)

    def come_again(self, name: str) -> None:
        if name in self.again or name not in self.gone:
            return
        payment, parts = self.gone[name]
        paid = self.payments[payment]
        self.again.add(name)
        for key, amount in parts:
            share = min(amount, self.invoices[key].owed) if key is not None else 0
            if share:
                assert key is not None
                paid.at[key] = paid.at.get(key, 0) + share
                self._put(key, share, payment)
            if amount - share:
                self._add_lot(paid.debtor, payment, amount - share)
            paid.gone -= amount

    def allocate(self, debtor: Hashable, key: Hashable, amount: int) -> None:
        self._allocate(debtor, [key], amount)

    def take_off(self, key: Hashable, payment: Hashable | None, amount: int) -> int:
        debtor = self.invoices[key].debtor
        if payment is not None:
            amount = min(amount, self.payments[payment].at.get(key, 0))
            self.payments[payment].at[key] = self.payments[payment].at.get(key, 0) - amount
        if amount:
            self._put(key, -amount, payment)
            self._add_lot(debtor, payment, amount)
        return amount

    def write_off(self, key: Hashable, amount: int) -> None:
        """Negative: it is expected again after all."""
        self._put(key, amount, None)
        self.written_off += amount
        if amount > 0:
            self.touched.add(key)

    def _put(self, key: Hashable, amount: int, payment: Hashable | None) -> None:
        self.invoices[key].owed -= amount
        self.puts.append(Put(key, amount, payment, self.today))

    def _add_lot(self, debtor: Hashable, origin: Hashable | None, amount: int) -> None:
        lots = self.lots.setdefault(debtor, {})
        lots[origin] = lots.get(origin, 0) + amount

    def _allocate(self, debtor: Hashable, order: list[Hashable], most: int | None = None) -> None:
        lots = self.lots.get(debtor, {})
        for key in order:
            for origin in lots:
                share = min(lots[origin], self.invoices[key].owed)
                share = share if most is None else min(share, most)
                if share <= 0:
                    continue
                lots[origin] -= share
                if most is not None:
                    most -= share
                if origin is not None:
                    at = self.payments[origin].at
                    at[key] = at.get(key, 0) + share
                self._put(key, share, origin)
                self.touched.add(key)
