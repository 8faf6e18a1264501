"""Pairs of customers compared field by field: how far each field agrees, as a level.

The numbers of the levels are places in what `evidence` names, and 0 where nothing is said.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from rapidfuzz.fuzz import token_set_ratio
from rapidfuzz.process import cpdist

from monitoring.portfolio.evidence import EVIDENCE, SAME_NAME
from monitoring.portfolio.name_words import places
from monitoring.portfolio.names import Likeness, Name, Rarity, compare_names
from monitoring.portfolio.prepared import Field, Prepared

Levels = NDArray[np.int8]
Places = NDArray[np.int32]

#: Names that share less than this are different without a closer look.
_NAMES_LOOKED_AT: Final = 60
#: Words that say no more than this are of a trade, or very common in the file.
_BLAND: Final = 0.4
_CHUNK: Final = 200_000


@dataclass(frozen=True, slots=True)
class Compared:
    """Levels of each pair by field, 0 where nothing is said, else the level's place + 1.

    `counted` are the levels as they count: of a field that namesakes have a part of, one is 0.
    `likeness` and `share` say more of the names; `conflict` marks pairs with two valid numbers of
    one register.
    """

    levels: dict[str, Levels]
    counted: dict[str, Levels]
    likeness: Levels
    share: NDArray[np.float32]
    conflict: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.conflict)


def compare(
    people: Prepared, left: Places, right: Places, progress: Callable[[int], None] | None = None
) -> Compared:
    """How far the customers at `left` and `right`, place by place, agree."""
    likeness, share, name = _names(people, left, right, progress)
    number, conflict = _numbers(people, left, right)
    given, surname = _people(people, left, right)
    levels = {
        "name": name,
        "form": _equal(people.form, left, right),
        "address": _addresses(people, left, right),
        "mail": _mails(people, left, right),
        "phone": _graded(people.phone, left, right, alike=1, common=2),
        "number": number,
        "iban": _equal(people.iban, left, right),
        "given_name": given,
        "surname": surname,
        "born": _births(people, left, right),
        "personal_number": _graded(people.personal_number, left, right, alike=2, common=None),
    }
    same_name = name >= SAME_NAME
    counted = dict(levels)
    for one in EVIDENCE:
        if one.namesakes_of:
            whole = levels[one.namesakes_of]
            counted[one.namesakes_of] = np.where(same_name, 0, whole).astype(np.int8)
            counted[one.name] = np.where(same_name, whole, 0).astype(np.int8)
    return Compared(levels, counted, likeness, share, conflict)


def _both(field: Field, left: Places, right: Places) -> NDArray[np.bool_]:
    return np.asarray((field.codes[left] >= 0) & (field.codes[right] >= 0))


def _same(field: Field, left: Places, right: Places) -> NDArray[np.bool_]:
    return np.asarray((field.codes[left] == field.codes[right]) & (field.codes[left] >= 0))


def _equal(field: Field, left: Places, right: Places) -> Levels:
    same = _same(field, left, right)
    return np.where(_both(field, left, right), np.where(same, 2, 1), 0).astype(np.int8)


def _edits(
    field: Field, left: Places, right: Places, wanted: NDArray[np.bool_], most: int
) -> Places:
    """Typing errors between the texts of the wanted pairs; `most` + 1 for more and for others."""
    result = np.full(len(left), most + 1, np.int32)
    at = np.flatnonzero(wanted)
    for part in np.array_split(at, max(1, len(at) // _CHUNK)):
        if len(part):
            result[part] = cpdist(
                [field.texts[code] for code in field.codes[left[part]]],
                [field.texts[code] for code in field.codes[right[part]]],
                scorer=OSA.distance, score_cutoff=most, dtype=np.int32,
            )  # fmt: skip
    return result


def _graded(field: Field, left: Places, right: Places, *, alike: int, common: int | None) -> Levels:
    """1 other, 2 alike but for so many typing errors, 3 same; with `common`, 4 where at most so
    many customers have the value, 3 where more.
    """
    same, both = _same(field, left, right), _both(field, left, right)
    near = _edits(field, left, right, both & ~same, alike) <= alike
    level = np.where(same, 3, np.where(near, 2, 1))
    if common is not None:
        level = np.where(same & (field.frequency()[left] <= common), 4, level)
    return np.where(both, level, 0).astype(np.int8)


# Names


def _names(
    people: Prepared, left: Places, right: Places, progress: Callable[[int], None] | None
) -> tuple[Levels, NDArray[np.float32], Levels]:
    """Likeness and share of each pair of names, and their level."""
    both, same = _both(people.name, left, right), _same(people.name, left, right)
    likeness = np.zeros(len(left), np.int8)
    share = np.zeros(len(left), np.float32)
    likeness[same], share[same] = Likeness.EQUAL, 1.0
    reordered = _same(people.words, left, right) & ~same
    likeness[reordered], share[reordered] = Likeness.REORDERED, 0.98
    at = np.flatnonzero(both & ~same & ~reordered)
    for done, part in enumerate(np.array_split(at, max(1, len(at) // _CHUNK))):
        _compare_part(people, left, right, part, likeness, share)
        if progress is not None:
            progress(done * _CHUNK)
    frequency = people.name.frequency()
    met = np.maximum(frequency[left], frequency[right])
    typo = np.where((met > 2) | (share < 0.75), 5, 6)
    bland = np.fromiter((_is_bland(name, people.rarity) for name in people.names), np.bool_)
    equal = np.where(bland[left] | bland[right] | (met > 5), 7, np.where(met <= 2, 9, 8))
    level = np.select(
        [likeness >= Likeness.REORDERED, likeness == Likeness.TYPO], [equal, typo], likeness + 1
    )
    return likeness, share, np.where(both, level, 0).astype(np.int8)


def _is_bland(name: Name, rarity: Rarity) -> bool:
    """Whether a name has no word of its own: trades and places alone."""
    known = places()
    return all(word in known or rarity(word) <= _BLAND for word in name.tokens)


def _compare_part(
    people: Prepared,
    left: Places,
    right: Places,
    part: NDArray[np.intp],
    likeness: Levels,
    share: NDArray[np.float32],
) -> None:
    if not len(part):
        return
    ones = [people.spaced[place] for place in left[part]]
    others = [people.spaced[place] for place in right[part]]
    close = cpdist(
        ones, others, scorer=token_set_ratio, score_cutoff=_NAMES_LOOKED_AT, dtype=np.uint8
    )
    known: dict[tuple[int, int], tuple[int, float]] = {}
    codes = people.name.codes
    for at in part[close > 0]:
        one, other = int(left[at]), int(right[at])
        pair = (int(codes[one]), int(codes[other]))
        found = known.get(pair)
        if found is None:
            compared = compare_names(people.names[one], people.names[other], people.rarity)
            found = known[pair] = (int(compared.likeness), compared.share)
        likeness[at], share[at] = found


# Numbers


def _numbers(people: Prepared, left: Places, right: Places) -> tuple[Levels, NDArray[np.bool_]]:
    """1 other, 2 alike (one of them fails its check), 3 same; and whether two valid ones differ."""
    level = np.zeros(len(left), np.int8)
    conflict = np.zeros(len(left), np.bool_)
    raw = Field.of(_raw_number(one.register_number) for one in people.customers)
    has = np.fromiter((bool(numbers) for numbers in people.numbers), np.bool_, len(people))
    both = has[left] & has[right]
    for at in np.flatnonzero(both):
        verdict = tell_apart(people.numbers[left[at]], people.numbers[right[at]])
        if verdict is not None:
            level[at] = 3 if verdict else 1
            conflict[at] = not verdict
    unsure = _both(raw, left, right) & (level == 0)
    same = _same(raw, left, right) & unsure
    near = _edits(raw, left, right, unsure & ~same, 2) <= 2
    level[same] = 3
    level[near & unsure & ~same] = 2
    return level, conflict


def _raw_number(text: str) -> str:
    return "".join(filter(str.isalnum, text)).upper()


#: Registers of which a company is in one.
_NATIONAL: Final = frozenset("SIREN KBO UID HR FN KVK CRN RCSL CRO IVA NIF".split())


def tell_apart(left: dict[str, str], right: dict[str, str]) -> bool | None:
    """Whether numbers say one company (True), two (False), or nothing (None). Two valid numbers of
    one register are two companies, as are those of two countries' registers.
    """
    same = False
    for register, number in left.items():
        other = right.get(register)
        if other is not None:
            if other != number and not (register == "HR" and _same_court(number, other)):
                return False
            same = True
    if same:
        return True
    home, abroad = _NATIONAL.intersection(left), _NATIONAL.intersection(right)
    return False if home and abroad else None


def _same_court(left: str, right: str) -> bool:
    """Whether two German numbers are one, where a court is left out or mistyped."""
    number, _, court = left.partition(" ")
    other_number, _, other_court = right.partition(" ")
    return number == other_number and (
        not court or not other_court or OSA.distance(court, other_court) <= 2
    )


# Addresses


def _addresses(people: Prepared, left: Places, right: Places) -> Levels:
    postcode, city, street = people.postcode, people.city, people.street
    same_code, codes = _same(postcode, left, right), _both(postcode, left, right)
    same_city, cities = _same(city, left, right), _both(city, left, right)
    near_city = _edits(city, left, right, cities & ~same_city & ~same_code, 2) <= 2
    near_code = _edits(postcode, left, right, codes & ~same_code & (same_city | ~cities), 1) <= 1
    here = same_code | same_city | near_city
    streets = _both(street, left, right)
    same_street = _same(street, left, right)
    same_street |= _edits(street, left, right, streets & ~same_street, 3) <= 2
    houses = _both(people.house, left, right)
    same_house = _same(people.house, left, right)
    crowd = _address_counts(people)
    exact = same_street & (same_house | ~houses)
    area = codes & (_area(postcode)[left] == _area(postcode)[right])
    level = np.select(
        [
            here & exact & (np.minimum(crowd[left], crowd[right]) <= 3),
            here & exact,
            here & same_street,
            exact & houses,
            here & ~streets,
            same_code & streets,
            here & streets,
            near_code | area,
        ],
        [9, 8, 7, 5, 6, 4, 3, 2],
        1,
    )
    return np.where(codes | cities | streets, level, 0).astype(np.int8)


def _area(postcode: Field) -> Places:
    known: dict[str, int] = {}
    mapped = np.fromiter(
        (known.setdefault(text[:2], len(known)) for text in postcode.texts), np.int32
    )
    return (
        np.where(postcode.codes >= 0, mapped[postcode.codes], -1) if len(mapped) else postcode.codes
    )


def _address_counts(people: Prepared) -> Places:
    """How many customers are at the house of each."""
    field = Field.of(
        f"{street} {house} {code}" if street >= 0 else ""
        for street, house, code in zip(
            people.street.codes, people.house.codes, people.postcode.codes, strict=True
        )
    )
    return field.frequency()


# Mail, people


def _mails(people: Prepared, left: Places, right: Places) -> Levels:
    mail, domain = people.email, people.domain
    same, both = _same(mail, left, right), _both(mail, left, right)
    near = _edits(mail, left, right, both & ~same, 2) <= 2
    domains = _same(domain, left, right)
    level = np.select(
        [same & (mail.frequency()[left] <= 2), same, near & ~domains, domains], [5, 4, 3, 2], 1
    )
    return np.where(both | domains, level, 0).astype(np.int8)


def _people(people: Prepared, left: Places, right: Places) -> tuple[Levels, Levels]:
    given, surname = people.given_name, people.surname
    if not given.filled and not surname.filled:
        nothing = np.zeros(len(left), np.int8)
        return nothing, nothing
    names = Field.of([*_texts(given), *_texts(surname)])
    count = len(people)
    crossed = (
        (names.codes[left] == names.codes[right + count])
        & (names.codes[left + count] == names.codes[right])
        & (names.codes[left] >= 0)
        & (names.codes[right] >= 0)
    )
    first = _person_name(given, left, right)
    last = _person_name(surname, left, right)
    first = np.where(
        (first == 1) & _initials(given, left, right), 2, np.where(first > 1, first + 1, first)
    ).astype(np.int8)
    last = np.where(crossed & (last <= 1), 5, last).astype(np.int8)
    return np.where(last == 5, 0, first).astype(np.int8), last


def _texts(field: Field) -> Iterator[str]:
    return ("" if code < 0 else field.texts[code] for code in field.codes)


def _person_name(field: Field, left: Places, right: Places) -> Levels:
    """1 other, 2 alike, 3 same and common, 4 same."""
    same, both = _same(field, left, right), _both(field, left, right)
    lengths = np.fromiter(map(len, field.texts), np.int32, len(field.texts))
    shorter = (
        np.minimum(lengths[field.codes[left]], lengths[field.codes[right]])
        if len(lengths)
        else left
    )
    allowed = np.where(shorter <= 2, 0, np.where(shorter <= 5, 1, 2))
    near = _edits(field, left, right, both & ~same, 2) <= allowed
    common = field.frequency() > max(3, len(field.codes) // 200)
    level = np.select([same & ~common[left], same, near], [4, 3, 2], 1)
    return np.where(both, level, 0).astype(np.int8)


def _initials(field: Field, left: Places, right: Places) -> NDArray[np.bool_]:
    """Whether one is the beginning of the other: an initial, or Rob for Robert."""
    firsts = np.fromiter((ord(text[0]) for text in field.texts), np.int32, len(field.texts))
    if not len(firsts):
        return np.zeros(len(left), np.bool_)
    return np.asarray(
        _both(field, left, right) & (firsts[field.codes[left]] == firsts[field.codes[right]])
    )


def _births(people: Prepared, left: Places, right: Places) -> Levels:
    born = people.date_of_birth
    level = _graded(born, left, right, alike=1, common=None)
    level[level >= 2] += 1
    other = np.flatnonzero(level == 1)
    years = np.array([text[:4] for text in born.texts] or [""])
    codes = born.codes
    same_year = years[codes[left[other]]] == years[codes[right[other]]]
    swapped = np.array([text[:4] + text[6:8] + text[4:6] for text in born.texts] or [""])
    texts = np.array(born.texts or [""])
    turned = texts[codes[left[other]]] == swapped[codes[right[other]]]
    level[other[same_year]] = 2
    level[other[turned]] = 3
    return level
