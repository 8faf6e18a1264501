"""Lists of a health check as CSV, for spreadsheets, the ERP and the insurer.

Headers are English on purpose: software reads them. A cell that a spreadsheet would take for a
formula gets an apostrophe in front; numbers stay numbers.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from decimal import Decimal

from monitoring.portfolio.customers import Customer
from monitoring.portfolio.proposals import to_insure, to_prepay
from monitoring.portfolio.rules import Balance, Checked
from receivables.money import Money

#: What a spreadsheet would take for a formula at the beginning of a cell.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")


def _csv(head: Sequence[str], rows: Iterable[Sequence[object]]) -> bytes:
    """Semicolons and a byte order mark, as spreadsheets of this continent take them."""
    out = io.StringIO()
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(head)
    writer.writerows([_cell(value) for value in row] for row in rows)
    return out.getvalue().encode("utf-8-sig")


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, Money):
        return str(value.decimal)
    if isinstance(value, (int, Decimal, date)):
        return str(value)
    text = str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text


def customers_csv(customers: Iterable[Checked]) -> bytes:
    """Every customer as the report counts it, a line for each currency."""
    head = (
        "place", "number", "name", "country", "city", "confidence", "certainty", "identified_by",
        "register", "register_number", "class", "status", "score", "source", "as_of",
        "payer_class", "currency", "open", "overdue", "insured", "turnover", "limit",
        "limit_currency", "terms_days", "flaws", "merged",
    )  # fmt: skip
    return _csv(head, (_line(one, each) for one in customers for each in one.balances or (None,)))


def _line(one: Checked, balance: Balance | None) -> tuple[object, ...]:
    limit = one.limit
    return (
        one.place, one.number, one.name, one.country, one.city, one.identity.confidence.value,
        Decimal(str(one.identity.certainty)), one.identity.how.value, one.identity.scheme,
        one.identity.number, one.rated.band.value, one.rated.status.value, one.rated.score,
        one.rated.source, one.rated.as_of_on, one.payer_class.value,
        *_amounts(balance), limit, limit.currency if limit is not None else "",
        one.terms_days, " ".join(flaw.value for flaw in one.flaws), one.merged,
    )  # fmt: skip


def _amounts(balance: Balance | None) -> tuple[object, ...]:
    if balance is None:
        return ("", None, None, None, None)
    return (
        balance.currency, balance.open, balance.overdue, balance.insured, balance.turnover,
    )  # fmt: skip


def prepayment_csv(customers: Iterable[Checked]) -> bytes:
    """Who is to pay in advance from now on, for the ERP."""
    head = (
        "number", "name", "country", "register", "register_number", "class", "payer_class",
        "status", "currency", "open", "overdue",
    )  # fmt: skip
    return _csv(
        head,
        (
            (
                one.number, one.name, one.country, one.identity.scheme, one.identity.number,
                one.rated.band.value, one.payer_class.value, one.rated.status.value,
                *_amounts(each)[:3],
            )
            for one in to_prepay(customers)
            for each in one.balances or (None,)
        ),
    )  # fmt: skip


def insurer_csv(customers: Iterable[Checked], said: Mapping[int, Customer]) -> bytes:
    """For whom cover is asked, how much, with what an insurer needs to decide. `said` are the
    lines of the file by place, for their addresses.
    """
    head = (
        "number", "name", "street", "postcode", "city", "country", "register", "register_number",
        "currency", "open", "overdue", "turnover", "terms_days",
    )  # fmt: skip
    return _csv(
        head,
        (
            _asked(one, each, said.get(one.place))
            for one in to_insure(customers)
            for each in one.balances
            if each.exposure and not each.insured
        ),
    )


def _asked(one: Checked, balance: Balance, said: Customer | None) -> tuple[object, ...]:
    return (
        one.number, one.name, said.street if said else "", said.postcode if said else "",
        one.city, one.country, one.identity.scheme, one.identity.number, balance.currency,
        balance.open, balance.overdue, balance.turnover, one.terms_days,
    )  # fmt: skip
