"""What the columns of a payment history are called, and which of them tell the outcome."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from receivables.payers.pasts import Past

#: Our name of each column, and what else it is called; of several present the first counts. Case,
#: blanks and marks do not matter: "Invoice Date", "invoice_date" and "InvoiceDate" are one.
ALIASES: Final[Mapping[str, tuple[str, ...]]] = {
    "customer": (
        "customer", "customer_id", "cust_number", "customer_number", "customer_no", "debtor",
        "debtor_id", "debtor_number", "client", "client_id", "buyer", "buyer_id", "account",
        "account_id", "customer_name", "debtor_name", "name_customer", "kunde", "client_number",
    ),
    "invoice": (
        "invoice", "invoice_number", "invoice_no", "doc_id", "invoice_id", "number",
        "document_number", "document_id", "invoice_nr", "rechnung", "facture",
    ),
    "issued_on": (
        "issued_on", "issued", "invoice_date", "issue_date", "issued_at", "date_issued",
        "document_create_date.1", "document_create_date", "document_date", "posting_date",
        "baseline_create_date", "invoiced_on", "date",
    ),
    "due_on": (
        "due_on", "due", "due_date", "due_in_date", "date_due", "payment_due_date", "net_due_date",
    ),
    "paid_on": (
        "paid_on", "paid", "paid_date", "payment_date", "date_paid", "settled_date", "settled_on",
        "clear_date", "clearing_date", "cleared_on", "paid_at", "value_date",
    ),
    "amount": (
        "amount", "invoice_amount", "total_open_amount", "total", "total_amount", "invoice_total",
        "gross_amount", "open_amount", "amount_due", "converted_usd",
    ),
}  # fmt: skip

REQUIRED: Final = ("customer", "invoice", "issued_on", "due_on", "amount")

#: Columns that are known only once the invoice is paid or contested, whatever stands in them.
_OUTCOMES: Final = (
    "days_to_settle", "days_late", "days_to_pay", "delay", "days_overdue", "late", "is_late",
    "is_open", "open", "status", "state", "disputed", "dispute", "is_disputed", "paid_late",
    "payment_status", "aging_bucket", "ageing_bucket", "area_business", "days_past_due", "overdue",
    "outcome", "label", "target",
)  # fmt: skip


def plain(name: str) -> str:
    """A column's name without case, blanks and marks."""
    return "".join(letter for letter in name.casefold() if letter.isalnum())


_PLACES: Final = {
    plain(alias): (column, rank)
    for column, aliases in ALIASES.items()
    for rank, alias in enumerate(aliases)
}
_TELLING: Final = frozenset(map(plain, _OUTCOMES))


def assigned(headers: Sequence[str]) -> dict[str, int]:
    """Which of these columns holds what, by our names."""
    found: dict[str, tuple[int, int]] = {}
    for place, header in enumerate(headers):
        match = _PLACES.get(plain(header))
        if match is None:
            continue
        column, rank = match
        if column not in found or rank < found[column][0]:
            found[column] = (rank, place)
    return {column: place for column, (_, place) in found.items()}


def is_alias(header: str) -> bool:
    return plain(header) in _PLACES


def left_out(pasts: Sequence[Past], *, names: Sequence[str]) -> dict[str, str]:
    """Extra columns that must not be learnt from, each with the reason.

    A column may tell the outcome by its name, by being filled only where an invoice is paid, or
    by being the outcome itself: days late, days to payment, late or not.
    """
    return {name: reason for name in names if (reason := _why_left_out(name, pasts)) is not None}


def _why_left_out(name: str, pasts: Sequence[Past]) -> str | None:
    if plain(name) in _TELLING:
        return "known only afterwards"
    values = [past.traits.get(name, "") for past in pasts]
    filled = [value for value in values if value]
    if len(set(filled)) < 2:
        return "always the same"
    is_open = [past.paid_on is None for past in pasts]
    of_open = [value for value, still in zip(values, is_open, strict=True) if still]
    share_open = sum(map(bool, of_open)) / len(of_open) if of_open else 1.0
    if len(of_open) >= 5 and share_open < 0.1 and len(filled) > 0.5 * (len(values) - len(of_open)):
        return "filled only where the invoice is paid"
    if _is_outcome(values, pasts):
        return "says how late the invoice was"
    return None


def _is_outcome(values: Sequence[str], pasts: Sequence[Past]) -> bool:
    """Whether nearly every value is the days late, the days to payment, or late or not."""
    paid = [
        (_number(value), past)
        for value, past in zip(values, pasts, strict=True)
        if value and past.paid_on is not None
    ]
    if not paid:
        return False
    telling = [0, 0, 0, 0]
    for value, past in paid:
        assert past.paid_on is not None, "only paid ones"
        late = (past.paid_on - past.due_on).days
        meant = (late, max(0, late), (past.paid_on - past.issued_on).days, int(late > 0))
        for place, one in enumerate(meant):
            telling[place] += value is not None and abs(value - one) < 1.01 - (place == 3)
    return max(telling) >= 0.95 * len(paid)


def _number(text: str) -> float | None:
    words = {"yes": 1.0, "true": 1.0, "no": 0.0, "false": 0.0}
    if text.casefold() in words:
        return words[text.casefold()]
    try:
        return float(text)
    except ValueError:
        return None
