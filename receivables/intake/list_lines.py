"""The lines of a list of invoices, each a cell per field, become invoices; or say what is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from receivables.intake import csv_cells
from receivables.intake.assembly import country_code, due
from receivables.intake.csv_columns import COLUMNS, CREDIT_WORDS, INVOICE_WORDS, plain
from receivables.intake.faults import Fault, fault
from receivables.intake.findings import CURRENCIES, LONGEST
from receivables.intake.identifiers import identifier
from receivables.intake.parsed import DueDateSource, Format, Identifier, ParsedInvoice, Party
from receivables.money import Money, NotAnAmount, digits_of

#: A list names no seller: whoever imports it is the seller.
NO_SELLER: Final = Party(name="")

Row = Mapping[str, str]

REQUIRED: Final = frozenset(column.name for column in COLUMNS if column.required)


class LineReader:
    """Reads the lines of one file, which share the decimal mark and must not share a number.

    `labels` are the file's own words for its fields, where a fault is to name them.
    """

    def __init__(
        self,
        format: Format,
        decimal_mark: str | None,
        default_terms_days: int,
        labels: Mapping[str, str] | None = None,
    ) -> None:
        self.faults: list[Fault] = []
        self._format = format
        self._labels = labels or {}
        self._mark = decimal_mark
        self._default_terms_days = default_terms_days
        self._line_of_number: dict[str, int] = {}
        self._debtors: dict[tuple[str | None, ...], Party] = {}

    def invoice(self, line: int, row: Row) -> ParsedInvoice | None:
        """The invoice of one line, or None when something is wrong with it."""
        faults_before = len(self.faults)
        number = self._number(line, row)
        self._required(line, row, "debtor_name")
        issued_on = self._day(line, row, "issued_on")
        due_on = self._day(line, row, "due_on")
        if issued_on and due_on and due_on < issued_on:
            self._fault("csv-due-before-issue", line, "due_on", due_on=due_on, issued_on=issued_on)
        amount = self._amount(line, row)
        is_credit = self._is_credit(line, row)
        if len(self.faults) > faults_before or issued_on is None or amount is None:
            return None
        if is_credit and amount.minor < 0:
            amount = -amount
        note = row.get("note") or None
        due_date, source = self._due(due_on, note, issued_on)
        return ParsedInvoice(
            format=self._format,
            number=number,
            type_code="381" if is_credit else "380",
            issue_date=issued_on,
            due_date=due_date,
            due_date_source=source,
            currency=amount.currency,
            payable=amount,
            total=amount,
            seller=NO_SELLER,
            buyer=self._debtor(row),
            payment_reference=row.get("payment_reference") or None,
            note=note,
        )

    def _debtor(self, row: Row) -> Party:
        """The debtor; one and the same object for all the invoices that name it alike."""
        cells = tuple(row.get(column) for column in _OF_DEBTOR)
        debtor = self._debtors.get(cells)
        if debtor is None:
            debtor = self._debtors[cells] = _debtor(row)
        return debtor

    def _due(
        self, due_on: date | None, note: str | None, issued_on: date
    ) -> tuple[date, DueDateSource]:
        stated = [due_on] if due_on else []
        return due(stated, note, issued_on, default_terms_days=self._default_terms_days)

    def _fault(self, code: str, line: int, column: str, **values: object) -> None:
        label = self._labels.get(column, column)
        self.faults.append(fault(code, f"line {line}, column {label}", **values))

    def _required(self, line: int, row: Row, column: str) -> str:
        text = row.get(column, "")
        if not text:
            self._fault("missing", line, column, field=column, example=_EXAMPLES[column])
        elif len(text) > LONGEST:
            self._fault("too-long", line, column, field=column, length=len(text), limit=LONGEST)
        return text

    def _number(self, line: int, row: Row) -> str:
        number = self._required(line, row, "number")
        if number:
            earlier = self._line_of_number.setdefault(number, line)
            if earlier != line:
                self._fault("csv-number-twice", line, "number", number=number, earlier=earlier)
        return number

    def _day(self, line: int, row: Row, column: str) -> date | None:
        text = self._required(line, row, column) if column in REQUIRED else row.get(column, "")
        if not text:
            return None
        day = csv_cells.day(text)
        if day is None and csv_cells.puts_month_first(text):
            self._fault("csv-us-date", line, column, text=text)
        elif day is None:
            self._fault("bad-date", line, column, text=text, field=column, example="2026-01-31")
        return day

    def _amount(self, line: int, row: Row) -> Money | None:
        text = self._required(line, row, "amount")
        code = self._required(line, row, "currency").upper()
        if code and code not in CURRENCIES:
            self._fault("unknown-currency", line, "currency", text=code)
        if not text or code not in CURRENCIES:
            return None
        example = f"{'1234':.4}" + ("." + "50000"[: digits_of(code)] if digits_of(code) else "")
        try:
            return csv_cells.amount(text, code, self._mark)
        except csv_cells.Ambiguous:
            self._fault("csv-amount-ambiguous", line, "amount", text=text, example=example)
        except NotAnAmount:
            self._fault("bad-amount", line, "amount", text=text, field="amount", example=example)
        return None

    def _is_credit(self, line: int, row: Row) -> bool:
        word = plain(row.get("type", ""))
        if word not in CREDIT_WORDS and word not in INVOICE_WORDS:
            self._fault("csv-unknown-type", line, "type", text=row["type"])
        return word in CREDIT_WORDS


_EXAMPLES: Final = {
    "number": "R-2026-1",
    "issued_on": "2026-01-31",
    "currency": "EUR",
    "amount": "1234.50",
    "debtor_name": "the registered name",
}


_OF_DEBTOR: Final = (
    "debtor_name", "debtor_number", "email", "language", "country", "street", "postcode", "city",
    "vat_number", "registration_number",
)  # fmt: skip


def _debtor(row: Row) -> Party:
    country = country_code(row.get("country"))
    identifiers: list[Identifier] = []
    if number := row.get("debtor_number"):
        identifiers.append(identifier(number, scheme="DEBTOR"))
    if number := row.get("registration_number"):
        identifiers.append(identifier(number, country=country))
    if number := row.get("vat_number"):
        identifiers.append(identifier(number, scheme="VAT"))
    return Party(
        name=row["debtor_name"],
        street=row.get("street") or None,
        postcode=row.get("postcode") or None,
        city=row.get("city") or None,
        country=country,
        identifiers=tuple(identifiers),
        email=row.get("email") or None,
        language=row.get("language") or None,
    )
