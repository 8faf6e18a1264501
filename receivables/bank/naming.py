"""Names and invoice numbers as they arrive through banks: shortened, in capitals, misspelt."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache

_LEGAL_FORMS = frozenset(
    "ag sa sarl gmbh mbh kg kgaa ohg ug se sas sasu eurl snc sci scop srl sprl bv bvba nv vof"
    " spa sagl ltd llc inc co cie und et and fils sohn soehne sohne e o des la le les der die"
    " das".split()
)
_SPELT_OUT = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "œ": "oe", "æ": "ae"})


def words_of(name: str) -> tuple[str, ...]:
    """The words that tell a name from others: no case, no accents, no legal form."""
    return tuple(word for word in _words(name) if word not in _LEGAL_FORMS)


def _words(name: str) -> list[str]:
    spelt = name.casefold().translate(_SPELT_OUT)
    folded = unicodedata.normalize("NFKD", spelt)
    letters = "".join(one for one in folded if not unicodedata.combining(one))
    return re.sub(r"[^a-z0-9]+", " ", letters.replace(".", "").replace("'", " ")).split()


def likeness(left: tuple[str, ...], right: tuple[str, ...]) -> float:
    """How alike two names are, 0 to 1: the letters of words they share, of all their letters.

    A word is shared by another that begins like it (banks cut names off), that is one letter
    away, or that writes an umlaut as its vowel alone.
    """
    if not left or not right:
        return 0.0
    whole = sum(map(len, left)) + sum(map(len, right))
    free = list(right)
    shared = 0
    for word in left:
        for other in free:
            if is_like(word, other):
                shared += len(word) + len(other)
                free.remove(other)
                break
    return shared / whole


# A month's names are made of few words, met again and again.
@lru_cache(maxsize=1 << 14)
def is_like(word: str, other: str) -> bool:
    """Whether a bank could have made one word of the other."""
    if word == other or plain(word) == plain(other):
        return True
    shorter, longer = sorted((word, other), key=len)
    if len(shorter) >= 4 and longer.startswith(shorter):
        return True
    return len(shorter) >= 5 and is_one_slip_away(word, other)


def plain(word: str) -> str:
    """A word whose umlauts are vowels alone."""
    return word.replace("ae", "a").replace("oe", "o").replace("ue", "u")


def is_one_slip_away(left: str, right: str) -> bool:
    """Whether one letter replaced, left out, put in, or two neighbours swapped makes them equal."""
    if left == right or abs(len(left) - len(right)) > 1:
        return False
    at = next(
        (place for place, (a, b) in enumerate(zip(left, right, strict=False)) if a != b),
        min(len(left), len(right)),
    )
    if len(left) == len(right):
        swapped = left[at + 1 : at + 2] + left[at]
        return left[at + 1 :] == right[at + 1 :] or (left[:at] + swapped + left[at + 2 :] == right)
    shorter, longer = sorted((left, right), key=len)
    return shorter[at:] == longer[at + 1 :]


def slips_of(text: str) -> Iterator[str]:
    """Everything that is one slip of the finger away from a text of capitals and digits."""
    letters = "0123456789" if text.isdigit() else "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    for place in range(len(text)):
        before, after = text[:place], text[place + 1 :]
        yield before + after
        if after and after[0] != text[place]:
            yield before + after[0] + text[place] + after[1:]
        for letter in letters:
            if letter != text[place]:
                yield before + letter + after
    for place in range(len(text) + 1):
        for letter in letters:
            yield text[:place] + letter + text[place:]


def compact(number: str) -> str:
    """An invoice number without blanks and signs, in capitals."""
    return re.sub(r"[^A-Z0-9]", "", number.upper())


#: An invoice number of fewer signs is met in any text by chance.
SHORTEST_NUMBER = 4
#: How many pieces a number may be written in: RE 2026 / 00412.
_MOST_PIECES = 4


def numbers_in(text: str) -> Iterator[str]:
    """Whatever in a text could be an invoice number: its pieces of letters and digits, and up to
    four neighbours as one. Only what has a digit counts.
    """
    pieces = re.findall(r"[A-Z0-9]+", text.upper())
    for first in range(len(pieces)):
        joined = ""
        for piece in pieces[first : first + _MOST_PIECES]:
            joined += piece
            if len(joined) >= SHORTEST_NUMBER and any(sign.isdigit() for sign in joined):
                yield joined
