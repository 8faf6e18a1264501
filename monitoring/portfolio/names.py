"""Company names: what remains of them when everything that comes and goes is taken away, and how
far two of them are one.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import lru_cache
from math import log
from typing import Final

from rapidfuzz.distance import OSA

from monitoring.portfolio import name_words

_LETTERS: Final = str.maketrans(
    {"ß": "ss", "ø": "o", "æ": "ae", "œ": "oe", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i"}
)
#: Signs of a name that are looked at; registers have none that is longer in earnest.
_LONGEST: Final = 250
_GLUED_FORM: Final = re.compile(r"(?<=[a-zà-ÿ]{3})(AG|SA|BV|NV|GmbH|SARL|SAS|KG|AB|SE)\b")
_INITIALS: Final = re.compile(r"\b(?:[^\W\d_]\.){2,}(?:[^\W\d_]\b)?")
_ELISION: Final = re.compile(r"\b[ldLD]['’`´](?=\w)")
_NO_WORD: Final = re.compile(r"[\W_]+")
#: Written out: before a consonant, and not in "que" or "gue".
_UMLAUT: Final = re.compile(r"(?<![aeioqg])(ae|oe|ue)(?=[b-df-hj-np-tv-z])")


@dataclass(frozen=True, slots=True)
class Name:
    """A name taken apart.

    `tokens` are its words without legal form, articles and capitals; `numbers` those among them
    that are numbers, `places` that name a country or large town, `form` the legal form ("" where
    there is none). `joined` are the tokens as one word.
    """

    tokens: tuple[str, ...]
    form: str
    numbers: frozenset[str]
    places: frozenset[str]
    joined: str


def folded(text: str) -> str:
    """Small letters without accents, umlauts as their vowel however written."""
    text = unicodedata.normalize("NFKD", text.casefold().translate(_LETTERS))
    if not text.isascii():
        text = "".join(sign for sign in text if not unicodedata.combining(sign))
    return text


def without_umlauts(word: str) -> str:
    """The word with ae, oe and ue as the vowel alone: Mueller is Müller."""
    if "ae" in word or "oe" in word or "ue" in word:
        return _UMLAUT.sub(lambda match: match[1][0], word)
    return word


@lru_cache(maxsize=1 << 15)
def parse_name(text: str) -> Name:
    """The name taken apart; what is nothing but a legal form or articles stays as it is."""
    plain = _GLUED_FORM.sub(r" \1", text[:_LONGEST])
    plain = _INITIALS.sub(lambda match: match[0].replace(".", ""), plain)
    plain = _ELISION.sub(" ", plain).replace("'", "").replace("’", "")
    plain = plain.replace("&", " and ").replace("+", " and ")
    words = [without_umlauts(word) for word in _NO_WORD.sub(" ", folded(plain)).split()]
    words, form = _without_form(words)
    kept = [
        word
        for at, word in enumerate(words)
        if word not in name_words.STOP_WORDS or _is_initial(words, at)
    ] or words
    tokens = tuple(_numbered(_spelt(kept)))
    known = name_words.places()
    return Name(
        tokens=tokens,
        form=form,
        numbers=frozenset(token for token in tokens if token.isdigit()),
        places=frozenset(known[token] for token in tokens if token in known),
        joined="".join(tokens),
    )


def _without_form(words: list[str]) -> tuple[list[str], str]:
    """The words without their legal forms, and the first of those."""
    known, longest = name_words.forms(), name_words.longest_form()
    found = ""
    kept: list[str] = []
    at = 0
    while at < len(words):
        for length in range(min(longest, len(words) - at), 0, -1):
            run = tuple(words[at : at + length])
            form = known.get(run)
            if form is None:
                continue
            is_last = at + length == len(words) or all(
                (word,) in known for word in words[at + length :]
            )
            if name_words.only_last(run) and not (
                is_last or (at == 0 and len(words) > 2 and form == "sa")
            ):
                continue
            if at == 0 and not name_words.may_lead(form) and not is_last and length == 1:
                continue
            found = form if not found or found == "inc" else found
            at += length
            break
        else:
            kept.append(words[at])
            at += 1
    return (kept, found) if kept else (words, found)


def _is_initial(words: Sequence[str], at: int) -> bool:
    """Whether a letter stands among other single letters: A and E are no articles there."""
    beside = (*words[max(0, at - 1) : at], *words[at + 1 : at + 2])
    return len(words[at]) == 1 and any(len(word) == 1 for word in beside)


def _spelt(words: Sequence[str]) -> list[str]:
    """Single letters that follow each other joined, shortened words written out."""
    result: list[str] = []
    run = ""
    for word in words:
        if len(word) == 1 and word.isalpha() and word.isascii():
            run += word
            continue
        if run:
            result.append(run)
            run = ""
        result.append(name_words.SHORTENED.get(word, word))
    return [*result, run] if run else result


def _numbered(words: Sequence[str]) -> Iterable[str]:
    """The words with numbers in digits: forty four, 1st, II."""
    tens: int | None = None
    for place, word in enumerate(words):
        number = name_words.number_of(word)
        if tens is not None:
            if number is not None and number < 10:
                yield str(tens + number)
                tens = None
                continue
            yield str(tens)
            tens = None
        if (tens := name_words.tens_of(word)) is not None:
            continue
        if number is None and place and (len(word) > 1 or place == len(words) - 1):
            number = name_words.NUMERALS.get(word)
        yield word if number is None else str(number)
    if tens is not None:
        yield str(tens)


class Likeness(IntEnum):
    """How far two names are one, from nothing to everything."""

    NONE = 0
    PART = 1
    RELATED = 2
    SIMILAR = 3
    TYPO = 4
    REORDERED = 5
    EQUAL = 6


@dataclass(frozen=True, slots=True)
class Comparison:
    """How far two names are one: a share from 0 to 1, its kind, and what only one of them has."""

    share: float
    likeness: Likeness
    only_left: tuple[str, ...] = ()
    only_right: tuple[str, ...] = ()


class Rarity:
    """How much a word says in a list of names: 1 for one that is there once, less the more names
    have it; little for words of trades and groups whatever the list.
    """

    def __init__(self, names: Iterable[Name]) -> None:
        counted: Counter[str] = Counter()
        total = 0
        for name in names:
            total += 1
            counted.update(set(name.tokens))
        # Two names alone teach nothing of what is common.
        self._scale = 1 / log(max(total, 50) + 10)
        self._counted = counted
        self._known: dict[str, float] = {}

    def __call__(self, word: str) -> float:
        weight = self._known.get(word)
        if weight is None:
            weight = self._known[word] = self._weigh(word)
        return weight

    def _weigh(self, word: str) -> float:
        weight = max(0.15, 1 - 0.8 * log(max(1, self._counted[word])) * self._scale)
        if word in name_words.GENERIC_WORDS or word in name_words.GROUP_WORDS:
            weight = min(weight, 0.4)
        elif len(word) == 1:
            weight *= 0.5
        return weight


#: What a word cut short costs, "Transp." for "Transporte".
_CUT_SHORT: Final = 0.25


def edits_allowed(length: int) -> int:
    """How many signs of a word may be mistyped for it still to be the same."""
    return 0 if length < 4 else 1 if length < 9 else 2


def compare_names(left: Name, right: Name, rarity: Callable[[str], float]) -> Comparison:
    """How far two names are one."""
    if left.tokens == right.tokens:
        return Comparison(1.0, Likeness.EQUAL)
    if left.joined == right.joined or sorted(left.tokens) == sorted(right.tokens):
        return Comparison(0.98, Likeness.REORDERED)
    matched, lost, rest_left, rest_right = _aligned(left.tokens, right.tokens, rarity)
    if not matched:
        return Comparison(0.0, Likeness.NONE)
    return _judged(matched, lost, (rest_left, rest_right), rarity)


def _aligned(
    left: Sequence[str], right: Sequence[str], rarity: Callable[[str], float]
) -> tuple[float, float, list[str], list[str]]:
    """Weight of the words that both have, what typing errors take of it, and the words left."""
    common = Counter(left) & Counter(right)
    matched = sum(rarity(word) * count for word, count in common.items())
    rest_left = _without(left, common)
    rest_right = _without(right, common)
    lost = 0.0
    if rest_left and rest_right:
        matched += _compounds(rest_left, rest_right, rarity)
        matched += _compounds(rest_right, rest_left, rarity)
    for word in list(rest_left):
        best = _nearest(word, rest_right)
        if best is None:
            continue
        other, cost = best
        weight = max(rarity(word), rarity(other))
        matched += weight
        lost += weight * cost
        rest_left.remove(word)
        rest_right.remove(other)
    return matched, lost, rest_left, rest_right


def _without(words: Sequence[str], common: Counter[str]) -> list[str]:
    left = Counter(common)
    rest = []
    for word in words:
        if left[word] > 0:
            left[word] -= 1
        else:
            rest.append(word)
    return rest


def _nearest(word: str, others: Sequence[str]) -> tuple[str, float] | None:
    """The word that this one is when mistyped, and what the errors cost, 0 to 1."""
    if _has_digit(word):
        return None
    best: tuple[str, float] | None = None
    for other in others:
        if _has_digit(other):
            continue
        longer = max(len(word), len(other))
        if min(len(word), len(other)) >= 4 and (word.startswith(other) or other.startswith(word)):
            if longer > 5 and (best is None or best[1] > _CUT_SHORT):
                best = (other, _CUT_SHORT)
            continue
        allowed = edits_allowed(min(len(word), len(other)))
        if not allowed or abs(len(word) - len(other)) > allowed:
            continue
        edits = OSA.distance(word, other, score_cutoff=allowed)
        if edits <= allowed:
            cost = edits / longer * (1.0 if word[0] == other[0] else 1.5)
            if best is None or cost < best[1]:
                best = (other, cost)
    return best


def _has_digit(word: str) -> bool:
    """Whether a word is a number or a code: another one is another thing, not a typing error."""
    return any(map(str.isdigit, word))


def _compounds(words: list[str], others: list[str], rarity: Callable[[str], float]) -> float:
    """Words that the other name writes as one: their weight; they are taken from both lists."""
    gained = 0.0
    for first, second in zip(list(words), words[1:], strict=False):
        joined = first + second
        for other in others:
            if abs(len(other) - len(joined)) <= 1 and OSA.distance(joined, other) <= (
                1 if len(joined) > 6 else 0
            ):
                gained += rarity(other)
                words.remove(first)
                words.remove(second)
                others.remove(other)
                return gained
    return gained


def _judged(
    matched: float,
    lost: float,
    rests: tuple[list[str], list[str]],
    rarity: Callable[[str], float],
) -> Comparison:
    rest_left, rest_right = rests
    edges = (tuple(rest_left), tuple(rest_right))
    one_left, one_right = _telling(rest_left), _telling(rest_right)
    over_left = sum(_extra(word, rarity) for word in one_left)
    over_right = sum(_extra(word, rarity) for word in one_right)
    missing = over_left + over_right + 2.0 * min(over_left, over_right) + 1.5 * lost
    share = matched / (matched + missing) if matched else 0.0
    if not one_left and not one_right:
        return Comparison(share, Likeness.TYPO, *edges)
    if share < 0.25:
        return Comparison(share, Likeness.NONE, *edges)
    if one_left and one_right:
        apart = all(map(name_words.tells_apart, (*one_left, *one_right)))
        if apart or not _could_be_typos(one_left, one_right):
            return Comparison(share, Likeness.RELATED, *edges)
    elif all(map(name_words.tells_apart, one_left or one_right)):
        return Comparison(share, Likeness.RELATED, *edges)
    return Comparison(share, Likeness.SIMILAR if share >= 0.7 else Likeness.PART, *edges)


def _telling(words: Sequence[str]) -> list[str]:
    """The words that tell something: a fund without a number is the first of its kind, and a legal
    form is one when mistyped, too.
    """
    return [word for word in words if word != "1" and not name_words.is_nearly_a_form(word)]


def _could_be_typos(ones: Sequence[str], others: Sequence[str]) -> bool:
    """Whether the words of the one could be badly mistyped words of the other: else each name has
    a word of its own, as sisters have.
    """
    if len(ones) != len(others):
        return not all(len(word) > 3 for word in (*ones, *others))
    return OSA.normalized_similarity("".join(sorted(ones)), "".join(sorted(others))) >= 0.5


def _extra(word: str, rarity: Callable[[str], float]) -> float:
    """What a word that only one name has takes away."""
    if word.isdigit():
        return 1.0
    if word in name_words.places():
        return max(0.6, rarity(word))
    return rarity(word)
