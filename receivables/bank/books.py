"""What matching knows of the books: open and paid invoices, who pays, by everything that a line
of a statement could name them by. Kept up to date while lines are put against it.

A supplier may have hundreds of thousands of invoices, and all of them are here while a statement
is matched: they are columns of numbers and bytes, found by their place in them.
"""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar
from uuid import UUID

from receivables.bank.name_index import NameIndex
from receivables.bank.naming import SHORTEST_NUMBER, compact, slips_of
from receivables.bank.own_references import OWN_LENGTHS, OwnReferences
from receivables.bank.references import Reference
from receivables.ids import DebtorId, InvoiceId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An invoice, paid ones included: somebody may pay it twice. The references that we make of
    its id are known without being named.
    """

    invoice_id: InvoiceId
    debtor_id: DebtorId
    number: str
    due_on: date
    outstanding: Money
    references: frozenset[Reference] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """A debtor, and what their payments have been known by, beside the references that we make
    of their id.
    """

    debtor_id: DebtorId
    name: str
    #: The supplier's own number for them.
    number: str = ""
    accounts: frozenset[str] = frozenset()
    #: Names under which they have paid.
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Owed:
    """An invoice as a line is put against it."""

    invoice_id: InvoiceId
    debtor_id: DebtorId
    number: str
    outstanding: Money


@dataclass(frozen=True, slots=True)
class Likely:
    """A debtor a name could mean, and how alike it is."""

    debtor_id: DebtorId
    score: float


K = TypeVar("K")


class _Places(Generic[K]):
    """Where something stands: mostly one place, which costs no container."""

    def __init__(self) -> None:
        self._of: dict[K, int | set[int]] = {}

    def add(self, key: K, place: int) -> None:
        found = self._of.get(key)
        if found is None:
            self._of[key] = place
        elif isinstance(found, set):
            found.add(place)
        elif found != place:
            self._of[key] = {found, place}

    def discard(self, key: K, place: int) -> None:
        found = self._of.get(key)
        if isinstance(found, set):
            found.discard(place)
        elif found == place:
            del self._of[key]

    def of(self, key: K) -> list[int]:
        """In their order."""
        found = self._of.get(key)
        if found is None:
            return []
        return sorted(found) if isinstance(found, set) else [found]

    def count(self, key: K) -> int:
        found = self._of.get(key)
        return len(found) if isinstance(found, set) else int(found is not None)


class Books:
    """All of it, found by reference, number, amount, account and name."""

    def __init__(self) -> None:
        # Of invoices, by place: the oldest due first.
        self._ids: list[bytes] = []
        self._numbers: list[str] = []
        self._owner = array("I")
        self._minor = array("q")
        self._currency = bytearray()
        self._currencies: list[str] = []
        self._place: dict[bytes, int] = {}
        # Of debtors, by place.
        self._debtors: list[DebtorId] = []
        self._debtor_place: dict[DebtorId, int] = {}
        self._open: list[array[int]] = []
        # What leads to them.
        self._own = OwnReferences.of_invoices()
        self._accounts_own = OwnReferences.of_debtors()
        self._brought: _Places[str] = _Places()
        self._lengths = {*OWN_LENGTHS}
        self._by_number: _Places[int] = _Places()
        self._by_amount: _Places[int] = _Places()
        self._by_account: _Places[str] = _Places()
        self._names = NameIndex()

    @classmethod
    def of(cls, claims: Iterable[Claim], payers: Iterable[Payer]) -> Books:
        books = cls()
        for claim in sorted(claims, key=lambda one: (one.due_on, one.number)):
            brought = [reference.value for reference in claim.references]
            books.add_invoice(
                claim.invoice_id, claim.debtor_id, claim.number, claim.outstanding, brought
            )
        for payer in payers:
            books.add_debtor(payer.debtor_id, payer.name)
            for account in payer.accounts:
                books.learn(payer.debtor_id, account, "")
            for name in payer.names:
                books.learn(payer.debtor_id, "", name)
        return books

    # Putting it together

    def add_invoice(
        self,
        invoice_id: InvoiceId,
        debtor_id: DebtorId,
        number: str,
        outstanding: Money,
        references: Iterable[str] = (),
    ) -> None:
        """The next one due; `references` are those it brings along, compact."""
        place, owner = len(self._ids), self._place_of(debtor_id)
        key = invoice_id.bytes
        self._ids.append(key)
        self._place[key] = place
        self._numbers.append(number)
        self._owner.append(owner)
        self._minor.append(outstanding.minor)
        self._currency.append(self._code(outstanding.currency))
        self._own.add(invoice_id)
        for reference in references:
            self._brought.add(reference, place)
            self._lengths.add(len(reference))
        short = compact(number)
        if len(short) >= SHORTEST_NUMBER:
            self._by_number.add(hash(short), place)
        if outstanding:
            self._by_amount.add(_amount_key(outstanding.minor, self._currency[place]), place)
            self._open[owner].append(place)

    def add_debtor(self, debtor_id: DebtorId, name: str) -> None:
        self._names.add(self._place_of(debtor_id), name)

    def _place_of(self, debtor_id: DebtorId) -> int:
        place = self._debtor_place.get(debtor_id)
        if place is None:
            place = self._debtor_place[debtor_id] = len(self._debtors)
            self._debtors.append(debtor_id)
            self._open.append(array("I"))
            self._accounts_own.add(debtor_id)
        return place

    def _code(self, currency: str) -> int:
        if currency not in self._currencies:
            self._currencies.append(currency)
        return self._currencies.index(currency)

    def learn(self, debtor_id: DebtorId, account: str, name: str) -> list[tuple[str, str]]:
        """Whoever pays from this account, under this name, is that debtor. What of it is new, as
        `matching_tables.BankPayer` has it: kind and value.
        """
        owner = self._place_of(debtor_id)
        new: list[tuple[str, str]] = []
        if account and owner not in self._by_account.of(account):
            self._by_account.add(account, owner)
            new.append(("account", account))
        if name and self._names.add(owner, name):
            new.append(("name", name))
        return new

    # What changes

    def put(self, parts: Mapping[InvoiceId, Money]) -> None:
        """So much less is outstanding from now on; below zero amounts open invoices again."""
        for invoice_id, amount in parts.items():
            place = self._place[invoice_id.bytes]
            self._set(place, self._minor[place] - amount.minor)

    def correct(self, outstanding: Mapping[InvoiceId, Money]) -> None:
        """What is outstanding, where it is known better; invoices not known here are left out."""
        for invoice_id, amount in outstanding.items():
            place = self._place.get(invoice_id.bytes)
            if place is not None:
                self._set(place, amount.minor)

    def correct_debtor(self, debtor_id: DebtorId, outstanding: Mapping[InvoiceId, Money]) -> None:
        """All that a debtor owes; what is not named is paid."""
        for place in [*self._open[self._debtor_place[debtor_id]]]:
            if UUID(bytes=self._ids[place]) not in outstanding:
                self._set(place, 0)
        self.correct(outstanding)

    def _set(self, place: int, minor: int) -> None:
        before, code = self._minor[place], self._currency[place]
        if minor == before:
            return
        self._minor[place] = minor
        open_here = self._open[self._owner[place]]
        if before:
            self._by_amount.discard(_amount_key(before, code), place)
        if minor:
            self._by_amount.add(_amount_key(minor, code), place)
        if not before:
            insort(open_here, place)
        elif not minor:
            del open_here[bisect_left(open_here, place)]

    # What is found

    def _at(self, place: int) -> Owed:
        return Owed(
            InvoiceId(UUID(bytes=self._ids[place])),
            self._debtors[self._owner[place]],
            self._numbers[place],
            Money(self._minor[place], self._currencies[self._currency[place]]),
        )

    def owed_on(self, invoice_id: InvoiceId) -> Owed:
        return self._at(self._place[invoice_id.bytes])

    def all_open(self) -> list[Owed]:
        return [self._at(place) for place in sorted(one for each in self._open for one in each)]

    def referred(self, value: str) -> list[Owed]:
        """The invoices that a compact reference means."""
        return [self._at(place) for place in sorted(self._referred(value))]

    def referred_one_slip_from(self, written: str) -> list[Owed]:
        """The invoices whose reference is one slip of the finger away."""
        lengths = self._lengths
        if not lengths & {len(written) - 1, len(written), len(written) + 1}:
            return []
        near = {slip for slip in slips_of(written) if len(slip) in lengths}
        places = {place for slip in near for place in self._referred(slip)}
        return [self._at(place) for place in sorted(places)]

    def _referred(self, value: str) -> set[int]:
        return {*self._own.places(value), *self._brought.of(value)}

    def accounts_referred(self, value: str) -> list[DebtorId]:
        """The debtors whose whole account a compact reference means."""
        return [self._debtors[place] for place in self._accounts_own.places(value)]

    def numbered(self, short: str) -> list[Owed]:
        """The invoices of that number; it is compact."""
        places = self._by_number.of(hash(short))
        return [self._at(place) for place in places if compact(self._numbers[place]) == short]

    def owing(self, amount: Money) -> list[Owed]:
        """The invoices on which just that is outstanding, the oldest due first."""
        return [self._at(place) for place in self._by_amount.of(self._key(amount))]

    def debtors_owing(self, amount: Money) -> set[DebtorId]:
        """Who owes just that on an invoice."""
        places = self._by_amount.of(self._key(amount))
        return {self._debtors[self._owner[place]] for place in places}

    def count_owing(self, amount: Money) -> int:
        return self._by_amount.count(self._key(amount))

    def _key(self, amount: Money) -> int:
        return _amount_key(amount.minor, self._code(amount.currency))

    def payers_from(self, account: str) -> list[DebtorId]:
        """The debtors who have paid from an account."""
        return [self._debtors[place] for place in self._by_account.of(account)]

    def open_of(self, debtor_id: DebtorId, currency: str) -> list[Owed]:
        """What a debtor owes in a currency, the oldest due first."""
        code = self._code(currency)
        places = self._open[self._debtor_place[debtor_id]]
        return [self._at(place) for place in places if self._currency[place] == code]

    def called(self, name: str) -> list[Likely]:
        """The debtors a name could mean, the likeliest first; none below one half."""
        return [Likely(self._debtors[owner], score) for owner, score in self._names.called(name)]

    def likeness_to(self, name: str, debtor_id: DebtorId) -> float:
        return self._names.likeness_to(name, self._debtor_place[debtor_id])


def _amount_key(minor: int, currency_code: int) -> int:
    return minor << 8 | currency_code
