"""MT940 of SWIFT, as the banks write it: more loosely than the standard.

Source: SWIFT Standards MT, category 9, MT 940 Customer Statement Message. Lines that belong to no
field (an envelope, a bank's own header) are passed over.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from typing import BinaryIO, Final

from receivables.bank.balancing import Sum
from receivables.bank.faults import Faults, fault, refuse
from receivables.bank.mt940_details import Details, details_of
from receivables.bank.parsed import (
    NO_CURRENCY,
    Balance,
    Format,
    ParsedEntry,
    ParsedStatement,
    Reading,
)
from receivables.bank.parsing import (
    KNOWN_CURRENCIES,
    comma_money,
    compact_account,
    cut,
    looks_like_iban,
    year_first,
)
from receivables.bank.references import iban_of
from receivables.intake.faults import Fault
from receivables.intake.findings import calendar_day

_FIELD: Final = re.compile(r":(\d\d[A-Z]?|NS):", re.ASCII)
#: What ends a message; an envelope's trailer may follow on the line.
_END: Final = re.compile(r"-\}?")
_BALANCE: Final = re.compile(
    r"(?P<mark>[CD])(?P<day>\d{6})(?P<currency>[A-Z]{3})?(?P<amount>[\d.,]+)", re.ASCII
)
#: Field 61; EC and ED are expected, not booked. The standard wants the kind of transaction and a
#: reference behind the amount.
_LINE: Final = re.compile(
    r"(?P<value>\d{6})(?P<entry>\d{4})?(?P<mark>R[CD]|E[CD]|[CD])(?P<funds>[A-Z])?"
    r"(?P<amount>\d[\d.,]*)(?P<code>[A-Z][A-Z0-9]{3})?(?P<reference>.*)\Z",
    re.ASCII | re.DOTALL,
)
_OWN_CURRENCY: Final = re.compile(r"(.*[0-9])[/ ]?([A-Z]{3})\Z", re.DOTALL)
#: What says that there is no reference, or that it stands in field 86.
_NO_REFERENCE: Final = ("NONREF", "NOREF", "EREF", "KREF", "MREF", "PREF", "MARF", "")

#: At most so many characters in one field: the rest is no statement.
_LONGEST_FIELD: Final = 20_000


@dataclass(slots=True)
class _Field:
    tag: str
    line: int
    lines: list[str]

    @property
    def where(self) -> str:
        return f"line {self.line}, :{self.tag}:"


def looks_like(head: bytes) -> bool:
    """Whether a file that begins so has fields of MT940 in it."""
    return (
        re.search(rb"(?m)^(?:\{[^\r\n]*\})?[ \t]*:(?:20|25|28C?|60[FM]|61|NS):", head) is not None
    )


def read(source: BinaryIO) -> Reading:
    """The entries of a file as they come; then its statements. Raises Refused at the end."""
    return (yield from _Reader().read(_fields(_lines(source))))


def _lines(source: BinaryIO) -> Iterator[tuple[int, str]]:
    """Number and text of each line, in UTF-8 where it is, else in Latin-1, which fits all."""
    for number, raw in enumerate(iter(lambda: source.readline(_LONGEST_FIELD), b""), start=1):
        bare = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        try:
            text = bare.decode()
        except UnicodeDecodeError:
            text = bare.decode("latin-1")
        yield number, text.rstrip("\r\n")


def _fields(lines: Iterator[tuple[int, str]]) -> Iterator[_Field]:
    """Each field with the lines that continue it."""
    current: _Field | None = None
    size = 0
    for number, line in lines:
        start = line.lstrip("\x01\x03 \t")
        if start.startswith("{") and ":20:" in start:
            start = start[start.index(":20:") :]
        match = _FIELD.match(start)
        if match is not None:
            if current is not None:
                yield current
            current = _Field(match[1], number, [start[match.end() :]])
            size = len(start)
        elif _END.fullmatch(start.strip()) or start.startswith("{"):
            if current is not None:
                yield current
            current = None
        elif current is not None and (size := size + len(line)) <= _LONGEST_FIELD:
            current.lines.append(line)
    if current is not None:
        yield current


@dataclass(slots=True)
class _Page:
    """One message, and those that continue it."""

    account: str = ""
    currency: str | None = None
    number: str | None = None
    opening: Balance | None = None
    closing: Balance | None = None
    first_on: date | None = None
    last_on: date | None = None
    sum: Sum = field(default_factory=Sum)
    findings: list[Fault] = field(default_factory=list)
    where: str = "line 1"


class _Reader:
    def __init__(self) -> None:
        self._faults = Faults()
        self._pages: list[_Page] = []
        self._page = _Page()
        self._begun = False
        self._line: _Field | None = None
        self._words: list[str] = []

    def read(self, fields: Iterator[_Field]) -> Reading:
        for each in fields:
            if each.tag in ("86", "NS") and self._line is not None:
                self._words.extend(each.lines)
                continue
            yield from self._finished_line()
            if each.tag == "20" and self._begun:
                self._pages.append(self._page)
                self._page = _Page()
            self._begun = True
            self._take(each)
        yield from self._finished_line()
        if not self._begun:
            raise refuse("no-statement", "file")
        self._faults.refuse_if_any()
        return Format.MT940, [_statement(page) for page in (*self._pages, self._page)]

    def _take(self, each: _Field) -> None:
        if each.tag == "20":
            self._page.where = f"line {each.line}"
        elif each.tag in ("25", "25P"):
            self._account(each)
        elif each.tag in ("28", "28C"):
            self._page.number = cut(each.lines[0], 60)
        elif each.tag in ("60F", "60M"):
            self._opening(each)
        elif each.tag in ("62F", "62M"):
            self._page.closing = self._balance(each) or self._page.closing
        elif each.tag == "61":
            self._line, self._words = each, []

    def _account(self, each: _Field) -> None:
        written = each.lines[0].strip()
        match = _OWN_CURRENCY.match(written)
        if match and match[2] in KNOWN_CURRENCIES and iban_of(written) is None:
            written, self._page.currency = match[1], match[2]
        for part in (written, written.rpartition("/")[2]):
            if account := iban_of(part):
                written = account
                break
        self._page.account = compact_account(written) or ""

    def _opening(self, each: _Field) -> None:
        """An intermediate opening balance continues the statement of the message before."""
        balance = self._balance(each)
        before = self._pages[-1] if self._pages else None
        if each.tag == "60M" and before is not None and before.account == self._page.account:
            self._page = self._pages.pop()
        elif self._page.opening is None:
            self._page.opening = balance

    def _balance(self, each: _Field) -> Balance | None:
        """The balance; a bank may leave out a currency that the account or opening has stated."""
        text = "".join(each.lines[0].split())
        match = _BALANCE.fullmatch(text)
        stated = match["currency"] if match else None
        currency = stated or self._page.currency or NO_CURRENCY
        amount = comma_money(match["amount"], currency) if match else None
        on = year_first(match["day"]) if match else None
        dated = on is not None or (match is not None and match["day"] == "000000")
        if match is None or amount is None or not dated:
            self._faults.note("mt940-balance", each.where, text=text)
            return None
        if stated is not None and stated not in KNOWN_CURRENCIES:
            self._faults.note("bad-currency", each.where, text=stated)
            return None
        self._page.currency = self._page.currency or stated
        return Balance(amount if match["mark"] == "C" else -amount, on[0] if on else None)

    def _finished_line(self) -> Iterator[ParsedEntry]:
        """The entry of a field 61, now that all that explains it is read."""
        line, words = self._line, self._words
        self._line, self._words = None, []
        if line is None:
            return
        entry = self._entry(line, details_of(words))
        if entry is not None:
            page = self._page
            page.sum.add(entry)
            days = [each for each in (page.first_on, page.last_on, entry.booked_on) if each]
            page.first_on, page.last_on = min(days), max(days)
            yield entry

    def _entry(self, line: _Field, details: Details) -> ParsedEntry | None:
        first = line.lines[0].strip()
        match = _LINE.match(first)
        currency = self._page.currency or NO_CURRENCY
        amount = comma_money(match["amount"], currency) if match else None
        value = self._day(line, match["value"]) if match else None
        if match is None or amount is None or value is None:
            self._faults.note("mt940-line", line.where, text=first)
            return None
        own, _, banks = match["reference"].partition("//")
        name = cut(own[16:], 200)
        reference = next(
            (each for part in (banks, own[:16]) if (each := part.strip()) not in _NO_REFERENCE),
            None,
        )
        more = cut(" ".join(line.lines[1:]))
        account = compact_account(more) if more and looks_like_iban(more) else None
        reversal = match["mark"] in ("RC", "RD")
        went_in = (match["mark"][-1] == "C") != reversal
        reference = cut(reference, 100)
        return ParsedEntry(
            statement=len(self._pages),
            entry=self._page.sum.count,
            where=line.where,
            booked_on=_booked_on(value, match["entry"]) or value,
            value_on=value,
            amount=amount,
            credit_debit="CRDT" if went_in else "DBIT",
            is_reversal=reversal,
            status="PDNG" if match["mark"][0] == "E" else "BOOK",
            end_to_end_id=details.end_to_end_id,
            structured_reference=details.structured_reference,
            unstructured=details.unstructured,
            booking_text=details.booking_text or (None if account else more),
            counterparty=details.counterparty or name,
            counterparty_account=details.counterparty_account or account,
            bank_reference=reference,
            bank_code=match["code"],
            return_reason=details.return_reason,
            entry_reference=reference,
        )

    def _day(self, line: _Field, text: str) -> date | None:
        found = year_first(text)
        if found is None:
            return None
        day, exists = found
        if not exists:
            self._page.findings.append(fault("impossible-day", line.where, text=text, day=day))
        return day


def _booked_on(value: date, written: str | None) -> date | None:
    """The entry date MMDD, in the year that puts it nearest to the value date."""
    if not written:
        return None
    candidates = (
        calendar_day(value.year + years, int(written[:2]), int(written[2:])) for years in (-1, 0, 1)
    )
    days = [each for each in candidates if each is not None]
    return min(days, key=lambda day: abs(day - value), default=None)


def _statement(page: _Page) -> ParsedStatement:
    findings = list(page.findings)
    if not page.account:
        findings.append(fault("no-account", page.where))
    if page.sum.count and not page.currency:
        findings.append(fault("no-currency", page.where))
    if objection := page.sum.objection(page.opening, page.closing, page.where):
        findings.append(objection)
    return ParsedStatement(
        format=Format.MT940,
        account=page.account,
        currency=page.currency or NO_CURRENCY,
        number=page.number,
        first_on=page.first_on or (page.opening.on if page.opening else None),
        last_on=max(
            (each for each in (page.closing and page.closing.on, page.last_on) if each),
            default=None,
        ),
        opening=page.opening,
        closing=page.closing,
        entry_count=page.sum.count,
        findings=tuple(findings),
    )
