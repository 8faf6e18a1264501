"""A bank's CSV becomes entries: one line each, or one line and its details below it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date
from typing import BinaryIO, Final

from receivables.bank import csv_cells
from receivables.bank.balancing import Sum
from receivables.bank.csv_table import Table, Told, open_table
from receivables.bank.faults import Faults, fault
from receivables.bank.parsed import NO_CURRENCY, Format, ParsedEntry, ParsedStatement, Reading
from receivables.bank.parsing import KNOWN_CURRENCIES, compact_account, cut, looks_like_iban
from receivables.bank.references import find_in, recognise
from receivables.intake.csv_cells import decimal_mark
from receivables.intake.faults import Fault
from receivables.money import Money, NotAnAmount

#: What Swiss banks' exports are in where nothing says it.
_HOME_CURRENCY: Final = "CHF"

_IBAN_INSIDE: Final = re.compile(r"\b[A-Z]{2}[0-9]{2}(?: ?[0-9A-Z]{4}){3,7}(?: ?[0-9A-Z]{1,3})?\b")
_CURRENCY_INSIDE: Final = re.compile(r"\b[A-Z]{3}\b")
_ACCOUNT_WORDS: Final = re.compile(r"konto|account|compte|conto", re.IGNORECASE)
_NUMBER_INSIDE: Final = re.compile(r"[0-9][0-9A-Z. -]{5,}[0-9A-Z]")
_DAY_INSIDE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}|[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{2,4}")
#: From which detail line on they are a batch: one alone says more about the booking itself.
_SMALLEST_BATCH: Final = 2


def read(source: BinaryIO, told: Told) -> Reading:
    """The entries of a file as they come; then its statement.

    Raises Refused with every fault at the end, and UnknownLayout at once.
    """
    return (yield from _Reader(open_table(source, told)).read())


class _Reader:
    def __init__(self, table: Table) -> None:
        self._table = table
        self._layout = table.layout
        self._faults = Faults()
        self._findings: list[Fault] = []
        self._sum = Sum()
        self._mark, self._slashes = self._evidence()
        self._account = self._layout.account or _account_in(table.preamble)
        self._currency = self._layout.currency or _currency_in(table.preamble) or _HOME_CURRENCY
        self._days: list[date] = []
        #: The booking whose details may follow, and the lines that did.
        self._open: ParsedEntry | None = None
        self._more: list[tuple[int, str, Money | None]] = []

    def read(self) -> Reading:
        for row in self._table.rows():
            if isinstance(row, Fault):
                self._faults.found.append(row)
                break
            yield from self._row(*row)
        yield from self._complete()
        self._faults.refuse_if_any()
        return Format.CSV, [self._statement()]

    def _evidence(self) -> tuple[str | None, str]:
        """The decimal mark and the order of slashes, which the file as a whole shows."""
        amounts: list[str] = []
        days: list[str] = []
        for row in self._table.rows():
            if isinstance(row, Fault):
                break
            for name in ("amount", "credit", "debit"):
                text = csv_cells.bare_amount(self._cell(row[1], name))
                if text and csv_cells.is_amount(text):
                    amounts.append(text)
            days.extend(text for name in _DAYS if "/" in (text := self._cell(row[1], name)))
            if len(amounts) > 5000:
                amounts, days = amounts[-1000:], days[-1000:]
        mark = decimal_mark(amounts)
        return mark, self._layout.slashes or csv_cells.slashes_of(days)

    def _cell(self, cells: Sequence[str], *names: str) -> str:
        """The first cell of these meanings that says something."""
        for name in names:
            for place in self._layout.places.get(name, ()):
                if place < len(cells) and (text := csv_cells.clean(cells[place])):
                    return text
        return ""

    def _joined(self, cells: Sequence[str], name: str) -> str:
        places = self._layout.places.get(name, ())
        said = (csv_cells.clean(cells[place]) for place in places if place < len(cells))
        return " ".join(dict.fromkeys(text for text in said if text))

    def _row(self, line: int, cells: list[str]) -> Iterator[ParsedEntry]:
        stated = [name for name in _AMOUNTS if self._says_amount(cells, name)]
        written = self._cell(cells, *_DAYS)
        if not stated:
            self._keep_detail(line, cells)
            return
        day = csv_cells.day(written, self._slashes) if written else None
        if day is None and {"credit", "debit"} <= set(stated):
            return  # The totals that some banks write below or above the entries.
        yield from self._complete()
        where = f"line {line}"
        if not written:
            self._faults.note("missing", where, field="The day")
        elif day is None:
            self._faults.note("bad-date", where, text=written)
        else:
            self._open = self._entry(line, cells, day, stated)

    def _says_amount(self, cells: Sequence[str], name: str) -> bool:
        """Whether the cell states an amount that is not zero; anything that is none counts, too."""
        text = csv_cells.bare_amount(self._cell(cells, name))
        return bool(text.strip("0.,'’ -"))

    def _keep_detail(self, line: int, cells: Sequence[str]) -> None:
        """A line without an amount says more about the booking above it."""
        if self._open is None:
            return
        text = " ".join((self._joined(cells, "text"), self._joined(cells, "counterparty"))).strip()
        amount = self._amount_in(self._cell(cells, "detail"), self._open.amount.currency)
        if text or amount:
            self._more.append((line, text, amount))

    def _amount_in(self, text: str, currency: str) -> Money | None:
        try:
            return csv_cells.amount(text, currency, self._mark)
        except NotAnAmount:
            return None

    def _entry(
        self, line: int, cells: Sequence[str], day: date, stated: Sequence[str]
    ) -> ParsedEntry | None:
        where = f"line {line}"
        currency = self._currency_of(cells)
        name = next(each for each in ("credit", "debit", "amount") if each in stated)
        text = self._cell(cells, name)
        amount = self._amount_in(text, currency)
        if amount is None or {"credit", "debit"} <= set(stated):
            said = text if amount is None else f"{text} / {self._cell(cells, 'debit')}"
            self._faults.note("bad-amount", where, text=said, currency=currency)
            return None
        went_in = name != "debit" and amount.minor > 0
        value = self._cell(cells, "value_on")
        words = self._joined(cells, "text")
        reference = cut(self._cell(cells, "bank_reference"), 100)
        if not self._account:
            self._account = compact_account(self._cell(cells, "account")) or ""
        return ParsedEntry(
            statement=0,
            entry=self._sum.count,
            where=where,
            booked_on=day,
            value_on=csv_cells.day(value, self._slashes) if value else None,
            amount=amount if amount.minor >= 0 else -amount,
            credit_debit="CRDT" if went_in else "DBIT",
            end_to_end_id=cut(self._cell(cells, "end_to_end_id"), 140),
            structured_reference=self._reference(cells, words),
            unstructured=cut(words),
            booking_text=cut(self._joined(cells, "booking_text")),
            counterparty=cut(self._cell(cells, "counterparty"), 200),
            counterparty_account=compact_account(self._cell(cells, "counterparty_account")),
            bank_reference=reference,
            entry_reference=reference,
        )

    def _currency_of(self, cells: Sequence[str]) -> str:
        """The line's own currency, else the file's; one that ISO 4217 does not know is none."""
        said = self._cell(cells, "currency").upper()
        if not said:
            return self._currency
        return said if said in KNOWN_CURRENCIES else NO_CURRENCY

    def _reference(self, cells: Sequence[str], words: str) -> str | None:
        said = self._cell(cells, "structured_reference")
        if said:
            known = recognise(said)
            return known.value if known else cut(said, 140)
        return ", ".join(each.value for each in find_in(words)) or None

    def _complete(self) -> Iterator[ParsedEntry]:
        """The booking with what stood below it: as a batch, where the details add up to it."""
        entry, more = self._open, self._more
        self._open, self._more = None, []
        if entry is None:
            return
        self._sum.add(entry)
        if entry.booked_on is not None:
            self._days = [min([*self._days, entry.booked_on]), max([*self._days, entry.booked_on])]
        parts = _parts(entry, more)
        if parts:
            yield from parts
            return
        if sum(amount is not None for _, _, amount in more) >= _SMALLEST_BATCH:
            self._findings.append(fault("batch-sum", entry.where, amount=entry.amount))
        texts = [entry.unstructured or "", *(text for _, text, _ in more)]
        words = cut(" ".join(_without_repeats(texts)))
        found = ", ".join(each.value for each in find_in(words or "")) or None
        yield replace(
            entry,
            unstructured=words,
            structured_reference=entry.structured_reference or found,
        )

    def _statement(self) -> ParsedStatement:
        where = f"line {max(self._table.header_line, 1)}"
        currency = self._sum.currency or (NO_CURRENCY if self._sum.minor else self._currency)
        findings = [*self._findings]
        if not self._account:
            findings.append(fault("no-account", where))
        if NO_CURRENCY in self._sum.minor:
            findings.append(fault("no-currency", where))
        return ParsedStatement(
            format=Format.CSV,
            account=self._account,
            currency=currency,
            first_on=self._days[0] if self._days else None,
            last_on=self._days[-1] if self._days else None,
            entry_count=self._sum.count,
            findings=tuple(findings),
        )


_DAYS: Final = ("booked_on", "traded_on", "value_on")
_AMOUNTS: Final = ("credit", "debit", "amount")


def _parts(entry: ParsedEntry, more: Sequence[tuple[int, str, Money | None]]) -> list[ParsedEntry]:
    """The transactions of a batch, when several details state amounts and add up to it."""
    stated = [(line, text, amount) for line, text, amount in more if amount is not None]
    total = sum(abs(amount.minor) for _, _, amount in stated)
    if len(stated) < _SMALLEST_BATCH or total != entry.amount.minor:
        return []
    return [
        replace(
            entry,
            part=number,
            where=f"line {line}",
            amount=amount if amount.minor >= 0 else -amount,
            unstructured=cut(text) or entry.unstructured,
            structured_reference=", ".join(each.value for each in find_in(text)) or None,
            counterparty=None,
            bank_reference=None,
            batch_of=entry.bank_reference or entry.where,
            entry_amount=entry.amount,
            entry_credit_debit=entry.credit_debit,
        )
        for number, (line, text, amount) in enumerate(stated, start=1)
    ]


def _without_repeats(texts: Sequence[str]) -> Iterator[str]:
    """Banks write the first line again before they go on."""
    before = ""
    for text in texts:
        yield text.removeprefix(before).strip() if before else text
        before = text or before


def _account_in(preamble: Sequence[Sequence[str]]) -> str:
    """The account that stands above the header: an IBAN, else a number beside the word for it."""
    cells = [csv_cells.clean(cell) for line in preamble for cell in line]
    for cell in cells:
        for match in _IBAN_INSIDE.finditer(cell):
            account = compact_account(match[0])
            if account and looks_like_iban(account):
                return account
    for line in preamble:
        said = " ".join(csv_cells.clean(cell) for cell in line)
        word = _ACCOUNT_WORDS.search(said)
        number = _NUMBER_INSIDE.search(said, word.end()) if word else None
        if number and not _DAY_INSIDE.search(number[0]):
            return compact_account(number[0]) or ""
    return ""


def _currency_in(preamble: Sequence[Sequence[str]]) -> str:
    """The currency that stands above the header, in a cell of its own or beside an amount."""
    cells = [csv_cells.clean(cell) for line in preamble for cell in line]
    for cell in cells:
        if cell in KNOWN_CURRENCIES:
            return cell
    for cell in cells:
        codes = [code for code in _CURRENCY_INSIDE.findall(cell) if code in KNOWN_CURRENCIES]
        if codes and re.search(r"\d", cell):
            return str(codes[0])
    return ""
