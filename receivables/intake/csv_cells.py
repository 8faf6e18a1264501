"""Amounts and days as people write them in tables."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Final

from receivables.intake.findings import calendar_day
from receivables.money import Money, NotAnAmount, digits_of

_BLANKS: Final = str.maketrans("", "", " \u00a0\u2009\u202f'’")
_SIGN: Final = str.maketrans({"−": "-", "–": "-"})
#: No cents, as the Swiss and the Dutch write it: 250.–, 250,--
_NO_CENTS: Final = re.compile(r"[.,]-{1,2}\Z")
_NUMBER: Final = re.compile(
    r"[+-]?\d{1,3}(?:[.,]\d{3})*(?:[.,]\d+)?-?\Z|[+-]?\d+(?:[.,]\d*)?-?\Z", re.ASCII
)

_ISO: Final = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[T ][\d:.]+Z?)?\Z", re.ASCII)
_DAY_FIRST: Final = re.compile(r"(\d{1,2})([./-])(\d{1,2})\2(\d{4})(?: [\d:]+)?\Z", re.ASCII)


class Ambiguous(NotAnAmount):
    """A text such as 1.234 whose mark may part thousands or decimals."""


def decimal_mark(texts: Iterable[str]) -> str | None:
    """The mark before the decimals, "." or ",", where the amounts of a file show it as one.

    A mark shows itself when it stands last of two kinds, or is not followed by three digits.
    None when no amount shows it, or when they contradict each other.
    """
    shown: set[str] = set()
    for text in texts:
        mark = _shown_mark(_bare(text))
        if mark:
            shown.add(mark)
            if len(shown) > 1:
                return None
    return shown.pop() if shown else None


def _bare(text: str) -> str:
    return _NO_CENTS.sub("", text.translate(_BLANKS).translate(_SIGN).strip())


def _shown_mark(bare: str) -> str | None:
    last = max(bare.rfind("."), bare.rfind(","))
    if last < 0:
        return None
    mark, other = bare[last], "," if bare[last] == "." else "."
    if other in bare:
        return mark
    if bare.count(mark) > 1:
        return other
    decimals = bare[last + 1 :].rstrip("-")
    return mark if len(decimals) != 3 or bare[:last].lstrip("+-") in ("", "0") else None


def amount(text: str, currency: str, file_mark: str | None) -> Money:
    """The amount of a cell; `file_mark` is what decimal_mark said of the whole file.

    Blanks, points, commas and apostrophes may group thousands, a sign may stand at either end.
    Raises NotAnAmount, and Ambiguous when a single mark before three digits is not explained by
    the rest of the file and the currency has three decimals itself.
    """
    bare = _bare(text)
    if not _NUMBER.match(bare):
        raise NotAnAmount(text, currency)
    mark = _shown_mark(bare)
    if mark is None:
        if file_mark is None and digits_of(currency) > 2 and ("." in bare or "," in bare):
            raise Ambiguous(text, currency)
        mark = file_mark or ("." if "," in bare else ",")
    grouping = "," if mark == "." else "."
    number = bare.replace(grouping, "").replace(mark, ".")
    if number.endswith("-"):
        number = "-" + number[:-1].lstrip("+-")
    if number.count(".") > 1:
        raise NotAnAmount(text, currency)
    return Money.parse(Decimal(number), currency)


def day(text: str) -> date | None:
    """A day: year first, or day first with points, slashes or dashes; None for anything else."""
    if match := _ISO.match(text):
        return calendar_day(int(match[1]), int(match[2]), int(match[3]))
    if match := _DAY_FIRST.match(text):
        return calendar_day(int(match[4]), int(match[3]), int(match[1]))
    return None


def puts_month_first(text: str) -> bool:
    """Whether it would be a day if the month came first, as in American English."""
    match = _DAY_FIRST.match(text)
    return match is not None and int(match[1]) <= 12 < int(match[3]) <= 31
