"""What matching knows of the books: open and paid invoices, who pays, by everything that a line
of a statement could name them by. Kept up to date while lines are put against it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from receivables.bank.naming import SHORTEST_NUMBER, compact, likeness, words_of
from receivables.bank.references import Reference
from receivables.ids import DebtorId, InvoiceId
from receivables.money import Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Claim:
    """An invoice, paid ones included: somebody may pay it twice."""

    invoice_id: InvoiceId
    debtor_id: DebtorId
    number: str
    due_on: date
    outstanding: Money
    references: frozenset[Reference] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Payer:
    """A debtor, and what their payments have been known by."""

    debtor_id: DebtorId
    name: str
    #: The supplier's own number for them.
    number: str = ""
    references: frozenset[Reference] = frozenset()
    accounts: frozenset[str] = frozenset()
    #: Names under which they have paid.
    names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Likely:
    """A debtor a name could mean, and how alike it is."""

    debtor_id: DebtorId
    score: float


#: Words that more debtors than this share (Bau, Transport) do not lead to one.
_TOO_COMMON = 400


@dataclass(slots=True)
class Books:
    """All of it, found by reference, number, amount, account and name."""

    claims: dict[InvoiceId, Claim] = field(default_factory=dict)
    by_reference: dict[str, list[InvoiceId]] = field(default_factory=lambda: defaultdict(list))
    by_number: dict[str, list[InvoiceId]] = field(default_factory=lambda: defaultdict(list))
    by_debtor: dict[DebtorId, list[InvoiceId]] = field(default_factory=lambda: defaultdict(list))
    by_amount: dict[Money, set[InvoiceId]] = field(default_factory=lambda: defaultdict(set))
    debtor_of_reference: dict[str, list[DebtorId]] = field(
        default_factory=lambda: defaultdict(list)
    )
    accounts: dict[str, set[DebtorId]] = field(default_factory=lambda: defaultdict(set))
    names: dict[DebtorId, list[tuple[str, ...]]] = field(default_factory=lambda: defaultdict(list))
    by_word: dict[str, set[DebtorId]] = field(default_factory=lambda: defaultdict(set))
    _called: dict[tuple[str, ...], list[Likely]] = field(default_factory=dict)

    @classmethod
    def of(cls, claims: Iterable[Claim], payers: Iterable[Payer]) -> Books:
        books = cls()
        for claim in sorted(claims, key=lambda one: (one.due_on, one.number)):
            books._add_claim(claim)
        for payer in payers:
            books._add_payer(payer)
        return books

    def _add_claim(self, claim: Claim) -> None:
        self.claims[claim.invoice_id] = claim
        self.by_debtor[claim.debtor_id].append(claim.invoice_id)
        number = compact(claim.number)
        if len(number) >= SHORTEST_NUMBER:
            self.by_number[number].append(claim.invoice_id)
        for reference in claim.references:
            self.by_reference[reference.value].append(claim.invoice_id)
        if claim.outstanding:
            self.by_amount[claim.outstanding].add(claim.invoice_id)

    def _add_payer(self, payer: Payer) -> None:
        for reference in payer.references:
            self.debtor_of_reference[reference.value].append(payer.debtor_id)
        for account in payer.accounts:
            self.accounts[account].add(payer.debtor_id)
        for name in (payer.name, *payer.names):
            self._add_name(payer.debtor_id, name)

    def _add_name(self, debtor_id: DebtorId, name: str) -> None:
        words = words_of(name)
        if not words or words in self.names[debtor_id]:
            return
        self.names[debtor_id].append(words)
        self._called.clear()
        for word in words:
            self.by_word[word[:4]].add(debtor_id)

    def learn(self, debtor_id: DebtorId, account: str, name: str) -> None:
        """Whoever pays from this account, under this name, is that debtor."""
        if account:
            self.accounts[account].add(debtor_id)
        if name:
            self._add_name(debtor_id, name)

    def put(self, parts: Mapping[InvoiceId, Money]) -> None:
        """So much less is outstanding from now on; below zero amounts open invoices again."""
        for invoice_id, amount in parts.items():
            claim = self.claims[invoice_id]
            left = claim.outstanding - amount
            self.by_amount[claim.outstanding].discard(invoice_id)
            self.claims[invoice_id] = Claim(
                invoice_id=invoice_id, debtor_id=claim.debtor_id, number=claim.number,
                due_on=claim.due_on, outstanding=left, references=claim.references,
            )  # fmt: skip
            if left:
                self.by_amount[left].add(invoice_id)

    def open_of(self, debtor_id: DebtorId, currency: str) -> list[Claim]:
        """What a debtor owes in a currency, the oldest due first."""
        return [
            claim
            for claim in (self.claims[one] for one in self.by_debtor.get(debtor_id, ()))
            if claim.outstanding and claim.outstanding.currency == currency
        ]

    def called(self, name: str) -> list[Likely]:
        """The debtors a name could mean, the likeliest first; none below one half."""
        words = words_of(name)
        if words not in self._called:
            self._called[words] = self._search(words)
        return self._called[words]

    def _search(self, words: tuple[str, ...]) -> list[Likely]:
        seen: set[DebtorId] = set()
        for word in words:
            found = self.by_word.get(word[:4], set())
            if len(found) <= _TOO_COMMON:
                seen |= found
        scores = [
            Likely(debtor_id, max(likeness(words, own) for own in self.names[debtor_id]))
            for debtor_id in seen
        ]
        likely = [one for one in scores if one.score >= 0.5]
        return sorted(likely, key=lambda one: (-one.score, one.debtor_id))

    def likeness_to(self, name: str, debtor_id: DebtorId) -> float:
        words = words_of(name)
        return max((likeness(words, own) for own in self.names.get(debtor_id, ())), default=0.0)
