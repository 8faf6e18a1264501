"""CODA, the coded statement of Belgian banks: records of 128 characters.

Source: Febelfin, "Coded statement of account (CODA)", version 2.6: positions and codes are those
of its record descriptions, counted from 1.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import BinaryIO, Final

from receivables.bank.balancing import Sum
from receivables.bank.coda_communication import structured_in
from receivables.bank.faults import Faults, fault, refuse
from receivables.bank.parsed import Balance, Format, ParsedEntry, ParsedStatement, Reading
from receivables.bank.parsing import (
    KNOWN_CURRENCIES,
    compact_account,
    cut,
    day_first,
    thousandths_money,
)
from receivables.bank.references import find_in
from receivables.intake.faults import Fault
from receivables.money import Money

RECORD: Final = 128

#: Position 54 of a movement: what its amount is. Totals of a batch, and their details.
_TOTALS: Final = ("1", "2")
#: A detail of a single amount (charges and the like): part of it, and no booking.
_BREAKDOWN: Final = "8"

_DETAIL_MARK: Final = "0000"


@dataclass(frozen=True, slots=True)
class Record:
    line: int
    text: str

    @property
    def kind(self) -> str:
        """ "0", "1", "21" ... "33", "4", "8" or "9"."""
        return self.text[:2] if self.text[0] in "23" else self.text[0]

    @property
    def where(self) -> str:
        return f"line {self.line}"

    def at(self, first: int, last: int) -> str:
        """The characters at these positions, counted from 1, without blanks around them."""
        return self.text[first - 1 : last].strip()

    def raw(self, first: int, last: int) -> str:
        return self.text[first - 1 : last]


@dataclass(slots=True)
class _Movement:
    """The records 21, 22 and 23 of one movement, and the information records that belong to it."""

    main: Record
    second: Record | None = None
    third: Record | None = None
    information: list[Record] = field(default_factory=list)

    @property
    def sequence(self) -> str:
        return self.main.raw(3, 6)

    @property
    def is_detail(self) -> bool:
        return self.main.raw(7, 10) != _DETAIL_MARK

    @property
    def communication(self) -> str:
        parts = [self.main.raw(63, 115)]
        if self.second is not None:
            parts.append(self.second.raw(11, 63))
        if self.third is not None:
            parts.append(self.third.raw(83, 125))
        return "".join(parts)


def looks_like(head: bytes) -> bool:
    """Whether a file begins with a CODA header: zeros, a date, a bank, and 05 for accounts."""
    lines = head.lstrip(b"\xef\xbb\xbf \r\n").splitlines()
    return bool(lines) and re.match(rb"0[0 ]{4}[0-9]{6}[0-9 ]{3}05", lines[0]) is not None


def read(source: BinaryIO) -> Reading:
    """The entries of a file as they come; then its statements. Raises Refused at the end."""
    return (yield from _Reader().read(_records(source)))


def _records(source: BinaryIO) -> Iterator[Record]:
    """The records; a line without its last blanks is filled up. Raises Refused for a longer one."""
    for number, raw in enumerate(iter(lambda: source.readline(4 * RECORD), b""), start=1):
        bare = raw.removeprefix(b"\xef\xbb\xbf") if number == 1 else raw
        try:
            text = bare.decode()
        except UnicodeDecodeError:
            text = bare.decode("latin-1")
        text = text.rstrip("\r\n\x1a")
        if not text.strip():
            continue
        if len(text) > RECORD:
            raise refuse("coda-length", f"line {number}", length=len(text))
        yield Record(number, text.ljust(RECORD))


#: Which records may follow which; 22, 23 and the information records are free among themselves.
_FOLLOWS: Final = {
    "": ("0",),
    "0": ("1",),
    "1": ("21", "4", "8"),
    "2": ("21", "22", "23", "31", "32", "33", "4", "8"),
    "4": ("4", "8", "9", "21"),
    "8": ("4", "9"),
    "9": ("0",),
}


class _Reader:
    def __init__(self) -> None:
        self._faults = Faults()
        self._statements: list[ParsedStatement] = []
        self._before = ""
        self._begin()

    def _begin(self) -> None:
        self._sum = Sum()
        self._findings: list[Fault] = []
        self._movements: list[_Movement] = []
        self._opening: Balance | None = None
        self._closing: Balance | None = None
        self._account = ""
        self._currency = ""
        self._number: str | None = None
        self._count = 0
        self._totals = {"0": 0, "1": 0}
        self._where = "line 1"

    def read(self, records: Iterator[Record]) -> Reading:
        last = None
        for record in records:
            last = record
            self._check_order(record)
            if record.kind in ("8", "9") or self._starts_anew(record):
                yield from self._entries()
            self._take(record)
        if last is None or last.kind != "9":
            missing = "9" if last is not None and last.kind in ("4", "8") else "8"
            where = f"line {last.line if last else 1} or after"
            self._faults.note("coda-cut-off", where, kind=missing)
        self._faults.refuse_if_any()
        return Format.CODA, self._statements

    def _check_order(self, record: Record) -> None:
        group = "2" if self._before.startswith(("2", "3")) else self._before
        if record.kind not in _FOLLOWS[group]:
            raise refuse("coda-record", record.where, kind=record.kind)
        self._before = record.kind

    def _take(self, record: Record) -> None:
        kind = record.kind
        if kind == "0":
            self._header(record)
        elif kind == "9":
            self._trailer(record)
        else:
            self._count += kind != "4"
        if kind == "1":
            self._old_balance(record)
        elif kind == "21":
            self._movements.append(_Movement(record))
        elif kind == "22":
            self._movements[-1].second = record
        elif kind == "23":
            self._movements[-1].third = record
        elif kind in ("31", "32", "33"):
            self._movements[-1].information.append(record)
        elif kind == "8":
            self._new_balance(record)

    def _header(self, record: Record) -> None:
        self._begin()
        self._where = record.where
        version = record.at(128, 128)
        if version not in ("1", "2"):
            raise refuse("coda-version", f"{record.where}, position 128", version=version)

    def _old_balance(self, record: Record) -> None:
        self._account, self._currency = _account_of(record, first=6)
        if self._currency not in KNOWN_CURRENCIES:
            raise refuse("bad-currency", f"{record.where}, account", text=self._currency)
        self._number = record.at(3, 5) or None
        self._opening = self._balance(record, sign=43)

    def _new_balance(self, record: Record) -> None:
        self._closing = self._balance(record, sign=42)

    def _balance(self, record: Record, *, sign: int) -> Balance | None:
        amount = self._amount(record, sign)
        day = self._day(record, sign + 16, sign + 21)
        return Balance(amount, day) if amount is not None else None

    def _amount(self, record: Record, sign: int) -> Money | None:
        """The amount behind its sign: 0 for credit, 1 for debit."""
        digits, mark = record.raw(sign + 1, sign + 15), record.raw(sign, sign)
        amount = thousandths_money(digits, self._currency)
        where = f"{record.where}, position {sign}"
        if amount is None:
            self._faults.note("bad-amount", where, text=digits, currency=self._currency)
            return None
        if mark not in ("0", "1"):
            self._faults.note("bad-direction", where, text=mark)
            return None
        return amount if mark == "0" else -amount

    def _day(self, record: Record, first: int, last: int) -> date | None:
        text = record.raw(first, last)
        if not text.strip("0 "):
            return None
        found = day_first(text)
        if found is None:
            self._faults.note("bad-date", f"{record.where}, position {first}", text=text)
            return None
        day, exists = found
        if not exists:
            self._findings.append(fault("impossible-day", record.where, text=text, day=day))
        return day

    def _starts_anew(self, record: Record) -> bool:
        """A movement of another sequence number: the ones before it are complete."""
        return (
            record.kind == "21"
            and bool(self._movements)
            and self._movements[0].sequence != record.raw(3, 6)
        )

    def _entries(self) -> Iterator[ParsedEntry]:
        """The booking that the collected records describe, or the transactions of the batch."""
        movements, self._movements = self._movements, []
        if not movements:
            return
        main, details = movements[0], [each for each in movements[1:] if each.is_detail]
        whole = self._entry(main)
        if whole is None:
            return
        self._sum.add(whole)
        self._totals["0" if whole.is_credit else "1"] += whole.amount.minor
        parts = self._parts(whole, main, details)
        yield from parts or [whole]

    def _parts(
        self, whole: ParsedEntry, main: _Movement, details: Sequence[_Movement]
    ) -> list[ParsedEntry]:
        if main.main.raw(54, 54) not in _TOTALS or not details:
            return []
        parts: list[ParsedEntry] = []
        for detail in details:
            entry = self._entry(detail) if detail.main.raw(54, 54) != _BREAKDOWN else None
            if entry is not None:
                part = replace(
                    entry,
                    entry=whole.entry,
                    part=len(parts) + 1,
                    booked_on=entry.booked_on or whole.booked_on,
                    batch_of=whole.bank_reference or whole.where,
                    entry_reference=whole.entry_reference,
                    entry_amount=whole.amount,
                    entry_credit_debit=whole.credit_debit,
                )
                parts.append(part)
        if sum(each.signed.minor for each in parts) == whole.signed.minor:
            return parts
        self._findings.append(fault("batch-sum", whole.where, amount=whole.amount))
        return []

    def _entry(self, movement: _Movement) -> ParsedEntry | None:
        main, second, third = movement.main, movement.second, movement.third
        amount = self._amount(main, 32)
        value_on = self._day(main, 48, 53)
        booked_on = self._day(main, 116, 121)
        if amount is None:
            return None
        structured, words = _communication(main, movement.communication)
        account = third.at(11, 44) if third else ""
        account, customers = account.split(" ")[0], second.at(64, 98) if second else ""
        reason = second.at(114, 117) if second else ""
        reference = cut(main.at(11, 31), 100)
        return ParsedEntry(
            statement=len(self._statements),
            entry=self._sum.count,
            where=main.where,
            booked_on=booked_on,
            value_on=value_on,
            amount=amount if amount.minor >= 0 else -amount,
            credit_debit="CRDT" if main.raw(32, 32) == "0" else "DBIT",
            end_to_end_id=cut(customers, 140) if customers.strip("0") else None,
            structured_reference=structured,
            unstructured=cut(words),
            booking_text=cut(" ".join(_information(movement.information))),
            counterparty=cut(third.at(48, 82), 200) if third else None,
            counterparty_account=compact_account(account),
            bank_reference=reference,
            bank_code=main.at(54, 61) or None,
            return_reason=reason or None,
            entry_reference=reference,
        )

    def _trailer(self, record: Record) -> None:
        """The end of a statement, with the totals by which to check it."""
        found = (
            ("records", 17, 22, str(self._count)),
            ("debits", 23, 37, self._total("1")),
            ("credits", 38, 52, self._total("0")),
        )
        for what, first, last, counted in found:
            stated = record.raw(first, last).strip()
            if stated.isdigit() and int(stated) != int(counted):
                said = stated if what == "records" else f"{int(stated) / 1000:.2f}"
                ours = counted if what == "records" else f"{int(counted) / 1000:.2f}"
                self._findings.append(fault(f"coda-{what}", record.where, stated=said, found=ours))
        if objection := self._sum.objection(self._opening, self._closing, self._where):
            self._findings.append(objection)
        self._statements.append(
            ParsedStatement(
                format=Format.CODA,
                account=self._account,
                currency=self._currency,
                number=self._number,
                first_on=self._opening.on if self._opening else None,
                last_on=self._closing.on if self._closing else None,
                opening=self._opening,
                closing=self._closing,
                entry_count=self._sum.count,
                findings=tuple(self._findings),
            )
        )

    def _total(self, mark: str) -> str:
        """What was added up, in thousandths as the trailer has it."""
        return str(int(Money(self._totals[mark], self._currency).decimal * 1000))


def _account_of(record: Record, *, first: int) -> tuple[str, str]:
    """Account and currency; position 2 says in which of four ways they are written."""
    structure = record.raw(2, 2)
    if structure == "0":
        account, currency = record.at(first, first + 11), record.at(first + 13, first + 15)
    elif structure == "2":
        account, currency = record.at(first, first + 30), record.at(first + 34, first + 36)
    else:
        account, currency = record.at(first, first + 33), record.at(first + 34, first + 36)
    return compact_account(account) or "", currency


def _communication(main: Record, text: str) -> tuple[str | None, str | None]:
    """The structured reference and the words of a communication; position 62 says which it is."""
    if main.raw(62, 62) == "1":
        return structured_in(text)
    found = ", ".join(each.value for each in find_in(text))
    return found or None, text


def _information(records: Sequence[Record]) -> Iterator[str]:
    """What the bank adds, free or structured; 31 has a type of three digits before it."""
    for record in records:
        if record.kind == "31":
            yield record.at(44, 113) if record.raw(40, 40) == "1" else record.at(41, 113)
        elif record.kind == "32":
            yield record.at(11, 115)
        else:
            yield record.at(11, 100)
