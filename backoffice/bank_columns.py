"""Saying once what the columns of a bank's CSV mean."""

from __future__ import annotations

from typing import Any

from litestar import Request, Response, get, post
from litestar.di import NamedDependency

from backoffice.access import Asker
from backoffice.bank_pages import BankColumnsPage, ColumnChoice
from receivables.bank.actions import remember_layout
from receivables.bank.csv_layouts import FIELDS, ToldLayout, guessed_meaning, is_enough
from receivables.bank.parsing import compact_account
from receivables.i18n import later
from receivables.i18n import translate as _
from receivables.intake.findings import CURRENCIES
from receivables.web.forms import FormBody, field

#: More columns has no bank.
_MOST_COLUMNS = 60

#: The meanings a person may choose, in the order of the list.
_MEANINGS = {
    "ignored": later("Leave it out"),
    "booked_on": later("Day of booking"),
    "value_on": later("Value date"),
    "amount": later("Amount, below zero when paid out"),
    "credit": later("Amount paid in"),
    "debit": later("Amount paid out"),
    "currency": later("Currency"),
    "text": later("Text"),
    "counterparty": later("Name of the payer"),
    "counterparty_account": later("Account of the payer"),
    "structured_reference": later("Payment reference"),
    "end_to_end_id": later("End-to-end id"),
    "bank_reference": later("The bank’s own number"),
    "balance": later("Balance"),
    "account": later("Your account"),
}
assert set(_MEANINGS) <= set(FIELDS)


@get("/bank/columns", sync_to_thread=True)
def show_columns(
    request: Request[Any, Any, Any], collector: NamedDependency[Asker]
) -> Response[str]:
    headers = [str(each)[:200] for each in request.query_params.getall("header", [])]
    told = ToldLayout("", {header: guessed_meaning(header) for header in headers[:_MOST_COLUMNS]})
    return collector.page("bank_columns.html", _page(collector, told, ""))


@post("/bank/columns", sync_to_thread=True)
def take_columns(data: FormBody, collector: NamedDependency[Asker]) -> Response[Any]:
    """Remember what the columns mean, or show the form again with what is missing."""
    told = _told(data)
    error = _error(told)
    if error:
        return collector.page("bank_columns.html", _page(collector, told, error), status=422)
    with collector.transaction() as session:
        remember_layout(
            session,
            collector.supplier_id,
            list(told.columns),
            told,
            clock=collector.runtime.clock,
        )
    return collector.back("/bank", "bank_columns_told")


def _told(data: FormBody) -> ToldLayout:
    columns: dict[str, str] = {}
    for place in range(_MOST_COLUMNS):
        header = field(data, f"header_{place}")[:200]
        meaning = field(data, f"meaning_{place}")
        if header:
            columns[header] = meaning if meaning in _MEANINGS else "ignored"
    slashes = field(data, "slashes")
    return ToldLayout(
        name=field(data, "name")[:80],
        columns=columns,
        account=(compact_account(field(data, "account")) or "")[:60],
        currency=field(data, "currency").upper()[:3],
        slashes=slashes if slashes in ("day-first", "month-first") else "",
    )


def _error(told: ToldLayout) -> Any:
    if not told.name:
        return "name"
    if not is_enough(told.columns.values()):
        return "columns"
    if told.currency and told.currency not in CURRENCIES:
        return "currency"
    return ""


def _page(asker: Asker, told: ToldLayout, error: Any) -> BankColumnsPage:
    with asker.reading() as session:
        return BankColumnsPage(
            head=asker.head(session, "payments"),
            notice=asker.notice(),
            columns=tuple(
                ColumnChoice(header=header, meaning=meaning)
                for header, meaning in told.columns.items()
            ),
            meanings=tuple((value, _(words)) for value, words in _MEANINGS.items()),
            name=told.name,
            account=told.account,
            currency=told.currency,
            slashes=told.slashes,
            error=error,
        )
