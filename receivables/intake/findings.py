"""Texts of a document become dates, amounts and codes; what cannot is noted as a fault."""

from __future__ import annotations

import re
from datetime import date
from decimal import ROUND_HALF_UP, Decimal, InvalidOperation
from typing import Final

from receivables.intake.faults import Fault, fault
from receivables.money import LARGEST_MINOR, Money, digits_of

#: Source: ISO 4217 list one (2026), without funds, metals and test codes; the currencies that
#: the euro replaced since 2014 are kept for older invoices.
_CODES: Final = """
    AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BRL BSD BTN BWP BYN
    BZD CAD CDF CHF CLF CLP CNY COP CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL
    GHS GIP GMD GNF GTQ GYD HKD HNL HRK HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF
    KPW KRW KWD KYD KZT LAK LBP LKR LRD LSL LTL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN
    MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR
    SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP TRY TTD TWD TZS UAH UGX USD
    UYU UYW UZS VED VES VND VUV WST XAF XCD XCG XOF XPF YER ZAR ZMW ZWG
"""
CURRENCIES: Final = frozenset(_CODES.split())

#: What a column of the database takes, with room to spare.
LONGEST: Final = 200

_ISO_DAY = re.compile(r"(\d{4})-(\d\d)-(\d\d)(?:T[\d:.]+)?(?:Z|[+-]\d\d:?\d\d)?\Z", re.ASCII)
_PLAIN_DAY = re.compile(r"(\d{4})(\d\d)(\d\d)(?:\d{4}(?:\d\d)?)?\Z", re.ASCII)
_DECIMAL = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)\Z", re.ASCII)


def calendar_day(year: int, month: int, day: int) -> date | None:
    """The day, when there is one, in a year that an invoice can bear."""
    try:
        return date(year, month, day) if 1900 <= year <= 2200 else None
    except ValueError:
        return None


def day_of(text: str) -> date | None:
    """A day as XML Schema writes it (time and zone are dropped) or as ``yyyymmdd``.

    The latter is format 102 of UNTDID 2379; 203 and 204 add a time, which is dropped too.
    """
    match = _ISO_DAY.match(text) or _PLAIN_DAY.match(text)
    if match is None:
        return None
    return calendar_day(int(match[1]), int(match[2]), int(match[3]))


def exact_of(text: str) -> Decimal | None:
    """A decimal as XML Schema writes it: no exponent, no grouping."""
    if len(text) > 40 or not _DECIMAL.match(text):
        return None
    try:
        return Decimal(text)
    except InvalidOperation:
        return None


def money_of(text: str, currency: str) -> Money | None:
    """An amount in `currency`, rounded half up to its smallest unit.

    EN 16931 allows two decimals in totals (BR-DEC), but some software writes more.
    """
    exact = exact_of(text)
    if exact is None:
        return None
    minor = exact.scaleb(digits_of(currency)).quantize(Decimal(1), ROUND_HALF_UP)
    return Money(int(minor), currency) if abs(minor) <= LARGEST_MINOR else None


class Findings:
    """Takes the parts of one document and keeps the faults of those that will not do."""

    def __init__(self) -> None:
        self.faults: list[Fault] = []

    def note(self, code: str, where: str, **values: object) -> None:
        self.faults.append(fault(code, where, **values))

    def required(self, text: str | None, where: str, *, field: str, example: str) -> str:
        """The text, which must be there and not be endless."""
        if not text:
            self.note("missing", where, field=field, example=example)
            return ""
        if len(text) > LONGEST:
            self.note("too-long", where, field=field, length=len(text), limit=LONGEST)
        return text

    def day(self, text: str | None, where: str, *, field: str) -> date | None:
        """The day, or None when nothing was written; an unreadable one is a fault."""
        if not text:
            return None
        day = day_of(text)
        if day is None:
            self.note("bad-date", where, text=text, field=field, example="2026-01-31")
        return day

    def currency(self, text: str | None, where: str) -> str | None:
        if not text:
            self.note("missing", where, field="The currency", example="EUR")
            return None
        if text.upper() not in CURRENCIES:
            self.note("unknown-currency", where, text=text)
            return None
        return text.upper()

    def money(self, text: str | None, currency: str, where: str, *, field: str) -> Money | None:
        """The amount, or None when nothing was written; an unreadable one is a fault."""
        if not text:
            return None
        amount = money_of(text, currency)
        if amount is None:
            self.note("bad-amount", where, text=text, field=field, example="1234.50")
        return amount
