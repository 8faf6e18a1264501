"""Structured communications of CODA: three digits say what stands in them.

Source: Febelfin, "Coded statement of account (CODA)", version 2.6, chapter "Structured
communication".
"""

from __future__ import annotations

from receivables.bank.parsing import cut
from receivables.bank.references import find_in, ogm


def structured_in(text: str) -> tuple[str | None, str | None]:
    """The reference and the words of a structured communication, its type in front.

    101 and 102 are the Belgian communication, 103 a number of the payer's, 107 and 127 direct
    debits (the latter with the creditor's reference at the end); the others are of the bank.
    """
    kind, said = text[:3], text[3:]
    if kind in ("101", "102"):
        reference = ogm(said[:12])
        return (reference.value if reference else cut(said[:12], 140)), None
    if kind == "103":
        return None, cut(said[:12])
    if kind == "127":
        return _creditors(said)
    return None, cut(said)


def _creditors(said: str) -> tuple[str | None, str | None]:
    """A direct debit by SEPA: day, type, scheme, reason, creditor, mandate, words (62)."""
    words = cut(said[79:141])
    if words is None:
        return None, cut(said)
    return ", ".join(each.value for each in find_in(words)) or None, words
