"""Which customers are compared at all: those who share a key, of many kinds of keys.

A key that too many share says nothing and is left out, as more particular ones stand beside it.
What no key brings together is not found: typing errors in one field leave the keys of others.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from monitoring.portfolio.prepared import Codes, Field, Prepared

#: At most so many customers of one key are compared with each other.
LARGEST: Final = 40
#: More pairs than this for each customer are not compared.
_MOST_PER_CUSTOMER: Final = 60
#: Of so few pairs, each is compared.
_EACH_WITH_EACH: Final = 250_000

Pairs = tuple[NDArray[np.int32], NDArray[np.int32]]


def candidates(people: Prepared, left_count: int | None = None) -> Pairs:
    """Pairs of places, the smaller first, each once. With `left_count`, only pairs across it."""
    count = len(people)
    found: NDArray[np.int64] = np.empty(0, np.int64)
    pairs = count * (count - 1) // 2 if left_count is None else left_count * (count - left_count)
    if pairs <= _EACH_WITH_EACH and count <= _EACH_WITH_EACH // 50:
        first, second = np.triu_indices(count, 1)
        return _across(first.astype(np.int32), second.astype(np.int32), left_count)
    waiting: list[NDArray[np.int64]] = []
    for codes, largest in _keys(people):
        waiting.append(_within(codes, largest, count))
        if sum(map(len, waiting)) > 2_000_000:
            found = np.unique(np.concatenate([found, *waiting]))
            waiting.clear()
            if len(found) > _MOST_PER_CUSTOMER * count:
                break  # A file made to be slow; the keys that say most came first.
    found = np.unique(np.concatenate([found, *waiting]))
    return _across((found // count).astype(np.int32), (found % count).astype(np.int32), left_count)


def _across(first: NDArray[np.int32], second: NDArray[np.int32], left_count: int | None) -> Pairs:
    if left_count is None:
        return first, second
    across = (first < left_count) & (second >= left_count)
    return first[across], second[across]


def _within(codes: NDArray[np.int64], largest: int, count: int) -> NDArray[np.int64]:
    """Every two places of one code, as one number each; codes of more than `largest` give none."""
    places = np.flatnonzero(codes >= 0)
    if len(places) < 2:
        return np.empty(0, np.int64)
    order = places[np.argsort(codes[places], kind="stable")]
    ordered = codes[order]
    starts = np.flatnonzero(np.r_[True, ordered[1:] != ordered[:-1]])
    sizes = np.diff(np.r_[starts, len(ordered)])
    fits = np.repeat((sizes > 1) & (sizes <= largest), sizes)
    order, ordered = order[fits], ordered[fits]
    found: list[NDArray[np.int64]] = []
    for step in range(1, largest):
        if step >= len(ordered):
            break
        same = ordered[step:] == ordered[:-step]
        if not same.any():
            break
        one, other = order[:-step][same].astype(np.int64), order[step:][same].astype(np.int64)
        found.append(np.minimum(one, other) * count + np.maximum(one, other))
    return np.concatenate(found) if found else np.empty(0, np.int64)


def _joined(*parts: Codes) -> NDArray[np.int64]:
    """One code for several; -1 where one is missing."""
    joined = parts[0].astype(np.int64)
    for part in parts[1:]:
        joined = np.where(
            (joined < 0) | (part < 0), -1, joined * (int(part.max(initial=0)) + 2) + part
        )
        _, joined_codes = np.unique(joined, return_inverse=True)
        joined = np.where(joined < 0, -1, joined_codes)
    return joined


def _short(field: Field, start: int, end: int | None, *, least: int = 3) -> Codes:
    """Codes by a part of the texts."""
    known: dict[str, int] = {}
    parts = (text[start:end] for text in field.texts)
    mapped = np.fromiter(
        (known.setdefault(part, len(known)) if len(part) >= least else -1 for part in parts),
        np.int32, len(field.texts),
    )  # fmt: skip
    return _mapped(field, mapped)


def _mapped(field: Field, mapped: Codes) -> Codes:
    if not len(mapped):
        return field.codes
    return np.where(field.codes >= 0, mapped[field.codes], -1).astype(np.int32)


def _skeleton(text: str) -> str:
    """The consonants of a text, each run of one once: what most typing errors leave."""
    kept = text[:1]
    for sign in text[1:]:
        if sign not in "aeiouyh" and sign != kept[-1]:
            kept += sign
    return kept


def _skeletons(field: Field, *, least: int = 4) -> Codes:
    known: dict[str, int] = {}
    mapped = np.fromiter(
        (
            known.setdefault(bones, len(known)) if len(bones) >= least else -1
            for bones in map(_skeleton, field.texts)
        ),
        np.int32, len(field.texts),
    )  # fmt: skip
    return _mapped(field, mapped)


def _numbers(people: Prepared) -> Iterator[NDArray[np.int64]]:
    registers = sorted({register for numbers in people.numbers for register in numbers})
    for register in registers:
        yield Field.of(numbers.get(register, "") for numbers in people.numbers).codes.astype(
            np.int64
        )


def _keys(people: Prepared) -> Iterator[tuple[NDArray[np.int64], int]]:
    for codes in _numbers(people):
        yield codes, LARGEST
    for field in (people.iban, people.personal_number, people.email, people.phone):
        yield field.codes.astype(np.int64), LARGEST
    yield people.domain.codes.astype(np.int64), 25
    yield from _name_keys(people)
    if people.surname.filled or people.given_name.filled:
        yield from _person_keys(people)
    yield _joined(people.street.codes, people.house.codes, people.postcode.codes), 20
    yield _joined(people.street.codes, people.house.codes, people.city.codes), 20


def _name_keys(people: Prepared) -> Iterator[tuple[NDArray[np.int64], int]]:
    name, stem = people.name, people.stem
    area = _short(people.postcode, 0, 2, least=1)
    start = _short(stem, 0, 4)
    yield name.codes.astype(np.int64), LARGEST
    yield people.words.codes.astype(np.int64), LARGEST
    yield stem.codes.astype(np.int64), 15
    yield _skeletons(name).astype(np.int64), 30
    for place in (people.postcode.codes, people.city.codes, area):
        yield _joined(name.codes, place), LARGEST
        yield _joined(stem.codes, place), 25
    for place in (people.postcode.codes, people.city.codes):
        yield _joined(start, place), 25
        yield _joined(_short(name, 0, 3), place), 25
    yield _joined(_short(name, 0, 6, least=6), area), 20
    yield _joined(_short(name, -6, None, least=6), people.postcode.codes), 20


def _person_keys(people: Prepared) -> Iterator[tuple[NDArray[np.int64], int]]:
    given, surname, born = people.given_name, people.surname, people.date_of_birth
    both = Field.of(
        "".join(sorted((one.given_name.lower(), one.surname.lower())))
        if one.given_name and one.surname else ""
        for one in people.customers
    )  # fmt: skip
    year = _short(born, 0, 4)
    day = _short(born, 4, None)
    starts: Sequence[Codes] = (_short(given, 0, 3, least=1), _short(surname, 0, 3, least=1))
    yield both.codes.astype(np.int64), LARGEST
    yield born.codes.astype(np.int64), LARGEST
    yield _short(people.email, 0, 5).astype(np.int64), 25
    for name in (given.codes, surname.codes, _skeletons(surname, least=3), *starts):
        for other in (born.codes, year, day, people.postcode.codes, people.city.codes):
            yield _joined(name, other), LARGEST
    yield _joined(_skeletons(given, least=2), _skeletons(surname, least=2)), LARGEST
    yield _joined(people.postcode.codes, people.house.codes), LARGEST
    yield _joined(people.street.codes, people.house.codes), 25
    yield _joined(people.street.codes, year), LARGEST
