"""A supplier's customers, read from any table: CSV, or the first sheet of an XLSX workbook.

A file is refused as a whole where it cannot be read as a table, or names nobody. What is wrong
with a line or a cell is explained and the rest taken: a line that names nobody is left out, a
cell that cannot be understood stays empty. `columns.HEADERS` says which headers are known.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import chain, islice
from typing import Final

from monitoring.portfolio import columns, shapes, sheets
from monitoring.portfolio.company_numbers import company_numbers, vat_number
from monitoring.portfolio.faults import FAULTS_TOLD, CustomersRefused, Fault
from receivables.i18n import translate as _
from receivables.intake import csv_cells
from receivables.intake.findings import CURRENCIES
from receivables.money import Money, NotAnAmount, digits_of

#: Lines by which the columns are recognised.
_SAMPLE: Final = 400
_MONEY: Final = ("balance", "overdue", "limit", "turnover", "cover")
#: What says that a cell is empty, in small letters.
_EMPTY: Final = frozenset(["-", "--", "n/a", "na", "null", "none", "nan", "#n/a", "?", "."])


#: A line with none of these speaks of nobody.
_TELLING: Final = (
    "name", "surname", "given_name", "trade_name", "register_number", "vat", "email", "phone",
    "iban", "personal_number", "date_of_birth", "street",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Customer:
    """One line of a customers file, as it says it; "" and None where it says nothing.

    `number` is the supplier's own; `terms` are days; amounts of one customer share one currency.
    `key` names the customer within its file: its number, or its line where numbers are missing
    or not unique.
    """

    line: int
    key: str
    number: str = ""
    name: str = ""
    trade_name: str = ""
    acronym: str = ""
    legal_form: str = ""
    street: str = ""
    address_extra: str = ""
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    vat: str = ""
    register_number: str = ""
    email: str = ""
    phone: str = ""
    website: str = ""
    iban: str = ""
    given_name: str = ""
    surname: str = ""
    date_of_birth: str = ""
    personal_number: str = ""
    currency: str = ""
    rating: str = ""
    terms: int | None = None
    balance: Money | None = None
    overdue: Money | None = None
    limit: Money | None = None
    turnover: Money | None = None
    cover: Money | None = None

    @property
    def is_person(self) -> bool:
        """Whether the line speaks of a person: a surname, and no company beside it."""
        return bool(self.surname or self.given_name) and not self.name

    @property
    def shown_name(self) -> str:
        return self.name or f"{self.given_name} {self.surname}".strip() or self.trade_name


@dataclass(frozen=True, slots=True)
class CustomersFile:
    """What was read: the customers, what was left out and why, and what each column meant.

    `columns` has a pair for each column: its header, and the field it was read as ("" for none).
    `more_faults` counts those beyond `faults`.
    """

    customers: tuple[Customer, ...]
    faults: tuple[Fault, ...]
    more_faults: int
    columns: tuple[tuple[str, str], ...]

    def has(self, field: str) -> bool:
        return any(meaning == field for _header, meaning in self.columns)


def read_customers(
    content: bytes,
    *,
    currency: str = "EUR",
    progress: Callable[[int], None] | None = None,
) -> CustomersFile:
    """Every customer of a table. Raises CustomersRefused where there is none to read.

    Amounts are in the currency that their line, their cell or a header names, else in `currency`.
    `progress` hears how many lines are read.
    """
    rows = sheets.rows_of(content)
    sample = list(islice(rows, _SAMPLE))
    if not sample:
        raise sheets.refusal(1, _("The file is empty."), _("Export it again."))
    headers = _headers(sample)
    body = sample[1:] if headers else sample
    if not body:
        raise sheets.refusal(
            2, _("There is no line below the header."), _("Add one line per customer.")
        )
    widths = sorted(len(cells) for _line, cells in body)
    # A single line that is wider is a fault; when most are, the headers are incomplete.
    width = max(len(headers), widths[len(widths) // 2] if headers else widths[-1])
    values = [
        [cells[at] if at < len(cells) else "" for _line, cells in body] for at in range(width)
    ]
    meanings = columns.recognise(headers, values)
    if not {"name", "given_name", "surname", "register_number", "vat"} & set(meanings):
        raise sheets.refusal(
            sample[0][0],
            _("No column of the file names the customers."),
            _("Name the columns in the first line: name, street, postcode, city, country …"),
        )
    reader = _Reader(headers, meanings, values, currency)
    customers: list[Customer] = []
    for count, (line, cells) in enumerate(chain(body, rows)):
        customer = reader.customer(line, cells)
        if customer is not None:
            customers.append(customer)
        if progress is not None and count % 5000 == 4999:
            progress(count + 1)
    if not customers:
        raise CustomersRefused(reader.faults)
    named = [
        (headers[at] if at < len(headers) else "", meaning or "")
        for at, meaning in enumerate(meanings)
    ]
    return CustomersFile(
        customers=tuple(_keyed(customers)),
        faults=tuple(reader.faults),
        more_faults=reader.more_faults,
        columns=tuple(named),
    )


def _headers(sample: Sequence[sheets.Row]) -> list[str]:
    """The first line where it names columns; else nothing: the file begins with a customer."""
    first = sample[0][1]
    if any(columns.field_of(cell) for cell in first if cell):
        return first
    return [] if shapes.is_data(first) or len(first) == 1 else first


def _keyed(customers: Sequence[Customer]) -> Sequence[Customer]:
    """Known by their numbers where each has one of its own, else by their lines."""
    numbers = {customer.number for customer in customers}
    if len(numbers) == len(customers) and "" not in numbers:
        return customers
    return [replace(customer, key=str(customer.line)) for customer in customers]


#: An amount that needs no thought: at most two digits behind a point.
_PLAIN_AMOUNT: Final = re.compile(r"(\d{1,12})(?:\.(\d\d))?\Z", re.ASCII)
_CURRENCY_WORD: Final = re.compile(r"\b([A-Z]{3})\b|([€$£])")
_SYMBOLS: Final = {"€": "EUR", "$": "USD", "£": "GBP"}


def _currency_in(text: str) -> str:
    for match in _CURRENCY_WORD.finditer(text.upper()):
        code = _SYMBOLS.get(match[2] or "") or match[1]
        if code in CURRENCIES:
            return str(code)
    return ""


class _Reader:
    """Reads lines one after the other, and keeps what was wrong with them."""

    def __init__(
        self,
        headers: Sequence[str],
        meanings: Sequence[str | None],
        values: Sequence[Sequence[str]],
        currency: str,
    ) -> None:
        self.faults: list[Fault] = []
        self.more_faults = 0
        self._headers = headers
        self._width = len(meanings)
        self._named = [(at, field) for at, field in enumerate(meanings) if field]
        self._marks = {
            field: csv_cells.decimal_mark(_bare_amount(value) for value in values[at])
            for at, field in self._named
            if field in _MONEY
        }
        self._currencies = {
            field: _currency_in(headers[at]) if at < len(headers) else ""
            for at, field in self._named
            if field in _MONEY
        }
        self._currency = next(filter(None, self._currencies.values()), currency)
        self._intern: dict[str, str] = {}

    def _fault(self, line: int, field: str, what: str, how: str) -> None:
        if len(self.faults) >= FAULTS_TOLD:
            self.more_faults += 1
            return
        header = next(
            (self._headers[at] for at, name in self._named if name == field and self._headers),
            field,
        )
        self.faults.append(Fault(line, header, what, how))

    def customer(self, line: int, cells: Sequence[str]) -> Customer | None:
        if len(cells) > self._width:
            self._fault(
                line, "",
                _("The line has more values than the header has columns."),
                _("Put values that contain the separator in double quotes."),
            )  # fmt: skip
            return None
        row = self._row(cells)
        if not any(map(row.get, _TELLING)):
            self._fault(
                line, "name", _("The line names no customer."), _("Fill in the name, or remove it.")
            )
            return None
        return self._made(line, row)

    def _row(self, cells: Sequence[str]) -> dict[str, str]:
        row: dict[str, str] = {}
        for at, field in self._named:
            if at < len(cells):
                value = cells[at]
                if not value or value.lower() in _EMPTY:
                    continue
                row[field] = f"{row[field]} {value}" if field in row else value
        return row

    def _made(self, line: int, row: dict[str, str]) -> Customer:
        country = self._country(line, row.get("country", ""))
        street = f"{row.get('street', '')} {row.pop('street_number', '')}".strip()
        amounts = self._amounts(line, row)
        texts = {
            field: value
            for field, value in row.items()
            if field not in _MONEY and field not in ("country", "street", "terms", "currency")
        }
        for field in ("city", "region", "legal_form", "rating"):
            if field in texts:
                texts[field] = self._intern.setdefault(texts[field], texts[field])
        self._check_numbers(line, row, country)
        return Customer(
            line=line,
            key=row.get("number", ""),
            country=country,
            street=street,
            currency=next((money.currency for money in amounts.values()), ""),
            terms=self._terms(line, row.get("terms", "")),
            **texts,  # type: ignore[arg-type]
            **amounts,  # type: ignore[arg-type]
        )

    def _country(self, line: int, text: str) -> str:
        if not text:
            return ""
        code = shapes.country_of(text)
        if not code:
            self._fault(
                line, "country",
                _("“%(text)s” is no country that is known.") % {"text": text},
                _("Write its two letters, such as CH, FR or DE."),
            )  # fmt: skip
        return sys.intern(code)

    def _terms(self, line: int, text: str) -> int | None:
        found = re.search(r"(?<![A-Za-z\d])\d{1,3}(?!\d)", text)
        if not text:
            return None
        if found is None or int(found[0]) > 366:
            self._fault(
                line, "terms",
                _("“%(text)s” is no number of days.") % {"text": text},
                _("Write the days alone, such as 30."),
            )  # fmt: skip
            return None
        return int(found[0])

    def _amounts(self, line: int, row: dict[str, str]) -> dict[str, Money]:
        named = row.get("currency", "").upper()
        if named and named not in CURRENCIES:
            self._fault(
                line, "currency",
                _("“%(text)s” is no currency.") % {"text": row["currency"]},
                _("Write its three letters, such as EUR or CHF."),
            )  # fmt: skip
            named = ""
        amounts: dict[str, Money] = {}
        for field in _MONEY:
            text = row.get(field, "")
            if not text:
                continue
            currency = named or _currency_in(text) or self._currencies[field] or self._currency
            try:
                money = _money(text, currency, self._marks[field])
            except NotAnAmount:
                self._fault(
                    line, field,
                    _("“%(text)s” is no amount.") % {"text": text},
                    _("Write it such as 1234.50."),
                )  # fmt: skip
                continue
            if amounts and money.currency != next(iter(amounts.values())).currency:
                self._fault(
                    line, field,
                    _("The line has amounts in two currencies."),
                    _("State all amounts of one customer in one currency."),
                )  # fmt: skip
                continue
            amounts[field] = money
        return amounts

    def _check_numbers(self, line: int, row: dict[str, str], country: str) -> None:
        """A number that fails its check digits is kept as written, and told."""
        number, vat = row.get("register_number", ""), row.get("vat", "")
        if number and country in ("FR", "BE", "CH", "LI") and not company_numbers(number, country):
            self._fault(
                line, "register_number",
                _("“%(text)s” has wrong check digits or is no number of that register.")
                % {"text": number},
                _("Compare it with the register; it is not used to identify the customer."),
            )  # fmt: skip
        if vat and not vat_number(vat, country):
            self._fault(
                line, "vat",
                _("“%(text)s” is no VAT number, or its check digits are wrong.") % {"text": vat},
                _("Write it with the letters of its country, such as FR40303265045."),
            )  # fmt: skip


def _money(text: str, currency: str, mark: str | None) -> Money:
    """The amount of a cell; see csv_cells.amount. Most are plain, and there are many."""
    plain = _PLAIN_AMOUNT.match(text)
    if plain and digits_of(currency) == 2:
        return Money(int(plain[1]) * 100 + int(plain[2] or 0), currency)
    return csv_cells.amount(_bare_amount(text), currency, mark)


def _bare_amount(text: str) -> str:
    """Without the currency that stands beside it, and without digits that no currency has."""
    bare = _CURRENCY_WORD.sub("", text.upper()).strip()
    if bare.startswith("(") and bare.endswith(")"):
        bare = "-" + bare[1:-1]
    if re.fullmatch(r"-?\d+\.\d{4,}", bare):
        # A workbook's number as it is stored: 1234.5600000001.
        return f"{float(bare):.2f}"
    return bare.removesuffix(".–").removesuffix(".-")
