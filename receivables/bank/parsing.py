"""Texts of a bank's file become days, amounts and directions."""

from __future__ import annotations

import re
from datetime import date, timedelta
from decimal import Decimal
from typing import Final

from receivables.intake.findings import CURRENCIES, calendar_day, exact_of, money_of
from receivables.money import Money, NotAnAmount

#: A statement may be older than the money of today. Source: ISO 4217 list three, European codes.
_FORMER: Final = "ATS BEF CYP DEM EEK ESP FIM FRF GRD IEP ITL LUF LVL MTL NLG PTE SIT SKK YUM"
KNOWN_CURRENCIES: Final = CURRENCIES | frozenset(_FORMER.split())

#: Longer texts are cut: nobody reads them, and a column has an end.
LONGEST_TEXT: Final = 4000

_PLAIN: Final = re.compile(r"\d{1,15}(?:[.,]\d*)?\Z", re.ASCII)
_SHORT_DAY: Final = re.compile(r"(\d\d)(\d\d)(\d\d)\Z", re.ASCII)


def exact_money(text: str, currency: str) -> Money | None:
    """The amount written with a point, which the currency must be able to hold exactly."""
    exact = exact_of(text)
    if exact is None:
        return None
    try:
        return Money.parse(exact, currency)
    except NotAnAmount:
        return None


def rounded_money(text: str, currency: str) -> tuple[Money, bool] | None:
    """The amount, and whether it had to be rounded: the schema of ISO 20022 allows five decimals
    in any currency. Half goes up.
    """
    amount = money_of(text, currency)
    if amount is None:
        return None
    return amount, exact_money(text, currency) != amount


def comma_money(text: str, currency: str) -> Money | None:
    """The amount as SWIFT writes it: digits, a comma, and decimals that may be missing."""
    if not _PLAIN.match(text):
        return None
    return exact_money(text.replace(",", "."), currency)


def thousandths_money(digits: str, currency: str) -> Money | None:
    """The amount as CODA writes it: twelve digits and three decimals."""
    if not re.fullmatch(r"[0-9]{15}", digits):
        return None
    try:
        return Money.parse(Decimal(digits).scaleb(-3), currency)
    except NotAnAmount:
        return None


def year_first(text: str) -> tuple[date, bool] | None:
    """The day of a text YYMMDD; and whether it is one of the calendar.

    Some banks count 30 days in every month, so the 30th of February is taken for its last.
    """
    match = _SHORT_DAY.match(text)
    if match is None:
        return None
    return _clamped(2000 + int(match[1]), int(match[2]), int(match[3]))


def day_first(text: str) -> tuple[date, bool] | None:
    """The same for a text DDMMYY."""
    match = _SHORT_DAY.match(text)
    if match is None:
        return None
    return _clamped(2000 + int(match[3]), int(match[2]), int(match[1]))


def _clamped(year: int, month: int, day: int) -> tuple[date, bool] | None:
    if found := calendar_day(year, month, day):
        return found, True
    if not (1 <= month <= 12 and 29 <= day <= 31):
        return None
    following = date(year + month // 12, month % 12 + 1, 1)
    return following - timedelta(days=1), False


def cut(text: str | None, longest: int = LONGEST_TEXT) -> str | None:
    """The text in one line, without control characters and not endless; None when nothing is left.

    A NUL no database takes.
    """
    if not text:
        return None
    plain = " ".join(text.split())
    if not plain.isprintable():
        plain = "".join(each for each in plain if each.isprintable())
    return plain[:longest].strip() or None


def compact_account(text: str | None) -> str | None:
    """An account without blanks and in capitals when it looks like an IBAN, else as written."""
    if not text:
        return None
    bare = "".join(text.split())
    return bare.upper() if looks_like_iban(bare) else cut(text, 60)


def looks_like_iban(text: str) -> bool:
    """Whether it has the shape of an IBAN; many in the files have wrong check digits."""
    return re.match(r"[A-Za-z]{2}[0-9]{2}[0-9A-Za-z]{8,30}\Z", text) is not None
