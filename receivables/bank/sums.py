"""Amounts that are the sum of several invoices."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations
from math import comb

from receivables.bank.books import Owed
from receivables.money import Money

#: Sums are looked for among so many of a debtor's invoices and combinations at most: of more,
#: one fits by chance.
_MOST_ITEMS, _MOST_COMBINED, _MOST_SUMS = 14, 4, 1500


def total_of(items: Sequence[Owed]) -> Money:
    currency = items[0].outstanding.currency
    return Money(sum(one.outstanding.minor for one in items), currency)


def sums_of(items: Sequence[Owed], amount: Money) -> list[list[Owed]]:
    """Two to four of the invoices whose sum the amount is; at most two such groups are looked
    for, since two are too many already. None where there are so many that one fits by chance.
    """
    smaller = [one for one in items if one.outstanding < amount]
    count = len(smaller)
    if count > _MOST_ITEMS:
        return []
    found: list[list[Owed]] = []
    tried = 0
    for size in range(2, min(_MOST_COMBINED, count) + 1):
        tried += comb(count, size)
        if tried > _MOST_SUMS:
            return found
        for group in combinations(smaller, size):
            if sum(one.outstanding.minor for one in group) == amount.minor:
                found.append(list(group))
                if len(found) > 1:
                    return found
    return found
