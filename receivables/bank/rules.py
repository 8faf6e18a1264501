"""Which invoices a line of a bank statement pays, and how sure that is.

In this order: structured reference, end-to-end id, invoice numbers in free text, amount and known
account, name and amount. Whatever is posted by itself rests on two things that agree: a reference
with check digits is two by itself; a number, an account or a name needs an amount that fits it.
Where who pays speaks against what is named, a person decides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property

from receivables.bank.books import Books, Likely, Owed
from receivables.bank.clues import USUAL, Clue, Line, Match, Policy
from receivables.bank.naming import compact, is_one_slip_away, numbers_in, slips_of
from receivables.bank.references import Reference, find_in, recognise
from receivables.bank.sums import sums_of, total_of
from receivables.ids import DebtorId, InvoiceId
from receivables.ledger.rules import spread
from receivables.money import Money

#: Above this a name is the debtor's; another must be this far behind.
_SAME_NAME, _GAP = 0.86, 0.12
#: So many debtors of names alike are looked at, those who owe the amount first.
_ALIKE = 5
#: An amount that no more than so many open invoices are of tells them apart.
_FEW = 3
#: Of an amount that more invoices are of, a mistyped number is looked for by number.
_SEVERAL = 60
#: What a person is shown at most.
MOST_PROPOSALS = 3


def matches(line: Line, books: Books, policy: Policy = USUAL) -> list[Match]:
    """The likeliest matches of a line, the best first; the first alone may be certain."""
    finder = _Finder(line, books, policy)
    found: list[Match] = []
    for step in (
        finder.by_reference,
        finder.by_mistyped_reference,
        finder.by_number,
        finder.by_account,
        finder.by_name,
        finder.by_amount,
    ):
        # What is named and does not fit raises a doubt that an amount alone does not settle.
        found += [_doubted(match) for match in step()] if found else step()
        if any(match.certain for match in found):
            break
    return _best(found)


def _best(found: Sequence[Match]) -> list[Match]:
    """Each once, the likeliest first. Two that are certain and differ are both none."""
    ordered = sorted(found, key=lambda one: (not one.certain, -one.score))
    unlike: list[Match] = []
    for match in ordered:
        if all((one.debtor_id, one.parts) != (match.debtor_id, match.parts) for one in unlike):
            unlike.append(match)
    return unlike[:MOST_PROPOSALS]


class _Finder:
    """One line and everything that is found about it."""

    def __init__(self, line: Line, books: Books, policy: Policy) -> None:
        self.line, self.books, self.policy = line, books, policy
        self.owners = books.payers_from(line.account) if line.account else []

    @cached_property
    def named(self) -> list[Likely]:
        """Whom the name could mean; looked for only when something depends on it."""
        return self.books.called(self.line.name) if self.line.name else []

    # Who pays

    def _speaks_for(self, debtor_id: DebtorId) -> Clue | None:
        if debtor_id in self.owners:
            return Clue.KNOWN_ACCOUNT
        if self._called_like(debtor_id) >= _SAME_NAME - _GAP:
            return Clue.NAME
        return None

    def _called_like(self, debtor_id: DebtorId) -> float:
        return self.books.likeness_to(self.line.name, debtor_id)

    def _speaks_against(self, debtor_id: DebtorId) -> bool:
        """The account is known to be another's, or the name is another's and not theirs."""
        if debtor_id in self.owners:
            return False
        if self.owners:
            return True
        own = self._called_like(debtor_id)
        if own >= 1 - _GAP:  # no other name can be so much more alike
            return False
        best = self.named[0].score if self.named else 0.0
        return best >= _SAME_NAME and own < best - _GAP

    # What is named

    def by_reference(self) -> list[Match]:
        line = self.line
        read = [recognise(one) for one in (*line.structured.split(","), line.end_to_end)]
        references = [one for one in read if one is not None]
        references += find_in(f"{line.structured} {line.text}")
        named, debtors = self._meant_by(dict.fromkeys(references))
        if named is not None:
            clue = Clue.REFERENCE
            return self._fitting(named, clue, sure=True) if named else self._of_account(debtors)
        return []

    def _meant_by(
        self, references: Mapping[Reference, None]
    ) -> tuple[list[Owed] | None, list[DebtorId]]:
        """The invoices and debtors of our references; None where one means several invoices and
        the amount does not say which.
        """
        named: list[Owed] = []
        debtors: list[DebtorId] = []
        for reference in references:
            found = self.books.referred(reference.value)
            if len(found) > 1:
                found = [one for one in found if one.outstanding == self.line.amount]
                if len(found) != 1:
                    return None, []
            named += [one for one in found if one not in named]
            debtors += self.books.accounts_referred(reference.value)
        return named, list(dict.fromkeys(debtors))

    def _of_account(self, debtors: Sequence[DebtorId]) -> list[Match]:
        if len(debtors) != 1:
            return []
        debtor_id = debtors[0]
        numbered = [one for one in self._numbered()[0] if one.debtor_id == debtor_id]
        if numbered and total_of(numbered) == self.line.amount:
            return self._fitting(numbered, Clue.ACCOUNT_REFERENCE, sure=True)
        parts, _ = spread(
            self.line.amount,
            [],
            {
                one.invoice_id: one.outstanding
                for one in self.books.open_of(debtor_id, self.line.amount.currency)
            },
        )
        return [self._match(debtor_id, parts, (Clue.ACCOUNT_REFERENCE,), certain=True, score=100)]

    def by_mistyped_reference(self) -> list[Match]:
        """One slip of the finger away from a reference of ours, and the amount fits it."""
        written = compact(self.line.structured or self.line.end_to_end)
        if len(written) < 10 or recognise(written) is not None:
            return []
        meant = self.books.referred_one_slip_from(written)
        return self._fitting(meant, Clue.REFERENCE_MISTYPED) if len(meant) == 1 else []

    def by_number(self) -> list[Match]:
        exact, guessed = self._numbered()
        found: list[Match] = []
        if exact:
            found += self._fitting(exact, Clue.NUMBER)
        for claim in guessed if not any(one.certain for one in found) else ():
            fitting = self._fitting([claim], Clue.NUMBER_MISTYPED)
            found += fitting if len(guessed) == 1 else [_doubted(one) for one in fitting]
        return found

    def _numbered(self) -> tuple[list[Owed], list[Owed]]:
        """Invoices whose number stands in the words; else those one slip away that the amount
        fits.
        """
        line = self.line
        words = " ".join((line.text, line.end_to_end, line.structured))
        written = list(dict.fromkeys(numbers_in(words)))
        known = {one: found for one in written if (found := self.books.numbered(one))}
        if known:
            exact = [claim for one in _longest(list(known)) for claim in known[one]]
            exact = [one for one in exact if one.outstanding.currency == line.amount.currency]
            if exact:
                return exact, []
        return [], self._one_slip_from([one for one in written if 6 <= len(one) <= 16])

    def _one_slip_from(self, written: Sequence[str]) -> list[Owed]:
        """Invoices of the line's amount whose number is one slip away."""
        amount = self.line.amount
        if self.books.count_owing(amount) > _SEVERAL:
            slips = (slip for one in written for slip in slips_of(one))
            found = (claim for slip in slips for claim in self.books.numbered(slip))
            return list(
                {one.invoice_id: one for one in found if one.outstanding == amount}.values()
            )
        return [
            claim
            for claim in (self.books.owing(amount) if written else ())
            if any(is_one_slip_away(one, compact(claim.number)) for one in written)
        ]

    # Who is known

    def by_account(self) -> list[Match]:
        if len(self.owners) != 1:
            return []
        (debtor_id,) = self.owners
        return self._by_amount_of(debtor_id, Clue.KNOWN_ACCOUNT, sure=True)

    def by_name(self) -> list[Match]:
        if self.owners or not self.named:
            return []
        best = self.named[0].score
        alike = [one for one in self.named if one.score >= best - _GAP]
        sure = best >= _SAME_NAME
        if len(alike) > _ALIKE:
            owing = self.books.debtors_owing(self.line.amount)
            alike.sort(key=lambda one: one.debtor_id not in owing)
        found: list[Match] = []
        for one in alike[:_ALIKE]:
            found += self._by_amount_of(one.debtor_id, Clue.NAME, sure=sure)
        if len({match.debtor_id for match in found if match.certain}) > 1:
            return [_doubted(match) for match in found]
        return found

    def _by_amount_of(self, debtor_id: DebtorId, clue: Clue, *, sure: bool) -> list[Match]:
        """What of a debtor's invoices the amount fits; a person is asked where it fits several."""
        amount = self.line.amount
        items = self.books.open_of(debtor_id, amount.currency)
        if not items:
            return []
        same = [one for one in items if one.outstanding == amount]
        if same:
            alone = len(same) == 1
            sure = sure and alone and (clue is Clue.KNOWN_ACCOUNT or self._is_telling(amount))
            return [self._whole(same[:1], (clue, Clue.AMOUNT), sure, 85 if alone else 60)]
        if len(items) > 1 and total_of(items) == amount:
            certain = sure and clue is Clue.KNOWN_ACCOUNT
            return [self._whole(items, (clue, Clue.SUM), certain, 85)]
        sums = sums_of(items, amount)
        if sums:
            alone = len(sums) == 1
            certain = sure and alone and clue is Clue.KNOWN_ACCOUNT
            return [self._whole(sums[0], (clue, Clue.SUM), certain, 75 if alone else 50)]
        short = [one for one in items if self.policy.forgives(one.outstanding, amount)]
        if len(short) == 1:
            return [self._shortened(short[0], (clue, Clue.SHORT), certain=False)]
        parts, left = spread(amount, [], {one.invoice_id: one.outstanding for one in items})
        rest = Clue.OVER if left else Clue.PART
        return [self._match(debtor_id, parts, (clue, rest), certain=False, score=40)]

    def by_amount(self) -> list[Match]:
        """Only one invoice of that amount in all the books: worth asking about."""
        alone = self.books.count_owing(self.line.amount) == 1
        if not alone or self.owners or self.named:
            return []
        return [self._whole(self.books.owing(self.line.amount), (Clue.AMOUNT,), False, 25)]

    # How the amount fits

    def _is_telling(self, amount: Money) -> bool:
        """Whether few owe just that: a price that many pay says nothing of who does."""
        return self.books.count_owing(amount) <= _FEW

    def _fitting(self, named: Sequence[Owed], clue: Clue, *, sure: bool = False) -> list[Match]:
        """How the amount goes with what is named; `sure`: by check digits."""
        amount = self.line.amount
        if len({one.debtor_id for one in named}) > 1:
            return self._one_of(named, clue)
        debtor_id = named[0].debtor_id
        still = [one for one in named if one.outstanding]
        owed = total_of(still) if still else Money.zero(amount.currency)
        how = Clue.SUM if len(still) > 1 else Clue.AMOUNT
        if sure and owed == amount:
            # Whoever pays, nothing more is needed: no name is looked for.
            by_account = (Clue.KNOWN_ACCOUNT,) if debtor_id in self.owners else ()
            return [self._whole(still, (clue, *by_account, how), True, 95)]
        against, backing = self._speaks_against(debtor_id), self._speaks_for(debtor_id)
        clues = (clue,) if backing is None else (clue, backing)
        if against:
            clues = (*clues, Clue.SOMEBODY_ELSE)
        trusted = sure or (backing is not None and not against)
        if owed == amount:
            return [self._whole(still, (*clues, how), not against, 95)]
        if not still:
            what = (*clues, Clue.PAID_ALREADY)
            return [self._match(debtor_id, {}, what, certain=False, score=70)]
        if len(still) > 1:
            fitting = sums_of(still, amount)
            if len(fitting) == 1:
                return [self._whole(fitting[0], (*clues, Clue.SUM), trusted, 80)]
        if self.policy.forgives(owed, amount) and len(still) == 1:
            return [self._shortened(still[0], (*clues, Clue.SHORT), trusted)]
        if amount < owed:
            parts, _ = spread(amount, [(one.invoice_id, one.outstanding) for one in still], {
                one.invoice_id: one.outstanding for one in still
            })  # fmt: skip
            certain = trusted and len(still) == 1
            return [self._match(debtor_id, parts, (*clues, Clue.PART), certain=certain, score=70)]
        return [self._more(still, amount, (*clues, Clue.OVER), trusted)]

    def _more(
        self, still: Sequence[Owed], amount: Money, clues: tuple[Clue, ...], trusted: bool
    ) -> Match:
        """More than what is named: together with others of the debtor's it may be exact."""
        debtor_id = still[0].debtor_id
        named = {one.invoice_id for one in still}
        others = [
            one
            for one in self.books.open_of(debtor_id, amount.currency)
            if one.invoice_id not in named
        ]
        rest = amount - total_of(still)
        exact = [one for one in others if one.outstanding == rest]
        sums = [[one] for one in exact] or sums_of(others, rest)
        parts = {one.invoice_id: one.outstanding for one in still}
        if sums:
            parts |= {one.invoice_id: one.outstanding for one in sums[0]}
            clues = (*clues[:-1], Clue.SUM)
            trusted = trusted and len(sums) == 1 and self._is_telling(rest)
        elif any(one.outstanding <= rest for one in others):
            # What is over could be another invoice, and nobody says which.
            trusted = False
        return self._match(debtor_id, parts, clues, certain=trusted, score=75)

    def _one_of(self, named: Sequence[Owed], clue: Clue) -> list[Match]:
        """Several debtors' invoices are named: whichever the amount and the payer agree on."""
        fits = [one for one in named if one.outstanding == self.line.amount]
        backed = [one for one in fits if self._speaks_for(one.debtor_id) is not None]
        chosen = backed or fits
        certain = len(backed) == 1
        return [
            self._whole([one], (clue, Clue.AMOUNT), certain, 80 if certain else 50)
            for one in chosen[:2]
        ]

    def _whole(
        self, items: Sequence[Owed], clues: tuple[Clue, ...], certain: bool, score: int
    ) -> Match:
        parts = {one.invoice_id: one.outstanding for one in items}
        return self._match(items[0].debtor_id, parts, clues, certain=certain, score=score)

    def _shortened(self, claim: Owed, clues: tuple[Clue, ...], certain: bool) -> Match:
        amount = self.line.amount
        return Match(
            debtor_id=claim.debtor_id, parts={claim.invoice_id: amount}, clues=clues,
            certain=certain, score=80, short=claim.outstanding - amount,
        )  # fmt: skip

    def _match(
        self,
        debtor_id: DebtorId,
        parts: Mapping[InvoiceId, Money],
        clues: tuple[Clue, ...],
        *,
        certain: bool,
        score: int,
    ) -> Match:
        return Match(
            debtor_id=debtor_id, parts=dict(parts), clues=clues, certain=certain, score=score
        )


def _longest(numbers: Sequence[str]) -> list[str]:
    """Of numbers that contain one another the longer: 2026-00412 is not the invoice 00412."""
    return [one for one in numbers if not any(one != other and one in other for other in numbers)]


def _doubted(match: Match) -> Match:
    return Match(
        debtor_id=match.debtor_id, parts=match.parts, clues=match.clues, certain=False,
        score=match.score - 20, short=match.short,
    )  # fmt: skip
