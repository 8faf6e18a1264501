"""What speaks for a publication being about a debtor, and what against it: pure.

One company name in eleven is shared by several companies, so a name is never enough by itself: a
person weighs it, and this is what they are shown.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from receivables.intake.matching import plain_name


class Sign(StrEnum):
    SAME_NUMBER = "same_number"
    """The publication names a register number of the debtor's."""
    SAME_NAME = "same_name"
    """The whole name, legal form included."""
    LIKE_NAME = "like_name"
    """The name but for its legal form, its accents or its case."""
    OTHER_NAME = "other_name"
    SAME_PLACE = "same_place"
    OTHER_PLACE = "other_place"
    NO_PLACE = "no_place"
    """The publication names no place, or our books hold none."""
    NO_NUMBER = "no_number"
    """No number that both have tells them apart."""
    PERSON = "person"
    """It is about a person, or the debtor is one."""


#: What speaks for it; the others speak against it, or leave it open.
SPEAKS_FOR = frozenset({Sign.SAME_NUMBER, Sign.SAME_NAME, Sign.LIKE_NAME, Sign.SAME_PLACE})


@dataclass(frozen=True, slots=True)
class Evidence:
    """The signs for and against, each in the order in which one would say them."""

    speaks_for: tuple[Sign, ...]
    speaks_against: tuple[Sign, ...]


def weigh(
    *,
    by_number: bool,
    published_name: str,
    published_place: str,
    debtor_name: str,
    debtor_place: str,
    is_person: bool,
) -> Evidence:
    """What both sides say, in fair words."""
    signs = [
        Sign.SAME_NUMBER if by_number else Sign.NO_NUMBER,
        _name(published_name, debtor_name),
        _place(published_place, debtor_place),
        *([Sign.PERSON] if is_person else []),
    ]
    return Evidence(
        tuple(one for one in signs if one in SPEAKS_FOR),
        tuple(one for one in signs if one not in SPEAKS_FOR),
    )


def _name(published: str, ours: str) -> Sign:
    if _words(published) == _words(ours):
        return Sign.SAME_NAME
    return Sign.LIKE_NAME if plain_name(published) == plain_name(ours) else Sign.OTHER_NAME


def _words(name: str) -> Iterable[str]:
    return re.findall(r"\w+", name.casefold().replace(".", ""))


def _place(published: str, ours: str) -> Sign:
    if not published or not ours:
        return Sign.NO_PLACE
    return Sign.SAME_PLACE if plain_name(published) == plain_name(ours) else Sign.OTHER_PLACE
