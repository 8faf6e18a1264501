"""What values of a column look like, whatever it is called."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Final

from babel import Locale

from monitoring.portfolio.company_numbers import company_numbers, looks_like_vat
from receivables.intake.csv_columns import plain
from receivables.intake.identifiers import is_iban

#: Share of the filled values that must have a shape.
_MOST: Final = 0.7

_EMAIL: Final = re.compile(r"[^\s@;,]+@[^\s@;,]+\.[A-Za-z]{2,}\Z")
_WEBSITE: Final = re.compile(r"(https?://|www\.)\S+\Z", re.IGNORECASE)
_PHONE: Final = re.compile(r"(\+|00|0)[\d\s()./'-]{7,20}\Z")
_LEGAL_FORM: Final = re.compile(
    r"\b(gmbh|mbh|ag|kg|ohg|ug|e\.? ?k|sarl|s\.?a\.?r\.?l|sas|s\.?a\.?s|sasu|eurl|snc|sci|s\.?a"
    r"|b\.?v|n\.?v|bvba|bv|srl|s\.?r\.?l|s\.?p\.?a|spa|snc|ltd|limited|llc|inc|plc|llp|corp"
    r"|co|company|group|holding|stichting|vof|ab|a/s|aps|oy|sp|sàrl)\b\.?",
    re.IGNORECASE,
)
#: Countries whose codes a column without a name is told by.
_CODES: Final = frozenset(
    """AD AE AT AU BE BG BR CA CH CN CY CZ DE DK EE ES FI FR GB GR HK HR HU IE IL IN IS IT JP KR LI
    LT LU LV MC MT MX NL NO NZ PL PT RO RS RU SE SG SI SK SM TR UA US ZA""".split()
)
_DAY: Final = re.compile(r"(\d{4}[-/.]\d{1,2}[-/.]\d{1,2}|\d{1,2}[-/.]\d{1,2}[-/.]\d{4})\Z")
_STREET: Final = re.compile(
    r"(^\d{1,4}[,\s]+(bis|ter)?\s*(rue|avenue|av|bd|boulevard|place|chemin|allee|allée|route|via)\b"
    r"|(strasse|straße|str\.|gasse|weg|platz|laan|straat|plein|dijk|weg)\s*\d"
    r"|\b(street|road|avenue|lane|drive|rue|via|piazza)\b)",
    re.IGNORECASE,
)


def letters_only(text: str) -> str:
    """Small letters without accents; everything else a blank."""
    return " ".join(filter(None, (plain(part) for part in re.split(r"[\W_]+", text))))


def has_digit(value: str) -> bool:
    return any(map(str.isdigit, value))


def is_wordy(value: str) -> bool:
    """A text with letters: no number, no day, no address of mail."""
    letters = sum(map(str.isalpha, value))
    return letters >= 2 and letters * 2 >= len(value.replace(" ", "")) and "@" not in value


def is_prose(value: str) -> bool:
    """Several words, or a word of letters alone that is too long for a code."""
    words = value.split()
    return is_wordy(value) and (len(words) > 2 or (len(words) > 1 and not has_digit(value)))


def share(values: Sequence[str], test: Callable[[str], bool]) -> float:
    """The share of the filled values that pass."""
    filled = [value for value in values if value]
    return sum(map(test, filled)) / len(filled) if filled else 0.0


@cache
def _countries() -> dict[str, str]:
    """Every way to write a country that is common in files: its code, and its names."""
    codes = {str(code) for code in Locale("en").territories if re.fullmatch("[A-Z]{2}", str(code))}
    known = {"usa": "US", "holland": "NL", "d": "DE", "f": "FR", "a": "AT", "b": "BE", "i": "IT"}
    for language in ("en", "de", "fr", "nl", "it"):
        names = Locale(language).territories
        known |= {plain(str(names[code])): code for code in codes if code in names}
    return known | {code.lower(): code for code in codes} | {"uk": "GB", "el": "GR"}


@lru_cache(maxsize=1024)
def country_of(text: str) -> str:
    """The code (ISO 3166) of a country as people write it; "" where it is none we know."""
    return _countries().get(plain(text), "")


def is_country(value: str) -> bool:
    return value.upper() in _CODES or (len(value) > 3 and bool(country_of(value)))


def _matches(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.match(value) is not None


def _has(pattern: re.Pattern[str]) -> Callable[[str], bool]:
    return lambda value: pattern.search(value) is not None


_SHAPES: Final[tuple[tuple[str, Callable[[str], bool], float], ...]] = (
    ("email", _matches(_EMAIL), _MOST),
    ("website", _matches(_WEBSITE), _MOST),
    ("iban", is_iban, _MOST),
    ("vat", looks_like_vat, _MOST),
    ("register_number", lambda value: bool(company_numbers(value)), 0.9),
    ("phone", _matches(_PHONE), 0.9),
    ("country", is_country, 0.9),
    ("name", _has(_LEGAL_FORM), 0.3),
    ("street", _has(_STREET), 0.5),
)


def field_of_values(values: Sequence[str]) -> str | None:
    """The field whose shape most of the values have; None where none stands out."""
    filled = [value for value in values if value]
    if not filled:
        return None
    if share(filled, _matches(_DAY)) > _MOST:
        return None
    for field, test, needed in _SHAPES:
        if share(filled, test) >= needed:
            return field
    return None


def is_data(cells: Sequence[str]) -> bool:
    """Whether a first line is no line of headers: it holds values that no header has."""
    return any(
        _EMAIL.match(cell) or _DAY.match(cell) or _WEBSITE.match(cell) or _LEGAL_FORM.search(cell)
        or (has_digit(cell) and not any(map(str.isalpha, cell)))
        for cell in cells
        if cell
    )  # fmt: skip
